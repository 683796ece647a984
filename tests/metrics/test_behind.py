"""What stands behind a figure adds up to it, whatever happened to the cases; others' cases are counted and not named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.cases.models import Case
from linli.kernel.errors import Forbidden, Invalid
from linli.kernel.trust import SYSTEM
from linli.metrics import behind as behind_room
from linli.metrics.behind import behind
from linli.metrics.catalogue import Kind, Period, metrics
from linli.metrics.counting import ARRIVING
from linli.metrics.handlers import on_cases
from linli.metrics.models import Figure
from linli.metrics.queries import values
from tests.metrics.test_rollups import CASES, STEPS, fresh, read_up_to, take, taken_back, told
from tests.world import WUHOU, World, build, report

HOME = f"{WUHOU}/012"
ENDINGS = st.one_of(
    st.tuples(st.sampled_from(("close", "register", "dispatch", "request_return", "decide_return")), st.sampled_from(
        ("registered", "dispatched", "returned", "feedback", "closed"))),
    STEPS,
)  # fmt: skip


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city."""
    return build()


def test_the_cases_add_up_to_the_figure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind_room, "_AT_ONCE", 2)
    reader = world.sun
    period = Period.of_days(3)

    @settings(max_examples=15)
    @given(happened=st.lists(st.tuples(st.integers(0, CASES - 1), ENDINGS), max_size=20))
    def run(happened: list[Any]) -> None:
        with taken_back():
            cases = [report(SYSTEM) for _n in range(CASES)]
            for which, step in happened:
                take(fresh(cases[which]), step)
            read_up_to(None)
            on_cases(told())
            for area in (HOME, f"{HOME}/003"):
                found = values(reader, area, period, list(metrics()))
                for key, value in found.items():
                    if value.metric.kind == Kind.STATE:
                        continue
                    told_of = behind(reader, key, area, period)
                    assert not told_of.areas
                    assert told_of.value.denominator == value.denominator == sum(one.whole for one in told_of.cases)
                    if value.numerator is not None:
                        assert value.numerator == sum(one.part for one in told_of.cases)
                    assert all(period.first <= one.day <= period.last for one in told_of.cases)

    run()


def test_what_cannot_be_seen_is_counted_and_not_named(world: World) -> None:
    report(world.zhou)
    secret = report(world.zhou)
    Case.objects.filter(id=secret.id).update(sensitivity="restricted")
    read_up_to(None)
    on_cases(told())
    found = behind(world.liu, "reported", HOME, Period.of_days(1))
    assert (len(found.cases), found.unseen, found.value.numerator) == (1, 1, 2)
    assert found.cases[0].case.number != secret.number


def test_many_are_told_by_the_areas_below(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(3):
        report(world.zhou)
    read_up_to(None)
    on_cases(told())
    supervisor, day = SYSTEM, Period.of_days(1)
    above = behind(supervisor, "reported", WUHOU, day)
    assert sum(one.value.numerator or 0 for one in above.areas) == 3
    assert not above.cases
    monkeypatch.setattr(behind_room, "MOST", 2)
    assert not behind(supervisor, "reported", HOME, day).cases
    with pytest.raises(Invalid):
        behind(supervisor, "reported", f"{HOME}/003/02", day)
    with pytest.raises(Forbidden):
        behind(world.liu, "reported", f"{WUHOU}/013", day)


def test_every_figure_knows_the_steps_that_it_counts() -> None:
    known = {*behind_room._STEPS, *behind_room._TIMED, *ARRIVING.values(), Figure.EXCLUDED}
    assert {str(one) for one in known} == set(Figure.values)
