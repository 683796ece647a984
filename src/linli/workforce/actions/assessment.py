"""Assessment: what a member's period comes to by the published criteria, their objection, and the answer of somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

from linli.kernel import crypto, deadlines, events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import Clock
from linli.kernel.trust import Actor, audit, policy
from linli.workforce import assessing, assessments
from linli.workforce.models import Assessment, AssessmentState

TABLE = "workforce_assessment"
MINUTES_A_DAY = 8 * 60
MOST = 500


def review(actor: Actor, post_id: UUID, *, words: str) -> Assessment:
    """Assess a member for the period that ended last: what it is computed from is kept with it, and the person is told.

    Args:
        words: what the reviewer says to it; the person reads it.

    Raises:
        NotFound: there is no such member in the post's area, or it is oneself.
        Conflict: it is done already.
        Invalid: there are no words.
    """
    text = _said(words)
    member = assessments.member(actor, post_id)
    begins, ends = assessments.last_period()
    rules = assessing.rules_on(begins)
    assessment_id, now = ids.new_id(), time.now()
    until = deadlines.compute(Clock.WORKING, rules.objection_days * MINUTES_A_DAY, now)[0]
    try:
        with transaction.atomic():
            made = Assessment.objects.create(
                id=assessment_id, district=member.district, account_id=member.account_id, post=member,
                area_path=member.area_path, begins_on=begins, ends_on=ends, facts=assessments.facts(member, begins, ends),
                words_sealed=crypto.seal(f"{TABLE}.words", assessment_id, text), reviewed_by=actor.account_id or UUID(int=0),
                reviewed_at=now, objection_until=until,
            )  # fmt: skip
            _noted(actor, made, "assessment.review")
            _tell(actor, made, "reviewed", 1)
    except IntegrityError:
        raise Conflict("assessment.done", _("This period of this person is assessed already.")) from None
    return made


def object_to(actor: Actor, assessment_id: UUID, *, about: str, words: str) -> Assessment:
    """Object to one criterion of one's own assessment, once and within its term; somebody else answers.

    Raises:
        NotFound: it is nobody's, or somebody else's.
        Invalid: there is no such criterion in it, or there are no words.
        Conflict: the term is over, or one has objected already.
    """
    policy.require(actor, "assessment.own")
    text = _said(words)
    with transaction.atomic():
        found = (
            Assessment.objects.select_for_update()
            .filter(id=assessment_id, account_id=actor.account_id or UUID(int=0))
            .first()
        )
        if found is None:
            raise _none()
        if about not in {fact["code"] for fact in found.facts}:
            raise Invalid("assessment.about", _("Choose what you object to."), field="about")
        if found.state != AssessmentState.REVIEWED:
            raise Conflict("assessment.objected", _("You have objected already."))
        now = time.now()
        if now > found.objection_until:
            raise Conflict("assessment.too_late", _("The time to object is over."))
        days = assessing.rules_on(found.begins_on).answer_days
        found.about, found.objected_at, found.state = about, now, AssessmentState.OBJECTED
        found.objection_sealed = crypto.seal(f"{TABLE}.objection", found.id, text)
        found.answer_by = deadlines.compute(Clock.WORKING, days * MINUTES_A_DAY, now)[0]
        found.save(update_fields=["about", "objected_at", "state", "objection_sealed", "answer_by"])
        _tell(actor, found, "objected", 2)
    return found


def answer(actor: Actor, assessment_id: UUID, *, upheld: bool, words: str) -> Assessment:
    """Answer an objection: upheld, the criterion is set aside. Never by who assessed, nor by the person.

    Raises:
        NotFound: the actor may not see it.
        Forbidden: the actor assessed it.
        Conflict: nothing waits for an answer.
        Invalid: there are no words.
    """
    text = _said(words)
    with transaction.atomic():
        found = Assessment.objects.select_for_update().filter(id=assessment_id).first()
        if found is None or found.account_id == actor.account_id:
            raise _none()
        policy.require(actor, "assessment.review", found)
        if found.reviewed_by == actor.account_id:
            raise Forbidden(
                "assessment.second_person",
                _("Whoever assessed does not answer the objection."),
                mend=_("Leave it to a colleague: it takes another person."),
            )
        if found.state != AssessmentState.OBJECTED:
            raise Conflict("assessment.not_open", _("No objection waits for an answer here."))
        if upheld:
            for fact in found.facts:
                if fact["code"] == found.about:
                    fact["outcome"] = assessing.SET_ASIDE
        found.state = AssessmentState.UPHELD if upheld else AssessmentState.REJECTED
        found.answered_by, found.answered_at = actor.account_id, time.now()
        found.answer_sealed = crypto.seal(f"{TABLE}.answer", found.id, text)
        found.save(update_fields=["facts", "state", "answered_by", "answered_at", "answer_sealed"])
        _noted(actor, found, "assessment.answer")
        _tell(actor, found, "answered", 3)
    return found


def read(actor: Actor, assessment_id: UUID) -> Assessment:
    """One assessment for whoever answers or reads it again; an audit row that the person reads.

    Raises:
        NotFound: the actor may not see it.
    """
    found = Assessment.objects.select_related("account", "post").filter(id=assessment_id).first()
    if found is None or found.account_id == actor.account_id:
        raise _none()
    policy.require(actor, "assessment.review", found)
    _noted(actor, found, "assessment.read")
    return found


def words_of(found: Assessment, name: str = "words") -> str:
    """Sealed words of an assessment in clear, for whoever may see it."""
    sealed = getattr(found, f"{name}_sealed")
    return crypto.open_(f"{TABLE}.{name}", found.id, sealed) if sealed else ""


def _said(words: str) -> str:
    text = " ".join(words.split())
    if len(text) < 2 or len(text) > MOST:
        raise Invalid(
            "field.needed",
            _("This needs words, 500 characters at most."),
            field="words",
            mend=_("Say it in a sentence."),
        )
    return text


def _none() -> NotFound:
    return NotFound("assessment.none", _("There is no such assessment, or none that you can see."))


def _noted(actor: Actor, found: Assessment, verb: str) -> None:
    audit.record(
        actor, verb, subject_type="assessment", subject_id=found.id, district=found.district, person_id=found.account_id,
        purpose=noop("To assess by the published criteria"), fields=("facts", "words"),
    )  # fmt: skip


def _tell(actor: Actor, found: Assessment, what: str, sequence: int) -> None:
    data: dict[str, Any] = {"post": str(found.post_id)}
    events.append(
        f"assessment.{what}", subject_type="assessment", subject_id=found.id, sequence=sequence, district=found.district,
        area_path=found.area_path, actor=actor, data=data,
    )  # fmt: skip
