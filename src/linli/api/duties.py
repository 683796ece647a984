"""Duty lists: what stands on them and what was decided, for everybody; admission, forms and their answers for the posts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import carry_out
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.reading import actor_of
from linli.api.schemas import AreaPath, Body, Line, in_place
from linli.duties import queries
from linli.duties.actions import admission as admitting
from linli.duties.actions import forms as asking
from linli.duties.actions import lists as putting
from linli.duties.actions.lists import Money
from linli.duties.models import Admission, Frequency, ListEntry, Listing, ReportForm, Sheet, Tier
from linli.duties.tasks import Kind
from linli.kernel.trust import Actor

TAGS = ["Duties"]
Long = Annotated[str, StringConstraints(max_length=500)]
TaskKind = Annotated[Kind, in_place(Kind)]
MOST = 500


class DutyEntryOut(Schema):
    """A task on a list."""

    id: UUID
    area_path: str
    tier: str
    kind: str
    code: str
    title: str
    list: str = Field(description="work, assist or negative.")
    department: str = Field(description="Only when this function asks; empty: whoever asks.")
    basis: str
    instead: str
    amount_fen: int
    source: str
    authority: str
    valid_from: date
    valid_to: date | None = Field(description="The first day on which it no longer holds.")


class AdmissionOut(Schema):
    """An application, and what came of it."""

    id: UUID
    area_path: str
    tier: str
    kind: str
    code: str
    title: str
    list: str
    department: str
    why: str
    basis: str
    minutes: int
    amount_fen: int
    source: str
    authority: str
    starts_on: date
    ends_on: date | None
    state: str
    reason: str
    holds_from: date | None
    decided_at: datetime | None
    version: int


class DutyProofOut(Schema):
    """A proof that residents may be asked for, or no longer."""

    code: str
    name: str
    purpose: str
    basis: str
    issuer: str
    brought: int = Field(description="Brought by residents this year.")
    spared: int = Field(description="Had from whoever vouches for it, without the resident.")
    abolished_on: date | None
    instead: str


class FormOut(Schema):
    """A registered form."""

    id: UUID
    code: str
    title: str
    purpose: str
    basis: str
    matter: str = Field(
        description="Code of the matter in words that it serves (kind matter of the lists); empty: none."
    )
    frequency: str
    minutes: int
    asked: list[str]
    filled: list[str]
    valid_to: date | None


class SheetOut(Schema):
    """A form at a community."""

    id: UUID
    form: str
    title: str
    area_path: str
    due_on: date
    filled: dict[str, int]
    questions: list[str]
    answered_at: datetime | None


class AdmissionIn(Body):
    """What is applied for; a matter in words has a title and no code."""

    kind: TaskKind
    code: Annotated[str, StringConstraints(max_length=20)] = ""
    title: Annotated[str, StringConstraints(max_length=120)] = ""
    area_path: AreaPath
    tier: Tier = Tier.COMMUNITY
    list: Listing
    why: Long
    basis: Line
    minutes: Annotated[int, Field(ge=1, le=admitting.MOST_MINUTES)]
    amount_fen: Annotated[int, Field(ge=0, le=putting.LARGEST)] = 0
    source: Line = ""
    authority: Line = ""
    starts_on: date
    ends_on: date | None = None


class DecisionIn(Body):
    """The decision on an application."""

    version: Annotated[int, Field(ge=1)]
    admit: bool
    reason: Long
    holds_from: date | None = None


class FormIn(Body):
    """A form to be registered."""

    title: Annotated[str, StringConstraints(max_length=120)]
    purpose: Annotated[str, StringConstraints(max_length=300)]
    basis: Line
    frequency: Frequency
    matter: Annotated[
        str,
        StringConstraints(max_length=20),
        Field(description="Code of the matter in words that it serves (kind matter of the lists)."),
    ] = ""
    minutes: Annotated[int, Field(ge=1, le=asking.MOST_MINUTES)]
    questions: Annotated[list[Annotated[str, StringConstraints(max_length=120)]], Field(min_length=1, max_length=30)]


class SendIn(Body):
    """Where a form is sent, and by when it is answered."""

    area_path: AreaPath
    due_on: date


class AnswersIn(Body):
    """Question to answer."""

    answers: dict[Annotated[str, StringConstraints(max_length=120)], Long]
    minutes: Annotated[int, Field(ge=0, le=asking.MOST_MINUTES)] | None = None


def entry_shape(row: ListEntry) -> dict[str, Any]:
    """An entry as the API gives it."""
    return {
        "id": str(row.id), "area_path": row.area_path, "tier": row.tier, "kind": row.kind, "code": row.code, "title": row.called,
        "list": row.listing, "department": row.department, "basis": row.basis, "instead": row.instead, "amount_fen": row.amount,
        "source": row.source, "authority": row.authority, "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }  # fmt: skip


def admission_shape(one: Admission) -> dict[str, Any]:
    """An application as the API gives it."""
    return {
        "id": str(one.id), "area_path": one.area_path, "tier": one.tier, "kind": one.kind, "code": one.code, "title": one.called,
        "list": one.listing, "department": one.department, "why": one.why, "basis": one.basis, "minutes": one.minutes,
        "amount_fen": one.amount, "source": one.source, "authority": one.authority, "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat() if one.ends_on else None, "state": str(one.state), "reason": one.reason,
        "holds_from": one.holds_from.isoformat() if one.holds_from else None,
        "decided_at": one.decided_at.isoformat() if one.decided_at else None, "version": one.version,
    }  # fmt: skip


def form_shape(one: ReportForm) -> dict[str, Any]:
    """A form as the API gives it."""
    return {
        "id": str(one.id), "code": one.code, "title": one.title, "purpose": one.purpose, "basis": one.basis,
        "matter": one.matter, "frequency": str(one.frequency), "minutes": one.minutes, "asked": one.asked,
        "filled": [fact["label"] for fact in one.facts if fact["how"] == "filled"],
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
    }  # fmt: skip


def sheet_shape(one: Sheet) -> dict[str, Any]:
    """A sheet as the API gives it."""
    return {
        "id": str(one.id), "form": one.form.code, "title": one.form.title, "area_path": one.area_path,
        "due_on": one.due_on.isoformat(), "filled": one.filled, "questions": one.form.asked,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
    }  # fmt: skip


@api.get(
    "/duties/lists", auth=ANYONE, response={200: list[DutyEntryOut], **ERRORS}, summary="Duty lists", tags=TAGS,
    operation_id="duty_lists",
)  # fmt: skip
def lists(
    request: HttpRequest, area_path: AreaPath, tier: Tier = Tier.COMMUNITY, day: date | None = None, list: Listing | None = None,  # noqa: A002
    words: Annotated[str, StringConstraints(max_length=60)] = "",
) -> Any:  # fmt: skip
    """What stands on the work, assist and negative lists of an area on a day (today unless told)."""
    found = queries.lists(actor_of(request), area_path=area_path, tier=tier, day=day, listing=list or "", words=words)
    return [entry_shape(one.row) for one in found[:MOST]]


@api.get(
    "/duties/decisions", auth=ANYONE, response={200: list[AdmissionOut], **ERRORS}, summary="Decisions on admission", tags=TAGS,
    operation_id="duty_decisions",
)  # fmt: skip
def decisions(request: HttpRequest, area_path: AreaPath) -> Any:
    """What was decided around an area, with the reasons, the newest first."""
    return [admission_shape(one) for one in queries.decisions(actor_of(request), area_path=area_path)]


@api.get(
    "/duties/proofs", auth=ANYONE, response={200: list[DutyProofOut], **ERRORS}, summary="Proofs asked of residents", tags=TAGS,
    operation_id="duty_proofs",
)  # fmt: skip
def proofs(request: HttpRequest, area_path: AreaPath) -> Any:
    """Which proofs may be asked for in an area, how often they were this year, and which were abolished."""
    return [
        {
            "code": one.proof.code, "name": one.proof.called, "purpose": one.proof.purpose, "basis": one.proof.basis,
            "issuer": one.proof.issuer, "brought": one.brought, "spared": one.spared, "abolished_on": one.proof.abolished_on,
            "instead": one.proof.instead,
        }
        for one in queries.proofs(actor_of(request), area_path=area_path)
    ]  # fmt: skip


@api.get(
    "/duties/admissions", response={200: list[AdmissionOut], **ERRORS}, summary="Applications for admission", tags=TAGS,
    operation_id="admissions",
)  # fmt: skip
def admissions(request: HttpRequest) -> Any:
    """One's department's applications, those that one's office decides, those of one's area."""
    return [admission_shape(one) for one in queries.admissions(actor_of(request))[:MOST]]


@api.post(
    "/duties/admissions", response={201: AdmissionOut, **ERRORS}, openapi_extra=KEYED | body_of(AdmissionIn),
    summary="Apply for admission", tags=TAGS, operation_id="apply_for_admission",
)  # fmt: skip
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for a task to be put on the work or the assist list of an area."""

    def act(actor: Actor, given: AdmissionIn) -> dict[str, Any]:
        money = Money(given.amount_fen, given.source, given.authority)
        return admission_shape(
            admitting.apply(
                actor, kind=given.kind, code=given.code, title=given.title, area_path=given.area_path, tier=given.tier,
                listing=given.list, why=given.why, basis=given.basis, minutes=given.minutes, money=money,
                starts_on=given.starts_on, ends_on=given.ends_on,
            )
        )  # fmt: skip

    return carry_out(request, AdmissionIn, "duties.apply", act, verb="duties.apply", status=201)


@api.post(
    "/duties/admissions/{uuid:admission_id}/decide", response={200: AdmissionOut, **ERRORS},
    openapi_extra=KEYED | body_of(DecisionIn), summary="Decide on admission", tags=TAGS, operation_id="decide_admission",
)  # fmt: skip
def decide(request: HttpRequest, admission_id: UUID) -> HttpResponse:
    """Admit or refuse, with a reason that everybody reads; the list changes on a day, tomorrow at the earliest."""

    def act(actor: Actor, given: DecisionIn) -> dict[str, Any]:
        return admission_shape(
            admitting.decide(
                actor, admission_id, version=given.version, admit=given.admit, reason=given.reason, holds_from=given.holds_from
            )
        )  # fmt: skip

    return carry_out(request, DecisionIn, f"duties.decide {admission_id}", act, verb="duties.decide")


@api.get(
    "/duties/forms", response={200: list[FormOut], **ERRORS}, summary="Forms", tags=TAGS, operation_id="duty_forms"
)
def forms(request: HttpRequest) -> Any:
    """The forms that are registered."""
    return [form_shape(one) for one in queries.forms(actor_of(request))[:MOST]]


@api.post(
    "/duties/forms", response={201: FormOut, **ERRORS}, openapi_extra=KEYED | body_of(FormIn), summary="Register a form", tags=TAGS,
    operation_id="register_form",
)  # fmt: skip
def register(request: HttpRequest) -> HttpResponse:
    """Register a form with all that it asks; what the platform can count is filled in, what it holds of persons is refused."""

    def act(actor: Actor, given: FormIn) -> dict[str, Any]:
        return form_shape(
            asking.register(
                actor, title=given.title, purpose=given.purpose, basis=given.basis, frequency=given.frequency,
                minutes=given.minutes, questions=given.questions, matter=given.matter,
            )
        )  # fmt: skip

    return carry_out(request, FormIn, "duties.register_form", act, verb="duties.keep_form", status=201)


@api.post(
    "/duties/forms/{uuid:form_id}/send", response={201: list[SheetOut], **ERRORS}, openapi_extra=KEYED | body_of(SendIn),
    summary="Send a form", tags=TAGS, operation_id="send_form",
)  # fmt: skip
def send(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Send a form to every community of an area; refused where the lists forbid it."""

    def act(actor: Actor, given: SendIn) -> list[dict[str, Any]]:
        made = asking.send(actor, form_id, area_path=given.area_path, due_on=given.due_on)
        return [sheet_shape(one) for one in made]

    return carry_out(request, SendIn, f"duties.send_form {form_id}", act, verb="duties.keep_form", status=201)


@api.get(
    "/duties/received", response={200: list[SheetOut], **ERRORS}, summary="Forms to answer", tags=TAGS,
    operation_id="received_forms",
)  # fmt: skip
def received(request: HttpRequest) -> Any:
    """The forms that one's community was asked for, what is due first first."""
    return [sheet_shape(one) for one in queries.received(actor_of(request))[:MOST]]


@api.post(
    "/duties/received/{uuid:sheet_id}/answer", response={200: SheetOut, **ERRORS}, openapi_extra=KEYED | body_of(AnswersIn),
    summary="Answer a form", tags=TAGS, operation_id="answer_form",
)  # fmt: skip
def answer(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Answer a form for one's own community."""

    def act(actor: Actor, given: AnswersIn) -> dict[str, Any]:
        return sheet_shape(asking.answer(actor, sheet_id, answers=given.answers, minutes=given.minutes))

    return carry_out(request, AnswersIn, f"duties.answer_form {sheet_id}", act, verb="duties.answer_form")
