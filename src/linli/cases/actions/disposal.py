"""Disposal: the work, waiting for the resident, more time, suspension with a plan, and the handler's claim that it is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from linli.cases.actions import dispatching, talking
from linli.cases.loop import Ref, changing, reason_of
from linli.cases.models import (
    OPEN_ORDERS,
    ApprovalKind,
    ApprovalState,
    Case,
    Evidence,
    EvidenceKind,
    OrderKind,
    OrderState,
    WorkOrder,
)
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import deadlines, time
from linli.kernel.errors import Conflict, Forbidden, Invalid
from linli.kernel.models import Clock
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, Role

MAX_WAITS = 2
WAIT_MINUTES = 5 * 8 * 60
"""Waiting for the resident is capped at five working days, twice; then the clock runs on by itself."""
MAX_EXTENSIONS = 2
LONGEST_EXTENSION = timedelta(days=60)
LONGEST_SUSPENSION = timedelta(days=92)
"""A suspension is reviewed at least every quarter (case_states.csv)."""
VERIFY_MINUTES = 8 * 60
NEEDS_PHOTO = {"after"}


def start(actor: Actor, ref: Ref, *, version: int, words: str = "") -> Case:
    """Begin the work."""
    with changing(actor, ref, "case.start", version=version) as change:
        if change.case.state == State.REGISTERED:
            change.case.responded_at = change.case.responded_at or change.now
            change.meet("response")
        change.case.handler_post_id = actor.post_id or change.case.handler_post_id
        change.data |= {"words": words}
    return change.case


def wait_resident(actor: Actor, ref: Ref, *, version: int, reason: str) -> Case:
    """Stop the clock until the resident answers. Capped: twice, five working days each; needs word of how they were asked."""
    words = reason_of(reason, least=4)
    with changing(actor, ref, "case.wait_resident", version=version) as change:
        case = change.case
        if case.waits >= MAX_WAITS:
            raise Conflict(
                "case.waited_enough",
                _("The case has waited for the resident as often as it may."),
                mend=_("Go on with what is known, or ask for an extension."),
            )
        case.waits += 1
        case.resume_state = case.state
        change.pause("resolution")
        change.begin("waiting", clock=Clock.WORKING, minutes=WAIT_MINUTES)
        change.data |= {"reason": words}
    return change.case


def resume(actor: Actor, ref: Ref, *, version: int | None, words: str = "") -> Case:
    """Go on after waiting or a suspension; the clock runs on with what was left."""
    with changing(actor, ref, "case.resume", version=version) as change:
        change.meet("waiting", "suspension_review")
        change.resume("resolution", *change.call_clocks())
        dispatching.refresh_orders(change.case, change.open_deadlines)
        change.case.resume_state = ""
        change.data |= {"words": words}
    return change.case


def request_extension(actor: Actor, ref: Ref, *, version: int, until: datetime, reason: str) -> Case:
    """Ask for more time; the clock runs until somebody else grants it."""
    words = reason_of(reason, least=4)
    with changing(actor, ref, "case.request_extension", version=version) as change:
        case = change.case
        running = change.deadline("resolution")
        if case.extensions >= MAX_EXTENSIONS:
            raise Conflict(
                "case.extended_enough",
                _("This case has been extended as often as it may."),
                mend=_("Ask for a suspension with a plan."),
            )
        if running is None or not running.due_at < until <= change.now + LONGEST_EXTENSION:
            raise Invalid(
                "case.until",
                _("The new date must lie after the present one and within sixty days."),
                field="until",
                mend=_("Choose a later date, or ask for a suspension with a plan."),
            )
        change.ask(ApprovalKind.EXTENSION, reason=words, data={"until": until.isoformat(), "state": case.state})
        case.resume_state = case.state
        change.data |= {"reason": words, "until": until}
    return change.case


def decide_extension(actor: Actor, ref: Ref, *, version: int, agree: bool, words: str = "") -> Case:
    """Grant or refuse more time; the old due date is kept."""
    with changing(actor, ref, "case.decide_extension", version=version) as change:
        case = change.case
        approval = change.approval(ApprovalKind.EXTENSION)
        change.decide(approval, ApprovalState.APPROVED if agree else ApprovalState.REFUSED, words=words)
        change.data |= {"agree": agree, "words": words}
        if agree:
            until = datetime.fromisoformat(approval.data["until"])
            running = change.deadline("resolution")
            if running is not None:
                change.data |= {"old_due": running.due_at, "due": until}
                deadlines.extend(running, until, at=change.now)
                dispatching.refresh_orders(case, change.open_deadlines)
            case.extensions += 1
            change.to(State.EXTENDED)
        else:
            change.to(State(case.resume_state))
        case.resume_state = ""
    return change.case


def request_suspension(actor: Actor, ref: Ref, *, version: int, plan: str, review_on: datetime) -> Case:
    """Ask to suspend the case with a plan (挂账): two levels approve, and a date of review is set."""
    words = reason_of(plan, name="plan", least=10)
    now = time.now()
    if not now < review_on <= now + LONGEST_SUSPENSION:
        raise Invalid(
            "case.review_on",
            _("The review must lie ahead and within a quarter."),
            field="review_on",
            mend=_("Choose a day within the next three months."),
        )
    with changing(actor, ref, "case.request_suspension", version=version) as change:
        change.ask(ApprovalKind.SUSPENSION, reason=words, data={"review_on": review_on.isoformat()})
        change.data |= {"plan": words, "review_on": review_on}
    return change.case


def approve_suspension(actor: Actor, ref: Ref, *, version: int, agree: bool, words: str = "") -> Case:
    """Decide on a suspension: the subdistrict first, then the supervision side; three different people with the one who asked."""
    with changing(actor, ref, "case.approve_suspension", version=version) as change:
        case = change.case
        approval = change.approval(ApprovalKind.SUSPENSION)
        if not agree:
            change.decide(approval, ApprovalState.REFUSED, words=words)
        elif approval.state == ApprovalState.ASKED:
            change.decide(approval, ApprovalState.FIRST, words=words)
        else:
            change.decide(approval, ApprovalState.APPROVED, words=words)
            if actor.role != Role.SUPERVISOR:
                raise Forbidden("case.second_level", _("The supervision side decides at the second level."))
            review = datetime.fromisoformat(approval.data["review_on"])
            case.resume_state = case.state
            change.pause("resolution", *change.call_clocks())
            minutes = max(1, int((review - change.now) / timedelta(minutes=1)))
            change.begin("suspension_review", clock=Clock.CALENDAR, minutes=minutes)
            change.data |= {"plan": approval.reason, "review_on": review}
            change.to(State.SUSPENDED)
        change.data |= {"agree": agree, "words": words, "approval": approval.state}
    return change.case


def review_suspension(actor: Actor, ref: Ref, *, version: int, words: str, review_on: datetime | None = None) -> Case:
    """Review a suspended case: with a new date it stays suspended, without one the work goes on."""
    said = reason_of(words, name="words")
    with changing(actor, ref, "case.review_suspension", version=version) as change:
        change.meet("suspension_review")
        change.data |= {"words": said, "review_on": review_on}
        if review_on is not None:
            if not change.now < review_on <= change.now + LONGEST_SUSPENSION:
                raise Invalid("case.review_on", _("The review must lie ahead and within a quarter."), field="review_on")
            minutes = int((review_on - change.now) / timedelta(minutes=1))
            change.begin("suspension_review", clock=Clock.CALENDAR, minutes=minutes)
        else:
            change.resume("resolution", *change.call_clocks())
            dispatching.refresh_orders(change.case, change.open_deadlines)
            change.to(State.IN_DISPOSAL)
    return change.case


def dispose(actor: Actor, ref: Ref, *, version: int, outcome: str) -> Case:
    """Claim that it is done (办结), with the evidence that the category asks for. The clock stops; somebody else verifies.

    Raises:
        Invalid: evidence is missing.
        Conflict: a called department has not finished, or a child of the case is open.
    """
    words = reason_of(outcome, name="outcome", most=2_000)
    with changing(actor, ref, "case.dispose", version=version) as change:
        case = change.case
        check_nothing_open(case)
        check_evidence(case)
        case.outcome, case.disposed_at, case.disposed_by = words, change.now, change.account()
        case.responded_at = case.responded_at or change.now
        change.meet("sign_in", "response")
        change.data |= {"outcome": words, "late_so_far": case.is_late}
        change.meet(*change.call_clocks())  # the handler's own: nobody else's is open
        change.pause("resolution")
        change.withdraw_approvals()
        change.begin("verification", clock=Clock.WORKING, minutes=VERIFY_MINUTES)
        WorkOrder.objects.filter(district=case.district, case_id=case.id, state__in=OPEN_ORDERS).update(
            state=OrderState.FINISHED, finished_at=change.now, result=words[:500]
        )
    return change.case


def check_nothing_open(case: Case) -> None:
    """Refuse to dispose while others still work on it.

    Raises:
        Conflict: a call is open, or a child.
    """
    calls = WorkOrder.objects.filter(
        district=case.district, case_id=case.id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
    ).exclude(organisation=case.holder_id)
    if calls.exists():
        raise Conflict(
            "case.call_open",
            _("A called department has not finished its part."),
            mend=_("Wait until it has, or withdraw the call with a reason."),
        )
    if Case.objects.filter(district=case.district, parent_id=case.id, is_open=True).exists():
        raise Conflict("case.children_open", _("A case that was split off this one is still open."))


def check_evidence(case: Case) -> None:
    """Refuse to dispose without the photo that the category asks for; nothing else is compulsory in the field.

    It has to be of this work: taken in since the case was last taken up again or failed its verification. A photo that the case
    holds from before proves nothing by being sent again.

    Raises:
        Invalid: there is no photo of the result.
    """
    needed = NEEDS_PHOTO & set(catalog.entry(case.category_version_id).evidence_required)
    if needed and not (
        Evidence.objects.filter(
            district=case.district, case_id=case.id, kind=EvidenceKind.AFTER, id__in=talking.fresh_evidence(case)
        )
        .exclude(state=FileState.REFUSED)
        .exists()
    ):
        raise Invalid(
            "case.evidence",
            _("This kind of case needs a photo of the result."),
            field="evidence",
            mend=_("Add a photo taken after the work, then finish."),
        )
