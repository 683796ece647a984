"""The verbs of the loop as doors offer them: a label, what has to be filled in, and the action behind it.

The desk draws its forms from this, the API its typed endpoints, the authorisation matrix its rows; so a verb is described once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.cases import states
from linli.cases.actions import accepting, calling, closing, dispatching, disposal, supervision, talking
from linli.cases.loop import in_own_hands, may_view
from linli.cases.models import (
    OPEN_ORDERS,
    Approval,
    ApprovalKind,
    ApprovalState,
    Case,
    Located,
    OrderKind,
    OrderState,
    WorkOrder,
)
from linli.cases.states import State
from linli.kernel import time
from linli.kernel.trust import Actor, Role, policy


class Kind(StrEnum):
    """What is filled in."""

    LINE = "line"
    TEXT = "text"
    YES_NO = "yes_no"
    MOMENT = "moment"
    ORGANISATION = "organisation"
    ORGANISATIONS = "organisations"
    CATEGORY = "category"
    CATEGORIES = "categories"
    CASE = "case"
    AREA = "area"
    CHOICE = "choice"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to fill in."""

    name: str
    kind: Kind
    label: str | Promise
    required: bool = True
    hint: str | Promise = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: ``policy`` names its row of the policy table, ``rule`` its row of ``loop.csv``."""

    name: str
    label: str | Promise
    run: Callable[..., Any]
    inputs: tuple[Input, ...] = field(default=())
    policy: str = ""
    takes_version: bool = True
    tone: str = "plain"
    """``primary`` for what moves a case on, ``careful`` for what cannot be undone."""

    @property
    def row(self) -> str:
        """The row of the policy table and of ``loop.csv``."""
        return self.policy or f"case.{self.name}"


REASON = Input("reason", Kind.TEXT, _("Reason"))
WORDS = Input("words", Kind.TEXT, _("Remarks"), required=False)
TASK = Input("task", Kind.TEXT, _("What is to be done"), required=False)
AGREE = Input("agree", Kind.YES_NO, _("Agree"))


def _verbs() -> Iterable[Verb]:
    yield Verb("register", _("Take up and pass on"), accepting.register, tone="primary")
    yield Verb("begin_verification", _("Go and look first"), accepting.begin_verification)
    yield Verb(
        "propose_rejection",
        _("Propose not to take it up"),
        accepting.propose_rejection,
        (REASON, Input("other_way", Kind.TEXT, _("Other way open to the reporter"))),
        tone="careful",
    )
    yield Verb(
        "confirm_rejection", _("Decide on the rejection"), accepting.confirm_rejection, (AGREE, WORDS), tone="careful"
    )
    yield Verb(
        "reclassify",
        _("Change the category"),
        accepting.reclassify,
        (Input("category", Kind.CATEGORY, _("Category")), REASON),
    )
    yield Verb(
        "relocate", _("Put the place right"), accepting.relocate, (Input("area_path", Kind.AREA, _("Grid")), REASON)
    )
    yield Verb(
        "merge",
        _("Merge into another case"),
        accepting.merge,
        (Input("master", Kind.CASE, _("Number of the leading case")),),
        tone="careful",
    )
    yield Verb(
        "split",
        _("Split"),
        accepting.split,
        (Input("categories", Kind.CATEGORIES, _("Categories of the parts")), REASON),
    )
    yield Verb(
        "dispatch",
        _("Dispatch"),
        dispatching.dispatch,
        (
            Input(
                "organisation",
                Kind.ORGANISATION,
                _("To whom"),
                required=False,
                hint=_("Empty: the first handler that the catalogue names."),
            ),
            TASK,
        ),
        tone="primary",
    )  # fmt: skip
    yield Verb("sign_in", pgettext_lazy("take a work order on", "Sign in"), dispatching.sign_in, tone="primary")
    yield Verb(
        "request_return",
        _("Return, not ours"),
        dispatching.request_return,
        (REASON, Input("better", Kind.LINE, _("Who should have it"), required=False)),
    )
    yield Verb(
        "decide_return",
        _("Decide on the return"),
        dispatching.decide_return,
        (AGREE, Input("organisation", Kind.ORGANISATION, _("New handler"), required=False), WORDS),
        tone="primary",
    )
    yield Verb(
        "call",
        _("Call up"),
        calling.call,
        (
            Input("task", Kind.TEXT, _("What is asked of them")),
            Input("organisations", Kind.ORGANISATIONS, _("Whom"), required=False, hint=_("Empty: one level up.")),
        ),
        tone="primary",
    )
    yield Verb("join_call", _("Join"), calling.join_call, (WORDS,), tone="primary")
    yield Verb(
        "finish_call",
        _("Our part is done"),
        calling.finish_call,
        (Input("result", Kind.TEXT, _("What was done")),),
        policy="case.join_call",
        tone="primary",
    )
    yield Verb(
        "withdraw_call",
        _("Withdraw a call"),
        calling.withdraw_call,
        (Input("organisation", Kind.ORGANISATION, _("Whose call")), REASON),
    )
    yield Verb("start", _("Start work"), disposal.start, (WORDS,), tone="primary")
    yield Verb("wait_resident", _("Wait for the resident"), disposal.wait_resident, (REASON,))
    yield Verb("resume", _("Go on"), disposal.resume, (WORDS,), tone="primary")
    yield Verb(
        "request_extension",
        _("Ask for more time"),
        disposal.request_extension,
        (Input("until", Kind.MOMENT, _("Until")), REASON),
    )
    yield Verb("decide_extension", _("Decide on more time"), disposal.decide_extension, (AGREE, WORDS), tone="primary")
    yield Verb(
        "request_suspension",
        _("Ask to suspend with a plan"),
        disposal.request_suspension,
        (Input("plan", Kind.TEXT, _("Plan")), Input("review_on", Kind.MOMENT, _("Review on"))),
    )
    yield Verb(
        "approve_suspension", _("Decide on the suspension"), disposal.approve_suspension, (AGREE, WORDS), tone="primary"
    )
    yield Verb(
        "review_suspension",
        _("Review the suspension"),
        disposal.review_suspension,
        (
            Input("words", Kind.TEXT, _("Finding")),
            Input("review_on", Kind.MOMENT, _("Next review"), required=False, hint=_("Empty: the work goes on.")),
        ),
    )
    yield Verb(
        "dispose",
        pgettext_lazy("handler's claim", "Done"),
        disposal.dispose,
        (Input("outcome", Kind.TEXT, _("What was done")),),
        tone="primary",
    )
    yield Verb(
        "verify",
        _("Verify"),
        closing.verify,
        (Input("passed", Kind.YES_NO, _("Is it solved on the spot?")), WORDS),
        tone="primary",
    )
    yield Verb(
        "feedback",
        _("Call back"),
        closing.feedback,
        (
            Input(
                "outcome",
                Kind.CHOICE,
                _("What the reporter said"),
                choices=(
                    ("content", _("Content")),
                    ("neutral", _("So-so")),
                    ("not_content", _("Not content")),
                    ("not_reached", _("Not reached")),
                ),
            ),
            WORDS,
        ),
        tone="primary",
    )
    yield Verb("close", _("Close"), closing.close, (WORDS,), tone="primary")
    yield Verb(
        "rate",
        _("Rate"),
        closing.rate,
        (Input("score", Kind.SCORE, _("How was it?")), WORDS),
        takes_version=False,
        tone="primary",
    )
    yield Verb("reopen", _("Take up again"), closing.reopen, (REASON,), tone="careful")
    yield Verb("request_exclusion", _("Ask to leave it out of the figures"), closing.request_exclusion, (REASON,))
    yield Verb(
        "decide_exclusion", _("Decide on the exclusion"), closing.decide_exclusion, (AGREE, WORDS), tone="primary"
    )
    yield Verb(
        "comment",
        _("Note for colleagues"),
        talking.comment,
        (Input("text", Kind.TEXT, _("Note")),),
        takes_version=False,
    )
    yield Verb("message", _("Message"), talking.message, (Input("text", Kind.TEXT, _("Message")),), takes_version=False)
    yield Verb("supervise", _("Supervise"), supervision.supervise, (REASON,))
    yield Verb("lift_supervision", _("Lift supervision"), supervision.lift_supervision, (REASON,))
    yield Verb("remind", _("Remind"), supervision.remind, (Input("text", Kind.TEXT, _("Words")),), takes_version=False)


VERBS: dict[str, Verb] = {verb.name: verb for verb in _verbs()}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards need to know about a case beside its columns; two queries."""

    approvals: tuple[Approval, ...]
    orders: tuple[WorkOrder, ...]


def facts_of(case: Case) -> Facts:
    """Read the open approvals and all work orders of a case."""
    return Facts(
        tuple(
            Approval.objects.filter(
                district=case.district, case_id=case.id, state__in=[ApprovalState.ASKED, ApprovalState.FIRST]
            )
        ),
        tuple(WorkOrder.objects.filter(district=case.district, case_id=case.id).order_by("sent_at")),
    )


def next_actions(actor: Actor, case: Case, facts: Facts | None = None) -> list[Verb]:
    """What this post may do with the case now, the most obvious first; the first is the page's one primary action."""
    if not may_view(actor, case):
        return []
    known = facts or facts_of(case)
    rules = states.rules()
    found = [
        verb
        for verb in VERBS.values()
        if State(case.state) in rules[verb.row].sources
        and policy.allows(actor, verb.row, case)
        and in_own_hands(actor, verb.row, case)
        and _guard(actor, verb.name, case, known)
    ]
    return sorted(found, key=lambda verb: _order(verb, case))


def _order(verb: Verb, case: Case) -> int:
    if verb.name == "finish_call":
        return states.rules()["case.join_call"].order + 1
    if verb.name == "close" and not case.feedback_outcome:
        return 30  # call back first
    if verb.name == "relocate" and case.located == Located.UNPLACED:
        return 3  # nobody can be sent to a place that is not known
    if verb.name == "dispatch" and case.state not in (State.REGISTERED, State.RETURNED, State.REOPENED):
        return 65  # somebody has it: giving it to another is possible, not obvious
    return states.rules()[verb.row].order


OBVIOUS = 50
"""From this order on a verb is possible, but not what anybody waits for."""


def is_obvious(verb: Verb, case: Case) -> bool:
    """Whether a verb that may be done now is the step that the case waits for: what a page offers as its one primary action."""
    order = _order(verb, case)
    return order < OBVIOUS and (verb.tone == "primary" or order < 10)


def _guard(actor: Actor, name: str, case: Case, facts: Facts) -> bool:
    who = actor.account_id
    approvals = {one.kind: one for one in facts.approvals}
    own_calls = {
        one.state
        for one in facts.orders
        if one.kind == OrderKind.CALL and one.organisation_id == actor.organisation_id and one.state in OPEN_ORDERS
    }

    def may_decide(kind: ApprovalKind) -> bool:
        one = approvals.get(kind)
        return one is not None and who not in (one.asked_by, one.first_by)

    match name:
        case "propose_rejection":
            return ApprovalKind.REJECTION not in approvals
        case "confirm_rejection":
            return may_decide(ApprovalKind.REJECTION)
        case "decide_return":
            return may_decide(ApprovalKind.RETURN)
        case "decide_extension":
            return may_decide(ApprovalKind.EXTENSION)
        case "request_suspension":
            return ApprovalKind.SUSPENSION not in approvals
        case "approve_suspension":
            second = (
                ApprovalKind.SUSPENSION in approvals and approvals[ApprovalKind.SUSPENSION].state == ApprovalState.FIRST
            )
            return may_decide(ApprovalKind.SUSPENSION) and (not second or actor.role == Role.SUPERVISOR)
        case "dispatch" | "call":  # of a returned case: whoever gives it on decides on the return
            return case.state != State.RETURNED or (
                policy.allows(actor, "case.decide_return", case) and may_decide(ApprovalKind.RETURN)
            )
        case "request_return":
            return case.returns < dispatching.MAX_RETURNS
        case "wait_resident":
            return case.waits < disposal.MAX_WAITS
        case "request_extension":
            return case.extensions < disposal.MAX_EXTENSIONS
        case "join_call":
            return OrderState.SENT in own_calls
        case "finish_call":
            return bool(own_calls)
        case "withdraw_call":
            return any(one.kind == OrderKind.CALL and one.state in OPEN_ORDERS for one in facts.orders)
        case "dispose":
            return not any(
                one.kind == OrderKind.CALL and one.state in OPEN_ORDERS and one.organisation_id != case.holder_id
                for one in facts.orders
            )
        case "verify" | "feedback" | "close":
            return case.disposed_by is None or case.disposed_by != who
        case "request_exclusion":
            return ApprovalKind.EXCLUSION not in approvals and case.feedback_outcome in closing.UNHAPPY
        case "decide_exclusion":
            return may_decide(ApprovalKind.EXCLUSION) and (case.disposed_by is None or case.disposed_by != who)
        case "rate":
            return actor.role == Role.RESIDENT or who in case.policy_accounts()
        case "reopen":
            late = case.closed_at is not None and time.now() - case.closed_at > closing.REOPEN_WITHIN
            return not (late and actor.role == Role.RESIDENT)
        case "supervise":
            return case.supervised_at is None
        case "lift_supervision":
            return case.supervised_at is not None
        case "comment":
            return actor.role != Role.RESIDENT
        case _:
            return True
