"""The published rules of points as data, and how they are read.

``points_rules.csv`` is the list that Linli comes with; ``linli load_points_rules`` publishes it, or another file of the same columns, as a
dated rule set, and from then on the database's sets hold. ``ledger.yaml`` holds the terms around it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import IO, Any

import yaml

COLUMNS = (
    "rule", "name_zh", "name_en", "points", "per", "daily_cap", "monthly_cap", "confirmation", "confirmers", "by_hand", "note_zh",
    "note_en",
)  # fmt: skip
CONFIRMATIONS = ("auto", "one", "two", "ledger")
BY_HAND = ("", "hand", "charge")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of a file of rules; the words are those of :class:`linli.ledger.models.Rule`."""

    code: str
    name_zh: str
    name_en: str
    points: int
    per: str
    daily_cap: int | None
    monthly_cap: int | None
    confirmation: str
    confirmers: tuple[str, ...]
    by_hand: str
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Terms:
    """``ledger.yaml``; days and working days, as their names say."""

    first_rules_from: date
    years_kept: int
    announce_days: int
    least_notice_days: int
    objection_days: int
    answer_days: int
    collect_days: int
    most_quantity: int
    finders: frozenset[str]
    danger_groups: frozenset[str]
    emergency_severity: int
    responders: frozenset[str]
    suspends: frozenset[str]


@lru_cache(maxsize=1)
def terms() -> Terms:
    """The terms around the list of rules."""
    found: dict[str, Any] = yaml.safe_load(
        resources.files("linli.ledger.rules").joinpath("ledger.yaml").read_text("utf-8")
    )
    return Terms(
        first_rules_from=date.fromisoformat(found["first_rules_from"]),
        years_kept=found["expiry"]["years_kept"],
        announce_days=found["expiry"]["announce_days"],
        least_notice_days=found["expiry"]["least_notice_days"],
        objection_days=found["objection"]["working_days"],
        answer_days=found["objection"]["answer_working_days"],
        collect_days=found["redemption"]["collect_days"],
        most_quantity=found["claims"]["most_quantity"],
        finders=frozenset(found["finders"]),
        danger_groups=frozenset(found["danger_groups"]),
        emergency_severity=found["emergency_severity"],
        responders=frozenset(found["responders"]),
        suspends=frozenset(found["suspends"]),
    )


def shipped() -> list[RuleRow]:
    """The list that comes with Linli."""
    with resources.files("linli.ledger.rules").joinpath("points_rules.csv").open(encoding="utf-8") as file:
        return read(file)


def read(file: IO[str]) -> list[RuleRow]:
    """The rules of a file with the columns of ``points_rules.csv``.

    Raises:
        ValueError: a column is missing, a rule comes twice, or a cell does not fit; it says which.
    """
    reader = csv.DictReader(file)
    if missing := set(COLUMNS) - set(reader.fieldnames or ()):
        raise ValueError(f"the file lacks the columns {', '.join(sorted(missing))}")
    found = [_row(row) for row in reader]
    codes = [one.code for one in found]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise ValueError(f"{min(twice)} comes twice")
    if not found:
        raise ValueError("the file has no rules")
    return found


def _row(row: dict[str, str]) -> RuleRow:
    code = row["rule"].strip()
    try:
        made = RuleRow(
            code, row["name_zh"].strip(), row["name_en"].strip(), int(row["points"]), row["per"].strip(), _cap(row["daily_cap"]),
            _cap(row["monthly_cap"]), row["confirmation"].strip(), tuple(_split(row["confirmers"])), row["by_hand"].strip(),
            row["note_zh"].strip(), row["note_en"].strip(),
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"{code}: {error}") from None
    if not (code.isidentifier() and len(code) <= 40 and made.name_zh and made.name_en):
        raise ValueError(f"{code!r}: a rule needs a code and names in both languages")
    if made.confirmation not in CONFIRMATIONS or made.by_hand not in BY_HAND:
        raise ValueError(f"{code}: {made.confirmation!r} or {made.by_hand!r} is not known here")
    if made.points < 0 and made.confirmation != "two":
        raise ValueError(f"{code}: what takes points away needs two people")
    if made.confirmation in ("one", "two") and not made.confirmers:
        raise ValueError(f"{code}: nobody may confirm it")
    return made


def _cap(text: str) -> int | None:
    value = int(text) if text.strip() else None
    if value is not None and value < 0:
        raise ValueError("a cap is not below zero")
    return value


def _split(text: str) -> Sequence[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
