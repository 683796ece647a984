"""All that belongs to one case, in one query: what a case page shows at once, however much there is of it.

Five lists of five tables would be five round trips. The database makes a JSON list of each instead, and the rows become the
models' own objects here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models

from linli.cases.models import Approval, ApprovalState, Case, Evidence, LogEntry, WorkOrder
from linli.kernel.models import Deadline

M = TypeVar("M", bound=models.Model)

_LISTS: tuple[tuple[type[models.Model], str, str], ...] = (
    (WorkOrder, "case_id", "t.sent_at, t.id"),
    (Approval, "case_id", "t.asked_at DESC"),
    (LogEntry, "case_id", "t.sequence"),
    (Evidence, "case_id", "t.at, t.id"),
    (Deadline, "subject_id", "t.due_at"),
)
_OWED = "AND t.state IN ('running', 'paused')"


@dataclass(frozen=True, slots=True)
class Dossier:
    """What belongs to a case, each list in the order in which it is shown."""

    orders: list[WorkOrder]
    approvals: list[Approval]
    """Those that wait first, then the newest."""
    log: list[LogEntry]
    photos: list[Evidence]
    clocks: list[Deadline]
    """Those that are owed, what is due first comes first."""


def dossier(case: Case) -> Dossier:
    """Everything that belongs to a case; the policy table's later questions about its work orders ask the database no more."""
    parts = [
        f"(SELECT coalesce(json_agg(t ORDER BY {order}), '[]')::text FROM {model._meta.db_table} t"
        f" WHERE t.district = %s AND t.{link} = %s {_OWED if model is Deadline else ''})"
        for model, link, order in _LISTS
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), [case.district, case.id] * len(parts))
        orders, approvals, log, photos, clocks = cursor.fetchone()
    found = Dossier(
        _objects(WorkOrder, orders),
        sorted(
            _objects(Approval, approvals), key=lambda one: one.state not in (ApprovalState.ASKED, ApprovalState.FIRST)
        ),
        _objects(LogEntry, log),
        _objects(Evidence, photos),
        _objects(Deadline, clocks),
    )
    known = case.work_orders.all()
    known._result_cache = list(found.orders)
    prefetched = case.__dict__.setdefault("_prefetched_objects_cache", {})
    prefetched["work_orders"] = known
    return found


def _objects(model: type[M], text: str) -> list[M]:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    readers = [(str(field.column), _reader(field)) for field in fields]
    return [
        model.from_db(
            DEFAULT_DB_ALIAS, names, [None if (value := row[name]) is None else read(value) for name, read in readers]
        )
        for row in json.loads(text)
    ]


def _reader(field: Any) -> Any:
    """From JSON as PostgreSQL writes it to what the column gives."""
    kind = field.target_field if field.is_relation else field
    match kind:
        case models.UUIDField():
            return UUID
        case models.DateTimeField():
            return datetime.fromisoformat
        case models.BinaryField():
            return lambda text: bytes.fromhex(text.removeprefix("\\x"))
    return lambda value: value
