"""Figures of an area over a stretch of days, from the counters.

A panel reads roll-ups only, so its cost does not grow with the history: :func:`values` one row for each figure and day of the area (of
each district for a city), :func:`by_area` the same for each area below, :func:`by_category` one row for each category and day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.cases.queries.views import SOON
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of, in_subtree, subtree
from linli.kernel.errors import Forbidden, Invalid
from linli.kernel.trust import Actor, policy
from linli.metrics import logs, statistics
from linli.metrics.catalogue import DUE_SOON, QUANTILES, Formula, Kind, Metric, Period, metric
from linli.metrics.counting import COMMUNITY_DEPTH
from linli.metrics.models import TOOK, DayFigure, Figure
from linli.territory import queries as territory


@dataclass(frozen=True, slots=True)
class Figures:
    """What an area's work came to.

    Attributes:
        counts: figure → how often; every figure is there.
        resolved_at: level → how many cases were resolved there, in time or late.
        overdue: open cases whose resolution was due in the stretch and is not met.
        unanswered: open cases whose response was due in the stretch and is not met.
        minutes: figure of a clock → minutes summed.
    """

    counts: Mapping[str, int]
    resolved_at: Mapping[str, int] = field(default_factory=dict)
    overdue: int = 0
    unanswered: int = 0
    minutes: Mapping[str, int] = field(default_factory=dict)

    def share(self, part: int, whole: int) -> float | None:
        """A share from 0 to 1; ``None`` of nothing."""
        return part / whole if whole else None

    @property
    def responded_in_time(self) -> float | None:
        """Of the responses that were due, how many came in time; what is owed still counts as late."""
        good, late = self.counts[Figure.RESPONDED_ON_TIME], self.counts[Figure.RESPONDED_LATE]
        return self.share(good, good + late + self.unanswered)

    @property
    def resolved_in_time(self) -> float | None:
        """Of the resolutions that were due, how many came in time; what is owed still counts as late."""
        good, late = self.counts[Figure.RESOLVED_ON_TIME], self.counts[Figure.RESOLVED_LATE]
        return self.share(good, good + late + self.overdue)

    @property
    def satisfied(self) -> float | None:
        """Of the cases closed, how many reporters said that they are content. Not asked and not reached are not content.

        Cases that two people left out with a reason are not counted; none of them was content.
        """
        return self.share(self.counts[Figure.SATISFIED], self.counts[Figure.CLOSED] - self.counts[Figure.EXCLUDED])

    @property
    def reopened(self) -> float | None:
        """Of the cases closed, how many were taken up again."""
        return self.share(self.counts[Figure.REOPENED], self.counts[Figure.CLOSED])

    @property
    def returned(self) -> float | None:
        """Of the cases registered, how many returns there were."""
        return self.share(self.counts[Figure.RETURNED], self.counts[Figure.REGISTERED])


def figures(actor: Actor, area_path: str, *, since: date, until: date) -> Figures:
    """The figures of an area.

    Args:
        area_path: a community's path or one above it; ``5101`` for the city.
        since: the first day.
        until: the day after the last.

    Raises:
        Forbidden: the actor's post does not reach there.
    """
    require(actor, area_path)
    rows = DayFigure.objects.filter(in_subtree("area_path", area_path), day__gte=since, day__lt=until)
    counts = dict.fromkeys(Figure.values, 0)
    minutes: dict[str, int] = dict.fromkeys(
        (Figure.RESPONDED_ON_TIME, Figure.RESPONDED_LATE, Figure.RESOLVED_ON_TIME, Figure.RESOLVED_LATE), 0
    )
    levels: dict[str, int] = {}
    for figure, level, count, spent in rows.values_list("figure", "level").annotate(Sum("count"), Sum("minutes")):
        counts[figure] += count
        if figure in minutes:
            minutes[figure] += spent
        if figure in (Figure.RESOLVED_ON_TIME, Figure.RESOLVED_LATE):
            levels[level] = levels.get(level, 0) + count
    return Figures(
        counts=counts,
        resolved_at=levels,
        overdue=_owed(area_path, "resolution", since, until),
        unanswered=_owed(area_path, "response", since, until),
        minutes=minutes,
    )


def require(actor: Actor, area_path: str) -> None:
    """Refuse figures of an area that the actor's post does not reach.

    Raises:
        Forbidden: it does not reach there.
    """
    if not policy.allows(actor, "figures.view", policy.Spot(area_path)):
        raise Forbidden("figures.not_yours", _("These figures are of another area."))


_OWED = """
SELECT count(*) FROM cases_case c
JOIN kernel_deadline d ON d.district = c.district AND d.subject_id = c.id AND d.kind = %(kind)s
     AND d.state = 'running' AND d.due_at >= %(since)s AND d.due_at < %(until)s
WHERE c.is_open AND c.due_at < %(until)s AND c.area_path >= %(low)s AND c.area_path < %(high)s
"""


def _owed(area_path: str, kind: str, since: date, until: date) -> int:
    """Open cases of an area whose clock of a kind ran out in the stretch: a range of what is open, not of what ever was."""
    low, high = subtree(area_path)
    sql = _OWED
    values: dict[str, Any] = {
        "kind": kind,
        "since": midnight(since),
        "until": min(midnight(until), time.now()),
        "low": low,
        "high": high,
    }
    if len(area_path) >= 6:
        sql += " AND c.district = %(district)s"
        values["district"] = area_path[:6]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0])


DAY = timedelta(days=1)


def midnight(day: date) -> datetime:
    """The moment at which a day begins where the city is."""
    return datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE)


def today_and_before(days: int) -> tuple[date, date]:
    """The last ``days`` days, today among them, as (since, until)."""
    until = time.today() + timedelta(days=1)
    return until - timedelta(days=days), until


@dataclass(frozen=True, slots=True)
class AsOf:
    """How far the figures go.

    Attributes:
        at: the moment up to which the reader of events has come: everything before it is counted.
        whole: whether every figure has its whole history; not so while one that is new is being back-filled.
    """

    at: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A metric of an area over a period.

    Attributes:
        numerator: of a mean the minutes, of a median or the like how many are done; ``None`` where the group is hidden.
        denominator: of a count or state 0.
        value: of a rate the share, 0 to 1; of a mean, a median or the like the minutes; ``None`` where the group is hidden, there is none,
            or too many are owed still to say it.
        hidden: whether the group is smaller than :attr:`~linli.metrics.catalogue.Metric.smallest`.
        low: the lower end of the 95 % interval of a rate.
        high: its upper end.
    """

    metric: Metric
    numerator: int | None
    denominator: int
    value: Decimal | None
    hidden: bool
    low: Decimal | None
    high: Decimal | None
    as_of: datetime
    whole: bool = True


@dataclass(frozen=True, slots=True)
class AreaValue:
    """A metric of one of several areas, with the places between which it stands among them; ``None`` where nothing can be said."""

    path: str
    name: str
    value: Value
    rank_from: int | None
    rank_to: int | None


@dataclass(frozen=True, slots=True)
class DayValue:
    """A metric on one day."""

    day: date
    value: Value


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How often a figure was counted for a category."""

    code: str
    name: str
    count: int


Sums = Mapping[str, tuple[int, int]]
"""Figure → (count, minutes)."""


def values(actor: Actor, area_path: str, period: Period, ids: Iterable[str]) -> dict[str, Value]:
    """Metrics of an area, by their ids, in the order in which they are asked for.

    Args:
        area_path: a city (``5101``), district, subdistrict or community.

    Raises:
        Forbidden: the actor's post does not reach there.
        NotFound: the catalogue does not have one of them.
        Invalid: the area lies below the community.
    """
    require(actor, area_path)
    wanted = [metric(one) for one in ids]
    paths, as_of = rolled(area_path), as_of_area(area_path)
    sums = _sums(paths, _figures(wanted), period).get("", {})
    states = _standing(paths, _states(wanted)).get("", {})
    if any(DUE_SOON in one.figures for one in wanted):
        states[DUE_SOON] = _due_soon(area_path)
    return {one.id: _value(one, states if one.kind == Kind.STATE else sums, as_of) for one in wanted}


def by_area(actor: Actor, area_path: str, period: Period, metric_id: str) -> list[AreaValue]:
    """A metric of each area one level below, by path; empty for a community: grids have no figures of their own.

    Raises:
        Forbidden, NotFound, Invalid: as :func:`values`.
    """
    require(actor, area_path)
    wanted = metric(metric_id)
    rolled(area_path)
    if area_path.count("/") + 1 >= COMMUNITY_DEPTH:
        return []
    below = territory.choices(area_path)
    paths, as_of = [path for path, _name in below], as_of_area(area_path)
    found: Mapping[str, Sums | dict[str, tuple[int, int]]]
    if wanted.kind != Kind.STATE:
        found = _sums(paths, wanted.figures, period, by="path")
    elif DUE_SOON in wanted.figures:
        found = {path: {DUE_SOON: (_due_soon(path)[0], 0)} for path in paths}
    else:
        found = _standing(paths, wanted.figures, by="path")
    some = [_value(wanted, found.get(path, {}), as_of) for path in paths]
    places = _places(wanted, some)
    return [
        AreaValue(path, name, value, *(place or (None, None)))
        for (path, name), value, place in zip(below, some, places, strict=True)
    ]


def series(actor: Actor, area_path: str, period: Period, metric_id: str) -> list[DayValue]:
    """A metric of an area day by day, days without anything among them; nothing for a state, which is only known of now.

    Raises:
        Forbidden, NotFound, Invalid: as :func:`values`.
    """
    require(actor, area_path)
    wanted = metric(metric_id)
    paths = rolled(area_path)
    if wanted.kind == Kind.STATE:
        return []
    found, as_of = _sums(paths, wanted.figures, period, by="day"), as_of_area(area_path)
    days = [period.first + timedelta(days=n) for n in range(period.days)]
    return [DayValue(day, _value(wanted, found.get(day, {}), as_of)) for day in days]


def by_category(
    actor: Actor, area_path: str, period: Period, figure: str = Figure.REPORTED, most: int = 12
) -> list[CategoryCount]:
    """How often a figure was counted for each category, the commonest first.

    Args:
        figure: one of :class:`~linli.metrics.models.Figure`.

    Raises:
        Forbidden, Invalid: as :func:`values`; the figure is none.
    """
    require(actor, area_path)
    if figure not in Figure.values:
        raise Invalid("figures.no_figure", _("There is no such figure."), field="figure")
    paths = rolled(area_path)
    rows = _categories(paths, figure, period, most, near=area_path.count("/") + 1 >= COMMUNITY_DEPTH)
    known = catalog.current(district="" if len(area_path) < DISTRICT_LENGTH else district_of(area_path))
    language = get_language() or "zh"
    return [
        CategoryCount(code, entry.called(language) if (entry := known.get(code)) else code, count)
        for code, count in rows
    ]


def states(actor: Actor, area_path: str) -> dict[str, int]:
    """How many open cases of an area stand in each state now; states without any are left out.

    Raises:
        Forbidden, Invalid: as :func:`values`.
    """
    require(actor, area_path)
    found = _standing(rolled(area_path), State.values).get("", {})
    return {state: count for state, (count, _minutes) in found.items() if count}


def as_of_area(area_path: str) -> AsOf:
    """How far the figures of an area go; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _AS_OF, {"consumer": logs.NAME, "districts": sorted({district_of(path) for path in rolled(area_path)})}
        )
        behind, whole = cursor.fetchone()
    return AsOf(behind or time.now(), whole)


_BEHIND: Mapping[str, Mapping[str, str]] = {
    "late_now": {"view": "late"},
    "response_late_now": {"view": "late"},
    "resolution_open_late": {"view": "late"},
    "response_open_late": {"view": "late"},
    "resolution_on_time": {"view": "late"},
    "response_on_time": {"view": "late"},
    "due_soon": {"view": "soon"},
    "open_now": {"view": "open"},
    "calls_waiting_now": {"view": "open", "state": "called"},
    "to_accept_now": {"view": "open", "state": "submitted"},
    "to_verify_now": {"view": "open", "state": "disposed"},
    "to_call_back_now": {"view": "open", "state": "verified"},
    "suspended_now": {"view": "open", "state": "suspended"},
}


def behind(metric_id: str, area_path: str, period: Period) -> dict[str, str]:
    """The query of the desk's list that shows the cases behind a figure; empty where no list does. The API says ``area_path`` for ``area``.

    For a rate it is the cases that are owed still. The lists know no days yet: ``period`` is what they will be narrowed to.

    Raises:
        NotFound: the catalogue does not have it.
    """
    found = _BEHIND.get(metric(metric_id).id)
    return {**found, "area": area_path} if found else {}


def rolled(area_path: str) -> list[str]:
    """The areas whose roll-ups add up to an area: itself, or the districts of a city.

    Raises:
        Invalid: it lies below the community.
    """
    if area_path.count("/") >= COMMUNITY_DEPTH:
        raise Invalid(
            "figures.too_deep",
            _("Figures are kept down to the community."),
            field="area_path",
            mend=_("Ask for the community that it lies in."),
        )
    if len(area_path) >= DISTRICT_LENGTH:
        return [area_path]
    return [path for path, _name in territory.choices(area_path, level="district")]


def _figures(wanted: Iterable[Metric]) -> frozenset[str]:
    return frozenset(name for one in wanted if one.kind != Kind.STATE for name in one.figures)


def _states(wanted: Iterable[Metric]) -> frozenset[str]:
    return frozenset(name for one in wanted if one.kind == Kind.STATE for name in one.figures)


# From the areas to their rows, so that a city reads the rows of its districts and nothing between them.
_SUMS = """
SELECT {by}, a.figure, sum(a.count)::bigint, sum(a.minutes)::bigint
FROM unnest(%(paths)s::text[]) AS v (path)
JOIN {table} a ON a.district = left(v.path, 6) AND a.area_path = v.path AND a.figure = ANY(%(figures)s)
     AND a.{column} BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2
"""
_BY = {"": "''", "path": "a.area_path", "day": "a.day"}
_STANDING = """
SELECT {by}, a.state, sum(a.count)::bigint, 0
FROM unnest(%(paths)s::text[]) AS v (path)
JOIN metrics_standing a ON a.district = left(v.path, 6) AND a.area_path = v.path AND a.state = ANY(%(states)s)
GROUP BY 1, 2
"""
_BY_CATEGORY = """
SELECT a.category, sum(a.count)::bigint AS n
FROM unnest(%(paths)s::text[]) AS v (path)
JOIN {table} a ON a.district = left(v.path, 6) AND a.area_path = v.path AND a.figure = %(figure)s
     AND a.{column} BETWEEN %(first)s AND %(last)s
GROUP BY 1 HAVING sum(a.count) > 0 ORDER BY n DESC, 1 LIMIT %(most)s
"""
_AS_OF = """
SELECT min(n.at), coalesce(bool_and(NOT EXISTS (
    SELECT 1 FROM metrics_backfill b WHERE b.district = k.district AND b.done_at IS NULL)), true)
FROM kernel_cursor k
LEFT JOIN LATERAL (
    SELECT e.at FROM kernel_event e WHERE e.district = k.district AND (e.xid, e.id) > (k.xid, k.event_id)
    ORDER BY e.xid, e.id LIMIT 1) AS n ON true
WHERE k.consumer = %(consumer)s AND k.district = ANY(%(districts)s)
"""
_DUE_SOON = """
SELECT count(*) FROM unnest(%(districts)s::text[]) AS v (district)
JOIN cases_case c ON c.district = v.district AND c.is_open AND c.due_at > %(now)s AND c.due_at <= %(soon)s
     AND c.area_path >= %(low)s AND c.area_path < %(high)s
"""


def _sums(
    paths: Sequence[str], figures: Collection[str], period: Period, *, by: str = ""
) -> dict[Any, dict[str, tuple[int, int]]]:
    if not figures or not paths:
        return {}
    found: dict[Any, dict[str, tuple[int, int]]] = {}
    for table, column, days in _stretches("area", period, by_day=by == "day"):
        values: dict[str, Any] = {"paths": list(paths), "figures": sorted(figures), **days}
        for group, sums in _read(_SUMS.format(by=_BY[by], table=table, column=column), values).items():
            kept = found.setdefault(group, {})
            for name, (count, minutes) in sums.items():
                before = kept.get(name, (0, 0))
                kept[name] = (before[0] + count, before[1] + minutes)
    return found


def _stretches(of: str, period: Period, *, by_day: bool) -> list[tuple[str, str, dict[str, date]]]:
    """The tables that a period is read from, each with its column and a stretch of it.

    Days before the first whole month and after the last one are read day by day, the months between as they were rolled up. Each
    stretch is a statement of its own: of several in one the whole year would be read and most of it thrown away.
    """
    months = None if by_day else period.months()
    days, whole = f"metrics_{of}day", f"metrics_{of}month"
    if months is None:
        return [(days, "day", {"first": period.first, "last": period.last})]
    first, over = months
    edges = [(period.first, first - DAY), (over, period.last)]
    found = [(days, "day", {"first": begin, "last": end}) for begin, end in edges if begin <= end]
    return [*found, (whole, "month", {"first": first, "last": over - DAY})]


def _categories(paths: Sequence[str], figure: str, period: Period, most: int, *, near: bool) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    stretches = list(_stretches("category", period, by_day=False))
    for table, column, days in stretches:
        # Communities have no roll-up of their days by category; their counters are as few.
        table = "metrics_dayfigure" if near and column == "day" else table
        limit = most if len(stretches) == 1 else None
        values: dict[str, Any] = {"paths": list(paths), "figure": str(figure), "most": limit, **days}
        with connection.cursor() as cursor:
            cursor.execute(_BY_CATEGORY.format(table=table, column=column), values)
            for code, count in cursor.fetchall():
                counts[code] += count
    return sorted(((code, n) for code, n in counts.items() if n > 0), key=lambda one: (-one[1], one[0]))[:most]


def _standing(paths: Sequence[str], names: Collection[str], *, by: str = "") -> dict[Any, dict[str, tuple[int, int]]]:
    if not names or not paths:
        return {}
    return _read(_STANDING.format(by=_BY[by]), {"paths": list(paths), "states": sorted(names)})


def _read(sql: str, parameters: Mapping[str, Any]) -> dict[Any, dict[str, tuple[int, int]]]:
    found: dict[Any, dict[str, tuple[int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        for group, name, count, minutes in cursor.fetchall():
            found.setdefault(group, {})[name] = (count, minutes)
    return found


def _due_soon(area_path: str) -> tuple[int, int]:
    low, high = subtree(area_path)
    now = time.now()
    districts = sorted({district_of(path) for path in rolled(area_path)})
    with connection.cursor() as cursor:
        cursor.execute(_DUE_SOON, {"districts": districts, "now": now, "soon": now + SOON, "low": low, "high": high})
        return int(cursor.fetchone()[0]), 0


_SHARE = Decimal("0.0001")
_MINUTES = Decimal("0.1")


def _value(wanted: Metric, sums: Sums, as_of: AsOf) -> Value:
    """A metric from the sums of its figures."""
    mean = wanted.kind == Kind.MEAN_MINUTES
    part: int | None = _sum(wanted.numerator, sums, 1 if mean else 0)
    whole = _sum(wanted.denominator, sums, 0)
    found = low = high = None
    hidden = bool(wanted.denominator) and 0 < whole < wanted.smallest
    if hidden:
        part = None
    if part is not None and not wanted.denominator:
        found = Decimal(part)
    elif part is not None and wanted.kind in QUANTILES:
        found = _within(QUANTILES[wanted.kind], sums, whole - part)
    elif part is not None and whole > 0:
        found = (Decimal(part) / whole).quantize(_MINUTES if mean else _SHARE)
        if not mean and 0 <= part <= whole:
            low, high = (Decimal(end).quantize(_SHARE) for end in statistics.wilson(part, whole))
    return Value(
        metric=wanted, numerator=part, denominator=whole, value=found, hidden=hidden, low=low, high=high,
        as_of=as_of.at, whole=as_of.whole,
    )  # fmt: skip


def _within(share: Decimal, sums: Sums, owed: int) -> Decimal | None:
    """Within how many minutes a share was resolved. The longest range ends where it would if its values lay evenly about their mean."""
    counts = [sums.get(figure, (0, 0)) for figure in TOOK]
    longest = next(minutes for minutes in reversed(list(TOOK.values())) if minutes is not None)
    count, minutes = counts[-1]
    end = max(longest, 2 * minutes / count - longest) if count > 0 else longest
    limits = [float(most if most is not None else end) for most in TOOK.values()]
    found = statistics.quantile(
        float(share), [max(0, count) for count, _minutes in counts], limits, longer=max(0, owed)
    )
    return None if found is None else Decimal(found).quantize(_MINUTES)


def _sum(formula: Formula, sums: Sums, which: int) -> int:
    return sum(sign * sums.get(name, (0, 0))[which] for sign, name in formula)


def _places(wanted: Metric, some: Sequence[Value]) -> list[tuple[int, int] | None]:
    if not wanted.better:
        return [None] * len(some)
    intervals = [None if one.low is None or one.high is None else (float(one.low), float(one.high)) for one in some]
    return statistics.places(intervals, more_is_better=wanted.better == "more")
