"""One report through the whole loop, in browsers: 周阿姨 reports with a photo, 小徐 takes it up, 何明 clears it, 老郑 looks,
孙姐 closes, 周阿姨 rates."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from linli.cases.models import Case, Evidence, EvidenceKind
from linli.cases.photos import prepare_one
from linli.kernel.storage.configuration import storage_settings
from linli.kernel.storage.shown import FileState
from tests.world import HOME, POINT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def shelves(settings: Any, tmp_path: Path) -> None:
    """Photos of a test lie in the test's own folder."""
    settings.STORAGES = storage_settings(tmp_path, {})


def photo(colour: str) -> dict[str, Any]:
    """A photo as a phone's camera gives it: large."""
    body = BytesIO()
    Image.new("RGB", (2400, 1800), colour).save(body, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def onward(page: Page) -> None:
    """Press the page's one button."""
    page.locator(".primary-dock .btn-primary").click()
    page.wait_for_load_state()


def prepare_photos() -> None:
    """What the worker does."""
    while prepare_one():
        continue


def test_one_report_through_the_loop(sit: Any, town: Any, clock: Any) -> None:
    # 周阿姨, on her phone: shared bicycles all over the pavement.
    zhou = sit("zhou", "/", width=360, language="zh-hans")
    zhou.context.grant_permissions(["geolocation"])
    zhou.context.set_geolocation({"longitude": POINT[0], "latitude": POINT[1]})
    zhou.locator(".portal-report").click()
    zhou.locator("#report-q").press_sequentially("共享单车乱停")
    zhou.locator('#found button[value="TR02"]').click()
    zhou.wait_for_url("**/report/where")
    zhou.locator(".map.is-ready").wait_for()
    zhou.locator("[data-map-here]").click()
    expect(zhou.locator("#report-found")).to_contain_text("17号微网格")
    onward(zhou)
    zhou.locator("#id_photos").set_input_files([photo("olive")])
    zhou.locator(".photo-item img").wait_for()
    zhou.locator("#id_description").fill("单车倒了一地，轮椅过不去。")
    onward(zhou)
    zhou.wait_for_url("**/report/check")
    expect(zhou.locator(".answers")).to_contain_text("17号微网格")
    onward(zhou)
    zhou.wait_for_url("**/report/done/*")
    number = zhou.locator(".receipt-number").inner_text()
    case = Case.objects.get(number=number)
    assert (case.area_path, case.category) == (HOME, "TR02")
    prepare_photos()
    sent = Evidence.objects.get(case=case, kind=EvidenceKind.REPORT)
    assert sent.state == FileState.READY
    assert sent.size < 1_000_000  # made small before it travelled

    # 小徐 at the desk takes it up; it goes to the micro-grid member.
    clock.forward(minutes=10)
    xu = sit("xiao_xu", f"/desk/case/{number}?view=unassigned", language="zh-hans")
    xu.locator(".next-action .btn-primary").click()
    xu.locator("#verb-dialog button[type=submit]").last.click()
    expect(xu.locator("#verb-dialog")).to_be_hidden()

    # 何明, on the way home: one tap, then done with a photo.
    clock.forward(minutes=20)
    ming = sit("he_ming", "/field/", width=360, language="zh-hans")
    ming.locator(".row-link", has_text="共享单车").first.click()
    ming.wait_for_url(f"**/field/case/{number}")
    ming.locator(".field-dock .btn-primary").click()
    expect(ming.locator(".badge").first).to_contain_text("已签收")
    ming.locator(".field-dock button.btn-primary").click()
    ming.locator('.field-dock a.btn-primary[href*="/do/dispose"]').click()
    ming.locator("#id_outcome").fill("单车已扶起，按线停好，轮椅能过了。")
    ming.locator("#id_photos").set_input_files([photo("teal")])
    ming.locator(".photo-item img").wait_for()
    ming.locator("form button.btn-primary").last.click()
    ming.wait_for_url(f"**/field/case/{number}")
    case.refresh_from_db()
    assert case.state == "disposed"
    prepare_photos()

    # 老郑 looks on the spot.
    clock.forward(minutes=60)
    zheng = sit("lao_zheng", f"/desk/case/{number}/do/verify", language="zh-hans")
    zheng.locator('input[name="passed"][value="yes"]').check()
    zheng.locator("form.desk-form button.btn-primary").click()
    zheng.wait_for_url(re.compile(rf"/desk/case/{number}$"))

    # 孙姐 closes it.
    clock.forward(minutes=10)
    sun = sit("sun", f"/desk/case/{number}/do/close", language="zh-hans")
    sun.locator("form.desk-form button.btn-primary").click()
    sun.wait_for_url(re.compile(rf"/desk/case/{number}$"))
    case.refresh_from_db()
    assert case.state == "closed"

    # 周阿姨 sees both photos and how it went, and gives five stars.
    zhou.goto(zhou.url.split("/report/")[0] + f"/case/{number}")
    expect(zhou.locator(".timeline")).to_contain_text("已解决，办结")
    expect(zhou.locator(".gallery img")).to_have_count(2)
    shown = zhou.locator(".gallery img").first
    shown.scroll_into_view_if_needed()  # it is fetched once it comes near the window
    zhou.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=shown.element_handle())
    zhou.locator('.portal-scores button[value="5"]').click()
    expect(zhou.locator(".timeline")).to_contain_text("您评了 5 分")
    case.refresh_from_db()
    assert case.rating == 5
