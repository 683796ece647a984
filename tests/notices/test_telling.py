"""The rule of who is told what, and when a message may go out; without a database."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.notices.models import FOR_ALL, FOR_REPORTERS, FOR_STAFF, TOPIC_OF, Kind, Topic
from linli.notices.sending import FIRST_PAUSE, LONGEST_PAUSE, pause
from linli.notices.telling import Side, due, told
from linli.notices.words import ICONS, TEXTS, TITLES

HERE = ZoneInfo("Asia/Shanghai")
QUIET: dict[str, Any] = {"quiet_from": time(22), "quiet_to": time(8)}


@pytest.mark.parametrize(
    ("kind", "data", "wanted"),
    [
        ("case.report", {"holder": "x"}, [(Side.HANDLER, Kind.ASSIGNED)]),
        ("case.report", {"holder": None}, []),
        ("case.confirm_rejection", {"to": "rejected"}, [(Side.REPORTERS, Kind.NOT_TAKEN_UP)]),
        ("case.confirm_rejection", {"to": "submitted"}, []),
        ("case.decide_extension", {"to": "extended"}, [(Side.REPORTERS, Kind.EXTENDED)]),
        ("case.decide_extension", {"to": "in_disposal"}, []),
        ("case.verify", {"passed": False}, [(Side.HANDLER, Kind.FAILED)]),
        ("case.verify", {"passed": True}, []),
        ("case.message", {"side": "staff"}, [(Side.REPORTERS, Kind.MESSAGE)]),
        ("case.message", {"side": "reporter"}, [(Side.HANDLER, Kind.ANSWERED)]),
        ("case.call", {}, [(Side.REPORTERS, Kind.CALLED), (Side.CALLED, Kind.CALLED_ON)]),
        ("case.late", {}, [(Side.REPORTERS, Kind.LATE), (Side.HANDLER, Kind.OVERDUE)]),
        ("case.add_evidence", {}, []),
    ],
)
def test_what_an_event_tells(kind: str, data: dict[str, Any], wanted: list[tuple[Side, Kind]]) -> None:
    assert [(one.side, one.kind) for one in told(kind, data)] == wanted


def test_every_kind_has_a_topic_words_and_a_side() -> None:
    assert set(TOPIC_OF) == set(TITLES) == set(TEXTS) == set(Kind)
    assert {*FOR_REPORTERS, *FOR_STAFF, *FOR_ALL} == set(Topic) == set(ICONS)


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (datetime(2026, 11, 18, 21, 59), datetime(2026, 11, 18, 21, 59)),
        (datetime(2026, 11, 18, 22, 0), datetime(2026, 11, 19, 8, 0)),
        (datetime(2026, 11, 19, 3, 0), datetime(2026, 11, 19, 8, 0)),
        (datetime(2026, 11, 19, 8, 0), datetime(2026, 11, 19, 8, 0)),
    ],
)
def test_at_night_it_waits_for_the_morning(at: datetime, wanted: datetime) -> None:
    assert due(at.replace(tzinfo=HERE), severity=3, **QUIET) == wanted.replace(tzinfo=HERE)


def test_danger_does_not_wait() -> None:
    night = datetime(2026, 11, 19, 3, 0, tzinfo=HERE)
    assert due(night, severity=1, **QUIET) == night
    assert due(night, severity=1, digest_at=time(18), **QUIET) == night


def test_the_digest_comes_at_its_hour() -> None:
    assert due(datetime(2026, 11, 19, 3, 0, tzinfo=HERE), severity=2, digest_at=time(18), **QUIET).hour == 18
    late = due(datetime(2026, 11, 19, 18, 1, tzinfo=HERE), severity=2, digest_at=time(18), **QUIET)
    assert late == datetime(2026, 11, 20, 18, 0, tzinfo=HERE)


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)),
    st.times(),
    st.times(),
    st.integers(2, 4),
)
def test_it_is_never_sent_in_quiet_hours_nor_more_than_a_day_late(
    at: datetime, begin: time, end: time, severity: int
) -> None:
    begin, end = (one.replace(second=0, microsecond=0) for one in (begin, end))
    moment = at.replace(tzinfo=HERE)
    out = due(moment, quiet_from=begin, quiet_to=end, severity=severity)
    assert timedelta() <= out - moment <= timedelta(days=1)
    clock = out.timetz().replace(tzinfo=None)
    if begin < end:
        assert not begin <= clock < end
    elif begin > end:
        assert end <= clock < begin
    else:
        assert out == moment


@given(st.integers(1, 200))
def test_it_is_tried_less_and_less_often(tries: int) -> None:
    assert FIRST_PAUSE <= pause(tries) <= pause(tries + 1) <= LONGEST_PAUSE
