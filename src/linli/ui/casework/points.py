"""How points look to the person whose they are, alike in the field app and in the portal; and how rules look to everybody.

A door gives its own actor and its own addresses (:class:`Door`); nothing here shows anybody else's points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.cases.loop import may_view
from linli.cases.models import Case
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor
from linli.ledger import queries
from linli.ledger.actions import claiming, collecting, objecting, rewarding
from linli.ledger.models import (
    Claim,
    ClaimState,
    Entry,
    EntryKind,
    Objection,
    ObjectionState,
    Per,
    Redemption,
    RedemptionState,
    Rule,
    Suspension,
)
from linli.ledger.queries import COMPARED, RuleBook
from linli.ledger.rules import terms
from linli.people.words import role_word
from linli.ui import undo
from linli.ui.casework.names import language

LOOKS: dict[str, tuple[str, str]] = {
    EntryKind.AWARD: ("good", "star"),
    EntryKind.CORRECTION: ("good", "pencil"),
    EntryKind.PENALTY: ("late", "minus"),
    EntryKind.REDEMPTION: ("info", "package"),
    EntryKind.EXPIRY: ("quiet", "calendar-clock"),
    EntryKind.REVERSAL: ("soon", "undo-2"),
}
CLAIM_LOOKS: dict[str, tuple[str, str]] = {
    ClaimState.WAITING: ("info", "hourglass"),
    ClaimState.GRANTED: ("good", "circle-check"),
    ClaimState.REFUSED: ("soon", "ban"),
}
OBJECTION_LOOKS: dict[str, tuple[str, str]] = {
    ObjectionState.OPEN: ("info", "scale"),
    ObjectionState.UPHELD: ("good", "circle-check"),
    ObjectionState.REJECTED: ("soon", "ban"),
}
REDEMPTION_LOOKS: dict[str, tuple[str, str]] = {
    RedemptionState.WAITING: ("info", "package"),
    RedemptionState.COLLECTED: ("good", "circle-check"),
    RedemptionState.CANCELLED: ("quiet", "undo-2"),
    RedemptionState.LAPSED: ("quiet", "timer-off"),
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody looks at their points: as whom, how addresses are made, and the template that the parts stand in."""

    actor: Actor
    address: Callable[..., str]
    template: str
    extra: dict[str, Any]

    def draw(self, request: HttpRequest, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """A page of the door with one part in it."""
        links = {
            "points_href": self.address("points"),
            "claim_href": self.address("points-claim"),
            "rewards_href": self.address("points-rewards"),
            "collect_href": self.address("points-collect"),
        }
        return render(request, self.template, {"part": part} | links | self.extra | context, status=status)


class RuleNames:
    """The names of rules as they were when an entry was written; each set is read once."""

    def __init__(self) -> None:
        self._books: dict[int, RuleBook] = {}

    def rule(self, code: str, number: int) -> Rule | None:
        """A rule of a set."""
        if number and number not in self._books:
            self._books[number] = queries.rule_book(number)
        return self._books[number].get(code) if number in self._books else None

    def called(self, code: str, number: int) -> str:
        """Its name."""
        found = self.rule(code, number)
        if found is not None:
            return found.called(language())
        return _("Expiry") if code == "expiry" else code


def signed(amount: int) -> str:
    """``+2`` or ``−10``; nought has no sign."""
    return f"+{amount}" if amount > 0 else f"−{-amount}" if amount < 0 else "0"


def row_of(entry: Entry, names: RuleNames, *, href: str = "") -> dict[str, Any]:
    """One row of the list."""
    tone, icon = LOOKS[entry.kind]
    return {
        "href": href,
        "title": names.called(entry.rule, entry.rules_number),
        "label": entry.subject_label,
        "kind": str(EntryKind(entry.kind).label),
        "amount": signed(entry.signed),
        "tone": tone if entry.amount else "quiet",
        "icon": icon,
        "at": entry.occurred_at,
        "limit": limit_words(entry),
    }


def limit_words(entry: Entry) -> str:
    """Why less moved than the rule says; empty when all of it did."""
    if not entry.limited_by:
        return ""
    left = {"nominal": entry.nominal, "amount": entry.amount}
    return {
        "day": _("The rule says %(nominal)d; the day's limit left %(amount)d."),
        "month": _("The rule says %(nominal)d; the month's limit left %(amount)d."),
        "balance": _("The rule says %(nominal)d; only %(amount)d were there, and nothing stays owed."),
        "suspended": _("The rule says %(nominal)d; your account was suspended then."),
    }[entry.limited_by] % left


EVENTS = {
    "case.register": "registered",
    "case.verify": "verified",
    "case.sign_in": "signed_in",
    "case.merge": "merged",
    "dwelling.change_accepted": "dwelling",
}


def why(entry: Entry) -> str:
    """What an entry is for, in a sentence."""
    told = EVENTS.get(entry.event_kind, "")
    sentences = {
        "registered": _("You reported it first, and it was taken up."),
        "verified": _("You found a danger, and it was verified that it is gone."),
        "signed_in": _("You turned out to an emergency, and it was confirmed."),
        "merged": _("It was reported before, so the points for it were taken back."),
        "dwelling": _("A change of a dwelling's details that you proposed was accepted."),
    }
    if told in sentences:
        return sentences[told]
    return {
        EntryKind.AWARD: _("Somebody who was responsible confirmed it."),
        EntryKind.CORRECTION: _("Your objection was upheld: points that were missing."),
        EntryKind.PENALTY: _("Two people reviewed it and found that it was so."),
        EntryKind.REDEMPTION: _("You changed points for this."),
        EntryKind.EXPIRY: _("Points of that year were kept for a further year and then expired, as announced."),
        EntryKind.REVERSAL: _("An earlier entry was taken back."),
    }[EntryKind(entry.kind)]


# Rules, for everybody.


def rule_rows(book: RuleBook) -> list[dict[str, Any]]:
    """The rules of a set as they are published."""
    return [
        {
            "code": one.code,
            "name": one.called(language()),
            "points": signed(one.points),
            "per": str(Per(one.per).label),
            "caps": cap_words(one),
            "confirmation": confirmation_words(one),
            "note": one.noted(language()),
            "tone": "late" if one.points < 0 else "good",
        }
        for one in book.rules.values()
    ]


def cap_words(rule: Rule) -> str:
    """The caps of a rule."""
    parts = []
    if rule.daily_cap is not None:
        parts.append(_("%(n)d a day") % {"n": rule.daily_cap})
    if rule.monthly_cap is not None:
        parts.append(_("%(n)d a month") % {"n": rule.monthly_cap})
    return " · ".join(parts) or _("no limit")


def confirmation_words(rule: Rule) -> str:
    """Who has to say yes."""
    who = " · ".join(str(role_word(role)) for role in rule.confirmers)
    return f"{rule.get_confirmation_display()}{': ' if who else ''}{who}"


FIELDS = {
    "name_zh": "name", "name_en": "name", "points": "points", "per": "per", "daily_cap": "caps", "monthly_cap": "caps",
    "confirmation": "confirmation", "confirmers": "confirmation", "note_zh": "note", "note_en": "note",
}  # fmt: skip


def change_rows(before: RuleBook, after: RuleBook) -> list[dict[str, Any]]:
    """What is different in a set from the one before it, old and new side by side."""
    old, new = ({row["code"]: row for row in rule_rows(one)} for one in (before, after))
    labels = {
        "name": _("Name"), "points": _("Points"), "per": _("For each"), "caps": _("At most"),
        "confirmation": _("How it is confirmed"), "note": _("Note"),
    }  # fmt: skip
    found = []
    for one in queries.rule_changes(before, after):
        named = one.after or one.before
        shown = dict.fromkeys(FIELDS[name] for name in COMPARED if name in one.fields)
        found.append(
            {
                "name": named.called(language()) if named else one.code,
                "added": one.before is None,
                "dropped": one.after is None,
                "fields": [
                    {"label": labels[name], "before": old[one.code][name] or "—", "after": new[one.code][name] or "—"}
                    for name in shown
                ]
                if one.before and one.after
                else [],
            }
        )
    return found


# One's own pages.


def cases_of(actor: Actor, entries: Iterable[Entry | Claim]) -> dict[UUID, str]:
    """The numbers of the cases behind entries or claims, of those that the actor may see."""
    wanted = [one for one in entries if one.subject_type == "case"]
    found = Case.objects.filter(
        district__in={one.district for one in wanted}, id__in={one.subject_id for one in wanted}
    )
    return {case.id: case.number for case in found if may_view(actor, case)}


def mine(request: HttpRequest, door: Door) -> HttpResponse:
    """The balance, what expires, what waits, every entry."""
    actor = door.actor
    found = queries.mine(actor)
    after = request.GET.get("after", "")[:10]
    page = queries.entries_of(actor, district=found.district, after=after)
    names = RuleNames()
    numbers = cases_of(actor, page.entries)
    context = {
        "mine": found,
        "may_collect": actor.post_id is None,
        "balance_words": ngettext("%(n)d point", "%(n)d points", found.balance) % {"n": found.balance},
        "rows": [
            row_of(one, names, href=door.address("points-entry", one.id))
            | {"label": one.subject_label or numbers.get(one.subject_id, "")}
            for one in page.entries
        ],
        "claims": [claim_row(one, names) for one in found.claims],
        "redemptions": [redemption_row(one, door) for one in found.redemptions if one.state == RedemptionState.WAITING],
        "next_href": f"?after={page.next}" if page.next else "",
        "first_href": door.address("points") if after else "",
        "suspended": suspension_row(found.suspension, names, door) if found.suspension else None,
    }
    return door.draw(request, "ui/points/mine.html", context)


def suspension_row(one: Suspension, names: RuleNames, door: Door) -> dict[str, Any]:
    """A suspension as its owner sees it: since when, why, and where to object."""
    return {
        "since": one.begun_at,
        "why": names.called(one.rule, one.entry.rules_number),
        "lift_asked": one.lift_asked_by is not None,
        "href": door.address("points-entry", one.entry_id),
    }


def claim_row(one: Claim, names: RuleNames) -> dict[str, Any]:
    """A claim as its owner sees it."""
    tone, icon = CLAIM_LOOKS[one.state]
    return {
        "title": names.called(one.rule, one.rules_number),
        "label": one.subject_label,
        "takes_away": one.takes_away,
        "words": queries.words_of(one),
        "reason": queries.words_of(one, "reason"),
        "state": one.get_state_display(),
        "tone": tone,
        "icon": icon,
        "at": one.asked_at,
    }


def redemption_row(one: Redemption, door: Door) -> dict[str, Any]:
    """A redemption in a list."""
    tone, icon = REDEMPTION_LOOKS[one.state]
    return {
        "href": door.address("points-redemption", one.id),
        "title": one.reward.called(language()),
        "place": one.reward.place,
        "price": one.price,
        "state": one.get_state_display(),
        "tone": tone,
        "icon": icon,
        "collect_by": one.collect_by,
    }


def entry(request: HttpRequest, door: Door, entry_id: UUID) -> HttpResponse:
    """One entry explained, and the objection to it."""
    actor = door.actor
    errors: list[LinliError] = []
    found = queries.entry(actor, entry_id)
    if request.method == "POST":
        try:
            objecting.object_to(actor, entry_id, words=request.POST.get("words", ""))
            undo.done(request, _("Your objection is in. Somebody who had no hand in it answers."))
            return HttpResponseRedirect(door.address("points-entry", entry_id))
        except LinliError as error:
            errors.append(error)
    names = RuleNames()
    number = cases_of(actor, [found]).get(found.subject_id, "")
    objection = queries.objection_to(found)
    reversed_by = queries.reversal_of(found)
    rule = names.rule(found.rule, found.rules_number)
    until = queries.objection_until(found)
    context = {
        "entry": found,
        "row": row_of(found, names),
        "why": why(found),
        "number": number,
        "case_href": door.address("case", number) if number else "",
        "rule_note": rule.noted(language()) if rule else "",
        "rule_caps": cap_words(rule) if rule and rule.points > 0 else "",
        "rules_href": f"/points-rules/{found.rules_number}",
        "reverses_href": door.address("points-entry", found.reverses_id) if found.reverses_id else "",
        "reversed_href": door.address("points-entry", reversed_by.id) if reversed_by else "",
        "objection": objection_row(objection) if objection else None,
        "may_object": objection is None and found.kind != EntryKind.REDEMPTION and time.now() <= until,
        "until": until,
        "sent": request.POST,
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors if error.field},
    }
    return door.draw(request, "ui/points/entry.html", context, status=errors[0].status if errors else 200)


def objection_row(one: Objection) -> dict[str, Any]:
    """An objection as its owner sees it."""
    tone, icon = OBJECTION_LOOKS[one.state]
    return {
        "state": one.get_state_display(), "tone": tone, "icon": icon, "words": queries.words_of(one),
        "answer": queries.words_of(one, "answer"), "made_at": one.made_at, "due_at": one.due_at,
        "answered_at": one.answered_at,
    }  # fmt: skip


def claim(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for points that somebody has to confirm."""
    actor = door.actor
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            claiming.claim(
                actor,
                key_of(request),
                rule=request.POST.get("rule", ""),
                on=day_of(request.POST.get("on", "")),
                words=request.POST.get("words", ""),
                quantity=request.POST.get("quantity", "") or 1,
            )
            undo.done(request, _("It is in. You get the points once it is confirmed."))
            return HttpResponseRedirect(door.address("points"))
        except LinliError as error:
            errors.append(error)
    book = queries.rules_at()
    context = {
        "rules": [
            (one.code, f"{one.called(language())} ({signed(one.points)} / {Per(one.per).label})")
            for one in book.rules.values()
            if one.by_hand == "hand"
        ],
        "key": request.POST.get("key", "") or str(ids.new_id()),
        "sent": request.POST,
        "on": request.POST.get("on", "") or time.today().isoformat(),
        "most": terms().most_quantity,
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors if error.field},
    }
    return door.draw(request, "ui/points/claim.html", context, status=errors[0].status if errors else 200)


def rewards(request: HttpRequest, door: Door) -> HttpResponse:
    """What points can be changed for; changing them can be taken back at once, and until it is collected."""
    actor = door.actor
    errors: list[LinliError] = []
    found = queries.mine(actor)
    if request.method == "POST":
        try:
            made = rewarding.redeem(actor, id_of(request.POST.get("reward", "")), redemption_id=key_of(request))
            said = _("%(reward)s is kept for you.") % {"reward": made.reward.called(language())}
            undo.done(request, said, undo=door.address("points-redemption", made.id))
            return HttpResponseRedirect(door.address("points-redemption", made.id))
        except LinliError as error:
            errors.append(error)
    context = {
        "mine": found,
        "balance_words": ngettext("%(n)d point", "%(n)d points", found.balance) % {"n": found.balance},
        "rewards": [
            {
                "id": one.id, "key": str(ids.new_id()), "name": one.called(language()), "place": one.place, "price": one.price,
                "stock": one.stock, "missing": max(0, one.price - found.balance),
            }
            for one in queries.rewards(actor, district=found.district)
        ],
        "redemptions": [redemption_row(one, door) for one in found.redemptions],
        "errors": errors,
    }  # fmt: skip
    return door.draw(request, "ui/points/rewards.html", context, status=errors[0].status if errors else 200)


def redemption(request: HttpRequest, door: Door, redemption_id: UUID) -> HttpResponse:
    """What is kept for one, with the code to collect it; or taking it back."""
    actor = door.actor
    own = next((one for one in queries.mine(actor).redemptions if one.id == redemption_id), None)
    if own is None:
        raise queries.missing()
    if request.method == "POST":
        rewarding.take_back(actor, redemption_id)
        undo.done(request, _("Taken back: your points are there again."))
        return HttpResponseRedirect(door.address("points-rewards"))
    waits = own.state == RedemptionState.WAITING
    code = queries.pick_up_code(own.district, own.id) if waits else ""
    context = {"redemption": redemption_row(own, door), "code": f"{code[:4]} {code[4:]}".strip(), "waits": waits}
    return door.draw(request, "ui/points/redemption.html", context)


def collect(request: HttpRequest, door: Door) -> HttpResponse:
    """Begin to collect points, or stop."""
    collecting.collect(door.actor, collecting=request.POST.get("collect") == "yes")
    return HttpResponseRedirect(door.address("points"))


def key_of(request: HttpRequest) -> UUID:
    """The key that the page made for its command.

    Raises:
        Invalid: there is none.
    """
    return id_of(request.POST.get("key", ""))


def id_of(text: str) -> UUID:
    """An id that a page carries.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(
            "command.key", _("The page has lost its place."), mend=_("Load the page again, then try once more.")
        ) from None


def day_of(text: str) -> date:
    """A day that somebody chose.

    Raises:
        Invalid: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("points.day", _("This is not a day."), field="on", mend=_("Choose a day.")) from None
