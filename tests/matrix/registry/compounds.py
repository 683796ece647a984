"""Compounds: the rules are everybody's, a file the posts' of its area, one's own compound its residents'.

There is no compound on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what with one that is
there is told in ``tests/compounds``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry, Guard

NOBODY = "01935000-0000-7000-8000-000000000000"
API = "api/v1/compounds"
FROM = {"source": "filing"}
RECORDS: dict[str, dict[str, Any]] = {
    "committee": FROM | {"state": "none", "holds_from": "2026-01-01"},
    "contract": FROM | {"kind": "self_managed", "starts_on": "2026-01-01"},
    "fund": FROM | {"kind": "opening", "amount_fen": 100, "day": "2026-01-01"},
    "fund/<uuid:entry_id>/reverse": {"reason": "记错了"},
    "renovations": FROM | {"title": "综合改造", "state": "planned", "starts_on": "2026-12-01", "ends_on": "2027-06-01"},
    "dues": FROM | {"starts_on": "2026-01-01", "ends_on": "2026-06-30", "billed": 10, "paid": 9},
    "votes": FROM
    | {"subject": "company", "title": "续聘", "held_on": "2026-05-01", "heads": 9, "area": 900, "yes_heads": 7, "yes_area": 700,
       "no_heads": 1, "no_area": 100},
    "checks": FROM | {"year": 2025, "answers": {}},
    "photos": {"upload": NOBODY},
}  # fmt: skip


def _filled(path: str) -> str:
    for name in ("compound_id", "entry_id", "photo", "change_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    return path.replace("<slug:section>", "committee").replace("<str:size>", "small")


def _desk(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = _filled(f"/desk/compounds{route}")
    return Entry(
        f"desk/compounds{route}", method, lambda s: Call(path, data or {}), verb=verb, door="case.list", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


def _api(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = _filled(f"/{API}{route}")
    return Entry(
        f"{API}{route.replace('<uuid:', '<uuidstr:')}", method, lambda s: Call(path, data or {}), verb=verb,
        maybe_missing=missing, exact=not missing,
    )  # fmt: skip


def _admin(route: str, method: str, *, missing: bool = False) -> Entry:
    path = _filled(f"/admin/compound-rules{route}")
    return Entry(
        f"admin/compound-rules{route}", method, lambda s: Call(path), verb="compound.change_rules", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


ONE = "/<uuid:compound_id>"
ENTRIES = [
    Entry("compound-rules", "GET", lambda s: Call("/compound-rules"), guard=Guard.PUBLIC),
    Entry("compound-rules/<int:number>", "GET", lambda s: Call("/compound-rules/99"), guard=Guard.CODE),
    Entry(f"{API}/rules", "GET", lambda s: Call(f"/{API}/rules"), guard=Guard.PUBLIC),
    Entry("my/compound", "GET", lambda s: Call("/my/compound"), verb="compound.own", as_resident=True),
    Entry(
        f"my/compound{ONE}", "GET", lambda s: Call(_filled(f"/my/compound{ONE}")), verb="compound.own", as_resident=True,
        maybe_missing=True,
    ),
    _desk("", "GET", "compound.view"),
    _desk("/running-out", "GET", "compound.view"),
    _desk("/count", "GET", "compound.view"),
    _desk("/files", "GET", "compound.import|compound.export"),
    _desk("/files", "POST", "compound.import|compound.export"),
    _desk("/files/template", "GET", "compound.import"),
    _desk(ONE, "GET", "compound.view", missing=True),
    _desk(f"{ONE}/chair", "GET", "compound.read_contact", missing=True),
    _desk(f"{ONE}/chair", "POST", "compound.read_contact", missing=True),
    _desk(f"{ONE}/photos", "POST", "compound.keep", missing=True),
    _desk(f"{ONE}/photos/<uuid:photo>/<str:size>", "GET", "compound.view", missing=True),
    _desk(f"{ONE}/fund/<uuid:entry_id>", "GET", "compound.keep", missing=True),
    _desk(f"{ONE}/fund/<uuid:entry_id>", "POST", "compound.keep", missing=True),
    _desk(f"{ONE}/note/<slug:section>", "GET", "compound.keep", missing=True),
    _desk(f"{ONE}/note/<slug:section>", "POST", "compound.keep", missing=True),
    _admin("", "GET"),
    _admin("", "POST"),
    _admin("/changes/<uuid:change_id>", "GET", missing=True),
    _admin("/changes/<uuid:change_id>/decide", "POST", missing=True),
    _api("", "GET", "compound.view"),
    _api("/running-out", "GET", "compound.view"),
    _api("/file", "POST", "compound.import", {"lines": [["name"], ["玉林北苑"]]}),
    _api(ONE, "GET", "compound.view", missing=True),
    *(_api(f"{ONE}/{path}", "POST", "compound.keep", data, missing=True) for path, data in RECORDS.items()),
]  # fmt: skip
