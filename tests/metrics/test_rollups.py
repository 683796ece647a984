"""Whatever happens to cases, in whatever order and portions the reader learns of it, counters and roll-ups equal the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from io import StringIO
from itertools import pairwise
from math import ceil
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.cases.loop import add_step
from linli.cases.models import Case
from linli.cases.states import ENDED, State
from linli.kernel import time
from linli.kernel.events import Happened
from linli.kernel.models import Cursor, Event
from linli.kernel.trust import SYSTEM
from linli.metrics import backfilling, keeping, logs, saying
from linli.metrics import queries as figures_of
from linli.metrics.catalogue import Period
from linli.metrics.counting import Key, Sum, Tally, took
from linli.metrics.course import Course
from linli.metrics.handlers import on_cases
from linli.metrics.models import (
    TOOK,
    AreaDay,
    AreaMonth,
    Backfill,
    CategoryDay,
    CategoryMonth,
    DayFigure,
    Figure,
    Standing,
)
from linli.metrics.queries import by_area, by_category, states, values
from linli.metrics.recounting import KEYS, recount
from tests.world import WUHOU, World, build, fresh, report

CASES = 3
PATHS = (f"{WUHOU}/012/003/02/017", f"{WUHOU}/012/004/01/001", f"{WUHOU}/013/001/01/001", f"{WUHOU}/000")
DEADLINES = ("response", "resolution", "call_response:0123456789ab", "sign_in", "return_decision")
STEPS = st.one_of(
    st.tuples(st.just("late"), st.sampled_from(DEADLINES), st.integers(-3, 3)),
    st.tuples(st.just("dispose"), st.sampled_from(DEADLINES), st.integers(-3, 3)),
    st.tuples(st.just("reclassify"), st.sampled_from(("EN01", "UT02"))),
    st.tuples(st.just("relocate"), st.sampled_from(PATHS)),
    st.tuples(st.just("regrouped"), st.sampled_from(PATHS)),
    st.tuples(st.just("call"), st.sampled_from(("community", "subdistrict", "district"))),
    st.tuples(st.just("recomputed"), st.integers(-3, 3), st.integers(-3, 3)),
    st.tuples(st.just("start"), st.sampled_from([state.value for state in State])),
    st.tuples(st.just("reopen"), st.just("reopened")),
)


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city."""
    return build()


def take(case: Case, step: tuple[Any, ...]) -> None:
    """Let something happen to a case, as its log and the outbox would tell of it."""
    kind, *words = step
    now = time.now()
    data: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    match kind:
        case "late":
            data = {"deadline": words[0], "due_at": moment(words[1])}
        case "dispose":
            data = {"clocks": {words[0]: [moment(-4), moment(words[1]), now.isoformat()]}}
        case "reclassify":
            changes = {"category": words[0]}
        case "relocate" | "regrouped":
            changes = {"area_path": words[0]}
        case "call":
            changes = {"level": words[0]}
        case "recomputed":
            data = {"old_due": moment(words[0]), "due": moment(words[1])}
        case _:
            changes = {"state": State(words[0]), "is_open": State(words[0]) not in ENDED}
    if changes.get("state") == State.MERGED:
        changes["master_id"] = case.id
    add_step(SYSTEM, case, kind, data=data, changes=changes)


def moment(days: int) -> str:
    return (time.now() + timedelta(days=days)).isoformat()


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def told() -> list[Happened]:
    names = Happened.__slots__
    return [
        Happened(**{name: getattr(one, name) for name in names})
        for one in Event.objects.filter(kind__startswith="case.").order_by("xid", "id")
    ]


def read_up_to(event: Happened | None, *, xid: int | None = None) -> None:
    """Stand where the reader stands after it took an event."""
    Cursor.objects.update_or_create(
        consumer=logs.NAME, district=WUHOU,
        defaults={"xid": xid or (event.xid if event else 0), "event_id": event.id if event else logs.START},
    )  # fmt: skip


def agrees() -> None:
    found = recount(WUHOU, write=False)
    assert not found.differences
    assert not found.pending


def children_add_up() -> None:
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in DayFigure.objects.all():
        parts = row.area_path.split("/")
        for depth in range(1, len(parts) + 1):
            sums["/".join(parts[:depth]), row.figure, row.day] += row.count
            if depth < 3:
                sums["/".join(parts[:depth]), row.figure, row.day, row.category] += row.count
    rolled = {(row.area_path, row.figure, row.day): row.count for row in AreaDay.objects.all()}
    rolled |= {(row.area_path, row.figure, row.day, row.category): row.count for row in CategoryDay.objects.all()}
    assert {key: count for key, count in sums.items() if count} == {
        key: count for key, count in rolled.items() if count
    }


@settings(max_examples=25)
@given(
    happened=st.lists(st.tuples(st.integers(0, CASES - 1), STEPS), max_size=25),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=9),
    shuffled=st.randoms(use_true_random=False),
)
def _any_order_and_portion(happened: list[Any], cuts: list[int], shuffled: Any) -> None:
    with taken_back():
        cases = [report(SYSTEM) for _n in range(CASES)]
        for which, step in happened:
            take(fresh(cases[which]), step)
        events = told()
        shuffled.shuffle(events)
        read_up_to(None)
        place = 0
        for size in cuts * len(events):
            if batch := events[place : place + size]:
                on_cases(batch)
            place += size
        read_up_to(None, xid=2**60)
        agrees()
        children_add_up()
        open_now = Case.objects.filter(is_open=True).count()
        assert sum(states(SYSTEM, WUHOU).values()) == open_now


def test_any_order_and_portion_comes_to_the_log(world: World) -> None:
    _any_order_and_portion()


@settings(max_examples=12)
@given(
    happened=st.lists(st.tuples(st.integers(0, CASES - 1), STEPS), min_size=4, max_size=25),
    known=st.integers(0, 12),
    forgotten=st.sets(st.sampled_from(["resolution_owed", "call_unanswered", "reported", "standing"]), min_size=1),
    most=st.integers(1, 12),
    slices=st.lists(st.booleans(), min_size=40, max_size=40),
)
def _hand_over(happened: list[Any], known: int, forgotten: set[str], most: int, slices: list[bool]) -> None:
    with taken_back():
        cases = [report(SYSTEM) for _n in range(CASES)]
        for which, step in happened:
            take(fresh(cases[which]), step)
        events = told()
        known = min(known, len(events))
        # The reader of yesterday knew nothing of some figures.
        read_up_to(None)
        for event in events[:known]:
            on_cases([event])
        read_up_to(events[known - 1] if known else None)
        for table, _key in KEYS:
            table.objects.filter(figure__in=forgotten).delete()
        if "standing" in forgotten:
            Standing.objects.all().delete()
        Backfill.objects.filter(figure__in=forgotten).delete()
        # That of today begins them where it stands, while slices of the history are counted between its batches.
        for number, event in enumerate(events[known:]):
            on_cases([event])
            read_up_to(event)
            if slices[number]:
                backfilling.one_slice(WUHOU, most=most)
        backfilling.begin_everywhere()
        while backfilling.one_slice(WUHOU, most=most):
            pass
        assert backfilling.pending() == []
        agrees()
        children_add_up()


def test_a_new_figure_is_counted_once_whenever_it_is_handed_over(world: World) -> None:
    _hand_over()


def test_what_is_due_and_owed_stays_in_the_rate_until_it_is_met_or_moved(world: World) -> None:
    """Ten lamps fall due: six are late, one of these gets more time, one is done late, one was merged. Five of eight were not in time."""
    cases = [report(world.zhou) for _n in range(10)]
    read_up_to(None)
    for number, case in enumerate(cases):
        take(case, ("late", "resolution", 0) if number < 6 else ("dispose", "resolution", 0))
    take(cases[1], ("dispose", "resolution", -1))
    take(cases[2], ("start", "merged"))
    add_step(SYSTEM, cases[0], "decide_extension", data={"agree": True, "old_due": moment(0), "due": moment(5)})
    on_cases(told())
    today = Period.today()
    days = Period(today.first - timedelta(days=3), today.last)
    found = values(world.ma, WUHOU, days, ["resolution_on_time", "late_now"])
    rate, late = found["resolution_on_time"], found["late_now"]
    assert (rate.numerator, rate.denominator, late.numerator) == (None, 8, 3)  # fewer than ten are not shown
    assert rate.hidden
    assert late.as_of == time.now()
    assert rate.whole
    for _n in range(2):
        case = report(world.zhou)
        take(case, ("dispose", "resolution", 0))
    on_cases([one for one in told() if one.subject_id not in {case.id for case in cases}])
    rate = values(world.ma, WUHOU, days, ["resolution_on_time"])["resolution_on_time"]
    assert (rate.numerator, rate.denominator, str(rate.value)) == (6, 10, "0.6000")
    assert rate.low < rate.value < rate.high
    read_up_to(None, xid=2**60)
    agrees()
    assert [one.rank_from for one in by_area(world.ma, WUHOU, today, "resolution_on_time")] == [None, None]


def test_a_dispatch_that_nobody_took_on_stays_in_the_rate_whoever_takes_on_the_next() -> None:
    course = Course(WUHOU)
    columns = {"set": {"area_path": PATHS[0], "category": "UT02", "level": "district"}}
    at = datetime.fromisoformat("2026-11-18T02:00:00+00:00")
    first, second = ((at + timedelta(days=days)).isoformat() for days in (0, 2))

    def owed(kind: str, **data: Any) -> list[tuple[str, int]]:
        turn = course.read(kind=kind, at=at, from_state="dispatched", to_state="dispatched", data=data)
        return [(key.figure, value.times) for key, value in turn.owed]

    course.read(kind="report", at=at, from_state="", to_state="submitted", data=columns)
    assert owed("late", deadline="sign_in", due_at=first) == [("sign_in_owed", 1)]
    assert owed("request_return") == []
    assert owed("late", deadline="sign_in", due_at=second) == [("sign_in_owed", 1)]
    assert owed("sign_in", clocks={"sign_in": [first, second, second]}) == [("sign_in_owed", -1)]
    assert owed("close") == []


def test_a_call_that_was_never_answered_stays_unanswered_after_the_case_ended() -> None:
    course = Course(WUHOU)
    columns = {"set": {"area_path": PATHS[0], "category": "UT02", "level": "community"}}
    at = datetime.fromisoformat("2026-11-18T02:00:00+00:00")
    clock = DEADLINES[2]
    course.read(kind="report", at=at, from_state="", to_state="submitted", data=columns)
    late = {"deadline": clock, "due_at": at.isoformat()}
    turn = course.read(kind="late", at=at, from_state="called", to_state="called", data=late)
    assert [(key.figure, value.times) for key, value in turn.owed] == [("call_unanswered", 1)]
    turn = course.read(kind="close", at=at, from_state="verified", to_state="closed", data={})
    assert turn.owed == []
    turn = course.read(
        kind="join_call", at=at, from_state="closed", to_state="closed",
        data={"clocks": {clock: [at.isoformat()] * 3}},
    )  # fmt: skip
    assert [(key.figure, value.times) for key, value in turn.owed] == [("call_unanswered", -1)]


def test_the_command_works_off_what_waits_and_a_recount_settles_it_as_well(world: World) -> None:
    for _n in range(4):
        report(world.zhou)
    on_cases(told())
    read_up_to(told()[-1], xid=2**60)
    again = {"xid": 2**60, "after": logs.START, "done_at": None}
    for table, _key in KEYS:
        table.objects.filter(figure=Figure.REPORTED).delete()
    Backfill.objects.filter(figure="reported").update(**again)
    assert not values(world.ma, WUHOU, Period.today(), ["reported"])["reported"].whole
    out = StringIO()
    call_command("backfill", "reported", stdout=out)
    assert "whole: reported" in out.getvalue()
    assert values(world.ma, WUHOU, Period.today(), ["reported"])["reported"].value == 4
    with pytest.raises(CommandError, match="there is no figure shoe_size"):
        call_command("backfill", "shoe_size", stdout=out)
    # The step from yesterday's database lays the roll-ups from its counters.
    days, months = (import_module(f"linli.metrics.migrations.{name}") for name in ("0003_rollups", "0004_months"))
    for table in (AreaDay, CategoryDay, AreaMonth, CategoryMonth):
        table.objects.all().delete()
    with connection.cursor() as cursor:
        for statement in (days.AREAS, days.CATEGORIES, months.AREAS, months.CATEGORIES):
            cursor.execute(statement)
    agrees()
    AreaDay.objects.all().delete()
    Backfill.objects.filter(figure="reported").update(**again)
    assert recount(WUHOU, write=False).pending == ("reported",)
    assert recount(WUHOU, write=True).differences
    agrees()


@given(minutes=st.lists(st.integers(0, 200_000), min_size=1, max_size=40), owed=st.integers(0, 10))
def test_half_and_nine_in_ten_lie_in_the_range_where_they_really_lie(minutes: list[int], owed: int) -> None:
    sums: dict[str, tuple[int, int]] = {}
    for one in minutes:
        count, total = sums.get(took(one), (0, 0))
        sums[took(one)] = (count + 1, total + one)
    ends = [0, *(most for most in TOOK.values() if most is not None), 10**9]
    for share in (Decimal("0.5"), Decimal("0.9")):
        found = figures_of._within(share, sums, owed)
        place = ceil(share * (len(minutes) + owed))
        if place > len(minutes):
            assert found is None, "what is owed took longer than anything"
            continue
        real = sorted(minutes)[place - 1]
        low, high = next((low, high) for low, high in pairwise(ends) if real <= high)
        assert found is not None
        assert low <= found <= high


def test_what_is_owed_counts_as_longer(world: World) -> None:
    cases = [report(world.zhou) for _n in range(12)]
    read_up_to(None)
    for number, case in enumerate(cases):
        take(case, ("dispose", "resolution", 0) if number < 10 else ("late", "resolution", 0))
    on_cases(told())
    wanted = ["resolution_minutes", "resolution_median", "resolution_p90"]
    found = values(world.ma, WUHOU, Period.of_days(3), wanted)
    mean, half, most = (found[one] for one in wanted)
    assert mean.value == 4 * 24 * 60
    assert 3 * 24 * 60 < (half.value or 0) <= 4 * 24 * 60
    assert (half.numerator, half.denominator, most.value) == (10, 12, None)
    with translation.override("en"):
        assert saying.note(most) == "Too many are still owed: 2 of 12"
    read_up_to(None, xid=2**60)
    agrees()


@settings(max_examples=20)
@given(
    counted=st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["UT02", "EN01"]), st.integers(1, 9)), min_size=1, max_size=12
    ),
    span=st.tuples(st.integers(0, 400), st.integers(62, 400)),
)
def _many_months(counted: list[tuple[int, str, int]], span: tuple[int, int]) -> None:
    begin = date(2025, 1, 1)
    path, period = f"{WUHOU}/012/003", Period(begin + timedelta(span[0]), begin + timedelta(span[0] + span[1]))
    with taken_back():
        tally = Tally()
        for day, category, times in counted:
            tally.count(Key(WUHOU, path, category, "", "reported", begin + timedelta(day)), Sum(times, 0))
        keeping.add(tally)
        within = [(code, n) for day, code, n in counted if period.first <= begin + timedelta(day) <= period.last]
        for area in ("5101", WUHOU, f"{WUHOU}/012", path):
            found = values(SYSTEM, area, period, ["reported"])["reported"].value
            assert found == sum(n for _code, n in within)
            kinds = {one.code: one.count for one in by_category(SYSTEM, area, period, "reported")}
            assert kinds == {code: sum(n for one, n in within if one == code) for code in {code for code, _n in within}}


def test_many_months_come_to_what_their_days_do(world: World) -> None:
    _many_months()
