"""Hand-over in one step: what was mine becomes theirs, it can be taken back, and nothing stays with an ended post."""

from datetime import timedelta

import pytest

from linli.cases.models import Case, WorkOrder
from linli.kernel import time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.trust import Role
from linli.people import actions as people_actions
from linli.people import handing as hands
from linli.people import queries as people
from linli.people.models import Post
from linli.workforce import chores, handlers, queries
from linli.workforce.actions import handing
from tests.world import HOME, WUHOU, World, fresh, report


def held_by(world: World, who: str, *, count: int = 2) -> list[Case]:
    """Cases in somebody's hands."""
    found = []
    for _number in range(count):
        case = report(world.zhou, category="EN01")
        Case.objects.filter(id=case.id).update(handler_post_id=world.posts[who].id)
        found.append(fresh(case))
    return found


def hand_over(world: World, giver: str, taker: str, *, by: str = "xiao_xu", **fields):
    """Everything of one goes to another."""
    values = {"reason": "调往别处", "version": 1} | fields
    return handing.hand_over(getattr(world, by), world.posts[giver].id, successor=world.posts[taker].id, **values)


def nothing_stays_with_an_ended_post() -> None:
    """The invariant: no open work holds a post that has ended."""
    over = Post.objects.filter(ends_on__lte=time.today())
    assert not Case.objects.filter(is_open=True, handler_post__in=over.values("id")).exists()
    assert not WorkOrder.objects.filter(state__in=["sent", "answered"], post__in=over.values("id")).exists()
    assert not hands.held(list(over.values_list("id", flat=True)), district=WUHOU)


def test_what_was_he_mings_becomes_his_neighbours_in_one_step_and_can_be_taken_back(world, clock, hear) -> None:
    cases = held_by(world, "he_ming", count=3)
    post, things = queries.in_hands(world.he_ming, world.posts["he_ming"].id)
    assert {thing.number for thing in things} == {case.number for case in cases}

    done = hand_over(world, "he_ming", "sibling_member")
    taker = Post.objects.get(id=done.to_post_id)
    assert (taker.account_id, taker.area_path, done.made_post) == (world.accounts["sibling_member"].id, HOME, True)
    for case in cases:
        assert fresh(case).handler_post_id == taker.id
        entry = fresh(case).entries.get(kind="handed_over")
        assert (entry.data["from"], entry.data["to"], entry.data["why"]) == (str(post.id), str(taker.id), "left")
    assert Post.objects.get(id=post.id).ends_on == time.today()
    hear(handlers.on_ended, "post.ended")
    nothing_stays_with_an_ended_post()
    assert [one.name for one in people.members_for(HOME, Role(taker.role))] == ["邻格员"]

    clock.forward(minutes=9)
    handing.undo(world.liu, done.id, district=WUHOU)
    assert {fresh(case).handler_post_id for case in cases} == {post.id}
    assert Post.objects.get(id=post.id).ends_on is None
    assert Post.objects.get(id=taker.id).ends_on == time.today()
    hear(handlers.on_ended, "post.ended")
    nothing_stays_with_an_ended_post()
    with pytest.raises(Conflict):
        handing.undo(world.liu, done.id, district=WUHOU)


def test_after_ten_minutes_it_stands(world, clock) -> None:
    done = hand_over(world, "he_ming", "lao_wu", ends_post=False)
    assert done.to_post_id == world.posts["lao_wu"].id  # reaches the place already
    clock.forward(minutes=11)
    with pytest.raises(Conflict) as late:
        handing.undo(world.xiao_xu, done.id, district=WUHOU)
    assert late.value.code == "handover.too_late"
    assert Post.objects.get(id=world.posts["he_ming"].id).ends_on is None


def test_what_an_administrators_end_leaves_behind_goes_to_the_deputy(world, clock, hear) -> None:
    (case,) = held_by(world, "he_ming", count=1)
    people_actions.end_post(
        world.system_admin, world.posts["he_ming"].id, district=WUHOU, version=1, reason="辞职",
    )  # fmt: skip
    hear(handlers.on_ended, "post.ended")
    assert fresh(case).handler_post_id == world.posts["lao_wu"].id
    nothing_stays_with_an_ended_post()

    (other,) = held_by(world, "sibling_member", count=1)
    Post.objects.filter(id=world.posts["sibling_member"].id).update(ends_on=time.today() + timedelta(days=1))
    assert chores.release() == 0
    clock.forward(days=1)
    assert chores.release() == 1
    assert fresh(other).handler_post_id == world.posts["lao_wu"].id
    nothing_stays_with_an_ended_post()


def test_who_may_not_and_what_cannot_be(world) -> None:
    with pytest.raises(Forbidden):
        hand_over(world, "he_ming", "lao_wu", by="he_ming")
    for stranger in ("sibling_worker", "other_liu", "far_worker", "sibling_member"):
        with pytest.raises(NotFound):
            hand_over(world, "he_ming", "lao_wu", by=stranger)
    with pytest.raises(Invalid) as same:
        hand_over(world, "he_ming", "he_ming")
    assert same.value.code == "handover.same_person"
    with pytest.raises(Invalid):
        hand_over(world, "he_ming", "sibling_worker")
    with pytest.raises(Invalid):
        hand_over(world, "he_ming", "lao_wu", reason=" ")
    with pytest.raises(Stale):
        hand_over(world, "he_ming", "lao_wu", version=7)
