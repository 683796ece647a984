"""Working-time arithmetic: when is something due that may take eight working hours. Pure: imports no Django.

``docs/algorithms/working-time.md`` has the rule. In short: a working day has the hours 9 to 12 and 13 to 18 of
Asia/Shanghai, eight in all, and a day works when the official calendar says so (make-up Saturdays do, holidays do not).
A year without a complete official calendar runs on a provisional one, and whatever was computed with it says so.
"""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from io import StringIO
from itertools import accumulate
from typing import NamedTuple, TextIO

OFFICE_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had no summer time since 1991: a fixed offset is exact, and several times faster than the zone's rules."""

OFFICE_HOURS: tuple[tuple[int, int], ...] = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
"""Minutes after midnight at which work begins and ends. Eight hours a day, as the catalogue's clocks assume."""

FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the statutory holidays that the sun calendar fixes (State Council Order 795, from 2025): New Year's
Day, Labour Day, National Day. Those of the moon calendar are known only when the State Council publishes the year."""

_DAY = 86_400_000_000  # everything below counts microseconds
_MINUTE = 60_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_OFFSET = 8 * 60 * _MINUTE
_MICROSECOND = timedelta(microseconds=1)
_ZERO = timedelta(0)


class ClockKind(StrEnum):
    """Which clock a limit runs by."""

    CALENDAR = "calendar"
    """Round the clock, every day: danger does not wait for office hours."""
    WORKING = "working"
    """Only while the office works."""


class Due(NamedTuple):
    """When something is due, and whether a provisional year had a part in it."""

    at: datetime
    provisional: bool


class CalendarDay(NamedTuple):
    """One row of an official calendar."""

    date: date
    is_workday: bool
    reason: str


@dataclass(slots=True)
class _Year:
    first: int
    """Ordinal of 1 January."""
    workdays: list[int]
    """Ordinals of the working days, rising."""
    before: list[int]
    """For each day of the year, how many working days of the year came before it."""
    works: list[bool]
    provisional: bool


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
    """Which days work, and the hours of each.

    Args:
        days: what the official calendars say; a year counts as official when every one of its days is there.
        hours: minutes after local midnight at which work begins and ends, rising and apart.

    Raises:
        ValueError: the hours overlap, run backwards or leave the day.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    hours: tuple[tuple[int, int], ...] = OFFICE_HOURS
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False)
    _opens: tuple[int, ...] = field(init=False, repr=False)
    _ends: tuple[int, ...] = field(init=False, repr=False)
    _done: tuple[int, ...] = field(init=False, repr=False)
    _length: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        edges = [edge for span in self.hours for edge in span]
        if not edges or edges != sorted(set(edges)) or edges[0] < 0 or edges[-1] > 24 * 60:
            raise ValueError("working hours must rise, stay apart and stay within the day")
        lengths = [(end - begin) * _MINUTE for begin, end in self.hours]
        object.__setattr__(self, "_opens", tuple(begin * _MINUTE for begin, _ in self.hours))
        object.__setattr__(self, "_ends", tuple(end * _MINUTE for _, end in self.hours))
        object.__setattr__(self, "_done", tuple(accumulate(lengths, initial=0)))
        object.__setattr__(self, "_length", sum(lengths))

    @property
    def day_length(self) -> timedelta:
        """Working time in one working day."""
        return timedelta(microseconds=self._length)

    @property
    def official_years(self) -> frozenset[int]:
        """The years whose every day is given."""
        return frozenset(year for year in {day.year for day in self.days} if not self.is_provisional(year))

    def is_provisional(self, year: int) -> bool:
        """Whether the year has no complete official calendar."""
        return self._year(year).provisional

    def is_workday(self, day: date) -> bool:
        """Whether the office works that day."""
        year = self._year(day.year)
        return year.works[day.toordinal() - year.first]

    def is_working(self, at: datetime) -> bool:
        """Whether the office is open at that moment; the moments of opening and closing count as open."""
        ordinal, clock = _local(at)
        if not self._works(ordinal):
            return False
        return any(begin <= clock <= end for begin, end in zip(self._opens, self._ends, strict=True))

    def add_working(self, start: datetime, amount: timedelta) -> Due:
        """The earliest moment at which ``amount`` of working time has passed since ``start``.

        An amount that uses up a working span ends at its end (18:00), not at the next beginning. Nothing at all ends at
        ``start`` if the office is open then, else at its next opening.

        Args:
            start: aware.
            amount: not negative.

        Returns:
            The due moment in UTC, and whether a day between the two lies in a provisional year.

        Raises:
            ValueError: ``start`` is naive or ``amount`` negative.
        """
        if amount < _ZERO:
            raise ValueError("working time can only be added forwards")
        ordinal, clock = _local(start)
        year_number = date.fromordinal(ordinal).year
        year = self._year(year_number)
        place = ordinal - year.first
        works = year.works[place]
        micros = amount // _MICROSECOND
        if micros == 0:
            if works and self._is_open(clock):
                return Due(start.astimezone(UTC), year.provisional)
            micros, at_opening = 1, True
        else:
            at_opening = False
        total = micros + (self._worked(clock) if works else 0)
        skip, rest = divmod(total - 1, self._length)
        rest += 1
        index = year.before[place] + skip
        provisional = year.provisional
        while index >= len(year.workdays):
            index -= len(year.workdays)
            year_number += 1
            year = self._year(year_number)
            provisional = provisional or year.provisional
        span = bisect_left(self._done, rest) - 1
        due_clock = self._opens[span] + (rest - self._done[span]) - (1 if at_opening else 0)
        return Due(_moment(year.workdays[index], due_clock), provisional)

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two aware moments; negative when ``end`` comes first."""
        if end < start:
            return -self.working_between(end, start)
        first, first_clock = _local(start)
        last, last_clock = _local(end)
        days = self._workdays_between(first, last)
        micros = days * self._length
        if self._works(last):
            micros += self._worked(last_clock)
        if self._works(first):
            micros -= self._worked(first_clock)
        return timedelta(microseconds=micros)

    def due(self, clock: ClockKind, start: datetime, amount: timedelta) -> Due:
        """When ``amount`` has passed since ``start`` on the given clock; the calendar clock is never provisional."""
        if clock is ClockKind.WORKING:
            return self.add_working(start, amount)
        if amount < _ZERO:
            raise ValueError("time can only be added forwards")
        return Due(_aware(start) + amount, provisional=False)

    def elapsed(self, clock: ClockKind, start: datetime, end: datetime) -> timedelta:
        """How much has passed on the given clock."""
        return self.working_between(start, end) if clock is ClockKind.WORKING else _aware(end) - _aware(start)

    def remaining(self, clock: ClockKind, *, paused_at: datetime, due_at: datetime) -> timedelta:
        """What is left of a limit when it is paused; none when it is already late.

        Resuming is ``due(clock, resumed_at, remaining)``: the time of the pause is not counted, whatever it fell on.
        """
        return max(_ZERO, self.elapsed(clock, paused_at, due_at))

    def _year(self, number: int) -> _Year:
        known = self._years.get(number)
        return known if known is not None else self._build(number)

    def _build(self, number: int) -> _Year:
        first, after = date(number, 1, 1).toordinal(), date(number, 12, 31).toordinal() + 1
        works: list[bool] = []
        missing = False
        for ordinal in range(first, after):
            day = date.fromordinal(ordinal)
            given = self.days.get(day)
            if given is None:
                missing = True
                given = day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS
            works.append(bool(given))
        if not any(works):
            raise ValueError(f"the calendar of {number} has no working day")
        year = _Year(
            first=first,
            workdays=[first + place for place, works_then in enumerate(works) if works_then],
            before=list(accumulate(map(int, works), initial=0)),
            works=works,
            provisional=missing,
        )
        self._years[number] = year  # two threads may build the same year; both come to the same
        return year

    def _works(self, ordinal: int) -> bool:
        year = self._year(date.fromordinal(ordinal).year)
        return year.works[ordinal - year.first]

    def _workdays_between(self, first: int, last: int) -> int:
        """Working days from ``first`` up to, but without, ``last``."""
        number, last_number = date.fromordinal(first).year, date.fromordinal(last).year
        year = self._year(number)
        count = -year.before[first - year.first]
        while number < last_number:
            count += len(year.workdays)
            number += 1
            year = self._year(number)
        return count + year.before[last - year.first]

    def _worked(self, clock: int) -> int:
        """Working time of a working day up to a moment of it."""
        span = bisect_right(self._opens, clock) - 1
        return 0 if span < 0 else self._done[span] + min(clock, self._ends[span]) - self._opens[span]

    def _is_open(self, clock: int) -> bool:
        span = bisect_right(self._opens, clock) - 1
        return span >= 0 and clock <= self._ends[span]


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("deadlines take aware datetimes")
    return value.astimezone(UTC)


def _local(value: datetime) -> tuple[int, int]:
    """Ordinal of the local day, and microseconds since its midnight."""
    if value.tzinfo is None:
        raise ValueError("deadlines take aware datetimes")
    day, clock = divmod((value - _EPOCH) // _MICROSECOND + _OFFSET, _DAY)
    return _EPOCH_DAY + day, clock


def _moment(ordinal: int, clock: int) -> datetime:
    return _EPOCH + timedelta(days=ordinal - _EPOCH_DAY, microseconds=clock - _OFFSET)


def duration(hours: Decimal | int | str | float) -> timedelta:
    """A limit of the catalogue, given in hours, as a duration in whole minutes (half a minute goes up).

    Raises:
        ValueError: it is negative or no number.
    """
    try:
        minutes = int((Decimal(str(hours)) * 60).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (ArithmeticError, ValueError):
        raise ValueError(f"{hours!r} is not a number of hours") from None
    if minutes < 0:
        raise ValueError("a limit cannot be negative")
    return timedelta(minutes=minutes)


def read_days(file: TextIO) -> list[CalendarDay]:
    """Rows of a calendar file: CSV with the columns ``date`` (ISO), ``is_workday`` (0 or 1) and ``reason``.

    Raises:
        ValueError: a row is wrong; the message names the line. Nothing is returned by halves.
    """
    reader = csv.DictReader(file)
    wanted = {"date", "is_workday"}
    if not wanted <= set(reader.fieldnames or ()):
        raise ValueError("line 1: the columns date and is_workday are needed")
    rows: list[CalendarDay] = []
    seen: set[date] = set()
    for row in reader:
        line = reader.line_num
        try:
            day = date.fromisoformat((row["date"] or "").strip())
        except ValueError:
            raise ValueError(f"line {line}: {row['date']!r} is not a date") from None
        works = (row["is_workday"] or "").strip()
        if works not in {"0", "1"}:
            raise ValueError(f"line {line}: is_workday must be 0 or 1, not {works!r}")
        if day in seen:
            raise ValueError(f"line {line}: {day} comes twice")
        seen.add(day)
        rows.append(CalendarDay(day, works == "1", (row.get("reason") or "").strip()))
    return rows


def complete_years(days: Iterable[date]) -> frozenset[int]:
    """The years of which every day is among ``days``."""
    counts: dict[int, int] = {}
    for day in set(days):
        counts[day.year] = counts.get(day.year, 0) + 1
    return frozenset(year for year, count in counts.items() if count == date(year, 12, 31).timetuple().tm_yday)


def shipped_days() -> list[CalendarDay]:
    """The official calendars that come with Linli (2024 to 2026, after the State Council's yearly notices)."""
    path = resources.files("linli.kernel") / "data" / "workday_calendar_2024_2026.csv"
    return read_days(StringIO(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def shipped() -> WorkingCalendar:
    """A calendar of the shipped years, for tests and simulations without a database."""
    return WorkingCalendar({row.date: row.is_workday for row in shipped_days()})
