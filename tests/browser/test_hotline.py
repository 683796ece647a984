"""The hotline in a browser: a call registered by keyboard alone, its keys counted; nothing lost, nothing in the way of anybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from linli.cases.models import Case
from linli.hotline.actions import articles, calls
from linli.hotline.models import Call
from tests.browser.looks import grave

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_KEYS = 3
"""Besides what is typed into the fields: Tab, Tab, Enter."""


class Keys:
    """Counts what is pressed besides the words themselves."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, key: str) -> None:
        """Press one."""
        self.pressed += 1
        self.page.keyboard.press(key)


def test_a_call_is_registered_by_keyboard_alone(sit, town) -> None:
    page = sit("xiao_tian", "/hotline/")
    keys = Keys(page)
    expect(page.locator("#id_phone")).to_be_focused()
    page.keyboard.type("13800000001")
    keys.press("Tab")
    expect(page.locator("#hotline-caller")).to_contain_text("138****0001")
    expect(page.locator("#id_description")).to_be_focused()
    page.keyboard.type("楼下路灯不亮")
    keys.press("Tab")
    expect(page.locator("#id_address")).to_be_focused()
    page.keyboard.type("玉林北路社区17号微网格")
    expect(page.locator('input[name=category][value="UT02"]').first).to_be_checked()
    keys.press("Enter")
    expect(page.locator(".notice", has_text="Read it out")).to_be_visible()
    assert keys.pressed <= MOST_KEYS
    call = Call.objects.get()
    assert call.outcome == "registered"
    assert call.seconds_to_register is not None
    case = Case.objects.get(number=call.case_number)
    assert (case.channel, case.category) == ("hotline", "UT02")
    expect(page.locator("#id_phone")).to_be_focused()


def test_what_a_telephone_system_gives_is_looked_up_at_once(sit, town) -> None:
    page = sit("xiao_tian", "/hotline/?number=13800000001")
    expect(page.locator("#hotline-caller")).to_contain_text("138****0001")
    expect(page.locator("#id_description")).to_be_focused()


def test_what_is_missing_is_said_and_what_was_typed_stays(sit, town) -> None:
    page = sit("xiao_tian", "/hotline/")
    page.locator("#id_phone").fill("13711112222")
    page.locator("#id_name").fill("李秀英")
    page.locator("#hotline .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#id_phone")).to_have_value("13711112222")
    expect(page.locator("#id_name")).to_have_value("李秀英")


def test_it_rings_and_is_taken(sit, town) -> None:
    calls.announce(town.xiao_tian, number="13800000001", agent="xiao_tian")
    page = sit("xiao_tian", "/hotline/")
    page.locator("#hotline-ringing button").click()
    expect(page.locator("#hotline-caller")).to_contain_text("138****0001")
    expect(page.locator("#id_description")).to_be_focused()


@pytest.mark.parametrize("theme", ["", "dark"])
def test_nothing_bars_anybody(sit, town, theme: str) -> None:
    articles.load_articles()
    articles.let_all_through(town.ma)
    calls.announce(town.xiao_tian, number="13800000001")
    page = sit("xiao_tian", "/hotline/?number=13800000001", theme=theme)
    page.locator("#id_description").fill("旧沙发怎么扔")
    expect(page.locator("#hotline-beside details").first).to_be_visible()
    for path in (
        "",
        "/hotline/callbacks",
        "/hotline/articles",
        "/hotline/articles/bulky-waste",
        "/hotline/articles/new",
        "/hotline/figures",
    ):
        if path:
            page.goto(f"{page.url.partition('/hotline')[0]}/hotline/{path}")
        assert not grave(page), path
