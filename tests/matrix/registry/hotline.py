"""The hotline: whoever answers calls, calls back, or leads the shift; and telephone systems by the API."""

from __future__ import annotations

from uuid import uuid4

from tests.matrix.registry import Call, Entry, On

NOWHERE = "00000000-0000-7000-8000-000000000000"


def _screen(name: str, method: str, address: str = "", **data: str) -> Entry:
    def call(_scene: object) -> Call:
        return Call(address or f"/hotline/{name}", {} if method == "GET" else {"call": str(uuid4())} | data)

    return Entry(f"hotline/{name}", method, call, verb="call.take")


def _article(name: str, method: str, verb: str, data: dict[str, str] | None = None) -> Entry:
    return Entry(
        f"hotline/articles/<slug:code>{name}", method, lambda s: Call(f"/hotline/articles/none{name}", data or {}),
        verb=verb, maybe_missing=True,
    )  # fmt: skip


ENTRIES = [
    _screen("", "GET"),
    _screen("ringing", "GET"),
    Entry(
        "hotline/ringing/<uuid:call_id>", "POST", lambda s: Call(f"/hotline/ringing/{NOWHERE}"), verb="call.take",
        maybe_missing=True,
    ),
    _screen("caller", "POST", phone="13800001234"),
    _screen("categories", "POST", description="路灯"),
    _screen("beside", "POST", description="路灯"),
    _screen("register", "POST", description="路灯不亮"),
    Entry(
        "hotline/join/<str:number>", "POST", lambda s: Call(f"/hotline/join/{s.number}", {"call": str(uuid4())}),
        verb="call.take",
        exact=False,
        maybe_missing=True,
    ),
    _screen("note", "POST", "/hotline/note?outcome=wrong_number"),
    Entry("hotline/callbacks", "GET", lambda s: Call("/hotline/callbacks"), verb="case.feedback|case.decide_exclusion"),
    *(
        Entry(
            "hotline/callbacks/<str:number>", method, lambda s: Call(f"/hotline/callbacks/{s.number}"), verb="case.feedback",
            on=On.CASE, door="case.feedback", exact=False,
        )
        for method in ("GET", "POST")
    ),
    Entry(
        "hotline/callbacks/<str:number>/reporter", "GET", lambda s: Call(f"/hotline/callbacks/{s.number}/reporter"),
        verb="case.view", on=On.CASE, door="case.read_reporter", exact=False,
    ),
    Entry(
        "hotline/callbacks/<str:number>/reporter", "POST",
        lambda s: Call(f"/hotline/callbacks/{s.number}/reporter", {"purpose": "call"}), verb="case.read_reporter", on=On.CASE,
        door="case.read_reporter", exact=False,
    ),
    Entry("hotline/articles", "GET", lambda s: Call("/hotline/articles?q=路灯"), verb="article.view"),
    *(
        Entry("hotline/articles/new", method, lambda s: Call("/hotline/articles/new"), verb="article.write")
        for method in ("GET", "POST")
    ),
    _article("", "GET", "article.view"),
    _article("/write", "GET", "article.write"),
    _article("/write", "POST", "article.write"),
    _article("/decide", "POST", "article.review", {"number": "1", "agree": "yes"}),
    _article("/withdraw", "POST", "article.review", {"reason": "停办"}),
    Entry("hotline/figures", "GET", lambda s: Call("/hotline/figures"), verb="call.figures"),
    Entry(
        "api/v1/hotline/calls", "POST", lambda s: Call("/api/v1/hotline/calls", {"number": "13800001234"}), verb="call.announce"
    ),
    Entry(
        "api/v1/hotline/calls/<uuidstr:call_id>/hang-up", "POST", lambda s: Call(f"/api/v1/hotline/calls/{NOWHERE}/hang-up"),
        verb="call.announce", maybe_missing=True,
    ),
    Entry("api/v1/hotline/articles", "GET", lambda s: Call("/api/v1/hotline/articles?q=路灯"), verb="article.view"),
    Entry("api/v1/hotline/figures", "GET", lambda s: Call("/api/v1/hotline/figures"), verb="call.figures"),
]  # fmt: skip
