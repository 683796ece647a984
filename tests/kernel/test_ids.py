"""Ids rise, and a ticket number that was misheard is found out."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import ids, time

MOMENT = datetime(2031, 3, 1, 8, 30, 0, 123_000, tzinfo=UTC)
numbers = st.builds(ids.ticket_number, st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), st.integers(0, 99_999_999))


def test_an_id_is_a_uuid_of_version_seven_with_its_moment() -> None:
    with time.at(MOMENT):
        made = ids.new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(MOMENT.timestamp() * 1000)


def test_ids_rise_while_the_clock_stands_however_many_are_made() -> None:
    with time.at(MOMENT + timedelta(days=1)):
        made = [ids.new_id() for _n in range(20_000)]  # five times what a millisecond's counter holds
    assert all(a < b for a, b in pairwise(made))
    # They run a little ahead of the clock, and it catches up.
    with time.at(MOMENT + timedelta(days=1, milliseconds=2)):
        assert ids.new_id() > made[-1]


def test_ids_rise_over_a_small_step_back_and_follow_a_large_one() -> None:
    later = MOMENT + timedelta(days=2)
    with time.at(later):
        first = ids.new_id()
    with time.at(later - timedelta(seconds=2)):
        second = ids.new_id()
    assert second > first
    with time.at(MOMENT):  # a simulation begins in the past
        assert ids.new_id().int >> 80 == int(MOMENT.timestamp() * 1000)


def test_a_seed_gives_the_same_bits_again() -> None:
    with ids.seeded(7):
        first = [ids.random_bits(62) for _n in range(5)]
    with ids.seeded(7):
        assert [ids.random_bits(62) for _n in range(5)] == first
    assert all(0 <= ids.random_bits(5) < 32 for _n in range(200))


@given(numbers)
def test_a_number_is_read_as_it_is_written(number: str) -> None:
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d", number)
    assert ids.parse_ticket_number(number) == number


@given(numbers, st.sampled_from(["", " ", "-", "—", "–", " - "]), st.booleans())
def test_a_number_is_understood_however_it_is_typed(number: str, between: str, full_width: bool) -> None:
    typed = f" {number.replace('-', between)} "
    if full_width:
        typed = typed.translate({ord("0") + n: "\uff10"[0] if n == 0 else chr(0xFF10 + n) for n in range(10)})
    assert ids.parse_ticket_number(typed) == number


@given(numbers)
def test_every_single_wrong_figure_is_found(number: str) -> None:
    for place, figure in enumerate(number):
        if figure.isdigit():
            for other in "0123456789":
                if other != figure:
                    assert ids.parse_ticket_number(number[:place] + other + number[place + 1 :]) is None


@given(numbers)
def test_every_swap_of_two_neighbours_is_found(number: str) -> None:
    figures = number.replace("-", "")
    for place in range(len(figures) - 1):
        a, b = figures[place], figures[place + 1]
        if a != b:
            assert ids.parse_ticket_number(figures[:place] + b + a + figures[place + 2 :]) is None


@given(st.text(max_size=30))
def test_anything_else_is_no_number(text: str) -> None:
    found = ids.parse_ticket_number(text)
    assert found is None or sum(ch.isdecimal() for ch in text) == 13
