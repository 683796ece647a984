"""Objections: a person's word against an entry, and the answer of somebody who had no hand in it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

from linli.kernel import crypto, deadlines, events, ids, time
from linli.kernel.errors import Conflict, Forbidden
from linli.kernel.models import Clock, DeadlineState
from linli.kernel.trust import Actor, audit, policy
from linli.ledger import book, queries
from linli.ledger.actions import suspending
from linli.ledger.book import Source
from linli.ledger.models import Entry, EntryKind, Objection, ObjectionState
from linli.ledger.queries import MINUTES_A_DAY
from linli.ledger.rules import terms
from linli.ledger.words import number, said

CLOCK = "points_objection"
TAKEN_BACK = {EntryKind.PENALTY, EntryKind.EXPIRY, EntryKind.REVERSAL}
"""What an objection that is upheld reverses; an award is corrected by points instead."""


def object_to(actor: Actor, entry_id: UUID, *, words: str) -> Objection:
    """Object to one's own entry within its term; its answer is due in as many working days.

    Raises:
        NotFound: it is nobody's entry, or somebody else's.
        Conflict: the term is over, there is an objection already, or it is a redemption, which is taken back instead.
        Invalid: there are no words.
    """
    policy.require(actor, "points.object")
    text = said(words, least=5)
    found = queries.entry(actor, entry_id)
    if actor.account_id is None or found.account.owner_id != actor.account_id:
        raise queries.missing()
    if found.kind == EntryKind.REDEMPTION:
        raise Conflict(
            "points.redemption",
            _("A change for a reward is taken back, not objected to."),
            mend=_("Take it back on your page."),
        )
    if time.now() > queries.objection_until(found):
        raise Conflict("points.too_late", _("The time to object to this entry is over."))
    now = time.now()
    with transaction.atomic():
        book.open_account(found.district, actor.account_id)
        if queries.objection_to(found) is not None:
            raise Conflict("points.objected", _("You have objected to this entry already."))
        objection_id = ids.new_id()
        clock = deadlines.start(
            subject_type="points_objection", subject_id=objection_id, kind=CLOCK, district=found.district,
            area_path=found.area_path, clock=Clock.WORKING, minutes=terms().answer_days * MINUTES_A_DAY, at=now,
        )  # fmt: skip
        made = Objection.objects.create(
            id=objection_id, district=found.district, entry=found, owner_id=actor.account_id, area_path=found.area_path,
            words_sealed=crypto.seal("ledger_objection.words", objection_id, text), made_at=now, due_at=clock.due_at,
        )  # fmt: skip
        _tell(actor, made, "objected", 1)
    return made


def read(actor: Actor, objection_id: UUID) -> tuple[Objection, str]:
    """What a person objects to, in clear, for whoever may answer it; an audit row that the person reads.

    Raises:
        NotFound: the actor may not see it.
        Forbidden: the actor had a hand in the entry.
    """
    with transaction.atomic():
        found = _to_answer(actor, objection_id)
        audit.record(
            actor, "points.read", subject_type="points_objection", subject_id=found.id, district=found.district,
            person_id=found.owner_id, purpose=noop("To answer an objection about points"), fields=("words", "entry"),
        )  # fmt: skip
    return found, queries.words_of(found)


def answer(actor: Actor, objection_id: UUID, *, upheld: bool, words: str, points: int | str = 0) -> Objection:
    """Answer an objection. Upheld, what was taken comes back whole; an award gets the points that it lacked.

    With a penalty that is taken back ends the suspension that came with it, as if it had never been.

    Args:
        words: why, as the person will read it.
        points: to add to an award that gave too few, from 1 to what its rule says; not looked at otherwise.

    Raises:
        NotFound: the actor may not see it.
        Forbidden: the actor had a hand in the entry, or it is one's own.
        Conflict: it is answered already.
        Invalid: there are no words, or the points do not fit.
    """
    text = said(words, least=5)
    with transaction.atomic():
        Objection.objects.select_for_update().filter(id=objection_id).first()
        found = _to_answer(actor, objection_id)
        if found.state != ObjectionState.OPEN:
            raise Conflict("points.answered", _("This is answered already."), extra={"state": found.state})
        if upheld:
            found.result = _set_right(actor, found, points)
            suspending.undo(actor, found)
        found.state = ObjectionState.UPHELD if upheld else ObjectionState.REJECTED
        found.answered_by, found.answered_at = actor.account_id, time.now()
        found.answer_sealed = crypto.seal("ledger_objection.answer", found.id, text)
        found.save(update_fields=["state", "answered_by", "answered_at", "answer_sealed", "result"])
        for clock in deadlines.open_of(found.district, found.id, [CLOCK]):
            deadlines.end(clock, DeadlineState.MET)
        audit.record(
            actor, "points.review", subject_type="points_objection", subject_id=found.id, district=found.district,
            person_id=found.owner_id, detail={"upheld": upheld},
        )  # fmt: skip
        _tell(actor, found, "upheld" if upheld else "rejected", 2)
    return found


def _to_answer(actor: Actor, objection_id: UUID) -> Objection:
    found = queries.objection(actor, objection_id)
    if queries.had_a_hand(actor.account_id, found):
        raise Forbidden(
            "points.had_a_hand",
            _("Whoever had a hand in an entry does not answer an objection to it."),
            mend=_("Leave it to a colleague: it takes another person."),
        )
    return found


def _set_right(actor: Actor, found: Objection, points: int | str) -> Entry:
    source = Source(found.district, found.area_path, "objection", found.id, time.now())
    original = found.entry
    if original.kind in TAKEN_BACK and original.signed <= 0 and queries.reversal_of(original) is None:
        return book.reverse(actor, original, source=source)
    rule = queries.rule_book(original.rules_number).get(original.rule)
    most = max(original.nominal, rule.points if rule else 0, 1)
    return book.correct(actor, original, number(points, field="points", most=most), source=source)


def _tell(actor: Actor, found: Objection, what: str, sequence: int) -> None:
    events.append(
        f"points.{what}", subject_type="points_objection", subject_id=found.id, sequence=sequence, district=found.district,
        area_path=found.area_path, actor=actor,
    )  # fmt: skip
