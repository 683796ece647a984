"""Duty: shared out fairly by a rule, changed by hand, swapped with consent, read by one's own calendar."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.workforce import calendars, queries, rota
from linli.workforce.actions import duty, leaving
from linli.workforce.models import Shift
from tests.world import WUHOU

YULIN = f"{WUHOU}/012/003"
MONTH = date(2026, 12, 1)


@given(
    people=st.integers(1, 9), days=st.integers(1, 40), away=st.sets(st.tuples(st.integers(0, 8), st.integers(0, 39))),
)  # fmt: skip
def test_the_rule_is_fair_and_gives_nobody_two_shifts_on_one_day(people: int, days: int, away: set) -> None:
    names = [f"p{number}" for number in range(people)]
    places = rota.shifts_of(MONTH, MONTH + timedelta(days=days - 1), is_workday=lambda day: day.isoweekday() < 6)
    gone = {(f"p{who}", MONTH + timedelta(days=when)) for who, when in away}
    given_ = rota.plan(places, names, free=lambda who, day: (who, day) not in gone)
    assert given_ == rota.plan(places, names, free=lambda who, day: (who, day) not in gone)
    taken = [(who, place.day) for place, who in given_.items()]
    assert len(taken) == len(set(taken))
    assert not set(taken) & gone
    for place in set(places) - set(given_):  # open only when nobody is left
        busy = {who for who, day in taken if day == place.day} | {who for who, day in gone if day == place.day}
        assert set(names) <= busy
    if not gone and people > 2:
        nights = Counter(who for place, who in given_.items() if place.kind == "night")
        assert max(nights.values()) - min((nights[name] for name in names), default=0) <= 2


def test_a_month_is_planned_given_and_swapped_with_consent(world, clock) -> None:
    leave = leaving.ask(world.lao_wu, first_day=date(2026, 12, 7), last_day=date(2026, 12, 13), reason="annual")
    leaving.approve(world.xiao_xu, leave.id, district=WUHOU, version=1, covers=[world.posts["xiao_li"].id])
    made = duty.plan(world.xiao_xu, area_path=YULIN, month=MONTH)
    assert len(made) == 31 + 8  # a night for each day, a day shift on Saturdays and Sundays
    assert duty.plan(world.xiao_xu, area_path=YULIN, month=MONTH) == []
    people = Counter(one.account_id for one in made)
    assert set(people) == {world.accounts[name].id for name in ("xiao_xu", "xiao_li", "lao_wu")}
    away = {shift.day for shift in made if shift.account_id == world.accounts["lao_wu"].id}
    assert not away & {date(2026, 12, day) for day in range(7, 14)}

    mine = queries.my_shifts(world.xiao_xu)[0]
    swap = duty.ask_swap(world.xiao_xu, mine.id, to_post=world.posts["xiao_li"].id)
    with pytest.raises(Conflict):
        duty.ask_swap(world.xiao_xu, mine.id, to_post=world.posts["lao_wu"].id)
    with pytest.raises(NotFound):
        duty.answer_swap(world.lao_wu, swap.id, agree=True)
    assert [one.id for one in queries.swaps_for(world.xiao_li)] == [swap.id]
    duty.answer_swap(world.xiao_li, swap.id, agree=True)
    shift = Shift.objects.get(id=mine.id)
    assert (shift.account_id, shift.version) == (world.accounts["xiao_li"].id, 2)
    with pytest.raises(NotFound):
        duty.answer_swap(world.xiao_li, swap.id, agree=True)

    given_ = duty.assign(
        world.xiao_li, area_path=YULIN, day=shift.day, kind=shift.kind, post_id=world.posts["xiao_xu"].id, version=2
    )
    assert given_.account_id == world.accounts["xiao_xu"].id
    with pytest.raises(Stale):
        duty.assign(
            world.xiao_li, area_path=YULIN, day=shift.day, kind=shift.kind, post_id=world.posts["xiao_xu"].id, version=2
        )
    with pytest.raises(Conflict) as gone:
        duty.assign(
            world.xiao_li, area_path=YULIN, day=date(2026, 12, 8), kind="night", post_id=world.posts["lao_wu"].id,
            version=1,
        )  # fmt: skip
    assert gone.value.code == "duty.away"


def test_who_is_on_duty_now_and_ones_own_calendar(world, clock) -> None:
    duty.plan(world.liu, area_path=YULIN, month=MONTH)
    assert queries.on_duty(YULIN) is None
    clock.set(datetime(2026, 12, 1, 14, tzinfo=UTC))  # 22:00
    found = queries.on_duty(f"{YULIN}/02/017")
    assert found is not None
    shift = Shift.objects.select_related("account").get(area_path=YULIN, day=MONTH, kind="night")
    assert (found.name, found.until) == (shift.account.work_name, shift.ends_at)
    clock.set(datetime(2026, 12, 2, 3, tzinfo=UTC))  # 11:00, office hours
    assert queries.on_duty(YULIN) is None

    key = duty.new_feed(world.xiao_xu)
    own = queries.feed(key)
    assert own
    assert {one.account_id for one in own} == {world.accounts["xiao_xu"].id}
    text = calendars.of(own)
    assert text.count("BEGIN:VEVENT") == len(own)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    newer = duty.new_feed(world.xiao_xu)
    assert queries.feed(key) is None
    assert queries.feed(newer)
    assert queries.feed("") is None


def test_who_may_not_plan_and_what_cannot_be_planned(world, clock) -> None:
    for stranger in ("sibling_worker", "far_worker", "other_liu", "lao_wu"):
        with pytest.raises((NotFound, Forbidden)):
            duty.plan(getattr(world, stranger), area_path=YULIN, month=MONTH)
    with pytest.raises(Forbidden):
        duty.plan(world.sun, area_path=YULIN, month=MONTH)
    with pytest.raises(Invalid):
        duty.plan(world.liu, area_path=f"{WUHOU}/012", month=MONTH)
    with pytest.raises(Invalid):
        duty.plan(world.xiao_xu, area_path=YULIN, month=date(2026, 10, 1))
    with pytest.raises(Invalid) as nobody:
        duty.plan(world.other_liu, area_path=f"{WUHOU}/013/001", month=MONTH)
    assert nobody.value.code == "duty.nobody"
