"""The call (社区呼叫 / 街镇呼叫): what cannot be solved here goes up one level, and departments are called to join."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.cases import duties, router
from linli.cases.actions.dispatching import decide_open_return, level_of
from linli.cases.loop import Ref, changing, reason_of
from linli.cases.models import OPEN_ORDERS, Case, Level, OrderKind, OrderState, WorkOrder
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import ids
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import Actor

MAX_CALLED = 8


def call(actor: Actor, ref: Ref, *, version: int, task: str, organisations: list[UUID] | None = None) -> Case:
    """Call others to join, each with its own clocks for joining and finishing.

    A community calls its subdistrict; the subdistrict calls departments, one or several at once, and leads (协同整治). The first
    that is named leads among those called.

    Args:
        organisations: whom; ``None`` calls one level up: the subdistrict, then the category's departments.
    """
    words = reason_of(task, name="task")
    with changing(actor, ref, "case.call", version=version) as change:
        case = change.case
        category = catalog.entry(case.category_version_id)
        decide_open_return(change, agree=True, words=words)
        targets = list(dict.fromkeys(organisations or default_targets(case)))
        if not targets:
            raise Conflict("case.nobody", _("Nobody is known who could be called here; choose an organisation."))
        if len(targets) > MAX_CALLED:
            raise Invalid("case.too_many_called", _("Call at most eight at once."), field="organisations")
        highest = max((level_of(case, one) for one in targets), key=list(Level).index)
        already = set(
            WorkOrder.objects.filter(district=case.district, case_id=case.id, state__in=OPEN_ORDERS).values_list(
                "organisation_id", flat=True
            )
        )
        fresh = [one for one in targets if one not in already]
        if not fresh:
            raise Conflict("case.called_already", _("They have been called already."))
        for one in fresh:
            duties.require_may_take(category, one)
        for place, organisation in enumerate(fresh):
            order = WorkOrder(
                id=ids.new_id(),
                district=case.district,
                case=case,
                kind=OrderKind.CALL,
                is_lead=place == 0,
                organisation_id=organisation,
                asked_by=actor.post_id,
                task=words,
                sent_at=change.now,
            )
            clock = f"call_response:{order.id.hex[-12:]}"
            change.begin(clock, clock=category.clock, minutes=category.respond_minutes)
            change.begin(f"call_finish:{order.id.hex[-12:]}", clock=category.clock, minutes=category.resolve_minutes)
            running = change.deadline(clock)
            order.due_at = running.due_at if running else None
            order.save(force_insert=True)
        case.responded_at = case.responded_at or change.now
        change.meet("sign_in", "response")
        if list(Level).index(highest) > list(Level).index(Level(case.level)):
            case.level = highest
        # What stays within the community stays with it; the subdistrict leads what goes to departments (协同整治).
        holder = case.holder_id
        if highest == Level.SUBDISTRICT:
            holder = next(one for one in targets if level_of(case, one) == highest)
        elif highest != Level.COMMUNITY:
            holder = router.office_of(case.area_path) or holder
        if holder != case.holder_id:
            case.holder_id, case.handler_post_id = holder, None
        change.data |= {"organisations": fresh, "task": words, "level": case.level}
        change.event |= {"organisations": [str(one) for one in fresh]}
        change.to(State.CALLED)
    return change.case


def default_targets(case: Case) -> list[UUID]:
    """One level up: the subdistrict from the community, the category's departments from the subdistrict."""
    if case.level in (Level.MICRO_GRID, Level.COMMUNITY):
        office = router.office_of(case.area_path)
        return [office] if office else []
    return router.departments(catalog.entry(case.category_version_id), case.area_path)


def join_call(actor: Actor, ref: Ref, *, version: int, words: str = "") -> Case:
    """A called organisation joins (部门报到): its call response is met."""
    with changing(actor, ref, "case.join_call", version=version) as change:
        order = own_order(change.case, actor, states=(OrderState.SENT,))
        order.state, order.answered_at, order.post_id = OrderState.ANSWERED, change.now, actor.post_id
        order.due_at = None
        clock = order.id.hex[-12:]
        if finish := change.deadline(f"call_finish:{clock}"):
            order.due_at = finish.due_at
        order.save()
        change.meet(f"call_response:{clock}")
        change.data |= {"organisation": actor.organisation_id, "words": words}
        if change.case.state == State.CALLED:
            change.to(State.JOINED)
    return change.case


def finish_call(actor: Actor, ref: Ref, *, version: int, result: str) -> Case:
    """A called organisation says that its part is done; when the last is, the one who called can dispose of the case."""
    words = reason_of(result, name="result")
    with changing(actor, ref, "case.join_call", version=version) as change:
        order = own_order(change.case, actor, states=OPEN_ORDERS)
        order.state, order.finished_at, order.result = OrderState.FINISHED, change.now, words
        order.answered_at = order.answered_at or change.now
        order.save()
        clock = order.id.hex[-12:]
        change.meet(f"call_response:{clock}", f"call_finish:{clock}")
        change.data |= {"organisation": actor.organisation_id, "result": words}
        left = WorkOrder.objects.filter(
            district=change.case.district, case_id=change.case.id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
        ).exists()
        change.verb = "case.finish_call"
        if change.case.state in (State.CALLED, State.JOINED):
            change.to(State.JOINED if left else State.IN_DISPOSAL)
    return change.case


def own_order(case: Case, actor: Actor, *, states: tuple[OrderState, ...]) -> WorkOrder:
    """The call to the actor's organisation, locked.

    Raises:
        Conflict: there is none that is open.
    """
    found = (
        WorkOrder.objects.select_for_update()
        .filter(
            district=case.district,
            case_id=case.id,
            kind=OrderKind.CALL,
            organisation=actor.organisation_id,
            state__in=states,
        )
        .first()
    )
    if found is None:
        raise Conflict("case.not_called", _("Your organisation has no open call on this case."))
    return found


def withdraw_call(actor: Actor, ref: Ref, *, version: int, organisation: UUID, reason: str) -> Case:
    """Take back a call that is not needed any more."""
    words = reason_of(reason)
    with changing(actor, ref, "case.withdraw_call", version=version) as change:
        case = change.case
        calls = WorkOrder.objects.select_for_update().filter(
            district=case.district, case_id=case.id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
        )
        order = next((one for one in calls if one.organisation_id == organisation), None)
        if order is None:
            raise Invalid("case.not_called", _("This organisation has no open call here."), field="organisation")
        order.state, order.finished_at, order.result = OrderState.WITHDRAWN, change.now, words
        order.save()
        clock = order.id.hex[-12:]
        change.cancel(f"call_response:{clock}", f"call_finish:{clock}")
        change.data |= {"organisation": organisation, "reason": words}
        if case.state in (State.CALLED, State.JOINED) and not any(one.id != order.id for one in calls):
            change.to(State.IN_DISPOSAL)
    return change.case
