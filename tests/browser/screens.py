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
WALL, WIDE_WALL = 1920, 3840
HEIGHTS = {PHONE: 740, TABLET: 1024, DESK: 900, WALL: 1080, WIDE_WALL: 1080}
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


def into(selector: str) -> Way:
    """Follow the first link of a kind."""

    def way(page: Page, demo: Demo) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state()

    return way


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


def tick_all(page: Page, demo: Demo) -> None:
    """Tick the first rows of a list."""
    for box in page.locator(".row-tick").all()[:3]:
        box.check()


def tick_and_note(page: Page, demo: Demo) -> None:
    """Tick the first rows and choose a note for all of them."""
    tick_all(page, demo)
    page.locator(".bulk-bar .menu summary").click()
    page.locator('.bulk-bar button[value="comment"]').click()
    page.wait_for_load_state()


def redraw(page: Page, demo: Demo) -> None:
    """Begin a change of micro-grids, and split the first one by a straight line."""
    page.locator("#id_title").fill("一号微网格户数过多，沿院墙拆分")
    page.locator("#main form .btn-primary").first.click()
    page.wait_for_url("**/desk/map/*-*")
    page.locator("[name=grids]").first.check()
    page.locator("#id_cut").select_option("up")
    page.locator("[data-redraw-form] .btn-primary").click()
    page.locator(".redraw-steps li").first.wait_for()


def hasty_reply(page: Page, demo: Demo) -> None:
    """Type a reply that says too little."""
    page.locator("#id_text").press_sequentially("不归我们管")
    page.locator(".reply-hints li").first.wait_for()


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


def search_service(page: Page, demo: Demo) -> None:
    """Search for a service by the first letters of its pinyin."""
    page.locator("#service-q").press_sequentially("djlj")
    page.locator("#found a").first.wait_for()


def begin_service(page: Page, demo: Demo) -> None:
    """Agree that what is held is filled in, and begin."""
    page.locator("button[name=use]").first.click()
    page.wait_for_load_state()


def whose_sofa(page: Page, demo: Demo) -> None:
    """Say what is to be collected."""
    page.locator('input[name=items][value="sofa"]').check()


def which_time(page: Page, demo: Demo) -> None:
    """Take the first time that is free."""
    page.locator("button[name=slot]").first.click()
    page.wait_for_load_state()


def first_entry(page: Page, demo: Demo) -> None:
    """Open the first line of a list of points."""
    page.locator("a.points-entry").first.click()
    page.wait_for_load_state()


def first_row(page: Page, demo: Demo) -> None:
    """Open the first of the list."""
    page.locator(".rows .row-link").first.click()
    page.wait_for_load_state()


def walked(page: Page, demo: Demo) -> None:
    """Wait for the numbers on the map."""
    page.locator(".map-stop").first.wait_for()


def dead_zone(page: Page, demo: Demo) -> None:
    """Let the phone take today along, then lose the signal."""
    page.goto(f"{demo.address}/field/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.locator("html[data-synced]").wait_for(timeout=60_000)
    page.context.set_offline(True)
    page.reload()
    page.locator("[data-kept-note]").wait_for()


def outbox_filled(page: Page, demo: Demo) -> None:
    """One report that is refused, for it has no category, and one that waits for a signal."""
    page.goto(f"{demo.address}/field/report")
    page.locator("#id_description").fill("车棚的灯不亮", timeout=60_000)
    page.locator("#id_address").fill("玉林北路")
    page.locator("form[data-outbox] button[type=submit]").last.click()
    page.locator("[data-problem-title]").wait_for()
    dead_zone(page, demo)
    page.goto(f"{demo.address}/field/report")
    page.locator("#id_description").fill("消防通道里堆了纸箱", timeout=60_000)
    page.locator("#id_address").fill("玉林北路")
    page.locator("select[name=category]").select_option(index=3)
    page.locator("form[data-outbox] button[type=submit]").last.click()
    page.wait_for_url("**/field/outbox")
    page.locator(".outbox-item[data-state=waiting]").wait_for()


def dialog(verb: str) -> Way:
    """Open the form of a verb on a case page."""

    def way(page: Page, demo: Demo) -> None:
        page.locator(f'[href*="/do/{verb}"], [hx-get*="/do/{verb}"]').first.evaluate("node => node.click()")
        page.locator("dialog[open] h2, dialog[open] h1").first.wait_for()

    return way


def phoned(page: Page, demo: Demo) -> None:
    """Say what the caller says, and where: a story's place and kind, so that there is something near."""
    lng, lat = demo.points[STORY]
    page.locator("#id_description").fill("楼下有人丢了旧沙发，占着路")
    page.locator("#id_lng").evaluate("(node, value) => { node.value = value }", str(lng))
    page.locator("#id_lat").evaluate("(node, value) => { node.value = value }", str(lat))
    page.locator("#hotline-beside details").first.wait_for()


def ring_back(page: Page, demo: Demo) -> None:
    """The first of the list."""
    page.locator('main a[href*="/hotline/callbacks/"]').first.click()
    page.wait_for_load_state()


def first_build(page: Page, demo: Demo) -> None:
    """Open the drive, then its first place."""
    table_link("/organisations/drives/")(page, demo)
    table_link("/organisations/builds/")(page, demo)


def charted(page: Page, demo: Demo) -> None:
    """Scroll to the charts, and wait until they are drawn."""
    page.locator("[data-chart]").last.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-chart]')].every(one => one.classList.contains('is-drawn'))"
    )


def first_area(page: Page, demo: Demo) -> None:
    """Open the first area of the table."""
    page.locator("#areas-table tbody a").first.click()
    page.wait_for_load_state()


def table_link(fragment: str) -> Way:
    """Follow the first link of a table whose address holds ``fragment``."""

    def follow(page: Page, demo: Demo) -> None:
        page.locator(f'table a[href*="{fragment}"]').first.click()
        page.wait_for_load_state()

    return follow


def operation_change(page: Page, demo: Demo) -> None:
    """From the list to the first operation, and to amending it."""
    table_link("/desk/operations/")(page, demo)
    page.locator('a[href$="/change"]').first.click()
    page.wait_for_load_state()


def brief(page: Page, demo: Demo) -> None:
    """Make the brief of last week, or read it where it is made."""
    page.locator('button[value="make"], a[href*="/desk/briefs/"]').first.click()
    page.wait_for_load_state()


def operation_draft(page: Page, demo: Demo) -> None:
    """From the templates to a draft, and to who would get it."""
    page.locator('a[href*="template="]').first.click()
    page.wait_for_load_state()
    page.locator("form button[value=save]").last.click()
    page.wait_for_load_state()


def operation_task(page: Page, demo: Demo) -> None:
    """From the list to the first operation, and to a task of the community."""
    table_link("/desk/operations/")(page, demo)
    page.locator('a[href*="/operations/tasks/"]').first.click()
    page.wait_for_load_state()


def link(fragment: str) -> Way:
    """Follow the first link of the page's content whose address holds ``fragment``."""

    def follow(page: Page, demo: Demo) -> None:
        page.goto(page.locator(f'main a[href*="{fragment}"]').first.evaluate("node => node.href"))

    return follow


def compound_form(section: str) -> Way:
    """Open the first compound of the list, and the form of a section."""

    def way(page: Page, demo: Demo) -> None:
        into(".homes .home-link")(page, demo)
        link(f"/note/{section}")(page, demo)

    return way


def dedicated_contact(page: Page, demo: Demo) -> None:
    """Open the first dedicated grid, and ask for its contact."""
    into("table th a")(page, demo)
    link("/contact")(page, demo)


def milder(page: Page, demo: Demo) -> None:
    """Make the first rule yellow, and see how many compounds would change their colour."""
    page.locator("main form select").first.select_option("yellow")
    page.locator("#id_reason").fill("试行期内先作提醒")
    page.locator("#id_valid_from").fill("2027-01-01")
    page.locator("#main form .btn-primary").first.click()
    page.wait_for_load_state()


def application_step(page: Page, demo: Demo) -> None:
    """Open the first application, and its first step."""
    first_row(page, demo)
    link("/do/")(page, demo)


def service_step(page: Page, demo: Demo) -> None:
    """Open the first application of the queue, and a step that asks for words."""
    page.goto(page.locator(".rows .row-link").first.evaluate("node => node.href"))
    link("/do/ask_more")(page, demo)


def counter_sheet(page: Page, demo: Demo) -> None:
    """Fill in the sheet of a service that asks for a name and one answer, for somebody without a phone."""
    page.locator("#id_name").fill("孙大爷")
    page.locator("#id_q_legal_matter").fill("帮工三个月，老板没有给工钱")
    page.locator('input[name=consent][value="signed"]').check()


def counter_slip(page: Page, demo: Demo) -> None:
    """Send it: the slip."""
    onward(page, demo)
    page.locator(".slip-number").first.wait_for()


def another_matter(page: Page, demo: Demo) -> None:
    """Register a call, then say that the caller has another matter."""
    phoned(page, demo)
    page.locator("#id_phone").fill("13800000011")
    page.locator("#hotline .btn-primary").click()
    page.locator('a[href*="?more="]').click()
    page.locator("#hotline input[name=matter]").wait_for(state="attached")


def next_version(page: Page, demo: Demo) -> None:
    """Change how fast a service is and what it asks for, and see the difference."""
    page.locator("#id_days").fill("5")
    page.locator("#id_name_zh").fill("社区书画兴趣班报名")
    page.locator("#id_reason").fill("按新的办事指南，五个工作日内确认。")
    page.locator("#main form .btn-primary").first.click()
    page.wait_for_load_state()


def field_step(page: Page, demo: Demo) -> None:
    """Open a step of the case, as a page of its own."""
    page.goto(page.url + "/do/dispose")


SCREENS = (
    Screen("portal-home", "", "/", "The portal for a visitor", looks=("dark", "large"), widths=ALL),
    Screen("portal-my-data", "zhou", "/my/data", "What is stored about Aunt Zhou, and what she may do about it", looks=("dark", "large")),
    Screen("portal-my-home", "zhou", "/my/home", "Where one lives, down to the micro-grid"),
    Screen("portal-burden", "", "/burden", "What each task costs, measured", looks=("dark", "large")),
    Screen("portal-grid-member", "zhou", "/grid-member", "Ringing one's grid member", looks=("dark", "large")),
    Screen("portal-home-zhou", "zhou", "/", "The portal for Aunt Zhou, with what she has reported", main=False),
    Screen("portal-report-call", "", "/report", "Danger: whom to ring before the form", lift),
    Screen("portal-report", "", "/report", "Reporting, question 1: what it is about", journey="report"),
    Screen("portal-report-search", "", "", "The same, searched by words", search, journey="report"),
    Screen("portal-report-error", "", "", "Question 2 without an answer: the error summary", no_place, journey="report"),
    Screen("portal-report-where", "", "", "Question 2: where, and which grid that is", placed, journey="report", looks=("dark",)),
    Screen("portal-report-words", "", "", "Question 3: words and photos", words, journey="report", looks=("large",)),
    Screen("portal-report-near", "", "", "Neighbours have reported this: join, or go on", onward, journey="report"),
    Screen("portal-report-contact", "", "", "How to reach the reporter; may stay empty", onward, journey="report"),
    Screen("portal-report-check", "", "", "Question 4: check the answers", onward, journey="report"),
    Screen("portal-report-done", "", "", "The receipt: number, code, what happens next", onward, journey="report"),
    Screen("portal-follow", "", "/follow", "Following a report with number and code"),
    Screen("portal-map", "", "/map", "Open problems on a map with a list", widths=ALL, looks=("dark",)),
    Screen("portal-figures", "", "/figures", "What was reported and solved in an area, for everybody", looks=("dark", "large")),
    Screen("portal-figures-area", "", "/figures/510107/012/003", "The same of a community", main=False, widths=(DESK,)),
    Screen("portal-problem", "", "/map", "A problem as everybody may know it", link("/problem/"), main=False),
    Screen("portal-services", "zhou", "/services", "Services: search, what is used most, all of them", looks=("dark", "large"), widths=ALL),
    Screen("portal-services-search", "", "/services", "The same, searched by the first letters of pinyin", search_service),
    Screen(
        "portal-service", "zhou", "/services/UM01", "One service: what it asks and what no longer, where, when, how long",
        journey="service", looks=("large",),
    ),
    Screen("portal-service-question", "zhou", "", "A question of its form; what is known is not asked", begin_service, journey="service"),
    Screen("portal-service-answered", "zhou", "", "The same, answered", whose_sofa, journey="service", main=False),
    Screen("portal-service-time", "zhou", "", "Which time: a tap takes it", onward, journey="service", looks=("dark",)),
    Screen("portal-service-check", "zhou", "", "Check the answers, and what was not asked", which_time, journey="service"),
    Screen("portal-service-done", "zhou", "", "The receipt of an application", onward, journey="service"),
    Screen("portal-service-report", "", "/services/JU02", "A service that goes by the report form"),
    Screen("portal-applications", "zhou", "/applications", "Aunt Zhou's applications"),
    Screen("portal-application", "zhou", "/applications", "An application as its resident follows it", first_row, looks=("dark",)),
    Screen("portal-mine", "zhou", "/mine", "Aunt Zhou's own page"),
    Screen("portal-points", "zhou", "/my/points", "A resident who collects points", main=False),
    Screen("portal-points-rules", "", "/points-rules", "The published rules of points", looks=("dark", "large")),
    Screen("portal-my-compound", "zhou", "/my/compound", "The file of one's own compound, as residents see it", looks=("dark", "large")),
    Screen("portal-compound-rules", "", "/compound-rules", "The published rules of a compound's colour", looks=("dark",)),
    Screen("portal-notices", "zhou", "/my/notices", "What happened to one's reports", looks=("dark",)),
    Screen("portal-notifications", "zhou", "/my/notifications", "How one is told: addresses, kinds, quiet hours", looks=("dark", "large")),
    Screen("portal-keys", "zhou", "/keys", "One's keys for programs"),
    Screen("portal-security", "zhou", "/security", "Signing in safely: second factor, devices, keys", looks=("dark", "large")),
    Screen(
        "portal-second-factor", "zhou", "/security/second-factor", "Setting up a second factor: scan, type the code",
        looks=("dark",),
    ),
    Screen("portal-confirm", "zhou", "/confirm?next=/keys", "Is it still you? asked before privileged acts"),
    Screen("portal-my", "zhou", "/my", "Aunt Zhou's cases"),
    Screen("portal-case", "zhou", "/case/{zhou-EN07}", "A case as its reporter follows it", looks=("dark", "large"), widths=ALL),
    Screen("portal-case-closed", "zhou", "/case/{zhou-UT02}", "A closed case: rate it, or have it opened again"),
    Screen("portal-own-words", "zhou", "/case/{zhou-EN07}/words", "What others can read of it", looks=("dark", "large"), main=False),
    Screen("portal-missing", "", "/case/9999-0000-0000-0", "An address that leads nowhere"),
    Screen("open311", "", "/open311/", "Open311 for makers of apps: address, formats, keys, services"),
    Screen("sign-in", "", "/sign-in", "Signing in"),
    Screen("field-today", "heming", "/field/", "He Ming's day in his micro-grid", looks=("dark", "large"), widths=ALL),
    Screen("field-points", "heming", "/field/points", "He Ming's points: only he sees them", looks=("dark", "large")),
    Screen("field-points-entry", "heming", "/field/points", "An entry explained, with the objection to it", first_entry),
    Screen("field-points-claim", "heming", "/field/points/claim", "Asking for points that somebody has to confirm"),
    Screen("field-points-rewards", "heming", "/field/points/rewards", "What points can be changed for", main=False),
    Screen("field-case", "heming", "/field/case/{heming-UT01}", "A case on a phone, with its next action"),
    Screen("field-report", "heming", "/field/report", "A quick report from the spot"),
    Screen("field-walk", "heming", "/field/?order=walk", "The same day in walking order", walked, looks=("dark", "large")),
    Screen(
        "field-operation", "heming", "/field/", "A task of an operation, answered with one thumb", into("[data-task]"),
        looks=("dark", "large"),
    ),
    Screen("field-dwellings", "heming", "/field/dwellings", "Verifying dwellings: a tap each", looks=("dark", "large")),
    Screen("field-dwelling", "heming", "/field/dwellings", "A dwelling at the door", into("[data-door]:not([data-done]) a")),
    Screen("field-outbox-empty", "heming", "/field/outbox", "The outbox when everything has arrived"),
    Screen(
        "field-outbox", "heming", "/field/", "The outbox in a dead zone: one waits, one was refused and says why", outbox_filled,
        main=False, journey="outbox", looks=("dark", "large"),
    ),
    Screen("field-offline", "heming", "/field/", "Today without a signal, as it was kept", dead_zone, journey="dead zone"),
    Screen("people-phones", "xiaoxu", "/devices/members", "Signing out a lost phone of a grid member"),
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
    Screen("desk-search", "sunjie", "/desk/?view=open&q=灯", "Search in Chinese: the hit is marked", tall=False),
    Screen("desk-ticked", "xiaoxu", "/desk/?view=open", "Rows ticked for one verb on all of them", tick_all, tall=False),
    Screen("desk-bulk-form", "xiaoxu", "/desk/?view=open", "What a verb needs is asked once for many cases", tick_and_note),
    Screen("desk-keep-view", "xiaoxu", "/desk/kept?view=late", "Keeping a list as a view"),
    Screen("desk-replies", "xiaoxu", "/desk/replies", "The replies that an organisation shares"),
    Screen("desk-message", "xiaoxu", "/desk/case/{zhou-EN03}/do/message", "Writing to the reporter, with hints", hasty_reply),
    Screen("desk-export", "sunjie", "/desk/export?view=open", "Excel of a list: what is it needed for"),
    Screen("desk-dwellings", "xiaoxu", "/desk/dwellings?q=1-1", "People and dwellings: finding", main=False),
    Screen("desk-dwelling", "xiaoxu", "/desk/dwellings/proposals", "A dwelling's file", into(".proposal a")),
    Screen("desk-proposals", "xiaoxu", "/desk/dwellings/proposals", "Proposed changes, side by side", looks=("dark",)),
    Screen(
        "desk-compounds", "xiaoxu", "/desk/compounds", "Compounds: the worst colour first, with filters and counts",
        looks=("dark", "large"),
    ),
    Screen("desk-compound", "xiaoxu", "/desk/compounds", "The file of a compound", into(".homes .home-link"), looks=("dark", "large")),
    Screen(
        "desk-compound-note", "xiaoxu", "/desk/compounds", "Noting a vote of the owners in counts", compound_form("vote"), widths=(DESK,),
    ),
    Screen("desk-compound-check", "xiaoxu", "/desk/compounds", "The yearly check", compound_form("check"), main=False),
    Screen("desk-compounds-running", "xiaoxu", "/desk/compounds/running-out", "What runs out soon, by day", looks=("dark",)),
    Screen("desk-compounds-files", "xiaoxu", "/desk/compounds/files", "Files of compounds in and out"),
    Screen("desk-duties", "yangke", "/desk/duties", "The three lists of a district, as a department sees them", looks=("dark", "large")),
    Screen("desk-duty-money", "yangke", "/desk/duties?list=assist", "Attaching money to an assist task", into("a[href*='/duties/money/']")),
    Screen("desk-duty-change", "wenjie", "/desk/duties/change", "Changing a list, at the social work department"),
    Screen("desk-duty-admissions", "wenjie", "/desk/duties/admission", "Applications for admission"),
    Screen(
        "desk-duty-admission", "wenjie", "/desk/duties/admission?state=waiting", "Deciding on an application", into(".homes .home-link"),
        looks=("dark",),
    ),
    Screen("desk-duty-apply", "yangke", "/desk/duties/admission/apply", "Applying for a task to be admitted"),
    Screen("desk-duty-forms", "yangke", "/desk/duties/forms", "Forms that are registered"),
    Screen("desk-duty-form-new", "yangke", "/desk/duties/forms/new", "Registering a form"),
    Screen(
        "desk-duty-form", "yangke", "/desk/duties/forms", "A form: sending it, and what came back", into(".homes li:last-child .home-link"),
    ),
    Screen("desk-duty-review", "wenjie", "/desk/duties/review", "The yearly review from zero"),
    Screen("desk-duty-sheets", "xiaoxu", "/desk/duties/received", "Forms that a community is asked for"),
    Screen(
        "desk-duty-sheet", "xiaoxu", "/desk/duties/received", "Answering a form: what is known stands there", into(".homes .home-link"),
        looks=("dark",),
    ),
    Screen("portal-duties", "zhou", "/duties", "What a community does and does not do", looks=("dark", "large")),
    Screen("portal-proofs", "", "/duties/proofs", "Which proofs may be asked of residents"),
    Screen("admin-duties", "admin", "/admin/duties", "Duty lists as a file"),
    Screen("admin-compound-rules", "admin", "/admin/compound-rules", "The rules of compounds, to be changed", widths=(DESK,)),
    Screen(
        "admin-compound-rule-change", "admin", "/admin/compound-rules", "A change of the rules: the difference, and how many change colour",
        milder,
    ),
    Screen("admin-duty-proofs", "admin", "/admin/duties/proofs", "The list of proofs", widths=(DESK,)),
    Screen("desk-verification", "xiaoxu", "/desk/dwellings/verification", "How far the verification is"),
    Screen("desk-files", "xiaoxu", "/desk/dwellings/files", "Files of dwellings and residents", main=False),
    Screen("desk-case-file", "xiaoxu", "/desk/case/{zhou-EN03}/file", "The file of a case, to print"),
    Screen("desk-case-called", "liu", "/desk/case/{xiaotian-IL06}?view=called", "Departments called, for the subdistrict", tall=False),
    Screen("desk-case-department", "yangke", "/desk/case/{anonymous-IL01}?view=mine", "A department's order within a case", tall=False),
    Screen("desk-case-verify", "laozheng", "/desk/case/{anonymous-UT03}?view=to_verify", "A case to be verified", tall=False),
    Screen("desk-call-form", "xiaoxu", "/desk/case/{xiaotian-EN06}?view=mine", "Calling up: the form", dialog("call"), tall=False),
    Screen("desk-verify-form", "laozheng", "/desk/case/{anonymous-UT03}/do/verify", "Verifying, as a page of its own", tall=False),
    Screen("desk-register", "xiaotian", "/desk/register", "Registering by hand what came by telephone"),
    Screen("desk-slip", "xiaotian", "/desk/case/{xiaotian-PM01}/slip", "The slip for whoever reported by telephone or at the counter"),
    Screen("desk-services", "yangke", "/desk/services?view=open", "A department's queue of applications"),
    Screen("desk-service", "yangke", "/desk/services?view=open", "An application at the desk: masked, with its next step", first_row),
    Screen("desk-points", "xiaoxu", "/desk/points", "Points that wait for confirmation"),
    Screen("desk-points-claim", "xiaoxu", "/desk/points", "One claim, to confirm or refuse", first_entry, main=False),
    Screen("desk-points-sheet", "xiaoxu", "/desk/points/sheet", "A host's attendance sheet", tall=False),
    Screen("desk-points-rewards", "xiaoxu", "/desk/points?view=rewards", "What a community offers for points", main=False),
    Screen("desk-points-objection", "liu", "/desk/points?view=objections", "An objection and the one entry it is about", first_entry),
    Screen("desk-counter-choose", "xiaoxu", "/desk/services/new", "A service for a resident without a phone: which one"),
    Screen(
        "desk-counter", "xiaoxu", "/desk/services/new/JU01", "The sheet that is filled in for a resident", counter_sheet, journey="counter",
        looks=("dark", "large"),
    ),
    Screen("desk-counter-slip", "xiaoxu", "", "Its slip: number, code, square", counter_slip, journey="counter"),
    Screen("desk-services-empty", "yangke", "/desk/services?view=review", "An empty view of the queue", main=False),
    Screen("desk-map", "liu", "/desk/map", "How far the micro-grids are verified, and changes of them", looks=("dark",)),
    Screen("desk-map-all", "liu", "/desk/map/all", "The map of all grids, coloured by progress, with its table", looks=("dark", "large")),
    Screen("desk-map-area", "liu", "/desk/map/area/510107/012", "An area: facts, map and what lies in it"),
    Screen("desk-dedicated-grids", "xiaoxu", "/desk/dedicated", "Dedicated grids and what each lacks", looks=("dark", "large")),
    Screen(
        "desk-dedicated-grid", "xiaoxu", "/desk/dedicated", "A dedicated grid: contact, plan, who is told", into("table th a"),
        looks=("dark", "large"),
    ),
    Screen(
        "desk-dedicated-contact", "xiaoxu", "/desk/dedicated", "What the contact is needed for", dedicated_contact, main=False, tall=False
    ),
    Screen("desk-map-change", "xiaoxu", "/desk/map", "Splitting a micro-grid: map, lists, live check", redraw, looks=("dark", "large")),
    Screen(
        "desk-map-day", "xiaoxu", "/desk/map/day?lng=104.0480&lat=30.6330&day=2026-11-01", "Who was responsible here on that day"
    ),
    Screen("desk-organisations", "xiaoxu", "/desk/organisations", "The organisations of a community", looks=("dark", "large")),
    Screen(
        "desk-organisation", "xiaoxu", "/desk/organisations?type=volunteer_team", "An organisation: its line, its posts, its history",
        table_link("/desk/organisations/"), looks=("dark",),
    ),
    Screen("desk-organisation-new", "xiaoxu", "/desk/organisations/new?type=owners_committee", "Founding an owners' committee"),
    Screen("desk-organisation-files", "xiaoxu", "/desk/organisations/files", "Organisations from a file"),
    Screen("desk-briefs", "liu", "/desk/briefs", "Briefs of a subdistrict: made, subscribed to, kept", looks=("dark",)),
    Screen("desk-brief", "liu", "/desk/briefs", "A brief to read, with its assessment to write", brief, looks=("dark", "large")),
    Screen("desk-indicators", "xiaoxu", "/desk/indicators", "A community in a set, and what to do next", looks=("dark", "large")),
    Screen("desk-indicator-evidence", "liu", "/desk/indicators/evidence", "Evidence that waits for review", looks=("dark", "large")),
    Screen(
        "desk-indicator-evidence-one", "liu", "/desk/indicators/evidence", "Evidence under review", into(".homes a"),
        looks=("dark", "large"),
    ),
    Screen(
        "desk-indicator-evidence-new", "xiaoxu", "/desk/indicators/evidence/new?set=near_zero_carbon&indicator=light",
        "Handing in evidence", looks=("dark", "large"),
    ),
    Screen("desk-life-circle", "sunjie", "/desk/life-circle", "What a district reaches on foot, kind by kind", looks=("dark",)),
    Screen(
        "desk-life-circle-area", "sunjie", "/desk/life-circle/510107/012?kind=nursery",
        "Micro-grids of a subdistrict by minutes on foot, and the gaps", looks=("dark", "large"),
    ),
    Screen("desk-places", "xiaoxu", "/desk/places", "The places of a community"),
    Screen("desk-place", "xiaoxu", "/desk/places", "A place: put right, retired", into("table th a"), looks=("large",)),
    Screen("desk-place-new", "xiaoxu", "/desk/places/new", "Adding a place", main=False),
    Screen("desk-place-files", "xiaoxu", "/desk/places/files", "Places from a file", main=False),
    Screen("desk-streets", "sunjie", "/desk/streets", "The street networks of a district, and importing another", main=False),
    Screen("desk-organisation-coverage", "sunjie", "/desk/organisations/coverage", "Coverage of every type in a district"),
    Screen(
        "desk-organisation-missing", "liu", "/desk/organisations/coverage?type=owners_committee",
        "One type: parts, months, a map and a table of what is missing", main=False, looks=("dark", "large"),
    ),
    Screen("desk-supervision", "qinjian", "/desk/supervision", "Quarterly supervision: the list of a quarter", looks=("dark",)),
    Screen(
        "desk-supervision-item", "liu", "/desk/supervision", "An item of supervision, and what came of it",
        into("main a[href*='/supervision/items/']"),
    ),
    Screen("desk-operations", "liu", "/desk/operations", "Special operations of a subdistrict"),
    Screen("desk-operation-new", "liu", "/desk/operations/new", "Composing an operation on one page", looks=("dark",)),
    Screen(
        "desk-operation", "liu", "/desk/operations", "An operation while it runs: progress by area, map, what was said",
        table_link("/desk/operations/"), looks=("dark", "large"),
    ),
    Screen("desk-operation-change", "liu", "/desk/operations", "Amending what runs", operation_change),
    Screen(
        "desk-operation-draft", "liu", "/desk/operations?view=templates", "Who would get a draft, and what it costs",
        operation_draft, main=False, looks=("dark",),
    ),
    Screen("desk-operation-task", "xiaoxu", "/desk/operations", "The community answers for a grid", operation_task),
    Screen("desk-organisation-drives", "liu", "/desk/organisations/drives", "What is being built up"),
    Screen("desk-organisation-drive-new", "liu", "/desk/organisations/drives/new?type=owners_committee", "Beginning a drive"),
    Screen(
        "desk-organisation-drive", "liu", "/desk/organisations/drives", "A drive: its places by what comes next",
        table_link("/organisations/drives/"),
    ),
    Screen(
        "desk-organisation-build", "xiaoxu", "/desk/organisations/drives", "One place and its five steps", first_build, looks=("dark",)
    ),
    Screen("admin-organisation-types", "admin", "/admin/organisation-types", "Where each type of organisation belongs"),
    Screen("desk-words", "xiaoxu", "/desk/words", "Words before they become public", looks=("dark", "large")),
    Screen("desk-words-text", "xiaoxu", "/desk/words", "A text beside its public wording", into("[data-keys] a"), looks=("dark",)),
    Screen(
        "desk-team", "liu", "/desk/team", "Roster of a subdistrict: coverage against 100 %, community by community",
        looks=("dark", "large"),
    ),
    Screen("desk-team-community", "xiaoxu", "/desk/team", "Roster of a community: who holds each grid, who stands in", main=False),
    Screen("desk-team-leaves", "xiaoxu", "/desk/team/leave?state=all", "Leave: to decide, under way, over"),
    Screen("desk-team-leave", "xiaoxu", "/desk/team/leave?state=asked", "Agreeing to a leave with cover", table_link("/team/leave/")),
    Screen("desk-team-leave-ask", "xiaoxu", "/desk/team/leave/ask", "Asking for leave at the desk"),
    Screen("desk-team-handovers", "xiaoxu", "/desk/team/handover", "Hand-overs: who leaves?"),
    Screen(
        "desk-team-handover", "xiaoxu", "/desk/team", "Hand-over: everything in these hands, and who takes over", table_link("/handover/"),
    ),
    Screen("desk-team-training", "xiaoxu", "/desk/team/training", "Trainings: who has to have which"),
    Screen("desk-team-training-new", "xiaoxu", "/desk/team/training/new", "Setting up a training"),
    Screen("desk-team-assessment", "xiaoxu", "/desk/team/assessment", "Assessment: the criteria, and whose is still to do"),
    Screen(
        "desk-team-assess", "xiaoxu", "/desk/team/assessment", "Assessing one member from what the criteria are computed from",
        into("main .menu-item[href*='/assessment/']"),
    ),
    Screen("desk-team-duty", "xiaoxu", "/desk/team/duty", "The duty calendar of a community", looks=("dark", "large")),
    Screen("desk-team-shift", "xiaoxu", "/desk/team/duty/shift", "Giving one shift by hand"),
    Screen("field-training", "heming", "/field/me/training", "A member's own trainings and certificates"),
    Screen("field-assessment", "heming", "/field/me/assessment", "A member's own assessment, and what it is computed from"),
    Screen("field-leave", "heming", "/field/me/leave", "A member's own leave"),
    Screen("field-duty", "heming", "/field/me/duty", "A member's own duty, and its calendar address"),
    Screen("field-hands", "heming", "/field/me/hands", "Everything in one's own hands: the hand-over list"),
    Screen("cockpit", "qinjian", "/cockpit?period=month", "The cockpit of a district", charted, looks=("dark", "large"), widths=ALL),
    Screen("cockpit-city", "auditor", "/cockpit", "The whole city, to drill down from", charted, main=False, widths=(DESK,)),
    Screen("cockpit-community", "xiaoxu", "/cockpit?period=month&with=before", "A community, beside the days before", charted, main=False),
    Screen(
        "cockpit-grid", "xiaoxu", "/cockpit", "A micro-grid: what is open there", first_area, widths=(DESK,),
    ),
    Screen("cockpit-day", "qinjian", "/cockpit/day/510107", "A day again, hour by hour", charted),
    Screen(
        "cockpit-behind", "liu", "/cockpit/figure/resolution_on_time/510107/005?period=month", "Behind a figure: its cases",
        looks=("dark",),
    ),
    Screen("cockpit-unusual", "qinjian", "/cockpit/unusual/510107?period=month", "What stands out, with its cases"),
    Screen(
        "cockpit-wall", "qinjian", "/cockpit?period=month&wall=1", "The wall screen", charted, tall=False, main=False,
        widths=(WALL, WIDE_WALL),
    ),
    Screen("hotline", "xiaotian", "/hotline/", "The call taker's screen, before a call", looks=("dark", "large")),
    Screen("hotline-call", "xiaotian", "/hotline/", "A call: what is known, what is near, whom to ring first", phoned, main=False),
    Screen("hotline-further", "xiaotian", "/hotline/", "A second matter of one call", another_matter, main=False),
    Screen("hotline-callbacks", "xiaotian", "/hotline/callbacks", "Who is to be rung back"),
    Screen("hotline-callback", "xiaotian", "/hotline/callbacks", "Ringing back about one case", ring_back),
    Screen("hotline-articles", "xiaotian", "/hotline/articles", "What is known"),
    Screen("hotline-article", "qinjian", "/hotline/articles/bulky-waste", "One article, with its versions"),
    Screen("hotline-article-form", "xiaotian", "/hotline/articles/bulky-waste/write", "Writing a new version"),
    Screen("hotline-figures", "qinjian", "/hotline/figures", "The hotline's figures for the shift lead"),
    Screen("admin-overview", "admin", "/admin/", "Administration: what there is to look after"),
    Screen("admin-catalogue", "admin", "/admin/catalogue", "The catalogue of categories", looks=("dark",), widths=ALL),
    Screen("admin-category", "admin", "/admin/catalogue/UT02", "One category, to be changed"),
    Screen(
        "admin-change", "admin", "/admin/catalogue/EN01", "A change of the catalogue: the difference, and what it would have moved",
        propose, journey="change",
    ),
    Screen("admin-services", "admin", "/admin/services", "The services: which version holds, who does it, how fast", looks=("dark",)),
    Screen("admin-service", "admin", "/admin/services/CU02", "One service: its next version"),
    Screen("admin-service-version", "admin", "/admin/services/CU02", "One version, and what it changed", link("/services/versions/")),
    Screen(
        "admin-service-change", "admin", "/admin/services/CU02", "A version that is prepared: the difference, and what goes on as promised",
        next_version, journey="service-change",
    ),
    Screen("admin-service-changes", "admin", "/admin/services/changes", "Changes of the services", widths=(DESK,)),
    Screen("admin-suggestions", "admin", "/admin/suggestions", "How good the suggestions of a category are"),
    Screen("admin-posts", "security", "/admin/posts", "Posts"),
    Screen("admin-accounts", "security", "/admin/accounts", "Accounts"),
    Screen("admin-organisations", "admin", "/admin/organisations", "Organisations"),
    Screen("admin-calendar", "admin", "/admin/calendar", "The working-time calendar"),
    Screen("admin-webhooks", "admin", "/admin/webhooks", "Webhooks"),
    Screen("admin-words", "admin", "/admin/words", "How words become public, district by district"),
    Screen("admin-webhook-new", "admin", "/admin/webhooks/new", "A new webhook: who listens, where, to what"),
    Screen("admin-audit", "auditor", "/admin/audit", "The audit trail, for the auditor"),
    Screen("admin-account", "security", "/admin/accounts", "One account: posts, devices, keys", link("/admin/accounts/0"), widths=(DESK,)),
    Screen("admin-account-new", "security", "/admin/accounts/new", "A new account", widths=(DESK,)),
    Screen("admin-post-new", "admin", "/admin/posts/new", "Appointing somebody to a post", widths=(DESK,)),
    Screen("admin-post-phone", "admin", "/admin/posts", "The public number of a post", link("/phone"), widths=(DESK,)),
    Screen("admin-post-end", "admin", "/admin/posts", "Ending a post", link("/end"), widths=(DESK,)),
    Screen("admin-organisation-new", "admin", "/admin/organisations/new", "A new organisation", widths=(DESK,)),
    Screen(
        "admin-organisation-phone", "admin", "/admin/organisations", "The public number of an organisation", link("/phone"), widths=(DESK,),
    ),
    Screen("admin-changes", "admin", "/admin/catalogue/changes", "Changes of the catalogue", widths=(DESK,)),
    Screen("portal-case-rate", "zhou", "/case/{zhou-UT02}/rate", "Rating how a case was handled", widths=(PHONE,)),
    Screen("portal-case-reopen", "zhou", "/case/{zhou-UT02}/reopen", "Saying that a problem is still there", widths=(PHONE,)),
    Screen("portal-case-photos", "zhou", "/case/{zhou-EN07}/photos", "Adding photos to one's report", widths=(PHONE,)),
    Screen("portal-case-words", "zhou", "/case/{zhou-EN07}/words", "Whether one's words are shown in public", widths=(PHONE,)),
    Screen("portal-case-message", "zhou", "/case/{zhou-EN07}/message", "Writing to whoever handles the case", widths=(PHONE,)),
    Screen("portal-application-do", "zhou", "/applications", "Taking an application further", application_step, widths=(PHONE,)),
    Screen("people-devices", "zhou", "/devices", "Where one is signed in", widths=(PHONE,)),
    Screen("people-looks", "zhou", "/who-looked", "Who looked at one's data", widths=(PHONE,)),
    Screen("people-post", "xiaoxu", "/switch-post", "Choosing the post in which one works", widths=(PHONE,)),
    Screen("desk-service-do", "yangke", "/desk/services?view=open", "A step of an application", service_step, widths=(DESK,)),
    Screen("field-all", "heming", "/field/all", "Everything in one's hands", widths=(PHONE,)),
    Screen("field-me", "heming", "/field/me", "A grid member's own page", widths=(PHONE,)),
    Screen("field-do", "heming", "/field/case/{heming-UT01}", "A step of a case, on the phone", field_step, widths=(PHONE,)),
    Screen("field-photos", "heming", "/field/case/{heming-UT01}/photos", "Adding photos to a case", widths=(PHONE,)),
    Screen("portal-points-claim", "zhou", "/my/points/claim", "A resident asks for points", widths=(PHONE,)),
    Screen("portal-points-rewards", "zhou", "/my/points/rewards", "What a resident's points can be changed for", widths=(PHONE,)),
    Screen("portal-points-version", "", "/points-rules/1", "An earlier version of the rules", widths=(PHONE,)),
    Screen("desk-points-charge", "xiaoxu", "/desk/points/charge", "Taking points back, with a reason", widths=(DESK,)),
    Screen("desk-points-hand-out", "xiaoxu", "/desk/points/hand-out", "Handing a reward out", widths=(DESK,)),
    Screen("desk-points-reward-new", "xiaoxu", "/desk/points/rewards/new", "A new reward", widths=(DESK,)),
    Screen("desk-dwellings-sheet", "xiaoxu", "/desk/dwellings/sheet", "A workbook of dwellings: what is it needed for", widths=(DESK,)),
    Screen("hotline-article-new", "xiaotian", "/hotline/articles/new", "A new article", widths=(DESK,)),
    Screen("design", "", "/design", "The design system's own page", looks=("dark", "large"), widths=ALL),
)  # fmt: skip
