"""Counting a figure over the log that was there before the reader knew it, while the city runs.

The hand-over: the reader begins a figure that is new to a district by writing down the event up to which it had read
(:class:`~linli.metrics.models.Backfill`), in the transaction of its next batch, with its cursor locked. What comes after that event it
counts; what came before is counted here, in slices of whole cases in the order of their ids, which is the order of time. A slice and its
progress are one transaction, so it may be cut off anywhere and goes on where it stood; nothing is counted twice and nothing is left out,
however many run. Both only add to the rows, so neither waits for the other but for a row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from linli.kernel import ids, time
from linli.kernel.models import Cursor
from linli.kernel.work import job
from linli.metrics import keeping, logs
from linli.metrics.counting import KEPT, Tally
from linli.metrics.logs import Position
from linli.metrics.models import Backfill

MINUTE = 60.0
SLICE = 5_000
"""Entries of the log that one slice reads: some hundreds of cases, a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One slice.

    Attributes:
        figures: what was counted.
        entries: entries of the log that were read.
        done: whether nothing is left for these figures in the district.
    """

    district: str
    figures: tuple[str, ...]
    entries: int
    done: bool


def begin(district: str) -> None:
    """Let the reader keep every figure from where it stands; called by it before it counts a batch."""
    missing = KEPT - set(Backfill.objects.filter(district=district).values_list("figure", flat=True))
    if not missing:
        return
    at, now = logs.position(district), time.now()
    Backfill.objects.bulk_create(
        [
            Backfill(
                id=ids.new_id(),
                district=district,
                figure=figure,
                xid=at.xid,
                event_id=at.event,
                begun_at=now,
                done_at=now if at == Position(0, logs.START) else None,  # nothing was read before
            )
            for figure in sorted(missing)
        ],
        ignore_conflicts=True,
    )


def begin_everywhere() -> None:
    """Begin what is new in every district that has been read, also where nothing happens."""
    read = Cursor.objects.filter(consumer=logs.NAME).values_list("district", flat=True)
    begun = Backfill.objects.filter(figure__in=KEPT).values("district").annotate(n=Count("id"))
    whole = {row["district"] for row in begun if row["n"] == len(KEPT)}
    for district in sorted(set(read) - whole):
        with transaction.atomic():
            logs.position(district)  # the reader waits, and begins nothing meanwhile
            begin(district)


def pending(figures: Collection[str] = KEPT) -> list[str]:
    """The districts in which figures are not whole yet, in their order."""
    waiting = Backfill.objects.filter(done_at__isnull=True, figure__in=figures)
    return sorted(set(waiting.values_list("district", flat=True)))


def one_slice(district: str, figures: Collection[str] = KEPT, *, most: int = SLICE) -> Progress | None:
    """Count one slice of a district's log for the figures that stand furthest behind; those that stand together go together.

    Returns:
        What was done; ``None`` when nothing is left, or somebody else is at it.
    """
    with transaction.atomic():
        waiting = list(
            Backfill.objects.select_for_update(skip_locked=True)
            .filter(district=district, figure__in=figures, done_at__isnull=True)
            .order_by("xid", "event_id", "after", "figure")
        )
        if not waiting:
            return None
        first = waiting[0]
        together = [
            row for row in waiting if (row.xid, row.event_id, row.after) == (first.xid, first.event_id, first.after)
        ]
        names = tuple(row.figure for row in together)
        entries = logs.slice_after(district, Position(first.xid, first.event_id), first.after, most=most)
        tally = Tally(only=names)
        for turn in logs.turns(district, entries):
            turn.into(tally)
        keeping.add(tally)
        for row in together:
            row.entries += len(entries)
            if entries:
                row.after = entries[-1].case_id
            else:
                row.done_at = time.now()
        Backfill.objects.bulk_update(together, ["after", "entries", "done_at"])
    return Progress(district, names, len(entries), not entries)


@job("metrics.backfill", every=MINUTE)
def some() -> int:
    """One slice of the first district that has something to do: a chore of the worker. Returns the entries read."""
    begin_everywhere()
    for district in pending():
        if found := one_slice(district):
            return max(found.entries, 1)
    return 0
