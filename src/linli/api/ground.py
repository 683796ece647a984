"""The ground: areas of the governing tree, and which of them a point or an address belongs to. Public, as the ground is."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field, StringConstraints

from linli.api.door import ANYONE, ERRORS, api
from linli.api.ground_schemas import AreaOut, AreaTree, LocatedOut
from linli.api.schemas import Body, Coordinates, Latitude, Line, Longitude
from linli.cases import placing
from linli.kernel.errors import NotFound
from linli.territory import queries as territory
from linli.territory.models import Area


class PlaceQuery(Body):
    """A point or an address."""

    lng: Longitude | None = None
    lat: Latitude | None = None
    coordinates: Coordinates = Coordinates.WGS84
    address: Line = ""
    district: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = ""


class AreaSearch(Body):
    """Areas by name."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    within: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z/]{0,48}$")] = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 20


def shape(area: Area) -> dict[str, Any]:
    """An area."""
    return {
        "id": area.id,
        "path": area.path,
        "level": area.level,
        "name": area.name,
        "code": area.code,
        "synthetic": area.synthetic,
        "households": area.households,
        "lng": area.label_lng,
        "lat": area.label_lat,
    }


@api.get(
    "/areas",
    auth=ANYONE,
    response={200: list[AreaOut], **ERRORS},
    summary="Areas by name",
    tags=["Ground"],
    operation_id="search_areas",
)
def search(request: HttpRequest, filters: Query[AreaSearch]) -> Any:
    """Cities to communities whose name holds the words."""
    found = territory.search_areas(filters.words, within_path=filters.within, limit=filters.limit)
    areas = territory.areas_at(one.path for one in found)
    return [shape(areas[one.path]) for one in found if one.path in areas]


@api.get(
    "/areas/locate",
    auth=ANYONE,
    response={200: LocatedOut, **ERRORS},
    summary="Locate",
    tags=["Ground"],
    operation_id="locate",
)
def locate(request: HttpRequest, filters: Query[PlaceQuery]) -> Any:
    """The grid that answers for a point or an address, as a report there would find it."""
    place = placing.find(
        lng=filters.lng,
        lat=filters.lat,
        coordinates=filters.coordinates.value,
        address=filters.address,
        district=filters.district,
    )
    return {
        "path": place.area_path,
        "district": place.district,
        "how": str(place.how),
        "lng": place.lng,
        "lat": place.lat,
        "name": territory.full_name(place.area_path),
    }


@api.get(
    "/areas/{path:area_path}",
    auth=ANYONE,
    response={200: AreaTree, **ERRORS},
    summary="Area",
    tags=["Ground"],
    operation_id="get_area",
)
def area(request: HttpRequest, area_path: str) -> Any:
    """An area, what it lies in, and what lies directly in it."""
    if len(area_path) > 48 or not area_path.isascii() or "\0" in area_path:
        raise NotFound("territory.no_area", _("There is no such area."))
    found = territory.area_at(area_path)
    above = territory.areas_at(territory.ancestors(area_path))
    return shape(found) | {
        "ancestors": [shape(above[path]) for path in territory.ancestors(area_path) if path in above],
        "children": [shape(one) for one in territory.children(area_path)],
    }
