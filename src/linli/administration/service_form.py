"""The form of a service's next version: every field that may change, written as people write it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from linli.administration.catalogue import WordsField
from linli.catalog.models import Clock, Sensitivity
from linli.people.queries import functions
from linli.services import rules
from linli.services.models import ServiceVersion, Way

LEVELS = (
    ("district", gettext_lazy("District")),
    ("subdistrict", gettext_lazy("Subdistrict")),
    ("community", gettext_lazy("Community")),
)
FEES = (("free", gettext_lazy("Free")), ("fee", gettext_lazy("There is a fee")), ("mixed", gettext_lazy("Partly free")))
WEEKDAYS = (
    ("1", gettext_lazy("Monday")), ("2", gettext_lazy("Tuesday")), ("3", gettext_lazy("Wednesday")), ("4", gettext_lazy("Thursday")),
    ("5", gettext_lazy("Friday")), ("6", gettext_lazy("Saturday")), ("7", gettext_lazy("Sunday")),
)  # fmt: skip
BOOKING = ("level", "windows", "seats", "days", "weekdays", "notice_hours")
PLAIN = (
    "name_zh", "name_en", "group", "department_zh", "department_en", "function", "way", "category", "page", "identity_level",
    "proxy_allowed", "community_assist", "fee", "days", "clock", "sensitivity", "channels", "place_zh", "place_en", "hours_zh",
    "hours_en", "phone", "materials", "form", "needs_address", "result_zh", "result_en", "words_zh", "words_en", "is_common",
    "keep_days", "basis",
)  # fmt: skip
"""Fields of a version that are fields of the form too."""


class MaterialsField(forms.CharField):
    """The documents: one a line, its names and how it is had, parted by ``|``."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """The rows as lines."""
        if not isinstance(value, list):
            return value
        return "\n".join(" | ".join((one["zh"], one["en"], "; ".join(one["how"]))) for one in value)

    def to_python(self, value: Any) -> Any:
        """Lines as rows."""
        rows = []
        for line in filter(None, map(str.strip, (value or "").splitlines())):
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3:
                raise forms.ValidationError(
                    _("Each line has three parts with | between them: %(line)s") % {"line": line[:40]}
                )
            rows.append({"zh": parts[0], "en": parts[1], "how": rules.split(parts[2])})
        return rows


class PagesField(forms.CharField):
    """The form's pages: one a line, the codes of its questions with commas."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """The pages as lines."""
        return "\n".join(", ".join(page) for page in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as pages."""
        pages = [[code for code in re.split(r"[\s,，、]+", line) if code] for line in (value or "").splitlines()]
        return [page for page in pages if page]


class ReasonForm(forms.Form):
    """Why, and from when."""

    reason = forms.CharField(
        label=gettext_lazy("Why is this changed?"), max_length=300, widget=forms.Textarea,
        help_text=gettext_lazy("Kept with the change."),
    )  # fmt: skip
    effective_from = forms.DateTimeField(
        label=gettext_lazy("From when"), required=False, help_text=gettext_lazy("Empty: as soon as it is published."),
        widget=forms.DateTimeInput,
    )  # fmt: skip


class ServiceForm(ReasonForm):
    """A next version."""

    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    group = forms.ChoiceField(label=gettext_lazy("Group"))
    words_zh = WordsField(
        label=gettext_lazy("Everyday words in Chinese"), required=False, help_text=gettext_lazy("One a line")
    )
    words_en = WordsField(
        label=gettext_lazy("Everyday words in English"), required=False, help_text=gettext_lazy("One a line")
    )
    is_common = forms.BooleanField(label=gettext_lazy("Among the common ones on the first page"), required=False)

    function = forms.ChoiceField(label=gettext_lazy("Department that answers for it"))
    department_zh = forms.CharField(label=gettext_lazy("Department in words, in Chinese"), max_length=80)
    department_en = forms.CharField(label=gettext_lazy("Department in words, in English"), max_length=120)
    place_zh = forms.CharField(label=gettext_lazy("Where, in Chinese"), max_length=200)
    place_en = forms.CharField(label=gettext_lazy("Where, in English"), max_length=300)
    hours_zh = forms.CharField(label=gettext_lazy("When it is open, in Chinese"), max_length=120)
    hours_en = forms.CharField(label=gettext_lazy("When it is open, in English"), max_length=160)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=24)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Ways to have it done"), required=False, widget=forms.CheckboxSelectMultiple
    )

    days = forms.IntegerField(label=gettext_lazy("Days to the result"), min_value=0, max_value=730)
    clock = forms.ChoiceField(label=gettext_lazy("Limits are counted"), choices=Clock.choices)
    fee = forms.ChoiceField(label=gettext_lazy("Fee"), choices=FEES)
    result_zh = forms.CharField(label=gettext_lazy("What one gets, in Chinese"), max_length=120, required=False)
    result_en = forms.CharField(label=gettext_lazy("What one gets, in English"), max_length=160, required=False)
    basis = forms.CharField(label=gettext_lazy("Basis"), max_length=80, required=False)

    way = forms.ChoiceField(label=gettext_lazy("How one goes about it"), choices=Way.choices)
    category = forms.CharField(
        label=gettext_lazy("Category, where it is reported as a problem"), max_length=8, required=False
    )
    page = forms.CharField(label=gettext_lazy("Address, where it is a page of its own"), max_length=80, required=False)
    identity_level = forms.TypedChoiceField(
        label=gettext_lazy("Who may apply"), coerce=int,
        choices=((0, gettext_lazy("Anybody")), (1, gettext_lazy("Whoever leaves a name and a number")),
                 (2, gettext_lazy("Whoever is signed in")), (3, gettext_lazy("Whoever has shown who they are"))),
    )  # fmt: skip
    proxy_allowed = forms.BooleanField(label=gettext_lazy("For a relative too"), required=False)
    community_assist = forms.BooleanField(label=gettext_lazy("The community helps with it"), required=False)
    needs_address = forms.BooleanField(label=gettext_lazy("It needs the address"), required=False)
    sensitivity = forms.ChoiceField(label=gettext_lazy("Sensitivity"), choices=Sensitivity.choices)
    keep_days = forms.IntegerField(
        label=gettext_lazy("Days that it is kept after its end"), min_value=1, max_value=3_650
    )
    materials = MaterialsField(
        label=gettext_lazy("Documents"), required=False,
        help_text=gettext_lazy(
            "One a line: Chinese name | English name | how it is had (proof:…, field:…, fact:…, consent, report, page)."
        ),
    )  # fmt: skip
    form = PagesField(
        label=gettext_lazy("Questions"), required=False,
        help_text=gettext_lazy("One page a line, the codes of its questions with commas between them."),
    )  # fmt: skip

    booking_level = forms.ChoiceField(label=gettext_lazy("Windows of each"), choices=LEVELS, required=False)
    booking_windows = WordsField(
        label=gettext_lazy("Windows"), required=False, help_text=gettext_lazy("One a line, as 09:00-11:00")
    )
    booking_weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    booking_seats = forms.IntegerField(
        label=gettext_lazy("Places in a window"), min_value=1, max_value=200, required=False
    )
    booking_days = forms.IntegerField(label=gettext_lazy("Days ahead"), min_value=1, max_value=60, required=False)
    booking_notice_hours = forms.IntegerField(
        label=gettext_lazy("Hours of notice"), min_value=0, max_value=720, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speaks = get_language() or ""
        self.fields["function"].choices = [(code, one.called(speaks)) for code, one in functions().items()]  # type: ignore[attr-defined]
        self.fields["group"].choices = [(code, one.called(speaks)) for code, one in rules.groups().items()]  # type: ignore[attr-defined]
        self.fields["channels"].choices = [(code, rules.way_name(code, speaks)) for code in rules.PHONE_WAY]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The fields of the version, as it keeps them."""
        found = {name: self.cleaned_data[name] for name in PLAIN}
        booking = {name: self.cleaned_data[f"booking_{name}"] for name in BOOKING}
        booking["weekdays"] = "".join(booking["weekdays"])
        return found | {"booking": booking if found["way"] == Way.BOOKING else None}


def begins_with(version: ServiceVersion) -> dict[str, Any]:
    """A version's fields as the form begins with them."""
    booking = version.booking or {"level": "community", "seats": 1, "days": 14, "weekdays": "12345", "notice_hours": 12}
    windows = {f"booking_{name}": booking.get(name, []) for name in BOOKING}
    return (
        {name: getattr(version, name) for name in PLAIN}
        | windows
        | {"booking_weekdays": list(str(booking["weekdays"]))}
    )


def labels() -> dict[str, str]:
    """What each field of a version is called."""
    found = {name: str(field.label) for name, field in ServiceForm.base_fields.items()}
    return found | {"booking": _("Times"), "gives": _("What it proves from then on")}


def shown(field: str, value: Any) -> str:
    """A value of a version as people read it."""
    speaks = get_language() or ""
    nothing = _("None")
    match field:
        case "way" | "clock" | "sensitivity":
            return str({"way": Way, "clock": Clock, "sensitivity": Sensitivity}[field](value).label)
        case "function":
            return functions()[value].called(speaks) if value in functions() else value
        case "group":
            return rules.groups()[value].called(speaks) if value in rules.groups() else value
        case "fee":
            return str(dict(FEES).get(value, value))
        case "identity_level":
            return str(dict(ServiceForm.base_fields["identity_level"].choices).get(value, value))  # type: ignore[attr-defined]
        case "channels":
            return ", ".join(rules.way_name(code, speaks) for code in value) or nothing
        case "materials":
            return "\n".join(_material(one, speaks) for one in value) or nothing
        case "gives":
            return rules.proofs()[value].called(speaks) if value in rules.proofs() else value or nothing
        case "form":
            known = rules.questions()
            return (
                "\n".join(
                    f"{n}. " + " · ".join(known[code].called(speaks) for code in page)
                    for n, page in enumerate(value, start=1)
                )
                or nothing
            )
        case "booking":
            return _windows(value) if value else _("no times")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or nothing
    return str(value) or nothing


def _material(one: dict[str, Any], speaks: str) -> str:
    name = one["zh"] if speaks.startswith("zh") or not one["en"] else one["en"]
    return f"{name} ({'; '.join(one['how'])})"


def _windows(booking: dict[str, Any]) -> str:
    days = ", ".join(str(dict(WEEKDAYS)[day]) for day in str(booking["weekdays"]))
    return _("%(level)s: %(windows)s; %(days)s; %(seats)s places, %(ahead)s days ahead, %(notice)s hours of notice") % {
        "level": dict(LEVELS)[booking["level"]], "windows": ", ".join(booking["windows"]), "days": days,
        "seats": booking["seats"], "ahead": booking["days"], "notice": booking["notice_hours"],
    }  # fmt: skip
