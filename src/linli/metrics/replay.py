"""A day hour by hour, from the case log: what came in, what was closed, what ran late, in each of the areas below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as hour_of_day
from typing import Any

from django.db import connection

from linli.kernel import ids, time
from linli.kernel.db import DISTRICT_LENGTH, subtree
from linli.kernel.trust import Actor
from linli.metrics.queries import COMMUNITY_DEPTH, require, rolled

HOURS = 24
STEPS: Mapping[str, str] = {"reported": "report", "closed": "close", "late": "late"}
"""What is counted, and the kind of the log's entries that it counts."""
_SLACK = timedelta(minutes=2)
"""An id is made before its entry's moment, and may run ahead of it by a minute (:mod:`linli.kernel.ids`)."""

# Ids begin with the moment at which they were made: a day of the log is a range of its primary key, in all districts together.
_DAY = """
SELECT array_to_string((string_to_array(c.area_path, '/'))[1:%(depth)s], '/'), l.kind,
    extract(hour FROM l.at AT TIME ZONE %(zone)s)::int, count(*)
FROM cases_logentry l JOIN cases_case c ON c.district = l.district AND c.id = l.case_id
WHERE l.id >= %(low_id)s AND l.id < %(high_id)s AND l.at >= %(begin)s AND l.at < %(end)s AND l.kind = ANY(%(kinds)s)
  AND l.district = ANY(%(districts)s) AND c.area_path >= %(low)s AND c.area_path < %(high)s
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Hours:
    """What happened in an area in each hour of a day: 24 numbers for each of :data:`STEPS`."""

    path: str
    counts: Mapping[str, tuple[int, ...]]

    def until(self, step: str, hour: int) -> int:
        """How often it had happened by the end of an hour, 1 to 24; 0 is midnight."""
        return sum(self.counts[step][:hour])


def day(actor: Actor, area_path: str, on: date) -> dict[str, Hours]:
    """The areas below an area in which anything happened on a day, by their paths; of a community its micro-grids and dedicated grids.

    Args:
        area_path: a city, district, subdistrict or community.

    Raises:
        Forbidden: the actor's post does not reach there.
        Invalid: the area lies below the community.
    """
    require(actor, area_path)
    districts = sorted({path[:DISTRICT_LENGTH] for path in rolled(area_path)})
    begin = datetime.combine(on, hour_of_day(), time.LOCAL_ZONE)
    end = begin + timedelta(days=1)
    low, high = subtree(area_path)
    near = area_path.count("/") + 1 >= COMMUNITY_DEPTH
    depth = 1 if len(area_path) < DISTRICT_LENGTH else area_path.count("/") + 2
    values: dict[str, Any] = {
        "depth": 9 if near else depth, "zone": str(time.LOCAL_ZONE), "kinds": list(STEPS.values()), "districts": districts,
        "low_id": ids.first_at(begin - _SLACK), "high_id": ids.first_at(end + _SLACK), "begin": begin, "end": end,
        "low": low, "high": high,
    }  # fmt: skip
    names = {kind: name for name, kind in STEPS.items()}
    found: dict[str, dict[str, list[int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DAY, values)
        for path, kind, hour, count in cursor.fetchall():
            counts = found.setdefault(path, {name: [0] * HOURS for name in STEPS})
            counts[names[kind]][hour] += count
    return {path: Hours(path, {name: tuple(told) for name, told in counts.items()}) for path, counts in found.items()}
