"""Lists of cases: views of the inbox, one's own, what is near. Registered before the endpoints of one case."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field, StringConstraints

from linli.api import shapes
from linli.api.case_schemas import CasePage, NearOut, ViewCount
from linli.api.door import ANYONE, ERRORS, api
from linli.api.reading import actor_of
from linli.api.schemas import Body, Coordinates, Latitude, Line, Longitude, Words, in_place
from linli.cases import placing, queries
from linli.cases.queries import View
from linli.kernel.trust import policy
from linli.moderation import queries as moderation

Size = Annotated[int, Field(ge=1, le=200)]
Path = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z/]{0,48}$")]


class Paging(Body):
    """Which page of a list."""

    after: Annotated[str, StringConstraints(max_length=200)] = Field("", description="The cursor of the page before.")
    size: Size = queries.PAGE


class InboxQuery(Paging):
    """Which cases of the inbox."""

    view: Annotated[View, in_place(View)] = View.OPEN
    category: Annotated[str, StringConstraints(max_length=8)] = ""
    area_path: Path = ""
    severity: Annotated[int, Field(ge=1, le=4)] | None = None
    state: Annotated[str, StringConstraints(max_length=24)] = ""
    words: Line = Field("", description="In the number, the description or the address.")


class NearQuery(Body):
    """What a report would say, so far."""

    category: Annotated[str, StringConstraints(min_length=1, max_length=8)]
    lng: Longitude | None = None
    lat: Latitude | None = None
    coordinates: Coordinates = Coordinates.WGS84
    address: Line = ""
    district: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = ""
    words: Words = ""


def link_next(request: HttpRequest, response: HttpResponse, cursor: str) -> None:
    """Name the next page in a Link header (RFC 8288)."""
    if cursor:
        query = request.GET.dict() | {"after": cursor}
        response.headers["Link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'


@api.get(
    "/cases",
    response={200: CasePage, **ERRORS},
    summary="Inbox",
    tags=["Cases"],
    operation_id="list_cases",
)
def inbox(request: HttpRequest, response: HttpResponse, filters: Query[InboxQuery]) -> Any:
    """A page of a view: what is due first comes first, of ended cases the newest."""
    actor = actor_of(request)
    policy.require(actor, "case.list")
    found = queries.inbox(
        actor,
        filters.view,
        filters=queries.Filters(filters.category, filters.area_path, filters.severity, filters.state, filters.words),
        after=filters.after,
        size=filters.size,
    )
    link_next(request, response, found.next)
    return shapes.page(found)


@api.get(
    "/cases/counts",
    response={200: list[ViewCount], **ERRORS},
    summary="Views of the inbox",
    tags=["Cases"],
    operation_id="count_cases",
)
def counts(request: HttpRequest) -> Any:
    """The views that the post is offered, with how many cases each holds."""
    actor = actor_of(request)
    policy.require(actor, "case.list")
    views = queries.VIEWS_OF.get(actor.role, (View.OPEN, View.CLOSED))
    found = queries.counts(actor, views)
    return [{"view": view.value, "label": str(queries.LABELS[view]), "count": found.get(view)} for view in views]


@api.get(
    "/cases/mine",
    response={200: CasePage, **ERRORS},
    summary="My cases",
    tags=["Cases"],
    operation_id="my_cases",
)
def mine(request: HttpRequest, response: HttpResponse, filters: Query[Paging]) -> Any:
    """What one reported or joined, the newest first."""
    found = queries.mine(actor_of(request), after=filters.after, size=filters.size)
    link_next(request, response, found.next)
    return shapes.page(found)


@api.get(
    "/cases/near",
    auth=ANYONE,
    response={200: list[NearOut], **ERRORS},
    summary="Cases nearby",
    tags=["Reports"],
    operation_id="near_cases",
)
def near(request: HttpRequest, filters: Query[NearQuery]) -> Any:
    """Open cases that may be the same matter, to be joined instead of reported again; nothing personal in them."""
    policy.require(actor_of(request), "case.report")
    place = placing.find(
        lng=filters.lng,
        lat=filters.lat,
        coordinates=filters.coordinates.value,
        address=filters.address,
        district=filters.district,
    )
    found = queries.near(
        district=place.district,
        category=filters.category,
        lng=place.lng,
        lat=place.lat,
        area_path=place.area_path,
        words=filters.words,
    )
    if policy.allows(actor_of(request), "case.list"):
        return found
    # What a neighbour wrote is the neighbour's: others read the version that somebody has let through.
    wordings = moderation.wordings(found)
    return [replace(one, words=wordings.get(one.id, "")[:80]) for one in found]
