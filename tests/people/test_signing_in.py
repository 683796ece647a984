"""周阿姨 signs in with her phone, 何明 with a password; whoever guesses is slowed down; a session ends when it must."""

import pytest
from django.contrib.sessions.models import Session

from linli.kernel.errors import Invalid, NotFound, TooMany
from linli.kernel.models import AuditEntry
from linli.kernel.trust import Role
from linli.people import actions, limits, sessions
from linli.people.models import Account, Attempt, DeviceSession, OneTimeCode, Post
from tests import memories
from tests.people import factories

PHONE = "138 0000 1234"
PASSWORD = "four plain words 1"


@pytest.fixture
def heming(town):
    """何明 with a password."""
    account = town.people["heming"]
    account.set_password(PASSWORD)
    account.save()
    return account


def test_a_code_signs_in_and_registers_a_number_without_an_account(db, clock):
    sent = actions.request_code(phone=PHONE)
    account = actions.sign_in_with_code(phone="+86 13800001234", code=sent.shown)
    assert Account.objects.get() == account
    assert b"13800001234" not in bytes(account.phone_enc)
    clock.forward(minutes=2)
    again = actions.request_code(phone=PHONE)
    assert actions.sign_in_with_code(phone=PHONE, code=again.shown) == account


def test_a_code_is_good_once_for_five_minutes_and_five_tries(db, clock):
    sent = actions.request_code(phone=PHONE)
    wrong = "000000" if sent.shown != "000000" else "111111"
    for _try in range(5):
        with pytest.raises(Invalid):
            actions.sign_in_with_code(phone=PHONE, code=wrong)
    with pytest.raises(Invalid):
        actions.sign_in_with_code(phone=PHONE, code=sent.shown)

    clock.forward(minutes=2)
    late = actions.request_code(phone=PHONE)
    clock.forward(minutes=5)
    with pytest.raises(Invalid):
        actions.sign_in_with_code(phone=PHONE, code=late.shown)

    once = actions.request_code(phone=PHONE)
    actions.sign_in_with_code(phone=PHONE, code=once.shown)
    with pytest.raises(Invalid):
        actions.sign_in_with_code(phone=PHONE, code=once.shown)


def test_only_the_newest_code_is_good_and_none_is_kept_in_clear(db, clock):
    first = actions.request_code(phone=PHONE)
    clock.forward(minutes=1)
    second = actions.request_code(phone=PHONE)
    if first.shown != second.shown:
        with pytest.raises(Invalid):
            actions.sign_in_with_code(phone=PHONE, code=first.shown)
    assert all(second.shown.encode() not in bytes(row.code_hash) for row in OneTimeCode.objects.all())
    actions.sign_in_with_code(phone=PHONE, code=second.shown)


def test_codes_are_sent_once_a_minute_and_five_times_an_hour(db, clock):
    clock.set(clock.moment.replace(minute=0, second=0))
    for _round in range(5):
        actions.request_code(phone=PHONE)
        with pytest.raises(TooMany):
            actions.request_code(phone=PHONE)
        clock.forward(minutes=1)
    # the refused ones count as well: an hour's allowance is used up early by whoever insists
    with pytest.raises(TooMany) as refused:
        actions.request_code(phone=PHONE)
    assert 0 < refused.value.extra["retry_after"] <= 3600
    clock.forward(hours=1)
    actions.request_code(phone=PHONE)


@pytest.mark.parametrize("phone", ["", "abc", "12", "１２３４５６７８９０１２３４５６７８９"])
def test_what_is_no_number_is_refused_at_its_field(db, clock, phone):
    with pytest.raises(Invalid) as refused:
        actions.request_code(phone=phone)
    assert refused.value.field == "phone"


def test_a_password_signs_in_without_regard_to_case_of_the_name(heming):
    assert actions.sign_in_with_password(login=" HeMing ", password=PASSWORD) == heming
    assert AuditEntry.objects.filter(verb="session.password", account_id=heming.id).count() == 1


def test_the_answer_is_the_same_whether_the_name_exists(heming):
    refusals = []
    for login in ("heming", "nobody"):
        with pytest.raises(Invalid) as refused:
            actions.sign_in_with_password(login=login, password="wrong")
        refusals.append((refused.value.code, str(refused.value.message)))
    assert refusals[0] == refusals[1]


def test_guessing_is_slowed_and_a_quarter_of_an_hour_later_possible_again(heming, clock):
    for _guess in range(10):
        with pytest.raises(Invalid):
            actions.sign_in_with_password(login="heming", password="guess")
    with pytest.raises(TooMany):
        actions.sign_in_with_password(login="heming", password=PASSWORD)
    clock.forward(minutes=15)
    assert actions.sign_in_with_password(login="heming", password=PASSWORD)


def test_one_address_cannot_try_many_names(town, clock):
    for number in range(100):
        with pytest.raises(Invalid):
            actions.sign_in_with_password(login=f"name{number}", password="guess", network="192.0.2.7")
    with pytest.raises(TooMany):
        actions.sign_in_with_password(login="other", password="guess", network="192.0.2.7")
    with pytest.raises(Invalid):
        actions.sign_in_with_password(login="other", password="guess", network="192.0.2.8")
    assert not any(b"192.0.2" in bytes(row.subject_hash) for row in Attempt.objects.all())
    clock.forward(days=2)
    assert limits.sweep() > 0
    assert not Attempt.objects.exists()


# --- pages -------------------------------------------------------------------------------------------------------------


def test_heming_signs_in_on_a_page_and_acts_through_his_post(client, heming):
    refused = client.post("/sign-in", {"login": "heming", "password": "wrong"})
    assert refused.status_code == 422
    assert 'value="heming"' in refused.content.decode()
    response = client.post("/sign-in", {"login": "heming", "password": PASSWORD, "remember": "on"})
    assert response.headers["Location"] == "/field/"
    assert client.session.get_expiry_age() > 89 * 24 * 3600
    device = DeviceSession.objects.get(account=heming)
    assert device.long_lived


def test_the_page_goes_back_only_to_our_own(client, heming):
    for target, place in (
        ("/mine", "/mine"),
        ("https://elsewhere.example/", "/field/"),
        ("//elsewhere.example", "/field/"),
    ):
        response = client.post("/sign-in", {"login": "heming", "password": PASSWORD, "next": target})
        assert response.headers["Location"] == place
        client.post("/sign-out")


def test_zhou_signs_in_with_a_code_on_two_pages(client, db, clock):
    asked = client.post("/sign-in/code", {"phone": PHONE}).content.decode()
    code = asked.split('<strong class="num">')[1][:6]
    response = client.post("/sign-in/code/enter", {"phone": PHONE, "code": code})
    assert response.headers["Location"] == "/"
    assert client.get("/who-looked").status_code == 200


def test_an_ended_post_stops_at_once(client, heming, town):
    client.force_login(heming)
    session = client.session
    post = Post.objects.get(account=heming)
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    assert client.get("/switch-post").wsgi_request.actor.role == Role.MICRO_GRID_MEMBER
    actions.end_post(town.actor("admin"), post.id, district=post.district, version=post.version, reason="moved away")
    assert client.get("/switch-post").wsgi_request.actor.role == Role.RESIDENT


def test_a_closed_account_and_a_new_password_end_every_session(client, heming, town):
    client.post("/sign-in", {"login": "heming", "password": PASSWORD})
    assert client.get("/devices").status_code == 200
    actions.set_password(town.actor("heming"), heming.id, password="another plain sentence 2")
    assert client.get("/devices").status_code == 302
    client.post("/sign-in", {"login": "heming", "password": "another plain sentence 2"})
    actions.close_account(town.actor("security"), heming.id, reason="left")
    assert client.get("/devices").status_code == 302
    with pytest.raises(Invalid):
        actions.sign_in_with_password(login="heming", password="another plain sentence 2")


def test_a_lost_phone_is_signed_out_from_another_device(client, heming, town):
    client.post("/sign-in", {"login": "heming", "password": PASSWORD, "remember": "on"})
    lost = DeviceSession.objects.get(account=heming)
    other = type(client)()
    other.post("/sign-in", {"login": "heming", "password": PASSWORD})
    with pytest.raises(NotFound):
        actions.end_device_session(town.actor("yangke"), lost.id)
    assert other.post("/devices", {"device": str(lost.id)}).status_code == 302
    assert client.get("/devices").status_code == 302
    assert other.get("/devices").status_code == 200
    assert not Session.objects.filter(session_key=lost.session_key).exists()


def test_the_community_signs_a_lost_phone_out_and_the_phone_is_told_to_forget(client, heming, town):
    client.post("/sign-in", {"login": "heming", "password": PASSWORD, "remember": "on"})
    lost = DeviceSession.objects.get(account=heming)
    actions.set_password(town.actor("xiaoxu"), town.people["xiaoxu"].id, password=PASSWORD)
    desk = type(client)()
    desk.post("/sign-in", {"login": "xiaoxu", "password": PASSWORD})
    assert str(lost.id) in desk.get("/devices/members?q=heming").content.decode()
    assert str(lost.id) not in desk.get("/devices/members?q=nobody").content.decode()
    assert desk.post("/devices/members", {"device": str(lost.id)}).status_code == 302
    assert AuditEntry.objects.filter(verb="session.end", person_id=heming.id).count() == 1
    told = client.get("/field/sync", headers={"Accept": "application/json"})
    assert (told.status_code, told["Clear-Site-Data"]) == (401, '"storage"')
    assert told.json()["linli"]["code"] == "session.ended"
    # Whoever works beside them, and not over them, may not.
    other = DeviceSession.objects.get(account=town.people["xiaoxu"])
    assert str(other.id) not in desk.get("/devices/members").content.decode()


def test_signing_out_takes_everything_off_the_phone(client, heming):
    client.post("/sign-in", {"login": "heming", "password": PASSWORD})
    assert client.post("/sign-out")["Clear-Site-Data"] == '"storage"'


def test_two_posts_are_switched_on_a_page(client, heming, town):
    second = factories.give_post(
        heming,
        Role.COMMUNITY_WORKER,
        town.organisation(f"{factories.SIBLING}:committee"),
        town.areas[factories.SIBLING],
        title="代理主任",
    )
    client.post("/sign-in", {"login": "heming", "password": PASSWORD})
    page = client.get("/switch-post").content.decode()
    assert "代理主任" in page
    response = client.post("/switch-post", {"post": str(second.id)})
    assert response.headers["Location"] == "/desk/"
    assert client.get("/devices").wsgi_request.actor.area_path == factories.SIBLING
    client.post("/switch-post", {"post": ""})
    assert client.get("/devices").wsgi_request.actor.role == Role.RESIDENT
    foreign = Post.objects.exclude(account=heming).first()
    assert client.post("/switch-post", {"post": str(foreign.id)}).status_code == 404
    assert client.post("/switch-post", {"post": "nonsense"}).status_code == 404


def test_becoming_someone_is_only_for_demos(client, town, settings):
    settings.LINLI_MODE, settings.LINLI_DEMO_LOGINS = "production", True
    assert client.post("/demo/become/xiaoxu").status_code == 404
    settings.LINLI_MODE, settings.LINLI_DEMO_LOGINS = "demo", False
    assert client.post("/demo/become/xiaoxu").status_code == 404
    settings.LINLI_DEMO_LOGINS = True
    assert client.post("/demo/become/xiaoxu").headers["Location"] == "/desk/"
    assert client.get("/devices").wsgi_request.actor.name == "小徐"
    someone = Account.objects.filter(is_demo=False).first()
    assert client.post(f"/demo/become/{someone.login}").status_code == 404
    assert client.get("/demo/become/xiaoxu").status_code == 405


def test_a_signed_in_page_costs_two_queries_for_who_it_is(client, heming, django_assert_max_num_queries, monkeypatch):
    client.post("/sign-in", {"login": "heming", "password": PASSWORD})
    memories.standing(monkeypatch)
    client.get("/switch-post")
    # session, post with account; then the page's own list of posts, and what the header names
    with django_assert_max_num_queries(4):
        client.get("/switch-post")
