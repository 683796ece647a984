"""What files add up to on a day: facts from records, measures from facts, a colour from measures. For one compound or a thousand alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Sum

from linli.compounds import rules
from linli.compounds.colours import Facts, colour, measures
from linli.compounds.models import (
    Check,
    Committee,
    CommitteeState,
    Contract,
    Dues,
    FundEntry,
    Kind,
    Record,
    Renovation,
    RenovationState,
    RuleSet,
    Standing,
)
from linli.kernel import ids, time
from linli.kernel.db import insert_all
from linli.territory.models import Compound

R = TypeVar("R", bound=Record)
BATCH = 500
COLUMNS = (
    "colour", "hits", "measures", "committee_state", "term_ends_on", "kind", "company", "contract_ends_on", "fund_on",
    "fund_balance", "dues_share", "check_share", "check_year", "renovation_state", "renovation_ends_on", "rules_number", "made_on",
)  # fmt: skip


def rules_on(day: date) -> RuleSet:
    """The rule set that holds on a day; the one that Linli comes with while none is published."""
    found = RuleSet.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    if found is not None:
        return found
    first, given = rules.shipped()
    return RuleSet(
        number=0, valid_from=first, rules=given.rules, items=given.items, terms=given.terms, published_at=time.now()
    )


def holding(rows: Iterable[R]) -> list[R]:
    """The records that hold: each that no other replaces."""
    known = list(rows)
    replaced = {row.replaces_id for row in known if row.replaces_id}
    return [row for row in known if row.id not in replaced]


@dataclass
class Records:
    """The records of one compound that a standing is made from; those of the fund as their sum and last day."""

    committees: list[Committee] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    renovations: list[Renovation] = field(default_factory=list)
    dues: list[Dues] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    fund_balance: int = 0
    fund_on: date | None = None


def committee_on(rows: Sequence[Committee], day: date) -> Committee | None:
    """The committee of a day: of those that hold, the one that began last."""
    begun = [row for row in rows if row.holds_from <= day]
    return max(begun, key=lambda row: (row.holds_from, row.noted_at, row.id), default=None)


def contract_on(rows: Sequence[Contract], day: date) -> Contract | None:
    """The contract of a day, or the last one before it."""
    begun = [row for row in rows if row.starts_on <= day]
    return max(begun, key=lambda row: (row.starts_on, row.noted_at, row.id), default=None)


def term_end(rows: Sequence[Committee], now: Committee) -> date | None:
    """When the committee's term is over, through those that are elected already and follow without a gap."""
    end = now.term_ends_on
    for row in sorted(rows, key=lambda one: one.holds_from):
        if end is not None and row.holds_from > now.holds_from and row.holds_from <= end and row.term_ends_on:
            end = max(end, row.term_ends_on)
    return end


def contract_end(rows: Sequence[Contract], now: Contract) -> date | None:
    """When nobody looks after the compound any more, through contracts that are signed already and follow without a gap."""
    end = now.ends_on
    for row in sorted(rows, key=lambda one: one.starts_on):
        if end is not None and row.starts_on > now.starts_on and row.starts_on <= end and row.kind != Kind.NONE:
            end = max(end, row.ends_on) if row.ends_on else None
    return end


def made(compound: Compound, records: Records, *, on: date, by: RuleSet) -> Standing:
    """The standing of a compound on a day, not written."""
    committee = committee_on(records.committees, on)
    contract = contract_on(records.contracts, on)
    term = term_end(records.committees, committee) if committee else None
    ends = contract_end(records.contracts, contract) if contract else None
    state = CommitteeState(committee.state) if committee else CommitteeState.UNKNOWN
    if state == CommitteeState.ELECTED and term is not None and term <= on:
        state = CommitteeState.OVER
    dues = max(records.dues, key=lambda row: (row.ends_on, row.noted_at, row.id), default=None)
    check = max(records.checks, key=lambda row: (row.year, row.noted_at, row.id), default=None)
    open_ = [row for row in records.renovations if row.state != RenovationState.DONE]
    next_ = min(open_, key=lambda row: row.ends_on, default=None)
    last = max(records.renovations, key=lambda row: row.ends_on, default=None)
    kind = Kind(contract.kind) if contract else Kind.UNKNOWN
    facts = Facts(
        has_committee=state not in (CommitteeState.UNKNOWN, CommitteeState.NONE),
        term_ends_on=term,
        has_property=kind not in (Kind.UNKNOWN, Kind.NONE),
        contract_ends_on=ends,
        fund_on=records.fund_on,
        dues_share=dues.share if dues else None,
        check_share=check.share if check else None,
        check_year=check.year if check else None,
        renovation_ends_on=next_.ends_on if next_ else None,
    )
    found = measures(facts, on)
    tint, hits = colour(found, by.rules)
    shown = next_ or last
    return Standing(
        id=ids.new_id(), district=compound.district, compound=compound, colour=tint, hits=hits, measures=found, committee_state=state,
        term_ends_on=term, kind=kind, company=contract.company if contract else "", contract_ends_on=ends if facts.has_property else None,
        fund_on=records.fund_on, fund_balance=records.fund_balance, dues_share=facts.dues_share, check_share=facts.check_share,
        check_year=facts.check_year, renovation_state=shown.state if shown else "", renovation_ends_on=facts.renovation_ends_on,
        rules_number=by.number, made_on=on,
    )  # fmt: skip


def records_of(district: str, compounds: Sequence[UUID]) -> dict[UUID, Records]:
    """The records of compounds of one district; one query for each kind, however many compounds there are."""
    found: dict[UUID, Records] = defaultdict(Records)
    here: dict[str, Any] = {"district": district, "compound_id__in": list(compounds)}
    for committee in holding(Committee.objects.filter(**here)):
        found[committee.compound_id].committees.append(committee)
    for contract in holding(Contract.objects.filter(**here)):
        found[contract.compound_id].contracts.append(contract)
    for renovation in holding(Renovation.objects.filter(**here)):
        found[renovation.compound_id].renovations.append(renovation)
    for dues in holding(Dues.objects.filter(**here)):
        found[dues.compound_id].dues.append(dues)
    for check in holding(Check.objects.filter(**here)):
        found[check.compound_id].checks.append(check)
    for one, balance, day in _funds(here):
        found[one].fund_balance, found[one].fund_on = balance, day
    return found


def _funds(here: dict[str, Any]) -> list[tuple[UUID, int, date | None]]:
    """Balance and last day of each fund. What was reversed is no statement, and neither is its reversal."""
    rows = FundEntry.objects.filter(**here)
    balances = {one: int(total) for one, total in rows.values_list("compound_id").annotate(total=Sum("amount"))}
    lines = rows.values_list("id", "compound_id", "replaces_id", "day")
    known = list(lines)
    reversed_ = {replaces for _id, _one, replaces, _day in known if replaces}
    days: dict[UUID, date] = {}
    for row, one, replaces, day in known:
        if replaces is None and row not in reversed_:
            days[one] = max(days.get(one, day), day)
    return [(one, balance, days.get(one)) for one, balance in balances.items()]


def make_anew(district: str, compounds: Sequence[Compound], *, by: RuleSet | None = None) -> list[Standing]:
    """Write the standings of some compounds of one district as they are today; the caller's transaction holds their locks or needs none."""
    today = time.today()
    rule_set = by or rules_on(today)
    records = records_of(district, [one.id for one in compounds])
    there = {
        row.compound_id: row
        for row in Standing.objects.filter(district=district, compound_id__in=[one.id for one in compounds])
    }
    new, changed = [], []
    for compound in compounds:
        fresh = made(compound, records.get(compound.id, Records()), on=today, by=rule_set)
        old = there.get(compound.id)
        if old is None:
            new.append(fresh)
            continue
        for name in COLUMNS:
            setattr(old, name, getattr(fresh, name))
        changed.append(old)
    insert_all(new)
    Standing.objects.bulk_update(changed, COLUMNS, batch_size=200)
    return [*new, *changed]
