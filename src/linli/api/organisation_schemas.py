"""The shapes of organisations: what machines send and get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.lists import Paging, Path
from linli.api.schemas import AreaPath, Body, Line
from linli.organisations import queries
from linli.organisations.coverage import Figure
from linli.organisations.models import Build, Step
from linli.organisations.queries import Progress
from linli.people.models import Organisation

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
Said = Annotated[str, StringConstraints(max_length=400)]
StageName = Literal["find", "found", "arrange", "serve", "root"]


class TypeOut(Schema):
    """A type of organisation and what holds of it today."""

    code: str
    family: str
    name_zh: str
    name_en: str
    seat: str = Field(description="The kind of place it belongs to; `any` where nothing is ruled.")
    under: str
    expected: bool
    also: list[str] = Field(description="Types that count for it.")


class RegisteredOut(Schema):
    """An organisation of the register."""

    id: UUID
    district: str
    code: str
    name: str
    name_en: str
    type: str
    area_path: str
    parent_id: UUID | None
    starts_on: date
    ends_on: date | None = Field(description="The first day on which it is no more.")
    state: str
    public_phone: str
    version: int


class RegisterPage(Schema):
    """A page of the register."""

    items: list[RegisteredOut]
    next: str


class PostHolderOut(Schema):
    """Who holds a post; the name is masked unless one's post may see posts there."""

    post_id: UUID
    name: str
    title: str
    public_phone: str
    since: date


class DeedOut(Schema):
    """One line of the history."""

    deed: str
    at: datetime
    name: str
    reason: str
    fields: list[str]


class FileOut(Schema):
    """Everything about an organisation."""

    organisation: RegisteredOut
    compound_id: UUID | None
    building_id: UUID | None
    description: str
    description_en: str
    is_public: bool
    contact_post_id: UUID | None
    line: list[RegisteredOut] = Field(description="What it stands under, the highest first.")
    children: list[RegisteredOut]
    posts: list[PostHolderOut]
    history: list[DeedOut]


class RegisterQuery(Paging):
    """Which organisations."""

    area_path: Path = ""
    type: Line = ""
    words: Line = ""
    state: Literal["at_work", "to_come", "dissolved"] = "at_work"


class OrganisationIn(Body):
    """A new organisation; the type's rule says what kind of place it needs."""

    type: Code
    name: Annotated[str, StringConstraints(min_length=2, max_length=120)]
    area_path: AreaPath
    name_en: Annotated[str, StringConstraints(max_length=160)] = ""
    code: Annotated[str, StringConstraints(max_length=64)] = ""
    compound_id: UUID | None = None
    building_id: UUID | None = None
    parent_id: UUID | None = None
    starts_on: date | None = None
    public_phone: Annotated[str, StringConstraints(max_length=24)] = ""
    description: Said = ""
    description_en: Said = ""
    is_public: bool = True


class OrganisationChangeIn(Body):
    """What changes; what is left out stays."""

    version: int
    name: Annotated[str, StringConstraints(min_length=2, max_length=120)] | None = None
    name_en: Annotated[str, StringConstraints(max_length=160)] | None = None
    public_phone: Annotated[str, StringConstraints(max_length=24)] | None = None
    parent_id: UUID | None = None
    starts_on: date | None = None
    description: Said | None = None
    description_en: Said | None = None
    is_public: bool | None = None
    contact_post_id: UUID | None = None
    reason: Line = ""


class DissolveIn(Body):
    """Why, and from which day on it is no more."""

    version: int
    reason: Line
    ends_on: date | None = None


class ReviveIn(Body):
    """Takes a dissolution back."""

    version: int
    reason: Line = ""


class NetworkFigureOut(Schema):
    """How many places should have one, and how many do."""

    should: int
    covered: int
    missing: int
    percent: float | None = Field(description="With one decimal; never 100 while one is missing; none without places.")


class NetworkPartOut(Schema):
    """An area directly below."""

    area_path: str
    name: str
    figure: NetworkFigureOut


class MonthOut(Schema):
    """The figure at the end of a month."""

    day: date
    figure: NetworkFigureOut | None


class NetworkCoverageOut(Schema):
    """Coverage of a type in an area."""

    type: str
    area_path: str
    day: date
    seat: str
    expected: bool
    whole: NetworkFigureOut
    parts: list[NetworkPartOut]
    months: list[MonthOut]


class NetworkCoverageQuery(Body):
    """Of which type, where, on which day."""

    type: Code
    area_path: Path = ""
    day: date | None = None


class MissingQuery(Paging):
    """Of which type, where."""

    type: Code
    area_path: Path = ""


class MissingOut(Schema):
    """A place that lacks one."""

    place_id: UUID
    area_path: str
    name: str
    lng: float | None
    lat: float | None


class MissingPage(Schema):
    """A page of places that lack one."""

    items: list[MissingOut]
    next: str


class DriveOut(Schema):
    """A drive."""

    id: UUID
    district: str
    type: str
    area_path: str
    title: str
    until: date
    state: str
    builds: int
    by_steps: list[int] = Field(description="How many places have 0 to 5 steps done.")
    overdue: int
    version: int


class DriveIn(Body):
    """What is to be built where, until when."""

    type: Code
    area_path: AreaPath
    title: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    until: date


class DriveEndIn(Body):
    """Why it ends before every place is done."""

    version: int
    reason: Line = ""


class BuildOut(Schema):
    """One place of a drive."""

    id: UUID
    district: str
    drive_id: UUID
    area_path: str
    place_name: str
    organisation_id: UUID | None
    done: int
    next_step: str
    next_on: date | None
    version: int


class BuildPage(Schema):
    """A page of places."""

    items: list[BuildOut]
    next: str


class BuildsQuery(Paging):
    """Which places: those whose next step is this one (`done`: none is left), those that are late."""

    step: Line = ""
    overdue: bool = False


class BuildStepOut(Schema):
    """A step that was done, and whether it was taken back."""

    stage: str
    done_on: date
    name: str
    note: str
    next_on: date | None
    undone_at: datetime | None
    undo_reason: str


class BuildFileOut(Schema):
    """One place with every step that was ever done."""

    build: BuildOut
    steps: list[BuildStepOut]


class BuildStepIn(Body):
    """The next step of a place; `name` is needed with `found`."""

    version: int
    stage: StageName
    note: Said = ""
    done_on: date | None = None
    next_on: date | None = None
    name: Annotated[str, StringConstraints(max_length=120)] = ""
    public_phone: Annotated[str, StringConstraints(max_length=24)] = ""
    description: Said = ""


class StepUndoIn(Body):
    """Why the last step is taken back."""

    version: int
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def figure(found: Figure) -> dict[str, Any]:
    """A figure."""
    return {"should": found.should, "covered": found.covered, "missing": found.missing, "percent": found.percent}


def registered(one: Organisation) -> dict[str, Any]:
    """An organisation of the register."""
    return {
        "id": one.id, "district": one.district, "code": one.code, "name": one.name, "name_en": one.name_en, "type": one.type_id,
        "area_path": one.area_path, "parent_id": one.parent_id, "starts_on": one.starts_on, "ends_on": one.ends_on,
        "state": queries.state_of(one), "public_phone": one.public_phone, "version": one.version,
    }  # fmt: skip


def drive_shape(found: Progress) -> dict[str, Any]:
    """A drive."""
    one = found.drive
    return {
        "id": one.id, "district": one.district, "type": one.type_id, "area_path": one.area_path, "title": one.title,
        "until": one.until, "state": str(one.state), "builds": found.builds, "by_steps": list(found.by_done),
        "overdue": found.overdue, "version": one.version,
    }  # fmt: skip


def build_shape(one: Build) -> dict[str, Any]:
    """A place of a drive."""
    return {
        "id": one.id, "district": one.district, "drive_id": one.drive_id, "area_path": one.area_path,
        "place_name": one.place_name, "organisation_id": one.organisation_id, "done": one.done,
        "next_step": str(one.next_stage or ""), "next_on": one.next_on, "version": one.version,
    }  # fmt: skip


def step_shape(one: Step) -> dict[str, Any]:
    """A step."""
    return {
        "stage": one.stage, "done_on": one.done_on, "name": one.name, "note": one.note, "next_on": one.next_on,
        "undone_at": one.undone_at, "undo_reason": one.undo_reason,
    }  # fmt: skip
