"""The figures of an area for everybody: what is said, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from linli.cases.actions import accepting
from linli.kernel import events
from linli.metrics import public
from tests.world import WUHOU, World, build, ref, report

COMMUNITY = f"{WUHOU}/012/003"


@pytest.fixture
def counted(transactional_db: None, clock: Any) -> World:
    """Six lamps, a bag of rubbish and something that touches a household, all counted."""
    world = build()
    lamps = [report(world.zhou, category="UT02") for _n in range(6)]
    report(world.zhou, category="EN01")
    report(world.zhou, category="LV05")
    accepting.register(world.xiao_xu, ref(lamps[0]), version=1)
    events.drain()
    return world


def test_anybody_reads_what_was_reported_and_solved(counted: World) -> None:
    """One story, for the city is laid and counted once."""
    client = Client(headers={"accept-language": "en"})
    text = client.get(f"/figures/{COMMUNITY}").content.decode()
    assert "玉林北路社区 in figures" in text
    assert ">8<" in text, "all that came in"
    for address in ("/figures", f"/figures/{WUHOU}", "/figures/5101", f"/figures?area={WUHOU}/012"):
        assert client.get(address).status_code == 200, address
    for nowhere in ("510199", f"{COMMUNITY}/02/017", "x", "%00"):
        assert client.get(f"/figures/{nowhere}").status_code == 404, nowhere
    file = client.get(f"/figures/{COMMUNITY}/figures.csv").content.decode("utf-8-sig")
    assert "Reported,8" in file
    small(client)
    settled(counted, client)


def small(client: Client) -> None:
    """What is rare, and what touches a household, is only among the others; rates of few are hidden."""
    found = client.get(f"/api/v1/figures/public?area_path={COMMUNITY}").json()
    assert [one["category"] for one in found["categories"]] == ["UT02"]
    assert found["others"] == 2
    assert sum(week["reported"] for week in found["weeks"]) == 8
    rates = {one["metric"]: one for one in found["values"]}
    assert rates["satisfaction"]["value"] is None
    assert set(rates) == {one.id for one in public.shown()}
    assert client.get("/api/v1/figures/public").status_code == 422
    assert client.get(f"/api/v1/figures/public?area_path={COMMUNITY}/02").status_code == 422


def settled(world: World, client: Client) -> None:
    """Whoever has set a home sees their own community first."""
    client.force_login(world.accounts["zhou"])
    assert "in figures" in client.get("/figures").content.decode()
