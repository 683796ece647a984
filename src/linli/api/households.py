"""People and dwellings: verifying, what has changed, campaigns, files. People are masked but where they are read for a purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query

from linli.api.commanding import once
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.household_schemas import (
    CampaignIn,
    CampaignOut,
    DwellingOut,
    DwellingPage,
    DwellingsQuery,
    GoOnIn,
    ImportIn,
    ImportOut,
    PersonOut,
    ProblemsQuery,
    ProgressOut,
    ProgressQuery,
    ProposalIn,
    ProposalPage,
    PurposeQuery,
    ReadIn,
    ReasonIn,
    RowProblem,
    TakenProposal,
    VisitIn,
    VisitOut,
    WalkOut,
)
from linli.api.lists import Paging, link_next
from linli.api.problems import of_error
from linli.api.reading import MediaType, actor_of, json_body
from linli.api.uploads import BODY, OFFSET, PIECE, number_in
from linli.households import workbooks
from linli.households.actions import deciding, importing, reading, visiting
from linli.households.models import Campaign, Change, Import, ImportState, Proposal, Source, Status, Visit
from linli.households.place import address, room
from linli.households.queries import imports, lists, people
from linli.households.sealed import Told
from linli.kernel.errors import Conflict
from linli.kernel.trust import Actor, policy
from linli.kernel.workbooks import TYPE
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


def import_shape(one: Import) -> dict[str, Any]:
    """A file, and how far it is."""
    receiving = one.state == ImportState.RECEIVING
    return {
        "id": str(one.id), "district": one.district, "area_path": one.area_path, "name": one.name, "state": str(one.state),
        "size": one.size, "received": one.offset if receiving else one.size, "rows": one.rows, "bad": one.bad,
        "counts": one.counts, "problem": one.problem, "tries": one.tries,
        "next_try_at": one.next_try_at.isoformat() if one.next_try_at else None, "source": str(one.source), "dry_run": one.dry_run,
        "started_at": one.started_at.isoformat(), "ended_at": one.ended_at.isoformat() if one.ended_at else None,
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
    "/households/people/{uuid:person_id}/read", response={200: PersonOut, **ERRORS}, openapi_extra=body_of(ReadIn),
    summary="Name and telephone in clear", tags=TAGS, operation_id="read_person",
)  # fmt: skip
def read_person(request: HttpRequest, person_id: UUID) -> Any:
    """Read a name and a telephone number in clear, for a purpose; the person can see who looked and why."""
    actor = actor_of(request)
    policy.require(actor, "household.read")
    _body, given = json_body(request, ReadIn)
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
    actor = actor_of(request)
    policy.require(actor, "household.verify")
    body, given = json_body(request, VisitIn)
    return once(
        request, actor, f"household.verify {dwelling_id}", body,
        lambda: visit_shape(
            visiting.verify(actor, dwelling_id, outcome=given.outcome, next_try_on=given.next_try_on, at=given.at)
        ),
        status=201,
    )  # fmt: skip


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
    actor = actor_of(request)
    policy.require(actor, "household.propose")
    body, given = json_body(request, ProposalIn)

    def act() -> dict[str, Any]:
        return taken_shape(
            visiting.propose(
                actor, dwelling_id, change=Change(given.change), status=given.status or "", kind=given.kind or "",
                person_id=given.person_id, told=Told(given.name, given.phone, given.number, given.guardian_consent_on),
                note=given.note, effective_on=given.effective_on, source=Source(given.source), at=given.at,
            )
        )  # fmt: skip

    return once(request, actor, f"household.propose {dwelling_id}", body, act, status=201)


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
    actor = actor_of(request)
    policy.require(actor, "household.campaign")
    body, given = json_body(request, CampaignIn)
    return once(
        request, actor, "household.campaign", body,
        lambda: campaign_shape(
            visiting.begin_campaign(
                actor, area_path=given.area_path, title=given.title, starts_on=given.starts_on, ends_on=given.ends_on
            )
        ),
        status=201,
    )  # fmt: skip


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


# --- files ----------------------------------------------------------------------------------------------------------------------


@api.get(
    "/households/imports", response={200: list[ImportOut], **ERRORS}, summary="Files", tags=TAGS,
    operation_id="list_imports",
)  # fmt: skip
def list_imports(request: HttpRequest) -> Any:
    """The last thirty files of one's area, and how far each is."""
    return [import_shape(one) for one in imports.recent(actor_of(request))]


@api.post(
    "/households/imports", response={201: ImportOut, **ERRORS}, openapi_extra=KEYED | body_of(ImportIn),
    summary="Begin to send a file", tags=TAGS, operation_id="begin_import",
)  # fmt: skip
def begin_import(request: HttpRequest) -> HttpResponse:
    """Announce a file, to be only checked or to be read; its pieces go to ``…/file``."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    body, given = json_body(request, ImportIn)
    return once(
        request, actor, "household.import", body,
        lambda: import_shape(
            importing.begin_pieces(
                actor, given.name, given.length, area_path=given.area_path or actor.area_path, source=Source(given.source),
                dry_run=given.dry_run,
            )
        ),
        status=201,
    )  # fmt: skip


@api.get(
    "/households/imports/{uuid:import_id}", response={200: ImportOut, **ERRORS}, summary="File", tags=TAGS,
    operation_id="get_import",
)  # fmt: skip
def get_import(request: HttpRequest, import_id: UUID) -> Any:
    """How many bytes are here, how many rows are read, what it brought."""
    return import_shape(imports.one(actor_of(request), import_id))


@api.patch(
    "/households/imports/{uuid:import_id}/file", response={204: None, **ERRORS},
    openapi_extra={"parameters": [OFFSET], **BODY}, summary="Send a piece of a file", tags=TAGS,
    operation_id="send_import_piece",
)  # fmt: skip
def send_piece(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The next piece, at most 1 MB. Another offset than the one that is here is answered with 409 and the right one."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != PIECE:
        raise MediaType("http.media_type", _("This kind of content is not taken here."), mend=f"Content-Type: {PIECE}")
    try:
        one = importing.append(actor, import_id, offset=number_in(request, "Upload-Offset"), piece=request.body)
    except Conflict as error:
        response = of_error(request, error)
        if "offset" in error.extra:
            response.headers["Upload-Offset"] = str(error.extra["offset"])
        return response
    receiving = one.state == ImportState.RECEIVING
    return HttpResponse(status=204, headers={"Upload-Offset": str(one.offset if receiving else one.size)})


@api.post(
    "/households/imports/{uuid:import_id}/stop", response={200: ImportOut, **ERRORS}, openapi_extra=KEYED,
    summary="Stop reading a file", tags=TAGS, operation_id="stop_import",
)  # fmt: skip
def stop_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What is in stays, the rest is forgotten."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    return once(
        request,
        actor,
        f"household.import_stop {import_id}",
        b"",
        lambda: import_shape(importing.stop(actor, import_id)),
    )


@api.post(
    "/households/imports/{uuid:import_id}/go-on", response={200: ImportOut, **ERRORS}, openapi_extra=KEYED | body_of(GoOnIn),
    summary="Read on in a file of which rows failed", tags=TAGS, operation_id="go_on_import",
)  # fmt: skip
def go_on_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Try the rows that failed once more, or leave them out: then each is among the rows to mend."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    body, given = json_body(request, GoOnIn)
    return once(
        request, actor, f"household.import_go_on {import_id}", body,
        lambda: import_shape(importing.go_on(actor, import_id, leave_out=given.leave_out)),
    )  # fmt: skip


@api.get(
    "/households/imports/{uuid:import_id}/problems", response={200: list[RowProblem], **ERRORS}, summary="Rows to mend",
    tags=TAGS, operation_id="import_problems",
)  # fmt: skip
def import_problems(request: HttpRequest, import_id: UUID, filters: Query[ProblemsQuery]) -> Any:
    """What is wrong by row and column, without what stands in the cells."""
    actor = actor_of(request)
    rows = imports.problems(actor, imports.one(actor, import_id), after=filters.after, most=filters.size)
    return [{"row": one.row, "column": one.column, "code": one.code, "detail": imports.said(one.code)} for one in rows]


@api.get(
    "/households/imports/{uuid:import_id}/problems.xlsx", response={200: None, **ERRORS}, summary="Rows to mend, as a workbook",
    tags=TAGS, operation_id="import_workbook",
)  # fmt: skip
def import_workbook(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The rows as they came, with what is wrong in each: to be mended and sent again. It leaves an audit row."""
    actor = actor_of(request)
    content = workbooks.rows_to_mend(actor, imports.one(actor, import_id))
    return HttpResponse(content, content_type=TYPE)


@api.get(
    "/households/imports/template.xlsx", response={200: None, **ERRORS}, summary="Template of a file", tags=TAGS,
    operation_id="import_template",
)  # fmt: skip
def import_template(request: HttpRequest) -> HttpResponse:
    """The columns with an example, and the words that they take."""
    policy.require(actor_of(request), "household.import")
    return HttpResponse(workbooks.template(), content_type=TYPE)
