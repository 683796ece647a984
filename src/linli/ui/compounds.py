"""How the file of a compound looks at every door: its colour with the reasons, its sections, the published rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from linli.compounds import queries
from linli.compounds.colours import Check as Looked
from linli.compounds.models import (
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
from linli.compounds.voting import THREE_QUARTERS, Result, Subject, majority
from linli.kernel import time
from linli.people.words import post_word
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.duties import yuan

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
