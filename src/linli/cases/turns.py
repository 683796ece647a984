"""Whose step a restricted case waits for: who sees it, and for how long, beside those who hold it and those whose own it is."""

from __future__ import annotations

from linli.cases.models import Case, Level
from linli.cases.states import DECIDED_ABOVE, State
from linli.kernel.trust import Actor, Role

TURNS: tuple[tuple[Role, tuple[State, ...], tuple[Level, ...]], ...] = (
    (Role.COMMUNITY_WORKER, (State.DISPOSED, State.VERIFIED), tuple(Level)),
    (Role.SUBDISTRICT_OFFICER, DECIDED_ABOVE, (Level.MICRO_GRID, Level.COMMUNITY)),
    (Role.DISPATCHER, DECIDED_ABOVE, (Level.SUBDISTRICT, Level.DISTRICT, Level.CITY)),
)
"""Who sees a restricted case of the post's area beside its holder, and while it stands where: those whose step it waits for.

The community looks whether it is done and calls back; one level up decides on a return and on more time, and closes.
"""


def is_their_turn(actor: Actor, case: Case) -> bool:
    """Whether a restricted case in the post's area waits for the post; one that nobody holds waits for a dispatcher to place it."""
    if case.holder_id is None and actor.role == Role.DISPATCHER:
        return True
    return any(
        actor.role == role and case.state in standing and case.level in levels for role, standing, levels in TURNS
    )
