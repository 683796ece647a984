"""What the resident does with an application: answer, change the time, withdraw it or the consents in it, rate.

Asking for a review is in ``handling``.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.kernel import ids
from linli.kernel.errors import Conflict
from linli.kernel.trust import SYSTEM, Actor, audit, context
from linli.services import queries
from linli.services.actions import windows
from linli.services.actions.applying import MOST_PHOTOS, Photo
from linli.services.actions.handling import check_score
from linli.services.models import Application, Attachment, Fact, Proof, ProofState, SaidKind, State
from linli.services.steps import Ref, changing, keep_words, words_of


def answer(actor: Actor, ref: Ref, *, text: str, photos: tuple[Photo, ...] = ()) -> Application:
    """Give what was missing; the clock goes on."""
    words = words_of(text, name="text", least=1, most=1_000)
    with changing(actor, ref, "service.answer") as change:
        one = change.application
        said = keep_words(one, words, kind=SaidKind.MESSAGE, now=change.now, side="resident")
        for photo in photos[:MOST_PHOTOS]:
            Attachment.objects.get_or_create(
                district=one.district, application=one, field="answer", sha256=bytes.fromhex(photo.sha256),
                defaults={"id": ids.new_id(), "media": "photo", "original_key": photo.key, "size": photo.size, "at": change.now},
            )  # fmt: skip
        change.data |= {"said": str(said), "photos": len(photos)}
        change.resume()
        change.to(State(one.resume_state or State.SUBMITTED))
        one.resume_state = ""
    return change.application


def rebook(actor: Actor, ref: Ref, *, slot: UUID) -> Application:
    """Take another time instead of the one that was booked.

    Raises:
        Conflict: the old time is too near, or the new one is full.
        Invalid: the new one cannot be booked.
    """
    with changing(actor, ref, "service.rebook") as change:
        one = change.application
        entry = queries.promised(one)
        before = queries.slot_of(one)
        if entry.booking is None or before is None:
            raise Conflict("application.no_time", _("There is no time to change here."))
        if before.starts_at < change.now + entry.booking.notice:
            raise Conflict(
                "slot.too_near",
                _("It is too late to change this time."),
                mend=_("Please ring %(phone)s.") % {"phone": entry.phone},
            )
        after = windows.take_seat(one, entry, slot, now=change.now)
        change.data |= {
            "slot": [after.starts_at.isoformat(), after.ends_at.isoformat()],
            "before": [before.starts_at.isoformat(), before.ends_at.isoformat()],
        }
        change.event |= {"slot": after.starts_at.isoformat()}
        change.extend(after.ends_at, why="rebooked")
    return change.application


def withdraw(actor: Actor, ref: Ref, *, reason: str = "") -> Application:
    """Take the application back; a time that was booked is free for others at once."""
    with changing(actor, ref, "service.withdraw") as change:
        if reason.strip():
            words = words_of(reason, least=1)
            change.data |= {
                "said": str(
                    keep_words(change.application, words, kind=SaidKind.MESSAGE, now=change.now, side="resident")
                )
            }
        change.give_up_seat()
        change.to(State.WITHDRAWN)
    return change.application


def withdraw_consent(actor: Actor, ref: Ref) -> Application:
    """Take back, for this application alone, that what is held is used and that proofs are fetched.

    What was filled in by that consent is erased here, what departments confirmed for it is held no longer, and proofs that are
    still waited for are the resident's to bring. The application goes on.

    Raises:
        Conflict: nothing was consented to, or it was taken back already.
    """
    with changing(actor, ref, "service.withdraw_consent") as change:
        one = change.application
        given = queries.consents_of(one)
        if not given:
            raise Conflict("application.no_consent", _("There is no consent to take back here."))
        with context.personal(SYSTEM, purpose="withdraw a consent"):
            erased, _kinds = queries.said_rows(one).filter(held=True).delete()
            Fact.objects.filter(district=one.district, application_id=one.id).delete()
        Proof.objects.filter(
            district=one.district, application=one, state__in=(ProofState.HELD, ProofState.ASKED)
        ).update(state=ProofState.TO_BRING, answered_at=change.now)
        change.data |= {"withdrawn": given, "erased": erased}
        if one.account_id:
            audit.record(
                actor, "consent.withdraw", subject_type="application", subject_id=one.id, district=one.district,
                person_id=one.account_id, detail={"consents": given},
            )  # fmt: skip
    return change.application


def rate(actor: Actor, ref: Ref, *, score: int, words: str = "") -> Application:
    """Rate what was done, one to five; it can be changed.

    Raises:
        Invalid: the score is none of these.
    """
    check_score(score)
    with changing(actor, ref, "service.rate") as change:
        change.application.rating = score
        change.data |= {"score": score}
        change.event |= {"score": score}
        if words.strip():
            text = words_of(words, name="words", least=1)
            change.data |= {
                "said": str(
                    keep_words(change.application, text, kind=SaidKind.MESSAGE, now=change.now, side="resident")
                )
            }
    return change.application
