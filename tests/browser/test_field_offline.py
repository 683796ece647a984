"""The offline story: airplane mode, five reports with photos, the tab killed, all five arrive once; one is refused and is mended.

何明 stands in an underground car park. What he needs of today is on his phone; what he reports is on it until there is a signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from linli.cases.actions import accepting
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.kernel.models import Upload
from linli.kernel.storage.configuration import storage_settings
from linli.people import actions as people_actions
from linli.people.models import Account, DeviceSession
from tests.browser.looks import grave
from tests.world import POINT, World, fresh, ref

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEPT_NOTHING = """async () => {
  if (!(await indexedDB.databases()).some((one) => one.name === "linli")) return true;
  const db = await new Promise((done) => { indexedDB.open("linli").onsuccess = (event) => done(event.target.result); });
  const shelves = [...db.objectStoreNames];
  const counts = shelves.map((shelf) => new Promise((done) => {
    db.transaction(shelf).objectStore(shelf).count().onsuccess = (event) => done(event.target.result);
  }));
  const left = (await Promise.all(counts)).reduce((all, one) => all + one, 0);
  db.close();
  return left === 0;
}"""
"""Whether nothing of the app is left on the phone; an empty store is nothing."""
COLOURS = ("olive", "teal", "navy", "maroon", "purple")


@pytest.fixture(autouse=True)
def shelves(settings: Any, tmp_path: Path) -> None:
    """Photos of a test lie in the test's own folder."""
    settings.STORAGES = storage_settings(tmp_path, {})


def picture(colour: str) -> dict[str, Any]:
    """A photo as a phone's camera gives it, with the place in it."""
    image, body = Image.new("RGB", (2000, 1500), colour), BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    image.save(body, "JPEG", exif=exif)
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


class Phone:
    """何明's phone: one browser with its store; tabs come and go."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.errors: list[str] = []
        self.page: Page = self.tab()

    def tab(self) -> Page:
        """Open the app in a new tab."""
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        return self.page

    def open(self, path: str) -> Page:
        """Go to a page, with or without a signal."""
        self.page.goto(self.base + path)
        return self.page

    def synced(self) -> None:
        """Wait until today's pages are on the phone and the worker looks after them."""
        self.open("/field/")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.reload()
        self.page.locator("html[data-synced]").wait_for(timeout=60_000)

    def refreshed(self, status: int) -> None:
        """Let today's list ask for itself, as when something has changed elsewhere."""
        with self.page.expect_response(lambda answer: "hx-request" in answer.request.headers) as told:
            self.page.evaluate("htmx.trigger('#today', 'live')")
        assert told.value.status == status

    def kill(self) -> None:
        """The tab dies without a word."""
        self.page.close(run_before_unload=False)

    def report(self, words: str, colour: str, *, category: str = "UT02", lng: float = POINT[0]) -> None:
        """Fill in a report and send it."""
        page = self.open("/field/report")
        page.locator("#id_photos").set_input_files([picture(colour)])
        page.locator(".photo-item img").wait_for()
        page.locator("#id_description").fill(words)
        self.choose(category)
        page.evaluate(
            "([lng, lat]) => { document.getElementById('id_lng').value = lng; document.getElementById('id_lat').value = lat; }",
            [str(lng), str(POINT[1])],
        )
        page.locator("form[data-outbox] button[type=submit]").last.click()

    def choose(self, category: str) -> None:
        """Choose a category from the list, or from what the words suggest."""
        listed = self.page.locator("select[name=category]")
        if category and listed.count():
            listed.select_option(category)
        elif category:
            self.page.locator(f'input[name=category][value="{category}"]').check()

    @property
    def count(self) -> Any:
        """The counter in the header."""
        return self.page.locator("[data-outbox-count]")


@pytest.fixture
def phone(chromium: Browser, live_server: Any, town: World) -> Iterator[Callable[..., Phone]]:
    """Somebody's phone, signed in."""
    from tests.desk.conftest import signed_in

    made: list[Phone] = []

    def take(login: str, *, width: int = 360, language: str = "en") -> Phone:
        client = signed_in(town, login)
        context = chromium.new_context(
            viewport={"width": width, "height": 780}, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=True
        )
        cookies = {
            settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
            settings.LANGUAGE_COOKIE_NAME: language,
        }
        context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()])
        made.append(Phone(context, live_server.url))
        return made[-1]

    yield take
    for one in made:
        one.context.close()
        assert not one.errors, one.errors


def lose_answer(route: Route) -> None:
    """The server hears it, the phone hears nothing back."""
    if route.request.method == "GET":
        return route.continue_()
    route.fetch()
    return route.abort()


def reported() -> Any:
    """What came in from phones."""
    return Case.objects.filter(channel="field").order_by("reported_at")


def test_five_reports_from_a_dead_zone_arrive_once_and_the_refused_one_is_mended(phone: Any, town: World) -> None:
    ming = phone("he_ming")
    ming.synced()

    ming.context.set_offline(True)
    for n, colour in enumerate(COLOURS[:4]):
        ming.report(f"第{n + 1}件:地库灯不亮", colour)
        ming.page.wait_for_url("**/field/outbox")
        expect(ming.count).to_have_text(str(n + 1))
    ming.report("第5件:没有选类别", COLOURS[4], category="")
    ming.page.wait_for_url("**/field/outbox")
    expect(ming.count).to_have_text("5")
    expect(ming.page.locator(".outbox-item[data-state=waiting]")).to_have_count(5)
    expect(ming.page.locator("[data-kept-note]")).to_be_visible()
    assert not grave(ming.page)
    assert not reported().exists()

    ming.kill()
    ming.tab()
    ming.open("/field/outbox")  # still in airplane mode: the page and the five are on the phone
    expect(ming.page.locator(".outbox-item[data-state=waiting]")).to_have_count(5)
    ming.kill()

    ming.context.set_offline(False)
    ming.tab()
    ming.open("/field/outbox")
    expect(ming.page.locator(".outbox-item[data-state=done]")).to_have_count(4, timeout=60_000)
    refused = ming.page.locator(".outbox-item[data-state=refused]")
    expect(refused).to_contain_text("Choose a category.")
    expect(ming.count).to_have_text("1")
    expect(ming.page.locator("[data-kept-note]")).to_be_hidden()
    assert not grave(ming.page)
    assert reported().count() == 4

    refused.locator("[data-do=mend]").click()
    expect(ming.page.locator("[data-problem-title]")).to_have_text("Choose a category.")
    expect(ming.page.locator("#id_description")).to_have_value("第5件:没有选类别")
    expect(ming.page.locator(".photo-item")).to_have_count(1)
    ming.choose("EN01")
    ming.page.locator("form[data-outbox] button[type=submit]").last.click()
    # With a signal it asks first: somebody has reported rubbish here before.
    ming.page.wait_for_url("**/field/outbox")
    asked = ming.page.locator(".outbox-item[data-state=asked]")
    expect(asked).to_contain_text("Is it one of these?")
    asked.locator("[data-do=anyway]").click()
    expect(ming.page.locator(".outbox-item[data-state=done]")).to_have_count(5, timeout=60_000)
    expect(ming.count).to_be_hidden()

    assert reported().count() == 5
    assert {case.description for case in reported()} == {f"第{n}件:地库灯不亮" for n in range(1, 5)} | {
        "第5件:没有选类别"
    }
    photos = Evidence.objects.filter(case__in=reported(), kind=EvidenceKind.REPORT)
    assert (photos.count(), photos.values("sha256").distinct().count(), photos.values("case").distinct().count()) == (
        5,
        5,
        5,
    )
    assert Upload.objects.count() == 5
    assert all(photo.size < 300_000 for photo in photos)


def test_killed_while_it_sends_nothing_is_lost_or_doubled(phone: Any, town: World) -> None:
    ming = phone("he_ming")
    # A browser without Background Sync, as on half of all phones: only a tab sends.
    ming.context.add_init_script(
        "Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', {get: () => undefined})"
    )
    ming.synced()
    ming.context.set_offline(True)
    for n, colour in enumerate(COLOURS[:3]):
        ming.report(f"第{n + 1}件", colour)
        ming.page.wait_for_url("**/field/outbox")
    ming.kill()
    ming.context.set_offline(False)
    # The line breaks at another step each time: after beginning, after a piece, after the report itself.
    for broken in ("**/api/v1/uploads", "**/api/v1/uploads/*", "**/field/report"):
        page = ming.tab()
        page.route(broken, lose_answer)
        with page.expect_event("requestfailed", timeout=60_000):
            ming.open("/field/outbox")
        ming.kill()
    ming.tab()
    ming.open("/field/outbox")
    expect(ming.page.locator(".outbox-item[data-state=done]")).to_have_count(3, timeout=60_000)
    assert sorted(case.description for case in reported()) == ["第1件", "第2件", "第3件"]
    assert Evidence.objects.filter(case__in=reported()).count() == 3


def test_a_case_is_signed_in_and_disposed_in_a_dead_zone(phone: Any, town: World) -> None:
    case = Case.objects.exclude(handler_post=None).filter(handler_post=town.posts["he_ming"].id).first()
    if case is None:
        case = Case.objects.get(state="dispatched")
    ming = phone("he_ming")
    ming.synced()
    ming.refreshed(200)  # a part of the page, at the page's address: it is not kept in its place
    ming.context.set_offline(True)
    page = ming.open("/field/")
    expect(page.locator("[data-kept-note]")).to_contain_text("as of")
    ming.refreshed(204)  # nor is the whole page given for the part
    expect(page.locator("h1")).to_have_count(1)
    page.locator(".row-link", has_text=case.number[-6:]).first.click()
    page.wait_for_url(f"**/field/case/{case.number}")
    page.locator(".field-dock .btn-primary").click()
    page.wait_for_url("**/field/outbox")
    ming.open(f"/field/case/{case.number}/do/dispose")
    page.locator("#id_outcome").fill("换了灯管，亮了，现场已看过")
    page.locator("#id_photos").set_input_files([picture("teal")])
    page.locator(".photo-item img").wait_for()
    page.locator("form[data-outbox] button[type=submit]").last.click()
    page.wait_for_url("**/field/outbox")
    expect(ming.count).to_have_text("2")
    ming.context.set_offline(False)
    expect(page.locator(".outbox-item[data-state=done]")).to_have_count(2, timeout=60_000)
    assert fresh(case).state == "disposed"
    assert Evidence.objects.filter(case=case, kind=EvidenceKind.AFTER).count() == 1


def test_somebody_was_faster_and_the_phone_says_so(phone: Any, town: World) -> None:
    ming = phone("he_ming")
    case = Case.objects.get(state="dispatched")
    ming.synced()
    ming.context.set_offline(True)
    page = ming.open(f"/field/case/{case.number}")
    page.locator(".field-dock .btn-primary").click()
    page.wait_for_url("**/field/outbox")
    accepting.reclassify(
        town.xiao_xu, ref(case), version=fresh(case).version, category="EN01", reason="其实是垃圾没清走"
    )
    ming.context.set_offline(False)
    refused = page.locator(".outbox-item[data-state=refused]")
    expect(refused).to_be_visible(timeout=60_000)
    expect(refused.locator("[data-do=mend]")).to_be_visible()


def test_a_draft_survives_the_tab(phone: Any, town: World) -> None:
    ming = phone("he_ming")
    ming.synced()
    page = ming.open("/field/report")
    page.locator("#id_photos").set_input_files([picture("navy")])
    page.locator(".photo-item img").wait_for()
    page.locator("#id_description").fill("井盖松动")
    page.locator('form[data-drafted="井盖松动"]').wait_for()
    ming.kill()
    ming.context.set_offline(True)
    page = ming.tab()
    ming.open("/field/report")
    expect(page.locator("#id_description")).to_have_value("井盖松动")
    expect(page.locator(".photo-item")).to_have_count(1)
    expect(page.locator("[data-outbox-back]")).to_be_visible()


def test_a_lost_phone_forgets_everything_once_its_session_is_ended(phone: Any, town: World) -> None:
    ming = phone("he_ming")
    account: Account = town.accounts["he_ming"]
    cookie = next(one for one in ming.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    device = DeviceSession.objects.create(
        account=account, session_key=cookie["value"], name="Android", long_lived=True, expires_at="2027-02-01T00:00:00Z"
    )
    ming.synced()
    ming.context.set_offline(True)
    ming.report("丢手机之前写的", "olive")
    ming.page.wait_for_url("**/field/outbox")
    ming.kill()
    people_actions.end_device_session(town.security_admin, device.id)
    ming.context.set_offline(False)
    ming.tab()
    ming.open("/field/")
    ming.page.wait_for_url("**/sign-in**")
    ming.page.wait_for_function(KEPT_NOTHING)
    assert not reported().exists()


def test_nothing_personal_lies_in_clear_on_the_phone(phone: Any, town: World) -> None:
    ming = phone("he_ming")
    ming.synced()
    kept = ming.page.evaluate(
        """async () => {
            const texts = [];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) texts.push(request.url, await (await cache.match(request)).text());
            }
            const db = await new Promise((done) => { const ask = indexedDB.open("linli"); ask.onsuccess = () => done(ask.result); });
            const rows = await new Promise((done) => {
                const ask = db.transaction("pages").objectStore("pages").getAll(); ask.onsuccess = () => done(ask.result);
            });
            for (const row of rows) texts.push(new TextDecoder().decode(row.head), new TextDecoder().decode(row.body));
            return [rows.length, texts.join("\\n")];
        }"""
    )
    numbers = [case.number for case in Case.objects.all()]
    assert kept[0] > 3
    assert not [number for number in numbers if number in kept[1]]
    assert "楼下路灯" not in kept[1]
    ming.open("/field/me")
    ming.page.locator('form[action="/sign-out"] button').last.click()
    ming.page.wait_for_url(lambda url: "/field" not in url)
    assert ming.page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))") in ([], ["linli"])
