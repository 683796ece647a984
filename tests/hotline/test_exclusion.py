"""Leaving a case out of the figures takes two people and a reason, and the case's log says so."""

from __future__ import annotations

import pytest

from linli.cases.actions import closing
from linli.cases.actions.closing import Outcome
from linli.cases.queries import log_of
from linli.kernel import events
from linli.kernel.errors import Conflict, Forbidden, Invalid
from linli.metrics import recounting
from linli.metrics.models import Figure
from linli.metrics.queries import figures, today_and_before
from tests.desk.conftest import page
from tests.hotline.conftest import closed
from tests.world import WUHOU, World, fresh, ref

REASON = "诉求人来电更正:说的是另一个小区"


def share(world: World) -> float | None:
    events.drain()
    since, until = today_and_before(1)
    return figures(world.ma, WUHOU, since=since, until=until).satisfied


@pytest.mark.django_db(transaction=True)  # readers of events see what is committed
def test_one_asks_and_another_decides(world: World) -> None:
    closed(world, Outcome.CONTENT)
    case = closed(world, Outcome.NOT_REACHED)
    assert share(world) == 0.5  # not reached is not content
    closing.request_exclusion(world.xiao_tian, ref(case), version=case.version, reason=REASON)
    assert share(world) == 0.5
    closing.decide_exclusion(world.ma, ref(case), version=fresh(case).version, agree=True)
    assert share(world) == 1.0
    entries = log_of(case)
    assert [one.kind for one in entries[-2:]] == ["request_exclusion", "decide_exclusion"]
    assert entries[-1].data["reason"] == REASON
    assert entries[-1].post_id != entries[-2].post_id


@pytest.mark.django_db(transaction=True)  # readers of events see what is committed
def test_the_counters_are_what_the_log_says(world: World) -> None:
    case = closed(world, Outcome.NOT_CONTENT)
    closing.request_exclusion(world.lao_zheng, ref(case), version=case.version, reason=REASON)
    closing.decide_exclusion(world.ma, ref(case), version=fresh(case).version, agree=True)
    events.drain()
    since, until = today_and_before(1)
    assert figures(world.ma, WUHOU, since=since, until=until).counts[Figure.EXCLUDED] == 1
    assert not recounting.recount(WUHOU, write=False).differences


def test_nobody_decides_alone(world: World) -> None:
    case = closed(world, Outcome.NOT_CONTENT)
    closing.request_exclusion(world.ma, ref(case), version=case.version, reason=REASON)
    with pytest.raises(Conflict, match=r"case\.second_person"):
        closing.decide_exclusion(world.ma, ref(case), version=fresh(case).version, agree=True)
    with pytest.raises(Forbidden):
        closing.decide_exclusion(world.xiao_tian, ref(case), version=fresh(case).version, agree=True)


def test_it_needs_a_reason_and_something_to_leave_out(world: World) -> None:
    content, unhappy = closed(world, Outcome.CONTENT), closed(world, Outcome.NEUTRAL)
    with pytest.raises(Invalid):
        closing.request_exclusion(world.xiao_tian, ref(unhappy), version=unhappy.version, reason=" ")
    with pytest.raises(Conflict):
        closing.request_exclusion(world.xiao_tian, ref(content), version=content.version, reason=REASON)


@pytest.mark.django_db(transaction=True)  # readers of events see what is committed
def test_refused_it_stays_and_twice_is_refused(world: World) -> None:
    case = closed(world, Outcome.NOT_CONTENT)
    closing.request_exclusion(world.xiao_tian, ref(case), version=case.version, reason=REASON)
    with pytest.raises(Conflict):
        closing.request_exclusion(world.lao_zheng, ref(case), version=fresh(case).version, reason=REASON)
    closing.decide_exclusion(world.ma, ref(case), version=fresh(case).version, agree=False, words="理由不成立")
    assert share(world) == 0.0


def test_taken_up_again_the_request_is_void(world: World) -> None:
    case = closed(world, Outcome.NOT_CONTENT)
    closing.request_exclusion(world.xiao_tian, ref(case), version=case.version, reason=REASON)
    closing.reopen(world.zhou, ref(case), version=fresh(case).version, reason="还是不亮")
    assert not case.approvals.filter(state="asked").exists()


def test_the_supervisor_finds_what_to_decide_and_the_desk_tells_it(at_desk, world: World) -> None:
    case = closed(world, Outcome.NOT_CONTENT)
    closing.request_exclusion(world.xiao_tian, ref(case), version=case.version, reason=REASON)
    client = at_desk("ma")
    listed = page(client.get("/hotline/callbacks"))
    assert REASON in listed
    assert f"/desk/case/{case.number}/do/decide_exclusion" in listed
    assert REASON not in page(at_desk("xiao_tian").get("/hotline/callbacks"))
    told = page(client.get(f"/desk/case/{case.number}"))
    assert "Asked to leave it out of the figures" in told
