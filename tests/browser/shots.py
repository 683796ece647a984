"""``./run shots [NAMES]``: pictures of the screens of every role, into docs/screens.

NAMES choose screens by the beginning of their names (``portal``, ``desk-inbox``); without, all are taken anew. ``--data DIR``
keeps the demo of the pictures for the next time, ``--out DIR`` puts them elsewhere.
"""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, Request, sync_playwright

from tests.browser.screens import DESK, HEIGHTS, LANGUAGES, SCREENS, Screen
from tests.browser.still import MOMENT, ROOT, Demo, running

SCREENS_FOLDER = ROOT / "docs" / "screens"
TALLEST = 2600
PATIENCE_MS = 20_000
QUIET_LOOKS = 3
"""So often nothing may be under way, one after the other, until a page that was merely opened counts as drawn."""
IDLE = """() => new Promise((done) => requestAnimationFrame(() =>
  requestIdleCallback(() => setTimeout(done, 40), {timeout: 5000})))"""
MOST_BYTES = 300_000
FULL_COLOUR_BYTES = 60_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Without a graphics card the map is drawn by the processor.
FLAGS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--font-render-hinting=none",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        raise SystemExit("shots: no Chromium on this machine; `./run setup --browser` installs it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, "--no-sandbox"])
        yield browser
        browser.close()


class Traffic:
    """What the pages of a context have asked for and not got yet. A stream of events, which never ends, does not count."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: set[Request] = set()
        context.on("request", lambda asked: self.open.add(asked) if asked.resource_type != "eventsource" else None)
        context.on("requestfinished", lambda asked: self.open.discard(asked))
        context.on("requestfailed", lambda asked: self.open.discard(asked))

    def calm(self, page: Page) -> None:
        """Wait until nothing is asked for, the page has nothing left to do, and nothing is asked for then."""
        end = time.monotonic() + PATIENCE_MS / 1000
        quiet = 0
        while quiet < QUIET_LOOKS and time.monotonic() < end:
            page.evaluate(IDLE)
            quiet = 0 if self.open else quiet + 1


traffic: WeakKeyDictionary[BrowserContext, Traffic] = WeakKeyDictionary()


class Visitors:
    """Browser contexts by person, language and look; each person signs in once, by the demo's one click."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self.browser, self.demo = browser, demo
        self._states: dict[str, str] = {}

    def context(self, who: str, *, width: int, language: str, look: str = "") -> BrowserContext:
        """A context at ``width`` (pixels) as ``who`` in a language (``zh``, ``en``) and a look (``dark``, ``large``)."""
        state = self._signed_in(who) if who else None
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)}, locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai", reduced_motion="reduce", has_touch=width < 768, is_mobile=False,
            color_scheme="dark" if look == "dark" else "light", storage_state=state,
        )  # fmt: skip
        cookies = {"linli_language": LANGUAGES[language]}
        if look == "large":
            cookies["linli_text"] = "large"
        context.add_cookies(
            [{"name": name, "value": value, "url": self.demo.address} for name, value in cookies.items()]
        )
        context.clock.set_fixed_time(MOMENT)
        context.set_default_timeout(PATIENCE_MS)
        traffic[context] = Traffic(context)
        return context

    def _signed_in(self, who: str) -> str:
        if who not in self._states:
            context = self.browser.new_context()
            page = context.new_page()
            page.goto(self.demo.address)
            page.locator(".demo-bar summary").click()
            page.locator(f'.demo-bar form[action$="/{who}"] button').click()
            page.wait_for_load_state()
            folder = Path(tempfile.mkdtemp(prefix="linli-shots-"))
            self._states[who] = str(folder / "state.json")
            context.storage_state(path=self._states[who])
            context.close()
        return self._states[who]

    def forget(self) -> None:
        """Remove the kept sessions."""
        for path in self._states.values():
            shutil.rmtree(Path(path).parent, ignore_errors=True)


def visit(page: Page, demo: Demo, screen: Screen) -> None:
    """Go to a screen, or on to it within its journey, and wait until it is drawn, its map too."""
    if screen.address:
        address = screen.address
        for name, number in demo.cases.items():
            address = address.replace(f"{{{name}}}", number)
        page.goto(demo.address + address)
    if screen.way is not None:
        screen.way(page, demo)
        page.wait_for_load_state("networkidle")  # what is typed is asked for with a delay
    else:
        page.wait_for_load_state()
        traffic[page.context].calm(page)
    draw(page)


def settle(page: Page) -> None:
    """Wait for what comes after the page: parts, fonts, pictures, maps."""
    page.wait_for_load_state("networkidle")
    draw(page)


def draw(page: Page) -> None:
    """Wait for fonts, and for maps within reach."""
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate(
        """async () => {
          const end = performance.now() + 15000;
          const near = (root) => new Promise((done) => new IntersectionObserver((entries, watch) => {
            watch.disconnect();
            done(entries[0].isIntersecting);
          }, {rootMargin: '200px'}).observe(root));
          for (const root of document.querySelectorAll('[data-map]')) {
            if (!root.checkVisibility() || !(await near(root))) continue;  // one out of sight waits to be scrolled to
            while (!root.linliMap && performance.now() < end) await new Promise(done => setTimeout(done, 50));
            const map = root.linliMap;
            while (map && !(root.classList.contains('is-ready') && map.loaded()) && performance.now() < end)
              await new Promise(done => setTimeout(done, 50));
          }
        }"""
    )


def picture(page: Page, width: int, *, tall: bool) -> bytes:
    """The page as PNG: the window, or as tall as its content. By the protocol itself: it waits for no animation of the map."""
    window = {"width": width, "height": HEIGHTS.get(width, 900)}
    height = page.evaluate("document.documentElement.scrollHeight")
    if tall and height > window["height"]:
        page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
        page.evaluate("scrollTo(0, 0)")
        settle(page)
        page.wait_for_timeout(150)
    session: CDPSession = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "png"})
    if page.viewport_size != window:
        page.set_viewport_size(window)
    return base64.b64decode(shot["data"])


def keep(shot: bytes, path: Path) -> None:
    """Write a picture as small as it stays good: in full colour when that is small, else with a palette."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    whole = io.BytesIO()
    image.save(whole, "PNG", optimize=True)
    if whole.tell() > FULL_COLOUR_BYTES:
        few = io.BytesIO()
        image.quantize(colors=256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            few, "PNG", optimize=True
        )
        whole = few if few.tell() < whole.tell() else whole
    if whole.tell() > MOST_BYTES:
        raise SystemExit(f"shots: {path.name} has {whole.tell():,} bytes; {MOST_BYTES:,} are the most.")
    path.write_bytes(whole.getvalue())


def names_of(screen: Screen) -> Iterator[tuple[str, int, str, str]]:
    """Each picture of a screen: name, width, language, look."""
    for width in screen.widths:
        for language in LANGUAGES:
            yield f"{screen.name}-{width}-{language}", width, language, ""
    for look in screen.looks:
        for width in (screen.widths[0], DESK):
            yield f"{screen.name}-{width}-zh-{look}", width, "zh", look


@dataclass(frozen=True)
class Sitting:
    """One browser window: a person, a width, a language, a look; and a journey, for what is seen on the way of one."""

    who: str
    width: int
    language: str
    look: str
    journey: str


def sittings(chosen: Sequence[Screen]) -> dict[Sitting, list[tuple[Screen, str]]]:
    """What is to be pictured, by window, in the screens' order."""
    found: dict[Sitting, list[tuple[Screen, str]]] = {}
    for screen in chosen:
        for name, width, language, look in names_of(screen):
            found.setdefault(Sitting(screen.who, width, language, look, screen.journey), []).append((screen, name))
    # Journeys come last: they send reports, which inboxes would show.
    return dict(sorted(found.items(), key=lambda one: bool(one[0].journey)))


def sit(visitors: Visitors, sitting: Sitting, wanted: Sequence[tuple[Screen, str]], out: Path) -> int:
    """Take the pictures of one window; the number of those that did not come out."""
    names = {screen.name: name for screen, name in wanted}
    ways = (
        [one for one in SCREENS if one.journey == sitting.journey]
        if sitting.journey
        else [one for one, _name in wanted]
    )
    context = visitors.context(sitting.who, width=sitting.width, language=sitting.language, look=sitting.look)
    failed = 0
    try:
        page = context.new_page()
        for screen in ways:
            try:
                visit(page, visitors.demo, screen)
                if screen.name in names:
                    keep(picture(page, sitting.width, tall=screen.tall), out / f"{names.pop(screen.name)}.png")
                if not names:
                    break
            except Error as problem:
                failed += 1
                print(f"  {screen.name} {sitting}: {problem.message.splitlines()[0]}", flush=True)
                if sitting.journey:
                    break
    finally:
        context.close()
    return failed


def index(out: Path) -> None:
    """README.md of the folder: a line for each screen, with its pictures."""
    lines = [
        "# Screens", "",
        "Taken by `./run shots` on the light demo at Wednesday 18 November 2026, 16:20, a clock that stands; people and cases are made",
        "up. The name says screen, width in pixels, language, and look where it is not the usual one.", "",
        "| screen | shows | seen by | pictures |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for screen in SCREENS:
        links = [
            f"[{name.removeprefix(screen.name + '-')}]({name}.png)"
            for name, *_ in names_of(screen)
            if (out / f"{name}.png").exists()
        ]
        if links:
            lines.append(f"| {screen.name} | {screen.line} | {screen.who or 'anyone'} | {' · '.join(links)} |")
    (out / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="./run shots", description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of screens' names")
    parser.add_argument("--data", type=Path, help="data folder to keep (default: a temporary one)")
    parser.add_argument("--out", type=Path, default=SCREENS_FOLDER)
    parser.add_argument("--language", action="append", default=[], choices=list(LANGUAGES))
    parser.add_argument("--width", action="append", default=[], type=int)
    parser.add_argument("--look", action="append", default=[], choices=["plain", "dark", "large"])
    options = parser.parse_args()
    chosen = [one for one in SCREENS if not options.names or any(one.name.startswith(name) for name in options.names)]
    if not chosen:
        print("shots: no screen of that name; there are " + ", ".join(one.name for one in SCREENS), file=sys.stderr)
        return 2
    data = options.data or Path(tempfile.mkdtemp(prefix="linli-shots-"))
    options.out.mkdir(parents=True, exist_ok=True)
    began, failed = time.monotonic(), 0
    try:
        with running(data) as demo, chromium() as browser:
            visitors = Visitors(browser, demo)
            windows = sittings(chosen)
            for number, (sitting, wanted) in enumerate(windows.items(), 1):
                if options.language and sitting.language not in options.language:
                    continue
                if options.width and sitting.width not in options.width:
                    continue
                if options.look and (sitting.look or "plain") not in options.look:
                    continue
                who = sitting.who or "anyone"
                print(f"{number:3}/{len(windows)} {who} {sitting.width} {sitting.language} {sitting.look}", flush=True)
                failed += sit(visitors, sitting, wanted, options.out)
            visitors.forget()
    finally:
        if options.data is None:
            shutil.rmtree(data, ignore_errors=True)
    index(options.out)
    print(f"{time.monotonic() - began:.0f} s, {failed} not taken")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
