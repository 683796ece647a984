"""A case that comes back: each round needs its own proof and has its own limits, and more time that was granted stays granted."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases import projection, queries, verbs
from linli.cases.actions import accepting, calling, closing, dispatching, disposal, talking
from linli.cases.models import Case, OrderState
from linli.cases.states import State
from linli.kernel import deadlines, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import Clock, Deadline, DeadlineState, Event
from linli.kernel.trust import Actor
from tests.cases.test_the_way_of_a_case import disposed, photo
from tests.desk.conftest import page, signed_in
from tests.world import HOME, WUHOU, World, fresh, ref, report


def clock_of(case: Case, kind: str = "resolution") -> Deadline:
    """The clock of a kind that is owed."""
    return Deadline.objects.get(subject_id=case.id, kind=kind, state__in=["running", "paused"])


def closed(world: World, case: Case) -> Case:
    """Verified and closed."""
    case = closing.verify(world.lao_zheng, ref(case), version=fresh(case).version, passed=True)
    return closing.close(world.sun, ref(case), version=case.version)


def whole(case: Case) -> None:
    """The log tells how the case stands."""
    assert projection.differences(fresh(case), queries.log_of(case)) == []


# Proof.


def test_a_photo_of_an_earlier_round_proves_nothing(world: World) -> None:
    case = closed(world, disposed(world))
    case = closing.reopen(world.zhou, ref(case), version=case.version, reason="又堆起来了")
    done = {"version": case.version, "outcome": "再次清运"}
    with pytest.raises(Invalid, match=r"case\.evidence"):
        disposal.dispose(world.he_ming, ref(case), **done)
    photo(world.he_ming, case)  # the very one of the first round
    with pytest.raises(Invalid, match=r"case\.evidence"):
        disposal.dispose(world.he_ming, ref(case), **done | {"version": fresh(case).version})
    photo(world.he_ming, case, name="again")
    case = disposal.dispose(world.he_ming, ref(case), **done | {"version": fresh(case).version})
    assert case.state == State.DISPOSED
    whole(case)


def test_work_that_failed_its_verification_is_proved_anew(world: World) -> None:
    case = disposed(world)
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=False, words="还剩半堆没有清")
    with pytest.raises(Invalid, match=r"case\.evidence"):
        disposal.dispose(world.he_ming, ref(case), version=case.version, outcome="已经清完")
    photo(world.he_ming, case, name="now")
    assert (
        disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清完").state
        == State.DISPOSED
    )


def test_a_case_full_of_photos_takes_those_of_its_next_round(world: World) -> None:
    case = disposed(world)  # with one
    case = closed(world, case)
    case = closing.reopen(world.zhou, ref(case), version=case.version, reason="又堆起来了")
    for number in range(talking.MAX_EVIDENCE):
        photo(world.he_ming, case, name=f"photo {number:02} ")
    with pytest.raises(Invalid, match=r"case\.evidence_full"):
        photo(world.he_ming, case, name="one too many")
    photo(world.he_ming, case)  # the first round's is held already
    assert len(queries.evidence_of(case)) == talking.MAX_EVIDENCE + 1


def test_a_failed_verification_gives_the_work_order_back(world: World) -> None:
    case = disposed(world)
    assert [one.state for one in queries.orders_of(case)] == [OrderState.FINISHED]
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=False, words="还剩半堆没有清")
    (order,) = queries.orders_of(fresh(case))
    assert (order.state, order.finished_at, order.result, order.due_at) == (
        OrderState.ANSWERED, None, "", clock_of(case).due_at,
    )  # fmt: skip
    photo(world.he_ming, case, name="now")
    case = disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清完")
    assert [one.state for one in queries.orders_of(case)] == [OrderState.FINISHED]


# Limits.


def test_the_limits_begin_anew_with_a_round(world: World, clock) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou, category="EN01")), version=1)
    for _time in range(dispatching.MAX_RETURNS):
        case = dispatching.request_return(world.he_ming, ref(case), version=case.version, reason="不在我的微网格")
        case = dispatching.decide_return(world.liu, ref(case), version=case.version, agree=False, words="就在这里")
    with pytest.raises(Conflict, match=r"case\.returned_too_often"):
        dispatching.request_return(world.he_ming, ref(case), version=case.version, reason="不在我的微网格")
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    for _time in range(disposal.MAX_WAITS):
        case = disposal.wait_resident(world.he_ming, ref(case), version=case.version, reason="电话无人接听")
        case = disposal.resume(world.he_ming, ref(case), version=case.version)
    photo(world.he_ming, case)
    case = disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清运")
    case = closing.reopen(world.zhou, ref(closed(world, case)), version=fresh(case).version, reason="又堆起来了")
    assert (case.round, case.returns, case.waits, case.extensions) == (2, 0, 0, 0)
    case = dispatching.dispatch(
        world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("housing")
    )
    case = dispatching.request_return(world.housing_clerk, ref(case), version=case.version, reason="不属于住建职责")
    assert case.returns == 1
    whole(case)


# More time.


def test_another_category_keeps_the_time_that_was_granted(world: World, clock) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    urban_management = world.organisation("urban_management")
    case = dispatching.dispatch(world.sun, ref(case), version=case.version, organisation=urban_management)
    case = dispatching.sign_in(world.yang, ref(case), version=case.version)
    first = clock_of(case).due_at
    until = first + timedelta(days=20)
    case = disposal.request_extension(world.yang, ref(case), version=case.version, until=until, reason="等待灯具到货")
    case = disposal.decide_extension(world.sun, ref(case), version=case.version, agree=True)
    assert [one.due_at for one in queries.orders_of(case)] == [until]
    case = disposal.start(world.yang, ref(case), version=case.version)
    case = dispatching.dispatch(world.sun, ref(case), version=case.version, organisation=urban_management)
    case = accepting.reclassify(world.sun, ref(case), version=case.version, category="EN01", reason="其实是垃圾堆放")
    running = clock_of(case)
    assert running.due_at == until
    assert [one["due_at"] for one in running.due_history] == [first.isoformat(), until.isoformat()]
    assert [one["why"] for one in running.due_history] == ["extended", "reclassified"]
    whole(case)


@pytest.mark.django_db
@given(
    minutes=st.integers(60, 5_000), other=st.integers(60, 5_000), extra=st.integers(1, 20_000),
    clock_kind=st.sampled_from([Clock.WORKING, Clock.CALENDAR]), pause=st.integers(0, 3_000),
)  # fmt: skip
def test_no_new_limit_takes_granted_time_back(
    minutes: int, other: int, extra: int, clock_kind: Clock, pause: int
) -> None:
    running = deadlines.start(
        subject_type="case", subject_id=ids.new_id(), kind="resolution", district=WUHOU, area_path=HOME,
        clock=Clock.WORKING, minutes=minutes,
    )  # fmt: skip
    granted = running.due_at + timedelta(minutes=extra)
    deadlines.extend(running, granted)
    if pause:
        moment = running.started_at + timedelta(minutes=1)
        deadlines.pause(running, at=moment)
        deadlines.resume(running, at=moment + timedelta(minutes=pause))
    before = running.due_at
    deadlines.recount(running, clock=clock_kind, minutes=other, why="reclassified")
    assert running.due_at >= before
    assert running.due_history[-1]["due_at"] == before.isoformat()
    assert running.state == DeadlineState.RUNNING


# Restricted cases find those whose step they wait for.


def sees(actor: Actor, case: Case) -> bool:
    """Whether the case is there for the actor, in the list as on its own page."""
    listed = case.id in [one.id for one in queries.inbox(actor, queries.View.OPEN).cases]
    try:
        found = queries.get(actor, case.number).id == case.id
    except NotFound:
        found = False
    assert found == listed
    return found


STAFF = (
    "he_ming", "lao_wu", "xiao_xu", "xiao_li", "liu", "sun", "yang", "lao_zheng", "xiao_tian", "ma", "sibling_worker",
    "other_liu", "far_sun", "far_worker",
)  # fmt: skip


def seen_by(world: World, case: Case) -> set[str]:
    """Who of the staff sees a case."""
    return {name for name in STAFF if sees(world.actors[name], case)}


def test_a_restricted_case_without_a_place_is_placed_by_the_districts_dispatcher(world: World) -> None:
    case = report(world.zhou, lng=None, lat=None, district=WUHOU, category="CA05", description="独居老人需要上门")
    assert (case.holder_id, seen_by(world, case)) == (None, {"sun"})
    assert case.id in [one.id for one in queries.inbox(world.sun, queries.View.UNPLACED).cases]
    assert "relocate" in [verb.name for verb in verbs.next_actions(world.sun, case)]
    assert talking.read_statements(world.sun, ref(case), purpose="核实地址")[0].text == "独居老人需要上门"
    case = accepting.relocate(world.sun, ref(case), version=1, area_path=HOME, reason="电话核实了地址")
    assert case.holder_id == world.organisation("committee")
    assert seen_by(world, case) == {"xiao_xu", "xiao_li"}


def test_a_restricted_case_of_a_committee_is_closed_a_level_above(world: World) -> None:
    case = accepting.register(
        world.xiao_xu, ref(report(world.zhou, category="CA05")), version=1, route=accepting.Route.NONE
    )
    case = dispatching.dispatch(
        world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("committee")
    )
    case = disposal.start(
        world.xiao_xu,
        ref(dispatching.sign_in(world.xiao_xu, ref(case), version=case.version)),
        version=case.version + 1,
    )
    until = clock_of(case).due_at + timedelta(days=2)
    case = disposal.request_extension(world.xiao_xu, ref(case), version=case.version, until=until, reason="老人住院")
    assert seen_by(world, case) == {"xiao_xu", "xiao_li", "liu"}
    case = disposal.decide_extension(world.liu, ref(case), version=case.version, agree=True)
    assert seen_by(world, case) == {"xiao_xu", "xiao_li"}
    photo(world.xiao_xu, case)
    case = disposal.dispose(world.xiao_xu, ref(case), version=fresh(case).version, outcome="已上门并登记")
    assert seen_by(world, case) == {"xiao_xu", "xiao_li"}
    case = closing.verify(world.xiao_li, ref(case), version=case.version, passed=True)
    assert seen_by(world, case) == {"xiao_xu", "xiao_li", "liu"}
    assert "close" in [verb.name for verb in verbs.next_actions(world.liu, case)]
    case = closing.close(world.liu, ref(case), version=case.version)
    assert case.state == State.CLOSED
    whole(case)


def test_a_restricted_case_of_the_subdistrict_is_checked_on_the_spot_and_closed_by_the_district(world: World) -> None:
    case = accepting.register(
        world.xiao_xu, ref(report(world.zhou, category="CA05")), version=1, route=accepting.Route.NONE
    )
    case = calling.call(world.xiao_xu, ref(case), version=case.version, task="需要街道协调")
    photo(world.liu, case)
    case = disposal.dispose(world.liu, ref(case), version=fresh(case).version, outcome="街道已经安排")
    assert seen_by(world, case) == {"liu", "xiao_xu", "xiao_li"}
    case = closing.verify(world.xiao_xu, ref(case), version=case.version, passed=True)
    assert "sun" in seen_by(world, case)
    assert closing.close(world.sun, ref(case), version=case.version).state == State.CLOSED


def test_the_suspension_of_a_restricted_case_is_decided_by_two_levels_that_see_it_meanwhile(world: World) -> None:
    case = accepting.register(
        world.xiao_xu, ref(report(world.zhou, category="CA05")), version=1, route=accepting.Route.NONE
    )
    case = dispatching.dispatch(
        world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("committee")
    )
    case = disposal.start(
        world.xiao_xu,
        ref(dispatching.sign_in(world.xiao_xu, ref(case), version=case.version)),
        version=case.version + 1,
    )
    until = time.now() + timedelta(days=10)
    case = disposal.request_suspension(
        world.xiao_xu, ref(case), version=case.version, plan="等老人出院后再一起商量安排", review_on=until
    )
    assert seen_by(world, case) == {"xiao_xu", "xiao_li", "liu"}
    assert case.id in {one.id for one in queries.inbox(world.liu, queries.View.TO_DECIDE).cases}
    case = disposal.approve_suspension(world.liu, ref(case), version=case.version, agree=True)
    assert seen_by(world, case) == {"xiao_xu", "xiao_li", "ma"}
    assert case.id in {one.id for one in queries.inbox(world.ma, queries.View.TO_DECIDE).cases}
    case = disposal.approve_suspension(world.ma, ref(case), version=case.version, agree=True)
    assert (case.state, "ma" in seen_by(world, case)) == (State.SUSPENDED, True)
    case = disposal.review_suspension(world.ma, ref(case), version=case.version, words="老人已经回家")
    assert seen_by(world, case) == {"xiao_xu", "xiao_li"}
    whole(case)


# The same matter again, as a case of its own.


def test_a_case_that_comes_back_soon_after_closing_says_of_which_one_when_it_is_taken_up(
    world: World, clock: Any
) -> None:
    def taken_up(case: Case) -> str:
        accepting.register(world.xiao_xu, ref(case), version=1)
        return next(str(one.data.get("repeats", "")) for one in queries.log_of(case) if one.kind == "register")

    first = closed(world, disposed(world))
    clock.forward(days=2)
    assert taken_up(report(world.zhou, category="UT02")) == "", "another category"
    lost = report(world.zhou, category="EN01", lng=None, lat=None, address="某处", district=WUHOU)
    assert queries.closed_before(lost) == "", "nobody knows where it is"
    again = report(world.zhou, category="EN01")
    assert taken_up(again) == first.number
    whole(again)
    told = Event.objects.get(subject_id=again.id, kind="case.register")
    assert told.data["repeats"] == first.number
    assert f"thirty days before: {first.number}" in page(signed_in(world, "xiao_xu").get(f"/desk/case/{again.number}"))
    clock.forward(days=29)
    assert taken_up(report(world.zhou, category="EN01")) == "", "more than thirty days after the closing"
