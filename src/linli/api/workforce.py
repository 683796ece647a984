"""The grid workforce: coverage and roster, leave with cover, hand-over, duty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from linli.api.commanding import carry_out, once
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import link_next
from linli.api.reading import actor_of, json_body
from linli.api.schemas import AreaPath, Body
from linli.api.workforce_schemas import (
    AssessmentObjectIn,
    AssessmentOut,
    CourseNoteIn,
    CourseOut,
    CoverageOut,
    CoverageQuery,
    DutyPlanIn,
    DutyQuery,
    GridPage,
    HandOverIn,
    HandOverOut,
    HandsOut,
    LeaveApproveIn,
    LeaveEndIn,
    LeaveIn,
    LeaveOut,
    LeavePage,
    LeaveRefuseIn,
    LeavesQuery,
    MyTrainingOut,
    OnDutyOut,
    RosterQuery,
    ShiftAssignIn,
    ShiftOut,
    SwapAnswerIn,
    SwapIn,
    SwapOut,
    TrainingOut,
    assessment_shape,
    figure,
    handover_shape,
    leave_shape,
    shift_shape,
    swap_shape,
    thing_shape,
)
from linli.kernel.trust import Actor, policy
from linli.workforce import assessments, certificates, queries
from linli.workforce import roster as reading
from linli.workforce.actions import assessment, duty, handing, leaving, training
from linli.workforce.models import Course, Leave

TAGS = ["Workforce"]
Given = TypeVar("Given", bound=Body)


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

    def act(actor: Actor, given: LeaveIn) -> dict[str, Any]:
        leave = leaving.ask(actor, first_day=given.first_day, last_day=given.last_day, reason=given.reason)
        return _reading(actor, leave)

    return carry_out(request, LeaveIn, "leave.ask", act, verb="leave.ask", status=201)


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
    return once(request, actor, f"leave.{name} {leave_id}", body, lambda: _reading(actor, act(actor, found, given)))


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

    return once(request, actor, f"leave.end {leave_id}", body, act)


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

    def act(actor: Actor, given: HandOverIn) -> dict[str, Any]:
        return handover_shape(
            handing.hand_over(
                actor, post_id, successor=given.successor, reason=given.reason, version=given.version,
                ends_post=given.ends_post,
            )
        )  # fmt: skip

    return carry_out(request, HandOverIn, f"handover.do {post_id}", act, verb="handover.do")


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
    return once(
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

    def act(actor: Actor, given: DutyPlanIn) -> list[dict[str, Any]]:
        return [shift_shape(one) for one in duty.plan(actor, area_path=given.area_path, month=given.month)]

    return carry_out(request, DutyPlanIn, "duty.plan", act, verb="duty.plan")


@api.post(
    "/workforce/duty/shifts", response={200: ShiftOut, **ERRORS}, openapi_extra=KEYED | body_of(ShiftAssignIn), summary="Give a shift",
    tags=TAGS, operation_id="assign_shift",
)  # fmt: skip
def assign(request: HttpRequest) -> Any:
    """Put somebody on a shift by hand, in the place of whoever has it."""

    def act(actor: Actor, given: ShiftAssignIn) -> dict[str, Any]:
        return shift_shape(
            duty.assign(
                actor, area_path=given.area_path, day=given.day, kind=given.kind, post_id=given.post_id,
                version=given.version,
            )
        )  # fmt: skip

    return carry_out(request, ShiftAssignIn, "duty.assign", act, verb="duty.plan")


@api.post(
    "/workforce/swaps", response={201: SwapOut, **ERRORS}, openapi_extra=KEYED | body_of(SwapIn), summary="Ask for a swap",
    tags=TAGS, operation_id="ask_swap",
)  # fmt: skip
def ask_swap(request: HttpRequest) -> Any:
    """Ask a colleague to take one's own shift."""
    actor = actor_of(request)
    policy.require(actor, "duty.swap")
    body, given = json_body(request, SwapIn)
    return once(
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
    return once(
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

    return once(request, actor, f"course.note {course_id}", body, act)


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

    def act(actor: Actor, given: AssessmentObjectIn) -> dict[str, Any]:
        return assessment_shape(assessment.object_to(actor, assessment_id, about=given.about, words=given.words))

    return carry_out(request, AssessmentObjectIn, f"assessment.object {assessment_id}", act, verb="assessment.own")
