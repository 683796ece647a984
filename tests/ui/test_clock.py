"""What a clock says: in words, in both languages, and never two things at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from linli.ui.clockface import Promised, Running, read_clock
from linli.ui.words import ago, short_span, span, when

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)  # 15:30 on a Friday in Chengdu
HOUR = timedelta(hours=1)

lengths = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))
signed = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400))


def chinese(*, due: timedelta, **more: object) -> str:
    with translation.override("zh-hans"):
        face = read_clock(due_at=NOW + due, now=NOW, **more)  # type: ignore[arg-type]
        return f"{face.detail} / {face.lead}"


def test_the_sentence_that_aunt_zhou_reads() -> None:
    said = chinese(due=2 * HOUR, started_at=NOW - 6 * HOUR, promised=Promised.REPLY)
    assert said == "应于今天 17:30 前答复 / 还剩 2 小时"


def test_late_is_said_in_words() -> None:
    assert chinese(due=-22 * HOUR, promised="sign_in") == "应于昨天 17:30 前签收 / 已超时 22 小时"


def test_english_is_whole() -> None:
    with translation.override("en"):
        face = read_clock(due_at=NOW + 2 * HOUR, now=NOW, promised=Promised.REPLY)
    assert (face.detail, face.lead, face.short) == ("Answer due today 17:30", "2 hours left", "2 h left")


def test_a_paused_clock_says_why_and_until_when() -> None:
    with translation.override("zh-hans"):
        face = read_clock(due_at=NOW, now=NOW, paused_reason="等待诉求人补充", paused_until=NOW + timedelta(days=5))
    assert face.running is Running.PAUSED
    assert face.lead == "已暂停：等待诉求人补充"
    assert face.note == "最晚11月25日 周三 15:30 恢复计时"


def test_kept_and_missed() -> None:
    assert read_clock(due_at=NOW, now=NOW, met_at=NOW).running is Running.KEPT
    missed = read_clock(due_at=NOW - 9 * HOUR, now=NOW, met_at=NOW - 2 * HOUR)
    assert missed.running is Running.MISSED
    assert missed.tone == "late"


def test_soon_is_a_quarter_of_the_time_or_what_the_rules_say() -> None:
    start = NOW - 6 * HOUR
    assert read_clock(due_at=NOW + 2 * HOUR, now=NOW, started_at=start).running is Running.SOON
    assert read_clock(due_at=NOW + 3 * HOUR, now=NOW, started_at=start).running is Running.ON_TIME
    assert read_clock(due_at=NOW + 90 * HOUR, now=NOW, soon_at=NOW - HOUR).running is Running.SOON
    assert read_clock(due_at=NOW + HOUR, now=NOW, soon_at=NOW + HOUR / 2).running is Running.ON_TIME


def test_without_a_deadline_nothing_is_claimed() -> None:
    face = read_clock(due_at=None, now=NOW)
    assert (face.running, face.percent, face.due_at) == (Running.STOPPED, None, None)


@given(left=signed, ran=lengths)
def test_exactly_one_of_on_time_soon_and_late(left: timedelta, ran: timedelta) -> None:
    face = read_clock(due_at=NOW + left, now=NOW, started_at=NOW - ran)
    assert (face.running is Running.LATE) == (left <= timedelta())
    assert face.tone == {Running.LATE: "late", Running.SOON: "soon", Running.ON_TIME: "quiet"}[face.running]
    assert face.percent is None or 0 <= face.percent <= 100
    if face.running is Running.LATE and face.percent is not None:
        assert face.percent == 100


@given(
    ran=st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=30)),
    steps=st.lists(st.floats(0, 2), min_size=2),
)
def test_a_clock_never_goes_back(ran: timedelta, steps: list[float]) -> None:
    """From on time to soon to late, and the bar only grows."""
    order = [Running.ON_TIME, Running.SOON, Running.LATE]
    faces = [read_clock(due_at=NOW + ran, now=NOW + ran * step, started_at=NOW) for step in sorted(steps)]
    ranks = [order.index(face.running) for face in faces]
    assert ranks == sorted(ranks)
    bars = [face.percent for face in faces if face.percent is not None]
    assert bars == sorted(bars)


@given(length=lengths, language=st.sampled_from(["zh-hans", "en"]))
def test_words_are_never_empty_and_never_untranslated(length: timedelta, language: str) -> None:
    with translation.override(language):
        for text in (
            span(length),
            short_span(length),
            ago(NOW - length, NOW),
            ago(NOW + length, NOW),
            when(NOW + length, NOW),
        ):
            assert text.strip()
            assert "%" not in text
            if language == "zh-hans":
                assert not [letter for letter in text if letter.isascii() and letter.isalpha()], text


@given(length=lengths)
def test_what_is_left_is_never_overstated(length: timedelta) -> None:
    """ "2 hours left" is said only when two full hours are left."""
    with translation.override("en"):
        first, unit = span(length).split()[:2]
    if first == "less":
        assert length < timedelta(minutes=1)
        return
    each = {"minute": timedelta(minutes=1), "hour": HOUR, "day": timedelta(days=1)}[unit.rstrip("s")]
    assert int(first) * each <= length < (int(first) + 1) * each


@pytest.mark.parametrize(
    ("away", "chinese_words", "english_words"),
    [
        (timedelta(seconds=-20), "刚刚", "just now"),
        (timedelta(minutes=-5), "5 分钟前", "5 minutes ago"),
        (timedelta(hours=-2), "2 小时前", "2 hours ago"),
        (timedelta(hours=-26), "昨天", "yesterday"),
        (timedelta(days=-3), "3 天前", "3 days ago"),
        (timedelta(days=-30), "10月21日 周三", "Wed 21 Oct"),
        (timedelta(days=-400), "2025年10月16日", "16 Oct 2025"),
        (timedelta(hours=2), "2 小时后", "in 2 hours"),
        (timedelta(hours=20), "明天", "tomorrow"),
    ],
)
def test_how_far_away(away: timedelta, chinese_words: str, english_words: str) -> None:
    with translation.override("zh-hans"):
        assert ago(NOW + away, NOW) == chinese_words
    with translation.override("en"):
        assert ago(NOW + away, NOW) == english_words


def test_midnight_is_the_citys_and_not_greenwichs() -> None:
    late_evening = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)  # 23:59 in Chengdu
    with translation.override("en"):
        assert when(late_evening + timedelta(minutes=2), late_evening) == "tomorrow 00:01"
