"""Calling back: three tries in working time; whoever is not reached is not satisfied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.actions.closing import Outcome as Said
from linli.cases.states import State
from linli.hotline import queries, rules
from linli.hotline.actions import callbacks
from linli.hotline.models import Call, Further, Try
from linli.kernel import deadlines, events, time
from linli.kernel.errors import Conflict, Forbidden, NotFound, Stale
from linli.kernel.models import Clock
from linli.metrics.models import Figure
from linli.metrics.queries import figures, today_and_before
from tests.desk.conftest import page
from tests.hotline.conftest import verified
from tests.world import WUHOU, World, fresh, ref


def ring(world: World, case, said: Said, **more) -> Try:
    return callbacks.record(world.xiao_tian, ref(case), version=fresh(case).version, said=said, **more)


@pytest.mark.django_db(transaction=True)  # readers of events see what is committed
def test_three_tries_and_then_not_reached(world: World, clock) -> None:
    case = verified(world)
    first = ring(world, case, Said.NOT_REACHED)
    assert first.next_at is not None
    assert first.next_at >= clock.moment + timedelta(hours=2)
    with pytest.raises(Conflict, match=r"callback\.too_soon"):
        ring(world, case, Said.NOT_REACHED)
    clock.set(first.next_at)
    second = ring(world, case, Said.NOT_REACHED)
    assert second.next_at.date() > clock.moment.date()  # a working day later
    clock.set(second.next_at)
    third = ring(world, case, Said.NOT_REACHED)
    assert third.next_at is None
    assert (fresh(case).state, fresh(case).feedback_outcome) == (State.FEEDBACK, "not_reached")
    events.drain()
    since, until = today_and_before(3)
    assert figures(world.ma, WUHOU, since=since, until=until).counts[Figure.NOT_REACHED] == 1


def test_at_night_an_unanswered_call_is_no_try_but_whoever_answers_is_heard(world: World, clock) -> None:
    case = verified(world)
    clock.set(datetime(2026, 11, 18, 13, 0, tzinfo=UTC))  # nine in the evening
    with pytest.raises(Conflict, match=r"callback\.hours"):
        ring(world, case, Said.NOT_REACHED)
    ring(world, case, Said.CONTENT, words="亮了,谢谢")
    assert fresh(case).feedback_outcome == "content"


def test_whoever_answers_early_is_heard(world: World, clock) -> None:
    case = verified(world)
    ring(world, case, Said.NOT_REACHED)
    ring(world, case, Said.NOT_CONTENT, words="只修了一盏")
    assert fresh(case).feedback_outcome == "not_content"
    assert [one.number for one in queries.tries_of([case])] == [1, 2]


def test_never_by_who_handled_it_and_never_blindly(world: World) -> None:
    case = verified(world)
    with pytest.raises((Forbidden, NotFound)):
        callbacks.record(world.he_ming, ref(case), version=case.version, said=Said.CONTENT)
    with pytest.raises(Stale):
        callbacks.record(world.xiao_tian, ref(case), version=case.version - 1, said=Said.CONTENT)
    assert not Try.objects.exists()


def test_the_list_puts_first_who_may_be_rung_now(at_desk, world: World, clock) -> None:
    tried, waiting = verified(world), verified(world)
    ring(world, tried, Said.NOT_REACHED)
    client = at_desk("xiao_tian")
    text = page(client.get("/hotline/callbacks"))
    assert text.index(waiting.number) < text.index(tried.number)
    assert "again" in text


def test_on_the_page(at_desk, world: World) -> None:
    case = verified(world)
    client = at_desk("xiao_tian")
    form = page(client.get(f"/hotline/callbacks/{case.number}"))
    assert "What did the reporter say?" in form
    assert client.post(f"/hotline/callbacks/{case.number}", {"version": case.version}).status_code == 422
    stale = client.post(f"/hotline/callbacks/{case.number}", {"version": 1, "said": "content"})
    assert stale.status_code == 409
    done = client.post(f"/hotline/callbacks/{case.number}", {"version": case.version, "said": "content"})
    assert done["Location"] == "/hotline/callbacks"
    assert "Content" in page(client.get("/hotline/callbacks"))
    assert "has been heard" in page(client.get(f"/hotline/callbacks/{case.number}"))


def test_the_cases_of_one_call_are_asked_about_in_one_call_back(at_desk, world: World, clock) -> None:
    lamp, rubbish = verified(world), verified(world)
    call_id, post = uuid4(), world.xiao_tian
    Call.objects.create(
        id=call_id, district=WUHOU, area_path=post.area_path, state="ended", post_id=post.post_id, began_at=time.now(),
        ended_at=time.now(), outcome="registered", case_number=lamp.number,
    )  # fmt: skip
    Further.objects.create(
        district=WUHOU, call_id=call_id, area_path=post.area_path, number=2, at=time.now(), outcome="registered",
        case_number=rubbish.number, category=rubbish.category,
    )  # fmt: skip
    client = at_desk("xiao_tian")
    assert "1 more case from the same call" in page(client.get("/hotline/callbacks"))
    nobody = client.post(f"/hotline/callbacks/{lamp.number}", {"version": lamp.version, "said": "not_reached"})
    assert nobody["Location"] == "/hotline/callbacks", "nobody is rung twice in a row"
    assert "1 more case of the same call" in page(client.get("/hotline/callbacks"))
    tries = Try.objects.order_by("number", "case_id")
    assert sorted(tries.values_list("case_id", flat=True)) == sorted([lamp.id, rubbish.id])
    assert {one.number for one in tries} == {1}
    assert len({one.next_at for one in tries}) == 1
    clock.set(tries[0].next_at)
    assert f"/hotline/callbacks/{rubbish.number}" in page(client.get(f"/hotline/callbacks/{lamp.number}"))
    sent = {"version": lamp.version, "said": "content"}
    assert client.post(f"/hotline/callbacks/{lamp.number}", sent)["Location"] == f"/hotline/callbacks/{rubbish.number}"
    assert "From the same call" in page(client.get(f"/hotline/callbacks/{rubbish.number}"))
    sent = {"version": rubbish.version, "said": "not_content", "words": "还有味道"}
    assert client.post(f"/hotline/callbacks/{rubbish.number}", sent)["Location"] == "/hotline/callbacks"


def test_the_number_needs_a_purpose(at_desk, world: World) -> None:
    case = verified(world)
    client = at_desk("xiao_tian")
    path = f"/hotline/callbacks/{case.number}/reporter"
    assert "What do you need it for?" in page(client.get(path))
    assert client.post(path, {}).status_code == 422
    assert "was written down" in page(client.post(path, {"purpose": "call"}))


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)).map(lambda at: at.replace(tzinfo=UTC)),
    pause=st.sampled_from(rules.callbacks().pauses),
)
@pytest.mark.django_db
def test_a_next_try_is_always_later_and_in_working_time(start: datetime, pause: int) -> None:
    due, _provisional = deadlines.compute(Clock.WORKING, pause, start)
    assert due >= start + timedelta(minutes=pause)
    assert deadlines.calendar().is_working(due)
