"""The cockpit as people use it: three steps from the city to a micro-grid, by keyboard, and a map that says what its table says."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from linli.kernel import events
from tests.browser.conftest import Open
from tests.browser.looks import fits, grave
from tests.world import WUHOU, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COMMUNITY = f"{WUHOU}/012/003"
GRID = f"{COMMUNITY}/02/017"
DRAWN = """() => {
  const map = document.querySelector('.map').linliMap;
  const told = map.querySourceFeatures('figured').map((one) => [one.properties.name, one.properties.shown]);
  return Object.fromEntries(told);
}"""


def test_three_links_by_keyboard_lead_from_the_city_to_a_micro_grid(sit: Open, town: World) -> None:
    events.drain()
    page = sit("auditor", "/cockpit")
    for path in (WUHOU, COMMUNITY, GRID):
        page.locator(f'main a[href="/cockpit/{path}"]').first.press("Enter")
        page.wait_for_url(f"**/cockpit/{path}")
    expect(page.locator("h1")).to_have_text("17号微网格")
    page.go_back()
    expect(page.locator("h1")).to_have_text("玉林北路社区")


def test_chart_and_map_say_what_their_tables_say(sit: Open, town: World) -> None:
    events.drain()
    page = sit("ma", f"/cockpit/{WUHOU}?period=month")
    page.locator("[data-chart]").last.scroll_into_view_if_needed()
    expect(page.locator("[data-chart]:not(.is-drawn)")).to_have_count(0)
    shown = page.locator("#areas-table tr[data-path]").evaluate_all(
        "rows => Object.fromEntries(rows.filter(one => one.dataset.lng).map(one => [one.dataset.name, one.dataset.shown]))"
    )
    if shown:
        page.locator(".map").scroll_into_view_if_needed()
        expect(page.locator(".map.is-ready")).to_be_visible()
        page.wait_for_function(f"() => JSON.stringify(({DRAWN})()) !== '{{}}'")
        drawn = page.evaluate(DRAWN)
        assert {name: shown[name] for name in drawn} == drawn
    assert grave(page) == []
    # what is fetched anew keeps what stood open
    page.locator("#trend-fold > summary").click()
    page.evaluate("window.htmx.trigger('#cockpit-live', 'live')")
    page.wait_for_function("() => document.querySelector('#cockpit-live [data-chart-still]') !== null")
    expect(page.locator("#trend-table")).to_be_visible()


def test_without_a_script_the_tables_are_the_page_and_a_phone_holds_it(sit: Open, town: World) -> None:
    events.drain()
    page = sit("liu", "/cockpit", script=False)
    expect(page.locator("#areas-table tbody tr")).to_have_count(2)
    page.locator("#trend-fold > summary").click()
    expect(page.locator("#trend-table")).to_be_visible()
    page.locator("#areas-table tbody a").first.click()
    expect(page.locator("h1")).to_have_text("玉林北路社区")
    assert fits(sit("liu", "/cockpit?with=before", width=360, text="large"))
