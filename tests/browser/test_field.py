"""The field app in a browser: honest without a signal. That every page of it is for everybody: ``test_screens``."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from linli.cases.models import Case
from tests.browser.looks import fits, grave

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_whose_report_it_is_reads_for_everybody(sit: Any, town: Any) -> None:
    number = Case.objects.order_by("number")[0].number
    page = sit("lao_wu", f"/field/case/{number}/reporter", width=360, language="zh-hans")
    assert not grave(page)
    assert fits(page)


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
