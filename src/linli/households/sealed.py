"""Names, numbers and notes: how they are sealed, opened and found. For this room only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.households import identity
from linli.households.models import Person, Proposal
from linli.households.rules import MINOR_BELOW
from linli.kernel import crypto, masking, time
from linli.kernel.crypto import Lookup
from linli.kernel.errors import Invalid
from linli.people.actions.contacts import phone_hash

NAME, PHONE, NUMBER, NOTE = "households.name", "households.phone", "households.number", "households.note"
"""What a sealed value is bound to beside the id of its row: a proposal's and a person's of the same kind are opened alike."""
NAME_LENGTH, PHONE_LENGTH, NOTE_LENGTH = 60, 24, 200


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a person: as it was typed, checked and in clear; never logged, never in an event."""

    name: str = ""
    phone: str = ""
    number: str = ""
    consent_on: date | None = None

    def __repr__(self) -> str:
        return "<Told>"


def checked(told: Told, *, name_needed: bool = True) -> Told:
    """The same, trimmed and checked.

    Raises:
        Invalid: no name, no telephone number, no identity number (GB 11643), or a child without a guardian's consent.
    """
    name = " ".join(told.name.split())[:NAME_LENGTH]
    phone = told.phone.strip()[:PHONE_LENGTH]
    number = "".join(told.number.split()).upper()
    if name_needed and not name:
        raise Invalid("person.name", _("Please give the name."), field="name")
    if phone:
        phone_hash(phone)
    today = time.today()
    if number and not identity.is_valid(number, today=today):
        raise Invalid(
            "person.number",
            _("This is not an identity number."),
            field="number",
            mend=_("Eighteen signs; the last one follows from the others. Check each figure, or leave it empty."),
        )
    if number and is_minor(identity.birth_year(number), today) and told.consent_on is None:
        raise Invalid(
            "person.consent",
            _("A child under fourteen is registered only with a guardian's consent."),
            field="consent",
            mend=_("Give the day on which a parent or guardian agreed, or leave the child out."),
        )
    return Told(name, phone, number, told.consent_on)


def is_minor(birth_year: int, today: date) -> bool:
    """Whether somebody born in a year may still be under fourteen."""
    return today.year - birth_year <= MINOR_BELOW


def fill_person(person: Person, told: Told) -> None:
    """Seal what is told into a person's row, which has its id and is not written yet."""
    if told.name:
        person.name_enc = crypto.seal(NAME, person.id, told.name)
        person.name_hash = crypto.lookup_hash(Lookup.NAME, told.name)
    if told.phone:
        person.phone_enc = crypto.seal(PHONE, person.id, told.phone)
        person.phone_hash = phone_hash(told.phone)
    if told.number:
        person.number_enc = crypto.seal(NUMBER, person.id, told.number)
        person.number_hash = crypto.lookup_hash(Lookup.ID_NUMBER, told.number)
        person.last_four_hash = last_four_hash(told.number)
        person.birth_year = identity.birth_year(told.number)
    person.guardian_consent_on = told.consent_on


def fill_proposal(proposal: Proposal, told: Told, note: str) -> None:
    """Seal what is told into a proposal's row, which has its id and is not written yet."""
    if told.name:
        proposal.name_enc = crypto.seal(NAME, proposal.id, told.name)
    if told.phone:
        proposal.phone_enc = crypto.seal(PHONE, proposal.id, told.phone)
        proposal.phone_hash = phone_hash(told.phone)
    if told.number:
        proposal.number_enc = crypto.seal(NUMBER, proposal.id, told.number)
    if note := note.strip()[:NOTE_LENGTH]:
        proposal.note_enc = crypto.seal(NOTE, proposal.id, note)
    proposal.guardian_consent_on = told.consent_on


def last_four_hash(number: str) -> bytes:
    """The keyed hash of an identity number's last four signs."""
    return crypto.lookup_hash(Lookup.CODE, f"last-four:{identity.last_four(number)}")


def opened(row: Person | Proposal) -> Told:
    """What a row holds, in clear: whoever calls this has asked the policy table, and leaves an audit row."""
    return Told(
        _open(NAME, row.id, row.name_enc),
        _open(PHONE, row.id, row.phone_enc),
        _open(NUMBER, row.id, row.number_enc),
        row.guardian_consent_on,
    )


def note_of(proposal: Proposal) -> str:
    """A proposal's note in clear."""
    return _open(NOTE, proposal.id, proposal.note_enc)


@dataclass(frozen=True, slots=True)
class Masked:
    """A person as everybody in reach may see them: 周**, 138****1234, 5****************X."""

    id: UUID
    name: str
    phone: str
    number: str


def masked(row: Person | Proposal) -> Masked:
    """A row with name and numbers masked."""
    told = opened(row)
    return Masked(
        row.id,
        masking.mask_name(told.name),
        masking.mask_phone(told.phone) if told.phone else "",
        masking.mask_id(told.number) if told.number else "",
    )


def _open(label: str, row_id: UUID, blob: bytes | memoryview | None) -> str:
    return crypto.open_(label, row_id, blob) if blob else ""
