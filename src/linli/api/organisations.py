"""Networks of organisations: the register, coverage and what is missing, drives with their five steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import Paging, Path, link_next
from linli.api.reading import actor_of, json_body, key_of
from linli.api.reports import written
from linli.api.schemas import Body, Line
from linli.kernel import commands, ids
from linli.kernel.trust import Actor, policy
from linli.organisations import coverage, queries, standing
from linli.organisations.actions import driving, registering
from linli.organisations.actions.registering import New
from linli.organisations.coverage import Figure
from linli.organisations.models import Build, Step
from linli.organisations.queries import Progress
from linli.people.models import Organisation

TAGS = ["Organisations"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}(/[0-9A-Z]+)*$", max_length=48)]
Said = Annotated[str, StringConstraints(max_length=400)]
StageName = Literal["find", "found", "arrange", "serve", "root"]


class TypeOut(Schema):
    """A type of organisation and what holds of it today."""

    code: str
    family: str
    name_zh: str
    name_en: str
    seat: str = Field(description="The kind of place it belongs to; `any` where nothing is ruled.")
    under: str
    expected: bool
    also: list[str] = Field(description="Types that count for it.")


class RegisteredOut(Schema):
    """An organisation of the register."""

    id: UUID
    district: str
    code: str
    name: str
    name_en: str
    type: str
    area_path: str
    parent_id: UUID | None
    starts_on: date
    ends_on: date | None = Field(description="The first day on which it is no more.")
    state: str
    public_phone: str
    version: int


class RegisterPage(Schema):
    """A page of the register."""

    items: list[RegisteredOut]
    next: str


class HolderOut(Schema):
    """Who holds a post; the name is masked unless one's post may see posts there."""

    post_id: UUID
    name: str
    title: str
    public_phone: str
    since: date


class DeedOut(Schema):
    """One line of the history."""

    deed: str
    at: datetime
    name: str
    reason: str
    fields: list[str]


class FileOut(Schema):
    """Everything about an organisation."""

    organisation: RegisteredOut
    compound_id: UUID | None
    building_id: UUID | None
    description: str
    description_en: str
    is_public: bool
    contact_post_id: UUID | None
    line: list[RegisteredOut] = Field(description="What it stands under, the highest first.")
    children: list[RegisteredOut]
    posts: list[HolderOut]
    history: list[DeedOut]


class RegisterQuery(Paging):
    """Which organisations."""

    area_path: Path = ""
    type: Line = ""
    words: Line = ""
    state: Literal["at_work", "to_come", "dissolved"] = "at_work"


class OrganisationIn(Body):
    """A new organisation; the type's rule says what kind of place it needs."""

    type: Code
    name: Annotated[str, StringConstraints(min_length=2, max_length=120)]
    area_path: AreaPath
    name_en: Annotated[str, StringConstraints(max_length=160)] = ""
    code: Annotated[str, StringConstraints(max_length=64)] = ""
    compound_id: UUID | None = None
    building_id: UUID | None = None
    parent_id: UUID | None = None
    starts_on: date | None = None
    public_phone: Annotated[str, StringConstraints(max_length=24)] = ""
    description: Said = ""
    description_en: Said = ""
    is_public: bool = True


class OrganisationChangeIn(Body):
    """What changes; what is left out stays."""

    version: int
    name: Annotated[str, StringConstraints(min_length=2, max_length=120)] | None = None
    name_en: Annotated[str, StringConstraints(max_length=160)] | None = None
    public_phone: Annotated[str, StringConstraints(max_length=24)] | None = None
    parent_id: UUID | None = None
    starts_on: date | None = None
    description: Said | None = None
    description_en: Said | None = None
    is_public: bool | None = None
    contact_post_id: UUID | None = None
    reason: Line = ""


class DissolveIn(Body):
    """Why, and from which day on it is no more."""

    version: int
    reason: Line
    ends_on: date | None = None


class ReviveIn(Body):
    """Takes a dissolution back."""

    version: int
    reason: Line = ""


class NetworkFigureOut(Schema):
    """How many places should have one, and how many do."""

    should: int
    covered: int
    missing: int
    percent: float | None = Field(description="With one decimal; never 100 while one is missing; none without places.")


class NetworkPartOut(Schema):
    """An area directly below."""

    area_path: str
    name: str
    figure: NetworkFigureOut


class MonthOut(Schema):
    """The figure at the end of a month."""

    day: date
    figure: NetworkFigureOut | None


class NetworkCoverageOut(Schema):
    """Coverage of a type in an area."""

    type: str
    area_path: str
    day: date
    seat: str
    expected: bool
    whole: NetworkFigureOut
    parts: list[NetworkPartOut]
    months: list[MonthOut]


class NetworkCoverageQuery(Body):
    """Of which type, where, on which day."""

    type: Code
    area_path: Path = ""
    day: date | None = None


class MissingQuery(Paging):
    """Of which type, where."""

    type: Code
    area_path: Path = ""


class MissingOut(Schema):
    """A place that lacks one."""

    place_id: UUID
    area_path: str
    name: str
    lng: float | None
    lat: float | None


class MissingPage(Schema):
    """A page of places that lack one."""

    items: list[MissingOut]
    next: str


class DriveOut(Schema):
    """A drive."""

    id: UUID
    district: str
    type: str
    area_path: str
    title: str
    until: date
    state: str
    builds: int
    by_steps: list[int] = Field(description="How many places have 0 to 5 steps done.")
    overdue: int
    version: int


class DriveIn(Body):
    """What is to be built where, until when."""

    type: Code
    area_path: AreaPath
    title: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    until: date


class DriveEndIn(Body):
    """Why it ends before every place is done."""

    version: int
    reason: Line = ""


class BuildOut(Schema):
    """One place of a drive."""

    id: UUID
    district: str
    drive_id: UUID
    area_path: str
    place_name: str
    organisation_id: UUID | None
    done: int
    next_step: str
    next_on: date | None
    version: int


class BuildPage(Schema):
    """A page of places."""

    items: list[BuildOut]
    next: str


class BuildsQuery(Paging):
    """Which places: those whose next step is this one (`done`: none is left), those that are late."""

    step: Line = ""
    overdue: bool = False


class StepOut(Schema):
    """A step that was done, and whether it was taken back."""

    stage: str
    done_on: date
    name: str
    note: str
    next_on: date | None
    undone_at: datetime | None
    undo_reason: str


class BuildFileOut(Schema):
    """One place with every step that was ever done."""

    build: BuildOut
    steps: list[StepOut]


class StepIn(Body):
    """The next step of a place; `name` is needed with `found`."""

    version: int
    stage: StageName
    note: Said = ""
    done_on: date | None = None
    next_on: date | None = None
    name: Annotated[str, StringConstraints(max_length=120)] = ""
    public_phone: Annotated[str, StringConstraints(max_length=24)] = ""
    description: Said = ""


class StepUndoIn(Body):
    """Why the last step is taken back."""

    version: int
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def figure(found: Figure) -> dict[str, Any]:
    """A figure."""
    return {"should": found.should, "covered": found.covered, "missing": found.missing, "percent": found.percent}


def registered(one: Organisation) -> dict[str, Any]:
    """An organisation of the register."""
    return {
        "id": one.id, "district": one.district, "code": one.code, "name": one.name, "name_en": one.name_en, "type": one.type_id,
        "area_path": one.area_path, "parent_id": one.parent_id, "starts_on": one.starts_on, "ends_on": one.ends_on,
        "state": queries.state_of(one), "public_phone": one.public_phone, "version": one.version,
    }  # fmt: skip


def drive_shape(found: Progress) -> dict[str, Any]:
    """A drive."""
    one = found.drive
    return {
        "id": one.id, "district": one.district, "type": one.type_id, "area_path": one.area_path, "title": one.title,
        "until": one.until, "state": str(one.state), "builds": found.builds, "by_steps": list(found.by_done),
        "overdue": found.overdue, "version": one.version,
    }  # fmt: skip


def build_shape(one: Build) -> dict[str, Any]:
    """A place of a drive."""
    return {
        "id": one.id, "district": one.district, "drive_id": one.drive_id, "area_path": one.area_path,
        "place_name": one.place_name, "organisation_id": one.organisation_id, "done": one.done,
        "next_step": str(one.next_stage or ""), "next_on": one.next_on, "version": one.version,
    }  # fmt: skip


def _step_shape(one: Step) -> dict[str, Any]:
    return {
        "stage": one.stage, "done_on": one.done_on, "name": one.name, "note": one.note, "next_on": one.next_on,
        "undone_at": one.undone_at, "undo_reason": one.undo_reason,
    }  # fmt: skip


def _once(
    request: HttpRequest, actor: Actor, name: str, body: bytes, act: Callable[[], dict[str, Any]], *, status: int = 200
) -> Any:
    """Carry out a command once for its key."""
    answer = commands.run(
        actor,
        key_of(request),
        f"{name}\n".encode() + body,
        district=actor.district or "000000",
        action=lambda: (status, {key: _plain(value) for key, value in act().items()}),
    )
    return written(answer)


def _plain(found: Any) -> Any:
    if isinstance(found, UUID):
        return str(found)
    return found.isoformat() if isinstance(found, date) else found


def _page(rows: Any, after: str, size: int) -> tuple[list[Any], str]:
    """A page by offset: the cursor is how many rows came before."""
    start = int(after) if after.isdecimal() and len(after) < 8 else 0
    found = list(rows[start : start + size + 1])
    return found[:size], str(start + size) if len(found) > size else ""


@api.get(
    "/organisations/types", response={200: list[TypeOut], **ERRORS}, summary="Types of organisation", tags=TAGS,
    operation_id="organisation_types",
)  # fmt: skip
def types(request: HttpRequest) -> Any:
    """Every type with the rule that holds of it today."""
    policy.require(actor_of(request), "organisation.view")
    found = []
    for one in standing.types().values():
        rule = standing.rule_on(one.code)
        found.append(
            {
                "code": one.code, "family": one.family, "name_zh": one.name_zh, "name_en": one.name_en,
                "seat": rule.seat.value if rule else "any", "under": rule.under if rule else "",
                "expected": rule.expected if rule else False, "also": list(rule.types[1:]) if rule else [],
            }
        )  # fmt: skip
    return found


@api.get(
    "/organisations/register", response={200: RegisterPage, **ERRORS}, summary="The register", tags=TAGS,
    operation_id="organisation_register",
)  # fmt: skip
def register(request: HttpRequest, response: HttpResponse, filters: Query[RegisterQuery]) -> Any:
    """A page of the organisations within reach, by area and type."""
    rows = queries.matching(
        actor_of(request), words=filters.words, kind=filters.type, area_path=filters.area_path, state=filters.state
    )
    found, more = _page(rows, filters.after, filters.size)
    link_next(request, response, more)
    return {"items": [registered(one) for one in found], "next": more}


@api.post(
    "/organisations", response={201: RegisteredOut, **ERRORS}, openapi_extra=KEYED | body_of(OrganisationIn),
    summary="Found an organisation", tags=TAGS, operation_id="found_organisation",
)  # fmt: skip
def found_one(request: HttpRequest) -> Any:
    """Put an organisation into the register."""
    actor = actor_of(request)
    policy.require(actor, "organisation.keep")
    body, given = json_body(request, OrganisationIn)
    facts = given.model_dump(exclude={"type"})
    return _once(
        request, actor, "organisation.found", body,
        lambda: registered(registering.found(actor, New(kind=given.type, id=ids.new_id(), **facts))), status=201,
    )  # fmt: skip


@api.get(
    "/organisations/coverage", response={200: NetworkCoverageOut, **ERRORS}, summary="Coverage of a type", tags=TAGS,
    operation_id="organisation_coverage",
)  # fmt: skip
def covered(request: HttpRequest, filters: Query[NetworkCoverageQuery]) -> Any:
    """The figure of an area on a day, of each area below, and at the end of each of the last months."""
    actor = actor_of(request)
    found = coverage.coverage(actor, filters.type, filters.area_path, day=filters.day)
    months = coverage.trend(actor, filters.type, filters.area_path)
    return {
        "type": found.code, "area_path": found.path, "day": found.day, "seat": found.rule.seat.value if found.rule else "any",
        "expected": found.rule.expected if found.rule else False, "whole": figure(found.whole),
        "parts": [{"area_path": one.path, "name": one.name, "figure": figure(one.figure)} for one in found.parts],
        "months": [{"day": one.day, "figure": figure(one.figure) if one.figure else None} for one in months],
    }  # fmt: skip


@api.get(
    "/organisations/coverage/missing", response={200: MissingPage, **ERRORS}, summary="Places that lack one", tags=TAGS,
    operation_id="organisation_missing",
)  # fmt: skip
def missing(request: HttpRequest, response: HttpResponse, filters: Query[MissingQuery]) -> Any:
    """A page of the places that should have one and have none, by path."""
    found, more = coverage.missing(
        actor_of(request), filters.type, filters.area_path, after=filters.after, size=filters.size
    )
    link_next(request, response, more)
    items = [
        {"place_id": one.place_id, "area_path": one.path, "name": one.name, "lng": one.lng, "lat": one.lat}
        for one in found
    ]
    return {"items": items, "next": more}


@api.get(
    "/organisations/drives", response={200: list[DriveOut], **ERRORS}, summary="Drives", tags=TAGS,
    operation_id="organisation_drives",
)  # fmt: skip
def drives(request: HttpRequest) -> Any:
    """The drives that concern the post, those under way first."""
    return [drive_shape(one) for one in queries.drives(actor_of(request))]


@api.post(
    "/organisations/drives", response={201: DriveOut, **ERRORS}, openapi_extra=KEYED | body_of(DriveIn),
    summary="Begin a drive", tags=TAGS, operation_id="begin_drive",
)  # fmt: skip
def begin_drive(request: HttpRequest) -> Any:
    """Take in every place of the area that lacks one today."""
    actor = actor_of(request)
    policy.require(actor, "organisation.build")
    body, given = json_body(request, DriveIn)

    def act() -> dict[str, Any]:
        made = driving.begin(actor, kind=given.type, area_path=given.area_path, title=given.title, until=given.until)
        return drive_shape(queries.drive(actor, made.id))

    return _once(request, actor, "drive.begin", body, act, status=201)


@api.get(
    "/organisations/drives/{uuid:drive_id}/builds", response={200: BuildPage, **ERRORS}, summary="Places of a drive",
    tags=TAGS, operation_id="drive_builds",
)  # fmt: skip
def drive_builds(request: HttpRequest, response: HttpResponse, drive_id: UUID, filters: Query[BuildsQuery]) -> Any:
    """The places of a drive within reach, what is due first."""
    actor = actor_of(request)
    one = queries.drive(actor, drive_id).drive
    rows = queries.builds(actor, one, stage=filters.step, overdue=filters.overdue)
    found, more = _page(rows, filters.after, filters.size)
    link_next(request, response, more)
    return {"items": [build_shape(row) for row in found], "next": more}


@api.post(
    "/organisations/drives/{uuid:drive_id}/end", response={200: DriveOut, **ERRORS},
    openapi_extra=KEYED | body_of(DriveEndIn), summary="End a drive", tags=TAGS, operation_id="end_drive",
)  # fmt: skip
def end_drive(request: HttpRequest, drive_id: UUID) -> Any:
    """End a drive."""
    actor = actor_of(request)
    policy.require(actor, "organisation.build")
    one = queries.drive(actor, drive_id).drive
    body, given = json_body(request, DriveEndIn)

    def act() -> dict[str, Any]:
        driving.end(actor, one.id, district=one.district, version=given.version, reason=given.reason)
        return drive_shape(queries.drive(actor, one.id))

    return _once(request, actor, f"drive.end {drive_id}", body, act)


@api.get(
    "/organisations/builds/{uuid:build_id}", response={200: BuildFileOut, **ERRORS}, summary="One place of a drive",
    tags=TAGS, operation_id="get_build",
)  # fmt: skip
def one_build(request: HttpRequest, build_id: UUID) -> Any:
    """One place with its steps, also those that were taken back."""
    found, steps = queries.build(actor_of(request), build_id)
    return {"build": build_shape(found), "steps": [_step_shape(one) for one in steps]}


@api.post(
    "/organisations/builds/{uuid:build_id}/step", response={200: BuildOut, **ERRORS},
    openapi_extra=KEYED | body_of(StepIn), summary="Do the next step", tags=TAGS, operation_id="do_step",
)  # fmt: skip
def do_step(request: HttpRequest, build_id: UUID) -> Any:
    """Do the next of the five steps; with `found` the organisation comes into the register."""
    actor = actor_of(request)
    policy.require(actor, "organisation.build")
    one, _steps = queries.build(actor, build_id)
    body, given = json_body(request, StepIn)
    new = New(kind="", area_path="", name=given.name, public_phone=given.public_phone, description=given.description)

    def act() -> dict[str, Any]:
        return build_shape(
            driving.step(
                actor, one.id, district=one.district, version=given.version, stage=given.stage, note=given.note,
                done_on=given.done_on, next_on=given.next_on, new=new if given.stage == "found" else None,
            )
        )  # fmt: skip

    return _once(request, actor, f"build.step {build_id}", body, act)


@api.post(
    "/organisations/builds/{uuid:build_id}/undo", response={200: BuildOut, **ERRORS},
    openapi_extra=KEYED | body_of(StepUndoIn), summary="Take the last step back", tags=TAGS, operation_id="undo_step",
)  # fmt: skip
def undo_step(request: HttpRequest, build_id: UUID) -> Any:
    """Take the last step back; taking `found` back dissolves the organisation as of its first day."""
    actor = actor_of(request)
    policy.require(actor, "organisation.build")
    one, _steps = queries.build(actor, build_id)
    body, given = json_body(request, StepUndoIn)

    def act() -> dict[str, Any]:
        return build_shape(
            driving.undo(actor, one.id, district=one.district, version=given.version, reason=given.reason)
        )

    return _once(request, actor, f"build.undo {build_id}", body, act)


@api.get(
    "/organisations/{uuid:organisation_id}/file", response={200: FileOut, **ERRORS}, summary="An organisation's file",
    tags=TAGS, operation_id="organisation_file",
)  # fmt: skip
def file(request: HttpRequest, organisation_id: UUID) -> Any:
    """An organisation with its line upwards, what stands under it, its posts and its history."""
    found = queries.file_of(actor_of(request), organisation_id)
    profile = found.profile
    return {
        "organisation": registered(found.one),
        "compound_id": profile.compound_id if profile else None, "building_id": profile.building_id if profile else None,
        "description": profile.description if profile else "", "description_en": profile.description_en if profile else "",
        "is_public": profile.is_public if profile else True, "contact_post_id": profile.contact_post_id if profile else None,
        "line": [registered(one) for one in found.line], "children": [registered(one) for one in found.children],
        "posts": [
            {"post_id": one.post_id, "name": one.name, "title": one.title, "public_phone": one.phone, "since": one.since}
            for one in found.posts
        ],
        "history": [
            {"deed": one.deed, "at": one.at, "name": one.name, "reason": one.reason, "fields": list(one.changes)}
            for one in found.history
        ],
    }  # fmt: skip


@api.post(
    "/organisations/{uuid:organisation_id}/change", response={200: RegisteredOut, **ERRORS},
    openapi_extra=KEYED | body_of(OrganisationChangeIn), summary="Change an organisation", tags=TAGS,
    operation_id="change_organisation",
)  # fmt: skip
def change(request: HttpRequest, organisation_id: UUID) -> Any:
    """Change what is known of it."""
    actor = actor_of(request)
    policy.require(actor, "organisation.keep")
    one = queries.organisation(actor, organisation_id)
    body, given = json_body(request, OrganisationChangeIn)
    values = given.model_dump(exclude_unset=True, exclude={"version", "reason"})
    return _once(
        request, actor, f"organisation.change {organisation_id}", body,
        lambda: registered(
            registering.change(
                actor, one.id, district=one.district, version=given.version, reason=given.reason,
                values={name: value for name, value in values.items() if value is not None or name.endswith("_id")},
            )
        ),
    )  # fmt: skip


@api.post(
    "/organisations/{uuid:organisation_id}/dissolve", response={200: RegisteredOut, **ERRORS},
    openapi_extra=KEYED | body_of(DissolveIn), summary="Dissolve an organisation", tags=TAGS,
    operation_id="dissolve_organisation",
)  # fmt: skip
def dissolve(request: HttpRequest, organisation_id: UUID) -> Any:
    """End it; refused while posts are held in it or others stand under it."""
    actor = actor_of(request)
    policy.require(actor, "organisation.keep")
    one = queries.organisation(actor, organisation_id)
    body, given = json_body(request, DissolveIn)
    return _once(
        request, actor, f"organisation.dissolve {organisation_id}", body,
        lambda: registered(
            registering.dissolve(
                actor, one.id, district=one.district, version=given.version, reason=given.reason, ends_on=given.ends_on
            )
        ),
    )  # fmt: skip


@api.post(
    "/organisations/{uuid:organisation_id}/revive", response={200: RegisteredOut, **ERRORS},
    openapi_extra=KEYED | body_of(ReviveIn), summary="Take a dissolution back", tags=TAGS, operation_id="revive_organisation",
)  # fmt: skip
def revive(request: HttpRequest, organisation_id: UUID) -> Any:
    """It is at work as if it had never ended."""
    actor = actor_of(request)
    policy.require(actor, "organisation.keep")
    one = queries.organisation(actor, organisation_id)
    body, given = json_body(request, ReviveIn)
    return _once(
        request, actor, f"organisation.revive {organisation_id}", body,
        lambda: registered(
            registering.revive(actor, one.id, district=one.district, version=given.version, reason=given.reason)
        ),
    )  # fmt: skip
