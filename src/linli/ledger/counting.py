"""What caps leave of an award, and which points expire: pure functions; ``docs/algorithms/points.md`` gives the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from linli.kernel.time import LOCAL_ZONE

LIMIT_DAY, LIMIT_MONTH, LIMIT_BALANCE = "day", "month", "balance"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time; ``end`` is the first moment after it."""

    start: datetime
    end: datetime


def day_of(moment: datetime) -> Span:
    """The day of an aware moment where the city is."""
    first = _midnight(moment.astimezone(LOCAL_ZONE).date())
    return Span(first, first + timedelta(days=1))


def month_of(moment: datetime) -> Span:
    """The month of an aware moment where the city is."""
    day = moment.astimezone(LOCAL_ZONE).date().replace(day=1)
    following = (day + timedelta(days=32)).replace(day=1)
    return Span(_midnight(day), _midnight(following))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)


def capped(
    nominal: int, *, daily_cap: int | None, monthly_cap: int | None, in_day: int, in_month: int
) -> tuple[int, str]:
    """What is given of ``nominal`` points, and by what it was limited.

    Args:
        in_day: points that the same rule gave the same person on that day already.
        in_month: in that month.

    Returns:
        The points, and ``""``, ``"day"`` or ``"month"``; of two limits the one that leaves less, of equal ones the day's.
    """
    day = nominal if daily_cap is None else max(0, daily_cap - in_day)
    month = nominal if monthly_cap is None else max(0, monthly_cap - in_month)
    left = min(nominal, day, month)
    if left == nominal:
        return nominal, ""
    return left, LIMIT_DAY if day <= month else LIMIT_MONTH


def taken(nominal: int, balance: int) -> tuple[int, str]:
    """What is taken of ``nominal`` points from a balance: never more than there is, and nothing stays owed."""
    return (nominal, "") if nominal <= balance else (balance, LIMIT_BALANCE)


def expires_on(earned: datetime, *, years_kept: int) -> date:
    """The first day on which points that were earned at a moment are no longer there: 1 January after the last year."""
    return date(earned.astimezone(LOCAL_ZONE).year + years_kept + 1, 1, 1)


def expiring(movements: Iterable[tuple[datetime, int]], on: date, *, years_kept: int) -> int:
    """The points that expire on a day, when what was earned first is spent first.

    Args:
        movements: of one account, in any order: when, and what it did to the balance.
        on: a 1 January.
        years_kept: full years for which points are kept after the one in which they were earned.
    """
    due = spent = 0
    for moment, amount in movements:
        if amount < 0:
            spent -= amount
        elif expires_on(moment, years_kept=years_kept) <= on:
            due += amount
    return max(0, due - spent)
