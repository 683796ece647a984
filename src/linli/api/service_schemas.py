"""What the API takes and gives about services, as types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.schemas import Body, Line

FactCode = Annotated[str, StringConstraints(min_length=1, max_length=40)]

AnswerValue = bool | int | Annotated[str, StringConstraints(max_length=2_000)] | list[FactCode]


class ApplicationIn(Body):
    """An application."""

    service: Annotated[str, StringConstraints(min_length=1, max_length=8)]
    answers: dict[FactCode, AnswerValue] = Field(
        default_factory=dict, max_length=20, description="By the codes of the service's questions."
    )
    person: dict[FactCode, Line] = Field(
        default_factory=dict,
        max_length=10,
        description="By name, phone, address, identity_number, relative_name, relative_phone, relation.",
    )
    area_path: Annotated[str, StringConstraints(pattern=r"^([0-9]{6}(/[0-9A-Z]+)*)?$", max_length=48)] = Field(
        "", description="The community that it is for; the account's own when left out with use_held."
    )
    slot: UUID | None = Field(None, description="The time, where the service has some.")
    use_held: bool = Field(default=False, description="Consent to fill in what the platform holds of the account.")
    use_proofs: bool = Field(
        default=False, description="Consent to have the service's proofs fetched from the departments."
    )
    on_behalf: bool = Field(default=False, description="For a relative, who agrees to it.")
    channel: Literal["counter", "doorstep", "hotline"] | None = Field(
        None, description="How it came to the post that sends it; a post alone names one."
    )
    consent: Literal["signed", "spoken", "phoned"] | None = Field(
        None, description="How the resident agreed to it; needed of a post that fills it in for somebody."
    )
    seen: list[FactCode] = Field(
        default_factory=list, max_length=20, description="Codes of proofs that were shown to the post."
    )


class ProofAnswerIn(Body):
    """A department's answer for a proof."""

    holds: bool
    note: Line = ""


class ServiceFactOut(Schema):
    """One fact that a service needs: asked, held or fetched."""

    code: str
    label: str
    how: str


class OptionOut(Schema):
    """One answer that can be chosen."""

    value: str
    label: str


class QuestionOut(Schema):
    """One question of a form."""

    code: str
    label: str
    kind: str
    required: bool
    options: list[OptionOut]


class ServiceMaterialOut(Schema):
    """One document of a service's list, and how it is had now."""

    name: str
    how: list[str]


class ProofKindOut(Schema):
    """One proof, and who vouches for it."""

    code: str
    name: str
    holder: str


class ServiceOut(Schema):
    """A service."""

    code: str
    name: str
    name_en: str
    group: str
    department: str
    way: str = Field(description="form, booking, report, page or guide.")
    category: str = Field(description="Of the catalogue, where it is reported as a problem.")
    online: bool
    identity_level: int
    proxy_allowed: bool
    fee: str
    days: int
    clock: str
    unverified: bool = Field(description="The limit is usual and not yet confirmed by the department.")
    channels: list[str]
    place: str
    hours: str
    phone: str
    result: str
    materials: list[ServiceMaterialOut]
    asked: int = Field(description="Facts that the reader would have to give.")
    spared: int = Field(description="Facts that are no longer asked.")
    facts: list[ServiceFactOut]
    questions: list[QuestionOut]
    proofs: list[ProofKindOut]
    books_time: bool


class SlotOut(Schema):
    """A time and its free seats."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    free: int


class ProofOut(Schema):
    """A proof of an application."""

    id: UUID
    number: str
    service: str
    kind: str
    name: str
    state: str
    asked_at: datetime
    answered_at: datetime | None


class ApplicationStepOut(Schema):
    """One step of an application."""

    kind: str
    at: datetime
    role: str
    state: str


class ApplicationBrief(Schema):
    """An application in a list."""

    id: UUID
    number: str
    district: str
    service: str
    state: str
    state_label: str
    is_open: bool
    area_path: str
    organisation_id: UUID
    submitted_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    asked: int
    spared: int
    rating: int | None
    version: int


class ApplicationOut(ApplicationBrief):
    """An application; nothing personal in it."""

    service_name: str
    organisation_name: str
    facts: dict[str, Any]
    slot: SlotOut | None
    proofs: list[ProofOut]
    steps: list[ApplicationStepOut]
    next: list[str] = Field(description="What may be done now: POST to ``/applications/{number}/{verb}``.")


class ApplicationPage(Schema):
    """A page of applications."""

    items: list[ApplicationBrief]
    next: str


class ApplicationReceipt(Schema):
    """An application that is in."""

    id: UUID
    number: str
    district: str
    service: str
    state: str
    due_at: datetime | None
    asked: int
    spared: int
    area_path: str
    version: int
    code: str = Field(description="Without an account: with the number it opens the application. Else empty.")


class ApplicationDone(Schema):
    """Where an application stands after a command."""

    number: str
    state: str
    is_open: bool
    version: int
    due_at: datetime | None


class SaidOut(Schema):
    """What a person said."""

    kind: str
    field: str
    text: str
    side: str
    held: bool
    at: datetime
