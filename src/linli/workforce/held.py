"""What the room holds about a person, for "my data" (``people.holdings``)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from linli.kernel.trust import Actor
from linli.people.holdings import Fact
from linli.workforce import queries
from linli.workforce.models import HandOver, LeaveState, Reason


def facts(actor: Actor) -> Sequence[Fact]:
    """One's leaves, shifts to come and hand-overs; nothing for whoever holds no post."""
    if actor.account_id is None:
        return ()
    found = [
        Fact(
            _("Leave"),
            f"{leave.starts_on} – {leave.last_day} · {Reason(leave.reason).label} · {LeaveState(leave.state).label}",
            href="/field/me/leave",
        )
        for leave in queries.my_leaves(actor)
    ]
    if shifts := queries.my_shifts(actor):
        found.append(Fact(_("Shifts to come"), str(len(shifts)), href="/field/me/duty"))
    if given := HandOver.objects.filter(from_post__account_id=actor.account_id).count():
        found.append(Fact(_("Hand-overs"), str(given)))
    return found
