"""何明's outbox: the pages' own forms, posted later, answered in words that it can keep; once for each key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from linli.cases.actions import accepting, dispatching
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.cases.states import State
from linli.kernel.storage import uploads
from tests.world import POINT, World, fresh, ref, report

Visit = Callable[..., Client]
JSON = {"accept": "application/json"}


@pytest.fixture
def lamp(world: World) -> Case:
    """A lamp that 周阿姨 reported and 小徐 took up: with 何明 now."""
    case = report(world.zhou)
    accepting.register(world.xiao_xu, ref(case), version=1)
    case = fresh(case)
    if case.handler_post_id != world.posts["he_ming"].id:
        dispatching.dispatch(
            world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("committee")
        )
    return fresh(case)


def send(client: Client, path: str, **values: Any) -> tuple[int, dict[str, Any]]:
    """Post a form as the outbox does."""
    answer = client.post(path, {"key": str(uuid4()), **values}, headers=JSON)
    return answer.status_code, answer.json()["linli"]


def uploaded(world: World, photo: Any, colour: str = "teal") -> str:
    """A photo that 何明's phone sent before the form."""
    body = photo(colour).read()
    upload = uploads.begin(world.he_ming, str(uuid4()), length=len(body))
    uploads.append(world.he_ming, upload.id, offset=0, piece=body)
    return str(upload.id)


def a_report(**what: Any) -> dict[str, Any]:
    """A broken lamp where 何明 stands."""
    return {"description": "灯不亮", "category": "UT02", "lng": POINT[0], "lat": POINT[1], "address": ""} | what


def test_a_report_with_photos_is_taken_once_however_often_it_is_sent(visit: Visit, world: World, photo: Any) -> None:
    he_ming, values = visit("he_ming"), a_report(key=str(uuid4()), uploads=[uploaded(world, photo)])
    first, again = (send(he_ming, "/field/report", **values) for _n in range(2))
    assert first == again
    assert (first[0], first[1]["href"]) == (200, f"/field/report/done/{first[1]['number']}")
    case = Case.objects.get()
    assert (case.number, case.channel) == (first[1]["number"], "field")
    assert Evidence.objects.get().kind == EvidenceKind.REPORT


def test_when_it_was_seen_is_kept_beside_when_it_came(visit: Visit, world: World, clock: Any) -> None:
    seen = clock.moment.isoformat()
    clock.forward(hours=3)
    status, _told = send(visit("he_ming"), "/field/report", **a_report(begun_at=seen))
    assert status == 200
    from linli.cases.queries import log_of

    case = Case.objects.get()
    assert log_of(case)[0].data["found_at"].startswith("2026-11-18T02:00")
    assert case.reported_at == clock.moment


def test_with_a_signal_it_asks_whether_it_is_a_neighbours_without_one_it_goes_in(visit: Visit, world: World) -> None:
    near = report(world.zhou)
    he_ming, key = visit("he_ming"), str(uuid4())
    status, told = send(he_ming, "/field/report", **a_report(key=key))
    assert (status, told["code"], told["near"][0]["number"]) == (409, "report.near", near.number)
    assert "13800000001" not in str(told)
    joined = send(he_ming, told["near"][0]["join"], key=key, description="灯不亮")
    again = send(he_ming, told["near"][0]["join"], key=key, description="灯不亮")
    assert joined == again
    assert fresh(near).participants_count == 2
    status, told = send(he_ming, "/field/report", **a_report(anyway="1"))
    assert status == 200
    assert Case.objects.count() == 2


def test_a_lost_answer_is_not_turned_into_a_question(visit: Visit, world: World) -> None:
    he_ming, values = visit("he_ming"), a_report(key=str(uuid4()))
    first = send(he_ming, "/field/report", **values)
    assert send(he_ming, "/field/report", **values) == first


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"category": ""}, "case.category", "category"),
        ({"lng": "", "lat": ""}, "place.needed", "address"),
        ({"uploads": ["none"]}, "upload.none", "photos"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(
    visit: Visit, world: World, changed: dict[str, Any], code: str, field: str
) -> None:
    status, told = send(visit("he_ming"), "/field/report", **a_report(**changed))
    assert (status, told["code"], told["field"]) == (422, code, field)
    assert told["title"]
    assert not Case.objects.exists()


def test_signing_in_and_disposing_tell_from_which_version_to_which(
    visit: Visit, world: World, lamp: Case, photo: Any
) -> None:
    he_ming, key = visit("he_ming"), str(uuid4())
    at = f"/field/case/{lamp.number}/do"
    first = send(he_ming, f"{at}/sign_in", key=key, version=lamp.version)
    assert send(he_ming, f"{at}/sign_in", key=key, version=lamp.version) == first
    assert (first[1]["before"], first[1]["version"]) == (lamp.version, lamp.version + 1)
    values = {"key": str(uuid4()), "version": first[1]["version"], "outcome": "换了灯泡，亮了"}
    refused = send(he_ming, f"{at}/dispose", **values)
    assert (refused[0], refused[1]["field"]) == (422, "photos") or refused[0] == 422
    done = send(he_ming, f"{at}/dispose", **values, uploads=[uploaded(world, photo)])
    assert done[0] == 200
    assert fresh(lamp).state == State.DISPOSED
    assert Evidence.objects.filter(case=lamp, kind=EvidenceKind.AFTER).count() == 1


def test_a_stale_act_is_told_how_the_case_stands(visit: Visit, lamp: Case) -> None:
    status, told = send(visit("he_ming"), f"/field/case/{lamp.number}/do/sign_in", version=1)
    assert (status, told["code"], told["version"]) == (409, "case.stale", lamp.version)
    assert told["state"]


def test_photos_are_added_once_for_their_key(visit: Visit, world: World, lamp: Case, photo: Any) -> None:
    he_ming = visit("he_ming")
    values = {
        "key": str(uuid4()),
        "kind": "before",
        "uploads": [uploaded(world, photo), uploaded(world, photo, "navy")],
    }
    first, again = (send(he_ming, f"/field/case/{lamp.number}/photos", **values) for _n in range(2))
    assert first == again
    assert (first[1]["count"], first[1]["version"] - first[1]["before"]) == (2, 2)
    assert Evidence.objects.filter(case=lamp, kind=EvidenceKind.BEFORE).count() == 2


def test_sync_names_the_pages_of_today_and_changes_with_them(visit: Visit, lamp: Case, world: World) -> None:
    he_ming = visit("he_ming")
    told = he_ming.get("/field/sync").json()["linli"]
    pages = dict(told["pages"])
    assert told["account"] == str(world.accounts["he_ming"].id)
    assert {"/field/", "/field/report", "/field/outbox", f"/field/case/{lamp.number}"} <= set(pages)
    assert f"/field/case/{lamp.number}/do/dispose?ahead=1" in pages
    for address in pages:
        answer = he_ming.get(address)
        assert answer.status_code == 200, address
        assert "X-Linli-Keep" in answer.headers or answer["Content-Type"].startswith("application/geo+json")
    press = f"/field/case/{lamp.number}/do/sign_in"
    he_ming.post(press, {"key": str(uuid4()), "version": lamp.version})
    now = dict(he_ming.get("/field/sync").json()["linli"]["pages"])
    changed = {address for address in now if now[address] != pages.get(address)}
    assert f"/field/case/{lamp.number}" in changed
    assert "/field/report" not in changed


def test_the_form_of_the_step_after_next_can_be_kept(visit: Visit, lamp: Case) -> None:
    ahead = visit("he_ming").get(f"/field/case/{lamp.number}/do/dispose?ahead=1").content.decode()
    assert 'name="outcome"' in ahead
    assert f'data-outbox-subject="{lamp.number}"' in ahead


def test_a_reporters_number_is_never_kept(visit: Visit, lamp: Case) -> None:
    page = visit("he_ming").get(f"/field/case/{lamp.number}/reporter")
    assert "X-Linli-Keep" not in page.headers
    assert "no-store" in page["Cache-Control"]


def test_nobody_signed_in_is_told_in_words_and_keeps_what_waits(visit: Visit) -> None:
    nobody = visit("")
    answer = nobody.post("/field/report", a_report(), headers=JSON)
    assert (answer.status_code, answer.json()["linli"]["code"]) == (401, "sign_in_needed")
    assert "Clear-Site-Data" not in answer.headers
    assert send(visit("zhou"), "/field/report")[0] == 403


def test_what_everybody_has_is_kept_in_clear_and_nothing_else(visit: Visit) -> None:
    worker = visit("").get("/field/sw.js").content.decode()
    assert "/field/offline" in worker
    assert "/field/case" not in worker.split("\n")[0]
