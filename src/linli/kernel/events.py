"""Domain events: an outbox that is read in order and misses nothing.

:func:`append` writes an event in the transaction of the change. A consumer reads from its cursor, district by district, in the
order (transaction, id), and only what lies below the oldest transaction still running: with several writers a higher id can
commit before a lower one, and a reader that went by the id alone would skip the lower one for good. Delivery is at least once
and in batches; consumers are idempotent. Two events of one subject keep their ``sequence``; they can arrive in the other order
when the later writer's transaction began first, so a consumer that minds goes by ``sequence``.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import Error, OperationalError, connection, transaction

from linli.kernel import ids, time
from linli.kernel.db import insert_all
from linli.kernel.models import Cursor, Event, ParkedEvent
from linli.kernel.trust.actor import Actor

log = logging.getLogger(__name__)

BATCH = 500
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as a consumer gets it."""

    id: UUID
    district: str
    xid: int
    at: datetime
    kind: str
    subject_type: str
    subject_id: UUID
    sequence: int
    area_path: str
    post_id: UUID | None
    role: str
    data: dict[str, Any]


Handler = Callable[[Sequence[Happened]], None]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A named reader of events: ``kinds`` are prefixes of the kinds it takes, none means all."""

    name: str
    handle: Handler
    kinds: tuple[str, ...] = field(default=())

    def wants(self, event: Happened) -> bool:
        """Whether the event is of a kind that this consumer takes."""
        return not self.kinds or event.kind.startswith(self.kinds)


_consumers: dict[str, Consumer] = {}


def consumer(name: str, *kinds: str) -> Callable[[Handler], Handler]:
    """Register a function as the consumer ``name``; called with a batch of events, in a transaction of its own."""

    def register(handle: Handler) -> Handler:
        _consumers[name] = Consumer(name, handle, kinds)
        return handle

    return register


def consumers() -> Iterable[Consumer]:
    """Every registered consumer."""
    return list(_consumers.values())


def append(
    kind: str,
    *,
    subject_type: str,
    subject_id: UUID,
    sequence: int,
    district: str,
    area_path: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
) -> Event:
    """Write an event in the transaction that is open.

    Args:
        kind: ``case.registered``: the subject's kind and what happened to it, in the past tense.
        sequence: counts the events of this subject; the same pair of sequence and kind is written once.
        data: facts that consumers need; never personal data.
    """
    event = make(
        kind,
        subject_type=subject_type,
        subject_id=subject_id,
        sequence=sequence,
        district=district,
        area_path=area_path,
        actor=actor,
        data=data,
    )
    event.save(force_insert=True)
    return event


def make(
    kind: str,
    *,
    subject_type: str,
    subject_id: UUID,
    sequence: int,
    district: str,
    area_path: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
) -> Event:
    """An event as :func:`append` writes it, not written yet: for those who write many at once with :func:`append_all`."""
    return Event(
        id=ids.new_id(),
        at=time.now(),
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        sequence=sequence,
        district=district,
        area_path=area_path,
        post_id=actor.post_id,
        role=actor.role,
        data=data or {},
    )


def append_all(made: Sequence[Event]) -> None:
    """Write events of :func:`make` in the transaction that is open, in one statement."""
    insert_all(made)


def run_once(only: Iterable[str] | None = None) -> int:
    """Let every consumer (or those named) take one batch of each district that has news.

    Returns:
        The number of events that were read; zero means that all are up to date.
    """
    names = _named(only)
    _ensure_cursors(names)
    return sum(_take_batch(_consumers[name], district) for name, district in _behind(names))


def drain(only: Iterable[str] | None = None, *, patience: float = 600.0) -> int:
    """Read until nothing is left that is committed by now; for tests, commands and simulations.

    An event stays out of sight while an older transaction runs anywhere on the server, so this waits for those to end.

    Args:
        patience: seconds to wait for others' transactions before giving up on what they hold back.
    """
    names = _named(only)
    total, since = 0, time.monotonic()
    while True:
        taken = run_once(names)
        total += taken
        if taken:
            since = time.monotonic()
        elif connection.in_atomic_block or not _held_back(names) or time.monotonic() - since > patience:
            return total
        else:
            time.sleep(0.01)


def _named(only: Iterable[str] | None) -> list[str]:
    wanted = None if only is None else set(only)
    return [name for name in _consumers if wanted is None or name in wanted]


def _held_back(names: Sequence[str]) -> bool:
    # One probe of the index per cursor, however many events there are; run_once has just seen to the cursors.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT 1 FROM kernel_cursor k
                WHERE k.consumer = ANY(%s) AND EXISTS (
                    SELECT 1 FROM kernel_event e
                    WHERE e.district = k.district AND (e.xid, e.id) > (k.xid, k.event_id)))
            """,
            [list(names)],
        )
        return bool(cursor.fetchone()[0])


def _ensure_cursors(names: Sequence[str]) -> None:
    # A loose index scan: one probe per district, however many events there are.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE d(district) AS (
                (SELECT district FROM kernel_event ORDER BY district LIMIT 1)
                UNION ALL
                SELECT (SELECT e.district FROM kernel_event e WHERE e.district > d.district ORDER BY e.district LIMIT 1)
                FROM d WHERE d.district IS NOT NULL
            )
            INSERT INTO kernel_cursor (consumer, district, xid, event_id)
            SELECT n, district, 0, %s FROM d, unnest(%s::text[]) AS n WHERE district IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM kernel_cursor k WHERE k.consumer = n AND k.district = d.district)
            ON CONFLICT DO NOTHING
            """,
            [UUID(int=0), list(names)],
        )


def _behind(names: Sequence[str]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT k.consumer, k.district FROM kernel_cursor k
            WHERE k.consumer = ANY(%s) AND EXISTS (
                SELECT 1 FROM kernel_event e
                WHERE e.district = k.district AND (e.xid, e.id) > (k.xid, k.event_id) AND e.xid < {HORIZON})
            ORDER BY k.consumer, k.district
            """,
            [list(names)],
        )
        return cursor.fetchall()


def _take_batch(reader: Consumer, district: str) -> int:
    try:
        with transaction.atomic():
            events = _read(reader, district)
            if events:
                if wanted := [e for e in events if reader.wants(e)]:
                    reader.handle(wanted)
                _move(reader, events[-1])
            return len(events)
    except OperationalError:
        raise  # the database's trouble, not the event's: the caller tries again
    except Exception:  # noqa: BLE001 - whatever it is, one event must not stop the others
        log.warning("consumer %s failed on a batch of district %s; taking it one by one", reader.name, district)
        return _take_one_by_one(reader, district)


def _take_one_by_one(reader: Consumer, district: str) -> int:
    with transaction.atomic():
        events = _read(reader, district)
        for event in events:
            if not reader.wants(event):
                continue
            try:
                with transaction.atomic():
                    reader.handle([event])
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                log.error(
                    "consumer %s parked event %s (%s): %s\n%s",
                    reader.name, event.id, event.kind, type(error).__name__, _where(error),
                )  # fmt: skip
                ParkedEvent.objects.get_or_create(
                    district=district,
                    consumer=reader.name,
                    event_id=event.id,
                    defaults={"at": time.now(), "error": _describe(error)},
                )
        if events:
            _move(reader, events[-1])
        return len(events)


def _where(error: Exception) -> str:
    # The lines of the program and not the texts of the errors, which can quote a row.
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()


def parked() -> list[ParkedEvent]:
    """What consumers could not take and nobody has put right yet, the oldest first."""
    return list(ParkedEvent.objects.filter(resolved_at__isnull=True).order_by("at", "id"))


def parked_count() -> int:
    """How many events stand aside."""
    return ParkedEvent.objects.filter(resolved_at__isnull=True).count()


def retry(row: ParkedEvent) -> bool:
    """Give a parked event to its consumer again, once what kept it from it is mended.

    Returns:
        Whether it was taken. If not, its error is the new one. An event that was taken in the meantime, or whose consumer or
        text is no more, is left as it is.
    """
    try:
        with transaction.atomic():
            held = ParkedEvent.objects.select_for_update().get(district=row.district, id=row.id)
            event = Event.objects.filter(district=held.district, id=held.event_id).first()
            reader = _consumers.get(held.consumer)
            if held.resolved_at is not None or event is None or reader is None:
                return False
            reader.handle([_happened(event)])
            held.resolved_at = time.now()
            held.save(update_fields=["resolved_at"])
    except OperationalError:
        raise  # the database's trouble, not the event's
    except Exception as error:  # noqa: BLE001 - it stays parked, whatever it is
        log.warning("consumer %s cannot take event %s yet: %s", row.consumer, row.event_id, type(error).__name__)
        ParkedEvent.objects.filter(district=row.district, id=row.id).update(error=_describe(error))
        return False
    return True


def _describe(error: Exception) -> str:
    # A database error can quote a row, and a row can hold a person: the type says enough, the log has the trace.
    return type(error).__name__ if isinstance(error, Error) else f"{type(error).__name__}: {error}"[:500]


def _read(reader: Consumer, district: str) -> list[Happened]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid, event_id FROM kernel_cursor WHERE consumer = %s AND district = %s FOR UPDATE SKIP LOCKED",
            [reader.name, district],
        )
        row = cursor.fetchone()
        if row is None:  # another worker has it
            return []
    found = Event.objects.raw(
        f"""
        SELECT * FROM kernel_event
        WHERE district = %s AND (xid, id) > (%s, %s) AND xid < {HORIZON}
        ORDER BY xid, id LIMIT {BATCH}
        """,
        [district, row[0], row[1]],
    )
    return [_happened(e) for e in found]


def _happened(e: Event) -> Happened:
    return Happened(
        id=e.id,
        district=e.district,
        xid=e.xid,
        at=e.at,
        kind=e.kind,
        subject_type=e.subject_type,
        subject_id=e.subject_id,
        sequence=e.sequence,
        area_path=e.area_path,
        post_id=e.post_id,
        role=e.role,
        data=e.data,
    )


def _move(reader: Consumer, last: Happened) -> None:
    Cursor.objects.filter(consumer=reader.name, district=last.district).update(
        xid=last.xid, event_id=last.id, moved_at=time.now()
    )
