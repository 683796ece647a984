"""The case log as the counters read it: whole or in slices, no further than the reader of events has come."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from linli.metrics.course import Course, Turn

NAME = "metrics.cases"
"""The reader of events."""
START = UUID(int=0)
_ROWS = 2_000
_COLUMNS = """
SELECT l.case_id, l.sequence, l.kind, l.at, l.from_state, l.to_state,
       jsonb_build_object('set', l.data->'set', 'clocks', coalesce(l.data->'clocks', '{}'::jsonb), 'agree', l.data->'agree',
                          'passed', l.data->'passed', 'outcome', l.data->'outcome', 'closed_at', l.data->'closed_at',
                          'deadline', l.data->'deadline', 'due_at', l.data->'due_at', 'due', l.data->'due',
                          'old_due', l.data->'old_due', 'repeats', l.data->'repeats')::text
FROM cases_logentry l
"""
# What the reader of events has not read yet is not counted either, so that the two can be compared while the city works. An entry
# without an event any more was read long ago; one whose event was put aside was not counted.
_READ = (
    _COLUMNS
    + """
LEFT JOIN kernel_event e ON e.district = l.district AND e.subject_id = l.case_id AND e.sequence = l.sequence
     AND e.kind = 'case.' || l.kind
LEFT JOIN kernel_parkedevent p ON p.district = e.district AND p.event_id = e.id AND p.consumer = %(consumer)s
     AND p.resolved_at IS NULL
WHERE l.district = %(district)s AND l.case_id > %(after)s AND (e.id IS NULL OR (e.xid, e.id) <= (%(xid)s, %(event)s))
  AND p.id IS NULL
ORDER BY l.case_id, l.sequence
"""
)
_OF_CASES = _COLUMNS + "WHERE l.district = %(district)s AND l.case_id = ANY(%(cases)s) ORDER BY l.case_id, l.sequence"
_WITH_LATE = "SELECT DISTINCT case_id FROM cases_logentry WHERE district = %s AND case_id = ANY(%s) AND kind = 'late'"


class Position(NamedTuple):
    """How far the events of a district were read."""

    xid: int
    event: UUID


class Entry(NamedTuple):
    """An entry of the log, with what the counters need of it."""

    case_id: UUID
    sequence: int
    kind: str
    at: datetime
    from_state: str
    to_state: str
    data: str


def position(district: str) -> Position:
    """How far the reader has come in a district; its cursor is locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid, event_id FROM kernel_cursor WHERE consumer = %s AND district = %s FOR UPDATE", [NAME, district]
        )
        row = cursor.fetchone()
    return Position(*row) if row else Position(0, START)


def whole(district: str, until: Position) -> Iterator[Turn]:
    """Every turn of a district's cases."""
    # A cursor on the server: the log of a city does not fit into memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ, _values(district, until, START))
        yield from (turn for _entry, turn in _turns(district, _fetched(cursor)))


def slice_after(district: str, until: Position, after: UUID, *, most: int) -> list[Entry]:
    """The entries of the cases that follow one, whole cases only, about ``most`` of them; empty at the end."""
    with connection.cursor() as cursor:
        cursor.execute(_READ + " LIMIT %(most)s", _values(district, until, after) | {"most": most})
        found = [Entry(*row) for row in cursor.fetchall()]
    if len(found) < most:
        return found
    last = found[-1].case_id
    # The last case may go on; a case as long as the slice is taken as it is, with the rest of it read below.
    if found[0].case_id != last:
        return [entry for entry in found if entry.case_id != last]
    return slice_after(district, until, after, most=most * 2)


def turns(district: str, entries: Collection[Entry]) -> Iterator[Turn]:
    """The turns of whole cases."""
    yield from (turn for _entry, turn in _turns(district, iter(entries)))


def of_cases(district: str, cases: Collection[UUID]) -> Iterator[tuple[UUID, Turn]]:
    """Every turn of some cases, as far as their logs go now; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_CASES, {"district": district, "cases": sorted(cases)})
        found = [Entry(*row) for row in cursor.fetchall()]
    yield from ((entry.case_id, turn) for entry, turn in _turns(district, iter(found)))


def followed(district: str, cases: Collection[UUID], moved: Collection[UUID]) -> dict[tuple[UUID, int], Turn]:
    """The turns of those cases whose clocks ran out at some time, and of those that moved; by case and sequence.

    Two queries, the second only where there are such cases.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WITH_LATE, [district, list(cases)])
        wanted = {row[0] for row in cursor.fetchall()} | set(moved)
        if not wanted:
            return {}
        cursor.execute(_OF_CASES, {"district": district, "cases": sorted(wanted)})
        found = [Entry(*row) for row in cursor.fetchall()]
    return {(entry.case_id, entry.sequence): turn for entry, turn in _turns(district, iter(found))}


def _values(district: str, until: Position, after: UUID) -> dict[str, Any]:
    return {"consumer": NAME, "district": district, "after": after, "xid": until.xid, "event": until.event}


def _fetched(cursor: Any) -> Iterator[Entry]:
    while rows := cursor.fetchmany(_ROWS):
        yield from (Entry(*row) for row in rows)


def _turns(district: str, entries: Iterator[Entry]) -> Iterator[tuple[Entry, Turn]]:
    for _case, group in groupby(entries, key=lambda entry: entry.case_id):
        course = Course(district)
        for entry in group:
            yield (
                entry,
                course.read(
                    kind=entry.kind,
                    at=entry.at,
                    from_state=entry.from_state,
                    to_state=entry.to_state,
                    data=json.loads(entry.data),
                ),
            )
