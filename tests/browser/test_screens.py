"""Every screen of :mod:`tests.browser.screens` as anybody must be able to use it: nothing grave for axe, nothing in the console,
nothing against the content security policy, one h1, every word in the reader's language, never wider than its window (360 and 320
pixels, a desk at 200 %, large text), and usable by keyboard alone: every control is reached by Tab, and shows that it is.

It runs on the same standing demo that the pictures are taken of, so what is pictured is what is examined. One load of a page
serves as many looks at it as possible. A page that no screen shows fails ``test_every_page_is_walked``.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page, Response

from tests.browser.looks import grave, resize
from tests.browser.pages import CHINESE_NAMES, ENGLISH_NAMES, LED_TO, NO_PAGES, NO_PAGES_BELOW, SEEN_ELSEWHERE
from tests.browser.screens import DESK, HEIGHTS, PHONE, SCREENS, Screen
from tests.browser.shots import Visitors, visit
from tests.browser.still import ROOT, Demo, running
from tests.matrix.routes import methods

pytestmark = pytest.mark.browser

NARROWEST, MAGNIFIED = 320, 640
"""A phone at its smallest (WCAG 1.4.10), and a window of 1280 pixels at 200 %."""
LARGE_TEXT_PX = 18
MOST_TABS = 200
MOST_LATECOMERS = 12
REFUSED = re.compile("status of 4|ERR_INTERNET_DISCONNECTED|ERR_FAILED|htmx:(afterRequest|sendError)")
"""What a browser notes of itself when an answer is a refusal, or when there is no signal to ask by."""
WATCH = "addEventListener('securitypolicyviolation', event => console.error('against the policy: ' + event.violatedDirective))"
STATE = """() => ({
  lang: document.documentElement.lang,
  heads: [...document.querySelectorAll('h1')].filter(one => one.checkVisibility()).length,
  title: document.title,
  over: document.documentElement.scrollWidth - innerWidth,
})"""
OVER = "document.documentElement.scrollWidth - innerWidth"
LARGE = """(least) => {
  const root = document.documentElement, before = root.dataset.text;
  root.dataset.text = 'large';
  const small = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement, text = texts.currentNode.nodeValue.trim();
    if (!text || one.closest('script,style,svg,.map,.demo-bar,.sr-only') || !one.checkVisibility()) continue;
    if (parseFloat(getComputedStyle(one).fontSize) < least) small.add(text.slice(0, 30));
  }
  const found = {over: root.scrollWidth - innerWidth, small: [...small].slice(0, 5)};
  if (before === undefined) delete root.dataset.text; else root.dataset.text = before;
  return found;
}"""
TEXTS = """() => {
  const QUOTED = 'script,style,svg,code,pre,kbd,textarea,[translate=no],.demo-bar';
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement, text = texts.currentNode.nodeValue.trim();
    if (!text || one.closest('[lang]') !== document.documentElement || one.closest(QUOTED)) continue;
    if (one.checkVisibility()) found.add(text);
  }
  for (const one of document.querySelectorAll('[aria-label],[placeholder],[title]')) {
    if (one.closest(QUOTED)) continue;
    for (const name of ['aria-label', 'placeholder', 'title']) if (one.getAttribute(name)) found.add(one.getAttribute(name).trim());
  }
  return [...found];
}"""
FOCUS = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  return {skip: one.matches('.skip-link'), main: one.id === 'main', seen: box.bottom > 0 && box.right > 0};
}"""
WATCH_TABS = """() => {
  const fits = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex],[contenteditable=true]';
  const can = (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true})
    && !one.closest('[inert]') && !one.matches('details:not([open]) > :not(summary) *');
  const radios = new Set();
  const wanted = [...document.querySelectorAll(fits)].filter(can).filter((one) => {
    if (one.type !== 'radio') return true;
    const group = (one.form?.action ?? '') + one.name;
    if (radios.has(group)) return false;
    radios.add(group);
    return true;
  });
  const name = (one) => one.outerHTML.slice(0, 110);
  const seen = new Set(), dull = new Set();
  const look = (one) => {
    seen.add(one.type === 'radio' ? (one.form?.action ?? '') + one.name : one);
    const inner = one.matches('input,select,textarea') ? [one, one.parentElement, one.closest('label')] : [one];
    const ringed = inner.filter(Boolean).some((part) => {
      const style = getComputedStyle(part);
      return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    });
    if (!ringed) dull.add(name(one));
  };
  addEventListener('focusin', (event) => look(event.target));
  window.linliTabs = {
    report: () => ({
      missed: wanted.filter((one) => one.isConnected && can(one)
        && !seen.has(one.type === 'radio' ? (one.form?.action ?? '') + one.name : one)).map(name).slice(0, 4),
      dull: [...dull].slice(0, 4),
      jumps: [...document.querySelectorAll('[tabindex]')].filter((one) => one.tabIndex > 0).map(name),
    }),
  };
  // a date or a time takes a key for each of its parts
  const parts = wanted.filter((one) => one.matches('input[type=date],input[type=time],input[type=datetime-local]')).length;
  return wanted.length + 5 * parts + 4;
}"""
OFFLINE = ("outbox", "dead zone")
"""Journeys without a signal: walked once, on a phone, for each keeps the whole day on it first."""
SITTINGS = ((PHONE, "zh"), (DESK, "en"))
"""Each screen is opened once in each language, as the first of these on a phone; then its window becomes that of the other."""
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
        """Note what the page complains of. That an answer was refused (4xx) or there is no signal, as some screens show, is none."""
        page.add_init_script(WATCH)
        page.on(
            "console",
            lambda said: self.note(said.text) if said.type == "error" and not REFUSED.search(said.text) else None,
        )
        page.on("pageerror", lambda error: self.note(str(error)))
        page.on("response", self._policy)

    def _policy(self, answer: Response) -> None:
        if answer.request.resource_type != "document" or answer.from_service_worker or 300 <= answer.status < 400:
            return
        policy = answer.headers.get("content-security-policy", "")
        if "default-src" not in policy or "unsafe-inline" in policy or "unsafe-eval" in policy:
            self.note(f"its content security policy is {policy!r}")

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
        for one in grave(page):
            self.note(f"axe {one}")

    def read(self, page: Page, *, language: str) -> None:
        """Note words that were left in the other language."""
        for text in page.evaluate(TEXTS):
            if language == "zh" and text in messages() and text not in ENGLISH_NAMES:
                self.note(f"not translated: {text!r}")
            elif language == "en" and text in meanings() and text not in CHINESE_NAMES:
                self.note(f"still Chinese: {text!r}")

    def squeeze(self, page: Page, *, width: int) -> None:
        """Note what does not fit a narrower window, or the same one in large text."""
        narrow = NARROWEST if width == PHONE else MAGNIFIED
        resize(page, narrow, HEIGHTS[width])
        if (over := page.evaluate(OVER)) > 0:
            self.note(f"it is {over} px wider than a window of {narrow}")
        resize(page, width, HEIGHTS[width])
        if width == PHONE:
            large = page.evaluate(LARGE, LARGE_TEXT_PX)
            if large["over"] > 0:
                self.note(f"in large text it is {large['over']} px wider than its window")
            if large["small"]:
                self.note(f"in large text these stay below {LARGE_TEXT_PX} px: {large['small']}")

    def elsewhere(self, page: Page, *, width: int, language: str) -> None:
        """Look at the page once more in the other window: what a phone hides a desk may show."""
        other = DESK if width == PHONE else PHONE
        where, self.where = self.where, f"{self.where}, at {other} px"
        resize(page, other, HEIGHTS[other])
        self.examine(page, language=language)
        self.read(page, language=language)
        resize(page, width, HEIGHTS[width])
        self.where = where

    def all(self, page: Page, *, width: int, language: str) -> None:
        """Note what is wrong with the page as it stands there."""
        self.examine(page, language=language)
        self.read(page, language=language)
        self.shut_out(page)
        self.squeeze(page, width=width)
        self.elsewhere(page, width=width, language=language)

    def by_keyboard(self, page: Page) -> None:
        """Note what Tab does not reach, or reaches without showing it; the first leads to the skip link, that to the content."""
        if page.evaluate("document.activeElement === document.body"):  # else: errors, which it leads to first
            page.keyboard.press("Tab")
            first = page.evaluate(FOCUS)
            if not (first["skip"] and first["seen"]):
                self.note("the first Tab does not show the skip link")
            page.keyboard.press("Enter")
            if not page.evaluate(FOCUS)["main"]:
                self.note("the skip link does not lead to the content")
        keys = page.evaluate(WATCH_TABS)
        for _ in range(min(keys, MOST_TABS)):
            page.keyboard.down("Tab")  # held down, it repeats
        page.keyboard.up("Tab")
        found = page.evaluate("linliTabs.report()")
        for _ in range(MOST_LATECOMERS):  # a map's own buttons come after the count, and take their keys
            if not found["missed"]:
                break
            page.keyboard.press("Tab")
            found = page.evaluate("linliTabs.report()")
        if keys <= MOST_TABS and found["missed"]:
            self.note(f"Tab does not reach {found['missed']}")
        if found["dull"]:
            self.note(f"the focus cannot be seen: {found['dull']}")
        if found["jumps"]:
            self.note(f"a positive tabindex: {found['jumps']}")


@cache
def messages() -> dict[str, str]:
    """Every message of the house that is said differently in Chinese."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "src" / "linli").glob("*/locale/zh_Hans/LC_MESSAGES/django.mo")):
        found |= _catalogue(path)
    return found


def _catalogue(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        said = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {
        key.rpartition("\x04")[2]: text
        for key, text in said.items()
        if isinstance(key, str) and key and text and key != text
    }


@cache
def meanings() -> frozenset[str]:
    """What the messages are in Chinese, as far as that is Chinese."""
    return frozenset(text for text in messages().values() if any("\u4e00" <= sign <= "\u9fff" for sign in text))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("width", "language"), SITTINGS)
@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who or "anyone")
def test_every_screen_is_for_everybody(visitors: Visitors, who: str, width: int, language: str) -> None:
    findings = Findings()
    context, page, journey = None, None, ""
    for screen in screens_of(who, offline=(width, language) == SITTINGS[0]):
        if context is None or page is None or screen.journey != journey:
            # As for the pictures: a journey has a window of its own, for it may end without a signal.
            if context is not None:
                context.close()
            context, journey = visitors.context(who, width=width, language=language), screen.journey
            page = context.new_page()
            findings.watch(page)
        findings.where = screen.name
        visit(page, visitors.demo, screen)
        if (led := LED_TO.get(screen.name)) and _route(urlsplit(page.url).path) != led:
            findings.note(f"it leads to {page.url}, not to {led}")
        if not screen.main:
            continue
        findings.all(page, width=width, language=language)
        if width == DESK and screen.address and screen.way is None:
            findings.by_keyboard(page)
    if context is not None:
        context.close()
    assert not findings.said, "\n".join(findings.said)


BROKEN = """<!doctype html><html lang="fr"><head><title> </title><style>
  #main { outline: 0 } .dull:focus { outline: none } .small { font-size: 9px } pre { width: 330px }
  @media (min-width: 1000px) { .far { width: 3000px } } @media (max-width: 700px) { .wide { width: 900px } }
  [data-text=large] .grown { width: 400px }
</style></head><body><main id="main"><img src="data:,"><p class="small">tiny</p><p>%s</p><p>%s</p>
<div class="far wide grown">x</div><pre>y</pre><button class="dull">a</button><button tabindex="3">b</button>
<button id="trap">c</button><button>never</button></main><script>
  document.getElementById("trap").addEventListener("keydown", (event) => event.preventDefault());
  console.error("a complaint"); setTimeout(() => { throw new Error("a mistake") });
</script></body></html>"""
"""Everything that the walk looks for, in one page."""


@pytest.mark.parametrize(("width", "language"), SITTINGS)
def test_whatever_is_wrong_with_a_page_is_found(chromium: Browser, width: int, language: str) -> None:
    english, chinese = next(
        (key, text)
        for key, text in sorted(messages().items())
        if text in meanings() and text.isalpha() and key.isalpha() and key not in ENGLISH_NAMES
    )
    context = chromium.new_context(viewport={"width": width, "height": HEIGHTS[width]})
    page = context.new_page()
    findings = Findings(where="broken")
    findings.watch(page)
    policy = {"content-security-policy": "default-src 'self' 'unsafe-inline'; img-src data:"}
    page.route(
        "**/*",
        lambda route: route.fulfill(
            body=BROKEN % (english, chinese), content_type="text/html; charset=utf-8", headers=policy
        ),
    )
    page.goto("http://broken.example/")
    findings.all(page, width=width, language=language)
    findings.by_keyboard(page)
    context.close()
    other, narrow = (DESK, NARROWEST) if width == PHONE else (PHONE, MAGNIFIED)
    wanted = [
        "its language is 'fr'", "it has 0 h1", "it has no title", "axe image-alt", "unsafe-inline", "a complaint", "a mistake",
        "px wider than its window", f"px wider than a window of {narrow}", f"broken, at {other} px: it is",
        "the first Tab does not show the skip link", "the skip link does not lead", "Tab does not reach", "never",
        "the focus cannot be seen", "a positive tabindex",
        f"not translated: {english!r}" if language == "zh" else f"still Chinese: {chinese!r}",
        *(["in large text it is", "in large text these stay below"] if width == PHONE else []),
    ]  # fmt: skip
    said = "\n".join(findings.said)
    assert not [text for text in wanted if text not in said], said


def test_every_page_is_walked() -> None:
    known = {_route(urlsplit(_filled(screen.address)).path) for screen in SCREENS if screen.address}
    known |= set(LED_TO.values()) | set(NO_PAGES) | set(SEEN_ELSEWHERE)
    there = {
        route
        for route, taken in methods().items()
        if (not taken or "GET" in taken) and not route.startswith(NO_PAGES_BELOW)
    }
    unknown = sorted(there - known)
    assert not unknown, (
        "give each a Screen in tests/browser/screens.py (or a line in tests/browser/pages.py):\n  "
        + "\n  ".join(unknown)
    )
    gone = sorted((set(LED_TO.values()) | set(NO_PAGES) | set(SEEN_ELSEWHERE)) - there)
    assert not gone, f"tests/browser/pages.py names what is not there: {gone}"
    assert set(LED_TO) <= {screen.name for screen in SCREENS}


def _filled(address: str) -> str:
    return address.replace("{", "").replace("}", "")


def _route(path: str) -> str:
    try:
        return resolve(path).route.replace("^", "").removesuffix("$")
    except Resolver404:
        return ""


def screens_of(who: str, *, offline: bool) -> list[Screen]:
    """What one of the cast sees: the main screens, and those of a journey that lead to one."""
    leading = {one.journey for one in SCREENS if one.main} - {""}
    ours = [one for one in SCREENS if one.who == who and (one.main or one.journey in leading)]
    return [one for one in ours if offline or one.journey not in OFFLINE]
