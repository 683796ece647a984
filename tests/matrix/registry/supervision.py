"""Quarterly supervision: at the desk and by the API. There is none on the stage of the matrix: what names one is 404."""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
API = "api/v1/supervision"
VIEW, DRAW, FOLLOW, CHECK = "supervision.view", "supervision.draw", "supervision.follow", "supervision.check"
SAID = {"version": 1, "text": "已加派人手，每周回看"}


def _one(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/{API}/items/{NOBODY}{route}"
    return Entry(
        f"{API}/items/<uuidstr:item_id>{route}", method, lambda s: Call(path, data or {}), verb=verb, maybe_missing=True, exact=False
    )  # fmt: skip


ENTRIES = [
    Entry("desk/supervision", "GET", lambda s: Call("/desk/supervision"), verb=VIEW, door="case.list"),
    Entry(
        "desk/supervision/draw", "POST", lambda s: Call("/desk/supervision/draw"), verb=DRAW, door="case.list", maybe_missing=True,
        exact=False,
    ),
    Entry(
        "desk/supervision/items/<uuid:item_id>", "GET", lambda s: Call(f"/desk/supervision/items/{NOBODY}"), verb=VIEW, door="case.list",
        maybe_missing=True, exact=False,
    ),
    Entry(
        "desk/supervision/items/<uuid:item_id>", "POST", lambda s: Call(f"/desk/supervision/items/{NOBODY}", {"do": "note"}), verb=VIEW,
        door="case.list", maybe_missing=True, exact=False,
    ),
    Entry(API, "GET", lambda s: Call(f"/{API}"), verb=VIEW),
    Entry(
        API, "POST", lambda s: Call(f"/{API}", {"district": "510107"}), verb=DRAW, maybe_missing=True,
        exact=False,
    ),
    Entry(
        f"{API}/<uuidstr:list_id>", "GET", lambda s: Call(f"/{API}/{NOBODY}"), verb=VIEW, maybe_missing=True, exact=False
    ),
    _one("", "GET", VIEW),
    _one("/follow", "POST", FOLLOW, SAID),
    _one("/check", "POST", CHECK, SAID | {"verdict": "close"}),
    _one("/assign", "POST", DRAW, {"version": 1, "organisation": NOBODY, "due_on": "2026-12-20"}),
]  # fmt: skip
