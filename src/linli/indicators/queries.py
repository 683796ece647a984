"""The score of an area in a set, indicator by indicator, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from linli.indicators import proofs, scoring, sources
from linli.indicators.scoring import Score
from linli.indicators.sets import Indicator, IndicatorSet, indicator_set
from linli.indicators.sources import Value
from linli.kernel.trust import Actor
from linli.territory import queries as territory
from linli.territory import reaching

VERB = "indicators.view"
MOST_NEXT = 5


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator of an area.

    Attributes:
        points: 0 to 1; ``None`` where the value is not known.
    """

    indicator: Indicator
    value: Value
    points: float | None

    @property
    def gap(self) -> float | None:
        """What is missing from full points, 0 to 1; ``None`` where the value is not known."""
        return None if self.points is None else 1 - self.points


@dataclass(frozen=True, slots=True)
class Card:
    """An area in a set."""

    chosen: IndicatorSet
    area_path: str
    area_name: str
    score: Score
    lines: tuple[Line, ...]

    @property
    def next(self) -> list[Line]:
        """What a community can itself change, that which would bring most first: by weight × gap, then in the order of the set."""
        open_ = [line for line in self.lines if line.gap and line.indicator.own]
        return sorted(open_, key=lambda line: -line.indicator.weight * (line.gap or 0))[:MOST_NEXT]


def reach_of(actor: Actor) -> str:
    """The area that the actor's view of scores begins with; ``""`` for everything.

    Raises:
        Forbidden, SignInNeeded: the post has no view of them.
    """
    return reaching.reach_of(actor, VERB)


def place_of(actor: Actor, area_path: str) -> str:
    """The area that is asked for, if the actor's view of scores reaches it; the actor's own unless told.

    Raises:
        Forbidden: the actor's post has no view of scores.
        NotFound: the area lies outside the actor's reach.
    """
    return reaching.place_of(actor, VERB, area_path, code="indicators.no_area")


def card(actor: Actor, set_id: str = "", area_path: str = "") -> Card:
    """An area in a set.

    Args:
        set_id: the first set unless told.
        area_path: a community or an area above it; the actor's own unless told.

    Raises:
        Forbidden: the actor's post has no view of scores.
        NotFound: there is no such set, or the area lies outside the actor's reach.
        Invalid: the area lies below the community.
    """
    path = place_of(actor, area_path)
    chosen = indicator_set(set_id)
    found = sources.values(actor, path, {one.source for one in chosen.indicators}, days=chosen.days)
    proved = proofs.values(path, chosen.id, [one.id for one in chosen.indicators if one.source == sources.EVIDENCE])
    lines = tuple(_line(one, proved[one.id] if one.id in proved else found[one.source]) for one in chosen.indicators)
    whole = scoring.score((line.indicator.weight, line.points) for line in lines)
    rungs = territory.breadcrumb(path)
    return Card(chosen, path, rungs[-1].name if rungs else path, whole, lines)


def _line(indicator: Indicator, value: Value) -> Line:
    if value.value is None:
        return Line(indicator, value, None)
    reached = scoring.points(value.value, target=indicator.target, floor=indicator.floor, direction=indicator.direction)
    return Line(indicator, value, reached)
