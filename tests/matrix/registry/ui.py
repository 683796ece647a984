"""The design system's own pages and the preferences kept in cookies: nothing about anybody."""

from tests.matrix.registry import Call, Entry, Guard

ENTRIES = [
    Entry("design", "GET", lambda s: Call("/design"), guard=Guard.PUBLIC),
    Entry("design/outlines.geojson", "GET", lambda s: Call("/design/outlines.geojson"), guard=Guard.PUBLIC),
    Entry("design/cases.geojson", "GET", lambda s: Call("/design/cases.geojson"), guard=Guard.PUBLIC),
    Entry("areas", "GET", lambda s: Call("/areas?field=area_path&area_path=yulin"), guard=Guard.PUBLIC),
    Entry("preferences", "POST", lambda s: Call("/preferences", {"theme": "dark"}), guard=Guard.PUBLIC),
]
