"""The whole ground at the desk: the map of all grids coloured by a figure, its figures, and a page for each area."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.desk.frame import actor_of, address, staff
from linli.desk.ground import tiles_address
from linli.desk.redrawing import FORMS, map_tabs
from linli.kernel.errors import NotFound
from linli.kernel.trust import policy
from linli.territory import mapping, redrawings, tiles
from linli.territory import queries as territory
from linli.territory.models import Level


@staff
@never_cache
@require_GET
def whole(request: HttpRequest) -> HttpResponse:
    """The city as far as its tiles reach, with the areas of the post in a table."""
    actor = actor_of(request)
    policy.require(actor, "redrawing.view")
    top = redrawings.top_of(actor, request.GET.get("in", ""))
    context = {
        "tabs": map_tabs("whole"),
        "tiles": tiles_address(),
        "figures": address("area-figures"),
        "area_page": address("area", "x")[:-1],
        "bounds": mapping.bounds(top),
        "place": territory.place_name(top, top=Level.CITY),
        "rows": [
            {
                "name": one.name,
                "href": address("area", one.path),
                "grids": one.grids,
                "verified": one.verified,
                "per_grid": round(one.households / one.grids) if one.grids else None,
                "deeper": address("whole-map", query={"in": one.path}) if one.path.count("/") < 2 else "",
            }
            for one in redrawings.progress(top)
        ],
        "up": _above(top, actor),
        "colours": [
            ("verified", _("Progress of the verification")),
            ("size", _("Households per micro-grid")),
            ("none", _("No colour")),
        ],
    }
    return render(request, "desk/ground/whole.html", context)


@staff
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Path → figures of the areas in reach, from the district down to the community, for the colours of the map."""
    actor = actor_of(request)
    policy.require(actor, "redrawing.view")
    tag = f'"{tiles.mark()}-{redrawings.reach_of(actor)}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponseNotModified()
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    return JsonResponse(redrawings.area_figures(actor), headers=headers)


@staff
@never_cache
@require_GET
def area(request: HttpRequest, path: str) -> HttpResponse:
    """An area: its facts, how far its verification has come, and what lies in it."""
    actor = actor_of(request)
    policy.require(actor, "redrawing.view")
    if len(path) > 48 or not path.isascii() or "\0" in path:
        raise NotFound("territory.no_area", _("There is no such area."))
    found = territory.area_at(path)
    may = policy.allows(actor, "redrawing.view", policy.Spot(path))
    below = territory.children(path)
    dedicated = territory.below(path, level=Level.DEDICATED_GRID)[:50] if path.count("/") > 1 else []
    context: dict[str, Any] = {
        "tabs": map_tabs("whole"),
        "found": found,
        "level": Level(found.level).label,
        "place": "".join(crumb.name for crumb in territory.breadcrumb(path)[:-1]),
        "up": address("area", territory.ancestors(path)[-2]) if len(territory.ancestors(path)) > 1 else "",
        "may": may,
        "is_grid": found.level in (Level.MICRO_GRID, Level.DEDICATED_GRID),
        "counts": [
            (Level(level).label, count)
            for level, count in territory.counts(path).items()
            if level not in (found.level, Level.UNPLACED)
        ],
        "below": [
            {
                "name": one.name,
                "href": address("area", one.path),
                "households": one.households,
                "verified": one.verified_on,
            }
            for one in below
            if one.level != Level.DEDICATED_GRID
        ],
        "dedicated": [{"name": one.name, "href": address("area", one.path)} for one in dedicated],
        "dedicated_page": (
            address("dedicated-grid", found.id)
            if found.level == Level.DEDICATED_GRID and policy.allows(actor, "dedicated.view", policy.Spot(path))
            else ""
        ),
        "forms": FORMS if may and found.level != Level.CITY and found.level != Level.DEDICATED_GRID else [],
        "file_url": address("area-grids", query={"area": path}),
        "tiles": tiles_address(),
        "figures": address("area-figures"),
        "bounds": mapping.bounds(path),
        "area_page": address("area", "x")[:-1],
        "changes": [
            {"title": one.title, "on": one.applied_on, "href": address("redrawing", one.id)}
            for one in (redrawings.changes_at(path) if may else ())
            if policy.allows(actor, "redrawing.view", one)
        ],
        "responsible": (
            address("responsible", query={"lng": f"{found.label_lng:.6f}", "lat": f"{found.label_lat:.6f}"})
            if found.label_lng is not None
            else ""
        ),
    }
    return render(request, "desk/ground/area.html", context)


def _above(top: str, actor: Any) -> str:
    above = top.rpartition("/")[0] if "/" in top else ""
    if not above or not policy.allows(actor, "redrawing.view", policy.Spot(above)):
        return ""
    return address("whole-map", query={"in": above})
