"""What everybody may know of cases: kind, community, state and a place rounded to about a hundred metres.

Never the words, the photos or the people; and nothing at all of kinds that touch a household or a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import cos, radians

from django.db.models import Count, F, FloatField, Func, Q, QuerySet
from django.db.models.expressions import CombinedExpression

from linli.cases.models import Case
from linli.cases.states import State
from linli.catalog.models import Sensitivity
from linli.kernel import time
from linli.kernel.db import in_subtree

STEP = 0.001
"""Degrees: 111 m north and 96 m east in Chengdu."""
METRES_A_DEGREE = 111_195
"""Of latitude."""
LATELY = timedelta(days=30)
COUNT_UP_TO = 10_000
MOST = 500
HIDDEN = (State.REJECTED, State.MERGED)


@dataclass(frozen=True, slots=True)
class Figures:
    """How many were reported lately, and how many of these were solved and are open."""

    reported: int
    solved: int
    open: int


@dataclass(frozen=True, slots=True)
class Point:
    """A rounded place, WGS 84 degrees."""

    lng: float
    lat: float


def known(path: str = "", *, link: str = "") -> Q:
    """The condition that everybody may know of a case, in an area or everywhere.

    Args:
        link: the name of the link to the case, when another row is asked for.
    """
    prefix = f"{link}__" if link else ""
    return Q(**{f"{prefix}sensitivity": Sensitivity.NORMAL}) & in_subtree(f"{prefix}area_path", path)


def shown(path: str = "") -> QuerySet[Case]:
    """The cases of the last thirty days that everybody may know of, in an area or everywhere."""
    return Case.objects.filter(known(path), reported_at__gte=time.now() - LATELY).exclude(state__in=HIDDEN)


def districts() -> list[str]:
    """The districts in which something was reported lately."""
    return list(shown().order_by("district").values_list("district", flat=True).distinct())


def figures(path: str = "") -> Figures:
    """Figures over at most :data:`COUNT_UP_TO` of the newest cases."""
    newest = shown(path).order_by("-reported_at").values("id")[:COUNT_UP_TO]
    found = Case.objects.filter(id__in=newest).aggregate(
        reported=Count("id"), solved=Count("id", filter=Q(state=State.CLOSED)), open=Count("id", filter=Q(is_open=True))
    )
    return Figures(**found)


def listed(path: str = "", *, states: str = "", categories: Iterable[str] = (), limit: int = MOST) -> list[Case]:
    """The newest cases for the public list and map.

    Args:
        states: ``open``, ``solved`` or both when empty.
        categories: codes; all when empty.
        limit: how many, at most :data:`MOST`.
    """
    found = shown(path)
    if states == "open":
        found = found.filter(is_open=True)
    elif states == "solved":
        found = found.filter(state=State.CLOSED)
    if chosen := list(categories):
        found = found.filter(category__in=chosen)
    return list(found.order_by("-reported_at", "-id")[: min(limit, MOST)])


def commonest(path: str = "", *, limit: int) -> list[str]:
    """The categories of the last thirty days, the most often reported first; of the newest :data:`COUNT_UP_TO` cases."""
    newest = shown(path).order_by("-reported_at").values("id")[:COUNT_UP_TO]
    counted = Case.objects.filter(id__in=newest).values("category").annotate(times=Count("id"))
    return list(counted.order_by("-times", "category").values_list("category", flat=True)[:limit])


def around(cases: QuerySet[Case], *, lng: float, lat: float, metres: float) -> QuerySet[Case]:
    """Those whose place as everybody may know it lies within a circle: asking again and again tells nothing more than that.

    Args:
        lng: of the centre, WGS 84 degrees.
        lat: as ``lng``.
        metres: the radius, up to some kilometres: the ground is taken as flat.
    """
    east = (_rounded("lng") - lng) * METRES_A_DEGREE * cos(radians(lat))
    north = (_rounded("lat") - lat) * METRES_A_DEGREE
    reach = metres / METRES_A_DEGREE + STEP
    box = Q(lat__range=(lat - reach, lat + reach))
    return cases.filter(box).annotate(far=east * east + north * north).filter(far__lte=metres * metres)


def _rounded(column: str) -> CombinedExpression:
    # The database's round of a double takes the even neighbour as Python's does, so this is the place that rounded() shows.
    return Func(F(column) / STEP, function="ROUND", output_field=FloatField()) * STEP


def rounded(case: Case) -> Point | None:
    """The place of a case as everybody may know it; ``None`` without a point."""
    if case.lng is None or case.lat is None:
        return None
    return Point(round(round(case.lng / STEP) * STEP, 3), round(round(case.lat / STEP) * STEP, 3))
