"""刘主任 orders a check of every micro-grid; it is answered on two phones, one of them without a signal, becomes a case, and is stopped."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.cases.models import Case
from linli.operations.models import Operation, Task, TaskState
from tests.browser.conftest import HEIGHTS, Open
from tests.browser.looks import fits, grave, resize, tab_to
from tests.browser.test_field_offline import phone, shelves  # noqa: F401 - the fixtures
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sound(page: Page) -> None:
    """Nothing grave on a telephone and on a desk, and nothing wider than either."""
    for width in (360, 1440):
        resize(page, width, HEIGHTS[width])
        assert fits(page), f"{page.url} at {width}"
        assert not grave(page), f"{page.url} at {width}"


def answered(page: Page, share: str) -> None:
    """Let the progress ask for itself, as when an answer has come in elsewhere."""
    page.evaluate("htmx.trigger('#operation-progress', 'live')")
    expect(page.locator("#operation-progress .facts").first).to_contain_text(share)


def test_an_order_goes_out_is_answered_with_and_without_a_signal_and_is_stopped(
    sit: Open,
    phone: Any,  # noqa: F811
    town: World,
) -> None:
    liu = sit("liu", "/desk/operations/new")
    liu.locator("#id_title").fill("楼道堆物清理")
    liu.locator("#id_purpose").fill("清出消防通道，看看哪里还堆着杂物")
    liu.locator("#id_kind").select_option("fire")
    liu.locator("#id_label-0").fill("楼道里还有堆物吗")
    liu.locator("#id_problem-0").fill("yes")
    sound(liu)
    liu.locator("form button[value=save]").last.click()
    expect(liu.locator("h1")).to_have_text("楼道堆物清理")
    expect(liu.locator("main")).to_contain_text("3 × 5 min")
    sound(liu)
    # Sent without a mouse.
    tab_to(liu, "#id_sure")
    liu.keyboard.press("Space")
    tab_to(liu, "button[value=send]")
    liu.keyboard.press("Enter")
    expect(liu.locator("#toasts")).to_contain_text("Sent: 3 tasks.")
    found = Operation.objects.get()

    beside = phone("sibling_member")
    beside.synced()
    beside.context.set_offline(True)

    ming = sit("he_ming", "/field/", width=360)
    ming.locator("[data-task]").click()
    ming.locator("label.choice", has_text="yes").click()
    sound(ming)
    resize(ming, 360, HEIGHTS[360])
    ming.locator(".primary-dock button").click()
    # What found a problem goes on to the case, which stands open; one tap where the words suggest what it is.
    make = ming.get_by_role("button", name="Make it a case")
    expect(make).to_be_visible()
    sound(ming)
    resize(ming, 360, HEIGHTS[360])
    listed = ming.locator("select[name=category]")
    if listed.count():
        listed.select_option("EN01")
    before = Case.objects.count()
    make.click()
    made = ming.locator("[data-found] a")
    expect(made).to_have_count(1)
    assert Case.objects.count() == before + 1
    case = Case.objects.get(number=made.inner_text())
    answered(liu, "1 / 3")
    expect(liu.locator("#operation-progress")).to_contain_text(case.number)

    task = Task.objects.get(operation_id=found.id, area_path=town.sibling_member.area_path)
    page = beside.open("/field/")  # no signal: the list and the form are on the phone
    page.locator("[data-task]").click()
    page.locator("label.choice", has_text="no").click()
    page.locator(".primary-dock button").click()
    page.wait_for_url("**/field/outbox")
    expect(beside.count).to_have_text("1")
    assert Task.objects.get(id=task.id).state == TaskState.OPEN
    beside.context.set_offline(False)
    expect(page.locator(".outbox-item[data-state=done]")).to_have_count(1, timeout=60_000)
    assert Task.objects.get(id=task.id).state == TaskState.ANSWERED

    answered(liu, "2 / 3")
    sound(liu)
    liu.locator("form:has(button[value=stop]) input[name=reason]").fill("其余由消防队一并检查")
    liu.locator("button[value=stop]").click()
    expect(liu.locator("#toasts")).to_contain_text("Stopped.")
    expect(liu.locator("#operation-progress .facts").first).to_contain_text("2 / 2")
    sound(liu)
