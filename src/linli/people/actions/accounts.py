"""Accounts: residents register themselves, the security administrator makes those of staff."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, events, ids, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.trust import Actor, audit, policy
from linli.people.actions.contacts import phone_hash
from linli.people.models import Account, DeviceSession, Language, TextSize, Theme
from linli.people.queries.screens import phones_matching

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
NO_DISTRICT = "000000"


def create_account(
    actor: Actor,
    *,
    login: str,
    name: str = "",
    work_name: str = "",
    phone: str = "",
    password: str | None = None,
    language: Language = Language.CHINESE,
) -> Account:
    """Make an account for a member of staff, by the security administrator.

    Args:
        login: 2 to 64 small letters, figures and ``. _ @ + -``; capitals are made small.
        name: the person's name, sealed.
        work_name: what colleagues see.
        password: without one the person signs in by one-time code.

    Raises:
        Invalid: the login, number or password cannot be used.
        Conflict: the login or the number is taken.
    """
    policy.require(actor, "account.edit")
    with transaction.atomic():
        account = _make(login=login, name=name, work_name=work_name, phone=phone, password=password, language=language)
        audit.record(actor, "account.create", subject_type="account", subject_id=account.id, person_id=account.id)
        _tell(actor, "account.created", account)
    return account


def register_resident(
    actor: Actor,
    *,
    phone: str,
    name: str = "",
    home_path: str = "",
    login: str = "",
    password: str | None = None,
    language: Language = Language.CHINESE,
) -> Account:
    """Make a resident's own account, after the number was shown to be theirs by a code.

    Args:
        home_path: the micro-grid in which the person lives, where they told.
        login: made up unless given.

    Raises:
        Invalid: the number, login or password cannot be used.
        Conflict: the number or the login is taken.
    """
    with transaction.atomic():
        account = _make(
            login=login or f"r{ids.new_id().hex[8:]}",
            name=name,
            work_name="",
            phone=phone,
            password=password,
            language=language,
            home_path=home_path,
        )
        _tell(actor, "account.registered", account)
    return account


def _make(
    *,
    login: str,
    name: str,
    work_name: str,
    phone: str,
    password: str | None,
    language: Language,
    home_path: str = "",
) -> Account:
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise Invalid(
            "login.invalid",
            _("This sign-in name cannot be used."),
            field="login",
            mend=_("Use 2 to 64 letters or figures, without spaces."),
        )
    account = Account(
        id=ids.new_id(),
        login=login,
        work_name=work_name.strip()[:40],
        home_path=home_path,
        language=language,
        date_joined=time.now(),
    )
    if name := name.strip()[:60]:
        account.name_enc = crypto.seal("people_account.name", account.id, name)
    if phone := phone.strip():
        account.phone_hash = phone_hash(phone)
        account.phone_enc = crypto.seal("people_account.phone", account.id, phone)
    _choose_password(account, password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        field = "phone" if "people_account_phone" in str(error) else "login"
        taken = _("This number already has an account.") if field == "phone" else _("This sign-in name is taken.")
        raise Conflict(f"{field}.taken", taken, field=field) from None
    return account


def _choose_password(account: Account, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, account)
        except ValidationError as error:
            raise Invalid("password.weak", " ".join(error.messages), field="password") from None
    account.set_password(password)


def set_password(actor: Actor, account_id: UUID, *, password: str) -> None:
    """Choose a new password: one's own, or somebody's by the security administrator. Every sign-in of the account ends.

    Raises:
        Invalid: it is too weak.
        NotFound: there is no account that the actor may change.
    """
    with transaction.atomic():
        account = _lock(actor, account_id)
        _choose_password(account, password)
        account.version += 1
        account.save(update_fields=["password", "version"])
        audit.record(actor, "account.password", subject_type="account", subject_id=account.id, person_id=account.id)
        _tell(actor, "account.password_changed", account)


def change_preferences(
    actor: Actor,
    *,
    language: Language | None = None,
    text_size: TextSize | None = None,
    theme: Theme | None = None,
) -> Account:
    """Change one's own language, type size or colours.

    Raises:
        NotFound: nobody is signed in.
    """
    chosen: dict[str, Any] = {"language": language, "text_size": text_size, "theme": theme}
    chosen = {field: value for field, value in chosen.items() if value is not None}
    with transaction.atomic():
        account = _lock(actor, actor.account_id)
        for field, value in chosen.items():
            setattr(account, field, value)
        if chosen:
            account.display_kept_at = time.now()
            account.save(update_fields=[*chosen, "display_kept_at"])
    return account


def set_home(actor: Actor, *, home_path: str) -> Account:
    """Say in which micro-grid one lives, or take it back with ``""``.

    Raises:
        NotFound: nobody is signed in.
    """
    with transaction.atomic():
        account = _lock(actor, actor.account_id)
        account.home_path = home_path
        account.version += 1
        account.save(update_fields=["home_path", "version"])
    return account


def close_account(actor: Actor, account_id: UUID, *, reason: str) -> None:
    """Close an account at once, by the security administrator: no sign-in works, its posts stop acting.

    Raises:
        Forbidden: it is one's own.
        NotFound: there is none.
    """
    policy.require(actor, "account.edit")
    if account_id == actor.account_id:
        raise Forbidden("account.own", _("You cannot close your own account."))
    with transaction.atomic():
        account = _lock(actor, account_id)
        account.is_active = False
        account.version += 1
        account.save(update_fields=["is_active", "version"])
        for device in DeviceSession.objects.filter(account_id=account_id, ended_at__isnull=True):
            _end(device)
        audit.record(
            actor,
            "account.close",
            subject_type="account",
            subject_id=account.id,
            person_id=account.id,
            purpose=reason.strip()[:200],
        )
        _tell(actor, "account.closed", account)


def end_device_session(actor: Actor, device_id: UUID) -> None:
    """End the sign-in of one device at once: one's own, a grid member's in one's area, or anybody's by the security administrator.

    Raises:
        NotFound: there is none that the actor may end.
    """
    with transaction.atomic():
        device = DeviceSession.objects.select_for_update().filter(id=device_id, ended_at__isnull=True).first()
        own = device is not None and device.account_id == actor.account_id
        reach = policy.reach(actor, "session.end")
        over = "area" in reach and phones_matching(actor).filter(id=device_id).exists()
        if device is None or not (own or over or "city" in reach):
            raise NotFound("device.none", _("There is no such device."))
        _end(device)
        audit.record(actor, "session.end", subject_type="device", subject_id=device.id, person_id=device.account_id)


def end_other_devices(actor: Actor, *, here: UUID | None) -> int:
    """End one's sign-ins on all devices but the one in hand.

    Args:
        here: the device that stays signed in.

    Returns:
        How many were ended.
    """
    with transaction.atomic():
        account = _lock(actor, actor.account_id)
        others = DeviceSession.objects.select_for_update().filter(account=account, ended_at__isnull=True)
        ended = [device for device in others.order_by("id") if device.id != here]
        for device in ended:
            _end(device)
            audit.record(actor, "session.end", subject_type="device", subject_id=device.id, person_id=account.id)
    return len(ended)


def _end(device: DeviceSession) -> None:
    Session.objects.filter(session_key=device.session_key).delete()
    device.ended_at = time.now()
    device.save(update_fields=["ended_at"])


def _lock(actor: Actor, account_id: UUID | None) -> Account:
    account = Account.objects.select_for_update().filter(id=account_id).first() if account_id else None
    if account is None or not (account.id == actor.account_id or policy.allows(actor, "account.edit")):
        raise NotFound("account.none", _("There is no such account."))
    return account


def _tell(actor: Actor, kind: str, account: Account) -> None:
    home = district_of(account.home_path) if account.home_path else ""
    events.append(
        kind,
        subject_type="account",
        subject_id=account.id,
        sequence=account.version,
        district=home or actor.district or NO_DISTRICT,
        area_path="",
        actor=actor,
    )
