"""Points: the published rules for everybody, one's own account, what waits for a post. Never anybody else's balance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import BaseModel, Field, StringConstraints

from linli.api.commanding import once
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import link_next
from linli.api.reading import actor_of, json_body
from linli.api.schemas import Body
from linli.api.shapes import language
from linli.kernel.trust import policy
from linli.ledger import queries
from linli.ledger.actions import claiming, objecting, rewarding, suspending
from linli.ledger.models import Claim, Entry, Objection, Redemption, Reward, Suspension
from linli.ledger.queries import RuleBook
from linli.ui.casework import points as shown

TAGS = ["Points"]
Said = Annotated[str, StringConstraints(min_length=2, max_length=500)]
Reason = Annotated[str, StringConstraints(max_length=500)]


class RuleOut(Schema):
    """A rule as it is published."""

    code: str
    name: str
    points: int
    per: str
    daily_cap: int | None
    monthly_cap: int | None
    confirmation: str
    confirmers: list[str]
    note: str


class RulesOut(Schema):
    """A set of rules; `number` 0 when none was published."""

    number: int
    valid_from: datetime | None
    rules: list[RuleOut]


class ExpiringOut(Schema):
    """Points that expire on a day."""

    on: date
    amount: int
    announced: bool


class MineOut(Schema):
    """One's own points."""

    district: str
    balance: int
    collecting: bool
    expiring: list[ExpiringOut]
    suspended_since: datetime | None = Field(
        None, description="While it is set the account gains nothing and changes nothing."
    )


class EntryOut(Schema):
    """An entry of one's own account, with its reason."""

    id: UUID
    kind: str
    rule: str
    rules: int = Field(description="Number of the set of rules that held.")
    nominal: int = Field(description="What the rule says.")
    amount: int = Field(description="What it did to the balance; negative when it took points.")
    limited_by: str = Field(description="`day`, `month` or `balance` when less moved than the rule says.")
    subject: str = Field(description="Number of the case, when it is one that you can see.")
    label: str
    why: str
    occurred_at: datetime
    at: datetime
    reverses: UUID | None
    objection: str = Field(description="`open`, `upheld` or `rejected`; empty without one.")
    object_until: datetime


class EntryPage(Schema):
    """A page of entries, the newest first."""

    items: list[EntryOut]
    next: str = Field(description="`after` of the next page; empty when this is the last.")


class EntriesQuery(Body):
    """Which page of them."""

    district: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = ""
    after: Annotated[str, StringConstraints(max_length=10)] = ""
    size: Annotated[int, Field(ge=1, le=100)] = queries.PAGE


class ClaimOut(Schema):
    """A claim."""

    id: UUID
    rule: str
    quantity: int
    state: str
    takes_away: bool
    area_path: str
    label: str
    asked_at: datetime


class ObjectionOut(Schema):
    """An objection: the entry that it is about, and when it is due."""

    id: UUID
    entry: UUID
    state: str
    area_path: str
    made_at: datetime
    due_at: datetime


class RewardOut(Schema):
    """What points can be changed for."""

    id: UUID
    name: str
    place: str
    price: int
    stock: int


class RedemptionOut(Schema):
    """What is kept for one; the code is shown to nobody else, and only while it waits."""

    id: UUID
    reward: UUID
    price: int
    state: str
    collect_by: datetime
    code: str


class SuspensionOut(Schema):
    """A suspended account, as those see it who may lift that: whose it is stands at the desk."""

    id: UUID
    rule: str
    state: str
    area_path: str
    begun_at: datetime
    lift_asked_at: datetime | None
    ended_at: datetime | None


class ObjectIn(Body):
    """What is wrong with an entry."""

    words: Said


class ClaimIn(Body):
    """What one did, for somebody to confirm."""

    id: UUID
    rule: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    on: date
    words: Said
    quantity: Annotated[int, Field(ge=1, le=100)] = 1


class DecideIn(Body):
    """Confirm, or refuse with a reason."""

    grant: bool
    reason: Reason = ""


class AnswerIn(Body):
    """The answer to an objection."""

    upheld: bool
    words: Said
    points: Annotated[int, Field(ge=0, le=10_000)] = Field(0, description="To add to an award that gave too few.")


class RedeemIn(Body):
    """The id that the client makes for what it takes."""

    id: UUID


class NothingIn(Body):
    """Nothing."""


def _rules(book: RuleBook) -> dict[str, Any]:
    return {
        "number": book.number,
        "valid_from": book.valid_from,
        "rules": [
            {
                "code": one.code, "name": one.called(language()), "points": one.points, "per": one.per,
                "daily_cap": one.daily_cap, "monthly_cap": one.monthly_cap, "confirmation": one.confirmation,
                "confirmers": list(one.confirmers), "note": one.noted(language()),
            }
            for one in book.rules.values()
        ],
    }  # fmt: skip


def _entry(one: Entry, number: str = "") -> dict[str, Any]:
    objection = queries.objection_to(one)
    return {
        "id": one.id, "kind": one.kind, "rule": one.rule, "rules": one.rules_number, "nominal": one.nominal, "amount": one.signed,
        "limited_by": one.limited_by, "subject": number, "label": one.subject_label, "why": shown.why(one),
        "occurred_at": one.occurred_at, "at": one.at, "reverses": one.reverses_id,
        "objection": objection.state if objection else "", "object_until": queries.objection_until(one),
    }  # fmt: skip


def _claim(one: Claim) -> dict[str, Any]:
    return {
        "id": str(one.id), "rule": one.rule, "quantity": one.quantity, "state": str(one.state), "takes_away": one.takes_away,
        "area_path": one.area_path, "label": one.subject_label, "asked_at": one.asked_at.isoformat(),
    }  # fmt: skip


def _objection(one: Objection) -> dict[str, Any]:
    return {
        "id": str(one.id), "entry": str(one.entry_id), "state": str(one.state), "area_path": one.area_path,
        "made_at": one.made_at.isoformat(), "due_at": one.due_at.isoformat(),
    }  # fmt: skip


def _suspension(one: Suspension) -> dict[str, Any]:
    return {
        "id": str(one.id), "rule": one.rule, "state": str(one.state), "area_path": one.area_path,
        "begun_at": one.begun_at.isoformat(), "lift_asked_at": one.lift_asked_at.isoformat() if one.lift_asked_at else None,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }  # fmt: skip


def _reward(one: Reward) -> dict[str, Any]:
    return {"id": one.id, "name": one.called(language()), "place": one.place, "price": one.price, "stock": one.stock}


def _redemption(one: Redemption) -> dict[str, Any]:
    # No code here: the answer to a command is kept for its repeats, and the code is kept nowhere.
    return {
        "id": str(one.id), "reward": str(one.reward_id), "price": one.price, "state": str(one.state),
        "collect_by": one.collect_by.isoformat(), "code": "",
    }  # fmt: skip


def _once(
    request: HttpRequest, model: type[BaseModel], name: str, action: Callable[[Any], dict[str, Any]]
) -> HttpResponse:
    actor = actor_of(request)
    body, given = json_body(request, model)
    district = actor.district or queries.home_district(actor)
    return once(request, actor, f"ledger {name}", body, lambda: action(given), district=district)


@api.get("/ledger/rules", auth=ANYONE, response={200: RulesOut, **ERRORS}, summary="Rules of points", tags=TAGS,
         operation_id="points_rules")  # fmt: skip
def rules(request: HttpRequest, number: int = Query(0, ge=0, le=2**31 - 1)) -> Any:
    """The published rules that hold now, or the set of a number."""
    return _rules(queries.rule_book(number) if number else queries.rules_at())


@api.get("/ledger/mine", response={200: MineOut, **ERRORS}, summary="My points", tags=TAGS, operation_id="my_points")
def mine(request: HttpRequest) -> Any:
    """One's own balance, and what of it expires when."""
    found = queries.mine(actor_of(request))
    return {
        "district": found.district, "balance": found.balance, "collecting": found.collecting,
        "expiring": [{"on": one.on, "amount": one.amount, "announced": one.announced} for one in found.expiring],
        "suspended_since": found.suspension.begun_at if found.suspension else None,
    }  # fmt: skip


@api.get(
    "/ledger/entries", response={200: EntryPage, **ERRORS}, summary="My entries", tags=TAGS, operation_id="my_entries"
)
def entries(request: HttpRequest, response: HttpResponse, filters: Query[EntriesQuery]) -> Any:
    """One's own entries with their reasons, the newest first."""
    actor = actor_of(request)
    policy.require(actor, "points.mine")
    district = filters.district or queries.home_district(actor)
    page = queries.entries_of(actor, district=district, after=filters.after, size=filters.size)
    link_next(request, response, page.next)
    numbers = shown.cases_of(actor, page.entries)
    return {"items": [_entry(one, numbers.get(one.subject_id, "")) for one in page.entries], "next": page.next}


@api.get("/ledger/entries/{uuid:entry_id}", response={200: EntryOut, **ERRORS}, summary="Entry", tags=TAGS,
         operation_id="points_entry")  # fmt: skip
def entry(request: HttpRequest, entry_id: UUID) -> Any:
    """One's own entry."""
    actor = actor_of(request)
    policy.require(actor, "points.mine")
    found = queries.entry(actor, entry_id)
    return _entry(found, shown.cases_of(actor, [found]).get(found.subject_id, ""))


@api.post("/ledger/entries/{uuid:entry_id}/object", response={200: ObjectionOut, **ERRORS}, openapi_extra=KEYED | body_of(ObjectIn),
          summary="Object to an entry", tags=TAGS, operation_id="object_to_entry")  # fmt: skip
def object_to(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Say what is wrong with one's own entry; somebody who had no hand in it answers."""
    actor = actor_of(request)
    return _once(
        request, ObjectIn, f"object {entry_id}",
        lambda given: _objection(objecting.object_to(actor, entry_id, words=given.words)),
    )  # fmt: skip


@api.post("/ledger/claims", response={200: ClaimOut, **ERRORS}, openapi_extra=KEYED | body_of(ClaimIn), summary="Ask for points",
          tags=TAGS, operation_id="claim_points")  # fmt: skip
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for points by a rule that somebody has to confirm."""
    actor = actor_of(request)
    return _once(
        request, ClaimIn, "claim",
        lambda given: _claim(
            claiming.claim(
                actor, given.id, rule=given.rule, on=given.on, words=given.words, quantity=given.quantity
            )
        ),
    )  # fmt: skip


@api.get("/ledger/claims", response={200: list[ClaimOut], **ERRORS}, summary="Claims to confirm", tags=TAGS,
         operation_id="claims_waiting")  # fmt: skip
def claims(request: HttpRequest) -> Any:
    """What waits for this post to confirm it, the oldest first."""
    return [_claim(one) for one in queries.claims_waiting(actor_of(request))]


@api.post("/ledger/claims/{uuid:claim_id}/decide", response={200: ClaimOut, **ERRORS}, openapi_extra=KEYED | body_of(DecideIn),
          summary="Decide a claim", tags=TAGS, operation_id="decide_claim")  # fmt: skip
def decide(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Confirm it, or refuse it with a reason that the person reads; never one's own."""
    actor = actor_of(request)
    policy.require(actor, "points.confirm")
    return _once(
        request, DecideIn, f"decide {claim_id}",
        lambda given: _claim(claiming.decide(actor, claim_id, grant=given.grant, reason=given.reason)),
    )  # fmt: skip


@api.get("/ledger/objections", response={200: list[ObjectionOut], **ERRORS}, summary="Objections to answer", tags=TAGS,
         operation_id="objections_open")  # fmt: skip
def objections(request: HttpRequest) -> Any:
    """The objections that this post may answer, what is due first first. What the person says is read at the desk."""
    return [_objection(one) for one in queries.objections_open(actor_of(request))]


@api.get("/ledger/suspensions", response={200: list[SuspensionOut], **ERRORS}, summary="Suspended accounts", tags=TAGS,
         operation_id="suspensions")  # fmt: skip
def suspensions(request: HttpRequest) -> Any:
    """The suspensions in force that this post may lift, the oldest first."""
    return [_suspension(one) for one in queries.suspensions(actor_of(request))]


@api.post("/ledger/suspensions/{uuid:suspension_id}/ask-lift", response={200: SuspensionOut, **ERRORS},
          openapi_extra=KEYED | body_of(ObjectIn), summary="Ask to lift a suspension", tags=TAGS,
          operation_id="ask_lift")  # fmt: skip
def ask_lift(request: HttpRequest, suspension_id: UUID) -> HttpResponse:
    """Say why it should be lifted; nothing changes until a second person has agreed."""
    actor = actor_of(request)
    policy.require(actor, "points.lift")
    return _once(
        request, ObjectIn, f"ask-lift {suspension_id}",
        lambda given: _suspension(suspending.ask_lift(actor, suspension_id, words=given.words)),
    )  # fmt: skip


@api.post("/ledger/suspensions/{uuid:suspension_id}/lift", response={200: SuspensionOut, **ERRORS},
          openapi_extra=KEYED | body_of(NothingIn), summary="Lift a suspension", tags=TAGS,
          operation_id="lift_suspension")  # fmt: skip
def lift(request: HttpRequest, suspension_id: UUID) -> HttpResponse:
    """Agree, as the second person; what happened meanwhile stays as it was."""
    actor = actor_of(request)
    policy.require(actor, "points.lift")
    return _once(
        request, NothingIn, f"lift {suspension_id}",
        lambda _given: _suspension(suspending.lift(actor, suspension_id)),
    )  # fmt: skip


@api.post("/ledger/objections/{uuid:objection_id}/answer", response={200: ObjectionOut, **ERRORS},
          openapi_extra=KEYED | body_of(AnswerIn), summary="Answer an objection", tags=TAGS,
          operation_id="answer_objection")  # fmt: skip
def answer(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """Uphold it, which sets the entry right, or not; with words that the person reads."""
    actor = actor_of(request)
    policy.require(actor, "points.review")
    return _once(
        request, AnswerIn, f"answer {objection_id}",
        lambda given: _objection(
            objecting.answer(actor, objection_id, upheld=given.upheld, words=given.words, points=given.points)
        ),
    )  # fmt: skip


@api.get("/ledger/rewards", response={200: list[RewardOut], **ERRORS}, summary="Rewards", tags=TAGS,
         operation_id="points_rewards")  # fmt: skip
def rewards(request: HttpRequest) -> Any:
    """What one's own points can be changed for."""
    actor = actor_of(request)
    policy.require(actor, "points.redeem")
    return [_reward(one) for one in queries.rewards(actor, district=queries.home_district(actor))]


@api.post("/ledger/rewards/{uuid:reward_id}/redeem", response={200: RedemptionOut, **ERRORS},
          openapi_extra=KEYED | body_of(RedeemIn), summary="Change points for a reward", tags=TAGS,
          operation_id="redeem_points")  # fmt: skip
def redeem(request: HttpRequest, reward_id: UUID) -> HttpResponse:
    """Take one piece; neither the points nor the stock can be overdrawn."""
    actor = actor_of(request)
    return _once(
        request, RedeemIn, f"redeem {reward_id}",
        lambda given: _redemption(rewarding.redeem(actor, reward_id, redemption_id=given.id)),
    )  # fmt: skip


@api.get("/ledger/redemptions", response={200: list[RedemptionOut], **ERRORS}, summary="What I took", tags=TAGS,
         operation_id="my_redemptions")  # fmt: skip
def redemptions(request: HttpRequest) -> Any:
    """What one took, with the code of what waits to be collected."""
    found = queries.mine(actor_of(request)).redemptions
    return [
        _redemption(one) | {"code": queries.pick_up_code(one.district, one.id) if one.state == "waiting" else ""}
        for one in found
    ]


@api.post("/ledger/redemptions/{uuid:redemption_id}/take-back", response={200: RedemptionOut, **ERRORS},
          openapi_extra=KEYED | body_of(NothingIn), summary="Take a reward back", tags=TAGS,
          operation_id="take_back_redemption")  # fmt: skip
def take_back(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """Before it is collected: points and piece are there again."""
    actor = actor_of(request)
    return _once(
        request,
        NothingIn,
        f"take-back {redemption_id}",
        lambda _given: _redemption(rewarding.take_back(actor, redemption_id)),
    )
