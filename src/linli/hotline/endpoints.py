"""The hotline's typed endpoints, below ``/api/v1/hotline/``: for telephone systems, and for whatever answers from what is known.

The API's door mounts them and says what errors look like there: a door does not import another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from linli.hotline import queries
from linli.hotline.actions import calls
from linli.hotline.models import Call
from linli.kernel import commands
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor
from linli.metrics.queries import today_and_before
from linli.people.auth import SIGNED_IN

LONGEST_DAYS = 366


class RingIn(BaseModel):
    """A telephone rings."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, StringConstraints(max_length=24)] = Field(
        "", description="The caller's; empty when withheld."
    )
    agent: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="Login of the call taker it rings for; everybody's when empty."
    )
    line: Annotated[str, StringConstraints(max_length=80)] = Field(
        "", description="The telephone system's own name for it."
    )


class CallOut(Schema):
    """A call; never the caller's number."""

    id: UUID
    district: str
    state: str
    outcome: str
    line: str
    rang_at: datetime | None
    ended_at: datetime | None


class ArticleOut(Schema):
    """An article in force."""

    code: str
    version: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    categories: list[str]
    since: datetime


class FiguresOut(Schema):
    """The figures of the hotline; shares from 0 to 1."""

    since: date
    until: date
    calls: dict[str, int] = Field(description="Ended calls by outcome, each call once.")
    cases: int = Field(description="Cases that these calls became, those of further matters among them.")
    median_seconds_to_register: float | None
    registered_within_a_minute: float | None
    answered_from_knowledge: float | None
    satisfied: float | None


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": str(call.id), "district": call.district, "state": str(call.state), "outcome": str(call.outcome), "line": call.line,
        "rang_at": call.rang_at.isoformat() if call.rang_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
    }  # fmt: skip


def _once(request: HttpRequest, command: str, action: Any) -> HttpResponse:
    actor, key = _actor(request), request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise Invalid(
            "command.key",
            _("The command has no usable key."),
            field="Idempotency-Key",
            mend=_("Send a new UUID with each new command, and the same one when you try again."),
            status=400,
        )
    district = actor.district or district_of(actor.area_path)
    answer = commands.run(actor, key, f"{command}\n".encode() + request.body, district=district, action=action)
    response = HttpResponse(
        json.dumps(answer.body, ensure_ascii=False), status=answer.status, content_type="application/json"
    )
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def router(*, errors: Mapping[Any, Any], keyed: dict[str, Any]) -> Router:
    """The endpoints, for the API's door.

    Args:
        errors: the problems that any endpoint may answer with, by status.
        keyed: the OpenAPI of the idempotency key.
    """
    found = Router(auth=SIGNED_IN, tags=["Hotline"])

    @found.post("/calls", response={201: CallOut, **errors}, openapi_extra=keyed, operation_id="announce_call")
    def announce(request: HttpRequest, payload: RingIn) -> HttpResponse:
        """Announce a call that rings: the call taker's page shows it at once."""

        def action() -> tuple[int, Any]:
            made = calls.announce(_actor(request), number=payload.number, agent=payload.agent, line=payload.line)
            return 201, _call(made)

        return _once(request, "announce", action)

    @found.post(
        "/calls/{uuid:call_id}/hang-up", response={200: CallOut, **errors}, openapi_extra=keyed, operation_id="hang_up"
    )
    def hang_up(request: HttpRequest, call_id: UUID) -> HttpResponse:
        """The caller hung up: a call that nobody took is abandoned; one on the line stays with its call taker."""
        return _once(request, f"hang-up {call_id}", lambda: (200, _call(calls.hang_up(_actor(request), call_id))))

    @found.get("/articles", response={200: list[ArticleOut], **errors}, operation_id="list_articles")
    def articles(
        request: HttpRequest,
        q: Annotated[str, Field(max_length=200)] = "",
        category: Annotated[str, Field(max_length=8)] = "",
    ) -> Any:
        """What is known: by the words of a caller, by category, or all."""
        actor = _actor(request)
        pieces = queries.knowledge(actor, q, category=category, limit=20) if category else queries.articles(actor, q)
        return [
            {"code": one.code, "version": one.number, "title_zh": one.title_zh, "title_en": one.title_en,
             "body_zh": one.body_zh, "body_en": one.body_en, "categories": list(one.categories), "since": one.since}
            for one in pieces
        ]  # fmt: skip

    @found.get("/figures", response={200: FiguresOut, **errors}, operation_id="hotline_figures")
    def figures(request: HttpRequest, days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 7) -> Any:
        """The figures of the last days, today among them."""
        since, until = today_and_before(days)
        one = queries.figures(_actor(request), since=since, until=until)
        return {
            "since": since, "until": until - timedelta(days=1), "calls": one.calls, "cases": one.cases,
            "median_seconds_to_register": one.median_seconds, "registered_within_a_minute": one.within_a_minute,
            "answered_from_knowledge": one.answered_from_knowledge,
            "satisfied": one.satisfaction.satisfied if one.satisfaction else None,
        }  # fmt: skip

    return found
