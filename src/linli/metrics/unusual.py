"""When a count stands out against what was to be expected. Pure; ``docs/algorithms/figures.md`` gives the rules and their sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from linli.metrics.statistics import discoveries, poisson_at_least

WEEKS = 8
"""The past that a week is compared with."""
FALSE_SHARE = 0.05
"""Of what is shown at once, the share that may be chance."""
FEWEST = 5
"""Fewer than these are never shown, however unlikely."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A count that stands out.

    Attributes:
        expected: what one would expect.
        chance: that so many or more would come by chance.
    """

    name: str
    seen: int
    expected: float
    chance: float


def swelling(weeks: Mapping[str, Sequence[int]]) -> list[Outlier]:
    """Which of several counts swelled in the last week against the weeks before, the least likely first.

    The expectation is the mean of the weeks before. Where these vary more than Poisson's law allows, the count is taken as less telling
    by that much (quasi-Poisson; McCullagh and Nelder, 1989, chapter 6). All are tested at once with the false-discovery rate held.

    Args:
        weeks: name → counts of the weeks before, oldest first, and of the last week.
    """
    tested = []
    for name, counts in sorted(weeks.items()):
        *past, seen = counts
        # Half a case a week is what an empty past is worth: nothing was seen, which is not to say that nothing can come.
        expected = max(fmean(past), 0.5)
        spread = max(1.0, variance(past) / expected) if len(past) > 1 else 1.0
        tested.append(Outlier(name, seen, expected, poisson_at_least(round(seen / spread), expected / spread)))
    return _standing_out(tested)


def more_than_others(counts: Mapping[str, tuple[int, int]]) -> list[Outlier]:
    """Who has a larger share than the others together, the least likely first.

    Args:
        counts: name → (how many, of how many).
    """
    parts, wholes = (sum(one[place] for one in counts.values()) for place in (0, 1))
    tested = []
    for name, (part, whole) in sorted(counts.items()):
        if wholes > whole > 0:
            expected = whole * (parts - part) / (wholes - whole)
            tested.append(Outlier(name, part, expected, poisson_at_least(part, max(expected, 0.5))))
    return _standing_out(tested)


def more_than_before(shares: Mapping[str, tuple[tuple[int, int], tuple[int, int]]]) -> list[Outlier]:
    """Whose share is larger than it was, the least likely first.

    Args:
        shares: name → (before: how many, of how many; now: how many, of how many).
    """
    tested = []
    for name, ((old_part, old_whole), (part, whole)) in sorted(shares.items()):
        if old_whole and whole:
            expected = whole * old_part / old_whole
            tested.append(Outlier(name, part, expected, poisson_at_least(part, max(expected, 0.5))))
    return _standing_out(tested)


def _standing_out(tested: Sequence[Outlier]) -> list[Outlier]:
    kept = discoveries([one.chance for one in tested], rate=FALSE_SHARE)
    found = [one for one, stands in zip(tested, kept, strict=True) if stands and one.seen >= FEWEST]
    return sorted(found, key=lambda one: (one.chance, one.name))
