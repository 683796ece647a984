"""Points of a value, and the score of several: pure functions (``docs/algorithms/indicator-scores.md``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Whether more or less of something is better."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Score:
    """What several indicators come to.

    Attributes:
        points: the weighted mean over what is known, 0 to 1; ``None`` where nothing is.
        known: the share of the weight that is known, 0 to 1.
    """

    points: float | None
    known: float


def points(value: float, *, target: float, floor: float | None, direction: Direction) -> float:
    """How far a value has come, 0 to 1.

    Args:
        floor: the value from which points begin; without one the target is met (1) or not (0).
    """
    if value >= target if direction == Direction.MORE else value <= target:
        return 1.0
    if floor is None:
        return 0.0
    return min(1.0, max(0.0, (value - floor) / (target - floor)))


def score(parts: Iterable[tuple[float, float | None]]) -> Score:
    """The score of indicators.

    Args:
        parts: weight and points of each; ``None`` for what is not known.
    """
    every = list(parts)
    whole = sum(weight for weight, _points in every)
    known = [(weight, found) for weight, found in every if found is not None]
    weight = sum(one for one, _points in known)
    if not weight:
        return Score(None, 0.0)
    return Score(min(1.0, sum(one * found for one, found in known) / weight), weight / whole)
