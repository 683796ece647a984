"""A report travels: community first, called up when it must be, verified by somebody else, closed, rated, taken up again."""

from datetime import timedelta

import pytest

from linli.cases import queries, verbs
from linli.cases.actions import accepting, calling, closing, dispatching, disposal, intake, supervision, talking
from linli.cases.models import EvidenceKind, LogEntry, WorkOrder
from linli.cases.states import State
from linli.kernel import deadlines, events
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import Deadline, Event
from tests.world import HOME, WUHOU, World, fresh, ref, report


def photo(actor, case, *, name: str = "after"):
    """A photo of the result."""
    return talking.add_evidence(
        actor,
        ref(case),
        kind=EvidenceKind.AFTER,
        original_key=f"{name}.jpg",
        sha256=name.encode().ljust(32, b"0"),
        size=9,
    )


def disposed(world: World, *, category: str = "EN01"):
    """A case that 何明 has handled, to be verified."""
    case = report(world.zhou, category=category)
    case = accepting.register(world.xiao_xu, ref(case), version=1)
    assert case.handler_post_id == world.he_ming.post_id
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    photo(world.he_ming, case)
    return disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清运干净")


def test_a_report_is_handled_in_the_micro_grid(world: World, clock) -> None:
    case = report(world.zhou, category="EN01")
    assert (case.area_path, case.state, case.located) == (HOME, State.SUBMITTED, "inside")
    assert case.holder_id == world.organisation("committee")
    assert case.due_kind == "response"
    assert case.due_at > clock.moment
    clock.forward(minutes=20)
    case = accepting.register(world.xiao_xu, ref(case), version=case.version)
    assert case.state == State.DISPATCHED
    assert case.handler_post_id == world.he_ming.post_id
    clock.forward(minutes=20)
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    assert case.responded_at == clock.moment
    with pytest.raises(Invalid) as missing:
        disposal.dispose(world.he_ming, ref(case), version=case.version, outcome="已经清运干净")
    assert missing.value.field == "evidence"
    photo(world.he_ming, case)
    case = disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清运干净")
    with pytest.raises(Conflict, match=r"case\.own_work"):
        closing.verify(world.he_ming, ref(case), version=case.version, passed=True)
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=True)
    case = closing.feedback(world.xiao_tian, ref(case), version=case.version, outcome=closing.Outcome.CONTENT)
    case = closing.close(world.sun, ref(case), version=case.version)
    assert (case.state, case.is_open, case.due_at) == (State.CLOSED, False, None)
    case = closing.rate(world.zhou, ref(case), score=5)
    assert case.rating == 5
    kinds = list(LogEntry.objects.filter(case_id=case.id).order_by("sequence").values_list("kind", flat=True))
    assert kinds == [
        "report", "register", "dispatch", "sign_in", "add_evidence", "dispose", "verify", "feedback", "close", "rate",
    ]  # fmt: skip
    assert list(Event.objects.filter(subject_id=case.id).order_by("sequence").values_list("kind", flat=True)) == [
        f"case.{kind}" for kind in kinds
    ]


def test_what_the_community_cannot_solve_is_called_up(world: World, clock) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    case = calling.call(world.xiao_xu, ref(case), version=case.version, task="灯杆归属不明,请街道协调")
    assert case.holder_id == world.organisation("office")
    assert case.level == "subdistrict"
    case = calling.join_call(world.liu, ref(case), version=case.version)
    case = calling.finish_call(world.liu, ref(case), version=case.version, result="已查明归属")
    both = [world.organisation("urban_management"), world.organisation("housing")]
    case = calling.call(world.liu, ref(case), version=case.version, task="请现场修复", organisations=both)
    with pytest.raises(Conflict, match=r"case\.call_open"):
        disposal.dispose(world.liu, ref(case), version=case.version, outcome="部门已修复")
    for clerk in (world.yang, world.housing_clerk):
        assert next(v.name for v in verbs.next_actions(clerk, case)) == "join_call"
        case = calling.join_call(clerk, ref(case), version=case.version)
        assert case.state == State.JOINED
    case = calling.finish_call(world.yang, ref(case), version=case.version, result="已换灯")
    case = calling.finish_call(world.housing_clerk, ref(case), version=case.version, result="已接线")
    assert case.state == State.IN_DISPOSAL
    photo(world.liu, case)
    case = disposal.dispose(world.liu, ref(case), version=fresh(case).version, outcome="部门已修复,夜间已亮")
    case = closing.verify(world.he_ming, ref(case), version=case.version, passed=True)
    assert case.state == State.VERIFIED
    assert WorkOrder.objects.filter(case_id=case.id, kind="call", state="finished").count() == 3


def test_a_wrong_dispatch_comes_back_and_the_clock_runs_on(world: World, clock) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    due = Deadline.objects.get(subject_id=case.id, kind="resolution").due_at
    case = dispatching.dispatch(world.sun, ref(case), version=case.version, organisation=world.organisation("housing"))
    clock.forward(hours=1)
    case = dispatching.request_return(world.housing_clerk, ref(case), version=case.version, reason="路灯归城管局照明处")
    assert case.state == State.RETURNED
    case = dispatching.decide_return(
        world.sun, ref(case), version=case.version, agree=True, organisation=world.organisation("urban_management")
    )
    assert case.holder_id == world.organisation("urban_management")
    assert case.level == "district"
    assert Deadline.objects.get(subject_id=case.id, kind="resolution", state="running").due_at == due
    case = dispatching.request_return(world.yang, ref(case), version=case.version, reason="灯杆属于小区物业")
    case = dispatching.decide_return(world.liu, ref(case), version=case.version, agree=False, words="灯杆在市政道路上")
    assert case.holder_id == world.organisation("urban_management")
    with pytest.raises(Conflict, match=r"case\.returned_too_often"):
        dispatching.request_return(world.yang, ref(case), version=case.version, reason="还是不归我们")


def test_a_rejection_takes_two_people(world: World) -> None:
    case = report(world.zhou)
    case = accepting.propose_rejection(
        world.xiao_xu, ref(case), version=1, reason="不在本辖区公共区域", other_way="可向物业公司报修"
    )
    with pytest.raises(Conflict, match=r"case\.second_person"):
        accepting.confirm_rejection(world.xiao_xu, ref(case), version=case.version, agree=True)
    case = accepting.confirm_rejection(world.xiao_li, ref(case), version=case.version, agree=True)
    assert (case.state, case.is_open, case.outcome) == (State.REJECTED, False, "不在本辖区公共区域")
    assert not Deadline.objects.filter(subject_id=case.id, state="running").exists()


@pytest.mark.django_db(transaction=True)
def test_more_time_and_a_suspension_need_others(world: World, clock) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    case = dispatching.dispatch(
        world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("urban_management")
    )
    case = dispatching.sign_in(world.yang, ref(case), version=case.version)
    running = Deadline.objects.get(subject_id=case.id, kind="resolution")
    until = running.due_at + timedelta(days=3)
    case = disposal.request_extension(world.yang, ref(case), version=case.version, until=until, reason="等待灯具到货")
    assert case.state == State.EXTENSION_REQUESTED
    case = disposal.decide_extension(world.liu, ref(case), version=case.version, agree=True)
    moved = Deadline.objects.get(id=running.id)
    assert (case.state, moved.due_at) == (State.EXTENDED, until)
    assert moved.due_history[0]["due_at"] == running.due_at.isoformat()
    review = clock.moment + timedelta(days=30)
    case = disposal.request_suspension(
        world.yang, ref(case), version=case.version, plan="纳入明年路灯改造项目,先装临时照明", review_on=review
    )
    case = disposal.approve_suspension(world.liu, ref(case), version=case.version, agree=True)
    assert case.state == State.EXTENDED
    with pytest.raises(Conflict, match=r"case\.second_person"):
        disposal.approve_suspension(world.liu, ref(case), version=case.version, agree=True)
    with pytest.raises(Forbidden, match=r"case\.second_level"):
        disposal.approve_suspension(world.sun, ref(case), version=case.version, agree=True)
    case = disposal.approve_suspension(world.ma, ref(case), version=case.version, agree=True)
    assert case.state == State.SUSPENDED
    assert Deadline.objects.get(id=running.id).state == "paused"
    clock.forward(days=31)
    assert deadlines.sweep_all() == 1
    events.drain()
    assert fresh(case).is_late
    case = disposal.review_suspension(world.ma, ref(case), version=fresh(case).version, words="项目已开工,恢复办理")
    assert case.state == State.IN_DISPOSAL
    assert Deadline.objects.get(id=running.id).due_at > clock.moment


@pytest.mark.django_db(transaction=True)
def test_waiting_for_the_resident_is_capped(world: World, clock) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1)
    case = dispatching.sign_in(world.xiao_xu, ref(case), version=case.version)
    case = disposal.wait_resident(world.xiao_xu, ref(case), version=case.version, reason="电话三次无人接听")
    assert case.state == State.WAITING_RESIDENT
    assert case.paused_at == clock.moment
    clock.forward(days=8)
    deadlines.sweep_all()
    events.drain()
    case = fresh(case)
    assert case.state == State.IN_DISPOSAL
    assert case.paused_at is None
    assert not fresh(case).is_late


def test_failed_verification_sends_it_back_with_what_was_left(world: World, clock) -> None:
    case = disposed(world)
    left = Deadline.objects.get(subject_id=case.id, kind="resolution")
    assert left.state == "paused"
    clock.forward(hours=24)
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=False, words="角落里还有垃圾")
    again = Deadline.objects.get(id=left.id)
    assert (case.state, again.state) == (State.VERIFY_FAILED, "running")
    assert again.due_at > left.due_at
    photo(world.he_ming, case, name="all of it")
    case = disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="全部清完了")
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=True)
    assert case.failures == 1


def test_reopening_starts_a_new_clock_under_the_same_number(world: World, clock) -> None:
    case = closing.verify(world.lao_zheng, ref(disposed(world)), version=fresh(disposed(world)).version, passed=True)
    case = closing.close(world.sun, ref(case), version=case.version)
    clock.forward(days=3)
    case = closing.reopen(world.zhou, ref(case), version=case.version, reason="第二天又堆起来了")
    assert (case.state, case.round, case.is_open) == (State.REOPENED, 2, True)
    assert Deadline.objects.filter(subject_id=case.id, kind="resolution", state="running").count() == 1
    entry = LogEntry.objects.get(case_id=case.id, kind="reopen")
    assert entry.data["answers"] == entry.sequence - 1


def test_neighbours_join_and_cases_merge(world: World) -> None:
    first = report(world.zhou)
    near = queries.near(district=WUHOU, category="UT02", lng=104.0606, lat=30.6305, words="路灯不亮")
    assert [one.number for one in near] == [first.number]
    first = intake.join(world.wang, ref(first), text="我们单元也看不见").case
    assert first.participants_count == 2
    assert intake.join(world.wang, ref(first)).case.participants_count == 2
    assert queries.get(world.wang, first.number).id == first.id
    second = report(world.actors["xiao_tian"], category="UT02")
    merged = accepting.merge(world.xiao_xu, ref(second), version=1, master=first.id)
    assert (merged.state, merged.master_id) == (State.MERGED, first.id)
    assert fresh(first).log_length == 3
    with pytest.raises(Conflict, match=r"case\.state"):
        accepting.merge(world.xiao_xu, ref(second), version=merged.version, master=first.id)


def test_a_case_with_two_matters_is_split(world: World) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    children = accepting.split(
        world.xiao_xu, ref(case), version=case.version, categories=["EN01", "UT03"], reason="一个诉求里有三件事"
    )
    assert [child.category for child in children] == ["EN01", "UT03"]
    assert all(child.parent_id == case.id and child.state == State.DISPATCHED for child in children)


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_runs_out_is_said_once_and_supervised_when_urgent(world: World, clock) -> None:
    case = report(world.zhou, category="PS07")
    clock.forward(hours=3)
    assert deadlines.sweep_all() == 1
    assert deadlines.sweep_all() == 0
    events.drain()
    events.drain()
    case = fresh(case)
    assert case.is_late
    assert case.supervised_at is not None
    assert LogEntry.objects.filter(case_id=case.id, kind="late").count() == 1


def test_somebody_who_saw_an_older_version_is_told(world: World) -> None:
    case = report(world.zhou)
    accepting.begin_verification(world.xiao_xu, ref(case), version=1)
    with pytest.raises(Stale) as stale:
        accepting.register(world.xiao_li, ref(case), version=1)
    assert stale.value.extra == {"state": "verifying", "version": 2}


def test_a_foreign_case_does_not_exist(world: World) -> None:
    case = report(world.zhou)
    for stranger in (
        world.wang,
        world.sibling_worker,
        world.other_liu,
        world.far_worker,
        world.far_clerk,
        world.sibling_member,
    ):
        with pytest.raises(NotFound):
            queries.get(stranger, case.number)
        with pytest.raises(NotFound):
            accepting.register(stranger, ref(case), version=1)
        assert case not in queries.inbox(stranger, queries.View.OPEN).cases


def test_a_restricted_case_is_seen_by_its_own_people_only(world: World) -> None:
    case = report(world.zhou, category="CA05", description="大爷走丢了,穿蓝衣服")
    assert case.sensitivity == "restricted"
    assert case.description == ""
    for insider in (world.zhou, world.xiao_xu):
        assert queries.get(insider, case.number)
    for outsider in (world.he_ming, world.liu, world.sun, world.lao_zheng):
        with pytest.raises(NotFound):
            queries.get(outsider, case.number)
        assert case not in queries.inbox(outsider, queries.View.OPEN).cases


def test_supervision_and_reminders(world: World) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1)
    case = supervision.supervise(world.ma, ref(case), version=case.version, reason="居民多次反映")
    assert case.supervised_at is not None
    case = supervision.remind(world.sun, ref(case), text="请今天回复")
    case = supervision.lift_supervision(world.ma, ref(case), version=case.version, reason="已有明确安排")
    assert case.supervised_at is None


def test_a_reporter_without_an_account_follows_by_number_and_code(world: World) -> None:
    from linli.kernel.trust import ANONYMOUS

    answer = intake.report(
        ANONYMOUS,
        "k1",
        b"{}",
        what=intake.Report(category="UT02", address="", district=WUHOU, reporter=intake.Reporter(phone="13900000000")),
    )
    assert answer.body["area_path"] == f"{WUHOU}/000"
    assert len(answer.body["code"]) == 8
    found = intake.participant_by_code(answer.body["number"], answer.body["code"])
    actor = intake.actor_of(found)
    assert queries.get(actor, answer.body["number"]).number == answer.body["number"]
    with pytest.raises(NotFound):
        intake.participant_by_code(answer.body["number"], "00000000")
    again = intake.report(
        ANONYMOUS,
        "k1",
        b"{}",
        what=intake.Report(category="UT02", address="", district=WUHOU, reporter=intake.Reporter(phone="13900000000")),
    )
    assert again.replayed
    assert again.body == answer.body
    with pytest.raises(Conflict, match=r"command\.other_body"):
        intake.report(ANONYMOUS, "k1", b"{2}", what=intake.Report(category="UT02", district=WUHOU))
