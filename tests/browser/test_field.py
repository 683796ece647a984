"""The field app in a browser: for everybody's eyes, installable, and honest without a signal."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from linli.cases.models import Case
from tests.browser.test_portal import grave

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_shuts_anybody_out(sit: Any, town: Any, width: int, language: str) -> None:
    case = Case.objects.order_by("number")[0]
    page = sit("lao_wu", "/field/", width=width, language=language)
    base = page.url.removesuffix("/field/")
    number = case.number
    for address in (
        "/field/",
        "/field/all",
        "/field/me",
        "/field/outbox",
        "/field/?order=walk",
        "/field/report",
        f"/field/case/{number}",
        f"/field/case/{number}/photos",
        f"/field/case/{number}/reporter",
    ):
        page.goto(base + address)
        assert not grave(page), address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{address} is wider than {width} px"
        )


def test_without_a_signal_it_says_so(sit: Any, town: Any) -> None:
    page = sit("lao_wu", "/field/", width=360)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.context.set_offline(True)
    page.goto(page.url + "all")  # a list that the phone does not keep
    expect(page.locator("h1")).to_contain_text("No signal")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.btn')).borderRadius") != "0px"
    )  # the styles are kept as well
    page.context.set_offline(False)
    page.locator(".empty .btn").click()
    expect(page.locator("h1")).to_contain_text("Today")
