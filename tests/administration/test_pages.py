"""The door at /admin: an administrator edits catalogue and posts, an auditor reads, everybody else stays outside."""

import pytest

from linli.administration import urls
from linli.catalog import actions as catalogue_actions
from linli.catalog import preview, queries
from linli.catalog.models import CategoryChange, Handler
from linli.kernel.models import AuditEntry
from linli.people import actions, sessions
from linli.people.models import Account, DeviceSession, Organisation, Post
from tests.people import factories
from tests.world import load_categories

SYSTEM, SECURITY, AUDITOR, OFFICER = "admin", "security", "auditor", "liu"
OPENS = {
    "/admin/": {"admin", "security", "audit", "auditor", "dpo", "xiaoxu", "liu", "qinjian"},
    "/admin/catalogue": {"admin"},
    "/admin/catalogue/EN01": {"admin"},
    "/admin/catalogue/changes": {"admin"},
    "/admin/services": {"admin"},
    "/admin/services/changes": {"admin"},
    "/admin/suggestions": {"admin"},
    "/admin/organisations": {"admin", "security", "xiaoxu", "liu", "qinjian"},
    "/admin/organisations/new": {"admin"},
    "/admin/posts": {"admin", "security", "xiaoxu", "liu", "qinjian"},
    "/admin/posts/new": {"admin"},
    "/admin/accounts": {"security"},
    "/admin/accounts/new": {"security"},
    "/admin/calendar": {"admin"},
    "/admin/audit": {"audit", "auditor", "dpo"},
}


@pytest.fixture
def town(db, clock):
    """The small town, with the catalogue."""
    load_categories()
    return factories.make_town()


@pytest.fixture
def enter(town, client):
    """Signs somebody of the cast in."""

    def become(login):
        account = town.people[login]
        client.force_login(account)
        session = client.session
        post = Post.objects.filter(account=account, ends_on__isnull=True).first()
        if post:
            session[sessions.POST_KEY] = f"{post.district}:{post.id}"
        session.save()
        return client

    return become


@pytest.mark.parametrize("address", OPENS)
def test_each_subject_opens_for_its_posts_and_no_others(town, enter, address):
    for login in town.people:
        expected = 200 if login in OPENS[address] else 403
        assert enter(login).get(address).status_code == expected, login


def test_nobody_signed_in_is_asked_to_sign_in(client, town):
    for pattern in urls.urlpatterns:
        assert pattern.callback.verbs, pattern.name
    response = client.get("/admin/posts?role=verifier")
    assert response.headers["Location"] == "/sign-in?next=%2Fadmin%2Fposts%3Frole%3Dverifier"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_draws_in_both_languages(town, enter, language):
    for address, logins in OPENS.items():
        client = enter(sorted(logins)[0])
        client.cookies["linli_language"] = language
        assert client.get(address).status_code == 200


def form_of(code, **changes):
    """What the edit page would send."""
    entry = queries.category(code)
    sent = {
        field: getattr(entry, field)
        for field in catalogue_actions.FIELDS
        if field not in catalogue_actions.LISTS and field != "resident_reportable"
    }
    sent |= {field: "\n".join(getattr(entry, field)) for field in ("keywords_zh", "keywords_en", "call_first_numbers")}
    sent |= {"co_functions": list(entry.co_functions), "evidence_required": list(entry.evidence_required)}
    sent |= {"resident_reportable": "on"} if entry.resident_reportable else {}
    return {**sent, "reason": "the contractor changed", "effective_from": "", "scope": "", **changes}


def test_an_administrator_edits_sees_the_difference_and_publishes(town, enter, clock, monkeypatch):
    monkeypatch.setattr(preview, "_counters", {})
    preview.register("cases", lambda planned: preview.Preview(40, 31, 0, 0, 0, (("community", "property", 31),)))
    client = enter(SYSTEM)
    made = client.post("/admin/catalogue/PM01", form_of("PM01", first_handler=Handler.PROPERTY, respond_minutes=480))
    assert made.status_code == 302
    change = CategoryChange.objects.get()
    assert set(change.values) == {"first_handler", "respond_minutes"}
    client.cookies["linli_language"] = "en"
    shown = client.get(made.headers["Location"]).content.decode()
    assert "31 of 40 cases of this kind would have gone elsewhere" in shown
    assert "16 h" in shown
    assert "8 h" in shown
    assert queries.category("PM01").first_handler == Handler.COMMUNITY
    clock.forward(minutes=5)
    sent = {"decision": "publish", "version": "1"}
    assert client.post(f"/admin/catalogue/changes/{change.id}/decide", sent).status_code == 302
    assert queries.category("PM01").first_handler == Handler.PROPERTY
    assert client.post(f"/admin/catalogue/changes/{change.id}/decide", sent).status_code == 409


def test_what_was_typed_is_kept_when_it_is_refused(town, enter):
    client = enter(SYSTEM)
    page = client.post("/admin/catalogue/EN01", form_of("EN01", resolve_minutes=30, name_en="Rubbish"))
    assert page.status_code == 422
    text = page.content.decode()
    assert "Rubbish" in text
    assert 'href="#id_resolve_minutes"' in text
    assert client.post("/admin/catalogue/EN01", form_of("EN01")).status_code == 422
    assert not CategoryChange.objects.exists()


def test_a_category_that_is_not_there_is_404(town, enter):
    assert enter(SYSTEM).get("/admin/catalogue/XX99").status_code == 404


def test_an_administrator_appoints_and_ends(town, enter):
    client = enter(SYSTEM)
    sent = {
        "login": "Zhou",
        "role": "community_worker",
        "organisation": f"{factories.COMMUNITY}:committee",
        "area_path": factories.COMMUNITY,
        "full_time": "on",
    }
    assert client.post("/admin/posts/new", {**sent, "login": "nobody"}).status_code == 422
    assert client.post("/admin/posts/new", {**sent, "area_path": factories.SIBLING}).status_code == 422
    assert client.post("/admin/posts/new", sent).status_code == 302
    post = Post.objects.get(account=town.people["zhou"])
    where = f"/admin/posts/{post.district}/{post.id}/end"
    assert client.post(where, {"reason": "", "version": post.version}).status_code == 422
    assert client.post(where, {"reason": "moved", "version": post.version}).status_code == 302
    post.refresh_from_db()
    assert post.ends_on is not None


def test_the_second_administrators_post_is_refused_in_words(town, enter):
    sent = {
        "login": "audit",
        "role": "security_administrator",
        "organisation": "5101:operation-centre",
        "area_path": factories.CITY,
    }
    page = enter(SYSTEM).post("/admin/posts/new", sent)
    assert page.status_code == 422
    assert 'href="#id_role"' in page.content.decode()


def test_an_organisation_is_made_found_and_ended(town, enter):
    client = enter(SYSTEM)
    sent = {"name": "玉林小学家委会", "kind": "social_organisation", "area_path": factories.COMMUNITY, "code": "jw-1"}
    assert client.post("/admin/organisations/new", sent).status_code == 302
    assert client.post("/admin/organisations/new", sent).status_code == 422
    made = Organisation.objects.get(code="jw-1")
    assert "玉林小学家委会" in client.get("/admin/organisations?q=家委会").content.decode()
    ended = client.post(f"/admin/organisations/{made.district}/{made.id}/end", {"version": made.version})
    assert ended.status_code == 302
    client.get("/admin/organisations")  # shows the message once
    assert "玉林小学家委会" not in client.get("/admin/organisations?q=家委会").content.decode()


def test_a_subdistrict_sees_its_own_posts_only(town, enter):
    text = enter(OFFICER).get(f"/admin/posts?area={factories.OTHER_SUBDISTRICT}").content.decode()
    assert "<table" not in text
    assert "<table" in enter(OFFICER).get("/admin/posts?role=verifier").content.decode()


def test_the_security_administrator_makes_an_account_and_reads_a_number_for_a_purpose(town, enter):
    client = enter(SECURITY)
    sent = {"login": "lihua", "work_name": "李华", "name": "李华丽", "phone": "139 0000 5678"}
    made = client.post("/admin/accounts/new", sent)
    account = Account.objects.get(login="lihua")
    page = client.get(made.headers["Location"]).content.decode()
    assert "139****5678" in page
    assert "13900005678" not in page
    refused = client.post(f"/admin/accounts/{account.id}/read", {"purpose": ""}).content.decode()
    assert "139 0000 5678" not in refused
    clear = client.post(f"/admin/accounts/{account.id}/read", {"purpose": "ring about the key"}).content.decode()
    assert "139 0000 5678" in clear
    assert AuditEntry.objects.filter(verb="account.read", person_id=account.id).count() == 1
    assert client.post("/admin/accounts/new", {**sent, "phone": ""}).status_code == 422
    client.post(f"/admin/accounts/{account.id}/close", {"reason": "left"})
    account.refresh_from_db()
    assert not account.is_active


def test_the_security_administrator_signs_a_lost_phone_out(town, enter, client):
    phone = type(client)()
    sent = actions.request_code(phone="19900000002")
    phone.post("/sign-in/code/enter", {"phone": "19900000002", "code": sent.shown, "remember": "on"})
    device = DeviceSession.objects.get(account=town.people["heming"])
    where = f"/admin/accounts/{town.people['heming'].id}/devices"
    assert enter(SECURITY).post(where, {"device": str(device.id)}).status_code == 302
    assert phone.get("/devices").status_code == 302
    assert enter(SECURITY).post(where, {"device": "nonsense"}).status_code == 404


def test_the_auditor_pages_through_the_record(town, enter):
    for number in range(55):
        actions.set_home(town.actor("zhou"), home_path=factories.MICRO_GRID)
        actions.switch_post(town.actor("heming"), town.actor("heming").post_id)
        assert number >= 0
    first = enter(AUDITOR).get("/admin/audit?verb=post.").content.decode()
    assert first.count("post.switch") == 50
    following = first.split('href="?verb=post.')[1].split('"')[0].replace("&amp;", "&")
    second = enter(AUDITOR).get(f"/admin/audit?verb=post.{following}").content.decode()
    assert second.count("post.switch") == 5


def test_a_calendar_that_lacks_days_is_refused_in_words(town, enter, tmp_path):
    file = tmp_path / "2027.csv"
    file.write_text("date,is_workday,reason\n2027-01-01,0,x\n")
    with file.open("rb") as sent:
        page = enter(SYSTEM).post("/admin/calendar", {"file": sent})
    assert page.status_code == 422
    assert "2027" in page.content.decode()
    assert enter(SYSTEM).post("/admin/calendar", {}).status_code == 422
