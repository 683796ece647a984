"""Changes of micro-grids: draw, check, propose, decide, as files, how far the verification has come, and who was responsible on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import once
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import Path
from linli.api.reading import actor_of, json_body
from linli.api.schemas import Body, Coordinates, Latitude, Longitude
from linli.kernel.trust import Actor, policy
from linli.territory import grid_files, locating, redrawings
from linli.territory import queries as territory
from linli.territory.actions import redrawing as actions
from linli.territory.coords import CoordinateSystem, Point
from linli.territory.models import Redrawing, RedrawingState

TAGS = ["Micro-grids"]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9A-Z]+)*$", max_length=48)]
Key = Annotated[str, StringConstraints(max_length=48)]
Name = Annotated[str, StringConstraints(max_length=80)]
Words = Annotated[str, StringConstraints(max_length=400)]
Spot = Annotated[list[float], Field(min_length=2, max_length=3)]


class RedrawnGridOut(Schema):
    """A grid that a change makes."""

    key: str
    path: str = Field("", description="Once it is in force.")
    name: str
    parent: str
    households: int
    dwellings: int
    square_metres: int
    follows: list[str] = Field(description="Paths of the grids whose people and work it takes over.")
    outline: list[list[float]]


class FindingOut(Schema):
    """Something that is wrong, with its place."""

    what: str
    refuses: bool
    lng: float
    lat: float
    grids: list[str]
    measure: float = Field(description="Square metres, metres of a sliver, or dwellings.")
    outline: list[list[float]]


class EntryOut(Schema):
    """One entry of a change's history."""

    verb: str
    state: str
    role: str
    name: str
    at: datetime
    words: str


class RedrawingOut(Schema):
    """A change of micro-grids."""

    id: UUID
    district: str
    area_path: str
    title: str
    reason: str
    state: str
    holds_from: date | None
    applied_on: date | None
    steps: list[dict[str, Any]]
    begun: list[RedrawnGridOut]
    ended: list[str]
    confirmed: list[str]
    findings: list[FindingOut]
    history: list[EntryOut]
    version: int


class RedrawingLine(Schema):
    """A change in a list."""

    id: UUID
    district: str
    area_path: str
    title: str
    state: str
    holds_from: date | None
    applied_on: date | None
    changed_at: datetime
    version: int


class OutcomeOut(Schema):
    """What a step would come to."""

    refused: bool
    begun: list[RedrawnGridOut]
    ended: list[str]
    confirmed: list[str]
    findings: list[FindingOut]


class VerificationOut(Schema):
    """How far the verification has come in an area."""

    path: str
    name: str
    level: str
    grids: int
    verified: int
    waiting: int
    percent: int


class ResponsibleOut(Schema):
    """The grid that was responsible for a point on a day."""

    path: str
    name: str
    level: str
    how: str
    day: date
    since: date
    until: date | None


class RedrawingsQuery(Body):
    """Which changes."""

    state: Literal["", "open"] | RedrawingState = ""
    within: Path = ""


class ResponsibleQuery(Body):
    """A point and a day."""

    lng: Longitude
    lat: Latitude
    coordinates: Coordinates = Coordinates.WGS84
    day: date


class VerificationQuery(Body):
    """Where."""

    area_path: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}(/[0-9A-Z]+)*$", max_length=14)]


class RedrawingIn(Body):
    """A change to begin."""

    community: AreaPath
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    reason: Words = ""


class RedrawingFactsIn(Body):
    """What a change is about."""

    version: int
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    reason: Words = ""
    holds_from: date | None = None


class OutlineIn(Body):
    """An outline of a step ``outlines``."""

    grid: Key = ""
    name: Name = ""
    outline: Annotated[list[Spot], Field(min_length=3)]


class StepIn(Body):
    """One step: ``split`` takes grid, line and names, ``merge`` grids and name, ``move`` two grids and a line, ``rename`` grid and name,
    ``confirm`` grids, ``outlines`` features."""

    do: Literal["split", "merge", "move", "rename", "confirm", "outlines"]
    grid: Key = ""
    grids: Annotated[list[Key], Field(default_factory=list, max_length=999)]
    line: Annotated[list[Spot], Field(default_factory=list, max_length=400)]
    name: Name = ""
    names: Annotated[list[Name], Field(default_factory=list, max_length=8)]
    features: Annotated[list[OutlineIn], Field(default_factory=list, max_length=999)]


class StepVersionIn(Body):
    """A step on a change as it was seen."""

    version: int
    step: StepIn


class FileIn(Body):
    """A GeoJSON feature collection whose polygons take the place of the grids in their general grids."""

    version: int
    coordinates: Coordinates = Coordinates.WGS84
    collection: dict[str, Any]


class VersionIn(Body):
    """The change as it was seen."""

    version: int


class RedrawingApproveIn(Body):
    """An approval."""

    version: int
    words: Words = ""
    holds_from: date | None = Field(None, description="A later day than the one proposed.")


class RedrawingSendBackIn(Body):
    """Why it goes back."""

    version: int
    words: Annotated[str, StringConstraints(min_length=1, max_length=400)]


def shape(found: Redrawing) -> dict[str, Any]:
    """A change, whole."""
    return line(found) | {
        "reason": found.reason,
        "steps": found.steps,
        "begun": found.pieces,
        "ended": found.ended,
        "confirmed": found.confirmed,
        "findings": found.findings,
        "history": [
            {"verb": one.verb, "state": one.state, "role": one.role, "name": one.name, "at": one.at, "words": one.words}
            for one in found.entries.all()
        ],
    }


def line(found: Redrawing) -> dict[str, Any]:
    """A change in a list."""
    names = ("id", "district", "area_path", "title", "state", "holds_from", "applied_on", "changed_at", "version")
    return {name: getattr(found, name) for name in names}


def _json(found: Redrawing) -> Any:
    return RedrawingOut.model_validate(shape(found)).model_dump(mode="json")


def _to_draw(request: HttpRequest, redrawing_id: UUID) -> tuple[Actor, Redrawing]:
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)
    policy.require(actor, "redrawing.draw", found, view="redrawing.view")
    return actor, found


@api.get(
    "/redrawings", response={200: list[RedrawingLine], **ERRORS}, summary="Changes of micro-grids", tags=TAGS,
    operation_id="list_redrawings",
)  # fmt: skip
def listed(request: HttpRequest, filters: Query[RedrawingsQuery]) -> Any:
    """The changes in reach, the last changed first, at most 200."""
    return [
        line(one) for one in redrawings.redrawings(actor_of(request), state=filters.state, within_path=filters.within)
    ]


@api.post(
    "/redrawings", response={201: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(RedrawingIn), summary="Begin a change",
    tags=TAGS, operation_id="begin_redrawing",
)  # fmt: skip
def begin(request: HttpRequest) -> Any:
    """Begin a change of a community's micro-grids."""
    actor = actor_of(request)
    policy.require(actor, "redrawing.draw")
    body, given = json_body(request, RedrawingIn)

    def act() -> Redrawing:
        return actions.begin_redrawing(actor, given.community, title=given.title, reason=given.reason)

    return once(request, actor, "redrawing.begin", body, lambda: shape(act()), status=201)


@api.get(
    "/redrawings/progress", response={200: list[VerificationOut], **ERRORS}, summary="Progress of the verification", tags=TAGS,
    operation_id="redrawing_progress",
)  # fmt: skip
def progress(request: HttpRequest, filters: Query[VerificationQuery]) -> Any:
    """Verified micro-grids in the areas directly below one."""
    policy.require(actor_of(request), "redrawing.view", policy.Spot(filters.area_path))
    return [
        {
            "path": one.path, "name": one.name, "level": one.level, "grids": one.grids, "verified": one.verified,
            "waiting": one.waiting, "percent": one.percent,
        }
        for one in redrawings.progress(filters.area_path)
    ]  # fmt: skip


@api.get(
    "/redrawings/responsible", auth=ANYONE, response={200: ResponsibleOut, **ERRORS}, summary="Who was responsible on a day",
    tags=TAGS, operation_id="responsible_on",
)  # fmt: skip
def responsible(request: HttpRequest, filters: Query[ResponsibleQuery]) -> Any:
    """The grid that was responsible for a point on a day, by the boundaries of that day."""
    system = CoordinateSystem(filters.coordinates.value)
    found = locating.who_was_responsible(Point(filters.lng, filters.lat, system), filters.day)
    area = territory.areas_at([found.path], day=filters.day)[found.path]
    return {
        "path": found.path, "name": territory.full_name(found.path), "level": area.level, "how": str(found.how),
        "day": filters.day, "since": area.valid_from, "until": area.valid_to,
    }  # fmt: skip


@api.get(
    "/redrawings/{uuid:redrawing_id}", response={200: RedrawingOut, **ERRORS}, summary="A change", tags=TAGS,
    operation_id="get_redrawing",
)  # fmt: skip
def one(request: HttpRequest, redrawing_id: UUID) -> Any:
    """A change with its steps, what it comes to, its findings and its history."""
    return shape(redrawings.redrawing(actor_of(request), redrawing_id))


@api.get(
    "/redrawings/{uuid:redrawing_id}/grids", response={200: dict[str, Any], **ERRORS}, summary="The grids as a file", tags=TAGS,
    operation_id="redrawing_grids",
)  # fmt: skip
def grids(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """The community's micro-grids as the change leaves them, as GeoJSON."""
    found = redrawings.redrawing(actor_of(request), redrawing_id)
    return JsonResponse(grid_files.written(redrawings.grids_of(found)), content_type="application/geo+json")


@api.put(
    "/redrawings/{uuid:redrawing_id}", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(RedrawingFactsIn),
    summary="Describe a change", tags=TAGS, operation_id="describe_redrawing",
)  # fmt: skip
def describe(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Title, reason and the day from which it holds."""
    actor, found = _to_draw(request, redrawing_id)
    body, given = json_body(request, RedrawingFactsIn)

    def act() -> Redrawing:
        return actions.describe(
            actor, found.id, district=found.district, version=given.version, title=given.title, reason=given.reason,
            holds_from=given.holds_from,
        )  # fmt: skip

    return once(request, actor, f"redrawing.describe {redrawing_id}", body, lambda: shape(act()))


@api.post(
    "/redrawings/{uuid:redrawing_id}/steps", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(StepVersionIn),
    summary="Draw a step", tags=TAGS, operation_id="draw_step",
)  # fmt: skip
def step(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Draw one step; the answer holds what it came to and what is wrong with it."""
    actor, found = _to_draw(request, redrawing_id)
    body, given = json_body(request, StepVersionIn)

    def act() -> Redrawing:
        return actions.add_step(
            actor, found.id, district=found.district, version=given.version, step=given.step.model_dump()
        )

    return once(request, actor, f"redrawing.step {redrawing_id}", body, lambda: shape(act()))


@api.post(
    "/redrawings/{uuid:redrawing_id}/check", response={200: OutcomeOut, **ERRORS}, openapi_extra=body_of(StepIn),
    summary="Check a step", tags=TAGS, operation_id="check_step",
)  # fmt: skip
def check(request: HttpRequest, redrawing_id: UUID) -> Any:
    """What a step would come to. Nothing is kept, so this takes no key."""
    _actor, found = _to_draw(request, redrawing_id)
    _body, given = json_body(request, StepIn)
    now = redrawings.outcome(found.area_path, [*found.steps, actions.clean_step(given.model_dump())])
    return {
        "refused": now.refused,
        "begun": now.pieces,
        "ended": now.ended,
        "confirmed": now.confirmed,
        "findings": now.findings,
    }


@api.post(
    "/redrawings/{uuid:redrawing_id}/file", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(FileIn),
    summary="Take outlines from a file", tags=TAGS, operation_id="draw_file",
)  # fmt: skip
def file(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Draw the outlines of a GeoJSON feature collection as one step."""
    actor, found = _to_draw(request, redrawing_id)
    body, given = json_body(request, FileIn)
    features = grid_files.taken(given.collection, system=CoordinateSystem(given.coordinates.value))

    def act() -> Redrawing:
        drawn = {"do": "outlines", "features": features}
        return actions.add_step(actor, found.id, district=found.district, version=given.version, step=drawn)

    return once(request, actor, f"redrawing.file {redrawing_id}", body, lambda: shape(act()))


@api.post(
    "/redrawings/{uuid:redrawing_id}/take-back", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(VersionIn),
    summary="Take the last step back", tags=TAGS, operation_id="take_back_step",
)  # fmt: skip
def take_back(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Take the last step of a draft back."""
    return _with_version(request, redrawing_id, "take_back", actions.take_back_step)


@api.post(
    "/redrawings/{uuid:redrawing_id}/propose", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(VersionIn),
    summary="Propose a change", tags=TAGS, operation_id="propose_redrawing",
)  # fmt: skip
def propose(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Propose it; refused with the places while it is not a partition."""
    return _with_version(request, redrawing_id, "propose", actions.propose)


@api.post(
    "/redrawings/{uuid:redrawing_id}/withdraw", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(VersionIn),
    summary="Withdraw a change", tags=TAGS, operation_id="withdraw_redrawing",
)  # fmt: skip
def withdraw(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Give it up before it is in force."""
    return _with_version(request, redrawing_id, "withdraw", actions.withdraw)


@api.post(
    "/redrawings/{uuid:redrawing_id}/approve", response={200: RedrawingOut, **ERRORS},
    openapi_extra=KEYED | body_of(RedrawingApproveIn), summary="Approve a change", tags=TAGS, operation_id="approve_redrawing",
)  # fmt: skip
def approve(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Approve what waits for one's level."""
    actor, found = _to_decide(request, redrawing_id)
    body, given = json_body(request, RedrawingApproveIn)

    def act() -> Redrawing:
        return actions.approve(
            actor,
            found.id,
            district=found.district,
            version=given.version,
            words=given.words,
            holds_from=given.holds_from,
        )

    return once(request, actor, f"redrawing.approve {redrawing_id}", body, lambda: shape(act()))


@api.post(
    "/redrawings/{uuid:redrawing_id}/send-back", response={200: RedrawingOut, **ERRORS},
    openapi_extra=KEYED | body_of(RedrawingSendBackIn), summary="Send a change back", tags=TAGS,
    operation_id="send_back_redrawing",
)  # fmt: skip
def send_back(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Send it back to be mended, with a reason."""
    actor, found = _to_decide(request, redrawing_id)
    body, given = json_body(request, RedrawingSendBackIn)

    def act() -> Redrawing:
        return actions.send_back(actor, found.id, district=found.district, version=given.version, words=given.words)

    return once(request, actor, f"redrawing.send_back {redrawing_id}", body, lambda: shape(act()))


def _to_decide(request: HttpRequest, redrawing_id: UUID) -> tuple[Actor, Redrawing]:
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)
    waiting = redrawings.APPROVALS.get(RedrawingState(found.state))
    if waiting is not None:
        policy.require(actor, waiting[0], found, view="redrawing.view")
    return actor, found


def _with_version(request: HttpRequest, redrawing_id: UUID, name: str, action: Callable[..., Redrawing]) -> Any:
    actor, found = _to_draw(request, redrawing_id)
    body, given = json_body(request, VersionIn)
    return once(
        request, actor, f"redrawing.{name} {redrawing_id}", body,
        lambda: shape(action(actor, found.id, district=found.district, version=given.version)),
    )  # fmt: skip
