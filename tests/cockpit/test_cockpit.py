"""The cockpit: who sees which area, what its panels say, what an address asks for, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.actions import accepting
from linli.cockpit import sharing
from linli.cockpit.scale import STEPS, scale_of
from linli.kernel import events, time
from linli.operations import actions, queries
from linli.operations.actions import Draft
from linli.operations.forms import Field, FieldKind
from linli.operations.targets import Target
from tests.desk.conftest import counted, page, signed_in
from tests.memories import standing
from tests.world import WUHOU, World, build, ref, report

HOME_COMMUNITY = f"{WUHOU}/012/003"


@pytest.fixture
def counted_world(transactional_db: None, clock: Any) -> World:
    """The small city with five reports, one of them registered, all counted: readers of events see what is committed."""
    world = build()
    cases = [report(world.zhou, category=one) for one in ("UT02", "EN01", "UT02", "UT02", "EN01")]
    accepting.register(world.xiao_xu, ref(cases[0]), version=1)
    events.drain()
    return world


def row(text: str, path: str) -> str:
    """The figure that the table gives an area, as the map takes it."""
    found = re.search(rf'data-path="{path}"[^>]*data-shown="([^"]*)"', text)
    return found[1] if found else ""


def test_everybody_begins_with_their_own_area_and_reaches_what_lies_below(at_desk: Callable[[str], Client]) -> None:
    at = at_desk
    for login, name in (("xiao_xu", "玉林北路社区"), ("liu", "玉林街道"), ("ma", "武侯区"), ("auditor", "成都市")):
        answer = at(login).get("/cockpit")
        assert answer.status_code == 200, login
        assert f"<h1>{name}</h1>" in page(answer)
    assert at("liu").get(f"/cockpit/{HOME_COMMUNITY}").status_code == 200
    assert at("liu").get(f"/cockpit/{WUHOU}").status_code == 404
    assert at("xiao_xu").get(f"/cockpit/{WUHOU}/012/004").status_code == 404
    assert at("ma").get("/cockpit/510104").status_code == 404
    assert at("he_ming").get("/cockpit").status_code == 403
    assert Client().get("/cockpit").status_code == 302


def test_from_the_city_to_a_micro_grid_it_is_three_links(at_desk: Callable[[str], Client]) -> None:
    client, address = at_desk("auditor"), "/cockpit"
    for step in (WUHOU, HOME_COMMUNITY, f"{HOME_COMMUNITY}/02/017"):
        text = page(client.get(address))
        address = f"/cockpit/{step}"
        assert f'href="{address}"' in text, f"no link to {step}"
    assert "<h1>17号微网格</h1>" in page(client.get(address))


def test_what_was_counted_stands_in_panels_files_and_on_the_wall(
    counted_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, for the city is laid and counted once."""

    def at(login: str) -> Client:
        return signed_in(counted_world, login)

    panels(at)
    addresses(at)
    files(at)
    wall(at)
    operations(counted_world, at)
    shared(counted_world, at, monkeypatch)
    again(at)
    standing(monkeypatch)
    for login, name in (("auditor", "cockpit city"), ("xiao_xu", "cockpit community")):
        costs(counted_world, at(login), name)


def panels(at: Callable[[str], Client]) -> None:
    """The panels say what was counted."""
    text = page(at("ma").get("/cockpit"))
    assert row(text, f"{WUHOU}/012") == "5"
    assert row(text, f"{WUHOU}/013") == "0"
    assert re.search(r'id="kinds-table".*data-value="1"', text, re.DOTALL), "one was registered"
    assert 'href="/desk/?view=open&amp;area=510107"' in text, "the cases behind it"
    assert "As of" in text
    grid = page(at("xiao_xu").get(f"/cockpit/{HOME_COMMUNITY}"))
    assert row(grid, f"{HOME_COMMUNITY}/02/017") == "5"
    part = page(at("ma").get("/cockpit?part=live", headers={"HX-Request": "true"}))
    assert part.startswith('<div class="cockpit-live"')
    assert 'data-live="figures:510107"' in part


def addresses(at: Callable[[str], Client]) -> None:
    """An address keeps what was asked for and leaves the rest aside."""
    client = at("ma")
    text = page(client.get("/cockpit?period=own&from=2026-11-01&to=2026-11-30&metric=registered&with=before"))
    assert "2026-11-01 to 2026-11-30" in text
    assert (
        f"/cockpit/{WUHOU}/012?period=own&amp;from=2026-11-01&amp;to=2026-11-30&amp;metric=registered&amp;with=before"
        in text
    )
    assert row(text, f"{WUHOU}/012") == "1"
    assert "The days before" in text
    beside = page(at("liu").get(f"/cockpit/{HOME_COMMUNITY}?with={WUHOU}/012/004"))
    assert "Compared with 武侯区玉林街道玉林东路社区" in beside
    for wrong in (
        "period=own&from=x&to=y",
        "period=own&from=2026-11-30&to=2026-11-01",
        "metric=none",
        "with=510104",
        "period=never",
    ):
        assert client.get(f"/cockpit?{wrong}").status_code == 200
    for nowhere in ("510199", "5", "%00", "x" * 60, "510107/../5101"):
        assert client.get(f"/cockpit/{nowhere}").status_code == 404, nowhere

    def order(sort: str) -> list[str]:
        return re.findall(r'data-path="([^"]+)"', page(at("ma").get(f"/cockpit?sort={sort}")))

    assert order("-value") == [f"{WUHOU}/012", f"{WUHOU}/013"]
    assert order("value") == [f"{WUHOU}/013", f"{WUHOU}/012"]
    assert order("-name") == [f"{WUHOU}/013", f"{WUHOU}/012"]


def files(at: Callable[[str], Client]) -> None:
    """Every panel is a file."""
    client = at("ma")
    for panel, holds in (("areas", "玉林街道,5"), ("kinds", ",1"), ("trend", "Registered"), ("all", "Open now,5")):
        answer = client.get(f"/cockpit/download/{panel}.csv?area={WUHOU}")
        assert answer.status_code == 200
        assert holds in answer.content.decode("utf-8-sig"), panel
        assert client.get(f"/cockpit/download/{panel}.xlsx?area={WUHOU}").content.startswith(b"PK")
    assert client.get("/cockpit/download/areas.pdf").status_code == 404
    assert client.get("/cockpit/download/areas.csv?area=510104").status_code == 404


def operations(world: World, at: Callable[[str], Client]) -> None:
    """What runs in an area and how far it is there, with the way to the page that watches it."""
    assert "None is under way here." in page(at("liu").get("/cockpit"))
    draft = Draft(
        "燃气安全排查", "入冬前排查餐馆用气安全", "gas", [Field("软管是否老化", FieldKind.YES_NO, "hose")],
        Target((f"{WUHOU}/012",)), time.now() + timedelta(days=3), 3,
    )  # fmt: skip
    made = actions.compose(world.liu, "one", draft)
    sent = actions.send(world.liu, made.id, made.version, "two")
    (task,) = queries.mine(world.he_ming)
    actions.answer(world.he_ming, task.task.id, "three", {"hose": "no"}, sent.version)
    for login, path, share in (
        ("liu", f"{WUHOU}/012", "1 / 3"),
        ("xiao_xu", HOME_COMMUNITY, "1 / 2"),
        ("auditor", "5101", "1 / 3"),
    ):
        text = page(at(login).get("/cockpit"))
        assert f"/desk/operations/{sent.number}?area={urlencode({'': path})[1:]}" in text, login
        table = text.partition('id="operations-table"')[2].partition("</table>")[0]
        assert share in re.sub(r"<[^>]+>|\s+", " ", table).replace("  ", " "), login
    assert sent.number not in page(at("other_liu").get("/cockpit"))


def wall(at: Callable[[str], Client]) -> None:
    """The wall is dark and shows the same."""
    text = page(at("ma").get("/cockpit?wall=1"))
    assert 'data-theme="dark"' in text
    assert 'data-density="wall"' in text
    assert row(text, f"{WUHOU}/012") == "5"
    assert "wall=1" in re.search(r'hx-get="([^"]+)"', text)[1]  # type: ignore[index]


def shared(world: World, at: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fetched anew is drawn once for all of a post's kind, and anew a moment later."""
    monkeypatch.setattr(sharing, "SECONDS", 60)

    def asked(login: str) -> tuple[str, int]:
        client = at(login)
        with CaptureQueriesContext(connection) as captured:
            text = page(client.get("/cockpit?part=live&period=month"))
        return text, len(captured)

    first, dear = asked("ma")
    again, cheap = asked("ma")
    assert again == first
    assert cheap < dear
    assert f"figures:{WUHOU}" in first
    assert asked("auditor")[0] != first, "another post sees other things"
    report(world.zhou, category="EN01")
    events.drain()
    cache.clear()
    assert row(asked("ma")[0], f"{WUHOU}/012") == "6"


def again(at: Callable[[str], Client]) -> None:
    """A day is told hour by hour, by area and all together; what had not happened by an hour is not told."""
    client = at("ma")
    whole = page(client.get(f"/cockpit/day/{WUHOU}"))
    assert row(whole, f"{WUHOU}/012") == "6"
    assert "All together" in whole
    assert row(page(client.get(f"/cockpit/day/{WUHOU}?hour=0")), f"{WUHOU}/012") == "0"
    part = page(client.get(f"/cockpit/day/{WUHOU}?part=hour&hour=24&what=closed"))
    assert part.startswith('<div class="cockpit-live"')
    assert row(part, f"{WUHOU}/012") == "0"
    assert row(page(client.get(f"/cockpit/day/{WUHOU}?day=2026-01-01")), f"{WUHOU}/012") == "0"
    assert row(page(at("xiao_xu").get(f"/cockpit/day/{HOME_COMMUNITY}")), f"{HOME_COMMUNITY}/02/017") == "6"
    for strange in ("day=x", "hour=99", "hour=-1", "what=none", "day=2999-01-01"):
        assert client.get(f"/cockpit/day/{WUHOU}?{strange}").status_code == 200
    assert client.get("/cockpit/day/510104").status_code == 404
    assert at("xiao_xu").get(f"/cockpit/day/{HOME_COMMUNITY}/02/017").status_code == 404


def costs(world: World, client: Client, name: str) -> None:
    """A page costs the same queries however much there is."""
    client.get("/cockpit")
    with counted(name):
        assert client.get("/cockpit").status_code == 200
    for _ in range(4):
        report(world.zhou, category="EN01")
    events.drain()
    with counted(name):
        assert client.get("/cockpit?period=month").status_code == 200


@given(st.lists(st.none() | st.integers(0, 500).map(Decimal), max_size=30))
def test_a_scale_has_a_step_for_every_figure_and_says_where_each_ends(values: list[Decimal | None]) -> None:
    scale = scale_of(values)
    ranges = {step: (low, high) for step, low, high in scale.ranges(whole=True)}
    for value in values:
        step = scale.step(value)
        assert (step is None) == (value is None)
        if step is not None and value is not None:
            assert 0 <= step < STEPS
            assert ranges[step][0] <= value <= ranges[step][1]
    known = sorted(value for value in values if value is not None)
    steps = [scale.step(value) for value in known]
    assert steps == sorted(steps, key=lambda one: one or 0), "more is never a lower step"
