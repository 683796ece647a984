"""Figures for machines: the catalogue for everybody, values for posts whose reach holds the area; JSON, or CSV for a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.door import ANYONE, ERRORS, api
from linli.api.reading import actor_of
from linli.api.schemas import AreaPath, Body, in_place
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.kernel.trust import policy
from linli.metrics import anomalies, queries
from linli.metrics.catalogue import Formula, Metric, Period, metrics
from linli.metrics.models import Figure
from linli.metrics.queries import Value

TAGS = ["Figures"]
VERB = "figures.view"
LONGEST_DAYS = 1_100
USUAL_DAYS = 30
MOST_METRICS = 60


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
    kind: str = Field(description="count, rate, mean_minutes or state.")
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


class AnomaliesOut(Span):
    """What stands out in an area."""

    anomalies: list[AnomalyOut]


@api.get(
    "/metrics",
    auth=ANYONE,
    response={200: list[MetricOut], **ERRORS},
    summary="Catalogue of metrics",
    tags=TAGS,
    operation_id="metrics",
)
def catalogue(request: HttpRequest) -> Any:
    """What every figure on any screen says, and how it is computed."""
    return [_metric(one) for one in metrics().values()]


@api.get(
    "/figures", response={200: ValuesOut, **ERRORS}, summary="Figures of an area", tags=TAGS, operation_id="figures"
)
def figures(request: HttpRequest, asked: Query[ValuesQuery]) -> Any:
    """Values of metrics of an area over a stretch of days."""
    area_path, period = _span(request, asked)
    ids = asked.metrics.split(",") if asked.metrics else list(metrics())
    if len(ids) > MOST_METRICS:
        raise Invalid(
            "figures.too_many",
            _("Ask for at most %(most)d metrics at once.") % {"most": MOST_METRICS},
            field="metrics",
            mend=_("Ask again for the rest."),
        )
    found = queries.values(actor_of(request), area_path, period, ids)
    rows = [_value(one, area_path, period) for one in found.values()]
    return _answer(asked, area_path, period, "values", rows, lambda row: row)


@api.get(
    "/figures/series",
    response={200: SeriesOut, **ERRORS},
    summary="A figure day by day",
    tags=TAGS,
    operation_id="figures_series",
)
def series(request: HttpRequest, asked: Query[MetricQuery]) -> Any:
    """A metric of an area day by day; nothing for a state, which is only known of now."""
    area_path, period = _span(request, asked)
    found = queries.series(actor_of(request), area_path, period, asked.metric)
    rows = [{"day": one.day, "value": _value(one.value, area_path, period)} for one in found]
    return _answer(asked, area_path, period, "days", rows, lambda row: {"day": row["day"]} | row["value"])


@api.get(
    "/figures/areas",
    response={200: AreasOut, **ERRORS},
    summary="A figure by area",
    tags=TAGS,
    operation_id="figures_areas",
)
def areas(request: HttpRequest, asked: Query[MetricQuery]) -> Any:
    """A metric of each area one level below; places only as far as the intervals tell them apart."""
    area_path, period = _span(request, asked)
    found = queries.by_area(actor_of(request), area_path, period, asked.metric)
    rows = [
        {
            "area_path": one.path,
            "name": one.name,
            "value": _value(one.value, one.path, period),
            "rank_from": one.rank_from,
            "rank_to": one.rank_to,
        }
        for one in found
    ]
    return _answer(
        asked, area_path, period, "areas", rows,
        lambda row: {name: row[name] for name in ("area_path", "name", "rank_from", "rank_to")} | row["value"],
    )  # fmt: skip


@api.get(
    "/figures/categories",
    response={200: CategoriesOut, **ERRORS},
    summary="A figure by category",
    tags=TAGS,
    operation_id="figures_categories",
)
def categories(request: HttpRequest, asked: Query[CategoriesQuery]) -> Any:
    """How often something was counted for each category, the commonest first."""
    area_path, period = _span(request, asked)
    found = queries.by_category(actor_of(request), area_path, period, asked.figure, asked.most)
    rows = [{"category": one.code, "name": one.name, "count": one.count} for one in found]
    return _answer(asked, area_path, period, "categories", rows, lambda row: row)


@api.get(
    "/figures/anomalies",
    response={200: AnomaliesOut, **ERRORS},
    summary="What stands out",
    tags=TAGS,
    operation_id="figures_anomalies",
)
def standing_out(request: HttpRequest, asked: Query[FiguresQuery]) -> Any:
    """Repeats after closing, categories that swell, returns, and closing in the last hours: with the cases, to be looked at."""
    area_path, period = _span(request, asked)
    found = anomalies.anomalies(actor_of(request), area_path, period)
    rows = [
        {
            "kind": one.kind.value,
            "area_path": one.area_path,
            "subject": one.subject,
            "name": one.name,
            "seen": one.seen,
            "expected": one.expected,
            "chance": one.chance,
            "words": one.words(),
            "cases": [case.number for case in one.cases],
        }
        for one in found
    ]
    return _answer(asked, area_path, period, "anomalies", rows, lambda row: row | {"cases": " ".join(row["cases"])})


def _span(request: HttpRequest, asked: FiguresQuery) -> tuple[str, Period]:
    """The area and the days that are asked for; refuses a post that sees no figures before it reads further."""
    actor = actor_of(request)
    policy.require(actor, VERB)
    area_path = asked.area_path or actor.area_path
    if not area_path:
        raise Invalid(
            "figures.no_area",
            _("Of which area?"),
            field="area_path",
            mend=_("Your post has no area of its own; name one, such as 5101 for the city."),
        )
    last = asked.last or time.today()
    first = asked.first or last - timedelta(days=USUAL_DAYS - 1)
    if not first <= last or (last - first).days >= LONGEST_DAYS:
        raise Invalid(
            "figures.period",
            _("The first day must not lie after the last, and not more than %(most)d days before it.")
            % {"most": LONGEST_DAYS},
            field="first",
            mend=_("Choose a shorter stretch of days."),
        )
    return area_path, Period(first, last)


def _answer(
    asked: FiguresQuery,
    area_path: str,
    period: Period,
    name: str,
    rows: Sequence[dict[str, Any]],
    flat: Callable[[dict[str, Any]], Mapping[str, Any]],
) -> Any:
    """The rows with what they are of; or a sheet of them, flattened."""
    if asked.format == Format.CSV:
        return _sheet([flat(row) for row in rows], f"{name}-{area_path.replace('/', '-')}-{period.first}-{period.last}")
    as_of = queries.as_of_area(area_path)
    return {
        "area_path": area_path,
        "first": period.first,
        "last": period.last,
        "as_of": as_of.at,
        "whole": as_of.whole,
        name: rows,
    }


def _sheet(rows: Sequence[Mapping[str, Any]], name: str) -> HttpResponse:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    # The mark at the head is how a spreadsheet knows that it is UTF-8.
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _metric(one: Metric) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name(),
        "words": one.words(),
        "kind": one.kind.value,
        "unit": one.unit,
        "better": one.better,
        "numerator": _written(one.numerator),
        "denominator": _written(one.denominator),
        "exclusions": one.exclusions(),
        "source": one.source,
        "levels": list(one.levels),
        "by": one.by.value,
        "smallest": one.smallest,
    }


def _written(formula: Formula) -> str:
    return " ".join(f"{'-' if sign < 0 else '+'} {name}" for sign, name in formula).removeprefix("+ ")


def _value(one: Value, area_path: str, period: Period) -> dict[str, Any]:
    query = queries.behind(one.metric.id, area_path, period)
    if area := query.pop("area", ""):
        query["area_path"] = area
    return {
        "metric": one.metric.id,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "value": one.value,
        "hidden": one.hidden,
        "low": one.low,
        "high": one.high,
        "behind": "&".join(f"{name}={value}" for name, value in query.items()),
    }
