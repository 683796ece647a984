"""The catalogue of metrics is everybody's; values are for whoever may see figures, within their area (``tests/metrics``)."""

from __future__ import annotations

from tests.matrix.registry import Call, Entry, Guard

VERB = "figures.view"
API = "/api/v1/figures"


def _api(route: str, query: str = "") -> Entry:
    return Entry(f"api/v1/figures{route}", "GET", lambda s: Call(f"{API}{route}{query}"), verb=VERB)


ENTRIES = [
    Entry("api/v1/figures/public", "GET", lambda s: Call(f"{API}/public?area_path=510107"), guard=Guard.PUBLIC),
    Entry("api/v1/metrics", "GET", lambda s: Call("/api/v1/metrics"), guard=Guard.PUBLIC),
    _api(""),
    _api("/series", "?metric=reported"),
    _api("/areas", "?metric=reported"),
    _api("/cases", "?metric=reported"),
    _api("/categories"),
    _api("/anomalies"),
]
