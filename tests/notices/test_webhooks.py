"""Signed events to machines: checked by the library of the scheme, tried again, replayed, never about a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from linli.cases.actions import accepting, talking
from linli.cases.models import Case
from linli.kernel import events, time
from linli.kernel.errors import Forbidden, Invalid
from linli.kernel.models import AuditEntry, Event
from linli.notices import actions, chores, sending
from linli.notices.handlers import on_events, takes
from linli.notices.models import DeliveryState, Hook, Posting
from tests.notices.conftest import Counterpart
from tests.world import JINJIANG, WUHOU, World, ref, report


def make(world: World, url: str, *, kinds: tuple[str, ...] = ("case.*",), area: str = WUHOU) -> tuple[Hook, str]:
    """A webhook of the system administrator's."""
    return actions.make_hook(world.system_admin, name="看板", url=url, kinds=kinds, area_path=area)


def read_all() -> None:
    """Let the reader read every event so far, once more those that it has read."""
    on_events([events._happened(one) for one in Event.objects.order_by("xid", "id")])


@pytest.fixture
def case(world: World, counterpart: Counterpart) -> Case:
    """周阿姨's street lamp, taken up."""
    case = report(world.zhou)
    return accepting.register(world.xiao_xu, ref(case), version=case.version, route=accepting.Route.NONE)


def test_an_event_arrives_signed_and_once(world: World, case: Case, counterpart: Counterpart) -> None:
    hook, secret = make(world, f"{counterpart.url}/in", kinds=("case.register",))
    read_all()
    read_all()
    assert chores.post() == 1
    assert chores.post() == 0
    [asked] = counterpart.requests
    told = Webhook(secret).verify(asked.body.decode(), asked.headers)
    assert told["type"] == "case.register"
    assert told["data"]["number"] == case.number
    assert Posting.objects.get().state == DeliveryState.SENT
    assert secret.removeprefix("whsec_").encode() not in bytes(Hook.objects.get(id=hook.id).secret_enc)


@pytest.fixture(autouse=True)
def same_clock(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    """The library that checks signatures lives at the time of the story."""
    import standardwebhooks.webhooks as library

    class Standing(library.datetime):  # type: ignore[name-defined,misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return clock().astimezone(tz)

    monkeypatch.setattr(library, "datetime", Standing)


def test_a_changed_body_or_another_secret_does_not_pass(world: World, case: Case, counterpart: Counterpart) -> None:
    _hook, secret = make(world, counterpart.url)
    read_all()
    chores.post()
    asked = counterpart.requests[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(asked.body.decode().replace("case", "cases"), asked.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(asked.body.decode(), asked.headers)


def test_nothing_about_a_person_goes_out_and_restricted_cases_stay(
    world: World, case: Case, counterpart: Counterpart
) -> None:
    talking.message(world.zhou, ref(case), text="我的电话 13800000001")
    make(world, counterpart.url)
    read_all()
    text = json.dumps([one.payload for one in Posting.objects.all()], ensure_ascii=False)
    assert "1380" not in text
    assert "路灯不亮" not in text
    assert str(world.accounts["zhou"].id) not in text
    assert all(one.payload["data"]["area"].count("/") <= 2 for one in Posting.objects.all())
    Posting.objects.all().delete()
    Case.objects.filter(id=case.id).update(sensitivity="restricted")
    read_all()
    assert not Posting.objects.exists()


def test_only_what_was_asked_for_and_where(world: World, case: Case, counterpart: Counterpart) -> None:
    make(world, counterpart.url, area=JINJIANG)
    make(world, counterpart.url, kinds=("case.close",))
    read_all()
    assert not Posting.objects.exists()
    assert takes(["case.*"], "case.close")
    assert takes(["case.close"], "case.close")
    assert not takes(["case.clos"], "case.close")


def test_it_is_tried_again_with_the_same_id_and_each_try_is_logged(
    world: World, case: Case, counterpart: Counterpart, clock: Any
) -> None:
    make(world, counterpart.url, kinds=("case.register",))
    counterpart.answers = [(500, {}, b""), (429, {}, b"")]
    read_all()
    for _try in range(3):
        assert chores.post() == 1
        assert chores.post() == 0
        clock.forward(minutes=5)
    assert len({asked.headers["webhook-id"] for asked in counterpart.requests}) == 1
    row = Posting.objects.get()
    assert [one["status"] for one in row.log] == [500, 429, 200]
    assert row.state == DeliveryState.SENT


def test_who_never_answers_is_switched_off_and_can_be_switched_on(
    world: World, case: Case, counterpart: Counterpart, clock: Any
) -> None:
    hook, _secret = make(world, counterpart.url)
    counterpart.answers = [(500, {}, b"")] * 200
    read_all()
    for _hour in range(14):
        chores.post()
        clock.forward(hours=7)
    hook.refresh_from_db()
    assert hook.disabled_why == "failing"
    assert chores.post() == 0
    row = Posting.objects.filter(hook=hook).order_by("at", "id")[0]
    actions.resume_hook(world.system_admin, hook.id)
    counterpart.answers = []
    actions.replay(world.system_admin, hook.id, row.id)
    assert chores.post() == 1
    row.refresh_from_db()
    assert row.state == DeliveryState.SENT
    hook.refresh_from_db()
    assert hook.failing_since is None
    verbs = set(AuditEntry.objects.filter(subject_id=str(hook.id)).values_list("verb", flat=True))
    assert verbs == {"webhook.make", "webhook.resume", "webhook.replay"}


def test_one_that_says_it_is_gone_is_asked_no_more(world: World, case: Case, counterpart: Counterpart) -> None:
    hook, _secret = make(world, counterpart.url, kinds=("case.register",))
    counterpart.answers = [(410, {}, b"")]
    read_all()
    chores.post()
    hook.refresh_from_db()
    assert hook.disabled_why == "gone"


def test_a_worker_that_died_while_sending_is_followed_by_another(
    world: World, case: Case, counterpart: Counterpart, clock: Any
) -> None:
    make(world, counterpart.url, kinds=("case.register",))
    read_all()
    row = Posting.objects.get()
    claimed = sending._claim(Posting._meta.db_table, row.district, time.now())
    assert claimed == [row.id]
    assert chores.post() == 0  # it is leased
    clock.forward(minutes=6)
    assert chores.post() == 1
    row.refresh_from_db()
    assert (row.state, row.tries) == (DeliveryState.SENT, 2)


def test_only_public_hosts_and_only_by_the_administrator(world: World, settings: Any) -> None:
    settings.LINLI_OUTBOUND_HOSTS = []
    for url in ("http://example.org/x", "https://192.168.1.1/x", "https://localhost/x", "not an address"):
        with pytest.raises(Invalid):
            make(world, url)
    with pytest.raises(Forbidden):
        actions.make_hook(world.sun, name="x", url="https://example.org/x", kinds=["case.*"], area_path=WUHOU)
    with pytest.raises(Invalid, match=r"webhook\.kinds"):
        make(world, "https://example.org/x", kinds=("case.nonsense",))
    with pytest.raises(Invalid, match=r"webhook\.area"):
        make(world, "https://example.org/x", area="999999")


def test_the_page_shows_the_secret_once_and_sends_again(
    world: World, case: Case, counterpart: Counterpart, visit: Callable[[str], Client]
) -> None:
    admin = visit("system_admin")
    form = {"name": "看板", "url": counterpart.url, "area_path": WUHOU, "kinds": ["case.register"]}
    made = admin.post("/admin/webhooks/new", form)
    assert "whsec_" in made.content.decode()
    hook = Hook.objects.get()
    read_all()
    chores.post()
    page = admin.get(f"/admin/webhooks/{hook.id}").content.decode()
    assert "whsec_" not in page
    assert case.number in page
    row = Posting.objects.get()
    assert admin.post(f"/admin/webhooks/{hook.id}/again/{row.id}").status_code == 302
    chores.post()
    assert len(counterpart.requests) == 2
    assert admin.post(f"/admin/webhooks/{hook.id}/switch", {"to": "off"}).status_code == 302
    assert Hook.objects.get().disabled_why == "ended"
    assert hook.name in admin.get("/admin/webhooks").content.decode()
    assert visit("sun").get("/admin/webhooks").status_code == 403
