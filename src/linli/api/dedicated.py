"""Dedicated grids: their contacts and plans, read and kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import carry_out
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import Path
from linli.api.reading import actor_of, json_body
from linli.api.schemas import Body
from linli.dedicated import actions, queries
from linli.dedicated.models import Plan
from linli.dedicated.queries import Kept
from linli.kernel import ids
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot

TAGS = ["Dedicated grids"]


class DedicatedPlanOut(Schema):
    """A plan of a dedicated grid."""

    id: UUID
    title: str
    text: str = Field(description="Lines that begin with `#` are headings.")
    valid_from: date
    valid_to: date | None
    reviewed_on: date | None
    set_aside: bool
    told: list[UUID] = Field(description="Posts that are told when a case arises there.")
    noted_at: datetime


class DedicatedGridLine(Schema):
    """A dedicated grid in a list, with what it lacks."""

    id: UUID
    path: str
    name: str
    kind: str = Field(description="Code of the kind that its keepers or its name say.")
    lacks: list[Literal["contact", "plan", "review"]]
    plan: str
    review_due: date | None


class DedicatedGridOut(DedicatedGridLine):
    """A dedicated grid, whole; the contact's name and number are masked."""

    duty: str
    contact_name: str
    contact_phone: str
    plans: list[DedicatedPlanOut]
    version: int


class DedicatedContactOut(Schema):
    """Whom to ring, in clear."""

    name: str
    phone: str
    duty: str


class DedicatedGridsQuery(Body):
    """Which dedicated grids."""

    within: Path = ""
    lacks: Literal["", "any", "contact", "plan", "review"] = ""


class DedicatedContactIn(Body):
    """Whom to ring in a dedicated grid."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    phone: Annotated[str, StringConstraints(min_length=5, max_length=24)]
    duty: Annotated[str, StringConstraints(max_length=40)] = ""


class DedicatedKindIn(Body):
    """Of which kind a dedicated grid is; empty lets its name say it."""

    kind: Annotated[str, StringConstraints(max_length=20)]


class DedicatedPlanIn(Body):
    """A plan; posts among those of the community or above it."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    text: Annotated[str, StringConstraints(min_length=10, max_length=8000)]
    valid_from: date
    valid_to: date | None = None
    told: Annotated[list[UUID], Field(default_factory=list, max_length=12)]


class DedicatedReviewIn(Body):
    """The plan that was looked through."""

    plan: UUID


class DedicatedPurposeIn(Body):
    """What the contact is needed for."""

    purpose: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def line(kept: Kept) -> dict[str, Any]:
    """A dedicated grid in a list."""
    return {
        "id": kept.area.id,
        "path": kept.area.path,
        "name": kept.area.name,
        "kind": kept.kind,
        "lacks": [str(one) for one in kept.lacks],
        "plan": kept.plan.title if kept.plan else "",
        "review_due": kept.review_due,
    }


def shape(actor: Actor, area_id: UUID) -> dict[str, Any]:
    """A dedicated grid, whole."""
    kept = queries.one(actor, area_id)
    contact = queries.contact(actor, kept)
    return line(kept) | {
        "duty": kept.sheet.duty if kept.sheet else "",
        "contact_name": contact.name if contact else "",
        "contact_phone": contact.phone if contact else "",
        "plans": [_plan(one) for one in queries.plans(kept)],
        "version": kept.sheet.version if kept.sheet else 0,
    }


def _plan(one: Plan) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DedicatedPlanOut.model_fields}


@api.get(
    "/dedicated-grids", response={200: list[DedicatedGridLine], **ERRORS}, summary="Dedicated grids", tags=TAGS,
    operation_id="list_dedicated_grids",
)  # fmt: skip
def listed(request: HttpRequest, filters: Query[DedicatedGridsQuery]) -> Any:
    """The dedicated grids in reach, by path, at most 500, with what each lacks."""
    return [line(one) for one in queries.listed(actor_of(request), within_path=filters.within, lacks=filters.lacks)]


@api.get(
    "/dedicated-grids/{uuid:area_id}", response={200: DedicatedGridOut, **ERRORS}, summary="A dedicated grid", tags=TAGS,
    operation_id="get_dedicated_grid",
)  # fmt: skip
def one(request: HttpRequest, area_id: UUID) -> Any:
    """A dedicated grid with its contact, masked, and its plans, the latest first."""
    return shape(actor_of(request), area_id)


@api.put(
    "/dedicated-grids/{uuid:area_id}/contact", response={200: DedicatedGridOut, **ERRORS},
    openapi_extra=KEYED | body_of(DedicatedContactIn), summary="Name the contact", tags=TAGS, operation_id="name_dedicated_contact",
)  # fmt: skip
def name_contact(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """Name whom to ring; whoever was named before is deleted."""

    def act(actor: Actor, given: DedicatedContactIn) -> Any:
        actions.name_contact(actor, area_id, name=given.name, phone=given.phone, duty=given.duty)
        return shape(actor, area_id)

    _to_keep(request, area_id)
    return carry_out(request, DedicatedContactIn, f"dedicated.contact {area_id}", act)


@api.put(
    "/dedicated-grids/{uuid:area_id}/kind", response={200: DedicatedGridOut, **ERRORS},
    openapi_extra=KEYED | body_of(DedicatedKindIn), summary="Say the kind", tags=TAGS, operation_id="say_dedicated_kind",
)  # fmt: skip
def say_kind(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """Say of which kind a dedicated grid is."""

    def act(actor: Actor, given: DedicatedKindIn) -> Any:
        actions.say_kind(actor, area_id, given.kind)
        return shape(actor, area_id)

    _to_keep(request, area_id)
    return carry_out(request, DedicatedKindIn, f"dedicated.kind {area_id}", act)


@api.post(
    "/dedicated-grids/{uuid:area_id}/contact/read", response={200: DedicatedContactOut, **ERRORS},
    openapi_extra=body_of(DedicatedPurposeIn), summary="Read the contact", tags=TAGS, operation_id="read_dedicated_contact",
)  # fmt: skip
def read_contact(request: HttpRequest, area_id: UUID) -> Any:
    """Name and number in clear, for a purpose; the look is written down. Nothing else is kept, so this takes no key."""
    actor = actor_of(request)
    kept = queries.one(actor, area_id)
    policy.require(actor, "dedicated.read_contact", Spot(kept.area.path), view="dedicated.view")
    _body, given = json_body(request, DedicatedPurposeIn)
    plain = queries.plain_contact(actor, area_id, purpose=given.purpose)
    return {"name": plain.name, "phone": plain.phone, "duty": kept.sheet.duty if kept.sheet else ""}


@api.post(
    "/dedicated-grids/{uuid:area_id}/plans", response={201: DedicatedGridOut, **ERRORS}, openapi_extra=KEYED | body_of(DedicatedPlanIn),
    summary="Plan for a dedicated grid", tags=TAGS, operation_id="plan_dedicated_grid",
)  # fmt: skip
def plan(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """Plan from a day on; what held from then on is followed or set aside."""

    def act(actor: Actor, given: DedicatedPlanIn) -> Any:
        facts = actions.PlanFacts(given.title, given.text, given.valid_from, given.valid_to, given.told)
        actions.plan(actor, area_id, facts, key=ids.new_id())
        return shape(actor, area_id)

    _to_keep(request, area_id)
    return carry_out(request, DedicatedPlanIn, f"dedicated.plan {area_id}", act, status=201)


@api.post(
    "/dedicated-grids/{uuid:area_id}/review", response={200: DedicatedGridOut, **ERRORS}, openapi_extra=KEYED | body_of(DedicatedReviewIn),
    summary="Review the plan", tags=TAGS, operation_id="review_dedicated_plan",
)  # fmt: skip
def review(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """The plan of today was looked through and holds as it is."""

    def act(actor: Actor, given: DedicatedReviewIn) -> Any:
        actions.review(actor, area_id, given.plan)
        return shape(actor, area_id)

    _to_keep(request, area_id)
    return carry_out(request, DedicatedReviewIn, f"dedicated.review {area_id}", act)


def _to_keep(request: HttpRequest, area_id: UUID) -> None:
    actor = actor_of(request)
    kept = queries.one(actor, area_id)
    policy.require(actor, "dedicated.keep", Spot(kept.area.path), view="dedicated.view")
