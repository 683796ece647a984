"""A real trace through the loop, as its reporters and handlers would have acted; and what came out beside what the trace says.

For each request: reported when it was created, taken up, given the due date of the trace, sent to the department of the trace's agency
and signed in there; disposed of at the moment at which the trace closes it, then verified and closed by two others. What the trace calls
a duplicate is merged into the newest open case of its kind; what it cancelled is rejected by two people.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import shapely
from django.db import connection, transaction

from linli.cases import router
from linli.cases.actions import accepting, closing, dispatching, disposal, intake, talking
from linli.cases.actions.intake import Report
from linli.cases.loop import Ref, add_step, load, refresh_due
from linli.cases.models import Case, Channel, EvidenceKind
from linli.catalog import queries as catalog
from linli.kernel import deadlines, ids, time
from linli.kernel.errors import LinliError
from linli.kernel.trust import ANONYMOUS, SYSTEM, Actor, Role
from linli.simulation.city import Ground, Staff, ground_of, staff_of
from linli.simulation.draws import Texts, texts
from linli.simulation.engine import hurried
from linli.simulation.handling import HANDLERS
from linli.simulation.pictures import Album
from linli.simulation.trace import Affine, End, Request, Trace, Way, affine_for
from linli.territory import locating
from linli.territory.models import Area, Boundary, Level

CHANNELS = {Way.HOTLINE: Role.CALL_TAKER, Way.FIELD: Role.GRID_MEMBER, Way.COUNTER: Role.COMMUNITY_WORKER}
BIT = timedelta(seconds=1)
SOON = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request here.

    Attributes:
        end: as it ended here.
        late: whether the case was resolved late, for what was closed.
        trouble: why it did not go as the trace says; empty when it did.
    """

    request_id: str
    case_id: UUID | None
    end: str
    late: bool | None = None
    placed: bool = False
    trouble: str = ""


@dataclass(slots=True)
class Result:
    """Everything about a replay."""

    trace: str
    rows: int
    refused: dict[str, int]
    outcomes: list[Outcome] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    shifted_weeks: int = 0
    seconds: float = 0.0
    district: str = ""
    first: datetime | None = None
    last: datetime | None = None


@dataclass(slots=True)
class _One:
    request: Request
    created: datetime
    due: datetime | None
    closed: datetime | None
    case: Case | None = None
    placed: bool = False
    end: str = End.OPEN.value
    trouble: str = ""


class Replay:
    """Carries out a part of a trace in one process."""

    def __init__(self, trace: Trace, *, district: str, shift: timedelta, affine: Affine, seed: int) -> None:
        """Prepare.

        Args:
            shift: what is added to every time of the trace.
            affine: from the trace's places into the district.
        """
        self.trace, self.district, self.shift, self.affine, self.seed = trace, district, shift, affine, seed
        self.words: Texts = texts()
        self.album = Album()
        self.source = random.Random(f"replay:{seed}")
        self._queue: list[tuple[datetime, int, Callable[[_One], None], _One]] = []
        self._moment = min(r.created for r in trace.requests) + shift
        self._numbers = 0
        with time.at(self._moment):
            self.staff: Staff = staff_of(district)
        self.ground: Ground = ground_of(district, self.source, self.words)
        offices = [router.office_of(path) for path in self.ground.communities]
        self._any_office = next((one for one in offices if one), None)
        self._open: dict[str, list[_One]] = {}

    def run(self, requests: Sequence[Request], *, progress: Callable[[int], None] | None = None) -> list[Outcome]:
        """Carry out these requests of the trace, in the order of time; returns what became of each."""
        ones = [
            _One(
                r,
                r.created + self.shift,
                r.due + self.shift if r.due else None,
                r.closed + self.shift if r.closed else None,
            )
            for r in requests
        ]
        for one in ones:
            self._plan(one.created, self._report, one)
        time.set_clock(lambda: self._moment)
        done = 0
        try:
            with hurried(), ids.seeded(self.seed):
                while self._queue:
                    self._moment, _number, step, one = heapq.heappop(self._queue)
                    try:
                        step(one)
                    except LinliError as error:
                        one.trouble = f"{step.__name__.strip('_')}: {error.code}"
                    done += 1
                    if progress and done % 200 == 0:
                        progress(done)
        finally:
            time.set_clock(None)
        self.album.settle(self.district)
        return list(self._outcomes(ones))

    def _plan(self, when: datetime, step: Callable[[_One], None], one: _One) -> None:
        self._numbers += 1
        heapq.heappush(self._queue, (when, self._numbers, step, one))

    # --- the steps -----------------------------------------------------------------------------------------------------

    def _report(self, one: _One) -> None:
        request = one.request
        given: dict[str, Any] = {"district": self.district}
        actor: Actor = ANONYMOUS
        path = self.district
        if request.place is not None:
            lng, lat = self.affine(request.place)
            found = locating.locate(locating.Point(lng, lat, locating.CoordinateSystem.WGS84))
            if found.district == self.district:
                one.placed = found.how.value != "unplaced"
                given, path = {"lng": lng, "lat": lat}, found.path
        role = CHANNELS.get(request.way)
        people = self.staff.near(path, role) if role else []
        if not people and role:  # a place without a grid has no grid member: the call takers write it down
            people = self.staff.near(self.district, Role.CALL_TAKER)
        chance = random.Random(
            request.id
        )  # not the replay's own: the same request is reported by the same person each time
        if people:
            actor = chance.choice(people)
        category = catalog.current(district=self.district).get(request.category)
        if actor is ANONYMOUS and category is not None and not category.resident_reportable:
            actor = chance.choice(self.staff.near(self.district, Role.CALL_TAKER))
        what = Report(
            category=request.category, description=f"{request.type} ({self.trace.name} {request.id})", channel=Channel.REPLAY,
            on_behalf=actor.role == Role.CALL_TAKER, **given,
        )  # fmt: skip
        answer = intake.report(actor, f"replay:{self.trace.name}:{request.id}", request.id.encode(), what=what)
        if answer.replayed:
            one.trouble = "report: was replayed before"
            return
        one.case = Case.objects.get(district=answer.body["district"], id=answer.body["id"])
        self._open.setdefault(request.category, []).append(one)
        if one.closed is None:
            self._plan(one.created + SOON, self._begin, one)
            return
        # Whatever was closed within seconds was taken up within fewer.
        self._plan(one.created + min(SOON, (one.closed - one.created) / 3), self._begin_and_end, one)

    def _begin_and_end(self, one: _One) -> None:
        ends = {End.MERGED: self._merge, End.REJECTED: self._reject}
        closed = one.closed or self._moment
        if (end := ends.get(one.request.end)) is not None:
            self._plan(closed, end, one)
            return
        self._begin(one)
        self._plan(closed, self._dispose, one)

    def _begin(self, one: _One) -> None:
        """Take it up, give it the trace's due date, send it to the trace's agency, sign it in."""
        request, case = one.request, self._case(one)
        if request.end == End.TRANSFERRED:
            one.trouble = ""
        holders = self.staff.of(case.holder_id, HANDLERS) or self.staff.near(case.area_path, Role.DISPATCHER)
        case = self._act(one, holders, accepting.register, route=accepting.Route.NONE)
        if one.due is not None:
            one.case = set_due(case, one.due)
        to = self._agency(one)
        senders = holders if case.is_restricted else self.staff.near(case.area_path, Role.DISPATCHER)
        self._act(one, senders, dispatching.dispatch, organisation=to)
        self._act(one, self.staff.of(to, HANDLERS), dispatching.sign_in)

    def _agency(self, one: _One) -> UUID | None:
        case = self._case(one)
        entry = catalog.entry(case.category_version_id)
        if case.is_restricted:  # only its own people may see it, so one body has to have all of them
            return router.office_of(case.area_path) or self._any_office
        own = router.department_of(one.request.function, case.area_path)
        return own or next(iter(router.departments(entry, case.area_path)), None) or self._any_office

    def _dispose(self, one: _One) -> None:
        case = self._case(one)
        who = self.staff.post(case.handler_post_id) if case.handler_post_id else None
        if who is None:
            one.trouble = one.trouble or "dispose: nobody signed it in"
            return
        entry = catalog.entry(case.category_version_id)
        if "after" in entry.evidence_required:
            picture = self.album.after(case, self.source)
            talking.add_evidence(
                who, Ref(case.district, case.id), kind=EvidenceKind.AFTER, original_key=picture.key, sha256=picture.sha256,
                size=picture.size,
            )  # fmt: skip
            case.log_length += 1
        self._act(one, [who], disposal.dispose, outcome=self.words.say(self.source, "outcomes", entry.group))
        self._plan(self._moment + BIT, self._verify, one)

    def _verify(self, one: _One) -> None:
        case = self._case(one)
        people = self.staff.near(case.area_path, Role.VERIFIER, besides=case.disposed_by)
        if case.is_restricted:
            people = self.staff.of(case.holder_id, (Role.VERIFIER,), besides=case.disposed_by)
        self._act(one, people, closing.verify, passed=True)
        self._plan(self._moment + BIT, self._close, one)

    def _close(self, one: _One) -> None:
        case = self._case(one)
        people = self.staff.near(case.area_path, Role.DISPATCHER, besides=case.disposed_by)
        if case.is_restricted:
            people = self.staff.of(case.holder_id, (Role.DISPATCHER, Role.VERIFIER), besides=case.disposed_by)
        self._act(one, people, closing.close)
        one.end = End.CLOSED.value

    def _merge(self, one: _One) -> None:
        """Into the newest open case of its kind that is another's; when none is open, it is rejected as said already."""
        case = self._case(one)
        others = [o for o in self._open.get(one.request.category, []) if o.end == End.OPEN and o is not one and o.case]
        self._open[one.request.category] = [*others, one]
        masters = [o for o in others if o.request.end != End.MERGED and o.case and not o.case.is_restricted]
        if not masters or case.is_restricted:
            one.trouble = "merge: no case of the kind was open; rejected as a duplicate"
            self._reject(one)
            return
        near = min(reversed(masters), key=lambda o: _apart(case, o.case))
        dispatcher = self.staff.near(self.district, Role.DISPATCHER)  # the two may lie in different subdistricts
        self._act(one, dispatcher, accepting.merge, master=near.case.id if near.case else None)
        one.end = End.MERGED.value
        if near.case is not None:
            near.case = Case.objects.get(district=near.case.district, id=near.case.id)

    def _reject(self, one: _One) -> None:
        case = self._case(one)
        dispatchers = self.staff.near(case.area_path, Role.DISPATCHER)
        first = self.source.choice(self.staff.of(case.holder_id, HANDLERS) or dispatchers)
        reason, way = self.words.say(self.source, "reject"), self.words.say(self.source, "other_way")
        self._act(one, [first], accepting.propose_rejection, reason=reason, other_way=way)
        seconds = self.staff.near(case.area_path, Role.SUBDISTRICT_OFFICER, besides=first.account_id) or [
            d for d in self.staff.near(self.district, Role.DISPATCHER) if d.account_id != first.account_id
        ]
        self._act(one, seconds, accepting.confirm_rejection, agree=True)
        one.end = End.REJECTED.value

    def _case(self, one: _One) -> Case:
        if one.case is None:
            raise LinliError("replay.no_case", "there is no case")
        return one.case

    def _act(self, one: _One, people: Sequence[Actor], action: Callable[..., Case], **given: Any) -> Case:
        case = self._case(one)
        if not people:
            raise LinliError(f"replay.nobody.{action.__name__}", "nobody can do this")
        one.case = action(people[0], Ref(case.district, case.id), version=case.version, **given)
        return one.case

    # --- the end -------------------------------------------------------------------------------------------------------

    def _outcomes(self, ones: Sequence[_One]) -> Iterator[Outcome]:
        """What became of each, read from the database, not from what we believe that we did."""
        known = {one.case.id: one for one in ones if one.case is not None}
        rows = _ended(self.district, list(known))
        for one in ones:
            if one.case is None:
                yield Outcome(one.request.id, None, "lost", trouble=one.trouble or "not reported")
                continue
            state, late = rows.get(one.case.id, ("lost", None))
            end = state if state in ("closed", "merged", "rejected", "lost") else "open"
            yield Outcome(one.request.id, one.case.id, end, late if end == "closed" else None, one.placed, one.trouble)


def _ended(district: str, case_ids: Sequence[UUID]) -> dict[UUID, tuple[str, bool | None]]:
    found: dict[UUID, tuple[str, bool | None]] = {}
    for start in range(0, len(case_ids), 2_000):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT c.id, c.state, bool_or(d.ended_at > d.due_at)
                FROM cases_case c LEFT JOIN kernel_deadline d ON d.district = c.district AND d.subject_id = c.id
                     AND d.kind = 'resolution' AND d.state = 'met'
                WHERE c.district = %s AND c.id = ANY(%s) GROUP BY c.id, c.state
                """,
                [district, list(case_ids[start : start + 2_000])],
            )
            found |= {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    return found


def _apart(a: Case, b: Case | None) -> float:
    if b is None or a.lng is None or b.lng is None or a.lat is None or b.lat is None:
        return 1.0
    return abs(a.lng - b.lng) + abs(a.lat - b.lat)


def set_due(case: Case, due: datetime) -> Case:
    """Give a case the due date that the trace promised: a step of its own in the log, the old date kept with the deadline."""
    with transaction.atomic():
        fresh = load(SYSTEM, Ref(case.district, case.id))
        open_ones = deadlines.open_of(fresh.district, fresh.id)
        for running in (one for one in open_ones if one.kind == "resolution"):
            old = running.due_at
            deadlines.extend(running, due, why="trace", at=time.now())
            # On a copy: what changes has to go through the step, or the log would not tell of it.
            after = Case(id=fresh.id, district=fresh.district)
            refresh_due(after, open_ones)
            changes = {name: getattr(after, name) for name in ("due_at", "due_kind", "due_from", "is_late")}
            return add_step(SYSTEM, fresh, "due_set", data={"old_due": old, "due": due}, changes=changes)
    return fresh


def affine_of(trace: Trace, district: str) -> Affine:
    """The map from a trace's places into a district's outline."""
    places = [r.place for r in trace.requests if r.place is not None]
    area = Area.objects.filter(district=district, level=Level.DISTRICT, valid_to__isnull=True).first()
    outline = Boundary.objects.filter(district=district, area=area).first() if area else None
    if outline is None:
        raise LinliError("replay.no_ground", f"{district} has no ground")
    circle = shapely.maximum_inscribed_circle(shapely.from_wkb(bytes(outline.geometry)), tolerance=1e-4)
    (x, y), (_ex, _ey) = circle.coords[0], circle.coords[1]
    # The circle is found in degrees, which are shorter eastwards: taken as the radius northwards it stays inside.
    return affine_for(places, middle=(x, y), radius=circle.length * 0.85)


def earliest(district: str) -> datetime:
    """From when ground, posts and catalogue of a district hold."""
    from linli.catalog.actions import BEGINNING
    from linli.people.models import Post

    grids = Area.objects.filter(district=district, level=Level.MICRO_GRID).order_by("valid_from")
    posts = Post.objects.filter(district=district).order_by("-starts_on")
    days = [grids.values_list("valid_from", flat=True).first(), posts.values_list("starts_on", flat=True).first()]
    if None in days:
        raise LinliError("replay.not_ready", f"{district} has no ground or no staff")
    day = max(one for one in days if one is not None)
    return max(datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE), BEGINNING)


def shift_for(trace: Trace, since: datetime) -> timedelta:
    """Whole weeks by which a trace is moved so that all of it lies where the ground holds; none when it lies there already."""
    first = min(r.created for r in trace.requests)
    weeks = max(0, -((first - since) // timedelta(weeks=1)))
    return timedelta(weeks=weeks)


def counts(result: Result) -> dict[str, int]:
    """Every request of the trace in exactly one of these (but for ``in_trace``, their sum)."""
    found: Counter[str] = Counter()
    for outcome in result.outcomes:
        request = result.requests[outcome.request_id]
        name = outcome.end
        if outcome.end == "closed":
            name = (
                "closed_without_due" if request.due is None else ("closed_late" if outcome.late else "closed_on_time")
            )
        found[name] += 1
    found["refused"] = sum(result.refused.values())
    order = ("closed_on_time", "closed_late", "closed_without_due", "open", "merged", "rejected", "lost", "refused")
    return {"in_trace": result.rows} | {name: found[name] for name in order}


def differences(result: Result) -> dict[str, list[str]]:
    """What differs from the trace: what → the ids of the requests."""
    found: dict[str, list[str]] = {}
    expected = {End.TRANSFERRED: "closed"}
    for outcome in result.outcomes:
        request = result.requests[outcome.request_id]
        wanted = expected.get(request.end, request.end.value)
        if outcome.end != wanted:
            found.setdefault(
                f"ended {outcome.end}, the trace says {wanted}: {outcome.trouble or 'unknown'}", []
            ).append(request.id)
        elif request.late is not None and outcome.late != request.late:
            found.setdefault(
                "late where the trace says in time" if outcome.late else "in time where the trace says late", []
            ).append(request.id)
        if request.due is None and request.end in (End.CLOSED, End.TRANSFERRED):
            found.setdefault("the trace has no due date: ours held", []).append(request.id)
        elif request.due is not None and request.due <= request.created:
            found.setdefault("the trace was due before it was created: taken as it is", []).append(request.id)
        if request.place is None:
            found.setdefault("no place in the trace: in the district's queue", []).append(request.id)
        elif not outcome.placed and outcome.case_id:
            found.setdefault("its place falls outside the grids: in the district's queue", []).append(request.id)
        for note in request.notes:
            found.setdefault(note, []).append(request.id)
    return found
