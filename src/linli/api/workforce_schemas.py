"""The shapes of the workforce: what machines send and get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.lists import Paging, Path
from linli.api.schemas import AreaPath, Body, Line, in_place
from linli.people.handing import Thing
from linli.workforce.actions import assessment
from linli.workforce.models import Assessment, HandOver, Leave, Reason, Shift, ShiftKind, Swap
from linli.workforce.roster import Figure

LeaveReason = Annotated[Reason, in_place(Reason)]


class CoverageFigureOut(Schema):
    """How many grids there are, and how many somebody holds."""

    grids: int
    held: int
    vacant: int
    full_time: int
    part_time: int
    percent: float | None = Field(description="With one decimal; never 100 while a grid is vacant; none without grids.")


class CoveragePartOut(Schema):
    """An area directly below."""

    area_path: str
    name: str
    whole: CoverageFigureOut


class CoverageOut(Schema):
    """The coverage of an area against 100 %."""

    area_path: str
    name: str
    whole: CoverageFigureOut
    levels: dict[str, CoverageFigureOut]
    parts: list[CoveragePartOut]
    counted_at: datetime | None


class GridHolderOut(Schema):
    """Who holds a grid, as colleagues know them."""

    post_id: UUID
    name: str
    title: str
    role: str
    full_time: bool
    since: date
    until: date | None
    public_phone: str
    away_until: date | None = Field(description="The first day back.")
    is_cover: bool
    lacks: list[str] = Field(description="Trainings that the post has to have and the holder lacks.")


class GridOut(Schema):
    """One grid of the roster."""

    area_path: str
    name: str
    level: str
    holders: list[GridHolderOut]
    deputy: str
    vacant_since: date | None
    days_vacant: int | None


class GridPage(Schema):
    """A page of the roster."""

    items: list[GridOut]
    next: str


class TrainingMaterialOut(Schema):
    """Something to read."""

    title: str
    url: str


class MyTrainingOut(Schema):
    """A training that concerns one."""

    id: UUID
    title: str
    required: bool
    is_good: bool
    issued_on: date | None
    last_day: date | None = Field(description="On which the certificate is good; none when it has no end.")
    course_at: datetime | None = Field(description="The course that one is asked to.")
    place: str
    materials: list[TrainingMaterialOut]


class TrainingOut(Schema):
    """A training of the area."""

    id: UUID
    title: str
    area_path: str
    required_of: list[str]
    hours: int
    valid_months: int | None
    lacking: int = Field(description="How many members of the area have to have it and lack it.")
    ended_at: datetime | None


class CourseNoteIn(Body):
    """Who was there."""

    accounts: Annotated[list[UUID], Field(max_length=500)]


class CourseOut(Schema):
    """A course that was held."""

    id: UUID
    training_id: UUID
    starts_at: datetime
    place: str
    noted_at: datetime | None
    certificates: int


class AssessmentFactOut(Schema):
    """What one criterion comes to, and what it is computed from."""

    code: str
    good: int
    whole: int
    named: list[str]
    outcome: str


class AssessmentOut(Schema):
    """One's own assessment of a period; there is no sum and no rank."""

    id: UUID
    begins_on: date
    ends_on: date = Field(description="The first day after the period.")
    facts: list[AssessmentFactOut]
    words: str
    state: str
    objection_until: datetime
    answer: str


class AssessmentObjectIn(Body):
    """What one objects to, and why."""

    about: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    words: Annotated[str, StringConstraints(min_length=2, max_length=500)]


class LeaveOut(Schema):
    """A leave."""

    id: UUID
    district: str
    post_id: UUID
    name: str
    area_path: str
    first_day: date
    last_day: date
    reason: str
    state: str
    decision: str
    begun_at: datetime | None
    ended_at: datetime | None
    covers: list[str]
    version: int


class LeavePage(Schema):
    """A page of leaves."""

    items: list[LeaveOut]
    next: str


class LeaveIn(Body):
    """Days away, both included."""

    first_day: date
    last_day: date
    reason: LeaveReason


class LeaveApproveIn(Body):
    """Who covers, the first one first: posts of the same organisation."""

    version: int
    covers: Annotated[list[UUID], Field(min_length=1, max_length=4)]
    words: Line = ""


class LeaveRefuseIn(Body):
    """Why not."""

    version: int
    words: Line


class LeaveEndIn(Body):
    """The version that was seen."""

    version: int


class InHandOut(Schema):
    """One open thing in somebody's hands."""

    kind: str
    id: UUID
    number: str
    title: str
    area_path: str
    due_at: datetime | None


class HandsOut(Schema):
    """A post and everything that is open in its hands."""

    post_id: UUID
    version: int
    name: str
    area_path: str
    things: list[InHandOut]


class HandOverIn(Body):
    """Who takes over, and why."""

    version: int = Field(description="Of the post.")
    successor: UUID = Field(description="A post in force of the same organisation.")
    reason: Line
    ends_post: bool = True


class HandOverOut(Schema):
    """A hand-over that was done."""

    id: UUID
    district: str
    from_post: UUID
    to_post: UUID
    area_path: str
    reason: str
    things: int
    ends_post: bool
    at: datetime
    undone_at: datetime | None


class ShiftOut(Schema):
    """A shift."""

    id: UUID
    area_path: str
    day: date
    kind: str
    starts_at: datetime
    ends_at: datetime
    post_id: UUID
    name: str
    version: int


class DutyQuery(Body):
    """Which days of which community."""

    area_path: AreaPath
    first: date
    last: date


class OnDutyOut(Schema):
    """Who is on duty now, and the number to ring."""

    name: str
    role: str
    title: str
    phone: str
    until: datetime


class DutyPlanIn(Body):
    """A community and any day of the month."""

    area_path: AreaPath
    month: date


class ShiftAssignIn(Body):
    """Who is on which shift."""

    area_path: AreaPath
    day: date
    kind: ShiftKind
    post_id: UUID
    version: int = Field(0, description="Of the shift; 0 when there is none yet.")


class SwapIn(Body):
    """Whom one asks to take which of one's shifts."""

    shift_id: UUID
    to_post: UUID


class SwapAnswerIn(Body):
    """Yes or no."""

    agree: bool


class SwapOut(Schema):
    """A swap."""

    id: UUID
    shift_id: UUID
    state: str


class RosterQuery(Paging):
    """Which grids."""

    area_path: Path = ""
    level: Annotated[str, StringConstraints(max_length=16)] = ""
    words: Line = ""
    vacant: bool = False


class CoverageQuery(Body):
    """Of which area."""

    area_path: Path = ""


class LeavesQuery(Paging):
    """Which leaves: a state, `current` for those under way or to come, empty for all."""

    state: Annotated[str, StringConstraints(max_length=10)] = ""


def figure(found: Figure) -> dict[str, Any]:
    """A figure."""
    return {
        "grids": found.grids, "held": found.held, "vacant": found.vacant, "full_time": found.full_time,
        "part_time": found.part_time, "percent": found.percent,
    }  # fmt: skip


def leave_shape(leave: Leave, covers: list[str] | None = None) -> dict[str, Any]:
    """A leave."""
    return {
        "id": leave.id, "district": leave.district, "post_id": leave.post_id, "name": leave.account.work_name,
        "area_path": leave.area_path, "first_day": leave.starts_on, "last_day": leave.last_day, "reason": leave.reason,
        "state": leave.state, "decision": leave.decision, "begun_at": leave.begun_at,
        "ended_at": leave.ended_at, "covers": covers or [], "version": leave.version,
    }  # fmt: skip


def thing_shape(thing: Thing) -> dict[str, Any]:
    """One thing."""
    return {
        "kind": thing.kind, "id": thing.id, "number": thing.number, "title": thing.title, "area_path": thing.area_path,
        "due_at": thing.due_at,
    }  # fmt: skip


def handover_shape(done: HandOver) -> dict[str, Any]:
    """A hand-over."""
    return {
        "id": done.id, "district": done.district, "from_post": done.from_post_id, "to_post": done.to_post_id,
        "area_path": done.area_path, "reason": done.reason, "things": len(done.things), "ends_post": done.ends_post,
        "at": done.at, "undone_at": done.undone_at,
    }  # fmt: skip


def shift_shape(shift: Shift) -> dict[str, Any]:
    """A shift."""
    return {
        "id": shift.id, "area_path": shift.area_path, "day": shift.day, "kind": shift.kind, "starts_at": shift.starts_at,
        "ends_at": shift.ends_at, "post_id": shift.post_id, "name": shift.account.work_name, "version": shift.version,
    }  # fmt: skip


def swap_shape(swap: Swap) -> dict[str, Any]:
    """A swap."""
    return {"id": swap.id, "shift_id": swap.shift_id, "state": str(swap.state)}


def assessment_shape(one: Assessment) -> dict[str, Any]:
    """An assessment as its owner reads it."""
    return {
        "id": one.id, "begins_on": one.begins_on, "ends_on": one.ends_on, "facts": one.facts,
        "words": assessment.words_of(one), "state": str(one.state), "objection_until": one.objection_until,
        "answer": assessment.words_of(one, "answer"),
    }  # fmt: skip
