"""People and dwellings: verifying, what has changed, campaigns. People are masked but where they are read for a purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from linli.api.commanding import carry_out, once
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.household_schemas import (
    CampaignIn,
    CampaignOut,
    DwellingOut,
    DwellingPage,
    DwellingsQuery,
    PersonOut,
    PersonReadIn,
    ProgressOut,
    ProgressQuery,
    ProposalIn,
    ProposalPage,
    PurposeQuery,
    ReasonIn,
    TakenProposal,
    VisitIn,
    VisitOut,
    WalkOut,
)
from linli.api.lists import Paging, link_next
from linli.api.reading import actor_of, json_body
from linli.households.actions import deciding, reading, visiting
from linli.households.models import Campaign, Change, Proposal, Source, Status, Visit
from linli.households.place import address, room
from linli.households.queries import lists, people
from linli.households.sealed import Told
from linli.kernel.trust import Actor, policy
from linli.territory.models import Dwelling, Level

TAGS = ["People and dwellings"]
COMMUNITY_DEPTH = 2
"""Slashes in a community's path; above it the figures are per community."""


def dwelling_shape(one: Dwelling, status: str) -> dict[str, Any]:
    """A dwelling; nothing personal in it."""
    entrance = one.entrance
    return {
        "id": one.id, "district": one.district, "area_path": one.area_path, "address": address(one),
        "compound": entrance.building.compound.name, "building": entrance.building.number, "entrance": entrance.number,
        "floor": one.floor, "number": room(one), "status": status or None,
        "status_label": str(Status(status).label) if status else "",
    }  # fmt: skip


def resident_shape(one: people.Resident) -> dict[str, Any]:
    """Somebody at a dwelling, masked."""
    return {
        "person_id": one.person.id, "name_masked": one.person.name, "phone_masked": one.person.phone,
        "number_masked": one.person.number, "is_child": one.child, "kind": one.residency.kind,
        "valid_from": one.residency.valid_from, "valid_to": one.residency.valid_to, "source": one.residency.source,
    }  # fmt: skip


def proposal_shape(one: people.Suggested) -> dict[str, Any]:
    """A proposal, masked, beside what the register says."""
    row, shown = one.proposal, one.about or one.told
    return {
        "id": row.id, "dwelling_id": row.dwelling_id, "address": address(one.dwelling), "change": row.change, "state": row.state,
        "status": row.status or None, "status_now": one.now or None, "kind": row.kind or None, "name_masked": shown.name,
        "phone_masked": one.told.phone or shown.phone, "number_masked": shown.number, "person_id": row.person_id,
        "note": one.note, "effective_on": row.effective_on, "source": row.source, "proposed_at": row.proposed_at,
        "decided_at": row.decided_at, "reason": row.reason,
    }  # fmt: skip


def taken_shape(row: Proposal) -> dict[str, Any]:
    """Where a proposal stands; nothing personal in it."""
    return {
        "id": str(row.id), "dwelling_id": str(row.dwelling_id), "change": str(row.change), "state": str(row.state),
        "version": row.version,
    }  # fmt: skip


def visit_shape(one: Visit) -> dict[str, Any]:
    """A verification."""
    return {
        "id": str(one.id), "dwelling_id": str(one.dwelling_id), "outcome": str(one.outcome), "at": one.at.isoformat(),
        "next_try_on": one.next_try_on.isoformat() if one.next_try_on else None,
        "undone_at": one.undone_at.isoformat() if one.undone_at else None,
    }  # fmt: skip


def campaign_shape(one: Campaign) -> dict[str, Any]:
    """A campaign."""
    return {
        "id": str(one.id), "district": one.district, "area_path": one.area_path, "title": one.title,
        "starts_on": one.starts_on.isoformat(), "ends_on": one.ends_on.isoformat(),
    }  # fmt: skip


@api.get(
    "/households/dwellings", response={200: DwellingPage, **ERRORS}, summary="Dwellings", tags=TAGS,
    operation_id="list_dwellings",
)  # fmt: skip
def dwellings(request: HttpRequest, response: HttpResponse, filters: Query[DwellingsQuery]) -> Any:
    """The dwellings of one's area with how each is used, or those whose address fits the words; nobody is named."""
    found = lists.dwellings_of(
        actor_of(request), filters.area_path, words=filters.words, after=filters.after, size=filters.size
    )
    link_next(request, response, found.next)
    return {"items": [dwelling_shape(one, status) for one, status in found.rows], "next": found.next}


@api.get(
    "/households/dwellings/{uuid:dwelling_id}", response={200: DwellingOut, **ERRORS}, summary="Dwelling", tags=TAGS,
    operation_id="get_dwelling",
)  # fmt: skip
def dwelling(request: HttpRequest, dwelling_id: UUID, filters: Query[PurposeQuery]) -> Any:
    """Who lives there now and before, masked, with sources side by side; it leaves an audit row with the purpose."""
    actor = actor_of(request)
    policy.require(actor, "household.view")
    file = people.file_of(actor, dwelling_id, purpose=reading.purpose_of(filters.purpose))
    return dwelling_shape(file.dwelling, file.status.status if file.status else "") | {
        "statuses": [
            {"status": one.status, "valid_from": one.valid_from, "valid_to": one.valid_to, "source": one.source}
            for one in file.statuses
        ],
        "residents": [resident_shape(one) for one in file.residents],
        "former": [resident_shape(one) for one in file.former],
        "proposals": [proposal_shape(one) for one in file.proposals],
        "visits": [visit_shape(one) for one in file.visits],
    }


@api.post(
    "/households/people/{uuid:person_id}/read", response={200: PersonOut, **ERRORS}, openapi_extra=body_of(PersonReadIn),
    summary="Name and telephone in clear", tags=TAGS, operation_id="read_person",
)  # fmt: skip
def read_person(request: HttpRequest, person_id: UUID) -> Any:
    """Read a name and a telephone number in clear, for a purpose; the person can see who looked and why."""
    actor = actor_of(request)
    policy.require(actor, "household.read")
    _body, given = json_body(request, PersonReadIn)
    told = reading.read_person(actor, person_id, purpose=given.purpose)
    return {"person_id": person_id, "name": told.name, "phone": told.phone}


@api.get(
    "/households/walk", response={200: WalkOut, **ERRORS}, summary="Verification list", tags=TAGS,
    operation_id="verification_list",
)  # fmt: skip
def walk(request: HttpRequest) -> Any:
    """What one's post has to verify, in walking order: how many live there and what came of the last visit."""
    found = lists.walk(actor_of(request))
    return {
        "campaign": campaign_shape(found.campaign) if found.campaign else None,
        "done": found.done,
        "total": found.total,
        "doors": [
            dwelling_shape(door.dwelling, door.status)
            | {
                "residents": door.residents, "done": door.done, "last_outcome": door.last.outcome if door.last else None,
                "last_at": door.last.at if door.last else None, "next_try_on": door.next_try_on, "pending": door.pending,
            }
            for door in found.doors
        ],
    }  # fmt: skip


@api.post(
    "/households/dwellings/{uuid:dwelling_id}/verify", response={201: VisitOut, **ERRORS},
    openapi_extra=KEYED | body_of(VisitIn), summary="Verify", tags=TAGS, operation_id="verify_dwelling",
)  # fmt: skip
def verify(request: HttpRequest, dwelling_id: UUID) -> HttpResponse:
    """As it was, or nobody met: one tap is one call, and a repeat with its key is the same visit."""

    def act(actor: Actor, given: VisitIn) -> dict[str, Any]:
        return visit_shape(
            visiting.verify(actor, dwelling_id, outcome=given.outcome, next_try_on=given.next_try_on, at=given.at)
        )

    return carry_out(request, VisitIn, f"household.verify {dwelling_id}", act, verb="household.verify", status=201)


@api.post(
    "/households/visits/{uuid:visit_id}/undo", response={200: VisitOut, **ERRORS}, openapi_extra=KEYED,
    summary="Take a visit back", tags=TAGS, operation_id="undo_visit",
)  # fmt: skip
def undo_visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """One's own, within twelve hours, as long as it proposed nothing."""
    actor = actor_of(request)
    policy.require(actor, "household.verify")
    return once(
        request,
        actor,
        f"household.undo_visit {visit_id}",
        b"",
        lambda: visit_shape(visiting.take_back(actor, visit_id)),
    )


@api.post(
    "/households/dwellings/{uuid:dwelling_id}/proposals", response={201: TakenProposal, **ERRORS},
    openapi_extra=KEYED | body_of(ProposalIn), summary="Propose a change", tags=TAGS, operation_id="propose_change",
)  # fmt: skip
def propose(request: HttpRequest, dwelling_id: UUID) -> HttpResponse:
    """Say what has changed; it stands beside what is accepted until a community worker decides."""

    def act(actor: Actor, given: ProposalIn) -> dict[str, Any]:
        return taken_shape(
            visiting.propose(
                actor, dwelling_id, change=Change(given.change), status=given.status or "", kind=given.kind or "",
                person_id=given.person_id, told=Told(given.name, given.phone, given.number, given.guardian_consent_on),
                note=given.note, effective_on=given.effective_on, source=Source(given.source), at=given.at,
            )
        )  # fmt: skip

    return carry_out(request, ProposalIn, f"household.propose {dwelling_id}", act, verb="household.propose", status=201)


@api.get(
    "/households/proposals", response={200: ProposalPage, **ERRORS}, summary="Proposals to decide", tags=TAGS,
    operation_id="list_proposals",
)  # fmt: skip
def proposals(request: HttpRequest, response: HttpResponse, filters: Query[Paging]) -> Any:
    """What waits for one's decision, the oldest first, people masked; a page leaves an audit row."""
    found, more = people.queue(actor_of(request), after=filters.after, size=filters.size)
    link_next(request, response, more)
    return {"items": [proposal_shape(one) for one in found], "next": more}


@api.post(
    "/households/proposals/{uuid:proposal_id}/accept", response={200: TakenProposal, **ERRORS}, openapi_extra=KEYED,
    summary="Accept", tags=TAGS, operation_id="accept_change",
)  # fmt: skip
def accept(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Make it a fact: what held before ends on the day."""
    return _decide(request, proposal_id, "accept", lambda actor: deciding.accept(actor, proposal_id))


@api.post(
    "/households/proposals/{uuid:proposal_id}/refuse", response={200: TakenProposal, **ERRORS},
    openapi_extra=KEYED | body_of(ReasonIn), summary="Refuse", tags=TAGS, operation_id="refuse_change",
)  # fmt: skip
def refuse(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Leave the register as it is, with a reason."""
    actor = actor_of(request)
    policy.require(actor, "household.decide")
    body, given = json_body(request, ReasonIn)
    return _decide(
        request, proposal_id, "refuse", lambda who: deciding.refuse(who, proposal_id, reason=given.reason), body
    )


@api.post(
    "/households/proposals/{uuid:proposal_id}/reopen", response={200: TakenProposal, **ERRORS}, openapi_extra=KEYED,
    summary="Take a decision back", tags=TAGS, operation_id="reopen_change",
)  # fmt: skip
def reopen(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The facts are as they were, as long as nothing has been built on them, and the proposal waits again."""
    return _decide(request, proposal_id, "reopen", lambda actor: deciding.reopen(actor, proposal_id))


def _decide(
    request: HttpRequest, proposal_id: UUID, name: str, act: Callable[[Actor], Proposal], body: bytes = b""
) -> HttpResponse:
    actor = actor_of(request)
    policy.require(actor, "household.decide")
    return once(request, actor, f"household.{name} {proposal_id}", body, lambda: taken_shape(act(actor)))


@api.get(
    "/households/campaigns", response={200: list[CampaignOut], **ERRORS}, summary="Campaigns", tags=TAGS,
    operation_id="list_campaigns",
)  # fmt: skip
def campaigns(request: HttpRequest) -> Any:
    """Those of one's area and above it, the latest first."""
    return [campaign_shape(one) for one in lists.campaigns(actor_of(request))]


@api.post(
    "/households/campaigns", response={201: CampaignOut, **ERRORS}, openapi_extra=KEYED | body_of(CampaignIn),
    summary="Begin a campaign", tags=TAGS, operation_id="begin_campaign",
)  # fmt: skip
def begin_campaign(request: HttpRequest) -> HttpResponse:
    """Ask that every dwelling of an area be verified within a term."""

    def act(actor: Actor, given: CampaignIn) -> dict[str, Any]:
        return campaign_shape(
            visiting.begin_campaign(
                actor, area_path=given.area_path, title=given.title, starts_on=given.starts_on, ends_on=given.ends_on
            )
        )

    return carry_out(request, CampaignIn, "household.campaign", act, verb="household.campaign", status=201)


@api.get(
    "/households/campaigns/progress", response={200: list[ProgressOut], **ERRORS}, summary="Progress of verification",
    tags=TAGS, operation_id="verification_progress",
)  # fmt: skip
def progress(request: HttpRequest, filters: Query[ProgressQuery]) -> Any:
    """How far each grid is; of an area above communities, how far each community is."""
    actor = actor_of(request)
    policy.require(actor, "household.progress")
    path = filters.area_path or actor.area_path or actor.district
    level = Level.MICRO_GRID if path.count("/") >= COMMUNITY_DEPTH else Level.COMMUNITY
    return [
        {"area_path": one.path, "name": one.name, "done": one.done, "not_met": one.not_met, "total": one.total}
        for one in lists.progress(actor, path, level=level)
    ]
