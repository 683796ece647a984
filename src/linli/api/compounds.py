"""Compounds: list, file, what runs out, the records of a file, files of an area; the rules of their colours for everybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import once
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import Path
from linli.api.reading import actor_of, json_body
from linli.api.schemas import Body
from linli.cases.queries.in_compound import in_compound
from linli.compounds import queries
from linli.compounds.actions import fund, importing, noting, photos
from linli.compounds.actions.filing import Origin
from linli.compounds.actions.noting import CommitteeFacts, ContractFacts, RenovationFacts
from linli.compounds.models import (
    Answer,
    Colour,
    CommitteeState,
    FundKind,
    Kind,
    Record,
    RenovationState,
    RunsOut,
    Source,
    Standing,
    Vote,
    Work,
)
from linli.compounds.queries import Narrowed
from linli.compounds.voting import Ballot, Subject
from linli.kernel import ids
from linli.kernel.storage import uploads
from linli.kernel.trust import policy

TAGS = ["Compounds"]
Short = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(max_length=120)]
Count = Annotated[int, Field(ge=0, le=noting.MOST_HOUSEHOLDS)]
Area = Annotated[int, Field(ge=0, le=noting.MOST_AREA, description="Square decimetres.")]
Fen = Annotated[int, Field(ge=0, le=fund.LARGEST)]
Cell = Annotated[str, StringConstraints(max_length=300)]


class HitOut(Schema):
    """A rule that made a colour so."""

    code: str
    check: str
    colour: str
    measure: int


class CompoundOut(Schema):
    """A compound and how it stands today."""

    id: UUID
    name: str
    area_path: str
    address: str
    households: int
    colour: str
    hits: list[HitOut]
    committee: str
    term_ends_on: date | None = Field(description="The first day without it.")
    kind: str
    company: str
    contract_ends_on: date | None = Field(description="The first day on which it holds no more.")
    fund_on: date | None
    fund_fen: int
    dues_share: int | None
    check_share: int | None
    renovation: str
    synthetic: bool


class CompoundPage(Schema):
    """A page of the list."""

    items: list[CompoundOut]
    next: int | None = Field(description="For `after` of the next page.")


class ItemOut(Schema):
    """Something that runs out."""

    compound: UUID
    name: str
    area_path: str
    kind: str
    day: date


class RecordOut(Schema):
    """A record of a file: its columns, where it is from, what it replaces."""

    id: UUID
    section: str
    source: str
    source_note: str
    noted_at: datetime
    replaces: UUID | None
    facts: dict[str, Any]


class CompoundFileOut(CompoundOut):
    """A file: how the compound stands, the records that hold and those that were replaced, and its cases."""

    rules: int
    records: list[RecordOut]
    cases_open: int
    cases_ended: int


class RulesOut(Schema):
    """A published set of rules."""

    number: int
    valid_from: date
    note: str
    rules: list[dict[str, Any]]
    items: list[dict[str, Any]]
    terms: dict[str, int]


class ListQuery(Body):
    """What narrows the list."""

    area_path: Path = ""
    words: Annotated[str, StringConstraints(max_length=60)] = ""
    colour: Colour | None = None
    committee: CommitteeState | None = None
    kind: Kind | None = None
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class FromIn(Body):
    """Where a record is from, and which one it corrects or carries on."""

    source: Source
    source_note: Short = ""
    replaces: UUID | None = None

    @property
    def origin(self) -> Origin:
        """For the action."""
        return Origin(self.source, self.source_note)


class CommitteeIn(FromIn):
    """The owners' committee."""

    state: CommitteeState
    holds_from: date
    term_ends_on: date | None = None
    members: Annotated[int, Field(ge=1, le=noting.MOST_MEMBERS)] | None = None
    chair_post: UUID | None = None
    chair_name: Annotated[str, StringConstraints(max_length=60)] = ""
    chair_phone: Annotated[str, StringConstraints(max_length=24)] = ""
    organisation: UUID | None = None


class ContractIn(FromIn):
    """Who looks after it."""

    kind: Kind
    company: Name = ""
    starts_on: date
    ends_on: date | None = None
    fee_fen: Annotated[int, Field(ge=0, le=100_000, description="A square metre and month.")] | None = None
    organisation: UUID | None = None


class FundIn(Body):
    """A line of a statement."""

    kind: FundKind
    amount_fen: Fen
    day: date
    words: Short = ""
    stated_fen: Fen | None = Field(None, description="The statement's balance after everything up to that day.")
    source: Source
    source_note: Short = ""


class ReverseIn(Body):
    """Why a line was wrong."""

    reason: Short


class RenovationIn(FromIn):
    """A renovation, and how far it is."""

    title: Name
    state: RenovationState
    works: Annotated[list[Work], Field(max_length=20, default_factory=list)]
    starts_on: date
    ends_on: date
    cost_fen: Fen | None = None


class DuesIn(FromIn):
    """Dues of a period."""

    starts_on: date
    ends_on: date
    billed: Count
    paid: Count


class VoteIn(FromIn):
    """A vote in counts."""

    subject: Subject
    title: Name
    held_on: date
    heads: Count
    area: Area
    yes_heads: Count
    yes_area: Area
    no_heads: Count
    no_area: Area
    abstain_heads: Count = 0
    abstain_area: Area = 0


class CheckIn(FromIn):
    """The yearly check: an answer to every item of the rules."""

    year: Annotated[int, Field(ge=1980, le=2200)]
    answers: dict[Annotated[str, StringConstraints(max_length=32)], Answer]


class PhotoIn(Body):
    """A photo that came in pieces."""

    upload: UUID
    caption: Name = ""


class FileIn(Body):
    """A file of an area: the first line names the columns."""

    lines: Annotated[
        list[Annotated[list[Cell], Field(max_length=40)]], Field(min_length=1, max_length=importing.MOST_ROWS + 1)
    ]
    try_only: bool = True


class ProblemRowOut(Schema):
    """What is wrong in a row."""

    row: int
    column: str
    message: str


class FileReportOut(Schema):
    """What a file brought."""

    tried: bool
    rows: int
    noted: dict[str, int]
    same: int
    problems: list[ProblemRowOut]


def standing_shape(row: Standing) -> dict[str, Any]:
    """A standing as the API gives it."""
    one = row.compound
    return {
        "id": one.id, "name": one.name, "area_path": one.area_path, "address": one.address, "households": one.households,
        "colour": str(row.colour), "hits": row.hits, "committee": str(row.committee_state), "term_ends_on": row.term_ends_on,
        "kind": str(row.kind), "company": row.company, "contract_ends_on": row.contract_ends_on, "fund_on": row.fund_on,
        "fund_fen": row.fund_balance, "dues_share": row.dues_share, "check_share": row.check_share,
        "renovation": str(row.renovation_state), "synthetic": one.synthetic,
    }  # fmt: skip


_SHARED = frozenset({
    "id", "district", "compound", "replaces", "source", "source_note", "noted_at", "noted_by", "post_id", "noted_as",
    "chair_contact_id",
})  # fmt: skip


def record_shape(row: Record) -> dict[str, Any]:
    """A record as the API gives it: nothing of a chair but the post that they hold."""
    facts: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        if column.name not in _SHARED:
            value = getattr(row, column.attname)
            facts[column.attname] = (
                value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
            )
    if isinstance(row, Vote):
        facts["result"] = str(row.result)
    return {
        "id": str(row.id), "section": row._meta.model_name, "source": str(row.source), "source_note": row.source_note,
        "noted_at": row.noted_at.isoformat(), "replaces": str(row.replaces_id) if row.replaces_id else None, "facts": facts,
    }  # fmt: skip


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
    "/compounds/rules", auth=ANYONE, response={200: RulesOut, **ERRORS}, summary="Rules of compounds", tags=TAGS,
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
    "/compounds/file", response={200: FileReportOut, **ERRORS}, openapi_extra=KEYED | body_of(FileIn), summary="Read a file in",
    tags=TAGS, operation_id="read_compounds",
)  # fmt: skip
def read_file(request: HttpRequest) -> HttpResponse:
    """Read the files of compounds in, as the template of the desk names its columns; tried unless told otherwise."""
    actor = actor_of(request)
    policy.require(actor, "compound.import")
    body, given = json_body(request, FileIn)

    def act() -> dict[str, Any]:
        found = importing.read(actor, given.lines, try_only=given.try_only)
        return {
            "tried": found.tried, "rows": found.rows, "noted": found.noted, "same": found.same,
            "problems": [{"row": one.row, "column": one.column, "message": one.message} for one in found.problems],
        }  # fmt: skip

    return once(request, actor, "compound.import", body, act)


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


def _noted(request: HttpRequest, compound_id: UUID, what: str, body: bytes, act: Any) -> HttpResponse:
    return once(
        request, actor_of(request), f"compound.{what} {compound_id}", body, lambda: record_shape(act()), status=201
    )


def _record(path: str, model: type[Body], summary: str, name: str) -> Any:
    return api.post(
        f"/compounds/{{uuid:compound_id}}/{path}", response={201: RecordOut, **ERRORS}, openapi_extra=KEYED | body_of(model),
        summary=summary, tags=TAGS, operation_id=name,
    )  # fmt: skip


@_record("committee", CommitteeIn, "Note the committee", "note_committee")
def committee(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note the owners' committee; name and number of the chair are kept sealed and never given out here."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, CommitteeIn)
    facts = CommitteeFacts(
        given.state, given.holds_from, given.term_ends_on, given.members, given.chair_post, given.chair_name, given.chair_phone,
        given.organisation,
    )  # fmt: skip
    return _noted(
        request, compound_id, "committee", body,
        lambda: noting.committee(actor, compound_id, facts, origin=given.origin, key=ids.new_id(), replaces=given.replaces),
    )  # fmt: skip


@_record("contract", ContractIn, "Note who looks after it", "note_contract")
def contract(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note who looks after the compound, from when until when, and for what fee."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, ContractIn)
    facts = ContractFacts(given.kind, given.starts_on, given.company, given.ends_on, given.fee_fen, given.organisation)
    return _noted(
        request, compound_id, "contract", body,
        lambda: noting.contract(actor, compound_id, facts, origin=given.origin, key=ids.new_id(), replaces=given.replaces),
    )  # fmt: skip


@_record("fund", FundIn, "Note a line of the fund", "note_fund")
def fund_line(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note a line of a statement of the maintenance fund."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, FundIn)
    return _noted(
        request, compound_id, "fund", body,
        lambda: fund.note(
            actor, compound_id, kind=given.kind, amount=given.amount_fen, day=given.day, words=given.words, stated=given.stated_fen,
            origin=Origin(given.source, given.source_note), key=ids.new_id(),
        ),
    )  # fmt: skip


@_record("fund/{uuid:entry_id}/reverse", ReverseIn, "Reverse a line of the fund", "reverse_fund")
def reverse(request: HttpRequest, compound_id: UUID, entry_id: UUID) -> HttpResponse:
    """Reverse a line that was wrong; both stay."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, ReverseIn)
    return _noted(
        request, compound_id, f"reverse {entry_id}", body,
        lambda: fund.reverse(actor, compound_id, entry_id, reason=given.reason, key=ids.new_id()),
    )  # fmt: skip


@_record("renovations", RenovationIn, "Note a renovation", "note_renovation")
def renovation(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note a renovation, or with `replaces` how far it is now."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, RenovationIn)
    facts = RenovationFacts(
        given.title, given.state, given.starts_on, given.ends_on, [str(one) for one in given.works], given.cost_fen
    )
    return _noted(
        request, compound_id, "renovation", body,
        lambda: noting.renovation(actor, compound_id, facts, origin=given.origin, key=ids.new_id(), replaces=given.replaces),
    )  # fmt: skip


@_record("dues", DuesIn, "Note dues", "note_dues")
def dues(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note how many households were billed for a period and how many paid."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, DuesIn)
    return _noted(
        request, compound_id, "dues", body,
        lambda: noting.dues(
            actor, compound_id, starts_on=given.starts_on, ends_on=given.ends_on, billed=given.billed, paid=given.paid,
            origin=given.origin, key=ids.new_id(), replaces=given.replaces,
        ),
    )  # fmt: skip


@_record("votes", VoteIn, "Note a vote of the owners", "note_vote")
def vote(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note a vote in counts; the result is computed by article 278 of the Civil Code."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, VoteIn)
    ballot = Ballot(
        given.heads, given.area, given.yes_heads, given.yes_area, given.no_heads, given.no_area, given.abstain_heads, given.abstain_area
    )  # fmt: skip
    return _noted(
        request, compound_id, "vote", body,
        lambda: noting.vote(
            actor, compound_id, subject=given.subject, title=given.title, held_on=given.held_on, ballot=ballot, origin=given.origin,
            key=ids.new_id(), replaces=given.replaces,
        ),
    )  # fmt: skip


@_record("checks", CheckIn, "Note the yearly check", "note_check")
def check(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Note the yearly check; its points follow from the answers."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, CheckIn)
    answers = {code: str(answer) for code, answer in given.answers.items()}
    return _noted(
        request, compound_id, "check", body,
        lambda: noting.check(
            actor, compound_id, year=given.year, answers=answers, origin=given.origin, key=ids.new_id(), replaces=given.replaces
        ),
    )  # fmt: skip


class PhotoOut(Schema):
    """A photo that was attached."""

    id: UUID
    caption: str
    at: datetime


@api.post(
    "/compounds/{uuid:compound_id}/photos", response={201: PhotoOut, **ERRORS}, openapi_extra=KEYED | body_of(PhotoIn),
    summary="Attach a photo", tags=TAGS, operation_id="add_compound_photo",
)  # fmt: skip
def photo(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Attach a photo that came in pieces; the copy that is shown is made without its metadata."""
    actor = actor_of(request)
    policy.require(actor, "compound.keep")
    body, given = json_body(request, PhotoIn)

    def act() -> dict[str, Any]:
        made = photos.add(actor, compound_id, uploads.take(actor, given.upload), caption=given.caption)
        return {"id": str(made.id), "caption": made.caption, "at": made.at.isoformat()}

    return once(request, actor, f"compound.photo {compound_id}", body, act, status=201)
