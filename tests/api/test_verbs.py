"""The loop over HTTP: every verb is an endpoint, versions and keys keep it straight."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from linli.cases.actions import accepting
from linli.cases.loop import Ref
from linli.cases.models import Case, LogEntry
from linli.cases.verbs import VERBS
from linli.kernel import commands
from tests.api.conftest import API, Callers, lamp, picture
from tests.world import World, report

pytestmark = pytest.mark.django_db


def _reported(call: Callers) -> dict[str, Any]:
    body: dict[str, Any] = call.zhou.post("/cases", lamp()).json()
    return body


def test_a_lamp_goes_all_the_way(call: Callers) -> None:
    case = _reported(call)
    path = f"/cases/{case['number']}"
    version = 1

    def does(who: Any, verb: str, **inputs: Any) -> dict[str, Any]:
        nonlocal version
        answer = who.post(f"{path}/{verb}", {"version": version} | inputs)
        assert answer.status_code == 200, (verb, answer.json())
        version = answer.json()["version"]
        body: dict[str, Any] = answer.json()
        return body

    assert does(call.xiao_xu, "register")["state"] == "dispatched"
    holder = call.he_ming if call.he_ming.get(path).json()["next"][0]["verb"] == "sign_in" else call.yang
    assert does(holder, "sign_in")["state"] == "signed_in"
    assert does(holder, "start")["state"] == "in_disposal"
    next_steps = [one["verb"] for one in holder.get(path).json()["next"]]
    assert "dispose" in next_steps
    bare = holder.post(f"{path}/dispose", {"version": version, "outcome": "灯泡换好了"})
    assert (bare.status_code, bare.json()["code"]) == (422, "case.evidence")
    photo = holder.upload(f"{path}/evidence", picture(), kind="after")
    assert (photo.status_code, photo.json()["state"]) == (201, "waiting")
    version = holder.get(path).json()["version"]
    does(holder, "dispose", outcome="灯泡换好了")
    assert does(call.lao_zheng, "verify", passed=True)["state"] == "verified"
    assert does(call.xiao_tian, "feedback", outcome="content")["state"] == "feedback"
    assert does(call.ma, "close")["is_open"] is False
    rated = call.zhou.post(f"{path}/rate", {"score": 5, "words": "很快"})
    assert rated.status_code == 200
    steps = [one["kind"] for one in call.zhou.get(f"{path}/timeline").json()["steps"]]
    assert steps[0] == "report"
    assert "rate" in steps
    assert "feedback" not in steps


def test_a_stale_version_is_told_the_present_one(call: Callers) -> None:
    case = _reported(call)
    path = f"/cases/{case['number']}"
    assert call.xiao_xu.post(f"{path}/begin_verification", {"version": 1}).status_code == 200
    stale = call.xiao_li.post(f"{path}/register", {"version": 1})
    assert stale.status_code == 409
    body = stale.json()
    assert (body["code"], body["state"], body["version"]) == ("case.stale", "verifying", 2)


def test_a_repeat_changes_nothing(call: Callers) -> None:
    case = _reported(call)
    path = f"/cases/{case['number']}/begin_verification"
    first = call.xiao_xu.post(path, {"version": 1}, key="k")
    again = call.xiao_xu.post(path, {"version": 1}, key="k")
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert LogEntry.objects.filter(case_id=case["id"]).count() == 2


def test_a_key_stands_for_one_verb_on_one_case(call: Callers) -> None:
    one, two = _reported(call), _reported(call)
    assert call.xiao_xu.post(f"/cases/{one['number']}/begin_verification", {"version": 1}, key="k").status_code == 200
    other = call.xiao_xu.post(f"/cases/{two['number']}/begin_verification", {"version": 1}, key="k")
    assert (other.status_code, other.json()["code"]) == (409, "command.other_body")


def test_whoever_hands_a_case_away_still_gets_the_first_answer(call: Callers) -> None:
    case = _reported(call)
    path = f"/cases/{case['number']}/reclassify"
    moved = call.sun.post(path, {"version": 1, "category": "UT02", "reason": "还是路灯"}, key="k")
    assert moved.status_code == 200, moved.json()
    Case.objects.filter(id=case["id"]).update(area_path="510104/017/001")
    again = call.sun.post(path, {"version": 1, "category": "UT02", "reason": "还是路灯"}, key="k")
    assert again["Idempotency-Replayed"] == "true"
    assert call.sun.post(path, {"version": 1, "category": "UT02", "reason": "还是路灯"}, key="new").status_code == 404


def test_a_verb_out_of_its_state_says_where_the_case_stands(call: Callers) -> None:
    case = _reported(call)
    answer = call.ma.post(f"/cases/{case['number']}/close", {"version": 1})
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["state"]) == ("case.state", "submitted")


def test_a_foreign_case_does_not_exist(call: Callers) -> None:
    case = _reported(call)
    for who in (call.wang, call.sibling_worker, call.far_sun):
        for path in (f"/cases/{case['number']}", f"/cases/{case['number']}/timeline"):
            answer = who.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "case.not_found")
        assert who.post(f"/cases/{case['number']}/close", {"version": 1}).status_code == 404


def test_a_missing_input_is_named(call: Callers) -> None:
    case = _reported(call)
    answer = call.sun.post(f"/cases/{case['number']}/reclassify", {"version": 1, "category": "UT02"})
    assert (answer.status_code, answer.json()["field"]) == (422, "reason")


def test_there_is_an_endpoint_for_every_verb() -> None:
    document = Client().get(f"{API}/openapi.json").json()
    for name, verb in VERBS.items():
        operation = document["paths"][f"{API}/cases/{{number}}/{name}"]["post"]
        model = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        fields = document["components"]["schemas"][model]["properties"]
        assert set(fields) == {one.name for one in verb.inputs} | ({"version"} if verb.takes_version else set())


def test_two_parts_of_one_case(call: Callers) -> None:
    case = _reported(call)
    path = f"/cases/{case['number']}"
    call.xiao_xu.post(f"{path}/register", {"version": 1})
    version = call.liu.get(path).json()["version"]
    parts = call.liu.post(f"{path}/split", {"version": version, "categories": ["UT02"], "reason": "另有一盏灯"})
    assert parts.status_code == 200, parts.json()
    assert len(parts.json()["children"]) == 1


def test_one_case_is_merged_into_another_by_its_number(call: Callers) -> None:
    one, two = _reported(call), _reported(call)
    answer = call.liu.post(f"/cases/{two['number']}/merge", {"version": 1, "master": one["number"]})
    assert (answer.status_code, answer.json()["state"]) == (200, "merged")
    assert call.liu.get(f"/cases/{two['number']}").json()["master"] == one["number"]


@pytest.mark.django_db(transaction=True)
def test_a_command_under_way_is_in_flight(world: World, call: Callers) -> None:
    case = report(world.zhou)
    caller, path = call.xiao_xu, f"/cases/{case.number}/begin_verification"
    inside, go_on = threading.Event(), threading.Event()
    answers: list[int] = []

    def first() -> None:
        def slowly() -> tuple[int, Any]:
            inside.set()
            go_on.wait(20)
            accepting.begin_verification(world.xiao_xu, Ref(case.district, case.id), version=1)
            return 200, {}

        body = f"begin_verification {case.number}\n".encode() + b'{"version": 1}'
        answers.append(commands.run(world.xiao_xu, key, body, district=case.district, action=slowly).status)
        connection.close()

    key = str(uuid4())
    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(20)
    meanwhile = caller.post(path, {"version": 1}, key=key)
    go_on.set()
    thread.join()
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "command.in_flight")
    assert meanwhile["Retry-After"] == "1"
    assert answers == [200]
    assert caller.post(path, {"version": 1}, key=key)["Idempotency-Replayed"] == "true"
