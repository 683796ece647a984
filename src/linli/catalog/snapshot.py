"""The catalogue as the house reads it: in memory, whole, for one moment and one district."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from linli.catalog import words
from linli.catalog.models import CategoryGroup, CategoryVersion, Clock, Handler, Intake, Level, Sensitivity, Severity


@dataclass(frozen=True, slots=True)
class Group:
    """A group to browse by."""

    code: str
    name_zh: str
    name_en: str
    icon: str
    position: int

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Entry:
    """One category as it is dealt with in one scope from one moment to another; limits in minutes of its ``clock``."""

    version_id: UUID
    code: str
    identifier: str
    group: str
    position: int
    scope: str
    valid_from: datetime
    valid_to: datetime | None
    name_zh: str
    name_en: str
    keywords_zh: tuple[str, ...]
    keywords_en: tuple[str, ...]
    severity: Severity
    clock: Clock
    respond_minutes: int
    resolve_minutes: int
    sign_in_minutes: int
    intake: Intake
    first_level: Level
    first_handler: Handler
    first_handler_note: str
    lead_function: str
    lead_note: str
    co_functions: tuple[str, ...]
    resident_reportable: bool
    call_first_zh: str
    call_first_en: str
    call_first_numbers: tuple[str, ...]
    sensitivity: Sensitivity
    evidence_required: tuple[str, ...]
    close_condition_zh: str
    close_condition_en: str
    basis: str

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def call_first(self, language: str) -> str:
        """Whom to ring before or instead of reporting, in words; ``""`` for nobody."""
        return self.call_first_zh if language.startswith("zh") else self.call_first_en

    def close_condition(self, language: str) -> str:
        """What must be true before it is closed."""
        return self.close_condition_zh if language.startswith("zh") else self.close_condition_en

    @property
    def is_danger(self) -> bool:
        """Whether the emergency number comes before the form and the clock never stops for the night."""
        return self.severity == Severity.DANGER

    @property
    def is_restricted(self) -> bool:
        """Whether only the named handlers may see such a case."""
        return self.sensitivity == Sensitivity.RESTRICTED

    @property
    def becomes_case(self) -> bool:
        """Whether a report of it is registered; else the page only shows whom to ring."""
        return self.intake == Intake.CASE

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class Catalogue:
    """The categories in force at one moment in one district; the district's own version goes before the city's."""

    def __init__(self, entries: Iterable[Entry], groups: Mapping[str, Group]) -> None:
        self._entries = {entry.code: entry for entry in sorted(entries, key=lambda entry: entry.position)}
        self._groups = groups

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def get(self, code: str) -> Entry | None:
        """A category by its code."""
        return self._entries.get(code)

    def all(self, *, residents: bool = False) -> list[Entry]:
        """Every category in its order; with ``residents`` only those that a resident may report."""
        return [entry for entry in self._entries.values() if entry.resident_reportable or not residents]

    def groups(self, *, residents: bool = False) -> list[tuple[Group, list[Entry]]]:
        """The groups with their categories, to browse."""
        members: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.all(residents=residents):
            members[entry.group].append(entry)
        ordered = sorted(self._groups.values(), key=lambda group: group.position)
        return [(group, members[group.code]) for group in ordered if members[group.code]]

    def group(self, code: str) -> Group | None:
        """A group by its code."""
        return self._groups.get(code)

    @cached_property
    def _index(self) -> words.Index:
        return words.Index(
            {
                entry.code: words.Document(
                    names=(entry.name_zh, entry.name_en),
                    keywords=entry.keywords_zh + entry.keywords_en,
                    weight=entry.severity,
                )
                for entry in self._entries.values()
            }
        )

    def search(self, text: str, *, residents: bool = False, limit: int = 8) -> list[Entry]:
        """The categories that fit what somebody wrote, the best first; empty when nothing does."""
        found = [self._entries[code] for code in self._index.search(text)]
        return [entry for entry in found if entry.resident_reportable or not residents][:limit]

    def suggest(self, text: str, *, residents: bool = True) -> Entry | None:
        """The one category that a description is most likely about, or ``None`` when it says too little."""
        found = self.search(text, residents=residents, limit=1)
        return found[0] if found else None


def entry_of(version: CategoryVersion) -> Entry:
    """The entry of a row whose category is at hand."""
    category = version.category
    return Entry(
        version_id=version.id,
        code=category.code,
        identifier=category.identifier,
        group=category.group_id,
        position=category.position,
        scope=version.scope,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        name_zh=version.name_zh,
        name_en=version.name_en,
        keywords_zh=tuple(version.keywords_zh),
        keywords_en=tuple(version.keywords_en),
        severity=Severity(version.severity),
        clock=Clock(version.clock),
        respond_minutes=version.respond_minutes,
        resolve_minutes=version.resolve_minutes,
        sign_in_minutes=version.sign_in_minutes,
        intake=Intake(version.intake),
        first_level=Level(version.first_level),
        first_handler=Handler(version.first_handler),
        first_handler_note=version.first_handler_note,
        lead_function=version.lead_function,
        lead_note=version.lead_note,
        co_functions=tuple(version.co_functions),
        resident_reportable=version.resident_reportable,
        call_first_zh=version.call_first_zh,
        call_first_en=version.call_first_en,
        call_first_numbers=tuple(version.call_first_numbers),
        sensitivity=Sensitivity(version.sensitivity),
        evidence_required=tuple(version.evidence_required),
        close_condition_zh=version.close_condition_zh,
        close_condition_en=version.close_condition_en,
        basis=version.basis,
    )


def group_of(row: CategoryGroup) -> Group:
    """The group of a row."""
    return Group(row.code, row.name_zh, row.name_en, row.icon, row.position)
