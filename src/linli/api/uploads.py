"""Photos in pieces, as tus 1.0 has it (core, creation, expiration, termination): for phones on a bad line.

https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _

from linli.api.door import ANYONE, ERRORS, KEYED, api
from linli.api.problems import of_error
from linli.api.reading import MediaType, actor_of, key_of
from linli.api.schemas import UploadOut
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.models import Upload
from linli.kernel.storage import uploads
from linli.kernel.storage.intake import MAX_BYTES
from linli.kernel.trust import policy

TUS = "1.0.0"
PIECE = "application/offset+octet-stream"


def _header(name: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": text,
        "schema": {"type": "integer", "minimum": 0, "maximum": MAX_BYTES},
    }


LENGTH = _header("Upload-Length", "How many bytes the photo has.")
OFFSET = _header("Upload-Offset", "How many bytes are there already.")
BODY = {"requestBody": {"content": {PIECE: {"schema": {"type": "string", "format": "binary"}}}}}


def number_in(request: HttpRequest, name: str) -> int:
    """The figure in a header.

    Raises:
        Invalid: there is none.
    """
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Invalid(
            "upload.header", _("A number is missing."), field=name, mend=_("Send it as a header."), status=400
        )
    return int(text)


def _told(upload: Upload, response: HttpResponse) -> HttpResponse:
    response.headers["Tus-Resumable"] = TUS
    response.headers["Upload-Offset"] = str(upload.offset)
    response.headers["Upload-Length"] = str(upload.length)
    response.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    response.headers["Cache-Control"] = "no-store"
    return response


@api.api_operation(
    ["OPTIONS"],
    "/uploads",
    auth=ANYONE,
    response={204: None, **ERRORS},
    summary="What uploads can do",
    tags=["Uploads"],
    operation_id="describe_uploads",
)
def describe(request: HttpRequest) -> HttpResponse:
    """The tus versions and extensions that are spoken here."""
    response = HttpResponse(status=204)
    response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = TUS
    response.headers["Tus-Extension"] = "creation,expiration,termination"
    response.headers["Tus-Max-Size"] = str(MAX_BYTES)
    return response


@api.post(
    "/uploads",
    response={201: None, **ERRORS},
    openapi_extra={"parameters": [*KEYED["parameters"], LENGTH]},
    summary="Begin an upload",
    tags=["Uploads"],
    operation_id="begin_upload",
)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin to send a photo in pieces; with the same key it is the same upload. ``Location`` says where the pieces go."""
    upload = uploads.begin(actor_of(request), key_of(request), length=number_in(request, "Upload-Length"))
    response = _told(upload, HttpResponse(status=201))
    response.headers["Location"] = f"/api/v1/uploads/{upload.id}"
    return response


@api.api_operation(
    ["HEAD"],
    "/uploads/{uuid:upload_id}",
    response={200: None, **ERRORS},
    summary="How much is there",
    tags=["Uploads"],
    operation_id="measure_upload",
)
def measure(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Where to go on."""
    return _told(uploads.find(actor_of(request), upload_id), HttpResponse(status=200))


@api.get(
    "/uploads/{uuid:upload_id}",
    response={200: UploadOut, **ERRORS},
    summary="Upload",
    tags=["Uploads"],
    operation_id="get_upload",
)
def get_upload(request: HttpRequest, upload_id: UUID) -> Any:
    """Where an upload stands, and why it was refused."""
    upload = uploads.find(actor_of(request), upload_id)
    uploads.refuse_again(upload)
    return {
        "id": upload.id,
        "length": upload.length,
        "offset": upload.offset,
        "state": upload.state,
        "expires_at": upload.expires_at,
    }


@api.patch(
    "/uploads/{uuid:upload_id}",
    response={204: None, **ERRORS},
    openapi_extra={"parameters": [OFFSET], **BODY},
    summary="Send a piece",
    tags=["Uploads"],
    operation_id="send_piece",
)
def send_piece(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The next piece, at most 1 MB. Another offset than the one that is here is answered with 409 and the right one."""
    actor = actor_of(request)
    policy.require(actor, "upload.keep")
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != PIECE:
        raise MediaType("http.media_type", _("This kind of content is not taken here."), mend=f"Content-Type: {PIECE}")
    offset = number_in(request, "Upload-Offset")
    try:
        upload = uploads.append(actor, upload_id, offset=offset, piece=request.body)
    except Conflict as error:
        response = of_error(request, error)
        response.headers["Upload-Offset"] = str(error.extra["offset"])
        return response
    uploads.refuse_again(upload)
    return _told(upload, HttpResponse(status=204))


@api.delete(
    "/uploads/{uuid:upload_id}",
    response={204: None, **ERRORS},
    summary="Throw an upload away",
    tags=["Uploads"],
    operation_id="discard_upload",
)
def discard(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Throw away what has come."""
    uploads.discard(actor_of(request), upload_id)
    return HttpResponse(status=204)
