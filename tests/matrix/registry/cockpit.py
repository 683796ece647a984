"""The cockpit: whoever may see figures, within their area; which areas are seen from where is told in ``tests/cockpit``."""

from __future__ import annotations

from tests.matrix.registry import Call, Entry

VERB = "figures.view"

ENTRIES = [
    Entry("cockpit", "GET", lambda s: Call("/cockpit"), verb=VERB),
    Entry("cockpit/<path:area>", "GET", lambda s: Call("/cockpit/510199/001"), verb=VERB, maybe_missing=True),
    Entry("cockpit/day/<path:area>", "GET", lambda s: Call("/cockpit/day/510199/001"), verb=VERB, maybe_missing=True),
    Entry(
        "cockpit/figure/<slug:metric>/<path:area>", "GET", lambda s: Call("/cockpit/figure/closed/510199/001"), verb=VERB,
        maybe_missing=True,
    ),
    Entry("cockpit/unusual/<path:area>", "GET", lambda s: Call("/cockpit/unusual/510199/001"), verb=VERB, maybe_missing=True),
    Entry(
        "cockpit/download/<slug:panel>.<slug:form>", "GET", lambda s: Call("/cockpit/download/none.csv"), verb=VERB,
        maybe_missing=True,
    ),
]  # fmt: skip
