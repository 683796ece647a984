"""Accounts of a sign-in provider (OpenID Connect): linked to accounts here, used to sign in, unlinked.

What a provider says is believed only about who somebody is there, its *subject*. No account of staff comes into being by it; a
resident's does where ``LINLI_OIDC_RESIDENTS`` says so.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound, SignInNeeded
from linli.kernel.trust import ANONYMOUS, Actor, audit, policy
from linli.people.actions.accounts import register_resident
from linli.people.models import Account, LinkedIdentity

LONGEST = 255
"""Subjects have at most 255 ASCII characters (OpenID Connect Core 1.0, section 2)."""


def link_identity(
    actor: Actor, *, issuer: str, subject: str, account_id: UUID | None = None, reason: str = ""
) -> LinkedIdentity:
    """Let a provider's account sign in to one's own account or, by the security administrator, to that of an employee.

    Args:
        subject: what the provider calls the person, for ever.
        account_id: whose account; one's own unless told.
        reason: needed for somebody else's; stands in the audit.

    Raises:
        Invalid: this can be no subject, or no reason is given.
        NotFound: there is no such account.
        Conflict: it signs in to another account already.
    """
    account_id = account_id or actor.account_id
    if account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    if account_id != actor.account_id:
        policy.require(actor, "account.edit")
        if not reason.strip():
            raise Invalid("reason.missing", _("Please give a reason."), field="reason")
    subject = subject.strip()
    if not issuer or not subject or len(subject) > LONGEST or not subject.isprintable():
        raise Invalid("identity.subject", _("This is no account of the provider."), field="subject")
    with transaction.atomic():
        if not Account.objects.select_for_update().filter(id=account_id, is_active=True).exists():
            raise NotFound("account.none", _("There is no such account."))
        there = _find(issuer, subject)
        if there is not None and there.account_id == account_id:
            return there
        try:
            with transaction.atomic():
                made = LinkedIdentity.objects.create(
                    id=ids.new_id(), account_id=account_id, issuer=issuer, subject_hash=_hash(issuer, subject),
                    linked_at=time.now(), linked_by=actor.account_id,
                )  # fmt: skip
        except IntegrityError:
            raise Conflict(
                "identity.taken",
                _("This account of the provider signs in to another account already."),
                field="subject",
                mend=_("Unlink it there first."),
            ) from None
        _note(actor, account_id, "account.identity_link", issuer, reason=reason)
    return made


def unlink_identity(actor: Actor, identity_id: UUID) -> None:
    """Let a provider's account no longer sign in: one's own, or any by the security administrator.

    Raises:
        NotFound: there is none that the actor may unlink.
    """
    with transaction.atomic():
        found = LinkedIdentity.objects.select_for_update().filter(id=identity_id).first()
        own = found is not None and found.account_id == actor.account_id
        if found is None or not (own or policy.allows(actor, "account.edit")):
            raise NotFound("identity.none", _("There is no such link."))
        found.delete()
        _note(actor, found.account_id, "account.identity_unlink", found.issuer)


def sign_in_with_identity(*, issuer: str, subject: str) -> Account | None:
    """The account that a provider's account signs in to; a new resident's where the settings allow it, else ``None``.

    Raises:
        NotFound: the account is closed.
    """
    with transaction.atomic():
        found = _find(issuer, subject)
        if found is None and not settings.LINLI_OIDC_RESIDENTS:
            return None
        if found is None:
            account = register_resident(ANONYMOUS, phone="")
            found = link_identity(Actor(role=ANONYMOUS.role, account_id=account.id), issuer=issuer, subject=subject)
        account = found.account
        if not account.is_active:
            raise NotFound("account.closed", _("This account is closed."))
        found.last_used_at = time.now()
        found.save(update_fields=["last_used_at"])
        who = Actor(role=ANONYMOUS.role, account_id=account.id, name=account.work_name)
        audit.record(who, "session.provider", subject_type="account", subject_id=account.id, person_id=account.id)
    return account


def is_own_identity(actor: Actor, *, issuer: str, subject: str) -> bool:
    """Whether a provider's account is linked to the actor's own."""
    found = _find(issuer, subject)
    return found is not None and found.account_id == actor.account_id


def _find(issuer: str, subject: str) -> LinkedIdentity | None:
    rows = LinkedIdentity.objects.select_related("account")
    return rows.filter(issuer=issuer, subject_hash=_hash(issuer, subject)).first()


def _hash(issuer: str, subject: str) -> bytes:
    # Subjects differ by case, which the normal form of a code does not: so it is hashed before.
    plain = hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()
    return crypto.lookup_hash(crypto.Lookup.CODE, plain)


def _note(actor: Actor, account_id: UUID, verb: str, issuer: str, *, reason: str = "") -> None:
    audit.record(
        actor, verb, subject_type="account", subject_id=account_id, person_id=account_id,
        purpose=reason.strip()[:200], detail={"issuer": issuer},
    )  # fmt: skip
