"""Every screen of :mod:`tests.browser.screens` as anybody must be able to use it: nothing grave for axe, nothing in the console,
nothing against the content security policy, one h1, the right language, not wider than its window, and usable by keyboard.

It runs on the same standing demo that the pictures are taken of, so what is pictured is what is examined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.screens import DESK, PHONE, SCREENS, Screen
from tests.browser.shots import Visitors, visit
from tests.browser.still import Demo, running

pytestmark = pytest.mark.browser

WATCH = "addEventListener('securitypolicyviolation', event => console.error('against the policy: ' + event.violatedDirective))"
STATE = """() => ({
  lang: document.documentElement.lang,
  heads: [...document.querySelectorAll('h1')].filter(one => one.checkVisibility()).length,
  title: document.title,
  over: document.documentElement.scrollWidth - innerWidth,
})"""
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  return {skip: one.matches('.skip-link'), main: one.id === 'main', ring, seen: box.bottom > 0 && box.right > 0};
}"""
SITTINGS = ((PHONE, "zh"), (PHONE, "en"), (DESK, "en"))
MAIN = [screen for screen in SCREENS if screen.main]
PEOPLE = sorted({screen.who for screen in MAIN})


@pytest.fixture(scope="module")
def still_demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Demo]:
    """The standing demo; workers of one run share what was seeded."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "screens"
    folder.mkdir(exist_ok=True)
    with running(folder) as demo:
        yield demo


@pytest.fixture(scope="module")
def visitors(still_demo: Demo, chromium: Browser) -> Iterator[Visitors]:
    """Its cast at their screens."""
    found = Visitors(chromium, still_demo)
    yield found
    found.forget()


@dataclass
class Findings:
    """What is wrong, each with the screen where it is."""

    said: list[str] = field(default_factory=list)
    where: str = ""

    def note(self, text: str) -> None:
        """Add one."""
        self.said.append(f"{self.where}: {text}")

    def watch(self, page: Page) -> None:
        """Note what the page complains of. That an answer was refused (4xx), as some screens show, is none."""
        page.add_init_script(WATCH)
        page.on(
            "console",
            lambda said: self.note(said.text) if said.type == "error" and "status of 4" not in said.text else None,
        )
        page.on("pageerror", lambda error: self.note(str(error)))

    def examine(self, page: Page, *, language: str) -> None:
        """Note what is wrong with the page at first sight."""
        state = page.evaluate(STATE)
        if state["lang"] != {"zh": "zh-Hans", "en": "en"}[language]:
            self.note(f"its language is {state['lang']!r}")
        if state["heads"] != 1:
            self.note(f"it has {state['heads']} h1")
        if not state["title"].strip(" ·"):
            self.note("it has no title")
        if state["over"] > 0:
            self.note(f"it is {state['over']} px wider than its window")

    def shut_out(self, page: Page) -> None:
        """Note what axe finds serious or critical."""
        for one in Axe().run(page).response["violations"]:
            if one["impact"] in ("serious", "critical"):
                self.note(f"axe {one['id']}: {one['nodes'][0]['html'][:160]}")

    def by_keyboard(self, page: Page) -> None:
        """Note when the first Tab does not lead to the skip link, that not to the content, or a focus cannot be seen."""
        if page.evaluate("document.activeElement !== document.body"):
            return  # a page that answers with errors leads to them first
        page.keyboard.press("Tab")
        first = page.evaluate(FOCUS)
        if not (first["skip"] and first["seen"]):
            self.note("the first Tab does not show the skip link")
        page.keyboard.press("Enter")
        if not page.evaluate(FOCUS)["main"]:
            self.note("the skip link does not lead to the content")
        page.keyboard.press("Tab")
        if not page.evaluate(FOCUS)["ring"]:
            self.note("the focus cannot be seen: " + page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))


@pytest.mark.parametrize(("width", "language"), SITTINGS)
@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who or "anyone")
def test_every_screen_is_for_everybody(visitors: Visitors, who: str, width: int, language: str) -> None:
    findings = Findings()
    context, page, journey = None, None, ""
    for screen in screens_of(who):
        if context is None or page is None or screen.journey != journey:
            # As for the pictures: a journey has a window of its own, for it may end without a signal.
            if context is not None:
                context.close()
            context, journey = visitors.context(who, width=width, language=language), screen.journey
            page = context.new_page()
            findings.watch(page)
        findings.where = screen.name
        visit(page, visitors.demo, screen)
        if not screen.main:
            continue
        findings.examine(page, language=language)
        if (width, language) != (PHONE, "en"):  # the same elements as in Chinese
            findings.shut_out(page)
        if width == DESK and screen.address and screen.way is None:
            findings.by_keyboard(page)
    if context is not None:
        context.close()
    assert not findings.said, "\n".join(findings.said)


@pytest.mark.parametrize(("width", "look"), [(DESK // 2, ""), (PHONE, "large")], ids=["200 %", "large text"])
def test_magnified_pages_stay_within_their_window(visitors: Visitors, width: int, look: str) -> None:
    findings = Findings()
    for name in ("portal-home", "portal-case", "field-today", "desk-inbox", "admin-catalogue"):
        screen = next(one for one in SCREENS if one.name == name)
        findings.where = name
        context = visitors.context(screen.who, width=width, language="en", look=look)
        page = context.new_page()
        visit(page, visitors.demo, screen)
        if (over := page.evaluate(STATE)["over"]) > 0:
            findings.note(f"it is {over} px wider than its window")
        context.close()
    assert not findings.said, "\n".join(findings.said)


def screens_of(who: str) -> list[Screen]:
    """What one of the cast sees: the main screens, and those of a journey that lead to one."""
    leading = {one.journey for one in SCREENS if one.main} - {""}
    return [one for one in SCREENS if one.who == who and (one.main or one.journey in leading)]
