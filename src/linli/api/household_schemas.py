"""The shapes of people and dwellings: what machines send and get. Names and numbers are masked wherever they are not asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from linli.api.lists import Paging, Path
from linli.api.schemas import Body, Line, Words, in_place
from linli.households.actions.importing import MOST_BYTES
from linli.households.models import Change, Kind, Outcome, Source, Status

Name = Annotated[str, StringConstraints(max_length=60)]
Phone = Annotated[str, StringConstraints(max_length=24)]
Number = Annotated[str, StringConstraints(max_length=18)]
Relation = Annotated[Kind, in_place(Kind)]
FactSource = Annotated[Source, in_place(Source)]
Purpose = Annotated[str, StringConstraints(min_length=4, max_length=200)]


class DwellingBrief(Schema):
    """A dwelling; nothing personal in it."""

    id: UUID
    district: str
    area_path: str
    address: str
    compound: str
    building: str
    entrance: str
    floor: int
    number: str
    status: Status | None = Field(description="How it is used; none: nobody has said.")
    status_label: str


class DwellingPage(Schema):
    """A page of dwellings."""

    items: list[DwellingBrief]
    next: str


class DwellingsQuery(Paging):
    """Which dwellings of the post's area."""

    area_path: Path = Field("", description="A part of it; empty for all.")
    words: Line = Field("", description="Compound, and figures of building, entrance and door: Yulin 3-1-502.")


class PurposeQuery(Body):
    """What it is looked at for; the people can read it."""

    purpose: Purpose


class ResidentOut(Schema):
    """Somebody at a dwelling, masked."""

    person_id: UUID
    name_masked: str
    phone_masked: str
    number_masked: str
    is_child: bool
    kind: Relation
    valid_from: date
    valid_to: date | None
    source: FactSource


class StatusOut(Schema):
    """A use on a range of days."""

    status: Status
    valid_from: date
    valid_to: date | None
    source: FactSource


class ProposalOut(Schema):
    """What somebody says has changed, masked, beside what the register says."""

    id: UUID
    dwelling_id: UUID
    address: str
    change: Change
    state: str
    status: Status | None
    status_now: Status | None
    kind: Relation | None
    name_masked: str
    phone_masked: str
    number_masked: str
    person_id: UUID | None
    note: str
    effective_on: date
    source: FactSource
    proposed_at: datetime
    decided_at: datetime | None
    reason: str


class ProposalPage(Schema):
    """A page of proposals."""

    items: list[ProposalOut]
    next: str


class VisitOut(Schema):
    """A verification."""

    id: UUID
    dwelling_id: UUID
    outcome: Outcome
    at: datetime
    next_try_on: date | None
    undone_at: datetime | None


class DwellingOut(DwellingBrief):
    """A dwelling's file, people masked."""

    statuses: list[StatusOut]
    residents: list[ResidentOut]
    former: list[ResidentOut]
    proposals: list[ProposalOut]
    visits: list[VisitOut]


class DoorOut(DwellingBrief):
    """A door of the verification list."""

    residents: int
    done: bool
    last_outcome: Outcome | None
    last_at: datetime | None
    next_try_on: date | None
    pending: int = Field(description="Proposals that wait for a decision.")


class CampaignOut(Schema):
    """A campaign: every dwelling of an area is to be verified within a term."""

    id: UUID
    district: str
    area_path: str
    title: str
    starts_on: date
    ends_on: date


class WalkOut(Schema):
    """The verification list of a post, in walking order."""

    campaign: CampaignOut | None
    done: int
    total: int
    doors: list[DoorOut]


class VisitIn(Body):
    """As it was, or nobody met. What has changed is proposed instead."""

    outcome: Outcome = Outcome.AS_IT_WAS
    next_try_on: date | None = Field(None, description="Where nobody was met; three days on unless told.")
    at: AwareDatetime | None = Field(
        None, description="When somebody stood there, if earlier: a phone that was offline."
    )


class ProposalIn(Body):
    """What has changed at a dwelling."""

    change: Change
    status: Status | None = Field(None, description="The new use, for `status`.")
    kind: Relation | None = Field(None, description="For `moved_in`.")
    person_id: UUID | None = Field(None, description="For `moved_out` and `phone`.")
    name: Name = ""
    phone: Phone = ""
    number: Number = Field("", description="Identity number (GB 11643).")
    guardian_consent_on: date | None = Field(None, description="Needed for a child under fourteen.")
    note: Line = ""
    effective_on: date | None = Field(None, description="Today unless told.")
    source: FactSource = Source.OFFICE
    at: AwareDatetime | None = Field(None, description="When somebody stood there; with the source `visit` only.")


class ReasonIn(Body):
    """Why not; whoever proposed it reads this."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class TakenProposal(Schema):
    """Where a proposal stands."""

    id: UUID
    dwelling_id: UUID
    change: Change
    state: str
    version: int


class PersonReadIn(Body):
    """What name and telephone are needed for; the person can read it."""

    purpose: Purpose


class PersonOut(Schema):
    """A person in clear. An identity number is never given."""

    person_id: UUID
    name: str
    phone: str


class CampaignIn(Body):
    """A campaign."""

    area_path: Path
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    starts_on: date
    ends_on: date


class ProgressQuery(Body):
    """Of which area; one's own unless told."""

    area_path: Path = ""


class ProgressOut(Schema):
    """How far a grid or a community is."""

    area_path: str
    name: str
    done: int
    not_met: int
    total: int


class ImportIn(Body):
    """A file that will come in pieces."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=160)] = Field(
        description="With its ending: .csv or .xlsx."
    )
    length: Annotated[int, Field(ge=1, le=MOST_BYTES)] = Field(description="Of the whole file in bytes.")
    source: FactSource = Source.FILE
    dry_run: bool = Field(default=False, description="Only check it: nothing changes.")
    area_path: Path = Field("", description="Whose dwellings it holds; the post's area unless told.")


class GoOnIn(Body):
    """How to go on with a file of which rows failed."""

    leave_out: bool = Field(default=False, description="Pass over the rows that failed; else they are tried again.")


class ImportOut(Schema):
    """A file, and how far it is."""

    id: UUID
    district: str
    area_path: str
    name: str
    state: str
    size: int
    received: int = Field(description="Bytes that are here, while it is `receiving`.")
    rows: int = Field(description="Read so far.")
    bad: int = Field(description="Of them, how many were not taken.")
    counts: dict[str, int] = Field(description="New: dwellings, statuses, people, residencies, proposals.")
    problem: str = Field(description="The code of what ended it, or of what the next rows fail with.")
    tries: int = Field(description="How often the next rows have failed; the file is set `aside` after the last try.")
    next_try_at: datetime | None
    source: FactSource
    dry_run: bool
    started_at: datetime
    ended_at: datetime | None


class ProblemsQuery(Body):
    """Which of a file's problems."""

    after: Annotated[int, Field(ge=0)] = Field(0, description="Rows that follow this one.")
    size: Annotated[int, Field(ge=1, le=1_000)] = 100


class RowProblem(Schema):
    """What is wrong in a cell; its content is in the workbook only."""

    row: int
    column: str
    code: str
    detail: Words
