"""The desk in a browser: beside the list without a reload, by keyboard, without a script.

That its pages are for everybody: ``test_screens``.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from linli.cases.models import Case
from linli.cases.queries import log_of
from tests.world import fresh

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def rows(page: Page):
    """The rows of the list."""
    return page.locator("#list .row-link")


def test_a_row_opens_beside_the_list_and_back_goes_back(sit, town) -> None:
    page = sit("xiao_xu", "/desk/?view=open")
    expect(page.locator("#list h1")).to_contain_text("All open")
    page.evaluate("window.stayed = true")
    rows(page).nth(1).click()
    expect(page.locator("#case .case-title")).to_be_visible()
    number = rows(page).nth(1).get_attribute("data-number")
    assert f"/desk/case/{number}" in page.url
    assert page.evaluate("window.stayed")
    expect(rows(page).nth(1)).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(page.locator("#list h1")).to_be_visible()
    assert page.url.endswith("/desk/?view=open")


def test_an_address_of_a_case_can_be_shared(sit, waiting: Case) -> None:
    page = sit("xiao_xu", f"/desk/case/{waiting.number}?view=unassigned")
    expect(page.locator("h1.case-title")).to_be_visible()
    expect(page.locator("#list .list-title")).to_contain_text("To take up")
    expect(page.locator("#desk-views [aria-current]")).to_contain_text("To take up")
    expect(page.locator(f'#list [data-number="{waiting.number}"]')).to_have_attribute("aria-current", "true")


def test_by_keyboard_alone(sit, town) -> None:
    page = sit("xiao_xu", "/desk/?view=open")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("o")
    expect(page.locator("#case .case-title")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("input[type=search]").first).to_be_focused()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.locator("#list h1")).to_contain_text("Late")
    page.keyboard.press("c")
    expect(page.locator("h1")).to_contain_text("Register a report")


def test_the_next_step_is_done_in_a_dialog_and_shows_at_once(sit, waiting: Case) -> None:
    page = sit("xiao_xu", f"/desk/case/{waiting.number}?view=unassigned")
    page.locator(".next-action .btn-primary").click()
    dialog = page.locator("#verb-dialog")
    expect(dialog).to_be_visible()
    expect(page.locator(f'#list [data-number="{waiting.number}"]')).to_be_visible()
    dialog.locator("button[type=submit]").dblclick()
    expect(dialog).to_be_hidden()
    expect(page.locator("#case .badge").first).to_contain_text("Dispatched")
    expect(page.locator(".toast")).to_contain_text("Dispatched to")
    # it has left the list of what waits
    expect(page.locator(f'#list [data-number="{waiting.number}"]')).to_have_count(0)
    assert [entry.kind for entry in log_of(fresh(waiting))].count("register") == 1


def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(sit, waiting: Case) -> None:
    page = sit("xiao_xu", f"/desk/case/{waiting.number}")
    page.locator(".next-action summary").click()
    page.locator('.menu-item[href$="/do/propose_rejection"]').click()
    dialog = page.locator("#verb-dialog")
    dialog.locator("#id_other_way").fill("可以向物业公司反映")
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".error-summary")).to_be_focused()
    dialog.locator('.error-summary a[href="#id_reason"]').click()
    expect(dialog.locator("#id_reason")).to_be_focused()
    expect(dialog.locator("#id_other_way")).to_have_value("可以向物业公司反映")


def test_a_list_of_choices_is_narrowed_by_typing(sit, waiting: Case) -> None:
    page = sit("liu", f"/desk/case/{waiting.number}")
    page.locator(".next-action summary").click()
    page.locator('.menu-item[href$="/do/reclassify"]').click()
    picker = page.locator("#verb-dialog [data-picker]")
    shown = picker.locator("[data-words]:visible")
    expect(shown.first).to_be_visible()
    everything = shown.count()
    picker.locator("[data-narrow]").fill("路灯")
    expect(shown.first).to_contain_text("Street lamp")
    assert 0 < shown.count() < everything
    page.keyboard.press("Enter")
    expect(shown.first.locator("input")).to_be_checked()
    picker.locator("[data-narrow]").fill("qqq")
    expect(picker.locator("[data-none]")).to_be_visible()


def test_a_note_in_the_making_outlives_a_change_elsewhere(sit, waiting: Case) -> None:
    page = sit("xiao_xu", f"/desk/case/{waiting.number}")
    page.locator("#desk-note-text").fill("电工说配件明早到")
    page.locator(".case-title").click()
    page.evaluate("htmx.trigger(document.querySelector('.desk-case'), 'live')")
    expect(page.locator("#case h2.case-title")).to_be_visible()
    expect(page.locator("#desk-note-text")).to_have_value("电工说配件明早到")
    page.locator(".desk-note button").click()
    expect(page.locator("#case .timeline")).to_contain_text("电工说配件明早到")
    expect(page.locator("#desk-note-text")).to_have_value("")


def test_what_changed_elsewhere_moves_no_row(sit, town, clock) -> None:
    from linli.cases.actions import talking
    from tests.world import ref

    page = sit("xiao_xu", "/desk/?view=open")
    before = [row.get_attribute("data-number") for row in rows(page).all()]
    clock.forward(minutes=1)
    case = Case.objects.get(number=before[0])
    talking.comment(town.liu, ref(case), text="请尽快")
    page.evaluate("htmx.trigger(document.querySelector('.desk-news'), 'live')")
    pill = page.locator(".desk-pill")
    expect(pill).to_contain_text("1 changed: show")
    assert [row.get_attribute("data-number") for row in rows(page).all()] == before
    pill.click()
    expect(pill).to_have_count(0)


def test_on_a_phone_list_and_case_take_turns(sit, town) -> None:
    page = sit("xiao_xu", "/desk/?view=open", width=360)
    expect(page.locator("#case")).to_be_hidden()
    rows(page).first.click()
    expect(page.locator("#case .case-title")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#case .case-title")).to_be_focused()
    page.locator(".pane-back a").click()
    expect(page.locator("#list h1")).to_be_visible()


def test_it_all_works_without_a_script(sit, waiting: Case) -> None:
    page = sit("xiao_xu", "/desk/?view=unassigned", script=False)
    page.locator(f'#list [data-number="{waiting.number}"]').click()
    expect(page.locator("h1.case-title")).to_be_visible()
    page.locator(".next-action .btn-primary").click()
    expect(page.locator("h1")).to_contain_text("Take up")
    page.locator("main button[type=submit]").click()
    expect(page.locator("#case .badge").first).to_contain_text("Dispatched")


def test_a_call_is_registered_with_what_the_words_suggest(sit, town) -> None:
    page = sit("xiao_tian", "/desk/register")
    page.locator("#id_description").fill("楼下路灯不亮")
    suggested = page.locator('#register-categories .choices input[value="UT02"]')
    expect(suggested).to_be_visible()
    suggested.check()
    page.locator("#id_address").fill("玉林北路社区17号微网格")
    page.locator("#id_phone").fill("13912345678")
    page.locator("#register button[type=submit]").last.click()
    expect(page.locator(".slip-number").first).to_contain_text("0107-")
    expect(page.locator(".slip-qr svg")).to_be_visible()
