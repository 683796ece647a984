"""Signing in and one's own things. A page answers nobody by the way to the sign-in page."""

from tests.matrix.registry import Call, Entry, Guard

ENTRIES = [
    Entry("sign-in", "GET", lambda s: Call("/sign-in"), guard=Guard.PUBLIC),
    Entry("sign-in", "POST", lambda s: Call("/sign-in", {"login": "nobody", "password": "wrong"}), guard=Guard.PUBLIC),
    Entry("sign-in/code", "GET", lambda s: Call("/sign-in/code"), guard=Guard.PUBLIC),
    Entry("sign-in/code", "POST", lambda s: Call("/sign-in/code", {"phone": "13800009999"}), guard=Guard.PUBLIC),
    Entry(
        "sign-in/code/enter",
        "POST",
        lambda s: Call("/sign-in/code/enter", {"phone": "13800009999", "code": "000000"}),
        guard=Guard.PUBLIC,
    ),
    Entry("sign-out", "POST", lambda s: Call("/sign-out"), guard=Guard.PUBLIC),
    Entry("switch-post", "GET", lambda s: Call("/switch-post"), guard=Guard.ACCOUNT),
    Entry("switch-post", "POST", lambda s: Call("/switch-post", {"post": ""}), guard=Guard.ACCOUNT),
    Entry("devices", "GET", lambda s: Call("/devices"), guard=Guard.ACCOUNT),
    Entry("devices", "POST", lambda s: Call("/devices"), guard=Guard.ACCOUNT),
    Entry("devices/members", "GET", lambda s: Call("/devices/members"), verb="session.end"),
    Entry("devices/members", "POST", lambda s: Call("/devices/members"), verb="session.end"),
    Entry("keys", "GET", lambda s: Call("/keys"), guard=Guard.ACCOUNT),
    Entry("keys", "POST", lambda s: Call("/keys", {"name": "x"}), guard=Guard.ACCOUNT),
    Entry(
        "keys/<uuid:key_id>/end",
        "POST",
        lambda s: Call("/keys/01935000-0000-7000-8000-000000000000/end"),
        guard=Guard.ACCOUNT,
        maybe_missing=True,
    ),
    Entry("who-looked", "GET", lambda s: Call("/who-looked"), guard=Guard.ACCOUNT),
    # In a demo it makes anybody one of the cast; elsewhere it is not there: tests/people.
    Entry("demo/become/<str:login>", "POST", lambda s: Call("/demo/become/nobody"), guard=Guard.CODE),
]
