"""The counters again from the case log: to compare, or to write them anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import events
from linli.metrics.counting import Key, Reader, Sum, Tally
from linli.metrics.handlers import NAME, add
from linli.metrics.models import DayFigure

_ROWS = 2_000
# What the reader of events has not read yet is not counted either, so that the two can be compared while the city works. An entry
# without an event any more was read long ago.
_LOG = """
SELECT l.case_id, l.kind, l.at, l.from_state, l.to_state,
       jsonb_build_object('set', l.data->'set', 'clocks', coalesce(l.data->'clocks', '{}'::jsonb), 'agree', l.data->'agree',
                          'passed', l.data->'passed', 'outcome', l.data->'outcome',
                          'closed_at', l.data->'closed_at')::text
FROM cases_logentry l
LEFT JOIN kernel_event e ON e.district = l.district AND e.subject_id = l.case_id AND e.sequence = l.sequence
     AND e.kind = 'case.' || l.kind
WHERE l.district = %(district)s AND (e.id IS NULL OR (e.xid, e.id) <= (%(xid)s, %(event)s))
ORDER BY l.case_id, l.sequence
"""


@dataclass(slots=True)
class Recount:
    """What the log comes to, and where the counters say something else: key → (counter, log)."""

    entries: int = 0
    counters: int = 0
    differences: dict[Key, tuple[Sum, Sum]] = field(default_factory=dict)


def recount(district: str, *, write: bool) -> Recount:
    """Count the log of a district and compare; write the counters anew when asked.

    The reader's cursor is locked meanwhile, so that it waits and neither side misses an event.

    Args:
        write: whether counters that differ are written.
    """
    events.drain([NAME])
    with transaction.atomic():
        xid, event = _cursor(district)
        result = Recount()
        tally = _count(district, xid, event, result)
        log = dict(tally.items())
        there = {
            Key(row.district, row.area_path, row.category, row.level, row.figure, row.day): Sum(row.count, row.minutes)
            for row in DayFigure.objects.filter(district=district)
        }
        result.counters = len(there)
        none = Sum(0, 0)
        for key in sorted(log.keys() | there.keys()):
            if there.get(key, none) != log.get(key, none):
                result.differences[key] = (there.get(key, none), log.get(key, none))
        if write and result.differences:
            DayFigure.objects.filter(district=district).delete()
            add(tally.items())
    return result


def _cursor(district: str) -> tuple[int, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid, event_id FROM kernel_cursor WHERE consumer = %s AND district = %s FOR UPDATE", [NAME, district]
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, UUID(int=0))


def _count(district: str, xid: int, event: UUID, result: Recount) -> Tally:
    tally, reader, case_id = Tally(), Reader(district), None
    for row in _rows({"district": district, "xid": xid, "event": event}):
        if row[0] != case_id:
            case_id, reader = row[0], Reader(district)
        step = reader.read(kind=row[1], at=row[2], from_state=row[3], to_state=row[4], data=json.loads(row[5]))
        tally.add(step)
        result.entries += 1
    return tally


def _rows(values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    # A cursor on the server: the log of a city does not fit into memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LOG, values)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows
