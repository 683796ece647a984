"""The published costs of tasks still hold: each is done again by a browser, and what does not depend on the machine is compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from linli.kernel.storage.configuration import storage_settings
from linli.metrics.burden import EXACT, report, rules
from tests.browser.burden import PATIENCE_MS, WAYS, Hand, furnish
from tests.browser.looks import grave
from tests.desk.conftest import signed_in
from tests.world import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def shelves(settings: Any, tmp_path: Path) -> None:
    """Photos of a test lie in the test's own folder."""
    settings.STORAGES = storage_settings(tmp_path, {})


def test_every_task_costs_what_is_published(chromium: Browser, live_server: Any, clock: Any) -> None:
    """`./run bench burden --write 1` measures and publishes anew when a task has become cheaper, or dearer for a reason."""
    town = furnish(build())
    published = {one.task.code: one for one in report().tasks}
    assert set(WAYS) == set(published)
    for code, went in WAYS.items():
        device = rules().devices[published[code].task.device]
        context = chromium.new_context(
            viewport={"width": device.width, "height": device.height}, locale="zh-CN", timezone_id="Asia/Shanghai",
            has_touch=device.touch, permissions=["geolocation"],
            geolocation={"longitude": went.at[0], "latitude": went.at[1], "accuracy": 20},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        if went.who:
            session = signed_in(town.world, went.who).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        hand = Hand(context.new_page(), live_server.url)
        went.way(hand, town)
        context.close()
        counted, figures = hand.counted(), published[code].figures
        assert counted == {name: figures[name].value for name in EXACT if name in figures}, (code, sorted(hand.twice))


@pytest.mark.parametrize(("theme", "text", "language"), [("", "", "zh-hans"), ("dark", "large", "en")])
def test_a_phone_that_knows_little_is_asked_for_the_place_and_nobody_is_shut_out(
    sit: Any, town: Any, theme: str, text: str, language: str
) -> None:
    from tests.browser.burden import photo

    page = sit("wang", "/burden", width=360, theme=theme, text=text, language=language)
    address = page.url
    page.goto("about:blank")  # or what the page fetches of itself would find nobody signed in any more
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.goto(address)
    assert not grave(page), page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 104.0605, "latitude": 30.6305, "accuracy": 900})
    page.goto(page.url.replace("/burden", "/report"))
    assert not grave(page), page.url
    page.locator("#id_photos").set_input_files([photo("olive")])
    expect(page.locator(".portal-draft")).to_be_visible(timeout=PATIENCE_MS)
    assert not grave(page), "with its photo"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator('.portal-often button[value="UT02"]').click()
    page.wait_for_url("**/report/where")
    expect(page.locator("#id_lng")).not_to_have_value("")
    page.locator(".primary-dock .btn-primary").click()
    page.wait_for_url("**/report/near")
    page.locator(".primary-dock .btn-primary").click()
    page.wait_for_url("**/report/check")
    page.locator("#id_phone").fill("12")
    page.locator(".primary-dock .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert not grave(page), page.url
