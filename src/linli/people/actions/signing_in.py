"""Signing in: by password, by one-time code, in a demo by one click. The session itself is the door's (``sessions``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids, time
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import ANONYMOUS, Actor, audit
from linli.people import codes, limits
from linli.people.actions.accounts import register_resident
from linli.people.actions.contacts import phone_hash
from linli.people.models import Account, Language, OneTimeCode

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
CODE_FIGURES = 6


@dataclass(frozen=True, slots=True)
class Sent:
    """A code is on its way; ``shown`` holds it where the adapter shows it (a demo), else it is empty."""

    minutes: int
    shown: str = ""


def sign_in_with_password(*, login: str, password: str, network: str = "") -> Account:
    """The account of a login and its password.

    Args:
        network: the address that asks, for the limits only; kept as a keyed hash.

    Raises:
        Invalid: they do not fit; the answer and its time are the same whether the login exists or not.
        TooMany: 10 tries a login, or 100 an address, in 15 minutes.
    """
    login = login.strip().lower()
    limits.count(limits.PASSWORD_BY_LOGIN, login)
    limits.count(limits.PASSWORD_BY_NETWORK, network)
    account = Account.objects.filter(login=login, is_active=True).first()
    if account is None:
        make_password(password)  # as long as a check takes
    if account is None or not check_password(password, account.password, _rehash(account)):
        raise Invalid(
            "sign_in.wrong",
            _("Sign-in name or password is wrong."),
            field="password",
            mend=_("Please check both, or sign in with a code sent to your phone."),
        )
    limits.clear(limits.PASSWORD_BY_LOGIN, login)
    _record(account, "session.password")
    return account


def confirm_password(account_id: UUID, *, password: str, network: str = "") -> None:
    """Whether somebody who is signed in knows the account's password.

    Raises:
        Invalid: it does not fit.
        TooMany: as for signing in.
    """
    account = Account.objects.get(id=account_id)
    limits.count(limits.PASSWORD_BY_LOGIN, account.login)
    limits.count(limits.PASSWORD_BY_NETWORK, network)
    if not account.is_active or not check_password(password, account.password, _rehash(account)):
        raise Invalid("password.wrong", _("The password is wrong."), field="password", mend=_("Please try again."))
    limits.clear(limits.PASSWORD_BY_LOGIN, account.login)


def _rehash(account: Account):  # type: ignore[no-untyped-def]
    def setter(raw: str) -> None:
        account.set_password(raw)
        account.save(update_fields=["password"])

    return setter


def request_code(*, phone: str, network: str = "", language: str = Language.CHINESE) -> Sent:
    """Send a code of six figures to a phone; the answer is the same whether an account has the number or not.

    Raises:
        Invalid: this is no number.
        TooMany: one a minute and five an hour for a number, 60 an hour for an address.
    """
    wanted = phone_hash(phone)
    number = crypto.normal_form(crypto.Lookup.PHONE, phone)
    limits.count(limits.CODE_BY_NETWORK, network)
    limits.count(limits.CODE_BY_PHONE_SOON, number)
    limits.count(limits.CODE_BY_PHONE, number)
    code = f"{ids.random_bits(64) % 10**CODE_FIGURES:0{CODE_FIGURES}d}"
    now = time.now()
    with transaction.atomic():
        # Only the newest code of a number is good.
        OneTimeCode.objects.filter(phone_hash=wanted, used_at__isnull=True).update(used_at=now)
        row_id = ids.new_id()
        OneTimeCode.objects.create(
            id=row_id,
            phone_hash=wanted,
            code_hash=_code_hash(row_id.hex, code),
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
    adapter = codes.sender()
    adapter.send(number, code, language=language)
    return Sent(minutes=int(CODE_LIFE.total_seconds() // 60), shown=code if adapter.shows_code else "")


def _code_hash(row: str, code: str) -> bytes:
    return crypto.lookup_hash(crypto.Lookup.CODE, f"{row}:{code}")


def sign_in_with_code(*, phone: str, code: str, network: str = "") -> Account:
    """The account of a phone, by the code that was sent to it; a number without an account registers as a resident.

    Raises:
        Invalid: the code is wrong, used, older than five minutes, or was tried five times.
        TooMany: 60 tries an address in 15 minutes.
    """
    wanted = phone_hash(phone)
    prove_phone(phone=phone, code=code, network=network)
    with transaction.atomic():
        account = Account.objects.filter(phone_hash=wanted).first()
        if account is None:
            account = register_resident(ANONYMOUS, phone=phone)
        if not account.is_active:
            raise NotFound("account.closed", _("This account is closed."))
        _record(account, "session.code")
    return account


def prove_phone(*, phone: str, code: str, network: str = "") -> None:
    """Use up the code that was sent to a phone: whoever has it has the phone.

    Raises:
        Invalid: the code is wrong, used, older than five minutes, or was tried five times.
        TooMany: 60 tries an address in 15 minutes.
    """
    wanted = phone_hash(phone)
    limits.count(limits.CODE_TRIES_BY_NETWORK, network)
    now = time.now()
    with transaction.atomic():
        row = (
            OneTimeCode.objects.select_for_update()
            .filter(phone_hash=wanted, used_at__isnull=True, expires_at__gt=now, tries__lt=CODE_TRIES)
            .order_by("-created_at")
            .first()
        )
        fits = row is not None and bytes(row.code_hash) == _code_hash(row.id.hex, code.strip())
        if row is not None:
            row.tries += 1
            row.used_at = now if fits else None
            row.save(update_fields=["tries", "used_at"])
    if not fits:  # the try is counted, the refusal comes after the transaction
        raise Invalid(
            "code.wrong",
            _("The code is wrong or no longer good."),
            field="code",
            mend=_("Please check the six figures, or ask for a new code."),
        )


def become(login: str) -> Account:
    """A member of the demo's cast, by one click.

    Raises:
        NotFound: this is no demo, or there is nobody of that name in its cast.
    """
    account = Account.objects.filter(login=login.strip().lower(), is_demo=True, is_active=True).first()
    if account is None or settings.LINLI_MODE != "demo" or not settings.LINLI_DEMO_LOGINS:
        raise NotFound("not_found", _("There is nothing here that you can see."))
    _record(account, "session.become")
    return account


def _record(account: Account, verb: str) -> None:
    who = Actor(role=ANONYMOUS.role, account_id=account.id, name=account.work_name)
    audit.record(who, verb, subject_type="account", subject_id=account.id, person_id=account.id)
