"""What machines send and get of special operations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from linli.api.lists import Path
from linli.api.schemas import Body, Moment
from linli.operations.actions import Draft
from linli.operations.forms import Field, FieldKind
from linli.operations.targets import Target, TargetLevel

Reason = Annotated[str, StringConstraints(min_length=4, max_length=400)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class OperationFieldIn(Body):
    """A question of the form."""

    label: Annotated[str, StringConstraints(min_length=2, max_length=120)]
    kind: Literal["choice", "number", "text", "yes_no", "photo", "fact"]
    code: Annotated[str, StringConstraints(max_length=20)] = ""
    required: bool = True
    choices: Annotated[list[Line], Described(default_factory=list, max_length=12)]
    problem: Annotated[
        list[Line], Described(default_factory=list, max_length=12, description="Answers that count as a problem.")
    ]
    fact: Annotated[str, StringConstraints(max_length=40)] = ""


class OperationTargetIn(Body):
    """Whom it goes to: everything of a level in areas, or a list of grids."""

    areas: Annotated[list[Path], Described(default_factory=list, max_length=500)]
    level: Literal["micro_grid", "general_grid", "dedicated_grid", "organisation"] = "micro_grid"
    organisation_type: Annotated[str, StringConstraints(max_length=40)] = ""
    listed: Annotated[list[Path], Described(default_factory=list, max_length=20_000)]
    dedicated_kind: Annotated[str, StringConstraints(max_length=20)] = ""


class OperationIn(Body):
    """What an operation says."""

    title: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    purpose: Annotated[str, StringConstraints(min_length=4, max_length=1000)]
    kind: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    fields: Annotated[list[OperationFieldIn], Described(min_length=1, max_length=20)]
    target: OperationTargetIn
    due_at: Moment
    minutes_each: Annotated[int, Described(ge=1, le=480)]

    def draft(self) -> Draft:
        """As the room takes it."""
        fields = [
            Field(
                one.label, FieldKind(one.kind), one.code, one.required, tuple(one.choices), tuple(one.problem), one.fact
            )
            for one in self.fields
        ]
        target = Target(
            tuple(self.target.areas), TargetLevel(self.target.level), self.target.organisation_type, tuple(self.target.listed),
            self.target.dedicated_kind,
        )  # fmt: skip
        return Draft(self.title, self.purpose, self.kind, fields, target, self.due_at, self.minutes_each)


class OperationEditIn(OperationIn):
    """A draft as it shall be."""

    version: int


class OperationAmendIn(OperationEditIn):
    """A running operation as it shall be, and why."""

    reason: Reason


class OperationVersionIn(Body):
    """The version that was seen."""

    version: int


class OperationExtendIn(OperationVersionIn):
    """More time, and why."""

    due_at: Moment
    reason: Reason


class OperationStopIn(OperationVersionIn):
    """Why it stops."""

    reason: Reason


class OperationRemindIn(Body):
    """Whom to remind; all without an area."""

    area_path: Path = ""


class OperationNothingIn(Body):
    """Nothing needs saying."""


class OperationAnswerIn(Body):
    """An answer, to the version of the form that was seen."""

    version: int
    values: dict[Annotated[str, StringConstraints(max_length=20)], Any]


class OperationsQuery(Body):
    """Which operations."""

    view: Literal["", "running", "drafts", "ended"] = ""
    words: Annotated[str, StringConstraints(max_length=80)] = ""
    before: Moment | None = None


class OperationWithin(Body):
    """Of which area; as far as the post reaches without one."""

    within: Path = ""


class OperationTasksQuery(OperationWithin):
    """Which tasks."""

    state: Literal["", "open", "answered", "withdrawn", "missed"] = ""
    after: Annotated[str, StringConstraints(max_length=48)] = ""


class OperationLine(Schema):
    """An operation in a list."""

    id: UUID
    number: str
    title: str
    kind: str
    state: Literal["draft", "sent", "stopped", "ended"]
    area_path: str
    due_at: datetime
    sent_at: datetime | None
    tasks_count: int
    version: int


class OperationOut(OperationLine):
    """An operation, whole."""

    purpose: str
    form: list[dict[str, Any]]
    target: dict[str, Any]
    minutes_each: int
    issued_as: str


class OperationAreaTargets(Schema):
    """Targets in an area."""

    path: str
    name: str
    targets: int
    unheld: int


class OperationPreviewOut(Schema):
    """What sending would do."""

    areas: list[OperationAreaTargets]
    targets: int
    unheld: int
    refused: str = Described(description="Code of what forbids it; empty when nothing does.")
    minutes_each: int
    minutes: int
    filled: list[str]


class OperationProgressOut(Schema):
    """How far an operation is in an area. The rate is `within_day / counted`; `too_early` is not counted yet."""

    path: str
    name: str
    tasks: int
    answered: int
    late: int
    within_day: int
    counted: int
    too_early: int
    problems: int
    cases: int
    withdrawn: int
    as_of: datetime


class OperationTaskOut(Schema):
    """A task and what was said."""

    id: UUID
    area_path: str
    organisation_id: UUID | None
    state: Literal["open", "answered", "withdrawn", "missed"]
    answered_at: datetime | None
    answered_version: int
    answer: dict[str, Any]
    problems: int
    cases: int
    version: int


class OperationRemindedOut(Schema):
    """How many tasks were reminded of."""

    reminded: int
