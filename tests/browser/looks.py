"""What several tests in a browser look for, and how they get about by keyboard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

MOST_TABS = 120
STILL = """() => Promise.race([
  new Promise((enough) => setTimeout(enough, 2000)),
  Promise.allSettled(document.getAnimations().filter((one) =>
    one.playState === 'running' && one.effect.getComputedTiming().endTime < 3000).map((one) => one.finished)),
]).then(() => null)"""
"""Half faded in, a text has too little contrast; what moves for longer (a clock of undoing) is waited for two seconds and no more."""


def grave(page: Page) -> list[str]:
    """Serious and critical findings of axe, once what comes or goes has come or gone."""
    page.evaluate(STILL)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")
    ]


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
