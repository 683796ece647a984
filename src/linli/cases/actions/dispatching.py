"""Dispatch, sign-in and return."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.cases import duties, router
from linli.cases.loop import Change, Ref, changing, reason_of, require
from linli.cases.models import (
    OPEN_ORDERS,
    Approval,
    ApprovalKind,
    ApprovalState,
    Case,
    Level,
    OrderKind,
    OrderState,
    WorkOrder,
)
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import ids
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.models import Clock, Deadline
from linli.kernel.trust import Actor
from linli.people import queries as people

MAX_RETURNS = 2
RETURN_DECISION_MINUTES = 4 * 60
"""A return is decided within four working hours (case_states.csv); the resolution clock runs on."""


def dispatch(
    actor: Actor, ref: Ref, *, version: int, organisation: UUID | None = None, post: UUID | None = None, task: str = ""
) -> Case:
    """Send the case to a handler (派遣); the sign-in clock starts.

    Args:
        organisation: whom; ``None`` takes the first handler that the catalogue names.
        post: the person in that organisation, when it is known.
        task: what is to be done, in a sentence.
    """
    with changing(actor, ref, "case.dispatch", version=version) as change:
        case = change.case
        if organisation is None:
            target = router.first_handler(catalog.entry(case.category_version_id), case.area_path)
            if target is None:
                raise Conflict("case.nobody", _("Nobody is known who handles this here; choose an organisation."))
        else:
            target = router.Target(organisation, level_of(case, organisation), post)
        decide_open_return(change, agree=True, words=task)
        assign(change, target, task=task)
    return change.case


def level_of(case: Case, organisation: UUID) -> Level:
    """The level at which an organisation works.

    Raises:
        Invalid: the district has no such organisation.
    """
    found = people.organisation(organisation)
    if found is None or found.district != case.district:
        raise Invalid(
            "case.organisation",
            _("There is no such organisation in this district."),
            field="organisation",
            mend=_("Choose one from the list."),
        )
    depth = found.area_path.count("/")
    return (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)[min(depth, 2)]


def assign(change: Change, target: router.Target, *, task: str) -> None:
    """Put the case into somebody's hands: the old dispatch ends, a new work order begins, with a clock for signing in.

    Raises:
        Conflict: the duty lists forbid to send it there.
    """
    case = change.case
    category = catalog.entry(case.category_version_id)
    duties.require_may_take(category, target.organisation_id)
    WorkOrder.objects.filter(
        district=case.district, case_id=case.id, kind=OrderKind.DISPATCH, state__in=OPEN_ORDERS
    ).update(state=OrderState.WITHDRAWN, finished_at=change.now)
    change.begin("sign_in", clock=category.clock, minutes=category.sign_in_minutes)
    due = change.deadline("sign_in")
    called = WorkOrder.objects.filter(
        district=case.district, case_id=case.id, organisation_id=target.organisation_id, state__in=OPEN_ORDERS
    )
    change.cancel(*(kind for order in called for kind in clocks_of(order)), NO_CLOCK)
    called.update(state=OrderState.WITHDRAWN, finished_at=change.now)
    WorkOrder.objects.create(
        id=ids.new_id(),
        district=case.district,
        case=case,
        kind=OrderKind.DISPATCH,
        is_lead=True,
        organisation_id=target.organisation_id,
        post_id=target.post_id,
        asked_by=change.actor.post_id,
        task=task,
        sent_at=change.now,
        due_at=due.due_at if due else None,
    )
    case.holder_id, case.handler_post_id, case.level = target.organisation_id, target.post_id, target.level
    change.data |= {
        "organisation": target.organisation_id,
        "handler": target.post_id,
        "level": target.level,
        "task": task,
    }
    change.to(State.DISPATCHED)


NO_CLOCK = "-"
"""No clock is of this kind: to cancel exactly those that are named, even when none is."""


def clocks_of(order: WorkOrder) -> tuple[str, str]:
    """The kinds of the two clocks of a call: for joining, and for finishing."""
    tail = order.id.hex[-12:]
    return f"call_response:{tail}", f"call_finish:{tail}"


def refresh_orders(case: Case, clocks: Iterable[Deadline]) -> None:
    """Show on the open work orders of a case when they are due, after its clocks were moved.

    Args:
        clocks: those of the case that are owed.
    """
    due = {clock.kind: clock.due_at for clock in clocks}
    changed = []
    for order in WorkOrder.objects.filter(district=case.district, case_id=case.id, state__in=OPEN_ORDERS):
        joining, finishing = clocks_of(order) if order.kind == OrderKind.CALL else ("sign_in", "resolution")
        moment = due.get(joining if order.state == OrderState.SENT else finishing)
        if moment != order.due_at:
            order.due_at = moment
            changed.append(order)
    WorkOrder.objects.bulk_update(changed, ["due_at"])


def sign_in(actor: Actor, ref: Ref, *, version: int) -> Case:
    """Take the work order on (签收): the response is met."""
    with changing(actor, ref, "case.sign_in", version=version) as change:
        case = change.case
        case.handler_post_id = actor.post_id or case.handler_post_id
        case.responded_at = case.responded_at or change.now
        change.meet("sign_in", "response")
        WorkOrder.objects.filter(
            district=case.district, case_id=case.id, kind=OrderKind.DISPATCH, state=OrderState.SENT
        ).update(state=OrderState.ANSWERED, answered_at=change.now, post_id=actor.post_id)
        refresh_orders(case, change.open_deadlines)
    return change.case


def request_return(actor: Actor, ref: Ref, *, version: int, reason: str, better: str = "") -> Case:
    """Say that this was sent to the wrong one (退单). Limited, reasoned; the resolution clock runs on.

    Args:
        better: who should have it, in words.

    Raises:
        Conflict: it came back too often; the subdistrict decides now.
    """
    words = reason_of(reason, least=4)
    with changing(actor, ref, "case.request_return", version=version) as change:
        case = change.case
        if case.returns >= MAX_RETURNS:
            raise Conflict(
                "case.returned_too_often",
                _("This case has come back as often as it may."),
                mend=_("Handle it, or let the subdistrict lead joint handling."),
            )
        change.ask(
            ApprovalKind.RETURN,
            reason=words,
            data={
                "better": better,
                "organisation": str(case.holder_id),
                "handler": str(case.handler_post_id or ""),
                "state": case.state,
            },
        )
        case.returns += 1
        change.cancel("sign_in")
        change.begin("return_decision", clock=Clock.WORKING, minutes=RETURN_DECISION_MINUTES)
        change.data |= {"reason": words, "better": better}
        change.event |= {"by_organisation": str(actor.organisation_id or "")}
        change.to(State.RETURNED)
    return change.case


def decide_return(
    actor: Actor, ref: Ref, *, version: int, agree: bool, words: str = "", organisation: UUID | None = None
) -> Case:
    """Decide on a return: agreed, it goes to another handler; refused, back to the one that sent it.

    Args:
        organisation: the new handler when the return is agreed; ``None`` leaves it with the subdistrict.
    """
    with changing(actor, ref, "case.decide_return", version=version) as change:
        case = change.case
        approval = decide_open_return(change, agree=agree, words=words)
        if approval is None:
            raise Conflict("case.nothing_asked", _("Nobody asked for this, or it has been decided."))
        old = UUID(approval.data["organisation"])
        if not agree:
            handler = approval.data.get("handler") or None
            target = router.Target(old, Level(case.level), UUID(handler) if handler else None)
        elif organisation is not None:
            target = router.Target(organisation, level_of(case, organisation))
        else:
            office = router.office_of(case.area_path)
            if office is None:
                raise Conflict("case.nobody", _("Nobody is known who handles this here; choose an organisation."))
            target = router.Target(office, Level.SUBDISTRICT)
        assign(change, target, task=words)
        change.data |= {"agree": agree, "words": words}
        change.event |= {"agree": agree}
    return change.case


def decide_open_return(change: Change, *, agree: bool, words: str) -> Approval | None:
    """Decide the return that is open on a case, if it stands as returned."""
    if change.case.state != State.RETURNED:
        return None
    require(change.actor, "case.decide_return", change.case)
    approval = change.approval(ApprovalKind.RETURN)
    change.decide(approval, ApprovalState.APPROVED if agree else ApprovalState.REFUSED, words=words)
    change.meet("return_decision")
    WorkOrder.objects.filter(
        district=change.case.district, case_id=change.case.id, kind=OrderKind.DISPATCH, state__in=OPEN_ORDERS
    ).update(state=OrderState.RETURNED if agree else OrderState.WITHDRAWN, finished_at=change.now)
    return approval
