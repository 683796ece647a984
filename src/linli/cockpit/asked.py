"""What an address of the cockpit asks for: the area, the days, the figure of the map, what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.cockpit.frame import VERB, actor_of
from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, PATH_LENGTH
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.metrics.catalogue import DUE_SOON, Metric, Period, metrics
from linli.territory import queries as territory
from linli.territory.models import Area

LONGEST = timedelta(days=366)
BEFORE = "before"
FIRST = "open_now"
"""The metric of the map unless the address names another."""
COMMUNITY = 3
"""How deep communities lie (:func:`level_of`); figures are counted down to there."""


class Span(StrEnum):
    """The stretch of days, today the last of them; ``own`` names its first and last day."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    OWN = "own"


_DAYS = {Span.TODAY: 1, Span.WEEK: 7, Span.MONTH: 30}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says.

    Attributes:
        beside: what the figures are compared with: ``before`` for as many days before, an area's path, or nothing.
        metric: the figure that colours the map and orders the areas.
        sort: the column of the areas' table; a minus before it turns the order round.
    """

    area: Area
    span: Span
    period: Period
    metric: Metric
    beside: str = ""
    sort: str = ""
    wall: bool = False

    def href(self, path: str = "", **changes: str) -> str:
        """The address of another area, or of this one with changes; an empty value takes one away."""
        query = self.query(**changes)
        address = reverse("cockpit:area", args=[path or self.area.path])
        return f"{address}?{urlencode(query)}" if query else address

    def query(self, **changes: str) -> dict[str, str]:
        """The address's query, with changes."""
        own = self.span == Span.OWN
        found = {
            "period": "" if self.span == Span.WEEK else str(self.span),
            "from": self.period.first.isoformat() if own else "",
            "to": self.period.last.isoformat() if own else "",
            "metric": self.metric.id if self.metric.id != _first().id else "",
            "with": self.beside,
            "sort": self.sort,
            "wall": "1" if self.wall else "",
        }
        return {key: value for key, value in (found | changes).items() if value}

    def download(self, panel: str, form: str) -> str:
        """The address of a panel as a file."""
        address = reverse("cockpit:download", args=[panel, form])
        return f"{address}?{urlencode({'area': self.area.path, **self.query(wall='', sort='')})}"

    def behind(self, metric_id: str, path: str = "") -> str:
        """The address of what stands behind a figure over the same days; of this area or of another one."""
        address = reverse("cockpit:behind", args=[metric_id, path or self.area.path])
        query = self.query(wall="", sort="", metric="", **{"with": ""})
        return f"{address}?{urlencode(query)}" if query else address

    def unusual(self) -> str:
        """The address of what stands out in the area over the same days."""
        query = self.query(wall="", sort="", metric="", **{"with": ""})
        return f"{reverse('cockpit:unusual', args=[self.area.path])}{'?' if query else ''}{urlencode(query)}"

    def plain(self) -> Asked:
        """The same without the wall."""
        return replace(self, wall=False)


def read(request: HttpRequest, path: str = "") -> Asked:
    """Read the address; what it names wrongly is left aside.

    Args:
        path: the area's; the post's own when not given.

    Raises:
        NotFound: there is no such area, or the post does not reach there.
    """
    actor, query = actor_of(request), request.GET
    area = _area(actor, path)
    first, _slash, last = query.get("days", "").partition(
        "/"
    )  # as printed addresses say it, for they break after a slash
    if first and last:
        span, period = _period(Span.OWN, first, last)
    else:
        span, period = _period(query.get("period", ""), query.get("from", ""), query.get("to", ""))
    beside = query.get("with", "")[:PATH_LENGTH]
    if beside and beside != BEFORE and (beside == area.path or not _reaches(actor, beside)):
        beside = ""
    known = mapped()
    return Asked(
        area=area, span=span, period=period, metric=known.get(query.get("metric", "")) or _first(), beside=beside,
        sort=query.get("sort", "")[:20], wall=query.get("wall") == "1",
    )  # fmt: skip


def top_of(actor: Actor) -> str:
    """The area that a post's cockpit begins with: its own, or the first city for whoever sees all."""
    if actor.area_path:
        return actor.area_path
    cities = territory.choices("")
    return cities[0][0] if cities else ""


def spans() -> list[tuple[Span, str]]:
    """The spans in words."""
    return [(Span.TODAY, _("Today")), (Span.WEEK, _("7 days")), (Span.MONTH, _("30 days")), (Span.OWN, _("Own dates"))]


def mapped() -> dict[str, Metric]:
    """The metrics that can be told of many areas at once; what is due soon is counted for one at a time."""
    return {key: one for key, one in metrics().items() if DUE_SOON not in one.figures}


def _first() -> Metric:
    return metrics()[FIRST]


def _area(actor: Actor, path: str) -> Area:
    wanted = path.strip("/") or top_of(actor)
    if not wanted or len(wanted) > PATH_LENGTH or not wanted.isascii() or "\0" in wanted:
        raise NotFound("territory.no_area", _("There is no such area."))
    if not policy.allows(actor, VERB, policy.Spot(wanted)):
        raise NotFound("cockpit.no_area", _("There is no such area, or none that you can see."))
    return territory.area_at(wanted)


def _reaches(actor: Actor, path: str) -> bool:
    known = {crumb.path for crumb in territory.known_areas()}
    return path in known and policy.allows(actor, VERB, policy.Spot(path))


def _period(name: str, first: str, last: str) -> tuple[Span, Period]:
    span = Span(name) if name in set(Span) else Span.WEEK
    today = time.today()
    if span == Span.OWN:
        try:
            begin, end = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            begin = end = date.min
        if begin <= end <= today + LONGEST and end - begin < LONGEST and begin.year > 2000:
            return span, Period(begin, end)
        span = Span.WEEK
    return span, Period.of_days(_DAYS[span])


def level_of(area: Area) -> int:
    """How deep an area lies: 0 the city, 1 a district, 2 a subdistrict, 3 a community, 4 and more its grids."""
    return 0 if len(area.path) < DISTRICT_LENGTH else 1 + area.path.count("/")
