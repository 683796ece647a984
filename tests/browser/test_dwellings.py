"""何明 verifies his micro-grid on his phone, half of it without a signal: one tap a door, and each visit arrives once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from linli.households.models import Visit
from tests.browser.test_field_offline import phone  # noqa: F401 - the fixture
from tests.browser.test_portal import grave
from tests.households.conftest import make_homes
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_walk_of_one_tap_a_door_half_of_it_in_a_dead_zone(phone: Any, town: World) -> None:  # noqa: F811
    make_homes(town)
    ming = phone("he_ming")
    ming.synced()
    page = ming.open("/field/dwellings")
    open_doors, said = page.locator("[data-door]:not([data-done])"), page.locator("[data-doors-progress] .num")
    expect(open_doors).to_have_count(4)
    assert not grave(page)
    for left in (3, 2):
        open_doors.locator("button").first.click()
        expect(open_doors).to_have_count(left)
    expect(said).to_have_text("2 / 4")
    expect(ming.count).to_be_hidden()

    ming.context.set_offline(True)
    page.reload()  # the list that the phone keeps is older than the two taps, and says them all the same
    expect(page.locator("[data-kept-note]")).to_be_visible()
    expect(open_doors).to_have_count(2)
    for left in (1, 0):
        open_doors.locator("button").last.click()
        expect(open_doors).to_have_count(left)
    expect(ming.count).to_have_text("2")
    page.reload()
    expect(open_doors).to_have_count(0)
    ming.context.set_offline(False)
    # nobody reloads it: the page looks for the server and fetches itself anew
    expect(page.locator("[data-kept-note]")).to_be_hidden(timeout=60_000)
    expect(said).to_have_text("4 / 4")
    expect(ming.count).to_be_hidden(timeout=60_000)
    for _again in range(60):
        if Visit.objects.count() == 4:
            break
        page.wait_for_timeout(250)
    assert Visit.objects.count() == 4
