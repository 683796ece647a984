"""Services in a browser: bulky waste in a few taps, without a script, by keyboard, and for everybody's eyes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.services.models import Application
from tests.browser.looks import fits, grave, tab_to
from tests.services.conftest import COMMUNITY, furnished
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST_TIME, SECOND_TIME = 9, 7
"""Taps from the front page to the receipt: the second time the address and the way down are known."""


@pytest.fixture
def served(town: World) -> World:
    """The small city with its services."""
    return furnished(town)


class Taps:
    """Counts the taps of a thumb."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, selector: str) -> None:
        """Tap the first of these."""
        self.page.locator(selector).first.click()
        self.count += 1


def book(page: Page, *, address: str = "") -> int:
    """From the front page to the receipt of a sofa's collection; how many taps it took."""
    taps = Taps(page)
    taps.on('.bottom-bar a[href="/services"]')
    taps.on('.portal-tiles a[href="/services/UM01"]')
    taps.on('button[name=use][value="held"]')
    if address:
        page.locator("#id_address").fill(address)
        taps.on(".primary-dock button")
    taps.on('label:has(input[name=items][value="sofa"])')
    if address:
        taps.on('label:has(input[name=access][value="stairs"])')
    taps.on(".primary-dock button")
    taps.on("button[name=slot]")
    taps.on(".primary-dock button")
    expect(page.locator(".receipt-number")).to_be_visible()
    return taps.count


def test_a_sofa_is_gone_in_a_few_taps_and_the_next_in_fewer(sit: Any, served: World) -> None:
    page = sit("zhou", "/", width=360, language="zh-hans")
    assert book(page, address="玉林北路 3 号 2 栋 1 单元 502") <= FIRST_TIME
    page.goto(page.url.split("/services")[0] + "/")
    assert book(page) <= SECOND_TIME
    assert Application.objects.count() == 2


def test_without_a_script(sit: Any, served: World) -> None:
    page = sit("wang", "/services?q=沙发", width=360, script=False)
    page.locator('#found a[href="/services/UM01"]').click()
    page.locator('button[name=use][value="own"], button[name=use][value="held"]').first.click()
    page.locator("#id_address").fill("某处 5 号")
    page.locator(".primary-dock button").click()
    expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()
    page.locator("#id_community").select_option(COMMUNITY)
    page.locator(".primary-dock button").click()
    page.locator('input[name=items][value="bed"]').check()
    page.locator('input[name=access][value="lift"]').check()
    page.locator(".primary-dock button").click()
    page.locator("button[name=slot]").first.click()
    page.locator("#id_name").fill("王叔")
    page.locator("#id_phone").fill("13800000002")
    page.locator(".primary-dock button").click()
    page.locator(".primary-dock button").click()
    expect(page.locator(".receipt-number")).to_be_visible()


def test_by_keyboard_alone(sit: Any, served: World) -> None:
    page = sit("zhou", "/services/JU03", width=1440)

    tab_to(page, 'button[name=use][value="held"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/q1")
    tab_to(page, "#id_question")
    page.keyboard.type("租客要退押金，怎么办？")
    tab_to(page, ".primary-dock button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/time")
    tab_to(page, "button[name=slot]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/check")
    tab_to(page, ".primary-dock button")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt-number")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "language", "theme", "text"),
    [(360, "zh-hans", "dark", ""), (360, "en", "", "large")],
)
def test_dark_and_large_shut_nobody_out_on_the_way(
    sit: Any, served: World, width: int, language: str, theme: str, text: str
) -> None:
    page = sit("zhou", "/", width=width, language=language, theme=theme, text=text)
    base = page.url.rstrip("/")

    def look() -> None:
        assert not grave(page), page.url
        assert fits(page), f"{page.url} is wider than {width} px"

    for address in (
        "/services",
        "/services?q=djlj",
        "/services/UM01",
        "/services/CA01",
        "/services/JU02",
        "/services/CA07",
        "/applications",
    ):
        page.goto(base + address)
        look()
    page.goto(base + "/services/UM01")
    page.locator('button[name=use][value="held"]').first.click()
    look()
    page.locator("#id_address").fill("玉林北路 3 号")
    page.locator(".primary-dock button").click()
    look()
    page.locator(".primary-dock button").click()
    look()
    page.locator('input[name=items][value="sofa"]').check()
    page.locator('input[name=access][value="lift"]').check()
    page.locator(".primary-dock button").click()
    look()
    page.locator("button[name=slot]").first.click()
    look()
    page.locator(".primary-dock button").click()
    look()
    page.locator(".primary-dock a").first.click()
    look()
    number = Application.objects.get().number
    for verb in ("message", "rebook", "withdraw"):
        page.goto(f"{base}/application/{number}/do/{verb}")
        look()


def test_the_desks_pages_shut_nobody_out(sit: Any, served: World) -> None:
    from linli.services import queries
    from tests.services.conftest import bulky

    one = bulky(served.zhou, queries.windows(queries.service("UM01"), COMMUNITY)[0].slot.id)
    page = sit("yang", "/desk/services?view=open", width=1440, language="zh-hans")
    base = page.url.split("/desk")[0]
    for address in (
        "/desk/services?view=open", "/desk/services?view=proofs", f"/desk/services/{one.number}", f"/desk/services/{one.number}/read",
        f"/desk/services/{one.number}/do/finish", f"/desk/services/{one.number}/do/refuse", f"/desk/services/{one.number}/do/rebook",
    ):  # fmt: skip
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(base + address)
            assert not grave(page), address
            assert fits(page), f"{address} is wider than {width} px"
