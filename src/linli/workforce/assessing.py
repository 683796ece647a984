"""Assessment by published criteria: pure rules, so that they can be read and tried by themselves (``rules/assessment.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

MET, NOT_MET, TOO_LITTLE, SET_ASIDE = "met", "not_met", "too_little", "set_aside"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: at least the share ``least`` has to be good; with fewer than ``few`` nothing is said."""

    code: str
    name_zh: str
    name_en: str
    least: float
    few: int

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Rules:
    """A published set; days are working days."""

    begins: date
    months: int
    objection_days: int
    answer_days: int
    criteria: tuple[Criterion, ...]


@lru_cache(maxsize=1)
def published() -> tuple[Rules, ...]:
    """Every set, the oldest first."""
    found = tomllib.loads(resources.files("linli.workforce").joinpath("rules/assessment.toml").read_text("utf-8"))
    return tuple(
        Rules(
            one["from"], one["months"], one["objection_days"], one["answer_days"],
            tuple(Criterion(**row) for row in one["criterion"]),
        )
        for one in sorted(found["set"], key=lambda row: row["from"])
    )  # fmt: skip


def rules_on(day: date, sets: Sequence[Rules] | None = None) -> Rules:
    """The set that holds on a day, the first one before there was any."""
    known = published() if sets is None else sets
    return next((one for one in reversed(known) if one.begins <= day), known[0])


def period_of(day: date, months: int) -> tuple[date, date]:
    """The period that a day lies in: its first day, and the first day after it.

    Args:
        months: how long periods are, a divisor of twelve; they are counted from 1 January.
    """
    first = (day.month - 1) // months * months
    begins = date(day.year, first + 1, 1)
    after = first + months
    return begins, date(day.year + after // 12, after % 12 + 1, 1)


def outcome(criterion: Criterion, *, good: int, whole: int) -> str:
    """What a criterion comes to: ``good`` of ``whole`` were as they should be."""
    if whole < criterion.few:
        return TOO_LITTLE
    return MET if good >= criterion.least * whole else NOT_MET
