"""One's notices, for apps of others."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.door import ERRORS, api
from linli.api.reading import actor_of
from linli.api.schemas import Body
from linli.notices import actions, queries, words
from linli.notices.models import Notice


class NoticesQuery(Body):
    """Which page of them."""

    after: Annotated[str, StringConstraints(max_length=64)] = ""
    size: Annotated[int, Field(ge=1, le=100)] = queries.PAGE


class NoticeOut(Schema):
    """A notice, with its words in the language that was asked for."""

    id: UUID
    kind: str
    topic: str
    number: str = Field(description="Of the case; empty for one's own work and points.")
    title: str
    text: str
    at: datetime
    read_at: datetime | None


class NoticePage(Schema):
    """A page of notices."""

    items: list[NoticeOut]
    next: str = Field(description="`after` of the next page; empty when this is the last.")
    unread: int


class NoticesReadIn(Body):
    """Which notices were read."""

    number: Annotated[str, StringConstraints(max_length=20)] = Field(
        default="", description="Of a case; empty for all."
    )


def shape(row: Notice) -> dict[str, Any]:
    """A notice."""
    return {
        "id": row.id,
        "kind": row.kind,
        "topic": row.topic,
        "number": row.number,
        "title": words.title(row),
        "text": words.text(row),
        "at": row.at,
        "read_at": row.read_at,
    }


@api.get(
    "/notices", response={200: NoticePage, **ERRORS}, summary="My notices", tags=["People"], operation_id="list_notices"
)
def notices(request: HttpRequest, filters: Query[NoticesQuery]) -> Any:
    """One's own notices, the newest first."""
    actor = actor_of(request)
    page = queries.mine(actor, after=filters.after, size=filters.size)
    return {"items": [shape(row) for row in page.notices], "next": page.next, "unread": queries.unread(actor)}


@api.post(
    "/notices/read",
    response={204: None, **ERRORS},
    summary="Mark notices as read",
    tags=["People"],
    operation_id="read_notices",
)
def read(request: HttpRequest, body: NoticesReadIn) -> Any:
    """Those of a case, or all."""
    actor = actor_of(request)
    if body.number:
        actions.read_case(actor, body.number)
    else:
        actions.read_all(actor)
    return 204, None
