"""Calls: a ring, the taking, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.cases import queries as cases
from linli.cases.actions import intake
from linli.cases.loop import Ref
from linli.hotline import queries, rules
from linli.hotline.models import WITH_CASE, Call, CallState, Further, Outcome
from linli.kernel import events, ids, live, time
from linli.kernel.commands import Answer
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import SYSTEM, Actor, Role, context, policy
from linli.people.actions.contacts import new_contact, phone_hash
from linli.people.models import Contact, Post
from linli.people.queries.acting import in_force

MOST_WORDS = 500
MOST_ARTICLES = 10
NOTED = (
    Outcome.ANSWERED,
    Outcome.TOLD,
    Outcome.PASSED_ON,
    Outcome.WRONG_NUMBER,
    Outcome.ABANDONED,
)
"""What a call taker may note without registering or joining anything."""
WITHOUT_WORDS = (Outcome.WRONG_NUMBER, Outcome.ABANDONED, Outcome.TOLD)
CORRECTED = "correct a mistyped number"
CARRIED = "carry the caller's number into the case"


def announce(actor: Actor, *, number: str, agent: str = "", line: str = "") -> Call:
    """A telephone rings: the call is there at once, and the call taker's page shows it.

    Args:
        number: the caller's, or ``""`` when it is withheld.
        agent: login of the call taker it rings for; everybody at the hotline when empty.
        line: what the telephone system calls this call, up to 80 characters.

    Raises:
        Invalid: the number is none, or nobody here answers calls under that login.
    """
    policy.require(actor, "call.announce")
    district = actor.district or district_of(actor.area_path)
    post = _call_taker(agent.strip(), district) if agent.strip() else None
    path = post.area_path if post else actor.area_path or district
    with transaction.atomic():
        now = time.now()
        contact = _contact(district, path, number)
        call = Call.objects.create(
            id=ids.new_id(), district=district, area_path=path, state=CallState.RINGING, line=line.strip()[:80],
            contact=contact, post=post, rang_at=now,
        )  # fmt: skip
        _tell(actor, call, "ring")
        _show(call)
    return call


def take(actor: Actor, call_id: UUID, *, number: str = "") -> Call:
    """Take a call that rings, or begin one with what is typed first; taking it again is the same call.

    Args:
        call_id: of the ringing call, or made by the page for a new one.
        number: as it was typed; it replaces an earlier one, an empty one leaves it.

    Raises:
        Invalid: the number is none.
        Conflict: a colleague has taken it.
    """
    policy.require(actor, "call.take")
    with transaction.atomic():
        call = _begun(actor, call_id)
        if not call.is_ended:
            _set_number(actor, call, number)
    return call


def register(actor: Actor, call_id: UUID, body: bytes, *, what: intake.Report, articles: Iterable[str] = ()) -> Answer:
    """Register what the caller reports: the case and the end of the call, both or neither; once for each call.

    Args:
        body: what was sent, byte for byte.
        what: the report; a number that came with the call goes into it when it names none.
        articles: codes of the articles that were told.

    Returns:
        As :func:`linli.cases.actions.intake.report`.

    Raises:
        Conflict: the call ended otherwise.
    """
    policy.require(actor, "call.take")
    with transaction.atomic():
        timed = Call.objects.filter(district=actor.district, id=call_id).exists()
        call = _begun(actor, call_id)
        _only(call, Outcome.REGISTERED)
        if not call.is_ended:
            _set_number(actor, call, what.reporter.phone)
        answer = intake.report(actor, str(call.id), body, what=_with_number(actor, call, what))
        if not call.is_ended:
            call.category = what.category
            call.seconds_to_register = _seconds(call) if timed else None  # without its beginning nothing was measured
            _end(actor, call, Outcome.REGISTERED, number=answer.body["number"], articles=articles)
    return answer


def join(
    actor: Actor, call_id: UUID, ref: Ref, *, text: str = "", reporter: intake.Reporter, articles: Iterable[str] = ()
) -> Call:
    """Let the caller join a case that was reported already; once for each call.

    Raises:
        Conflict: the case has ended, or the call ended otherwise.
    """
    policy.require(actor, "call.take")
    with transaction.atomic():
        call = _begun(actor, call_id)
        _only(call, Outcome.JOINED)
        if call.is_ended:
            return call
        _set_number(actor, call, reporter.phone)
        phone = reporter.phone or _number_of(actor, call)
        joined = intake.join(actor, ref, text=text, reporter=intake.Reporter(reporter.name, phone, reporter.address))
        call.category = joined.case.category
        _end(actor, call, Outcome.JOINED, number=joined.case.number, articles=articles)
    return call


def note(
    actor: Actor,
    call_id: UUID,
    *,
    outcome: Outcome,
    words: str = "",
    number: str = "",
    category: str = "",
    case_number: str = "",
    articles: Iterable[str] = (),
) -> Call:
    """Note what became of a call without a case: answered, passed on, a wrong number, hung up; or told how a case stands.

    Args:
        words: the question in a few words, no names; not needed where there was none.
        number: the caller's.
        category: what it was about, when that is known.
        case_number: of the case that was told about.

    Raises:
        Invalid: words or a case are missing.
        Conflict: the call ended otherwise.
    """
    policy.require(actor, "call.take")
    if outcome not in NOTED:
        raise Invalid("call.outcome", _("Choose what became of the call."), field="outcome")
    found = cases.get(actor, case_number) if case_number else None
    if outcome in WITH_CASE and found is None:
        raise Invalid("call.case", _("Which case was it about?"), field="case_number")
    asked = " ".join(words.split())[:MOST_WORDS]
    told = queries.known(articles)
    if outcome not in WITHOUT_WORDS and len(asked) < 2 and not told:
        raise Invalid(
            "field.needed",
            _("Write down what was asked."),
            field="description",
            mend=_("A few words, or tick the article that you read out."),
        )
    with transaction.atomic():
        call = _begun(actor, call_id)
        _only(call, outcome)
        if call.is_ended:
            return call
        _set_number(actor, call, number)
        call.words, call.category = asked, category[:8]
        _end(actor, call, outcome, number=found.number if found and outcome in WITH_CASE else "", articles=told)
    return call


def register_further(actor: Actor, call_id: UUID, matter_id: UUID, body: bytes, *, what: intake.Report) -> Answer:
    """Register a further matter of a call that has ended: a case of its own, of the same caller; once for each matter.

    Args:
        matter_id: made by the page, kept for its repeats.
        body: what was sent, byte for byte.
        what: the report; number and name are the call's.

    Returns:
        As :func:`linli.cases.actions.intake.report`.

    Raises:
        NotFound: there is no such call of the actor's.
        Conflict: the call is still open, left nobody to ask about, or is too long ago.
    """
    policy.require(actor, "call.take")
    with transaction.atomic():
        call, known = _ended(actor, call_id, matter_id)
        answer = intake.report(actor, str(matter_id), body, what=replace(what, reporter=_reporter(actor, call)))
        if known is None:
            _keep(actor, call, matter_id, Outcome.REGISTERED, number=answer.body["number"], category=what.category)
    return answer


def join_further(actor: Actor, call_id: UUID, matter_id: UUID, ref: Ref, *, text: str = "") -> Further:
    """Let the caller join a case in a further matter of a call; once for each matter.

    Raises:
        NotFound, Conflict: as :func:`register_further`; or the case has ended.
    """
    policy.require(actor, "call.take")
    with transaction.atomic():
        call, known = _ended(actor, call_id, matter_id)
        if known is not None:
            return known
        case = intake.join(actor, ref, text=text, reporter=_reporter(actor, call)).case
        return _keep(actor, call, matter_id, Outcome.JOINED, number=case.number, category=case.category)


def _ended(actor: Actor, call_id: UUID, matter_id: UUID) -> tuple[Call, Further | None]:
    """An ended call of the actor's, locked, and its matter where that was kept before."""
    call = Call.objects.select_for_update().filter(district=actor.district, id=call_id).first()
    if call is None or call.post_id != actor.post_id:
        raise NotFound("call.none", _("There is no such call."))
    known = Further.objects.filter(district=call.district, call=call, id=matter_id).first()
    if known is None and not queries.may_go_on(call):
        raise Conflict("call.over", _("This call is over."), mend=_("Begin a new one."))
    return call, known


def _keep(actor: Actor, call: Call, matter_id: UUID, outcome: Outcome, *, number: str, category: str) -> Further:
    made = Further.objects.create(
        id=matter_id, district=call.district, call=call, area_path=call.area_path, outcome=outcome, case_number=number,
        number=Further.objects.filter(district=call.district, call=call).count() + 2, at=time.now(), category=category,
    )  # fmt: skip
    events.append(
        "call.further", subject_type="call", subject_id=call.id, sequence=made.number + 2, district=call.district,
        area_path=call.area_path, actor=actor, data={"outcome": str(outcome), "case": number},
    )  # fmt: skip
    return made


def _reporter(actor: Actor, call: Call) -> intake.Reporter:
    """Whoever calls, as the call's number or, where that is withheld, its first case knows them; for the case alone."""
    phone, name = _number_of(actor, call), _name_of(actor, call)
    if not phone and call.outcome == Outcome.REGISTERED:
        with context.personal(actor, purpose=CARRIED, reach=call.area_path):
            name = queries.reporters_name_in_clear(call)
    return intake.Reporter(name, phone)


def hang_up(actor: Actor, call_id: UUID) -> Call:
    """The caller hung up: a call that nobody took is abandoned; one on the line stays with its call taker.

    Raises:
        NotFound: there is no such call here.
    """
    policy.require(actor, "call.announce")
    with transaction.atomic():
        district = actor.district or district_of(actor.area_path)
        call = Call.objects.select_for_update().filter(district=district, id=call_id).first()
        if call is None:
            raise NotFound("call.none", _("There is no such call."))
        if call.state == CallState.RINGING:
            _end(actor, call, Outcome.ABANDONED)
            _show(call)
    return call


def abandon_missed() -> int:
    """Call those abandoned that have rung for longer than the rule allows and that no telephone system ended."""
    before = time.now() - timedelta(minutes=rules.callbacks().ringing_minutes)
    with transaction.atomic():
        missed = Call.objects.select_for_update(skip_locked=True).filter(state=CallState.RINGING, rang_at__lt=before)
        found = list(missed.order_by("rang_at")[:200])
        for call in found:
            _end(SYSTEM, call, Outcome.ABANDONED)
            _show(call)
    return len(found)


def topic(district: str) -> str:
    """What pages of a district's hotline listen to."""
    return f"hotline:{district}"


def _begun(actor: Actor, call_id: UUID) -> Call:
    found = Call.objects.select_for_update().filter(district=actor.district, id=call_id).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Call.objects.create(
                    district=actor.district, id=call_id, area_path=actor.area_path, state=CallState.OPEN,
                    post_id=actor.post_id, began_at=time.now(),
                )  # fmt: skip
        except IntegrityError:  # the page's other request was quicker
            found = Call.objects.select_for_update().filter(district=actor.district, id=call_id).first()
    if found is None:
        raise NotFound("call.none", _("There is no such call."))
    if found.state == CallState.RINGING and found.post_id in (None, actor.post_id):
        found.state, found.post_id, found.began_at = CallState.OPEN, actor.post_id, time.now()
        found.save(update_fields=["state", "post", "began_at"])
        _tell(actor, found, "take")
        _show(found)
    if found.post_id != actor.post_id:
        raise Conflict("call.taken", _("A colleague has this call."), mend=_("Begin a new one."))
    return found


def _only(call: Call, outcome: Outcome) -> None:
    if call.is_ended and call.outcome != outcome:
        raise Conflict("call.ended", _("This call has ended."), mend=_("Begin a new one."))


def _end(actor: Actor, call: Call, outcome: Outcome, *, number: str = "", articles: Iterable[str] = ()) -> None:
    call.state, call.outcome, call.ended_at = CallState.ENDED, outcome, time.now()
    call.case_number, call.articles = number, queries.known(articles)[:MOST_ARTICLES]
    call.save()
    _tell(actor, call, "end")


def _seconds(call: Call) -> int:
    assert call.began_at is not None  # the database keeps it for a call that is open
    return max(0, round((time.now() - call.began_at).total_seconds()))


def _contact(district: str, path: str, number: str) -> Contact | None:
    if not number.strip():
        return None
    contact = new_contact(district=district, area_path=path, phone=number)
    contact.save(force_insert=True)
    return contact


def _set_number(actor: Actor, call: Call, number: str) -> None:
    if not number.strip():
        return
    wanted = phone_hash(number)
    with context.personal(actor, purpose=CORRECTED, reach=call.area_path):
        old = Contact.objects.filter(district=call.district, id=call.contact_id).first() if call.contact_id else None
        if old is not None and old.phone_hash is not None and bytes(old.phone_hash) == wanted:
            return
        call.contact = _contact(call.district, call.area_path, number)
        call.save(update_fields=["contact"])
        if old is not None:
            old.delete()


def _number_of(actor: Actor, call: Call) -> str:
    """The number that came with a call, for the case alone: no page ever shows it."""
    if call.contact_id is None:
        return ""
    with context.personal(actor, purpose=CARRIED, reach=call.area_path):
        contact = Contact.objects.filter(district=call.district, id=call.contact_id).first()
        return queries.number_in_clear(contact) if contact else ""


def _with_number(actor: Actor, call: Call, what: intake.Report) -> intake.Report:
    if call.is_ended:
        return what
    left = what.reporter
    phone, name = left.phone.strip() or _number_of(actor, call), left.name.strip() or _name_of(actor, call)
    return replace(what, reporter=intake.Reporter(name, phone, left.address))


def _name_of(actor: Actor, call: Call) -> str:
    """The name that is held with the number of a call, for the case alone."""
    with context.personal(actor, purpose=CARRIED, reach=call.area_path):
        return queries.name_in_clear(call)


def _call_taker(login: str, district: str) -> Post:
    found = (
        Post.objects.filter(in_force(), district=district, account__login=login, role=Role.CALL_TAKER)
        .order_by("starts_on", "id")
        .first()
    )
    if found is None:
        raise Invalid(
            "call.agent",
            _("Nobody here answers calls under this login."),
            field="agent",
            mend=_("Leave it out: then it rings for everybody at the hotline."),
        )
    return found


def _tell(actor: Actor, call: Call, what: str) -> None:
    events.append(
        f"call.{what}",
        subject_type="call",
        subject_id=call.id,
        sequence={"ring": 1, "take": 2, "end": 3}[what],
        district=call.district,
        area_path=call.area_path,
        actor=actor,
        data={"state": str(call.state), "outcome": str(call.outcome), "case": call.case_number},
    )


def _show(call: Call) -> None:
    """Let the pages look that it rings for: their topics stand where a case's id would."""
    topics = [topic(call.district), *([str(call.post_id)] if call.post_id else [])]
    live.publish(live.Change(case=one, version=1, area_path=call.area_path, restricted=True) for one in topics)
