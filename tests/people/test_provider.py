"""Signing in with another house's account, against a provider that others wrote and that runs as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from django.test import Client

from linli.kernel.models import AuditEntry
from linli.people import sessions
from linli.people.models import Account, LinkedIdentity
from tests.world import World, build

ROOT = Path(__file__).resolve().parents[2]
BACK = "http://testserver/sign-in/provider/back"
PASSWORD = "four plain words 1"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Where the provider listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.people.openid_provider"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def world(db: None, issuer: str, settings: Any) -> World:
    """The small city, known to the provider as a client. The provider looks at the real time, so here nothing holds the clock."""
    made = httpx.post(f"{issuer}/oauth2/clients", json={"redirect_uris": [BACK]}).raise_for_status().json()
    settings.LINLI_OIDC_ISSUER = issuer
    settings.LINLI_OIDC_CLIENT_ID, settings.LINLI_OIDC_CLIENT_SECRET = made["client_id"], made["client_secret"]
    settings.LINLI_OIDC_NAME_ZH, settings.LINLI_OIDC_NAME_EN = "政务统一身份认证", "Government sign-in"
    return build()


def go_there(client: Client, subject: str, *, deny: bool = False) -> str:
    """From our page to the provider, and there say who one is; returns the address it sends the browser back to."""
    begun = client.get("/sign-in/provider")
    assert begun.status_code == 302, begun.content.decode()
    there = begun["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert len(asked["nonce"][0]) >= 20
    assert len(asked["state"][0]) >= 20
    said = httpx.post(there, data={"action": "deny"} if deny else {"sub": subject})
    assert said.status_code == 302, said.text
    return str(said.headers["Location"])


def come_back(client: Client, address: str) -> Any:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def with_password(account: Account) -> Account:
    account.set_password(PASSWORD)
    account.save()
    return account


def test_an_employee_links_an_account_and_signs_in_with_it(world: World, issuer: str) -> None:
    he_ming = with_password(world.accounts["he_ming"])
    client = Client()
    assert "政务统一身份认证" in client.get("/sign-in").content.decode()
    nobody = come_back(client, go_there(client, "e-4711"))
    assert nobody.status_code == 200
    assert "e-4711" in nobody.content.decode()
    assert not Account.objects.filter(login__startswith="r").exclude(id__in=[a.id for a in world.accounts.values()])
    # Signing in another way leads to the question whether to link it.
    answer = client.post("/sign-in", {"login": he_ming.login, "password": PASSWORD})
    assert answer["Location"] == "/security/links/new"
    assert "e-4711" in client.get("/security/links/new").content.decode()
    assert client.post("/security/links/new").status_code == 302
    row = LinkedIdentity.objects.get()
    assert (row.account_id, row.issuer) == (he_ming.id, issuer)
    assert b"4711" not in bytes(row.subject_hash)
    assert client.post("/security/links/new")["Location"] == "/security"  # once

    other = Client()
    answer = come_back(other, go_there(other, "e-4711"))
    assert answer["Location"] == "/field/"
    assert other.get("/security").status_code == 200
    assert Client().get("/security/links/new").status_code == 302
    assert other.post(f"/security/links/{row.id}/end").status_code == 302
    assert come_back(Client(), go_there(other, "e-4711")).status_code == 422  # another browser's state
    verbs = list(
        AuditEntry.objects.filter(verb__contains="identity").order_by("at", "id").values_list("verb", flat=True)
    )
    assert verbs == ["account.identity_link", "account.identity_unlink"]
    assert AuditEntry.objects.filter(verb="session.provider").count() == 1


def test_the_security_administrator_links_an_employee_and_nobody_links_twice(world: World) -> None:
    admin, he_ming = Client(), world.accounts["he_ming"]
    post = world.posts["security_admin"]
    admin.force_login(post.account)
    session = admin.session
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    address = f"/admin/accounts/{he_ming.id}/links"
    admin.post(address, {"subject": "E-1"})
    assert not LinkedIdentity.objects.exists()  # not without a reason
    assert admin.post(address, {"subject": "E-1", "reason": "人事工号"}).status_code == 302
    again = admin.post(f"/admin/accounts/{world.accounts['yang'].id}/links", {"subject": "E-1", "reason": "x"})
    assert again.status_code == 200
    assert LinkedIdentity.objects.get().account_id == he_ming.id
    client = Client()
    assert come_back(client, go_there(client, "E-1"))["Location"] == "/field/"
    client = Client()  # subjects differ by case
    assert come_back(client, go_there(client, "e-1")).status_code == 200
    assert admin.post(address, {"unlink": str(LinkedIdentity.objects.get().id)}).status_code == 302
    assert not LinkedIdentity.objects.exists()


def test_residents_come_into_being_only_where_the_setting_says_so(world: World, settings: Any) -> None:
    before = Account.objects.count()
    settings.LINLI_OIDC_RESIDENTS = True
    client = Client()
    assert come_back(client, go_there(client, "citizen-1"))["Location"] == "/"
    assert Account.objects.count() == before + 1
    made = LinkedIdentity.objects.get().account
    assert (made.posts.count(), made.phone_enc) == (0, None)
    again = Client()
    assert come_back(again, go_there(again, "citizen-1"))["Location"] == "/"
    assert Account.objects.count() == before + 1


def test_what_is_forged_repeated_or_refused_signs_nobody_in(world: World, issuer: str, settings: Any) -> None:
    settings.LINLI_OIDC_RESIDENTS = True
    before = Account.objects.count()
    client = Client()
    back = go_there(client, "mallory")
    query = parse_qs(urlsplit(back).query)
    for forged in (
        {"code": query["code"][0]},
        {"code": query["code"][0], "state": "x" * 30},
        {"error": "access_denied", "state": query["state"][0]},
    ):
        assert client.get(f"/sign-in/provider/back?{urlencode(forged)}").status_code == 422
    denied = Client()
    assert come_back(denied, go_there(denied, "mallory", deny=True)).status_code == 422
    # A code that was begun elsewhere does not fit this browser's verifier: PKCE.
    mine, theirs = Client(), Client()
    stolen = parse_qs(urlsplit(go_there(theirs, "victim")).query)["code"][0]
    state = parse_qs(urlsplit(go_there(mine, "mallory")).query)["state"][0]
    assert mine.get(f"/sign-in/provider/back?{urlencode({'code': stolen, 'state': state})}").status_code == 422
    assert Account.objects.count() == before
    # Once used, a code is spent.
    once = Client()
    back = go_there(once, "mallory")
    assert come_back(once, back).status_code == 302
    once.post("/sign-out")
    assert come_back(once, back).status_code == 422


@pytest.mark.logs_errors
def test_a_provider_that_does_not_answer_is_said_in_words(world: World, settings: Any) -> None:
    settings.LINLI_OIDC_ISSUER = "http://127.0.0.1:9"
    nobody = Client().get("/sign-in/provider")
    assert nobody.status_code == 503
    assert "政务统一身份认证" in nobody.content.decode()


def test_it_is_still_you_says_the_provider_where_there_is_no_other_way(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINLI_CONFIRM_MINUTES, settings.LINLI_OIDC_RESIDENTS = 15, True
    client = Client()
    come_back(client, go_there(client, "citizen-2"))
    session = client.session
    session[sessions.PROVED_KEY] -= 16 * 60
    session.save()
    assert client.get("/keys")["Location"] == "/confirm?next=%2Fkeys"
    page = client.get("/confirm?next=/keys").content.decode()
    assert "/sign-in/provider?next=/keys" in page
    there = client.get("/sign-in/provider?next=/keys")["Location"]
    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]
    back = httpx.post(there, data={"sub": "citizen-2"}).headers["Location"]
    assert come_back(client, back)["Location"] == "/keys"
    assert client.get("/keys").status_code == 200
