"""Machines do the same by the API: compose, look, send, answer, read the answers as a file."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from linli.kernel import time
from tests.api.conftest import token_of
from tests.world import HOME, WUHOU, World, build

pytestmark = pytest.mark.django_db(transaction=True)
STREET = f"{WUHOU}/012"


@pytest.fixture
def world(clock) -> World:
    """The small city."""
    return build()


def test_machines_compose_send_answer_and_read_the_file(world: World) -> None:
    office = Client(headers={"Authorization": f"Bearer {token_of(world.liu)}"})
    field = Client(headers={"Authorization": f"Bearer {token_of(world.he_ming)}"})

    def send(client: Client, method: str, path: str, body: dict, key: str = "") -> dict:
        headers = {"Idempotency-Key": key or str(uuid4())}
        answer = getattr(client, method)(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
        )
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    said = {
        "title": "燃气安全排查", "purpose": "入冬前排查餐馆用气安全", "kind": "gas", "minutes_each": 3,
        "due_at": (time.now() + timedelta(days=3)).isoformat(), "target": {"areas": [STREET]},
        "fields": [
            {"label": "软管是否老化", "kind": "yes_no", "problem": ["yes"]},
            {"label": "说明", "kind": "text", "required": False},
        ],
    }  # fmt: skip
    for _twice in range(2):
        made = send(office, "post", "operations", said, "one-key")
    at = f"operations/{made['number']}"
    assert len(office.get("/api/v1/operations?view=drafts").json()) == 1
    made = send(office, "put", at, said | {"title": "餐馆燃气排查", "version": made["version"]})
    assert office.get(f"/api/v1/{at}/preview").json()["minutes"] == 9
    stale = office.post(
        f"/api/v1/{at}/send",
        json.dumps({"version": 1}),
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "operation.stale")
    sent = send(office, "post", f"{at}/send", {"version": made["version"]})
    (task,) = field.get(f"/api/v1/{at}/tasks?state=open").json()
    assert task["area_path"] == HOME
    values = {"q1": "yes", "q2": "=1+1"}
    for _twice in range(2):
        done = send(
            field,
            "post",
            f"operation-tasks/{task['id']}/answer",
            {"version": sent["version"], "values": values},
            "answer",
        )
    assert (done["state"], done["problems"]) == ("answered", 1)
    assert send(field, "post", f"operation-tasks/{task['id']}/take-back", {})["state"] == "open"
    send(field, "post", f"operation-tasks/{task['id']}/answer", {"version": sent["version"], "values": values})
    progress = office.get(f"/api/v1/{at}/progress").json()
    assert [(one["tasks"], one["answered"], one["within_day"]) for one in progress] == [(2, 1, 1), (1, 0, 0)]
    file = b"".join(office.get(f"/api/v1/{at}/answers.csv").streaming_content).decode()
    assert len(file.splitlines()) == 4
    assert "'=1+1" in file
    assert send(office, "post", f"{at}/remind", {}) == {"reminded": 2}
    later = {"due_at": (time.now() + timedelta(days=6)).isoformat(), "reason": "下雨，顺延"}
    longer = send(office, "post", f"{at}/extend", later | {"version": sent["version"]})
    body = said | {
        "title": "餐馆燃气排查（补充）",
        "due_at": longer["due_at"],
        "version": longer["version"],
        "reason": "补充说明",
    }
    amended = send(office, "post", f"{at}/amend", body)
    assert (
        send(office, "post", f"{at}/stop", {"version": amended["version"], "reason": "转入日常"})["state"] == "stopped"
    )
