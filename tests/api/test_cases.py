"""Reading cases, joining them, their photos and people; following one with a code."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from PIL import Image

from linli.cases import photos
from linli.kernel.models import AuditEntry
from linli.kernel.storage.configuration import storage_settings
from tests.api.conftest import API, Callers, lamp, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: LazySettings) -> None:
    settings.STORAGES = storage_settings(tmp_path, {})


def _reported(who: Any, **what: Any) -> dict[str, Any]:
    body: dict[str, Any] = who.post("/cases", lamp(**what)).json()
    return body


def test_an_inbox_is_read_page_by_page(call: Callers) -> None:
    numbers = {_reported(call.zhou, description=f"第{n}盏灯")["number"] for n in range(5)}
    seen: list[str] = []
    path = "/cases?view=unassigned&size=2"
    after, pages = "", 0
    while True:
        answer = call.xiao_xu.get(path + (f"&after={after}" if after else ""))
        assert answer.status_code == 200
        seen += [one["number"] for one in answer.json()["items"]]
        after, pages = answer.json()["next"], pages + 1
        assert ('rel="next"' in answer.headers.get("Link", "")) == bool(after)
        if not after:
            break
    assert pages == 3
    assert len(seen) == len(set(seen)) == 5
    assert set(seen) == numbers
    assert call.xiao_xu.get("/cases?after=nonsense").json()["code"] == "list.cursor"
    assert call.xiao_xu.get("/cases?size=1000").json()["field"] == "size"


def test_a_resident_has_no_inbox_but_a_list_of_their_own(call: Callers) -> None:
    number = _reported(call.zhou)["number"]
    assert call.zhou.get("/cases").status_code == 403
    assert [one["number"] for one in call.zhou.get("/cases/mine").json()["items"]] == [number]
    assert call.wang.get("/cases/mine").json() == {"items": [], "next": ""}
    assert call.anonymous.get("/cases/mine").status_code == 401


def test_views_are_counted(call: Callers) -> None:
    _reported(call.zhou)
    counts = {one["view"]: one["count"] for one in call.xiao_xu.get("/cases/counts").json()}
    assert counts["unassigned"] == 1
    assert counts["closed"] is None


def test_what_is_near_is_joined_instead_of_reported_again(call: Callers) -> None:
    number = _reported(call.zhou)["number"]
    near = call.anonymous.get("/cases/near?category=UT02&lng=104.0606&lat=30.6305&words=路灯不亮").json()
    assert [one["number"] for one in near] == [number]
    joined = call.wang.post(f"/cases/{number}/join", {"text": "我也看到了"})
    assert joined.json()["participants"] == 2
    assert call.wang.post(f"/cases/{number}/join", {"text": "又来"}).json()["participants"] == 2
    assert call.wang.get(f"/cases/{number}").status_code == 200


def test_what_somebody_said_is_read_with_a_trace(call: Callers) -> None:
    number = _reported(call.zhou)["number"]
    assert call.xiao_xu.post(f"/cases/{number}/message", {"text": "我们今晚去看"}).status_code == 200
    assert call.zhou.post(f"/cases/{number}/message", {"text": "谢谢,我在三单元"}).status_code == 200
    assert call.xiao_xu.post(f"/cases/{number}/comment", {"text": "同事看"}).status_code == 200
    mine = call.zhou.get(f"/cases/{number}/timeline").json()["steps"]
    assert [(one["kind"], one["words"]) for one in mine] == [
        ("report", ""), ("message", "我们今晚去看"), ("message", "谢谢,我在三单元"),
    ]  # fmt: skip
    assert all(one["data"] == {} and one["post_id"] is None for one in mine)
    theirs = call.xiao_xu.get(f"/cases/{number}/timeline").json()["steps"]
    assert [one["words"] for one in theirs][1:] == ["我们今晚去看", "谢谢,我在三单元", "同事看"]
    looks = AuditEntry.objects.filter(verb="statement.read")
    assert [look.person_id for look in looks] == [call.world.zhou.account_id]


def test_a_reporter_is_unmasked_for_a_purpose(call: Callers) -> None:
    number = _reported(call.anonymous, reporter={"name": "李婆婆", "phone": "13800000010"})["number"]
    assert call.xiao_xu.post(f"/cases/{number}/reporter", {}).status_code == 422
    assert call.lao_zheng.post(f"/cases/{number}/reporter", {"purpose": "回访"}).status_code == 403
    assert call.far_sun.post(f"/cases/{number}/reporter", {"purpose": "回访"}).status_code == 404
    assert not AuditEntry.objects.filter(verb__contains="contact").exists()
    people = call.xiao_xu.post(f"/cases/{number}/reporter", {"purpose": "约时间上门"}).json()["people"]
    assert [(one["name"], one["phone"]) for one in people] == [("李婆婆", "13800000010")]
    look = AuditEntry.objects.get(verb__contains="contact")
    assert (look.purpose, sorted(look.fields)) == ("约时间上门", ["name", "phone"])


def test_a_photo_is_shown_without_what_the_phone_wrote(call: Callers) -> None:
    number = _reported(call.zhou)["number"]
    path = f"/cases/{number}"
    first = call.zhou.upload(f"{path}/evidence", picture(), key="p")
    assert (first.status_code, first.json()["state"], first.json()["photo"]) == (201, "waiting", "")
    assert call.zhou.upload(f"{path}/evidence", picture(), key="p")["Idempotency-Replayed"] == "true"
    assert photos.prepare_one() == 1
    assert photos.prepare_one() == 0
    shown = call.xiao_xu.get(path).json()["evidence"]
    assert [one["state"] for one in shown] == ["ready"]
    address = shown[0]["thumb"].removeprefix(API)
    answer = call.xiao_xu.get(address)
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert Image.open(BytesIO(data)).size == (320, 240)
    assert b"secret place" not in data
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert call.wang.get(address).status_code == 404
    assert call.anonymous.get(address).status_code == 401


def test_what_is_no_photo_is_refused(call: Callers) -> None:
    number = _reported(call.zhou)["number"]
    refused = call.zhou.upload(f"/cases/{number}/evidence", b"<svg onload=alert(1)>")
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "photo.not_a_photo", "photo")
    cut = call.zhou.upload(f"/cases/{number}/evidence", picture()[:2000])
    assert cut.status_code in (201, 422)
    while photos.prepare_one():
        continue
    states = {one["state"] for one in call.zhou.get(f"/cases/{number}").json()["evidence"]}
    assert states <= {"refused"}


def test_a_reporter_without_an_account_follows_with_the_code(call: Callers) -> None:
    body = _reported(call.anonymous)
    path, right = f"/tickets/{body['number']}", {"Ticket_Code": body["code"]}
    seen = call.anonymous.get(path, **right).json()
    assert (seen["state"], [one["kind"] for one in seen["steps"]]) == ("submitted", ["report"])
    assert call.anonymous.post(f"{path}/message", {"text": "在二单元门口"}, **right).status_code == 200
    assert call.anonymous.post(f"{path}/rating", {"score": 5}, **right).json()["code"] == "case.state"
    steps = call.anonymous.get(path, **right).json()["steps"]
    assert steps[-1]["words"] == "在二单元门口"
    for code in ("00000000", "", body["code"][:-1]):
        wrong = call.anonymous.get(path, Ticket_Code=code)
        assert (wrong.status_code, wrong.json()["code"]) == (404, "ticket.not_found")
    assert call.anonymous.get(f"/tickets/{body['number'][:-1]}0").status_code == 404


def test_codes_cannot_be_guessed(call: Callers) -> None:
    body = _reported(call.anonymous)
    tries = [call.anonymous.get(f"/tickets/{body['number']}", Ticket_Code=f"{n:08d}").status_code for n in range(25)]
    assert tries[:20] == [404] * 20
    assert tries[-1] == 429
    last = call.anonymous.get(f"/tickets/{body['number']}", Ticket_Code="1")
    assert int(last["Retry-After"]) > 0


def test_the_catalogue_is_not_sent_twice(call: Callers) -> None:
    first = call.anonymous.get("/categories")
    assert sum(len(one["categories"]) for one in first.json()["groups"]) == 81
    again = call.anonymous.get("/categories", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    english = call.anonymous.get("/categories", Accept_Language="en", If_None_Match=first["ETag"])
    assert english.status_code == 200
    assert call.anonymous.get("/categories/UT02").json()["code"] == "UT02"
    assert call.anonymous.get("/categories/XX99").status_code == 404
    assert call.anonymous.get("/categories/search?words=路灯").json()


def test_the_ground_is_public(call: Callers) -> None:
    found = call.anonymous.get("/areas/locate?lng=104.0605&lat=30.6305").json()
    assert found["path"] == "510107/012/003/02/017"
    area = call.anonymous.get("/areas/510107/012/003").json()
    assert [one["path"] for one in area["ancestors"]] == ["5101", "510107", "510107/012", "510107/012/003"]
    assert [one["path"] for one in area["children"]] == ["510107/012/003/02"]
    assert call.anonymous.get("/areas/510199").status_code == 404
    assert call.anonymous.get("/areas?words=玉林").json()


def test_who_am_i(call: Callers) -> None:
    me = call.xiao_xu.get("/me").json()
    assert (me["role"], me["area_path"]) == ("community_worker", "510107/012/003")
    assert me["verbs"]["case.register"] == ["area"]
    assert call.anonymous.get("/me").json()["role"] == "anonymous"


def test_posts_and_organisations_within_reach(call: Callers) -> None:
    organisations = call.liu.get("/organisations?size=2").json()
    assert len(organisations["items"]) == 2
    more = call.liu.get(f"/organisations?size=200&after={organisations['next']}").json()["items"]
    paths = {one["area_path"] for one in organisations["items"] + more}
    assert paths == {"510107/012", "510107/012/003", "510107/012/004"}
    names = {one["name"] for one in call.liu.get("/posts?role=community_worker").json()["items"]}
    assert names == {"小徐", "小李", "邻社员"}
    assert call.zhou.get("/posts").status_code == 403


def test_errors_speak_the_readers_language(call: Callers) -> None:
    english = call.zhou.get("/cases/0107-0000-0001-0", Accept_Language="en").json()
    assert english["title"] == "There is no such case, or none that you can see."


def test_every_error_is_a_problem(call: Callers) -> None:
    for answer, status in (
        (call.zhou.get("/nowhere"), 404),
        (Client().put(f"{API}/me"), 405),
        (Client().get(f"{API}/me", headers={"Authorization": "Bearer wrong"}), 401),
        (call.zhou.get("/organisations/not-a-uuid"), 404),
    ):
        assert answer.status_code == status
        assert answer["Content-Type"].startswith("application/problem+json")
        assert answer.json()["status"] == status
    assert Client().put(f"{API}/me")["Allow"] == "GET"


def test_a_session_needs_our_own_page(call: Callers) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(call.world.accounts["zhou"])
    forged = client.post(f"{API}/cases", lamp(), content_type="application/json", headers={"Idempotency-Key": "k"})
    assert (forged.status_code, forged.json()["code"]) == (403, "csrf")
    assert client.get(f"{API}/cases/mine").status_code == 200


def test_the_reference_page_needs_no_script(call: Callers) -> None:
    page = Client().get(f"{API}/docs")
    assert page.status_code == 200
    assert "/cases/{number}/dispose" in page.content.decode()
