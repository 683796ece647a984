"""Every read of the room that is worth a name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.notices.actions.hooks import VERB
from linli.notices.actions.reading import own_account
from linli.notices.models import Address, Hook, Notice, Posting, Settings

PAGE = 30
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Page:
    """A portion of one's notices, and where the next begins."""

    notices: list[Notice]
    next: str


def mine(actor: Actor, *, after: str = "", size: int = PAGE) -> Page:
    """One's notices, the newest first.

    Args:
        after: :attr:`Page.next` of the page before.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    rows = Notice.objects.filter(account_id=own_account(actor)).order_by("-at", "-id")
    try:
        last = rows.filter(id=UUID(after)).first() if after else None
    except ValueError:
        last = None
    if last is not None:
        rows = rows.filter(at__lte=last.at).exclude(at=last.at, id__gte=last.id)
    found = list(rows[: size + 1])
    return Page(found[:size], str(found[size - 1].id) if len(found) > size else "")


def one(actor: Actor, notice_id: UUID) -> Notice:
    """One of one's notices.

    Raises:
        SignInNeeded, NotFound: as they say.
    """
    found = Notice.objects.filter(id=notice_id, account_id=own_account(actor)).first()
    if found is None:
        raise NotFound("notices.none", _("There is no such notice."))
    return found


def unread(actor: Actor) -> int:
    """How many of one's notices are not read, counted to a hundred."""
    if actor.account_id is None:
        return 0
    return Notice.objects.filter(account_id=actor.account_id, read_at__isnull=True)[:MOST_COUNTED].count()


def settings_of(actor: Actor) -> Settings:
    """How one wants to be told; the defaults, not saved, for who has never chosen."""
    account = own_account(actor)
    return Settings.objects.filter(account_id=account).first() or Settings(account_id=account)


def addresses_of(actor: Actor) -> list[Address]:
    """One's addresses, verified or not, the oldest first."""
    return list(Address.objects.filter(account_id=own_account(actor)).defer("value_enc").order_by("made_at", "id"))


def hooks(actor: Actor) -> list[Hook]:
    """Every webhook, those in use first.

    Raises:
        Forbidden: the post may not.
    """
    policy.require(actor, VERB)
    return sorted(Hook.objects.order_by("-made_at"), key=lambda hook: hook.disabled_at is not None)


def postings(actor: Actor, hook_id: UUID) -> QuerySet[Posting]:
    """What went to a webhook, the newest first.

    Raises:
        Forbidden: the post may not.
    """
    policy.require(actor, VERB)
    return Posting.objects.filter(hook_id=hook_id).order_by("-at", "-id")
