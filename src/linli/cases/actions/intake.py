"""Intake: a report comes in from any channel, and is acknowledged once everything about it is on the disk.

This is the hot path, so all rows of a report — the remembered command, the case, its participant and contact, its first log
entry, its response deadline and its event — are written by one SQL statement; ``docs/explanation/intake.md`` says why.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from linli.cases import placing, queries, router
from linli.cases.actions.limiting import Origin, count_report
from linli.cases.actions.talking import private_mark, store_statement
from linli.cases.loop import Ref, add_step, event_data, hash_of, load, missing, projection
from linli.cases.models import GENESIS, Case, Channel, Level, LogEntry, Participant, ParticipantKind
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import chain, commands, crypto, deadlines, ids, time
from linli.kernel.commands import Answer
from linli.kernel.errors import Conflict, Invalid, LinliError
from linli.kernel.trust import Actor, Role, policy
from linli.people.actions.contacts import new_contact
from linli.people.models import Contact

MAX_WORDS = 2_000
LONGER = {Channel.OPEN311: 6_000}
"""Open311 allows 4,000 characters, and what its clients add in attributes and links comes with them."""
AT_INTAKE = (
    "state", "is_open", "round", "area_id", "area_path", "located", "lng", "lat", "category", "category_version_id", "severity",
    "sensitivity", "level", "holder_id", "reported_at", "due_at", "due_kind", "due_from", "participants_count",
    "parent_id",
)  # fmt: skip
"""The projected columns that a report sets, or the opening of a part; the others begin empty."""
SEALED = ("personal", "restricted")
"""Sensitivities of which the words of a report are kept sealed."""
SERIALS = 64
"""Ticket serials that a process draws at once; those it does not use are left out."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """How to reach whoever reports; all of it may be empty."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says.

    Args:
        category: code of the catalogue, such as ``UT02``.
        description: in the reporter's words, up to 2,000 characters.
        lng: longitude in degrees, in the system ``coordinates`` names; with ``lat`` or not at all.
        lat: latitude in degrees.
        coordinates: ``wgs84``, ``gcj02`` or ``bd09``.
        address: in words; finds the grid when there is no point.
        district: the district to ask when neither finds a place.
        channel: how it came in.
        reporter: how to reach the reporter, when nobody is signed in or somebody reports for another.
        on_behalf: whether ``reporter`` is somebody else than who is signed in.
        found_at: when it was seen, when that was earlier (a phone that was offline).
        keep_private: whether the reporter does not want the words to become public, in whatever form.
    """

    category: str
    description: str = ""
    lng: float | None = None
    lat: float | None = None
    coordinates: str = "wgs84"
    address: str = ""
    district: str = ""
    channel: Channel = Channel.PORTAL
    reporter: Reporter = field(default_factory=Reporter)
    on_behalf: bool = False
    found_at: datetime | None = None
    keep_private: bool = False


def report(actor: Actor, key: str, body: bytes, *, what: Report, origin: Origin | None = None) -> Answer:
    """Take in a report: one transaction, one acknowledgement, once for each key.

    Args:
        key: made by the client, kept for its repeats.
        body: what was sent, byte for byte.
        origin: where it comes from, when those without an account are counted.

    Returns:
        Status 201 and ``{"id", "district", "number", "state", "category", "due_at", "area_path", "code"}``; the code lets a
        reporter without an account follow the case. A repeat gives the same.

    Raises:
        Invalid: a field is wrong; it says which and how to mend it.
        Conflict: the key was used for another report.
        InFlight: the same report is being taken in at this moment.
        TooMany: as many without an account came from here as may.
    """
    policy.require(actor, "case.report")
    commands.check_key(key)
    place = placing.find(
        lng=what.lng, lat=what.lat, coordinates=what.coordinates, address=what.address, district=what.district
    )
    digest = commands.body_hash(body)
    try:
        rows = _rows(actor, what, place)
        count_report(actor, origin)
    except LinliError:
        # A repeat gets the first answer even when such a report would not be taken any more.
        first = commands.replay(actor, key, digest, district=place.district)
        if first is None:
            raise
        return Answer(first.status, _with_code(actor, what, first.body), replayed=True)
    answer = rows.pop("answer")
    rows |= {
        "lock": commands.lock_number(actor.key, key), "command_id": ids.new_id(), "actor_key": actor.key, "key": key,
        "body_hash": digest, "answer": Jsonb(answer),
    }  # fmt: skip
    try:
        written = _write(rows)
    except (IntegrityError, psycopg.errors.UniqueViolation) as error:
        if "kernel_command_once" not in str(error):
            raise
        written = None
    if written == 0:
        raise commands.in_flight()
    if written is None:
        first = commands.replay(actor, key, digest, district=place.district)
        if first is None:
            raise commands.in_flight()
        return Answer(first.status, _with_code(actor, what, first.body), replayed=True)
    return Answer(201, _with_code(actor, what, answer))


def _with_code(actor: Actor, what: Report, answer: dict[str, Any]) -> dict[str, Any]:
    # The code is not kept with the answer: it is made again from the number under the keyring.
    has_account = actor.is_signed_in and not what.on_behalf
    return answer | {"code": "" if has_account else ticket_code(answer["district"], answer["number"])}


def ticket_code(district: str, number: str) -> str:
    """The eight figures by which a reporter without an account follows a case."""
    digest = crypto.lookup_hash("code", f"ticket:{district}:{number}")
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def joiner_code(case: Case | queries.Nearby, participant_id: UUID) -> str:
    """The eight figures by which somebody without an account follows a case that they joined: each has their own."""
    digest = crypto.lookup_hash("code", f"joined:{case.district}:{case.number}:{participant_id}")
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def participant_by_code(number: str, code: str) -> Participant:
    """The reporter of the case ``number`` who shows the right code, or whoever joined it and shows theirs.

    Raises:
        NotFound: either is wrong; the answer does not tell which.
    """
    written = ids.parse_ticket_number(number)
    case = queries.by_number(written) if written else None
    figures = "".join(ch for ch in code if ch.isdigit())
    if case is None:
        raise missing()
    people = Participant.objects.filter(district=case.district, case_id=case.id).order_by("joined_at", "id")
    if hmac.compare_digest(figures, ticket_code(case.district, case.number)):
        found = people.exclude(kind=ParticipantKind.JOINED).first()
    else:
        joined = people.filter(kind=ParticipantKind.JOINED, account__isnull=True)
        found = next((one for one in joined if hmac.compare_digest(figures, joiner_code(case, one.id))), None)
    if found is None:
        raise missing()
    return found


def actor_of(participant: Participant) -> Actor:
    """Whoever follows a case by its code acts as its reporter, on this case only: never as the account behind it."""
    return Actor(role=Role.RESIDENT, account_id=participant.id, district=participant.district)


_serials: list[int] = []


def next_number(district: str) -> str:
    """A new ticket number; the serials come from a database sequence, a block at a time."""
    if not _serials:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('cases_serial')")
            first = int(cursor.fetchone()[0])
        _serials.extend(range(first + SERIALS - 1, first - 1, -1))
    return ids.ticket_number(district, _serials.pop())


def _rows(actor: Actor, what: Report, place: placing.Place) -> dict[str, Any]:
    words = what.description.strip()
    if len(words) > (most := LONGER.get(what.channel, MAX_WORDS)):
        raise Invalid(
            "field.too_long",
            _("This is too long."),
            field="description",
            mend=_("Use at most %(most)d characters.") % {"most": most},
        )
    category = catalog.current(district=place.district).get(what.category)
    if category is None or (actor.role in (Role.ANONYMOUS, Role.RESIDENT) and not category.resident_reportable):
        raise Invalid(
            "case.category", _("There is no such category."), field="category", mend=_("Choose one from the list.")
        )
    if not category.becomes_case:
        raise Invalid(
            "case.call_instead",
            _("This cannot be reported here: please call %(number)s now.")
            % {"number": "、".join(category.call_first_numbers)},
            field="category",
        )
    now = time.now()
    due, provisional = deadlines.compute(category.clock, category.respond_minutes, now)
    holder = router.acceptance(category, place.area_path)
    sealed = category.sensitivity in SEALED
    case = Case(
        id=ids.new_id(), district=place.district, number=next_number(place.district), state=State.SUBMITTED,
        area_id=place.area_id, area_path=place.area_path, located=place.how,
        lng=None if place.lng is None else round(place.lng, 7), lat=None if place.lat is None else round(place.lat, 7),
        address_text=" ".join(what.address.split())[:200], category=category.code, category_version_id=category.version_id,
        severity=category.severity, sensitivity=category.sensitivity, description="" if sealed else words,
        channel=what.channel, level=Level.SUBDISTRICT if category.first_level == "subdistrict" else Level.COMMUNITY,
        holder_id=holder, reported_at=now, due_at=due, due_kind="response", due_from=now,
    )  # fmt: skip
    return _assemble(
        actor, what, case, due=due, provisional=provisional, category=category, words=words if sealed else ""
    )


def _assemble(
    actor: Actor, what: Report, case: Case, *, due: datetime, provisional: bool, category: Any, words: str
) -> dict[str, Any]:
    now, row_ids = case.reported_at, [ids.new_id() for _n in range(5)]
    data: dict[str, Any] = {
        "set": {k: v for k, v in projection(case, AT_INTAKE).items() if v not in (None, "")},
        "number": case.number,
        "channel": case.channel,
    }
    if what.found_at is not None:
        data["found_at"] = chain.moment(what.found_at)
    data |= private_mark(keep_private=what.keep_private)
    digest = hash_of(
        case_id=case.id, district=case.district, sequence=1, kind="report", at=now, post=actor.post_id, role=str(actor.role),
        from_state="", to_state=State.SUBMITTED, data=data, prev=GENESIS,
    )  # fmt: skip
    account = None if what.on_behalf or actor.post_id else actor.account_id
    contact = _contact(case, account, what.reporter)
    return {
        "id": case.id, "district": case.district, "number": case.number, "state": str(case.state), "area": case.area_id,
        "path": case.area_path, "located": str(case.located), "lng": case.lng, "lat": case.lat, "address": case.address_text,
        "category": case.category, "version": case.category_version_id, "severity": case.severity,
        "sensitivity": case.sensitivity, "description": case.description, "channel": str(case.channel),
        "level": str(case.level), "holder": case.holder_id, "now": now, "due": due, "genesis": GENESIS, "hash": digest,
        "contact": contact.id if contact else None, "account": account,
        "name_enc": contact.name_enc if contact else None, "phone_enc": contact.phone_enc if contact else None,
        "phone_hash": contact.phone_hash if contact else None, "address_enc": contact.address_enc if contact else None,
        "participant": row_ids[0],
        "kind": str(ParticipantKind.PROXY if what.on_behalf else ParticipantKind.REPORTER),
        "statement": row_ids[1] if words else None, "speaker": account or row_ids[0],
        "statement_sealed": crypto.seal("cases_statement", row_ids[1], words) if words else b"",
        "entry": row_ids[2], "post": actor.post_id, "role": str(actor.role), "data": Jsonb(data),
        "deadline": row_ids[3], "clock": str(category.clock), "minutes": category.respond_minutes, "provisional": provisional,
        "event": row_ids[4], "event_data": Jsonb(event_data(case, "", {}) | _told_of(case, account)),
        "answer": {
            "id": str(case.id), "district": case.district, "number": case.number, "state": str(case.state),
            "category": case.category, "due_at": due.isoformat(), "area_path": case.area_path, "version": 1,
            "severity": case.severity,
        },
    }  # fmt: skip


def _told_of(case: Case, account: UUID | None) -> dict[str, str]:
    # The ledger thanks a resident by it; who reported a matter that touches a person or a household is told to no other room.
    return {"account": str(account)} if account is not None and case.sensitivity not in SEALED else {}


def _contact(case: Case, account: UUID | None, reporter: Reporter | None) -> Contact | None:
    if reporter is None or not (reporter.name.strip() or reporter.phone.strip() or reporter.address.strip()):
        return None
    return new_contact(
        district=case.district, area_path=case.area_path, account_id=account, name=reporter.name, phone=reporter.phone,
        address=reporter.address,
    )  # fmt: skip


_STATEMENT = """
WITH taken AS (SELECT pg_try_advisory_xact_lock(%(lock)s::bigint) AS ok),
command AS (
    INSERT INTO kernel_command (id, district, actor_key, key, body_hash, status, answer, at)
    SELECT %(command_id)s, %(district)s, %(actor_key)s, %(key)s, %(body_hash)s, 201, %(answer)s, %(now)s FROM taken WHERE ok
    RETURNING 1
), one_case AS (
    INSERT INTO cases_case (
        id, district, number, state, is_open, round, resume_state, area_id, area_path, located, lng, lat, address_text, category,
        category_version_id, severity, sensitivity, description, channel, level, holder_id, handler_post_id, reported_at, due_at,
        due_kind, due_from, is_late, returns, extensions, waits, failures, participants_count, feedback_outcome, outcome,
        log_length, log_head)
    SELECT %(id)s, %(district)s, %(number)s, %(state)s, true, 1, '', %(area)s, %(path)s, %(located)s, %(lng)s, %(lat)s,
        %(address)s, %(category)s, %(version)s, %(severity)s, %(sensitivity)s, %(description)s, %(channel)s, %(level)s,
        %(holder)s::uuid, NULL, %(now)s, %(due)s, 'response', %(now)s, false, 0, 0, 0, 0, 1, '', '', 1, %(hash)s
    FROM command
), contact AS (
    INSERT INTO people_contact (id, district, account_id, area_path, name_enc, phone_enc, phone_hash, address_enc, created_at)
    SELECT %(contact)s::uuid, %(district)s, %(account)s::uuid, %(path)s, %(name_enc)s::bytea, %(phone_enc)s::bytea,
        %(phone_hash)s::bytea, %(address_enc)s::bytea, %(now)s
    FROM command WHERE %(contact)s::uuid IS NOT NULL
), participant AS (
    INSERT INTO cases_participant (id, district, case_id, account_id, contact_id, kind, joined_at)
    SELECT %(participant)s, %(district)s, %(id)s, %(account)s::uuid, %(contact)s::uuid, %(kind)s, %(now)s FROM command
), statement AS (
    INSERT INTO cases_statement (id, district, case_id, area_path, account_id, text_sealed, at)
    SELECT %(statement)s::uuid, %(district)s, %(id)s, %(path)s, %(speaker)s::uuid, %(statement_sealed)s::bytea, %(now)s
    FROM command WHERE %(statement)s::uuid IS NOT NULL
), entry AS (
    INSERT INTO cases_logentry (id, district, case_id, sequence, kind, at, post_id, actor_role, from_state, to_state, data,
        prev_hash, hash)
    SELECT %(entry)s, %(district)s, %(id)s, 1, 'report', %(now)s, %(post)s::uuid, %(role)s, '', %(state)s, %(data)s,
        %(genesis)s, %(hash)s
    FROM command
), deadline AS (
    INSERT INTO kernel_deadline (id, district, subject_type, subject_id, kind, area_path, clock, minutes, started_at, due_at,
        provisional, state, due_history)
    SELECT %(deadline)s, %(district)s, 'case', %(id)s, 'response', %(path)s, %(clock)s, %(minutes)s, %(now)s, %(due)s,
        %(provisional)s, 'running', '[]'::jsonb
    FROM command
), told AS (
    INSERT INTO kernel_event (id, district, at, kind, subject_type, subject_id, sequence, area_path, post_id, role, data)
    SELECT %(event)s, %(district)s, %(now)s, 'case.report', 'case', %(id)s, 1, %(path)s, %(post)s::uuid, %(role)s,
        %(event_data)s
    FROM command
)
SELECT count(*) FROM command
"""


def _write(rows: dict[str, Any]) -> int:
    """Write all rows of a report; 0 when the same command is under way, 1 when they are written."""
    connection.ensure_connection()
    if connection.in_atomic_block:
        with transaction.atomic():
            return _execute(rows)
    return _execute(rows)


def _execute(rows: dict[str, Any]) -> int:
    raw = connection.connection
    # A server-side prepared statement: planning this once per connection instead of once per report. The driver's errors become
    # Django's here too, or a database that goes away would look like a mistake of ours, and the dead connection would be kept.
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(_STATEMENT, rows, prepare=True)
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def open_child(actor: Actor, parent: Case, category: Any, *, channel: Channel, now: datetime) -> Case:
    """Open a case that is split off ``parent``, at its place, within the transaction of the split.

    Whoever reported the parent has reported the part, and whoever joined it goes along; but into a matter that touches a person
    or a household only the reporters.
    """
    due, provisional = deadlines.compute(category.clock, category.respond_minutes, now)
    words = parent.description if category.sensitivity in SEALED else ""
    case = Case(
        id=ids.new_id(), district=parent.district, number=next_number(parent.district), state=State.SUBMITTED,
        area_id=parent.area_id, area_path=parent.area_path, located=parent.located, lng=parent.lng, lat=parent.lat,
        address_text=parent.address_text, category=category.code, category_version_id=category.version_id,
        severity=category.severity, sensitivity=category.sensitivity, description="" if words else parent.description, channel=channel,
        level=Level.COMMUNITY, holder_id=router.acceptance(category, parent.area_path), reported_at=now, due_at=due,
        due_kind="response", due_from=now, parent_id=parent.id,
    )  # fmt: skip
    people = Participant.objects.filter(district=parent.district, case_id=parent.id).order_by("joined_at", "id")
    if category.sensitivity in SEALED:
        people = people.exclude(kind=ParticipantKind.JOINED)
    first, *others = people
    case.participants_count = 1 + len(others)
    what = Report(category=category.code, channel=channel)
    rows = _assemble(actor, what, case, due=due, provisional=provisional, category=category, words=words)
    rows |= {
        "lock": commands.lock_number(actor.key, str(case.id)), "command_id": ids.new_id(), "actor_key": actor.key,
        "key": f"split:{case.id}", "body_hash": commands.body_hash(b""), "answer": Jsonb(rows["answer"]), "account": first.account_id,
        "kind": str(first.kind), "speaker": first.account_id or rows["participant"],
    }  # fmt: skip
    _write(rows)
    Participant.objects.filter(district=case.district, id=rows["participant"]).update(contact_id=first.contact_id)
    Participant.objects.bulk_create(
        Participant(
            id=ids.new_id(), district=case.district, case_id=case.id, account_id=one.account_id, contact_id=one.contact_id,
            kind=one.kind, joined_at=now,
        )
        for one in others
    )  # fmt: skip
    Case.objects.filter(district=case.district, id=case.id).update(
        parent_id=parent.id, participants_count=case.participants_count
    )
    return Case.objects.get(district=case.district, id=case.id)


@dataclass(frozen=True, slots=True)
class Joined:
    """A case that was joined, and whoever joined it; the code opens it for those without an account, else it is empty."""

    case: Case
    participant: Participant

    @property
    def code(self) -> str:
        """For whoever joined without an account."""
        return "" if self.participant.account_id else joiner_code(self.case, self.participant.id)


def join(
    actor: Actor, ref: Ref, *, text: str = "", reporter: Reporter | None = None, keep_private: bool = False
) -> Joined:
    """Join a case that somebody reported already, instead of reporting it again; joining twice is joining once.

    Whoever joins need not have been able to see the case: near duplicates are shown without what is personal in them.

    Args:
        keep_private: whether the words are not to become public.

    Raises:
        Conflict: the case has ended.
    """
    policy.require(actor, "case.join")
    with transaction.atomic():
        case = load(actor, ref)
        if not case.is_open or case.is_restricted:
            raise Conflict("case.ended", _("This case has ended; please report it anew."))
        account = None if actor.post_id else actor.account_id
        people = Participant.objects.filter(district=case.district, case_id=case.id)
        if account and (known := people.filter(account_id=account).first()):
            return Joined(case, known)
        contact = _contact(case, account, reporter)
        if contact is not None:
            contact.save(force_insert=True)
        now = time.now()
        person = Participant.objects.create(
            id=ids.new_id(), district=case.district, case=case, account_id=account, contact=contact,
            kind=ParticipantKind.JOINED, joined_at=now,
        )  # fmt: skip
        data: dict[str, Any] = {}
        if text.strip():
            data["statement"] = store_statement(
                case, actor, text.strip()[:MAX_WORDS], now=now, account_id=account or person.id
            )
            data |= private_mark(keep_private=keep_private)
        add_step(actor, case, "join", data=data, changes={"participants_count": case.participants_count + 1})
        return Joined(case, person)


def parts_for(actor: Actor, case: Case, log: Iterable[LogEntry]) -> list[tuple[Case, str]]:
    """The cases that were split off one, for somebody who takes part in it: each with its code for a reporter who came by code.

    Of a part that touches a person or a household only those learn who take part in it.

    Args:
        log: of the case; where it tells of no split, nothing is asked.
    """
    if not any(entry.kind == "split" for entry in log):
        return []
    own = actor.account_id in {one.id for one in case.participants.all() if one.kind != ParticipantKind.JOINED}
    found = []
    for part in queries.parts_of(case):
        if own:
            found.append((part, ticket_code(part.district, part.number)))
        elif part.sensitivity not in SEALED or actor.account_id in part.policy_accounts():
            found.append((part, ""))
    return found
