"""Changes of micro-grids: draw, check, propose, decide, as files, how far the verification has come, and who was responsible on a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from linli.api.commanding import carry_out, once
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.reading import Model, actor_of, binary, file_body, json_body
from linli.api.redrawing_schemas import (
    AreaGridsQuery,
    GridsFormQuery,
    OutcomeOut,
    RedrawingApproveIn,
    RedrawingFactsIn,
    RedrawingFileIn,
    RedrawingIn,
    RedrawingLine,
    RedrawingOut,
    RedrawingSendBackIn,
    RedrawingsQuery,
    RedrawingStepIn,
    ResponsibleOut,
    ResponsibleQuery,
    ShapesQuery,
    StepVersionIn,
    VerificationOut,
    VerificationQuery,
    VersionIn,
    line,
    shape,
)
from linli.kernel import time
from linli.kernel.trust import Actor, policy
from linli.territory import grid_files, locating, redrawings
from linli.territory import queries as territory
from linli.territory.actions import redrawing as actions
from linli.territory.coords import CoordinateSystem, Point
from linli.territory.models import Redrawing, RedrawingState
from linli.territory.shape_files import Form

TAGS = ["Micro-grids"]
SHAPE_TYPES = {one.media_type for one in Form} | {"application/octet-stream"}
SHAPES = binary(SHAPE_TYPES)


def _to_draw(request: HttpRequest, redrawing_id: UUID) -> Redrawing:
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)
    policy.require(actor, "redrawing.draw", found, view="redrawing.view")
    return found


def _change(
    request: HttpRequest, found: Redrawing, name: str, model: type[Model], act: Callable[[Actor, Model], Redrawing]
) -> HttpResponse:
    """A command on a change, which answers with the change again."""
    return carry_out(request, model, f"redrawing.{name} {found.id}", lambda actor, given: shape(act(actor, given)))


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

    def act(actor: Actor, given: RedrawingIn) -> dict[str, Any]:
        return shape(actions.begin_redrawing(actor, given.community, title=given.title, reason=given.reason))

    return carry_out(request, RedrawingIn, "redrawing.begin", act, verb="redrawing.draw", status=201)


@api.get(
    "/redrawings/grids", response={200: dict[str, Any], **ERRORS}, summary="The grids of an area as a file", tags=TAGS,
    operation_id="area_grids",
)  # fmt: skip
def area_grids(request: HttpRequest, filters: Query[AreaGridsQuery]) -> HttpResponse:
    """The micro-grids of an area as they stand, as GeoJSON, GeoPackage or a zipped Shapefile."""
    found = redrawings.standing_grids(actor_of(request), filters.area_path)
    return HttpResponse(grid_files.written(found, filters.form, at=time.now()), content_type=filters.form.media_type)


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
def grids(request: HttpRequest, redrawing_id: UUID, filters: Query[GridsFormQuery]) -> HttpResponse:
    """The community's micro-grids as the change leaves them, as GeoJSON, GeoPackage or a zipped Shapefile."""
    found = redrawings.redrawing(actor_of(request), redrawing_id)
    body = grid_files.written(redrawings.grids_of(found), filters.form, at=time.now())
    return HttpResponse(body, content_type=filters.form.media_type)


@api.post(
    "/redrawings/{uuid:redrawing_id}/shapes", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | SHAPES,
    summary="Take outlines or lines from a file of any form", tags=TAGS, operation_id="draw_shapes",
)  # fmt: skip
def shapes(request: HttpRequest, redrawing_id: UUID, filters: Query[ShapesQuery]) -> Any:
    """Draw one step from a GeoJSON file, a GeoPackage or a zipped Shapefile: outlines, or a cut along its lines."""
    actor, found = actor_of(request), _to_draw(request, redrawing_id)
    body = file_body(request, SHAPE_TYPES, most=grid_files.MOST_BYTES)

    def act() -> Redrawing:
        system = CoordinateSystem(filters.coordinates.value)
        step: dict[str, Any] = {"do": filters.take}
        if filters.take == "cut":
            chosen = [one for one in redrawings.grids_of(found) if not filters.grids or one["key"] in filters.grids]
            step["grids"] = filters.grids
            step["lines"] = grid_files.lines_of(body, [one["outline"] for one in chosen], system=system)
        else:
            step["features"] = grid_files.read(body, system=system)
        return actions.add_step(actor, found.id, district=found.district, version=filters.version, step=step)

    asked = f"redrawing.shapes {redrawing_id} {filters.model_dump_json()}"
    return once(request, actor, asked, body, lambda: shape(act()))


@api.put(
    "/redrawings/{uuid:redrawing_id}", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(RedrawingFactsIn),
    summary="Describe a change", tags=TAGS, operation_id="describe_redrawing",
)  # fmt: skip
def describe(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Title, reason and the day from which it holds."""
    found = _to_draw(request, redrawing_id)

    def act(actor: Actor, given: RedrawingFactsIn) -> Redrawing:
        return actions.describe(
            actor, found.id, district=found.district, version=given.version, title=given.title, reason=given.reason,
            holds_from=given.holds_from,
        )  # fmt: skip

    return _change(request, found, "describe", RedrawingFactsIn, act)


@api.post(
    "/redrawings/{uuid:redrawing_id}/steps", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(StepVersionIn),
    summary="Draw a step", tags=TAGS, operation_id="draw_step",
)  # fmt: skip
def step(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Draw one step; the answer holds what it came to and what is wrong with it."""
    found = _to_draw(request, redrawing_id)

    def act(actor: Actor, given: StepVersionIn) -> Redrawing:
        return actions.add_step(
            actor, found.id, district=found.district, version=given.version, step=given.step.model_dump()
        )

    return _change(request, found, "step", StepVersionIn, act)


@api.post(
    "/redrawings/{uuid:redrawing_id}/check", response={200: OutcomeOut, **ERRORS}, openapi_extra=body_of(RedrawingStepIn),
    summary="Check a step", tags=TAGS, operation_id="check_step",
)  # fmt: skip
def check(request: HttpRequest, redrawing_id: UUID) -> Any:
    """What a step would come to. Nothing is kept, so this takes no key."""
    found = _to_draw(request, redrawing_id)
    _body, given = json_body(request, RedrawingStepIn)
    now = redrawings.outcome(found.area_path, [*found.steps, actions.clean_step(given.model_dump())])
    return {
        "refused": now.refused,
        "left": now.left[-1],
        "begun": now.pieces,
        "ended": now.ended,
        "confirmed": now.confirmed,
        "findings": now.findings,
    }


@api.post(
    "/redrawings/{uuid:redrawing_id}/file", response={200: RedrawingOut, **ERRORS}, openapi_extra=KEYED | body_of(RedrawingFileIn),
    summary="Take outlines from a file", tags=TAGS, operation_id="draw_file",
)  # fmt: skip
def file(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Draw the outlines of a GeoJSON feature collection as one step."""
    found = _to_draw(request, redrawing_id)

    def act(actor: Actor, given: RedrawingFileIn) -> Redrawing:
        features = grid_files.taken(given.collection, system=CoordinateSystem(given.coordinates.value))
        drawn = {"do": "outlines", "features": features}
        return actions.add_step(actor, found.id, district=found.district, version=given.version, step=drawn)

    return _change(request, found, "file", RedrawingFileIn, act)


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
    found = _to_decide(request, redrawing_id)

    def act(actor: Actor, given: RedrawingApproveIn) -> Redrawing:
        return actions.approve(
            actor,
            found.id,
            district=found.district,
            version=given.version,
            words=given.words,
            holds_from=given.holds_from,
        )

    return _change(request, found, "approve", RedrawingApproveIn, act)


@api.post(
    "/redrawings/{uuid:redrawing_id}/send-back", response={200: RedrawingOut, **ERRORS},
    openapi_extra=KEYED | body_of(RedrawingSendBackIn), summary="Send a change back", tags=TAGS,
    operation_id="send_back_redrawing",
)  # fmt: skip
def send_back(request: HttpRequest, redrawing_id: UUID) -> Any:
    """Send it back to be mended, with a reason."""
    found = _to_decide(request, redrawing_id)

    def act(actor: Actor, given: RedrawingSendBackIn) -> Redrawing:
        return actions.send_back(actor, found.id, district=found.district, version=given.version, words=given.words)

    return _change(request, found, "send_back", RedrawingSendBackIn, act)


def _to_decide(request: HttpRequest, redrawing_id: UUID) -> Redrawing:
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)
    waiting = redrawings.APPROVALS.get(RedrawingState(found.state))
    if waiting is not None:
        policy.require(actor, waiting[0], found, view="redrawing.view")
    return found


def _with_version(request: HttpRequest, redrawing_id: UUID, name: str, action: Callable[..., Redrawing]) -> Any:
    found = _to_draw(request, redrawing_id)

    def act(actor: Actor, given: VersionIn) -> Redrawing:
        return action(actor, found.id, district=found.district, version=given.version)

    return _change(request, found, name, VersionIn, act)
