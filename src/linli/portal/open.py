"""What everybody may know: open and solved problems on a map, with a list beside it, and a page for each.

Words show in the version that somebody has let through (:mod:`linli.moderation`), and only in that.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.cases import public, queries
from linli.cases.models import Case
from linli.cases.states import State
from linli.moderation import queries as moderation
from linli.portal.frame import address, door, visitor
from linli.portal.report import districts, lively_district
from linli.portal.wording import STAGE, place_of, row_of, rows_of, stage_names
from linli.territory import mapping
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.casework.names import catalogue_for, category_name, language

LISTED = 40
WORDS_SHOWN = 80
"""Characters of a report in a list."""


def _choice(request: HttpRequest) -> tuple[str, str, str]:
    """Area, states and group of the address; the visitor's own district unless told."""
    known = [path for path, _name in districts()]
    home = visitor(request).district
    area = (
        request.GET.get("area", "")[:16]
        or (home if home in known else "")
        or (known[0] if len(known) == 1 else lively_district())
    )
    if area[:6] not in known or request.GET.get("area") == "":
        area = ""
    states = request.GET.get("show", "")
    return area, states if states in ("open", "solved") else "", request.GET.get("group", "")[:40]


def categories_of(group: str) -> list[str]:
    """The codes of a group that residents may choose."""
    return [
        entry.code
        for one, entries in catalogue_for("").groups(residents=True)
        if one.code == group
        for entry in entries
    ]


@door
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The map with its list; everything that narrows it is in the address."""
    area, states, group = _choice(request)
    cases = public.listed(area, states=states, categories=categories_of(group), limit=LISTED)
    chosen = {"area": area, "show": states, "group": group}

    def href(**changes: str) -> str:
        return "?" + urlencode({key: value for key, value in (chosen | changes).items() if value or key == "area"})

    area_name = territory.place_name(area) if area else ""
    words = moderation.wordings(cases)
    rows = []
    for case, row in zip(cases, rows_of(cases, public=True), strict=True):
        point = public.rounded(case)
        # The heading says the area already; a row says where within it.
        within = str(row["place"]).removeprefix(area_name)
        rows.append(
            row
            | {
                "place": within,
                "lng": point.lng if point else "",
                "lat": point.lat if point else "",
                "words": Truncator(words.get(case.id, "")).chars(WORDS_SHOWN),
                "page": address("problem", case.number),
            }
        )
    figures = public.figures(area)
    chips = [
        {"label": _("All"), "count": figures.open + figures.solved, "href": href(show=""), "current": not states},
        {
            "label": _("Open"),
            "count": figures.open,
            "href": href(show="open"),
            "current": states == "open",
            "icon": "circle-dot",
        },
        {
            "label": _("Solved"),
            "count": figures.solved,
            "href": href(show="solved"),
            "current": states == "solved",
            "icon": "circle-check",
            "tone": "good",
        },
    ]
    narrowing = {key: value for key, value in (("show", states), ("group", group)) if value}
    context = {
        "place": "home",
        "rows": rows,
        "chips": chips,
        "groups": [
            {"code": one.code, "name": one.called(language())}
            for one, _entries in catalogue_for("").groups(residents=True)
        ],
        "chosen": chosen,
        "area_name": area_name,
        "ground": f"/map/ground/{area or 'all'}",
        "points": f"/map/cases{href()}",
        "feed": address("feed", area or "all") + (f"?{urlencode(narrowing)}" if narrowing else ""),
        "districts": districts(),
        "subdistricts": _parts(area),
        "narrowed": bool(states or group),
        "full": len(rows) == LISTED,
    }
    return render(request, "portal/open/page.html", context)


def _parts(area: str) -> list[tuple[str, str]]:
    """The subdistricts that can be chosen, and the community where one is."""
    if not area:
        return []
    found = list(territory.choices(area[:6], level=Level.SUBDISTRICT))
    return [*found, (area, territory.place_name(area, top=Level.COMMUNITY))] if area.count("/") > 1 else found


@door
@require_GET
def problem(request: HttpRequest, number: str) -> HttpResponse:
    """One of them: its kind, place and progress, and what residents wrote as far as it is public."""
    case = moderation.public_case(number)
    context = {
        "place": "home",
        "case": case,
        "row": row_of(case, queries.clocks_of(case), public=True),
        "stages": stage_names() if case.state in STAGE else [],
        "stage": STAGE.get(State(case.state), 0),
        "said": moderation.public_texts(case),
        "joined": case.participants_count - 1,
        "back": f"{address('map')}?area={case.area_path[:6]}",
    }
    return render(request, "portal/open/problem.html", context)


@door
@require_GET
def points(request: HttpRequest) -> HttpResponse:
    """The same cases as GeoJSON: rounded places, no words."""
    area, states, group = _choice(request)
    features = [
        one for one in map(_feature, public.listed(area, states=states, categories=categories_of(group))) if one
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=60"
    return response


def _feature(case: Case) -> dict[str, Any] | None:
    point = public.rounded(case)
    if point is None:
        return None
    form = (
        "done"
        if case.state == State.CLOSED
        else "paused"
        if case.state == State.SUSPENDED
        else "late"
        if case.is_late
        else "open"
    )
    title = _("%(category)s, %(place)s") % {
        "category": category_name(case, catalogue_for(case.district)),
        "place": place_of(case),
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [point.lng, point.lat]},
        "properties": {"id": str(case.id), "title": title, "form": form},
    }


@door
@require_GET
def ground(request: HttpRequest, path: str) -> HttpResponse:
    """The quiet outlines under the portal's maps: districts of everything, communities of a district or less."""
    wanted = "" if path == "all" else path[:16]
    found = mapping.outlines(Level.COMMUNITY if wanted else Level.DISTRICT, within_path=wanted)
    if request.headers.get("If-None-Match") == found.etag:
        return HttpResponseNotModified()
    headers = {"ETag": found.etag, "Cache-Control": "private, max-age=600"}
    return HttpResponse(found.body, content_type="application/geo+json", headers=headers)
