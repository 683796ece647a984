"""Words before they become public, and where one lives: those look through them who moderate their area; an author's own are the author's.

There is no such text on the stage of the matrix: what names one stays 404 for whoever may look. Who may do what with one that is
there is told in ``tests/moderation``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry, Guard, On

NOBODY = "01935000-0000-7000-8000-000000000000"
NAME = f"510107.{NOBODY}"
MODERATE = "case.moderate"
API = "/api/v1"
BODIES: dict[str, dict[str, Any]] = {
    "publish": {"version": 1},
    "withhold": {"version": 1, "reason": "abuse"},
    "take_back": {"version": 1},
    "decide": {"version": 1, "agree": True, "words": "同意"},
    "original": {"purpose": "看一看"},
}
OWN: dict[str, dict[str, Any]] = {"keep_private": {}, "allow": {}, "object": {"words": "不要公开"}}


def _desk(route: str, method: str, path: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    return Entry(
        route,
        method,
        lambda s: Call(path, data or {}),
        verb=MODERATE,
        door="case.list",
        maybe_missing=missing,
        exact=False,
    )


def _decision(name: str) -> Entry:
    address = f"{API}/words/510107/{NOBODY}/{name}"
    route = f"api/v1/words/<district>/<uuidstr:text_id>/{name}"
    return Entry(route, "POST", lambda s: Call(address, BODIES[name]), guard=Guard.MISSING)


def _of_author(name: str) -> Entry:
    route = f"api/v1/cases/<number>/words/<uuidstr:text_id>/{name}"
    return Entry(
        route, "POST", lambda s: Call(f"{API}/cases/{s.number}/words/{NOBODY}/{name}", OWN[name]),
        guard=Guard.MISSING,
    )  # fmt: skip


ENTRIES = [
    _desk("desk/words", "GET", "/desk/words"),
    _desk("desk/words/publish", "POST", "/desk/words/publish", {"text": f"{NAME}:1"}),
    _desk("desk/words/take-back", "POST", "/desk/words/take-back", {"texts": f"{NAME}:1"}),
    _desk("desk/words/<str:name>", "GET", f"/desk/words/{NAME}", missing=True),
    _desk("desk/words/<str:name>/<slug:step>", "POST", f"/desk/words/{NAME}/publish", {"version": "1"}, missing=True),
    Entry("admin/words", "GET", lambda s: Call("/admin/words"), verb="moderation.configure"),
    Entry(
        "admin/words", "POST", lambda s: Call("/admin/words", {"district": "510107", "mode": "decided", "sources": "report"}),
        verb="moderation.configure",
    ),
    Entry("api/v1/words", "GET", lambda s: Call(f"{API}/words"), verb=MODERATE),
    *(_decision(name) for name in BODIES),
    Entry(
        "api/v1/words/settings/<district>", "PUT",
        lambda s: Call(f"{API}/words/settings/510107", {"mode": "decided", "sources": ["report"]}), verb="moderation.configure",
    ),
    Entry(
        "api/v1/cases/<number>/words", "GET", lambda s: Call(f"{API}/cases/{s.number}/words"), verb="case.view", on=On.CASE
    ),
    *(_of_author(name) for name in OWN),
    Entry("my/home", "GET", lambda s: Call("/my/home"), guard=Guard.ACCOUNT),
    Entry("my/home", "POST", lambda s: Call("/my/home", {"remove": "1"}), guard=Guard.ACCOUNT),
    Entry("problem/<str:number>", "GET", lambda s: Call(f"/problem/{s.number}"), guard=Guard.PUBLIC),
    Entry(
        "case/<str:number>/words", "GET", lambda s: Call(f"/case/{s.number}/words"), verb="case.view", on=On.CASE,
        as_resident=True,
    ),
    *(
        Entry(
            "case/<str:number>/words/<uuid:text_id>/<slug:step>", method,
            lambda s: Call(f"/case/{s.number}/words/{NOBODY}/object", {"words": "不要公开"}), guard=Guard.CODE,
        )
        for method in ("GET", "POST")
    ),
]  # fmt: skip
