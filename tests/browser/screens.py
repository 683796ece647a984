"""The screens: what is pictured into docs/screens and examined by test_screens, one entry each, and the way to it.

A screen is an address, or an address and a way from there (clicks, typing). Texts are never used to find one's way: the same way
leads through both languages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser.still import Demo

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, TABLET, DESK = 360, 768, 1440
HEIGHTS = {PHONE: 740, TABLET: 1024, DESK: 900}
BOTH = (PHONE, DESK)
ALL = (PHONE, TABLET, DESK)
LANGUAGES = {"zh": "zh-hans", "en": "en"}

Way = Callable[["Page", Demo], None]


@dataclass(frozen=True)
class Screen:
    """A page as one of the cast sees it."""

    name: str
    """Beginning of the picture's name: door, page, and who when there are several."""
    who: str
    """Login of one of the cast; empty for nobody signed in."""
    address: str
    """``{zhou-UT02}`` stands for the ticket number of that story (:class:`tests.browser.still.Demo`)."""
    line: str
    """What it shows, for the index."""
    way: Way | None = None
    widths: tuple[int, ...] = BOTH
    tall: bool = True
    """Pictured to its whole height; otherwise the window alone, for pages whose panes scroll by themselves."""
    main: bool = True
    """Examined by test_screens: one is enough of each page."""
    journey: str = ""
    """Screens of one journey are reached one after the other, by one visitor; its first has the address."""
    looks: tuple[str, ...] = ()
    """Further pictures of it in Chinese: dark, large."""


STORY = "zhou-EN03"
"""The story whose place and category the report follows, so that there is something near."""


def _choose(page: Page, code: str) -> None:
    button = page.locator(f'button[name=category][value="{code}"]').last
    button.evaluate("node => node.closest('details')?.setAttribute('open', '')")
    button.click()
    page.wait_for_load_state()


def onward(page: Page, demo: Demo) -> None:
    """The page's one primary action."""
    page.locator(".primary-dock .btn-primary").first.click()
    page.wait_for_load_state()


def lift(page: Page, demo: Demo) -> None:
    """Somebody stuck in a lift: ring first."""
    _choose(page, "PS08")


def search(page: Page, demo: Demo) -> None:
    """Search for a category by words."""
    page.locator("#report-q").press_sequentially("路灯不亮")
    page.locator("#found button").first.wait_for()


def no_place(page: Page, demo: Demo) -> None:
    """Choose bulky waste and go on without a place: the error summary."""
    _choose(page, "EN03")
    onward(page, demo)


def placed(page: Page, demo: Demo) -> None:
    """Begin the question anew, without the error, and point to the place of the story."""
    page.goto(f"{demo.address}/report/where")
    page.locator(".map.is-ready").first.wait_for()
    centre = (
        "(root, place) => { root.scrollIntoView({block: 'center'}); root.linliMap.jumpTo({center: place, zoom: 15}) }"
    )
    page.locator(".map").evaluate(centre, list(demo.points[STORY]))
    page.locator(".map-canvas").click()
    page.locator("#report-found > *").first.wait_for()


def words(page: Page, demo: Demo) -> None:
    """On to the words, and write some."""
    onward(page, demo)
    page.locator("#id_description").fill("车棚边的旧沙发还在，下过雨发霉了，占着路不好走。")


def propose(page: Page, demo: Demo) -> None:
    """Change who takes a category first, and how fast, and see what that would change."""
    page.locator("#id_first_level").select_option("community")
    page.locator("#id_respond_minutes").fill("60")
    page.locator("#id_reason").fill("社区夜间有人值守，改由社区先接，一小时内响应。")
    page.locator("#main form .btn-primary").first.click()
    page.wait_for_load_state()


def dialog(verb: str) -> Way:
    """Open the form of a verb on a case page."""

    def way(page: Page, demo: Demo) -> None:
        page.locator(f'[href*="/do/{verb}"], [hx-get*="/do/{verb}"]').first.evaluate("node => node.click()")
        page.locator("dialog[open] h2, dialog[open] h1").first.wait_for()

    return way


SCREENS = (
    Screen("portal-home", "", "/", "The portal for a visitor", looks=("dark", "large"), widths=ALL),
    Screen("portal-home-zhou", "zhou", "/", "The portal for Aunt Zhou, with what she has reported", main=False),
    Screen("portal-report-call", "", "/report", "Danger: whom to ring before the form", lift),
    Screen("portal-report", "", "/report", "Reporting, question 1: what it is about", journey="report"),
    Screen("portal-report-search", "", "", "The same, searched by words", search, journey="report", main=False),
    Screen("portal-report-error", "", "", "Question 2 without an answer: the error summary", no_place, journey="report"),
    Screen("portal-report-where", "", "", "Question 2: where, and which grid that is", placed, journey="report", looks=("dark",)),
    Screen("portal-report-words", "", "", "Question 3: words and photos", words, journey="report", looks=("large",)),
    Screen("portal-report-near", "", "", "Neighbours have reported this: join, or go on", onward, journey="report"),
    Screen("portal-report-contact", "", "", "How to reach the reporter; may stay empty", onward, journey="report"),
    Screen("portal-report-check", "", "", "Question 4: check the answers", onward, journey="report"),
    Screen("portal-report-done", "", "", "The receipt: number, code, what happens next", onward, journey="report"),
    Screen("portal-follow", "", "/follow", "Following a report with number and code"),
    Screen("portal-map", "", "/map", "Open problems on a map with a list", widths=ALL, looks=("dark",)),
    Screen("portal-services", "", "/services", "Services"),
    Screen("portal-mine", "zhou", "/mine", "Aunt Zhou's own page"),
    Screen("portal-my", "zhou", "/my", "Aunt Zhou's cases"),
    Screen("portal-case", "zhou", "/case/{zhou-EN07}", "A case as its reporter follows it", looks=("dark", "large"), widths=ALL),
    Screen("portal-case-closed", "zhou", "/case/{zhou-UT02}", "A closed case: rate it, or have it opened again"),
    Screen("portal-missing", "", "/case/9999-0000-0000-0", "An address that leads nowhere"),
    Screen("sign-in", "", "/sign-in", "Signing in"),
    Screen("field-today", "heming", "/field/", "He Ming's day in his micro-grid", looks=("dark", "large"), widths=ALL),
    Screen("field-case", "heming", "/field/case/{heming-UT01}", "A case on a phone, with its next action"),
    Screen("field-report", "heming", "/field/report", "A quick report from the spot"),
    Screen(
        "desk-inbox", "xiaoxu", "/desk/case/{zhou-EN03}?view=mine", "The desk of a community worker: views, list, case",
        widths=(PHONE, TABLET, 1024, DESK), tall=False, looks=("dark", "large"),
    ),
    Screen("desk-list-community", "xiaoxu", "/desk/", "A community worker's inbox", tall=False),
    Screen("desk-list-subdistrict", "liu", "/desk/", "A subdistrict officer's inbox", tall=False),
    Screen("desk-list-dispatcher", "sunjie", "/desk/", "A dispatcher's inbox", tall=False),
    Screen("desk-list-department", "yangke", "/desk/", "A department clerk's inbox", tall=False),
    Screen("desk-list-verifier", "laozheng", "/desk/", "A verifier's queue", tall=False),
    Screen("desk-list-call-taker", "xiaotian", "/desk/", "A call taker's queue", tall=False),
    Screen("desk-list-supervisor", "qinjian", "/desk/", "A supervisor's inbox", tall=False),
    Screen("desk-list-empty", "xiaoxu", "/desk/?view=open&q=zzzz", "An empty list says what to do", tall=False),
    Screen("desk-case-called", "liu", "/desk/case/{xiaotian-IL06}?view=called", "Departments called, for the subdistrict", tall=False),
    Screen("desk-case-department", "yangke", "/desk/case/{anonymous-IL01}?view=mine", "A department's order within a case", tall=False),
    Screen("desk-case-verify", "laozheng", "/desk/case/{anonymous-UT03}?view=to_verify", "A case to be verified", tall=False),
    Screen("desk-call-form", "xiaoxu", "/desk/case/{xiaotian-EN06}?view=mine", "Calling up: the form", dialog("call"), tall=False),
    Screen("desk-verify-form", "laozheng", "/desk/case/{anonymous-UT03}/do/verify", "Verifying, as a page of its own", tall=False),
    Screen("desk-register", "xiaotian", "/desk/register", "Registering by hand what came by telephone"),
    Screen("desk-slip", "xiaotian", "/desk/case/{xiaotian-PM01}/slip", "The slip for whoever reported by telephone or at the counter"),
    Screen("admin-overview", "admin", "/admin/", "Administration: what there is to look after"),
    Screen("admin-catalogue", "admin", "/admin/catalogue", "The catalogue of categories", looks=("dark",), widths=ALL),
    Screen("admin-category", "admin", "/admin/catalogue/UT02", "One category, to be changed"),
    Screen(
        "admin-change", "admin", "/admin/catalogue/EN01", "A change of the catalogue: the difference, and what it would have moved",
        propose, journey="change",
    ),
    Screen("admin-posts", "security", "/admin/posts", "Posts"),
    Screen("admin-accounts", "security", "/admin/accounts", "Accounts"),
    Screen("admin-organisations", "admin", "/admin/organisations", "Organisations"),
    Screen("admin-calendar", "admin", "/admin/calendar", "The working-time calendar"),
    Screen("admin-audit", "auditor", "/admin/audit", "The audit trail, for the auditor"),
    Screen("design", "", "/design", "The design system's own page", looks=("dark", "large"), widths=ALL),
)  # fmt: skip
