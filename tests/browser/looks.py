"""What several tests in a browser look for, and how they get about by keyboard."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import CDPSession, Page

MOST_TABS = 120
STILL = """() => Promise.race([
  new Promise((enough) => setTimeout(enough, 2000)),
  Promise.allSettled(document.getAnimations().filter((one) =>
    one.playState === 'running' && one.effect.getComputedTiming().endTime < 3000).map((one) => one.finished)),
]).then(() => null)"""
"""Half faded in, a text has too little contrast; what moves for longer (a clock of undoing) is waited for two seconds and no more."""

GRAVE = """async () => {
  const grave = (one) => one.impact === 'serious' || one.impact === 'critical';
  const light = axe._audit.rules.filter((rule) => rule.impact && !grave(rule)).map((rule) => [rule.id, {enabled: false}]);
  const options = {rules: Object.fromEntries(light), resultTypes: ['violations'], selectors: false, elementRef: false};
  const {violations} = await axe.run(options);
  return violations.filter(grave).map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
}"""
"""A rule's own impact is that of its findings, so those that can find nothing grave need not be asked; nobody reads selectors."""


def grave(page: Page) -> list[str]:
    """Serious and critical findings of axe, once what comes or goes has come or gone."""
    page.evaluate(STILL)
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(GRAVE)
    return found


_sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def resize(page: Page, width: int, height: int) -> None:
    """Another window (pixels) for the page alone; Playwright's way resizes the browser too, which draws its own bars each time."""
    if page not in _sessions:
        _sessions[page] = page.context.new_cdp_session(page)
    window = {"width": width, "height": height, "screenWidth": width, "screenHeight": height}
    _sessions[page].send("Emulation.setDeviceMetricsOverride", {**window, "deviceScaleFactor": 1, "mobile": False})


def fits(page: Page) -> bool:
    """Whether the page is no wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on one of these."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} cannot be reached by Tab on {page.url}")
