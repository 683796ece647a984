"""A dispatch that the negative list forbids: refused at the desk, applied for, admitted from tomorrow; tomorrow it goes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.cases.actions import accepting
from linli.cases.models import Case
from linli.duties.actions import lists
from linli.duties.actions.lists import Place
from linli.duties.models import Admission, Listing, Tier
from linli.duties.tasks import Kind
from tests.browser.test_portal import grave
from tests.conftest import Clock
from tests.duties.conftest import TOMORROW, add_office
from tests.world import WUHOU, World, fresh, ref

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
YULIN = f"{WUHOU}/012/003"


def _dispatch(page: Page, organisation: str) -> None:
    page.locator(f"input[name=organisation][value='{organisation}']").check()
    page.locator("main form button[type=submit]").last.click()


def test_a_dispatch_is_refused_applied_for_admitted_and_goes_tomorrow(sit: Any, town: World, clock: Clock) -> None:
    add_office(town)
    case = Case.objects.filter(state="submitted", category="UT02").order_by("number")[0]
    accepting.register(town.sun, ref(case), version=case.version, route=accepting.Route.NONE)
    lists.put(
        town.wen, Place(Kind.CATEGORY, "UT02", Tier.COMMUNITY, YULIN), listing=Listing.NEGATIVE, title_zh="路灯",
        starts_on=TOMORROW, basis="区减负清单", instead="由区综合行政执法局维修",
    )  # fmt: skip
    clock.forward(days=1)
    committee = str(town.organisation("committee"))
    sun = sit("sun", f"/desk/case/{case.number}/do/dispatch")
    _dispatch(sun, committee)
    expect(sun.locator(".error-summary")).to_contain_text("negative list")
    assert not grave(sun)

    yang = sit("yang", f"/desk/duties?area={YULIN}&list=negative")
    expect(yang.locator(".homes").first).to_contain_text("由区综合行政执法局维修")
    assert not grave(yang)
    yang.locator("a[href$='/duties/admission/apply']").first.click()
    yang.locator("select[name=task]").select_option("category:UT02")
    yang.locator("select[name=listing]").select_option("assist")
    yang.locator("select[name=area_path]").select_option(YULIN)
    for name, text in (
        ("why", "就近确认灯杆编号"), ("basis", "城市照明管理规定"), ("minutes", "40"), ("starts_on", "2026-11-20"),
        ("source", "区财政专项"), ("authority", "区府办〔2026〕12号"),
    ):  # fmt: skip
        yang.locator(f"[name={name}]").fill(text)
    yang.locator("main form button[type=submit]").click()
    expect(yang.locator(".error-summary")).to_be_visible()  # without its amount it is not taken
    yang.locator("[name=amount]").fill("5000")
    yang.locator("main form button[type=submit]").click()
    expect(yang.locator("main .facts")).to_contain_text("5,000")
    found = Admission.objects.get()

    wen = sit("wen", "/desk/duties/admission")
    wen.locator(".homes .home-link").click()
    wen.locator("[name=reason]").fill("边界清楚，先试行")
    assert not grave(wen)
    wen.locator("button[value=admit]").click()
    expect(wen.locator("main .facts")).to_contain_text("边界清楚，先试行")
    assert str(Admission.objects.get(id=found.id).holds_from) == "2026-11-20"
    home = sit("zhou", f"/duties?area={YULIN}", width=360)
    expect(home.locator("main")).to_contain_text("边界清楚，先试行")
    assert not grave(home)

    clock.forward(days=1)
    sun = sit("sun", f"/desk/case/{case.number}/do/dispatch")
    _dispatch(sun, committee)
    expect(sun.locator("#id_organisation")).to_have_count(0)
    assert str(fresh(case).holder_id) == committee
