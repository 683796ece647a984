"""The API: its verbs follow from :data:`linli.cases.verbs.VERBS`, the rest stands here."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases.verbs import VERBS, Kind, Verb
from tests.api.conftest import lamp, picture
from tests.matrix.registry import Call, Entry, Guard, On

ROOT = "/api/v1"
MULTIPART = "multipart"
VALUES: dict[Kind, Any] = {
    Kind.LINE: "另一家单位",
    Kind.TEXT: "按规定在这里写清楚理由和经过",
    Kind.YES_NO: True,
    Kind.MOMENT: "2026-12-20T08:00:00Z",
    Kind.CATEGORY: "UT02",
    Kind.CATEGORIES: ["UT02"],
    Kind.AREA: "510107/012/003/02/018",
    Kind.SCORE: 5,
}


def _values(verb: Verb, scene: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"version": scene.version} if verb.takes_version else {}
    for one in verb.inputs:
        match one.kind:
            case Kind.ORGANISATION:
                found[one.name] = str(scene.organisation)
            case Kind.ORGANISATIONS:
                found[one.name] = [str(scene.organisation)]
            case Kind.CASE:
                found[one.name] = scene.other.number
            case Kind.CHOICE:
                found[one.name] = one.choices[0][0]
            case _:
                found[one.name] = VALUES[one.kind]
    return found


def _verb(verb: Verb) -> Entry:
    return Entry(
        f"api/v1/cases/<number>/{verb.name}",
        "POST",
        lambda s: Call(f"{ROOT}/cases/{s.number}/{verb.name}", _values(verb, s)),
        verb=verb.row,
        on=On.CASE,
        handler=True,
    )


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", picture(), content_type="image/jpeg")


PURPOSE = {"purpose": "约时间上门"}
ENTRIES = [
    *(_verb(verb) for verb in VERBS.values()),
    Entry("api/v1/docs", "GET", lambda s: Call(f"{ROOT}/docs"), guard=Guard.PUBLIC),
    Entry("api/v1/openapi.json", "GET", lambda s: Call(f"{ROOT}/openapi.json"), guard=Guard.PUBLIC),
    Entry("api/v1/cases", "POST", lambda s: Call(f"{ROOT}/cases", lamp()), verb="case.report"),
    Entry("api/v1/cases", "GET", lambda s: Call(f"{ROOT}/cases"), verb="case.list"),
    Entry("api/v1/cases/counts", "GET", lambda s: Call(f"{ROOT}/cases/counts"), verb="case.list"),
    Entry("api/v1/cases/mine", "GET", lambda s: Call(f"{ROOT}/cases/mine"), guard=Guard.SIGNED_IN),
    Entry(
        "api/v1/cases/near",
        "GET",
        lambda s: Call(f"{ROOT}/cases/near?category=UT02&lng=104.0605&lat=30.6305"),
        verb="case.report",
    ),
    Entry("api/v1/cases/<number>", "GET", lambda s: Call(f"{ROOT}/cases/{s.number}"), verb="case.view", on=On.CASE),
    Entry(
        "api/v1/cases/<number>/timeline",
        "GET",
        lambda s: Call(f"{ROOT}/cases/{s.number}/timeline"),
        verb="case.view",
        on=On.CASE,
    ),
    # Whoever reports may join what is shown to anybody as near.
    Entry(
        "api/v1/cases/<number>/join",
        "POST",
        lambda s: Call(f"{ROOT}/cases/{s.number}/join", {"text": "我也看到了"}),
        verb="case.join",
    ),
    Entry(
        "api/v1/cases/<number>/evidence",
        "POST",
        lambda s: Call(f"{ROOT}/cases/{s.number}/evidence", {"photo": _file(), "kind": "before"}, MULTIPART),
        verb="case.add_evidence",
        on=On.CASE,
    ),
    Entry(
        "api/v1/cases/<number>/evidence/<uuidstr:photo_id>/<size>",
        "GET",
        lambda s: Call(f"{ROOT}/cases/{s.number}/evidence/{s.photo}/thumb"),
        verb="case.view",
        on=On.CASE,
    ),
    Entry(
        "api/v1/cases/<number>/reporter",
        "POST",
        lambda s: Call(f"{ROOT}/cases/{s.number}/reporter", PURPOSE),
        verb="case.read_reporter",
        on=On.CASE,
    ),
    Entry("api/v1/tickets/<number>", "GET", lambda s: Call(f"{ROOT}/tickets/{s.number}"), guard=Guard.CODE),
    Entry(
        "api/v1/tickets/<number>/message",
        "POST",
        lambda s: Call(f"{ROOT}/tickets/{s.number}/message", {"text": "您好"}),
        guard=Guard.CODE,
    ),
    Entry(
        "api/v1/tickets/<number>/rating",
        "POST",
        lambda s: Call(f"{ROOT}/tickets/{s.number}/rating", {"score": 5}),
        guard=Guard.CODE,
    ),
    Entry(
        "api/v1/tickets/<number>/reopen",
        "POST",
        lambda s: Call(f"{ROOT}/tickets/{s.number}/reopen", {"version": 1, "reason": "灯又坏了"}),
        guard=Guard.CODE,
    ),
    Entry(
        "api/v1/tickets/<number>/evidence",
        "POST",
        lambda s: Call(f"{ROOT}/tickets/{s.number}/evidence", {"photo": _file()}, MULTIPART),
        guard=Guard.CODE,
    ),
    Entry(
        "api/v1/tickets/<number>/evidence/<uuidstr:photo_id>/<size>",
        "GET",
        lambda s: Call(f"{ROOT}/tickets/{s.number}/evidence/{s.photo}/thumb"),
        guard=Guard.CODE,
    ),
    Entry("api/v1/uploads", "OPTIONS", lambda s: Call(f"{ROOT}/uploads"), guard=Guard.PUBLIC),
    Entry(
        "api/v1/uploads", "POST", lambda s: Call(f"{ROOT}/uploads", headers={"Upload-Length": "9"}), verb="upload.keep"
    ),
    *(
        Entry(
            "api/v1/uploads/<uuidstr:upload_id>",
            method,
            lambda s: Call(f"{ROOT}/uploads/{s.photo}", headers={"Upload-Offset": "0"}),
            verb="upload.keep",
            maybe_missing=True,
        )
        for method in ("HEAD", "GET", "DELETE")
    ),
    Entry(
        "api/v1/uploads/<uuidstr:upload_id>",
        "PATCH",
        lambda s: Call(f"{ROOT}/uploads/{s.photo}", headers={"Upload-Offset": "0"}),
        verb="upload.keep",
    ),
    Entry("api/v1/categories", "GET", lambda s: Call(f"{ROOT}/categories"), guard=Guard.PUBLIC),
    Entry(
        "api/v1/categories/search", "GET", lambda s: Call(f"{ROOT}/categories/search?words=路灯"), guard=Guard.PUBLIC
    ),
    Entry(
        "api/v1/categories/suggest",
        "GET",
        lambda s: Call(f"{ROOT}/categories/suggest?text=路灯不亮"),
        guard=Guard.PUBLIC,
    ),
    Entry("api/v1/categories/<code>", "GET", lambda s: Call(f"{ROOT}/categories/UT02"), guard=Guard.PUBLIC),
    Entry("api/v1/areas", "GET", lambda s: Call(f"{ROOT}/areas?words=玉林"), guard=Guard.PUBLIC),
    Entry(
        "api/v1/areas/locate",
        "GET",
        lambda s: Call(f"{ROOT}/areas/locate?lng=104.0605&lat=30.6305"),
        guard=Guard.PUBLIC,
    ),
    Entry("api/v1/areas/<path:area_path>", "GET", lambda s: Call(f"{ROOT}/areas/510107/012"), guard=Guard.PUBLIC),
    Entry("api/v1/organisations", "GET", lambda s: Call(f"{ROOT}/organisations"), verb="post.view"),
    Entry(
        "api/v1/organisations/<uuidstr:organisation_id>",
        "GET",
        lambda s: Call(f"{ROOT}/organisations/{s.organisation}"),
        guard=Guard.SIGNED_IN,
    ),
    Entry("api/v1/posts", "GET", lambda s: Call(f"{ROOT}/posts"), verb="post.view"),
    Entry("api/v1/me", "GET", lambda s: Call(f"{ROOT}/me"), guard=Guard.PUBLIC),
    Entry("api/v1/me/data", "GET", lambda s: Call(f"{ROOT}/me/data"), guard=Guard.ACCOUNT),
    Entry("api/v1/me/name", "PUT", lambda s: Call(f"{ROOT}/me/name", {"name": "周阿姨"}), guard=Guard.ACCOUNT),
    Entry("api/v1/me/contacts", "DELETE", lambda s: Call(f"{ROOT}/me/contacts"), guard=Guard.ACCOUNT),
    Entry("api/v1/me/erasure", "PUT", lambda s: Call(f"{ROOT}/me/erasure"), guard=Guard.ACCOUNT),
    Entry("api/v1/me/erasure", "DELETE", lambda s: Call(f"{ROOT}/me/erasure"), guard=Guard.ACCOUNT),
    Entry("api/v1/live/token", "GET", lambda s: Call(f"{ROOT}/live/token"), guard=Guard.SIGNED_IN),
]
