"""Sets of indicators are everybody's; scores are for whoever may see them, within their area (``tests/indicators``)."""

from __future__ import annotations

from tests.matrix.registry import Call, Entry, Guard

VERB, SUBMIT = "indicators.view", "indicators.submit"
DESK, API = "desk/indicators/evidence", "api/v1/indicator-evidence"
NOBODY = "01935000-0000-7000-8000-000000000000"
FACTS = {
    "set": "near_zero_carbon", "indicator": "sorting", "area_path": "510107/012/003", "text": "抽查二十个投放点。", "value": 0.9,
    "dated": "2026-11-01",
}  # fmt: skip


def _one(route: str, method: str, data: dict[str, object] | None = None, *, desk: bool = True) -> Entry:
    """What names a piece of evidence: there is none on the stage of the matrix."""
    path = (
        f"/{route}".replace("<uuid:evidence_id>", NOBODY)
        .replace("<uuid:file_id>", NOBODY)
        .replace("<str:size>", "small")
    )
    written = route if desk else route.replace("<uuid:", "<uuidstr:")  # as ninja writes it
    door = {"door": "case.list"} if desk else {}
    return Entry(written, method, lambda s: Call(path, data or {}), verb=VERB, maybe_missing=True, exact=False, **door)


ENTRIES = [
    Entry("api/v1/indicator-sets", "GET", lambda s: Call("/api/v1/indicator-sets"), guard=Guard.PUBLIC),
    Entry("api/v1/indicator-sets/score", "GET", lambda s: Call("/api/v1/indicator-sets/score"), verb=VERB),
    Entry("api/v1/indicator-sets/trend", "GET", lambda s: Call("/api/v1/indicator-sets/trend"), verb=VERB),
    Entry("desk/indicators", "GET", lambda s: Call("/desk/indicators"), verb=VERB, door="case.list"),
    Entry("desk/indicators.xlsx", "GET", lambda s: Call("/desk/indicators.xlsx"), verb=VERB, door="case.list"),
    Entry(DESK, "GET", lambda s: Call(f"/{DESK}"), verb=VERB, door="case.list"),
    Entry(f"{DESK}/new", "GET", lambda s: Call(f"/{DESK}/new"), verb=SUBMIT, door="case.list"),
    Entry(f"{DESK}/new", "POST", lambda s: Call(f"/{DESK}/new", {"text": "-"}), verb=SUBMIT, door="case.list"),
    _one(f"{DESK}/<uuid:evidence_id>", "GET"),
    _one(f"{DESK}/<uuid:evidence_id>/do", "POST", {"what": "withdraw"}),
    _one(f"{DESK}/<uuid:evidence_id>/files/<uuid:file_id>/<str:size>", "GET"),
    Entry(API, "GET", lambda s: Call(f"/{API}"), verb=VERB),
    Entry(API, "POST", lambda s: Call(f"/{API}", FACTS), verb=SUBMIT, maybe_missing=True, exact=False),
    _one(f"{API}/<uuid:evidence_id>", "GET", desk=False),
    _one(f"{API}/<uuid:evidence_id>/review", "POST", {"decision": "return", "reason": "-"}, desk=False),
    _one(f"{API}/<uuid:evidence_id>/withdraw", "POST", desk=False),
]
