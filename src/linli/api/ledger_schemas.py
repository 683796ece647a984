"""The shapes of points: what machines send and get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.schemas import Body
from linli.api.shapes import language
from linli.ledger import queries
from linli.ledger.models import Claim, Entry, Objection, Redemption, Reward, Suspension
from linli.ledger.queries import RuleBook
from linli.ui.casework import points as shown

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


class PointsRulesOut(Schema):
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


class PointsEntryOut(Schema):
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

    items: list[PointsEntryOut]
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


class PointsObjectIn(Body):
    """What is wrong with an entry."""

    words: Said


class ClaimIn(Body):
    """What one did, for somebody to confirm."""

    id: UUID
    rule: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    on: date
    words: Said
    quantity: Annotated[int, Field(ge=1, le=100)] = 1


class ClaimDecideIn(Body):
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


def rules_shape(book: RuleBook) -> dict[str, Any]:
    """A set of rules."""
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


def entry_shape(one: Entry, number: str = "") -> dict[str, Any]:
    """An entry, with the number of its case where the reader can see it."""
    objection = queries.objection_to(one)
    return {
        "id": one.id, "kind": one.kind, "rule": one.rule, "rules": one.rules_number, "nominal": one.nominal, "amount": one.signed,
        "limited_by": one.limited_by, "subject": number, "label": one.subject_label, "why": shown.why(one),
        "occurred_at": one.occurred_at, "at": one.at, "reverses": one.reverses_id,
        "objection": objection.state if objection else "", "object_until": queries.objection_until(one),
    }  # fmt: skip


def claim_shape(one: Claim) -> dict[str, Any]:
    """A claim."""
    return {
        "id": str(one.id), "rule": one.rule, "quantity": one.quantity, "state": str(one.state), "takes_away": one.takes_away,
        "area_path": one.area_path, "label": one.subject_label, "asked_at": one.asked_at.isoformat(),
    }  # fmt: skip


def objection_shape(one: Objection) -> dict[str, Any]:
    """An objection."""
    return {
        "id": str(one.id), "entry": str(one.entry_id), "state": str(one.state), "area_path": one.area_path,
        "made_at": one.made_at.isoformat(), "due_at": one.due_at.isoformat(),
    }  # fmt: skip


def suspension_shape(one: Suspension) -> dict[str, Any]:
    """A suspension."""
    return {
        "id": str(one.id), "rule": one.rule, "state": str(one.state), "area_path": one.area_path,
        "begun_at": one.begun_at.isoformat(), "lift_asked_at": one.lift_asked_at.isoformat() if one.lift_asked_at else None,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }  # fmt: skip


def reward_shape(one: Reward) -> dict[str, Any]:
    """A reward."""
    return {"id": one.id, "name": one.called(language()), "place": one.place, "price": one.price, "stock": one.stock}


def redemption_shape(one: Redemption) -> dict[str, Any]:
    """What is kept for one."""
    # No code here: the answer to a command is kept for its repeats, and the code is kept nowhere.
    return {
        "id": str(one.id), "reward": str(one.reward_id), "price": one.price, "state": str(one.state),
        "collect_by": one.collect_by.isoformat(), "code": "",
    }  # fmt: skip
