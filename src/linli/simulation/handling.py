"""How people act on a case in the simulation: from its state and its fate to the next step, the moment of it, and who does it.

Every step is one of the house's own actions, through a post that the policy table lets do it. When an action is refused, because
somebody else was quicker or nobody has the right, the case is looked at again a while later; the refusals are counted.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from linli.cases import router
from linli.cases.actions import accepting, calling, closing, dispatching, disposal, supervision, talking
from linli.cases.loop import Ref
from linli.cases.models import OPEN_ORDERS, Case, EvidenceKind, Level, Located, OrderKind, OrderState, WorkOrder
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.catalog.models import Clock
from linli.kernel import deadlines, time
from linli.kernel.errors import Conflict, Forbidden, LinliError, Stale
from linli.kernel.trust import Actor, Role
from linli.simulation.city import Ground, Staff
from linli.simulation.draws import Texts
from linli.simulation.engine import Engine
from linli.simulation.fates import Fate
from linli.simulation.pictures import Album

HANDLERS = (Role.COMMUNITY_WORKER, Role.SUBDISTRICT_OFFICER, Role.DEPARTMENT_CLERK)
CALLERS = (Role.COMMUNITY_WORKER, Role.SUBDISTRICT_OFFICER)
MOST_STEPS = 60
"""A case that has been looked at this often without an end is left alone, and counted."""


@dataclass(slots=True)
class Life:
    """A case in the simulation: its newest known state, who reported it, and its fate."""

    case: Case
    reporter: Actor | None
    fate: Fate
    due_by: datetime | None = None
    same_as: UUID | None = None
    looks: int = 0
    called_up: bool = False


@dataclass(slots=True)
class Tally:
    """What happened, by verb; what was refused, by verb and code."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class NobodyThere(Exception):
    """No post can do the next step."""


class Handling:
    """Acts on cases until they end."""

    def __init__(
        self, engine: Engine, staff: Staff, words: Texts, album: Album, tally: Tally, *, ground: Ground
    ) -> None:
        self.engine, self.staff, self.words, self.album, self.tally = engine, staff, words, album, tally
        self.ground = ground
        self._steps: dict[State, Callable[[Life], datetime | None]] = {
            State.SUBMITTED: self._accept,
            State.VERIFYING: self._accept,
            State.REGISTERED: self._dispatch,
            State.DISPATCHED: self._sign_in,
            State.RETURNED: self._decide_return,
            State.SIGNED_IN: self._work,
            State.CALLED: self._join,
            State.JOINED: self._join,
            State.IN_DISPOSAL: self._work,
            State.EXTENDED: self._work,
            State.VERIFY_FAILED: self._work,
            State.REOPENED: self._work,
            State.WAITING_RESIDENT: self._resume,
            State.EXTENSION_REQUESTED: self._decide_extension,
            State.DISPOSED: self._verify,
            State.VERIFIED: self._call_back,
            State.FEEDBACK: self._close,
            State.CLOSED: self._after,
        }

    # --- the round of one case -----------------------------------------------------------------------------------------

    def follow(self, life: Life, when: datetime) -> None:
        """Look at the case at ``when`` and do what comes next."""
        self.engine.plan(when, lambda: self._look(life))

    def step(self, life: Life) -> datetime | None:
        """Do what comes next now; returns when to look again, ``None`` when nothing is left to do."""
        return self._steps[State(life.case.state)](life)

    def _look(self, life: Life) -> None:
        life.looks += 1
        step = self._steps.get(State(life.case.state))
        if step is None:
            return
        if life.looks > MOST_STEPS:
            self.tally.refused["given up"] += 1
            return
        try:
            when = step(life)
        except Stale:
            life.case = Case.objects.get(district=life.case.district, id=life.case.id)
            when = time.now() + timedelta(minutes=1)
        except NobodyThere:
            self.tally.refused[f"nobody:{life.case.state}"] += 1
            when = time.now() + timedelta(days=1)
        except (Conflict, Forbidden, LinliError) as error:
            self.tally.refused[f"{step.__name__.strip('_')}:{error.code}"] += 1
            life.case = Case.objects.get(district=life.case.district, id=life.case.id)
            when = self.later(life, 60)
        if when is not None:
            self.follow(life, when)

    def act(self, life: Life, actor: Actor, action: Callable[..., Any], **given: Any) -> None:
        """Do an action on the case as ``actor`` and keep what it left."""
        case = life.case
        found = action(actor, Ref(case.district, case.id), version=case.version, **given)
        if isinstance(found, Case):
            life.case = found
        self.tally.done[action.__name__] += 1

    def say(self, life: Life, what: str, key: str = "") -> str:
        """A sentence of a kind."""
        return self.words.say(life.fate.source, what, key)

    def one(self, life: Life, people: list[Actor]) -> Actor:
        """One of several people."""
        if not people:
            raise NobodyThere
        return people[0] if len(people) == 1 else life.fate.source.choice(people)

    def later(self, life: Life, minutes: float) -> datetime:
        """So many minutes later by the clock that the case runs by, and some seconds."""
        start = time.now() + timedelta(seconds=life.fate.source.randrange(5, 55))
        entry = catalog.entry(life.case.category_version_id)
        if entry.clock == Clock.CALENDAR and entry.severity <= 2:
            return start + timedelta(minutes=minutes)
        return office_time(start, minutes)

    # --- intake --------------------------------------------------------------------------------------------------------

    def _acceptors(self, case: Case) -> list[Actor]:
        """Who takes a case up: whoever it lies with, else the dispatcher."""
        return self.staff.of(case.holder_id, HANDLERS) or self.staff.near(case.area_path, Role.DISPATCHER)

    def _accept(self, life: Life) -> datetime | None:
        case, fate = life.case, life.fate
        if case.located == Located.UNPLACED:
            return self._place(life)
        if case.state == State.SUBMITTED and fate.take("checked_first"):
            goes = self.staff.near(case.area_path, Role.GRID_MEMBER) if not case.is_restricted else []
            if goes and goes[0].organisation_id == case.holder_id:
                self.act(life, goes[0], accepting.begin_verification)
                return self.later(life, fate.minutes(20, 120))
        who = self.one(life, self._acceptors(case))
        if "rejection" in fate.happens:
            return self._confirm_rejection(life)
        if life.same_as is not None and self._merged(life, who):
            return None
        if fate.take("rejected") and case.severity > 2:
            self.act(
                life,
                who,
                accepting.propose_rejection,
                reason=self.say(life, "reject"),
                other_way=self.say(life, "other_way"),
            )
            fate.happens.add("rejection")
            return self.later(life, fate.minutes(20, 200))
        if fate.take("reclassified") and case.severity > 2:
            other = fate.source.choice([one for one in self.words.codes if one[:2] == case.category[:2]])
            if other != case.category:
                self.act(life, who, accepting.reclassify, category=other, reason=self.say(life, "reclassify"))
        self.act(life, who, accepting.register)
        entry = catalog.entry(life.case.category_version_id)
        if life.case.state == State.DISPATCHED:
            self.tally.done["dispatch"] += 1
        life.due_by = self._done_at(life, entry.resolve_minutes * fate.pace)
        return self.later(life, fate.minutes(0.1, 0.7) * entry.sign_in_minutes)

    def _merged(self, life: Life, who: Actor) -> bool:
        """Merge what was reported twice, as long as the first case is open."""
        master, life.same_as = life.same_as, None
        if master is None:
            return False
        if not Case.objects.filter(district=life.case.district, id=master, is_open=True, parent__isnull=True).exists():
            return False
        self.act(life, who, accepting.merge, master=master)
        return True

    def _place(self, life: Life) -> datetime:
        who = self.one(life, self.staff.near(life.case.area_path, Role.DISPATCHER))
        spot = self.ground.spot(life.fate.source, self.ground.community(life.fate.source))
        self.act(
            life, who, accepting.relocate, area_path=spot.area_path, reason=self.say(life, "relocate"), lng=spot.lng, lat=spot.lat
        )  # fmt: skip
        return self.later(life, 5)

    def _confirm_rejection(self, life: Life) -> datetime | None:
        case, fate = life.case, life.fate
        fate.happens.discard("rejection")
        who = self.one(life, self.staff.near(case.area_path, Role.SUBDISTRICT_OFFICER))
        agree = not fate.take("rejection_refused")
        self.act(
            life, who, accepting.confirm_rejection, agree=agree, words=self.say(life, "agree" if agree else "refuse")
        )
        return None if agree else self.later(life, 20)

    def _done_at(self, life: Life, minutes: float) -> datetime:
        entry = catalog.entry(life.case.category_version_id)
        due, _provisional = deadlines.compute(entry.clock, max(2, int(minutes)), time.now())
        return due

    # --- dispatch ------------------------------------------------------------------------------------------------------

    def _dispatch(self, life: Life) -> datetime:
        """Nobody was known as the first handler: the subdistrict sends it to a department, or keeps it."""
        case = life.case
        entry = catalog.entry(case.category_version_id)
        to = next(iter(router.departments(entry, case.area_path)), None) or router.office_of(case.area_path)
        who = self.one(life, self.staff.near(case.area_path, Role.DISPATCHER))
        self.act(life, who, dispatching.dispatch, organisation=to, task=self.say(life, "register_words"))
        return self.later(life, life.fate.minutes(5, 90))

    def _holders(self, life: Life) -> list[Actor]:
        """Whoever has the case in hand: the post that it is given to, else the people of its organisation."""
        case = life.case
        named = self.staff.post(case.handler_post_id) if case.handler_post_id else None
        # After a call the case lies with another organisation, while the post that it was first given to still stands on it.
        if named and (named.organisation_id == case.holder_id or case.level == Level.MICRO_GRID):
            return [named]
        return self.staff.of(case.holder_id, HANDLERS)

    def _sign_in(self, life: Life) -> datetime:
        case, fate = life.case, life.fate
        who = self.one(life, self._holders(life))
        if case.returns < dispatching.MAX_RETURNS and case.severity > 1 and fate.take("returned"):
            self.act(life, who, dispatching.request_return, reason=self.say(life, "return_"))
            return self.later(life, fate.minutes(20, 260))
        self.act(life, who, dispatching.sign_in)
        if fate.take("comment"):
            self.remark(life, who, talking.comment, "comment")
        return self.later(life, fate.minutes(5, 60))

    def _decide_return(self, life: Life) -> datetime:
        case, fate = life.case, life.fate
        who = self.one(life, self.staff.near(case.area_path, Role.DISPATCHER))
        entry = catalog.entry(case.category_version_id)
        agree = not fate.take("return_refused")
        others = [
            one
            for one in [*router.departments(entry, case.area_path), router.office_of(case.area_path)]
            if one not in (None, case.holder_id)
        ]
        self.act(
            life, who, dispatching.decide_return, agree=agree, words=self.say(life, "agree" if agree else "refuse"),
            organisation=others[0] if agree and others else None,
        )  # fmt: skip
        return self.later(life, fate.minutes(5, 90))

    # --- work ----------------------------------------------------------------------------------------------------------

    def _work(self, life: Life) -> datetime | None:
        case, fate = life.case, life.fate
        if "suspension" in fate.happens:
            return self._decide_suspension(life)
        who = self.one(life, self._holders(life))
        if case.state in (State.VERIFY_FAILED, State.REOPENED):
            entry = catalog.entry(case.category_version_id)
            life.due_by = self._done_at(life, entry.resolve_minutes * fate.source.uniform(0.1, 0.5))
        if case.state in (State.SIGNED_IN, State.EXTENDED, State.VERIFY_FAILED, State.REOPENED) and not self._must_call(
            life
        ):
            self.act(life, who, disposal.start)
            if fate.take("before_photo"):
                self.photo(life, who, EvidenceKind.BEFORE)
        if self._must_call(life) or (case.level != Level.DISTRICT and fate.take("called")):
            return self._call(life, who)
        if fate.take("waits"):
            self.act(life, who, disposal.wait_resident, reason=self.say(life, "wait"))
            return self.later(life, fate.minutes(120, 1800))
        if fate.take("extended") and life.case.due_at:
            asker = who if who.role in HANDLERS else self.one(life, self.staff.of(case.holder_id, HANDLERS))
            until = life.case.due_at + timedelta(days=fate.source.randrange(2, 6))
            if until > time.now():
                self.act(life, asker, disposal.request_extension, until=until, reason=self.say(life, "extend"))
                return self.later(life, fate.minutes(20, 400))
        if fate.take("suspended") and case.severity > 2:
            asker = who if who.role in HANDLERS else self.one(life, self.staff.of(case.holder_id, HANDLERS))
            review = time.now() + timedelta(days=fate.source.randrange(30, 90))
            self.act(life, asker, disposal.request_suspension, plan=self.say(life, "suspend"), review_on=review)
            fate.happens.add("suspension")
            return self.later(life, fate.minutes(60, 600))
        if life.due_by and life.due_by > time.now() + timedelta(minutes=2):
            if life.reporter is not None and fate.take("message"):
                self.remark(life, who, talking.message, "message_staff")
            return life.due_by + timedelta(seconds=fate.source.randrange(60))
        return self._dispose(life, who)

    def _must_call(self, life: Life) -> bool:
        """What only its own people may see is closed above the community, so the community hands it up."""
        return life.case.is_restricted and life.case.level in (Level.MICRO_GRID, Level.COMMUNITY) and not life.called_up

    def _call(self, life: Life, who: Actor) -> datetime:
        case = life.case
        near = self.staff.near(case.area_path, Role.DISPATCHER)
        asker = who if who.role in CALLERS else self.one(life, self.staff.of(case.holder_id, CALLERS) or near)
        life.called_up = True
        self.act(life, asker, calling.call, task=self.say(life, "call"))
        return self.later(life, life.fate.minutes(10, 120))

    def _join(self, life: Life) -> datetime | None:
        """The called join, do their part and say so; the subdistrict may call departments in its turn."""
        case, fate = life.case, life.fate
        orders = list(
            WorkOrder.objects.filter(
                district=case.district, case_id=case.id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
            ).order_by("sent_at", "id")
        )
        for order in orders:
            if order.state == OrderState.SENT:
                who = self.one(life, self.staff.of(order.organisation_id, HANDLERS))
                self.act(life, who, calling.join_call, words=self.say(life, "join"))
                return self.later(life, fate.minutes(20, 240))
        if case.level == Level.SUBDISTRICT and not case.is_restricted and fate.take("departments_called"):
            officer = self.one(life, self.staff.near(case.area_path, Role.SUBDISTRICT_OFFICER))
            self.act(life, officer, calling.call, task=self.say(life, "call"))
            return self.later(life, fate.minutes(20, 240))
        for order in reversed(orders):
            if life.due_by and life.due_by > time.now() + timedelta(hours=1):
                left = (life.due_by - time.now()) * 0.7
                when = time.now() + left
                life.due_by = time.now()
                return when
            who = self.one(life, self.staff.of(order.organisation_id, HANDLERS))
            self.act(life, who, calling.finish_call, result=self.say(life, "result"))
            return self.later(life, fate.minutes(10, 120))
        return self._work(life)

    def _resume(self, life: Life) -> datetime:
        who = self.one(life, self._holders(life))
        self.act(life, who, disposal.resume, words=self.say(life, "resume"))
        return self.later(life, life.fate.minutes(10, 120))

    def _decide_extension(self, life: Life) -> datetime:
        case, fate = life.case, life.fate
        asked_by = case.approvals.filter(kind="extension", state="asked").values_list("asked_by", flat=True).first()
        who = self.one(
            life,
            self.staff.near(case.area_path, Role.SUBDISTRICT_OFFICER, besides=asked_by)
            or self.staff.near(case.area_path, Role.DISPATCHER, besides=asked_by),
        )
        agree = not fate.take("extension_refused")
        self.act(
            life, who, disposal.decide_extension, agree=agree, words=self.say(life, "agree" if agree else "refuse")
        )
        return self.later(life, fate.minutes(10, 120))

    def _decide_suspension(self, life: Life) -> datetime | None:
        case, fate = life.case, life.fate
        approval = case.approvals.filter(kind="suspension", state__in=["asked", "first"]).first()
        if approval is None:
            fate.happens.discard("suspension")
            return self.later(life, 30)
        role = Role.SUPERVISOR if approval.state == "first" else Role.SUBDISTRICT_OFFICER
        who = self.one(life, self.staff.near(case.area_path, role, besides=approval.asked_by))
        self.act(life, who, disposal.approve_suspension, agree=True, words=self.say(life, "agree"))
        return self.later(life, fate.minutes(120, 900))

    def _dispose(self, life: Life, who: Actor) -> datetime:
        case, fate = life.case, life.fate
        entry = catalog.entry(case.category_version_id)
        if "after" in entry.evidence_required:
            self.photo(life, who, EvidenceKind.AFTER)
        self.act(life, who, disposal.dispose, outcome=self.say(life, "outcomes", entry.group))
        return office_time(time.now(), fate.minutes(15, 420))

    # --- checking and closing ------------------------------------------------------------------------------------------

    def _verify(self, life: Life) -> datetime | None:
        case, fate = life.case, life.fate
        done_by = case.disposed_by
        checkers = self.staff.near(case.area_path, Role.VERIFIER, besides=done_by)
        if not case.is_restricted and fate.source.random() < 0.4:
            checkers = self.staff.near(case.area_path, Role.GRID_MEMBER, besides=done_by) or checkers
        if case.is_restricted:
            checkers = self.staff.of(case.holder_id, (Role.VERIFIER, Role.COMMUNITY_WORKER), besides=done_by)
        passed = not fate.take("fails")
        self.act(
            life,
            self.one(life, checkers),
            closing.verify,
            passed=passed,
            words=self.say(life, "pass" if passed else "fail"),
        )
        return office_time(time.now(), fate.minutes(15, 400))

    def _closers(self, life: Life) -> list[Actor]:
        case = life.case
        if case.is_restricted:
            return self.staff.of(
                case.holder_id, (Role.SUBDISTRICT_OFFICER, Role.DISPATCHER, Role.VERIFIER), besides=case.disposed_by
            )
        return self.staff.near(case.area_path, Role.DISPATCHER, besides=case.disposed_by)

    def _call_back(self, life: Life) -> datetime | None:
        case, fate = life.case, life.fate
        if fate.take("called_back"):
            callers = self.staff.near(case.area_path, Role.CALL_TAKER, besides=case.disposed_by)
            if case.is_restricted:
                callers = self.staff.of(
                    case.holder_id, (Role.SUBDISTRICT_OFFICER, Role.VERIFIER), besides=case.disposed_by
                )
            said = fate.outcome()
            self.act(
                life,
                self.one(life, callers),
                closing.feedback,
                outcome=closing.Outcome(said),
                words=self.say(life, "feedback", said),
            )
            return office_time(time.now(), fate.minutes(5, 200))
        return self._close(life)

    def _close(self, life: Life) -> datetime | None:
        self.act(life, self.one(life, self._closers(life)), closing.close, words=self.say(life, "close"))
        return time.now() + timedelta(hours=life.fate.source.uniform(0.5, 50))

    def _after(self, life: Life) -> datetime | None:
        """What the reporter does once the case is closed."""
        fate, reporter = life.fate, life.reporter
        if reporter is None:
            return None
        if fate.take("reopened"):
            self.act(life, reporter, closing.reopen, reason=self.say(life, "reopen"))
            return self.later(life, fate.minutes(20, 200))
        if fate.take("rated"):
            score = fate.score()
            words = self.say(life, "rate_bad" if score <= closing.LOW_RATING else "rate_good")
            life.case = closing.rate(reporter, Ref(life.case.district, life.case.id), score=score, words=words)
            self.tally.done["rate"] += 1
        return None

    # --- beside the way ------------------------------------------------------------------------------------------------

    def photo(self, life: Life, who: Actor, kind: EvidenceKind) -> None:
        """Attach a drawn photo."""
        source = life.fate.source
        picture = (
            self.album.one("before", source) if kind == EvidenceKind.BEFORE else self.album.after(life.case, source)
        )
        ref = Ref(life.case.district, life.case.id)
        talking.add_evidence(who, ref, kind=kind, original_key=picture.key, sha256=picture.sha256, size=picture.size)
        life.case.log_length += 1
        self.tally.done["add_evidence"] += 1

    def remark(self, life: Life, who: Actor, action: Callable[..., Case], what: str) -> None:
        """Write a note or a message."""
        life.case = action(who, Ref(life.case.district, life.case.id), text=self.say(life, what))
        self.tally.done[action.__name__] += 1

    def urge(self, life: Life, source: random.Random) -> None:
        """The supervision side looks at a late case: reminds, or puts it under supervision."""
        case = life.case
        who = self.staff.near(case.area_path, Role.SUPERVISOR)
        if who and case.is_open and not case.is_restricted:
            supervision.remind(source.choice(who), Ref(case.district, case.id), text=self.say(life, "remind"))
            self.tally.done["remind"] += 1


def office_time(start: datetime, minutes: float) -> datetime:
    """So many working minutes after ``start``."""
    return deadlines.calendar().add_working(start, timedelta(minutes=max(1.0, minutes))).at
