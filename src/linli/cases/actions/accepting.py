"""Acceptance: check, take up or not, put right what was reported, merge and split."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.cases import placing, queries, router
from linli.cases.actions import dispatching, intake
from linli.cases.actions.talking import store_statement
from linli.cases.loop import (
    Change,
    Ref,
    add_step,
    changing,
    finish,
    in_own_hands,
    load,
    may_view,
    reason_of,
    require,
)
from linli.cases.models import (
    OPEN_ORDERS,
    Approval,
    ApprovalKind,
    ApprovalState,
    Case,
    Channel,
    Located,
    OrderState,
    Participant,
    WorkOrder,
)
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import deadlines
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import Actor


class Route(StrEnum):
    """What happens with a case that is registered."""

    FIRST_HANDLER = "first_handler"
    NONE = "none"


def begin_verification(actor: Actor, ref: Ref, *, version: int) -> Case:
    """Somebody goes and looks before the case is taken up; the response clock runs on."""
    with changing(actor, ref, "case.begin_verification", version=version) as change:
        change.case.handler_post_id = actor.post_id
    return change.case


def propose_rejection(actor: Actor, ref: Ref, *, version: int, reason: str, other_way: str) -> Case:
    """Propose not to take the case up. A second person decides.

    Args:
        reason: why, as the reporter will read it.
        other_way: the other legal way that is open to the reporter.
    """
    words = reason_of(reason)
    way = reason_of(other_way, name="other_way")
    with changing(actor, ref, "case.propose_rejection", version=version) as change:
        change.ask(ApprovalKind.REJECTION, reason=words, data={"other_way": way})
        change.data |= {"reason": words, "other_way": way}
    return change.case


def confirm_rejection(actor: Actor, ref: Ref, *, version: int, agree: bool, words: str = "") -> Case:
    """Decide on a proposed rejection; never by the person who proposed it."""
    with changing(actor, ref, "case.confirm_rejection", version=version) as change:
        approval = change.approval(ApprovalKind.REJECTION)
        change.decide(approval, ApprovalState.APPROVED if agree else ApprovalState.REFUSED, words=words)
        change.data |= {
            "agree": agree,
            "words": words,
            "reason": approval.reason,
            "other_way": approval.data["other_way"],
        }
        if agree:
            change.meet("response")
            change.cancel()
            change.case.closed_at = change.now
            change.case.outcome = approval.reason
            change.to(State.REJECTED)
    return change.case


def register(actor: Actor, ref: Ref, *, version: int, route: Route = Route.FIRST_HANDLER) -> Case:
    """Take the case up (立案); its resolution clock starts. By default it goes to its first handler at once."""
    with changing(actor, ref, "case.register", version=version) as change:
        case = change.case
        category = catalog.entry(case.category_version_id)
        _drop_rejection(change)
        case.registered_at = change.now
        change.begin("resolution", clock=category.clock, minutes=category.resolve_minutes)
        if repeats := queries.closed_before(case):
            change.data |= {"repeats": repeats}
            change.event |= {"repeats": repeats}
        change.to(State.REGISTERED)
        target = router.first_handler(category, case.area_path) if route == Route.FIRST_HANDLER else None
        if target is not None:
            finish(change)
            change.verb, change.from_state, change.data, change.event = "case.dispatch", State.REGISTERED, {}, {}
            dispatching.assign(change, target, task="")
    return change.case


def _drop_rejection(change: Change) -> None:
    Approval.objects.filter(
        district=change.case.district, case_id=change.case.id, kind=ApprovalKind.REJECTION, state=ApprovalState.ASKED
    ).update(state=ApprovalState.WITHDRAWN, decided_at=change.now)


def reclassify(actor: Actor, ref: Ref, *, version: int, category: str, reason: str) -> Case:
    """Put the category right; the clocks that run are counted again by the new one, from when they started."""
    words = reason_of(reason)
    with changing(actor, ref, "case.reclassify", version=version) as change:
        case = change.case
        found = catalog.current(district=case.district).get(category)
        if found is None:
            raise Invalid(
                "case.category", _("There is no such category."), field="category", mend=_("Choose one from the list.")
            )
        change.data |= {"reason": words, "old": case.category, "new": found.code}
        case.category, case.category_version_id = found.code, found.version_id
        case.severity, case.sensitivity = found.severity, found.sensitivity
        for kind, minutes in (("response", found.respond_minutes), ("resolution", found.resolve_minutes)):
            if running := change.deadline(kind):
                deadlines.recount(running, clock=found.clock, minutes=minutes, why="reclassified", at=change.now)
        dispatching.refresh_orders(case, change.open_deadlines)
        if found.sensitivity in intake.SEALED and case.description:
            # What was said in the open becomes the reporter's statement; the log never held it.
            reporter = case.participants.order_by("joined_at", "id").first()
            store_statement(
                case,
                actor,
                case.description,
                now=change.now,
                account_id=(reporter.account_id or reporter.id) if reporter else None,
            )
            case.description = ""
    return change.case


def relocate(
    actor: Actor,
    ref: Ref,
    *,
    version: int,
    area_path: str,
    reason: str,
    lng: float | None = None,
    lat: float | None = None,
) -> Case:
    """Put the place right within the district; acceptance moves with it."""
    words = reason_of(reason)
    with changing(actor, ref, "case.relocate", version=version) as change:
        case = change.case
        area = placing.area_in_force(area_path)
        if area is None or area.district != case.district:
            raise Invalid(
                "case.area",
                _("There is no such area in this district."),
                field="area_path",
                mend=_(
                    "Choose the grid on the map or by its address. Another district is told by merging into a new case."
                ),
            )
        change.data |= {"reason": words, "old": case.area_path, "new": area.path}
        case.area_id, case.area_path, case.located = area.id, area.path, Located.BY_HAND
        if lng is not None and lat is not None:
            case.lng, case.lat = round(lng, 7), round(lat, 7)
        if case.state in (State.SUBMITTED, State.VERIFYING, State.REGISTERED):
            holder = router.acceptance(catalog.entry(case.category_version_id), area.path)
            if holder != case.holder_id:
                case.holder_id, case.handler_post_id = holder, None
        for deadline in change.open_deadlines:
            deadline.area_path = area.path
            deadline.save(update_fields=["area_path"])
    return change.case


def merge(actor: Actor, ref: Ref, *, version: int, master: UUID) -> Case:
    """Merge the case into another of the same matter (并案): the master leads, every reporter is kept informed of it.

    Both cases are locked in the order of their ids, so that two merges cannot wait for each other.
    """
    if master == ref.id:
        raise Invalid("case.merge_itself", _("A case cannot be merged into itself."), field="master")
    with transaction.atomic():
        for one in sorted((ref.id, master)):
            load(actor, Ref(ref.district, one))
        with changing(actor, ref, "case.merge", version=version) as change:
            case = change.case
            leading = load(actor, Ref(ref.district, master))
            require(actor, "case.view", leading)
            if not leading.is_open or leading.state == State.MERGED:
                raise Conflict("case.master_ended", _("The other case has ended."), extra={"field": "master"})
            if Case.objects.filter(district=case.district, master_id=case.id).exists():
                raise Conflict("case.is_master", _("Other cases were merged into this one; merge the other way round."))
            change.meet("response")
            change.cancel()
            change.withdraw_approvals()
            WorkOrder.objects.filter(district=case.district, case_id=case.id, state__in=OPEN_ORDERS).update(
                state=OrderState.WITHDRAWN, finished_at=change.now
            )
            case.master_id, case.closed_at = leading.id, change.now
            change.to(State.MERGED)
            change.data |= {"master": leading.number}
            change.event |= {"master": str(leading.id)}
        moved = 0
        known = set(
            Participant.objects.filter(district=ref.district, case_id=master, account_id__isnull=False).values_list(
                "account_id", flat=True
            )
        )
        for person in Participant.objects.filter(district=ref.district, case_id=ref.id):
            if person.account_id not in known:
                moved += 1
        add_step(
            actor, leading, "merged_in", data={"number": case.number, "participants": moved},
            changes={"participants_count": leading.participants_count + moved},
        )  # fmt: skip
    return change.case


def split(actor: Actor, ref: Ref, *, version: int, categories: list[str], reason: str) -> list[Case]:
    """Split a case that holds several matters: a child for each category, at the same place, taken up at once.

    A child that starts elsewhere (the subdistrict's, when a community splits) waits there to be taken up.

    Returns:
        The children. The parent stays with its own category, and is not disposed of before them.
    """
    words = reason_of(reason)
    if not categories or len(categories) > 5:
        raise Invalid("case.split", _("Name one to five categories."), field="categories")
    with transaction.atomic():
        with changing(actor, ref, "case.split", version=version) as change:
            case = change.case
            current = catalog.current(district=case.district)
            found = [current.get(code) for code in categories]
            if any(one is None for one in found):
                raise Invalid("case.category", _("There is no such category."), field="categories")
            children = [
                intake.open_child(actor, case, version_of, channel=Channel(case.channel), now=change.now)
                for version_of in found
                if version_of is not None
            ]
            change.data |= {"reason": words, "children": [child.number for child in children]}
        return [
            register(actor, Ref(child.district, child.id), version=child.version)
            if may_view(actor, child) and in_own_hands(actor, "case.register", child)
            else child
            for child in children
        ]
