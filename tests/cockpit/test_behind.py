"""Behind a figure and what stands out: pages that name cases, within reach, and the same as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from linli.cases.actions import accepting
from linli.kernel import events
from tests.desk.conftest import page, signed_in
from tests.world import WUHOU, World, build, ref, report

HOME = f"{WUHOU}/012"


@pytest.fixture
def counted_world(transactional_db: None, clock: Any) -> World:
    """The small city with five reports, one of them registered, all counted."""
    world = build()
    cases = [report(world.zhou, category=one) for one in ("UT02", "EN01", "UT02", "UT02", "EN01")]
    accepting.register(world.xiao_xu, ref(cases[0]), version=1)
    events.drain()
    return world


@pytest.fixture
def at(counted_world: World, client: Client) -> Callable[[str], Client]:
    """The browser of one of the cast."""
    return lambda login: signed_in(counted_world, login)


def test_a_figure_leads_to_its_cases(at: Callable[[str], Client]) -> None:
    liu = at("liu")
    front = page(liu.get("/cockpit"))
    assert f"/cockpit/figure/reported/{HOME}" in front
    listed = page(liu.get(f"/cockpit/figure/reported/{HOME}"))
    assert listed.count('href="/desk/case/') == 5
    one = page(liu.get(f"/cockpit/figure/registered/{HOME}/003?period=month"))
    assert one.count('href="/desk/case/') == 1
    # The district's are told by its subdistricts, each with a way on.
    above = page(at("ma").get(f"/cockpit/figure/reported/{WUHOU}"))
    assert 'href="/desk/case/' not in above
    assert f"/cockpit/figure/reported/{HOME}" in above
    sheet = liu.get(f"/cockpit/figure/reported/{HOME}?form=csv")
    assert sheet["Content-Disposition"].startswith('attachment; filename="linli-reported-cases-510107-012')
    assert sheet.content.decode("utf-8-sig").count("\n") == 6
    assert "attachment" in at("ma").get(f"/cockpit/figure/reported/{WUHOU}?form=csv")["Content-Disposition"]
    # What is open now has a list of its own, and what is not there says so.
    assert "/desk/?view=open" in page(liu.get(f"/cockpit/figure/open_now/{HOME}"))
    assert liu.get(f"/cockpit/figure/none/{HOME}").status_code == 404
    assert liu.get(f"/cockpit/figure/reported/{WUHOU}").status_code == 404
    assert liu.get(f"/cockpit/figure/reported/{HOME}/003/02").status_code == 404


def test_a_rate_tells_what_is_in_its_part(at: Callable[[str], Client]) -> None:
    liu = at("liu")
    whole = page(liu.get(f"/cockpit/figure/register_rate/{HOME}"))
    assert whole.count('href="/desk/case/') == 1
    assert page(liu.get(f"/cockpit/figure/register_rate/{HOME}?which=counted&page=9")).count('href="/desk/case/') == 1
    answer = liu.get("/api/v1/figures/cases", {"metric": "reported", "area_path": HOME}).json()
    assert (len(answer["cases"]), answer["unseen"], answer["areas"]) == (5, 0, [])
    assert sum(one["part"] for one in answer["cases"]) == answer["value"]["numerator"] == 5
    few = liu.get("/api/v1/figures/cases", {"metric": "register_rate", "area_path": HOME}).json()
    assert few["value"]["hidden"] == (few["cases"][0]["part"] is None)
    sheet = liu.get("/api/v1/figures/cases", {"metric": "reported", "area_path": HOME, "format": "csv"})
    assert sheet.content.decode("utf-8-sig").count("\n") == 6


def test_what_stands_out_is_told_with_its_cases(at: Callable[[str], Client], counted_world: World) -> None:
    ma = at("ma")
    assert f"/cockpit/unusual/{WUHOU}" in page(ma.get("/cockpit"))
    quiet = page(ma.get(f"/cockpit/unusual/{WUHOU}"))
    assert 'href="/desk/case/' not in quiet
    for _n in range(12):
        report(counted_world.zhou, category="EN01")
    events.drain()
    loud = page(ma.get(f"/cockpit/unusual/{WUHOU}?period=month"))
    assert 'aria-labelledby="kind-swelling"' in loud
    assert 'href="/desk/case/' in loud
    sheet = ma.get(f"/cockpit/unusual/{WUHOU}?form=csv").content.decode("utf-8-sig")
    assert len(sheet.splitlines()) >= 2
    assert ma.get(f"/cockpit/unusual/{WUHOU}/012/003/02").status_code == 404
    assert at("liu").get(f"/cockpit/unusual/{WUHOU}").status_code == 404
