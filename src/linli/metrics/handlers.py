"""The reader of events that keeps the counters.

The cursor of a consumer moves in the transaction in which its handler writes (:mod:`linli.kernel.events`), so each event is counted
exactly once as long as the handler writes through the same connection and nothing else; that is all it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from linli.kernel import events, ids
from linli.kernel.events import Happened
from linli.metrics.counting import Key, Sum, Tally, step_of_event

NAME = "metrics.cases"

_ADD = """
INSERT INTO metrics_dayfigure (id, district, area_path, category, level, figure, day, count, minutes)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::bigint[], %s::bigint[])
ON CONFLICT (district, area_path, day, figure, category, level)
DO UPDATE SET count = metrics_dayfigure.count + EXCLUDED.count, minutes = metrics_dayfigure.minutes + EXCLUDED.minutes
"""


@events.consumer(NAME, "case.")
def on_cases(batch: Sequence[Happened]) -> None:
    """Count what happened to cases."""
    tally = Tally()
    for event in batch:
        if event.subject_type == "case":
            tally.add(
                step_of_event(
                    district=event.district, area_path=event.area_path, kind=event.kind, at=event.at, data=event.data
                )
            )
    add(tally.items())


def add(items: Iterable[tuple[Key, Sum]]) -> None:
    """Add counters to those that there are, in one statement."""
    rows = list(items)
    if not rows:
        return
    columns = [
        [ids.new_id() for _row in rows],
        *(
            [getattr(key, name) for key, _sum in rows]
            for name in ("district", "area_path", "category", "level", "figure", "day")
        ),
        [value.times for _key, value in rows],
        [value.minutes for _key, value in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, columns)
