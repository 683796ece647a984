"""The shapes of compounds: what machines send and get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.lists import Path
from linli.api.schemas import Body, Line, in_place
from linli.compounds.actions import fund, importing, noting
from linli.compounds.actions.filing import Origin
from linli.compounds.models import (
    Answer,
    Colour,
    CommitteeState,
    FundKind,
    Kind,
    Record,
    RenovationState,
    Source,
    Standing,
    Vote,
    Work,
)
from linli.compounds.voting import Subject
from linli.kernel import ids

Name = Annotated[str, StringConstraints(max_length=120)]
Count = Annotated[int, Field(ge=0, le=noting.MOST_HOUSEHOLDS)]
Area = Annotated[int, Field(ge=0, le=noting.MOST_AREA, description="Square decimetres.")]
Fen = Annotated[int, Field(ge=0, le=fund.LARGEST)]
Cell = Annotated[str, StringConstraints(max_length=300)]
Managed = Annotated[Kind, in_place(Kind)]
From = Annotated[Source, in_place(Source)]


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


class CompoundRulesOut(Schema):
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
    kind: Managed | None = None
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class Filed(TypedDict):
    """How a record is filed."""

    origin: Origin
    key: UUID
    replaces: UUID | None


class FromIn(Body):
    """Where a record is from, and which one it corrects or carries on."""

    source: From
    source_note: Line = ""
    replaces: UUID | None = None

    def filed(self) -> Filed:
        """What the actions take of it, with the key of a new record."""
        return {"origin": Origin(self.source, self.source_note), "key": ids.new_id(), "replaces": self.replaces}


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

    kind: Managed
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
    words: Line = ""
    stated_fen: Fen | None = Field(None, description="The statement's balance after everything up to that day.")
    source: From
    source_note: Line = ""


class ReverseIn(Body):
    """Why a line was wrong."""

    reason: Line


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


class CompoundFileIn(Body):
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


class PhotoOut(Schema):
    """A photo that was attached."""

    id: UUID
    caption: str
    at: datetime


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
