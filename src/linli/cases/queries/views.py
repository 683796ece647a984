"""The views of an inbox: which there are, who is offered them, which cases each holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.cases import searching
from linli.cases.models import Approval, ApprovalState, Case, Mention
from linli.cases.queries.finding import called_in, of_number, visible
from linli.cases.states import State
from linli.kernel import ids, time
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, Role

PAGE = 50
SOON = timedelta(hours=4)


class View(StrEnum):
    """The views of an inbox."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    LATE = "late"
    SOON = "soon"
    CALLED = "called"
    RETURNED = "returned"
    TO_DECIDE = "to_decide"
    TO_VERIFY = "to_verify"
    TO_CALL_BACK = "to_call_back"
    SUPERVISED = "supervised"
    UNPLACED = "unplaced"
    MENTIONED = "mentioned"
    OPEN = "open"
    CLOSED = "closed"


LABELS = {
    View.MINE: _("Mine"),
    View.UNASSIGNED: _("To take up"),
    View.LATE: _("Late"),
    View.SOON: _("Due soon"),
    View.CALLED: _("Called"),
    View.RETURNED: _("Returned"),
    View.TO_DECIDE: _("To decide"),
    View.TO_VERIFY: _("To verify"),
    View.TO_CALL_BACK: _("To call back"),
    View.SUPERVISED: _("Supervised"),
    View.UNPLACED: _("Not placed"),
    View.MENTIONED: _("Mentioned"),
    View.OPEN: _("All open"),
    View.CLOSED: _("Ended"),
}

VIEWS_OF: dict[Role, tuple[View, ...]] = {
    Role.MICRO_GRID_MEMBER: (View.MINE, View.UNASSIGNED, View.LATE, View.TO_VERIFY, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.GRID_MEMBER: (View.MINE, View.UNASSIGNED, View.LATE, View.SOON, View.TO_VERIFY, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.COMMUNITY_WORKER: (
        View.UNASSIGNED, View.MINE, View.LATE, View.SOON, View.CALLED, View.TO_DECIDE, View.TO_VERIFY, View.TO_CALL_BACK,
        View.MENTIONED, View.OPEN, View.CLOSED,
    ),
    Role.SUBDISTRICT_OFFICER: (
        View.MINE, View.UNASSIGNED, View.LATE, View.SOON, View.CALLED, View.RETURNED, View.TO_DECIDE, View.SUPERVISED,
        View.MENTIONED, View.OPEN, View.CLOSED,
    ),
    Role.DISPATCHER: (
        View.UNASSIGNED, View.RETURNED, View.UNPLACED, View.LATE, View.SOON, View.TO_DECIDE, View.SUPERVISED,
        View.MENTIONED, View.OPEN, View.CLOSED,
    ),
    Role.DEPARTMENT_CLERK: (View.MINE, View.UNASSIGNED, View.CALLED, View.LATE, View.SOON, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.VERIFIER: (View.TO_VERIFY, View.TO_CALL_BACK, View.LATE, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.CALL_TAKER: (View.TO_CALL_BACK, View.MENTIONED, View.OPEN, View.LATE, View.CLOSED),
    Role.SUPERVISOR: (View.SUPERVISED, View.TO_DECIDE, View.LATE, View.SOON, View.RETURNED, View.MENTIONED, View.OPEN, View.CLOSED),
}  # fmt: skip
"""The views that each role is offered, its first one first."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list; empty means all."""

    category: str = ""
    area_path: str = ""
    severity: int | None = None
    state: str = ""
    words: str = ""


def of_view(actor: Actor, view: View) -> QuerySet[Case]:
    """The cases of a view, in no order."""
    cases = visible(actor)
    if view == View.CLOSED:
        return cases.filter(is_open=False)
    if view == View.MENTIONED:
        unseen = Mention.objects.filter(post_id=actor.post_id or UUID(int=0), seen_at__isnull=True)
        return cases.filter(id__in=unseen.values("case_id"))
    return cases.filter(among_open(actor, view), is_open=True)


def is_read_off(actor: Actor, view: View) -> bool:
    """Whether an open case alone says that it is in the view, with no look at its approvals, calls or mentions."""
    if view == View.CALLED:
        return actor.role == Role.COMMUNITY_WORKER
    return view not in (View.MENTIONED, View.CLOSED, View.TO_DECIDE)


def among_open(actor: Actor, view: View) -> Q:
    """What makes an open case one of a view; not for what has ended and for mentions."""
    now = time.now()
    match view:
        case View.MINE:
            own = Q(handler_post_id=actor.post_id)
            if actor.role in (Role.SUBDISTRICT_OFFICER, Role.DEPARTMENT_CLERK):
                own |= Q(holder_id=actor.organisation_id, handler_post__isnull=True)
            done = Q(state__in=[State.DISPOSED, State.VERIFIED, State.FEEDBACK])
            return own & Q(district=actor.district) & ~done
        case View.UNASSIGNED:
            return _to_take_up(actor)
        case View.LATE:
            return Q(due_at__lte=now)
        case View.SOON:
            return Q(due_at__gt=now, due_at__lte=now + SOON)
        case View.CALLED:
            if actor.role == Role.COMMUNITY_WORKER:
                return Q(state__in=[State.CALLED, State.JOINED])
            return Q(id__in=called_in(actor).values("case_id"))
        case View.RETURNED:
            return Q(state=State.RETURNED)
        case View.TO_DECIDE:
            asked = Approval.objects.filter(
                district=OuterRef("district"),
                case_id=OuterRef("id"),
                state__in=[ApprovalState.ASKED, ApprovalState.FIRST],
            ).exclude(asked_by=actor.account_id or UUID(int=0))
            return Q(Exists(asked))
        case View.TO_VERIFY:
            return Q(state=State.DISPOSED) & ~Q(disposed_by=actor.account_id)
        case View.TO_CALL_BACK:
            return Q(state__in=[State.VERIFIED, State.FEEDBACK])
        case View.SUPERVISED:
            return Q(supervised_at__isnull=False)
        case View.UNPLACED:
            return Q(located="unplaced")
    return Q()


def _to_take_up(actor: Actor) -> Q:
    unnamed = Q(state=State.DISPATCHED, holder_id=actor.organisation_id, handler_post__isnull=True)
    if actor.role in (Role.DEPARTMENT_CLERK, Role.MICRO_GRID_MEMBER):
        return unnamed
    early = Q(state__in=[State.SUBMITTED, State.VERIFYING, State.REGISTERED])
    if actor.role == Role.DISPATCHER:
        return early
    early &= Q(holder_id=actor.organisation_id)
    return unnamed | early if actor.role == Role.GRID_MEMBER else early


def narrowed(cases: QuerySet[Case], filters: Filters, *, first: int = PAGE) -> QuerySet[Case]:
    """The cases of a list that fit its filters.

    Args:
        first: how many of them are wanted, for the search by words.
    """
    if filters.category:
        cases = cases.filter(category=filters.category)
    if filters.area_path:
        cases = cases.filter(in_subtree("area_path", filters.area_path))
    if filters.severity is not None:
        cases = cases.filter(severity=filters.severity)
    if filters.state:
        cases = cases.filter(state=filters.state)
    if words := filters.words.strip():
        number = ids.parse_ticket_number(words)
        if number:
            cases = cases.filter(of_number(number))
        else:
            cases = searching.having(cases, words, first=first)
    return cases
