"""The ground as vector tiles: the outlines and names of a whole city, whichever part of it a map shows. Public, as the ground is."""

from __future__ import annotations

import gzip
from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import Query
from pydantic import StringConstraints

from linli.api.door import ANYONE, ERRORS, api
from linli.api.reading import actor_of
from linli.api.schemas import Body
from linli.territory import tiles

KIND = "application/vnd.mapbox-vector-tile"
LayerName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]


class TileQuery(Body):
    """Of which day, with what."""

    on: date | None = None
    facts: Literal["", "verified"] = ""
    v: Annotated[str, StringConstraints(max_length=40)] = ""


@api.get(
    "/tiles/{layer}/{int:z}/{int:x}/{int:y}.mvt", auth=ANYONE, response={200: None, 304: None, **ERRORS}, summary="Tile",
    tags=["Ground"], operation_id="get_tile",
    openapi_extra={"responses": {200: {"content": {KIND: {"schema": {"type": "string", "format": "binary"}}}}}},
)  # fmt: skip
def tile(request: HttpRequest, layer: LayerName, z: int, x: int, y: int, filters: Query[TileQuery]) -> HttpResponse:
    """Outlines as a Mapbox vector tile (extent 4096, web Mercator): ``ground`` holds every level that shows at the zoom.

    Each level is a layer with ``path`` and ``households``; its names are points in a layer ``…_name``. ``on`` asks for the boundaries of
    another day; ``facts=verified`` adds whether a line is approved (1, 0; -1 outside of one's reach). With ``v``, the tag of the ground
    that a page was made with, the answer may be kept for a day.
    """
    wanted = tiles.asked(actor_of(request), layer, z, x, y, day=filters.on, verified=filters.facts == "verified")
    tag = tiles.etag(wanted)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        packed = tiles.tile(wanted).packed
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            answer = HttpResponse(packed, content_type=KIND, headers={"Content-Encoding": "gzip"})
        else:
            answer = HttpResponse(gzip.decompress(packed), content_type=KIND)
    answer.headers["ETag"] = tag
    answer.headers["Vary"] = "Accept-Encoding" if wanted.told is None else "Accept-Encoding, Cookie, Authorization"
    seconds = 86_400 if filters.v and filters.v == tiles.mark() else 60
    answer.headers["Cache-Control"] = f"{'public' if wanted.told is None else 'private'}, max-age={seconds}"
    return answer
