"""Special operations: at the desk and in the hand.

There is none on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what with one that is there is
told in ``tests/operations`` and ``tests/desk/test_operations.py``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
NUMBER = "510107-260001"
VIEW, COMPOSE, SEND, ANSWER = "operation.view", "operation.compose", "operation.send", "operation.answer"


def _desk(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = (
        f"/desk/operations{route}".replace("<str:number>", NUMBER)
        .replace("<str:form>", "csv")
        .replace("<uuid:task_id>", NOBODY)
        .replace("<uuid:operation_id>", NOBODY)
    )
    return Entry(
        f"desk/operations{route}", method, lambda s: Call(path, data or {}), verb=verb, door="case.list", maybe_missing=True, exact=False
    )  # fmt: skip


def _field(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/field/operations{route}".replace("<uuid:task_id>", NOBODY).replace("<slug:what>", "answer")
    return Entry(
        f"field/operations{route}", method, lambda s: Call(path, data or {}), verb=verb, door="field.work", maybe_missing=True, exact=False
    )  # fmt: skip


ONE = "/<str:number>"
TASK = "/<uuid:task_id>"
ENTRIES = [
    Entry("desk/operations", "GET", lambda s: Call("/desk/operations"), verb=VIEW, door="case.list"),
    Entry("desk/operations/new", "GET", lambda s: Call("/desk/operations/new"), verb=COMPOSE, door="case.list"),
    Entry(
        "desk/operations/new",
        "POST",
        lambda s: Call("/desk/operations/new", {"do": "save"}),
        verb=COMPOSE,
        door="case.list",
    ),
    _desk("/of/<uuid:operation_id>", "GET", VIEW),
    _desk(ONE, "GET", VIEW),
    _desk(ONE, "POST", VIEW, {"do": "remind"}),
    _desk(f"{ONE}/change", "GET", COMPOSE),
    _desk(f"{ONE}/change", "POST", COMPOSE, {"do": "save"}),
    _desk(f"{ONE}/answers.<str:form>", "GET", VIEW),
    _desk(f"{ONE}/result.<str:form>", "GET", VIEW),
    _desk(f"/tasks{TASK}", "GET", ANSWER),
    _desk(f"/tasks{TASK}", "POST", ANSWER, {"version": "1"}),
    Entry(
        "field/operations/of/<uuid:operation_id>",
        "GET",
        lambda s: Call(f"/field/operations/of/{NOBODY}"),
        verb="field.work",
    ),
    _field(TASK, "GET", VIEW),
    _field(f"{TASK}/do/<slug:what>", "POST", ANSWER, {"version": "1"}),
]
