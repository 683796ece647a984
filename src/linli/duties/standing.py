"""On which list a task stands: pure functions over dated entries (``docs/algorithms/duty-lists.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from linli.kernel.db import within

CITY_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A task on a list, in an area and all below it, from one day to before another.

    Args:
        department: only when this function asks; ``""`` whoever asks.
        amount: of money, in fen, for the whole time.
    """

    id: UUID
    area_path: str
    listing: str
    valid_from: date
    valid_to: date | None = None
    department: str = ""
    amount: int = 0
    source: str = ""
    authority: str = ""

    def on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def funded(self) -> bool:
        """Whether money, its source and the authority for it are attached (费随事转)."""
        return self.amount > 0 and bool(self.source) and bool(self.authority)

    def lets_through(self) -> bool:
        """Whether what stands so may be sent down."""
        return self.listing == "work" or (self.listing == "assist" and self.funded)


def covers(root: str, path: str) -> bool:
    """Whether an entry at ``root`` holds for ``path``: a city's path is the first four figures of its districts'."""
    return within(path, root)


def answer(entries: Iterable[Entry], *, area_path: str, department: str = "", day: date) -> Entry | None:
    """The one entry that holds for a task in an area on a day; ``None``: the task stands on no list there.

    The smallest area wins; within it the entry that names the department goes before the one that names none.

    Args:
        entries: all of one task at one tier.
    """
    found = [
        one
        for one in entries
        if one.on(day) and covers(one.area_path, area_path) and one.department in ("", department)
    ]
    return max(found, key=lambda one: (len(one.area_path), bool(one.department)), default=None)


def refusing(entries: Sequence[Entry], *, area_path: str, department: str = "", day: date) -> list[tuple[str, Entry]]:
    """Where in an area a task may not be sent: the area itself, then the smaller ones that have entries of their own."""
    places = {area_path} | {one.area_path for one in entries if within(one.area_path, area_path)}
    found = []
    for place in sorted(places):
        entry = answer(entries, area_path=place, department=department, day=day)
        if entry is not None and not entry.lets_through():
            found.append((place, entry))
    return found


@dataclass(frozen=True, slots=True)
class Surgery:
    """What has to happen to the entries of one place for a new one to fit in.

    Args:
        shortened: entries with their new last day.
        replaced: entries that never came into force.
        continued: what goes on after the new entry has ended, each with the id of what it continues.
    """

    shortened: list[Entry]
    replaced: list[Entry]
    continued: list[Entry]


def make_room(entries: Iterable[Entry], new: Entry) -> Surgery:
    """How the entries of one place and one department give way to ``new``; nothing before its first day changes.

    Args:
        entries: of the same task, tier, area and department; none overlaps another.
    """
    surgery = Surgery([], [], [])
    for one in entries:
        if (one.valid_to is not None and one.valid_to <= new.valid_from) or (
            new.valid_to is not None and one.valid_from >= new.valid_to
        ):
            continue
        if one.valid_from < new.valid_from:
            surgery.shortened.append(replace(one, valid_to=new.valid_from))
        else:
            surgery.replaced.append(one)
        if new.valid_to is not None and (one.valid_to is None or one.valid_to > new.valid_to):
            surgery.continued.append(replace(one, valid_from=new.valid_to))
    return surgery
