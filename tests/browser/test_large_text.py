"""Large text in a browser: sizes of type and of targets are measured, not believed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from linli.cases.models import Case
from linli.people import actions
from tests.browser.looks import fits, grave
from tests.world import HOME, WUHOU

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MEASURE = """() => {
  const seen = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    !one.closest('.sr-only, .demo-bar, [aria-hidden="true"], .map, [data-map]');
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className} "${(one.innerText || one.value || '').slice(0, 30)}"`;
  const small = [], thin = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || one.closest('script, style, option, .skip-link') || !seen(one)) continue;
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < 17.95 || size > 30.05) small.push(`${size} ${name(one)}`);
  }
  for (const one of document.querySelectorAll('a[href], button, summary, select, textarea, input:not([type=hidden])')) {
    if (one.matches('.skip-link') || !seen(one)) continue;
    const target = one.matches('input[type=checkbox], input[type=radio], input[type=file]') ? one.closest('label') ?? one : one;
    const box = target.getBoundingClientRect();
    if (box.height && box.height < 59.5) thin.push(`${Math.round(box.width)}x${Math.round(box.height)} ${name(one)}`);
  }
  return {small, thin};
}"""


def measured(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(MEASURE)
    return found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [360, 1440])
def test_type_and_targets_are_as_large_as_promised(sit: Any, town: Any, width: int, language: str) -> None:
    actions.publish_post_phone(town.system_admin, town.posts["he_ming"].id, district=WUHOU, phone="19900000001")
    actions.set_home(town.zhou, home_path=HOME)
    case = Case.objects.order_by("number")[0]
    page = sit("zhou", "/", width=width, language=language, text="large")
    base, wrong = page.url.rstrip("/"), {}
    for address in (
        "/", "/grid-member", "/report", "/report?q=路灯", "/my", f"/case/{case.number}", "/services", "/mine", "/my/data", "/follow",
    ):  # fmt: skip
        page.goto(base + address)
        assert not grave(page), address
        assert fits(page), f"{address} is wider than {width} px"
        found = measured(page)
        if any(found.values()):
            wrong[address] = found
    assert not wrong, wrong


def test_the_page_is_read_aloud_and_stops(sit: Any, town: Any) -> None:
    page = sit("zhou", "/grid-member", width=360, language="zh-hans", text="large")
    page.evaluate(
        "window.said = []; speechSynthesis.speak = (piece) => window.said.push([piece.lang, piece.text]);"
        "speechSynthesis.cancel = () => { window.stopped = true; }"
    )
    button = page.locator("[data-aloud]")
    button.click()
    said = page.evaluate("window.said")
    assert said
    assert {lang for lang, _text in said} == {"zh-CN"}
    assert page.locator("h1").inner_text() in said[0][1]
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert page.evaluate("window.stopped")
    assert button.get_attribute("aria-pressed") == "false"


def test_four_doors_by_keyboard(sit: Any, town: Any) -> None:
    page = sit("zhou", "/", width=1440, language="zh-hans", text="large")
    assert page.locator(".big-door").count() == 4
    page.locator(".big-door").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/grid-member")
