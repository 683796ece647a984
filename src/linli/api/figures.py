"""Figures for machines: the catalogue for everybody, values for posts whose reach holds the area; JSON, or CSV for a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query

from linli.api.door import ANYONE, ERRORS, api
from linli.api.figure_schemas import (
    AnomaliesOut,
    AreasOut,
    BehindOut,
    CategoriesOut,
    CategoriesQuery,
    FiguresQuery,
    Format,
    MetricOut,
    MetricQuery,
    PublicOut,
    PublicQuery,
    SeriesOut,
    ValuesOut,
    ValuesQuery,
)
from linli.api.reading import actor_of
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.kernel.trust import policy
from linli.metrics import anomalies, behind, public, queries
from linli.metrics.catalogue import Formula, Metric, Period, metrics
from linli.metrics.queries import Value

TAGS = ["Figures"]
VERB = "figures.view"
LONGEST_DAYS = 1_100
USUAL_DAYS = 30
MOST_METRICS = 60


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
    "/figures/public",
    auth=ANYONE,
    response={200: PublicOut, **ERRORS},
    summary="Figures for everybody",
    tags=TAGS,
    operation_id="figures_public",
)
def for_everybody(request: HttpRequest, asked: Query[PublicQuery]) -> Any:
    """What was reported and solved in an area in the last thirty days, week by week, and what it was about."""
    found = public.edition(asked.area_path)
    return {
        **_of(asked.area_path, found.period),
        "values": [_value(one, asked.area_path, found.period) | {"behind": ""} for one in found.values.values()],
        "weeks": [
            {"first": one.first, "last": one.last, "reported": one.reported, "closed": one.closed}
            for one in found.weeks
        ],
        "categories": [{"category": one.code, "name": one.name, "count": one.count} for one in found.kinds],
        "others": found.others,
    }


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
    "/figures/cases",
    response={200: BehindOut, **ERRORS},
    summary="The cases behind a figure",
    tags=TAGS,
    operation_id="figures_cases",
)
def cases_behind(request: HttpRequest, asked: Query[MetricQuery]) -> Any:
    """The cases that a metric counts, each with what it adds to it; above the subdistrict, and of many, the areas below instead."""
    area_path, period = _span(request, asked)
    found = behind.behind(actor_of(request), asked.metric, area_path, period)
    rows = [
        {"number": one.case.number, "area_path": one.case.area_path, "category": one.case.category, "day": one.day}
        # Of a small group nobody is told how its single cases count.
        | ({"part": None, "whole": one.whole} if found.value.hidden else {"part": one.part, "whole": one.whole})
        for one in found.cases
    ]
    if asked.format == Format.CSV:
        return _sheet(rows, f"cases-{asked.metric}-{area_path.replace('/', '-')}-{period.first}-{period.last}")
    return _of(area_path, period) | {
        "value": _value(found.value, area_path, period),
        "cases": rows,
        "unseen": found.unseen,
        "areas": [{"area_path": one.path, "name": one.name, "value": _value(one.value, one.path, period)} for one in found.areas],
    }  # fmt: skip


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
    return _of(area_path, period) | {name: rows}


def _of(area_path: str, period: Period) -> dict[str, Any]:
    as_of = queries.as_of_area(area_path)
    return {
        "area_path": area_path,
        "first": period.first,
        "last": period.last,
        "as_of": as_of.at,
        "whole": as_of.whole,
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
