"""What the room holds about an account: shown with my data, and out of the public when the account is erased."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy

from linli.kernel import crypto, time
from linli.kernel.trust import SYSTEM, Actor
from linli.moderation import texts
from linli.moderation.models import DecisionKind, Text, TextState
from linli.moderation.texts import SEALED_PROPOSAL, Change
from linli.people import holdings
from linli.people.holdings import Fact

FORGOTTEN = "—"


def _held(actor: Actor) -> list[Fact]:
    if actor.account_id is None:
        return []
    rows = Text.objects.filter(account_id=actor.account_id).select_related("case").order_by("-said_at")
    return [
        Fact(
            f"{one.case.number} · {one.get_source_display()}",
            one.wording or one.get_state_display(),
            f"/case/{one.case.number}/words",
        )
        for one in rows
    ]


def forget(account_id: UUID) -> None:
    """Take what an account wrote out of the public for good: its proposal is emptied, and nothing leads to the account."""
    found = Text.objects.select_for_update(of=("self",)).select_related("case").filter(account_id=account_id)
    for text in found:
        change = Change(SYSTEM, text, DecisionKind.KEEP_PRIVATE, time.now())
        change.to(TextState.PRIVATE)
        text.account_id, text.proposed_sealed = None, crypto.seal(SEALED_PROPOSAL, text.id, FORGOTTEN)
        texts.finish(change)


def announce() -> None:
    """Tell what the room holds."""
    holdings.announce("words", gettext_lazy("Words that can become public"), _held, eraser=forget)
