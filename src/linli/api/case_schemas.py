"""The shapes of cases: what comes in, how a case stands, what was done with it, who reported it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from linli.api.schemas import Body, Coordinates, Latitude, Line, Longitude, Version, Words
from linli.cases.actions import intake
from linli.cases.models import Channel


class ReporterIn(Body):
    """How to reach whoever reports; all of it may be left out."""

    name: Annotated[str, StringConstraints(max_length=60)] = ""
    phone: Annotated[str, StringConstraints(max_length=24)] = ""
    address: Line = ""


class ReportIn(Body):
    """A report. The place is a point, an address in words, or at least the district."""

    category: Annotated[str, StringConstraints(min_length=1, max_length=8)] = Field(
        description="A code of the catalogue."
    )
    description: Words = ""
    lng: Longitude | None = None
    lat: Latitude | None = None
    coordinates: Coordinates = Coordinates.WGS84
    address: Line = ""
    district: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = ""
    reporter: ReporterIn = ReporterIn()
    on_behalf: bool = Field(default=False, description="The reporter is somebody else than who is signed in.")
    found_at: AwareDatetime | None = Field(None, description="When it was seen, if earlier: a phone that was offline.")
    channel: Literal["api", "portal", "field", "desk", "hotline", "counter", "machine"] | None = Field(
        None, description="How it came in; without a post only ``api`` and ``portal``."
    )

    keep_private: bool = Field(
        default=False,
        description="The words are not to become public; otherwise a version may, once somebody let it through.",
    )
    photos: Annotated[list[UUID], Field(max_length=5)] = Field(
        [], description="Uploads of one's own that are whole; they come in with the report or it does not."
    )

    def report(self, channel: Channel) -> intake.Report:
        """What the action takes."""
        return intake.Report(
            category=self.category,
            description=self.description,
            lng=self.lng,
            lat=self.lat,
            coordinates=self.coordinates.value,
            address=self.address,
            district=self.district,
            channel=channel,
            reporter=intake.Reporter(self.reporter.name, self.reporter.phone, self.reporter.address),
            on_behalf=self.on_behalf,
            found_at=self.found_at,
            keep_private=self.keep_private,
        )


class Acknowledged(Schema):
    """A report that is on the disk."""

    id: UUID
    number: str = Field(description="What people read out; its last figure checks the others.")
    district: str
    state: str
    category: str
    severity: int
    area_path: str
    due_at: datetime = Field(description="By when somebody answers.")
    version: int
    code: str = Field(description="For a reporter without an account: with the number it opens the case. Else empty.")


class InputOut(Schema):
    """One thing to fill in for a verb."""

    name: str
    kind: str
    label: str
    required: bool


class VerbOut(Schema):
    """What may be done with a case now: POST to ``/cases/{number}/{verb}``."""

    verb: str
    label: str
    tone: str
    takes_version: bool
    inputs: list[InputOut]


class CaseBrief(Schema):
    """A case in a list."""

    id: UUID
    number: str
    district: str
    state: str
    state_label: str
    is_open: bool
    category: str
    category_name: str
    severity: int
    sensitivity: str
    level: str
    channel: str
    area_path: str
    area_name: str
    address: str
    lng: float | None
    lat: float | None
    description: str
    holder_id: UUID | None
    holder_name: str
    reported_at: datetime
    due_at: datetime | None
    due_kind: str
    paused_at: datetime | None
    is_late: bool
    supervised: bool
    participants: int
    version: int


class EvidenceOut(Schema):
    """A photo; ``photo`` and ``thumb`` are addresses once it is ready."""

    id: UUID
    kind: str
    state: str
    at: datetime
    photo: str
    thumb: str
    refusal: str


class CaseOut(CaseBrief):
    """A case with what one needs to act on it."""

    round: int
    located: str
    registered_at: datetime | None
    responded_at: datetime | None
    disposed_at: datetime | None
    closed_at: datetime | None
    outcome: str
    feedback_outcome: str
    rating: int | None
    master: str | None = Field(description="The number of the case that this one was merged into.")
    parent: str | None
    evidence: list[EvidenceOut]
    next: list[VerbOut] = Field(description="What this post may do now, the most obvious first.")


class CasePage(Schema):
    """A page of a list; ``next`` is the cursor of the one after it, empty at the end."""

    items: list[CaseBrief]
    next: str


class StepOut(Schema):
    """One step of a case as the reader may see it."""

    sequence: int
    kind: str
    label: str
    at: datetime
    role: str
    post_id: UUID | None
    from_state: str
    to_state: str
    words: str
    data: dict[str, Any] = Field(description="More facts, for staff only.")


class Timeline(Schema):
    """The steps of a case in order."""

    number: str
    version: int
    steps: list[StepOut]


class NearOut(Schema):
    """A case that may be the same matter."""

    number: str
    category: str
    state: str
    reported_at: datetime
    metres: int
    participants: int
    words: str


class Done(Schema):
    """Where a case stands after a command."""

    number: str
    state: str
    is_open: bool
    level: str
    version: int
    due_at: datetime | None
    is_late: bool
    children: list[str] = Field(default=[], description="Numbers of the cases that were split off.")


class JoinIn(Body):
    """Joining a case that somebody else reported."""

    text: Words = ""
    reporter: ReporterIn = ReporterIn()


class Joined(Schema):
    """A case that was joined."""

    number: str
    state: str
    participants: int
    code: str = Field(description="For whoever has no account: with the number it opens the case. Else empty.")


class ReporterOut(Schema):
    """How to reach somebody who reported or joined a case, in clear."""

    kind: str
    name: str
    phone: str
    address: str
    statement: str


class Reporters(Schema):
    """The people of a case."""

    number: str
    people: list[ReporterOut]


class PartOut(Schema):
    """A case that was split off another; its code is for the reporter of the whole."""

    number: str
    code: str
    state: str
    state_label: str
    category: str
    category_name: str


class TicketOut(Schema):
    """A case as its reporter follows it by number and code."""

    number: str
    state: str
    state_label: str
    is_open: bool
    category: str
    category_name: str
    holder_name: str
    description: str = Field(description="What was reported; of a personal matter, the reader's own words.")
    reported_at: datetime
    due_at: datetime | None
    is_late: bool
    paused_at: datetime | None
    outcome: str
    rating: int | None
    version: int
    steps: list[StepOut]
    next: list[VerbOut]
    parts: list[PartOut] = Field(description="Cases that were split off this one.")


class TicketMessageIn(Body):
    """A message."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class TicketRateIn(Body):
    """A rating."""

    score: Annotated[int, Field(ge=1, le=5)]
    words: Words = ""


class TicketReopenIn(Body):
    """Why a case is taken up again."""

    version: Version
    reason: Words


class ViewCount(Schema):
    """A view of the inbox and how many cases it holds, counted up to 1,000; ``null`` is not counted."""

    view: str
    label: str
    count: int | None
