"""One operation at the desk: who would get a draft; once it runs, how far it is, area by area, and what was said."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.desk.frame import actor_of, address, as_workbook, draw, staff, wants_part
from linli.desk.operation_form import moment_of
from linli.desk.operations import kind_of, row_of
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.kernel.workbooks import book, safe
from linli.operations import actions, forms, queries
from linli.operations.models import Operation, OperationState, OperationVersion, Season, Task, TaskState
from linli.operations.queries import AreaProgress, FieldResult
from linli.operations.targets import COMMUNITY_LENGTH
from linli.territory import mapping, tiles
from linli.territory import queries as territory
from linli.ui import undo
from linli.ui.casework.names import Places
from linli.ui.operations import words
from linli.ui.sent import day_in, version_of

TILES = "/api/v1/tiles/ground/{z}/{x}/{y}.mvt"
STEPS = 5
MOST_TASKS = 100
MOST_PROBLEMS = 20


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, number: str) -> HttpResponse:
    """A draft with who would get it; what was sent with how far it is; both with what may be done next."""
    actor = actor_of(request)
    found = queries.operation(actor, number)
    area = request.GET.get("area", "")[:48]
    error: LinliError | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_do(request, actor, found))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
            found = queries.operation(actor, number)
    sent = found.state != OperationState.DRAFT
    context = _running(actor, found, area) if sent else _draft(actor, found)
    if sent and request.method == "GET" and wants_part(request):
        return draw(request, "operations/progress", [], **context)
    return draw(request, "operations/watch" if sent else "operations/draft", [], error=error, **context)


def _do(request: HttpRequest, actor: Actor, found: Operation) -> str:
    """Carry out what was asked; where to go then."""
    sent = request.POST
    version, reason = version_of(sent), sent.get("reason", "")
    here = address("operation", found.number)
    match sent.get("do"):
        case "send":
            if not sent.get("sure"):
                raise Invalid("operation.sure", _("Please confirm that it goes out."), field="sure")
            made = actions.send(actor, found.id, version, sent.get("key", ""))
            told = ngettext("Sent: %(n)d task.", "Sent: %(n)d tasks.", made.tasks_count)
            undo.done(request, told % {"n": made.tasks_count})
        case "discard":
            actions.discard(actor, found.id, version)
            undo.done(request, _("The draft is thrown away."))
            return address("operations", query={"view": "drafts"})
        case "extend":
            actions.extend(actor, found.id, version, moment_of(sent.get("due_at", "")), reason)
            undo.done(request, _("There is more time now."))
        case "stop":
            actions.stop(actor, found.id, version, reason)
            undo.done(request, _("Stopped. What was answered stays."))
        case "remind":
            count = actions.remind(actor, found.id, sent.get("area") or None)
            told = ngettext("%(n)d task is reminded of.", "%(n)d tasks are reminded of.", count)
            undo.done(request, told % {"n": count})
        case "keep":
            season = sent.get("season", "")
            if season not in Season.values:
                raise Invalid("operation.season", _("Choose how often it comes again."), field="season")
            actions.keep_as_template(actor, found.id, season=Season(season), next_on=day_in(sent, "next_on"))
            undo.done(request, _("Kept as a template."))
        case _:
            raise Invalid("operation.do", _("Choose what to do."), field="do")
    return here


def _shared(actor: Actor, found: Operation) -> dict[str, Any]:
    return {
        "row": row_of(found), "operation": found, "form": [_question(one) for one in forms.from_data(found.form)],
        "kind": kind_of(found.kind), "key": str(ids.new_id()), "seasons": Season.choices,
        "may_compose": policy.allows(actor, "operation.compose", found), "may_send": policy.allows(actor, "operation.send", found),
        "change_href": address("operation-change", found.number),
    }  # fmt: skip


def _question(one: forms.Field) -> dict[str, Any]:
    return {
        "label": one.label, "filled": not one.is_asked, "choices": list(one.choices), "required": one.required,
        "problem": [words(one, each) for each in one.problem],
    }  # fmt: skip


def _draft(actor: Actor, found: Operation) -> dict[str, Any]:
    shared = _shared(actor, found)
    if not shared["may_compose"]:
        return shared
    preview = queries.preview(actor, found)
    return shared | {
        "preview": preview, "hours": round(preview.minutes / 60, 1 if preview.minutes < 600 else None),
        "duties_href": address("duties", query={"area": found.area_path}),
    }  # fmt: skip


def _running(actor: Actor, found: Operation, area: str) -> dict[str, Any]:
    whole = queries.whole(actor, found, area)
    below = queries.progress(actor, found, area) if len(whole.path) < COMMUNITY_LENGTH else []
    reach = "" if "city" in policy.reach(actor, queries.VIEW) else actor.area_path
    query = {"area": area}
    places = territory.areas_at([one.path for one in below])
    return _shared(actor, found) | {
        "whole": _progress_row(found, whole), "rows": [_progress_row(found, one, places.get(one.path)) for one in below],
        "tasks": [] if below else _task_rows(actor, queries.tasks(actor, found, whole.path, limit=MOST_TASKS)),
        "steps": _steps(found, reach, whole.path), "area": area,
        "results": [_result_row(one) for one in queries.results(actor, found, area)],
        "problems": queries.problems(actor, found, area, limit=MOST_PROBLEMS),
        "versions": [version_row(one) for one in queries.versions(found)],
        "here": address("operation", found.number, query=query),
        "csv_href": address("operation-answers", found.number, "csv", query=query),
        "excel_href": address("operation-answers", found.number, "xlsx", query=query),
        "word_href": address("operation-result", found.number, "docx", query=query),
        "pdf_href": address("operation-result", found.number, "pdf", query=query),
        "tiles": f"{TILES}?v={tiles.mark()}", "bounds": mapping.bounds(whole.path),
    }  # fmt: skip


def _steps(found: Operation, reach: str, path: str) -> list[dict[str, str]]:
    """The areas from where the actor reaches down to one, each a way back up."""
    rungs = [rung for rung in territory.breadcrumb(path) if rung.path.startswith(reach or found.area_path)]
    return [
        {"label": rung.name, "href": address("operation", found.number, query={"area": rung.path})} for rung in rungs
    ]


def _progress_row(found: Operation, one: AreaProgress, place: Any = None) -> dict[str, Any]:
    return {
        "path": one.path, "name": one.name, "tasks": one.tasks, "answered": one.answered, "late": one.late,
        "problems": one.problems, "cases": one.cases, "withdrawn": one.withdrawn, "as_of": one.as_of,
        "percent": round(100 * one.share), "rate": None if one.day_rate is None else round(100 * one.day_rate),
        "too_early": one.too_early, "step": min(STEPS - 1, int(STEPS * one.share)), "level": place.level if place else "",
        "lng": place.label_lng if place else None, "lat": place.label_lat if place else None,
        "href": address("operation", found.number, query={"area": one.path}),
    }  # fmt: skip


def _task_rows(actor: Actor, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    places = Places([one.area_path for one in tasks])
    return [_task_row(actor, one, places) for one in tasks]


def _task_row(actor: Actor, one: Task, places: Places) -> dict[str, Any]:
    state = TaskState(one.state)
    return {
        "href": address("operation-task", one.id) if policy.allows(actor, "operation.answer", one) else "",
        "place": places.short(one.area_path), "state": state.label, "answered_at": one.answered_at,
        "problems": one.problems, "cases": one.cases,
        "tone": {TaskState.ANSWERED: "good", TaskState.OPEN: "info"}.get(state, "quiet"),
        "icon": {TaskState.ANSWERED: "check", TaskState.OPEN: "hourglass"}.get(state, "ban"),
    }  # fmt: skip


def _result_row(one: FieldResult) -> dict[str, Any]:
    spoken = {forms.YES: _("yes"), forms.NO: _("no")} if one.kind == forms.FieldKind.YES_NO else {}
    return {
        "label": one.label, "answered": one.answered, "sum": number_in_words(one.sum), "mean": number_in_words(one.mean),
        "median": number_in_words(one.median), "words": one.words, "photos": one.photos,
        "counts": [
            {"label": spoken.get(said, said), "count": count, "percent": round(100 * count / one.answered) if one.answered else 0}
            for said, count in one.counts.items()
        ],
    }  # fmt: skip


def number_in_words(value: float | None) -> str:
    """A sum or a mean to two places; empty for none."""
    return "" if value is None else f"{round(Decimal(str(value)), 2).normalize():,f}"


def version_row(one: OperationVersion) -> dict[str, Any]:
    """A version in words."""
    verbs = {
        "sent": _("sent"), "amended": _("amended"), "extended": _("more time"), "stopped": _("stopped"), "ended": _("ended"),
    }  # fmt: skip
    return {
        "version": one.version, "verb": verbs.get(one.verb, one.verb), "at": one.at, "name": one.name, "reason": one.reason,
        "due_at": one.due_at,
    }  # fmt: skip


@staff
@never_cache
@require_GET
def answers(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Every task of an area with its answers, as ``csv`` or ``xlsx``.

    Raises:
        NotFound: there is no such form of file.
    """
    actor = actor_of(request)
    found = queries.operation(actor, number)
    if form not in ("csv", "xlsx") or found.state == OperationState.DRAFT:
        raise NotFound("operation.no_file", _("There is no such file."))
    rows = [queries.heads(found)]
    rows += [[_cell(cell) for cell in row] for row in queries.rows(actor, found, request.GET.get("area", "")[:48])]
    name = f"linli-{found.number}-{time.today().isoformat()}.{form}"
    if form == "xlsx":
        return as_workbook(name, book({found.title[:31]: rows}, note=f"{found.number} {found.title}"))
    kept = io.StringIO()
    csv.writer(kept).writerows([safe(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(
        b"\xef\xbb\xbf" + kept.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers
    )


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(time.LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)
