"""How often proofs were asked of residents, as the room that asks for them counts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """Of one kind of proof in one year: brought by residents, and had from whoever holds it without them."""

    brought: int = 0
    spared: int = 0


Counts = Callable[[int, str], Mapping[str, Count]]
_counts: list[Counts] = []


def announce(counts: Counts) -> None:
    """Say how proofs are counted: for a year and an area's path, kind to count."""
    _counts.append(counts)


def in_year(year: int, area_path: str) -> dict[str, Count]:
    """The counts of a year in an area, by kind of proof."""
    found: dict[str, Count] = {}
    for counts in _counts:
        for kind, one in counts(year, area_path).items():
            known = found.get(kind, Count())
            found[kind] = Count(known.brought + one.brought, known.spared + one.spared)
    return found
