"""Where a person wants to be reached: given, verified by a code that goes there, taken back."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor
from linli.notices import channels, words
from linli.notices.actions.reading import own_account
from linli.notices.channels import push
from linli.notices.models import Address, Channel, Delivery, DeliveryState
from linli.notices.sending import ADDRESS_TABLE
from linli.people import limits

CODE_MINUTES = 30
MOST_TRIES = 5
MOST_ADDRESSES = 5
CODES_BY_ACCOUNT = limits.Limit("notices:code", 5, 3600)
CODES_BY_ADDRESS = limits.Limit("notices:code:to", 3, 3600)


def add_address(actor: Actor, *, channel: Channel | str, value: str, language: str) -> tuple[Address, str]:
    """Note an e-mail address, a telephone number or a WeChat id, and send a code there; it is used once the code came back.

    Returns:
        The address, and the code where it goes nowhere else: in a demo without that channel.

    Raises:
        Invalid: it is none, or the channel is not offered.
        Conflict: one has as many addresses as one may.
        TooMany: too many codes were asked for.
        NotTaken, Refused, Gone: the code could not be sent.
    """
    account = own_account(actor)
    adapter = channels.adapter(channel) if channel in Channel.values and channel != Channel.PUSH else None
    if adapter is None:
        raise Invalid("notices.channel", _("This channel is not offered here."), field="channel")
    kind = Channel(channel)
    clean, label = _clean(kind, value)
    limits.count(CODES_BY_ACCOUNT, str(account))
    limits.count(CODES_BY_ADDRESS, f"{kind}:{clean}")
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        address = _kept(account, kind, clean, label)
        if address.verified_at is None:
            address.code_hash, address.tries = _hash(address.id, code), 0
            address.code_until = time.now() + timedelta(minutes=CODE_MINUTES)
            address.save(update_fields=["code_hash", "code_until", "tries"])
    if address.verified_at is not None:
        return address, ""
    adapter.send(clean, words.code_message(code, identity=str(ids.new_id()), language=language))
    return address, code if channels.shows_code(kind) else ""


def _clean(channel: Channel, value: str) -> tuple[str, str]:
    text = value.strip()
    match channel:
        case Channel.EMAIL:
            try:
                validate_email(text)
            except ValidationError:
                raise Invalid("notices.email", _("This is no e-mail address."), field="value") from None
            name, _at, host = text.rpartition("@")
            return text, f"{name[:1]}***@{host}"[:60]
        case Channel.SMS:
            try:
                number = crypto.normal_form(crypto.Lookup.PHONE, text)
            except ValueError:
                number = ""
            if not 6 <= len(number) <= 16:
                raise Invalid("notices.phone", _("This is no telephone number."), field="value")
            return number, f"{number[:3]}****{number[-4:]}"
        case _:
            if not 6 <= len(text) <= 64 or not text.isascii() or not text.replace("-", "").replace("_", "").isalnum():
                raise Invalid("notices.wechat", _("This is no id of the service account."), field="value")
            return text, f"{text[:3]}***"


def _kept(account: UUID, channel: Channel, clean: str, label: str) -> Address:
    found = crypto.lookup_hash(crypto.Lookup.NAME, f"notices:{channel}:{clean}")
    address = Address.objects.select_for_update().filter(account_id=account, channel=channel, value_hash=found).first()
    if address is not None:
        if address.gone_at is not None:  # it is tried anew, from the beginning
            address.gone_at = address.verified_at = None
            address.save(update_fields=["gone_at", "verified_at"])
        return address
    if Address.objects.filter(account_id=account, channel=channel).count() >= MOST_ADDRESSES:
        raise Conflict(
            "notices.addresses_full",
            _("You have as many addresses as one may."),
            mend=_("Take back one of them first."),
        )
    address_id = ids.new_id()
    return Address.objects.create(
        id=address_id, account_id=account, channel=channel, value_enc=crypto.seal(ADDRESS_TABLE, address_id, clean),
        value_hash=found, label=label, made_at=time.now(),
    )  # fmt: skip


def _hash(address_id: UUID, code: str) -> bytes:
    return crypto.lookup_hash(crypto.Lookup.CODE, f"{address_id}{code}")


def verify_address(actor: Actor, address_id: UUID, *, code: str) -> Address:
    """Give back the code that came to an address: from now on it is used.

    Raises:
        NotFound: it is not one's own.
        Invalid: the code is wrong, too old, or was tried too often.
    """
    account = own_account(actor)
    with transaction.atomic():
        address = Address.objects.select_for_update().filter(id=address_id, account_id=account).first()
        if address is None:
            raise NotFound("notices.no_address", _("There is no such address."))
        if address.verified_at is not None:
            return address
        good = (
            address.code_hash is not None
            and address.code_until is not None
            and time.now() < address.code_until
            and address.tries < MOST_TRIES
            and code.strip().isdigit()
            and hmac.compare_digest(bytes(address.code_hash), _hash(address.id, code.strip()))
        )
        if good:
            address.verified_at, address.code_hash, address.code_until = time.now(), None, None
        else:
            address.tries = min(address.tries + 1, MOST_TRIES)
        address.save(update_fields=["verified_at", "code_hash", "code_until", "tries"])
    if not good:
        raise Invalid(
            "notices.code",
            _("This code is not right, or too old."),
            field="code",
            mend=_("Ask for a new one if need be."),
        )
    return address


def subscribe_device(actor: Actor, *, endpoint: str, p256dh: str, auth: str, name: str) -> Address:
    """Let this browser's device be pushed to. The browser asked its owner, so it needs no code.

    Args:
        name: what its owner calls it, or the browser's own name.

    Raises:
        Invalid: it is no subscription, or web push is not offered.
        Conflict: one has as many devices as one may.
    """
    account = own_account(actor)
    if channels.adapter(Channel.PUSH) is None:
        raise Invalid("notices.channel", _("This channel is not offered here."), field="channel")
    value = push.subscription(endpoint, p256dh, auth)
    with transaction.atomic():
        address = _kept(account, Channel.PUSH, value, name.strip()[:60])
        address.verified_at = address.verified_at or time.now()
        address.save(update_fields=["verified_at"])
    return address


def remove_address(actor: Actor, address_id: UUID) -> None:
    """Take back an address; what is on its way there is not sent any more.

    Raises:
        NotFound: it is not one's own.
    """
    gone = Address.objects.filter(id=address_id, account_id=own_account(actor)).delete()[0]
    if not gone:
        raise NotFound("notices.no_address", _("There is no such address."))


def unsubscribe(address: Address) -> None:
    """Stop an address from the link in its e-mails; its owner can add it again on the settings page."""
    now = time.now()
    with transaction.atomic():
        Address.objects.filter(id=address.id, gone_at__isnull=True).update(gone_at=now)
        Delivery.objects.filter(address_id=address.id, state=DeliveryState.WAITING).update(state=DeliveryState.DROPPED)
