"""玉林街道 sends a gas check to its micro-grids: 刘主任 composes, 何明 answers, 小徐 watches, and every count is right at each moment."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import uuid4

import docx
import pytest
from django.db.models import Count, Q, Sum
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.cases.models import Case
from linli.duties.models import ListEntry, Listing, Tier
from linli.duties.queries import STAMP
from linli.duties.tasks import Kind
from linli.kernel import events, ids, live, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import Actor
from linli.notices.models import Kind as Told
from linli.notices.models import Notice
from linli.operations import actions, counting, handlers, queries, targets
from linli.operations.actions import Draft, Finding, seasons
from linli.operations.forms import Field, FieldKind
from linli.operations.models import Operation, OperationState, Problem, Progress, Season, Task, TaskState, Template
from linli.operations.targets import Target, TargetLevel
from linli.people.models import Post
from linli.people.snapshot import changed
from linli.simulation import operating
from tests.desk.conftest import signed_in
from tests.world import HOME, JINJIANG, POINT, SINCE, WUHOU, World, build

pytestmark = pytest.mark.django_db(transaction=True)
STREET = f"{WUHOU}/012"
SECOND, EAST = f"{STREET}/003/02/018", f"{STREET}/004/01/001"
LEAK = Field("软管是否老化", FieldKind.YES_NO, "hose", problem=("yes",))
SHOPS = Field("查了几家餐馆", FieldKind.NUMBER, "shops")


@pytest.fixture
def world(clock) -> World:
    """The small city."""
    return build()


def draft(**more) -> Draft:
    values = {
        "title": "燃气安全排查", "purpose": "入冬前排查餐馆用气安全", "kind": "gas", "fields": (LEAK, SHOPS),
        "target": Target((STREET,)), "due_at": time.now() + timedelta(days=3), "minutes_each": 3,
    } | more  # fmt: skip
    return Draft(**values)


def sent(actor, **more) -> Operation:
    made = actions.compose(actor, str(uuid4()), draft(**more))
    return actions.send(actor, made.id, made.version, str(uuid4()))


def task_at(operation: Operation, path: str) -> Task:
    return Task.objects.get(operation_id=operation.id, area_path=path)


def assert_counts_are_right(operation: Operation) -> None:
    alive = ~Q(state=TaskState.WITHDRAWN)
    counted = {
        row["community"]: tuple(row[name] or 0 for name in ("t", "a", "f", "d", "p", "c", "w"))
        for row in Task.objects.filter(operation_id=operation.id).values("community").annotate(
            t=Count("id", filter=alive), a=Count("id", filter=Q(state=TaskState.ANSWERED)),
            f=Count("id", filter=Q(first_at__isnull=False)), d=Count("id", filter=Q(within_day=True)), p=Sum("problems"),
            c=Sum("cases"), w=Count("id", filter=Q(state=TaskState.WITHDRAWN)),
        )
    }  # fmt: skip
    kept = Progress.objects.filter(operation_id=operation.id)
    assert {
        one.area_path: (one.tasks, one.answered, one.first_answered, one.within_day, one.problems, one.cases, one.withdrawn)
        for one in kept
    } == counted  # fmt: skip
    assert counting.differences(operation) == []


def test_a_check_is_composed_looked_at_sent_answered_and_stopped(world: World, clock) -> None:
    key = str(uuid4())
    made = actions.compose(world.liu, key, draft(fields=(LEAK, SHOPS, Field("户数", FieldKind.NUMBER))))
    assert actions.compose(world.liu, key, draft(fields=(LEAK, SHOPS, Field("户数", FieldKind.NUMBER)))).id == made.id
    seen = queries.preview(world.liu, made)
    assert (seen.targets, seen.unheld, seen.minutes, seen.refusal, seen.filled) == (3, 1, 9, None, ["户数"])
    assert [(one.path, one.targets) for one in seen.areas] == [(f"{STREET}/003", 2), (f"{STREET}/004", 1)]
    Post.objects.filter(id=world.posts["he_ming"].id).update(ends_on=time.today())
    assert queries.preview(world.liu, made).unheld == 1  # the grid member around it has it in the hand
    Post.objects.filter(id=world.posts["lao_wu"].id).update(ends_on=time.today())
    assert queries.preview(world.liu, made).unheld == 2
    Post.objects.filter(id__in=[world.posts[one].id for one in ("he_ming", "lao_wu")]).update(ends_on=None)
    assert queries.operations(world.xiao_xu) == []  # a draft is nobody's below
    with pytest.raises(Stale):
        actions.send(world.liu, made.id, 7, str(uuid4()))
    key = str(uuid4())
    operation = actions.send(world.liu, made.id, made.version, key)
    assert actions.send(world.liu, made.id, made.version, key).version == operation.version
    assert (operation.state, operation.tasks_count, operation.districts) == (OperationState.SENT, 3, [WUHOU])
    assert_counts_are_right(operation)

    mine = queries.mine(world.he_ming)
    assert [(one.number, one.task.area_path) for one in mine] == [(operation.number, HOME)]
    task = mine[0].task
    with pytest.raises(Invalid) as error:
        actions.answer(world.he_ming, task.id, str(uuid4()), {"hose": "yes"}, operation.version)
    assert error.value.field == "shops"
    with pytest.raises(NotFound):
        actions.answer(world.sibling_member, task.id, str(uuid4()), {"hose": "yes", "shops": 2}, operation.version)
    key = str(uuid4())
    said = {"hose": "yes", "shops": 2}
    done = actions.answer(world.he_ming, task.id, key, said, operation.version)
    assert actions.answer(world.he_ming, task.id, key, said, operation.version).version == done.version
    assert done.answer == {"hose": "yes", "shops": 2, "q1": 60}
    assert done.within_day
    assert done.problems == 1
    with pytest.raises(Conflict):
        actions.answer(world.xiao_xu, task.id, str(uuid4()), said, operation.version)
    assert queries.mine(world.he_ming) == []

    key = str(uuid4())
    finding = Finding("UT02", "餐馆软管老化", *POINT)
    first = actions.found(world.he_ming, task.id, key, finding)
    assert actions.found(world.he_ming, task.id, key, finding).body["id"] == first.body["id"]
    assert Problem.objects.get().case_id == Case.objects.get().id
    (home, east) = queries.progress(world.liu, operation)
    assert (home.tasks, home.answered, home.within_day, home.counted, home.too_early, home.problems, home.cases) == (
        2, 1, 1, 1, 1, 1, 1,
    )  # fmt: skip
    assert (east.tasks, east.day_rate) == (1, None)
    with pytest.raises(NotFound):
        queries.progress(world.xiao_xu, operation, STREET)
    with pytest.raises(NotFound):
        queries.operation(world.other_liu, operation.number)
    assert queries.whole(world.xiao_xu, operation).tasks == 2

    undone = actions.take_back(world.he_ming, task.id)
    assert (undone.state, undone.answer, undone.cases) == (TaskState.OPEN, {}, 1)
    assert_counts_are_right(operation)
    actions.answer(world.xiao_xu, task.id, str(uuid4()), {"hose": "no", "shops": 4}, operation.version)
    clock.forward(minutes=11)
    with pytest.raises(Conflict):
        actions.take_back(world.xiao_xu, task.id)

    assert actions.remind(world.liu, operation.id) == 2
    assert actions.remind(world.liu, operation.id) == 0
    extended = actions.extend(
        world.liu, operation.id, operation.version, time.now() + timedelta(days=5), "下雨，顺延两天"
    )
    more = Field("阀门是否完好", FieldKind.CHOICE, "valve", choices=("完好", "损坏"), problem=("损坏",))
    amended = actions.amend(
        world.liu, operation.id, extended.version, draft(fields=(LEAK, SHOPS, more), due_at=extended.due_at), "补查阀门"
    )
    again = task_at(operation, HOME)
    assert (again.state, again.answer["shops"], again.answered_version) == (TaskState.OPEN, 4, operation.version)
    assert_counts_are_right(operation)
    late = actions.answer(
        world.sibling_member, task_at(operation, SECOND).id, str(uuid4()), {"hose": "no", "shops": 1}, operation.version
    )
    assert late.state == TaskState.OPEN  # said to the older form; the new question is left
    actions.answer(world.he_ming, task.id, str(uuid4()), {"hose": "no", "shops": 4, "valve": "完好"}, amended.version)
    (_hose, shops, valve) = queries.results(world.liu, amended)
    assert (shops.answered, shops.sum, shops.mean, shops.median) == (2, 5, 2.5, 2.5)
    assert valve.counts == {"完好": 1, "损坏": 0}
    stopped = actions.stop(world.liu, operation.id, amended.version, "专项结束，转入日常")
    assert task_at(operation, EAST).state == TaskState.WITHDRAWN
    assert task_at(operation, SECOND).state == TaskState.ANSWERED  # what was said stays
    assert_counts_are_right(operation)
    assert [one.verb for one in queries.versions(stopped)] == ["sent", "extended", "amended", "stopped"]
    assert len(list(queries.rows(world.liu, stopped))) == 3
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"operation.sent", "operation.extended", "operation.amended", "operation.stopped", "task.answered"} <= kinds
    assert {"operation.sent", "operation.stopped"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def told(world: World, login: str) -> list[str]:
    """What somebody was told, the oldest first."""
    return list(
        Notice.objects.filter(account=world.accounts[login]).order_by("at", "id").values_list("kind", flat=True)
    )


def test_whoever_holds_tasks_is_told_once_for_all_of_them(world: World, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[live.News] = []
    monkeypatch.setattr(live, "publish", heard.extend)
    monkeypatch.setattr(handlers, "PORTION", 2)

    def visit(login: str) -> Client:
        return signed_in(world, login)

    operation = sent(world.liu)
    events.drain()
    assert [told(world, one) for one in ("he_ming", "sibling_member", "sibling_worker")] == [[Told.TASK_SENT]] * 3
    assert [told(world, one) for one in ("lao_wu", "xiao_xu", "liu")] == [[]] * 3  # a member is nearer; who sends knows
    portions = (
        Event.objects.filter(kind="operation.told.sent").order_by("sequence").values_list("data__posts", flat=True)
    )
    assert [len(one) for one in portions] == [2, 1]
    handlers.on_operations(
        [events._happened(Event.objects.get(kind="operation.sent"))]
    )  # read again, as after a breakdown
    assert portions.count() == 2
    heard.clear()
    task = task_at(operation, HOME)
    actions.answer(world.he_ming, task.id, str(uuid4()), {"hose": "no", "shops": 1}, operation.version)
    events.drain()
    assert heard == [live.Counted(f"{STREET}/003")]  # the page that watches hears where figures are new
    clock.forward(days=1)
    assert actions.remind(world.liu, operation.id, f"{STREET}/003") == 1
    events.drain()
    clock.forward(minutes=1)
    longer = actions.extend(world.liu, operation.id, operation.version, time.now() + timedelta(days=9), "多给几天")
    events.drain()
    assert told(world, "he_ming") == [Told.TASK_SENT]  # everything of theirs is answered
    assert told(world, "sibling_member") == [Told.TASK_SENT, Told.TASK_REMINDED, Told.TASK_EXTENDED]
    assert told(world, "sibling_worker") == [Told.TASK_SENT, Told.TASK_EXTENDED]
    actions.stop(world.liu, operation.id, longer.version, "专项结束")
    events.drain()
    assert told(world, "sibling_member").count(Told.TASK_STOPPED) == 1
    assert told(world, "he_ming") == [Told.TASK_SENT]

    page = visit("sibling_member").get("/my/notices", headers={"accept-language": "en"}).content.decode()
    assert "A special operation waits for your answer, due" in page
    other = sent(world.liu)
    events.drain()
    field = Notice.objects.filter(account=world.accounts["he_ming"], kind=Told.TASK_SENT).latest("id")
    way = visit("he_ming").get(f"/my/notices/{field.id}").headers["location"]
    assert way == f"/field/operations/of/{other.id}"
    assert visit("he_ming").get(way).headers["location"] == f"/field/operations/{task_at(other, HOME).id}"
    desk = Notice.objects.filter(account=world.accounts["sibling_worker"], kind=Told.TASK_SENT).latest("id")
    way = visit("sibling_worker").get(f"/my/notices/{desk.id}").headers["location"]
    assert visit("sibling_worker").get(way).headers["location"] == f"/desk/operations/{other.number}"


def test_a_city_reaches_every_district_and_what_the_duty_list_forbids_is_not_sent(world: World) -> None:
    city = Actor(
        role=world.sun.role, account_id=uuid4(), post_id=uuid4(), organisation_id=world.organisation("city_centre"),
        area_path="5101", district="510100", name="市级",
    )  # fmt: skip
    operation = sent(city, target=Target(("5101",)))
    assert operation.districts == [JINJIANG, WUHOU]
    assert [(one.path, one.tasks) for one in queries.progress(city, operation)] == [(JINJIANG, 1), (WUHOU, 4)]
    assert queries.mine(world.he_ming)[0].number == operation.number
    assert [one.id for one in queries.operations(world.far_worker)] == [operation.id]
    assert_counts_are_right(operation)
    with pytest.raises(Forbidden):
        actions.stop(world.liu, operation.id, operation.version, "街道不想做了")

    assert targets.listed(f"编码,名称\n{HOME}\n{EAST},一号\n510107/999")[0] == (HOME, EAST)
    assert targets.listed(f"编码,名称\n{HOME}\n510107/999")[1] == {3: "510107/999"}
    for wrong in (
        {"target": Target((JINJIANG,))}, {"kind": "none"}, {"fields": (Field("身份证号", FieldKind.TEXT),)},
        {"fields": (Field("户数", FieldKind.NUMBER),)}, {"due_at": time.now()}, {"minutes_each": 0},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            actions.compose(world.liu, str(uuid4()), draft(**wrong))
    with pytest.raises(Forbidden):
        actions.compose(world.xiao_xu, str(uuid4()), draft())
    by_type = sent(world.sun, target=Target((WUHOU,), TargetLevel.ORGANISATION, "residents_committee"))
    assert by_type.tasks_count == 3
    by_list = sent(world.liu, target=Target(listed=(HOME, EAST)))
    assert by_list.tasks_count == 2

    ListEntry.objects.create(
        id=ids.new_id(), district=WUHOU, area_path=WUHOU, tier=Tier.COMMUNITY, kind=Kind.OPERATION, code="gas",
        listing=Listing.NEGATIVE, title_zh="燃气安全排查", valid_from=SINCE,
    )  # fmt: skip
    changed(STAMP)
    made = actions.compose(world.liu, str(uuid4()), draft())
    refusal = queries.preview(world.liu, made).refusal
    assert refusal is not None
    assert refusal.code == "duties.negative"
    with pytest.raises(Conflict):
        actions.send(world.liu, made.id, made.version, str(uuid4()))
    assert not Task.objects.filter(operation_id=made.id).exists()


def test_a_season_prepares_a_draft_and_never_sends(world: World, clock) -> None:
    operation = sent(world.liu)
    kept = actions.keep_as_template(
        world.liu, operation.id, season=Season.MONTHLY, next_on=time.today() + timedelta(days=10), ahead=3
    )
    assert actions.prepare_due() == 0
    clock.forward(days=8)
    assert actions.prepare_due() == 1
    assert actions.prepare_due() == 0
    (drafted,) = Operation.objects.filter(state=OperationState.DRAFT)
    assert drafted.template_id == kept.id
    assert Template.objects.get().next_on > time.today() + timedelta(days=25)
    events.drain()
    assert told(world, "liu") == [Told.DRAFT_PREPARED]
    by_hand = actions.from_template(world.liu, kept.id, time.today(), str(uuid4()))
    assert by_hand.state == OperationState.DRAFT
    assert actions.end(operation.id, operation.district)
    ended = Operation.objects.get(id=operation.id)
    assert ended.state == OperationState.ENDED
    assert queries.whole(world.liu, ended).late == 3
    assert queries.mine(world.he_ming) == []
    assert_counts_are_right(ended)
    assert seasons._following(date(2026, 1, 31), Season.MONTHLY) == date(2026, 2, 28)


STEP = st.tuples(
    st.sampled_from(["answer", "old", "take_back", "amend", "extend", "wait", "found", "stop"]), st.integers(0, 2)
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=14))
def test_whatever_happens_the_counts_equal_a_recount(world: World, clock, steps) -> None:
    operation = sent(world.liu)
    paths, first = [HOME, SECOND, EAST], operation.version
    who = {HOME: world.he_ming, SECOND: world.sibling_member, EAST: world.sibling_worker}
    fields = [LEAK, SHOPS]
    for verb, place in steps:
        path = paths[place]
        task, now = task_at(operation, path), Operation.objects.get(id=operation.id)
        try:
            if verb in ("answer", "old"):
                said = {one.code: place if one.kind == FieldKind.NUMBER else "yes" for one in fields}
                actions.answer(who[path], task.id, str(uuid4()), said, first if verb == "old" else now.version)
            elif verb == "take_back":
                actions.take_back(who[path], task.id)
            elif verb == "amend":
                fields.append(Field(f"再问第{len(fields)}个", FieldKind.NUMBER, f"n{len(fields)}"))
                actions.amend(world.liu, now.id, now.version, draft(fields=fields, due_at=now.due_at), "补充一个问题")
            elif verb == "extend":
                actions.extend(world.liu, now.id, now.version, now.due_at + timedelta(hours=1), "多给一个小时")
            elif verb == "wait":
                clock.forward(hours=13)
            elif verb == "found":
                actions.found(who[path], task.id, str(uuid4()), Finding("UT02", "路灯不亮", *POINT))
            else:
                actions.stop(world.liu, now.id, now.version, "专项结束")
        except (Conflict, Invalid):
            pass
        assert_counts_are_right(operation)
    events.drain()


def test_the_demo_has_one_under_way_one_that_is_over_and_a_template(world: World) -> None:
    world.accounts["liu"].refresh_from_db()
    now = time.now()
    assert operating.operate(WUHOU, now=now, micro_grid=HOME, seed=1) == "3 tasks each"
    assert operating.operate(WUHOU, now=now, micro_grid=HOME, seed=1) == "there"
    states = sorted(Operation.objects.values_list("state", flat=True))
    assert states == [OperationState.SENT, OperationState.STOPPED]
    assert [one.task.area_path for one in queries.mine(world.he_ming)] == [HOME]
    assert Template.objects.get().season == Season.YEARLY
    for one in Operation.objects.all():
        assert_counts_are_right(one)


def test_the_document_of_what_came_of_it_has_every_area(world: World) -> None:
    operation = sent(world.liu)
    task = task_at(operation, HOME)
    actions.answer(world.he_ming, task.id, str(uuid4()), {"hose": "yes", "shops": 2}, operation.version)
    answer = signed_in(world, "liu").get(f"/desk/operations/{operation.number}/result.docx")
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    paper = docx.Document(io.BytesIO(answer.content))
    cells = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows]
    assert ["玉林北路社区", "2", "1", "50.0%", "100.0%", "0", "1", "0"] in cells
    assert ["玉林东路社区", "1", "0", "0.0%", "—", "0", "0", "0"] in cells
    assert any("In all 2; mean 2, median 2." in one.text for one in paper.paragraphs)
