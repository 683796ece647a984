"""The services as the house reads them: in memory, whole, for one moment and one district."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from linli.catalog import words
from linli.services import rules, search
from linli.services.models import ServiceVersion, Way


def _clock_time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


@dataclass(frozen=True, slots=True)
class Booking:
    """The windows of a service: which areas have their own, when they are, and how many people each takes."""

    level: str
    windows: tuple[tuple[time, time], ...]
    seats: int
    days: int
    weekdays: frozenset[int]
    notice: timedelta

    @staticmethod
    def of(data: dict[str, Any]) -> Booking:
        """From a version's JSON."""
        windows = []
        for text in data["windows"]:
            first, last = text.split("-")
            windows.append((_clock_time(first), _clock_time(last)))
        return Booking(
            data["level"], tuple(windows), int(data["seats"]), int(data["days"]),
            frozenset(int(day) for day in str(data["weekdays"])), timedelta(hours=float(data["notice_hours"])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Material:
    """One document of a service's list, and how it is had: ``proof:…``, ``field:…``, ``fact:…``, ``consent``, ``report``, ``page``."""

    zh: str
    en: str
    how: tuple[str, ...]

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.zh if language.startswith("zh") or not self.en else self.en


@dataclass(frozen=True, slots=True)
class Entry:
    """One service as it is done in one scope from one moment to another."""

    version_id: UUID
    code: str
    identifier: str
    position: int
    scope: str
    valid_from: datetime
    valid_to: datetime | None
    name_zh: str
    name_en: str
    group: str
    department_zh: str
    department_en: str
    function: str
    mode: str
    way: Way
    category: str
    page: str
    identity_level: int
    proxy_allowed: bool
    community_assist: bool
    fee: str
    days: int
    minutes: int
    clock: str
    sensitivity: str
    channels: tuple[str, ...]
    place_zh: str
    place_en: str
    hours_zh: str
    hours_en: str
    phone: str
    materials: tuple[Material, ...]
    form: tuple[tuple[str, ...], ...]
    proofs: tuple[str, ...]
    needs_address: bool
    gives: str
    result_zh: str
    result_en: str
    words_zh: tuple[str, ...]
    words_en: tuple[str, ...]
    booking: Booking | None
    is_common: bool
    keep_days: int
    basis: str

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def department(self, language: str) -> str:
        """Whose service it is."""
        return self.department_zh if language.startswith("zh") else self.department_en

    def place(self, language: str) -> str:
        """Where it is done by those who go there."""
        return self.place_zh if language.startswith("zh") else self.place_en

    def hours(self, language: str) -> str:
        """When."""
        return self.hours_zh if language.startswith("zh") else self.hours_en

    def result(self, language: str) -> str:
        """What one gets; ``""`` for advice alone."""
        return self.result_zh if language.startswith("zh") or not self.result_en else self.result_en

    @property
    def is_online(self) -> bool:
        """Whether an application can be made here."""
        return self.way in (Way.FORM, Way.BOOKING)

    @property
    def needs_account(self) -> bool:
        """Whether the department needs to know who somebody is, so that an account is needed."""
        return self.identity_level >= 2

    @property
    def needs_identity_number(self) -> bool:
        """Whether the identity number is needed, by which departments find a person."""
        return "identity" in self.proofs

    @property
    def is_unverified(self) -> bool:
        """Whether its limit is usual and not yet confirmed by the department."""
        return self.basis == "K"

    def questions(self) -> list[rules.Question]:
        """The questions of its form, in their order."""
        known = rules.questions()
        return [known[code] for page in self.form for code in page]

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class Catalogue:
    """The services in force at one moment in one district; the district's own version goes before the city's."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.code: entry for entry in sorted(entries, key=lambda entry: entry.position)}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, code: str) -> Entry | None:
        """A service by its code."""
        return self._entries.get(code)

    def all(self) -> list[Entry]:
        """Every service in its order."""
        return list(self._entries.values())

    def groups(self) -> list[tuple[rules.Group, list[Entry]]]:
        """The groups with their services, to browse."""
        members: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._entries.values():
            members[entry.group].append(entry)
        return [(group, members[group.code]) for group in rules.groups().values() if members[group.code]]

    @cached_property
    def _index(self) -> search.Index:
        return search.Index(
            {
                entry.code: words.Document(
                    names=(entry.name_zh, entry.name_en),
                    keywords=entry.words_zh + entry.words_en,
                    weight=entry.position,
                )
                for entry in self._entries.values()
            }
        )

    def search(self, text: str, *, limit: int = 8) -> list[Entry]:
        """The services that fit what somebody wrote, the best first; empty when nothing does."""
        return [self._entries[code] for code in self._index.search(text)][:limit]


_PLAIN = {one.name for one in fields(Entry)} - {
    "version_id", "code", "identifier", "position", "way", "channels", "materials", "form", "proofs", "words_zh", "words_en", "booking",
}  # fmt: skip


def entry_of(version: ServiceVersion) -> Entry:
    """The entry of a row whose service is at hand."""
    return Entry(
        version_id=version.id,
        code=version.service_id,
        identifier=version.service.identifier,
        position=version.service.position,
        way=Way(version.way),
        channels=tuple(version.channels),
        materials=tuple(Material(one["zh"], one["en"], tuple(one["how"])) for one in version.materials),
        form=tuple(tuple(page) for page in version.form),
        proofs=tuple(dict.fromkeys(version.proofs)),
        words_zh=tuple(version.words_zh),
        words_en=tuple(version.words_en),
        booking=Booking.of(version.booking) if version.booking else None,
        **{name: getattr(version, name) for name in _PLAIN},
    )
