"""A second factor: 何明 sets one up with a real authenticator library, loses the phone, and the administrators cannot do without."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Invalid, TooMany
from linli.kernel.models import AuditEntry
from linli.kernel.trust import Role
from linli.people import actions, limits, sessions
from linli.people.models import Account, DeviceSession, RecoveryCode, SecondFactor, Token
from linli.people.queries import token_actor
from tests.world import World, build

PASSWORD = "four plain words 1"


@pytest.fixture
def world(db: None, clock: Any) -> World:
    """The small city."""
    return build()


def with_password(account: Account) -> Account:
    account.set_password(PASSWORD)
    account.save()
    return account


def sign_in(login: str, **more: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/sign-in", {"login": login, "password": PASSWORD, **more})


def set_up(client: Client, clock: Any) -> tuple[pyotp.TOTP, list[str]]:
    """As a person does: read the key from the page, type the first code, keep the recovery codes."""
    page = client.get("/security/second-factor").content.decode()
    assert "<svg" in page
    uri = re.search(r'href="(otpauth:[^"]+)"', page)
    assert uri is not None
    app = pyotp.parse_uri(uri.group(1).replace("&amp;", "&"))
    assert isinstance(app, pyotp.TOTP)
    shown = client.post("/security/second-factor", {"code": app.at(clock.moment)}).content.decode()
    codes = re.findall(r"<code class=\"num\">([a-z2-7]{5}-[a-z2-7]{5})</code>", shown)
    assert len(codes) == 10
    return app, codes


def test_a_second_factor_is_set_up_asked_for_and_taken_away(world: World, clock: Any) -> None:
    he_ming = with_password(world.accounts["he_ming"])
    client, answer = sign_in(he_ming.login)
    assert answer.status_code == 302
    wrong = client.post("/security/second-factor", {"code": "000000"})
    assert wrong.status_code == 409  # nothing is being set up yet
    client.get("/security/second-factor")
    assert client.post("/security/second-factor", {"code": "12345"}).status_code == 422
    assert (
        "未设置" in client.get("/security").content.decode() or "not set up" in client.get("/security").content.decode()
    )
    app, codes = set_up(client, clock)
    factor = SecondFactor.objects.get()
    assert app.secret.encode() not in bytes(factor.secret_enc)
    assert all(code.encode() not in bytes(row.code_hash) for row in RecoveryCode.objects.all() for code in codes)
    assert client.get("/security/second-factor").status_code == 302

    other, answer = sign_in(he_ming.login, next="/devices", remember="on")
    assert answer["Location"] == "/sign-in/second"
    assert other.get("/devices").status_code == 302  # the password alone signs nobody in
    assert not DeviceSession.objects.filter(account=he_ming, long_lived=True).exists()
    # The code that confirmed the set-up was taken once already.
    assert other.post("/sign-in/second", {"code": app.at(clock.moment)}).status_code == 422
    clock.forward(seconds=30)
    answer = other.post("/sign-in/second", {"code": app.at(clock.moment)})
    assert (answer.status_code, answer["Location"]) == (302, "/devices")
    assert other.get("/devices").status_code == 200
    assert DeviceSession.objects.filter(account=he_ming, long_lived=True).exists()

    lost, _answer = sign_in(he_ming.login)
    assert lost.post("/sign-in/second", {"code": codes[3].upper()}).status_code == 302
    assert "9" in re.search(r"(\d+)[^<]*(?:恢复码|recovery codes)", lost.get("/security").content.decode())[0]  # type: ignore[index]
    again, _answer = sign_in(he_ming.login)
    assert again.post("/sign-in/second", {"code": codes[3]}).status_code == 422

    assert lost.post("/security/second-factor/codes").status_code == 200
    assert again.post("/sign-in/second", {"code": codes[4]}).status_code == 422  # the old ones are no longer good
    assert lost.post("/security/second-factor/remove").status_code == 302
    _client, answer = sign_in(he_ming.login)
    assert answer["Location"] != "/sign-in/second"
    verbs = set(AuditEntry.objects.filter(verb__startswith="account.").values_list("verb", flat=True))
    assert {
        "account.second_factor_add", "account.recovery_code", "account.recovery_codes", "account.second_factor_remove"
    } <= verbs  # fmt: skip


def test_guessing_is_slowed_down_and_half_a_sign_in_does_not_last(world: World, clock: Any) -> None:
    he_ming = with_password(world.accounts["he_ming"])
    client, _answer = sign_in(he_ming.login)
    app, codes = set_up(client, clock)
    clock.forward(minutes=20)
    half, _answer = sign_in(he_ming.login)
    for _try in range(limits.SECOND_BY_ACCOUNT.most):
        assert half.post("/sign-in/second", {"code": "000000"}).status_code == 422
    refused = half.post("/sign-in/second", {"code": app.at(clock.moment)})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    with pytest.raises(TooMany):
        actions.prove_second_factor(he_ming.id, code=codes[0])
    clock.forward(minutes=11)
    assert half.get("/sign-in/second")["Location"] == "/sign-in"
    assert Client().get("/sign-in/second")["Location"] == "/sign-in"


def test_administrators_do_not_act_without_one_where_the_settings_say_so(
    world: World, clock: Any, settings: Any
) -> None:
    settings.LINLI_SECOND_FACTOR = "administrators"
    post = world.posts["security_admin"]
    security = with_password(post.account)
    client, answer = sign_in(security.login)
    assert answer["Location"] == "/security/second-factor"
    assert client.get("/admin/accounts").status_code == 403  # a resident so far
    assert client.post("/switch-post", {"post": str(post.id)})["Location"] == "/security/second-factor"
    app, _codes = set_up(client, clock)
    assert client.post("/switch-post", {"post": str(post.id)})["Location"] == "/admin/"
    assert client.get("/admin/accounts").status_code == 200
    # A session that had the post before the rule came does not act through it either.
    old = Client()
    old.force_login(security)
    session = old.session
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    assert old.get("/admin/accounts").status_code == 403
    clock.forward(seconds=30)
    half, _answer = sign_in(security.login)
    answer = half.post("/sign-in/second", {"code": app.at(clock.moment)})
    assert answer["Location"] == "/admin/"
    # The others go on as before, until everybody has to.
    he_ming = with_password(world.accounts["he_ming"])
    assert sign_in(he_ming.login)[1]["Location"] == "/field/"
    settings.LINLI_SECOND_FACTOR = "staff"
    assert sign_in(he_ming.login)[1]["Location"] == "/security/second-factor"


def test_the_security_administrator_helps_somebody_who_lost_everything(world: World, clock: Any) -> None:
    he_ming = with_password(world.accounts["he_ming"])
    set_up(sign_in(he_ming.login)[0], clock)
    admin = Client()
    post = world.posts["security_admin"]
    admin.force_login(post.account)
    session = admin.session
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    address = f"/admin/accounts/{he_ming.id}"
    assert f"{address}/second-factor" in admin.get(address).content.decode()
    admin.post(f"{address}/second-factor")
    assert SecondFactor.objects.exists()  # not without a reason
    assert admin.post(f"{address}/second-factor", {"reason": "本人持身份证到场"}).status_code == 302
    assert not SecondFactor.objects.exists()
    row = AuditEntry.objects.get(verb="account.second_factor_remove")
    assert (row.account_id, row.person_id, row.purpose) == (post.account_id, he_ming.id, "本人持身份证到场")
    assert admin.post(f"{address}/second-factor", {"reason": "x"}).status_code == 404


def test_privileged_acts_ask_whether_it_is_still_the_same_person(world: World, clock: Any, settings: Any) -> None:
    settings.LINLI_CONFIRM_MINUTES = 15
    he_ming = with_password(world.accounts["he_ming"])
    client, _answer = sign_in(he_ming.login)
    assert client.get("/keys").status_code == 200
    clock.forward(minutes=16)
    assert client.get("/keys")["Location"] == "/confirm?next=%2Fkeys"
    # What was typed on a page that had asked is taken for as long again; later it is asked first.
    assert client.post("/keys", {"name": "x", "scopes": ["case"]}).status_code == 200
    clock.forward(minutes=15)
    late = client.post("/keys", {"name": "y", "scopes": ["case"]}, headers={"Referer": "http://testserver/keys"})
    assert late["Location"] == "/confirm?next=%2Fkeys"
    assert Token.objects.count() == 1
    assert client.post("/confirm", {"next": "/keys", "password": "wrong"}).status_code == 422
    assert client.post("/confirm", {"next": "/keys", "password": PASSWORD})["Location"] == "/keys"
    assert client.get("/keys").status_code == 200
    # With a second factor it is that which is asked for.
    app, _codes = set_up(client, clock)
    clock.forward(minutes=16)
    assert client.post("/confirm", {"next": "/keys", "password": PASSWORD}).status_code == 422
    assert client.post("/confirm", {"next": "//evil.example", "code": app.at(clock.moment)})["Location"] == "/"
    assert client.get("/keys").status_code == 200
    # Without a password: a code to the phone.
    zhou = world.accounts["zhou"]
    phone = Client()
    sent = actions.request_code(phone="13800001234")
    phone.post("/sign-in/code/enter", {"phone": "13800001234", "code": sent.shown})
    clock.forward(minutes=31)
    assert phone.get("/keys").status_code == 302
    page = phone.post("/confirm", {"next": "/keys"}).content.decode()
    code = re.search(r'<strong class="num">(\d{6})</strong>', page)
    assert code is not None
    assert phone.post("/confirm", {"next": "/keys", "code": code.group(1)})["Location"] == "/keys"
    assert Client().get("/confirm").status_code == 302
    assert zhou.is_active


def test_one_device_is_ended_and_all_others(world: World, clock: Any) -> None:
    he_ming = with_password(world.accounts["he_ming"])
    here, lost, forgotten = (sign_in(he_ming.login)[0] for _n in range(3))
    assert here.post("/devices", {"others": "1"}).status_code == 302
    assert [one.get("/devices").status_code for one in (here, lost, forgotten)] == [200, 302, 302]
    assert AuditEntry.objects.filter(verb="session.end").count() == 2
    assert here.post("/devices", {"others": "1"}).status_code == 302
    assert here.get("/devices").status_code == 200


def test_the_last_use_of_a_key_is_known_to_ten_minutes(
    world: World, clock: Any, django_assert_num_queries: Any
) -> None:
    client = Client()
    client.force_login(world.accounts["zhou"])
    page = client.post("/keys", {"name": "我的程序", "scopes": ["case"], "days": "30"}).content.decode()
    secret = re.search(r"linli_[a-z2-7]+", page)
    assert secret is not None
    assert "从未使用" in page or "never used" in page
    token_actor(secret.group())
    first = Token.objects.get().last_used_at
    clock.forward(minutes=9)
    with django_assert_num_queries(1):
        token_actor(secret.group())
    assert Token.objects.get().last_used_at == first == clock.moment.replace(minute=clock.moment.minute - 9)
    clock.forward(minutes=2)
    with django_assert_num_queries(2):
        token_actor(secret.group())
    assert Token.objects.get().last_used_at == clock.moment


@pytest.mark.django_db
@given(offset=st.integers(-300, 300))
def test_a_code_is_good_for_its_half_minute_and_the_neighbours_once(offset: int) -> None:
    """RFC 6238, 5.2: one step of leeway, and never twice."""
    from datetime import UTC, datetime, timedelta

    from linli.kernel import time
    from linli.kernel.trust import ANONYMOUS, Actor

    moment = datetime(2026, 11, 18, 2, 0, 10, tzinfo=UTC)
    time.set_clock(lambda: moment)
    try:
        account = Account.objects.create(login=f"n{Account.objects.count()}{abs(offset)}")
        actor = Actor(role=Role.RESIDENT, account_id=account.id)
        made = actions.begin_second_factor(actor)
        app = pyotp.TOTP(made.secret)
        early = app.at(moment - timedelta(seconds=30))
        actions.confirm_second_factor(actor, code=early)
        code = app.at(moment + timedelta(seconds=offset))
        near = -10 <= offset < 50 and code != early
        if near:
            assert not actions.prove_second_factor(account.id, code=f" {code[:3]} {code[3:]}")
        with pytest.raises(Invalid):
            actions.prove_second_factor(account.id, code=code)
        assert ANONYMOUS.account_id is None
    finally:
        time.set_clock(None)
