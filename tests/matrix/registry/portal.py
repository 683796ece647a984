"""The portal: everybody is a resident here, whatever post they hold, and sees what is their own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.matrix.registry import Call, Entry, Guard, On

CASE = "case/<str:number>"
PUBLIC = {
    "": "/", "report": "/report", "report/call": "/report/call", "report/where": "/report/where",
    "report/place": "/report/place?lng=104.0605&lat=30.6305", "report/words": "/report/words", "report/near": "/report/near",
    "report/contact": "/report/contact", "report/check": "/report/check", "follow": "/follow", "my": "/my", "mine": "/mine",
    "grid-member": "/grid-member", "map": "/map", "map/cases": "/map/cases", "map/ground/<path:path>": "/map/ground/all",
    "feeds/<path:area>.atom": "/feeds/all.atom", "services": "/services",
    "figures": "/figures", "figures/<path:area>": "/figures/510107", "figures/<path:area>/figures.csv": "/figures/510107/figures.csv",
}  # fmt: skip
FORMS = (
    "report", "report/call", "report/where", "report/words", "report/near", "report/contact", "report/check", "report/again",
    "follow/forget",
)  # fmt: skip


def _get(route: str, address: str) -> Entry:
    return Entry(route, "GET", lambda s: Call(address), guard=Guard.PUBLIC)


def _post(route: str) -> Entry:
    # What comes of it is a draft in one's own session, or a report, which anybody may send.
    return Entry(route, "POST", lambda s: Call(f"/{route}"), guard=Guard.PUBLIC)


def _own(name: str, method: str, verb: str, data: dict[str, Any]) -> Entry:
    return Entry(
        f"{CASE}/{name}",
        method,
        lambda s: Call(f"/case/{s.number}/{name}", data | ({"key": str(uuid4())} if method == "POST" else {})),
        verb=verb,
        on=On.CASE,
        as_resident=True,
    )


ENTRIES = [
    *(_get(route, address) for route, address in PUBLIC.items()),
    *(_post(route) for route in FORMS),
    # Only in the session that sent the report.
    Entry(
        "report/done/<uuid:draft_id>",
        "GET",
        lambda s: Call("/report/done/01935000-0000-7000-8000-000000000000"),
        guard=Guard.CODE,
    ),
    Entry("follow", "POST", lambda s: Call("/follow", {"number": s.number, "code": "00000000"}), guard=Guard.PUBLIC),
    Entry("my/data", "GET", lambda s: Call("/my/data"), guard=Guard.ACCOUNT),
    Entry("my/data/correct", "POST", lambda s: Call("/my/data/correct", {"name": "周阿姨"}), guard=Guard.ACCOUNT),
    Entry("my/data/withdraw", "POST", lambda s: Call("/my/data/withdraw"), guard=Guard.ACCOUNT),
    Entry("my/data/export", "POST", lambda s: Call("/my/data/export"), guard=Guard.ACCOUNT),
    Entry("my/data/erasure", "POST", lambda s: Call("/my/data/erasure", {"keep": "1"}), guard=Guard.ACCOUNT),
    Entry(CASE, "GET", lambda s: Call(f"/case/{s.number}"), verb="case.view", on=On.CASE, as_resident=True),
    _own("rate", "GET", "case.view", {}),
    _own("rate", "POST", "case.rate", {"score": "5"}),
    _own("reopen", "GET", "case.view", {}),
    _own("reopen", "POST", "case.reopen", {"reason": "灯又坏了，请再来看看"}),
    _own("message", "GET", "case.view", {}),
    _own("message", "POST", "case.message", {"text": "谢谢"}),
    _own("photos", "GET", "case.view", {}),
    _own("photos", "POST", "case.add_evidence", {}),
    Entry(
        f"{CASE}/photos/<uuid:photo>/<str:size>",
        "GET",
        lambda s: Call(f"/case/{s.number}/photos/{s.photo}/thumb"),
        verb="case.view",
        on=On.CASE,
        as_resident=True,
        maybe_missing=True,
    ),
    # The public shelf: its names cannot be guessed, and this one is not there.
    Entry("files/<path:key>", "GET", lambda s: Call("/files/photos/none.jpg"), guard=Guard.CODE),
]
