"""Intervals, rankings and tests. Pure; ``docs/algorithms/figures.md`` gives the rules and their sources."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt

Z95 = 1.959963984540054
"""The standard normal quantile of 0.975."""


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share: Wilson's score interval (E. B. Wilson, JASA 22, 1927), good for small groups and near 0 and 1.

    Raises:
        ValueError: the part is not one of the whole, or there is no whole.
    """
    if not 0 <= part <= whole or whole == 0:
        raise ValueError("a part lies between nothing and the whole")
    share, square = part / whole, Z95 * Z95
    centre = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z95 * sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    # At the ends the interval reaches them exactly; rounding would leave it a hair short.
    return (0.0 if part == 0 else max(0.0, centre - half)), (1.0 if part == whole else min(1.0, centre + half))


def places(intervals: Sequence[tuple[float, float] | None], *, more_is_better: bool) -> list[tuple[int, int] | None]:
    """From which to which place each could stand in a ranking, given its interval.

    One stands before another only where its interval lies wholly on the better side. ``None`` for what has no interval, and for what
    could stand anywhere: of that a ranking says nothing.
    """
    known = [one for one in intervals if one is not None]
    found: list[tuple[int, int] | None] = []
    for one in intervals:
        if one is None:
            found.append(None)
            continue
        above = sum(1 for other in known if other[0] > one[1])
        below = sum(1 for other in known if other[1] < one[0])
        before, behind = (above, below) if more_is_better else (below, above)
        span = (1 + before, len(known) - behind)
        found.append(None if span == (1, len(known)) and len(known) > 1 else span)
    return found


def quantile(share: float, counts: Sequence[int], limits: Sequence[float], *, longer: int = 0) -> float | None:
    """The value below which a share lies, from how many lie in each of several neighbouring ranges.

    Within a range values are taken to lie evenly, so what is said is off by less than the range is wide.

    Args:
        share: 0 to 1.
        counts: how many lie in each range, the lowest first.
        limits: the upper end of each; the first begins at 0.
        longer: how many lie beyond all ranges.

    Returns:
        The value; ``None`` where it lies beyond all ranges, or there is nothing.
    """
    rank, before, low = share * (sum(counts) + longer), 0, 0.0
    for count, high in zip(counts, limits, strict=True):
        if count and before + count >= rank:
            return low + (high - low) * (rank - before) / count
        before, low = before + count, high
    return None


def poisson_at_least(seen: int, expected: float) -> float:
    """The chance to see at least so many when so many are expected, by Poisson's law."""
    if seen <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if seen > expected:  # the tail itself, so that small chances keep their figures
        term = exp(seen * log(expected) - expected - lgamma(seen + 1))
        total, k = term, seen
        while term > total * 1e-16:
            k += 1
            term *= expected / k
            total += term
        return min(1.0, total)
    below = sum(exp(k * log(expected) - expected - lgamma(k + 1)) for k in range(seen))
    return max(0.0, 1.0 - below)


def discoveries(chances: Sequence[float], *, rate: float) -> list[bool]:
    """Which tests stand out when of those that do a share of at most ``rate`` may be chance (Benjamini and Hochberg, JRSS B 57, 1995)."""
    order = sorted(range(len(chances)), key=lambda one: chances[one])
    last = max((k for k, one in enumerate(order, start=1) if chances[one] <= rate * k / len(chances)), default=0)
    found = [False] * len(chances)
    for one in order[:last]:
        found[one] = True
    return found
