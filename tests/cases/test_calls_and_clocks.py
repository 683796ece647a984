"""Calls, levels and the clocks of a case: each department its own, one level at a time, nothing left running that nobody owes."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from linli.cases import projection, queries, router, verbs
from linli.cases.actions import accepting, calling, closing, dispatching, disposal
from linli.cases.loop import Ref
from linli.cases.models import Case, LogEntry, WorkOrder
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.kernel import deadlines, events, workdays
from linli.kernel.calendar import CalendarDay
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.models import Clock, Deadline
from linli.kernel.trust import SYSTEM
from linli.people.models import Organisation, OrganisationType
from linli.people.snapshot import changed
from tests.cases.test_the_way_of_a_case import disposed, photo
from tests.world import HOME, JINJIANG, WUHOU, World, fresh, ref, report


def taken_up(world: World, *, category: str = "UT02") -> Case:
    """A case that is registered and in nobody's hands yet."""
    return accepting.register(
        world.xiao_xu, ref(report(world.zhou, category=category)), version=1, route=accepting.Route.NONE
    )


def clocks(case: Case) -> dict[str, Deadline]:
    """The clocks that are owed; those of calls by the name of the clock and the organisation."""
    orders = {order.id.hex[-12:]: order.organisation_id for order in WorkOrder.objects.filter(case_id=case.id)}
    found = {}
    for one in Deadline.objects.filter(subject_id=case.id, state__in=["running", "paused"]):
        kind, _, tail = one.kind.partition(":")
        found[f"{kind}:{orders[tail]}" if tail else kind] = one
    return found


def whole(case: Case) -> None:
    """The log tells how the case stands."""
    case = fresh(case)
    assert projection.differences(case, queries.log_of(case)) == []


def property_company(world: World) -> UUID:
    """A property company that looks after the community."""
    OrganisationType.objects.get_or_create(
        code="property_company", defaults={"family": "company", "name_zh": "物业", "name_en": "Property company"}
    )
    found = Organisation.objects.create(
        district=WUHOU, type_id="property_company", code="property", name="安居物业", function="property",
        area=world.areas[f"{WUHOU}/012/003"], area_path=f"{WUHOU}/012/003", starts_on=date(2020, 1, 1),
    )  # fmt: skip
    changed("organisations")
    return found.id


# Calls.


def test_each_called_department_has_its_own_clocks(world: World, clock) -> None:
    case = calling.call(world.liu, ref(case := taken_up(world)), version=case.version, task="请处理", organisations=[
        world.organisation("urban_management"), world.organisation("housing"),
    ])  # fmt: skip
    yang, housing = world.organisation("urban_management"), world.organisation("housing")
    assert case.holder_id == world.organisation("office")  # the subdistrict leads (协同整治)
    assert case.level == "district"
    assert set(clocks(case)) == {
        "resolution", *(f"call_{what}:{who}" for what in ("response", "finish") for who in (yang, housing))
    }  # fmt: skip
    assert [order.is_lead for order in queries.orders_of(case)] == [True, False]
    clock.forward(minutes=5)
    case = calling.join_call(world.yang, ref(case), version=case.version)
    assert f"call_response:{yang}" not in clocks(case)
    assert f"call_response:{housing}" in clocks(case)
    clock.forward(days=3)
    case = calling.join_call(world.housing_clerk, ref(case), version=case.version)
    late = LogEntry.objects.get(case_id=case.id, sequence=case.log_length).data["late"]
    assert [kind.partition(":")[0] for kind in late] == ["call_response"]
    case = calling.finish_call(world.yang, ref(case), version=case.version, result="已修好")
    assert not [kind for kind in clocks(case) if kind.endswith(str(yang))]
    case = calling.withdraw_call(
        world.liu, ref(case), version=case.version, organisation=housing, reason="已由城管办结"
    )
    assert set(clocks(case)) == {"resolution"}
    assert case.state == State.IN_DISPOSAL
    whole(case)


def test_by_default_it_goes_up_one_level_at_a_time(world: World) -> None:
    case = taken_up(world, category="UT02")
    assert calling.default_targets(case) == [world.organisation("office")]
    case = calling.call(world.xiao_xu, ref(case), version=case.version, task="社区无法解决")
    assert (case.level, case.holder_id) == ("subdistrict", world.organisation("office"))
    wanted = router.departments(catalog.entry(case.category_version_id), case.area_path)
    assert wanted
    case = calling.call(world.liu, ref(case), version=case.version, task="街道无法解决")
    assert (case.level, case.holder_id) == ("district", world.organisation("office"))
    assert {o.organisation_id for o in queries.orders_of(case)} == {world.organisation("office"), *wanted}


def test_what_goes_up_leaves_the_hands_it_was_in(world: World) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou, category="EN01")), version=1)
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    case = calling.call(world.xiao_xu, ref(case), version=case.version, task="垃圾量太大")
    assert case.handler_post_id is None
    assert case.id in [one.id for one in queries.inbox(world.liu, queries.View.MINE).cases]
    assert case.id not in [one.id for one in queries.inbox(world.he_ming, queries.View.MINE).cases]
    assert "dispose" not in [verb.name for verb in verbs.next_actions(world.he_ming, case)]


def test_a_call_within_the_community_stays_with_the_community(world: World) -> None:
    company = property_company(world)
    case = taken_up(world)
    case = calling.call(world.xiao_xu, ref(case), version=case.version, task="请物业换灯", organisations=[company])
    assert (case.level, case.holder_id) == ("community", world.organisation("committee"))
    assert {o.organisation_id for o in queries.orders_of(case)} == {company}


def test_a_call_can_be_answered_while_the_work_goes_on(world: World, clock) -> None:
    case = taken_up(world)
    targets = [world.organisation("urban_management"), world.organisation("housing")]
    case = calling.call(world.liu, ref(case), version=case.version, task="请处理", organisations=targets)
    case = calling.join_call(world.yang, ref(case), version=case.version)
    case = disposal.start(world.liu, ref(case), version=case.version)
    assert case.state == State.IN_DISPOSAL
    case = calling.finish_call(world.yang, ref(case), version=case.version, result="已修好")
    case = calling.join_call(world.housing_clerk, ref(case), version=case.version)
    assert case.state == State.IN_DISPOSAL
    with pytest.raises(Conflict, match=r"case\.call_open"):
        disposal.dispose(world.liu, ref(case), version=case.version, outcome="已经办好")
    case = disposal.wait_resident(world.liu, ref(case), version=case.version, reason="电话无人接听三次")
    case = calling.finish_call(world.housing_clerk, ref(case), version=case.version, result="已接线")
    assert case.state == State.WAITING_RESIDENT
    case = disposal.resume(world.liu, ref(case), version=case.version)
    photo(world.liu, case)
    case = disposal.dispose(world.liu, ref(case), version=fresh(case).version, outcome="已经办好")
    assert set(clocks(case)) == {"resolution", "verification"}
    whole(case)


def test_whoever_was_called_up_and_disposes_owes_no_call_any_more(world: World) -> None:
    case = calling.call(world.xiao_xu, ref(case := taken_up(world)), version=case.version, task="社区无法解决")
    photo(world.liu, case)
    case = disposal.dispose(world.liu, ref(case), version=fresh(case).version, outcome="街道已经办好")
    assert set(clocks(case)) == {"resolution", "verification"}
    assert not WorkOrder.objects.filter(case_id=case.id, state__in=["sent", "answered"]).exists()


def test_a_dispatch_to_whoever_was_called_ends_the_call(world: World) -> None:
    case = taken_up(world)
    yang = world.organisation("urban_management")
    case = calling.call(world.liu, ref(case), version=case.version, task="请处理", organisations=[yang])
    case = calling.join_call(world.yang, ref(case), version=case.version)
    case = disposal.start(world.liu, ref(case), version=case.version)
    case = dispatching.dispatch(world.sun, ref(case), version=case.version, organisation=yang)
    assert set(clocks(case)) == {"resolution", "sign_in"}
    assert [o.state for o in queries.orders_of(case)] == ["withdrawn", "sent"]


def test_where_nobody_answers_for_it_the_subdistrict_does(world: World) -> None:
    Organisation.objects.filter(id=world.organisation("committee")).update(ends_on=date(2026, 1, 1))
    changed("organisations")
    case = report(world.zhou, category="EN01")
    assert case.holder_id == world.organisation("office")
    case = accepting.register(world.liu, ref(case), version=1)
    assert (case.holder_id, case.level) == (world.organisation("office"), "subdistrict")


def test_a_return_that_is_agreed_without_a_name_is_the_subdistricts(world: World) -> None:
    case = dispatching.dispatch(
        world.sun, ref(case := taken_up(world)), version=case.version, organisation=world.organisation("housing")
    )
    case = dispatching.request_return(world.housing_clerk, ref(case), version=case.version, reason="不属于住建职责")
    case = dispatching.decide_return(world.sun, ref(case), version=case.version, agree=True)
    assert (case.holder_id, case.level) == (world.organisation("office"), "subdistrict")


def test_nobody_decides_on_a_return_by_passing_it_on(world: World) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou, category="EN01")), version=1)
    case = dispatching.request_return(world.he_ming, ref(case), version=case.version, reason="不在我的微网格")
    assert not {"dispatch", "call"} & {verb.name for verb in verbs.next_actions(world.xiao_xu, case)}
    with pytest.raises(Exception, match="not_allowed"):
        dispatching.dispatch(world.xiao_xu, ref(case), version=case.version)
    assert fresh(case).state == State.RETURNED


# The router.


def test_the_router(world: World) -> None:
    rubbish, alarm = catalog.current(district=WUHOU).get("EN01"), catalog.current(district=WUHOU).get("PS07")
    first = router.first_handler(rubbish, HOME)
    assert (first.level, first.post_id) == ("micro_grid", world.he_ming.post_id)
    assert router.first_handler(rubbish, f"{WUHOU}/000") is None
    assert router.acceptance(rubbish, f"{WUHOU}/000") is None
    assert router.acceptance(rubbish, HOME) == world.organisation("committee")
    assert alarm.severity == 1
    assert [router.next_level(level) for level in ("micro_grid", "community", "subdistrict", "district", "city")] == [
        "community", "subdistrict", "district", "district", "district",
    ]  # fmt: skip


def test_what_is_the_property_companys_goes_there_first_where_there_is_one(world: World) -> None:
    current = catalog.current(district=WUHOU)
    kind = next(one for one in current.all() if one.first_handler == "property")
    assert router.first_handler(kind, HOME).organisation_id == world.organisation("committee")
    company = property_company(world)
    assert router.first_handler(kind, HOME).organisation_id == company


def test_an_unplaced_report_waits_for_the_dispatcher(world: World) -> None:
    case = report(world.zhou, lng=None, lat=None, district=WUHOU, category="EN01")
    assert (case.area_path, case.holder_id) == (f"{WUHOU}/000", None)
    assert case.id in [one.id for one in queries.inbox(world.sun, queries.View.UNPLACED).cases]
    with pytest.raises(NotFound):
        queries.get(world.xiao_xu, case.number)
    case = accepting.relocate(world.sun, ref(case), version=1, area_path=HOME, reason="电话核实了地址")
    assert case.holder_id == world.organisation("committee")
    assert queries.get(world.xiao_xu, case.number)
    case = accepting.register(world.xiao_xu, ref(case), version=case.version)
    assert case.handler_post_id == world.he_ming.post_id


# Clocks.


def test_danger_runs_by_the_calendar_clock(world: World, clock) -> None:
    clock.set(datetime(2026, 11, 20, 15, tzinfo=UTC))  # Friday, 23:00
    case = report(world.zhou, category="PS07")
    entry = catalog.entry(case.category_version_id)
    assert (case.severity, entry.clock) == (1, Clock.CALENDAR)
    assert case.due_at == clock.moment + timedelta(minutes=entry.respond_minutes)
    case = accepting.register(world.xiao_xu, ref(case), version=1, route=accepting.Route.NONE)
    assert clocks(case)["resolution"].due_at == clock.moment + timedelta(minutes=entry.resolve_minutes)
    quiet = report(world.zhou, category="EN01")
    assert quiet.due_at > datetime(2026, 11, 23, tzinfo=UTC)  # Monday


def test_another_category_counts_the_clocks_anew_and_keeps_the_old_dates(world: World, clock) -> None:
    case = taken_up(world, category="EN01")
    before = clocks(case)
    clock.forward(minutes=30)
    case = accepting.reclassify(world.xiao_xu, ref(case), version=case.version, category="PS07", reason="有坠落危险")
    after, entry = clocks(case), catalog.entry(case.category_version_id)
    assert case.severity == 1
    for kind, minutes in (("response", entry.respond_minutes), ("resolution", entry.resolve_minutes)):
        assert after[kind].due_at == before[kind].started_at + timedelta(minutes=minutes)
        assert (after[kind].clock, after[kind].minutes) == (Clock.CALENDAR, minutes)
        assert after[kind].due_history[0]["due_at"] == before[kind].due_at.isoformat()
    assert case.due_at == min(one.due_at for one in after.values())
    whole(case)


def test_a_suspension_lets_the_calls_stand_too(world: World, clock) -> None:
    case = taken_up(world)
    yang = world.organisation("urban_management")
    case = calling.call(world.liu, ref(case), version=case.version, task="请处理", organisations=[yang])
    case = calling.join_call(world.yang, ref(case), version=case.version)
    review = clock.moment + timedelta(days=60)
    case = disposal.request_suspension(
        world.liu, ref(case), version=case.version, plan="并入明年的路灯改造工程", review_on=review
    )
    case = disposal.approve_suspension(world.sun, ref(case), version=case.version, agree=True)
    case = disposal.approve_suspension(world.ma, ref(case), version=case.version, agree=True)
    assert (case.state, case.due_at) == (State.SUSPENDED, review)
    left = deadlines.remaining_minutes(clocks(case)["resolution"], clock.moment)
    clock.forward(days=59)
    assert deadlines.sweep_all() == 0
    case = disposal.review_suspension(world.ma, ref(case), version=case.version, words="工程已经开工")
    assert {one.state for one in clocks(case).values()} == {"running"}
    assert deadlines.remaining_minutes(clocks(case)["resolution"], clock.moment) == left
    whole(case)


@pytest.mark.django_db(transaction=True)
def test_a_calendar_that_comes_later_shows_on_the_case(world: World, clock) -> None:
    clock.set(datetime(2026, 12, 31, 2, tzinfo=UTC))
    deadlines.forget_calendar()
    case = taken_up(world, category="UT02")
    case = dispatching.dispatch(
        world.sun, ref(case), version=case.version, organisation=world.organisation("urban_management")
    )
    case = dispatching.sign_in(world.yang, ref(case), version=case.version)
    assert clocks(case)["resolution"].provisional
    before = case.due_at
    days = [date.fromordinal(n) for n in range(date(2027, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
    workdays.load_official(
        [CalendarDay(d, d.weekday() < 5 and d > date(2027, 1, 20), "") for d in days], actor=world.system_admin
    )
    events.drain(["cases.calendar"])
    case = fresh(case)
    assert case.due_at == clocks(case)["resolution"].due_at > before
    assert LogEntry.objects.get(case_id=case.id, sequence=case.log_length).kind == "recomputed"
    whole(case)
    length = case.log_length
    events.append(
        "calendar.loaded", subject_type="calendar", subject_id=UUID(int=2027), sequence=1, district="000000", area_path="",
        actor=SYSTEM, data={"year": 2027},
    )  # fmt: skip
    events.drain(["cases.calendar"])
    assert fresh(case).log_length == length  # told again, nothing is new
    deadlines.forget_calendar()


def test_fifteen_days_to_have_it_taken_up_again(world: World, clock) -> None:
    case = disposed(world)
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=True)
    case = closing.close(world.sun, ref(case), version=case.version)
    clock.forward(days=15)
    assert "reopen" in [verb.name for verb in verbs.next_actions(world.zhou, case)]
    clock.forward(seconds=1)
    assert "reopen" not in [verb.name for verb in verbs.next_actions(world.zhou, case)]
    with pytest.raises(Conflict, match=r"case\.reopen_late"):
        closing.reopen(world.zhou, ref(case), version=case.version, reason="又出现了同样的问题")
    case = closing.reopen(world.ma, ref(case), version=case.version, reason="抽查发现没有解决")
    assert (case.round, case.closed_at, case.rating) == (2, None, None)
    assert set(clocks(case)) == {"response", "resolution"}
    whole(case)


def test_a_case_of_another_district_is_told_by_its_own_key(world: World) -> None:
    case = report(world.zhou)
    with pytest.raises(NotFound):
        accepting.register(world.xiao_xu, Ref(JINJIANG, case.id), version=1)
