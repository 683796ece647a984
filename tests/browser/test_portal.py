"""The portal in a browser: by keyboard alone, without a script, and for everybody's eyes, at both ends of the widths."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from linli.cases.models import Case
from tests.world import POINT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def grave(page: Page) -> list[str]:
    """Serious and critical findings of axe."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_shuts_anybody_out(sit: Any, town: Any, width: int, language: str) -> None:
    case = Case.objects.order_by("number")[0]
    page = sit("zhou", "/", width=width, language=language)
    base = page.url.rstrip("/")
    for address in (
        "/",
        "/report",
        "/report?q=路灯",
        "/my",
        f"/case/{case.number}",
        "/map",
        "/services",
        "/mine",
        "/my/data",
        "/follow",
    ):
        page.goto(base + address)
        assert not grave(page), address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{address} is wider than {width} px"
        )


def test_a_report_by_keyboard_alone(sit: Any, town: Any) -> None:
    page = sit("wang", "/report", width=1440)

    def tab_to(selector: str) -> None:
        for _n in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"{selector} cannot be reached by Tab on {page.url}")

    tab_to("#report-q")
    page.keyboard.type("路灯不亮")
    page.locator('#found button[value="UT02"]').wait_for()
    tab_to('#found button[value="UT02"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/where")
    tab_to("#id_address")
    page.keyboard.type("菜市场后头的小巷")
    tab_to(".primary-dock button")
    page.keyboard.press("Enter")
    page.locator(".error-summary, [role=alert]").first.wait_for()
    tab_to("#id_district")
    page.keyboard.press("w")
    page.locator("#id_district").select_option("510107")
    tab_to(".primary-dock button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/words")
    tab_to("#id_description")
    page.keyboard.type("晚上看不见路")
    tab_to(".primary-dock button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/check")
    tab_to(".primary-dock button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/done/*")
    expect(page.locator(".receipt-number")).to_be_visible()


def test_a_report_without_a_script(sit: Any, town: Any) -> None:
    page = sit("wang", "/report?q=路灯", width=360, script=False)
    page.locator('#found button[value="UT02"]').click()
    page.locator("#id_address").fill("某处没有名字的地方")
    page.locator(".primary-dock button").click()
    page.locator("#id_district").select_option("510107")
    page.locator(".primary-dock button").click()
    page.locator("#id_description").fill("灯不亮")
    page.locator(".primary-dock button").click()
    page.locator(".primary-dock button").click()
    expect(page.locator(".receipt-number")).to_be_visible()


def test_a_dead_tab_loses_nothing(sit: Any, town: Any) -> None:
    page = sit("wang", "/report", width=360)
    base = page.url.removesuffix("/report")
    page.locator("#report-q").press_sequentially("路灯")
    page.locator('#found button[value="UT02"]').click()
    page.wait_for_url("**/report/where")
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(base + "/")
    again.locator(".portal-draft a").click()
    again.wait_for_url("**/report/where")
    again.evaluate("([x, y]) => { id_lng.value = x; id_lat.value = y }", [str(POINT[0]), str(POINT[1])])
    again.locator(".primary-dock button").click()
    again.wait_for_url("**/report/words")
    again.locator("#id_description").press_sequentially("三天了还没亮")
    again.wait_for_timeout(600)
    again.reload()
    expect(again.locator("#id_description")).to_have_value("三天了还没亮")


@pytest.mark.parametrize(("theme", "text"), [("dark", ""), ("", "large")])
def test_dark_and_large_shut_nobody_out(sit: Any, town: Any, theme: str, text: str) -> None:
    case = Case.objects.order_by("number")[0]
    page = sit("zhou", "/", width=360, theme=theme, text=text)
    base = page.url.rstrip("/")
    for address in ("/", "/report", f"/case/{case.number}", "/my"):
        page.goto(base + address)
        assert not grave(page), address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"
