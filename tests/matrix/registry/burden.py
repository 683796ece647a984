"""What tasks cost is for everybody, and so is a report that begins with its photo."""

from __future__ import annotations

from tests.matrix.registry import Call, Entry, Guard

ENTRIES = [
    Entry("burden", "GET", lambda s: Call("/burden"), guard=Guard.PUBLIC),
    Entry("api/v1/burden", "GET", lambda s: Call("/api/v1/burden"), guard=Guard.PUBLIC),
    Entry("report/photo", "POST", lambda s: Call("/report/photo"), guard=Guard.PUBLIC),
]
