"""What everybody may know of the work in an area: counts and rates of the catalogue's public metrics, and the commonest kinds.

Nothing of people, nothing of single cases: a rate or mean of a small group is hidden as everywhere, a kind that came in less than
:data:`LEAST` times and every kind that touches a household or a person is only among the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from linli.catalog import queries as catalog
from linli.catalog.models import Sensitivity
from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of
from linli.kernel.trust import SYSTEM
from linli.metrics import queries
from linli.metrics.catalogue import Metric, Period, metrics
from linli.metrics.models import Figure
from linli.metrics.queries import CategoryCount, Value

PUBLIC = "public"
"""Among a metric's levels: everybody may read it."""
LEAST = 5
MOST_KINDS = 8
ALL_KINDS = 500
WEEKS = 12
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """What came in and what was closed in seven days."""

    first: date
    last: date
    reported: int
    closed: int


@dataclass(frozen=True, slots=True)
class Edition:
    """The figures of an area for everybody.

    Attributes:
        before: the same metrics over as many days before; states have none.
        others: how many cases were of kinds that are not named.
    """

    area_path: str
    period: Period
    values: Mapping[str, Value]
    before: Mapping[str, Value]
    weeks: list[Week]
    kinds: list[CategoryCount]
    others: int


def shown() -> list[Metric]:
    """The metrics that everybody may read, in the order of the catalogue."""
    return [one for one in metrics().values() if PUBLIC in one.levels]


def edition(area_path: str) -> Edition:
    """The last thirty days of an area, with twelve weeks of what came in and was closed.

    Args:
        area_path: a city, district, subdistrict or community.

    Raises:
        Invalid: the area lies below the community.
    """
    period, ids = Period.month(), [one.id for one in shown()]
    kinds, others = _kinds(area_path, period)
    return Edition(
        area_path=area_path,
        period=period,
        values=queries.values(SYSTEM, area_path, period, ids),
        before=queries.values(SYSTEM, area_path, period.before(), ids),
        weeks=_weeks(area_path),
        kinds=kinds,
        others=others,
    )


def _kinds(area_path: str, period: Period) -> tuple[list[CategoryCount], int]:
    known = catalog.current(district="" if len(area_path) < DISTRICT_LENGTH else district_of(area_path))
    found = queries.by_category(SYSTEM, area_path, period, Figure.REPORTED, most=ALL_KINDS)
    named = [
        one
        for one in found
        if one.count >= LEAST and (entry := known.get(one.code)) and entry.sensitivity == Sensitivity.NORMAL
    ][:MOST_KINDS]
    return named, sum(one.count for one in found) - sum(one.count for one in named)


def _weeks(area_path: str) -> list[Week]:
    last = time.today()
    period = Period(last - WEEKS * _WEEK + timedelta(days=1), last)
    counts = {
        name: {one.day: int(one.value.value or 0) for one in queries.series(SYSTEM, area_path, period, name)}
        for name in ("reported", "closed")
    }
    firsts = [period.first + n * _WEEK for n in range(WEEKS)]
    return [
        Week(first, first + timedelta(days=6), *(_sum(of_days, first) for of_days in counts.values()))
        for first in firsts
    ]


def _sum(counts: Mapping[date, int], first: date) -> int:
    return sum(counts.get(first + timedelta(days=n), 0) for n in range(7))
