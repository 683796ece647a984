"""An administrator prepares a service's next version in a browser, sees the difference, publishes it; nothing bars anybody."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from linli.catalog.actions import load_catalogue
from linli.services import queries
from tests.browser.test_counter import clear
from tests.services.conftest import furnished
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "language", "theme"), [(1440, "zh-hans", ""), (360, "en", "dark")])
def test_a_service_gets_its_next_version_and_is_closed(
    sit: Any, town: World, width: int, language: str, theme: str
) -> None:
    load_catalogue()
    furnished(town)
    page = sit("system_admin", "/admin/services", width=width, language=language, theme=theme)
    clear(page)
    page.locator('table a[href="/admin/services/JU01"]').click()
    clear(page)
    page.locator("#id_days").fill("9")
    page.locator("#id_form").fill("legal_matter, no_such_question")
    page.locator("#id_reason").fill("新的办事指南")
    page.locator("#main form .btn-primary").first.click()
    page.locator('.error-summary a[href="#id_form"]').click()
    expect(page.locator("#id_form")).to_be_focused()
    expect(page.locator("#id_days")).to_have_value("9")
    page.locator("#id_form").fill("legal_matter")
    page.locator("#main form .btn-primary").first.click()
    expect(page.locator("table.diff ins").first).to_contain_text("9")
    clear(page)
    page.locator('button[value="publish"]').click()
    page.wait_for_url("**/admin/services/changes")
    clear(page)
    assert queries.service("JU01").days == 9
    page.goto(page.url.replace("/changes", "/JU01"))
    page.locator('main a[href*="/services/versions/"]').first.click()
    expect(page.locator("table.diff ins").first).to_contain_text("9")
    clear(page)
    page.go_back()
    page.locator("#id_close_reason").fill("并入区法律服务中心")
    page.locator('form[action$="/close"] button').click()
    page.locator('button[value="withdraw"]').click()
    page.wait_for_url("**/admin/services/changes")
    assert queries.current().get("JU01") is not None
