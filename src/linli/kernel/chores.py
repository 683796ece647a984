"""The kernel's own jobs: events, deadlines, figures, sealing the log, forgetting what is old."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connection, transaction

from linli.kernel import deadlines, events, sealing, time, workdays
from linli.kernel.observe.metrics import EVENT_LAG
from linli.kernel.storage import uploads
from linli.kernel.work import IDLE_SECONDS, Lane, job

COMMANDS_KEPT = timedelta(days=30)
PURGE_BATCH = 5_000
QUARTER_HOUR = 900.0
HOUR = 3_600.0

_sealed: date | None = None


@job("kernel.events", every=IDLE_SECONDS, lane=Lane.EVENTS)
def read_events() -> int:
    """Let every consumer take a batch."""
    return events.run_once()


@job("kernel.deadlines", every=1.0, lane=Lane.EVENTS)
def sweep_deadlines() -> int:
    """Fire what has passed, one batch a district at a time so that its events are read in between."""
    return sum(deadlines.sweep(district) for district in deadlines.districts_with_due())


@job("kernel.provisional", every=HOUR)
def recompute_provisional() -> int:
    """Count again what another process took on in the minute in which it did not know of a new official calendar yet."""
    waiting = [one.year for one in workdays.provisional_years()]
    official = [year for year in waiting if not deadlines.calendar().is_provisional(year)]
    return deadlines.recompute_provisional(years=official) if official else 0


@job("kernel.event_lag", every=5.0)
def measure_lag() -> int:
    """How far each consumer is behind, for the figures."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT k.consumer, max(extract(epoch FROM (%s - (
                SELECT e.at FROM kernel_event e WHERE e.district = k.district AND (e.xid, e.id) > (k.xid, k.event_id)
                ORDER BY e.xid, e.id LIMIT 1))))
            FROM kernel_cursor k GROUP BY k.consumer
            """,
            [time.now()],
        )
        for name, seconds in cursor.fetchall():
            EVENT_LAG.labels(name).set(float(seconds or 0))
    return 0


@job("kernel.sealing", every=QUARTER_HOUR)
def seal_yesterday() -> int:
    """Seal the log of the last day that is over, once."""
    global _sealed
    day = (time.now() - sealing.SETTLING).astimezone(time.LOCAL_ZONE).date() - timedelta(days=1)
    if _sealed is not None and day <= _sealed:
        return 0
    if sealing.LOG_TABLE not in connection.introspection.table_names():
        return 0
    sealing.seal_up_to(day)
    _sealed = day
    return 0


@job("kernel.commands", every=HOUR)
def forget_commands() -> int:
    """Forget the answers to commands that nobody repeats any more."""
    floor = time.now() - COMMANDS_KEPT
    with transaction.atomic(), connection.cursor() as cursor:
        # The ids rise with the time, so their index finds the old ones.
        cursor.execute(
            """
            DELETE FROM kernel_command WHERE id IN (
                SELECT id FROM kernel_command WHERE id < %s AND at < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            """,
            [first_id_at(floor), floor, PURGE_BATCH],
        )
        return cursor.rowcount


@job("kernel.uploads", every=QUARTER_HOUR)
def forget_uploads() -> int:
    """Delete the pieces of photos that nobody took."""
    return uploads.sweep()


@job("kernel.sessions", every=HOUR)
def forget_sessions() -> int:
    """Delete browser sessions that are over."""
    old = Session.objects.filter(expire_date__lt=time.now()).order_by("expire_date").values("session_key")[:PURGE_BATCH]
    return Session.objects.filter(session_key__in=list(old.values_list("session_key", flat=True))).delete()[0]


def first_id_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: everything that was made before has a smaller one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)
