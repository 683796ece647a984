"""The published costs of tasks: whole, explained, and for everybody to read, by page and by machine."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from linli.metrics.burden import EXACT, FIGURES, TITLES, report, rules


def test_every_task_has_its_words_its_figures_and_a_device() -> None:
    found = report()
    assert [one.task.code for one in found.tasks] == list(TITLES)
    for one in found.tasks:
        assert one.task.device in found.devices
        assert set(EXACT) - {"taps_after_photo"} <= set(one.figures) <= set(FIGURES)
        assert set(one.task.aims) <= set(FIGURES)
        assert one.figures["facts_twice"].aim == 0


def test_a_field_means_what_its_page_says_before_what_its_name_says() -> None:
    assert rules().fact("/report/where", "address") == "case.place"
    assert rules().fact("/services/UM01/apply/place", "address") == "person.address"
    with pytest.raises(KeyError):
        rules().fact("/report", "shoe_size")


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9))
def test_more_work_never_takes_less_time(characters: str, taps: int, keys: int, pages: int) -> None:
    reckon = rules().seconds
    less = reckon(taps=taps, keys=keys, characters=characters, pages=pages)
    assert less >= 0
    assert reckon(taps=taps + 1, keys=keys, characters=characters, pages=pages) > less
    assert reckon(taps=taps, keys=keys, characters=characters + "灯", pages=pages) > less


@pytest.mark.django_db
def test_everybody_may_read_them() -> None:
    answer = Client().get("/api/v1/burden")
    assert answer.status_code == 200
    told = answer.json()
    assert {one["code"] for one in told["tasks"]} == set(TITLES)
    page = Client(headers={"accept-language": "en"}).get("/burden")
    assert page.status_code == 200
    for title in TITLES.values():
        assert str(title) in page.content.decode() or "en" not in page.headers["Content-Language"]
