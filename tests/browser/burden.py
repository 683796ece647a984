"""What each task costs whoever does it, counted while a browser does it as a person would: taps, keys, fields, facts asked twice.

:func:`furnish` makes the small city ready, :data:`WAYS` has a way for each task of ``linli/metrics/rules/burden.toml``, and
:class:`Hand` does and counts. ``benchmarks/burden.py`` goes the same ways over a slow line and keeps the figures; a test goes them
without and compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from linli.cases.actions import accepting, dispatching, disposal, talking
from linli.cases.models import Case, EvidenceKind
from linli.metrics.burden import rules
from linli.people.models import Account
from tests.services.conftest import furnished
from tests.world import World, fresh, ref, report

PASSWORD = "Linli-2026-grid"
HERE, AWAY, THERE = (104.0601, 30.6305), (104.0619, 30.6305), (104.0639, 30.6305)
"""Three places too far from each other for reports at them to be taken for the same one; longitude and latitude in WGS 84 degrees."""
ADDRESS = "玉林北路3号2栋1单元502"
GRID = "玉林北路社区17号微网格"
ASKED = """() => [...document.querySelectorAll("main input, main select, main textarea, main button[name]")].filter((one) =>
  !["hidden", "submit", "button", "search"].includes(one.type) || (one.tagName === "BUTTON" && one.value)).filter((one) =>
  !one.disabled && !one.readOnly && one.closest("dialog:not([open])") === null
  && (one.type === "file" ? one.parentElement : one).checkVisibility({visibilityProperty: true})
).map((one) => ({
  name: one.name,
  place: new URL(one.form?.getAttribute("action") || location.href, location.href).pathname,
  filled: one.type === "radio" || one.type === "checkbox"
    ? document.querySelectorAll(`[name="${one.name}"]:checked`).length > 0
    : one.tagName !== "BUTTON" && one.value !== "",
}))"""
"""What the page asks for at this moment: its visible fields and the buttons that are answers."""
PATIENCE_MS = 30_000
NO_QUESTIONS = frozenset({"drop", "articles", "", "case"})
"""Names of what only does something and asks for nothing."""


def photo(colour: str) -> dict[str, Any]:
    """A photo as a phone's camera gives it: large."""
    body = BytesIO()
    Image.new("RGB", (2400, 1800), colour).save(body, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


@dataclass
class Town:
    """The small city with something to do for everybody."""

    world: World
    to_dispose_in_field: Case
    to_dispose_at_desk: Case
    to_verify: Case

    def known(self, whose: str, row: object) -> set[str]:
        """The facts that the platform holds of a ``person`` or a ``case``."""
        return {fact for fact, column in rules().held[whose].items() if getattr(row, column)}

    def account(self, login: str) -> Account:
        """The account of one of the cast, as it stands now."""
        return Account.objects.get(id=self.world.accounts[login].id)


def furnish(world: World) -> Town:
    """Services, neighbours' reports, and one case each for the grid member, the department and the verifier."""
    furnished(world)
    for login in ("he_ming", "yang"):
        account = world.accounts[login]
        account.set_password(PASSWORD)
        account.save()
    for _time in range(2):
        report(world.wang, category="UT02", lng=AWAY[0], lat=AWAY[1])
    lamp = report(world.wang, category="UT02", description="路口的灯整排不亮", lng=AWAY[0], lat=AWAY[1])
    lamp = accepting.register(world.xiao_xu, ref(lamp), version=1, route=accepting.Route.NONE)
    lamp = dispatching.dispatch(
        world.sun, ref(lamp), version=lamp.version, organisation=world.organisation("urban_management")
    )
    rubbish = accepting.register(world.xiao_xu, ref(report(world.wang, category="EN01")), version=1)
    done = accepting.register(world.xiao_xu, ref(report(world.wang, category="EN01")), version=1)
    done = dispatching.sign_in(world.he_ming, ref(done), version=done.version)
    talking.add_evidence(
        world.he_ming, ref(done), kind=EvidenceKind.AFTER, original_key="after.jpg", sha256=b"after".ljust(32, b"0"), size=9
    )  # fmt: skip
    disposal.dispose(world.he_ming, ref(done), version=fresh(done).version, outcome="已经清运干净")
    return Town(world, rubbish, lamp, fresh(done))


@dataclass
class Hand:
    """A person before a page. Every method is something that the person does; what it costs is counted.

    A field asks for a fact twice when it stands empty while the platform holds the fact already: of the person, of the case, or
    because it was given a page before.
    """

    page: Page
    base: str
    known: set[str] = field(default_factory=set)
    taps: int = 0
    keys: int = 0
    fields: int = 0
    typed: str = ""
    photo_at: int | None = None
    twice: set[tuple[str, str]] = field(default_factory=set)
    _own: dict[str, tuple[str, str]] = field(default_factory=dict)
    _pages: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Come in."""
        self.page.goto(self.base + path)
        self._look()

    def tap(self, where: str | Locator, *, to: str = "") -> None:
        """Tap something; ``to`` is the pattern of the page that it leads to."""
        self._look()
        target = self.page.locator(where).first if isinstance(where, str) else where.first
        self._answer(target)
        target.click()
        self.taps += 1
        if to:
            self.page.wait_for_url(re.compile(to))
        self._look()

    def press(self, key: str) -> None:
        """Press a key besides what is typed."""
        self._look()
        self.page.keyboard.press(key)
        self.keys += 1

    def type(self, where: str, text: str, *, focused: bool = False) -> None:
        """Type into a field; to put the finger into it is a tap, unless it has the focus already."""
        self._look()
        target = self.page.locator(where)
        if focused:
            expect(target).to_be_focused()
        else:
            target.click()
            self.taps += 1
        self._answer(target)
        target.press_sequentially(text)
        self.fields += 1
        self.typed += text

    def take_photo(self, *, within: str = "main", then: str = ".photo-item img") -> None:
        """Take a photo: the tap on the field, the camera's own are not ours; ``then`` is what shows when it is there."""
        self._look()
        target = self.page.locator(f"{within} #id_photos").last
        self._answer(target)
        target.set_input_files([photo("teal")])
        self.taps += 1
        self.photo_at = self.taps
        expect(self.page.locator(then).first).to_be_visible(timeout=PATIENCE_MS)

    def learn(self, facts: Iterable[str]) -> None:
        """From here on the platform holds these."""
        self.known |= set(facts)

    def _answer(self, target: Locator) -> None:
        found: Any = target.evaluate(
            """one => { const field = one.control ?? one.querySelector?.("input") ?? one;
            return [new URL(field.form?.getAttribute("action") || location.href, location.href).pathname, field.name ?? ""] }"""
        )
        place, name = found
        if name and name not in NO_QUESTIONS:
            fact = rules().fact(place, name)
            self._own.setdefault(fact, (place, name))
            self.known.add(fact)

    def _look(self) -> None:
        self.page.wait_for_load_state()
        place = re.sub(r"[0-9a-f-]{13,}", "…", self.page.url.partition("?")[0])
        if not self._pages or self._pages[-1] != place:
            self._pages.append(place)
        asked: list[dict[str, Any]] = self.page.evaluate(ASKED)
        for one in asked:
            if one["name"] in NO_QUESTIONS or one["filled"]:
                continue
            fact = rules().fact(one["place"], one["name"])
            if fact in self.known and self._own.get(fact) != (one["place"], one["name"]):
                self.twice.add((one["place"], one["name"]))

    def counted(self) -> dict[str, int]:
        """The figures that do not depend on the machine."""
        found = {
            "taps": self.taps + self.keys, "fields": self.fields, "characters": len(self.typed),
            "facts_twice": len(self.twice), "pages": len(self._pages),
        }  # fmt: skip
        return found | ({} if self.photo_at is None else {"taps_after_photo": self.taps - self.photo_at})

    def seconds(self, waiting: float) -> float:
        """Seconds in all: the person's own and those that the machine took."""
        own = rules().seconds(taps=self.taps, keys=self.keys, characters=self.typed, pages=len(self._pages))
        return own + waiting


Way = Callable[[Hand, Town], None]
DOCK = ".primary-dock .btn-primary"


def report_signed_in(hand: Hand, town: Town) -> None:
    """周阿姨: photo first; what it is; send."""
    hand.learn(town.known("person", town.account("zhou")))
    hand.open("/")
    hand.tap(".portal-report", to="/report$")
    hand.take_photo(then=".portal-draft")
    hand.learn({"case.place"})
    hand.tap('.portal-often button[value="UT02"]', to="/report/check$")
    hand.tap(DOCK, to="/report/done/")
    expect(hand.page.locator(".receipt-number")).to_be_visible()


def report_visitor(hand: Hand, town: Town) -> None:
    """The same without an account, with a number to be reached at."""
    hand.open("/")
    hand.tap(".portal-report", to="/report$")
    hand.take_photo(then=".portal-draft")
    hand.learn({"case.place"})
    hand.tap('.portal-often button[value="UT02"]', to="/report/check$")
    hand.type("#id_phone", "13800000009")
    hand.tap(DOCK, to="/report/done/")
    expect(hand.page.locator(".receipt-number")).to_be_visible()


def report_field(hand: Hand, town: Town) -> None:
    """何明 on his round: photo, a few words, where he stands."""
    hand.open("/field/report")
    hand.take_photo()
    hand.type("#id_description", "共享单车乱停")
    hand.tap('input[name="category"][value="TR02"]')
    hand.tap("[data-map-here]")
    expect(hand.page.locator("#id_lng")).not_to_have_value("")
    hand.tap(DOCK, to="/field/report/done/")


def _sign_in(hand: Hand, login: str) -> None:
    hand.open("/sign-in")
    hand.type("#id_login", login)
    hand.type("#id_password", PASSWORD)
    hand.tap("main form .btn-primary", to="/(field|desk)/$")


def dispose_field(hand: Hand, town: Town) -> None:
    """何明 signs in, takes the case up, and reports it done with a photo."""
    case = town.to_dispose_in_field
    hand.learn(town.known("person", town.account("he_ming")) | town.known("case", case))
    _sign_in(hand, "he_ming")
    hand.tap(hand.page.locator(".row-link", has_text=case.number[-6:]), to=f"/field/case/{case.number}$")
    hand.tap('.field-dock form[action$="/do/sign_in"] button')
    expect(hand.page.locator('.field-dock form[action$="/do/sign_in"]')).to_be_hidden(timeout=PATIENCE_MS)
    hand.tap('.field-dock a[href$="/do/dispose"]', to="/do/dispose$")
    hand.type("#id_outcome", "已经清运干净")
    hand.take_photo()
    hand.tap("form button.btn-primary >> nth=-1", to=f"/field/case/{case.number}$")


def dispose_desk(hand: Hand, town: Town) -> None:
    """杨科 signs in on a phone, takes the case up, and reports it done."""
    case = town.to_dispose_at_desk
    hand.learn(town.known("person", town.account("yang")) | town.known("case", case))
    _sign_in(hand, "yang")
    _open_at_desk(hand, case)
    hand.tap('.next-action form[action$="/do/sign_in"] button')
    expect(hand.page.locator('.next-action form[action$="/do/sign_in"]')).to_be_hidden(timeout=PATIENCE_MS)
    _next(hand, "dispose", kind="btn-plain")  # it is done: that it begins need not be said first
    hand.type("#verb-dialog #id_outcome", "灯已换好，亮了")
    hand.take_photo(within="#verb-dialog")
    _send(hand)


def _open_at_desk(hand: Hand, case: Case) -> None:
    hand.tap(f'#list [data-number="{case.number}"]', to=f"/desk/case/{case.number}")


def _next(hand: Hand, verb: str, *, kind: str = "btn-primary") -> None:
    """Press the case's next step, which must be this one, or what stands beside it, until its form shows."""
    hand.tap(f'.next-action .{kind}[href*="/do/{verb}"]')
    expect(hand.page.locator("#verb-dialog form.desk-form")).to_be_visible(timeout=PATIENCE_MS)


def _send(hand: Hand) -> None:
    hand.tap("#verb-dialog .form-actions .btn[type=submit]")
    expect(hand.page.locator("#verb-dialog")).to_be_hidden(timeout=PATIENCE_MS)


def verify(hand: Hand, town: Town) -> None:
    """老郑 has looked on the spot: it is done."""
    case = town.to_verify
    hand.learn(town.known("person", town.account("lao_zheng")) | town.known("case", case))
    hand.open("/desk/")
    _open_at_desk(hand, case)
    _next(hand, "verify")
    hand.tap('#verb-dialog label:has(input[name="passed"][value="yes"])')
    _send(hand)


def call(hand: Hand, town: Town) -> None:
    """小田 registers 周阿姨's call by keyboard."""
    page = hand.page
    hand.open("/hotline/")
    hand.type("#id_phone", "13800000001", focused=True)
    hand.press("Tab")
    expect(page.locator("#hotline-caller")).to_contain_text("138****0001")
    hand.learn(town.known("person", town.account("zhou")))
    hand.type("#id_description", "楼下路灯不亮", focused=True)
    hand.press("Tab")
    hand.type("#id_address", GRID, focused=True)
    expect(page.locator('input[name=category][value="UT02"]').first).to_be_checked()
    hand.press("Enter")
    expect(page.locator("#main .notice .number").first).to_be_visible()


def _book(hand: Hand, town: Town, *, again: bool) -> None:
    hand.learn(town.known("person", town.account("zhou")))
    hand.open("/")
    hand.tap('.bottom-bar a[href="/services"]', to="/services$")
    hand.tap('.portal-tiles a[href="/services/UM01"]', to="/services/UM01$")
    hand.tap('button[name=use][value="held"]', to="/apply/")
    if not again:
        hand.type("#id_address", ADDRESS)
        hand.tap(DOCK, to="/apply/(?!place)")
    hand.tap('label:has(input[name=items][value="sofa"])')
    if not again:
        hand.tap('label:has(input[name=access][value="stairs"])')
    hand.tap(DOCK, to="/apply/time$")
    hand.tap("button[name=slot]", to="/apply/check$")
    hand.tap(DOCK, to="/services/done/")
    expect(hand.page.locator(".receipt-number")).to_be_visible()


def bulky_first(hand: Hand, town: Town) -> None:
    """周阿姨 has a sofa to give away."""
    _book(hand, town, again=False)


def bulky_again(hand: Hand, town: Town) -> None:
    """And another: her address and the way down are known."""
    hand.learn({"person.address", "booking.access"})
    _book(hand, town, again=True)


@dataclass(frozen=True)
class Go:
    """A way, and who goes it; nobody signed in yet when it is empty."""

    way: Way
    who: str = ""
    at: tuple[float, float] = HERE


WAYS = {
    "report_signed_in": Go(report_signed_in, "zhou"),
    "report_visitor": Go(report_visitor, at=THERE),
    "report_field": Go(report_field, "he_ming"),
    "dispose_field": Go(dispose_field),
    "dispose_desk": Go(dispose_desk),
    "verify": Go(verify, "lao_zheng"),
    "call": Go(call, "xiao_tian"),
    "bulky_first": Go(bulky_first, "zhou"),
    "bulky_again": Go(bulky_again, "zhou"),
}
"""In this order: the second booking stands on the first."""
