"""Briefs at the desk and by the API. There is none on the stage of the matrix: what names one is 404 even for whoever has the right."""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
API, ONE, DESK = "api/v1/briefs", "api/v1/briefs/<uuidstr:brief_id>", "desk/briefs/<uuid:brief_id>"
VIEW, MAKE, ISSUE = "brief.view", "brief.make", "brief.issue"
WHICH: dict[str, Any] = {"kind": "week"}


def _one(route: str, method: str, verb: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/{API}/{NOBODY}{route}".replace("<form>", "pdf")
    return Entry(f"{ONE}{route}", method, lambda s: Call(path, data or {}), verb=verb, maybe_missing=True, exact=False)


def _desk(route: str, method: str, data: dict[str, Any] | None = None) -> Entry:
    path = f"/desk/briefs/{NOBODY}{route}".replace("<str:form>", "pdf")
    return Entry(
        f"{DESK}{route}", method, lambda s: Call(path, data or {}), verb=VIEW, door="case.list", maybe_missing=True, exact=False
    )  # fmt: skip


ENTRIES = [
    Entry(API, "GET", lambda s: Call(f"/{API}"), verb=VIEW),
    Entry(API, "POST", lambda s: Call(f"/{API}", WHICH | {"first": "2026-01-05"}), verb=MAKE, exact=False),
    Entry(f"{API}/subscriptions", "GET", lambda s: Call(f"/{API}/subscriptions"), verb=VIEW, exact=False),
    Entry(f"{API}/subscriptions", "PUT", lambda s: Call(f"/{API}/subscriptions", WHICH), verb=MAKE, exact=False),
    _one("", "GET", VIEW),
    _one("/file.<form>", "GET", VIEW),
    _one("/note", "PUT", MAKE, {"revision": 1, "note": "平稳"}),
    _one("/issue", "POST", ISSUE, {"revision": 1}),
    _one("/correct", "POST", MAKE, {"revision": 1, "changed": "补计一件"}),
    Entry("desk/briefs", "GET", lambda s: Call("/desk/briefs"), verb=VIEW, door="case.list"),
    Entry(
        "desk/briefs",
        "POST",
        lambda s: Call("/desk/briefs", {"do": "subscribe"}),
        verb=VIEW,
        door="case.list",
        exact=False,
    ),
    _desk("", "GET"),
    _desk("", "POST", {"do": "issue"}),
    _desk("/file.<str:form>", "GET"),
]
