"""The life circle: what an area reaches within fifteen minutes on foot, where it does not, and the places themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import carry_out, once
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import Path, Size, link_next
from linli.api.reading import actor_of, binary, file_body
from linli.api.schemas import Body, Coordinates, Latitude, Line, Longitude
from linli.kernel import ids
from linli.kernel.trust import Actor, policy
from linli.lifecircle import queries, street_files
from linli.lifecircle.actions import places, streets
from linli.lifecircle.actions.places import PlaceFacts
from linli.lifecircle.actions.streets import Sent
from linli.lifecircle.kinds import name_of
from linli.lifecircle.models import Place, StreetNetwork
from linli.lifecircle.queries import Figure, GridReach
from linli.territory.coords import CoordinateSystem
from linli.territory.shape_files import Form

TAGS = ["Life circle"]
STREET_TYPES = {*(one.media_type for one in Form), "text/csv", "application/octet-stream"}
MOST_NETWORKS = 100
KindId = Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,32}$")]


class CircleKindOut(Schema):
    """One kind of place in an area."""

    kind: str
    name: str
    share: float | None = Field(description="0 to 1; none where there is no street network or no place of the kind.")
    numerator: int = Field(description="Weight within fifteen minutes on foot.")
    denominator: int
    micro_grids_reached: int
    micro_grids: int
    micro_grids_in_circles: int = Field(description="How many a circle on the map would count.")
    places: int


class LifeCircleOut(Schema):
    """What an area reaches, and on what that rests."""

    area_path: str
    basis: list[Literal["households", "grids"]] = Field(description="What a micro-grid weighs.")
    districts: int
    districts_known: int = Field(description="Those that have a street network.")
    waits: bool = Field(description="Something changed that is not reckoned yet.")
    as_of: datetime | None
    kinds: list[CircleKindOut]


class CircleGapOut(Schema):
    """A micro-grid that is farther than fifteen minutes from a kind of place."""

    area_path: str
    name: str
    kind: str
    minutes: float | None = Field(description="On foot; none where there is no way.")
    straight_minutes: float = Field(description="As the crow flies.")
    weight: int
    nearest: UUID | None
    nearest_name: str


class CircleGapPage(Schema):
    """A page of gaps, the farthest first."""

    items: list[CircleGapOut]
    total: int
    next: str


class CirclePlaceOut(Schema):
    """A place; coordinates in WGS 84."""

    id: UUID
    kind: str
    kind_name: str
    name: str
    area_path: str
    lng: float
    lat: float
    position: str
    hours: str
    active_from: date
    active_until: date | None = Field(description="The first day on which it is not open.")
    synthetic: bool
    version: int


class CirclePlacePage(Schema):
    """A page of places, by kind and name."""

    items: list[CirclePlaceOut]
    next: str


class CircleQuery(Body):
    """Which area: the post's own unless told."""

    area_path: Path = ""


class CirclePaging(CircleQuery):
    """Which page."""

    after: Annotated[str, StringConstraints(max_length=12)] = Field("", description="The cursor of the page before.")
    size: Size = queries.PAGE


class CircleGapsQuery(CirclePaging):
    """Which gaps."""

    kind: KindId = ""


class CirclePlacesQuery(CirclePaging):
    """Which places."""

    kind: KindId = ""
    words: Line = ""
    retired: bool = False


class CirclePlaceIn(Body):
    """A place."""

    kind: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    name: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    lng: Longitude
    lat: Latitude
    coordinates: Coordinates = Coordinates.WGS84
    position: Annotated[str, StringConstraints(max_length=160)] = ""
    hours: Annotated[str, StringConstraints(max_length=80)] = ""
    active_from: date | None = Field(None, description="Today unless told.")
    active_until: date | None = None


class CirclePlaceChangeIn(CirclePlaceIn):
    """A place put right, whole."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="The version of the place that the user saw.")]


class StreetNetworkOut(Schema):
    """A street network of a district, without its streets."""

    id: UUID
    district: str
    source: str
    streets: int
    crossings: int
    kilometres: float
    valid_from: date
    valid_to: date | None = Field(description="The first day on which it does not hold.")
    set_aside: bool = Field(description="Another took its place before its day.")
    synthetic: bool
    noted_at: datetime


class StreetsSeenOut(Schema):
    """What a file of streets would bring."""

    streets: int
    crossings: int
    kilometres: float
    beyond: int = Field(description="Streets that lie elsewhere and are left out.")
    parts: int = Field(description="Into how many pieces that do not hang together it falls.")
    largest: float = Field(description="The share of the crossings in the largest piece, 0 to 1.")


class StreetFileQuery(Body):
    """Of which district a file is, whence, from which day on it holds, and in which coordinates it is."""

    district: Path
    source: Line
    valid_from: date
    coordinates: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class CircleRetireIn(Body):
    """From which day on a place is closed for good; today unless told."""

    day: date | None = None


@api.get(
    "/life-circle", response={200: LifeCircleOut, **ERRORS}, summary="What an area reaches on foot", tags=TAGS, operation_id="life_circle"
)  # fmt: skip
def circle(request: HttpRequest, asked: Query[CircleQuery]) -> Any:
    """Every kind of place with the share of the area that reaches one within fifteen minutes on foot."""
    actor = actor_of(request)
    path = queries.path_of(actor, asked.area_path)
    standing = queries.standing(actor, path)
    return {
        "area_path": path, "basis": [one.value for one in standing.basis], "districts": standing.districts,
        "districts_known": standing.known, "waits": standing.waits, "as_of": standing.as_of,
        "kinds": [_figure(one) for one in queries.overview(actor, path)],
    }  # fmt: skip


@api.get(
    "/life-circle/gaps", response={200: CircleGapPage, **ERRORS}, summary="Where it is too far", tags=TAGS, operation_id="life_circle_gaps"
)  # fmt: skip
def gaps(request: HttpRequest, response: HttpResponse, asked: Query[CircleGapsQuery]) -> Any:
    """Which micro-grids lack which kind of place, how far the nearest is, the farthest first."""
    start = _start(asked.after)
    page = start // asked.size + 1
    found, total = queries.gaps(actor_of(request), asked.area_path, asked.kind, page=page, size=asked.size)
    after = str(page * asked.size) if page * asked.size < total else ""
    link_next(request, response, after)
    return {"items": [_gap(one) for one in found], "total": total, "next": after}


@api.get("/places", response={200: CirclePlacePage, **ERRORS}, summary="Places", tags=TAGS, operation_id="places")
def listing(request: HttpRequest, response: HttpResponse, asked: Query[CirclePlacesQuery]) -> Any:
    """The places of an area by kind and name: those that are open or will be, or those that are retired."""
    rows = queries.places(
        actor_of(request), asked.area_path, kind=asked.kind, words=asked.words.replace("\0", ""), retired=asked.retired
    )
    start = _start(asked.after)
    found = list(rows[start : start + asked.size + 1])
    after = str(start + asked.size) if len(found) > asked.size else ""
    link_next(request, response, after)
    return {"items": [_place(one) for one in found[: asked.size]], "next": after}


@api.post(
    "/places", response={201: CirclePlaceOut, **ERRORS}, openapi_extra=KEYED | body_of(CirclePlaceIn), summary="Add a place", tags=TAGS,
    operation_id="add_place",
)  # fmt: skip
def add(request: HttpRequest) -> HttpResponse:
    """Add a place in the post's area; what it changes is reckoned within a minute."""

    def act(actor: Actor, given: CirclePlaceIn) -> Any:
        return _place(places.keep(actor, _facts(given), key=ids.new_id()))

    return carry_out(request, CirclePlaceIn, "place.keep", act, verb="place.keep", status=201)


@api.put(
    "/places/{uuid:place_id}", response={200: CirclePlaceOut, **ERRORS}, openapi_extra=KEYED | body_of(CirclePlaceChangeIn),
    summary="Put a place right", tags=TAGS, operation_id="change_place",
)  # fmt: skip
def change(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Put right what is said of a place; without ``active_until`` it is open again."""

    def act(actor: Actor, given: CirclePlaceChangeIn) -> Any:
        return _place(places.change(actor, place_id, _facts(given), version=given.version))

    _to_keep(request, place_id)
    return carry_out(request, CirclePlaceChangeIn, f"place.change {place_id}", act)


@api.post(
    "/places/{uuid:place_id}/retire", response={200: CirclePlaceOut, **ERRORS}, openapi_extra=KEYED | body_of(CircleRetireIn),
    summary="Retire a place", tags=TAGS, operation_id="retire_place",
)  # fmt: skip
def retire(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Say from which day on a place is closed for good."""

    def act(actor: Actor, given: CircleRetireIn) -> Any:
        return _place(places.retire(actor, place_id, day=given.day))

    _to_keep(request, place_id)
    return carry_out(request, CircleRetireIn, f"place.retire {place_id}", act)


@api.get(
    "/street-networks", response={200: list[StreetNetworkOut], **ERRORS}, summary="Street networks", tags=TAGS,
    operation_id="street_networks",
)  # fmt: skip
def street_networks(request: HttpRequest) -> Any:
    """The last hundred networks of the districts in reach, those that were followed among them."""
    return [_network(one) for one in queries.networks(actor_of(request))[:MOST_NETWORKS]]


@api.post(
    "/street-networks/check", response={200: StreetsSeenOut, **ERRORS}, openapi_extra=binary(STREET_TYPES),
    summary="Look at a file of streets", tags=TAGS, operation_id="check_streets",
)  # fmt: skip
def check_streets(request: HttpRequest, asked: Query[StreetFileQuery]) -> Any:
    """What a file would bring. Nothing is kept, so this takes no key."""
    seen = streets.look(actor_of(request), _sent(request, asked))
    return {
        "streets": len(seen.streets.ends), "crossings": len(seen.streets.points), "kilometres": round(seen.kilometres, 3),
        "beyond": seen.beyond, "parts": seen.parts, "largest": seen.largest,
    }  # fmt: skip


@api.post(
    "/street-networks", response={201: StreetNetworkOut, **ERRORS}, openapi_extra=KEYED | binary(STREET_TYPES),
    summary="Take in a street network", tags=TAGS, operation_id="take_streets",
)  # fmt: skip
def take_streets(request: HttpRequest, asked: Query[StreetFileQuery]) -> HttpResponse:
    """GeoJSON, GeoPackage or zipped Shapefile of lines, or CSV with a street a row; what it changes is reckoned within a minute."""
    actor, sent = actor_of(request), _sent(request, asked)
    name = f"streets.import {asked.model_dump_json()}"
    return once(
        request,
        actor,
        name,
        sent.content,
        lambda: _network(streets.take(actor, sent)),
        status=201,
        district=sent.district,
    )


def _sent(request: HttpRequest, asked: StreetFileQuery) -> Sent:
    policy.require(actor_of(request), "lifecircle.import")
    content = file_body(request, STREET_TYPES, most=street_files.MOST_BYTES)
    return Sent(asked.district, asked.source, content, asked.valid_from, CoordinateSystem(asked.coordinates))


def _network(one: StreetNetwork) -> dict[str, Any]:
    return {
        "id": one.id, "district": one.district, "source": one.source, "streets": one.street_count, "crossings": one.crossing_count,
        "kilometres": one.kilometres, "valid_from": one.valid_from, "valid_to": one.valid_to, "set_aside": one.set_aside,
        "synthetic": one.synthetic, "noted_at": one.noted_at,
    }  # fmt: skip


def _to_keep(request: HttpRequest, place_id: UUID) -> None:
    actor = actor_of(request)
    policy.require(actor, "place.keep", queries.place_of(actor, place_id), view=queries.VERB)


def _facts(given: CirclePlaceIn) -> PlaceFacts:
    return PlaceFacts(
        given.kind, given.name, given.lng, given.lat, given.position, given.hours, given.active_from, given.active_until,
        CoordinateSystem(given.coordinates),
    )  # fmt: skip


def _start(after: str) -> int:
    return int(after) if after.isascii() and after.isdecimal() and len(after) < 8 else 0


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "kind": one.kind.id, "name": one.kind.name, "share": one.share, "numerator": one.covered, "denominator": one.whole,
        "micro_grids_reached": one.grids_covered, "micro_grids": one.grids, "micro_grids_in_circles": one.circled,
        "places": one.places,
    }  # fmt: skip


def _gap(one: GridReach) -> dict[str, Any]:
    return {
        "area_path": one.path, "name": one.name, "kind": one.kind, "minutes": one.minutes, "straight_minutes": one.straight,
        "weight": one.weight, "nearest": one.place.id if one.place else None, "nearest_name": one.place.name if one.place else "",
    }  # fmt: skip


def _place(one: Place) -> dict[str, Any]:
    names = [name for name in CirclePlaceOut.model_fields if name != "kind_name"]
    return {name: getattr(one, name) for name in names} | {"kind_name": name_of(one.kind)}
