"""Sets of indicators are everybody's; scores are for whoever may see them, within their area (``tests/indicators``)."""

from __future__ import annotations

from tests.matrix.registry import Call, Entry, Guard

VERB = "indicators.view"

ENTRIES = [
    Entry("api/v1/indicator-sets", "GET", lambda s: Call("/api/v1/indicator-sets"), guard=Guard.PUBLIC),
    Entry("api/v1/indicator-sets/score", "GET", lambda s: Call("/api/v1/indicator-sets/score"), verb=VERB),
    Entry("desk/indicators", "GET", lambda s: Call("/desk/indicators"), verb=VERB, door="case.list"),
    Entry("desk/indicators.xlsx", "GET", lambda s: Call("/desk/indicators.xlsx"), verb=VERB, door="case.list"),
]
