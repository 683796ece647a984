"""What the room does when something happens elsewhere: an award, a claim for somebody to confirm, or a reversal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from linli.catalog import queries as catalog
from linli.catalog.models import Sensitivity
from linli.kernel import events
from linli.kernel.events import Happened
from linli.kernel.models import Event
from linli.kernel.trust import SYSTEM, Role
from linli.ledger import book, queries
from linli.ledger.actions import claiming
from linli.ledger.book import Source
from linli.ledger.models import Account, AccountKind, Claim, ClaimState, Entry, EntryKind
from linli.ledger.queries import RuleBook
from linli.ledger.rules import terms

ABOUT_PEOPLE = (Sensitivity.PERSONAL, Sensitivity.RESTRICTED)
"""Reports of these kinds give points to nobody: points are for streets and stairs, not for neighbours."""


@dataclass(frozen=True, slots=True)
class _Finder:
    account_id: UUID
    post_id: UUID | None


@events.consumer("ledger.cases", "case.register", "case.verify", "case.sign_in", "case.merge")
def on_cases(batch: Sequence[Happened]) -> None:
    """Points for whoever found a problem, dealt with a danger or turned out to an emergency."""
    books = queries.RuleBooks()
    for event in batch:
        rules = books.at(event.at)
        if not rules.number or event.subject_type != "case":
            continue
        match event.kind:
            case "case.register":
                _found(event, rules, "valid_report")
            case "case.verify" if event.data.get("to") == "verified" and _is_danger(event):
                _found(event, rules, "hidden_danger_fixed")
            case "case.sign_in":
                _turned_out(event, rules)
            case "case.merge":
                _no_first_report(event)


def _found(event: Happened, rules: RuleBook, code: str) -> None:
    rule = rules.get(code)
    if rule is None or _is_about_people(event):
        return
    told = queries.reports_of(event.district, [event.subject_id]).get(event.subject_id)
    finder = _finder(told) if told is not None else None
    if finder is None:
        return
    source = _source(event)
    # Whoever registers or verifies what they found themselves has somebody else confirm it.
    if event.post_id is not None and queries.owner_of_post(event.district, event.post_id) == finder.account_id:
        claiming.raise_claim(rule, rules.number, finder.account_id, source, actor=SYSTEM)
    else:
        book.award(SYSTEM, rule, finder.account_id, source, rules_number=rules.number)


def _finder(told: Event) -> _Finder | None:
    if told.role not in terms().finders:
        return None
    if told.post_id is not None:
        owner = queries.owner_of_post(told.district, told.post_id)
        return _Finder(owner, told.post_id) if owner else None
    account = told.data.get("account")
    if told.role != Role.RESIDENT or not account:
        return None
    collects = Account.objects.filter(
        district=told.district, kind=AccountKind.PERSON, owner_id=UUID(account), collecting=True
    )
    return _Finder(UUID(account), None) if collects.exists() else None


def _turned_out(event: Happened, rules: RuleBook) -> None:
    rule = rules.get("call_response")
    if rule is None or event.post_id is None or event.role not in terms().responders:
        return
    if int(event.data.get("severity", 4)) > terms().emergency_severity or _is_about_people(event):
        return
    owner = queries.owner_of_post(event.district, event.post_id)
    if owner is not None:
        claiming.raise_claim(rule, rules.number, owner, _source(event), actor=SYSTEM)


def _no_first_report(event: Happened) -> None:
    """A case that turned out to be a duplicate was no first report: what it gave is taken back, what waits is dropped."""
    given = Entry.objects.filter(
        district=event.district,
        subject_id=event.subject_id,
        rule="valid_report",
        kind=EntryKind.AWARD,
        reversals__isnull=True,
    ).select_related("account", "debit", "credit")
    for one in given:
        book.reverse(SYSTEM, one, source=_source(event))
    waiting = Claim.objects.select_for_update().filter(
        district=event.district, subject_id=event.subject_id, rule="valid_report", state=ClaimState.WAITING
    )
    for claim in waiting:
        claiming.drop(SYSTEM, claim, _("The report was merged with an earlier one."))


@events.consumer("ledger.dwellings", "dwelling.change_accepted")
def on_dwellings(batch: Sequence[Happened]) -> None:
    """Points for whoever proposed a change of a dwelling's details that was accepted.

    The event's data names the post that proposed it, ``by_post``; a change that nobody's post proposed gives none.
    """
    books = queries.RuleBooks()
    for event in batch:
        rules = books.at(event.at)
        rule, post = rules.get("info_verify"), event.data.get("by_post")
        if rule is None or not post:
            continue
        owner = queries.owner_of_post(event.district, UUID(str(post)))
        if owner is None:
            continue
        # Each accepted change counts, so the change and not the dwelling is the subject.
        source = Source(
            event.district, event.area_path, "dwelling", event.id, event.at, event_id=event.id, event_kind=event.kind
        )
        if event.post_id is not None and queries.owner_of_post(event.district, event.post_id) == owner:
            claiming.raise_claim(rule, rules.number, owner, source, actor=SYSTEM)
        else:
            book.award(SYSTEM, rule, owner, source, rules_number=rules.number)


def _source(event: Happened) -> Source:
    return Source(
        event.district, event.area_path, "case", event.subject_id, event.at, event_id=event.id, event_kind=event.kind
    )


def _is_about_people(event: Happened) -> bool:
    entry = catalog.current(district=event.district).get(str(event.data.get("category", "")))
    return entry is None or entry.sensitivity in ABOUT_PEOPLE


def _is_danger(event: Happened) -> bool:
    entry = catalog.current(district=event.district).get(str(event.data.get("category", "")))
    return entry is not None and entry.group in terms().danger_groups
