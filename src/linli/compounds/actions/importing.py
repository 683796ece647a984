"""Files of an area read in and given out: a row for each compound. The same file again changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib import resources
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from linli.compounds import standing
from linli.compounds.actions import fund, noting
from linli.compounds.actions.filing import Origin
from linli.compounds.actions.noting import CommitteeFacts, ContractFacts
from linli.compounds.models import KINDS, RECORDED, CommitteeState, FundEntry, FundKind, Kind, Source
from linli.kernel import ids, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.sheets import Problem
from linli.kernel.trust import Actor, audit, policy
from linli.territory import queries as territory
from linli.territory.address_text import normalise
from linli.territory.models import Compound, Level

MOST_ROWS = 2_000
MOST_PROBLEMS = 500
LANGUAGES = ("zh-hans", "en")


@dataclass
class Report:
    """What a file brought, or would bring."""

    tried: bool
    rows: int = 0
    noted: dict[str, int] = field(default_factory=dict)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)


class _Undone(Exception):
    """Takes back what a file that was only tried has written."""


@lru_cache(maxsize=1)
def columns() -> list[dict[str, str]]:
    """The columns of a file, with their names in both languages and an example."""
    with resources.files("linli.compounds.rules").joinpath("columns.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def heads() -> list[str]:
    """The first line of a file in the reader's language."""
    said = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return [row[said] for row in columns()]


def example() -> list[str]:
    """A row to go by."""
    return [row["example"] for row in columns()]


def read(actor: Actor, lines: Sequence[Sequence[str]], *, try_only: bool) -> Report:
    """Read a file: the first line names the columns, every other is a compound of the post's area.

    Good rows are noted and bad ones reported; a row is noted whole or not at all.

    Args:
        lines: cells as text.
        try_only: check everything and change nothing.

    Raises:
        Invalid: the file has no head that is known, or too many rows.
        Forbidden: the post may not.
    """
    policy.require(actor, "compound.import")
    if not lines:
        raise Invalid("file.empty", _("The file is empty."), field="file")
    if len(lines) - 1 > MOST_ROWS:
        raise Invalid(
            "file.rows",
            _("A file has at most %(n)d rows.") % {"n": MOST_ROWS},
            field="file",
            mend=_("Send it in parts."),
        )
    head = _head(lines[0])
    known = _compounds(actor)
    report = Report(tried=try_only)
    seen: set[UUID] = set()
    try:
        with transaction.atomic():
            for number, cells in enumerate(lines[1:], start=2):
                row = {
                    name: str(cell).strip()
                    for name, cell in zip(head, cells, strict=False)
                    if name and str(cell).strip()
                }
                if not row:
                    continue
                report.rows += 1
                _take(actor, row, number, known, seen, report)
            if not try_only:
                audit.record(
                    actor, "compound.import", subject_type="compound", subject_id=ids.new_id(), district=actor.district,
                    detail={"rows": report.rows, "bad": len(report.problems), **report.noted},
                )  # fmt: skip
            if try_only:
                raise _Undone
    except _Undone:
        pass
    return report


def _head(cells: Sequence[str]) -> list[str]:
    names = {"".join(row[said].split()).lower(): row["column"] for row in columns() for said in ("column", "zh", "en")}
    found = [names.get("".join(str(cell).split()).lower(), "") for cell in cells]
    if not {"id", "name"} & set(found):
        raise Invalid(
            "file.head", _("The first line names no compounds."), field="file",
            mend=_("Take the template; its first line names the columns."),
        )  # fmt: skip
    named = [name for name in found if name]
    if len(named) != len(set(named)):
        raise Invalid("file.head", _("A column stands twice in the first line."), field="file")
    return found


def _compounds(actor: Actor) -> dict[str, list[Compound]]:
    found: dict[str, list[Compound]] = {}
    for one in Compound.objects.filter(in_subtree("area_path", actor.area_path)):
        found.setdefault(str(one.id), []).append(one)
        found.setdefault(normalise(one.name), []).append(one)
    return found


def _take(
    actor: Actor, row: dict[str, str], number: int, known: dict[str, list[Compound]], seen: set[UUID], report: Report
) -> None:
    """Note one row within a savepoint."""

    def wrong(column: str, message: Any) -> None:
        if len(report.problems) < MOST_PROBLEMS:
            report.problems.append(Problem(number, column, str(message)))

    compound = _which(row, known)
    if isinstance(compound, str):
        wrong("id" if "id" in row else "name", compound)
        return
    if compound.id in seen:
        wrong("name", _("This compound stands in the file twice."))
        return
    seen.add(compound.id)
    values: dict[str, Any] = {}
    for name, text in row.items():
        try:
            values[name] = _READ[name](text) if name in _READ else text
        except (ValueError, InvalidOperation):
            wrong(name, _said(name))
    if len(values) < len(row):
        return
    try:
        with transaction.atomic():
            noted = _note(actor, compound, values)
    except LinliError as error:
        wrong(_COLUMN_OF.get(error.field, error.field) or "name", error.message)
        return
    for what in noted:
        report.noted[what] = report.noted.get(what, 0) + 1
    report.same += not noted


def _which(row: dict[str, str], known: dict[str, list[Compound]]) -> Compound | str:
    found = known.get(row["id"].lower()) if "id" in row else known.get(normalise(row.get("name", "")))
    if found and "community" in row and "id" not in row:
        wanted = normalise(row["community"])
        found = [one for one in found if wanted in normalise(territory.place_name(one.area_path, top=Level.COMMUNITY))]
    if not found:
        return _("There is no such compound in your area.")
    if len(found) > 1:
        return _("Several compounds have this name: give the community, or the id.")
    return found[0]


def _day(text: str) -> date:
    return date.fromisoformat(text.replace("/", "-").replace(".", "-")[:10])


def _fen(text: str) -> int:
    value = Decimal(text.replace(",", "")) * 100
    if value != value.to_integral_value() or not 0 <= value <= fund.LARGEST:
        raise ValueError(text)
    return int(value)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


def _one_of(values: Sequence[Any]) -> Callable[[str], str]:
    """A reader of a value or of its name in either language."""

    def taken(text: str) -> str:
        plain = "".join(text.split()).lower()
        for value in values:
            names = [str(value.value)]
            for language in LANGUAGES:
                with override(language):
                    names.append("".join(str(value.label).split()).lower())
            if plain in names:
                return str(value.value)
        raise ValueError(text)

    return taken


_READ: dict[str, Callable[[str], Any]] = {
    "committee_state": _one_of(RECORDED), "elected_on": _day, "term_ends_on": _day, "members": _whole, "kind": _one_of(KINDS),
    "starts_on": _day, "ends_on": _day, "fee": _fen, "fund_day": _day, "fund_balance": _fen, "dues_from": _day, "dues_to": _day,
    "billed": _whole, "paid": _whole,
}  # fmt: skip
_COLUMN_OF = {
    "state": "committee_state",
    "holds_from": "elected_on",
    "stated": "fund_balance",
    "amount": "fund_balance",
    "day": "fund_day",
}


def _said(column: str) -> str:
    reader = _READ[column]
    if reader is _day:
        return _("This is no day; write 2026-05-18.")
    if reader in (_fen, _whole):
        return _("This is no number, or one with too many decimals.")
    values = RECORDED if column == "committee_state" else KINDS
    return _("One of: %(words)s") % {"words": ", ".join(str(one.label) for one in values)}


def _note(actor: Actor, compound: Compound, values: dict[str, Any]) -> list[str]:
    """Note what differs from the file; returns what was."""
    origin, now = Origin(Source.FILE), standing.records_of(compound.district, [compound.id])
    held, today = now.get(compound.id) or standing.Records(), time.today()
    noted = []
    if "committee_state" in values:
        before = standing.committee_on(held.committees, today)
        elected = values["committee_state"] == CommitteeState.ELECTED
        if elected and "elected_on" not in values:
            raise Invalid("compounds.elected", _("Give the day of the election."), field="elected_on")
        wanted = (
            values["committee_state"],
            *(
                (values["elected_on"], values.get("term_ends_on"), values.get("members"))
                if elected
                else (None, None, None)
            ),
        )
        if before is None or (before.state, before.elected_on, before.term_ends_on, before.members) != wanted:
            facts = CommitteeFacts(
                state=values["committee_state"], holds_from=values["elected_on"] if elected else today,
                term_ends_on=values.get("term_ends_on"), members=values.get("members"),
            )  # fmt: skip
            noting.committee(actor, compound.id, facts, origin=origin, key=ids.new_id())
            noted.append("committee")
    if "kind" in values:
        contract = standing.contract_on(held.contracts, today)
        company, fee = values.get("company", ""), values.get("fee")
        starts, ends = values.get("starts_on"), values.get("ends_on")
        same = contract is not None and (contract.kind, contract.company, contract.ends_on, contract.fee_fen) == (
            values["kind"], company, ends, fee
        )  # fmt: skip
        if not same or (starts is not None and contract is not None and contract.starts_on != starts):
            noting.contract(
                actor,
                compound.id,
                ContractFacts(values["kind"], starts or today, company, ends, fee),
                origin=origin,
                key=ids.new_id(),
            )
            noted.append("contract")
    if "fund_balance" in values:
        if "fund_day" not in values:
            raise Invalid("compounds.fund_day", _("Give the day of the statement."), field="day")
        noted += _fund(actor, compound, held, values["fund_day"], values["fund_balance"], origin)
    if "billed" in values or "paid" in values:
        if not {"billed", "paid", "dues_from", "dues_to"} <= values.keys():
            raise Invalid("compounds.dues", _("Dues need both days and both numbers."), field="billed")
        period = (values["dues_from"], values["dues_to"])
        before_dues = next((row for row in held.dues if (row.starts_on, row.ends_on) == period), None)
        if before_dues is None or (before_dues.billed, before_dues.paid) != (values["billed"], values["paid"]):
            noting.dues(
                actor, compound.id, starts_on=period[0], ends_on=period[1], billed=values["billed"], paid=values["paid"],
                origin=origin, key=ids.new_id(), replaces=before_dues.id if before_dues else None,
            )  # fmt: skip
            noted.append("dues")
    return noted


def _fund(
    actor: Actor, compound: Compound, held: standing.Records, day: date, wanted: int, origin: Origin
) -> list[str]:
    """A statement's balance: brought forward into an empty fund, else it must be what the lines add up to."""
    rows = FundEntry.objects.filter(district=compound.district, compound=compound)
    if held.fund_on is None:
        fund.note(actor, compound.id, kind=FundKind.OPENING, amount=wanted, day=day, origin=origin, key=ids.new_id())
        return ["fund"]
    total = int(rows.filter(day__lte=day).aggregate(total=Sum("amount"))["total"] or 0)
    if held.fund_on >= day and total == wanted:
        return []
    fund.note(
        actor, compound.id, kind=FundKind.STATEMENT, amount=0, day=day, stated=wanted, origin=origin, key=ids.new_id()
    )
    return ["fund"]


def rows_out(actor: Actor, *, purpose: str, area: str = "") -> list[list[str]]:
    """The files of an area as rows of the same columns, by place; leaves an audit row. Read in again, they change nothing.

    Raises:
        Invalid: no purpose is given.
        Forbidden: the post may not.
    """
    policy.require(actor, "compound.export")
    words = " ".join(purpose.split())[:200]
    if len(words) < 4:
        raise Invalid(
            "purpose.missing",
            _("Please say what you need this for."),
            field="purpose",
            mend=_("A few words are enough."),
        )
    from linli.compounds.queries import standings

    found, today = [], time.today()
    compounds = [
        row.compound
        for row in standings(actor, area=area)
        .select_related("compound")
        .order_by("compound__area_path", "compound__name", "id")
    ]
    for start in range(0, len(compounds), standing.BATCH):
        batch = compounds[start : start + standing.BATCH]
        by_district = {one.district for one in batch}
        records = {
            one: held
            for district in by_district
            for one, held in standing.records_of(district, [c.id for c in batch if c.district == district]).items()
        }
        found += [_out(one, records.get(one.id) or standing.Records(), today) for one in batch]
    with transaction.atomic():
        audit.record(
            actor, "compound.export", subject_type="compound", subject_id=ids.new_id(), district=actor.district, purpose=words,
            detail={"rows": len(found)},
        )  # fmt: skip
    return found


def _out(compound: Compound, held: standing.Records, today: date) -> list[str]:
    committee = standing.committee_on(held.committees, today)
    contract = standing.contract_on(held.contracts, today)
    dues = max(held.dues, key=lambda row: row.ends_on, default=None)
    value: dict[str, Any] = {
        "id": compound.id,
        "name": compound.name,
        "community": territory.place_name(compound.area_path, top=Level.COMMUNITY),
    }
    if committee:
        value |= {
            "committee_state": CommitteeState(committee.state).label, "elected_on": committee.elected_on,
            "term_ends_on": committee.term_ends_on, "members": committee.members,
        }  # fmt: skip
    if contract:
        value |= {
            "kind": Kind(contract.kind).label, "company": contract.company, "starts_on": contract.starts_on,
            "ends_on": contract.ends_on, "fee": _yuan(contract.fee_fen),
        }  # fmt: skip
    if held.fund_on:
        value |= {"fund_day": held.fund_on, "fund_balance": _yuan(held.fund_balance)}
    if dues:
        value |= {"dues_from": dues.starts_on, "dues_to": dues.ends_on, "billed": dues.billed, "paid": dues.paid}
    return ["" if value.get(row["column"]) is None else str(value[row["column"]]) for row in columns()]


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else f"{fen // 100}.{fen % 100:02d}"
