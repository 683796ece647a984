"""How the file of a compound looks at every door: its colour with the reasons, its sections, the forms that note a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from linli.compounds import queries
from linli.compounds.actions import fund, noting
from linli.compounds.actions.filing import Origin
from linli.compounds.actions.noting import CommitteeFacts, ContractFacts, RenovationFacts
from linli.compounds.colours import Check as Looked
from linli.compounds.models import (
    KINDS,
    RECORDED,
    Answer,
    Check,
    Colour,
    Committee,
    CommitteeState,
    Contract,
    Dues,
    FundEntry,
    FundKind,
    Kind,
    Record,
    Renovation,
    RenovationState,
    RuleSet,
    RunsOut,
    Source,
    Standing,
    Vote,
    Work,
    called,
)
from linli.compounds.queries import File
from linli.compounds.running import Item
from linli.compounds.voting import THREE_QUARTERS, Ballot, Result, Subject, majority
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor
from linli.people.queries import organisations_over
from linli.people.words import post_word
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.duties import yuan
from linli.ui.sent import day_in, day_of

COLOURS: dict[str, tuple[str, str]] = {
    Colour.RED: ("late", "octagon-alert"),
    Colour.YELLOW: ("soon", "triangle-alert"),
    Colour.GREEN: ("good", "circle-check"),
}
RESULTS: dict[str, tuple[str, str]] = {
    Result.PASSED: ("good", "circle-check"),
    Result.REJECTED: ("late", "circle-x"),
    Result.NO_QUORUM: ("soon", "users-round"),
}
RUNS: dict[str, str] = {
    RunsOut.CONTRACT: "file-text", RunsOut.COMMITTEE: "vote", RunsOut.FUND: "receipt-text", RunsOut.RENOVATION: "hammer"
}  # fmt: skip
RENOVATIONS: dict[str, tuple[str, str]] = {
    RenovationState.PLANNED: ("info", "calendar"),
    RenovationState.UNDER_WAY: ("brand", "hammer"),
    RenovationState.DONE: ("good", "circle-check"),
}


def colour(value: str) -> dict[str, str]:
    """A colour as a badge: a word and a sign beside it, so that it is never the only one."""
    tone, icon = COLOURS[value]
    return {"value": value, "word": str(Colour(value).label), "tone": tone, "icon": icon}


def measured(check: str, measure: int) -> str:
    """What a measure says, in words."""
    match check:
        case Looked.DUES_LOW | Looked.CHECK_LOW:
            return _("%(n)d %%") % {"n": measure}
        case Looked.CHECK_OLD:
            return ngettext("%(n)d year ago", "%(n)d years ago", measure) % {"n": measure}
        case Looked.TERM_ENDING | Looked.CONTRACT_ENDING:
            return ngettext("%(n)d day left", "%(n)d days left", measure) % {"n": measure}
        case Looked.FUND_OLD:
            return ngettext("%(n)d day old", "%(n)d days old", measure) % {"n": measure}
        case Looked.TERM_OVER | Looked.CONTRACT_OVER | Looked.RENOVATION_LATE:
            return ngettext("for %(n)d day", "for %(n)d days", measure) % {"n": measure}
    return ""


def reasons(row: Standing, rules: RuleSet) -> list[dict[str, Any]]:
    """The rules that made a colour so, in words."""
    names = {rule["code"]: called(rule) for rule in rules.rules}
    return [
        {
            "name": names.get(hit["code"], hit["code"]),
            "said": measured(hit["check"], hit["measure"]),
            **colour(hit["colour"]),
        }
        for hit in row.hits
    ]


def listed(row: Standing, *, href: str, rules: RuleSet) -> dict[str, Any]:
    """A line of the list."""
    return {
        "href": href,
        "name": row.compound.name,
        "place": territory.place_name(row.compound.area_path, top=Level.COMMUNITY),
        "households": row.compound.households,
        "colour": colour(row.colour),
        "why": [one["name"] for one in reasons(row, rules)],
        "committee": str(CommitteeState(row.committee_state).label),
        "term": row.term_ends_on,
        "kind": str(Kind(row.kind).label),
        "company": row.company,
        "contract": row.contract_ends_on,
        "balance": yuan(row.fund_balance) if row.fund_on else "",
        "fund_on": row.fund_on,
        "synthetic": row.compound.synthetic,
    }


def running(item: Item, *, href: str) -> dict[str, Any]:
    """A line of what runs out."""
    days = (item.day - time.today()).days
    if days > 0:
        said = ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    else:
        said = ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days} if days else _("today")
    return {
        "href": href, "name": item.standing.compound.name, "kind": str(RunsOut(item.kind).label), "icon": RUNS[item.kind],
        "place": territory.place_name(item.standing.compound.area_path, top=Level.COMMUNITY), "day": item.day, "said": said,
        "over": days <= 0, "company": item.standing.company if item.kind == RunsOut.CONTRACT else "",
    }  # fmt: skip


# --- sections of a file -----------------------------------------------------------------------------------------------------------------


def origin_words(row: Record) -> str:
    """Where a record is from."""
    return " · ".join(part for part in (str(Source(row.source).label), row.source_note) if part)


def _record(row: Record) -> dict[str, Any]:
    return {"id": str(row.id), "from": origin_words(row), "at": row.noted_at, "by": row.noted_as, "demo": row.synthetic}


def committee(row: Committee | None, standing: Standing) -> dict[str, Any] | None:
    """The committee in words, without its chair."""
    if row is None:
        return None
    return _record(row) | {
        "state": str(CommitteeState(standing.committee_state).label), "over": standing.committee_state == CommitteeState.OVER,
        "since": row.holds_from, "elected_on": row.elected_on, "term": row.term_ends_on, "members": row.members,
        "organisation": row.organisation.name if row.organisation else "",
    }  # fmt: skip


def chair(found: File) -> dict[str, Any] | None:
    """The chair: a post by its word and work name, or a masked contact."""
    row = found.committee
    if row is not None and row.chair_post is not None:
        return {
            "name": row.chair_post.account.work_name,
            "as": post_word(row.chair_post.role, row.chair_post.title),
            "phone": row.chair_post.public_phone,
            "sealed": False,
        }
    if found.chair is not None:
        return {"name": found.chair.name, "as": "", "phone": found.chair.phone, "sealed": True}
    return None


def contract(row: Contract | None) -> dict[str, Any] | None:
    """Who looks after the compound, in words."""
    if row is None:
        return None
    return _record(row) | {
        "kind": str(Kind(row.kind).label), "company": row.company, "starts": row.starts_on, "ends": row.ends_on,
        "fee": yuan(row.fee_fen) if row.fee_fen is not None else "", "over": row.ends_on is not None and row.ends_on <= time.today(),
        "organisation": row.organisation.name if row.organisation else "",
    }  # fmt: skip


def fund_line(row: FundEntry, *, gone: bool) -> dict[str, Any]:
    """A line of the fund; ``gone`` when it was reversed."""
    amount = yuan(abs(row.amount))
    return _record(row) | {
        "day": row.day, "kind": str(FundKind(row.kind).label), "words": row.words, "gone": gone,
        "amount": f"−{amount}" if row.amount < 0 else amount, "may": not gone and row.kind != FundKind.REVERSAL,
    }  # fmt: skip


def renovation(row: Renovation) -> dict[str, Any]:
    """A renovation in words."""
    tone, icon = RENOVATIONS[row.state]
    return _record(row) | {
        "title": row.title, "state": str(RenovationState(row.state).label), "tone": tone, "icon": icon,
        "works": [str(Work(one).label) for one in row.works], "starts": row.starts_on, "ends": row.ends_on,
        "cost": yuan(row.cost_fen) if row.cost_fen is not None else "", "open": row.state != RenovationState.DONE,
        "late": row.state != RenovationState.DONE and row.ends_on < time.today(),
    }  # fmt: skip


def dues(row: Dues) -> dict[str, Any]:
    """Dues of a period."""
    return _record(row) | {
        "starts": row.starts_on,
        "ends": row.ends_on,
        "billed": row.billed,
        "paid": row.paid,
        "share": row.share,
    }


def _square_metres(dm2: int) -> str:
    whole, rest = divmod(dm2, 100)
    return f"{whole:,}" + (f".{rest:02d}" if rest else "")


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} %" if whole else "–"


def vote(row: Vote) -> dict[str, Any]:
    """A vote with its counts, its result, and what it needed."""
    ballot = row.ballot
    tone, icon = RESULTS[row.result]
    needs = (
        _("three quarters or more of those who took part")
        if majority(row.subject) == THREE_QUARTERS
        else _("more than half of those who took part")
    )
    lines = [
        (_("In favour"), ballot.yes_heads, ballot.yes_area),
        (_("Against"), ballot.no_heads, ballot.no_area),
        (_("Abstained"), ballot.abstain_heads, ballot.abstain_area),
    ]
    return _record(row) | {
        "title": row.title, "subject": str(Subject(row.subject).label), "on": row.held_on, "result": str(Result(row.result).label),
        "tone": tone, "icon": icon, "needs": needs, "heads": row.heads, "area": _square_metres(row.area),
        "present_heads": ballot.present_heads, "present_area": _square_metres(ballot.present_area),
        "present": _("%(heads)s of the owners, %(area)s of the area") % {
            "heads": _share(ballot.present_heads, row.heads), "area": _share(ballot.present_area, row.area)
        },
        "lines": [
            {"word": word, "heads": heads, "area": _square_metres(area), "heads_share": _share(heads, ballot.present_heads),
             "area_share": _share(area, ballot.present_area)}
            for word, heads, area in lines
        ],
    }  # fmt: skip


def check(row: Check) -> dict[str, Any]:
    """A yearly check with the answers to its items."""
    return _record(row) | {
        "year": row.year, "points": row.points, "most": row.most, "share": row.share, "rules": row.rule_set.number,
        "items": [
            {"name": called(item), "points": item["points"], "said": str(Answer(row.answers[item["code"]]).label)}
            for item in row.rule_set.items if item["code"] in row.answers
        ],
    }  # fmt: skip


WHAT: dict[type[Record], tuple[Any, str]] = {
    Committee: (gettext_lazy("Owners' committee"), "vote"),
    Contract: (gettext_lazy("Property management"), "building-2"),
    FundEntry: (gettext_lazy("Maintenance fund"), "receipt-text"),
    Renovation: (gettext_lazy("Renovation"), "hammer"),
    Dues: (gettext_lazy("Dues"), "chart-column"),
    Vote: (gettext_lazy("Vote of the owners"), "users-round"),
    Check: (gettext_lazy("Yearly check"), "clipboard-check"),
}


def happened(row: Record) -> dict[str, Any]:
    """A record as a line of the history: what it is, what it says, where it is from."""
    word, icon = WHAT[type(row)]
    corrects = row.replaces_id is not None and not isinstance(row, FundEntry | Renovation)
    return _record(row) | {"what": str(word), "icon": icon, "said": _says(row), "corrects": corrects}


def _says(row: Record) -> str:
    match row:
        case Committee():
            until = _("until %(day)s") % {"day": row.term_ends_on} if row.term_ends_on else ""
            return " · ".join(
                part for part in (str(CommitteeState(row.state).label), str(row.holds_from), until) if part
            )
        case Contract():
            until = _("until %(day)s") % {"day": row.ends_on} if row.ends_on else ""
            return " · ".join(
                part for part in (str(Kind(row.kind).label), row.company, str(row.starts_on), until) if part
            )
        case FundEntry():
            sign = "−" if row.amount < 0 else ""
            return f"{FundKind(row.kind).label} · {sign}{yuan(abs(row.amount))} · {row.day}" + (
                f" · {row.words}" if row.words else ""
            )
        case Renovation():
            return f"{row.title} · {RenovationState(row.state).label} · {row.ends_on}"
        case Dues():
            return f"{row.starts_on} – {row.ends_on} · {row.paid} / {row.billed}"
        case Vote():
            return f"{row.title} · {Result(row.result).label} · {row.held_on}"
        case Check():
            return f"{row.year} · {row.points} / {row.most}"
    return ""


# --- forms ----------------------------------------------------------------------------------------------------------------------------


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


# --- rules ----------------------------------------------------------------------------------------------------------------------------

CHECKS: dict[str, Any] = {
    Looked.NO_COMMITTEE: gettext_lazy("No committee"), Looked.TERM_OVER: gettext_lazy("Committee's term over, in days from"),
    Looked.TERM_ENDING: gettext_lazy("Committee's term ends, in days below"), Looked.NO_PROPERTY: gettext_lazy("Nobody looks after it"),
    Looked.CONTRACT_OVER: gettext_lazy("Contract over, in days from"),
    Looked.CONTRACT_ENDING: gettext_lazy("Contract ends, in days below"),
    Looked.NO_FUND: gettext_lazy("No fund statement"), Looked.FUND_OLD: gettext_lazy("Age of the fund statement, in days from"),
    Looked.DUES_LOW: gettext_lazy("Households that pay, in per cent below"),
    Looked.CHECK_LOW: gettext_lazy("Yearly check, in per cent below"),
    Looked.CHECK_OLD: gettext_lazy("Years since the last check, from"),
    Looked.RENOVATION_LATE: gettext_lazy("Renovation late, in days from"),
}  # fmt: skip
TERMS: dict[str, Any] = {
    "contract": gettext_lazy("Property contract ends within"),
    "committee": gettext_lazy("Committee's term ends within"),
    "fund": gettext_lazy("Fund statement older than"),
    "renovation": gettext_lazy("Renovation is to be done within"),
}


def rule_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A colour rule in words."""
    return {
        "code": row["code"], "name": called(dict(row)), "check": str(CHECKS[row["check"]]), "bound": row["bound"],
        "colour": colour(row["colour"]), "plain": row["check"] in (Looked.NO_COMMITTEE, Looked.NO_PROPERTY, Looked.NO_FUND),
    }  # fmt: skip


def rules_page(found: RuleSet) -> dict[str, Any]:
    """A published set in words."""
    return {
        "set": found,
        "rules": [rule_row(row) for row in found.rules],
        "items": [{"name": called(row), "points": row["points"]} for row in found.items],
        "most": sum(row["points"] for row in found.items),
        "terms": [{"name": str(TERMS[name]), "days": days} for name, days in found.terms.items()],
    }


def difference_rows(found: Iterable[queries.Difference]) -> list[dict[str, str]]:
    """A difference between two sets in words."""
    return [
        {"label": _label(one), "before": _side(one.part, one.before), "after": _side(one.part, one.after)}
        for one in found
    ]


def _label(one: queries.Difference) -> str:
    if one.part == "terms":
        return str(TERMS[one.code])
    return called(one.after or one.before or {})


def _side(part: str, row: dict[str, Any] | None) -> str:
    if row is None:
        return _("None")
    if part == "terms":
        return ngettext("%(n)d day", "%(n)d days", row["days"]) % {"n": row["days"]}
    if part == "items":
        return f"{called(row)} · {row['points']}"
    return f"{called(row)} · {CHECKS[row['check']]} {row['bound']} · {Colour(row['colour']).label}"
