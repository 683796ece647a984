"""The quiet outlines under the desk's maps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_GET

from linli.cases.router import community_of
from linli.desk.frame import staff
from linli.kernel.db import DISTRICT_LENGTH
from linli.territory import mapping, tiles
from linli.territory import queries as territory
from linli.territory.models import Level

LEVELS = (Level.SUBDISTRICT, Level.COMMUNITY, Level.MICRO_GRID)


TILES = "/api/v1/tiles/ground/{z}/{x}/{y}.mvt"


def tiles_address() -> str:
    """Where a map of the desk has the whole ground from: tiles of today, with what is verified."""
    return f"{TILES}?facts=verified&v={tiles.mark()}"


@staff
@require_GET
def outlines(request: HttpRequest, path: str) -> HttpResponse:
    """The micro-grids of the community that a path lies in; of a higher area what lies directly below it."""
    place = community_of(path[:48])
    district = place[:DISTRICT_LENGTH]
    if place == territory.unplaced_path(district):
        place = district
    found = mapping.outlines(LEVELS[min(place.count("/"), len(LEVELS) - 1)], within_path=place)
    if request.headers.get("If-None-Match") == found.etag:
        return HttpResponseNotModified()
    headers = {"ETag": found.etag, "Cache-Control": "private, max-age=600"}
    return HttpResponse(found.body, content_type="application/geo+json", headers=headers)
