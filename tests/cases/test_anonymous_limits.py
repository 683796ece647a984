"""How much may be reported without an account: by network and by session, never counted for anybody else."""

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.cases.actions import intake, limiting
from linli.cases.actions.limiting import Origin
from linli.cases.models import Case
from linli.kernel import ids
from linli.kernel.errors import TooMany
from linli.kernel.trust import ANONYMOUS, Actor, Role
from linli.people.models import Attempt
from tests.memories import standing
from tests.world import POINT, WUHOU, World

WHAT = intake.Report(category="UT02", lng=POINT[0], lat=POINT[1])


def send(origin: Origin | None, *, actor: Actor = ANONYMOUS, key: str = "") -> dict:
    """A report from somewhere."""
    return intake.report(actor, key or str(ids.new_id()), b"{}", what=WHAT, origin=origin).body


@pytest.fixture
def three_an_hour(settings) -> None:
    settings.LINLI_ANONYMOUS_REPORTS = "3/hour, 5/day"


def test_a_network_has_so_many_an_hour_and_a_day(world: World, clock, three_an_hour) -> None:
    here, there = Origin("203.0.113.7"), Origin("203.0.113.8")
    first, _second, _third = (send(here, key=f"k{n}") for n in range(3))
    with pytest.raises(TooMany) as refused:
        send(here)
    assert (refused.value.code, refused.value.status) == ("report.too_many", 429)
    assert refused.value.extra["retry_after"] == 3_601
    assert send(here, key="k0")["number"] == first["number"]  # what was acknowledged is answered again
    assert send(there)["number"]
    clock.forward(hours=1)
    for _more in range(2):  # what was refused takes nothing off the day
        assert send(here)["number"]
    with pytest.raises(TooMany) as refused:
        send(here)
    assert refused.value.extra["retry_after"] > 3_601
    assert Case.objects.count() == 6
    hashes = set(Attempt.objects.values_list("subject_hash", flat=True))
    assert not any(b"203.0.113" in bytes(one) for one in hashes)


def test_a_session_that_changes_its_network_is_counted_on(world: World, three_an_hour) -> None:
    for n in range(3):
        send(Origin(f"198.51.100.{n}", "session-1"))
    with pytest.raises(TooMany):
        send(Origin("198.51.100.9", "session-1"))
    assert send(Origin("198.51.100.9", "session-2"))["number"]


def test_nobody_else_is_counted_and_no_query_is_added(world: World, three_an_hour, settings, monkeypatch) -> None:
    from django.db import connection

    standing(monkeypatch)
    origin = Origin("203.0.113.7", "session")
    machine = Actor(role=Role.MACHINE, account_id=world.zhou.account_id, district=WUHOU)
    for actor in (world.zhou, world.he_ming, machine):
        send(origin, actor=actor)
        # A process draws its ticket serials by the block: let neither of the two be the one that draws.
        intake._serials.clear()
        intake.next_number(WUHOU)
        with CaptureQueriesContext(connection) as before:
            send(None, actor=actor)
        with CaptureQueriesContext(connection) as after:
            send(origin, actor=actor)
        assert len(after) == len(before)
    settings.LINLI_ANONYMOUS_REPORTS = "off"
    for _n in range(8):
        send(origin)
    assert not Attempt.objects.exists()


def test_a_door_says_when_to_come_again(world: World, three_an_hour) -> None:
    client, body = Client(), {"category": "UT02", "lng": POINT[0], "lat": POINT[1]}
    for n in range(4):
        answer = client.post(
            "/api/v1/cases", body, content_type="application/json", headers={"Idempotency-Key": f"door-{n}"}
        )
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["code"] == "report.too_many"
    assert answer.json()["mend"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("20/hour, 60/day", ((20, 3_600), (60, 86_400))), ("5/day", ((5, 86_400),)), ("off", ()), (" OFF ", ())],
)
def test_the_setting_in_words(text: str, pairs: tuple) -> None:
    assert limiting.allowed(text) == pairs


@pytest.mark.parametrize("text", ["", "20", "0/hour", "x/hour", "20/minute"])
def test_a_setting_that_says_nothing_sensible_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="LINLI_ANONYMOUS_REPORTS"):
        limiting.allowed(text)
