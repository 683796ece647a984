"""Claims: what a rule gives or takes only after somebody has confirmed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid
from linli.kernel.trust import Actor, audit, policy
from linli.ledger import book, queries
from linli.ledger.actions import suspending
from linli.ledger.actions.suspending import refuse_suspended
from linli.ledger.book import Source
from linli.ledger.models import Claim, ClaimState, Entry, Per, Rule
from linli.ledger.queries import RuleBook
from linli.ledger.rules import terms
from linli.ledger.words import number, said

LATEST = timedelta(days=31)
"""How long after it happened something can still be claimed."""
NOBODY = UUID(int=0)
"""Who decided when it was the system, of its own accord."""


def claim(actor: Actor, claim_id: UUID, *, rule: str, on: date, words: str, quantity: int | str = 1) -> Claim:
    """Ask for one's own points by a rule that somebody has to confirm; once for the id.

    Args:
        claim_id: made by the client.
        on: the day on which it was, no later than today and no more than 31 days ago.
        words: what, where and for whom, so that the confirmer can know; no names of others.
        quantity: how many of what the rule counts; hours of volunteering.

    Raises:
        Invalid: the rule is none that is asked for by hand, or a field is wrong.
        Conflict: one does not collect points, or one's account is suspended.
    """
    policy.require(actor, "points.claim_own")
    found = queries.rules_at()
    wanted = _by_hand(found, rule, "hand")
    district = queries.home_district(actor)
    account = queries.account_of(actor, district)
    if actor.account_id is None or (actor.post_id is None and not (account and account.collecting)):
        raise Conflict(
            "points.not_collecting", _("You do not collect points yet."), mend=_("Begin to collect points first.")
        )
    if account is not None:
        refuse_suspended(account)
    moment = _moment(on)
    amount = number(quantity, field="quantity", most=terms().most_quantity) if wanted.per == Per.HOUR else 1
    text = said(words)
    with transaction.atomic():
        return _ask(
            actor, claim_id, wanted, found.number, owner_id=actor.account_id, quantity=amount, words=text,
            source=Source(district, actor.area_path or queries.home_path(actor), "claim", claim_id, moment),
        )  # fmt: skip


def confirm_attendance(
    actor: Actor, sheet_id: UUID, *, rule: str, on: date, title: str, people: Sequence[UUID], quantity: int | str = 1
) -> list[Entry]:
    """Give the people on a host's sheet their points; once for the sheet and the person, never to the host.

    Args:
        sheet_id: made by the client.
        title: what it was; shown to the people on it, so no names.
        people: accounts of grid members in the post's own area.

    Raises:
        Invalid: nobody is named, somebody is not of this area, or a field is wrong.
        Forbidden: the rule names other posts to confirm it.
    """
    policy.require(actor, "points.confirm")
    found = queries.rules_at()
    wanted = _by_hand(found, rule, "hand")
    if str(actor.role) not in wanted.confirmers:
        raise Forbidden("points.confirmer", _("This rule names other posts to confirm it."))
    known = {account for account, _name, _path in queries.members_within(actor)}
    chosen = list(dict.fromkeys(people))
    if not chosen:
        raise Invalid("points.nobody", _("Nobody is named."), field="people", mend=_("Tick those who were there."))
    if set(chosen) - known:
        raise Invalid("points.stranger", _("Somebody on the list is not of your area."), field="people")
    moment = _moment(on)
    amount = number(quantity, field="quantity", most=terms().most_quantity) if wanted.per == Per.HOUR else 1
    label = said(title, field="title", most=80)
    source = Source(actor.district, actor.area_path, "sheet", sheet_id, moment, label=label)
    with transaction.atomic():
        made = [
            book.award(actor, wanted, account, source, rules_number=found.number, quantity=amount)
            for account in sorted(chosen)
        ]
        audit.record(
            actor, "points.confirm", subject_type="points_sheet", subject_id=sheet_id, district=actor.district,
            detail={"rule": rule, "people": len(made)},
        )  # fmt: skip
    return made


def charge(actor: Actor, owner_id: UUID, *, rule: str, source: Source, words: str) -> Claim:
    """Say that points are to be taken away; nothing happens until a second person has confirmed it.

    Args:
        owner_id: the person; the doors find them from the case and never show who else has points.
        words: what was found, as the person will read it.

    Raises:
        Invalid: the rule takes nothing away, or the words are too short.
        Forbidden: it is one's own, or the rule names other posts.
    """
    found = queries.rules_at()
    wanted = _by_hand(found, rule, "charge")
    text = said(words, least=5)
    made = Claim(owner_id=owner_id, area_path=source.area_path)
    policy.require(actor, "points.charge", made)
    if str(actor.role) not in wanted.confirmers:
        raise Forbidden("points.confirmer", _("This rule names other posts to confirm it."))
    if actor.account_id == owner_id:
        raise Forbidden("points.own", _("Nobody decides about their own points."))
    with transaction.atomic():
        return _ask(actor, ids.new_id(), wanted, found.number, owner_id=owner_id, quantity=1, words=text, source=source)


def raise_claim(rule: Rule, rules_number: int, owner_id: UUID, source: Source, *, actor: Actor) -> Claim:
    """Put what an event tells of into the queue of whoever has to confirm it; for the room's handlers, once for the subject."""
    with transaction.atomic():
        return _ask(actor, ids.new_id(), rule, rules_number, owner_id=owner_id, quantity=1, words="", source=source)


def _ask(
    actor: Actor,
    claim_id: UUID,
    rule: Rule,
    rules_number: int,
    *,
    owner_id: UUID,
    quantity: int,
    words: str,
    source: Source,
) -> Claim:
    made = Claim(
        id=claim_id, district=source.district, rule=rule.code, rules_number=rules_number, takes_away=rule.points < 0,
        owner_id=owner_id, area_path=source.area_path, quantity=quantity, subject_type=source.type, subject_id=source.id,
        subject_label=source.label[:80], event_id=source.event_id, event_kind=source.event_kind, occurred_at=source.occurred_at,
        words_sealed=crypto.seal("ledger_claim.words", claim_id, words) if words else None, asked_by=actor.account_id,
        asked_at=time.now(),
    )  # fmt: skip
    there = Claim.objects.filter(district=source.district, owner_id=owner_id, rule=rule.code, subject_id=source.id)
    if first := there.first():
        return first
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # asked for at the same moment, or under somebody else's id
        first = there.first()
        if first is None:
            raise Conflict("command.other_body", _("This key was used for another command.")) from None
        return first
    _tell(actor, made, "claimed", 1)
    return made


def decide(actor: Actor, claim_id: UUID, *, grant: bool, reason: str = "") -> Claim:
    """Confirm a claim, which writes its entry, or refuse it with a reason that the person reads. Never one's own.

    Raises:
        NotFound: the actor may not see it.
        Forbidden: it is one's own, one asked for it oneself and it takes two, or the rule names other posts.
        Conflict: it is decided already.
        Invalid: a refusal has no reason.
    """
    words = "" if grant else said(reason, field="reason")
    with transaction.atomic():
        queries.claim(actor, claim_id)
        found = Claim.objects.select_for_update().get(id=claim_id)
        policy.require(actor, "points.confirm", found)
        if found.state != ClaimState.WAITING:
            raise Conflict("points.decided", _("This is decided already."), extra={"state": found.state})
        if not queries.may_confirm(actor, found):
            raise Forbidden(
                "points.second_person",
                _("Somebody else has to decide this."),
                mend=_("Nobody confirms what is their own, or what they asked for where it takes two."),
            )
        if grant:
            found.entry = entry = _entered(actor, found)
            if found.rule in terms().suspends and found.asked_by is not None and actor.account_id is not None:
                suspending.begin(actor, found, entry)
        _close(found, actor.account_id or NOBODY, ClaimState.GRANTED if grant else ClaimState.REFUSED, words)
        audit.record(
            actor, "points.decide", subject_type="points_claim", subject_id=found.id, district=found.district,
            detail={"rule": found.rule, "granted": grant},
        )  # fmt: skip
        _tell(actor, found, "granted" if grant else "refused", 2)
    return found


def drop(actor: Actor, found: Claim, reason: str) -> None:
    """Refuse a waiting claim that has lost its ground (its case was merged); for the room's handlers."""
    _close(found, NOBODY, ClaimState.REFUSED, reason)
    _tell(actor, found, "refused", 2)


def _close(found: Claim, by: UUID, state: ClaimState, words: str) -> None:
    found.state, found.decided_by, found.decided_at = state, by, time.now()
    found.reason_sealed = crypto.seal("ledger_claim.reason", found.id, words) if words else None
    found.save(update_fields=["state", "decided_by", "decided_at", "reason_sealed", "entry"])


def _entered(actor: Actor, found: Claim) -> Entry:
    rule = queries.rule_book(found.rules_number).rules[found.rule]
    source = Source(
        found.district, found.area_path, found.subject_type, found.subject_id, found.occurred_at, label=found.subject_label,
        event_id=found.event_id, event_kind=found.event_kind,
    )  # fmt: skip
    if found.takes_away:
        return book.take_away(actor, rule, found.owner_id, source, rules_number=found.rules_number)
    return book.award(actor, rule, found.owner_id, source, rules_number=found.rules_number, quantity=found.quantity)


def _tell(actor: Actor, found: Claim, what: str, sequence: int) -> None:
    events.append(
        f"points.{what}", subject_type="points_claim", subject_id=found.id, sequence=sequence, district=found.district,
        area_path=found.area_path, actor=actor, data={"rule": found.rule, "quantity": found.quantity},
    )  # fmt: skip


def _by_hand(found: RuleBook, code: str, how: str) -> Rule:
    rule = found.get(code)
    if rule is None or rule.by_hand != how:
        raise Invalid(
            "points.rule", _("There is no such rule to choose."), field="rule", mend=_("Choose one from the list.")
        )
    return rule


def _moment(on: date) -> datetime:
    """Noon of that day where the city is, or now when that is later."""
    today = time.today()
    if not today - LATEST <= on <= today:
        raise Invalid(
            "points.day", _("This day cannot be chosen."), field="on", mend=_("Choose a day of the last 31, or today.")
        )
    return min(datetime(on.year, on.month, on.day, 12, tzinfo=time.LOCAL_ZONE), time.now())
