"""The State Council publishes next year's holidays in November; until then deadlines into January are provisional."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from linli.kernel import calendar, deadlines, workdays
from linli.kernel.calendar import OFFICE_ZONE, CalendarDay
from linli.kernel.errors import Forbidden, Invalid
from linli.kernel.models import AuditEntry, Clock, Deadline, Event, WorkCalendarDay
from linli.kernel.trust.actor import SYSTEM, Actor, Role
from linli.kernel.workdays import ProvisionalYear, load_official, provisional_years

pytestmark = pytest.mark.django_db

NEW_YEAR_OFF = {date(2027, 1, day) for day in (1, 4, 5)}


@pytest.fixture(autouse=True)
def _fresh_calendar() -> Iterator[None]:
    deadlines.forget_calendar()
    yield
    deadlines.forget_calendar()


def year_2027() -> list[CalendarDay]:
    """An invented 2027 in which 4 and 5 January are holidays too."""
    days = (date(2027, 1, 1) + timedelta(days=number) for number in range(365))
    return [CalendarDay(day, day.weekday() < 5 and day not in NEW_YEAR_OFF, "") for day in days]


def owed(start: datetime, hours: int) -> Deadline:
    return deadlines.start(
        subject_type="case", subject_id=uuid4(), kind="resolve", district="510107", area_path="510107",
        clock=Clock.WORKING, minutes=hours * 60, at=start,
    )  # fmt: skip


def test_a_deadline_into_an_unknown_year_is_provisional_and_recomputed() -> None:
    deadline = owed(datetime(2026, 12, 31, 17, tzinfo=OFFICE_ZONE), 2)
    assert deadline.provisional
    assert deadline.due_at == datetime(2027, 1, 4, 10, tzinfo=OFFICE_ZONE)
    assert provisional_years() == [ProvisionalYear(2027, 1)]

    loaded = load_official(year_2027(), actor=SYSTEM)

    assert (loaded.years, loaded.changed_days, loaded.recomputed) == ((2027,), 365, 1)
    deadline.refresh_from_db()
    assert not deadline.provisional
    assert deadline.due_at == datetime(2027, 1, 6, 10, tzinfo=OFFICE_ZONE)
    assert len(deadline.due_history) == 1
    assert provisional_years() == []
    event = Event.objects.get(kind="calendar.loaded")
    assert event.data == {"year": 2027, "recomputed": 1}
    assert AuditEntry.objects.get(verb="calendar.load").detail["changed_days"] == 365


def test_loading_one_year_keeps_the_packaged_ones() -> None:
    load_official(year_2027(), actor=SYSTEM)
    assert deadlines.calendar().official_years == {2024, 2025, 2026, 2027}


def test_loading_twice_changes_nothing() -> None:
    load_official(year_2027(), actor=SYSTEM)
    assert load_official(year_2027(), actor=SYSTEM).changed_days == 0
    assert WorkCalendarDay.objects.count() == 365


def test_half_a_year_is_refused_whole() -> None:
    with pytest.raises(Invalid) as caught:
        load_official(year_2027()[:200], actor=SYSTEM)
    assert "2027-07-20" in str(caught.value.message)
    with pytest.raises(Invalid):
        load_official([], actor=SYSTEM)
    assert not WorkCalendarDay.objects.exists()


def test_only_the_system_administrator_may() -> None:
    with pytest.raises(Forbidden):
        load_official(year_2027(), actor=Actor(role=Role.DISPATCHER, account_id=uuid4(), district="510107"))
    load_official(year_2027(), actor=Actor(role=Role.SYSTEM_ADMINISTRATOR, account_id=uuid4(), district="510107"))


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    rows = "".join(f"{day.date},{int(day.is_workday)},\n" for day in year_2027())
    file.write_text("\ufeffdate,is_workday,reason\n" + rows, encoding="utf-8")
    out = StringIO()
    call_command("load_calendar", file, stdout=out)
    assert "Loaded 2027: 365 days new or changed" in out.getvalue()
    call_command("load_calendar", stdout=out)
    assert "Loaded 2024, 2025, 2026: 1096 days" in out.getvalue()
    assert calendar.complete_years(workdays.WorkCalendarDay.objects.values_list("date", flat=True)) == {
        2024,
        2025,
        2026,
        2027,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"date,is_workday\n2027-13-01,1\n", "line 2"),
        (b"date,is_workday\n2027-01-01,1\n", "incomplete"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "wrong.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("load_calendar", file)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_calendar", tmp_path / "missing.csv")
    assert not WorkCalendarDay.objects.exists()
