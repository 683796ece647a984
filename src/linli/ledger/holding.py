"""What the ledger holds about an account: shown with my data, and forgotten as far as a book can forget."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import crypto
from linli.kernel.trust import Actor, Role, policy
from linli.ledger import queries
from linli.ledger.models import Account, AccountKind, Claim, Objection, Suspension
from linli.people import holdings
from linli.people.holdings import Fact

PAGE = "/my/points"


def _held(actor: Actor) -> list[Fact]:
    if actor.role == Role.ANONYMOUS or not policy.reach(actor, "points.mine"):
        return []
    found = []
    for district in queries.districts_of(actor):
        own = queries.mine(actor, district=district)
        if own.account is not None:
            found.append(Fact(_("Balance"), str(own.balance), PAGE))
            found += [
                Fact(one.get_kind_display(), f"{one.signed:+d}", f"{PAGE}/entry/{one.id}")
                for one in own.account.entries.order_by("-sequence")
            ]
    return found


def _forget(account_id: UUID) -> None:
    """Entries stay, since a book must add up, but nothing leads from them to a person any more: words are taken away."""
    Account.objects.filter(kind=AccountKind.PERSON, owner_id=account_id).update(collecting=False)
    Claim.objects.filter(owner_id=account_id).update(words_sealed=None, reason_sealed=None)
    for one in Objection.objects.filter(owner_id=account_id):
        one.words_sealed, one.answer_sealed = crypto.seal("ledger_objection.words", one.id, "—"), None
        one.save(update_fields=["words_sealed", "answer_sealed"])
    Suspension.objects.filter(owner_id=account_id).update(lift_words_sealed=None)


def announce() -> None:
    """Tell what the room holds."""
    holdings.announce("points", gettext_lazy("Points"), _held, eraser=_forget)
