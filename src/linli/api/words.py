"""Words before they become public: the moderators' queue and decisions, and what authors say to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import BaseModel, Field, StringConstraints

from linli.api.commanding import once
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import Size, link_next
from linli.api.reading import actor_of, json_body
from linli.api.schemas import Body, PurposeIn, Version, in_place
from linli.cases import queries as cases
from linli.kernel.trust import policy
from linli.moderation import actions, queries
from linli.moderation.models import Mode, Objection, Reason, Source, Text, TextState
from linli.moderation.queries import View
from linli.moderation.texts import MODERATE, Ref, proposal_of

Wording = Annotated[str, StringConstraints(max_length=actions.MOST_WORDS)]
Reply = Annotated[str, StringConstraints(max_length=500)]
WrittenOn = Annotated[Source, in_place(Source)]
TAGS = ["Public words"]


class WordsQuery(Body):
    """Which texts of the queue."""

    view: Annotated[View, in_place(View)] = View.WAITING
    after: Annotated[str, StringConstraints(max_length=200)] = ""
    size: Size = queries.PAGE


class WordsOut(Schema):
    """A text, without its original."""

    id: UUID
    district: str
    number: str = Field(description="Of the case.")
    source: WrittenOn
    state: TextState
    said_at: datetime
    found: list[str] = Field(description="What the first pass covered.")
    proposed: str
    wording: str = Field(description="What is public; empty while nothing is.")
    reason: str
    objection: str
    version: int


class WordsPage(Schema):
    """A page of the queue."""

    words: list[WordsOut]
    next: str


class OriginalOut(Schema):
    """A text as it was written."""

    original: str


class OwnWordsOut(Schema):
    """A text as its author sees it."""

    id: UUID
    source: WrittenOn
    state: TextState
    original: str
    wording: str
    reason: str
    objection: str
    answer: str


class PublishIn(Body):
    """How a text becomes public; without a wording, as it was proposed."""

    version: Version
    wording: Wording | None = None


class WithholdIn(Body):
    """Why a text does not become public."""

    version: Version
    reason: Annotated[Reason, in_place(Reason)]


class TakeBackIn(Body):
    """Which decision is taken back."""

    version: Version


class WordsDecideIn(Body):
    """What is decided on an author's objection."""

    version: Version
    agree: bool
    words: Reply
    wording: Wording | None = None


class WordsObjectIn(Body):
    """Why an author objects."""

    words: Reply


class Nothing(Body):
    """An empty body."""


class WordsSettingIn(Body):
    """How words become public in a district."""

    mode: Mode
    sources: list[WrittenOn] = Field(max_length=len(Source))


def shape(text: Text) -> dict[str, Any]:
    """A text for machines."""
    return {
        "id": str(text.id), "district": text.district, "number": text.case.number, "source": text.source, "state": text.state,
        "said_at": text.said_at.isoformat(), "found": list(text.found), "proposed": proposal_of(text), "wording": text.wording,
        "reason": text.reason, "objection": text.objection or str(Objection.NONE), "version": text.version,
    }  # fmt: skip


@api.get(
    "/words", response={200: WordsPage, **ERRORS}, summary="Words to look through", tags=TAGS, operation_id="list_words"
)
def listed(request: HttpRequest, response: HttpResponse, filters: Query[WordsQuery]) -> Any:
    """What residents wrote in the post's area, as the first pass proposes it; what has waited longest comes first."""
    actor = actor_of(request)
    policy.require(actor, MODERATE)
    page = queries.queue(actor, filters.view, after=filters.after, size=filters.size)
    link_next(request, response, page.next)
    return {"words": [shape(one) for one in page.texts], "next": page.next}


@api.post(
    "/words/{district}/{uuid:text_id}/original", response={200: OriginalOut, **ERRORS}, openapi_extra=body_of(PurposeIn),
    summary="Words as they were written", tags=TAGS, operation_id="read_words",
)  # fmt: skip
def original(request: HttpRequest, district: str, text_id: UUID) -> Any:
    """The original of a text. Where it is sealed, each reading is noted with its purpose, and its author can read that."""
    actor = actor_of(request)
    _body, given = json_body(request, PurposeIn)
    text = queries.get(actor, queries.ref(district, text_id))
    return {"original": queries.original(actor, text, purpose=given.purpose)}


def _decision(name: str, model: type[BaseModel], act: Callable[[Any, Ref, Any], Text], summary: str) -> None:
    def endpoint(request: HttpRequest, district: str, text_id: UUID) -> HttpResponse:
        actor = actor_of(request)
        body, given = json_body(request, model)
        ref = queries.ref(district, text_id)
        name_of_it = f"words {name} {ref.district} {ref.id}"
        return once(request, actor, name_of_it, body, lambda: shape(act(actor, ref, given)), district=ref.district)

    endpoint.__name__ = f"{name}_words"
    endpoint.__doc__ = summary
    api.post(
        f"/words/{{district}}/{{uuid:text_id}}/{name}", response={200: WordsOut, **ERRORS}, openapi_extra=KEYED | body_of(model),
        summary=summary, tags=TAGS, operation_id=f"{name}_words",
    )(endpoint)  # fmt: skip


_decision(
    "publish", PublishIn, lambda actor, ref, given: actions.publish(actor, ref, version=given.version, wording=given.wording),
    "Make words public",
)  # fmt: skip
_decision(
    "withhold", WithholdIn, lambda actor, ref, given: actions.withhold(actor, ref, version=given.version, reason=given.reason),
    "Keep words out of the public",
)  # fmt: skip
_decision(
    "take_back", TakeBackIn, lambda actor, ref, given: actions.take_back(actor, ref, version=given.version),
    "Take a decision on words back",
)  # fmt: skip
_decision(
    "decide", WordsDecideIn,
    lambda actor, ref, given: actions.decide(
        actor, ref, version=given.version, agree=given.agree, words=given.words, wording=given.wording
    ),
    "Decide on an author's objection",
)  # fmt: skip


@api.get(
    "/cases/{number}/words", response={200: list[OwnWordsOut], **ERRORS}, summary="What is public of my words", tags=TAGS,
    operation_id="my_words",
)  # fmt: skip
def own(request: HttpRequest, number: str) -> Any:
    """What one wrote on a case, what is public of it, and why."""
    actor = actor_of(request)
    return [
        {
            "id": one.text.id, "source": one.text.source, "state": one.text.state, "original": one.original,
            "wording": one.text.wording, "reason": one.text.reason, "objection": one.text.objection, "answer": one.answer,
        }
        for one in queries.own(actor, cases.get(actor, number))
    ]  # fmt: skip


def _of_author(name: str, model: type[BaseModel], act: Callable[[Any, Ref, Any], Text], summary: str) -> None:
    def endpoint(request: HttpRequest, number: str, text_id: UUID) -> HttpResponse:
        actor = actor_of(request)
        body, given = json_body(request, model)
        case = cases.get(actor, number)
        text = queries.get_own(actor, case, text_id)
        ref = Ref(text.district, text.id)
        name_of_it = f"own words {name} {text.id}"
        return once(request, actor, name_of_it, body, lambda: shape(act(actor, ref, given)), district=case.district)

    endpoint.__name__ = f"{name}_own_words"
    endpoint.__doc__ = summary
    api.post(
        f"/cases/{{number}}/words/{{uuid:text_id}}/{name}", response={200: WordsOut, **ERRORS},
        openapi_extra=KEYED | body_of(model), summary=summary, tags=TAGS, operation_id=f"{name}_own_words",
    )(endpoint)  # fmt: skip


_of_author(
    "keep_private", Nothing, lambda actor, ref, _given: actions.keep_private(actor, ref), "Keep my words private"
)
_of_author("allow", Nothing, lambda actor, ref, _given: actions.allow(actor, ref), "Let my words be looked through")
_of_author(
    "object",
    WordsObjectIn,
    lambda actor, ref, given: actions.object_to(actor, ref, words=given.words),
    "Object to a decision on my words",
)


@api.put(
    "/words/settings/{district}", response={200: WordsSettingIn, **ERRORS}, openapi_extra=body_of(WordsSettingIn),
    summary="How words become public in a district", tags=TAGS, operation_id="set_words",
)  # fmt: skip
def configure(request: HttpRequest, district: str) -> Any:
    """Set which texts of a district can become public, and whether each waits for a person."""
    _body, given = json_body(request, WordsSettingIn)
    found = actions.configure(actor_of(request), district=district, mode=given.mode, sources=given.sources)
    return {"mode": found.mode, "sources": found.sources}
