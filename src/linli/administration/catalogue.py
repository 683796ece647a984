"""The catalogue's pages: browse, edit into a proposal, look at the difference and the preview, publish or withdraw."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.administration.frame import actor_of, administration, kept, page
from linli.catalog import actions, queries, words
from linli.catalog.models import CategoryChange, CategoryVersion, Clock, Handler, Intake, Level, Sensitivity, Severity
from linli.kernel import time
from linli.kernel.errors import LinliError
from linli.people.queries import functions, organisation
from linli.territory import queries as territory
from linli.ui.sent import version_of

NUMBERS = ("severity", "respond_minutes", "resolve_minutes", "sign_in_minutes")
EVIDENCE = {
    "before": gettext_lazy("Photo before"),
    "after": gettext_lazy("Photo after"),
    "measurement": gettext_lazy("Measurement"),
    "meter_reading": gettext_lazy("Meter reading"),
    "maintenance_record": gettext_lazy("Maintenance record"),
    "expert_opinion": gettext_lazy("Expert opinion"),
    "on_site_confirmation": gettext_lazy("Confirmation on the spot"),
    "agreement": gettext_lazy("Agreement"),
    "minutes": gettext_lazy("Minutes of the meeting"),
    "notice": gettext_lazy("Written notice"),
    "vote_record": gettext_lazy("Record of the vote"),
    "reply_text": gettext_lazy("Text of the reply"),
    "official_reply": gettext_lazy("Official reply"),
    "referral_receipt": gettext_lazy("Receipt of the referral"),
    "report_only": gettext_lazy("Report"),
    "task_list": gettext_lazy("List of the task"),
    "link": gettext_lazy("Link to the first case"),
}


class WordsField(forms.CharField):
    """Words, one a line, as a list."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return words.join_words(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as a list."""
        return words.split_words(value or "")


class CategoryForm(forms.Form):
    """Every field of a version that may change, and why and from when."""

    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    keywords_zh = WordsField(
        label=gettext_lazy("Everyday words in Chinese"), required=False, help_text=gettext_lazy("One a line")
    )
    keywords_en = WordsField(
        label=gettext_lazy("Everyday words in English"), required=False, help_text=gettext_lazy("One a line")
    )
    severity = forms.TypedChoiceField(label=gettext_lazy("Severity"), choices=Severity.choices, coerce=int)
    clock = forms.ChoiceField(label=gettext_lazy("Limits are counted"), choices=Clock.choices)
    respond_minutes = forms.IntegerField(label=gettext_lazy("Minutes to respond"), min_value=1)
    resolve_minutes = forms.IntegerField(label=gettext_lazy("Minutes to resolve"), min_value=1)
    sign_in_minutes = forms.IntegerField(label=gettext_lazy("Minutes to sign in"), min_value=1)
    first_level = forms.ChoiceField(label=gettext_lazy("First level"), choices=Level.choices)
    first_handler = forms.ChoiceField(label=gettext_lazy("First handler"), choices=Handler.choices)
    first_handler_note = forms.CharField(label=gettext_lazy("First handler in words"), max_length=80, required=False)
    lead_function = forms.ChoiceField(label=gettext_lazy("Lead department"), required=False)
    lead_note = forms.CharField(label=gettext_lazy("Lead department in words"), max_length=80, required=False)
    co_functions = forms.MultipleChoiceField(
        label=gettext_lazy("Assisting departments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    intake = forms.ChoiceField(label=gettext_lazy("A report becomes"), choices=Intake.choices)
    resident_reportable = forms.BooleanField(label=gettext_lazy("Residents may report it"), required=False)
    call_first_zh = forms.CharField(label=gettext_lazy("Call first, in Chinese"), max_length=80, required=False)
    call_first_en = forms.CharField(label=gettext_lazy("Call first, in English"), max_length=120, required=False)
    call_first_numbers = WordsField(
        label=gettext_lazy("Numbers to call first"), required=False, help_text=gettext_lazy("One a line")
    )
    sensitivity = forms.ChoiceField(label=gettext_lazy("Sensitivity"), choices=Sensitivity.choices)
    evidence_required = forms.MultipleChoiceField(
        label=gettext_lazy("Evidence required"),
        required=False,
        choices=list(EVIDENCE.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    close_condition_zh = forms.CharField(
        label=gettext_lazy("Closing condition in Chinese"), max_length=200, required=False, widget=forms.Textarea
    )
    close_condition_en = forms.CharField(
        label=gettext_lazy("Closing condition in English"), max_length=300, required=False, widget=forms.Textarea
    )
    basis = forms.CharField(label=gettext_lazy("Basis"), max_length=80, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why is this changed?"),
        max_length=300,
        widget=forms.Textarea,
        help_text=gettext_lazy("Kept with the change."),
    )
    effective_from = forms.DateTimeField(
        label=gettext_lazy("From when"),
        required=False,
        help_text=gettext_lazy("Empty: as soon as it is published."),
        widget=forms.DateTimeInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        named = [(code, function.called(language)) for code, function in functions().items()]
        self.fields["lead_function"].choices = [("", _("None")), *named]  # type: ignore[attr-defined]
        self.fields["co_functions"].choices = named  # type: ignore[attr-defined]


def form_of(version: CategoryVersion) -> dict[str, Any]:
    """A version's fields as the form begins with them."""
    return {field: getattr(version, field) for field in actions.FIELDS}


def districts() -> list[tuple[str, str]]:
    """Scopes to choose from: the whole city, and each district."""
    found = [("", _("Whole city"))]
    for city, _name in territory.choices(""):
        found += [(path, name) for path, name in territory.choices(city) if len(path) == 6]
    return found


def shown(field: str, value: Any) -> str:
    """A value as people read it."""
    language = get_language() or ""
    enums: dict[str, Any] = {
        "severity": Severity,
        "clock": Clock,
        "first_level": Level,
        "first_handler": Handler,
        "intake": Intake,
        "sensitivity": Sensitivity,
    }
    if field in enums:
        return str(enums[field](value).label)
    if field in ("lead_function", "co_functions"):
        codes = value if isinstance(value, list) else [value]
        return ", ".join(functions()[code].called(language) for code in codes if code in functions()) or _("None")
    if field == "evidence_required":
        return ", ".join(str(EVIDENCE.get(code, code)) for code in value) or _("None")
    if field.endswith("_minutes"):
        return duration(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("None")
    return str(value) or _("None")


def duration(minutes: int) -> str:
    """Minutes as hours where they are whole."""
    if minutes % 60:
        return _("%(n)d min") % {"n": minutes}
    return _("%(n)d h") % {"n": minutes // 60}


@require_GET
@administration("catalogue.edit")
def listing(request: HttpRequest) -> HttpResponse:
    """Every category with its first handler and limits; searched by words, for the city or a district."""
    scope, text = request.GET.get("scope", ""), request.GET.get("q", "").strip()
    language = get_language() or ""
    catalogue = queries.current(district=scope)
    entries = catalogue.search(text, limit=81) if text else catalogue.all()
    if group := request.GET.get("group", ""):
        entries = [entry for entry in entries if entry.group == group]
    rows = [
        {
            "entry": entry,
            "name": entry.called(language),
            "handler": shown("first_handler", entry.first_handler),
            "lead": shown("lead_function", entry.lead_function),
            "severity": shown("severity", entry.severity),
            "tone": {1: "late", 2: "soon"}.get(entry.severity, "quiet"),
            "respond": duration(entry.respond_minutes),
            "resolve": duration(entry.resolve_minutes),
            "clock": shown("clock", entry.clock),
        }
        for entry in entries
    ]
    chips = [
        {
            "label": one.called(language),
            "count": len(members),
            "href": kept(request, group="" if group == one.code else one.code),
            "current": group == one.code,
        }
        for one, members in catalogue.groups()
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "chips": chips,
        "q": text,
        "scope": scope,
        "scopes": districts(),
        "group": group,
    }
    return page(request, "catalogue", "catalogue", changes=queries.open_changes(), **context)


@require_http_methods(["GET", "POST"])
@administration("catalogue.edit")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one category; sending it makes a proposal, nothing more."""
    scope = request.POST.get("scope", request.GET.get("scope", ""))
    entry = queries.category(code, district=scope)
    version = CategoryVersion.objects.get(id=entry.version_id)
    errors: list[dict[str, str]] = []
    form = CategoryForm(request.POST or None, initial=form_of(version))
    if request.method == "POST" and form.is_valid():
        values = {field: form.cleaned_data[field] for field in actions.FIELDS}
        begins: datetime | None = form.cleaned_data["effective_from"]
        try:
            change = actions.propose_change(
                actor_of(request),
                code=code,
                scope=scope,
                values=values,
                reason=form.cleaned_data["reason"],
                effective_from=begins,
            )
        except LinliError as error:
            if error.field in form.fields:
                form.add_error(error.field, str(error.message))
            else:
                errors = [{"message": str(error.message), "href": ""}]
        else:
            return HttpResponseRedirect(f"/admin/catalogue/changes/{change.id}")
    language = get_language() or ""
    return page(
        request,
        "category",
        "catalogue",
        status=422 if form.is_bound else 200,
        entry=entry,
        name=entry.called(language),
        form=form,
        errors=errors,
        scope=scope,
        scope_name=dict(districts()).get(scope, scope),
        own=bool(scope) and entry.scope == scope,
        history=queries.history(code, scope=entry.scope),
        changes=queries.open_changes(code=code),
    )


def _facts(change: CategoryChange) -> dict[str, Any]:
    language = get_language() or ""
    entry = actions.proposed_entry(change)
    labels = {name: field.verbose_name for name, field in _fields().items()}
    rows = [
        {"label": labels[one.field], "before": shown(one.field, one.before), "after": shown(one.field, one.after)}
        for one in actions.differences(change)
    ]
    return {
        "change": change,
        "entry": entry,
        "name": entry.called(language),
        "differences": rows,
        "scope_name": dict(districts()).get(change.scope, change.scope),
        "waits": change.effective_from > time.now(),
        "moves": [
            {"from": _party(a), "to": _party(b), "count": n} for a, b, n in (change.preview or {}).get("moves", ())
        ],
    }


def _party(name: str) -> str:
    """A handler, a department or an organisation in words."""
    if name in Handler.values:
        return str(Handler(name).label)
    if name in functions():
        return functions()[name].called(get_language() or "")
    try:
        found = organisation(UUID(name))
    except ValueError:
        return name
    return found.called(get_language() or "") if found else name


def _fields() -> dict[str, Any]:
    return {field.name: field for field in CategoryVersion._meta.concrete_fields}


@require_GET
@administration("catalogue.edit")
def change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """What would change, and what it would have done to last month's cases."""
    return page(request, "change", "catalogue", **_facts(queries.change(change_id)))


@require_GET
@administration("catalogue.edit")
def changes(request: HttpRequest) -> HttpResponse:
    """Changes that wait, and the last ones that were decided."""
    return page(request, "changes", "catalogue", waiting=queries.open_changes(), decided=queries.recent_changes())


@require_POST
@administration("catalogue.edit")
def decide(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Publish, withdraw, or count the preview anew."""
    actor, what = actor_of(request), request.POST.get("decision", "")
    version = version_of(request.POST)
    try:
        if what == "publish":
            actions.publish_change(actor, change_id, version=version)
            messages.success(
                request, _("Published. New cases go by it from now on; running ones keep what they were promised.")
            )
        elif what == "withdraw":
            actions.withdraw_change(actor, change_id, version=version)
            messages.success(request, _("The change was withdrawn."))
        else:
            actions.refresh_preview(actor, change_id)
            return HttpResponseRedirect(f"/admin/catalogue/changes/{change_id}")
    except LinliError as error:
        if error.status == 404:
            raise
        rows = [{"message": f"{error.message} {error.mend}".strip(), "href": ""}]
        return page(
            request, "change", "catalogue", status=error.status, errors=rows, **_facts(queries.change(change_id))
        )
    return HttpResponseRedirect("/admin/catalogue/changes")


@require_POST
@administration("catalogue.edit")
def give_up(request: HttpRequest, code: str) -> HttpResponse:
    """A district goes by the city's version again."""
    scope = request.POST.get("scope", "")
    actions.give_up_own_version(
        actor_of(request), code=code, scope=scope, reason=request.POST.get("reason", "") or "given up"
    )
    messages.success(request, _("The district goes by the city's version again."))
    return HttpResponseRedirect(f"/admin/catalogue/{code}?scope={scope}")
