"""What the organisation does with an application: take it up, ask for more, finish, refuse, write, decide on a review."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids, time
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, Role, audit, context
from linli.services import files, queries
from linli.services.actions import applying
from linli.services.models import Application, Attachment, Fact, Proof, ProofState, SaidKind, State
from linli.services.queries import TABLE, Words
from linli.services.steps import Change, Ref, changing, keep_words, load, require, words_of

OPEN_PROOFS = (ProofState.ASKED, ProofState.TO_BRING, ProofState.NOT_HELD)


def accept(actor: Actor, ref: Ref, *, version: int) -> Application:
    """Take the application up: everything is there, or on its way."""
    with changing(actor, ref, "service.accept", version=version) as change:
        change.to(State.ACCEPTED)
    return change.application


def ask_more(actor: Actor, ref: Ref, *, version: int, reason: str) -> Application:
    """Ask the resident for what is missing; the clock stands until the answer is there."""
    words = words_of(reason)
    with changing(actor, ref, "service.ask_more", version=version) as change:
        one = change.application
        one.resume_state = one.state
        change.data |= {"said": str(_write(change, words, side="staff"))}
        change.pause()
        change.to(State.NEEDS_MORE)
    return change.application


def finish(actor: Actor, ref: Ref, *, version: int, words: str, document: files.Document | None = None) -> Application:
    """It is done: what came of it in words, with a document (PDF) where there is one.

    What the result proves is held from now on, so that nobody asks for it again.

    Raises:
        Conflict: somebody has still to answer for a proof.
    """
    text = words_of(words, name="words", most=1_000)
    with changing(actor, ref, "service.finish", version=version) as change:
        one = change.application
        if Proof.objects.filter(district=one.district, application=one, state__in=OPEN_PROOFS).exists():
            raise Conflict(
                "application.proofs",
                _("A proof is still missing."),
                mend=_("Wait for the department's answer, or note that you have seen it."),
            )
        change.data |= {"said": str(keep_words(one, text, kind=SaidKind.RESULT, now=change.now, side="staff"))}
        if document is not None:
            _attach(one, document, change)
        entry = queries.promised(one)
        if entry.gives and one.account_id and not one.on_behalf:
            hold_fact(one, entry.gives, holder=entry.function, text=one.number, change=change)
        change.to(State.DONE)
    return change.application


def refuse(actor: Actor, ref: Ref, *, version: int, reason: str) -> Application:
    """Refuse it, with a reason that the resident reads, beside the way to have it reviewed."""
    words = words_of(reason, least=4)
    with changing(actor, ref, "service.refuse", version=version) as change:
        one = change.application
        change.data |= {"said": str(_write(change, words, side="staff"))}
        one.refused_by = actor.account_id
        change.give_up_seat()
        change.to(State.REFUSED)
    return change.application


def decide_appeal(actor: Actor, ref: Ref, *, version: int, agree: bool, reason: str) -> Application:
    """Decide on a review: the application is taken up after all, or stays refused; never by whoever refused it.

    Raises:
        Conflict: the actor refused it.
    """
    words = words_of(reason, least=4)
    with changing(actor, ref, "service.decide_appeal", version=version) as change:
        one = change.application
        if actor.account_id is not None and actor.account_id == one.refused_by:
            raise Conflict(
                "application.own_refusal",
                _("You refused it; somebody else decides on the review."),
                mend=_("It is in your colleagues' list."),
            )
        change.data |= {"said": str(_write(change, words, side="staff")), "agree": agree}
        change.event |= {"agree": agree}
        change.to(State.ACCEPTED if agree else State.REFUSED)
    return change.application


def message(actor: Actor, ref: Ref, *, text: str) -> Application:
    """Write to the resident, or as the resident to whoever handles it."""
    words = words_of(text, name="text", least=1, most=1_000)
    with changing(actor, ref, "service.message") as change:
        side = "resident" if actor.role in (Role.RESIDENT, Role.ANONYMOUS) else "staff"
        change.data |= {"said": str(_write(change, words, side=side)), "side": side}
        change.event |= {"side": side}
    return change.application


def read_answers(actor: Actor, ref: Ref, *, purpose: str) -> list[Words]:
    """Read in clear what an application says of a person; the person can read that it was read, by which post and why.

    Raises:
        Invalid: no purpose is given.
        NotFound, Forbidden: the post may not.
    """
    words = words_of(purpose, name="purpose", most=200)
    application = Application.objects.filter(district=ref.district, id=ref.id).first()
    if application is None:
        load(ref)
        raise AssertionError("unreachable")
    require(actor, "service.read_answers", application)
    with context.personal(actor, purpose=words, reach=application.district):
        rows = list(queries.said_rows(application))
        audit.record(
            actor, "application.read", subject_type="application", subject_id=application.id, district=application.district,
            person_id=application.owner_id, purpose=words, fields=tuple(sorted({row.field or row.kind for row in rows})),
        )  # fmt: skip
    return [
        Words(
            row.id, row.kind, row.field, crypto.open_(TABLE, row.id, bytes(row.text_sealed)), row.side, row.held, row.at
        )
        for row in rows
    ]


def _write(change: Change, words: str, *, side: str) -> object:
    return keep_words(change.application, words, kind=SaidKind.MESSAGE, now=change.now, side=side)


def _attach(one: Application, document: files.Document, change: Change) -> None:
    Attachment.objects.create(
        id=ids.new_id(), district=one.district, application=one, field="result", media="pdf", state=FileState.READY,
        original_key=document.key, shown_key=document.key, sha256=bytes.fromhex(document.sha256), size=document.size, at=change.now,
    )  # fmt: skip
    change.data |= {"document": True}


def hold_fact(one: Application, kind: str, *, holder: str, text: str, change: Change) -> None:
    """Hold from now on what a department vouches for about the account of an application."""
    assert one.account_id is not None
    today = change.now.astimezone(time.LOCAL_ZONE).date()
    found = Fact(
        id=ids.new_id(), district=one.district, account_id=one.account_id, area_path=one.area_path, kind=kind, holder=holder,
        application_id=one.id, obtained_at=change.now, valid_until=applying.valid_until(kind, today),
    )  # fmt: skip
    with context.personal(change.actor, purpose="hold what was confirmed", reach=one.district):
        Fact.objects.filter(district=one.district, account_id=one.account_id, kind=kind).delete()
        found.text_sealed = crypto.seal(queries.FACTS, found.id, text)
        Fact.objects.bulk_create([found])


APPEAL_WITHIN = timedelta(days=60)
"""As long as one may ask for an administrative review (行政复议法, 2023, article 20)."""


def appeal(actor: Actor, ref: Ref, *, reason: str) -> Application:
    """Ask that somebody else looks at a refusal, once, within sixty days.

    Raises:
        Conflict: it has been reviewed already, or the time is over.
    """
    words = words_of(reason, least=4)
    with changing(actor, ref, "service.appeal") as change:
        one = change.application
        if one.reviewed or (one.closed_at and change.now - one.closed_at > APPEAL_WITHIN):
            raise Conflict(
                "application.reviewed",
                _("A review is no longer possible here."),
                mend=_("The law's own ways stay open: ring 12348 for advice."),
            )
        one.reviewed = True
        change.data |= {"said": str(_write(change, words, side="resident"))}
        entry = queries.promised(one)
        change.to(State.REVIEW)
        change.begin(minutes=max(entry.minutes, 5 * 8 * 60), clock="working")
    return change.application


def check_score(score: int) -> int:
    """A rating, when it is one.

    Raises:
        Invalid: it is not one to five.
    """
    if score not in range(1, 6):
        raise Invalid("application.score", _("Please choose one to five."), field="score")
    return score
