"""What machines send and get of briefs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from linli.api.lists import Path
from linli.api.schemas import Body, Moment

Kind = Literal["week", "month", "quarter"]
Revision = Annotated[int, Described(ge=1, le=2**31 - 1, description="As it was seen; another one is 409.")]


class BriefsQuery(Body):
    """Which briefs."""

    area_path: Path = ""
    kind: Literal["", "week", "month", "quarter"] = ""
    before: Moment | None = None


class BriefIn(Body):
    """Which brief to make."""

    area_path: Annotated[Path, Described(description="The post's own area unless another is named.")] = ""
    kind: Kind
    first: Annotated[date, Described(description="The first day: a Monday, or the first of a month or quarter.")]


class BriefNoteIn(Body):
    """The assessment."""

    revision: Revision
    note: Annotated[str, StringConstraints(max_length=2000)]


class BriefIssueIn(Body):
    """Which state of it is issued."""

    revision: Revision


class BriefCorrectIn(Body):
    """Why there is another edition."""

    revision: Revision
    changed: Annotated[str, StringConstraints(min_length=4, max_length=400)]


class BriefSubscriptionIn(Body):
    """Of which briefs the post is told, or not any more."""

    area_path: Annotated[Path, Described(description="The post's own area unless another is named.")] = ""
    kind: Kind
    on: bool = True


class BriefSubscriptionOut(Schema):
    """Whether the post is told of briefs of a kind."""

    kind: str
    on: bool


class BriefLine(Schema):
    """A brief in a list."""

    id: UUID
    area_path: str
    kind: str
    first: date
    last: date
    version: int
    revision: int
    as_of: datetime
    made_at: datetime
    issued_at: datetime | None


class BriefFigureOut(Schema):
    """A figure as it was counted when the brief was made; what is hidden has no parts."""

    metric: str
    name: str
    said: str
    value: str | None
    numerator: int | None
    denominator: int | None
    low: str | None
    high: str | None
    cases: Annotated[str, Described(description="The address of the cases behind it.")]


class BriefOut(BriefLine):
    """A brief with its figures and what it says."""

    title: str
    note: str
    changed: str
    made_as: str
    issued_as: str
    figures: list[BriefFigureOut]
    blocks: list[dict[str, Any]]
