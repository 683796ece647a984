"""Applying: a resident's request for a service comes in, and with it what the platform holds already."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.cases.actions.intake import next_number
from linli.kernel import commands, crypto, ids, time
from linli.kernel.commands import Answer
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid, SignInNeeded
from linli.kernel.trust import SYSTEM, Actor, Role, audit, policy
from linli.people.actions.contacts import phone_hash
from linli.people.models import DataClass
from linli.services import facts, placing, queries, rules
from linli.services.actions import windows
from linli.services.facts import CLASSES, Person
from linli.services.models import (
    Application,
    Attachment,
    Channel,
    Consent,
    Proof,
    ProofState,
    SaidKind,
    State,
)
from linli.services.rules import Question
from linli.services.snapshot import Entry
from linli.services.steps import Change, finish, keep_words, missing

LONGEST = {Person.NAME: 60, Person.PHONE: 24, Person.ADDRESS: 200, Person.RELATIVE_NAME: 60, Person.RELATIVE_PHONE: 24,
           Person.RELATION: 40}  # fmt: skip
MOST_PHOTOS = 5
FREE_ROLES = (Role.RESIDENT, Role.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that storage has taken in: where it lies, its SHA-256 in hexadecimal, its bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody applies for.

    Args:
        service: code of the service.
        answers: by the codes of questions; choices are lists, yes is ``True``, dates are ISO.
        person: by :class:`~linli.services.facts.Person`; what the platform holds may be left out when ``use_held`` is set.
        area_path: the community (or a grid in it) that it is for; the account's own when empty.
        slot: the time, where the service has windows.
        use_held: consent to fill in what the platform holds.
        use_proofs: consent to have the service's proofs fetched from the departments that hold them.
        on_behalf: for a relative, who agrees to it.
        consent: how the resident agreed, where somebody else fills it in for them (:class:`~linli.services.models.Consent`).
        seen: codes of proofs that were shown to whoever fills it in.
        photos: by the code of the question.
    """

    service: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    person: Mapping[str, str] = field(default_factory=dict)
    area_path: str = ""
    slot: UUID | None = None
    use_held: bool = False
    use_proofs: bool = False
    on_behalf: bool = False
    consent: str = ""
    seen: tuple[str, ...] = ()
    channel: Channel = Channel.PORTAL
    photos: Mapping[str, tuple[Photo, ...]] = field(default_factory=dict)


def apply(actor: Actor, key: str, body: bytes, *, wanted: Wanted) -> Answer:
    """Take in an application, once for each key.

    Args:
        key: made by the client, kept for its repeats.
        body: what was sent, byte for byte.

    Returns:
        Status 201 and ``{"id", "district", "number", "service", "state", "due_at", "code", "asked", "spared"}``; the code lets a
        resident without an account follow the application. A repeat gives the same.

    Raises:
        Invalid: an answer is missing or wrong; ``field`` says which.
            Whoever fills it in for somebody else says how they agreed.
        SignInNeeded: the service needs to know who one is.
        Conflict: the time is full, or the key was used for another application.
        NotFound: there is no such service.
    """
    policy.require(actor, "service.apply")
    own = actor.role in FREE_ROLES
    if not own and wanted.consent not in Consent.values:
        raise Invalid(
            "consent.needed",
            _("How did they agree?"),
            field="consent",
            mend=_("Read to them what is written down and where it goes; without their word nothing is sent."),
        )
    held = queries.held_of(actor) if own and wanted.use_held and not wanted.on_behalf else queries.NOTHING_HELD
    contact = queries.held_of(actor) if own and wanted.use_held and wanted.on_behalf else held
    area_path = wanted.area_path or contact.home
    if not placing.is_community(area_path):
        raise Invalid(
            "place.needed",
            _("Please say where it is for."),
            field="address",
            mend=_("We need the community to know who helps you."),
        )
    entry = queries.service(wanted.service, district=district_of(area_path))
    if not entry.is_online:
        raise Invalid(
            "service.not_online",
            _("This is not applied for online here."),
            field="service",
            mend=_("Its page says where."),
        )
    if own and entry.needs_account and not actor.is_signed_in:
        raise SignInNeeded("sign_in_needed", _("Please sign in first: the department needs to know who you are."))

    def action() -> tuple[int, Any]:
        return 201, _take_in(actor, entry, wanted, area_path, held, contact)

    answer = commands.run(actor, key, body, district=district_of(area_path), action=action)
    told = answer.body
    code = "" if own and actor.is_signed_in else application_code(told["district"], told["number"])
    return Answer(answer.status, told | {"code": code}, replayed=answer.replayed)


def application_code(district: str, number: str) -> str:
    """The eight figures by which a resident without an account follows an application."""
    digest = crypto.lookup_hash("code", f"application:{district}:{number}")
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def actor_by_code(number: str, code: str) -> Actor:
    """Whoever shows the right code acts as the resident, on this application only.

    Raises:
        NotFound: number or code is wrong, or it belongs to an account; the answer does not tell which.
    """
    written = ids.parse_ticket_number(number)
    found = queries.by_number(written) if written else None
    figures = "".join(ch for ch in code if ch.isdigit())
    if (
        found is None
        or found.account_id is not None
        or not hmac.compare_digest(figures, application_code(found.district, found.number))
    ):
        raise missing()
    return Actor(role=Role.RESIDENT, account_id=found.id, district=found.district)


def _take_in(
    actor: Actor, entry: Entry, wanted: Wanted, area_path: str, held: queries.Held, contact: queries.Held
) -> dict[str, Any]:
    now = time.now()
    own = actor.role in FREE_ROLES
    person, from_account = _person(entry, wanted, held, contact, own=own)
    answers, from_answers = _answers(entry, wanted, held)
    holder = placing.holder_of(entry, area_path)
    if holder is None:
        raise Invalid(
            "service.nobody", _("Nobody handles this here yet."), field="service", mend=_("Please ring 12345.")
        )
    one = Application(
        id=ids.new_id(), district=district_of(area_path), number=next_number(district_of(area_path)), service=entry.code,
        service_version_id=entry.version_id, state=State.SUBMITTED, area_path=area_path, organisation_id=holder,
        account_id=actor.account_id if own else None, on_behalf=wanted.on_behalf, channel=wanted.channel,
        sensitivity=entry.sensitivity, facts={}, submitted_at=now,
    )  # fmt: skip
    with transaction.atomic():
        change = Change(actor=actor, application=one, verb="service.apply", now=now, from_state="")
        _count(change, entry, wanted, held, contact)
        one.facts = {code: value for code, value in answers.items() if not rules.questions()[code].is_sealed}
        one.save(force_insert=True)
        _keep(one, entry, person, answers, from_account | from_answers, now=now)
        _photos(one, wanted, now=now)
        waiting = _proofs(change, entry, wanted, held)
        slot_ends = _book(change, entry, wanted)
        if slot_ends is not None and not waiting:
            one.state = State.ACCEPTED  # the time is the answer: nobody needs to take it up first
        change.begin(minutes=entry.minutes or 60, clock=entry.clock, not_before=slot_ends)
        _consents(change, entry, wanted, from_account | from_answers)
        finish(change)
    return {
        "id": str(one.id), "district": one.district, "number": one.number, "service": one.service, "state": str(one.state),
        "due_at": one.due_at.isoformat() if one.due_at else None, "asked": one.asked, "spared": one.spared,
        "area_path": one.area_path, "version": one.version,
    }  # fmt: skip


def _person(
    entry: Entry, wanted: Wanted, held: queries.Held, contact: queries.Held, *, own: bool
) -> tuple[dict[str, str], frozenset[str]]:
    """The facts about the person, and which of them the platform held.

    Raises:
        Invalid: one is missing or wrong.
    """
    found: dict[str, str] = {}
    filled = set()
    needed = [one for one in facts.person_facts(entry) if one != Person.HOME]
    if wanted.on_behalf:
        if not entry.proxy_allowed:
            raise Invalid("service.no_proxy", _("This can only be applied for by oneself."), field="on_behalf")
        needed += [Person.RELATIVE_NAME, Person.RELATION]
        if wanted.person.get(Person.RELATIVE_PHONE, "").strip():
            needed.append(Person.RELATIVE_PHONE)
    for one in needed:
        source = contact if one in (Person.NAME, Person.PHONE) else held
        value = " ".join(str(wanted.person.get(one, "")).replace("\x00", "").split())
        if not value and one in source.values:
            value = source.values[one]
            filled.add(str(one))
        if not value and one == Person.PHONE and not own:
            continue  # at the counter nobody needs a telephone: number and code are on the slip
        found[one] = checked(one, value)
    return found, frozenset(filled)


def checked(one: Person, value: str) -> str:
    """A fact about a person, when it can be one.

    Raises:
        Invalid: it is missing, too long, or no number.
    """
    if not value:
        raise Invalid("field.needed", _("Please fill this in: %(what)s") % {"what": facts.LABELS[one]}, field=str(one))
    if len(value) > LONGEST.get(one, 40):
        raise Invalid("field.too_long", _("This is too long."), field=str(one))
    if one in (Person.PHONE, Person.RELATIVE_PHONE):
        phone_hash(value, field=str(one))
    if one == Person.IDENTITY_NUMBER:
        written = facts.identity_number(value)
        if written is None:
            raise Invalid(
                "identity.number",
                _("This is not an identity number."),
                field=str(one),
                mend=_("It has eighteen signs; please compare."),
            )
        return written
    return value


def _answers(entry: Entry, wanted: Wanted, held: queries.Held) -> tuple[dict[str, Any], frozenset[str]]:
    found: dict[str, Any] = {}
    filled = set()
    for question in entry.questions():
        if question.kind == "photos":
            if question.required and not wanted.photos.get(question.code):
                raise Invalid("photo.needed", _("Please add a photo."), field=question.code)
            continue
        given = wanted.answers.get(question.code)
        if given in (None, "", []) and question.keep and question.code in held.values:
            text = held.values[question.code]
            given = text.split(";") if question.kind == "choices" else text
            filled.add(question.code)
        value = answered(question, given)
        if value not in (None, "", []):
            found[question.code] = value
    return found, frozenset(filled)


def answered(question: Question, given: Any) -> Any:
    """An answer to a question, when it can be one; ``None`` for an optional one that was left out.

    Raises:
        Invalid: it is missing or cannot be.
    """
    if isinstance(given, str):
        given = given.replace("\x00", "").strip()
    if given in (None, "", [], False):
        if question.required:
            raise Invalid(
                "field.needed",
                _("Please answer this question."),
                field=question.code,
                mend=_("It is needed to help you."),
            )
        return None
    known = {option.value for option in question.options}
    match question.kind:
        case "choice" if given in known:
            return given
        case "choices" if isinstance(given, list | tuple) and set(given) <= known:
            return [option.value for option in question.options if option.value in given]
        case "yes" if given in (True, "on", "true", "yes", "1"):
            return True
        case "number":
            text = str(given)
            if text.isdecimal() and 0 < int(text) <= (question.most or 1_000_000):
                return int(text)
            raise Invalid(
                "field.number",
                _("Please give a number from 1 to %(most)d.") % {"most": question.most},
                field=question.code,
            )
        case "date":
            try:
                return date.fromisoformat(str(given)).isoformat()
            except ValueError:
                raise Invalid("field.date", _("Please give a date."), field=question.code) from None
        case "line" | "text":
            if len(str(given)) > question.most:
                raise Invalid(
                    "field.too_long", _("This is too long."), field=question.code,
                    mend=_("Use at most %(most)d characters.") % {"most": question.most},
                )  # fmt: skip
            return str(given)
    raise Invalid("field.choice", _("Please choose from the list."), field=question.code)


def _keep(
    one: Application,
    entry: Entry,
    person: Mapping[str, str],
    answers: Mapping[str, Any],
    filled: frozenset[str],
    *,
    now: datetime,
) -> None:
    for code, text in person.items():
        keep_words(
            one,
            text,
            kind=SaidKind.PERSON,
            now=now,
            field_code=str(code),
            data_class=CLASSES[Person(code)],
            held=code in filled,
        )
    for code, value in answers.items():
        question = rules.questions()[code]
        if question.is_sealed:
            text = ";".join(value) if isinstance(value, list) else "yes" if value is True else str(value)
            keep_words(
                one,
                text,
                kind=SaidKind.ANSWER,
                now=now,
                field_code=code,
                data_class=question.data_class,
                held=code in filled,
            )


def _photos(one: Application, wanted: Wanted, *, now: datetime) -> None:
    known = rules.questions()
    for code, photos in wanted.photos.items():
        for photo in photos[: known[code].most or MOST_PHOTOS]:
            Attachment.objects.create(
                id=ids.new_id(), district=one.district, application=one, field=code, media="photo", original_key=photo.key,
                sha256=bytes.fromhex(photo.sha256), size=photo.size, at=now,
            )  # fmt: skip


def _proofs(change: Change, entry: Entry, wanted: Wanted, held: queries.Held) -> bool:
    """The proofs that the service needs; returns whether somebody still has to answer for one."""
    one, waiting = change.application, False
    known = rules.proofs()
    for code in entry.proofs:
        until = held.proofs.get(code) if wanted.use_proofs and not wanted.on_behalf else None
        holder = placing.department_of(known[code].holder, one.district) if wanted.use_proofs else None
        state = ProofState.HELD if until else ProofState.ASKED if holder else ProofState.TO_BRING
        if change.actor.role not in FREE_ROLES and code in wanted.seen:
            state = ProofState.SEEN
        waiting = waiting or state not in (ProofState.HELD, ProofState.SEEN)
        Proof.objects.create(
            id=ids.new_id(), district=one.district, application=one, kind=code, state=state,
            holder_id=holder if state == ProofState.ASKED else None, asked_at=change.now,
            answered_at=change.now if state == ProofState.SEEN else None,
            post_id=change.actor.post_id if state == ProofState.SEEN else None,
        )  # fmt: skip
    return waiting


def _book(change: Change, entry: Entry, wanted: Wanted) -> datetime | None:
    if entry.booking is None:
        return None
    if wanted.slot is None:
        raise Invalid("slot.needed", _("Please choose a time."), field="slot")
    slot = windows.take_seat(change.application, entry, wanted.slot, now=change.now)
    change.data |= {"slot": [slot.starts_at.isoformat(), slot.ends_at.isoformat()]}
    change.event |= {"slot": slot.starts_at.isoformat()}
    return slot.ends_at


def _count(change: Change, entry: Entry, wanted: Wanted, held: queries.Held, contact: queries.Held) -> None:
    codes = set(held.codes)
    codes |= {code for code in contact.codes if code in (Person.NAME, Person.PHONE, Person.HOME)}
    counted = facts.count(entry, held=codes, language="en")
    change.application.asked = counted.asked + (0 if wanted.use_proofs else len(entry.proofs))
    change.application.spared = counted.spared - (0 if wanted.use_proofs else len(entry.proofs))


def _consents(change: Change, entry: Entry, wanted: Wanted, filled: frozenset[str]) -> None:
    """Write down what was consented to, and let the person read that what is held about them was used, and for what."""
    one, given = change.application, []
    if wanted.use_held:
        given.append("use_held")
    if wanted.use_proofs and entry.proofs:
        given.append("fetch_proofs")
    if wanted.on_behalf:
        given.append("relative_agrees")
    change.data |= {"consents": given, "filled": sorted(filled), "on_behalf": wanted.on_behalf}
    if change.actor.role not in FREE_ROLES:
        change.data |= {"agreed": wanted.consent}
    if filled and one.account_id:
        audit.record(
            SYSTEM, "fact.read", subject_type="application", subject_id=one.id, district=one.district, person_id=one.account_id,
            purpose=f"{entry.name_zh} {one.number}", fields=tuple(sorted(filled)),
        )  # fmt: skip


def valid_until(kind: str, day: date) -> date:
    """Until when a proof of this kind holds that was confirmed on ``day``."""
    return day + timedelta(days=rules.proofs()[kind].valid_days)


def data_class_of(code: str) -> DataClass:
    """How closely an answer or a fact is kept."""
    if code in set(Person):
        return CLASSES[Person(code)]
    return DataClass(rules.questions()[code].data_class)
