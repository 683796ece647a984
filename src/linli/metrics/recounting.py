"""The counters and their roll-ups again from the case log: to compare, or to write them anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from linli.kernel import events, time
from linli.metrics import keeping, logs
from linli.metrics.counting import KEPT, AreaKey, CategoryKey, CategoryMonthKey, Key, MonthKey, Place, Sum, Tally
from linli.metrics.models import AreaDay, AreaMonth, Backfill, CategoryDay, CategoryMonth, DayFigure, Standing

Counted = Key | AreaKey | CategoryKey | MonthKey | CategoryMonthKey | Place
TABLES = (DayFigure, AreaDay, CategoryDay, AreaMonth, CategoryMonth, Standing)
KEYS: tuple[tuple[Any, Any], ...] = (
    (DayFigure, Key), (AreaDay, AreaKey), (CategoryDay, CategoryKey), (AreaMonth, MonthKey), (CategoryMonth, CategoryMonthKey),
)  # fmt: skip


@dataclass(slots=True)
class Recount:
    """What the log comes to, and where counters say something else: key → (counter, log).

    ``pending`` names the figures whose history is not counted yet (:mod:`linli.metrics.backfilling`); they are not compared.
    """

    entries: int = 0
    counters: int = 0
    differences: dict[Counted, tuple[Sum, Sum]] = field(default_factory=dict)
    pending: tuple[str, ...] = ()


def recount(district: str, *, write: bool) -> Recount:
    """Count the log of a district and compare; write the counters anew when asked.

    The reader's cursor is locked meanwhile, so that it waits and neither side misses an event.

    Args:
        write: whether counters that differ are written; what waits to be back-filled is then whole as well.
    """
    events.drain([logs.NAME])
    with transaction.atomic():
        until = logs.position(district)
        waiting = Backfill.objects.select_for_update().filter(district=district, done_at__isnull=True)
        pending = {row.figure for row in waiting}
        only = KEPT if write else KEPT - pending
        result = Recount(pending=() if write else tuple(sorted(pending)))
        tally = Tally(only=only)
        for turn in logs.whole(district, until):
            turn.into(tally)
            result.entries += 1
        log, there = dict(_of(tally)), dict(_kept(district, only))
        result.counters = len(there)
        result.differences = _differences(there, log)
        if write and (result.differences or pending):
            for table in TABLES:
                table.objects.filter(district=district).delete()
            keeping.add(tally)
            waiting.update(done_at=time.now())
    return result


def _differences(there: Mapping[Counted, Sum], log: Mapping[Counted, Sum]) -> dict[Counted, tuple[Sum, Sum]]:
    none = Sum(0, 0)
    return {
        key: (there.get(key, none), log.get(key, none))
        for key in sorted(log.keys() | there.keys(), key=lambda key: (type(key).__name__, key))
        if there.get(key, none) != log.get(key, none)
    }


def _of(tally: Tally) -> Iterator[tuple[Counted, Sum]]:
    yield from tally.items()
    yield from tally.areas()
    yield from ((key, Sum(times, 0)) for key, times in tally.categories())
    yield from tally.months()
    yield from ((key, Sum(times, 0)) for key, times in tally.category_months())
    yield from ((place, Sum(times, 0)) for place, times in tally.standing())


def _kept(district: str, only: Iterable[str]) -> Iterator[tuple[Counted, Sum]]:
    for table, key in KEYS:
        names = (*key._fields, "count", *([] if table in (CategoryDay, CategoryMonth) else ["minutes"]))
        for row in table.objects.filter(district=district, figure__in=only).values_list(*names).iterator():
            size = len(key._fields)
            yield key(*row[:size]), Sum(row[size], row[size + 1] if len(row) > size + 1 else 0)
    if "standing" in only:
        for *place, count in Standing.objects.filter(district=district).values_list(*Place._fields, "count"):
            yield Place(*place), Sum(count, 0)
