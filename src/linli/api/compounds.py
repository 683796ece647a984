"""Compounds: list, file, what runs out, the records of a file, files of an area; the rules of their colours for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field

from linli.api.commanding import carry_out
from linli.api.compound_schemas import (
    CheckIn,
    CommitteeIn,
    CompoundFileIn,
    CompoundFileOut,
    CompoundPage,
    CompoundRulesOut,
    ContractIn,
    DuesIn,
    FileReportOut,
    FundIn,
    ItemOut,
    ListQuery,
    PhotoIn,
    PhotoOut,
    RecordOut,
    RenovationIn,
    ReverseIn,
    VoteIn,
    record_shape,
    standing_shape,
)
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import Path
from linli.api.reading import Model, actor_of
from linli.api.schemas import Body
from linli.cases.queries.in_compound import in_compound
from linli.compounds import queries
from linli.compounds.actions import fund, importing, noting, photos
from linli.compounds.actions.filing import Origin
from linli.compounds.actions.noting import CommitteeFacts, ContractFacts, RenovationFacts
from linli.compounds.models import Record, RunsOut
from linli.compounds.queries import Narrowed
from linli.compounds.voting import Ballot
from linli.kernel import ids
from linli.kernel.storage import uploads
from linli.kernel.trust import Actor

TAGS = ["Compounds"]


@api.get(
    "/compounds", response={200: CompoundPage, **ERRORS}, summary="Compounds of an area", tags=TAGS, operation_id="compounds"
)  # fmt: skip
def listing(request: HttpRequest, query: Query[ListQuery]) -> Any:
    """The compounds that one's post sees, the worst colour first, fifty a page."""
    by = Narrowed(words=query.words, colour=query.colour or "", committee=query.committee or "", kind=query.kind or "")
    rows, more = queries.listed(actor_of(request), area=query.area_path, narrowed=by, after=query.after)
    return {"items": [standing_shape(row) for row in rows], "next": query.after + queries.PAGE if more else None}


@api.get(
    "/compounds/running-out", response={200: list[ItemOut], **ERRORS}, summary="What runs out soon", tags=TAGS,
    operation_id="compounds_running_out",
)  # fmt: skip
def running_out(request: HttpRequest, area_path: Path = "", kind: RunsOut | None = None) -> Any:
    """Contracts, terms, fund statements and renovations that run out soon or have run out, by day."""
    return [
        {"compound": one.standing.compound_id, "name": one.standing.compound.name, "area_path": one.standing.compound.area_path,
         "kind": str(one.kind), "day": one.day}
        for one in queries.running_out(actor_of(request), area=area_path, kind=kind or "")
    ]  # fmt: skip


@api.get(
    "/compounds/rules", auth=ANYONE, response={200: CompoundRulesOut, **ERRORS}, summary="Rules of compounds", tags=TAGS,
    operation_id="compound_rules",
)  # fmt: skip
def rules(request: HttpRequest, number: Annotated[int, Field(ge=0, le=100_000)] = 0) -> Any:
    """The published rules of colours, of the yearly check and of what runs out; those in force unless a number is given."""
    found = queries.rule_set(number)
    return {
        "number": found.number, "valid_from": found.valid_from, "note": found.note, "rules": found.rules, "items": found.items,
        "terms": found.terms,
    }  # fmt: skip


@api.post(
    "/compounds/file", response={200: FileReportOut, **ERRORS}, openapi_extra=KEYED | body_of(CompoundFileIn), summary="Read a file in",
    tags=TAGS, operation_id="read_compounds",
)  # fmt: skip
def read_file(request: HttpRequest) -> HttpResponse:
    """Read the files of compounds in, as the template of the desk names its columns; tried unless told otherwise."""

    def act(actor: Actor, given: CompoundFileIn) -> dict[str, Any]:
        found = importing.read(actor, given.lines, try_only=given.try_only)
        return {
            "tried": found.tried, "rows": found.rows, "noted": found.noted, "same": found.same,
            "problems": [{"row": one.row, "column": one.column, "message": one.message} for one in found.problems],
        }  # fmt: skip

    return carry_out(request, CompoundFileIn, "compound.import", act, verb="compound.import")


@api.get(
    "/compounds/{uuid:compound_id}", response={200: CompoundFileOut, **ERRORS}, summary="The file of a compound", tags=TAGS,
    operation_id="compound",
)  # fmt: skip
def one(request: HttpRequest, compound_id: UUID) -> Any:
    """How a compound stands and every record of its file, the newest first."""
    actor = actor_of(request)
    found = queries.file(actor, compound_id)
    here = in_compound(actor, found.compound)
    return standing_shape(found.standing) | {
        "rules": found.rules.number, "records": [record_shape(row) for row in found.history], "cases_open": here.open,
        "cases_ended": here.ended,
    }  # fmt: skip


def _record(path: str, model: type[Body], summary: str, name: str) -> Any:
    return api.post(
        f"/compounds/{{uuid:compound_id}}/{path}", response={201: RecordOut, **ERRORS}, openapi_extra=KEYED | body_of(model),
        summary=summary, tags=TAGS, operation_id=name,
    )  # fmt: skip


def _noted(
    request: HttpRequest, compound_id: UUID, what: str, model: type[Model], note: Callable[[Actor, Model], Record]
) -> HttpResponse:
    def act(actor: Actor, given: Model) -> dict[str, Any]:
        return record_shape(note(actor, given))

    return carry_out(request, model, f"compound.{what} {compound_id}", act, verb="compound.keep", status=201)


@_record("committee", CommitteeIn, "Note the committee", "note_committee")
def committee(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note the owners' committee; name and number of the chair are kept sealed and never given out here."""

    def note(actor: Actor, given: CommitteeIn) -> Record:
        facts = CommitteeFacts(
            given.state, given.holds_from, given.term_ends_on, given.members, given.chair_post, given.chair_name,
            given.chair_phone, given.organisation,
        )  # fmt: skip
        return noting.committee(actor, compound_id, facts, **given.filed())

    return _noted(request, compound_id, "committee", CommitteeIn, note)


@_record("contract", ContractIn, "Note who looks after it", "note_contract")
def contract(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note who looks after the compound, from when until when, and for what fee."""

    def note(actor: Actor, given: ContractIn) -> Record:
        facts = ContractFacts(
            given.kind, given.starts_on, given.company, given.ends_on, given.fee_fen, given.organisation
        )
        return noting.contract(actor, compound_id, facts, **given.filed())

    return _noted(request, compound_id, "contract", ContractIn, note)


@_record("fund", FundIn, "Note a line of the fund", "note_fund")
def fund_line(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note a line of a statement of the maintenance fund."""

    def note(actor: Actor, given: FundIn) -> Record:
        return fund.note(
            actor, compound_id, kind=given.kind, amount=given.amount_fen, day=given.day, words=given.words,
            stated=given.stated_fen, origin=Origin(given.source, given.source_note), key=ids.new_id(),
        )  # fmt: skip

    return _noted(request, compound_id, "fund", FundIn, note)


@_record("fund/{uuid:entry_id}/reverse", ReverseIn, "Reverse a line of the fund", "reverse_fund")
def reverse(request: HttpRequest, compound_id: UUID, entry_id: UUID) -> HttpResponse:
    """Reverse a line that was wrong; both stay."""

    def note(actor: Actor, given: ReverseIn) -> Record:
        return fund.reverse(actor, compound_id, entry_id, reason=given.reason, key=ids.new_id())

    return _noted(request, compound_id, f"reverse {entry_id}", ReverseIn, note)


@_record("renovations", RenovationIn, "Note a renovation", "note_renovation")
def renovation(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note a renovation, or with `replaces` how far it is now."""

    def note(actor: Actor, given: RenovationIn) -> Record:
        facts = RenovationFacts(
            given.title, given.state, given.starts_on, given.ends_on, [str(one) for one in given.works], given.cost_fen
        )
        return noting.renovation(actor, compound_id, facts, **given.filed())

    return _noted(request, compound_id, "renovation", RenovationIn, note)


@_record("dues", DuesIn, "Note dues", "note_dues")
def dues(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note how many households were billed for a period and how many paid."""

    def note(actor: Actor, given: DuesIn) -> Record:
        return noting.dues(
            actor, compound_id, starts_on=given.starts_on, ends_on=given.ends_on, billed=given.billed, paid=given.paid,
            **given.filed(),
        )  # fmt: skip

    return _noted(request, compound_id, "dues", DuesIn, note)


@_record("votes", VoteIn, "Note a vote of the owners", "note_vote")
def vote(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note a vote in counts; the result is computed by article 278 of the Civil Code."""

    def note(actor: Actor, given: VoteIn) -> Record:
        ballot = Ballot(
            given.heads, given.area, given.yes_heads, given.yes_area, given.no_heads, given.no_area, given.abstain_heads,
            given.abstain_area,
        )  # fmt: skip
        return noting.vote(
            actor, compound_id, subject=given.subject, title=given.title, held_on=given.held_on, ballot=ballot,
            **given.filed(),
        )  # fmt: skip

    return _noted(request, compound_id, "vote", VoteIn, note)


@_record("checks", CheckIn, "Note the yearly check", "note_check")
def check(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note the yearly check; its points follow from the answers."""

    def note(actor: Actor, given: CheckIn) -> Record:
        answers = {code: str(answer) for code, answer in given.answers.items()}
        return noting.check(actor, compound_id, year=given.year, answers=answers, **given.filed())

    return _noted(request, compound_id, "check", CheckIn, note)


@api.post(
    "/compounds/{uuid:compound_id}/photos", response={201: PhotoOut, **ERRORS}, openapi_extra=KEYED | body_of(PhotoIn),
    summary="Attach a photo", tags=TAGS, operation_id="add_compound_photo",
)  # fmt: skip
def photo(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Attach a photo that came in pieces; the copy that is shown is made without its metadata."""

    def act(actor: Actor, given: PhotoIn) -> dict[str, Any]:
        made = photos.add(actor, compound_id, uploads.take(actor, given.upload), caption=given.caption)
        return {"id": str(made.id), "caption": made.caption, "at": made.at.isoformat()}

    return carry_out(request, PhotoIn, f"compound.photo {compound_id}", act, verb="compound.keep", status=201)
