"""Changes of micro-grids: at the desk and by the API.

There is no change on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what with one that is
there is told in ``tests/territory/test_redrawing.py`` and ``tests/desk/test_redrawing.py``.
"""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry, Guard

NOBODY = "01935000-0000-7000-8000-000000000000"
COMMUNITY = "510107/012/003"
API = "api/v1/redrawings"
DRAW, DECIDE = "redrawing.draw", "redrawing.approve_community|redrawing.approve_subdistrict|redrawing.approve_district"
STEP = {"do": "confirm"}


def _desk(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = True) -> Entry:
    path = f"/desk/map{route}".replace("<uuid:redrawing_id>", NOBODY)
    return Entry(
        f"desk/map{route}", method, lambda s: Call(path, data or {}), verb=verb, door="case.list", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


def _api(
    route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, query: str = "", missing: bool = True
) -> Entry:
    path = f"/{API}{route}{query}".replace("<uuid:redrawing_id>", NOBODY)
    written = route.replace("<uuid:", "<uuidstr:")  # as ninja writes it
    return Entry(
        f"{API}{written}", method, lambda s: Call(path, data or {}), verb=verb, maybe_missing=missing, exact=not missing
    )


ONE = "/<uuid:redrawing_id>"
ENTRIES = [
    _desk("", "GET", "redrawing.view", missing=False),
    _desk("", "POST", DRAW, {"community": COMMUNITY, "title": "调整"}),
    _desk("/all", "GET", "redrawing.view", missing=False),
    _desk("/all/figures", "GET", "redrawing.view", missing=False),
    Entry(
        "desk/map/area/<path:path>", "GET", lambda s: Call("/desk/map/area/510107/012"), verb="redrawing.view", door="case.list", exact=True
    ),
    Entry(
        "api/v1/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt", "GET", lambda s: Call("/api/v1/tiles/ground/9/404/208.mvt"), guard=Guard.PUBLIC
    ),
    Entry(
        "desk/map/grids", "GET", lambda s: Call("/desk/map/grids?area=510107/012"), verb="redrawing.view", door="case.list",
        maybe_missing=True, exact=False,
    ),
    _desk("/day", "GET", "redrawing.view", missing=False),
    _desk(ONE, "GET", "redrawing.view"),
    _desk(f"{ONE}/shapes", "GET", "redrawing.view"),
    _desk(f"{ONE}/file", "GET", "redrawing.view"),
    _desk(f"{ONE}/step", "POST", DRAW, STEP | {"version": "1"}),
    _desk(f"{ONE}/try", "POST", DRAW, STEP),
    _desk(f"{ONE}/do", "POST", f"{DRAW}|{DECIDE}", {"what": "back", "version": "1"}),
    _api("", "GET", "redrawing.view", missing=False),
    _api("", "POST", DRAW, {"community": COMMUNITY, "title": "调整"}),
    _api("/grids", "GET", "redrawing.view", query="?area_path=510107/012"),
    _api("/progress", "GET", "redrawing.view", query="?area_path=510107/012"),
    Entry(
        f"{API}/responsible",
        "GET",
        lambda s: Call(f"/{API}/responsible?lng=104.0605&lat=30.6305&day=2026-11-01"),
        guard=Guard.PUBLIC,
    ),
    _api(ONE, "GET", "redrawing.view"),
    _api(f"{ONE}/grids", "GET", "redrawing.view"),
    _api(ONE, "PUT", DRAW, {"version": 1, "title": "调整"}),
    _api(f"{ONE}/steps", "POST", DRAW, {"version": 1, "step": STEP}),
    _api(f"{ONE}/check", "POST", DRAW, STEP),
    _api(f"{ONE}/file", "POST", DRAW, {"version": 1, "collection": {"type": "FeatureCollection", "features": []}}),
    Entry(
        f"{API}/<uuidstr:redrawing_id>/shapes", "POST",
        lambda s: Call(f"/{API}/{NOBODY}/shapes?version=1", {"a": "b"}, content_type="application/geo+json"),
        verb=DRAW, maybe_missing=True, exact=False,
    ),
    _api(f"{ONE}/take-back", "POST", DRAW, {"version": 1}),
    _api(f"{ONE}/propose", "POST", DRAW, {"version": 1}),
    _api(f"{ONE}/withdraw", "POST", DRAW, {"version": 1}),
    _api(f"{ONE}/approve", "POST", DECIDE, {"version": 1}),
    _api(f"{ONE}/send-back", "POST", DECIDE, {"version": 1, "words": "不行"}),
]  # fmt: skip
