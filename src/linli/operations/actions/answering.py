"""Answering a task, taking the answer back, making a case of what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.cases.actions import intake, photographed
from linli.cases.models import Channel
from linli.kernel import commands, events, ids, time
from linli.kernel.commands import Answer
from linli.kernel.errors import Conflict
from linli.kernel.trust import Actor, policy
from linli.operations import forms, queries
from linli.operations.actions.changing import (
    ANSWER,
    VIEW,
    advance,
    body_of,
    require_state,
)
from linli.operations.models import (
    Operation,
    OperationState,
    Problem,
    Task,
    TaskState,
)

UNDO = timedelta(minutes=10)
DAY = timedelta(hours=24)


def answer(actor: Actor, task_id: UUID, key: str, values: Mapping[str, Any], version: int) -> Task:
    """Answer a task, once for each key.

    An answer to an older version of the form counts, and says so; it leaves the task open where the form asks more by now.

    Args:
        values: code of the field to answer; what the platform knows is filled in by itself.
        version: of the operation, as whoever answers saw it.

    Raises:
        Invalid: a question has no answer or a wrong one; ``field`` is its code.
        Conflict: ``operation.answered``, ``operation.withdrawn``.
    """

    def action() -> tuple[int, Any]:
        _answered(actor, task_id, values, version)
        return 200, str(task_id)

    said = body_of("answer", [str(task_id), version, dict(values)])
    commands.run(actor, key, said, district=actor.district, action=action)
    return Task.objects.get(district=actor.district, id=task_id)


def _task(actor: Actor, task_id: UUID) -> tuple[Operation, Task]:
    """A task and its operation, locked: the operation against change, the task for this one."""
    seen = queries.task(actor, task_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM operations_operation WHERE district = ANY(%s) AND id = %s FOR SHARE",
            [list(queries.issuing(seen.district)), seen.operation_id],
        )
    operation = Operation.objects.get(district__in=queries.issuing(seen.district), id=seen.operation_id)
    found = Task.objects.select_for_update().get(district=seen.district, id=seen.id)
    policy.require(actor, ANSWER, found, view=VIEW)
    return operation, found


def _answered(actor: Actor, task_id: UUID, values: Mapping[str, Any], version: int) -> None:
    operation, found = _task(actor, task_id)
    if found.state == TaskState.ANSWERED:
        raise Conflict(
            "operation.answered", _("This was answered already."), mend=_("Take the answer back within ten minutes.")
        )
    if found.state != TaskState.OPEN:
        raise Conflict("operation.withdrawn", _("This operation was stopped; no answer is needed any more."))
    form = queries.form_at(operation, version)
    said, problems = forms.read(form, values)
    now_asked = queries.form_at(operation, operation.version)
    lacking = any(one.is_asked and one.required and one.code not in said | found.answer for one in now_asked)
    now = time.now()
    first = found.first_at is None
    in_a_day = first and now <= found.sent_at + DAY
    move = {
        "answered": 0 if lacking else 1, "first_answered": int(first), "within_day": int(in_a_day),
        "problems": problems - found.problems,
    }  # fmt: skip
    found.before = None if first else _kept(found)
    found.answer = found.answer | said | forms.filled(form, found.area_path)
    found.answered_version, found.answered_at, found.post_id = version, now, actor.post_id
    found.problems, found.first_at = problems, found.first_at or now
    found.within_day = found.within_day or in_a_day
    found.state = TaskState.OPEN if lacking else TaskState.ANSWERED
    found.version += 1
    found.save()
    advance(found, [(found.district, found.community, move)])
    _task_event(
        actor, found, "task.answered", {"problems": problems, "version": version, "within_day": found.within_day}
    )


def _kept(found: Task) -> dict[str, Any]:
    return {
        "answer": found.answer,
        "answered_version": found.answered_version,
        "answered_at": found.answered_at.isoformat() if found.answered_at else None,
        "problems": found.problems,
        "post_id": str(found.post_id) if found.post_id else None,
    }


def _task_event(actor: Actor, found: Task, kind: str, data: dict[str, Any]) -> None:
    events.append(
        kind, subject_type="task", subject_id=found.id, sequence=found.version, district=found.district,
        area_path=found.area_path, actor=actor, data={"operation": str(found.operation_id), **data},
    )  # fmt: skip


def take_back(actor: Actor, task_id: UUID) -> Task:
    """Take an answer back within ten minutes; what stood before it stands again.

    Raises:
        Conflict: nothing was answered, it is longer ago, or the operation does not run any more.
    """
    with transaction.atomic():
        operation, found = _task(actor, task_id)
        require_state(operation, OperationState.SENT)
        if found.answered_at is None or found.answered_at < time.now() - UNDO:
            raise Conflict("operation.too_late", _("An answer can be taken back within ten minutes."))
        if found.post_id != actor.post_id:
            raise Conflict("operation.not_yours", _("Whoever answered takes it back."))
        was, first = found.before, found.before is None
        move = {
            "answered": -int(found.state == TaskState.ANSWERED), "first_answered": -int(first),
            "within_day": -int(first and found.within_day), "problems": (was["problems"] if was else 0) - found.problems,
        }  # fmt: skip
        found.answer = was["answer"] if was else {}
        found.answered_version = was["answered_version"] if was else 0
        found.answered_at = datetime.fromisoformat(was["answered_at"]) if was and was["answered_at"] else None
        found.post_id = UUID(was["post_id"]) if was and was["post_id"] else None
        found.problems = was["problems"] if was else 0
        if first:
            found.first_at, found.within_day = None, False
        found.before, found.state = None, TaskState.OPEN
        found.version += 1
        found.save()
        advance(found, [(found.district, found.community, move)])
        _task_event(actor, found, "task.taken_back", {})
    return found


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that a task found.

    Args:
        category: code of the catalogue.
        lng: longitude in degrees, WGS 84; with ``lat`` or not at all: then the target is the place.
        photos: ids of the actor's own uploads.
    """

    category: str
    words: str = ""
    lng: float | None = None
    lat: float | None = None
    address: str = ""
    photos: tuple[UUID, ...] = ()
    found_at: datetime | None = None


def found(actor: Actor, task_id: UUID, key: str, finding: Finding) -> Answer:
    """Make a case of a problem that a task found, tied to the task, once for each key.

    Returns:
        As :func:`linli.cases.actions.intake.report`.
    """
    with transaction.atomic():
        operation, task = _task(actor, task_id)
        lng, lat = finding.lng, finding.lat
        if lng is None or lat is None:
            lng, lat = queries.point_of(task.area_path)
        words = finding.words or operation.title
        report = intake.Report(
            category=finding.category, description=words, lng=lng, lat=lat, address=finding.address, district=task.district,
            channel=Channel.FIELD, found_at=finding.found_at,
        )  # fmt: skip
        body = body_of(
            "found", [str(task_id), finding.category, words, lng, lat, finding.address, list(finding.photos)]
        )
        answer = photographed.report(actor, key, body, what=report, photos=finding.photos)
        made, new = Problem.objects.get_or_create(
            district=task.district, task=task, case_id=UUID(answer.body["id"]),
            defaults={
                "id": ids.new_id(), "operation_id": task.operation_id, "area_path": task.area_path,
                "number": answer.body["number"], "at": time.now(), "post_id": actor.post_id,
            },
        )  # fmt: skip
        if new:
            task.cases += 1
            task.version += 1
            task.save(update_fields=["cases", "version"])
            advance(task, [(task.district, task.community, {"cases": 1})])
            _task_event(actor, task, "task.found", {"case": answer.body["id"], "number": made.number})
    return answer
