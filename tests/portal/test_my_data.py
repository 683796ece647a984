"""My data: seen, corrected, taken along, withdrawn, deleted; and each of it written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from linli.cases.models import Case
from linli.kernel import ids
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM, context
from linli.people import actions
from linli.people import queries as people
from linli.people.models import Contact
from tests.world import HOME, WUHOU, World, report

Visit = Callable[[str], Client]


def text(response) -> str:
    return response.content.decode()


def verbs(world: World) -> list[str]:
    return list(
        AuditEntry.objects.filter(person_id=world.accounts["zhou"].id)
        .order_by("at", "id")
        .values_list("verb", flat=True)
    )


@pytest.fixture
def left(world: World) -> Contact:
    """周阿姨 has reported and left how to ring her back."""
    report(world.zhou)
    with context.personal(world.zhou):
        contact = actions.store_contact(
            district=WUHOU, area_path=HOME, account_id=world.accounts["zhou"].id, name="周玉兰", phone="13800000001"
        )
    with context.personal(SYSTEM, purpose="test"):
        return Contact.objects.get(id=contact)


def test_what_is_held_is_shown_and_taken_along(world: World, visit: Visit, left: Contact) -> None:
    client = visit("zhou")
    client.post("/my/data/correct", {"name": "周玉兰"})
    case = Case.objects.get()
    page = text(client.get("/my/data"))
    assert case.number in page
    assert "周玉兰" not in page, "on the screen the name is hidden"
    answer = client.post("/my/data/export")
    archive = ZipFile(BytesIO(answer.content))
    data = json.loads(archive.read("linli.json"))
    assert data["account"]["name"] == "周玉兰"
    assert case.number in str(data["holdings"])
    assert case.number in archive.read("linli.html").decode()
    assert {"account.correct", "account.export"} <= set(verbs(world))
    assert visit("").get("/my/data").status_code == 302


def test_a_new_number_has_to_answer(world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    class Sender:
        shows_code = False

        def send(self, number: str, code: str, *, language: str) -> None:
            sent.append(code)

    monkeypatch.setattr("linli.people.codes.sender", Sender)
    client = visit("zhou")
    assert "one-time-code" in text(client.post("/my/data/correct", {"phone": "13800000077"}))
    wrong = client.post("/my/data/correct", {"phone": "13800000077", "code": "000000" if sent[0] != "000000" else "1"})
    assert wrong.status_code >= 400
    assert client.post("/my/data/correct", {"phone": "13800000077", "code": sent[0]}).status_code == 302
    assert people.own_account(world.zhou).phone == "13800000077"
    assert client.post("/my/data/correct", {"phone": "not a number"}).status_code == 422


def test_withdrawn_contacts_are_erased_and_the_report_goes_on(world: World, visit: Visit, left: Contact) -> None:
    with context.personal(world.wang):
        theirs = actions.store_contact(
            district=WUHOU, area_path=HOME, account_id=world.accounts["wang"].id, name="王叔", phone="13800000002"
        )
    visit("zhou").post("/my/data/withdraw")
    with context.personal(SYSTEM, purpose="test"):
        left.refresh_from_db()
        assert left.name_enc is left.phone_enc is left.phone_hash is None
        assert Contact.objects.get(id=theirs).phone_enc is not None, "a neighbour's stays"
    assert Case.objects.get().is_open
    assert "consent.withdraw" in verbs(world)


def test_deleting_takes_seven_days_and_can_be_taken_back(world: World, visit: Visit, left: Contact, clock: Any) -> None:
    client, account = visit("zhou"), world.accounts["zhou"]
    client.post("/my/data/erasure")
    client.post("/my/data/erasure", {"keep": "1"})
    clock.forward(days=8)
    assert actions.erase_due() == 0
    actions.ask_erasure(world.zhou)
    clock.forward(days=6)
    assert actions.erase_due() == 0
    clock.forward(days=2)
    assert actions.erase_due() == 1
    assert actions.erase_due() == 0
    account.refresh_from_db()
    assert not account.is_active
    assert account.phone_hash is None
    assert account.name_enc is None
    assert account.login.startswith("gone-")
    assert account.home_path == ""
    with context.personal(SYSTEM, purpose="test"):
        left.refresh_from_db()
        assert left.phone_enc is None
    assert Case.objects.count() == 1, "the report stays"
    assert client.get("/my/data").status_code == 302, "the sign-in has ended"
    assert verbs(world)[-1] == "account.erase"
    # the number is free for a new account
    assert not people.accounts_matching(world.security_admin, words="zhou").exists()
    assert actions.register_resident(world.wang, phone="13800000001").id != account.id


def test_who_holds_a_post_cannot_delete_the_account(world: World, visit: Visit) -> None:
    client = visit("xiao_xu")
    refused = client.post("/my/data/erasure")
    assert refused.status_code == 409
    assert "岗位" in text(refused)
    account = world.accounts["xiao_xu"]
    account.refresh_from_db()
    assert account.erase_at is None


def test_looks_come_a_page_at_a_time(world: World, visit: Visit) -> None:
    for n in range(23):
        AuditEntry.objects.create(
            id=ids.new_id(), district=WUHOU, at=world.accounts["zhou"].date_joined, role="community_worker",
            verb="contact.read", subject_type="contact", subject_id=str(n), person_id=world.accounts["zhou"].id,
            purpose=f"核对灯杆{n}",
        )  # fmt: skip
    client = visit("zhou")
    first, second = text(client.get("/my/data")), text(client.get("/my/data", {"page": "2"}))
    assert first.count("核对灯杆") == 20
    assert second.count("核对灯杆") == 3
    assert client.get("/my/data", {"page": "-1"}).status_code == 200


def test_a_machine_of_ones_own_takes_data_along_only_with_a_key_for_it(world: World, left: Contact) -> None:
    from linli.people.actions import machines

    def call(key: str, method: str, path: str):
        return getattr(Client(), method)(f"/api/v1/me/{path}", headers={"Authorization": f"Bearer {key}"})

    account = world.accounts["zhou"].id
    _row, narrow = machines.issue_token(world.zhou, name="灯", scopes=["case.report"], account_id=account)
    _row, own = machines.issue_token(world.zhou, name="自己", scopes=["account.own"], account_id=account)
    assert call(narrow, "get", "data").status_code == 403
    assert call(narrow, "put", "erasure").status_code == 403
    data = call(own, "get", "data").json()
    assert Case.objects.get().number in str(data["holdings"])
    assert call(own, "delete", "contacts").json() == {"contacts": 1}
    assert call(own, "put", "erasure").json()["erase_at"] is not None
    assert call(own, "delete", "erasure").json() == {"erase_at": None}
