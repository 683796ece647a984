"""Marking notices as read, and choosing how to be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time as clock_time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.errors import Invalid, SignInNeeded
from linli.kernel.trust import Actor
from linli.notices.models import Channel, Notice, Settings, Topic


def own_account(actor: Actor) -> UUID:
    """The account that acts.

    Raises:
        SignInNeeded: nobody is signed in, or it is a machine.
    """
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    return actor.account_id


def read_case(actor: Actor, number: str) -> int:
    """Mark all of one's notices of a case as read; says how many were not."""
    mine = Notice.objects.filter(account_id=own_account(actor), number=number, read_at__isnull=True)
    return mine.update(read_at=time.now())


def read_one(actor: Actor, notice_id: UUID) -> int:
    """Mark one of one's notices as read; says how many were not."""
    mine = Notice.objects.filter(account_id=own_account(actor), id=notice_id, read_at__isnull=True)
    return mine.update(read_at=time.now())


def read_all(actor: Actor) -> int:
    """Mark all of one's notices as read; says how many were not."""
    return Notice.objects.filter(account_id=own_account(actor), read_at__isnull=True).update(read_at=time.now())


def choose(
    actor: Actor,
    *,
    chosen: Mapping[str, Iterable[str]],
    quiet_from: clock_time,
    quiet_to: clock_time,
    digest: bool,
    digest_at: clock_time,
) -> Settings:
    """Choose how to be told: all of the settings page at once.

    Args:
        chosen: topics by channel.
        quiet_from, quiet_to: local hours in which nothing is sent but what is most urgent; equal means none.
        digest: e-mail once a day at ``digest_at`` instead of one by one.

    Raises:
        Invalid: a channel or topic that there is not.
    """
    account = own_account(actor)
    clean: dict[str, list[str]] = {}
    for channel, topics in chosen.items():
        names = sorted(set(topics))
        if channel not in Channel.values or not set(names) <= set(Topic.values):
            raise Invalid("notices.chosen", _("There is no such channel or kind of message."), field="chosen")
        clean[channel] = names
    with transaction.atomic():
        row, _made = Settings.objects.select_for_update().get_or_create(account_id=account)
        row.chosen = {**row.chosen, **clean}
        row.quiet_from, row.quiet_to, row.digest, row.digest_at = quiet_from, quiet_to, digest, digest_at
        row.changed_at = time.now()
        row.save()
    return row
