"""What every write of the room needs: the operation locked as it was seen, its next version with event and audit, its progress."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Invalid, Stale
from linli.kernel.trust import Actor, audit
from linli.operations import queries
from linli.operations.models import Operation, OperationState, OperationVersion, Task

LATEST = timedelta(days=366)
COMPOSE, SEND, VIEW, ANSWER = "operation.compose", "operation.send", "operation.view", "operation.answer"


def body_of(verb: str, said: Any) -> bytes:
    """What was asked, in bytes, by which a repeat of a key is known."""
    return json.dumps([verb, said], sort_keys=True, default=str).encode()


def words_of(text: str, *, field: str, most: int, least: int = 2) -> str:
    """A text with its spaces in order, if it has a fitting length."""
    found = " ".join(text.split())
    if not least <= len(found) <= most:
        raise Invalid(
            f"operation.{field}",
            _("Please say it in %(least)s to %(most)s characters.") % {"least": least, "most": most},
            field=field,
        )
    return found


def due_time(due_at: datetime) -> datetime:
    """A deadline, if it is one that may be set now."""
    if not time.now() < due_at <= time.now() + LATEST:
        raise Invalid("operation.due", _("Give a time within a year, after now."), field="due_at")
    return due_at


def locked(actor: Actor, operation_id: UUID, version: int, verb: str) -> Operation:
    """An operation locked for a write, if the actor may and nobody changed it since ``version``."""
    rows = Operation.objects.select_for_update(no_key=True)
    found = rows.filter(queries.visible(actor), id=operation_id).first()
    if found is None:
        raise queries.missing()
    queries.require(actor, verb, found)
    if found.version != version:
        raise Stale(
            "operation.stale", _("Somebody has changed this meanwhile."), mend=_("Look at it again."),
            extra={"version": found.version, "state": found.state},
        )  # fmt: skip
    return found


def require_state(found: Operation, state: OperationState) -> None:
    """Refuse what an operation in another state does not take."""
    if found.state != state:
        raise Conflict(
            "operation.state",
            _("This cannot be done with an operation that is %(state)s.") % {"state": found.get_state_display()},
            extra={"state": found.state},
        )


def next_version(actor: Actor, found: Operation, verb: str, data: dict[str, Any], reason: str = "") -> None:
    """The next version of an operation, kept for ever, with its event and audit row."""
    found.version += 1
    found.save()
    OperationVersion.objects.create(
        id=ids.new_id(), district=found.district, operation=found, version=found.version, verb=verb, title=found.title,
        purpose=found.purpose, form=found.form, due_at=found.due_at, reason=reason, at=time.now(), post_id=actor.post_id,
        name=actor.name[:80],
    )  # fmt: skip
    kind = f"operation.{verb}"
    tell(actor, found, kind, data)
    audit.record(
        actor, kind, subject_type="operation", subject_id=found.id, district=found.district,
        detail={"number": found.number, "area": found.area_path, **data, **({"reason": reason} if reason else {})},
    )  # fmt: skip


def tell(actor: Actor, found: Operation, kind: str, data: dict[str, Any]) -> None:
    """Append an event of an operation."""
    events.append(
        kind, subject_type="operation", subject_id=found.id, sequence=found.version, district=found.district,
        area_path=found.area_path, actor=actor, data={"number": found.number, **data},
    )  # fmt: skip


COUNTS = ("tasks", "answered", "first_answered", "within_day", "problems", "cases", "withdrawn")
_MOVE = f"""
UPDATE operations_progress p SET {", ".join(f"{name} = p.{name} + v.{name}" for name in COUNTS)}, changed_at = %s
  FROM unnest(%s::text[], %s::text[], {", ".join("%s::int[]" for _name in COUNTS)}) AS v (district, area_path, {", ".join(COUNTS)})
 WHERE p.district = v.district AND p.operation_id = %s AND p.area_path = v.area_path
"""


def advance(found: Operation | Task, moves: Sequence[tuple[str, str, Mapping[str, int]]]) -> None:
    """Add to the progress of communities."""
    if not moves:
        return
    operation_id = found.operation_id if isinstance(found, Task) else found.id
    columns = [[step.get(name, 0) for _district, _community, step in moves] for name in COUNTS]
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            [time.now(), [one[0] for one in moves], [one[1] for one in moves], *columns, operation_id],
        )
