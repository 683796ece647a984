"""Dedicated grids: at the desk and by the API.

There is none on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what with one that is there is
told in ``tests/dedicated/test_dedicated.py``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
API = "api/v1/dedicated-grids"
VIEW, KEEP, READ = "dedicated.view", "dedicated.keep", "dedicated.read_contact"
PLAN = {"title": "预案", "text": "先打保卫值班电话，再集合。", "valid_from": "2026-11-22"}


def _desk(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/desk/dedicated{route}"
    for name in ("<uuid:area_id>", "<uuid:file_id>"):
        path = path.replace(name, NOBODY)
    path = path.replace("<str:size>", "small")
    return Entry(
        f"desk/dedicated{route}", method, lambda s: Call(path, data or {}), verb=verb, door="case.list", maybe_missing=True, exact=False
    )  # fmt: skip


def _api(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/{API}{route}".replace("<uuid:area_id>", NOBODY)
    written = route.replace("<uuid:", "<uuidstr:")  # as ninja writes it
    return Entry(
        f"{API}{written}", method, lambda s: Call(path, data or {}), verb=verb, maybe_missing=True, exact=False
    )


ONE = "/<uuid:area_id>"
ENTRIES = [
    Entry("desk/dedicated", "GET", lambda s: Call("/desk/dedicated"), verb=VIEW, door="case.list"),
    _desk(ONE, "GET", VIEW),
    _desk(f"{ONE}/do", "POST", KEEP, {"what": "contact", "name": "高建国", "phone": "13800008101"}),
    _desk(f"{ONE}/contact", "GET", READ),
    _desk(f"{ONE}/contact", "POST", READ, {"purpose": "核实"}),
    _desk(f"{ONE}/files/<uuid:file_id>/<str:size>", "GET", VIEW),
    Entry(API, "GET", lambda s: Call(f"/{API}"), verb=VIEW),
    _api(ONE, "GET", VIEW),
    _api(f"{ONE}/contact", "PUT", KEEP, {"name": "高建国", "phone": "13800008101"}),
    _api(f"{ONE}/kind", "PUT", KEEP, {"kind": "school"}),
    _api(f"{ONE}/contact/read", "POST", READ, {"purpose": "核实"}),
    _api(f"{ONE}/plans", "POST", KEEP, PLAN),
    _api(f"{ONE}/review", "POST", KEEP, {"plan": NOBODY}),
]
