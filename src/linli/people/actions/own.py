"""What a person does with their own data: correct it, withdraw being rung back, have the account erased."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, time
from linli.kernel.errors import Conflict, SignInNeeded
from linli.kernel.trust import SYSTEM, Actor, audit, context, policy
from linli.people import holdings
from linli.people.actions.accounts import _end, _lock, _tell
from linli.people.actions.contacts import NAME_LENGTH, phone_hash
from linli.people.actions.signing_in import prove_phone
from linli.people.models import Account, Contact, DeviceSession, LinkedIdentity, SecondFactor, Token
from linli.people.queries.acting import posts_of

COOLING = timedelta(days=7)
"""How long an erasure that was asked for can be taken back."""


def _own(actor: Actor) -> Account:
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    policy.require(actor, "account.own")
    return _lock(actor, actor.account_id)


def correct_name(actor: Actor, *, name: str) -> Account:
    """Correct one's name, or take it back with ``""``."""
    with transaction.atomic():
        account = _own(actor)
        name = name.strip()[:NAME_LENGTH]
        account.name_enc = crypto.seal("people_account.name", account.id, name) if name else None
        account.version += 1
        account.save(update_fields=["name_enc", "version"])
        _note(actor, account, "account.correct", fields=("name",))
    return account


def correct_phone(actor: Actor, *, phone: str, code: str, network: str = "") -> Account:
    """Change one's number, after a code that was sent to the new one.

    Raises:
        Invalid: the number is none, or the code does not fit.
        Conflict: another account has the number.
    """
    wanted = phone_hash(phone)
    prove_phone(phone=phone, code=code, network=network)
    with transaction.atomic():
        account = _own(actor)
        account.phone_hash = wanted
        account.phone_enc = crypto.seal("people_account.phone", account.id, phone.strip())
        account.version += 1
        try:
            with transaction.atomic():
                account.save(update_fields=["phone_hash", "phone_enc", "version"])
        except IntegrityError:
            raise Conflict("phone.taken", _("This number already has an account."), field="phone") from None
        _note(actor, account, "account.correct", fields=("phone",))
    return account


def withdraw_contact(actor: Actor) -> int:
    """Withdraw the consent to be rung back: what one left with reports is erased, the reports go on.

    Returns:
        How many contacts were erased.
    """
    with context.personal(actor):
        account = _own(actor)
        count = _erase_contacts(account.id)
        _note(actor, account, "consent.withdraw", fields=("name", "phone", "address"))
    return count


def _erase_contacts(account_id: UUID) -> int:
    # The link to the account goes with a later statement, because row-level security goes by it.
    return Contact.objects.filter(account_id=account_id).update(
        name_enc=None, phone_enc=None, phone_hash=None, address_enc=None
    )


def ask_erasure(actor: Actor) -> Account:
    """Have one's account erased in seven days; asking again changes nothing.

    Raises:
        Conflict: the account holds a post.
    """
    with transaction.atomic():
        account = _own(actor)
        if posts_of(account.id):
            raise Conflict(
                "account.post",
                _("An account that holds a post cannot be deleted."),
                mend=_("Ask your office to end the post first."),
            )
        if account.erase_at is None:
            account.erase_at = time.now() + COOLING
            account.version += 1
            account.save(update_fields=["erase_at", "version"])
            _note(actor, account, "account.ask_erasure")
    return account


def keep_account(actor: Actor) -> Account:
    """Take back that the account is to be erased."""
    with transaction.atomic():
        account = _own(actor)
        if account.erase_at is not None:
            account.erase_at = None
            account.version += 1
            account.save(update_fields=["erase_at", "version"])
            _note(actor, account, "account.keep")
    return account


def note_export(actor: Actor) -> None:
    """Write down that the person took their data along."""
    with transaction.atomic():
        _note(actor, _own(actor), "account.export")


def erase_due() -> int:
    """Erase the accounts whose seven days are over; one that has been given a post meanwhile is kept.

    Each is a transaction of its own: contacts and account lose what is personal, sign-ins and keys end, reports stay.

    Returns:
        How many were erased.
    """
    due = list(Account.objects.filter(erase_at__lte=time.now()).order_by("erase_at").values_list("id", flat=True)[:500])
    return sum(_erase(account_id) for account_id in due)


def _erase(account_id: UUID) -> bool:
    with context.personal(SYSTEM, purpose="erase an account"):
        account = (
            Account.objects.select_for_update(skip_locked=True).filter(id=account_id, erase_at__lte=time.now()).first()
        )
        if account is None:
            return False
        if posts_of(account.id):
            account.erase_at = None
            account.save(update_fields=["erase_at"])
            _note(SYSTEM, account, "account.keep")
            return False
        _erase_contacts(account.id)
        holdings.erase(account.id)
        for device in DeviceSession.objects.filter(account_id=account.id, ended_at__isnull=True):
            _end(device)
        Token.objects.filter(account_id=account.id, ended_at__isnull=True).update(ended_at=time.now())
        SecondFactor.objects.filter(account_id=account.id).delete()
        LinkedIdentity.objects.filter(account_id=account.id).delete()
        account.login = f"gone-{account.id.hex}"
        account.name_enc = account.phone_enc = account.phone_hash = None
        account.work_name = account.home_path = ""
        account.set_unusable_password()
        account.is_active, account.erase_at, account.erased_at = False, None, time.now()
        account.version += 1
        account.save()
        _note(SYSTEM, account, "account.erase", fields=("name", "phone", "home"))
        _tell(SYSTEM, "account.erased", account)
    return True


def _note(actor: Actor, account: Account, verb: str, *, fields: tuple[str, ...] = ()) -> None:
    audit.record(actor, verb, subject_type="account", subject_id=account.id, person_id=account.id, fields=fields)
