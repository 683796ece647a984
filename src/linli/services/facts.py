"""Which facts a service needs, which of them are asked, and which no longer are. Pure but for the words it uses.

``docs/algorithms/facts-asked.md`` gives the rule. A fact is *held* when the platform has it of this person, *fetched* when a
department vouches for it, *asked* otherwise. Optional questions are not counted: nobody needs to answer them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.people.models import DataClass
from linli.services import rules
from linli.services.snapshot import Entry


class Person(StrEnum):
    """The facts about a person that are the same for every service."""

    NAME = "name"
    PHONE = "phone"
    HOME = "home"
    ADDRESS = "address"
    IDENTITY_NUMBER = "identity_number"
    RELATIVE_NAME = "relative_name"
    RELATIVE_PHONE = "relative_phone"
    RELATION = "relation"


LABELS: dict[Person, str | Promise] = {
    Person.NAME: _("Full name"),
    Person.PHONE: _("Phone number"),
    Person.HOME: _("Community"),
    Person.ADDRESS: _("Address"),
    Person.IDENTITY_NUMBER: _("Identity number"),
    Person.RELATIVE_NAME: _("The relative's name"),
    Person.RELATIVE_PHONE: _("The relative's phone number"),
    Person.RELATION: _("Relation"),
}
CLASSES: dict[Person, DataClass] = {
    Person.NAME: DataClass.PERSONAL,
    Person.PHONE: DataClass.PERSONAL,
    Person.HOME: DataClass.INTERNAL,
    Person.ADDRESS: DataClass.SENSITIVE,
    Person.IDENTITY_NUMBER: DataClass.SENSITIVE,
    Person.RELATIVE_NAME: DataClass.PERSONAL,
    Person.RELATIVE_PHONE: DataClass.PERSONAL,
    Person.RELATION: DataClass.PERSONAL,
}
KEPT = frozenset({Person.ADDRESS, Person.IDENTITY_NUMBER})
"""The person's facts for which an earlier application's answer may stand in."""


class How(StrEnum):
    """How a fact is had."""

    ASKED = "asked"
    HELD = "held"
    FETCHED = "fetched"


@dataclass(frozen=True, slots=True)
class Needed:
    """One fact that a service needs, and how it is had."""

    code: str
    label: str
    how: How


@dataclass(frozen=True, slots=True)
class Count:
    """How many facts a service asks, and how many it no longer asks."""

    needed: tuple[Needed, ...]

    @property
    def asked(self) -> int:
        """Facts that the resident gives."""
        return sum(one.how == How.ASKED for one in self.needed)

    @property
    def spared(self) -> int:
        """Facts that nobody asks any more."""
        return len(self.needed) - self.asked

    def of(self, how: How) -> list[Needed]:
        """The facts that are had in one way."""
        return [one for one in self.needed if one.how == how]


def person_facts(entry: Entry) -> list[Person]:
    """The facts about the person that a service needs."""
    found = [Person.HOME]
    if entry.identity_level >= 1:
        found = [Person.NAME, Person.PHONE, Person.HOME]
    if entry.needs_address:
        found.append(Person.ADDRESS)
    if entry.needs_identity_number:
        found.append(Person.IDENTITY_NUMBER)
    return found


def count(entry: Entry, *, held: Collection[str], language: str) -> Count:
    """The facts of a service, each with how it is had.

    Args:
        held: codes of the facts that the platform holds of this person: of :class:`Person` and of questions.
    """
    if not entry.is_online:
        return Count(())
    needed = [Needed(str(one), str(LABELS[one]), How.HELD if one in held else How.ASKED) for one in person_facts(entry)]
    needed += [
        Needed(one.code, one.called(language), How.HELD if one.keep and one.code in held else How.ASKED)
        for one in entry.questions()
        if one.required
    ]
    known = rules.proofs()
    needed += [Needed(f"proof:{code}", known[code].called(language), How.FETCHED) for code in entry.proofs]
    return Count(tuple(needed))


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def identity_number(text: str) -> str | None:
    """A citizen identity number in its written form, or ``None`` when it cannot be one (GB 11643-1999: ISO 7064 mod 11-2)."""
    plain = "".join(text.split()).upper()
    if len(plain) != 18 or not plain[:17].isdecimal() or not plain.isascii():
        return None
    total = sum(int(figure) * weight for figure, weight in zip(plain[:17], _WEIGHTS, strict=True))
    return plain if _CHECK[total % 11] == plain[17] else None
