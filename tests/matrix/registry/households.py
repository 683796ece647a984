"""People and dwellings by the API.

No dwelling, proposal or file stands on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what
with one that is there is told in ``tests/households``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
API = "api/v1/households"
TERM = {"area_path": "510107/012/003", "title": "秋季核验", "starts_on": "2026-11-18", "ends_on": "2026-12-01"}
FILE = {"name": "人房.csv", "length": 1000, "area_path": "510107/012/003"}


def _api(
    route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, query: str = "", missing: bool = False
) -> Entry:
    path = f"/{API}/{route}{query}"
    for name in ("dwelling_id", "person_id", "visit_id", "proposal_id", "import_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    return Entry(
        f"{API}/{route.replace('<uuid:', '<uuidstr:')}", method, lambda s: Call(path, data or {}), verb=verb,
        maybe_missing=missing, exact=not missing,
    )  # fmt: skip


def _piece() -> Entry:
    call = Call(
        f"/{API}/imports/{NOBODY}/file", {}, content_type="application/offset+octet-stream",
        headers={"Upload-Offset": "0"},
    )  # fmt: skip
    return Entry(
        f"{API}/imports/<uuidstr:import_id>/file", "PATCH", lambda s: call, verb="household.import", maybe_missing=True,
        exact=False,
    )  # fmt: skip


ENTRIES = [
    _api("dwellings", "GET", "household.view"),
    _api("dwellings/<uuid:dwelling_id>", "GET", "household.view", query="?purpose=%E6%A0%B8%E5%AF%B9%E6%9D%A5%E7%94%B5", missing=True),
    _api("people/<uuid:person_id>/read", "POST", "household.read", {"purpose": "核对来电"}, missing=True),
    _api("walk", "GET", "household.verify"),
    _api("dwellings/<uuid:dwelling_id>/verify", "POST", "household.verify", {"outcome": "as_it_was"}, missing=True),
    _api("visits/<uuid:visit_id>/undo", "POST", "household.verify", missing=True),
    _api(
        "dwellings/<uuid:dwelling_id>/proposals", "POST", "household.propose", {"change": "status", "status": "let"},
        missing=True,
    ),
    _api("proposals", "GET", "household.decide"),
    _api("proposals/<uuid:proposal_id>/accept", "POST", "household.decide", missing=True),
    _api("proposals/<uuid:proposal_id>/refuse", "POST", "household.decide", {"reason": "已核实无变化"}, missing=True),
    _api("proposals/<uuid:proposal_id>/reopen", "POST", "household.decide", missing=True),
    _api("campaigns", "GET", "household.progress"),
    _api("campaigns", "POST", "household.campaign", TERM, missing=True),
    _api("campaigns/progress", "GET", "household.progress"),
    _api("imports", "GET", "household.import"),
    _api("imports", "POST", "household.import", FILE, missing=True),
    _api("imports/<uuid:import_id>", "GET", "household.import", missing=True),
    _piece(),
    _api("imports/<uuid:import_id>/stop", "POST", "household.import", missing=True),
    _api("imports/<uuid:import_id>/go-on", "POST", "household.import", {"leave_out": True}, missing=True),
    _api("imports/<uuid:import_id>/problems", "GET", "household.import", missing=True),
    _api("imports/<uuid:import_id>/problems.xlsx", "GET", "household.import", missing=True),
    _api("imports/template.xlsx", "GET", "household.import"),
]  # fmt: skip
