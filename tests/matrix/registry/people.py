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
    # Behind a password, or a sign-in provider: tests/people.
    Entry("sign-in/second", "GET", lambda s: Call("/sign-in/second"), guard=Guard.STEP),
    Entry("sign-in/second", "POST", lambda s: Call("/sign-in/second", {"code": "000000"}), guard=Guard.STEP),
    Entry("sign-in/provider", "GET", lambda s: Call("/sign-in/provider"), guard=Guard.STEP),
    Entry("sign-in/provider/back", "GET", lambda s: Call("/sign-in/provider/back"), guard=Guard.STEP),
    Entry("confirm", "GET", lambda s: Call("/confirm"), guard=Guard.ACCOUNT),
    Entry("confirm", "POST", lambda s: Call("/confirm"), guard=Guard.ACCOUNT),
    Entry("security", "GET", lambda s: Call("/security"), guard=Guard.ACCOUNT),
    Entry("security/second-factor", "GET", lambda s: Call("/security/second-factor"), guard=Guard.ACCOUNT),
    Entry(
        "security/second-factor",
        "POST",
        lambda s: Call("/security/second-factor", {"code": "000000"}),
        guard=Guard.ACCOUNT,
    ),
    Entry("security/second-factor/codes", "POST", lambda s: Call("/security/second-factor/codes"), guard=Guard.ACCOUNT),
    Entry(
        "security/second-factor/remove",
        "POST",
        lambda s: Call("/security/second-factor/remove"),
        guard=Guard.ACCOUNT,
        maybe_missing=True,
    ),
    Entry("security/links/new", "GET", lambda s: Call("/security/links/new"), guard=Guard.ACCOUNT),
    Entry("security/links/new", "POST", lambda s: Call("/security/links/new"), guard=Guard.ACCOUNT),
    Entry(
        "security/links/<uuid:link_id>/end",
        "POST",
        lambda s: Call("/security/links/01935000-0000-7000-8000-000000000000/end"),
        guard=Guard.ACCOUNT,
        maybe_missing=True,
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
