"""What is drawn follows the real data, and the made-up texts fit the catalogue."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.verbs import VERBS
from linli.catalog import rules
from linli.people.queries import functions
from linli.simulation import draws, fates, pictures
from linli.simulation.stage import script
from linli.simulation.trace import load_mapping

MONDAY = datetime(2026, 11, 1, 16, 0, tzinfo=UTC)


def test_reports_come_by_the_hours_and_weekdays_of_the_profile():
    moments = list(draws.arrivals().between(random.Random(1), MONDAY, MONDAY + timedelta(weeks=10), 100))
    assert len(moments) == pytest.approx(7000, rel=0.05)
    assert moments == sorted(moments)
    local = [moment.astimezone(draws.ZONE) for moment in moments]
    hours, days = Counter(m.hour for m in local), Counter(m.weekday() for m in local)
    assert hours[10] > 20 * hours[4]
    assert days[1] > 2 * days[5]
    for hour, share in enumerate(draws.arrivals().hours):
        assert hours[hour] / len(local) == pytest.approx(share, abs=0.015)


def test_reply_times_keep_the_real_spread_around_the_limit():
    times = draws.reply_times()
    assert [times.at(share) for share in times.shares] == pytest.approx(list(times.hours))
    source = random.Random(2)
    drawn = [times.of_limit(source) for _n in range(20_000)]
    assert sum(one <= 1 for one in drawn) / len(drawn) == pytest.approx(draws.ON_TIME_SHARE, abs=0.01)
    assert sorted(drawn)[len(drawn) // 2] == pytest.approx(269.1 / times.at(draws.ON_TIME_SHARE), rel=0.05)


@given(share=st.floats(0, 1), more=st.floats(0, 1))
def test_a_larger_share_takes_longer(share, more):
    times = draws.reply_times()
    assert times.at(min(share, more)) <= times.at(max(share, more))


def test_a_fate_depends_on_its_seed_and_number_alone():
    one, again, other = (fates.fate_of(seed, 7, draws.reply_times()) for seed in (1, 1, 2))
    assert (one.pace, one.happens) == (again.pace, again.happens)
    assert one.pace != other.pace
    assert not any(again.take(what) for what in set(fates.SHARES) - again.happens)
    kept = sorted(again.happens)
    assert all(again.take(what) and not again.take(what) for what in kept)


def test_forty_categories_have_eight_phrasings_each_and_are_in_the_catalogue():
    reports = yaml.safe_load(draws.text_of("reports.yaml"))
    listed = {identity["code"]: values for identity, values in rules.categories()}
    assert len(reports) >= 40
    assert min(len(one["texts"]) for one in reports.values()) >= 8
    for code, one in reports.items():
        assert listed[code]["resident_reportable"], code
        assert len(set(one["texts"])) == len(one["texts"]), code
        assert all(text.format(spot="这里") for text in one["texts"])
    groups = {identity["group"] for identity, _values in rules.categories() if identity["code"] in reports}
    assert groups <= set(yaml.safe_load(draws.text_of("words.yaml"))["outcomes"])


def test_mappings_name_what_there_is():
    codes = {identity["code"] for identity, _values in rules.categories()}
    for name in ("baltimore", "los_angeles"):
        mapping = load_mapping(name)
        assert set(mapping["types"].values()) <= codes
        assert set(mapping["agencies"].values()) <= set(functions())


def test_the_stage_speaks_the_words_of_the_loop():
    reports = {identity["code"] for identity, _values in rules.categories()}
    for story in script()["stories"]:
        assert story["category"] in reports
        hours = [step[0] for step in story["steps"]]
        assert all(story["ago"] > hour for hour in hours)
        assert hours == sorted(hours, reverse=True), story["text"]
        assert {step[1] for step in story["steps"]} <= set(VERBS) | {"photo"}


def test_a_drawn_picture_is_the_same_each_time_and_differs_from_its_neighbour():
    assert pictures.draw("after", 3) == pictures.draw("after", 3)
    assert len({pictures.draw(kind, n) for kind in pictures.KINDS for n in range(3)}) == 6
    assert pictures.draw("before", 1)[:3] == b"\xff\xd8\xff"
