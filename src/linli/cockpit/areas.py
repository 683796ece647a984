"""The areas one level below: a table that can be sorted, the same figures for the map, and the straight way to a community."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from linli.cases import queries as cases
from linli.cases.queries import Filters, View
from linli.cockpit.asked import COMMUNITY, Asked, level_of
from linli.cockpit.scale import Scale, scale_of
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, policy
from linli.metrics import queries, saying
from linli.metrics.catalogue import Kind, Metric
from linli.metrics.queries import AreaValue
from linli.territory import queries as territory
from linli.territory.models import Area, Level

NAME, VALUE = "name", "value"


def panel(actor: Actor, asked: Asked) -> dict[str, Any]:
    """The panel of the areas below: of a community its grids with what is open there, above that the chosen figure."""
    if level_of(asked.area) >= COMMUNITY:
        return _grids(actor, asked)
    metric = asked.metric
    found = queries.by_area(actor, asked.area.path, asked.period, metric.id)
    grounds = {one.path: one for one in territory.children(asked.area.path)}
    scale = scale_of(None if one.value.hidden else one.value.value for one in found)
    rows = [_row(one, grounds.get(one.path), scale, asked) for one in found]
    return {
        "areas": _sorted(rows, asked.sort),
        "areas_title": _("%(figure)s by area") % {"figure": metric.name()},
        "area_heads": _heads(asked, metric.name(), interval=metric.kind == Kind.RATE),
        "shows_interval": metric.kind == Kind.RATE,
        "metric_words": metric.words(),
        "key": _key(metric, scale),
        "no_areas": _("Nothing lies below this area."),
    }


def _grids(actor: Actor, asked: Asked) -> dict[str, Any]:
    grounds, within = grounds_of(asked.area)
    counts: Sequence[int | None] = [None] * len(grounds)
    if policy.allows(actor, "case.list", policy.Spot(asked.area.path)):
        counts = cases.counts_of(actor, [(View.OPEN, Filters(area_path=one.path)) for one in grounds])
    scale = scale_of(None if one is None else Decimal(one) for one in counts)
    rows = [
        {
            "path": one.path, "name": one.name, "within": within.get(one.path.rpartition("/")[0], ""), "level": one.level,
            "href": asked.href(one.path), "value": count,
            "shown": saying.number(count), "unit": "", "step": None if count is None else scale.step(Decimal(count)),
            "lng": one.label_lng, "lat": one.label_lat,
        }
        for one, count in zip(grounds, counts, strict=True)
    ]  # fmt: skip
    return {
        "areas": _sorted(rows, asked.sort),
        "areas_title": _("Open cases by grid"),
        "area_heads": _heads(asked, _("Open"), interval=False),
        "shows_interval": False,
        "metric_words": _(
            "Open cases that lie in the grid now, as the desk lists them. Other figures are counted down to the community."
        ),
        "key": _key(None, scale),
        "no_areas": _("A grid has nothing below it; its cases are in the list of the desk."),
    }


def grounds_of(area: Area) -> tuple[list[Area], dict[str, str]]:
    """The grids below, and the names of what they lie in by path; a community's are its micro-grids and dedicated grids, one step away.

    Each general grid counts its micro-grids from one, so a name alone does not say which is meant.
    """
    if level_of(area) != COMMUNITY:
        return territory.children(area.path), {}
    levels = (Level.GENERAL_GRID, Level.MICRO_GRID, Level.DEDICATED_GRID)
    found = territory.areas().filter(in_subtree("path", area.path), level__in=levels).order_by("path")
    above = {one.path: one.name for one in found if one.level == Level.GENERAL_GRID}
    return sorted((one for one in found if one.path not in above), key=lambda one: one.level != Level.MICRO_GRID), above


def straight(asked: Asked) -> list[dict[str, Any]]:
    """Every community of a district, grouped by subdistrict: from the city down to a grid it is three steps."""
    if level_of(asked.area) != 1:
        return []
    return [
        {
            "name": name,
            "href": asked.href(path),
            "below": [{"name": one, "href": asked.href(at)} for at, one in territory.choices(path)],
        }
        for path, name in territory.choices(asked.area.path)
    ]


def _row(one: AreaValue, ground: Area | None, scale: Scale, asked: Asked) -> dict[str, Any]:
    text, unit = saying.shown(one.value.metric, None if one.value.hidden else one.value.value)
    rank = saying.NOTHING
    if one.rank_from is not None:
        rank = str(one.rank_from) if one.rank_from == one.rank_to else f"{one.rank_from}–{one.rank_to}"
    return {
        "path": one.path,
        "name": one.name,
        "within": "",
        "level": ground.level if ground else "",
        "href": asked.href(one.path),
        "value": None if one.value.hidden else one.value.value,
        "shown": text,
        "unit": unit,
        "interval": saying.interval(one.value),
        "rank": rank,
        "step": None if one.value.hidden else scale.step(one.value.value),
        "lng": ground.label_lng if ground else None,
        "lat": ground.label_lat if ground else None,
    }


def _sorted(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """By name or figure, as the address asks; a minus turns it round. What has no figure comes last."""
    column, falling = sort.removeprefix("-"), sort.startswith("-")
    if column == NAME:
        rows.sort(key=lambda one: one["path"], reverse=falling)
    elif column == VALUE:
        rows.sort(key=lambda one: one["value"] or Decimal(0), reverse=falling)
        rows.sort(key=lambda one: one["value"] is None)
    return rows


def _heads(asked: Asked, figure: str, *, interval: bool) -> list[dict[str, Any]]:
    heads = [_head(asked, NAME, _("Area"), num=False), _head(asked, VALUE, figure, num=True)]
    if interval:
        heads += [{"label": label, "num": True, "href": "", "sort": ""} for label in (_("Probably"), _("Rank"))]
    return heads


def _head(asked: Asked, column: str, label: str, *, num: bool) -> dict[str, Any]:
    rising = asked.sort == column
    states = {column: "ascending", f"-{column}": "descending"}
    return {
        "label": label,
        "num": num,
        "href": asked.href(sort=f"-{column}" if rising or (num and asked.sort != f"-{column}") else column),
        "sort": states.get(asked.sort, ""),
    }


def _key(metric: Metric | None, scale: Scale) -> list[dict[str, Any]]:
    """What each colour of the map stands for."""

    def text(value: Decimal) -> str:
        return (
            saying.percent(value) + " %"
            if metric and metric.kind == Kind.RATE
            else saying.number(value.quantize(Decimal("0.1")))
        )

    return [
        {"step": step, "words": text(low) if low == high else f"{text(low)} – {text(high)}"}
        for step, low, high in scale.ranges(whole=metric is None or metric.kind in (Kind.COUNT, Kind.STATE))
    ]
