"""Deadlines are rows, and one sweep takes what is due.

A deadline has a kind, a subject and a due time; at most one of a kind is open for a subject. When it passes, the sweep marks it
``fired`` and appends the event ``deadline.passed`` in the same statement: a sweep that is killed has done all or nothing of its
batch, and after an outage it catches up in order of the due times. A passed deadline is still owed: it is met late, or cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import ids, time
from linli.kernel.calendar import WorkingCalendar, shipped
from linli.kernel.models import Clock, Deadline, DeadlineState, WorkCalendarDay

SWEEP_BATCH = 2_000  # below 4,096: the events of one batch get rising UUIDv7 from a twelve-bit counter
EXTENDED = "extended"
_CALENDAR_SECONDS = 60.0
_cached: tuple[float, WorkingCalendar] | None = None
_lock = threading.Lock()


def calendar() -> WorkingCalendar:
    """The working calendar: the packaged days, and over them those in the database; read again each minute."""
    global _cached
    cached = _cached
    if cached is not None and time.monotonic() - cached[0] < _CALENDAR_SECONDS:
        return cached[1]
    with _lock:
        days = dict(WorkCalendarDay.objects.filter(official=True).values_list("date", "is_workday"))
        found = WorkingCalendar({**shipped().days, **days}) if days else shipped()
        _cached = (time.monotonic(), found)
    return found


def forget_calendar() -> None:
    """Read the calendar anew at the next use."""
    global _cached
    _cached = None


def compute(clock: Clock | str, minutes: int, start: datetime) -> tuple[datetime, bool]:
    """When ``minutes`` counted by ``clock`` from ``start`` are over, and whether that rests on a provisional calendar."""
    if clock == Clock.CALENDAR:
        return start + timedelta(minutes=minutes), False
    due = calendar().add_working(start, timedelta(minutes=minutes))
    return due.at, due.provisional


def start(
    *,
    subject_type: str,
    subject_id: UUID,
    kind: str,
    district: str,
    area_path: str,
    clock: Clock | str,
    minutes: int,
    at: datetime | None = None,
) -> Deadline:
    """Open a deadline of ``minutes`` from ``at`` (now)."""
    began = at or time.now()
    due, provisional = compute(clock, minutes, began)
    return Deadline.objects.create(
        id=ids.new_id(),
        district=district,
        subject_type=subject_type,
        subject_id=subject_id,
        kind=kind,
        area_path=area_path,
        clock=clock,
        minutes=minutes,
        started_at=began,
        due_at=due,
        provisional=provisional,
    )


def open_of(district: str, subject_id: UUID, kinds: Iterable[str] | None = None) -> list[Deadline]:
    """The deadlines of a subject that are still owed, locked for the transaction."""
    found = Deadline.objects.select_for_update().filter(
        district=district, subject_id=subject_id, state__in=[DeadlineState.RUNNING, DeadlineState.PAUSED]
    )
    return list(found.filter(kind__in=list(kinds)) if kinds is not None else found)


def end(deadline: Deadline, state: DeadlineState, *, at: datetime | None = None) -> Deadline:
    """Close a deadline as met or cancelled; it was late when ``ended_at > due_at``."""
    deadline.state, deadline.ended_at = state, at or time.now()
    deadline.save(update_fields=["state", "ended_at"])
    return deadline


def pause(deadline: Deadline, *, at: datetime | None = None) -> Deadline:
    """Stop the clock; nothing is due while it stands."""
    if deadline.state == DeadlineState.RUNNING:
        deadline.state, deadline.paused_at = DeadlineState.PAUSED, at or time.now()
        deadline.save(update_fields=["state", "paused_at"])
    return deadline


def resume(deadline: Deadline, *, at: datetime | None = None) -> Deadline:
    """Let the clock go on: what was left when it stopped is left now, to a begun minute. The old due time is kept.

    A deadline that had passed before the pause stays passed, with its due time.
    """
    if deadline.state != DeadlineState.PAUSED or deadline.paused_at is None:
        return deadline
    moment = at or time.now()
    if deadline.due_at > deadline.paused_at:
        left = remaining_minutes(deadline, deadline.paused_at)
        due, provisional = compute(deadline.clock, left, moment)
        _replace_due(deadline, due, provisional=provisional, moment=moment, why="resumed", minutes=left)
    deadline.state, deadline.paused_at = DeadlineState.RUNNING, None
    deadline.save(update_fields=["state", "paused_at", "due_at", "provisional", "due_history"])
    return deadline


def extend(deadline: Deadline, due: datetime, *, why: str = EXTENDED, at: datetime | None = None) -> Deadline:
    """Replace the due time by a later one; the old one is kept, and a passed deadline runs again."""
    _replace_due(deadline, due, moment=at or time.now(), why=why)
    deadline.fired_at = None
    deadline.save(update_fields=["due_at", "provisional", "due_history", "fired_at"])
    return deadline


def recount(deadline: Deadline, *, clock: Clock | str, minutes: int, why: str, at: datetime | None = None) -> Deadline:
    """Count a deadline anew by another limit, from when it started; the old due time is kept.

    A clock that stood in between goes on from where it last went on, with what it had used up taken off. More time that was
    granted is not taken back: a due time that rests on an extension never comes sooner.
    """
    moment = at or time.now()
    began, counted = _counted_from(deadline)
    spent = max(0, deadline.minutes - counted)
    due, provisional = compute(clock, max(0, minutes - spent), began)
    if due < deadline.due_at and any(entry["why"] == EXTENDED for entry in deadline.due_history):
        due, provisional = deadline.due_at, False
    _replace_due(deadline, due, provisional=provisional, moment=moment, why=why, minutes=max(0, minutes - spent))
    deadline.due_history[-1]["counted_from"] = began.isoformat()
    deadline.clock, deadline.minutes, deadline.fired_at = str(clock), minutes, None
    deadline.save(update_fields=["clock", "minutes", "due_at", "provisional", "due_history", "fired_at"])
    return deadline


def remaining_minutes(deadline: Deadline, moment: datetime) -> int:
    """Minutes left at ``moment`` by the deadline's own clock, a begun one counted whole; zero once it has passed."""
    if moment >= deadline.due_at:
        return 0
    if deadline.clock == Clock.CALENDAR:
        left = deadline.due_at - moment
    else:
        left = calendar().working_between(moment, deadline.due_at)
    return -(-left // timedelta(minutes=1))


def _replace_due(
    deadline: Deadline,
    due: datetime,
    *,
    moment: datetime,
    why: str,
    provisional: bool = False,
    minutes: int | None = None,
) -> None:
    # ``minutes``: what the new due time was counted from, when it was counted and not named.
    old = {"due_at": deadline.due_at.isoformat(), "replaced_at": moment.isoformat(), "why": why, "minutes": minutes}
    deadline.due_history = [*deadline.due_history, old]
    deadline.due_at, deadline.provisional = due, provisional


_SWEEP = """
WITH due AS (
    SELECT id FROM kernel_deadline
    WHERE district = %(district)s AND state = 'running' AND fired_at IS NULL AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), fired AS (
    UPDATE kernel_deadline d SET fired_at = %(now)s FROM due WHERE d.district = %(district)s AND d.id = due.id
    RETURNING d.id, d.kind, d.subject_type, d.subject_id, d.area_path, d.due_at, jsonb_array_length(d.due_history) AS nth
), told AS (
    INSERT INTO kernel_event (id, district, at, kind, subject_type, subject_id, sequence, area_path, role, data)
    SELECT (  -- UUIDv7: the moment, the place in the batch, random bits
            left(stem, 8) || '-' || right(stem, 4) || '-7' || lpad(to_hex(row_number() OVER (ORDER BY due_at)), 3, '0')
            || substr(gen_random_uuid()::text, 19))::uuid,
           %(district)s, %(now)s, 'deadline.passed', 'deadline', id, nth, area_path, 'system',
           jsonb_build_object('deadline', kind, 'subject_type', subject_type, 'subject_id', subject_id, 'due_at', due_at)
    FROM fired, lpad(to_hex((extract(epoch FROM %(now)s::timestamptz) * 1000)::bigint), 12, '0') AS stem
)
SELECT count(*) FROM fired
"""


def sweep(district: str, *, batch: int = SWEEP_BATCH) -> int:
    """Fire up to ``batch`` deadlines of a district that have passed, oldest first.

    Returns:
        How many fired; fewer than ``batch`` means that the district is up to date.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SWEEP, {"district": district, "now": time.now(), "batch": batch})
        return int(cursor.fetchone()[0])


def districts_with_due() -> list[str]:
    """The districts in which something has passed and not fired yet: one index probe per district."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE d(district) AS (
                (SELECT district FROM kernel_deadline WHERE state = 'running' AND fired_at IS NULL ORDER BY district LIMIT 1)
                UNION ALL
                SELECT (SELECT e.district FROM kernel_deadline e WHERE e.state = 'running' AND e.fired_at IS NULL
                        AND e.district > d.district ORDER BY e.district LIMIT 1)
                FROM d WHERE d.district IS NOT NULL
            )
            SELECT district FROM d WHERE district IS NOT NULL AND EXISTS (
                SELECT 1 FROM kernel_deadline e WHERE e.district = d.district AND e.state = 'running'
                AND e.fired_at IS NULL AND e.due_at <= %s)
            """,
            [time.now()],
        )
        return [row[0] for row in cursor.fetchall()]


def sweep_all() -> int:
    """Fire everything that is due, district by district; returns how many."""
    total = 0
    for district in districts_with_due():
        while True:
            fired = sweep(district)
            total += fired
            if fired < SWEEP_BATCH:
                break
    return total


def recompute_provisional(*, years: Iterable[int]) -> int:
    """Compute the provisional deadlines that are owed again after the official calendar of ``years`` was loaded.

    One that had fired by the provisional calendar and is not due by the official one runs again. Those that stand are counted
    too: what is left of them when they go on is measured by the same calendar as their due time.

    Returns:
        How many due times were replaced, or confirmed; the old ones are kept in ``due_history``.
    """
    forget_calendar()
    wanted, changed = set(years), 0
    with transaction.atomic():
        rows = Deadline.objects.select_for_update().filter(
            state__in=[DeadlineState.RUNNING, DeadlineState.PAUSED], provisional=True
        )
        for deadline in rows.iterator(chunk_size=2_000):
            began, minutes = _counted_from(deadline)
            due, provisional = compute(deadline.clock, minutes, began)
            last = max(due, deadline.due_at).astimezone(time.LOCAL_ZONE).year
            if wanted.isdisjoint(range(began.astimezone(time.LOCAL_ZONE).year, last + 1)):
                continue
            if due != deadline.due_at or provisional != deadline.provisional:
                _replace_due(deadline, due, provisional=provisional, moment=time.now(), why="recomputed")
                if due > time.now():
                    deadline.fired_at = None
                deadline.save(update_fields=["due_at", "provisional", "due_history", "fired_at"])
                changed += 1
    return changed


def _counted_from(deadline: Deadline) -> tuple[datetime, int]:
    """From when the present due time was counted, and how many minutes: from the start, or from the last time it went on."""
    for entry in reversed(deadline.due_history):
        if entry.get("minutes") is not None:
            began = entry.get("counted_from") or entry["replaced_at"]
            return datetime.fromisoformat(began), int(entry["minutes"])
    return deadline.started_at, deadline.minutes
