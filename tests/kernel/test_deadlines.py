"""Deadlines: fired once and in order, counted in working time, and counted again when the official calendar comes."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linli.kernel import deadlines, ids, workdays
from linli.kernel.calendar import CalendarDay
from linli.kernel.errors import Forbidden, Invalid
from linli.kernel.models import Clock, Deadline, DeadlineState, Event
from linli.kernel.trust import Actor, Role
from linli.kernel.workdays import ProvisionalYear

pytestmark = pytest.mark.django_db(transaction=True)
HERE, THERE = "510107", "510104"
ADMINISTRATOR = Actor(role=Role.SYSTEM_ADMINISTRATOR, account_id=UUID(int=5), name="管理员")


@pytest.fixture(autouse=True)
def _calendar_is_read_anew():
    deadlines.forget_calendar()
    yield
    deadlines.forget_calendar()


def owed(
    minutes: int,
    *,
    clock: Clock = Clock.CALENDAR,
    kind: str = "response",
    district: str = HERE,
    subject: UUID | None = None,
):
    """A deadline of a new subject."""
    return deadlines.start(
        subject_type="story", subject_id=subject or ids.new_id(), kind=kind, district=district, area_path=district, clock=clock,
        minutes=minutes,
    )  # fmt: skip


def fired() -> list[Event]:
    """What was told of passed deadlines, in the order in which consumers read it."""
    return list(Event.objects.filter(kind="deadline.passed").order_by("xid", "id"))


def fresh(deadline: Deadline) -> Deadline:
    """As it stands now."""
    return Deadline.objects.get(id=deadline.id)


# Firing.


def test_what_is_due_fires_once(clock) -> None:
    one = owed(10)
    owed(60)
    assert deadlines.sweep(HERE) == 0
    assert deadlines.districts_with_due() == []
    clock.forward(minutes=10)
    assert deadlines.districts_with_due() == [HERE]
    assert deadlines.sweep(HERE) == 1
    assert deadlines.sweep(HERE) == 0
    (event,) = fired()
    assert event.subject_id == one.id
    assert event.data["deadline"] == "response"
    assert event.data["subject_id"] == str(one.subject_id)
    assert fresh(one).fired_at == clock.moment
    assert fresh(one).state == DeadlineState.RUNNING  # still owed


def test_after_a_stopped_day_it_catches_up_in_order(clock) -> None:
    minutes = [(n * 37) % 600 + 1 for n in range(60)]
    for n in minutes:
        owed(n)
    owed(20, district=THERE)
    owed(60 * 48)
    clock.forward(days=1)
    while deadlines.sweep(HERE, batch=7) == 7:
        pass
    told = [event.data["due_at"] for event in fired()]
    assert len(told) == 60
    assert told == sorted(told)
    assert deadlines.sweep_all() == 1  # the other district's; nothing twice
    assert len({event.subject_id for event in fired()}) == 61


def test_a_sweep_that_dies_has_done_nothing(clock) -> None:
    owed(1)
    clock.forward(hours=1)
    with transaction.atomic():
        assert deadlines.sweep(HERE) == 1
        transaction.set_rollback(True)
    assert fired() == []
    assert deadlines.sweep(HERE) == 1


def test_sweeps_at_once_share_the_work_and_double_nothing(clock, elsewhere) -> None:
    for n in range(240):
        owed(n % 50 + 1)
    clock.forward(hours=2)

    def sweep_until_nothing_is_left() -> int:
        total = 0
        while found := deadlines.sweep(HERE, batch=11):
            total += found
        return total

    assert sum(one.result() for one in [elsewhere(sweep_until_nothing_is_left) for _n in range(4)]) == 240
    told = fired()
    assert len(told) == len({event.subject_id for event in told}) == 240


def test_what_another_holds_is_left_to_it(clock, another) -> None:
    first, second = owed(1), owed(2)
    clock.forward(hours=1)
    busy = another()
    busy.execute("SELECT 1 FROM kernel_deadline WHERE id = %s FOR UPDATE", [first.id])
    assert deadlines.sweep(HERE) == 1
    assert [event.subject_id for event in fired()] == [second.id]
    busy.rollback()
    assert deadlines.sweep(HERE) == 1


def test_what_is_met_cancelled_or_stands_does_not_fire(clock) -> None:
    met, cancelled, stands = owed(5), owed(5), owed(5)
    deadlines.end(met, DeadlineState.MET)
    deadlines.end(cancelled, DeadlineState.CANCELLED)
    deadlines.pause(stands)
    clock.forward(hours=1)
    assert deadlines.sweep(HERE) == 0


def test_one_of_a_kind_runs_for_a_subject(clock) -> None:
    subject = ids.new_id()
    first = owed(5, subject=subject)
    owed(5, subject=subject, kind="resolution")
    with pytest.raises(IntegrityError, match="kernel_deadline_one_of_a_kind"), transaction.atomic():
        owed(9, subject=subject)
    deadlines.pause(first)
    with pytest.raises(IntegrityError, match="kernel_deadline_one_of_a_kind"), transaction.atomic():
        owed(9, subject=subject)
    deadlines.end(first, DeadlineState.MET)
    owed(9, subject=subject)
    with transaction.atomic():
        assert len(deadlines.open_of(HERE, subject)) == 2
        assert [d.kind for d in deadlines.open_of(HERE, subject, ["resolution"])] == ["resolution"]


# Pause, more time, another limit.

moments = st.datetimes(datetime(2026, 1, 5), datetime(2026, 10, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begun=moments,
    minutes=st.integers(1, 6_000),
    counted=st.sampled_from(Clock),
    before=st.integers(0, 20_000),
    stands=st.integers(0, 60_000),
)
def test_a_pause_keeps_what_was_left(begun, minutes: int, counted: Clock, before: int, stands: int, clock) -> None:
    clock.set(begun)
    one = owed(minutes, clock=counted)
    due = one.due_at
    paused = clock.forward(minutes=before)
    left = deadlines.remaining_minutes(one, paused)
    deadlines.pause(one)
    resumed = clock.forward(minutes=stands)
    deadlines.resume(one)
    assert (one.state, one.paused_at) == (DeadlineState.RUNNING, None)
    if paused >= due:
        assert (left, one.due_at, one.due_history) == (0, due, [])  # late is late
        return
    assume(left > 0)
    assert deadlines.remaining_minutes(fresh(one), resumed) == left
    assert one.due_history[-1]["due_at"] == due.isoformat()


def test_more_time_keeps_the_old_date_and_can_run_out_again(clock) -> None:
    one = owed(10)
    old = one.due_at
    clock.forward(minutes=11)
    assert deadlines.sweep(HERE) == 1
    deadlines.extend(fresh(one), clock.moment + timedelta(minutes=30))
    assert deadlines.sweep(HERE) == 0
    assert [h["due_at"] for h in fresh(one).due_history] == [old.isoformat()]
    clock.forward(hours=1)
    assert deadlines.sweep(HERE) == 1
    assert len(fired()) == 2


def test_another_limit_is_counted_from_the_start_by_its_own_clock(clock) -> None:
    one = owed(60, clock=Clock.WORKING)  # Wednesday 10:00
    old = one.due_at
    clock.forward(minutes=30)
    deadlines.recount(one, clock=Clock.CALENDAR, minutes=24 * 60, why="reclassified")
    one = fresh(one)
    assert one.due_at == one.started_at + timedelta(days=1)
    assert (one.clock, one.minutes) == (Clock.CALENDAR, 1_440)
    assert (one.due_history[0]["due_at"], one.due_history[0]["why"]) == (old.isoformat(), "reclassified")
    # From now on it stands and goes on by the new clock.
    clock.forward(hours=5)
    left = deadlines.remaining_minutes(one, clock.moment)
    deadlines.pause(one)
    clock.forward(days=2)
    assert deadlines.resume(one).due_at == clock.moment + timedelta(minutes=left)


def test_another_limit_does_not_count_the_time_that_the_clock_stood(clock) -> None:
    one = owed(100)
    clock.forward(minutes=40)
    deadlines.pause(one)
    clock.forward(minutes=500)
    deadlines.resume(one)
    for minutes in (200, 300):
        deadlines.recount(one, clock=Clock.CALENDAR, minutes=minutes, why="reclassified")
        assert one.due_at == clock.moment + timedelta(minutes=minutes - 40)


# A year whose calendar is not out yet.


def invented(year: int, *, holidays: set[tuple[int, int]]) -> list[CalendarDay]:
    """A calendar of a whole year."""
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(n) for n in range(first, date(year + 1, 1, 1).toordinal())]
    return [CalendarDay(d, d.weekday() < 5 and (d.month, d.day) not in holidays, "") for d in days]


HOLIDAYS = {(1, n) for n in range(1, 9)}


def test_what_reaches_a_year_without_calendar_is_marked_raised_and_counted_again(clock) -> None:
    clock.set(datetime(2026, 12, 30, 2, tzinfo=UTC))
    one, plain = owed(5 * 8 * 60, clock=Clock.WORKING), owed(60, clock=Clock.WORKING)
    assert (one.provisional, plain.provisional) == (True, False)
    assert workdays.provisional_years() == [ProvisionalYear(2027, 1)]
    old = one.due_at
    loaded = workdays.load_official(invented(2027, holidays=HOLIDAYS), actor=ADMINISTRATOR)
    assert (loaded.years, loaded.recomputed) == ((2027,), 1)
    one = fresh(one)
    assert not one.provisional
    assert one.due_at > old
    assert one.due_at.astimezone(UTC).date() == date(2027, 1, 14)  # 7 h on Wed, then Thu, Mon 11, Tue, Wed, 1 h on Thu
    assert one.due_history[0]["due_at"] == old.isoformat()
    assert one.due_history[0]["why"] == "recomputed"
    assert workdays.provisional_years() == []
    assert fresh(plain).due_history == []
    assert Event.objects.filter(kind="calendar.loaded").count() == 1


def test_a_year_in_between_counts_too(clock) -> None:
    clock.set(datetime(2026, 12, 30, 2, tzinfo=UTC))
    one = owed(300 * 8 * 60, clock=Clock.WORKING)
    assert one.due_at.year == 2028
    old = one.due_at
    workdays.load_official(invented(2027, holidays=HOLIDAYS), actor=ADMINISTRATOR)
    one = fresh(one)
    assert one.due_at > old
    assert one.provisional  # 2028 is still to come
    assert workdays.provisional_years() == [ProvisionalYear(2028, 1)]
    workdays.load_official(invented(2028, holidays=set()), actor=ADMINISTRATOR)
    assert not fresh(one).provisional


def test_what_was_late_by_the_provisional_calendar_only_runs_again(clock) -> None:
    clock.set(datetime(2026, 12, 31, 2, tzinfo=UTC))
    one = owed(2 * 8 * 60, clock=Clock.WORKING)
    clock.set(datetime(2027, 1, 6, 2, tzinfo=UTC))
    assert deadlines.sweep(HERE) == 1
    workdays.load_official(invented(2027, holidays=HOLIDAYS), actor=ADMINISTRATOR)
    assert deadlines.sweep(HERE) == 0
    assert fresh(one).fired_at is None
    clock.set(datetime(2027, 1, 12, 2, tzinfo=UTC))
    assert deadlines.sweep(HERE) == 1


def test_what_stands_while_the_calendar_comes_goes_on_with_what_was_left(clock) -> None:
    clock.set(datetime(2026, 12, 31, 2, tzinfo=UTC))  # 10:00: seven hours are left of the day
    one = owed(2 * 8 * 60, clock=Clock.WORKING)
    clock.forward(hours=2)  # one and a lunch hour have gone: 12:00
    deadlines.pause(one)
    left = deadlines.remaining_minutes(one, clock.moment)
    workdays.load_official(invented(2027, holidays=HOLIDAYS), actor=ADMINISTRATOR)
    clock.set(datetime(2027, 1, 11, 1, tzinfo=UTC))
    one = deadlines.resume(fresh(one))
    assert deadlines.remaining_minutes(one, clock.moment) == left


def test_a_calendar_that_is_refused_leaves_no_trace(clock) -> None:
    clock.set(datetime(2026, 12, 30, 2, tzinfo=UTC))
    one = owed(5 * 8 * 60, clock=Clock.WORKING)
    with pytest.raises(Forbidden):
        workdays.load_official(
            invented(2027, holidays=HOLIDAYS), actor=Actor(role=Role.DISPATCHER, account_id=UUID(int=6))
        )
    with pytest.raises(Invalid, match=r"calendar\.incomplete"):
        workdays.load_official(invented(2027, holidays=HOLIDAYS)[:-1], actor=ADMINISTRATOR)
    with transaction.atomic():
        workdays.load_official(invented(2027, holidays=HOLIDAYS), actor=ADMINISTRATOR)
        transaction.set_rollback(True)
    assert fresh(one).provisional
    deadlines.forget_calendar()
    assert owed(5 * 8 * 60, clock=Clock.WORKING).provisional
