"""Suspensions: after a breach that two people confirmed an account gains nothing and changes nothing, until two people lift that.

What happened before stays as it was: balance and entries are not touched, and what was changed for a reward can still be collected. What
falls into the suspension is entered with no points, so that the person sees it. An objection to the penalty that is upheld ends the
suspension as if it had never been: what was withheld is given then, within the caps of its day and month.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, events, ids, time
from linli.kernel.errors import Conflict, Forbidden
from linli.kernel.trust import Actor, audit
from linli.ledger import book, counting, queries
from linli.ledger.book import Source
from linli.ledger.models import (
    Account,
    Claim,
    Entry,
    EntryKind,
    Limit,
    Objection,
    ObjectionState,
    Suspension,
    SuspensionState,
)
from linli.ledger.words import said


def begin(actor: Actor, claim: Claim, penalty: Entry) -> Suspension:
    """Suspend the account that a penalty took from; for the second person's confirmation, in its transaction. Once for the penalty."""
    first = Suspension.objects.filter(district=penalty.district, entry=penalty).first()
    if first is not None:
        return first
    made = Suspension.objects.create(
        id=ids.new_id(), district=penalty.district, account_id=penalty.account_id, owner_id=claim.owner_id, entry=penalty,
        rule=claim.rule, area_path=claim.area_path, asked_by=claim.asked_by or UUID(int=0),
        decided_by=actor.account_id or UUID(int=0), begun_at=time.now(),
    )  # fmt: skip
    audit.record(
        actor, "points.suspend", subject_type="points_suspension", subject_id=made.id, district=made.district,
        person_id=made.owner_id, detail={"rule": made.rule},
    )  # fmt: skip
    _tell(actor, made, "suspended", 1)
    return made


def refuse_suspended(account: Account) -> None:
    """Refuse what a suspended account may not do.

    Raises:
        Conflict: it is suspended now.
    """
    if queries.suspension_of(account) is not None:
        raise Conflict(
            "points.suspended",
            _("Your account is suspended."),
            mend=_("The page of your points says why, and how to object."),
        )


def ask_lift(actor: Actor, suspension_id: UUID, *, words: str) -> Suspension:
    """Ask that a suspension be lifted; nothing changes until a second person has agreed.

    Args:
        words: why, as the person and the second one will read it.

    Raises:
        NotFound: the actor may not see it, or it is one's own.
        Conflict: it is over, or somebody asked already.
        Invalid: there are no words.
    """
    text = said(words, least=5)
    with transaction.atomic():
        found = _in_force(actor, suspension_id)
        if found.lift_asked_by is not None:
            raise Conflict(
                "points.lift_asked", _("Somebody asked for this already."), mend=_("A second person agrees.")
            )
        found.lift_asked_by, found.lift_asked_at = actor.account_id, time.now()
        found.lift_words_sealed = crypto.seal("ledger_suspension.lift_words", found.id, text)
        found.save(update_fields=["lift_asked_by", "lift_asked_at", "lift_words_sealed"])
        _audit(actor, found, "points.ask_lift")
        _tell(actor, found, "lift_asked", 2)
    return found


def lift(actor: Actor, suspension_id: UUID) -> Suspension:
    """Lift a suspension that another person asked to be lifted: from now on the account gains and changes again.

    Raises:
        NotFound: the actor may not see it, or it is one's own.
        Conflict: it is over, or nobody asked for it.
        Forbidden: one asked for it oneself.
    """
    with transaction.atomic():
        found = _in_force(actor, suspension_id)
        if found.lift_asked_by is None:
            raise Conflict("points.lift_not_asked", _("Somebody asks for it first, then a second person agrees."))
        if found.lift_asked_by == actor.account_id:
            raise Forbidden(
                "points.second_person",
                _("Somebody else has to decide this."),
                mend=_("Nobody confirms what is their own, or what they asked for where it takes two."),
            )
        _end(actor, found, SuspensionState.LIFTED)
        _audit(actor, found, "points.lift")
        _tell(actor, found, "lifted", 3)
    return found


def undo(actor: Actor, objection: Objection) -> None:
    """End the suspension that came with a penalty whose objection was upheld, and give what it withheld; for the answer's transaction."""
    found = (
        Suspension.objects.select_for_update().filter(district=objection.district, entry_id=objection.entry_id).first()
    )
    if found is None or found.state == SuspensionState.UNDONE:
        return
    until = found.ended_at or time.now()
    _end(actor, found, SuspensionState.UNDONE)
    _give_withheld(actor, found, until=until, objection=objection)
    _tell(actor, found, "lifted", 3)


def _give_withheld(actor: Actor, found: Suspension, *, until: datetime, objection: Objection) -> None:
    account = Account.objects.select_for_update().get(district=found.district, id=found.account_id)
    withheld = Entry.objects.filter(
        district=found.district, account=account, kind=EntryKind.AWARD, limited_by=Limit.SUSPENDED, reversals__isnull=True,
        occurred_at__gte=found.begun_at, occurred_at__lte=until,
    ).exclude(objections__state=ObjectionState.UPHELD)  # fmt: skip
    given: dict[tuple[str, str, datetime], int] = {}
    for one in withheld.order_by("sequence"):
        rule = queries.rule_book(one.rules_number).get(one.rule)
        if rule is None or queries.suspended_at(account, one.occurred_at):
            continue
        day, month = counting.day_of(one.occurred_at), counting.month_of(one.occurred_at)
        in_day, in_month = (one.rule, "day", day.start), (one.rule, "month", month.start)
        amount, _limit = counting.capped(
            one.nominal,
            daily_cap=rule.daily_cap,
            monthly_cap=rule.monthly_cap,
            in_day=queries.awards_between(account, one.rule, day) + given.get(in_day, 0),
            in_month=queries.awards_between(account, one.rule, month) + given.get(in_month, 0),
        )
        if amount:
            for key in (in_day, in_month):
                given[key] = given.get(key, 0) + amount
            source = Source(
                found.district, one.area_path, "objection", objection.id, time.now(), label=one.subject_label
            )
            book.correct(actor, one, amount, source=source)


def _in_force(actor: Actor, suspension_id: UUID) -> Suspension:
    queries.suspension(actor, suspension_id)
    found = Suspension.objects.select_for_update().get(id=suspension_id)
    if found.state != SuspensionState.IN_FORCE:
        raise Conflict("points.lifted", _("This suspension is over."), extra={"state": str(found.state)})
    return found


def _end(actor: Actor, found: Suspension, state: SuspensionState) -> None:
    found.state, found.ended_by, found.ended_at = state, actor.account_id, time.now()
    found.save(update_fields=["state", "ended_by", "ended_at"])


def _audit(actor: Actor, found: Suspension, verb: str) -> None:
    audit.record(
        actor,
        verb,
        subject_type="points_suspension",
        subject_id=found.id,
        district=found.district,
        person_id=found.owner_id,
    )


def _tell(actor: Actor, found: Suspension, what: str, sequence: int) -> None:
    events.append(
        f"points.{what}", subject_type="points_suspension", subject_id=found.id, sequence=sequence, district=found.district,
        area_path=found.area_path, actor=actor, data={"rule": found.rule},
    )  # fmt: skip
