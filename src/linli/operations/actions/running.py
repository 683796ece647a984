"""While an operation runs: amend, extend, stop, end, remind."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import SYSTEM, Actor, audit
from linli.operations import forms, queries
from linli.operations.actions.changing import (
    SEND,
    advance,
    due_time,
    locked,
    next_version,
    require_state,
    words_of,
)
from linli.operations.actions.drafting import Draft, checked
from linli.operations.models import Operation, OperationState, TaskState

_REOPEN = """
WITH changed AS (
    UPDATE operations_task SET state = 'open', version = version + 1
     WHERE district = ANY(%(districts)s) AND operation_id = %(operation)s AND state = 'answered'
       AND NOT jsonb_exists_all(answer, %(codes)s)
    RETURNING district, community
)
SELECT district, community, count(*) FROM changed GROUP BY 1, 2 ORDER BY 1, 2
"""
_CLOSE = """
WITH changed AS (
    UPDATE operations_task SET state = CASE WHEN first_at IS NULL THEN %(state)s ELSE 'answered' END, version = version + 1
     WHERE district = ANY(%(districts)s) AND operation_id = %(operation)s AND state = 'open'
    RETURNING district, community, first_at IS NULL AS silent
)
SELECT district, community, count(*) FILTER (WHERE silent), count(*) FILTER (WHERE NOT silent) FROM changed GROUP BY 1, 2 ORDER BY 1, 2
"""


def amend(actor: Actor, operation_id: UUID, version: int, draft: Draft, reason: str) -> Operation:
    """Change purpose, form or deadline of an operation that runs. Answers stay; tasks whose answers lack a required question that
    was added are open again, with what was said kept.

    Raises:
        Conflict: it does not run; ``operation.target_fixed``: its targets or kind would change.
        Stale: somebody changed it meanwhile.
    """
    kept = checked(actor, draft)
    why = words_of(reason, field="reason", most=400, least=4)
    with transaction.atomic():
        found = locked(actor, operation_id, version, SEND)
        require_state(found, OperationState.SENT)
        if kept["target"] != found.target or kept["kind"] != found.kind:
            raise Conflict(
                "operation.target_fixed",
                _("Whom it went to and what kind it is stay as they were sent."),
                field="target",
                mend=_("Stop it and send another, or send one more."),
            )
        before = {one["code"] for one in found.form}
        for name in ("title", "purpose", "form", "due_at", "minutes_each"):
            setattr(found, name, kept[name])
        added = [
            one.code for one in forms.from_data(found.form) if one.is_asked and one.required and one.code not in before
        ]
        again = 0
        if added:
            counted = _counted(_REOPEN, found, codes=added)
            again = sum(count for _district, _community, count in counted)
            advance(found, [(district, community, {"answered": -count}) for district, community, count in counted])
        next_version(actor, found, "amended", {"asked_again": again, "due": found.due_at.isoformat()}, why)
    return found


def extend(actor: Actor, operation_id: UUID, version: int, due_at: datetime, reason: str) -> Operation:
    """Give more time."""
    why = words_of(reason, field="reason", most=400, least=4)
    with transaction.atomic():
        found = locked(actor, operation_id, version, SEND)
        require_state(found, OperationState.SENT)
        if due_at <= found.due_at:
            raise Invalid("operation.due", _("Give a time after the one that stands."), field="due_at")
        found.due_at = due_time(due_at)
        next_version(actor, found, "extended", {"due": found.due_at.isoformat()}, why)
    return found


def stop(actor: Actor, operation_id: UUID, version: int, reason: str) -> Operation:
    """Stop an operation: what nobody answered is withdrawn, what was answered stays."""
    why = words_of(reason, field="reason", most=400, least=4)
    with transaction.atomic():
        found = locked(actor, operation_id, version, SEND)
        require_state(found, OperationState.SENT)
        silent = _close(found, TaskState.WITHDRAWN)
        found.state, found.ended_at = OperationState.STOPPED, time.now()
        next_version(actor, found, "stopped", {"withdrawn": silent}, why)
    return found


def end(found_id: UUID, district: str) -> bool:
    """End an operation whose answers are all in, or whose deadline is long past; what nobody answered counts as missed for good."""
    with transaction.atomic():
        rows = Operation.objects.select_for_update(no_key=True)
        found = rows.filter(district=district, id=found_id, state=OperationState.SENT).first()
        if found is None:
            return False
        missed = _close(found, TaskState.MISSED)
        found.state, found.ended_at = OperationState.ENDED, time.now()
        next_version(SYSTEM, found, "ended", {"missed": missed})
    return True


def _close(found: Operation, state: TaskState) -> int:
    counted = _counted(_CLOSE, found, state=str(state))
    advance(
        found,
        [
            (
                district,
                community,
                {"answered": spoken}
                | ({"tasks": -silent, "withdrawn": silent} if state == TaskState.WITHDRAWN else {}),
            )
            for district, community, silent, spoken in counted
        ],
    )
    return sum(silent for _district, _community, silent, _spoken in counted)


def _counted(statement: str, found: Operation, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"districts": found.districts, "operation": found.id, **values})
        return cursor.fetchall()


def remind(actor: Actor, operation_id: UUID, area_path: str | None = None) -> int:
    """Mark the open tasks of an area as reminded of, at most once a day each, and say so as an event.

    Returns:
        How many tasks were marked.
    """
    with transaction.atomic():
        found = queries.by_id(actor, operation_id)
        queries.require(actor, SEND, found)
        require_state(found, OperationState.SENT)
        place = area_path or found.area_path
        rows = queries.tasks_within(found, place).filter(state=TaskState.OPEN).exclude(reminded_on=time.today())
        count = rows.update(reminded_on=time.today())
        if count:
            event = events.append(
                "operation.reminded", subject_type="operation_reminder", subject_id=ids.new_id(), sequence=1,
                district=found.district, area_path=place, actor=actor,
                data={"number": found.number, "operation": str(found.id), "tasks": count},
            )  # fmt: skip
            audit.record(
                actor, event.kind, subject_type="operation", subject_id=found.id, district=found.district,
                detail={"number": found.number, "area": place, "tasks": count},
            )  # fmt: skip
    return count
