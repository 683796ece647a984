"""The stretches of days that a brief is about: whole weeks, months and quarters."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _

from linli.briefs.models import BriefKind
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.metrics.catalogue import Period

DAY = timedelta(days=1)
QUARTER_MONTHS = 3
MONTHS = 12
FIRST_YEAR = 2001


def whole(kind: BriefKind, first: date) -> Period:
    """The whole week, month or quarter that begins on a day.

    Raises:
        Invalid: none begins then, or it is not over yet.
    """
    found = around(kind, first) if first.year >= FIRST_YEAR else None
    if found is None or found.first != first:
        raise Invalid("brief.first", _("No such stretch of days begins then."), field="first")
    if found.last >= time.today():
        raise Invalid("brief.not_over", _("These days are not over yet."), field="first")
    return found


def last_whole(kind: BriefKind, today: date) -> Period:
    """The last whole week, month or quarter before the one that ``today`` lies in."""
    return around(kind, around(kind, today).first - DAY)


def around(kind: BriefKind, day: date) -> Period:
    """The week (from Monday), month or quarter that a day lies in."""
    if kind == BriefKind.WEEK:
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    months = 1 if kind == BriefKind.MONTH else QUARTER_MONTHS
    month = (day.month - 1) // months * months + 1
    first = date(day.year, month, 1)
    over, after = divmod(month - 1 + months, MONTHS)
    return Period(first, date(day.year + over, after + 1, 1) - DAY)
