"""Turns a Django bound field, or plain values, into what the field template draws. Label above, hint, error, control."""

import re
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from linli.territory import queries as territory
from linli.territory.models import Level

AREA_PATH = re.compile(r"[0-9]{4,6}(/[0-9A-Z]+)*")
KINDS = frozenset(
    [
        "text",
        "textarea",
        "select",
        "radio",
        "checkbox",
        "checkboxes",
        "toggle",
        "password",
        "search",
        "tel",
        "email",
        "number",
        "date",
        "time",
        "datetime-local",
        "url",
        "hidden",
        "file",
        "area",
        "other",
    ]
)


@dataclass(frozen=True)
class Option:
    """One choice. ``hint`` and ``icon`` show in cards."""

    value: str
    label: str
    hint: str = ""
    icon: str = ""
    chosen: bool = False
    disabled: bool = False


@dataclass
class FieldView:
    """A field ready to be drawn by ui/c/field.html."""

    kind: str
    name: str
    id: str
    label: str
    value: Any = ""
    hint: str = ""
    errors: list[str] = field(default_factory=list)
    required: bool = True
    options: list[Option] = field(default_factory=list)
    maxlength: int | None = None
    attrs: SafeString | str = ""
    look: str = ""
    widget: SafeString | str = ""
    short: bool = False

    @property
    def described_by(self) -> str:
        """The ids that describe the control, for aria-describedby."""
        parts = [f"{self.id}-hint" if self.hint else "", f"{self.id}-error" if self.errors else ""]
        return " ".join(part for part in parts if part)

    @property
    def area_name(self) -> str:
        """The place that an area's field names, in words."""
        return place_of(str(self.value or "")) if self.kind == "area" else ""

    @property
    def is_group(self) -> bool:
        """Whether several controls share one legend."""
        return self.kind in ("radio", "checkboxes")

    @property
    def length(self) -> int:
        """Characters typed so far, for the counter."""
        return len(str(self.value or ""))


def place_of(path: str) -> str:
    """An area in words, from its city down; empty for no area."""
    return territory.full_name(path, top=Level.CITY) if AREA_PATH.fullmatch(path) else ""


def attributes(values: dict[str, Any]) -> SafeString:
    """Keyword arguments as HTML attributes: ``hx_post="/x"`` → ``hx-post="/x"``; True → bare, None and False → left out.

    A trailing underscore is dropped (``class_``, ``for_``).
    """
    pairs = [(key.rstrip("_").replace("_", "-"), value) for key, value in values.items() if value not in (None, False)]
    bare = format_html_join("", " {}", ((key,) for key, value in pairs if value is True))
    full = format_html_join("", ' {}="{}"', ((key, value) for key, value in pairs if value is not True))
    return full + bare


def options_of(choices: Any, chosen: Any) -> list[Option]:
    """Options from Django's choices, dicts, :class:`Option` or plain strings; groups are flattened, the empty one kept."""
    picked = (
        {str(value) for value in chosen}
        if isinstance(chosen, list | tuple | set)
        else {str(chosen if chosen is not None else "")}
    )
    found: list[Option] = []
    for choice in choices or ():
        if isinstance(choice, Option):
            found.append(choice)
        elif isinstance(choice, dict):
            value = str(choice.get("value", ""))
            on = bool(choice.get("chosen")) or value in picked
            label, hint, icon = choice.get("label", value), choice.get("hint", ""), choice.get("icon", "")
            found.append(Option(value, label, hint, icon, chosen=on, disabled=bool(choice.get("disabled"))))
        elif isinstance(choice, str):
            found.append(Option(choice, choice, chosen=choice in picked))
        else:
            value, label = choice
            if isinstance(label, list | tuple):
                found.extend(options_of(label, list(picked)))
            else:
                found.append(Option(str(value), str(label), chosen=str(value) in picked))
    return found


class AreaInput(forms.TextInput):
    """Where an area is looked for by name, pinyin or path; drawn with what was found below it (:mod:`linli.ui.areas`)."""


def _kind_of(widget: forms.Widget) -> str:
    match widget:
        case forms.Textarea():
            return "textarea"
        case forms.CheckboxSelectMultiple():
            return "checkboxes"
        case forms.RadioSelect():
            return "radio"
        case forms.SelectMultiple():
            return "other"
        case forms.Select():
            return "select"
        case forms.CheckboxInput():
            return "checkbox"
        case forms.MultiWidget():
            return "other"
        case forms.DateInput():
            return "date"
        case forms.DateTimeInput():
            return "datetime-local"
        case forms.TimeInput():
            return "time"
        case forms.FileInput():
            return "file"
        case AreaInput():
            return "area"
        case forms.widgets.Input():
            return str(widget.input_type)
        case _:
            return "other"


def from_bound(
    bound: BoundField, *, look: str = "", hint: str = "", label: str = "", kind: str = "", **attrs: Any
) -> FieldView:
    """The view of a form's field; ``kind`` overrides what its widget says (e.g. "tel")."""
    widget = bound.field.widget
    kind = kind or _kind_of(widget)
    own = {key: value for key, value in widget.attrs.items() if key not in ("class", "id", "maxlength", "cols", "rows")}
    value = bound.value()
    if kind in ("date", "time", "datetime-local") and value and not isinstance(value, str):
        value = value.isoformat(timespec="minutes") if kind == "datetime-local" else value.isoformat()[:10]
    view = FieldView(
        kind=kind,
        name=bound.html_name,
        id=bound.id_for_label or bound.auto_id or f"id_{bound.html_name}",
        label=label or str(bound.label),
        value="" if value is None or kind in ("password", "file") else value,
        hint=hint or str(bound.help_text),
        errors=[str(error) for error in bound.errors],
        required=bound.field.required,
        options=options_of(getattr(bound.field, "choices", ()), bound.value()),
        maxlength=getattr(bound.field, "max_length", None),
        look=look,
    )
    if kind == "radio":
        view.id = bound.auto_id or view.id
        view.options = [option for option in view.options if option.value]
    view.attrs = attributes({"required": view.required and not view.is_group, **own, **attrs})
    if kind == "other":
        extra = {"aria-describedby": view.described_by, "class": "input"}
        view.widget = bound.as_widget(attrs={key: value for key, value in extra.items() if value})
    return view


def plain(
    *,
    name: str,
    label: str,
    kind: str = "text",
    value: Any = "",
    hint: str = "",
    error: str = "",
    required: bool = True,
    options: Any = (),
    maxlength: int | None = None,
    look: str = "",
    field_id: str = "",
    **attrs: Any,
) -> FieldView:
    """The view of a field without a Django form.

    :raises ValueError: for a kind that is not in KINDS
    """
    if kind not in KINDS:
        raise ValueError(f"no field of kind {kind!r}; one of {', '.join(sorted(KINDS))}")
    group = kind in ("radio", "checkboxes")
    return FieldView(
        kind=kind,
        name=name,
        id=field_id or f"id_{name}",
        label=label,
        value=value,
        hint=hint,
        errors=[error] if error else [],
        required=required,
        options=options_of(options, value),
        maxlength=maxlength,
        attrs=attributes({"required": required and not group, **attrs}),
        look=look,
    )


def summary_of(form: forms.BaseForm) -> list[dict[str, str]]:
    """The error summary of a form: message and the id it links to, in the order of the fields."""
    rows = [{"message": str(message), "href": ""} for message in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id if _kind_of(bound.field.widget) in ("radio", "checkboxes") else bound.id_for_label
        target = f"{target}_0" if _kind_of(bound.field.widget) in ("radio", "checkboxes") else target
        rows.extend({"message": str(message), "href": f"#{target}"} for message in bound.errors)
    return rows
