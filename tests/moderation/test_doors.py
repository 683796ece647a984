"""The same story through the doors: 周阿姨 reports in the portal, 小徐 looks through it at the desk, the neighbours read it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from linli.cases.models import Case
from linli.kernel import ids
from linli.kernel.trust import SYSTEM
from linli.moderation.models import Objection, Text, TextState
from linli.people import sessions
from linli.people.actions import machines
from tests.moderation.conftest import read_events
from tests.world import WUHOU, World, report

Visit = Callable[[str], Client]
WORDS = "我家3栋2单元401门口的灯坏了，电话13800000001"
PROPOSED = "我家3栋〔门牌〕门口的灯坏了，电话〔电话〕"
SECRETS = ("单元401", "13800000001")


@pytest.fixture
def visit(world: World) -> Visit:
    """Come in as one of the cast: ``visit("zhou")``; ``visit("")`` is nobody."""

    def come(login: str = "") -> Client:
        client = Client()
        if login:
            client.force_login(world.accounts[login])
            if post := world.posts.get(login):
                session = client.session
                session[sessions.POST_KEY] = f"{post.district}:{post.id}"
                session.save()
        return client

    return come


@pytest.fixture
def case(world: World) -> Case:
    """A lamp, with more in the words than neighbours need to know; taken in."""
    found = report(world.zhou, description=WORDS)
    read_events()
    return found


def name_of(text: Text) -> str:
    return f"{text.district}.{text.id}"


def everywhere(case: Case) -> str:
    """All that somebody without an account can read."""
    client = Client()
    pages = [
        f"/problem/{case.number}",
        f"/map?area={WUHOU}",
        "/feeds/all.atom",
        f"/open311/v2/requests/{case.number}.json",
    ]
    return "\n".join(client.get(page).content.decode() for page in pages)


def test_the_queue_publishes_and_everybody_reads_only_the_version(case: Case, visit: Visit) -> None:
    assert PROPOSED not in everywhere(case)
    desk = visit("xiao_xu")
    shown = desk.get("/desk/words").content.decode()
    assert PROPOSED in shown
    text = Text.objects.get()
    beside = desk.get(f"/desk/words/{name_of(text)}").content.decode()
    assert WORDS in beside
    assert PROPOSED in beside
    assert visit("far_worker").get(f"/desk/words/{name_of(text)}").status_code == 404

    sent = desk.post("/desk/words/publish", {"text": f"{name_of(text)}:{text.version}"}, follow=True)
    fields = re.search(
        r'name="texts" value="([^"]+)"|"texts": "([^"]+)"|texts&quot;: &quot;([^&]+)', sent.content.decode()
    )
    read = everywhere(case)
    assert read.count(PROPOSED) == 4
    assert not [secret for secret in SECRETS if secret in read]
    assert fields is not None
    names = next(group for group in fields.groups() if group)
    desk.post("/desk/words/take-back", {"texts": names})
    assert PROPOSED not in everywhere(case)

    text.refresh_from_db()
    wrong = desk.post(f"/desk/words/{name_of(text)}/withhold", {"version": text.version, "reason": ""})
    assert wrong.status_code == 422
    desk.post(f"/desk/words/{name_of(text)}/publish", {"version": text.version, "wording": "3栋门口的灯坏了"})
    assert "3栋门口的灯坏了" in visit("").get(f"/problem/{case.number}").content.decode()
    late = desk.post(f"/desk/words/{name_of(text)}/withhold", {"version": text.version, "reason": "abuse"})
    assert late.status_code == 409


def test_the_author_reads_why_objects_and_may_keep_it_private(case: Case, visit: Visit) -> None:
    desk, other, mine = visit("xiao_xu"), visit("xiao_li"), visit("zhou")
    text = Text.objects.get()
    desk.post(f"/desk/words/{name_of(text)}/withhold", {"version": text.version, "reason": "accuses"})
    assert f"/case/{case.number}/words" in mine.get(f"/case/{case.number}").content.decode()
    page = mine.get(f"/case/{case.number}/words").content.decode()
    assert WORDS in page
    assert "/object" in page
    assert visit("wang").get(f"/case/{case.number}/words").status_code == 404
    way = f"/case/{case.number}/words/{text.id}"
    assert mine.get(f"{way}/object").status_code == 200
    assert mine.post(f"{way}/object", {"words": ""}).status_code == 422
    assert mine.post(f"{way}/object", {"words": "我没有指责谁"}).status_code == 302
    text.refresh_from_db()
    decided = {"version": text.version, "agree": "yes", "words": "您说得对", "wording": "3栋门口的灯坏了"}
    assert desk.post(f"/desk/words/{name_of(text)}/decide", decided).status_code == 409
    assert "我没有指责谁" in other.get(f"/desk/words/{name_of(text)}").content.decode()
    other.post(f"/desk/words/{name_of(text)}/decide", decided)
    text.refresh_from_db()
    assert (text.state, text.objection, text.wording) == (TextState.PUBLISHED, Objection.UPHELD, "3栋门口的灯坏了")
    assert "您说得对" in mine.get(f"/case/{case.number}/words").content.decode()
    mine.post(f"{way}/keep-private")
    assert "3栋门口的灯坏了" not in everywhere(case)
    mine.post(f"{way}/allow")
    assert Text.objects.get().state == TextState.WAITING


def test_machines_do_the_same(case: Case, world: World) -> None:
    def api(login: str, path: str, body: dict[str, object] | None = None) -> object:
        post = world.posts.get(login)
        _row, token = machines.issue_token(
            SYSTEM, name="t", scopes={"case"}, account_id=world.accounts[login].id, post_id=post.id if post else None
        )
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
        if body is None:
            return Client().get(f"/api/v1{path}", headers=headers)
        return Client().post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    listed = api("xiao_xu", "/words").json()["words"]
    assert [(one["proposed"], one["found"]) for one in listed] == [(PROPOSED, ["phone", "door"])]
    way = f"/words/{listed[0]['district']}/{listed[0]['id']}"
    assert api("xiao_xu", f"{way}/original", {"purpose": "看一看"}).json() == {"original": WORDS}
    assert api("zhou", "/words").status_code == 403
    done = api("xiao_xu", f"{way}/publish", {"version": 1})
    assert (done.status_code, done.json()["wording"]) == (200, PROPOSED)
    near = Client().get("/api/v1/cases/near", {"category": "UT02", "lng": case.lng, "lat": case.lat}).json()
    assert [one["words"] for one in near] == [PROPOSED]
    (own,) = api("zhou", f"/cases/{case.number}/words").json()
    assert (own["original"], own["state"]) == (WORDS, "published")
    kept = api("zhou", f"/cases/{case.number}/words/{own['id']}/keep_private", {})
    assert kept.json()["state"] == "private"


def test_an_administrator_sets_a_district(visit: Visit) -> None:
    client = visit("system_admin")
    assert "武侯区" in client.get("/admin/words").content.decode()
    sent = client.post("/admin/words", {"district": WUHOU, "mode": "clean", "sources": ["report", "rate"]})
    assert sent.status_code == 302
    assert client.post("/admin/words", {"district": "999999", "mode": "clean"}).status_code == 422
    assert visit("ma").get("/admin/words").status_code == 403
