"""A compound from red to green at the desk, and the same file as a resident of it may read it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.compounds.actions import turning
from linli.people.actions import accounts
from tests.browser.test_portal import grave
from tests.compounds.conftest import lay
from tests.world import HOME, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def note(page: Page, section: str, values: dict[str, str]) -> None:
    """Fill in the form of a section and send it."""
    page.locator(f"a[href$='/note/{section}']").first.click()
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("#main form .btn-primary").click()


def test_a_compound_gets_its_file_and_its_residents_read_it(sit: Any, town: World) -> None:
    home = lay(town).home
    turning.turn()
    desk = sit("xiao_xu", "/desk/compounds")
    expect(desk.locator(".homes .home-row").first).to_contain_text("Nobody looks after the compound")
    assert not grave(desk)
    desk.locator(".homes .home-link", has_text=home.name).click()
    note(desk, "committee", {"state": "elected", "holds_from": "2025-01-10", "members": "7", "source": "filing"})
    expect(desk.locator(".error-summary")).to_be_visible()  # a term has an end
    assert not grave(desk)
    desk.locator("[name=term_ends_on]").fill("2028-01-10")
    desk.locator("[name=chair_name]").fill("吴国平")
    desk.locator("[name=chair_phone]").fill("13800000031")
    desk.locator("#main form .btn-primary").click()
    expect(desk.locator("#committee")).to_contain_text("吴**")
    note(desk, "contract", {
        "kind": "professional", "company": "锦和物业", "starts_on": "2026-01-01", "ends_on": "2028-01-01", "fee": "1.80",
        "source": "contract",
    })  # fmt: skip
    expect(desk.locator("#contract")).to_contain_text("锦和物业")
    note(desk, "fund", {"kind": "opening", "amount": "120000", "day": "2026-09-30", "source": "bank"})
    expect(desk.locator("#fund")).to_contain_text("120,000")
    note(desk, "vote", {
        "subject": "common_use", "title": "车棚改充电棚", "held_on": "2026-10-01", "heads": "120", "area": "10800", "yes_heads": "70",
        "yes_area": "6300", "no_heads": "20", "no_area": "1800", "source": "minutes",
    })  # fmt: skip
    expect(desk.locator("#vote")).to_contain_text("Passed")  # 70 of 90 are three quarters or more
    expect(desk.locator("header .badge").first).to_contain_text("Green")
    assert not grave(desk)
    desk.locator("#committee a[href$='/chair']").click()
    desk.locator("[name=purpose]").fill("商量换届")
    desk.locator("#main form .btn-primary").click()
    expect(desk.locator("#main .facts")).to_contain_text("13800000031")

    accounts.set_home(town.zhou, home_path=HOME)
    mine = sit("zhou", "/my/compound", width=360)
    mine.locator("nav a", has_text=home.name).click()
    expect(mine.locator("main")).to_contain_text("锦和物业")
    expect(mine.locator("main")).to_contain_text("120,000")
    assert "吴" not in mine.locator("main").inner_text()
    assert not grave(mine)
    mine.locator("a[href='/compound-rules']").click()
    expect(mine.locator("h1")).to_contain_text("colour")
    assert not grave(mine)
