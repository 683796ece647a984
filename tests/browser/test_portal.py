"""The portal in a browser: by keyboard alone, without a script, in dark and in large text.

That every page of it is for everybody: ``test_screens``.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from linli.cases.models import Case
from tests.browser.looks import fits, grave, tab_to
from tests.world import POINT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_report_by_keyboard_alone(sit: Any, town: Any) -> None:
    page = sit("wang", "/report", width=1440)

    tab_to(page, "#report-q")
    page.keyboard.type("路灯不亮")
    page.locator('#found button[value="UT02"]').wait_for()
    tab_to(page, '#found button[value="UT02"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/where")
    tab_to(page, "#id_address")
    page.keyboard.type("菜市场后头的小巷")
    tab_to(page, ".primary-dock button")
    page.keyboard.press("Enter")
    page.locator(".error-summary, [role=alert]").first.wait_for()
    tab_to(page, "#id_district")
    page.keyboard.press("w")
    page.locator("#id_district").select_option("510107")
    tab_to(page, ".primary-dock button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/words")
    tab_to(page, "#id_description")
    page.keyboard.type("晚上看不见路")
    tab_to(page, ".primary-dock button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/check")
    tab_to(page, ".primary-dock button")
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
        assert fits(page), f"{address} is too wide"
