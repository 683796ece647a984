"""One's own account: a resident begins to collect points, or stops."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Conflict
from linli.kernel.trust import Actor, policy
from linli.ledger import book, queries
from linli.ledger.models import Account


def collect(actor: Actor, *, collecting: bool) -> Account:
    """Begin to collect points, or stop; what is there stays until it expires.

    Raises:
        Conflict: nobody knows in which district the person lives.
    """
    policy.require(actor, "points.mine")
    district = queries.home_district(actor)
    if not district or actor.account_id is None:
        raise Conflict(
            "points.no_home",
            _("Points are kept by the district you live in, and your account does not say which."),
            mend=_("Tell your community where you live, then come back."),
        )
    with transaction.atomic():
        account = book.open_account(district, actor.account_id)
        account.collecting = collecting
        account.save(update_fields=["collecting"])
    return account
