"""One case: to read, to join, its photos, its people."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, UploadedFile

from linli.api import shapes, timeline
from linli.api.case_schemas import CaseOut, EvidenceOut, Joined, JoinIn, ReporterIn, Reporters, Timeline
from linli.api.commanding import written
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.reading import actor_of, json_body, key_of
from linli.api.schemas import PurposeIn
from linli.cases import queries
from linli.cases.actions import intake, talking
from linli.cases.loop import Ref, missing, require
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.kernel import commands, ids
from linli.kernel.errors import NotFound
from linli.kernel.storage.intake import receive
from linli.kernel.storage.shown import open_shown
from linli.kernel.trust import Actor, audit

READ_REPORTER = "case.read_reporter"


@api.get("/cases/{number}", response={200: CaseOut, **ERRORS}, summary="Case", tags=["Cases"], operation_id="get_case")
def get_case(request: HttpRequest, response: HttpResponse, number: str) -> Any:
    """A case and what this post may do with it now."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    response.headers["ETag"] = f'"{case.version}"'
    return shapes.whole(actor, case)


@api.get(
    "/cases/{number}/timeline",
    response={200: Timeline, **ERRORS},
    summary="Timeline",
    tags=["Cases"],
    operation_id="get_timeline",
)
def get_timeline(request: HttpRequest, number: str) -> Any:
    """The steps of a case. A reporter sees what concerns them; colleagues see why, and their reading of what was said is noted."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    return {"number": case.number, "version": case.version, "steps": timeline.steps(actor, case)}


@api.post(
    "/cases/{number}/join",
    auth=ANYONE,
    response={200: Joined, **ERRORS},
    openapi_extra=KEYED | body_of(JoinIn),
    summary="Join",
    tags=["Reports"],
    operation_id="join_case",
)
def join_case(request: HttpRequest, number: str) -> HttpResponse:
    """Join a case that somebody reported already, instead of reporting it again; joining twice is joining once."""
    actor, key = actor_of(request), key_of(request)
    body, given = json_body(request, JoinIn)
    written_number = ids.parse_ticket_number(number)
    case = queries.by_number(written_number) if written_number else None
    # What is shown to anybody as near may be joined by anybody; of the rest nobody learns that it is there.
    if case is None or (case.sensitivity in ("personal", "restricted") and not _may_see(actor, case)):
        raise missing()
    reporter = None if given.reporter == ReporterIn() else intake.Reporter(**given.reporter.model_dump())

    def action() -> tuple[int, Any]:
        joined = intake.join(actor, Ref(case.district, case.id), text=given.text, reporter=reporter)
        # The code is not kept with the answer: it is made again from who joined.
        return 200, {"number": joined.case.number, "state": str(joined.case.state),
                     "participants": joined.case.participants_count,
                     "joined": "" if joined.participant.account_id else str(joined.participant.id)}  # fmt: skip

    command = f"join {case.number}\n".encode() + body
    answer = commands.run(actor, key, command, district=case.district, action=action)
    told = dict(answer.body)
    joined = told.pop("joined", "")
    told["code"] = intake.joiner_code(case, UUID(joined)) if joined else ""
    return written(replace(answer, body=told))


def _may_see(actor: Actor, case: Case) -> bool:
    try:
        queries.get(actor, case.number)
    except NotFound:
        return False
    return True


@api.post(
    "/cases/{number}/evidence",
    response={201: EvidenceOut, **ERRORS},
    openapi_extra=KEYED,
    summary="Add a photo",
    tags=["Cases"],
    operation_id="add_evidence",
)
def add_evidence(
    request: HttpRequest,
    number: str,
    photo: File[UploadedFile],
    kind: Form[Literal["report", "before", "after", "document"]] = "report",
) -> HttpResponse:
    """Attach a photo (JPEG, PNG or WebP, at most 20 MB). A copy without its metadata is shown once a worker has made it."""
    actor, key = actor_of(request), key_of(request)
    case = queries.get(actor, number)
    require(actor, "case.add_evidence", case)
    return written(attach(actor, case, photo, kind=EvidenceKind(kind), key=key))


def attach(actor: Actor, case: Case, photo: UploadedFile, *, kind: EvidenceKind, key: str) -> commands.Answer:
    """Take a photo in and attach it, once for its key; the caller has made sure that the actor may."""
    original = receive(photo.chunks())

    def action() -> tuple[int, Any]:
        found = talking.add_evidence(
            actor,
            Ref(case.district, case.id),
            kind=kind,
            original_key=original.key,
            sha256=bytes.fromhex(original.sha256),
            size=original.bytes,
        )
        shown = shapes.photo(case, found)
        return 201, shown | {"id": str(found.id), "at": found.at.isoformat()}

    command = f"evidence {case.number} {kind} {original.sha256}".encode()
    return commands.run(actor, key, command, district=case.district, action=action)


@api.get(
    "/cases/{number}/evidence/{uuid:photo_id}/{size}",
    response={200: None, **ERRORS},
    openapi_extra={"responses": {200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}}},
    summary="Photo",
    tags=["Cases"],
    operation_id="get_photo",
)
def get_photo(request: HttpRequest, number: str, photo_id: UUID, size: Literal["photo", "thumb"]) -> Any:
    """The shown copy of a photo or its thumb, for whoever may see the case."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    return photo_response(case, photo_id, size=size)


def photo_response(case: Case, photo_id: UUID, *, size: str) -> FileResponse:
    """A photo as an answer.

    Raises:
        NotFound: there is none, or none yet.
    """
    found = Evidence.objects.filter(district=case.district, case_id=case.id, id=photo_id).first()
    file = open_shown(found, thumb=size == "thumb") if found else None
    if found is None or file is None:
        raise NotFound("photo.none", _("There is no such photo, or it is being prepared."))
    response = FileResponse(file, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Last-Modified"] = http_date(found.at.timestamp())
    return response


@api.post(
    "/cases/{number}/reporter",
    response={200: Reporters, **ERRORS},
    openapi_extra=body_of(PurposeIn),
    summary="Who reported",
    tags=["Cases"],
    operation_id="read_reporter",
)
def read_reporter(request: HttpRequest, number: str) -> Any:
    """Names and numbers of those who reported or joined, in clear. Each reading is noted with its purpose, and they can read it."""
    actor = actor_of(request)
    _body, given = json_body(request, PurposeIn)
    case = queries.get(actor, number)
    people = talking.read_people(actor, Ref(case.district, case.id), purpose=given.purpose)
    return {"number": case.number, "people": [_person(actor, case, one, given.purpose) for one in people]}


def _person(actor: Actor, case: Case, one: talking.Reached, purpose: str) -> dict[str, Any]:
    person = one.participant
    said = timeline.statements_of(case, participant=person, actor=actor, purpose=purpose)
    if said:
        audit.record(
            actor, "statement.read", subject_type="case", subject_id=case.id, district=case.district,
            person_id=person.account_id, purpose=purpose, fields=("text",),
        )  # fmt: skip
    return {
        "kind": person.kind,
        "name": one.name,
        "phone": one.phone,
        "address": one.address,
        "statement": "\n".join(said),
    }


def etag_of(text: str) -> str:
    """A strong validator of what is sent."""
    return f'"{sha256(text.encode()).hexdigest()[:32]}"'
