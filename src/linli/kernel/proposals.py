"""Changes of published things, prepared first and decided later: locked, still as their user saw them, decided once."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Manager, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.errors import NotFound, Stale
from linli.kernel.trust import Actor

PROPOSED = "proposed"
Change = TypeVar("Change", bound=Model)


def locked(rows: Manager[Change] | QuerySet[Change], change_id: UUID) -> Change:
    """The change, locked until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    found = rows.select_for_update(of=("self",)).filter(pk=change_id).first()
    if found is None:
        raise NotFound("change.none", _("There is no such change."))
    return found


def waiting(rows: Manager[Change] | QuerySet[Change], change_id: UUID, version: int) -> Change:
    """The change, locked, as its user saw it.

    Raises:
        NotFound: there is none.
        Stale: it was changed or decided meanwhile.
    """
    found: Any = locked(rows, change_id)
    if found.version != version or found.state != PROPOSED:
        raise Stale("stale", _("Somebody changed this meanwhile."), mend=_("Look at it again, then decide."))
    return found


def decide(actor: Actor, change: Any, state: str) -> None:
    """Write who decided a change, when and how; the audit row is its room's."""
    change.state, change.decided_by, change.decided_at = state, actor.account_id, time.now()
    change.version += 1
    change.save(update_fields=["state", "decided_by", "decided_at", "version"])
