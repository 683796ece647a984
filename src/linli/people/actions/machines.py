"""Machines' keys to the API."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, audit, policy
from linli.people.models import Account, Post, Token
from linli.people.queries.acting import in_force, token_hash

PREFIX = "linli_"


def issue_token(
    actor: Actor,
    *,
    name: str,
    scopes: Iterable[str],
    account_id: UUID | None = None,
    post_id: UUID | None = None,
    machine_path: str = "",
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Make a key, for one's own post or, by the security administrator, for a machine on an area or for another account.

    Args:
        scopes: verbs (``case.report``) or their first words (``case``) that it is good for; at least one.
        account_id: whose post it acts through; one's own unless told.
        machine_path: for a machine: the area it reports from; then no account.

    Returns:
        The row, and the key in clear: it is shown once and never kept.

    Raises:
        Invalid: no scope, a scope that the table does not know, or an expiry in the past.
    """
    granted = sorted(set(scopes))
    known = set(policy.table()) | {verb.partition(".")[0] for verb in policy.table()}
    if not granted or not set(granted) <= known:
        raise Invalid("token.scopes", _("Please choose what the key is good for."), field="scopes")
    if expires_at is not None and expires_at <= time.now():
        raise Invalid("token.expired", _("The key would be over before it begins."), field="expires_at")
    account_id = None if machine_path else account_id or actor.account_id
    if account_id is None and (post_id or not machine_path):
        raise Invalid("token.whose", _("Please say whose key this is."), field="machine_path")
    with transaction.atomic():
        if account_id is None or account_id != actor.account_id:
            policy.require(actor, "account.edit")
        if account_id and not Account.objects.filter(id=account_id, is_active=True).exists():
            raise NotFound("account.none", _("There is no such account."))
        post_district = ""
        if post_id and account_id:
            post = Post.objects.filter(in_force(), id=post_id, account_id=account_id).first()
            if post is None:
                raise NotFound("post.none", _("There is no such post."))
            post_district = post.district
        secret = PREFIX + base64.b32encode(ids.random_bits(256).to_bytes(32)).decode().rstrip("=").lower()
        token = Token.objects.create(
            name=name.strip()[:80],
            token_hash=token_hash(secret),
            account_id=account_id,
            post_id=post_id,
            post_district=post_district,
            machine_path=machine_path,
            scopes=granted,
            created_at=time.now(),
            created_by=actor.account_id,
            expires_at=expires_at,
        )
        audit.record(
            actor,
            "token.issue",
            subject_type="token",
            subject_id=token.id,
            person_id=account_id,
            detail={"scopes": granted, "machine_path": machine_path},
        )
    return token, secret


def end_token(actor: Actor, token_id: UUID) -> None:
    """End a key at once: one's own, or any by the security administrator.

    Raises:
        NotFound: there is none that the actor may end.
    """
    with transaction.atomic():
        token = Token.objects.select_for_update().filter(id=token_id, ended_at__isnull=True).first()
        own = token is not None and token.account_id is not None and token.account_id == actor.account_id
        if token is None or not (own or policy.allows(actor, "account.edit")):
            raise NotFound("token.none", _("There is no such key."))
        token.ended_at = time.now()
        token.save(update_fields=["ended_at"])
        audit.record(actor, "token.end", subject_type="token", subject_id=token.id, person_id=token.account_id)
