"""What is said on a case: notes of the staff, messages between a handler and the reporter, photos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.cases.loop import Ref, changing, load, reason_of, require
from linli.cases.models import Case, Evidence, EvidenceKind, LogEntry, Participant, Statement
from linli.kernel import crypto, ids
from linli.kernel.errors import Invalid
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, Role, audit, context
from linli.people.actions.contacts import read_account, read_contact

MAX_EVIDENCE = 12


_ACTOR = UUID(int=0)


def store_statement(case: Case, actor: Actor, text: str, *, now: datetime, account_id: UUID | None = _ACTOR) -> UUID:
    """Keep what a person said, sealed and under row-level security; the log holds only its id.

    Args:
        account_id: whose words they are, when they are not the actor's: an account, or a participant without one.
    """
    statement_id = ids.new_id()
    Statement.objects.bulk_create(
        [
            Statement(
                id=statement_id,
                district=case.district,
                case=case,
                area_path=case.area_path,
                account_id=actor.account_id if account_id == _ACTOR else account_id,
                text_sealed=crypto.seal("cases_statement", statement_id, text),
                at=now,
            )
        ]
    )
    return statement_id


def private_mark(*, keep_private: bool) -> dict[str, bool]:
    """What an entry of the log says of words that their author does not want public; nothing of others."""
    return {"keep_private": True} if keep_private else {}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a case, in clear; whoever holds one has left an audit row."""

    id: UUID
    at: datetime
    text: str


def read_statements(actor: Actor, ref: Ref, *, purpose: str) -> list[Said]:
    """Read in clear what was said of a case; the person can read that it was read, by which post and why.

    Raises:
        Invalid: no purpose is given.
        NotFound, Forbidden: the post may not.
    """
    purpose = reason_of(purpose, name="purpose", most=200)
    case = load(actor, ref, lock=False)
    require(actor, "case.read_reporter", case)
    # As with contacts: the table has let the actor at this case, wherever its post's own area lies.
    with context.personal(actor, purpose=purpose, reach=case.district):
        rows = list(Statement.objects.filter(district=case.district, case_id=case.id).order_by("at", "id"))
        for person in {row.account_id for row in rows}:
            audit.record(
                actor, "statement.read", subject_type="case", subject_id=case.id, district=case.district, person_id=person,
                purpose=purpose, fields=("text",),
            )  # fmt: skip
    return [Said(row.id, row.at, crypto.open_("cases_statement", row.id, bytes(row.text_sealed))) for row in rows]


@dataclass(frozen=True, slots=True)
class Reached:
    """How to reach somebody who reported a case or joined it, in clear; whoever holds one has left an audit row."""

    participant: Participant
    name: str
    phone: str
    address: str


def read_people(actor: Actor, ref: Ref, *, purpose: str) -> list[Reached]:
    """Read in clear how to reach those who reported a case or joined it: by what they left with it, else by their account.

    Raises:
        Invalid: no purpose is given.
        NotFound, Forbidden: the post may not.
    """
    case = load(actor, ref, lock=False)
    require(actor, "case.read_reporter", case)
    found = []
    for person in Participant.objects.filter(district=case.district, case_id=case.id).order_by("joined_at", "id"):
        name = phone = address = ""
        if person.contact_id:
            left = read_contact(
                actor, person.contact_id, district=case.district, purpose=purpose, matter=case, subject_type="case",
                subject_id=case.id,
            )  # fmt: skip
            name, phone, address = left.name, left.phone, left.address
        if person.account_id and not phone:
            own = read_account(
                actor, person.account_id, district=case.district, purpose=purpose, matter=case, subject_type="case",
                subject_id=case.id,
            )  # fmt: skip
            name, phone = name or own.name, own.phone
        found.append(Reached(person, name, phone, address))
    return found


def read_own(actor: Actor, ref: Ref, *, written: Iterable[UUID] = ()) -> list[Said]:
    """What the actor said of a case, and what was written to the actor as its reporter; one's own needs no audit row.

    Args:
        written: ids of the messages that were written to the reporter, from the case's log.

    Raises:
        NotFound: the actor did not report the case.
    """
    case = load(actor, ref, lock=False)
    require(actor, "case.message", case)
    with context.personal(actor, purpose="own case", reach=case.district):
        mine = Q(account_id=actor.account_id) | Q(id__in=list(written))
        rows = list(Statement.objects.filter(mine, district=case.district, case_id=case.id).order_by("at", "id"))
    return [Said(row.id, row.at, crypto.open_("cases_statement", row.id, bytes(row.text_sealed))) for row in rows]


def words_of_report(said: Iterable[Said], log: Iterable[LogEntry]) -> str:
    """The first words of a report that are kept sealed: what no entry of the log names; ``""`` when they are none of these.

    Args:
        said: what :func:`read_own` gave.
    """
    named = {str(entry.data.get("statement")) for entry in log}
    return next((one.text for one in said if str(one.id) not in named), "")


def comment(actor: Actor, ref: Ref, *, text: str) -> Case:
    """Add a note for colleagues; a resident's own words go to the handler as a message."""
    if actor.role in (Role.RESIDENT, Role.ANONYMOUS):
        return message(actor, ref, text=text)
    words = reason_of(text, name="text", least=1, most=1_000)
    with changing(actor, ref, "case.comment") as change:
        change.data |= {"text": words}
    return change.case


def message(actor: Actor, ref: Ref, *, text: str, keep_private: bool = False) -> Case:
    """Write to the reporter, or as the reporter to whoever handles the case.

    Args:
        keep_private: whether a reporter's words are not to become public.
    """
    words = reason_of(text, name="text", least=1, most=1_000)
    with changing(actor, ref, "case.message") as change:
        side = "reporter" if actor.role in (Role.RESIDENT, Role.ANONYMOUS) else "staff"
        change.data |= {"statement": store_statement(change.case, actor, words, now=change.now), "side": side}
        change.data |= private_mark(keep_private=keep_private)
        change.event |= {"side": side}
    return change.case


def add_evidence(
    actor: Actor, ref: Ref, *, kind: EvidenceKind, original_key: str, sha256: bytes, size: int
) -> Evidence:
    """Attach a photo that storage has taken in; a worker prepares the copy that is shown. The same photo twice is one.

    Args:
        original_key: where storage keeps the original, privately.
        sha256: of the original, 32 bytes.
        size: of the original in bytes.

    Raises:
        Invalid: the case has as many photos as it may.
    """
    if actor.role in (Role.RESIDENT, Role.ANONYMOUS):
        kind = EvidenceKind.REPORT  # what proves the work comes from those who did it
    with changing(actor, ref, "case.add_evidence") as change:
        case = change.case
        rows = Evidence.objects.filter(district=case.district, case_id=case.id).values_list("sha256", "kind")
        there = {(bytes(known), shown) for known, shown in rows}
        if (
            len(there) >= MAX_EVIDENCE
            and (sha256, str(kind)) not in there
            and len(fresh_evidence(case)) >= MAX_EVIDENCE
        ):
            raise Invalid(
                "case.evidence_full",
                _("Twelve photos are the most that a case takes before it is verified."),
                field="photo",
                mend=_("Leave out the ones that show the same."),
            )
        found, _created = Evidence.objects.get_or_create(
            district=case.district,
            case=case,
            sha256=sha256,
            kind=kind,
            defaults={
                "id": ids.new_id(),
                "original_key": original_key,
                "size": size,
                "post_id": actor.post_id,
                "at": change.now,
                "state": FileState.WAITING,
            },
        )
        change.data |= {"evidence": found.id, "kind": kind}
    return found


def fresh_evidence(case: Case) -> set[UUID]:
    """The photos that came in first since the case was last taken up again or failed its verification; all, when neither was.

    The log says so, and not the clock: a photo that is sent again keeps its place in it.
    """
    entries = LogEntry.objects.filter(
        district=case.district, case_id=case.id, kind__in=["add_evidence", "reopen", "verify"]
    ).order_by("sequence")
    known: set[UUID] = set()
    fresh: set[UUID] = set()
    for kind, data in entries.values_list("kind", "data"):
        if kind == "add_evidence":
            fresh |= {UUID(data["evidence"])} - known
            known |= fresh
        elif kind == "reopen" or not data["passed"]:
            fresh = set()
    return fresh
