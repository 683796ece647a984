"""The catalogue of metrics, the formulas it is written in, and the statistics of its values."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.metrics import statistics
from linli.metrics.catalogue import Kind, Period, formula, metrics
from linli.metrics.models import Figure

KEPT = frozenset(Figure.values)


def test_every_metric_has_its_words_in_both_languages_and_a_formula_of_what_is_kept() -> None:
    for one in metrics().values():
        for language in ("zh", "en"):
            assert one.name(language)
            assert one.words(language).endswith("。" if language == "zh" else ".")
            assert bool(one.exclusions(language)) == bool(one.exclusions("en"))
        assert (one.kind not in (Kind.COUNT, Kind.STATE)) == bool(one.denominator)
        assert (one.unit == "share") == (one.kind == Kind.RATE)
        assert one.smallest >= (10 if one.denominator else 0)


def test_a_formula_is_read_with_its_signs_and_refused_when_it_is_none() -> None:
    assert formula("closed - excluded", KEPT, metric_id="x") == ((1, "closed"), (-1, "excluded"))
    for wrong in ("closed excluded", "closed * 2", "shoe_size", "closed +"):
        with pytest.raises(ValueError, match=r"metrics\.csv"):
            formula(wrong, KEPT, metric_id="x")


def test_the_period_before_is_as_long_and_touches() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert period.before() == Period(date(2026, 1, 29), date(2026, 2, 28))
    assert period.before().days == period.days == 31


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_its_share_and_narrows_with_more(whole: int, part: int) -> None:
    part = min(part, whole)
    low, high = statistics.wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1
    wider = statistics.wilson(part * 4, whole * 4)
    assert wider[1] - wider[0] < high - low


def test_an_interval_is_wilsons() -> None:
    low, high = statistics.wilson(8, 10)  # Newcombe 1998 gives 0.4901–0.9433 for 8 of 10
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).map(tuple), max_size=12), st.booleans())
def test_places_say_nothing_where_intervals_overlap(intervals: list[tuple[float, float]], more: bool) -> None:
    found = statistics.places(intervals, more_is_better=more)
    for one, place in zip(intervals, found, strict=True):
        if place is None:
            continue
        assert 1 <= place[0] <= place[1] <= len(intervals)
        for other, theirs in zip(intervals, found, strict=True):
            if theirs is not None and place[1] < theirs[0]:
                assert one[0] > other[1] if more else one[1] < other[0]


@given(st.integers(0, 60), st.floats(0.01, 40))
def test_more_is_never_likelier(seen: int, expected: float) -> None:
    chances = [statistics.poisson_at_least(k, expected) for k in range(seen + 2)]
    assert chances[0] == 1.0
    assert all(0 <= b <= a + 1e-12 for a, b in pairwise(chances))


def test_discoveries_are_benjamini_and_hochbergs() -> None:
    chances = [0.01, 0.04, 0.03, 0.005, 0.9]
    assert statistics.discoveries(chances, rate=0.05) == [True, True, True, True, False]
    assert statistics.discoveries([0.04, 0.9, 0.9], rate=0.05) == [False] * 3
    assert statistics.discoveries([], rate=0.05) == []
