"""A redrawing as people do it: the line on the map, two grids merged from the list, three approvals, and the day on which it holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from linli.kernel import events, time
from linli.territory.chores import put_in_force
from linli.territory.models import Area, Redrawing
from tests.browser.test_portal import grave
from tests.desk.conftest import signed_in
from tests.territory.test_redrawing import CORNER, NORTH, world  # noqa: F401
from tests.world import HOME, World, fresh, report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_grid_is_split_and_two_are_merged_in_the_browser(
    chromium: Browser,
    live_server: Any,
    clock: Any,
    world: World,  # noqa: F811
) -> None:
    case = report(world.zhou, lng=104.0602, lat=30.6305)
    pages = {login: _sit(chromium, live_server, world, login) for login in ("xiao_xu", "xiao_li", "liu", "ma")}
    page = pages["xiao_xu"]
    page.goto(f"{live_server.url}/desk/map")
    page.locator("#id_title").fill("17号微网格户数过多")
    page.locator("#id_title").press("Enter")
    page.wait_for_url("**/desk/map/*-*")
    at = page.url
    # The line, drawn on the map: the page says what it would come to before it is drawn.
    expect(page.locator(".map.is-ready.is-redrawn")).to_be_visible()
    page.locator(f'[name=grids][value="{HOME}"]').check()
    page.locator("[data-draw-line]").click()
    for lng, lat in ((104.0604, 30.6299), (104.0604, 30.63115), (104.0604, 30.63115)):
        x, y = page.locator(".map").evaluate(
            "(root, at) => { const p = root.linliMap.project(at); const b = root.querySelector('canvas').getBoundingClientRect();"
            " return [p.x + b.x, p.y + b.y]; }",
            [lng, lat],
        )
        page.mouse.move(x, y)
        page.mouse.click(x, y)
    expect(page.locator("#id_line")).not_to_have_value("")
    expect(page.locator("[data-redraw-said]")).to_contain_text("partition")
    page.locator("#id_name").fill("17号西，17号东")
    page.locator("[data-redraw-form] .btn-primary").click()
    expect(page.locator(".redraw-steps").first.locator("li")).to_have_count(1)
    # Two others, from the list, by keyboard.
    page.locator("#id_do").select_option("merge")
    for path in (NORTH, CORNER):
        page.locator(f'[name=grids][value="{path}"]').focus()
        page.keyboard.press("Space")
    page.locator("#id_name").fill("北微网格")
    page.locator("[data-redraw-form] .btn-primary").press("Enter")
    expect(page.locator(".redraw-steps").first.locator("li")).to_have_count(2)
    assert not grave(page)
    page.locator("#id_reason").fill("户数超过一百")
    page.locator("#id_holds_from").fill("2026-12-01")
    page.locator("button[value=propose]").click()
    expect(page.locator("[data-redraw-form]")).to_have_count(0)
    for login in ("xiao_li", "liu", "ma"):
        page = pages[login]
        page.goto(at)
        page.locator("button[value=approve]").click()
        expect(page.locator("button[value=approve]")).to_have_count(0)
    clock.set(time.now().replace(month=12, day=1))
    assert put_in_force() == 1
    events.drain(["people.territory", "cases.regrouping"])
    paths = {piece["name"]: piece["path"] for piece in Redrawing.objects.get().pieces}
    assert set(paths) == {"17号西", "17号东", "北微网格"}
    assert fresh(case).area_path == paths["17号西"]
    assert not Area.objects.filter(path__in=[HOME, NORTH, CORNER], valid_to__isnull=True).exists()
    page.goto(f"{live_server.url}/desk/map/day?lng=104.0602&lat=30.6305&day=2026-11-20")
    expect(page.locator("#answer-title")).to_contain_text("17号微网格")


def _sit(chromium: Browser, live_server: Any, world: World, login: str) -> Page:  # noqa: F811
    session = signed_in(world, login).cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1000}, locale="en-GB", timezone_id="Asia/Shanghai"
    )
    context.add_cookies(
        [
            {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url},
        ]
    )
    return context.new_page()
