"""`./run bench burden`: what each task costs whoever does it, by a scripted browser with a cold cache, over a phone's line.

The tasks, their aims, the devices and a person's seconds are in ``src/linli/metrics/rules/burden.toml``; the ways through the
pages are ``tests/browser/burden.py``, the same that a test goes. Each task is done three times (``--quick``: once) in the small
city, on the web process in its production form; figures are ``TASK_FIGURE`` with the aim as their ceiling, times those of the
least disturbed round. ``--write 1`` keeps what was measured in ``src/linli/metrics/data/burden.json``, which the page ``/burden``
shows; ``--only TASK`` does one.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

import _harness as harness

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "src" / "linli" / "metrics" / "data" / "burden.json"
PATIENCE_MS = 60_000
WARM = 4
"""Times that the server makes a page before it is measured: each of its processes reads what it keeps in memory once."""
ANSWERS = """() => document.documentElement.classList.contains("js") && document.querySelector("main")?.checkVisibility()
  && performance.getEntriesByName("first-contentful-paint").length && performance.now()"""
"""Milliseconds from the address to the moment when the page is painted, its script has run and the browser is free to answer."""


class Line:
    """A line as slow as a device's, and what goes over it."""

    def __init__(self, page: Page, device: Any) -> None:
        self.bytes, self.requests = 0, 0
        session: CDPSession = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._ended)
        session.on("Network.requestWillBeSent", self._begun)
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False, "latency": device.latency_ms, "downloadThroughput": device.down_kbit * 125,
                "uploadThroughput": device.up_kbit * 125,
            },
        )  # fmt: skip
        session.send("Emulation.setCPUThrottlingRate", {"rate": device.cpu_slowdown})

    def _ended(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _begun(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.requests += 1


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("burden: no Chromium on this machine; `./run setup --browser` installs it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--use-gl=swiftshader"])
        yield browser
        browser.close()


@contextmanager
def visitor(
    browser: Browser, device: Any, base: str, world: Any, who: str, at: tuple[float, float]
) -> Iterator[BrowserContext]:
    """A browser that has never been here; ``who`` is signed in, empty for nobody."""
    from django.conf import settings
    from tests.desk.conftest import signed_in

    context = browser.new_context(
        viewport={"width": device.width, "height": device.height}, locale="zh-CN", timezone_id="Asia/Shanghai",
        has_touch=device.touch, permissions=["geolocation"],
        geolocation={"longitude": at[0], "latitude": at[1], "accuracy": 20},
        service_workers="block",  # what one would answer from its store was sent before, and counts
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    if who:
        session = signed_in(world, who).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
    try:
        yield context
    finally:
        context.close()


def first_load(browser: Browser, device: Any, base: str, town: Any, who: str, address: str) -> dict[str, float]:
    """Open a page for the first time in one's life; the server has seen it before."""
    from tests.browser.burden import HERE

    with visitor(browser, device, base, town.world, who, HERE) as context:
        for _time in range(WARM):
            context.request.get(base + address)
    with visitor(browser, device, base, town.world, who, HERE) as context:
        page = context.new_page()
        line = Line(page, device)
        page.goto(base + address, wait_until="commit")
        milliseconds = page.wait_for_function(ANSWERS, polling="raf").json_value()
        page.wait_for_load_state("networkidle")
        harness.say(f"    {address}: {line.bytes / 1000:.0f} KB, {line.requests} requests, {milliseconds / 1000:.2f} s")
        return {
            "first_load_kb": line.bytes / 1000, "first_load_requests": line.requests, "interactive_s": milliseconds / 1000
        }  # fmt: skip


def go(browser: Browser, device: Any, base: str, town: Any, task: Any, went: Any) -> dict[str, float]:
    """Do a task from its beginning to its receipt."""
    from tests.browser.burden import Hand

    with visitor(browser, device, base, town.world, went.who, went.at) as context:
        page = context.new_page()
        line, hand = Line(page, device), Hand(page, base)
        began = time.monotonic()
        went.way(hand, town)
        waiting = time.monotonic() - began
        if hand.twice:
            harness.say(f"    asked twice: {sorted(hand.twice)}")
        page.wait_for_load_state("networkidle")
        return {
            **hand.counted(), "requests": line.requests, "kb": line.bytes / 1000, "seconds": hand.seconds(waiting)
        }  # fmt: skip


def measure(browser: Browser, base: str, task: Any, rounds: int) -> dict[str, float]:
    """A task's figures: counts of its first round, medians of its times."""
    from tests.browser.burden import WAYS

    from linli.metrics.burden import rules

    device, went = rules().devices[task.device], WAYS[task.code]
    signed_in = {"dispose_field": "he_ming", "dispose_desk": "yang"}.get(task.code, went.who)
    loads = []
    found: list[dict[str, float]] = []
    for _round in range(rounds):
        town = anew()
        loads.append(
            [
                first_load(browser, device, base, town, "" if address == "/sign-in" else signed_in, address)
                for address in task.pages
            ]
        )
        if task.code == "bulky_again":
            go(browser, device, base, town, task, WAYS["bulky_first"])
        found.append(go(browser, device, base, town, task, went))
    figures = dict(found[0])
    # Whatever else the machine does can only add: the least disturbed round counts.
    for name in ("seconds", "requests", "kb"):
        figures[name] = min(one[name] for one in found)
    for name in ("first_load_kb", "first_load_requests", "interactive_s"):
        figures[name] = max(min(one[place][name] for one in loads) for place in range(len(task.pages)))
    return {name: round(value, 1) if isinstance(value, float) else value for name, value in figures.items()}


def anew() -> Any:
    """The small city as it was at the beginning."""
    from django.core.management import call_command
    from tests.browser.burden import furnish
    from tests.world import build

    from linli.people import snapshot

    call_command("flush", database="owner", interactive=False, verbosity=0)
    town = furnish(build())
    snapshot.changed("posts")
    return town


def main() -> None:
    """Do every task."""
    options = harness.arguments(__doc__ or "", write=0, only="")
    rounds = 1 if options.quick else 3
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with harness.database(), harness.web_server() as (port, _pid), chromium() as browser:
        from linli import __version__
        from linli.kernel import time as clock
        from linli.metrics.burden import rules

        base = f"http://127.0.0.1:{port}"
        kept: dict[str, dict[str, float]] = {}
        for task in rules().tasks:
            if options.only and options.only != task.code:
                continue
            harness.say(task.code)
            kept[task.code] = figures = measure(browser, base, task, rounds)
            for name, value in figures.items():
                aim = task.aims.get(name)
                ratio = value / aim if aim else value
                harness.line("burden", f"{task.code}_{name}", value, name, ceiling=aim or 0, ratio=ratio)
            if options.write:
                before = json.loads(KEPT.read_text())["tasks"] if KEPT.exists() else {}
                told = {"measured_on": clock.today().isoformat(), "version": __version__, "tasks": before | kept}
                KEPT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
