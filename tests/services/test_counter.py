"""A resident without a phone: the sheet that somebody fills in for them is the same application, with number, code and slip."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from linli.kernel.errors import Invalid, NotFound
from linli.services import queries
from linli.services.actions import applying, handling
from linli.services.models import Application, Channel, ProofState
from linli.services.steps import ref_of
from tests.api.conftest import token_of
from tests.desk.conftest import page, signed_in
from tests.services.conftest import COMMUNITY, fresh, made
from tests.world import WUHOU, World

SHEET = {
    "channel": "doorstep", "name": "孙爷爷", "phone": "", "address": "玉林北路 3 号 2 栋 1 单元 101", "area_path": COMMUNITY,
    "q_items": ["sofa"], "q_access": "stairs", "consent": "signed",
}  # fmt: skip


def slot() -> str:
    return str(queries.windows(queries.service("UM01", district=WUHOU), COMMUNITY)[0].slot.id)


def send(client: Client, **changes: Any) -> Any:
    return client.post("/desk/services/new/UM01", SHEET | {"key": str(uuid4()), "slot": slot()} | changes)


def test_a_neighbour_without_a_phone_gets_the_sofa_collected_and_a_slip(world: World) -> None:
    client = signed_in(world, "xiao_xu")
    assert "/desk/services/new" in page(client.get("/desk/"))
    assert "/desk/services/new" in page(client.get("/desk/register"))
    found = page(client.get("/desk/services/new?q=沙发"))
    assert "/desk/services/new/UM01" in found
    assert f'value="{COMMUNITY}" selected' in page(client.get("/desk/services/new/UM01")), (
        "one's own community is chosen"
    )
    key = str(uuid4())
    at = slot()
    answer = send(client, key=key, slot=at)
    one = Application.objects.get()
    assert answer["Location"] == f"/desk/services/{one.number}/slip"
    assert send(client, key=key, slot=at)["Location"] == answer["Location"], "sent twice it is one"
    assert Application.objects.count() == 1
    assert (one.channel, one.account_id, one.state) == (Channel.DOORSTEP, None, "accepted")
    assert queries.agreed(one) == "signed"
    slip = page(client.get(answer["Location"]))
    code = applying.application_code(one.district, one.number)
    assert one.number in slip
    assert f"{code[:4]} {code[4:]}" in slip
    assert "<svg" in slip
    assert "孙爷爷" not in slip
    # The resident follows it by number and code; the department sees how it came and how they agreed.
    me = applying.actor_by_code(one.number, code)
    assert {words.field for words in queries.said_own(me, queries.get(me, one.number))} == {"name", "address"}
    follower = Client()
    follower.post("/follow", {"number": one.number, "code": code})
    assert one.number in page(follower.get(f"/application/{one.number}"))
    seen = page(signed_in(world, "yang").get(f"/desk/services/{one.number}"))
    assert "Doorstep" in seen
    assert "they signed the sheet" in seen


def test_the_slip_is_for_who_took_it_in_and_for_a_day(world: World, clock: Any) -> None:
    client = signed_in(world, "xiao_xu")
    path = send(client)["Location"]
    assert signed_in(world, "yang").get(path).status_code == 404
    clock.forward(hours=25)
    assert client.get(path).status_code == 404


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_lost(world: World) -> None:
    answer = send(
        signed_in(world, "xiao_xu"), address="", area_path="", q_items=[], consent="", slot="", relative_name="孙奶奶"
    )
    text = page(answer)
    assert answer.status_code == 422
    for field in ("address", "area_path", "q_items", "consent", "slot", "on_behalf"):
        assert f'href="#id_{field}"' in text, field
    assert "孙爷爷" in text
    assert not Application.objects.exists()


def test_for_a_relative_with_a_proof_that_was_shown(world: World) -> None:
    client = signed_in(world, "xiao_xu")
    sheet = {
        "key": str(uuid4()), "channel": "counter", "name": "周秀英", "phone": "13800000001", "area_path": COMMUNITY,
        "address": "玉林北路 3 号", "identity_number": "11010519491231002X", "q_permit_kind": "new", "consent": "spoken",
        "on_behalf": "on", "relative_name": "周小勇", "relation": "我儿子", "seen": "tenancy",
    }  # fmt: skip
    answer = client.post("/desk/services/new/PO01", sheet)
    one = Application.objects.get()
    assert one.on_behalf
    proofs = {proof.kind: proof for proof in queries.proofs_of(one)}
    assert proofs["tenancy"].state == ProofState.SEEN
    assert proofs["tenancy"].post_id == world.xiao_xu.post_id
    assert proofs["identity"].state == ProofState.TO_BRING
    assert "Please bring:" in page(client.get(answer["Location"]))
    one = handling.accept(world.sun, ref_of(one), version=one.version)
    assert fresh(one.district, one.id).state == "accepted"


def test_without_their_word_nothing_is_sent_and_nobody_vouches_for_themselves(world: World) -> None:
    values = {"service": "JU01", "answers": {"legal_matter": "公司欠我三个月工资"}, "area_path": COMMUNITY}
    with pytest.raises(Invalid) as refused:
        made(world.xiao_xu, person={"name": "孙爷爷"}, **values)
    assert refused.value.field == "consent"
    one = made(world.zhou, use_held=True, **values, seen=("identity",))
    assert queries.agreed(one) == ""
    assert ProofState.SEEN not in {proof.state for proof in queries.proofs_of(one)}
    with pytest.raises(NotFound):
        queries.taken_in(world.zhou, one.number)


def test_by_the_api_too(world: World) -> None:
    client = Client(headers={"Authorization": f"Bearer {token_of(world.xiao_xu)}"})
    body = {
        "service": "JU01", "answers": {"legal_matter": "公司欠我三个月工资"}, "person": {"name": "孙爷爷"}, "area_path": COMMUNITY,
        "channel": "doorstep",
    }  # fmt: skip

    def sent(given: dict[str, Any]) -> Any:
        return client.post(
            "/api/v1/applications", json.dumps(given), content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip

    assert sent(body).json()["field"] == "consent"
    answer = sent(body | {"consent": "phoned"})
    assert answer.status_code == 201, answer.content
    one = Application.objects.get()
    assert (one.channel, queries.agreed(one)) == (Channel.DOORSTEP, "phoned")
    assert len(answer.json()["code"]) == 8
    client = Client()
    assert sent(body).json()["field"] == "channel"
