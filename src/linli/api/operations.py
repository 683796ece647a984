"""Special operations: composed, sent, watched, answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Query, Schema

from linli.api.commanding import carry_out
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.operation_schemas import (
    OperationAmendIn,
    OperationAnswerIn,
    OperationEditIn,
    OperationExtendIn,
    OperationIn,
    OperationLine,
    OperationNothingIn,
    OperationOut,
    OperationPreviewOut,
    OperationProgressOut,
    OperationRemindedOut,
    OperationRemindIn,
    OperationsQuery,
    OperationStopIn,
    OperationTaskOut,
    OperationTasksQuery,
    OperationVersionIn,
    OperationWithin,
)  # fmt: skip
from linli.api.reading import actor_of
from linli.kernel import ids
from linli.kernel.trust import Actor, policy
from linli.operations import actions, queries
from linli.operations.models import Operation, Task

TAGS = ["Special operations"]
COMPOSE, SEND, ANSWER = "operation.compose", "operation.send", "operation.answer"


def _shape(of: Operation | Task, model: type[Schema]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in model.model_fields}


def _fresh(found: Operation) -> dict[str, Any]:
    return _shape(found, OperationOut)


def _key() -> str:
    # The request's key is kept around the whole command; the action within has one of its own.
    return str(ids.new_id())


@api.get(
    "/operations",
    response={200: list[OperationLine], **ERRORS},
    summary="Special operations",
    tags=TAGS,
    operation_id="list_operations",
)
def listed(request: HttpRequest, filters: Query[OperationsQuery]) -> Any:
    """The operations that the post sees, the newest first, fifty at a time."""
    found = queries.operations(actor_of(request), filters.view, words=filters.words, before=filters.before)
    return [_shape(one, OperationLine) for one in found]


@api.post(
    "/operations", response={201: OperationOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationIn), summary="Compose an operation",
    tags=TAGS, operation_id="compose_operation",
)  # fmt: skip
def compose(request: HttpRequest) -> HttpResponse:
    """Begin a draft; nothing is sent."""

    def act(actor: Actor, given: OperationIn) -> Any:
        return _fresh(actions.compose(actor, _key(), given.draft()))

    return carry_out(request, OperationIn, "operation.compose", act, verb=COMPOSE, status=201)


@api.get(
    "/operations/{number}",
    response={200: OperationOut, **ERRORS},
    summary="An operation",
    tags=TAGS,
    operation_id="get_operation",
)
def one(request: HttpRequest, number: str) -> Any:
    """An operation with its form and whom it goes to."""
    return _fresh(queries.operation(actor_of(request), number))


@api.get(
    "/operations/{number}/preview", response={200: OperationPreviewOut, **ERRORS}, summary="What sending would do", tags=TAGS,
    operation_id="preview_operation",
)  # fmt: skip
def preview(request: HttpRequest, number: str) -> Any:
    """Who would get it, who of them nobody holds, what it costs in minutes, and whether the duty lists let it down."""
    actor = actor_of(request)
    seen = queries.preview(actor, queries.operation(actor, number))
    return {
        "areas": [{"path": at.path, "name": at.name, "targets": at.targets, "unheld": at.unheld} for at in seen.areas],
        "targets": seen.targets, "unheld": seen.unheld, "refused": seen.refusal.code if seen.refusal else "",
        "minutes_each": seen.minutes_each, "minutes": seen.minutes, "filled": seen.filled,
    }  # fmt: skip


@api.put(
    "/operations/{number}", response={200: OperationOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationEditIn),
    summary="Change a draft", tags=TAGS, operation_id="edit_operation",
)  # fmt: skip
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change a draft of the version that was seen."""
    found = _to(request, number, COMPOSE)

    def act(actor: Actor, given: OperationEditIn) -> Any:
        return _fresh(actions.edit(actor, found.id, given.version, given.draft()))

    return carry_out(request, OperationEditIn, f"operation.edit {number}", act)


@api.post(
    "/operations/{number}/send", response={200: OperationOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationVersionIn),
    summary="Send it", tags=TAGS, operation_id="send_operation",
)  # fmt: skip
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send a draft to all of its targets at once."""
    found = _to(request, number, SEND)

    def act(actor: Actor, given: OperationVersionIn) -> Any:
        return _fresh(actions.send(actor, found.id, given.version, _key()))

    return carry_out(request, OperationVersionIn, f"operation.send {number}", act)


@api.post(
    "/operations/{number}/amend", response={200: OperationOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationAmendIn),
    summary="Amend it", tags=TAGS, operation_id="amend_operation",
)  # fmt: skip
def amend(request: HttpRequest, number: str) -> HttpResponse:
    """Change purpose, form or deadline while it runs; answers stay, and only what was added is asked again."""
    found = _to(request, number, SEND)

    def act(actor: Actor, given: OperationAmendIn) -> Any:
        return _fresh(actions.amend(actor, found.id, given.version, given.draft(), given.reason))

    return carry_out(request, OperationAmendIn, f"operation.amend {number}", act)


@api.post(
    "/operations/{number}/extend", response={200: OperationOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationExtendIn),
    summary="Give more time", tags=TAGS, operation_id="extend_operation",
)  # fmt: skip
def extend(request: HttpRequest, number: str) -> HttpResponse:
    """Move the deadline back."""
    found = _to(request, number, SEND)

    def act(actor: Actor, given: OperationExtendIn) -> Any:
        return _fresh(actions.extend(actor, found.id, given.version, given.due_at, given.reason))

    return carry_out(request, OperationExtendIn, f"operation.extend {number}", act)


@api.post(
    "/operations/{number}/stop", response={200: OperationOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationStopIn), summary="Stop it",
    tags=TAGS, operation_id="stop_operation",
)  # fmt: skip
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw what nobody answered; answers stay."""
    found = _to(request, number, SEND)

    def act(actor: Actor, given: OperationStopIn) -> Any:
        return _fresh(actions.stop(actor, found.id, given.version, given.reason))

    return carry_out(request, OperationStopIn, f"operation.stop {number}", act)


@api.post(
    "/operations/{number}/remind", response={200: OperationRemindedOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationRemindIn),
    summary="Remind", tags=TAGS, operation_id="remind_operation",
)  # fmt: skip
def remind(request: HttpRequest, number: str) -> HttpResponse:
    """Mark whoever has not answered as reminded, at most once a day for a task."""
    found = _to(request, number, SEND)

    def act(actor: Actor, given: OperationRemindIn) -> Any:
        return {"reminded": actions.remind(actor, found.id, given.area_path or None)}

    return carry_out(request, OperationRemindIn, f"operation.remind {number}", act)


@api.get(
    "/operations/{number}/progress", response={200: list[OperationProgressOut], **ERRORS}, summary="How far it is", tags=TAGS,
    operation_id="operation_progress",
)  # fmt: skip
def progress(request: HttpRequest, number: str, filters: Query[OperationWithin]) -> Any:
    """How far it is, one rung below an area."""
    actor = actor_of(request)
    found = queries.progress(actor, queries.operation(actor, number), filters.within)
    return [{name: getattr(at, name) for name in OperationProgressOut.model_fields} for at in found]


@api.get(
    "/operations/{number}/tasks", response={200: list[OperationTaskOut], **ERRORS}, summary="Its tasks", tags=TAGS,
    operation_id="operation_tasks",
)  # fmt: skip
def tasks(request: HttpRequest, number: str, filters: Query[OperationTasksQuery]) -> Any:
    """The tasks of an area by path, fifty at a time; go on with `after`, the last path."""
    actor = actor_of(request)
    found = queries.operation(actor, number)
    return [
        _shape(at, OperationTaskOut) for at in queries.tasks(actor, found, filters.within, filters.state, filters.after)
    ]


@api.get(
    "/operations/{number}/answers.csv", response={200: None, **ERRORS},
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
    summary="Its answers as CSV", tags=TAGS, operation_id="operation_answers",
)  # fmt: skip
def answers(request: HttpRequest, number: str, filters: Query[OperationWithin]) -> Any:
    """Every task of an area with its answers, a row for each."""
    actor = actor_of(request)
    found = queries.operation(actor, number)
    rows = queries.rows(actor, found, filters.within)
    response = StreamingHttpResponse(_lines(queries.heads(found), rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.number}.csv"'
    return response


def _lines(heads: list[str], rows: Iterator[list[Any]]) -> Iterator[str]:
    yield "\ufeff" + _line(heads)
    for row in rows:
        yield _line(row)


def _line(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue()


def _harmless(cell: Any) -> Any:
    # What somebody wrote must not be a formula where the file is opened.
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell


@api.post(
    "/operation-tasks/{uuid:task_id}/answer", response={200: OperationTaskOut, **ERRORS}, openapi_extra=KEYED | body_of(OperationAnswerIn),
    summary="Answer a task", tags=TAGS, operation_id="answer_operation_task",
)  # fmt: skip
def answer(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Answer the task of a grid; what the platform knows is filled in by itself."""

    def act(actor: Actor, given: OperationAnswerIn) -> Any:
        return _shape(actions.answer(actor, task_id, _key(), given.values, given.version), OperationTaskOut)

    actor = actor_of(request)
    policy.require(actor, ANSWER)
    queries.task(actor, task_id)
    return carry_out(request, OperationAnswerIn, f"operation.answer {task_id}", act)


@api.post(
    "/operation-tasks/{uuid:task_id}/take-back", response={200: OperationTaskOut, **ERRORS},
    openapi_extra=KEYED | body_of(OperationNothingIn), summary="Take an answer back", tags=TAGS, operation_id="take_back_operation_answer",
)  # fmt: skip
def take_back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Take an answer back within ten minutes."""

    def act(actor: Actor, _given: OperationNothingIn) -> Any:
        return _shape(actions.take_back(actor, task_id), OperationTaskOut)

    actor = actor_of(request)
    policy.require(actor, ANSWER)
    queries.task(actor, task_id)
    return carry_out(request, OperationNothingIn, f"operation.take_back {task_id}", act)


def _to(request: HttpRequest, number: str, verb: str) -> Operation:
    actor = actor_of(request)
    policy.require(actor, verb)
    found = queries.operation(actor, number)
    queries.require(actor, verb, found)
    return found
