"""Open311: what everybody may know is for everybody; whoever writes shows a key, whatever else they are."""

from __future__ import annotations

from typing import Any

from linli.kernel.trust import Role
from tests.matrix.registry import Call, Entry, Guard
from tests.world import POINT

ROOT = "/open311/v2"
NAMES = {
    "v2/services<ending:ending>": f"{ROOT}/services.xml",
    "v2/services/<code:code><ending:ending>": f"{ROOT}/services/UT02.json",
    "v2/requests<ending:ending>": f"{ROOT}/requests.xml",
    "v2/servicerequestupdates<ending:ending>": f"{ROOT}/servicerequestupdates.xml",
    "v2/discovery<ending:ending>": f"{ROOT}/discovery.json",
    "discovery<ending:ending>": "/open311/discovery.xml",
    "": "/open311/",
    "v2": "/open311/v2",
    "v2/": "/open311/v2/",
}


def _public(route: str, address: str) -> Entry:
    return Entry(f"open311/{route}", "GET", lambda s: Call(address), guard=Guard.PUBLIC)


def _key(scene: Any) -> str:
    return str(next(person.token for person in scene.people if person.role == Role.MACHINE))


def _sent(scene: Any) -> Call:
    data = {"api_key": _key(scene), "service_code": "UT02", "lat": str(POINT[1]), "long": str(POINT[0])}
    return Call(f"{ROOT}/requests.xml", data)


def _written(scene: Any) -> Call:
    data = {"api_key": _key(scene), "service_request_id": scene.number, "description": "还没有修好"}
    return Call(f"{ROOT}/servicerequestupdates.xml", data)


ENTRIES = [
    *(_public(route, address) for route, address in NAMES.items()),
    Entry(
        "open311/v2/requests/<code:number><ending:ending>",
        "GET",
        lambda s: Call(f"{ROOT}/requests/{s.number}.xml"),
        guard=Guard.PUBLIC,
    ),
    Entry(
        "open311/v2/tokens/<code:token><ending:ending>",
        "GET",
        lambda s: Call(f"{ROOT}/tokens/{s.case.district}-{s.case.id}.xml"),
        guard=Guard.PUBLIC,
    ),
    Entry("open311/v2/requests<ending:ending>", "POST", _sent, guard=Guard.PUBLIC),
    # This key did not send that request.
    Entry("open311/v2/servicerequestupdates<ending:ending>", "POST", _written, guard=Guard.CODE),
    Entry("open311/v2/<path:rest>", "GET", lambda s: Call(f"{ROOT}/nothing.xml"), guard=Guard.CODE),
]
