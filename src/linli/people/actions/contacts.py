"""Contacts: stored with a report, read with a purpose."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, audit, context, policy
from linli.people.models import Account, Contact
from linli.people.queries.contacts import PlainContact, open_field, opened

NAME_LENGTH, PHONE_LENGTH, ADDRESS_LENGTH = 60, 24, 200


def new_contact(
    *, district: str, area_path: str, account_id: UUID | None = None, name: str = "", phone: str = "", address: str = ""
) -> Contact:
    """A contact that is not yet written, with its fields sealed: for whoever writes several rows in one statement.

    Raises:
        Invalid: the number is none.
    """
    contact = Contact(id=ids.new_id(), district=district, area_path=area_path, account_id=account_id)
    if name := name.strip()[:NAME_LENGTH]:
        contact.name_enc = crypto.seal("people_contact.name", contact.id, name)
    if phone := phone.strip()[:PHONE_LENGTH]:
        contact.phone_hash = phone_hash(phone)
        contact.phone_enc = crypto.seal("people_contact.phone", contact.id, phone)
    if address := address.strip()[:ADDRESS_LENGTH]:
        contact.address_enc = crypto.seal("people_contact.address", contact.id, address)
    return contact


def store_contact(
    *, district: str, area_path: str, account_id: UUID | None = None, name: str = "", phone: str = "", address: str = ""
) -> UUID:
    """Write a contact in the transaction that is open; row-level security lets anybody add one.

    Raises:
        Invalid: the number is none.
    """
    contact = new_contact(
        district=district, area_path=area_path, account_id=account_id, name=name, phone=phone, address=address
    )
    contact.save(force_insert=True)
    return contact.id


def phone_hash(phone: str, *, field: str = "phone") -> bytes:
    """The keyed hash by which a number is found.

    Raises:
        Invalid: it is no number.
    """
    try:
        normal = crypto.normal_form(crypto.Lookup.PHONE, phone)
        if not 5 <= len(normal) <= 16:
            raise ValueError("length")
        return crypto.lookup_hash(crypto.Lookup.PHONE, phone)
    except ValueError:
        raise Invalid(
            "phone.invalid",
            _("This is not a telephone number."),
            field=field,
            mend=_("Please enter the figures only, for example 13800001234."),
        ) from None


def read_contact(
    actor: Actor,
    contact_id: UUID,
    *,
    district: str,
    purpose: str,
    matter: policy.Subject,
    verb: str = "case.read_reporter",
    subject_type: str = "contact",
    subject_id: UUID | None = None,
) -> PlainContact:
    """Read a contact in clear; the person can read that it was read, by which post and why.

    Args:
        district: of the contact.
        purpose: why, in words.
        matter: what the contact belongs to; the table is asked about it.
        subject_type, subject_id: what the audit row names, the contact itself unless told.

    Raises:
        Invalid: no purpose is given.
        NotFound, Forbidden: the post may not.
    """
    purpose = _purpose(purpose)
    policy.require(actor, verb, matter, view="case.view")
    # The table has let the actor at this matter, which may lie outside the post's own area, or have moved since it was
    # reported: the database is told the district in which the contact was left.
    with context.personal(actor, purpose=purpose, reach=district):
        contact = Contact.objects.filter(district=district, id=contact_id).first()
        if contact is None:
            raise NotFound("contact.none", _("There is no contact for this."))
        plain = opened(contact)
        fields = tuple(name for name in ("name", "phone", "address") if getattr(plain, name))
        audit.record(
            actor,
            "contact.read",
            subject_type=subject_type,
            subject_id=subject_id or contact_id,
            district=district,
            person_id=contact.account_id,
            purpose=purpose,
            fields=fields,
        )
    return plain


def read_account(
    actor: Actor,
    account_id: UUID,
    *,
    purpose: str,
    matter: policy.Subject | None = None,
    verb: str = "case.read_reporter",
    subject_type: str = "account",
    subject_id: UUID | None = None,
    district: str = "",
) -> PlainContact:
    """Read an account's name and number in clear with an audit row: one's own, by the security administrator, or in a matter.

    Args:
        purpose: why, in words.
        matter: what the person takes part in, for whoever may read a contact of it; the table is asked about it.
        subject_type, subject_id: what the audit row names, the account itself unless told.
        district: of the matter.

    Raises:
        Invalid: no purpose is given for somebody else's.
        NotFound: there is no such account, or none that the actor may see.
    """
    account = Account.objects.filter(id=account_id).first()
    own = account_id == actor.account_id
    concerned = matter is not None and account_id in matter.policy_accounts() and policy.allows(actor, verb, matter)
    if account is None or not (own or concerned or policy.allows(actor, "account.view")):
        raise NotFound("account.none", _("There is no such account."))
    plain = PlainContact(
        id=account.id,
        account_id=account.id,
        name=open_field("people_account.name", account.id, account.name_enc),
        phone=open_field("people_account.phone", account.id, account.phone_enc),
        address="",
    )
    if not own:
        purpose = _purpose(purpose)
        fields = tuple(name for name in ("name", "phone") if getattr(plain, name))
        audit.record(
            actor,
            "account.read",
            subject_type=subject_type,
            subject_id=subject_id or account_id,
            district=district,
            person_id=account_id,
            purpose=purpose,
            fields=fields,
        )
    return plain


def _purpose(purpose: str) -> str:
    purpose = purpose.strip()[:200]
    if not purpose:
        raise Invalid(
            "purpose.missing",
            _("Please say what you need this for."),
            field="purpose",
            mend=_("The person can read who looked and why."),
        )
    return purpose
