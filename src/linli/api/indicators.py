"""Indicator sets for everybody; the score of an area for posts whose reach holds it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.door import ANYONE, ERRORS, api
from linli.api.lists import Path
from linli.api.reading import actor_of
from linli.api.schemas import Body
from linli.indicators import queries, snapshots
from linli.indicators.models import Snapshot
from linli.indicators.queries import Line
from linli.indicators.sets import Indicator, indicator_set, sets

TAGS = ["Indicator sets"]


class IndicatorOut(Schema):
    """A criterion of a set; target and floor are shares, 0 to 1."""

    id: str
    name: str
    group: str
    weight: float
    direction: Literal["more", "less"]
    target: float
    floor: float | None = Field(description="The value from which points begin; none: met or not.")
    source: str
    own: bool = Field(description="Whether a community can change it itself.")
    step: str = Field(description="What to do when it falls short.")


class IndicatorSetOut(Schema):
    """A programme's indicators."""

    id: str
    name: str
    about: str
    days: int
    indicators: list[IndicatorOut]


class IndicatorLineOut(Schema):
    """An indicator of an area."""

    id: str
    value: float | None
    numerator: int | None
    denominator: int
    unknown: Literal[
        "",
        "nothing",
        "few",
        "not_expected",
        "not_reckoned",
        "no_evidence",
        "evidence_waits",
        "evidence_expired",
        "evidence_of_few",
    ]
    points: float | None
    gap: float | None
    as_of: datetime


class IndicatorScoreOut(Schema):
    """An area in a set."""

    set: str
    area_path: str
    name: str
    score: float | None = Field(description="The weighted mean of the points of what is known, 0 to 1.")
    known: float = Field(description="The share of the weight that is known, 0 to 1.")
    lines: list[IndicatorLineOut]
    next: list[str] = Field(
        description="Indicators that a community can change itself, that which would bring most first."
    )


class IndicatorQuarterOut(Schema):
    """A score as it stood."""

    quarter: date = Field(description="The first day of the quarter.")
    score: float | None
    known: float
    taken_at: datetime


class IndicatorBelowOut(Schema):
    """An area below with what it came to last."""

    area_path: str
    name: str
    last: IndicatorQuarterOut | None


class IndicatorTrendOut(Schema):
    """Scores as they stood."""

    set: str
    area_path: str
    quarters: list[IndicatorQuarterOut] = Field(description="The newest first.")
    below: list[IndicatorBelowOut]


class IndicatorScoreQuery(Body):
    """Which set, and which area: the first set and the post's own area unless told."""

    set: Annotated[str, StringConstraints(max_length=60)] = ""
    area_path: Path = ""


@api.get(
    "/indicator-sets", auth=ANYONE, response={200: list[IndicatorSetOut], **ERRORS}, summary="Indicator sets", tags=TAGS,
    operation_id="indicator_sets",
)  # fmt: skip
def catalogue(request: HttpRequest) -> Any:
    """Every set with its indicators: what is asked, how it is scored, and where the value comes from."""
    return [
        {
            "id": one.id, "name": one.name, "about": one.about, "days": one.days,
            "indicators": [_indicator(row) for row in one.indicators],
        }
        for one in sets().values()
    ]  # fmt: skip


@api.get(
    "/indicator-sets/score", response={200: IndicatorScoreOut, **ERRORS}, summary="Score of an area", tags=TAGS,
    operation_id="indicator_score",
)  # fmt: skip
def score(request: HttpRequest, asked: Query[IndicatorScoreQuery]) -> Any:
    """An area in a set, indicator by indicator, with the share of the weight that is known."""
    found = queries.card(actor_of(request), asked.set, asked.area_path)
    return {
        "set": found.chosen.id, "area_path": found.area_path, "name": found.area_name, "score": found.score.points,
        "known": found.score.known, "lines": [_line(one) for one in found.lines],
        "next": [one.indicator.id for one in found.next],
    }  # fmt: skip


@api.get(
    "/indicator-sets/trend", response={200: IndicatorTrendOut, **ERRORS}, summary="Scores as they stood", tags=TAGS,
    operation_id="indicator_trend",
)  # fmt: skip
def trend(request: HttpRequest, asked: Query[IndicatorScoreQuery]) -> Any:
    """What an area came to quarter by quarter, and what the areas below came to last; they are not ranked."""
    actor = actor_of(request)
    path, chosen = queries.place_of(actor, asked.area_path), indicator_set(asked.set)
    return {
        "set": chosen.id, "area_path": path, "quarters": [_taken(one) for one in snapshots.trend(actor, chosen.id, path)],
        "below": [
            {"area_path": at, "name": name, "last": _taken(one) if one else None}
            for at, name, one in snapshots.below(actor, chosen.id, path)
        ],
    }  # fmt: skip


def _taken(one: Snapshot) -> dict[str, Any]:
    return {"quarter": one.quarter, "score": one.score, "known": one.known, "taken_at": one.taken_at}


def _indicator(one: Indicator) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "group": one.group, "weight": one.weight, "direction": one.direction.value,
        "target": one.target, "floor": one.floor, "source": one.source, "own": one.own, "step": one.step,
    }  # fmt: skip


def _line(one: Line) -> dict[str, Any]:
    return {
        "id": one.indicator.id, "value": one.value.value, "numerator": one.value.numerator,
        "denominator": one.value.denominator, "unknown": one.value.why, "points": one.points, "gap": one.gap,
        "as_of": one.value.as_of,
    }  # fmt: skip
