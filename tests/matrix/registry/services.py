"""Services: anybody looks and applies; an application is its resident's and its organisation's.

There is no application on the stage of the matrix: what names one must stay 404 for everybody. Who may do what with one that is there
is told in ``tests/services/test_rights.py``.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from linli.services.verbs import VERBS
from tests.matrix.registry import Call, Entry, Guard

NONE = "0107-9999-9999-0"
NOBODY = "01935000-0000-7000-8000-000000000000"
API = "/api/v1"
PURPOSE = {"purpose": "约时间上门"}
WANTED = {"service": "UM01", "answers": {"items": ["sofa"]}}
TEXT = {
    "text": "您好",
    "reason": "按规定写清楚理由",
    "words": "办好了",
    "agree": True,
    "score": 5,
    "slot": NOBODY,
    "proof": "identity",
}


def _public(route: str, method: str, path: str, data: dict[str, Any] | None = None) -> Entry:
    return Entry(route, method, lambda s: Call(path, data or {}), guard=Guard.PUBLIC)


def _closed(route: str, method: str, path: str, data: dict[str, Any] | None = None) -> Entry:
    return Entry(route, method, lambda s: Call(path, data or {}), guard=Guard.CODE)


def _staff(
    route: str, method: str, path: str, verb: str, data: dict[str, Any] | None = None, *, door: str = "case.list"
) -> Entry:
    sent = {"key": str(uuid4())} if method == "POST" and door else {}
    return Entry(
        route, method, lambda s: Call(path, (data or {}) | sent), verb=verb, maybe_missing=True, exact=False, door=door
    )


def _verb(name: str) -> Entry:
    verb = VERBS[name]
    data = {one.name: TEXT[one.name] for one in verb.inputs} | ({"version": 1} if verb.takes_version else {})
    return _closed(f"api/v1/applications/<number>/{name}", "POST", f"{API}/applications/{NONE}/{name}", data)


ENTRIES = [
    # The portal.
    _public("services/<str:code>", "GET", "/services/UM01"),
    _public("services/<str:code>/start", "POST", "/services/UM01/start"),
    _public("services/<str:code>/apply", "GET", "/services/UM01/apply"),
    _public("services/<str:code>/again", "POST", "/services/UM01/again"),
    _public("services/<str:code>/apply/<slug:step>", "GET", "/services/UM01/apply/place"),
    _public("services/<str:code>/apply/<slug:step>", "POST", "/services/UM01/apply/place"),
    _closed("services/done/<uuid:draft_id>", "GET", f"/services/done/{NOBODY}"),
    _public("applications", "GET", "/applications"),
    _closed("application/<str:number>", "GET", f"/application/{NONE}"),
    _closed("application/<str:number>/do/<slug:name>", "GET", f"/application/{NONE}/do/rate"),
    _closed("application/<str:number>/do/<slug:name>", "POST", f"/application/{NONE}/do/rate", {"score": "5"}),
    _closed(
        "application/<str:number>/files/<uuid:file>/<str:size>", "GET", f"/application/{NONE}/files/{NOBODY}/large"
    ),
    # The desk.
    Entry("desk/services", "GET", lambda s: Call("/desk/services"), verb="service.list", door="case.list"),
    *(
        Entry(
            f"desk/services/new{route}",
            method,
            lambda s, at=at: Call(f"/desk/services/new{at}"),
            verb="service.apply",
            maybe_missing=True,
            door="case.list",
        )
        for method, route, at in (
            ("GET", "", ""),
            ("GET", "/<str:code>", "/UM01"),
            ("POST", "/<str:code>", "/UM01"),
            ("GET", "/<str:code>/times", "/UM01/times"),
        )
    ),
    _staff("desk/services/<str:number>/slip", "GET", f"/desk/services/{NONE}/slip", "service.apply"),
    _staff("desk/services/proofs/<uuid:proof_id>", "GET", f"/desk/services/proofs/{NOBODY}", "service.confirm_proof"),
    _staff(
        "desk/services/proofs/<uuid:proof_id>",
        "POST",
        f"/desk/services/proofs/{NOBODY}",
        "service.confirm_proof",
        {"holds": "yes"},
    ),
    _staff("desk/services/<str:number>", "GET", f"/desk/services/{NONE}", "service.view"),
    _staff("desk/services/<str:number>/read", "GET", f"/desk/services/{NONE}/read", "service.read_answers"),
    _staff("desk/services/<str:number>/read", "POST", f"/desk/services/{NONE}/read", "service.read_answers", PURPOSE),
    _staff(
        "desk/services/<str:number>/files/<uuid:file>/<str:size>",
        "GET",
        f"/desk/services/{NONE}/files/{NOBODY}/large",
        "service.view",
    ),
    _staff("desk/services/<str:number>/do/<slug:name>", "GET", f"/desk/services/{NONE}/do/accept", "service.accept"),
    _staff(
        "desk/services/<str:number>/do/<slug:name>",
        "POST",
        f"/desk/services/{NONE}/do/accept",
        "service.accept",
        {"version": "1"},
    ),
    # The API.
    _public("api/v1/services", "GET", f"{API}/services"),
    _public("api/v1/services/<code>", "GET", f"{API}/services/UM01"),
    _public("api/v1/services/<code>/slots", "GET", f"{API}/services/UM01/slots?area_path=510107/012/003"),
    Entry("api/v1/applications", "POST", lambda s: Call(f"{API}/applications", WANTED), verb="service.apply"),
    Entry("api/v1/applications", "GET", lambda s: Call(f"{API}/applications"), verb="service.list"),
    Entry("api/v1/applications/mine", "GET", lambda s: Call(f"{API}/applications/mine"), guard=Guard.SIGNED_IN),
    _closed("api/v1/applications/<number>", "GET", f"{API}/applications/{NONE}"),
    *(_verb(name) for name in VERBS),
    _staff(
        "api/v1/applications/<number>/read",
        "POST",
        f"{API}/applications/{NONE}/read",
        "service.read_answers",
        PURPOSE,
        door="",
    ),
    Entry("api/v1/proofs", "GET", lambda s: Call(f"{API}/proofs"), verb="service.confirm_proof"),
    _staff(
        "api/v1/proofs/<uuidstr:proof_id>/person",
        "POST",
        f"{API}/proofs/{NOBODY}/person",
        "service.confirm_proof",
        PURPOSE,
        door="",
    ),
    _staff(
        "api/v1/proofs/<uuidstr:proof_id>/answer",
        "POST",
        f"{API}/proofs/{NOBODY}/answer",
        "service.confirm_proof",
        {"holds": True},
        door="",
    ),
]
