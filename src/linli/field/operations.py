"""Tasks of special operations in the hand: what is asked, answered with one thumb; a problem becomes a case. Works without a signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.field import answers
from linli.field.frame import actor_of, address, member
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor
from linli.operations import actions, queries
from linli.operations.forms import MOST_PHOTOS
from linli.operations.models import Operation, Task, TaskState
from linli.operations.queries import Mine
from linli.suggesting import queries as suggesting
from linli.ui import undo
from linli.ui.casework import forms as casework
from linli.ui.casework.names import Places, catalogue_for, language
from linli.ui.operations import PREFIX, field_rows, filled_rows, photos_of, said_rows, values_of
from linli.ui.sent import version_of

ACTS = ("answer", "problem", "undo")
MOST_SHOWN = 30
MOST_SUGGESTED = 5
MOST_KEPT = 20
"""Forms that lie on the phone: what is due first."""


def rows_of(due: Sequence[Mine]) -> list[dict[str, Any]]:
    """The tasks that are due from a post, as *Today* lists them."""
    shown = due[:MOST_SHOWN]
    places = Places([one.task.area_path for one in shown])
    return [
        {
            "href": address("operation", one.task.id), "title": one.title, "place": places.short(one.task.area_path),
            "due_at": one.due_at, "late": one.is_late, "minutes": one.minutes_each,
        }
        for one in shown
    ]  # fmt: skip


def kept_pages(actor: Actor) -> list[tuple[str, str]]:
    """For *sync*: the forms of what is due first, each with what changes when it does."""
    return [
        (address("operation", one.task.id), f"{one.task.version}:{one.version}")
        for one in queries.mine(actor, limit=MOST_KEPT)
    ]


@member
@require_GET
def of(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Where a notice leads: to the one task that is due from this post, or to all of them on *Today*."""
    due = [one.task.id for one in queries.mine(actor_of(request)) if one.task.operation_id == operation_id]
    return HttpResponseRedirect(address("operation", due[0]) if len(due) == 1 else address("today"))


@member
@require_GET
def page(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task: the form, or what was answered."""
    return _page(request, actor_of(request), task_id)


def _page(request: HttpRequest, actor: Actor, task_id: UUID, *, error: LinliError | None = None) -> HttpResponse:
    task = queries.task(actor, task_id)
    operation = queries.operation_of(task)
    asked = queries.form_at(operation, operation.version)
    wrong = {error.field: str(error.message)} if error else {}
    sent = (
        request.POST if request.method == "POST" else {PREFIX + code: str(said) for code, said in task.answer.items()}
    )
    answered = queries.form_at(operation, task.answered_version) if task.answered_version else []
    may_undo = (
        operation.is_running
        and task.post_id == actor.post_id
        and task.answered_at is not None
        and task.answered_at >= time.now() - actions.UNDO
    )
    categories = _categories(task, operation)
    context = {
        "task": task, "operation": operation, "place": Places([task.area_path]).short(task.area_path), "no_fab": True,
        "open": operation.is_running and task.state == TaskState.OPEN, "late": operation.is_running and operation.due_at < time.now(),
        "fields": field_rows(asked, sent, wrong), "filled": filled_rows(asked, task.area_path), "key": str(ids.new_id()),
        "problem_key": str(ids.new_id()), "errors": [error] if error else [], "wrong": wrong, "may_undo": may_undo,
        "said": said_rows(answered, task.answer), "words": request.POST.get("words", "") or operation.title, "categories": categories,
        "category": request.POST.get("category", "") or categories[0][0], "suggested": bool(categories[0][0]),
        "cases": queries.found_by(task) if task.cases else [],
        "lng": request.POST.get("lng", ""), "lat": request.POST.get("lat", ""),
        "ground": address("ground", actor.area_path or actor.district),
    }  # fmt: skip
    return render(request, "field/operations/page.html", context, status=error.status if error else 200)


def _categories(task: Task, operation: Operation) -> list[Any]:
    """What the problem may be: what the operation's own words suggest, everything when they suggest nothing."""
    found = suggesting.suggest(f"{operation.title} {operation.purpose}", district=task.district)
    likely = [one.entry for one in found if one.entry.becomes_case][:MOST_SUGGESTED]
    if likely:
        return [(one.code, one.called(language())) for one in likely]
    groups = casework.category_choices(task.district, set())
    return [("", _("Please choose")), *((one.value, one.label) for _group, choices in groups for one in choices)]


@member
@require_POST
def act(request: HttpRequest, task_id: UUID, what: str) -> HttpResponse:
    """Answer, make a case of a problem, or take the answer back; once for its key however often it is sent."""
    if what not in ACTS:
        raise Http404
    actor, key = actor_of(request), request.POST.get("key", "") or str(ids.new_id())
    task = queries.task(actor, task_id)
    operation = queries.operation_of(task)
    try:
        href, said = _carry_out(request, actor, task, operation, what, key)
    except LinliError as error:
        if answers.wanted(request):
            raise
        known = {one.code for one in queries.form_at(operation, operation.version)}
        field = PREFIX + error.field if error.field in known else error.field
        told = Invalid(error.code, error.message, field=field, mend=error.mend, status=error.status)
        return _page(request, actor, task_id, error=told)
    if answers.wanted(request):
        return answers.done(href, operation.title)
    if what == "answer":
        undo.done(request, said, undo=address("operation-do", task_id, "undo"))
    else:
        undo.done(request, said)
    return HttpResponseRedirect(href)


def _carry_out(
    request: HttpRequest, actor: Actor, task: Task, operation: Operation, what: str, key: str
) -> tuple[str, str]:
    match what:
        case "answer":
            version = version_of(request.POST) or operation.version
            asked = queries.form_at(operation, version)
            photos = [
                str(one) for one in [*answers.uploads_of(request, most=MOST_PHOTOS), *photos_of(request, actor, key)]
            ]
            found = actions.answer(actor, task.id, key, values_of(asked, request.POST, photos), version)
            # What found a problem goes on to the case; the rest is done.
            href = address("operation", task.id) if found.problems else address("today")
            return href, _("Answered: %(title)s") % {"title": operation.title}
        case "problem":
            return _problem(request, actor, task, key)
        case _:
            actions.take_back(actor, task.id)
            return address("operation", task.id), _("The answer is taken back.")


def _problem(request: HttpRequest, actor: Actor, task: Task, key: str) -> tuple[str, str]:
    sent = request.POST
    entry = catalogue_for(task.district).get(sent.get("category", ""))
    if entry is None or not entry.becomes_case:
        raise Invalid("case.category", _("Choose a category."), field="category")
    finding = actions.Finding(
        sent["category"], sent.get("words", "").strip()[:500], casework.number_of(sent.get("lng", "")),
        casework.number_of(sent.get("lat", "")), found_at=answers.begun_at(request),
        photos=(*answers.uploads_of(request, most=MOST_PHOTOS), *photos_of(request, actor, key)),
    )  # fmt: skip
    number = actions.found(actor, task.id, key, finding).body["number"]
    return address("operation", task.id), _("It is case %(number)s now.") % {"number": number}
