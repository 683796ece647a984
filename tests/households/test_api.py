"""What machines do with people and dwellings: a tap a call, a change, a campaign, a file in pieces; who sees what of it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from linli.households.actions import importing
from linli.households.chores import forget
from linli.households.models import Import, ImportPiece, ImportState, Person, Residency, Visit
from linli.kernel import ids, time
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM, context
from tests.api.conftest import API, Caller, token_of
from tests.households.conftest import NUMBER, Homes
from tests.households.test_changes import settle
from tests.households.test_importing import BAD, COMMUNITY, GOOD, as_file
from tests.world import HOME

HOUSEHOLDS = "/households"
FULL = ("周秀英", "13800000001", NUMBER)


def caller(homes: Homes, who: str, *scopes: str) -> Caller:
    return Caller(token_of(homes.world.actors[who], scopes=scopes))


def in_clear(answer: Any) -> list[str]:
    text = json.dumps(answer.json(), ensure_ascii=False)
    return [value for value in FULL if value in text]


def test_a_tap_is_a_call_and_a_repeat_is_the_same_visit(homes: Homes) -> None:
    phone = caller(homes, "he_ming")
    walk = phone.get(f"{HOUSEHOLDS}/walk").json()
    assert [door["number"] for door in walk["doors"]] == ["201", "202", "101", "102"]
    at, key = walk["doors"][0]["id"], str(ids.new_id())
    first = phone.post(f"{HOUSEHOLDS}/dwellings/{at}/verify", {"outcome": "as_it_was"}, key=key)
    again = phone.post(f"{HOUSEHOLDS}/dwellings/{at}/verify", {"outcome": "as_it_was"}, key=key)
    assert (first.status_code, again["Idempotency-Replayed"], first.json()) == (201, "true", again.json())
    assert Visit.objects.count() == 1
    assert phone.get(f"{HOUSEHOLDS}/walk").json()["done"] == 1
    other = phone.post(f"{HOUSEHOLDS}/dwellings/{at}/verify", {"outcome": "not_met"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "command.other_body")
    assert phone.post(f"{HOUSEHOLDS}/visits/{first.json()['id']}/undo").json()["undone_at"]
    changed = phone.post(f"{HOUSEHOLDS}/dwellings/{at}/verify", {"outcome": "changed"})
    assert (changed.status_code, changed.json()["field"]) == (422, "change")


def test_a_change_is_proposed_decided_and_read_for_a_purpose_that_is_written_down(homes: Homes) -> None:
    phone, desk = caller(homes, "he_ming"), caller(homes, "xiao_xu")
    at = homes["101"].id
    moved = {
        "change": "moved_in",
        "kind": "owner",
        "name": FULL[0],
        "phone": FULL[1],
        "number": NUMBER,
        "source": "visit",
    }
    wrong = phone.post(f"{HOUSEHOLDS}/dwellings/{at}/proposals", moved | {"number": NUMBER[:-1] + "8"})
    assert (wrong.status_code, wrong.json()["field"], in_clear(wrong)) == (422, "number", [])
    made = phone.post(f"{HOUSEHOLDS}/dwellings/{at}/proposals", moved)
    assert (made.status_code, in_clear(made)) == (201, [])
    (waiting,) = desk.get(f"{HOUSEHOLDS}/proposals").json()["items"]
    assert (waiting["name_masked"], waiting["phone_masked"], waiting["status_now"]) == ("周**", "138****0001", None)
    assert phone.post(f"{HOUSEHOLDS}/proposals/{waiting['id']}/accept").status_code == 403
    assert desk.post(f"{HOUSEHOLDS}/proposals/{waiting['id']}/accept").json()["state"] == "accepted"
    before = AuditEntry.objects.count()
    assert desk.get(f"{HOUSEHOLDS}/dwellings/{at}").status_code == 422, "no purpose, no file"
    file = desk.get(f"{HOUSEHOLDS}/dwellings/{at}?purpose=核对产权")
    assert (in_clear(file), file.json()["residents"][0]["name_masked"]) == ([], "周**")
    person = file.json()["residents"][0]["person_id"]
    read = desk.post(f"{HOUSEHOLDS}/people/{person}/read", {"purpose": "电话核实租客"})
    assert in_clear(read) == [FULL[0], FULL[1]]
    looked = list(AuditEntry.objects.order_by("id")[before:].values_list("verb", "purpose"))
    assert looked == [("household.view", "核对产权"), ("household.read", "电话核实租客")]
    reopened = desk.post(f"{HOUSEHOLDS}/proposals/{waiting['id']}/reopen")
    assert reopened.json()["state"] == "pending"
    no_reason = desk.post(f"{HOUSEHOLDS}/proposals/{waiting['id']}/refuse", {"reason": " "})
    assert (no_reason.status_code, no_reason.json()["field"]) == (422, "reason")
    assert (
        desk.post(f"{HOUSEHOLDS}/proposals/{waiting['id']}/refuse", {"reason": "查无此人"}).json()["state"] == "refused"
    )


def test_dwellings_of_my_area_by_page_and_by_words(homes: Homes) -> None:
    desk = caller(homes, "xiao_xu")
    first = desk.get(f"{HOUSEHOLDS}/dwellings?size=3").json()
    second = desk.get(f"{HOUSEHOLDS}/dwellings?size=3&after={first['next']}").json()
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert (sorted(numbers), second["next"]) == (["101", "102", "201", "202", "401"], "")
    words = desk.get(f"{HOUSEHOLDS}/dwellings?words=玉林 3-1-101").json()["items"]
    assert [one["id"] for one in words] == [str(homes["101"].id)]
    grid = desk.get(f"{HOUSEHOLDS}/dwellings?area_path={HOME}").json()["items"]
    assert len(grid) == 4
    assert desk.get(f"{HOUSEHOLDS}/dwellings?area_path=510107/012/004").status_code == 404


def test_what_is_out_of_reach_is_not_there_and_a_key_is_good_for_its_scopes_only(homes: Homes) -> None:
    person = settle(homes, "101")
    at = homes["101"].id
    other = caller(homes, "sibling_worker")
    for answer in (
        other.get(f"{HOUSEHOLDS}/dwellings/{at}?purpose=核对产权"),
        other.post(f"{HOUSEHOLDS}/people/{person.id}/read", {"purpose": "核对产权"}),
        other.post(f"{HOUSEHOLDS}/dwellings/{at}/verify", {"outcome": "as_it_was"}),
        other.post(f"{HOUSEHOLDS}/dwellings/{at}/proposals", {"change": "status", "status": "let"}),
        other.get(f"{HOUSEHOLDS}/campaigns/progress?area_path={COMMUNITY}"),
        other.post(f"{HOUSEHOLDS}/imports", {"name": "a.csv", "length": 9, "area_path": COMMUNITY}),
    ):
        assert (answer.status_code, in_clear(answer)) == (404, [])
    narrow = caller(homes, "xiao_xu", "household.view")
    assert narrow.get(f"{HOUSEHOLDS}/dwellings").status_code == 200
    assert narrow.get(f"{HOUSEHOLDS}/dwellings/{at}?purpose=核对产权").status_code == 200
    for verb in ("people/" + str(person.id) + "/read", f"dwellings/{at}/verify", "campaigns", "imports"):
        assert narrow.post(f"{HOUSEHOLDS}/{verb}", {"purpose": "核对产权"}).status_code == 403, verb
    assert caller(homes, "yang").get(f"{HOUSEHOLDS}/dwellings").status_code == 403, "a department has no purpose here"
    assert caller(homes, "zhou").get(f"{HOUSEHOLDS}/dwellings/{at}?purpose=看看邻居").status_code in (403, 404)
    assert Caller().get(f"{HOUSEHOLDS}/dwellings").status_code == 401


def test_a_campaign_by_the_api(homes: Homes) -> None:
    desk, today = caller(homes, "xiao_xu"), time.today()
    body = {
        "area_path": COMMUNITY, "title": "冬季核验", "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    made = desk.post(f"{HOUSEHOLDS}/campaigns", body)
    assert made.status_code == 201
    assert desk.post(f"{HOUSEHOLDS}/campaigns", body).status_code == 409
    assert caller(homes, "he_ming").get(f"{HOUSEHOLDS}/walk").json()["campaign"]["id"] == made.json()["id"]
    caller(homes, "he_ming").post(f"{HOUSEHOLDS}/dwellings/{homes['101'].id}/verify", {})
    (mine, _sibling) = desk.get(f"{HOUSEHOLDS}/campaigns/progress").json()
    assert (mine["area_path"], mine["done"], mine["total"]) == (HOME, 1, 4)
    assert [one["title"] for one in desk.get(f"{HOUSEHOLDS}/campaigns").json()] == ["冬季核验"]
    (community,) = caller(homes, "liu").get(f"{HOUSEHOLDS}/campaigns/progress").json()[:1]
    assert (community["area_path"], community["total"]) == (COMMUNITY, 5)


def send(desk: Caller, at: str, offset: int, piece: bytes) -> Any:
    headers = {"Authorization": f"Bearer {desk.token}", "Upload-Offset": str(offset)}
    path = f"{API}{HOUSEHOLDS}/imports/{at}/file"
    return Client().patch(path, piece, content_type="application/offset+octet-stream", headers=headers)


def test_a_file_comes_in_pieces_is_tried_read_and_its_bad_rows_go_back(homes: Homes) -> None:
    from python_calamine import CalamineWorkbook

    desk, content = caller(homes, "xiao_xu"), as_file(GOOD + BAD)
    body, key = {"name": "人房.csv", "length": len(content), "source": "property", "dry_run": True}, str(ids.new_id())
    begun = desk.post(f"{HOUSEHOLDS}/imports", body, key=key).json()
    assert desk.post(f"{HOUSEHOLDS}/imports", body, key=key).json() == begun
    assert (begun["state"], begun["received"], Import.objects.count()) == ("receiving", 0, 1)
    at = begun["id"]
    assert send(desk, at, 0, content[:100])["Upload-Offset"] == "100"
    lost = send(desk, at, 0, content[:100])
    assert (lost.status_code, lost["Upload-Offset"]) == (409, "100")
    assert send(desk, at, 100, content).status_code == 413
    assert desk.get(f"{HOUSEHOLDS}/imports/{at}").json()["received"] == 100
    kept = b"".join(bytes(row) for row in ImportPiece.objects.values_list("body_enc", flat=True))
    assert content[:50] not in kept
    assert send(caller(homes, "sibling_worker"), at, 100, content[100:]).status_code == 404
    assert send(desk, at, 100, content[100:]).status_code == 204
    assert send(desk, at, len(content), b"x").status_code == 409
    while importing.read_waiting():
        pass
    tried = desk.get(f"{HOUSEHOLDS}/imports/{at}").json()
    assert (tried["state"], tried["rows"], tried["bad"], tried["counts"]["people"]) == ("done", 9, 5, 2)
    with context.personal(SYSTEM):
        assert not Person.objects.exists(), "a dry run changes nothing"
    real = desk.post(f"{HOUSEHOLDS}/imports", body | {"dry_run": False}).json()["id"]
    send(desk, real, 0, content)
    while importing.read_waiting():
        pass
    with context.personal(SYSTEM):
        assert Residency.objects.count() == 3
    problems = desk.get(f"{HOUSEHOLDS}/imports/{real}/problems")
    assert (problems.json()[0]["row"], problems.json()[0]["code"]) == (6, "compound.unknown")
    assert "周小宝" not in problems.content.decode()
    before = AuditEntry.objects.count()
    book = CalamineWorkbook.from_filelike(io.BytesIO(desk.get(f"{HOUSEHOLDS}/imports/{real}/problems.xlsx").content))
    assert book.get_sheet_by_index(0).to_python()[3][7] == "周小宝"
    assert AuditEntry.objects.count() == before + 1
    assert desk.post(f"{HOUSEHOLDS}/imports/{real}/stop").status_code == 409
    assert {one["id"] for one in desk.get(f"{HOUSEHOLDS}/imports").json()} == {at, real}
    template = desk.get(f"{HOUSEHOLDS}/imports/template.xlsx").content
    assert CalamineWorkbook.from_filelike(io.BytesIO(template)).get_sheet_by_index(0).to_python()[0][1] == "小区"


def test_what_is_no_file_is_stopped_and_what_nobody_ends_is_forgotten(homes: Homes, clock: Any) -> None:
    desk = caller(homes, "xiao_xu")
    content = "小区,楼栋\n玉林,3\n".encode()
    body = {"name": "a.csv", "length": len(content)}
    wrong = desk.post(f"{HOUSEHOLDS}/imports", body).json()["id"]
    answer = send(desk, wrong, 0, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "file.head")
    shown = desk.get(f"{HOUSEHOLDS}/imports/{wrong}").json()
    assert (shown["state"], shown["problem"]) == ("stopped", "file.head")
    left = desk.post(f"{HOUSEHOLDS}/imports", body | {"length": 999}).json()["id"]
    send(desk, left, 0, content)
    clock.forward(days=8)
    assert forget() == 1
    assert not ImportPiece.objects.exists()
    assert Import.objects.get(id=left).state == ImportState.STOPPED
    told = AuditEntry.objects.get(verb="household.deleted")
    assert (told.subject_id, told.detail["count"]) == ("unfinished_file", 1)
    assert json.dumps(told.detail).find("玉林") < 0


@pytest.mark.parametrize("who", ["he_ming", "liu"])
def test_files_are_the_community_s(homes: Homes, who: str) -> None:
    assert caller(homes, who).get(f"{HOUSEHOLDS}/imports").status_code == 403
