"""Coverage at the desk: every expected type at a glance, one with its trend, its parts, what is missing on a map and in a table."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.desk import organisations as register
from linli.desk.frame import actor_of, address, as_workbook, crumbs, staff
from linli.kernel import time
from linli.kernel.db import district_of
from linli.kernel.trust import audit, policy
from linli.kernel.workbooks import book
from linli.organisations import coverage, standing
from linli.organisations.coverage import Figure
from linli.territory import queries as territory
from linli.territory.models import Level

MOST_SHEET = 20_000


def figure(found: Figure) -> dict[str, Any]:
    """A figure with its tone and its words."""
    percent = found.percent
    tone = "" if percent is None else "good" if percent == 100 else "soon" if percent >= 80 else "late"
    return {
        "should": found.should, "covered": found.covered, "missing": found.missing, "bar": percent, "tone": tone,
        "percent": "—" if percent is None else f"{percent:.1f}".replace(".0", ""),
    }  # fmt: skip


def _asked(request: HttpRequest) -> dict[str, str]:
    kind = request.GET.get("type", "")
    return {"area": request.GET.get("area", "")[:48], "type": kind if kind in standing.types() else ""}


@staff
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Every expected type of an area; with ``?type=`` that one whole."""
    actor, asked = actor_of(request), _asked(request)
    place = coverage.place_of(actor, asked["area"])
    asked["area"] = place
    context: dict[str, Any] = {
        "asked": asked,
        "place": territory.full_name(place, top=Level.CITY),
        "crumbs": crumbs(coverage.reach_of(actor), place, "organisation-coverage", asked),
    }
    if not asked["type"]:
        kinds = standing.types()
        context["rows"] = [
            {
                "name": kinds[rule.code].called, "seat": rule.seat.label,
                "href": address("organisation-coverage", query=asked | {"type": rule.code}), **figure(found),
            }
            for rule, found in coverage.overview(actor, place)
        ]  # fmt: skip
        return register.page(request, "coverage", "organisation-coverage", **context)
    kind = standing.type_of(asked["type"])
    found = coverage.coverage(actor, kind.code, place)
    shows_list = place.count("/") >= 1 or request.GET.get("missing") == "1"
    listed, after = (
        coverage.missing(actor, kind.code, place, after=request.GET.get("after", "")[:100])
        if shows_list and found.whole.missing
        else ([], "")
    )
    months = coverage.trend(actor, kind.code, place)
    context |= {
        "kind": kind,
        "rule": found.rule,
        "also": standing.names(found.rule.types[1:]) if found.rule else [],
        "whole": figure(found.whole),
        "parts": [
            {"name": part.name, "href": address("organisation-coverage", query=asked | {"area": part.path}), **figure(part.figure)}
            for part in found.parts
        ],
        "months": [{"day": month.day, **(figure(month.figure) if month.figure else {"percent": "—", "bar": None})} for month in months],
        "shows_list": shows_list,
        "rows": [
            {
                "id": one.place_id, "name": one.name, "place": territory.place_name(one.path, top=Level.SUBDISTRICT),
                "lng": one.lng, "lat": one.lat,
            }
            for one in listed
        ],
        "next_href": address("organisation-coverage", query=asked | {"missing": "1", "after": after}) if after else "",
        "first_href": address("organisation-coverage", query=asked | {"missing": "1"}) if request.GET.get("after") else "",
        "missing_href": address("organisation-coverage", query=asked | {"missing": "1"}),
        "export_href": address("organisation-coverage-xlsx", query=asked),
        "shapes_href": address("organisation-missing", query=asked),
        "outlines": address("ground", place) if len(place) >= 6 else "",
        "begin_href": address("organisation-drive-new", query=asked)
        if policy.reach(actor, "organisation.build") and found.whole.missing and len(place) >= 6
        else "",
    }  # fmt: skip
    return register.page(request, "coverage_one", "organisation-coverage", **context)


@staff
@never_cache
@require_GET
def shapes(request: HttpRequest) -> HttpResponse:
    """The places that lack one as GeoJSON points for the map; those without a known point stay in the table."""
    actor, asked = actor_of(request), _asked(request)
    policy.require(actor, "organisation.view")
    kind = standing.type_of(asked["type"])
    listed, _after = coverage.missing(actor, kind.code, asked["area"], size=coverage.MOST_POINTS)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one.lng, one.lat]},
            "properties": {"id": str(one.place_id), "title": one.name, "form": "late"},
        }
        for one in listed
        if one.lng is not None and one.lat is not None
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return HttpResponse(body, content_type="application/geo+json")


@staff
@never_cache
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """Figures of each part, the trend and what is missing as a workbook; an audit row says who took it."""
    actor, asked = actor_of(request), _asked(request)
    place = coverage.place_of(actor, asked["area"])
    kinds = [standing.type_of(asked["type"])] if asked["type"] else []
    head = [_("Area"), _("Type"), _("Should have one"), _("Have one"), _("Missing"), _("Coverage")]
    sheets: dict[str, list[list[str]]] = {}
    name = territory.full_name(place, top=Level.CITY)
    if not kinds:
        sheets[_("Coverage")] = [
            head, *(_cells(name, standing.type_of(rule.code).called, found) for rule, found in coverage.overview(actor, place))
        ]  # fmt: skip
    for kind in kinds:
        found = coverage.coverage(actor, kind.code, place)
        rows = [(part.name, part.figure) for part in found.parts]
        sheets[_("Coverage")] = [head, *(_cells(one, kind.called, part) for one, part in [(name, found.whole), *rows])]
        sheets[_("Trend")] = [
            [_("Day"), *head[2:]],
            *(
                [month.day.isoformat(), *_cells("", "", month.figure)[2:]]
                for month in coverage.trend(actor, kind.code, place)
                if month.figure is not None
            ),
        ]
        listed, _after = coverage.missing(actor, kind.code, place, size=MOST_SHEET)
        sheets[_("Missing")] = [
            [_("Place"), _("Area"), _("Path")],
            *([one.name, territory.place_name(one.path), one.path] for one in listed),
        ]
    audit.record(
        actor, "organisation.export_coverage", subject_type="area", subject_id=place, district=district_of(place),
        detail={"type": asked["type"]},
    )  # fmt: skip
    return as_workbook(f"linli-coverage-{place.replace('/', '-')}-{time.today().isoformat()}.xlsx", book(sheets))


def _cells(place: str, kind: str, found: Figure) -> list[str]:
    shown = figure(found)
    return [place, kind, str(found.should), str(found.covered), str(found.missing), f"{shown['percent']} %"]
