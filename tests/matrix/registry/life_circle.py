"""The life circle, its places and street networks: at the desk and by the API.

There is no place on the stage of the matrix: what names one is 404 even for whoever has the right (``tests/lifecircle`` tells of one).
"""

from __future__ import annotations

from tests.matrix.registry import Call, Entry

NOBODY = "01935000-0000-7000-8000-000000000000"
VIEW, KEEP, IMPORT = "lifecircle.view", "place.keep", "lifecircle.import"
STREETS = "district=510107&source=x&valid_from=2026-11-18"
PLACE = {"kind": "canteen", "name": "社区食堂", "lng": 100.0, "lat": 20.0}


def _desk(route: str, method: str, verb: str, *, missing: bool = False) -> Entry:
    path = f"/desk/{route}".replace("<uuid:place_id>", NOBODY).replace("<path:area>", "510107/012/003")
    return Entry(
        f"desk/{route}",
        method,
        lambda s: Call(path),
        verb=verb,
        door="case.list",
        maybe_missing=missing,
        exact=not missing,
    )


ENTRIES = [
    _desk("life-circle", "GET", VIEW),
    _desk("life-circle/<path:area>", "GET", VIEW, missing=True),
    _desk("life-circle.csv", "GET", VIEW),
    _desk("life-circle-points", "GET", VIEW),
    _desk("places", "GET", VIEW),
    _desk("places/new", "GET", KEEP),
    _desk("places/new", "POST", KEEP),
    _desk("places/files", "GET", KEEP),
    _desk("places/files", "POST", KEEP),
    _desk("places/files/template", "GET", KEEP),
    _desk("places/<uuid:place_id>", "GET", VIEW, missing=True),
    _desk("places/<uuid:place_id>", "POST", KEEP, missing=True),
    _desk("streets", "GET", VIEW),
    _desk("streets/take", "POST", IMPORT),
    Entry("api/v1/life-circle", "GET", lambda s: Call("/api/v1/life-circle"), verb=VIEW),
    Entry("api/v1/life-circle/gaps", "GET", lambda s: Call("/api/v1/life-circle/gaps"), verb=VIEW),
    Entry("api/v1/places", "GET", lambda s: Call("/api/v1/places"), verb=VIEW),
    Entry("api/v1/places", "POST", lambda s: Call("/api/v1/places", PLACE), verb=KEEP, exact=False),
    Entry("api/v1/street-networks", "GET", lambda s: Call("/api/v1/street-networks"), verb=VIEW),
    *(
        Entry(
            f"api/v1/street-networks{more}", "POST",
            lambda s, more=more: Call(f"/api/v1/street-networks{more}?{STREETS}", {"a": "b"}, content_type="application/geo+json"),
            verb=IMPORT, exact=False,
        )
        for more in ("", "/check")
    ),
    Entry(
        "api/v1/places/<uuidstr:place_id>", "PUT", lambda s: Call(f"/api/v1/places/{NOBODY}", {**PLACE, "version": 1}), verb=KEEP,
        maybe_missing=True, exact=False,
    ),
    Entry(
        "api/v1/places/<uuidstr:place_id>/retire", "POST", lambda s: Call(f"/api/v1/places/{NOBODY}/retire", {}), verb=KEEP,
        maybe_missing=True, exact=False,
    ),
]  # fmt: skip
