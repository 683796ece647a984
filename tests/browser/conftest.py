"""A real browser (Debian's Chromium) on a real server with the small city, for each of the cast."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from linli.cases.actions import accepting
from linli.cases.models import Case
from tests.world import World, build, ref, report

# Playwright's own loop runs in the test's thread, where Django would refuse to ask the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

expect.set_options(timeout=15_000)  # how long a page may take until it shows what is expected, on a busy machine
HEIGHTS = {360: 780, 768: 1000, 1024: 768, 1440: 900}
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, one for all tests of a worker."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("no Chromium on this machine: ./run setup --browser installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--use-gl=swiftshader"])
        yield browser
        browser.close()


@pytest.fixture
def town(transactional_db: None, clock: Any) -> World:
    """The small city with a few reports on their way."""
    world = build()
    cases = []
    for n, category in enumerate(("UT02", "EN01", "UT02", "EN01", "UT02")):
        clock.forward(minutes=5 * n)
        cases.append(report(world.zhou, category=category, description=f"第{n + 1}件:楼下路灯不亮"))
    accepting.register(world.xiao_xu, ref(cases[0]), version=1)
    clock.forward(minutes=50)
    return world


@pytest.fixture
def waiting(town: World) -> Case:
    """A report that nobody has taken up yet."""
    return Case.objects.filter(state="submitted").order_by("number")[0]


@pytest.fixture
def sit(chromium: Browser, live_server: Any, town: World) -> Iterator[Open]:
    """Open a page as one of the cast; at the end no page may have complained in its console."""
    from tests.desk.conftest import signed_in

    contexts, complaints = [], []

    def sit_down(
        login: str,
        path: str,
        *,
        width: int = 1440,
        language: str = "en",
        text: str = "",
        theme: str = "",
        script: bool = True,
    ) -> Page:
        client = signed_in(town, login)
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            has_touch=width < 700,
        )
        cookies = {
            settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
            settings.LANGUAGE_COOKIE_NAME: language,
            "linli_text": text,
            "linli_theme": theme,
        }
        context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items() if v])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield sit_down
    for context in contexts:
        context.close()
    # What a server refuses on purpose (409, 422) the browser notes as a failed load.
    assert not [said for said in complaints if "status of 4" not in said], complaints


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that ran out of its time on a busy machine is asked once more, and named in the summary; a wrong answer is not."""
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=[r"Timeout \d+ms exceeded", r"with timeout \d+ms"]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test says which pages stood open and what stood on them, in the first run as in the second."""
    report: pytest.TestReport = yield  # type: ignore[misc,assignment]
    browser: Browser | None = getattr(item, "funcargs", {}).get("chromium")
    if report.when == "call" and report.failed and browser is not None:
        report.sections.append(
            ("pages that stood open", "\n\n".join(said(page) for one in browser.contexts for page in one.pages))
        )
    return report  # type: ignore[return-value]


def said(page: Page) -> str:
    """A page's address and the beginning of its text."""
    try:
        return f"{page.url}\n{page.evaluate('document.body.innerText')[:1500]}"
    except PlaywrightError as error:
        return f"{page.url}\n{error}"
