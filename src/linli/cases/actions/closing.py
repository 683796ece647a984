"""Verification, call-back, closing, rating, reopening: never by the one who handled it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from linli.cases import router
from linli.cases.actions import dispatching
from linli.cases.actions.talking import private_mark, store_statement
from linli.cases.loop import Change, Ref, changing, reason_of
from linli.cases.models import (
    OPEN_ORDERS,
    Approval,
    ApprovalKind,
    ApprovalState,
    Case,
    OrderKind,
    OrderState,
    WorkOrder,
)
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import chain
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.models import Clock
from linli.kernel.trust import Actor, Role

FEEDBACK_MINUTES = 2 * 8 * 60
REOPEN_WITHIN = timedelta(days=15)
"""A reporter may have a case taken up again within fifteen days of its closing."""
LOW_RATING = 2


class Outcome(StrEnum):
    """What the reporter said when called back; not reached is not content."""

    CONTENT = "content"
    NEUTRAL = "neutral"
    NOT_CONTENT = "not_content"
    NOT_REACHED = "not_reached"


UNHAPPY = (Outcome.NEUTRAL, Outcome.NOT_CONTENT, Outcome.NOT_REACHED)
"""What counts against the satisfaction of a closed case; only such a case can be left out of it."""


def verify(actor: Actor, ref: Ref, *, version: int, passed: bool, words: str = "") -> Case:
    """Look on the spot whether it is done. Passed, the disposal clock has been met; failed, it runs on with what was left.

    Raises:
        Conflict: it is the one who handled it.
    """
    if not passed:
        words = reason_of(words, name="words", least=4)
    with changing(actor, ref, "case.verify", version=version) as change:
        case = change.case
        not_the_handler(change)
        change.meet("verification")
        change.data |= {"passed": passed, "words": words}
        if passed:
            settle_resolution(change)
            change.begin("feedback", clock=Clock.WORKING, minutes=FEEDBACK_MINUTES)
            case.paused_at = None
            change.to(State.VERIFIED)
        else:
            case.failures += 1
            case.disposed_at = None
            change.resume("resolution")
            _open_order_again(case)
            dispatching.refresh_orders(case, change.open_deadlines)
            change.to(State.VERIFY_FAILED)
        change.event |= {"passed": passed}
    return change.case


def _open_order_again(case: Case) -> None:
    """Whoever claimed that it was done has the work order in hand again; others who did their part are done."""
    orders = WorkOrder.objects.filter(district=case.district, case_id=case.id, organisation=case.holder_id)
    last = orders.filter(kind=OrderKind.DISPATCH).order_by("-sent_at", "-id").first()
    if last is None or last.state != OrderState.FINISHED or orders.filter(state__in=OPEN_ORDERS).exists():
        return
    last.state, last.finished_at, last.result = OrderState.ANSWERED, None, ""
    last.save(update_fields=["state", "finished_at", "result"])


def not_the_handler(change: Change) -> None:
    """Refuse a check by the one whose work it is.

    Raises:
        Conflict: the same person disposed of it.
    """
    if change.case.disposed_by is not None and change.case.disposed_by == change.actor.account_id:
        raise Conflict(
            "case.own_work",
            _("You handled this case; somebody else has to check it."),
            mend=_("It is in the list of your colleagues already."),
        )


def settle_resolution(change: Change) -> None:
    """Meet the resolution clock as of the disposal that passed."""
    change.meet("resolution", at=change.case.disposed_at or change.now)


def feedback(actor: Actor, ref: Ref, *, version: int, outcome: Outcome, words: str = "") -> Case:
    """Call the reporter back (回访) and note what was said; never by the handler."""
    with changing(actor, ref, "case.feedback", version=version) as change:
        not_the_handler(change)
        change.meet("feedback")
        change.case.feedback_outcome = outcome
        change.data |= {"outcome": outcome, "words": words}
        change.event |= {"outcome": outcome}
    return change.case


def close(actor: Actor, ref: Ref, *, version: int, words: str = "") -> Case:
    """Close the case (结案), on the supervision side. The cases merged into it close with it through its event."""
    with changing(actor, ref, "case.close", version=version) as change:
        not_the_handler(change)
        change.cancel()
        change.case.closed_at = change.now
        change.case.is_late = False
        change.data |= {"words": words}
        change.to(State.CLOSED)
    return change.case


def rate(actor: Actor, ref: Ref, *, score: int, words: str = "", keep_private: bool = False) -> Case:
    """A reporter rates what was done, one to five; it can be changed while the case is closed.

    Args:
        keep_private: whether the words are not to become public.

    Raises:
        Invalid: the score is none of these.
    """
    if score not in range(1, 6):
        raise Invalid("case.score", _("Please choose one to five."), field="score")
    with changing(actor, ref, "case.rate") as change:
        change.case.rating = score
        change.data |= {"score": score}
        change.event |= {"score": score}
        if words.strip():
            change.data["statement"] = store_statement(change.case, actor, words, now=change.now)
            change.data |= private_mark(keep_private=keep_private)
    return change.case


def reopen(actor: Actor, ref: Ref, *, version: int, reason: str, keep_private: bool = False) -> Case:
    """Take a closed case up again with a new clock, under its number; the entry names the closing that it answers.

    Args:
        keep_private: whether a resident's reason is not to become public.

    Raises:
        Conflict: the time for it is over.
    """
    words = reason_of(reason, least=4)
    with changing(actor, ref, "case.reopen", version=version) as change:
        case = change.case
        if actor.role == Role.RESIDENT and case.closed_at and change.now - case.closed_at > REOPEN_WITHIN:
            raise Conflict(
                "case.reopen_late",
                _("This was closed more than fifteen days ago."),
                mend=_("Please report it anew; name this number and we will see what was done before."),
            )
        category = catalog.entry(case.category_version_id)
        change.data |= {"reason": words, "closed_at": case.closed_at, "answers": case.log_length}
        if actor.role == Role.RESIDENT:
            # The log names no person; the statement says whose words these are.
            change.data["statement"] = store_statement(case, actor, words, now=change.now)
            change.data |= private_mark(keep_private=keep_private)
        case.round += 1
        case.closed_at = case.disposed_at = case.responded_at = None
        case.rating, case.feedback_outcome = None, ""
        change.withdraw_approvals()
        case.returns = case.extensions = case.waits = 0  # the limits are of a round
        if (target := router.first_handler(category, case.area_path)) and case.holder_id is None:
            case.holder_id, case.level = target.organisation_id, target.level
        change.begin("response", clock=category.clock, minutes=category.respond_minutes)
        change.begin("resolution", clock=category.clock, minutes=category.resolve_minutes)
        change.to(State.REOPENED)
    return change.case


def request_exclusion(actor: Actor, ref: Ref, *, version: int, reason: str) -> Case:
    """Ask that a closed case be left out of the figures of satisfaction; another person decides.

    Raises:
        Conflict: its reporter is content or was not asked, or this round is left out already.
    """
    words = reason_of(reason, least=4)
    with changing(actor, ref, "case.request_exclusion", version=version) as change:
        case = change.case
        if case.feedback_outcome not in UNHAPPY:
            raise Conflict("case.counts_well", _("Nothing here counts against the figures."))
        known = Approval.objects.filter(
            district=case.district, case_id=case.id, kind=ApprovalKind.EXCLUSION, state=ApprovalState.APPROVED
        )
        if known.filter(data__round=case.round).exists():
            raise Conflict("case.excluded", _("This case is left out of the figures already."))
        change.ask(ApprovalKind.EXCLUSION, reason=words, data={"round": case.round})
        change.data |= {"reason": words}
    return change.case


def decide_exclusion(actor: Actor, ref: Ref, *, version: int, agree: bool, words: str = "") -> Case:
    """Decide whether a closed case is left out of the figures of satisfaction; never by who asked, or who handled it.

    What was said stays in the log and on the case; only the share that is counted leaves it out.
    """
    with changing(actor, ref, "case.decide_exclusion", version=version) as change:
        not_the_handler(change)
        approval = change.approval(ApprovalKind.EXCLUSION)
        change.decide(approval, ApprovalState.APPROVED if agree else ApprovalState.REFUSED, words=words)
        change.data |= {"agree": agree, "words": words, "reason": approval.reason}
        if change.case.closed_at is not None:
            change.data["closed_at"] = chain.moment(change.case.closed_at)
            change.event["closed_at"] = change.data["closed_at"]
        change.event |= {"agree": agree}
    return change.case
