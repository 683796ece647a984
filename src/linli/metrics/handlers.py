"""The reader of events that keeps the counters.

The cursor of a consumer moves in the transaction in which its handler writes (:mod:`linli.kernel.events`), so each event is counted
exactly once as long as the handler writes through the same connection and nothing else; that is all it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from linli.kernel import events, live
from linli.kernel.events import Happened
from linli.metrics import backfilling, keeping, logs
from linli.metrics.counting import Tally, community_of, step_of_event
from linli.metrics.course import MOVES, stood


@events.consumer(logs.NAME, "case.")
def on_cases(batch: Sequence[Happened]) -> None:
    """Count what happened to cases."""
    told = sorted((one for one in batch if one.subject_type == "case"), key=lambda one: one.district)
    for district, of_district in groupby(told, key=lambda one: one.district):
        backfilling.begin(district)
        tally, events_of = Tally(), list(of_district)
        _count(tally, district, events_of)
        keeping.add(tally)
        live.publish(live.Counted(path) for path in sorted({community_of(event.area_path) for event in events_of}))


def _count(tally: Tally, district: str, batch: Sequence[Happened]) -> None:
    later = {event.subject_id for event in batch if event.sequence > 1}
    moved = {event.subject_id for event in batch if event.kind.partition(".")[2] in MOVES}
    followed = logs.followed(district, later, moved) if later else {}
    for event in batch:
        step = step_of_event(
            district=event.district, area_path=event.area_path, kind=event.kind, at=event.at, data=event.data
        )
        tally.add(step)
        if turn := followed.get((event.subject_id, event.sequence)):
            turn.into(tally, step=False)
        else:
            for place, times in stood(step):
                tally.stand(place, times)
