"""What the room holds about an account's own person, for *my data*: found by the account's telephone number."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.households.models import Kind, Person, Residency, Source
from linli.households.place import address, dwellings
from linli.kernel.trust import SYSTEM, Actor, context
from linli.people import holdings
from linli.people.holdings import Fact
from linli.people.models import Account


def held(actor: Actor) -> Sequence[Fact]:
    """The residencies of the person who has the account's telephone number, and where each is from."""
    if actor.account_id is None:
        return []
    account = Account.objects.filter(id=actor.account_id, phone_hash__isnull=False).first()
    if account is None:
        return []
    with context.personal(SYSTEM):
        people = list(
            Person.objects.filter(phone_hash=account.phone_hash, merged_into__isnull=True).values_list("id", flat=True)
        )
        rows = list(Residency.objects.filter(person_id__in=people).order_by("-valid_from")[:20])
    places = {one.id: one for one in dwellings().filter(id__in=[row.dwelling_id for row in rows])}
    return [
        Fact(
            str(Kind(row.kind).label),
            _("%(address)s, from %(day)s (%(source)s)")
            % {
                "address": address(places[row.dwelling_id]),
                "day": row.valid_from.isoformat(),
                "source": Source(row.source).label,
            },
        )
        for row in rows
        if row.dwelling_id in places
    ]


holdings.announce("households", gettext_lazy("Register of people and dwellings"), held)
