"""The link in every e-mail by which its reader stops them without signing in: signed, for one address, for a year."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.urls import reverse

from linli.notices import words
from linli.notices.models import Address

SALT = "linli.notices.unsubscribe"
GOOD_SECONDS = 366 * 24 * 3600


def link(address: Address) -> str:
    """The absolute link for an address; empty while the house does not know its own."""
    return words.absolute(reverse("notices:unsubscribe", args=[token(address)]))


def token(address: Address) -> str:
    """What the link holds: the address's id, signed."""
    return signing.dumps(address.id.hex, salt=SALT)


def read(text: str) -> Address | None:
    """The address of a link; ``None`` when the link is none of ours, too old, or the address is no more."""
    try:
        found = signing.loads(text, salt=SALT, max_age=GOOD_SECONDS)
        return Address.objects.filter(id=UUID(hex=found)).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
