"""How a case moves: lock, right, version, table of states, change, log entry, deadlines, event; one transaction.

Every action is written on :func:`changing`::

    with changing(actor, ref, "case.sign_in", version=version) as change:
        change.case.responded_at = change.now
        change.meet("response", "sign_in")
        change.to(State.SIGNED_IN)

What the block leaves on ``change`` becomes the case's new state, one log entry and one event when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import NoneType
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.cases import states
from linli.cases.models import Approval, ApprovalKind, ApprovalState, Case, LogEntry
from linli.cases.states import State
from linli.cases.turns import is_their_turn
from linli.kernel import chain, deadlines, events, ids, time
from linli.kernel.db import insert_all, within
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import Clock, Deadline, DeadlineState, Event
from linli.kernel.trust import Actor, Role, policy

SUBJECT = "case"


@dataclass(frozen=True, slots=True)
class Ref:
    """Names a case: by its district and id, so that one shard answers."""

    district: str
    id: UUID


@dataclass(slots=True)
class Change:
    """One step of a case in the making."""

    actor: Actor
    case: Case
    verb: str
    now: datetime
    from_state: State
    data: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    open_deadlines: list[Deadline] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.before:
            self.before = projection(self.case)

    def to(self, state: State) -> None:
        """Move the case to ``state``."""
        self.case.state = state
        self.case.is_open = state not in states.ENDED

    def begin(self, kind: str, *, clock: Clock | str, minutes: int, at: datetime | None = None) -> None:
        """Start a clock of this kind; one that runs already is cancelled first."""
        self.cancel(kind)
        self.open_deadlines.append(
            deadlines.start(
                subject_type=SUBJECT,
                subject_id=self.case.id,
                kind=kind,
                district=self.case.district,
                area_path=self.case.area_path,
                clock=clock,
                minutes=minutes,
                at=at or self.now,
            )
        )

    def deadline(self, kind: str) -> Deadline | None:
        """The open deadline of this kind."""
        return next((d for d in self.open_deadlines if d.kind == kind), None)

    def meet(self, *kinds: str, at: datetime | None = None) -> None:
        """Close these clocks as met, at ``at`` (now); the entry says which were late."""
        for deadline in [d for d in self.open_deadlines if d.kind in kinds]:
            moment = at or self.now
            if moment > deadline.due_at:
                self.data.setdefault("late", []).append(deadline.kind)
            self.data.setdefault("met", []).append(deadline.kind)
            # Figures go by the due date and are counted from the log alone, so the log says when it was due.
            clocks = self.data.setdefault("clocks", {})
            clocks[deadline.kind] = [chain.moment(at) for at in (deadline.started_at, deadline.due_at, moment)]
            deadlines.end(deadline, DeadlineState.MET, at=moment)
            self.open_deadlines.remove(deadline)

    def cancel(self, *kinds: str) -> None:
        """Close these clocks, all when none is named, as no longer owed."""
        for deadline in [d for d in self.open_deadlines if not kinds or d.kind in kinds]:
            deadlines.end(deadline, DeadlineState.CANCELLED, at=self.now)
            self.open_deadlines.remove(deadline)

    def call_clocks(self) -> list[str]:
        """The clocks of calls that run or stand."""
        return [d.kind for d in self.open_deadlines if d.kind.startswith("call_")]

    def withdraw_approvals(self) -> None:
        """Take back what was asked for and is not decided: it has no meaning any more."""
        Approval.objects.filter(
            district=self.case.district, case_id=self.case.id, state__in=[ApprovalState.ASKED, ApprovalState.FIRST]
        ).update(state=ApprovalState.WITHDRAWN, decided_at=self.now)

    def pause(self, *kinds: str) -> None:
        """Let these clocks stand."""
        for deadline in [d for d in self.open_deadlines if d.kind in kinds]:
            deadlines.pause(deadline, at=self.now)
        self.case.paused_at = self.now

    def resume(self, *kinds: str) -> None:
        """Let these clocks go on with what was left."""
        for deadline in [d for d in self.open_deadlines if d.kind in kinds]:
            deadlines.resume(deadline, at=self.now)
        self.case.paused_at = None

    def approval(self, kind: ApprovalKind) -> Approval:
        """The open approval of this kind, locked.

        Raises:
            Conflict: nobody asked for it.
        """
        found = (
            Approval.objects.select_for_update()
            .filter(
                district=self.case.district,
                case_id=self.case.id,
                kind=kind,
                state__in=[ApprovalState.ASKED, ApprovalState.FIRST],
            )
            .first()
        )
        if found is None:
            raise Conflict("case.nothing_asked", _("Nobody asked for this, or it has been decided."))
        return found

    def ask(self, kind: ApprovalKind, *, reason: str, data: Mapping[str, Any] | None = None) -> Approval:
        """Ask a second person.

        Raises:
            Conflict: it is asked already.
        """
        open_one = Approval.objects.filter(
            district=self.case.district,
            case_id=self.case.id,
            kind=kind,
            state__in=[ApprovalState.ASKED, ApprovalState.FIRST],
        )
        if open_one.exists():
            raise Conflict("case.asked_already", _("This has been asked for and waits for a decision."))
        return Approval.objects.create(
            id=ids.new_id(),
            district=self.case.district,
            case=self.case,
            kind=kind,
            reason=reason,
            data=dict(data or {}),
            asked_by=self.account(),
            asked_at=self.now,
        )

    def decide(self, approval: Approval, state: ApprovalState, *, words: str = "") -> None:
        """Decide what another person asked for.

        Raises:
            Conflict: it is the same person.
        """
        who = self.account()
        if who in (approval.asked_by, approval.first_by):
            raise Conflict(
                "case.second_person",
                _("Somebody else has to decide this."),
                mend=_("Ask a colleague: it takes two people."),
            )
        if state == ApprovalState.FIRST:
            approval.first_by, approval.state = who, state
        else:
            approval.decided_by, approval.decided_at, approval.state = who, self.now, state
            approval.decision = words
        approval.save()

    def account(self) -> UUID:
        """The person who acts; the system's zero id for a job."""
        return self.actor.account_id or UUID(int=0)


def load(actor: Actor, ref: Ref, *, lock: bool = True) -> Case:
    """The case that ``ref`` names, locked for the transaction.

    Raises:
        NotFound: there is none.
    """
    found = Case.objects.filter(district=ref.district, id=ref.id)
    case = (found.select_for_update() if lock else found).first()
    if case is None:
        raise missing()
    return case


def missing() -> NotFound:
    """The answer about a case that does not exist or may not be seen: the same for both."""
    return NotFound("case.not_found", _("There is no such case, or none that you can see."))


def may_view(actor: Actor, case: Case) -> bool:
    """Whether the actor may see the case; a restricted one only its own people, its holder, those it names and those it waits for."""
    if not policy.allows(actor, "case.view", case):
        return False
    if not case.is_restricted or "city" in policy.reach(actor, "case.view"):
        return True
    if actor.account_id in case.policy_accounts():
        return True
    if actor.post_id is not None and actor.post_id == case.handler_post_id:
        return True
    if actor.area_path and within(case.area_path, actor.area_path) and is_their_turn(actor, case):
        return True
    by_name_only = actor.role in ("micro_grid_member", "grid_member")
    return not by_name_only and actor.organisation_id in case.policy_organisations()


def require(actor: Actor, verb: str, case: Case) -> None:
    """Refuse what the policy table does not give; what may not be seen does not exist.

    Raises:
        NotFound, Forbidden, SignInNeeded: as :func:`linli.kernel.trust.policy.require`.
    """
    if not may_view(actor, case):
        raise missing()
    policy.require(actor, verb, case, view="case.view")


HANDLER_VERBS = frozenset(
    {
        "case.sign_in", "case.request_return", "case.start", "case.wait_resident", "case.resume", "case.request_extension",
        "case.request_suspension", "case.dispose",
    }
)  # fmt: skip
"""What only those do who have the case in their hands."""
ACCEPTANCE_VERBS = frozenset(
    {
        "case.begin_verification", "case.propose_rejection", "case.confirm_rejection", "case.register", "case.reclassify",
        "case.relocate", "case.merge", "case.split", "case.dispatch", "case.call", "case.withdraw_call",
    }
)  # fmt: skip
"""What a community does with a case that is in its hands; the subdistrict and dispatchers do it in their whole area."""
NEAR_ROLES = frozenset({Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER, Role.COMMUNITY_WORKER, Role.DEPARTMENT_CLERK})


def in_own_hands(actor: Actor, verb: str, case: Case) -> bool:
    """Whether a verb that is bound to whoever has the case is done by them (首接负责).

    A micro-grid member acts on what is given to that very post, or to the community without naming anybody.
    """
    if verb not in HANDLER_VERBS and not (verb in ACCEPTANCE_VERBS and actor.role in NEAR_ROLES):
        return True
    if actor.role == Role.SYSTEM or (actor.post_id is not None and actor.post_id == case.handler_post_id):
        return True
    if actor.organisation_id is None or actor.organisation_id != case.holder_id:
        return False
    return actor.role != Role.MICRO_GRID_MEMBER or case.handler_post_id is None


@contextmanager
def changing(actor: Actor, ref: Ref, verb: str, *, version: int | None = None) -> Iterator[Change]:
    """Open one step of a case; see the module's docstring.

    Args:
        version: the version that the actor saw; ``None`` only for jobs and for verbs that add without changing.

    Raises:
        NotFound, Forbidden: the actor may not see or do this.
        Stale: the case has moved on; ``extra`` holds its state and version.
        Conflict: the verb does not lead anywhere from the case's state.
    """
    with transaction.atomic():
        case = load(actor, ref)
        require(actor, verb, case)
        if not in_own_hands(actor, verb, case):
            raise Forbidden("case.not_yours", _("This is in somebody else's hands."))
        check_version(case, version)
        check_state(case, verb)
        change = Change(
            actor=actor,
            case=case,
            verb=verb,
            now=time.now(),
            from_state=State(case.state),
            open_deadlines=deadlines.open_of(case.district, case.id),
        )
        yield change
        finish(change)


def check_version(case: Case, version: int | None) -> None:
    """Refuse what was decided on an older version.

    Raises:
        Stale: with the current state and version.
    """
    if version is not None and version != case.version:
        raise Stale(
            "case.stale",
            _("Somebody changed this case in the meantime."),
            mend=_("Look at what is new, then do it again if it still holds."),
            extra={"state": case.state, "version": case.version},
        )


def check_state(case: Case, verb: str) -> None:
    """Refuse a verb that the table does not know from here.

    Raises:
        Conflict: with the state.
    """
    rule = states.rules().get(verb)
    if rule is not None and State(case.state) not in rule.sources:
        raise Conflict(
            "case.state",
            _("This cannot be done while the case stands where it does."),
            extra={"state": case.state, "version": case.version, "verb": verb},
        )


def reason_of(text: str, *, name: str = "reason", least: int = 2, most: int = 500) -> str:
    """A reason in somebody's words, trimmed.

    Raises:
        Invalid: too short or too long.
    """
    words = " ".join(text.split())
    if len(words) < least:
        raise Invalid("field.needed", _("This needs a reason in words."), field=name, mend=_("Say in a sentence why."))
    if len(words) > most:
        raise Invalid(
            "field.too_long",
            _("This is too long."),
            field=name,
            mend=_("Use at most %(most)d characters.") % {"most": most},
        )
    return words


def finish(change: Change) -> LogEntry:
    """Write what a change left: the case, its log entry, its event."""
    case = change.case
    rule = states.rules().get(change.verb)
    if rule is not None and rule.to is not None and case.state == change.from_state and rule.to != change.from_state:
        change.to(rule.to)
    refresh_due(case, change.open_deadlines)
    after = projection(case)
    change.data["set"] = {name: value for name, value in after.items() if value != change.before[name]}
    entry = append_entry(
        case,
        actor=change.actor,
        kind=change.verb.partition(".")[2],
        at=change.now,
        from_state=change.from_state,
        data=change.data,
    )
    case.save()
    change.before = after
    events.append(
        f"case.{entry.kind}",
        subject_type=SUBJECT,
        subject_id=case.id,
        sequence=entry.sequence,
        district=case.district,
        area_path=case.area_path,
        actor=change.actor,
        data=event_data(case, change.from_state, change.data) | change.event,
    )
    return entry


PROJECTED = (
    "state", "is_open", "round", "resume_state", "area_id", "area_path", "located", "lng", "lat", "category",
    "category_version_id", "severity", "sensitivity", "level", "holder_id", "handler_post_id", "disposed_by",
    "supervised_at", "master_id", "parent_id", "reported_at", "registered_at", "responded_at", "disposed_at", "closed_at",
    "due_at", "due_kind", "due_from", "paused_at", "is_late", "returns", "extensions", "waits", "failures",
    "participants_count", "rating", "feedback_outcome", "outcome",
)  # fmt: skip
"""The columns of a case that follow from its log: each entry carries in ``data["set"]`` those that it changed."""


def projection(case: Case, names: Iterable[str] = PROJECTED) -> dict[str, Any]:
    """The projected columns of a case as they stand in the log: places with seven decimals, the rest as JSON has it."""
    found = {name: getattr(case, name) for name in names}
    for name in {"lng", "lat"} & found.keys():
        found[name] = None if found[name] is None else f"{found[name]:.7f}"
    return {
        name: value if type(value) in (bool, int, NoneType) else chain.plain(value) for name, value in found.items()
    }


def event_data(case: Case, from_state: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What consumers need of a step: facts about the case, never about a person."""
    return {
        "from": str(from_state),
        "to": str(case.state),
        "category": case.category,
        "severity": case.severity,
        "level": case.level,
        "channel": case.channel,
        "round": case.round,
        "version": case.version,
        "holder": str(case.holder_id) if case.holder_id else None,
        "late": list(data.get("late", [])),
        "met": list(data.get("met", [])),
        "clocks": dict(data.get("clocks", {})),
    }


def append_entry(
    case: Case, *, actor: Actor, kind: str, at: datetime, from_state: str, data: Mapping[str, Any]
) -> LogEntry:
    """Add an entry to the case's log, chained to the one before it; the caller holds the lock and saves the case."""
    entry = _chained(case, actor=actor, kind=kind, at=at, from_state=from_state, data=data)
    entry.save(force_insert=True)
    return entry


def _chained(
    case: Case, *, actor: Actor, kind: str, at: datetime, from_state: str, data: Mapping[str, Any]
) -> LogEntry:
    sequence = case.log_length + 1
    clean = chain.plain(dict(data))
    digest = hash_of(
        case_id=case.id,
        district=case.district,
        sequence=sequence,
        kind=kind,
        at=at,
        post=actor.post_id,
        role=str(actor.role),
        from_state=str(from_state),
        to_state=str(case.state),
        data=clean,
        prev=bytes(case.log_head),
    )
    entry = LogEntry(
        id=ids.new_id(),
        district=case.district,
        case_id=case.id,
        sequence=sequence,
        kind=kind,
        at=at,
        post_id=actor.post_id,
        actor_role=actor.role,
        from_state=from_state,
        to_state=case.state,
        data=clean,
        prev_hash=bytes(case.log_head),
        hash=digest,
    )
    case.log_length, case.log_head = sequence, digest
    return entry


def hash_of(
    *,
    case_id: UUID,
    district: str,
    sequence: int,
    kind: str,
    at: datetime,
    post: UUID | None,
    role: str,
    from_state: str,
    to_state: str,
    data: Any,
    prev: bytes,
) -> bytes:
    """The hash of an entry, over the keys that ``docs/algorithms/case-log.md`` names."""
    return chain.entry_hash(
        prev,
        {
            "case": case_id,
            "district": district,
            "sequence": sequence,
            "kind": kind,
            "at": at,
            "post": post,
            "role": role,
            "from_state": from_state,
            "to_state": to_state,
            "data": data,
        },
    )


def refresh_due(case: Case, open_deadlines: Iterable[Deadline]) -> None:
    """Set the case's clock to the running deadline that comes first; a case whose clocks all stand shows since when."""
    running = [d for d in open_deadlines if d.state == DeadlineState.RUNNING]
    first = min(running, key=lambda d: d.due_at, default=None)
    case.due_at = first.due_at if first else None
    case.due_kind = first.kind if first else ""
    case.due_from = first.started_at if first else None
    case.is_late = any(d.due_at <= time.now() for d in running)


def add_step(
    actor: Actor, case: Case, kind: str, *, data: dict[str, Any], changes: dict[str, Any] | None = None
) -> Case:
    """Add an entry and an event to a case that the caller holds locked, for steps that no verb of the table stands for."""
    entry, event = _step(actor, case, kind, data=data, changes=changes or {})
    entry.save(force_insert=True)
    case.save()
    event.save(force_insert=True)
    return case


def _step(
    actor: Actor, case: Case, kind: str, *, data: dict[str, Any], changes: Mapping[str, Any]
) -> tuple[LogEntry, Event]:
    names = [name for name in PROJECTED if name in changes]
    before, from_state = projection(case, names), case.state
    for name, value in changes.items():
        setattr(case, name, value)
    after = projection(case, names)
    data = data | {"set": {name: value for name, value in after.items() if value != before[name]}}
    entry = _chained(case, actor=actor, kind=kind, at=time.now(), from_state=from_state, data=data)
    event = events.make(
        f"case.{kind}",
        subject_type=SUBJECT,
        subject_id=case.id,
        sequence=entry.sequence,
        district=case.district,
        area_path=case.area_path,
        actor=actor,
        data=event_data(case, from_state, data),
    )
    return entry, event


CLOCK_COLUMNS = ("is_late", "supervised_at", "due_at", "due_kind", "due_from")
"""What :class:`Steps` may change: the columns that follow from the clocks."""
_SAVE_CLOCKS = """
UPDATE cases_case c SET is_late = v.is_late, supervised_at = v.supervised_at, due_at = v.due_at, due_kind = v.due_kind,
    due_from = v.due_from, log_length = v.log_length, log_head = v.log_head
FROM unnest(%s::text[], %s::uuid[], %s::boolean[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::timestamptz[],
    %s::integer[], %s::bytea[])
    AS v (district, id, is_late, supervised_at, due_at, due_kind, due_from, log_length, log_head)
WHERE c.district = v.district AND c.id = v.id
"""


class Steps:
    """Steps of many cases that the caller holds locked, written by three statements: thousands of clocks run out at once after an outage.

    They change nothing but :data:`CLOCK_COLUMNS`, and are otherwise what :func:`add_step` makes of each.
    """

    def __init__(self) -> None:
        self.cases: dict[UUID, Case] = {}
        self.entries: list[LogEntry] = []
        self.events: list[Event] = []

    def add(self, actor: Actor, case: Case, kind: str, *, data: dict[str, Any], changes: Mapping[str, Any]) -> None:
        """Take the next step of a case; nothing is written yet."""
        assert set(changes) <= set(CLOCK_COLUMNS)  # others would be lost in write()
        entry, event = _step(actor, case, kind, data=data, changes=changes)
        self.cases[case.id] = case
        self.entries.append(entry)
        self.events.append(event)

    def write(self) -> None:
        """Write all of them, in the transaction that is open."""
        if not self.cases:
            return
        insert_all(self.entries)
        names = ("district", "id", *CLOCK_COLUMNS, "log_length", "log_head")
        with connection.cursor() as cursor:
            cursor.execute(_SAVE_CLOCKS, [[getattr(case, name) for case in self.cases.values()] for name in names])
        events.append_all(self.events)
