"""Working time: what 小徐 may count on when a limit says "eight working hours"."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import calendar
from linli.kernel.calendar import OFFICE_ZONE, ClockKind, WorkingCalendar, duration, shipped

CAL = shipped()
moments = st.datetimes(datetime(2023, 6, 1), datetime(2028, 6, 1), timezones=st.just(OFFICE_ZONE))
amounts = st.timedeltas(timedelta(0), timedelta(hours=2000))
positive = st.timedeltas(timedelta(microseconds=1), timedelta(hours=2000))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OFFICE_ZONE)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        # Friday afternoon, four hours: the rest is Monday morning.
        (local(2026, 11, 20, 16, 0), 4, local(2026, 11, 23, 11, 0)),
        # Over lunch.
        (local(2026, 11, 23, 11, 30), 1, local(2026, 11, 23, 13, 30)),
        # A span used up ends at its end, not at the next beginning.
        (local(2026, 11, 23, 9, 0), 3, local(2026, 11, 23, 12, 0)),
        (local(2026, 11, 23, 9, 0), 8, local(2026, 11, 23, 18, 0)),
        # On a Sunday nothing runs before Monday.
        (local(2026, 11, 22, 10, 0), Decimal("0.25"), local(2026, 11, 23, 9, 15)),
        (local(2026, 11, 22, 10, 0), 0, local(2026, 11, 23, 9, 0)),
        # National Day 2026 lasts from 1 to 7 October; Saturday 10 October is a make-up workday.
        (local(2026, 9, 30, 17, 0), 2, local(2026, 10, 8, 10, 0)),
        (local(2026, 10, 9, 17, 0), 9, local(2026, 10, 10, 18, 0)),
        # Nothing at all while the office is open is due at once.
        (local(2026, 11, 23, 10, 1), 0, local(2026, 11, 23, 10, 1)),
        (local(2026, 11, 23, 12, 30), 0, local(2026, 11, 23, 13, 0)),
    ],
)
def test_examples(start: datetime, hours: Decimal | int, due: datetime) -> None:
    assert CAL.add_working(start, duration(hours)) == (due, False)


def test_a_limit_that_reaches_into_a_year_without_an_official_calendar_says_so() -> None:
    due = CAL.add_working(local(2026, 12, 31, 17, 0), duration(2))
    assert due == (local(2027, 1, 4, 10, 0), True)  # 1 January is a fixed holiday, 2 and 3 January a weekend
    assert not CAL.add_working(local(2026, 12, 31, 16, 0), duration(2)).provisional
    assert CAL.add_working(local(2023, 12, 29, 17, 0), duration(2)).provisional  # and one that starts in one


def test_a_year_with_one_day_missing_is_provisional_but_keeps_the_days_it_has() -> None:
    days = {row.date: row.is_workday for row in calendar.shipped_days() if row.date != date(2025, 7, 1)}
    partial = WorkingCalendar(days)
    assert partial.official_years == {2024, 2026}
    assert partial.is_provisional(2025)
    assert partial.is_workday(date(2025, 1, 26)), "a make-up Sunday that was given still works"
    assert partial.is_workday(date(2025, 7, 1))
    assert CAL.official_years == {2024, 2025, 2026}


def test_fixed_holidays_of_a_provisional_year() -> None:
    off = {day for day in (date(2029, 1, 1) + timedelta(days=n) for n in range(365)) if not CAL.is_workday(day)}
    assert {day for day in off if day.weekday() < 5} == {
        date(2029, 1, 1), date(2029, 5, 1), date(2029, 5, 2), date(2029, 10, 1), date(2029, 10, 2), date(2029, 10, 3),
    }  # fmt: skip
    assert sum(day.weekday() >= 5 for day in off) == 104


def test_every_day_agrees_with_an_independent_calendar() -> None:
    day = date(2024, 1, 1)
    while day.year < 2027:
        assert CAL.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def slow_working_minutes(start: datetime, end: datetime) -> int:
    """Whole minutes counted one by one."""
    count, at = 0, start
    while at < end:
        here = at.astimezone(OFFICE_ZONE)
        open_ = 9 <= here.hour < 12 or 13 <= here.hour < 18
        count += open_ and chinese_calendar.is_workday(here.date())
        at += timedelta(minutes=1)
    return count


@given(st.integers(0, 2 * 365 * 24 * 60), st.integers(0, 9 * 24 * 60))
def test_against_counting_minutes(offset: int, length: int) -> None:
    start = local(2024, 6, 1) + timedelta(minutes=offset)
    end = start + timedelta(minutes=length)
    assert CAL.working_between(start, end) == timedelta(minutes=slow_working_minutes(start, end))


@given(moments, amounts)
def test_due_is_in_working_time_and_not_before_the_start(start: datetime, amount: timedelta) -> None:
    due = CAL.add_working(start, amount).at
    assert due >= start
    assert CAL.is_working(due)
    assert due.tzinfo is UTC


@given(moments, amounts)
def test_between_undoes_add(start: datetime, amount: timedelta) -> None:
    assert CAL.working_between(start, CAL.add_working(start, amount).at) == amount


@given(moments, positive)
def test_due_is_the_earliest_such_moment(start: datetime, amount: timedelta) -> None:
    due = CAL.add_working(start, amount).at
    assert CAL.working_between(start, due - timedelta(microseconds=1)) < amount


@given(moments, amounts, positive)
def test_adding_twice_is_adding_the_sum(start: datetime, first: timedelta, second: timedelta) -> None:
    middle = CAL.add_working(start, first).at
    assert CAL.add_working(middle, second).at == CAL.add_working(start, first + second).at


@given(moments, moments, amounts)
def test_who_starts_later_is_not_due_earlier(one: datetime, other: datetime, amount: timedelta) -> None:
    early, late = sorted((one, other))
    assert CAL.add_working(early, amount).at <= CAL.add_working(late, amount).at


@given(moments, amounts, amounts)
def test_more_time_is_never_due_earlier(start: datetime, one: timedelta, other: timedelta) -> None:
    less, more = sorted((one, other))
    assert CAL.add_working(start, less).at <= CAL.add_working(start, more).at


@given(moments, moments, moments)
def test_between_adds_up_and_turns_round(one: datetime, two: datetime, three: datetime) -> None:
    assert CAL.working_between(one, two) + CAL.working_between(two, three) == CAL.working_between(one, three)
    assert CAL.working_between(one, two) == -CAL.working_between(two, one)


@given(st.sampled_from(ClockKind), moments, amounts, st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_a_pause_gives_back_exactly_its_own_time(
    clock: ClockKind, start: datetime, amount: timedelta, part: float, pause: timedelta
) -> None:
    due = CAL.due(clock, start, amount).at
    paused = start + (due - start) * part
    rest = CAL.remaining(clock, paused_at=paused, due_at=due)
    resumed = paused + pause
    again = CAL.due(clock, resumed, rest).at
    assert CAL.elapsed(clock, start, paused) + CAL.elapsed(clock, resumed, again) == amount
    assert again >= due or rest == timedelta(0)


def test_a_pause_after_the_due_moment_leaves_nothing() -> None:
    due = local(2026, 11, 20, 10, 0)
    assert CAL.remaining(ClockKind.WORKING, paused_at=local(2026, 11, 23, 10, 0), due_at=due) == timedelta(0)


def test_the_calendar_clock_runs_at_night_and_is_never_provisional() -> None:
    due = CAL.due(ClockKind.CALENDAR, local(2026, 12, 31, 23, 50), duration("0.25"))
    assert due == (local(2027, 1, 1, 0, 5), False)


def test_other_hours() -> None:
    early = WorkingCalendar(hours=((8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30)))
    assert early.day_length == timedelta(hours=7)
    assert early.add_working(local(2026, 11, 23, 8, 0), duration(4)).at == local(2026, 11, 23, 14, 30)
    round_the_clock = WorkingCalendar(hours=((0, 24 * 60),))
    assert round_the_clock.add_working(local(2026, 11, 20, 23, 0), duration(2)).at == local(2026, 11, 23, 1, 0)


@pytest.mark.parametrize("hours", [(), ((9, 8),), ((0, 60), (60, 120)), ((0, 1441),), ((540, 720), (700, 800))])
def test_impossible_hours_are_refused(hours: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="working hours"):
        WorkingCalendar(hours=hours)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        CAL.add_working(datetime(2026, 1, 1), timedelta(0))
    with pytest.raises(ValueError, match="aware"):
        CAL.due(ClockKind.CALENDAR, datetime(2026, 1, 1), timedelta(0))
    with pytest.raises(ValueError, match="forwards"):
        CAL.add_working(local(2026, 1, 1), timedelta(hours=-1))
    with pytest.raises(ValueError, match="forwards"):
        CAL.due(ClockKind.CALENDAR, local(2026, 1, 1), timedelta(hours=-1))
    with pytest.raises(ValueError, match="no working day"):
        WorkingCalendar({row.date: False for row in calendar.shipped_days()}).add_working(
            local(2025, 1, 1), duration(1)
        )
    for wrong in ("eight", "-1", "nan", "inf"):
        with pytest.raises(ValueError):
            duration(wrong)


def test_hours_become_whole_minutes() -> None:
    assert duration("0.25") == timedelta(minutes=15)
    assert duration(0.5) == timedelta(minutes=30)
    assert duration(Decimal("2.008")) == timedelta(minutes=120)
    assert duration("0.0084") == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day,works\n", "line 1"),
        ("date,is_workday,reason\n2027-02-30,1,\n", "line 2.*not a date"),
        ("date,is_workday,reason\n2027-01-01,0,x\n2027-01-02,yes,\n", "line 3.*0 or 1"),
        ("date,is_workday,reason\n2027-01-01,0,x\n2027-01-01,1,\n", "line 3.*twice"),
    ],
)
def test_a_wrong_calendar_file_names_the_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calendar.read_days(io.StringIO(text))


def test_complete_years() -> None:
    days = [row.date for row in calendar.shipped_days()]
    assert calendar.complete_years(days) == {2024, 2025, 2026}
    assert calendar.complete_years(days[:-1]) == {2024, 2025}
