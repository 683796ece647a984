"""Figures of an area over a stretch of days, from the counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import in_subtree, subtree
from linli.kernel.errors import Forbidden
from linli.kernel.trust import Actor, policy
from linli.metrics.models import DayFigure, Figure


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
    if not policy.allows(actor, "figures.view", policy.Spot(area_path)):
        raise Forbidden("figures.not_yours", _("These figures are of another area."))
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


def midnight(day: date) -> datetime:
    """The moment at which a day begins where the city is."""
    return datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE)


def today_and_before(days: int) -> tuple[date, date]:
    """The last ``days`` days, today among them, as (since, until)."""
    until = time.today() + timedelta(days=1)
    return until - timedelta(days=days), until
