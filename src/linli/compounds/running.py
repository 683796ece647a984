"""What runs out soon: items from standings by the terms of the rule set. An item is named by its compound, kind and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from linli.compounds.models import RunsOut, Standing


@dataclass(frozen=True, slots=True)
class Item:
    """Something of a compound that runs out, or has run out, on a day."""

    standing: Standing
    kind: RunsOut
    day: date


def conditions(terms: Mapping[str, int], today: date) -> dict[RunsOut, Q]:
    """For each kind, which standings have an item of it."""
    ahead = {name: today + timedelta(days=terms[name]) for name in ("contract", "committee", "renovation")}
    return {
        RunsOut.CONTRACT: Q(contract_ends_on__lte=ahead["contract"]),
        RunsOut.COMMITTEE: Q(term_ends_on__lte=ahead["committee"]),
        RunsOut.FUND: Q(fund_on__lt=today - timedelta(days=terms["fund"])),
        RunsOut.RENOVATION: Q(renovation_ends_on__lte=ahead["renovation"]),
    }


def having_any(rows: QuerySet[Standing], terms: Mapping[str, int], today: date) -> QuerySet[Standing]:
    """Those of some standings that have an item."""
    wanted = Q()
    for condition in conditions(terms, today).values():
        wanted |= condition
    return rows.filter(wanted)


def items_of(row: Standing, terms: Mapping[str, int], today: date) -> list[Item]:
    """The items of one standing; a fund's day is the one from which its statement is too old."""
    too_old = row.fund_on + timedelta(days=terms["fund"] + 1) if row.fund_on else None
    days = {
        RunsOut.CONTRACT: (row.contract_ends_on, terms["contract"]),
        RunsOut.COMMITTEE: (row.term_ends_on, terms["committee"]),
        RunsOut.FUND: (too_old, 0),
        RunsOut.RENOVATION: (row.renovation_ends_on, terms["renovation"]),
    }
    return [Item(row, kind, day) for kind, (day, ahead) in days.items() if day and day <= today + timedelta(days=ahead)]


def count(rows: QuerySet[Standing], terms: Mapping[str, int], today: date) -> dict[RunsOut, int]:
    """How many items of each kind some standings have; one query."""
    found = rows.aggregate(
        **{str(kind): Count("id", filter=condition) for kind, condition in conditions(terms, today).items()}
    )
    return {kind: int(found[str(kind)]) for kind in RunsOut}
