"""The shapes of figures as machines ask for them and get them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.schemas import AreaPath, Body, in_place
from linli.metrics.models import Figure

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]


class Format(StrEnum):
    """What the answer is written in."""

    JSON = "json"
    CSV = "csv"


class FiguresQuery(Body):
    """Of which area, over which days."""

    area_path: AreaPath | None = Field(None, description="The post's own area unless told; down to the community.")
    first: Day | None = Field(None, description="The first day; thirty days up to `last` unless told.")
    last: Day | None = Field(None, description="The last day; today unless told.")
    format: Annotated[Format, in_place(Format)] = Format.JSON


class ValuesQuery(FiguresQuery):
    """Several metrics of one area."""

    metrics: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(,[a-z_]+)*$", max_length=2_000)] | None = Field(
        None, description="Ids with a comma between them; all unless told."
    )


class MetricQuery(FiguresQuery):
    """One metric."""

    metric: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class CategoriesQuery(FiguresQuery):
    """One figure by category."""

    figure: Annotated[Figure, in_place(Figure)] = Figure.REPORTED
    most: Annotated[int, Field(ge=1, le=200)] = 12


class MetricOut(Schema):
    """A metric of the catalogue."""

    id: str
    name: str
    words: str = Field(description="What it says, in one sentence.")
    kind: str = Field(description="count, rate, mean_minutes, median_minutes, p90_minutes or state.")
    unit: str
    better: str = Field(description="more, less, or empty.")
    numerator: str = Field(description="Figures with a sign; of a mean those whose minutes are summed.")
    denominator: str
    exclusions: str
    source: str
    levels: list[str]
    by: str = Field(description="day: on the day it happened; due_day: on the day it was due.")
    smallest: int = Field(description="A rate or mean of fewer than these is hidden.")


class ValueOut(Schema):
    """A value."""

    metric: str
    numerator: int | None = Field(description="Of a mean the minutes; null where the group is hidden.")
    denominator: int
    value: Decimal | None = Field(
        description="Of a rate a share, 0 to 1; of a mean minutes; null where hidden or of nothing."
    )
    hidden: bool = Field(description="Whether the group is too small to be shown.")
    low: Decimal | None = Field(description="The lower end of the 95 % interval of a rate (Wilson).")
    high: Decimal | None
    behind: str = Field(
        description="The query of /api/v1/cases with the cases behind it; empty where no list has them."
    )


class Span(Schema):
    """What the figures are of."""

    area_path: str
    first: date
    last: date
    as_of: datetime = Field(description="Everything that happened before is counted.")
    whole: bool = Field(description="Whether no figure is being counted over its history still.")


class ValuesOut(Span):
    """Values of an area."""

    values: list[ValueOut]


class DayOut(Schema):
    """A value of a day."""

    day: date
    value: ValueOut


class SeriesOut(Span):
    """Values day by day."""

    days: list[DayOut]


class FigureAreaOut(Schema):
    """A value of an area, with the places between which it stands among its sisters."""

    area_path: str
    name: str
    value: ValueOut
    rank_from: int | None = Field(description="Null where the intervals overlap so that nothing can be said.")
    rank_to: int | None


class AreasOut(Span):
    """Values of the areas one level below."""

    areas: list[FigureAreaOut]


class FigureCategoryOut(Schema):
    """How often a figure was counted for a category."""

    category: str
    name: str
    count: int


class CategoriesOut(Span):
    """A figure by category."""

    categories: list[FigureCategoryOut]


class PublicQuery(Body):
    """Of which area."""

    area_path: Annotated[AreaPath, Field(description="A city, district, subdistrict or community.")]


class WeekOut(Schema):
    """What came in and was closed in seven days."""

    first: date
    last: date
    reported: int
    closed: int


class PublicOut(Span):
    """The figures that everybody may read."""

    values: list[ValueOut]
    weeks: list[WeekOut]
    categories: list[FigureCategoryOut] = Field(
        description="Kinds that came in five times at least and touch no household or person."
    )
    others: int = Field(description="Cases of all other kinds.")


class AnomalyOut(Schema):
    """Something that stands out, to be looked at."""

    kind: str = Field(description="repeats, swelling, returns or closing_rush.")
    area_path: str
    subject: str = Field(description="A category or an organisation, by its code or id.")
    name: str
    seen: int
    expected: Decimal = Field(description="What the area's own past would lead one to expect.")
    chance: float | None = Field(description="That so many would come by chance; null where no test is made.")
    words: str
    cases: list[str] = Field(description="Numbers of cases behind it, the newest first; of restricted ones none.")


class CountedOut(Schema):
    """A case that a figure counts."""

    number: str
    area_path: str
    category: str
    day: date = Field(description="The last day of the stretch on which it counts.")
    part: int | None = Field(
        description="What it adds to the numerator; of a mean its minutes; null where the group is hidden."
    )
    whole: int = Field(description="What it adds to the denominator.")


class BelowOut(Schema):
    """An area below with its figure."""

    area_path: str
    name: str
    value: ValueOut


class BehindOut(Span):
    """What stands behind a figure: its cases add up to it, with those that may not be seen."""

    value: ValueOut
    cases: list[CountedOut]
    unseen: int = Field(description="How many more count that the post may not see.")
    areas: list[BelowOut] = Field(description="Instead of the cases where they are too many for one answer.")


class AnomaliesOut(Span):
    """What stands out in an area."""

    anomalies: list[AnomalyOut]
