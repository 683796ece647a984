"""The outbox without a signal is for everybody, as every other page is (test_screens): the walk keeps no phone in a cellar.

One report that is refused, one that waits, one that was begun; on a phone in Chinese, on a desk in English.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_field_offline import phone, picture, shelves  # noqa: F401 - the fixtures
from tests.browser.test_screens import PHONE, SITTINGS, Findings
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "language"), SITTINGS)
def test_what_waits_in_a_dead_zone_is_for_everybody_too(phone: Any, town: World, width: int, language: str) -> None:  # noqa: F811
    ming = phone("he_ming", width=width, language={"zh": "zh-hans"}.get(language, language))
    findings = Findings(where="outbox")
    findings.watch(ming.page)
    page = ming.page
    ming.synced()
    ming.report("车棚的灯不亮", "olive", category="")
    # the form says it, or, when the answer takes its time, the outbox
    expect(page.locator("[data-problem-title]:visible, [data-state=refused]").first).to_be_visible(timeout=60_000)
    ming.context.set_offline(True)
    ming.report("消防通道里堆了纸箱", "teal")
    page.wait_for_url("**/field/outbox")
    ming.open("/field/report")
    page.locator("#id_description").fill("井盖松动")
    page.locator('form[data-drafted="井盖松动"]').wait_for()

    ming.open("/field/outbox")
    for state in ("refused", "waiting", "draft"):
        expect(page.locator(f".outbox-item[data-state={state}]")).to_have_count(1)
    expect(page.locator("[data-kept-note]")).to_be_visible()
    findings.all(page, width=width, language=language)
    findings.by_keyboard(page)
    assert not findings.said, "\n".join(findings.said)
    assert width != PHONE or page.locator("[data-outbox-chip]").is_visible()
