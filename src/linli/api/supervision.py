"""Quarterly supervision: lists, items, and what is done about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import carry_out
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.figure_schemas import Day
from linli.api.reading import actor_of
from linli.api.schemas import Body
from linli.kernel import ids
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.trust import Actor
from linli.supervision import actions, queries, saying
from linli.supervision.actions import MOST_WORDS, Verdict
from linli.supervision.models import Item, QuarterList, Step

TAGS = ["Quarterly supervision"]
PAGE = 100
Words = Annotated[str, StringConstraints(min_length=4, max_length=MOST_WORDS)]
Version = Annotated[int, Field(ge=1, le=2_000_000_000)]
District = Annotated[str, StringConstraints(pattern=rf"^[0-9]{{{DISTRICT_LENGTH}}}$")]


class SupervisionDrawIn(Body):
    """Of which district."""

    district: District


class SupervisionItemsQuery(Body):
    """Which items of a list."""

    state: Literal["", "open", "done", "closed", "carried"] = ""
    page: Annotated[int, Field(ge=1, le=1_000)] = 1


class SupervisionFollowIn(Body):
    """How an item goes."""

    version: Version
    text: Words
    done: bool = Field(default=False, description="Whether it is done and can be checked.")


class SupervisionCheckIn(Body):
    """What a check comes to."""

    version: Version
    text: Words
    verdict: Literal["close", "back"]


class SupervisionAssignIn(Body):
    """Who answers for an item."""

    version: Version
    organisation: UUID
    due_on: Day


class SupervisionListOut(Schema):
    """A list."""

    id: UUID
    district: str
    quarter: date = Field(description="The first day of the quarter.")
    first: date = Field(description="The first of the days that were looked at.")
    last: date
    drawn_at: datetime
    as_of: datetime = Field(description="Everything that happened before was counted when it was drawn.")


class SupervisionEntryOut(Schema):
    """A step of an item."""

    step: str
    text: str
    at: datetime


class SupervisionItemOut(Schema):
    """An item."""

    id: UUID
    area_path: str
    reason: str = Field(description="below_aim, stands_out or owed.")
    key: str
    words: str
    facts: dict[str, Any] = Field(description="What was seen when the list was drawn.")
    cases: list[str]
    organisation: UUID | None
    due_on: date
    state: str = Field(description="open, done, closed or carried.")
    carried_from: UUID | None = Field(description="The item of the last list that it goes on from.")
    version: int


class SupervisionWholeOut(SupervisionItemOut):
    """An item with its steps."""

    entries: list[SupervisionEntryOut]


def _item(found: Item) -> dict[str, Any]:
    return {name: getattr(found, name) for name in SupervisionItemOut.model_fields if hasattr(found, name)} | {
        "words": saying.words(found), "organisation": found.organisation_id,
    }  # fmt: skip


def _list(found: QuarterList) -> dict[str, Any]:
    return {name: getattr(found, name) for name in SupervisionListOut.model_fields}


@api.get(
    "/supervision", response={200: list[SupervisionListOut], **ERRORS}, summary="Lists of quarterly supervision", tags=TAGS,
    operation_id="supervision_lists",
)  # fmt: skip
def listed(request: HttpRequest) -> Any:
    """The lists that the post may see, the newest first."""
    return [_list(one) for one in queries.lists(actor_of(request))[:PAGE]]


@api.post(
    "/supervision", response={200: SupervisionListOut, **ERRORS}, openapi_extra=KEYED | body_of(SupervisionDrawIn),
    summary="Draw a list", tags=TAGS, operation_id="supervision_draw",
)  # fmt: skip
def draw(request: HttpRequest) -> HttpResponse:
    """Draw the list of this quarter over the ninety days before; a quarter that has one keeps it."""

    def act(actor: Actor, given: SupervisionDrawIn) -> Any:
        return _list(actions.draw(actor, given.district, str(ids.new_id())))

    return carry_out(request, SupervisionDrawIn, "supervision.draw", act, verb=queries.DRAW)


@api.get(
    "/supervision/items/{uuid:item_id}", response={200: SupervisionWholeOut, **ERRORS}, summary="An item of supervision",
    tags=TAGS, operation_id="supervision_item",
)  # fmt: skip
def one(request: HttpRequest, item_id: UUID) -> Any:
    """An item with its steps."""
    found = queries.item(actor_of(request), item_id)
    return _item(found) | {
        "entries": [{"step": entry.step, "text": entry.text, "at": entry.at} for entry in queries.entries(found)]
    }


@api.get(
    "/supervision/{uuid:list_id}", response={200: list[SupervisionItemOut], **ERRORS}, summary="The items of a list", tags=TAGS,
    operation_id="supervision_items",
)  # fmt: skip
def items(request: HttpRequest, list_id: UUID, asked: Query[SupervisionItemsQuery]) -> Any:
    """The items of a list that the post may see, the soonest due first, a hundred at a time."""
    actor = actor_of(request)
    found = queries.items(actor, queries.quarter_list(actor, list_id), state=asked.state)
    return [_item(one) for one in found[(asked.page - 1) * PAGE : asked.page * PAGE]]


@api.post(
    "/supervision/items/{uuid:item_id}/follow", response={200: SupervisionItemOut, **ERRORS},
    openapi_extra=KEYED | body_of(SupervisionFollowIn), summary="Say how it goes", tags=TAGS, operation_id="supervision_follow",
)  # fmt: skip
def follow(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Write how an item goes, or that it is done."""

    def act(actor: Actor, given: SupervisionFollowIn) -> Any:
        step = Step.DONE if given.done else Step.NOTED
        return _item(actions.follow(actor, item_id, given.version, given.text, step))

    return carry_out(request, SupervisionFollowIn, f"supervision.follow {item_id}", act, verb=queries.FOLLOW)


@api.post(
    "/supervision/items/{uuid:item_id}/check", response={200: SupervisionItemOut, **ERRORS},
    openapi_extra=KEYED | body_of(SupervisionCheckIn), summary="Check it", tags=TAGS, operation_id="supervision_check",
)  # fmt: skip
def check(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Close an item that is said to be done, or send it back; never by the post that said so."""

    def act(actor: Actor, given: SupervisionCheckIn) -> Any:
        return _item(actions.check(actor, item_id, given.version, Verdict(given.verdict), given.text))

    return carry_out(request, SupervisionCheckIn, f"supervision.check {item_id}", act, verb=queries.CHECK)


@api.post(
    "/supervision/items/{uuid:item_id}/assign", response={200: SupervisionItemOut, **ERRORS},
    openapi_extra=KEYED | body_of(SupervisionAssignIn), summary="Name who answers for it", tags=TAGS,
    operation_id="supervision_assign",
)  # fmt: skip
def assign(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Name the organisation that answers for an item, and until when."""

    def act(actor: Actor, given: SupervisionAssignIn) -> Any:
        return _item(actions.assign(actor, item_id, given.version, given.organisation, given.due_on))

    return carry_out(request, SupervisionAssignIn, f"supervision.assign {item_id}", act, verb=queries.DRAW)
