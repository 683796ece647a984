"""What stands out in an area and wants to be looked at: with its cases, and without blame.

Four kinds: a place to which the same matter comes back after closing; a category that swells; an organisation that returns more than
others; resolutions that crowd into the last hours. The rules are in :mod:`linli.metrics.unusual`. Unlike figures these read cases, of
the period that is asked for only (:data:`LONGEST_DAYS`), so they are asked for and never part of a panel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.cases.models import Approval, ApprovalKind, Case, OrderKind
from linli.cases.queries import OPENED_BEFORE, REPEATS_WITHIN
from linli.cases.queries.finding import visible
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import ids
from linli.kernel.db import DISTRICT_LENGTH, district_of, in_subtree, subtree
from linli.kernel.trust import Actor
from linli.metrics import unusual
from linli.metrics.catalogue import Period
from linli.metrics.counting import COMMUNITY_DEPTH, LAST_HOURS
from linli.metrics.models import AreaDay, CategoryDay, DayFigure, Figure
from linli.metrics.queries import midnight, require, rolled
from linli.metrics.unusual import WEEKS, Outlier
from linli.people.models import Organisation
from linli.territory import queries as territory

LONGEST_DAYS = 31
"""Of a longer period the last days are looked at."""
REPEATS = 2
"""From so many repeats at one place on."""
MOST = 12
MOST_CASES = 20
WEEK = 7


class Kind(StrEnum):
    """What stands out."""

    REPEATS = "repeats"
    SWELLING = "swelling"
    RETURNS = "returns"
    CLOSING_RUSH = "closing_rush"


WORDS = {
    Kind.REPEATS: _(
        "%(name)s came back %(seen)d times within thirty days of a closing in %(place)s. Perhaps the cause is still there."
    ),
    Kind.SWELLING: _(
        "%(seen)d reports of %(name)s in a week; the weeks before had %(expected)s each. Perhaps something new happens there."
    ),
    Kind.RETURNS: _(
        "%(name)s returned %(seen)d dispatches; at the others' share it would be %(expected)s. Perhaps they were meant for somebody else."
    ),
    Kind.CLOSING_RUSH: _(
        "%(seen)d resolutions in %(name)s came in the last two hours before they were due; at its own past share it would be "
        "%(expected)s. Perhaps the limit is too short."
    ),
}


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that stands out.

    Attributes:
        area_path: where.
        subject: the code of a category, the id of an organisation, or the path of an area.
        expected: how many one would expect.
        chance: that so many would come by chance; ``None`` where nothing is tested.
        cases: those behind it that the actor may see, the newest first, at most :data:`MOST_CASES`.
    """

    kind: Kind
    area_path: str
    subject: str
    name: str
    seen: int
    expected: Decimal
    chance: float | None
    cases: tuple[Case, ...]

    def words(self) -> str:
        """What is seen, and what one may look for; it blames nobody."""
        told = {
            "name": self.name, "seen": self.seen, "expected": self.expected, "place": territory.full_name(self.area_path),
        }  # fmt: skip
        return str(WORDS[self.kind]) % told


def anomalies(actor: Actor, area_path: str, period: Period) -> list[Anomaly]:
    """What stands out in an area, kind by kind, the most telling first.

    Repeats and returns are looked for within a district; for a city only what the roll-ups tell.

    Raises:
        Forbidden, Invalid: as :func:`linli.metrics.queries.values`.
    """
    require(actor, area_path)
    rolled(area_path)
    last = Period(max(period.first, period.last - timedelta(days=LONGEST_DAYS - 1)), period.last)
    found = swelling(actor, area_path, last.last) + closing_rush(actor, area_path, last)
    if len(area_path) >= DISTRICT_LENGTH:
        found = repeats(actor, area_path, last) + found + returns(actor, area_path, last)
    return found


_REPEATS = """
SELECT c.area_path, c.category, count(*), array_agg(c.id ORDER BY c.reported_at DESC)
FROM cases_case c
WHERE c.district = %(district)s AND c.area_path >= %(low)s AND c.area_path < %(high)s
  AND c.reported_at >= %(first)s AND c.reported_at < %(until)s AND c.located <> 'unplaced'
  AND c.sensitivity <> 'restricted' AND c.state <> ALL(%(hidden)s)
  AND EXISTS (
      SELECT 1 FROM cases_case p
      WHERE p.district = c.district AND p.area_path = c.area_path AND p.category = c.category AND p.id <> c.id
        AND p.reported_at >= %(opened)s AND p.reported_at < %(until)s AND p.state = 'closed'
        AND p.closed_at <= c.reported_at AND p.closed_at > c.reported_at - make_interval(days => %(within)s))
GROUP BY 1, 2 HAVING count(*) >= %(least)s ORDER BY 3 DESC, 1, 2 LIMIT %(most)s
"""


def repeats(actor: Actor, area_path: str, period: Period) -> list[Anomaly]:
    """Places to which the same matter came back after it was closed."""
    low, high = subtree(area_path)
    first, until = midnight(period.first), midnight(period.last + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            _REPEATS,
            {
                "district": district_of(area_path), "low": low, "high": high, "first": first, "until": until,
                "opened": first - OPENED_BEFORE, "within": REPEATS_WITHIN.days, "least": REPEATS, "most": MOST,
                "hidden": [State.MERGED.value, State.REJECTED.value],
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    return [
        Anomaly(
            Kind.REPEATS, path, code, _category(code, path), count, Decimal(0), None,
            _cases(actor, path, id__in=some[:MOST_CASES]),
        )
        for path, code, count, some in rows
    ]  # fmt: skip


def swelling(actor: Actor, area_path: str, last: date) -> list[Anomaly]:
    """Categories that were reported more in the week up to a day than the weeks before it would have led one to expect."""
    first = last - timedelta(days=WEEK * (WEEKS + 1) - 1)
    near = area_path.count("/") + 1 >= COMMUNITY_DEPTH
    table: Any = DayFigure if near else CategoryDay
    paths = rolled(area_path)
    rows = table.objects.filter(
        district__in=sorted({district_of(path) for path in paths}), area_path__in=paths, figure=Figure.REPORTED,
        day__gte=first, day__lte=last,
    )  # fmt: skip
    weeks: dict[str, list[int]] = defaultdict(lambda: [0] * (WEEKS + 1))
    for code, day, count in rows.values_list("category", "day", "count"):
        weeks[code][(day - first).days // WEEK] += count
    since = midnight(last - timedelta(days=WEEK - 1))
    return [
        _anomaly(
            Kind.SWELLING, area_path, one, _category(one.name, area_path),
            _cases(actor, area_path, category=one.name, reported_at__gte=since, reported_at__lt=midnight(last + timedelta(days=1))),
        )
        for one in unusual.swelling(weeks)[:MOST]
    ]  # fmt: skip


def closing_rush(actor: Actor, area_path: str, period: Period) -> list[Anomaly]:
    """Areas, this one and those one level below, whose resolutions crowd into the last hours more than they did in the weeks before."""
    paths = (
        [area_path, *(path for path, _name in territory.choices(area_path))]
        if len(area_path) >= DISTRICT_LENGTH
        else rolled(area_path)
    )
    paths = [path for path in paths if path.count("/") < COMMUNITY_DEPTH]
    since = period.first - timedelta(days=WEEK * WEEKS)
    rows = AreaDay.objects.filter(
        district__in=sorted({district_of(path) for path in paths}), area_path__in=paths,
        figure__in=[Figure.RESOLVED_LAST_HOURS, Figure.RESOLVED_ON_TIME], day__gte=since, day__lte=period.last,
    )  # fmt: skip
    sums: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
    for path, figure, day, count in rows.values_list("area_path", "figure", "day", "count"):
        sums[path][day >= period.first][figure == Figure.RESOLVED_ON_TIME] += count
    shares = {path: ((old[0], old[1]), (new[0], new[1])) for path, (old, new) in sums.items()}
    return [
        _anomaly(Kind.CLOSING_RUSH, one.name, one, territory.full_name(one.name), _rushed(actor, one.name, period))
        for one in unusual.more_than_before(shares)[:MOST]
    ]


_RETURNS = """
SELECT organisation::text, sum(returned)::bigint, sum(dispatched)::bigint FROM (
    SELECT a.data->>'organisation' AS organisation, count(*) AS returned, 0 AS dispatched
    FROM cases_approval a JOIN cases_case c ON c.district = a.district AND c.id = a.case_id
    WHERE a.district = %(district)s AND a.kind = %(return)s AND a.id >= %(first)s AND a.id < %(until)s
      AND c.area_path >= %(low)s AND c.area_path < %(high)s
    GROUP BY 1
    UNION ALL
    SELECT o.organisation_id::text, 0, count(*)
    FROM cases_workorder o JOIN cases_case c ON c.district = o.district AND c.id = o.case_id
    WHERE o.district = %(district)s AND o.kind = %(dispatch)s AND o.id >= %(first)s AND o.id < %(until)s
      AND c.area_path >= %(low)s AND c.area_path < %(high)s
    GROUP BY 1
) AS v WHERE organisation IS NOT NULL GROUP BY 1
"""


def returns(actor: Actor, area_path: str, period: Period) -> list[Anomaly]:
    """Organisations that return more of what is dispatched to them than the others together."""
    low, high = subtree(area_path)
    district = district_of(area_path)
    first, until = (ids.first_at(midnight(day)) for day in (period.first, period.last + timedelta(days=1)))
    with connection.cursor() as cursor:
        cursor.execute(
            _RETURNS,
            {
                "district": district, "low": low, "high": high, "first": first, "until": until,
                "return": ApprovalKind.RETURN.value, "dispatch": OrderKind.DISPATCH.value,
            },
        )  # fmt: skip
        counts = {name: (returned, dispatched) for name, returned, dispatched in cursor.fetchall()}
    found = unusual.more_than_others(counts)[:MOST]
    names = {
        str(one): name
        for one, name in Organisation.objects.filter(district=district, id__in=[one.name for one in found]).values_list(
            "id", "name"
        )
    }
    return [
        _anomaly(
            Kind.RETURNS, area_path, one, names.get(one.name, one.name),
            _cases(
                actor, area_path,
                id__in=Approval.objects.filter(
                    district=district, kind=ApprovalKind.RETURN, id__gte=first, id__lt=until, data__organisation=one.name
                ).values("case_id"),
            ),
        )
        for one in found
    ]  # fmt: skip


def _anomaly(kind: Kind, area_path: str, one: Outlier, name: str, cases: tuple[Case, ...]) -> Anomaly:
    expected = Decimal(one.expected).quantize(Decimal("0.1"))
    return Anomaly(kind, area_path, one.name, name, one.seen, expected, one.chance, cases)


def _cases(actor: Actor, area_path: str, **having: Any) -> tuple[Case, ...]:
    found = visible(actor).filter(in_subtree("area_path", area_path), **having)
    return tuple(found.order_by("-reported_at", "-id")[:MOST_CASES])


_RUSHED = """
SELECT c.id FROM kernel_deadline d JOIN cases_case c ON c.district = d.district AND c.id = d.subject_id
WHERE d.district = ANY(%(districts)s) AND d.subject_type = 'case' AND d.kind = 'resolution' AND d.state = 'met'
  AND d.due_at >= %(first)s AND d.due_at < %(until)s AND d.ended_at <= d.due_at
  AND d.ended_at >= d.due_at - make_interval(mins => %(minutes)s)
  AND d.id >= %(opened)s AND c.area_path >= %(low)s AND c.area_path < %(high)s
ORDER BY d.due_at DESC LIMIT %(most)s
"""


def _rushed(actor: Actor, area_path: str, period: Period) -> tuple[Case, ...]:
    low, high = subtree(area_path)
    first, until = midnight(period.first), midnight(period.last + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            _RUSHED,
            {
                "districts": sorted({district_of(path) for path in rolled(area_path)}), "low": low, "high": high,
                "first": first, "until": until, "minutes": int(LAST_HOURS / timedelta(minutes=1)),
                "opened": ids.first_at(first - OPENED_BEFORE),
                "most": MOST_CASES,
            },
        )  # fmt: skip
        found: Sequence[Any] = [row[0] for row in cursor.fetchall()]
    return _cases(actor, area_path, id__in=found) if found else ()


def _category(code: str, area_path: str) -> str:
    entry = catalog.current(district=district_of(area_path) if len(area_path) >= DISTRICT_LENGTH else "").get(code)
    return entry.called(get_language() or "zh") if entry else code
