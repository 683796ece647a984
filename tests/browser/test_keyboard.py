"""Whole tasks by keyboard alone, each key really pressed: in the field, at the inbox, in administration.

Reporting, registering a call and applying for a service have theirs beside their doors: ``test_portal``, ``test_hotline``,
``test_services``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from linli.cases.actions import accepting
from linli.cases.models import Case
from linli.catalog.models import CategoryChange
from linli.kernel.storage.configuration import storage_settings
from tests.browser.looks import tab_to
from tests.browser.test_field_offline import picture
from tests.world import World, fresh, ref

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_worker_takes_a_case_up_from_the_inbox(sit: Any, waiting: Case) -> None:
    page = sit("xiao_xu", "/desk/?view=unassigned")
    rows = page.locator("#list .row-link")
    expect(rows.first).to_be_visible()
    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    number = rows.first.get_attribute("data-number")
    page.keyboard.press("Enter")
    expect(page.locator("#case .case-title")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("a")
    expect(page.locator("#verb-dialog")).to_be_visible()
    tab_to(page, "#verb-dialog button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#verb-dialog")).to_be_hidden()
    expect(page.locator("#case .badge").first).to_contain_text("Dispatched")
    assert Case.objects.get(number=number).state == "dispatched"


def test_a_grid_member_disposes_of_a_case(sit: Any, waiting: Case, town: World, settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = storage_settings(tmp_path, {})
    accepting.register(town.xiao_xu, ref(waiting), version=waiting.version)
    page = sit("he_ming", f"/field/case/{waiting.number}", width=360)
    for following in ("Start work", "Done"):
        tab_to(page, ".field-dock .btn-primary")
        page.keyboard.press("Enter")
        expect(page.locator(".field-dock .btn-primary")).to_contain_text(following)
    tab_to(page, ".field-dock .btn-primary")
    page.keyboard.press("Enter")
    expect(page.locator("#id_outcome")).to_be_visible()
    tab_to(page, "#id_outcome")
    page.keyboard.type("换了灯泡，已经亮了，现场看过")
    page.locator("#id_photos").set_input_files([picture("teal")])  # the phone's own camera
    page.locator(".photo-item img").wait_for()
    tab_to(page, "form[data-outbox] button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/field/case/{waiting.number}")
    assert fresh(waiting).state == "disposed"


def test_an_administrator_changes_a_deadline(sit: Any, town: World) -> None:
    page = sit("system_admin", "/admin/catalogue/UT02")
    tab_to(page, "#id_respond_minutes")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("45")
    tab_to(page, "#id_reason")
    page.keyboard.type("夜间有人值守，四十五分钟内答复。")
    tab_to(page, "#main form .btn-primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/catalogue/changes/*")
    tab_to(page, 'button[name=decision][value="publish"]')
    page.keyboard.press("Enter")
    expect(page.locator('button[name=decision][value="publish"]')).to_have_count(0)
    assert CategoryChange.objects.get().state == "published"
