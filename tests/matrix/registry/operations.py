"""Special operations by the API. There is none on the stage of the matrix: what names one is 404 even for whoever has the right."""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
API = "api/v1/operations"
TASK = "api/v1/operation-tasks/<uuidstr:task_id>"
VIEW, COMPOSE, SEND, ANSWER = "operation.view", "operation.compose", "operation.send", "operation.answer"
OPERATION: dict[str, Any] = {
    "title": "燃气安全排查", "purpose": "入冬前排查餐馆用气安全", "kind": "gas", "due_at": "2026-12-20T18:00:00+08:00", "minutes_each": 3,
    "fields": [{"label": "软管是否老化", "kind": "yes_no"}], "target": {"areas": ["510107/012"]},
}  # fmt: skip
SEEN = {"version": 1}
WHY = {"reason": "下雨，顺延两天"}


def _one(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/{API}/510107-269999{route}"
    return Entry(
        f"{API}/<number>{route}", method, lambda s: Call(path, data or {}), verb=verb, maybe_missing=True, exact=False
    )


def _task(route: str, data: dict[str, Any]) -> Entry:
    path = f"/api/v1/operation-tasks/{NOBODY}/{route}"
    return Entry(f"{TASK}/{route}", "POST", lambda s: Call(path, data), verb=ANSWER, maybe_missing=True, exact=False)


ENTRIES = [
    Entry(API, "GET", lambda s: Call(f"/{API}"), verb=VIEW),
    Entry(API, "POST", lambda s: Call(f"/{API}", OPERATION), verb=COMPOSE),
    _one("", "GET", VIEW),
    _one("", "PUT", COMPOSE, OPERATION | SEEN),
    _one("/preview", "GET", VIEW),
    _one("/send", "POST", SEND, SEEN),
    _one("/amend", "POST", SEND, OPERATION | SEEN | WHY),
    _one("/extend", "POST", SEND, SEEN | WHY | {"due_at": "2026-12-24T18:00:00+08:00"}),
    _one("/stop", "POST", SEND, SEEN | WHY),
    _one("/remind", "POST", SEND),
    _one("/progress", "GET", VIEW),
    _one("/tasks", "GET", VIEW),
    _one("/answers.csv", "GET", VIEW),
    _task("answer", SEEN | {"values": {}}),
    _task("take-back", {}),
]
