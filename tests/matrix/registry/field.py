"""The field app: for grid members; what may be done there is what the policy table says."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from linli.cases.verbs import VERBS
from tests.matrix.registry import Call, Entry, Guard, On

CASE = "field/case/<str:number>"
DOOR = "field.work"


def _page(name: str, address: str) -> Entry:
    return Entry(f"field/{name}", "GET", lambda s: Call(address), verb="case.list", door=DOOR)


def _case(
    name: str, method: str, verb: str, data: dict[str, Any] | None = None, *, at: str = "", missing: bool = False
) -> Entry:
    return Entry(
        CASE + name,
        method,
        lambda s: Call(f"/field/case/{s.number}{(at or name).replace('PHOTO', str(s.photo))}", data or {}),
        verb=verb,
        on=On.CASE,
        door=DOOR,
        maybe_missing=missing,
    )


def _verb(name: str, data: dict[str, Any]) -> Entry:
    return Entry(
        f"{CASE}/do/<slug:name>",
        "POST",
        lambda s: Call(f"/field/case/{s.number}/do/{name}", data | {"key": str(uuid4()), "version": str(s.version)}),
        verb=VERBS[name].row,
        on=On.CASE,
        handler=True,
        door=DOOR,
    )


ENTRIES = [
    _page("", "/field/"),
    _page("all", "/field/all"),
    _page("me", "/field/me"),
    _page("outbox", "/field/outbox"),
    _page("sync", "/field/sync"),
    _page("ground/<path:path>", "/field/ground/510107"),
    Entry("field/report", "GET", lambda s: Call("/field/report"), verb="case.report", door=DOOR),
    Entry(
        "field/report", "POST", lambda s: Call("/field/report", {"key": str(uuid4())}), verb="case.report", door=DOOR
    ),
    Entry(
        "field/report/categories",
        "GET",
        lambda s: Call("/field/report/categories?description=路灯"),
        verb="case.report",
        door=DOOR,
    ),
    Entry(
        "field/report/done/<str:number>",
        "GET",
        lambda s: Call(f"/field/report/done/{s.number}"),
        verb="case.view",
        on=On.CASE,
        door=DOOR,
    ),
    Entry(
        "field/report/done/<str:number>",
        "POST",
        lambda s: Call(f"/field/report/done/{s.number}"),
        verb="case.join",
        door=DOOR,
        exact=False,
    ),
    _case("", "GET", "case.view"),
    _case("/reporter", "GET", "case.view"),
    _case("/reporter", "POST", "case.read_reporter", {"purpose": "call"}),
    _case("/photos", "GET", "case.view"),
    _case("/photos", "POST", "case.add_evidence", {"kind": "before"}),
    _case("/photos/<uuid:photo>/<str:size>", "GET", "case.view", at="/photos/PHOTO/small", missing=True),
    _case("/places", "GET", "case.view"),
    _case("/do/<slug:name>", "GET", "case.view", at="/do/comment"),
    _verb("sign_in", {}),
    _verb("comment", {"text": "看过现场了"}),
    Entry("field/sw.js", "GET", lambda s: Call("/field/sw.js"), guard=Guard.PUBLIC),
    Entry("field/manifest.webmanifest", "GET", lambda s: Call("/field/manifest.webmanifest"), guard=Guard.PUBLIC),
    Entry("field/offline", "GET", lambda s: Call("/field/offline"), guard=Guard.PUBLIC),
]


NOBODY = "00000000-0000-0000-0000-000000000001"


def _at_a_door(name: str, method: str, verb: str, *, at: str = "", data: dict[str, str] | None = None) -> Entry:
    """A dwelling that is not there: whoever may verify finds nothing of this name."""
    return Entry(
        f"field/dwellings/<uuid:dwelling_id>{name}", method, lambda s: Call(f"/field/dwellings/{NOBODY}{at or name}", data or {}),
        verb=verb, door="field.work", maybe_missing=True, exact=False,
    )  # fmt: skip


ENTRIES += [
    Entry("field/dwellings", "GET", lambda s: Call("/field/dwellings"), verb="household.verify", door="field.work"),
    _at_a_door("", "GET", "household.view"),
    _at_a_door("/do/<slug:what>", "POST", "household.verify", at="/do/same"),
    _at_a_door("/people/<uuid:person_id>", "GET", "household.read", at=f"/people/{NOBODY}"),
    _at_a_door("/people/<uuid:person_id>", "POST", "household.read", at=f"/people/{NOBODY}", data={"purpose": "检修"}),
]
