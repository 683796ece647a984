"""A service at the counter, and a call with two matters, in a browser: by keyboard, at every width, in everybody's way never."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.cases.models import Case
from linli.hotline.models import Call, Further
from linli.services import queries
from linli.services.models import Application
from tests.browser.test_portal import grave
from tests.services.conftest import furnished
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def served(town: World) -> World:
    """The small city with its services."""
    return furnished(town)


def clear(page: Page) -> None:
    """Nothing bars anybody, and nothing is wider than the window."""
    assert not grave(page), page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"


@pytest.mark.parametrize(
    ("width", "language", "theme", "text"),
    [(1440, "zh-hans", "", ""), (360, "en", "dark", ""), (360, "zh-hans", "", "large")],
)
def test_a_sofa_is_booked_for_a_neighbour_without_a_phone(
    sit: Any, served: World, width: int, language: str, theme: str, text: str
) -> None:
    page = sit("xiao_xu", "/desk/register", width=width, language=language, theme=theme, text=text)
    page.locator('main a[href="/desk/services/new"]').click()
    page.wait_for_url("**/desk/services/new")
    clear(page)
    page.locator("#id_q").fill("djlj")
    page.keyboard.press("Enter")
    page.locator('main a[href="/desk/services/new/UM01"]').first.click()
    expect(page.locator("#id_slot option").first).to_be_attached()
    page.locator("#counter .primary-dock button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    clear(page)
    page.locator("#id_name").fill("孙大爷")
    page.locator("#id_address").fill("玉林北路 3 号 2 栋 1 单元 101")
    page.locator('input[name=q_items][value="sofa"]').check()
    page.locator('input[name=q_access][value="stairs"]').check()
    community = page.locator("#id_area_path").input_value()
    page.locator("#id_area_path").select_option("")
    expect(page.locator("#counter-times p")).to_be_visible()
    page.locator("#id_area_path").select_option(community)
    expect(page.locator("#id_slot option").first).to_be_attached()
    page.locator('input[name=consent][value="signed"]').check()
    page.locator("#counter .primary-dock button").click()
    expect(page.locator(".slip-number").first).to_contain_text("0107-")
    expect(page.locator(".slip-qr svg")).to_be_visible()
    clear(page)
    one = Application.objects.get()
    assert (one.state, queries.agreed(one)) == ("accepted", "signed")


@pytest.mark.parametrize(("width", "theme"), [(1440, ""), (360, "dark")])
def test_a_second_matter_is_registered_by_keyboard_and_nothing_is_asked_again(
    sit: Any, town: World, width: int, theme: str
) -> None:
    page = sit("xiao_tian", "/hotline/", width=width, theme=theme)
    page.keyboard.type("13800000001")
    page.keyboard.press("Tab")
    expect(page.locator("#hotline-caller")).to_contain_text("138****0001")
    page.keyboard.type("楼下路灯不亮")
    page.keyboard.press("Tab")
    page.keyboard.type("玉林北路社区17号微网格")
    expect(page.locator('input[name=category][value="UT02"]').first).to_be_checked()
    page.keyboard.press("Enter")
    more = page.locator('a[href*="?more="]')
    expect(more).to_be_visible()
    clear(page)
    more.press("Enter")
    expect(page.locator("#id_description")).to_be_focused()
    expect(page.locator("#id_phone, #id_name")).to_have_count(0)
    expect(page.locator("#id_address")).to_have_value("玉林北路社区17号微网格")
    expect(page.locator("#hotline-caller")).to_contain_text("138****0001")
    clear(page)
    page.keyboard.type("门口垃圾没有人清运")
    page.keyboard.press("Tab")
    expect(page.locator("#hotline-categories input[name=category]:checked").first).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.locator(".notice .number")).to_have_count(2)
    call, further = Call.objects.get(), Further.objects.get()
    cases = {one.number: one for one in Case.objects.filter(channel="hotline")}
    assert set(cases) == {call.case_number, further.case_number}
    assert cases[call.case_number].area_path == cases[further.case_number].area_path
