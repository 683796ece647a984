"""Briefs: listed, made, read, assessed, issued, corrected, subscribed to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query

from linli.api.brief_schemas import (
    BriefCorrectIn,
    BriefFigureOut,
    BriefIn,
    BriefIssueIn,
    BriefLine,
    BriefNoteIn,
    BriefOut,
    BriefsQuery,
    BriefSubscriptionIn,
    BriefSubscriptionOut,
)
from linli.api.commanding import carry_out
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import Path
from linli.api.reading import actor_of
from linli.briefs import actions, composing, queries
from linli.briefs.keeping import document_of
from linli.briefs.models import Brief, BriefKind
from linli.kernel import ids
from linli.kernel.documents import Form
from linli.kernel.errors import Forbidden, NotFound
from linli.kernel.trust import Actor, policy
from linli.metrics.catalogue import Period

TAGS = ["Briefs"]


def _line(found: Brief) -> dict[str, Any]:
    return {name: getattr(found, name) for name in BriefLine.model_fields}


def _whole(found: Brief) -> dict[str, Any]:
    period = Period(found.first, found.last)
    figures = [
        {"metric": key, "cases": composing.behind(key, found.area_path, period)}
        | {name: one[name] for name in BriefFigureOut.model_fields if name in one}
        for key, one in found.data["figures"].items()
    ]
    told = {name: getattr(found, name) for name in ("note", "changed", "made_as", "issued_as")}
    return _line(found) | told | {"title": found.data["title"], "figures": figures, "blocks": found.data["blocks"]}


def _key() -> str:
    # The request's key is kept around the whole command; the action within has one of its own.
    return str(ids.new_id())


@api.get("/briefs", response={200: list[BriefLine], **ERRORS}, summary="Briefs", tags=TAGS, operation_id="list_briefs")
def listed(request: HttpRequest, filters: Query[BriefsQuery]) -> Any:
    """The briefs that the post sees, the newest first, fifty at a time."""
    found = queries.briefs(actor_of(request), area_path=filters.area_path, kind=filters.kind, before=filters.before)
    return [_line(one) for one in found]


@api.post(
    "/briefs", response={201: BriefOut, **ERRORS}, openapi_extra=KEYED | body_of(BriefIn), summary="Make a brief", tags=TAGS,
    operation_id="make_brief",
)  # fmt: skip
def make(request: HttpRequest) -> HttpResponse:
    """Make the brief of a whole week, month or quarter; one that is there already is given as it is."""

    def act(actor: Actor, given: BriefIn) -> Any:
        return _whole(
            actions.make(actor, _key(), given.area_path or actor.area_path, BriefKind(given.kind), given.first)
        )

    return carry_out(request, BriefIn, "brief.make", act, verb=actions.MAKE, status=201)


@api.get(
    "/briefs/subscriptions", response={200: list[BriefSubscriptionOut], **ERRORS}, summary="What the post is told of",
    tags=TAGS, operation_id="brief_subscriptions",
)  # fmt: skip
def subscriptions(request: HttpRequest, area_path: Path = "") -> Any:
    """Of which kinds of briefs of an area the post is told; of its own area unless another is named."""
    actor = actor_of(request)
    policy.require(actor, queries.VIEW)
    wanted = area_path or actor.area_path
    if not policy.allows(actor, queries.VIEW, policy.Spot(wanted)):
        raise Forbidden("not_allowed", _("Your post may not do this."), extra={"verb": queries.VIEW})
    return [{"kind": one.kind.value, "on": one.on} for one in queries.subscribed(actor, wanted)]


@api.put(
    "/briefs/subscriptions", response={200: list[BriefSubscriptionOut], **ERRORS}, openapi_extra=KEYED | body_of(BriefSubscriptionIn),
    summary="Be told of briefs, or not any more", tags=TAGS, operation_id="subscribe_to_briefs",
)  # fmt: skip
def subscribe(request: HttpRequest) -> HttpResponse:
    """Have each brief of an area made once its days are over and counted, and the post told of it."""

    def act(actor: Actor, given: BriefSubscriptionIn) -> Any:
        change = actions.subscribe if given.on else actions.unsubscribe
        area_path = given.area_path or actor.area_path
        change(actor, area_path, BriefKind(given.kind))
        return [{"kind": one.kind.value, "on": one.on} for one in queries.subscribed(actor, area_path)]

    return carry_out(request, BriefSubscriptionIn, "brief.subscribe", act, verb=actions.MAKE)


@api.get(
    "/briefs/{uuid:brief_id}",
    response={200: BriefOut, **ERRORS},
    summary="A brief",
    tags=TAGS,
    operation_id="get_brief",
)
def one(request: HttpRequest, brief_id: UUID) -> Any:
    """A brief with its figures, each with the address of its cases, and what it says in blocks."""
    return _whole(queries.brief(actor_of(request), brief_id))


@api.get(
    "/briefs/{uuid:brief_id}/file.{form}", response={200: None, **ERRORS},
    openapi_extra={"responses": {200: {"content": {one.content_type: {"schema": {"type": "string", "format": "binary"}} for one in Form}}}},
    summary="A brief as Word or PDF", tags=TAGS, operation_id="brief_file",
)  # fmt: skip
def file(request: HttpRequest, brief_id: UUID, form: str) -> Any:
    """The brief as ``docx`` or ``pdf``; the same bytes at any later time."""
    found = queries.brief(actor_of(request), brief_id)
    if form not in set(Form):
        raise NotFound("brief.no_file", _("There is no such file."))
    kind = Form(form)
    name = f"linli-brief-{found.area_path.replace('/', '-')}-{found.kind}-{found.first.isoformat()}.{form}"
    return HttpResponse(
        kind.made(document_of(found)),
        content_type=kind.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@api.put(
    "/briefs/{uuid:brief_id}/note", response={200: BriefOut, **ERRORS}, openapi_extra=KEYED | body_of(BriefNoteIn),
    summary="Write its assessment", tags=TAGS, operation_id="annotate_brief",
)  # fmt: skip
def annotate(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    """Write the one paragraph of a brief that is not issued yet."""

    def act(actor: Actor, given: BriefNoteIn) -> Any:
        return _whole(actions.annotate(actor, brief_id, given.revision, given.note))

    return carry_out(request, BriefNoteIn, f"brief.annotate {brief_id}", act, verb=actions.MAKE)


@api.post(
    "/briefs/{uuid:brief_id}/issue", response={200: BriefOut, **ERRORS}, openapi_extra=KEYED | body_of(BriefIssueIn),
    summary="Issue it", tags=TAGS, operation_id="issue_brief",
)  # fmt: skip
def issue(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    """Issue a brief: from then on it does not change."""

    def act(actor: Actor, given: BriefIssueIn) -> Any:
        return _whole(actions.issue(actor, brief_id, given.revision))

    return carry_out(request, BriefIssueIn, f"brief.issue {brief_id}", act, verb=actions.ISSUE)


@api.post(
    "/briefs/{uuid:brief_id}/correct", response={201: BriefOut, **ERRORS}, openapi_extra=KEYED | body_of(BriefCorrectIn),
    summary="Make a corrected edition", tags=TAGS, operation_id="correct_brief",
)  # fmt: skip
def correct(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    """Count the figures of an issued brief anew as its next edition, which says what changed."""

    def act(actor: Actor, given: BriefCorrectIn) -> Any:
        return _whole(actions.correct(actor, brief_id, given.revision, given.changed, _key()))

    return carry_out(request, BriefCorrectIn, f"brief.correct {brief_id}", act, verb=actions.MAKE, status=201)
