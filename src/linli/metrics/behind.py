"""The cases behind a figure: which ones it counts, each with what it adds to the part and to the whole.

The counters keep sums and no names, so the cases are found again in the log: those with a step or a clock that can have counted in the
days are read whole and counted once more by the same rules. What is listed therefore adds up to the figure, and a test holds it to that.
The log of a whole district is never read for it: above the subdistrict, and where a figure is of more than :data:`MOST`, the areas below
are named with their figures instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from linli.cases.models import Case
from linli.cases.queries.finding import visible
from linli.kernel.db import district_of, subtree
from linli.kernel.trust import Actor
from linli.metrics import logs, queries
from linli.metrics.catalogue import Formula, Kind, Metric, Period
from linli.metrics.counting import ARRIVING, CLOCKS, COMMUNITY_DEPTH, PLAIN, SAID, Key, Sum, Tally
from linli.metrics.course import MOVES, OWED
from linli.metrics.models import TOOK, Figure
from linli.metrics.queries import AreaValue, Value, midnight

MOST = 2_000
"""A figure of more than these is told by the areas below."""
SUBDISTRICT_DEPTH = COMMUNITY_DEPTH - 1
LONGEST_LEAD = timedelta(days=366)
"""A case closed longer before the first day counts on none: no clock, however often it got more time, is due a year after its end."""
_AT_ONCE = 500
"""The logs of so many cases are read at a time."""
_TIMED = frozenset(
    {*(figure for pair in CLOCKS.values() for figure in pair), *OWED.values(), *TOOK, Figure.RESOLVED_LAST_HOURS}
)

_STEPS: dict[str, tuple[str, ...]] = {
    **{figure: (kind,) for kind, figure in PLAIN.items()},
    **dict.fromkeys(SAID.values(), ("feedback",)),
    Figure.VERIFIED: ("verify",),
    Figure.VERIFICATION_FAILED: ("verify",),
    Figure.REPEATED: ("register",),
    Figure.NOT_ASKED: ("close",),
    Figure.CLOSED_NEAR: ("close",),
    Figure.RETURNED_VALIDLY: ("decide_return", "dispatch", "call"),
}
"""The steps by which a figure can come to count on the day on which they happen."""

_CASES = """
SELECT DISTINCT l.case_id
FROM cases_case c JOIN cases_logentry l ON l.district = c.district AND l.case_id = c.id
WHERE c.district = %(district)s AND c.reported_at < %(until)s AND (c.closed_at IS NULL OR c.closed_at >= %(closed)s)
  AND (c.area_path >= %(low)s AND c.area_path < %(high)s OR EXISTS (
       SELECT 1 FROM cases_logentry m WHERE m.district = c.district AND m.case_id = c.id AND m.kind = ANY(%(moves)s)))
  AND ({counted})
"""
_HAPPENED = (
    "l.at >= %(since)s AND l.at < %(until)s"
    " AND (l.kind = ANY(%(steps)s) OR l.to_state = ANY(%(states)s) AND l.from_state <> l.to_state)"
)
_RAN_OUT = (
    "l.kind = 'late' AND (l.data->>'due_at')::timestamptz >= %(since)s AND (l.data->>'due_at')::timestamptz < %(until)s"
    " OR EXISTS (SELECT 1 FROM jsonb_each(l.data->'clocks') k"
    " WHERE (k.value->>1)::timestamptz >= %(since)s AND (k.value->>1)::timestamptz < %(until)s)"
)
_LEFT_OUT = "l.kind = 'decide_exclusion' AND l.at >= %(since)s"


@dataclass(frozen=True, slots=True)
class Counted:
    """A case that a figure counts.

    Attributes:
        day: the last day of the period on which it counts.
        part: what it adds to the numerator; of a mean the minutes.
        whole: what it adds to the denominator; 0 where the metric has none.
        minutes: of what was timed, how long it took.
    """

    case: Case
    day: date
    part: int
    whole: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a figure.

    Attributes:
        value: the figure itself.
        cases: those that the actor may see, the last day first; empty where ``areas`` tell it.
        unseen: how many more there are that the actor may not see.
        areas: the areas below with their figures, where the cases are too many for a list.
    """

    value: Value
    cases: Sequence[Counted]
    unseen: int
    areas: Sequence[AreaValue]


def behind(actor: Actor, metric_id: str, area_path: str, period: Period) -> Behind:
    """What stands behind a metric of an area: its cases, or the areas below where they are many.

    A state has no days; the desk's lists show its cases (:func:`~linli.metrics.queries.behind`), so none are named here.

    Raises:
        Forbidden: the actor's post does not reach there.
        NotFound: the catalogue does not have the metric.
        Invalid: the area lies below the community.
    """
    value = queries.values(actor, area_path, period, [metric_id])[metric_id]
    if value.metric.kind == Kind.STATE:
        return Behind(value, (), 0, queries.by_area(actor, area_path, period, metric_id))
    if area_path.count("/") + 1 < SUBDISTRICT_DEPTH or _many(value):
        below = queries.by_area(actor, area_path, period, metric_id)
        if below:
            return Behind(value, (), 0, below)
    found = _counted(value.metric, area_path, period)
    seen = visible(actor).filter(district=district_of(area_path)).in_bulk(list(found))
    cases = [Counted(seen[one], *told) for one, told in found.items() if one in seen]
    cases.sort(key=lambda one: (one.day, one.case.number), reverse=True)
    return Behind(value, cases, len(found) - len(cases), ())


def _many(value: Value) -> bool:
    return max(value.denominator, 0 if value.metric.kind == Kind.MEAN_MINUTES else value.numerator or 0) > MOST


def _counted(wanted: Metric, area_path: str, period: Period) -> dict[UUID, tuple[date, int, int, int]]:
    """By case: the last day on which it counts, what it adds to the part and to the whole, and the minutes of the part."""
    low, high = subtree(area_path)
    mean = wanted.kind == Kind.MEAN_MINUTES
    found: dict[UUID, tuple[date, int, int, int]] = {}
    for case_id, sums in _sums(wanted, area_path, period):
        kept = {key: one for key, one in sums if low <= key.area_path < high and period.first <= key.day <= period.last}
        part, whole = _added(wanted.numerator, kept, mean=mean), _added(wanted.denominator, kept, mean=False)
        if any(any(one) for one in kept.values()):
            found[case_id] = max(key.day for key in kept), part, whole, _added(wanted.numerator, kept, mean=True)
    return found


def _added(formula: Formula, kept: dict[Key, Sum], *, mean: bool) -> int:
    signs = {name: sign for sign, name in formula}
    return sum(signs.get(key.figure, 0) * (one.minutes if mean else one.times) for key, one in kept.items())


def _sums(wanted: Metric, area_path: str, period: Period) -> Iterator[tuple[UUID, list[tuple[Key, Sum]]]]:
    district = district_of(area_path)
    candidates = sorted(_candidates(wanted, area_path, period))
    for start in range(0, len(candidates), _AT_ONCE):
        tallies: dict[UUID, Tally] = {}
        for case_id, turn in logs.of_cases(district, candidates[start : start + _AT_ONCE]):
            turn.into(tallies.setdefault(case_id, Tally(wanted.figures)))
        for case_id, tally in tallies.items():
            yield case_id, tally.items()


def _candidates(wanted: Metric, area_path: str, period: Period) -> list[UUID]:
    """The cases that can have counted; some that do not are among them."""
    low, high = subtree(area_path)
    figures = wanted.figures
    values: dict[str, Any] = {
        "district": district_of(area_path), "low": low, "high": high, "moves": sorted(MOVES),
        "since": midnight(period.first), "until": midnight(period.last) + queries.DAY, "closed": midnight(period.first) - LONGEST_LEAD,
        "steps": sorted({step for figure in figures for step in _STEPS.get(figure, ())}),
        "states": sorted(state for state, figure in ARRIVING.items() if figure in figures),
    }  # fmt: skip
    ways = [_HAPPENED] if values["steps"] or values["states"] else []
    ways += [_RAN_OUT] if figures & _TIMED else []
    ways += [_LEFT_OUT] if Figure.EXCLUDED in figures else []
    with connection.cursor() as cursor:
        cursor.execute(_CASES.format(counted=" OR ".join(ways)), values)
        return [row[0] for row in cursor.fetchall()]
