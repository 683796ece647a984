"""Cases that belong together: merged, split, moved with the ground; and what a change of the catalogue would have done."""

from datetime import timedelta

import pytest
from django.db import transaction

from linli.cases import foreseen, projection, queries
from linli.cases.actions import accepting, closing, dispatching, disposal, intake, talking
from linli.cases.loop import Ref
from linli.cases.models import ApprovalState, Case, Participant, Statement, WorkOrder
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.catalog.preview import Planned
from linli.kernel import events, ids
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import Command, Deadline, Event
from linli.kernel.trust import context
from linli.territory import locating
from linli.territory.actions import merge_grids
from tests.cases.test_the_way_of_a_case import disposed, photo
from tests.world import BOXES, HOME, JINJIANG, POINT, WUHOU, World, fresh, ref, report

NEXT_DOOR = f"{WUHOU}/012/003/02/018"


def inside(path: str) -> dict[str, float]:
    """A point in a grid."""
    west, south, _east, _north = BOXES[path]
    return {"lng": west + 0.0005, "lat": south + 0.0005}


def whole(case: Case) -> None:
    """The log tells how the case stands."""
    assert projection.differences(fresh(case), queries.log_of(case)) == []


def kinds(case: Case) -> list[str]:
    """What happened to a case, in order."""
    return [entry.kind for entry in queries.log_of(case)]


# Merging.


@pytest.mark.django_db(transaction=True)
def test_every_reporter_is_told_when_the_leading_case_ends(world: World) -> None:
    master = disposed(world)
    follower = report(world.wang, category="EN01")
    follower = accepting.merge(world.xiao_xu, ref(follower), version=1, master=master.id)
    assert (follower.state, follower.is_open, follower.due_at) == (State.MERGED, False, None)
    assert fresh(master).participants_count == 2
    assert queries.master_of(follower).id == master.id
    assert queries.get(world.wang, follower.number)  # the number that the reporter has goes on leading somewhere
    master = closing.verify(world.lao_zheng, ref(master), version=fresh(master).version, passed=True)
    master = closing.close(world.sun, ref(master), version=master.version)
    events.drain(["cases.followers"])
    assert kinds(follower)[-1] == "master_closed"
    length = fresh(follower).log_length
    on_ended = events._consumers["cases.followers"]
    with transaction.atomic():
        on_ended.handle([_as_told(event) for event in Event.objects.filter(kind="case.close")])
    assert fresh(follower).log_length == length  # at least once, and yet once
    master = closing.reopen(world.zhou, ref(master), version=master.version, reason="又堆起来了")
    photo(world.he_ming, master, name="again")
    master = disposal.dispose(world.he_ming, ref(master), version=fresh(master).version, outcome="再次清运")
    master = closing.verify(world.lao_zheng, ref(master), version=master.version, passed=True)
    closing.close(world.sun, ref(master), version=master.version)
    events.drain(["cases.followers"])
    assert kinds(follower).count("master_closed") == 2
    whole(follower)


def _as_told(event: Event) -> events.Happened:
    names = [name for name in events.Happened.__slots__ if hasattr(event, name)]
    return events.Happened(**{name: getattr(event, name) for name in names})


@pytest.mark.django_db(transaction=True)
def test_they_are_told_when_it_is_not_taken_up_too(world: World) -> None:
    master, follower = report(world.zhou), report(world.wang)
    accepting.merge(world.xiao_xu, ref(follower), version=1, master=master.id)
    master = accepting.propose_rejection(
        world.xiao_xu, ref(master), version=2, reason="属于小区内部设施", other_way="可联系物业公司"
    )
    master = accepting.confirm_rejection(
        world.xiao_li, ref(master), version=master.version, agree=False, words="再核实"
    )
    events.drain(["cases.followers"])
    assert "master_rejected" not in kinds(follower)
    master = accepting.propose_rejection(
        world.xiao_xu, ref(master), version=master.version, reason="属于小区内部设施", other_way="可联系物业公司"
    )
    accepting.confirm_rejection(world.xiao_li, ref(master), version=master.version, agree=True)
    events.drain(["cases.followers"])
    entry = queries.log_of(follower)[-1]
    assert (entry.kind, entry.data["reason"], entry.data["other_way"]) == (
        "master_rejected", "属于小区内部设施", "可联系物业公司",
    )  # fmt: skip


def test_a_merged_case_leaves_nothing_owed(world: World) -> None:
    master = report(world.zhou)
    case = accepting.register(world.xiao_xu, ref(report(world.wang)), version=1, route=accepting.Route.NONE)
    case = dispatching.dispatch(
        world.sun, ref(case), version=case.version, organisation=world.organisation("urban_management")
    )
    case = dispatching.request_return(world.yang, ref(case), version=case.version, reason="和另一件是同一件事")
    case = accepting.merge(world.sun, ref(case), version=case.version, master=master.id)
    assert not Deadline.objects.filter(subject_id=case.id, state__in=["running", "paused"]).exists()
    assert not WorkOrder.objects.filter(case_id=case.id, state__in=["sent", "answered"]).exists()
    assert [one.state for one in queries.approvals_of(case)] == [ApprovalState.WITHDRAWN]


def test_merges_that_make_no_sense_are_refused(world: World) -> None:
    a, b, c = report(world.zhou), report(world.wang), report(world.zhou)
    far = report(world.zhou, **inside(f"{JINJIANG}/017/001/01/001"))
    hidden = report(world.zhou, **inside(f"{WUHOU}/013/001/01/001"))
    with pytest.raises(Invalid, match=r"case\.merge_itself"):
        accepting.merge(world.xiao_xu, ref(a), version=1, master=a.id)
    for unseen in (far, hidden):
        with pytest.raises(NotFound):
            accepting.merge(world.xiao_xu, ref(a), version=1, master=unseen.id)
    accepting.merge(world.xiao_xu, ref(b), version=1, master=a.id)
    with pytest.raises(Conflict, match=r"case\.is_master"):
        accepting.merge(world.xiao_xu, ref(a), version=2, master=c.id)
    with pytest.raises(Conflict, match=r"case\.master_ended"):
        accepting.merge(world.xiao_xu, ref(c), version=1, master=b.id)


# Splitting.


def test_a_parent_waits_for_its_parts(world: World) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    (child,) = accepting.split(
        world.xiao_xu, ref(case), version=case.version, categories=["EN01"], reason="还有垃圾的问题"
    )
    assert (child.district, child.area_path, child.parent_id) == (case.district, case.area_path, case.id)
    assert child.id in [one.id for one in queries.related(world.xiao_xu, case)]
    whole(child)
    case = disposal.start(world.xiao_xu, ref(case), version=fresh(case).version)
    photo(world.xiao_xu, case)
    with pytest.raises(Conflict, match=r"case\.children_open"):
        disposal.dispose(world.xiao_xu, ref(case), version=fresh(case).version, outcome="灯已修好")
    photo(world.he_ming, child)
    child = dispatching.sign_in(world.he_ming, ref(child), version=fresh(child).version)
    child = disposal.dispose(world.he_ming, ref(child), version=child.version, outcome="已清运")
    child = closing.verify(world.lao_zheng, ref(child), version=child.version, passed=True)
    closing.close(world.sun, ref(child), version=child.version)
    case = disposal.dispose(world.xiao_xu, ref(case), version=fresh(case).version, outcome="灯已修好")
    assert case.state == State.DISPOSED


def test_a_part_that_starts_higher_up_waits_there(world: World) -> None:
    higher = next(
        one.code
        for one in catalog.current(district=WUHOU).all()
        if one.first_level == "subdistrict" and one.becomes_case and one.sensitivity == "normal"
    )
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    near, far = accepting.split(
        world.xiao_xu, ref(case), version=case.version, categories=["EN01", higher], reason="一个诉求两件事"
    )
    assert near.state == State.DISPATCHED
    assert (far.state, far.holder_id) == (State.SUBMITTED, world.organisation("office"))


def test_what_was_said_openly_is_sealed_when_it_turns_out_to_be_personal(world: World) -> None:
    case = report(world.zhou, description="三楼的大爷好几天没出门")
    case = accepting.reclassify(world.xiao_xu, ref(case), version=1, category="CA05", reason="涉及独居老人")
    assert (case.sensitivity, fresh(case).description) == ("restricted", "")
    with context.personal(world.zhou):
        assert Statement.objects.get(case_id=case.id).account_id == world.zhou.account_id
    assert "三楼" in talking.read_own(world.zhou, ref(case))[0].text
    other = accepting.register(world.xiao_xu, ref(report(world.zhou, description="灯坏了,大爷摔了")), version=1,
                               route=accepting.Route.NONE)  # fmt: skip
    (child,) = accepting.split(world.xiao_xu, ref(other), version=other.version, categories=["CA05"], reason="两件事")
    assert child.description == ""
    assert talking.read_statements(world.xiao_xu, ref(child), purpose="核实情况")[0].text == "灯坏了,大爷摔了"


# Place.


def test_relocating_stays_in_the_district_and_moves_acceptance(world: World) -> None:
    case = report(world.zhou)
    case = accepting.begin_verification(world.xiao_xu, ref(case), version=1)
    with pytest.raises(Invalid, match=r"case\.area"):
        accepting.relocate(world.xiao_xu, ref(case), version=2, area_path=f"{JINJIANG}/017/001/01/001", reason="在锦江")
    there = f"{WUHOU}/012/004/01/001"
    case = accepting.relocate(world.xiao_xu, ref(case), version=2, area_path=there, reason="在东路社区")
    assert (case.area_path, case.located) == (there, "by_hand")
    assert case.holder_id == world.organisation("sibling_committee")
    assert case.handler_post_id is None  # whoever went to look was the other community's
    assert set(Deadline.objects.filter(subject_id=case.id).values_list("area_path", flat=True)) == {there}
    assert queries.get(world.sibling_worker, case.number)
    with pytest.raises(NotFound):
        queries.get(world.xiao_xu, case.number)
    whole(case)


@pytest.mark.django_db(transaction=True)
def test_regrouping_takes_open_cases_along_and_leaves_history(world: World) -> None:
    handed = accepting.register(world.xiao_xu, ref(report(world.zhou, category="EN01")), version=1)
    next_door = report(world.zhou, **inside(NEXT_DOOR))
    elsewhere = report(world.zhou, **inside(f"{WUHOU}/012/004/01/001"))
    ended = disposed(world)
    ended = closing.verify(world.lao_zheng, ref(ended), version=ended.version, passed=True)
    ended = closing.close(world.sun, ref(ended), version=ended.version)
    assert handed.handler_post_id == world.he_ming.post_id
    merged = merge_grids(world.system_admin, [HOME, NEXT_DOOR], name="合并微网格")
    (new,) = merged.begun
    locating.forget()
    events.drain()
    for case in (handed, next_door):
        case = fresh(case)
        assert (case.area_path, case.area_id) == (new.path, new.id)
        assert set(
            Deadline.objects.filter(subject_id=case.id, state="running").values_list("area_path", flat=True)
        ) == {new.path}
        assert "regrouped" in kinds(case)
        whole(case)
        assert queries.get(world.xiao_xu, case.number)
    # The post on the grid that is gone has ended with it, and nobody stands in there: what it held is its community's.
    assert kinds(fresh(handed))[-1] == "handed_over"
    assert kinds(fresh(next_door))[-1] == "regrouped"
    assert fresh(handed).handler_post_id is None
    assert fresh(elsewhere).area_path == elsewhere.area_path
    assert fresh(ended).area_path == HOME
    assert set(Deadline.objects.filter(subject_id=ended.id).values_list("area_path", flat=True)) == {HOME}
    assert "regrouped" not in kinds(ended)
    length = fresh(handed).log_length
    with transaction.atomic():
        events._consumers["cases.regrouping"].handle(
            [_as_told(event) for event in Event.objects.filter(kind="territory.regrouped")]
        )
    assert fresh(handed).log_length == length


# The preview of a change of the catalogue.


def test_a_change_of_the_catalogue_is_tried_on_what_was_reported(world: World, clock) -> None:
    from dataclasses import replace

    for person in (world.zhou, world.wang):
        report(person, category="EN01")
    report(world.zhou, category="UT02")
    report(world.zhou, category="EN01", **inside(f"{JINJIANG}/017/001/01/001"))
    before = catalog.current(district=WUHOU).get("EN01")
    span = {"code": "EN01", "since": clock.moment - timedelta(days=30), "until": clock.moment + timedelta(days=1)}
    same = foreseen.count(Planned(before=before, after=before, scope="", **span))
    assert (same.cases, same.elsewhere, same.later_due, same.sooner_due) == (3, 0, 0, 0)
    after = replace(before, first_handler="subdistrict", respond_minutes=1)
    found = foreseen.count(Planned(before=before, after=after, scope="", **span))
    assert (found.cases, found.elsewhere, found.sooner_due, found.later_due) == (3, 3, 3, 0)
    assert found.moves == (
        ("micro_grid_member", str(world.organisation("office")), 2),
        ("micro_grid_member", str(world.organisation("far_office")), 1),
    )
    here = foreseen.count(Planned(before=before, after=after, scope=WUHOU, **span))
    assert (here.cases, here.elsewhere) == (2, 2)
    new = foreseen.count(Planned(before=None, after=after, scope=WUHOU, **span))
    assert (new.cases, new.sooner_due) == (2, 0)


# Intake.


def test_a_repeat_is_answered_even_when_it_would_not_be_taken_any_more(world: World, monkeypatch) -> None:
    what = intake.Report(category="UT02", lng=POINT[0], lat=POINT[1])
    key = str(ids.new_id())
    first = intake.report(world.zhou, key, b"{}", what=what)
    monkeypatch.setattr(type(catalog.current(district=WUHOU)), "get", lambda _self, _code: None)
    again = intake.report(world.zhou, key, b"{}", what=what)
    assert (again.replayed, again.body) == (True, first.body)
    with pytest.raises(Conflict, match=r"command\.other_body"):
        intake.report(world.zhou, key, b"{2}", what=what)
    with pytest.raises(Invalid, match=r"case\.category"):
        intake.report(world.zhou, str(ids.new_id()), b"{}", what=what)
    assert (Case.objects.count(), Participant.objects.count(), Command.objects.count()) == (1, 1, 1)


def test_a_case_that_nobody_knows_is_not_found(world: World) -> None:
    for number in ("0107-0000-0000-0", "", "x"):
        with pytest.raises(NotFound):
            queries.get(world.sun, number)
    with pytest.raises(NotFound):
        accepting.register(world.sun, Ref(WUHOU, ids.new_id()), version=1)
