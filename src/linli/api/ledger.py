"""Points: the published rules for everybody, one's own account, what waits for a post. Never anybody else's balance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from linli.api.commanding import carry_out
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.ledger_schemas import (
    AnswerIn,
    ClaimDecideIn,
    ClaimIn,
    ClaimOut,
    EntriesQuery,
    EntryPage,
    MineOut,
    NothingIn,
    ObjectionOut,
    PointsEntryOut,
    PointsObjectIn,
    PointsRulesOut,
    RedeemIn,
    RedemptionOut,
    RewardOut,
    SuspensionOut,
    claim_shape,
    entry_shape,
    objection_shape,
    redemption_shape,
    reward_shape,
    rules_shape,
    suspension_shape,
)
from linli.api.lists import link_next
from linli.api.reading import Model, actor_of
from linli.kernel.trust import Actor, policy
from linli.ledger import queries
from linli.ledger.actions import claiming, objecting, rewarding, suspending
from linli.ui.casework import points as shown

TAGS = ["Points"]


def _once(
    request: HttpRequest,
    model: type[Model],
    name: str,
    act: Callable[[Actor, Model], dict[str, Any]],
    *,
    verb: str = "",
) -> HttpResponse:
    actor = actor_of(request)
    if verb:
        policy.require(actor, verb)
    district = actor.district or queries.home_district(actor)
    return carry_out(request, model, f"ledger {name}", act, district=district)


@api.get("/ledger/rules", auth=ANYONE, response={200: PointsRulesOut, **ERRORS}, summary="Rules of points", tags=TAGS,
         operation_id="points_rules")  # fmt: skip
def rules(request: HttpRequest, number: int = Query(0, ge=0, le=2**31 - 1)) -> Any:
    """The published rules that hold now, or the set of a number."""
    return rules_shape(queries.rule_book(number) if number else queries.rules_at())


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
    return {"items": [entry_shape(one, numbers.get(one.subject_id, "")) for one in page.entries], "next": page.next}


@api.get("/ledger/entries/{uuid:entry_id}", response={200: PointsEntryOut, **ERRORS}, summary="Entry", tags=TAGS,
         operation_id="points_entry")  # fmt: skip
def entry(request: HttpRequest, entry_id: UUID) -> Any:
    """One's own entry."""
    actor = actor_of(request)
    policy.require(actor, "points.mine")
    found = queries.entry(actor, entry_id)
    return entry_shape(found, shown.cases_of(actor, [found]).get(found.subject_id, ""))


@api.post("/ledger/entries/{uuid:entry_id}/object", response={200: ObjectionOut, **ERRORS}, openapi_extra=KEYED | body_of(PointsObjectIn),
          summary="Object to an entry", tags=TAGS, operation_id="object_to_entry")  # fmt: skip
def object_to(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Say what is wrong with one's own entry; somebody who had no hand in it answers."""
    return _once(
        request, PointsObjectIn, f"object {entry_id}",
        lambda actor, given: objection_shape(objecting.object_to(actor, entry_id, words=given.words)),
    )  # fmt: skip


@api.post("/ledger/claims", response={200: ClaimOut, **ERRORS}, openapi_extra=KEYED | body_of(ClaimIn), summary="Ask for points",
          tags=TAGS, operation_id="claim_points")  # fmt: skip
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for points by a rule that somebody has to confirm."""
    return _once(
        request, ClaimIn, "claim",
        lambda actor, given: claim_shape(
            claiming.claim(
                actor, given.id, rule=given.rule, on=given.on, words=given.words, quantity=given.quantity
            )
        ),
    )  # fmt: skip


@api.get("/ledger/claims", response={200: list[ClaimOut], **ERRORS}, summary="Claims to confirm", tags=TAGS,
         operation_id="claims_waiting")  # fmt: skip
def claims(request: HttpRequest) -> Any:
    """What waits for this post to confirm it, the oldest first."""
    return [claim_shape(one) for one in queries.claims_waiting(actor_of(request))]


@api.post("/ledger/claims/{uuid:claim_id}/decide", response={200: ClaimOut, **ERRORS}, openapi_extra=KEYED | body_of(ClaimDecideIn),
          summary="Decide a claim", tags=TAGS, operation_id="decide_claim")  # fmt: skip
def decide(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Confirm it, or refuse it with a reason that the person reads; never one's own."""
    return _once(
        request, ClaimDecideIn, f"decide {claim_id}",
        lambda actor, given: claim_shape(claiming.decide(actor, claim_id, grant=given.grant, reason=given.reason)),
        verb="points.confirm",
    )  # fmt: skip


@api.get("/ledger/objections", response={200: list[ObjectionOut], **ERRORS}, summary="Objections to answer", tags=TAGS,
         operation_id="objections_open")  # fmt: skip
def objections(request: HttpRequest) -> Any:
    """The objections that this post may answer, what is due first first. What the person says is read at the desk."""
    return [objection_shape(one) for one in queries.objections_open(actor_of(request))]


@api.get("/ledger/suspensions", response={200: list[SuspensionOut], **ERRORS}, summary="Suspended accounts", tags=TAGS,
         operation_id="suspensions")  # fmt: skip
def suspensions(request: HttpRequest) -> Any:
    """The suspensions in force that this post may lift, the oldest first."""
    return [suspension_shape(one) for one in queries.suspensions(actor_of(request))]


@api.post("/ledger/suspensions/{uuid:suspension_id}/ask-lift", response={200: SuspensionOut, **ERRORS},
          openapi_extra=KEYED | body_of(PointsObjectIn), summary="Ask to lift a suspension", tags=TAGS,
          operation_id="ask_lift")  # fmt: skip
def ask_lift(request: HttpRequest, suspension_id: UUID) -> HttpResponse:
    """Say why it should be lifted; nothing changes until a second person has agreed."""
    return _once(
        request, PointsObjectIn, f"ask-lift {suspension_id}",
        lambda actor, given: suspension_shape(suspending.ask_lift(actor, suspension_id, words=given.words)),
        verb="points.lift",
    )  # fmt: skip


@api.post("/ledger/suspensions/{uuid:suspension_id}/lift", response={200: SuspensionOut, **ERRORS},
          openapi_extra=KEYED | body_of(NothingIn), summary="Lift a suspension", tags=TAGS,
          operation_id="lift_suspension")  # fmt: skip
def lift(request: HttpRequest, suspension_id: UUID) -> HttpResponse:
    """Agree, as the second person; what happened meanwhile stays as it was."""
    return _once(
        request, NothingIn, f"lift {suspension_id}",
        lambda actor, _given: suspension_shape(suspending.lift(actor, suspension_id)),
        verb="points.lift",
    )  # fmt: skip


@api.post("/ledger/objections/{uuid:objection_id}/answer", response={200: ObjectionOut, **ERRORS},
          openapi_extra=KEYED | body_of(AnswerIn), summary="Answer an objection", tags=TAGS,
          operation_id="answer_objection")  # fmt: skip
def answer(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """Uphold it, which sets the entry right, or not; with words that the person reads."""
    return _once(
        request, AnswerIn, f"answer {objection_id}",
        lambda actor, given: objection_shape(
            objecting.answer(actor, objection_id, upheld=given.upheld, words=given.words, points=given.points)
        ),
        verb="points.review",
    )  # fmt: skip


@api.get("/ledger/rewards", response={200: list[RewardOut], **ERRORS}, summary="Rewards", tags=TAGS,
         operation_id="points_rewards")  # fmt: skip
def rewards(request: HttpRequest) -> Any:
    """What one's own points can be changed for."""
    actor = actor_of(request)
    policy.require(actor, "points.redeem")
    return [reward_shape(one) for one in queries.rewards(actor, district=queries.home_district(actor))]


@api.post("/ledger/rewards/{uuid:reward_id}/redeem", response={200: RedemptionOut, **ERRORS},
          openapi_extra=KEYED | body_of(RedeemIn), summary="Change points for a reward", tags=TAGS,
          operation_id="redeem_points")  # fmt: skip
def redeem(request: HttpRequest, reward_id: UUID) -> HttpResponse:
    """Take one piece; neither the points nor the stock can be overdrawn."""
    return _once(
        request, RedeemIn, f"redeem {reward_id}",
        lambda actor, given: redemption_shape(rewarding.redeem(actor, reward_id, redemption_id=given.id)),
    )  # fmt: skip


@api.get("/ledger/redemptions", response={200: list[RedemptionOut], **ERRORS}, summary="What I took", tags=TAGS,
         operation_id="my_redemptions")  # fmt: skip
def redemptions(request: HttpRequest) -> Any:
    """What one took, with the code of what waits to be collected."""
    found = queries.mine(actor_of(request)).redemptions
    return [
        redemption_shape(one) | {"code": queries.pick_up_code(one.district, one.id) if one.state == "waiting" else ""}
        for one in found
    ]


@api.post("/ledger/redemptions/{uuid:redemption_id}/take-back", response={200: RedemptionOut, **ERRORS},
          openapi_extra=KEYED | body_of(NothingIn), summary="Take a reward back", tags=TAGS,
          operation_id="take_back_redemption")  # fmt: skip
def take_back(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """Before it is collected: points and piece are there again."""
    return _once(
        request,
        NothingIn,
        f"take-back {redemption_id}",
        lambda actor, _given: redemption_shape(rewarding.take_back(actor, redemption_id)),
    )
