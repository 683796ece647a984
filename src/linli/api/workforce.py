"""The grid workforce: coverage and roster, leave with cover, hand-over, duty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import Paging, Path, link_next
from linli.api.reading import actor_of, json_body, key_of
from linli.api.reports import written
from linli.api.schemas import Body, Line
from linli.kernel import commands
from linli.kernel.trust import Actor, policy
from linli.people.handing import Thing
from linli.workforce import assessments, certificates, queries
from linli.workforce import roster as reading
from linli.workforce.actions import assessment, duty, handing, leaving, training
from linli.workforce.models import Assessment, Course, HandOver, Leave, Reason, Shift, ShiftKind, Swap
from linli.workforce.roster import Figure

TAGS = ["Workforce"]
Given = TypeVar("Given", bound=Body)
Short = Annotated[str, StringConstraints(max_length=200)]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}(/[0-9A-Z]+)*$", max_length=48)]


class CoverageFigureOut(Schema):
    """How many grids there are, and how many somebody holds."""

    grids: int
    held: int
    vacant: int
    full_time: int
    part_time: int
    percent: float | None = Field(description="With one decimal; never 100 while a grid is vacant; none without grids.")


class CoveragePartOut(Schema):
    """An area directly below."""

    area_path: str
    name: str
    whole: CoverageFigureOut


class CoverageOut(Schema):
    """The coverage of an area against 100 %."""

    area_path: str
    name: str
    whole: CoverageFigureOut
    levels: dict[str, CoverageFigureOut]
    parts: list[CoveragePartOut]
    counted_at: datetime | None


class HolderOut(Schema):
    """Who holds a grid, as colleagues know them."""

    post_id: UUID
    name: str
    title: str
    role: str
    full_time: bool
    since: date
    until: date | None
    public_phone: str
    away_until: date | None = Field(description="The first day back.")
    is_cover: bool
    lacks: list[str] = Field(description="Trainings that the post has to have and the holder lacks.")


class GridOut(Schema):
    """One grid of the roster."""

    area_path: str
    name: str
    level: str
    holders: list[HolderOut]
    deputy: str
    vacant_since: date | None
    days_vacant: int | None


class GridPage(Schema):
    """A page of the roster."""

    items: list[GridOut]
    next: str


class MaterialOut(Schema):
    """Something to read."""

    title: str
    url: str


class MyTrainingOut(Schema):
    """A training that concerns one."""

    id: UUID
    title: str
    required: bool
    is_good: bool
    issued_on: date | None
    last_day: date | None = Field(description="On which the certificate is good; none when it has no end.")
    course_at: datetime | None = Field(description="The course that one is asked to.")
    place: str
    materials: list[MaterialOut]


class TrainingOut(Schema):
    """A training of the area."""

    id: UUID
    title: str
    area_path: str
    required_of: list[str]
    hours: int
    valid_months: int | None
    lacking: int = Field(description="How many members of the area have to have it and lack it.")
    ended_at: datetime | None


class CourseNoteIn(Body):
    """Who was there."""

    accounts: Annotated[list[UUID], Field(max_length=500)]


class CourseOut(Schema):
    """A course that was held."""

    id: UUID
    training_id: UUID
    starts_at: datetime
    place: str
    noted_at: datetime | None
    certificates: int


class FactOut(Schema):
    """What one criterion comes to, and what it is computed from."""

    code: str
    good: int
    whole: int
    named: list[str]
    outcome: str


class AssessmentOut(Schema):
    """One's own assessment of a period; there is no sum and no rank."""

    id: UUID
    begins_on: date
    ends_on: date = Field(description="The first day after the period.")
    facts: list[FactOut]
    words: str
    state: str
    objection_until: datetime
    answer: str


class AssessmentObjectIn(Body):
    """What one objects to, and why."""

    about: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    words: Annotated[str, StringConstraints(min_length=2, max_length=500)]


class LeaveOut(Schema):
    """A leave."""

    id: UUID
    district: str
    post_id: UUID
    name: str
    area_path: str
    first_day: date
    last_day: date
    reason: str
    state: str
    decision: str
    begun_at: datetime | None
    ended_at: datetime | None
    covers: list[str]
    version: int


class LeavePage(Schema):
    """A page of leaves."""

    items: list[LeaveOut]
    next: str


class LeaveIn(Body):
    """Days away, both included."""

    first_day: date
    last_day: date
    reason: Reason


class LeaveApproveIn(Body):
    """Who covers, the first one first: posts of the same organisation."""

    version: int
    covers: Annotated[list[UUID], Field(min_length=1, max_length=4)]
    words: Short = ""


class LeaveRefuseIn(Body):
    """Why not."""

    version: int
    words: Short


class LeaveEndIn(Body):
    """The version that was seen."""

    version: int


class InHandOut(Schema):
    """One open thing in somebody's hands."""

    kind: str
    id: UUID
    number: str
    title: str
    area_path: str
    due_at: datetime | None


class HandsOut(Schema):
    """A post and everything that is open in its hands."""

    post_id: UUID
    version: int
    name: str
    area_path: str
    things: list[InHandOut]


class HandOverIn(Body):
    """Who takes over, and why."""

    version: int = Field(description="Of the post.")
    successor: UUID = Field(description="A post in force of the same organisation.")
    reason: Short
    ends_post: bool = True


class HandOverOut(Schema):
    """A hand-over that was done."""

    id: UUID
    district: str
    from_post: UUID
    to_post: UUID
    area_path: str
    reason: str
    things: int
    ends_post: bool
    at: datetime
    undone_at: datetime | None


class ShiftOut(Schema):
    """A shift."""

    id: UUID
    area_path: str
    day: date
    kind: str
    starts_at: datetime
    ends_at: datetime
    post_id: UUID
    name: str
    version: int


class DutyQuery(Body):
    """Which days of which community."""

    area_path: AreaPath
    first: date
    last: date


class OnDutyOut(Schema):
    """Who is on duty now, and the number to ring."""

    name: str
    role: str
    title: str
    phone: str
    until: datetime


class DutyPlanIn(Body):
    """A community and any day of the month."""

    area_path: AreaPath
    month: date


class ShiftAssignIn(Body):
    """Who is on which shift."""

    area_path: AreaPath
    day: date
    kind: ShiftKind
    post_id: UUID
    version: int = Field(0, description="Of the shift; 0 when there is none yet.")


class SwapIn(Body):
    """Whom one asks to take which of one's shifts."""

    shift_id: UUID
    to_post: UUID


class SwapAnswerIn(Body):
    """Yes or no."""

    agree: bool


class SwapOut(Schema):
    """A swap."""

    id: UUID
    shift_id: UUID
    state: str


class RosterQuery(Paging):
    """Which grids."""

    area_path: Path = ""
    level: Annotated[str, StringConstraints(max_length=16)] = ""
    words: Line = ""
    vacant: bool = False


class CoverageQuery(Body):
    """Of which area."""

    area_path: Path = ""


class LeavesQuery(Paging):
    """Which leaves: a state, `current` for those under way or to come, empty for all."""

    state: Annotated[str, StringConstraints(max_length=10)] = ""


def figure(found: Figure) -> dict[str, Any]:
    """A figure."""
    return {
        "grids": found.grids, "held": found.held, "vacant": found.vacant, "full_time": found.full_time,
        "part_time": found.part_time, "percent": found.percent,
    }  # fmt: skip


def leave_shape(leave: Leave, covers: list[str] | None = None) -> dict[str, Any]:
    """A leave."""
    return {
        "id": leave.id, "district": leave.district, "post_id": leave.post_id, "name": leave.account.work_name,
        "area_path": leave.area_path, "first_day": leave.starts_on, "last_day": leave.last_day, "reason": leave.reason,
        "state": leave.state, "decision": leave.decision, "begun_at": leave.begun_at,
        "ended_at": leave.ended_at, "covers": covers or [], "version": leave.version,
    }  # fmt: skip


def thing_shape(thing: Thing) -> dict[str, Any]:
    """One thing."""
    return {
        "kind": thing.kind, "id": thing.id, "number": thing.number, "title": thing.title, "area_path": thing.area_path,
        "due_at": thing.due_at,
    }  # fmt: skip


def handover_shape(done: HandOver) -> dict[str, Any]:
    """A hand-over."""
    return {
        "id": done.id, "district": done.district, "from_post": done.from_post_id, "to_post": done.to_post_id,
        "area_path": done.area_path, "reason": done.reason, "things": len(done.things), "ends_post": done.ends_post,
        "at": done.at, "undone_at": done.undone_at,
    }  # fmt: skip


def shift_shape(shift: Shift) -> dict[str, Any]:
    """A shift."""
    return {
        "id": shift.id, "area_path": shift.area_path, "day": shift.day, "kind": shift.kind, "starts_at": shift.starts_at,
        "ends_at": shift.ends_at, "post_id": shift.post_id, "name": shift.account.work_name, "version": shift.version,
    }  # fmt: skip


def swap_shape(swap: Swap) -> dict[str, Any]:
    """A swap."""
    return {"id": swap.id, "shift_id": swap.shift_id, "state": str(swap.state)}


def assessment_shape(one: Assessment) -> dict[str, Any]:
    """An assessment as its owner reads it."""
    return {
        "id": one.id, "begins_on": one.begins_on, "ends_on": one.ends_on, "facts": one.facts,
        "words": assessment.words_of(one), "state": str(one.state), "objection_until": one.objection_until,
        "answer": assessment.words_of(one, "answer"),
    }  # fmt: skip


def _once(
    request: HttpRequest, actor: Actor, name: str, body: bytes, act: Callable[[], Any], *, status: int = 200
) -> Any:
    """Carry out a command once for its key."""
    answer = commands.run(
        actor,
        key_of(request),
        f"{name}\n".encode() + body,
        district=actor.district or "000000",
        action=lambda: (status, _plain(act())),
    )
    return written(answer)


def _plain(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _plain(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_plain(one) for one in found]
    if isinstance(found, UUID | datetime | date):
        return found.isoformat() if not isinstance(found, UUID) else str(found)
    return found


def _reading(actor: Actor, leave: Leave) -> dict[str, Any]:
    found = queries.leave(actor, leave.id)
    return leave_shape(found, queries.covered_by([found]).get(found.id, []))


@api.get(
    "/workforce/coverage", response={200: CoverageOut, **ERRORS}, summary="Coverage", tags=TAGS, operation_id="coverage"
)
def coverage(request: HttpRequest, filters: Query[CoverageQuery]) -> Any:
    """How many grids of an area somebody holds, against 100 %, by level and for each area directly below."""
    found = reading.coverage(actor_of(request), filters.area_path)
    return {
        "area_path": found.path,
        "name": found.name,
        "whole": figure(found.whole),
        "levels": {str(level): figure(one) for level, one in found.levels.items()},
        "parts": [{"area_path": part.path, "name": part.name, "whole": figure(part.whole)} for part in found.parts],
        "counted_at": found.counted_at,
    }


@api.get("/workforce/roster", response={200: GridPage, **ERRORS}, summary="Roster", tags=TAGS, operation_id="roster")
def roster(request: HttpRequest, response: HttpResponse, filters: Query[RosterQuery]) -> Any:
    """The grids of an area by path, with who holds each, who stands in, and since when it is vacant."""
    found = reading.roster(
        actor_of(request), filters.area_path, level=filters.level, words=filters.words, vacant=filters.vacant,
        after=filters.after, size=filters.size,
    )  # fmt: skip
    link_next(request, response, found.next)
    items = [
        {
            "area_path": row.path, "name": row.name, "level": row.level, "deputy": row.deputy,
            "vacant_since": row.vacant_since, "days_vacant": row.days_vacant,
            "holders": [
                {
                    "post_id": one.post_id, "name": one.name, "title": one.title, "role": one.role,
                    "full_time": one.full_time, "since": one.since, "until": one.until, "public_phone": one.phone,
                    "away_until": one.away_until, "is_cover": one.is_cover, "lacks": list(one.lacks),
                }
                for one in row.holders
            ],
        }
        for row in found.rows
    ]  # fmt: skip
    return {"items": items, "next": found.next}


@api.get(
    "/workforce/leaves", response={200: LeavePage, **ERRORS}, summary="Leaves", tags=TAGS, operation_id="list_leaves"
)
def leaves(request: HttpRequest, response: HttpResponse, filters: Query[LeavesQuery]) -> Any:
    """One's own leaves, and those of the area for whoever decides."""
    found, more = queries.leaves(actor_of(request), state=filters.state, after=filters.after, size=filters.size)
    covers = queries.covered_by(found) if found else {}
    link_next(request, response, more)
    return {"items": [leave_shape(one, covers.get(one.id)) for one in found], "next": more}


@api.post(
    "/workforce/leaves", response={201: LeaveOut, **ERRORS}, openapi_extra=KEYED | body_of(LeaveIn), summary="Ask for leave",
    tags=TAGS, operation_id="ask_leave",
)  # fmt: skip
def ask(request: HttpRequest) -> Any:
    """Ask for leave from one's post."""
    actor = actor_of(request)
    policy.require(actor, "leave.ask")
    body, given = json_body(request, LeaveIn)

    def act() -> dict[str, Any]:
        leave = leaving.ask(actor, first_day=given.first_day, last_day=given.last_day, reason=given.reason)
        return _reading(actor, leave)

    return _once(request, actor, "leave.ask", body, act, status=201)


@api.post(
    "/workforce/leaves/{uuid:leave_id}/approve", response={200: LeaveOut, **ERRORS},
    openapi_extra=KEYED | body_of(LeaveApproveIn), summary="Agree to a leave", tags=TAGS, operation_id="approve_leave",
)  # fmt: skip
def approve(request: HttpRequest, leave_id: UUID) -> Any:
    """Agree, and name who covers."""

    def act(actor: Actor, found: Leave, given: LeaveApproveIn) -> Leave:
        return leaving.approve(
            actor, found.id, district=found.district, version=given.version, covers=given.covers, words=given.words
        )

    return _decide(request, leave_id, LeaveApproveIn, "approve", act)


@api.post(
    "/workforce/leaves/{uuid:leave_id}/refuse", response={200: LeaveOut, **ERRORS},
    openapi_extra=KEYED | body_of(LeaveRefuseIn), summary="Refuse a leave", tags=TAGS, operation_id="refuse_leave",
)  # fmt: skip
def refuse(request: HttpRequest, leave_id: UUID) -> Any:
    """Say no, with a reason."""

    def act(actor: Actor, found: Leave, given: LeaveRefuseIn) -> Leave:
        return leaving.refuse(actor, found.id, district=found.district, version=given.version, words=given.words)

    return _decide(request, leave_id, LeaveRefuseIn, "refuse", act)


def _decide(
    request: HttpRequest, leave_id: UUID, shape: type[Given], name: str, act: Callable[[Actor, Leave, Given], Leave]
) -> Any:
    """A decision on a leave, once for its key: whoever may not see the leave or not decide it learns so before the body is read."""
    actor = actor_of(request)
    found = queries.leave(actor, leave_id)
    policy.require(actor, "leave.decide", found, view="leave.view")
    body, given = json_body(request, shape)
    return _once(request, actor, f"leave.{name} {leave_id}", body, lambda: _reading(actor, act(actor, found, given)))


@api.post(
    "/workforce/leaves/{uuid:leave_id}/end", response={200: LeaveOut, **ERRORS}, openapi_extra=KEYED | body_of(LeaveEndIn),
    summary="End a leave", tags=TAGS, operation_id="end_leave",
)  # fmt: skip
def end(request: HttpRequest, leave_id: UUID) -> Any:
    """Withdraw it before it begins, or come back today."""
    actor = actor_of(request)
    found = queries.leave(actor, leave_id)
    body, given = json_body(request, LeaveEndIn)

    def act() -> dict[str, Any]:
        return _reading(actor, leaving.end(actor, found.id, district=found.district, version=given.version))

    return _once(request, actor, f"leave.end {leave_id}", body, act)


@api.get(
    "/workforce/posts/{uuid:post_id}/hands", response={200: HandsOut, **ERRORS}, summary="What is in somebody's hands", tags=TAGS,
    operation_id="in_hands",
)  # fmt: skip
def hands(request: HttpRequest, post_id: UUID) -> Any:
    """Everything that is open in the hands of a post: the hand-over list."""
    post, things = queries.in_hands(actor_of(request), post_id)
    return {
        "post_id": post.id, "version": post.version, "name": post.account.work_name, "area_path": post.area_path,
        "things": [thing_shape(one) for one in things],
    }  # fmt: skip


@api.post(
    "/workforce/posts/{uuid:post_id}/hand-over", response={200: HandOverOut, **ERRORS},
    openapi_extra=KEYED | body_of(HandOverIn), summary="Hand over", tags=TAGS, operation_id="hand_over",
)  # fmt: skip
def hand_over(request: HttpRequest, post_id: UUID) -> Any:
    """Move everything that is open to a successor, and end the post, in one step."""
    actor = actor_of(request)
    policy.require(actor, "handover.do")
    body, given = json_body(request, HandOverIn)

    def act() -> dict[str, Any]:
        return handover_shape(
            handing.hand_over(
                actor, post_id, successor=given.successor, reason=given.reason, version=given.version,
                ends_post=given.ends_post,
            )
        )  # fmt: skip

    return _once(request, actor, f"handover.do {post_id}", body, act)


@api.get(
    "/workforce/hand-overs", response={200: list[HandOverOut], **ERRORS}, summary="Hand-overs", tags=TAGS,
    operation_id="list_hand_overs",
)  # fmt: skip
def handovers(request: HttpRequest) -> Any:
    """The last fifty of one's area, and those that one gave or took."""
    return [handover_shape(one) for one in queries.handovers(actor_of(request))]


@api.post(
    "/workforce/hand-overs/{uuid:handover_id}/undo", response={200: HandOverOut, **ERRORS}, openapi_extra=KEYED,
    summary="Take a hand-over back", tags=TAGS, operation_id="undo_hand_over",
)  # fmt: skip
def undo(request: HttpRequest, handover_id: UUID) -> Any:
    """Within ten minutes: what is still open goes back, and the post is held again."""
    actor = actor_of(request)
    found = queries.handover(actor, handover_id)
    policy.require(actor, "handover.do", found, view="handover.view")
    return _once(
        request, actor, f"handover.undo {handover_id}", b"",
        lambda: handover_shape(handing.undo(actor, found.id, district=found.district)),
    )  # fmt: skip


@api.get(
    "/workforce/duty",
    response={200: list[ShiftOut], **ERRORS},
    summary="Duty calendar",
    tags=TAGS,
    operation_id="list_duty",
)
def shifts(request: HttpRequest, filters: Query[DutyQuery]) -> Any:
    """The shifts of a community in a stretch of days, both included."""
    found = queries.shifts(
        actor_of(request), area_path=filters.area_path, first=filters.first, last=min(filters.last, _far(filters.first))
    )
    return [shift_shape(one) for one in found]


def _far(first: date) -> date:
    """A year at most: nobody plans farther."""
    return date.fromordinal(min(first.toordinal() + 366, date.max.toordinal()))


@api.get(
    "/workforce/duty/mine",
    response={200: list[ShiftOut], **ERRORS},
    summary="My duty",
    tags=TAGS,
    operation_id="my_duty",
)
def mine(request: HttpRequest) -> Any:
    """One's own shifts that are not over."""
    actor = actor_of(request)
    policy.require(actor, "duty.swap")
    return [shift_shape(one) for one in queries.my_shifts(actor)]


@api.get(
    "/workforce/duty/now", auth=ANYONE, response={200: OnDutyOut | None, **ERRORS}, summary="Who is on duty now", tags=TAGS,
    operation_id="on_duty",
)  # fmt: skip
def now(request: HttpRequest, area_path: AreaPath) -> Any:
    """Who is on duty for a place beside office hours, and the public number; `null` when nobody is."""
    found = queries.on_duty(area_path)
    if found is None:
        return None
    return {"name": found.name, "role": found.role, "title": found.title, "phone": found.phone, "until": found.until}


@api.post(
    "/workforce/duty/plan", response={200: list[ShiftOut], **ERRORS}, openapi_extra=KEYED | body_of(DutyPlanIn),
    summary="Plan a month", tags=TAGS, operation_id="plan_duty",
)  # fmt: skip
def plan(request: HttpRequest) -> Any:
    """Share out what is open of a community's month; what stands is left as it is."""
    actor = actor_of(request)
    policy.require(actor, "duty.plan")
    body, given = json_body(request, DutyPlanIn)

    def act() -> list[dict[str, Any]]:
        return [shift_shape(one) for one in duty.plan(actor, area_path=given.area_path, month=given.month)]

    return _once(request, actor, "duty.plan", body, act)


@api.post(
    "/workforce/duty/shifts", response={200: ShiftOut, **ERRORS}, openapi_extra=KEYED | body_of(ShiftAssignIn), summary="Give a shift",
    tags=TAGS, operation_id="assign_shift",
)  # fmt: skip
def assign(request: HttpRequest) -> Any:
    """Put somebody on a shift by hand, in the place of whoever has it."""
    actor = actor_of(request)
    policy.require(actor, "duty.plan")
    body, given = json_body(request, ShiftAssignIn)

    def act() -> dict[str, Any]:
        return shift_shape(
            duty.assign(
                actor, area_path=given.area_path, day=given.day, kind=given.kind, post_id=given.post_id,
                version=given.version,
            )
        )  # fmt: skip

    return _once(request, actor, "duty.assign", body, act)


@api.post(
    "/workforce/swaps", response={201: SwapOut, **ERRORS}, openapi_extra=KEYED | body_of(SwapIn), summary="Ask for a swap",
    tags=TAGS, operation_id="ask_swap",
)  # fmt: skip
def ask_swap(request: HttpRequest) -> Any:
    """Ask a colleague to take one's own shift."""
    actor = actor_of(request)
    policy.require(actor, "duty.swap")
    body, given = json_body(request, SwapIn)
    return _once(
        request, actor, "duty.ask_swap", body, lambda: swap_shape(duty.ask_swap(actor, given.shift_id, to_post=given.to_post)),
        status=201,
    )  # fmt: skip


@api.post(
    "/workforce/swaps/{uuid:swap_id}/answer", response={200: SwapOut, **ERRORS}, openapi_extra=KEYED | body_of(SwapAnswerIn),
    summary="Answer a swap", tags=TAGS, operation_id="answer_swap",
)  # fmt: skip
def answer_swap(request: HttpRequest, swap_id: UUID) -> Any:
    """Take the shift, or say no; who asked takes the question back."""
    actor = actor_of(request)
    policy.require(actor, "duty.swap")
    body, given = json_body(request, SwapAnswerIn)
    return _once(
        request, actor, f"duty.answer_swap {swap_id}", body,
        lambda: swap_shape(duty.answer_swap(actor, swap_id, agree=given.agree)),
    )  # fmt: skip


@api.get(
    "/workforce/trainings/mine", response={200: list[MyTrainingOut], **ERRORS}, summary="My trainings", tags=TAGS,
    operation_id="my_trainings",
)  # fmt: skip
def my_trainings(request: HttpRequest) -> Any:
    """What one's post has to have learnt, one's certificates, and the courses one is asked to."""
    return [
        {
            "id": one.training.id, "title": one.training.title, "required": one.required, "is_good": one.is_good,
            "issued_on": one.certificate.issued_on if one.certificate else None,
            "last_day": one.certificate.last_day if one.certificate else None,
            "course_at": one.course.starts_at if one.course else None, "place": one.course.place if one.course else "",
            "materials": one.training.materials,
        }
        for one in certificates.mine(actor_of(request))
    ]  # fmt: skip


@api.get(
    "/workforce/trainings", response={200: list[TrainingOut], **ERRORS}, summary="Trainings", tags=TAGS,
    operation_id="trainings",
)  # fmt: skip
def trainings(request: HttpRequest) -> Any:
    """The trainings of the area, with how many members lack each."""
    actor = actor_of(request)
    return [
        {
            "id": one.id, "title": one.title, "area_path": one.area_path, "required_of": one.required_of, "hours": one.hours,
            "valid_months": one.valid_months, "lacking": len(certificates.lacking(one, actor.area_path)),
            "ended_at": one.ended_at,
        }
        for one in certificates.trainings(actor)
    ]  # fmt: skip


@api.post(
    "/workforce/courses/{uuid:course_id}/note", response={200: CourseOut, **ERRORS},
    openapi_extra=KEYED | body_of(CourseNoteIn), summary="Note who was at a course", tags=TAGS, operation_id="note_course",
)  # fmt: skip
def note_course(request: HttpRequest, course_id: UUID) -> Any:
    """Note it once; each who was there gets a certificate."""
    actor = actor_of(request)
    policy.require(actor, "training.keep")
    found = certificates.course(actor, course_id)
    body, given = json_body(request, CourseNoteIn)

    def act() -> dict[str, Any]:
        done = training.note(actor, found.id, accounts=given.accounts)
        return _course(done)

    return _once(request, actor, f"course.note {course_id}", body, act)


def _course(one: Course) -> dict[str, Any]:
    return {
        "id": one.id, "training_id": one.training_id, "starts_at": one.starts_at, "place": one.place,
        "noted_at": one.noted_at, "certificates": one.certificates.count(),
    }  # fmt: skip


@api.get(
    "/workforce/assessments/mine", response={200: list[AssessmentOut], **ERRORS}, summary="My assessments", tags=TAGS,
    operation_id="my_assessments",
)  # fmt: skip
def my_assessments(request: HttpRequest) -> Any:
    """One's own assessments with what each criterion was computed from, the latest first."""
    return [assessment_shape(one) for one in assessments.mine(actor_of(request))]


@api.post(
    "/workforce/assessments/{uuid:assessment_id}/object", response={200: AssessmentOut, **ERRORS},
    openapi_extra=KEYED | body_of(AssessmentObjectIn), summary="Object to an assessment", tags=TAGS,
    operation_id="object_to_assessment",
)  # fmt: skip
def object_to(request: HttpRequest, assessment_id: UUID) -> Any:
    """Object to one criterion of one's own; somebody who did not assess answers."""
    actor = actor_of(request)
    policy.require(actor, "assessment.own")
    body, given = json_body(request, AssessmentObjectIn)

    def act() -> dict[str, Any]:
        return assessment_shape(assessment.object_to(actor, assessment_id, about=given.about, words=given.words))

    return _once(request, actor, f"assessment.object {assessment_id}", body, act)
