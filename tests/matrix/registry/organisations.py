"""Organisations: the register, coverage and drives at the desk, their endpoints, the types at the administration.

There is no drive on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what with one that is
there is told in ``tests/organisations``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
COMMUNITY = "510107/012/003"
API = "api/v1/organisations"
NEW = {"type": "no_such_type", "name": "玉林志愿队", "area_path": COMMUNITY}
DRIVE = {"type": "no_such_type", "area_path": COMMUNITY, "title": "组建行动", "until": "2027-01-01"}
IDS = ("organisation_id", "drive_id", "build_id")


def _filled(path: str) -> str:
    for name in IDS:
        path = path.replace(f"<uuid:{name}>", NOBODY)
    return path


def _desk(route: str, method: str, verb: str, *, missing: bool = False, query: str = "") -> Entry:
    path = _filled(f"/desk/organisations{route}{query}")
    return Entry(
        f"desk/organisations{route}", method, lambda s: Call(path), verb=verb, door="case.list", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


def _api(
    route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False, query: str = ""
) -> Entry:
    path = _filled(f"/{API}{route}{query}")
    return Entry(
        f"{API}{route.replace('<uuid:', '<uuidstr:')}", method, lambda s: Call(path, data or {}), verb=verb,
        maybe_missing=missing, exact=False,
    )  # fmt: skip


ENTRIES = [
    _desk("", "GET", "organisation.view"),
    _desk("/register.xlsx", "GET", "organisation.view"),
    _desk("/new", "GET", "organisation.keep"),
    _desk("/new", "POST", "organisation.keep"),
    _desk("/files", "GET", "organisation.keep"),
    _desk("/files", "POST", "organisation.keep"),
    _desk("/files/template", "GET", "organisation.keep"),
    _desk("/coverage", "GET", "organisation.view"),
    _desk("/coverage/missing", "GET", "organisation.view", query="?type=no_such"),
    _desk("/coverage.xlsx", "GET", "organisation.view"),
    _desk("/drives", "GET", "organisation.view"),
    _desk("/drives/new", "GET", "organisation.build"),
    _desk("/drives/new", "POST", "organisation.build", missing=True),
    _desk("/drives/<uuid:drive_id>", "GET", "organisation.view", missing=True),
    _desk("/drives/<uuid:drive_id>", "POST", "organisation.build", missing=True),
    _desk("/builds/<uuid:build_id>", "GET", "organisation.view", missing=True),
    _desk("/builds/<uuid:build_id>", "POST", "organisation.build", missing=True),
    _desk("/<uuid:organisation_id>", "GET", "organisation.view", missing=True),
    _desk("/<uuid:organisation_id>", "POST", "organisation.keep", missing=True),
    _api("/types", "GET", "organisation.view"),
    _api("/register", "GET", "organisation.view"),
    _api("", "POST", "organisation.keep", NEW, missing=True),
    _api("/coverage", "GET", "organisation.view", query="?type=no_such"),
    _api("/coverage/missing", "GET", "organisation.view", query="?type=no_such"),
    _api("/drives", "GET", "organisation.view"),
    _api("/drives", "POST", "organisation.build", DRIVE, missing=True),
    _api("/drives/<uuid:drive_id>/builds", "GET", "organisation.view", missing=True),
    _api("/drives/<uuid:drive_id>/end", "POST", "organisation.build", {"version": 1}, missing=True),
    _api("/builds/<uuid:build_id>", "GET", "organisation.view", missing=True),
    _api("/builds/<uuid:build_id>/step", "POST", "organisation.build", {"version": 1, "stage": "find"}, missing=True),
    _api("/builds/<uuid:build_id>/undo", "POST", "organisation.build", {"version": 1, "reason": "误操作"}, missing=True),
    _api("/<uuid:organisation_id>/file", "GET", "organisation.view", missing=True),
    _api("/<uuid:organisation_id>/change", "POST", "organisation.keep", {"version": 1, "name": "改名"}, missing=True),
    _api("/<uuid:organisation_id>/dissolve", "POST", "organisation.keep", {"version": 1, "reason": "合并"}, missing=True),
    _api("/<uuid:organisation_id>/revive", "POST", "organisation.keep", {"version": 1}, missing=True),
    Entry("admin/organisation-types", "GET", lambda s: Call("/admin/organisation-types"), verb="organisation.configure"),
    Entry(
        "admin/organisation-types", "POST", lambda s: Call("/admin/organisation-types", {"what": "type"}),
        verb="organisation.configure",
    ),
]  # fmt: skip
