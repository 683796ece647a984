"""The colour of a compound by published rules: a pure rule (docs/algorithms/compound-colours.md).

Facts of a day become *measures*, one for each check: a number, or nothing where the check has nothing to look at. A rule names a check, a
bound and a colour, and is met when the measure reaches the bound (days over, years) or lies below it (days left, per cent). The colour is
the worst of the rules that are met, green without one. A measure moves in one direction only when a fault is mended, so the rules that
are met become fewer and never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

RED, YELLOW, GREEN = "red", "yellow", "green"
WORST_FIRST = (RED, YELLOW, GREEN)


class Check(StrEnum):
    """What a rule can look at."""

    NO_COMMITTEE = "no_committee"
    TERM_OVER = "term_over"
    TERM_ENDING = "term_ending"
    NO_PROPERTY = "no_property"
    CONTRACT_OVER = "contract_over"
    CONTRACT_ENDING = "contract_ending"
    NO_FUND = "no_fund"
    FUND_OLD = "fund_old"
    DUES_LOW = "dues_low"
    CHECK_LOW = "check_low"
    CHECK_OLD = "check_old"
    RENOVATION_LATE = "renovation_late"


BELOW = frozenset({Check.TERM_ENDING, Check.CONTRACT_ENDING, Check.DUES_LOW, Check.CHECK_LOW})
"""Checks that are met below their bound; the others are met from it on."""
PLAIN = frozenset({Check.NO_COMMITTEE, Check.NO_PROPERTY, Check.NO_FUND})
"""Checks that are so or not: their measure is one or nothing, and their bound one."""
LARGEST = 3660


@dataclass(frozen=True, slots=True)
class Facts:
    """What the file of a compound says on a day; ``None`` where nothing is noted. Days are the first on which something is over.

    Args:
        has_committee: elected, or being prepared.
        has_property: somebody looks after it, whoever it is.
        renovation_ends_on: of what is planned or under way, the one to be done first.
    """

    has_committee: bool = False
    term_ends_on: date | None = None
    has_property: bool = False
    contract_ends_on: date | None = None
    fund_on: date | None = None
    dues_share: int | None = None
    check_share: int | None = None
    check_year: int | None = None
    renovation_ends_on: date | None = None


def measures(facts: Facts, today: date) -> dict[str, int]:
    """The measures of a day; a check that has nothing to look at is left out."""
    found: dict[str, int] = {}
    if not facts.has_committee:
        found[Check.NO_COMMITTEE] = 1
    elif facts.term_ends_on is not None:
        found |= _around(facts.term_ends_on, today, over=Check.TERM_OVER, left=Check.TERM_ENDING)
    if not facts.has_property:
        found[Check.NO_PROPERTY] = 1
    elif facts.contract_ends_on is not None:
        found |= _around(facts.contract_ends_on, today, over=Check.CONTRACT_OVER, left=Check.CONTRACT_ENDING)
    if facts.fund_on is None:
        found[Check.NO_FUND] = 1
    else:
        found[Check.FUND_OLD] = max(0, (today - facts.fund_on).days)
    if facts.dues_share is not None:
        found[Check.DUES_LOW] = facts.dues_share
    if facts.check_share is not None and facts.check_year is not None:
        found[Check.CHECK_LOW] = facts.check_share
        found[Check.CHECK_OLD] = max(0, today.year - facts.check_year)
    if facts.renovation_ends_on is not None and today > facts.renovation_ends_on:
        found[Check.RENOVATION_LATE] = (today - facts.renovation_ends_on).days
    return {str(check): value for check, value in found.items()}


def _around(day: date, today: date, *, over: Check, left: Check) -> dict[str, int]:
    """Days since something is over, counted from one on its first day, or the days that are left."""
    ahead = (day - today).days
    return {left: ahead} if ahead > 0 else {over: 1 - ahead}


def met(rule: Mapping[str, Any], found: Mapping[str, int]) -> bool:
    """Whether a rule is met by measures."""
    measure = found.get(rule["check"])
    if measure is None:
        return False
    return measure < rule["bound"] if rule["check"] in BELOW else measure >= rule["bound"]


def colour(found: Mapping[str, int], rules: Iterable[Mapping[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The colour by rules, and those that are met: the worst first, each check once by its worst rule.

    Returns:
        The colour, and for each rule its ``code``, ``check``, ``colour`` and the ``measure`` that met it.
    """
    hits: dict[str, dict[str, Any]] = {}
    for rule in rules:
        if met(rule, found):
            before = hits.get(rule["check"])
            if before is None or WORST_FIRST.index(rule["colour"]) < WORST_FIRST.index(before["colour"]):
                hits[rule["check"]] = {
                    "code": rule["code"], "check": rule["check"], "colour": rule["colour"], "measure": found[rule["check"]]
                }  # fmt: skip
    ordered = sorted(hits.values(), key=lambda one: WORST_FIRST.index(one["colour"]))
    return (ordered[0]["colour"] if ordered else GREEN), ordered
