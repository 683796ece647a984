"""Whose step a restricted case waits for: who sees it, and for how long, beside those who hold it and those whose own it is."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from linli.cases.models import Approval, ApprovalKind, ApprovalState, Case, Level
from linli.cases.states import DECIDED_ABOVE, State
from linli.kernel.trust import Actor, Role

TURNS: tuple[tuple[Role, tuple[State, ...], tuple[Level, ...]], ...] = (
    (Role.COMMUNITY_WORKER, (State.DISPOSED, State.VERIFIED), tuple(Level)),
    (Role.SUBDISTRICT_OFFICER, DECIDED_ABOVE, (Level.MICRO_GRID, Level.COMMUNITY)),
    (Role.DISPATCHER, DECIDED_ABOVE, (Level.SUBDISTRICT, Level.DISTRICT, Level.CITY)),
    (Role.SUPERVISOR, (State.SUSPENDED,), tuple(Level)),
)
"""Who sees a restricted case of the post's area beside its holder, and while it stands where: those whose step it waits for.

The community looks whether it is done and calls back; one level up decides on a return and on more time, and closes; the supervision
side reviews what is suspended.
"""
SUSPENDING: tuple[tuple[Role, ApprovalState, tuple[Level, ...]], ...] = (
    (Role.SUBDISTRICT_OFFICER, ApprovalState.ASKED, (Level.MICRO_GRID, Level.COMMUNITY)),
    (Role.DISPATCHER, ApprovalState.ASKED, (Level.SUBDISTRICT, Level.DISTRICT, Level.CITY)),
    (Role.SUPERVISOR, ApprovalState.FIRST, tuple(Level)),
)
"""Who sees a restricted case while a suspension is asked for, and until which step: a level up decides first, the supervision side last.

A case whose suspension is asked for stands in no state of its own, for the work goes on meanwhile.
"""


def is_their_turn(actor: Actor, case: Case) -> bool:
    """Whether a restricted case in the post's area waits for the post; one that nobody holds waits for a dispatcher to place it."""
    if case.holder_id is None and actor.role == Role.DISPATCHER:
        return True
    if any(actor.role == role and case.state in standing and case.level in levels for role, standing, levels in TURNS):
        return True
    return any(
        actor.role == role
        and case.level in levels
        and _suspending(case.district, step).filter(case_id=case.id).exists()
        for role, step, levels in SUSPENDING
    )


def waiting_for(actor: Actor) -> Q:
    """The same as a condition of lists, but for the cases that nobody holds."""
    found = Q(pk__in=[])
    for role, standing, levels in TURNS:
        if actor.role == role:
            found |= Q(state__in=standing, level__in=levels)
    for role, step, levels in SUSPENDING:
        if actor.role == role:
            found |= Q(level__in=levels, id__in=_suspending(actor.district, step).values("case_id"))
    return found


def _suspending(district: str, step: ApprovalState) -> QuerySet[Approval]:
    return Approval.objects.filter(district=district, kind=ApprovalKind.SUSPENSION, state=step)
