"""The official calendar in the database: loading a year when the State Council has published it, and what waits for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import deadlines, events, time
from linli.kernel.calendar import CalendarDay, complete_years
from linli.kernel.db import NOWHERE
from linli.kernel.errors import Invalid
from linli.kernel.models import DeadlineState, WorkCalendarDay
from linli.kernel.trust import audit, policy
from linli.kernel.trust.actor import Actor

"""The district of what concerns every district."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a calendar brought."""

    years: tuple[int, ...]
    changed_days: int
    """Days that are new or work otherwise than before."""
    recomputed: int
    """Deadlines whose due time was replaced."""


@dataclass(frozen=True, slots=True)
class ProvisionalYear:
    """A notice to the administrator: so many deadlines rest on a year that has no official calendar."""

    year: int
    deadlines: int


def load_official(days: Sequence[CalendarDay], *, actor: Actor) -> Loaded:
    """Load the official calendar of whole years, and compute anew what was provisional for want of it.

    Steps, in one transaction:
    1. the actor's right (``calendar.load``);
    2. every year that is touched must be there to its last day;
    3. the days are written over what was known of these years;
    4. provisional deadlines that touch them are computed again, old due times kept;
    5. an audit row, and an event ``calendar.loaded`` for each year.

    Raises:
        Forbidden: the actor may not.
        Invalid: ``calendar.empty``, or ``calendar.incomplete`` with the first missing day.
    """
    policy.require(actor, "calendar.load")
    years = _whole_years(days)
    try:
        return _load(days, years, actor)
    finally:
        # The cache may hold what was rolled back, or what another thread of this process read before the commit.
        deadlines.forget_calendar()


def _load(days: Sequence[CalendarDay], years: tuple[int, ...], actor: Actor) -> Loaded:
    with transaction.atomic():
        known = dict(
            WorkCalendarDay.objects.select_for_update()
            .filter(date__year__in=years, official=True)
            .values_list("date", "is_workday")
        )
        changed = sum(known.get(day.date) != day.is_workday for day in days)
        WorkCalendarDay.objects.bulk_create(
            [WorkCalendarDay(date=d.date, is_workday=d.is_workday, reason=d.reason[:40], official=True) for d in days],
            update_conflicts=True,
            unique_fields=["date"],
            update_fields=["is_workday", "reason", "official"],
        )
        recomputed = deadlines.recompute_provisional(years=years)
        detail = {"years": list(years), "changed_days": changed, "recomputed": recomputed}
        audit.record(
            actor, "calendar.load", subject_type="calendar", subject_id=str(years[0]), district=NOWHERE, detail=detail
        )
        for year in years:
            events.append(
                "calendar.loaded",
                subject_type="calendar",
                subject_id=UUID(int=year),
                sequence=int(time.now().timestamp() * 1_000_000),
                district=NOWHERE,
                area_path="",
                actor=actor,
                data={"year": year, "recomputed": recomputed},
            )
    return Loaded(years, changed, recomputed)


def provisional_years() -> list[ProvisionalYear]:
    """The years on which open deadlines rest provisionally, earliest first; empty when nothing waits for a calendar."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(year FROM due_at AT TIME ZONE 'Asia/Shanghai')::int AS year, count(*)
            FROM kernel_deadline WHERE provisional AND state = ANY(%s) GROUP BY year ORDER BY year
            """,
            [[str(DeadlineState.RUNNING), str(DeadlineState.PAUSED)]],
        )
        return [ProvisionalYear(year, count) for year, count in cursor.fetchall()]


def _whole_years(days: Sequence[CalendarDay]) -> tuple[int, ...]:
    given = {day.date for day in days}
    if not given:
        raise Invalid("calendar.empty", _("The file has no days."), field="file", mend=_("Choose another file."))
    years = {day.year for day in given}
    for year in sorted(years - complete_years(given)):
        first = date(year, 1, 1).toordinal()
        missing = next(day for day in map(date.fromordinal, range(first, first + 366)) if day not in given)
        raise Invalid(
            "calendar.incomplete",
            _("The calendar of %(year)s lacks %(day)s.") % {"year": year, "day": missing.isoformat()},
            field="file",
            mend=_("Load a file with every day of the year."),
        )
    return tuple(sorted(years))
