"""How an application moves: lock, right, version, state, change, step, event; one transaction.

Every action is written on :func:`changing`::

    with changing(actor, ref, "service.accept", version=version) as change:
        change.to(State.ACCEPTED)

What the block leaves on ``change`` becomes the application's new state, one step and one event when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, deadlines, events, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.models import Deadline, DeadlineState
from linli.kernel.trust import Actor, policy
from linli.people.models import DataClass
from linli.services.models import ENDED, Application, Said, SaidKind, Seat, State, Step

SUBJECT = "application"
CLOCK = "service"
OPEN = frozenset({State.SUBMITTED, State.ACCEPTED, State.NEEDS_MORE, State.REVIEW})
SOURCES: dict[str, frozenset[State]] = {
    "service.accept": frozenset({State.SUBMITTED}),
    "service.ask_more": frozenset({State.SUBMITTED, State.ACCEPTED}),
    "service.answer": frozenset({State.NEEDS_MORE}),
    "service.finish": frozenset({State.ACCEPTED}),
    "service.refuse": frozenset({State.SUBMITTED, State.ACCEPTED, State.NEEDS_MORE}),
    "service.withdraw": frozenset({State.SUBMITTED, State.ACCEPTED, State.NEEDS_MORE}),
    "service.withdraw_consent": frozenset(State),
    "service.rebook": frozenset({State.SUBMITTED, State.ACCEPTED}),
    "service.message": OPEN,
    "service.see_proof": frozenset({State.SUBMITTED, State.ACCEPTED, State.NEEDS_MORE}),
    "service.rate": frozenset({State.DONE, State.REFUSED}),
    "service.appeal": frozenset({State.REFUSED}),
    "service.decide_appeal": frozenset({State.REVIEW}),
}
"""From which states a verb leads on."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Names an application: by its district and id, so that one shard answers."""

    district: str
    id: UUID


def ref_of(application: Application) -> Ref:
    """Names an application that is at hand."""
    return Ref(application.district, application.id)


@dataclass(slots=True)
class Change:
    """One step of an application in the making."""

    actor: Actor
    application: Application
    verb: str
    now: datetime
    from_state: str
    data: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    clocks: list[Deadline] = field(default_factory=list)

    def to(self, state: State) -> None:
        """Move the application to ``state``; what ends it ends its clock and says when it is forgotten."""
        one = self.application
        one.state, one.is_open = state, state not in ENDED
        if one.is_open:
            one.closed_at = one.forget_on = None
            return
        one.closed_at, one.due_at, one.paused_at = self.now, None, None
        one.forget_on = self.now.astimezone(time.LOCAL_ZONE).date() + timedelta(days=one.service_version.keep_days)
        for clock in self.clocks:
            if self.now > clock.due_at and state != State.WITHDRAWN:
                self.data["late"] = True
            ends = DeadlineState.CANCELLED if state == State.WITHDRAWN else DeadlineState.MET
            deadlines.end(clock, ends, at=self.now)
        self.clocks.clear()

    def begin(self, *, minutes: int, clock: str, not_before: datetime | None = None) -> None:
        """Start the application's clock.

        Args:
            not_before: the end of the time that was booked: what is done then is not late before.
        """
        started = deadlines.start(
            subject_type=SUBJECT, subject_id=self.application.id, kind=CLOCK, district=self.application.district,
            area_path=self.application.area_path, clock=clock, minutes=minutes, at=self.now,
        )  # fmt: skip
        if not_before is not None and not_before > started.due_at:
            deadlines.extend(started, not_before, why="booked", at=self.now)
        self.clocks.append(started)
        self.application.due_at = started.due_at

    def pause(self) -> None:
        """Let the clock stand."""
        for clock in self.clocks:
            deadlines.pause(clock, at=self.now)
        self.application.paused_at = self.now

    def resume(self) -> None:
        """Let it go on with what was left."""
        for clock in self.clocks:
            deadlines.resume(clock, at=self.now)
            self.application.due_at = clock.due_at
        self.application.paused_at = None

    def extend(self, due: datetime, *, why: str) -> None:
        """Put the due time off."""
        for clock in self.clocks:
            if due > clock.due_at:
                deadlines.extend(clock, due, why=why, at=self.now)
            self.application.due_at = clock.due_at

    def give_up_seat(self) -> None:
        """Let others have the time that was booked."""
        one = self.application
        Seat.objects.filter(district=one.district, application=one).update(application=None)


def missing() -> NotFound:
    """The answer about an application that does not exist or may not be seen: the same for both."""
    return NotFound("application.not_found", _("There is no such application, or none that you can see."))


def may_view(actor: Actor, application: Application) -> bool:
    """Whether the actor may see an application; a restricted one only the resident and the organisation that handles it."""
    if not policy.allows(actor, "service.view", application):
        return False
    if not application.is_restricted or "city" in policy.reach(actor, "service.view"):
        return True
    if actor.account_id in application.policy_accounts():
        return True
    handles = actor.organisation_id in application.policy_organisations()
    return handles and "org" in policy.reach(actor, "service.view")


def require(actor: Actor, verb: str, application: Application) -> None:
    """Refuse what the policy table does not give; what may not be seen does not exist.

    Raises:
        NotFound, Forbidden, SignInNeeded: as :func:`linli.kernel.trust.policy.require`.
    """
    if not may_view(actor, application):
        raise missing()
    policy.require(actor, verb, application, view="service.view")


def load(ref: Ref) -> Application:
    """The application that ``ref`` names, locked for the transaction.

    Raises:
        NotFound: there is none.
    """
    found = (
        Application.objects.select_for_update(of=("self",))
        .select_related("service_version")
        .filter(district=ref.district, id=ref.id)
        .first()
    )
    if found is None:
        raise missing()
    return found


@contextmanager
def changing(actor: Actor, ref: Ref, verb: str, *, version: int | None = None) -> Iterator[Change]:
    """Open one step of an application; see the module's docstring.

    Args:
        version: the version that the actor saw; ``None`` only for jobs and for verbs that add without changing.

    Raises:
        NotFound, Forbidden: the actor may not see or do this.
        Stale: it has moved on; ``extra`` holds its state and version.
        Conflict: the verb leads nowhere from its state.
    """
    with transaction.atomic():
        application = load(ref)
        require(actor, verb, application)
        with stepping(actor, application, verb, version=version) as change:
            yield change


@contextmanager
def stepping(actor: Actor, application: Application, verb: str, *, version: int | None = None) -> Iterator[Change]:
    """As :func:`changing`, of an application that is locked, by an actor whose right has been asked."""
    if version is not None and version != application.version:
        raise Stale(
            "application.stale",
            _("Somebody changed this in the meantime."),
            mend=_("Look at what is new, then do it again if it still holds."),
            extra={"state": application.state, "version": application.version},
        )
    if verb in SOURCES and State(application.state) not in SOURCES[verb]:
        raise Conflict(
            "application.state",
            _("This cannot be done while the application stands where it does."),
            extra={"state": application.state, "version": application.version},
        )
    change = Change(
        actor=actor, application=application, verb=verb, now=time.now(), from_state=application.state,
        clocks=deadlines.open_of(application.district, application.id),
    )  # fmt: skip
    yield change
    finish(change)


def finish(change: Change, *, new: bool = False) -> None:
    """Write the application, its step and its event."""
    one = change.application
    kind = change.verb.partition(".")[2]
    one.log_length += 1
    one.save(force_insert=new)
    Step.objects.create(
        id=ids.new_id(), district=one.district, application=one, sequence=one.log_length, kind=kind, at=change.now,
        post_id=change.actor.post_id, actor_role=change.actor.role, from_state=change.from_state, to_state=one.state,
        data=change.data,
    )  # fmt: skip
    events.append(
        f"service.{kind}", subject_type=SUBJECT, subject_id=one.id, sequence=one.log_length, district=one.district,
        area_path=one.area_path, actor=change.actor,
        data={
            "number": one.number, "service": one.service, "from": change.from_state, "to": str(one.state),
            "organisation": str(one.organisation_id), "account": str(one.account_id or ""),
            "due_at": one.due_at.isoformat() if one.due_at else None, **change.event,
        },
    )  # fmt: skip


def keep_words(
    application: Application, text: str, *, kind: SaidKind, now: datetime, field_code: str = "",
    data_class: str = DataClass.PERSONAL, side: str = "", held: bool = False,
) -> UUID:  # fmt: skip
    """Keep what was said of a person, sealed; a step holds only its id."""
    row_id = ids.new_id()
    Said.objects.bulk_create(
        [
            Said(
                id=row_id, district=application.district, application=application, area_path=application.area_path,
                owner_id=application.owner_id, kind=kind, field=field_code, data_class=data_class, held=held, side=side,
                text_sealed=crypto.seal("services_said", row_id, text), at=now,
            )
        ]
    )  # fmt: skip
    return row_id


def words_of(text: str, *, name: str = "reason", least: int = 2, most: int = 500) -> str:
    """Words that somebody wrote, when they are neither too few nor too many.

    Raises:
        Invalid: they are.
    """
    plain = text.replace("\x00", "").strip()
    if len(plain) < least:
        raise Invalid(
            "field.needed",
            _("Please write something."),
            field=name,
            mend=_("The other side reads it: say what is meant."),
        )
    if len(plain) > most:
        raise Invalid(
            "field.too_long",
            _("This is too long."),
            field=name,
            mend=_("Use at most %(most)d characters.") % {"most": most},
        )
    return plain
