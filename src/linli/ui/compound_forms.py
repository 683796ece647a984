"""The forms of a compound's file: what each section asks, filled with what holds, and what was sent carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from linli.compounds import queries
from linli.compounds.actions import fund, noting
from linli.compounds.actions.filing import Origin
from linli.compounds.actions.noting import CommitteeFacts, ContractFacts, RenovationFacts
from linli.compounds.models import (
    KINDS,
    RECORDED,
    Answer,
    Record,
    RenovationState,
    Source,
    Vote,
    Work,
    called,
)
from linli.compounds.queries import File
from linli.compounds.voting import Ballot, Subject
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor
from linli.people.queries import organisations_over
from linli.people.words import post_word
from linli.ui.sent import day_in, day_of


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; ``group``: several of its options may be chosen."""

    name: str
    label: str
    kind: str = "text"
    options: Iterable[tuple[str, Any]] = ()
    required: bool = True
    hint: str = ""
    maxlength: int | None = None
    value: Any = ""
    group: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a section: its title, what it explains, and its fields."""

    title: str
    about: str
    fields: list[Field] = field(default_factory=list)


COMMITTEES, COMPANIES = ("owners_committee",), ("property_company",)
"""Types of organisations that a committee or a contract may name."""
SECTIONS = ("committee", "contract", "fund", "renovation", "dues", "vote", "check")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _plain_yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def _origin_fields() -> list[Field]:
    return [
        Field("source", _("Where is this from?"), "select", [("", _("Please choose")), *Source.choices]),
        Field(
            "source_note",
            _("More of it"),
            hint=_("Such as the date and number of the paper."),
            required=False,
            maxlength=200,
        ),
    ]


def _choices(values: Iterable[Any]) -> list[tuple[str, Any]]:
    return [("", _("Please choose")), *((str(one.value), one.label) for one in values)]


def _organisation_field(found: File, kinds: tuple[str, ...], value: Any) -> list[Field]:
    """The organisations of a kind at work on the compound, or on an area above it; no field without any."""
    near = [one for one in organisations_over(found.compound.area_path) if one.type in kinds]
    if not near:
        return []
    options = [("", _("None")), *((str(one.id), one.name) for one in near)]
    return [
        Field("organisation", _("Organisation of the register"), "select", options, required=False, value=_text(value))
    ]


def _chair_field(found: File, value: Any) -> list[Field]:
    """The posts around the compound, one of which the chair may hold; no field without any."""
    near = queries.posts_around(found.compound)
    if not near:
        return []
    options = [
        ("", _("None")),
        *((str(one.id), f"{one.account.work_name} · {post_word(one.role, one.title)}") for one in near),
    ]
    return [Field("chair_post", _("The chair holds the post"), "select", options, required=False, value=_text(value))]


def form(section: str, found: File, *, replaced: UUID | None = None) -> Form:
    """The form of a section, filled with the record that it corrects or carries on."""
    today = time.today().isoformat()
    match section:
        case "committee":
            old = next((row for row in found.committees if row.id == replaced), None)
            return Form(
                _("Owners' committee"),
                _("Another committee is another record: correct one only when it was wrong. Its term is over by its day."),
                [
                    Field("state", _("State"), "select", _choices(RECORDED), value=old.state if old else ""),
                    Field("holds_from", _("Since"), "date", hint=_("Of an elected committee the day of the election."),
                          value=_text(old.holds_from) if old else today),
                    Field("term_ends_on", _("Term over on"), "date", required=False, hint=_("The first day without it; of an elected one."),
                          value=_text(old.term_ends_on) if old else ""),
                    Field("members", _("Members"), "number", required=False, value=_text(old.members) if old else ""),
                    *_chair_field(found, old.chair_post_id if old else None),
                    Field("chair_name", _("Name of the chair"), required=False, maxlength=60,
                          hint=_("Kept sealed, shown masked, deleted when another committee is noted.")),
                    Field("chair_phone", _("Telephone of the chair"), "tel", required=False, maxlength=24),
                    *_organisation_field(found, COMMITTEES, old.organisation_id if old else None),
                    *_origin_fields(),
                ],
            )  # fmt: skip
        case "contract":
            held = next((row for row in found.contracts if row.id == replaced), None)
            return Form(
                _("Property management"),
                _("A contract that follows another is another record; correct a record only when it was wrong."),
                [
                    Field("kind", _("Looked after by"), "select", _choices(KINDS), value=held.kind if held else ""),
                    Field("company", _("Company or body"), required=False, maxlength=120, value=held.company if held else ""),
                    Field("starts_on", _("From"), "date", value=_text(held.starts_on) if held else today),
                    Field("ends_on", _("Over on"), "date", required=False, hint=_("The first day on which it holds no more."),
                          value=_text(held.ends_on) if held else ""),
                    Field("fee", _("Fee in yuan a square metre and month"), required=False,
                          value=_plain_yuan(held.fee_fen) if held else ""),
                    *_organisation_field(found, COMPANIES, held.organisation_id if held else None),
                    *_origin_fields(),
                ],
            )  # fmt: skip
        case "fund":
            return Form(
                _("Maintenance fund"),
                _("One line of a statement. What was wrong is reversed, never changed."),
                [
                    Field("kind", _("Line of the fund"), "select", _choices(fund.TYPED)),
                    Field("amount", _("Amount in yuan"), hint=_("Nothing for a statement without movement."), value="0"),
                    Field("day", _("Day"), "date", value=today),
                    Field("words", _("What for"), required=False, maxlength=200),
                    Field("stated", _("Balance on the statement, in yuan"), required=False,
                          hint=_("Checked against all lines up to that day.")),
                    *_origin_fields(),
                ],
            )  # fmt: skip
        case "renovation":
            work = next((row for row in found.renovations if row.id == replaced), None)
            return Form(
                _("Renovation"),
                _("How far it is now; what was noted before stays in the history."),
                [
                    Field("title", _("What it is called"), maxlength=120, value=work.title if work else ""),
                    Field("state", _("State"), "select", _choices(RenovationState), value=work.state if work else ""),
                    Field("works", _("Works"), "checkboxes", [(str(one.value), one.label) for one in Work], required=False, group=True,
                          value=work.works if work else []),
                    Field("starts_on", _("Begins on"), "date", value=_text(work.starts_on) if work else today),
                    Field("ends_on", _("Done on"), "date", hint=_("Planned, or the day on which it was done."),
                          value=_text(work.ends_on) if work else ""),
                    Field("cost", _("Cost in yuan"), required=False, value=_plain_yuan(work.cost_fen) if work else ""),
                    *_origin_fields(),
                ],
            )  # fmt: skip
        case "dues":
            paid = next((row for row in found.dues if row.id == replaced), None)
            return Form(
                _("Dues"),
                _("Households, not names: how many were billed and how many paid."),
                [
                    Field("starts_on", _("Period from"), "date", value=_text(paid.starts_on) if paid else ""),
                    Field("ends_on", _("Period to"), "date", value=_text(paid.ends_on) if paid else ""),
                    Field("billed", _("Households billed"), "number", value=_text(paid.billed) if paid else ""),
                    Field("paid", _("Households that paid"), "number", value=_text(paid.paid) if paid else ""),
                    *_origin_fields(),
                ],
            )  # fmt: skip
        case "vote":
            cast = next((row for row in found.votes if row.id == replaced), None)
            names = {
                "heads": _("All owners"), "area": _("Exclusive area of all, in m²"), "yes_heads": _("Owners in favour"),
                "yes_area": _("Area in favour, in m²"), "no_heads": _("Owners against"), "no_area": _("Area against, in m²"),
                "abstain_heads": _("Owners who abstained"), "abstain_area": _("Area that abstained, in m²"),
            }  # fmt: skip
            counts = [
                Field(name, label, "text" if name.endswith("area") else "number",
                      value=_text(_metres(cast, name) if cast else ("0" if "abstain" in name else "")))
                for name, label in names.items()
            ]  # fmt: skip
            return Form(
                _("Vote of the owners"),
                _("Counts alone, never who voted how. The result is computed by article 278 of the Civil Code."),
                [
                    Field("subject", _("Voted on"), "select", _choices(Subject), value=cast.subject if cast else ""),
                    Field("title", _("What it is called"), maxlength=120, value=cast.title if cast else ""),
                    Field("held_on", _("Ended on"), "date", value=_text(cast.held_on) if cast else ""),
                    *counts,
                    *_origin_fields(),
                ],
            )
        case "check":
            seen = next((row for row in found.checks if row.id == replaced), None)
            before = seen.answers if seen else {}
            return Form(
                _("Yearly check"),
                _("By the published rules no. %(number)d; the points follow from the answers.") % {"number": found.rules.number},
                [
                    Field("year", _("Year"), "number", value=_text(seen.year) if seen else str(time.today().year)),
                    *(
                        Field(f"answer-{item['code']}", f"{called(item)} ({item['points']})", "radio", Answer.choices,
                              value=before.get(item["code"], ""))
                        for item in found.rules.items
                    ),
                    *_origin_fields(),
                ],
            )  # fmt: skip
    raise KeyError(section)


def _metres(row: Vote, name: str) -> str:
    value = int(getattr(row, name))
    return f"{value // 100}.{value % 100:02d}" if name.endswith("area") else str(value)


def note(section: str, actor: Actor, found: File, sent: QueryDict, *, key: UUID, replaces: UUID | None) -> Record:
    """Note what a section's form says.

    Raises:
        Invalid: a field is wrong; otherwise as the section's action.
    """
    origin, compound = Origin(sent.get("source", ""), sent.get("source_note", "")), found.compound.id
    shared: dict[str, Any] = {"origin": origin, "key": key}
    match section:
        case "committee":
            return noting.committee(
                actor, compound,
                CommitteeFacts(
                    sent.get("state", ""), day_of(sent, "holds_from"), day_in(sent, "term_ends_on"), _maybe(number, sent, "members"),
                    chair_post=_maybe(ident, sent, "chair_post"), chair_name=sent.get("chair_name", ""),
                    chair_phone=sent.get("chair_phone", ""), organisation=_maybe(ident, sent, "organisation"),
                ),
                replaces=replaces, **shared,
            )  # fmt: skip
        case "contract":
            return noting.contract(
                actor, compound,
                ContractFacts(
                    sent.get("kind", ""), day_of(sent, "starts_on"), sent.get("company", ""), day_in(sent, "ends_on"),
                    _maybe(fen, sent, "fee"), _maybe(ident, sent, "organisation"),
                ),
                replaces=replaces, **shared,
            )  # fmt: skip
        case "fund":
            return fund.note(
                actor, compound, kind=sent.get("kind", ""), amount=fen(sent, "amount"), day=day_of(sent, "day"),
                words=sent.get("words", ""),
                stated=_maybe(fen, sent, "stated"), **shared,
            )  # fmt: skip
        case "renovation":
            return noting.renovation(
                actor, compound,
                RenovationFacts(
                    sent.get("title", ""), sent.get("state", ""), day_of(sent, "starts_on"), day_of(sent, "ends_on"),
                    tuple(sent.getlist("works")), _maybe(fen, sent, "cost"),
                ),
                replaces=replaces, **shared,
            )  # fmt: skip
        case "dues":
            return noting.dues(
                actor, compound, starts_on=day_of(sent, "starts_on"), ends_on=day_of(sent, "ends_on"), billed=number(sent, "billed"),
                paid=number(sent, "paid"), replaces=replaces, **shared,
            )  # fmt: skip
        case "vote":
            ballot = Ballot(
                number(sent, "heads"), fen(sent, "area"), number(sent, "yes_heads"), fen(sent, "yes_area"), number(sent, "no_heads"),
                fen(sent, "no_area"), number(sent, "abstain_heads"), fen(sent, "abstain_area"),
            )  # fmt: skip
            return noting.vote(
                actor, compound, subject=sent.get("subject", ""), title=sent.get("title", ""), held_on=day_of(sent, "held_on"),
                ballot=ballot, replaces=replaces, **shared,
            )  # fmt: skip
        case "check":
            answers = {item["code"]: sent.get(f"answer-{item['code']}", "") for item in found.rules.items}
            return noting.check(
                actor, compound, year=number(sent, "year"), answers=answers, replaces=replaces, **shared
            )
    raise KeyError(section)


def _maybe(read: Callable[[Mapping[str, str], str], Any], sent: Mapping[str, str], name: str) -> Any:
    return read(sent, name) if sent.get(name, "").strip() else None


def ident(sent: Mapping[str, str], name: str) -> UUID:
    """An id that was chosen.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(sent.get(name, ""))
    except ValueError:
        raise Invalid("field.choice", _("Choose one from the list."), field=name) from None


def number(sent: Mapping[str, str], name: str) -> int:
    """A whole number that was sent, not below zero.

    Raises:
        Invalid: it is none.
    """
    text = sent.get(name, "").strip().replace(",", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("field.number", _("Please give a whole number."), field=name)
    return int(text)


def fen(sent: Mapping[str, str], name: str) -> int:
    """Hundredths of what was sent, with two decimals at the most: fen of yuan, square decimetres of square metres.

    Raises:
        Invalid: it is no such number.
    """
    try:
        value = Decimal(sent.get(name, "").strip().replace(",", "")) * 100
        if value == value.to_integral_value() and 0 <= value < 10**14:
            return int(value)
    except InvalidOperation:
        pass
    raise Invalid("field.number", _("Please give a number with two decimals at the most."), field=name)
