"""Special operations at the desk: which there are, composing one on one page, looking at who would get it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.desk import operation_form as composing
from linli.desk.frame import actor_of, address, draw, staff
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.operations import actions, forms, queries
from linli.operations.actions import Draft
from linli.operations.duties import kinds
from linli.operations.models import Operation, OperationState, Season, Template
from linli.operations.targets import Target
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.sent import id_in, version_of

VIEWS = ("running", "drafts", "ended", "templates")
LOOKS = {
    OperationState.DRAFT: ("quiet", "pencil"),
    OperationState.SENT: ("info", "play"),
    OperationState.STOPPED: ("quiet", "ban"),
    OperationState.ENDED: ("good", "check-check"),
}


def kind_of(code: str) -> str:
    """A kind of operation in words."""
    name = kinds().get(code)
    return name.called() if name else code


def row_of(one: Operation) -> dict[str, Any]:
    """An operation in words."""
    tone, icon = LOOKS[OperationState(one.state)]
    late = one.state == OperationState.SENT and one.due_at < time.now()
    return {
        "number": one.number, "title": one.title, "kind": kind_of(one.kind), "due_at": one.due_at, "tasks": one.tasks_count,
        "place": territory.full_name(one.area_path, top=Level.DISTRICT) or one.area_path,
        "state": _("past its deadline") if late else one.get_state_display(), "tone": "late" if late else tone,
        "icon": "clock-alert" if late else icon, "href": address("operation", one.number),
    }  # fmt: skip


def _template_row(one: Template, *, may: bool) -> dict[str, Any]:
    return {
        "title": one.title, "kind": kind_of(one.kind), "season": Season(one.season).label, "next_on": one.next_on,
        "href": address("operation-new", query={"template": str(one.id)}) if may else "",
    }  # fmt: skip


@staff
@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Operations that concern the post: running, drafts, ended, and the templates."""
    actor = actor_of(request)
    policy.require(actor, "operation.view")
    may = bool(policy.reach(actor, "operation.compose"))
    view = request.GET.get("view", "")
    offered = VIEWS if may else ("running", "ended")
    view = view if view in offered else VIEWS[0]
    words = request.GET.get("q", "").strip()[:80]
    rows: list[dict[str, Any]] = []
    templates: list[dict[str, Any]] = []
    following = ""
    if view == "templates":
        found = queries.templates(actor)
        templates = [_template_row(one, may=may) for one in found if words.casefold() in one.title.casefold()]
    else:
        page = queries.operations(actor, view, words=words, before=_before(request.GET.get("before", "")))
        rows = [row_of(one) for one in page]
        if len(page) == queries.PAGE:
            keep = {"view": view, "q": words, "before": page[-1].made_at.isoformat()}
            following = address("operations", query=keep)
    labels = {"running": _("Running"), "drafts": _("Drafts"), "ended": _("Ended"), "templates": _("Templates")}
    chips = [
        {"label": labels[one], "href": address("operations", query={"view": one, "q": words}), "current": one == view}
        for one in offered
    ]
    return draw(
        request, "operations/list", [], rows=rows, templates=templates, chips=chips, view=view, words=words, next=following,
        new_href=address("operation-new") if may else "",
    )  # fmt: skip


def _before(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


@staff
@require_GET
def by_id(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Where a notice leads: to the page of an operation."""
    return HttpResponseRedirect(address("operation", queries.by_id(actor_of(request), operation_id).number))


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Compose an operation, from nothing or from a template."""
    actor = actor_of(request)
    policy.require(actor, "operation.compose")
    template = id_in(request.GET.get("template", ""))
    page = composing.empty(actor)
    if template is not None:
        kept = queries.template(actor, template)
        page = composing.of_draft(actions.draft_of(kept, time.today()))
    error: LinliError | None = None
    key = request.POST.get("key", "") or str(ids.new_id())
    if request.method == "POST":
        page = composing.typed(request)
        if request.POST.get("do", "save") == "save":
            try:
                made = actions.compose(actor, key, composing.draft_of(page))
                return HttpResponseRedirect(address("operation", made.number))
            except NotFound:
                raise
            except LinliError as wrong:
                error, key = wrong, str(ids.new_id())
    return _compose(request, page, error, heading=_("Compose a special operation"), back=address("operations"), key=key)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Change a draft, or amend what runs: then the reason is kept with the version."""
    actor = actor_of(request)
    found = queries.operation(actor, number)
    amending = found.state != OperationState.DRAFT
    policy.require(actor, "operation.send" if amending else "operation.compose", found, view="operation.view")
    page = composing.of_draft(_draft_of(found))
    error: LinliError | None = None
    if request.method == "POST":
        page = composing.typed(request)
        if request.POST.get("do", "save") == "save":
            try:
                _change(request, actor, found, page, amending=amending)
                return HttpResponseRedirect(address("operation", number))
            except NotFound:
                raise
            except LinliError as wrong:
                error = wrong
    heading = _("Amend %(title)s") if amending else _("Change %(title)s")
    return _compose(
        request, page, error, heading=heading % {"title": found.title}, back=address("operation", number), number=number,
        amending=amending, version=request.POST.get("version", "") or found.version,
    )  # fmt: skip


def _change(request: HttpRequest, actor: Actor, found: Operation, page: dict[str, Any], *, amending: bool) -> None:
    draft, version = composing.draft_of(page), version_of(request.POST)
    if amending:
        actions.amend(actor, found.id, version, draft, request.POST.get("reason", ""))
        undo.done(request, _("Amended. Whoever lacks an answer to a new question is asked for that alone."))
    else:
        actions.edit(actor, found.id, version, draft)


def _draft_of(one: Operation) -> Draft:
    target, fields = Target.from_data(one.target), forms.from_data(one.form)
    return Draft(one.title, one.purpose, one.kind, fields, target, one.due_at, one.minutes_each)


def _compose(request: HttpRequest, page: dict[str, Any], error: LinliError | None, **context: Any) -> HttpResponse:
    if error is not None:
        error = Invalid(
            error.code, error.message, field=composing.place_of(error.field), mend=error.mend, status=error.status
        )
    fresh = page.get("fresh")
    questions = [
        one
        | {
            "names": {part: f"{part}-{number}" for part in composing.PARTS},
            "error": str(error.message) if error and error.field == f"label-{number}" else "",
            "fresh": number == fresh,
        }
        for number, one in enumerate(page["fields"])
    ]
    return draw(
        request, "operations/compose", [], error=error, page=page, questions=questions, areas=composing.area_rows(page["areas"]),
        **composing.options(), **context,
    )  # fmt: skip
