"""Who may be rung back: masked for everybody who sees the matter, in clear only through ``actions.read_contact``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, masking
from linli.kernel.db import in_subtree
from linli.kernel.errors import SignInNeeded
from linli.kernel.models import AuditEntry
from linli.kernel.trust import Actor, audit, context
from linli.people.models import Account, Contact

MASKED = "show masked"


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """A reporter as everybody who sees the matter may see them."""

    id: UUID
    name: str
    phone: str
    has_phone: bool


@dataclass(frozen=True, slots=True)
class PlainContact:
    """A reporter in clear; whoever holds one has left an audit row."""

    id: UUID
    account_id: UUID | None
    name: str
    phone: str
    address: str


def opened(contact: Contact) -> PlainContact:
    """The contact's fields in clear; for this room only."""
    return PlainContact(
        id=contact.id,
        account_id=contact.account_id,
        name=open_field("people_contact.name", contact.id, contact.name_enc),
        phone=open_field("people_contact.phone", contact.id, contact.phone_enc),
        address=open_field("people_contact.address", contact.id, contact.address_enc),
    )


def open_field(table: str, row_id: UUID, sealed: bytes | memoryview | None) -> str:
    """A sealed field in clear, an empty one as ``""``."""
    return crypto.open_(table, row_id, sealed) if sealed else ""


def masked_contacts(
    actor: Actor, contact_ids: Iterable[UUID], *, district: str, reach: str | None = None
) -> dict[UUID, MaskedContact]:
    """Contacts with their names and numbers masked; those out of the actor's reach are left out.

    Args:
        district: of the contacts; the caller has asked the policy table about the matters they belong to.
        reach: the area to read in, the district unless told.
    """
    with context.personal(actor, purpose=MASKED, reach=district if reach is None else reach):
        rows = list(Contact.objects.filter(district=district, id__in=list(contact_ids)))
    found = {}
    for row in rows:
        plain = opened(row)
        found[row.id] = MaskedContact(
            row.id, masking.mask_name(plain.name), masking.mask_phone(plain.phone), bool(plain.phone)
        )
    return found


def masked_contact(actor: Actor, contact_id: UUID, *, district: str, reach: str | None = None) -> MaskedContact | None:
    """One contact, masked; ``None`` when it is out of the actor's reach."""
    return masked_contacts(actor, [contact_id], district=district, reach=reach).get(contact_id)


def contacts_with_phone(actor: Actor, phone: str, *, district: str) -> list[UUID]:
    """The contacts of a district that were left with this number, the newest first: a caller's history.

    Row-level security keeps to the actor's reach.

    Raises:
        ValueError: ``phone`` is not a number.
    """
    wanted = crypto.lookup_hash(crypto.Lookup.PHONE, phone)
    with context.personal(actor, purpose="find a caller's history"):
        return list(
            Contact.objects.filter(district=district, phone_hash=wanted)
            .order_by("-created_at")
            .values_list("id", flat=True)[:50]
        )


def masked_account(account: Account) -> tuple[str, str]:
    """Name and number of an account, masked."""
    name = open_field("people_account.name", account.id, account.name_enc)
    phone = open_field("people_account.phone", account.id, account.phone_enc)
    return masking.mask_name(name), masking.mask_phone(phone)


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of a person's data, as that person may read it."""

    at: datetime
    role: str
    name: str
    purpose: str
    fields: tuple[str, ...]
    subject_type: str
    subject_id: str


def looks_at_me(actor: Actor, *, limit: int = 100, offset: int = 0) -> list[Look]:
    """Who looked at the actor's own data, the newest first; nobody else's."""
    if actor.account_id is None:
        return []
    rows = AuditEntry.objects.filter(person_id=actor.account_id, verb__endswith=".read").order_by("-at")[
        offset : offset + limit
    ]
    return [
        Look(
            row.at,
            row.role,
            row.actor_name,
            audit.said(row.purpose),
            tuple(row.fields),
            row.subject_type,
            row.subject_id,
        )
        for row in rows
    ]


def contacts_in(actor: Actor, path: str, *, purpose: str) -> int:
    """How many contacts lie in a subtree that the actor's context lets through."""
    with context.personal(actor, purpose=purpose):
        return Contact.objects.filter(in_subtree("area_path", path)).count()


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account in clear, for the person whose it is."""

    name: str
    phone: str
    language: str
    home_path: str
    since: datetime
    erase_at: datetime | None


def own_account(actor: Actor) -> OwnAccount:
    """The actor's own account, in clear.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    account = Account.objects.get(id=actor.account_id)
    return OwnAccount(
        open_field("people_account.name", account.id, account.name_enc),
        open_field("people_account.phone", account.id, account.phone_enc),
        account.language,
        account.home_path,
        account.date_joined,
        account.erase_at,
    )
