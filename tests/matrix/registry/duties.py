"""Duty lists: the lists, decisions and proofs are everybody's; what waits is the posts'.

There is no application, form or sheet on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what
with one that is there is told in ``tests/duties``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry, Guard

NOBODY = "01935000-0000-7000-8000-000000000000"
COMMUNITY = "510107/012/003"
API = "api/v1/duties"
APPLICATION = {
    "kind": "category", "code": "UT02", "area_path": COMMUNITY, "list": "work", "why": "社区就近确认", "basis": "某办法第三条",
    "minutes": 5, "starts_on": "2026-12-01",
}  # fmt: skip
FORM = {
    "title": "某某台账", "purpose": "安排计划", "basis": "某办法第三条", "frequency": "once", "minutes": 5, "questions": ["点位数"]
}  # fmt: skip
SENT = {"area_path": COMMUNITY, "due_on": "2026-12-01"}


def _filled(path: str) -> str:
    for name in ("entry_id", "admission_id", "form_id", "sheet_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    return path


def _desk(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = _filled(f"/desk/duties{route}")
    return Entry(
        f"desk/duties{route}", method, lambda s: Call(path, data or {}), verb=verb, door="case.list", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


def _api(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = _filled(f"/{API}/{route}")
    return Entry(
        f"{API}/{route.replace('<uuid:', '<uuidstr:')}", method, lambda s: Call(path, data or {}), verb=verb,
        maybe_missing=missing, exact=not missing,
    )  # fmt: skip


def _admin(route: str, method: str) -> Entry:
    return Entry(f"admin/duties{route}", method, lambda s: Call(f"/admin/duties{route}"), verb="duties.load")


ENTRIES = [
    Entry("duties", "GET", lambda s: Call("/duties"), guard=Guard.PUBLIC),
    Entry("duties/proofs", "GET", lambda s: Call("/duties/proofs"), guard=Guard.PUBLIC),
    _desk("", "GET", "duties.read"),
    _desk("/change", "GET", "duties.decide", missing=True),
    _desk("/change", "POST", "duties.decide", missing=True),
    _desk("/money/<uuid:entry_id>", "GET", "duties.fund", missing=True),
    _desk("/money/<uuid:entry_id>", "POST", "duties.fund", missing=True),
    _desk("/admission", "GET", "duties.view"),
    _desk("/admission/apply", "GET", "duties.apply"),
    _desk("/admission/apply", "POST", "duties.apply"),
    _desk("/admission/<uuid:admission_id>", "GET", "duties.view", missing=True),
    _desk("/admission/<uuid:admission_id>", "POST", "duties.view", missing=True),
    _desk("/forms", "GET", "duties.view"),
    _desk("/forms/new", "GET", "duties.keep_form"),
    _desk("/forms/new", "POST", "duties.keep_form"),
    _desk("/forms/<uuid:form_id>", "GET", "duties.view", missing=True),
    _desk("/forms/<uuid:form_id>", "POST", "duties.view", missing=True),
    _desk("/review", "GET", "duties.view"),
    _desk("/received", "GET", "duties.answer_form"),
    _desk("/received/<uuid:sheet_id>", "GET", "duties.answer_form", missing=True),
    _desk("/received/<uuid:sheet_id>", "POST", "duties.answer_form", missing=True),
    _admin("", "GET"),
    _admin("", "POST"),
    _admin("/lists.csv", "GET"),
    _admin("/proofs", "GET"),
    _admin("/proofs", "POST"),
    *(
        Entry(f"{API}/{name}", "GET", lambda s, name=name: Call(f"/{API}/{name}?area_path={COMMUNITY}"), guard=Guard.PUBLIC)
        for name in ("lists", "decisions", "proofs")
    ),
    _api("admissions", "GET", "duties.view"),
    _api("admissions", "POST", "duties.apply", APPLICATION),
    _api(
        "admissions/<uuid:admission_id>/decide", "POST", "duties.decide", {"version": 1, "admit": False, "reason": "理由不足"},
        missing=True,
    ),
    _api("forms", "GET", "duties.view"),
    _api("forms", "POST", "duties.keep_form", FORM),
    _api("forms/<uuid:form_id>/send", "POST", "duties.keep_form", SENT, missing=True),
    _api("received", "GET", "duties.answer_form"),
    _api("received/<uuid:sheet_id>/answer", "POST", "duties.answer_form", {"answers": {}}, missing=True),
]  # fmt: skip
