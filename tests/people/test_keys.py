"""One's own keys for programs: a page to make them, each for some verbs and some time, and to end them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from linli.kernel.models import AuditEntry
from linli.kernel.trust import policy
from linli.people.models import Token
from linli.people.queries import token_actor
from tests.world import World, build


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city."""
    return build()


def test_a_resident_makes_a_key_for_one_thing_and_ends_it(world: World, client: Client, clock: Any) -> None:
    client.force_login(world.accounts["zhou"])
    page = client.post("/keys", {"name": "我的程序", "scopes": ["case.report"], "days": "30"}).content.decode()
    secret = re.search(r"linli_[a-z2-7]+", page)
    assert secret is not None
    found = token_actor(secret.group())
    assert found is not None
    _account, actor = found
    assert actor.account_id == world.zhou.account_id
    assert policy.allows(actor, "case.report")
    assert not policy.reach(actor, "case.message")
    assert secret.group() not in client.get("/keys").content.decode()
    row = Token.objects.get()
    assert client.post(f"/keys/{row.id}/end").status_code == 302
    assert token_actor(secret.group()) is None
    assert list(AuditEntry.objects.order_by("at", "id").values_list("verb", flat=True)) == ["token.issue", "token.end"]


def test_a_key_runs_out_and_reaches_no_further_than_its_owner(world: World, client: Client, clock: Any) -> None:
    client.force_login(world.accounts["zhou"])
    assert client.post("/keys", {"name": "x", "scopes": ["webhook.edit"]}).status_code == 422
    assert client.post("/keys", {"name": "x"}).status_code == 422
    assert not Token.objects.exists()
    page = client.post("/keys", {"name": "x", "scopes": ["case"], "days": "9999"}).content.decode()
    secret = re.search(r"linli_[a-z2-7]+", page)
    assert secret is not None
    clock.forward(days=31)
    assert token_actor(secret.group()) is None


def test_nobody_ends_another_s_key(world: World, client: Client) -> None:
    client.force_login(world.accounts["zhou"])
    client.post("/keys", {"name": "x", "scopes": ["case"]})
    row = Token.objects.get()
    other = Client()
    other.force_login(world.accounts["wang"])
    assert other.post(f"/keys/{row.id}/end").status_code == 404
    assert Client().get("/keys").status_code == 302
