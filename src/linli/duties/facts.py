"""Facts that the platform holds: what a form asks for is filled in from them, or refused because it is held of persons.

Rooms announce the facts that they can count for an area; ``rules/facts.csv`` gives each its words, so that a question is known for what
it asks.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from linli.duties.models import in_language
from linli.kernel.db import district_of, in_subtree
from linli.kernel.trust import Role
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.territory import queries as territory
from linli.territory.models import Building, Compound, Dwelling, Level

Counter = Callable[[str], int]
_counters: dict[str, Counter] = {}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that the platform holds.

    Args:
        words: what a question that asks for it says, in small letters without spaces.
        how: ``filled`` when it can be counted for an area, ``person`` when it is held of persons and never given out in a form.
    """

    code: str
    name_zh: str
    name_en: str
    words: tuple[str, ...]
    how: str

    @property
    def called(self) -> str:
        """Its name in the reader's language."""
        return in_language(self.name_zh, self.name_en)


@lru_cache(maxsize=1)
def known() -> Mapping[str, Fact]:
    """Every fact by its code."""
    text = resources.files("linli.duties").joinpath("rules/facts.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    return {
        row["code"]: Fact(
            row["code"], row["name_zh"], row["name_en"],
            tuple(plain(one) for one in (row["name_zh"], row["name_en"], *row["words"].split("|")) if one), row["how"],
        )
        for row in rows
    }  # fmt: skip


def plain(text: str) -> str:
    """A question as it is compared: small letters, neither spaces nor marks."""
    return re.sub(r"[\W_]+", "", text).lower()


def recognised(question: str) -> Fact | None:
    """The fact that a question asks for, when the platform holds it.

    A figure is known when the question says nothing else (shops are no households); what is held of persons wherever it is named, by
    the longest of its words.
    """
    asked = plain(question)
    found = [
        (len(word), fact)
        for fact in known().values()
        for word in fact.words
        if (word == asked if fact.how == "filled" else word in asked)
    ]
    return max(found, key=lambda one: one[0])[1] if found else None


def announce(code: str, count: Counter) -> None:
    """Say how a fact is counted for the area of a path."""
    if code not in known():
        raise KeyError(f"rules/facts.csv has no {code}")
    _counters[code] = count


def can_fill(code: str) -> bool:
    """Whether the platform can fill a fact in by itself."""
    return code in _counters


def values(codes: Iterable[str], area_path: str) -> dict[str, int]:
    """What the platform knows today about an area: fact to number."""
    return {code: _counters[code](area_path) for code in codes if code in _counters}


def _grids(area_path: str) -> int:
    return territory.below(area_path, level=Level.MICRO_GRID).count()


def _households(area_path: str) -> int:
    return sum(territory.below(area_path, level=Level.MICRO_GRID).values_list("households", flat=True))


def _posts(*roles: Role) -> Counter:
    def count(area_path: str) -> int:
        found = Post.objects.filter(in_force(), in_subtree("area_path", area_path), role__in=roles)
        return found.values("account_id").distinct().count()

    return count


def _things(model: type[Compound] | type[Building] | type[Dwelling]) -> Counter:
    def count(area_path: str) -> int:
        return model.objects.filter(in_subtree("area_path", area_path), district=district_of(area_path)).count()

    return count


announce("micro_grids", _grids)
announce("households", _households)
announce("compounds", _things(Compound))
announce("buildings", _things(Building))
announce("dwellings", _things(Dwelling))
announce("grid_members", _posts(Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER))
announce("community_workers", _posts(Role.COMMUNITY_WORKER))
