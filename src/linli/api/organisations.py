"""Networks of organisations: the register, coverage and what is missing, drives with their five steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from linli.api.commanding import carry_out
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import link_next
from linli.api.organisation_schemas import (
    BuildFileOut,
    BuildOut,
    BuildPage,
    BuildsQuery,
    BuildStepIn,
    DissolveIn,
    DriveEndIn,
    DriveIn,
    DriveOut,
    FileOut,
    MissingPage,
    MissingQuery,
    NetworkCoverageOut,
    NetworkCoverageQuery,
    OrganisationChangeIn,
    OrganisationIn,
    RegisteredOut,
    RegisterPage,
    RegisterQuery,
    ReviveIn,
    StepUndoIn,
    TypeOut,
    build_shape,
    drive_shape,
    figure,
    registered,
    step_shape,
)
from linli.api.reading import actor_of
from linli.kernel import ids
from linli.kernel.trust import Actor, policy
from linli.organisations import coverage, queries, standing
from linli.organisations.actions import driving, registering
from linli.organisations.actions.registering import New
from linli.organisations.models import Build
from linli.people.models import Organisation

TAGS = ["Organisations"]


def _page(rows: Any, after: str, size: int) -> tuple[list[Any], str]:
    """A page by offset: the cursor is how many rows came before."""
    start = int(after) if after.isdecimal() and len(after) < 8 else 0
    found = list(rows[start : start + size + 1])
    return found[:size], str(start + size) if len(found) > size else ""


def _to_keep(request: HttpRequest, organisation_id: UUID) -> Organisation:
    policy.require(actor_of(request), "organisation.keep")
    return queries.organisation(actor_of(request), organisation_id)


def _to_build(request: HttpRequest, build_id: UUID) -> Build:
    policy.require(actor_of(request), "organisation.build")
    return queries.build(actor_of(request), build_id)[0]


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

    def act(actor: Actor, given: OrganisationIn) -> dict[str, Any]:
        new = New(kind=given.type, id=ids.new_id(), **given.model_dump(exclude={"type"}))
        return registered(registering.found(actor, new))

    return carry_out(request, OrganisationIn, "organisation.found", act, verb="organisation.keep", status=201)


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

    def act(actor: Actor, given: DriveIn) -> dict[str, Any]:
        made = driving.begin(actor, kind=given.type, area_path=given.area_path, title=given.title, until=given.until)
        return drive_shape(queries.drive(actor, made.id))

    return carry_out(request, DriveIn, "drive.begin", act, verb="organisation.build", status=201)


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
    policy.require(actor_of(request), "organisation.build")
    one = queries.drive(actor_of(request), drive_id).drive

    def act(actor: Actor, given: DriveEndIn) -> dict[str, Any]:
        driving.end(actor, one.id, district=one.district, version=given.version, reason=given.reason)
        return drive_shape(queries.drive(actor, one.id))

    return carry_out(request, DriveEndIn, f"drive.end {drive_id}", act)


@api.get(
    "/organisations/builds/{uuid:build_id}", response={200: BuildFileOut, **ERRORS}, summary="One place of a drive",
    tags=TAGS, operation_id="get_build",
)  # fmt: skip
def one_build(request: HttpRequest, build_id: UUID) -> Any:
    """One place with its steps, also those that were taken back."""
    found, steps = queries.build(actor_of(request), build_id)
    return {"build": build_shape(found), "steps": [step_shape(one) for one in steps]}


@api.post(
    "/organisations/builds/{uuid:build_id}/step", response={200: BuildOut, **ERRORS},
    openapi_extra=KEYED | body_of(BuildStepIn), summary="Do the next step", tags=TAGS, operation_id="do_step",
)  # fmt: skip
def do_step(request: HttpRequest, build_id: UUID) -> Any:
    """Do the next of the five steps; with `found` the organisation comes into the register."""
    one = _to_build(request, build_id)

    def act(actor: Actor, given: BuildStepIn) -> dict[str, Any]:
        new = New(
            kind="", area_path="", name=given.name, public_phone=given.public_phone, description=given.description
        )
        return build_shape(
            driving.step(
                actor, one.id, district=one.district, version=given.version, stage=given.stage, note=given.note,
                done_on=given.done_on, next_on=given.next_on, new=new if given.stage == "found" else None,
            )
        )  # fmt: skip

    return carry_out(request, BuildStepIn, f"build.step {build_id}", act)


@api.post(
    "/organisations/builds/{uuid:build_id}/undo", response={200: BuildOut, **ERRORS},
    openapi_extra=KEYED | body_of(StepUndoIn), summary="Take the last step back", tags=TAGS, operation_id="undo_step",
)  # fmt: skip
def undo_step(request: HttpRequest, build_id: UUID) -> Any:
    """Take the last step back; taking `found` back dissolves the organisation as of its first day."""
    one = _to_build(request, build_id)

    def act(actor: Actor, given: StepUndoIn) -> dict[str, Any]:
        return build_shape(
            driving.undo(actor, one.id, district=one.district, version=given.version, reason=given.reason)
        )

    return carry_out(request, StepUndoIn, f"build.undo {build_id}", act)


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
    one = _to_keep(request, organisation_id)

    def act(actor: Actor, given: OrganisationChangeIn) -> dict[str, Any]:
        values = given.model_dump(exclude_unset=True, exclude={"version", "reason"})
        return registered(
            registering.change(
                actor, one.id, district=one.district, version=given.version, reason=given.reason,
                values={name: value for name, value in values.items() if value is not None or name.endswith("_id")},
            )
        )  # fmt: skip

    return carry_out(request, OrganisationChangeIn, f"organisation.change {organisation_id}", act)


@api.post(
    "/organisations/{uuid:organisation_id}/dissolve", response={200: RegisteredOut, **ERRORS},
    openapi_extra=KEYED | body_of(DissolveIn), summary="Dissolve an organisation", tags=TAGS,
    operation_id="dissolve_organisation",
)  # fmt: skip
def dissolve(request: HttpRequest, organisation_id: UUID) -> Any:
    """End it; refused while posts are held in it or others stand under it."""
    one = _to_keep(request, organisation_id)

    def act(actor: Actor, given: DissolveIn) -> dict[str, Any]:
        return registered(
            registering.dissolve(
                actor, one.id, district=one.district, version=given.version, reason=given.reason, ends_on=given.ends_on
            )
        )

    return carry_out(request, DissolveIn, f"organisation.dissolve {organisation_id}", act)


@api.post(
    "/organisations/{uuid:organisation_id}/revive", response={200: RegisteredOut, **ERRORS},
    openapi_extra=KEYED | body_of(ReviveIn), summary="Take a dissolution back", tags=TAGS, operation_id="revive_organisation",
)  # fmt: skip
def revive(request: HttpRequest, organisation_id: UUID) -> Any:
    """It is at work as if it had never ended."""
    one = _to_keep(request, organisation_id)

    def act(actor: Actor, given: ReviveIn) -> dict[str, Any]:
        return registered(
            registering.revive(actor, one.id, district=one.district, version=given.version, reason=given.reason)
        )

    return carry_out(request, ReviveIn, f"organisation.revive {organisation_id}", act)
