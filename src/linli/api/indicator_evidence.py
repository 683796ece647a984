"""Evidence for indicators: handed in by a community, reviewed by somebody else above it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.commanding import carry_out
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.lists import Path
from linli.api.reading import actor_of
from linli.api.schemas import Body
from linli.indicators import actions, proofs
from linli.indicators.models import Evidence
from linli.kernel import ids, time
from linli.kernel.errors import Invalid
from linli.kernel.storage.uploads import take
from linli.kernel.trust import Actor

TAGS = ["Indicator sets"]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class IndicatorEvidenceOut(Schema):
    """A piece of evidence; values are shares, 0 to 1."""

    id: UUID
    set: str
    indicator: str
    area_path: str
    text: str
    value: float
    dated: date
    state: Literal["pending", "accepted", "returned", "withdrawn"]
    accepted_value: float | None
    valid_until: date | None
    expired: bool = Field(description="Accepted once, and counted no longer.")
    reason: str
    noted_at: datetime
    reviewed_at: datetime | None


class IndicatorEvidencePage(Schema):
    """A page of evidence, and how many there are in all."""

    rows: list[IndicatorEvidenceOut]
    total: int


class IndicatorEvidenceQuery(Body):
    """Which evidence."""

    view: Literal["", "pending", "accepted", "returned", "withdrawn", "expired"] = ""
    set: Annotated[str, StringConstraints(max_length=60)] = ""
    area_path: Path = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    size: Annotated[int, Field(ge=1, le=200)] = 50


class IndicatorEvidenceIn(Body):
    """Evidence of a community, with photos that were uploaded before."""

    set: Name
    indicator: Name
    area_path: Path
    text: Annotated[str, StringConstraints(min_length=1, max_length=actions.MOST_TEXT)]
    value: Share
    dated: date
    uploads: Annotated[list[UUID], Field(default_factory=list, max_length=actions.MOST_FILES)]


class IndicatorEvidenceReviewIn(Body):
    """What the review came to: a value and a day to accept, a reason to return."""

    decision: Literal["accept", "return"]
    value: Share | None = None
    valid_until: date | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class IndicatorEvidenceWithdrawIn(Body):
    """Nothing more to say."""


@api.get(
    "/indicator-evidence", response={200: IndicatorEvidencePage, **ERRORS}, summary="Evidence", tags=TAGS,
    operation_id="list_indicator_evidence",
)  # fmt: skip
def listed(request: HttpRequest, filters: Query[IndicatorEvidenceQuery]) -> Any:
    """Evidence in reach: what waits is the oldest first, everything else the newest."""
    rows = proofs.listed(actor_of(request), view=filters.view, area_path=filters.area_path, set_id=filters.set)
    first = (filters.page - 1) * filters.size
    return {"rows": [_face(one) for one in rows[first : first + filters.size]], "total": rows.count()}


@api.post(
    "/indicator-evidence", response={201: IndicatorEvidenceOut, **ERRORS}, openapi_extra=KEYED | body_of(IndicatorEvidenceIn),
    summary="Hand evidence in",
    tags=TAGS,
    operation_id="submit_indicator_evidence",
)  # fmt: skip
def submit(request: HttpRequest) -> HttpResponse:
    """Hand evidence in for review; no personal data in its text or on its photos."""

    def act(actor: Actor, given: IndicatorEvidenceIn) -> Any:
        facts = actions.EvidenceFacts(given.set, given.indicator, given.area_path, given.text, given.value, given.dated)
        originals = [take(actor, one) for one in given.uploads]
        return _face(actions.submit(actor, facts, key=ids.new_id(), originals=originals))

    return carry_out(request, IndicatorEvidenceIn, "evidence.submit", act, verb=actions.SUBMIT, status=201)


@api.get(
    "/indicator-evidence/{uuid:evidence_id}", response={200: IndicatorEvidenceOut, **ERRORS}, summary="A piece of evidence", tags=TAGS,
    operation_id="get_indicator_evidence",
)  # fmt: skip
def one(request: HttpRequest, evidence_id: UUID) -> Any:
    """What it claims, and what the review said."""
    return _face(proofs.one(actor_of(request), evidence_id))


@api.post(
    "/indicator-evidence/{uuid:evidence_id}/review", response={200: IndicatorEvidenceOut, **ERRORS},
    openapi_extra=KEYED | body_of(IndicatorEvidenceReviewIn), summary="Review evidence", tags=TAGS,
    operation_id="review_indicator_evidence",
)  # fmt: skip
def review(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Accept with a value until a day, or return with a reason; never one's own."""

    def act(actor: Actor, given: IndicatorEvidenceReviewIn) -> Any:
        if given.decision == "return":
            return _face(actions.send_back(actor, evidence_id, reason=given.reason))
        if given.value is None or given.valid_until is None:
            field = "value" if given.value is None else "valid_until"
            raise Invalid(
                "indicators.review", _("To accept, give the value and the day until which it holds."), field=field
            )
        return _face(actions.accept(actor, evidence_id, value=given.value, valid_until=given.valid_until))

    proofs.one(actor_of(request), evidence_id)
    return carry_out(request, IndicatorEvidenceReviewIn, f"evidence.review {evidence_id}", act)


@api.post(
    "/indicator-evidence/{uuid:evidence_id}/withdraw", response={200: IndicatorEvidenceOut, **ERRORS},
    openapi_extra=KEYED | body_of(IndicatorEvidenceWithdrawIn), summary="Withdraw evidence", tags=TAGS,
    operation_id="withdraw_indicator_evidence",
)  # fmt: skip
def withdraw(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Take back what one handed in, while nobody has reviewed it."""
    proofs.one(actor_of(request), evidence_id)
    return carry_out(
        request, IndicatorEvidenceWithdrawIn, f"evidence.withdraw {evidence_id}",
        lambda actor, _given: _face(actions.withdraw(actor, evidence_id)),
    )  # fmt: skip


def _face(one: Evidence) -> dict[str, Any]:
    same = (
        "id", "area_path", "text", "value", "dated", "state", "accepted_value", "valid_until", "reason", "noted_at", "reviewed_at",
    )  # fmt: skip
    return {name: getattr(one, name) for name in same} | {
        "set": one.set_id, "indicator": one.indicator_id, "expired": one.expired(time.today()),
    }  # fmt: skip
