"""Photos of cases at every door: taken in as they come, given out only as the copies that a worker made harmless."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.cases.actions import talking
from linli.cases.loop import Ref
from linli.cases.models import Case, EvidenceKind
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.storage import uploads
from linli.kernel.storage.intake import Original, receive
from linli.kernel.storage.shown import FileState, open_shown
from linli.kernel.trust import Actor, policy

MOST = 5
SIZES = ("large", "small")


def take_in(actor: Actor, case: Case, request: HttpRequest, *, kind: EvidenceKind, field: str = "photos") -> int:
    """Attach the photos of a form, and those that came before it in pieces (``uploads``); returns how many.

    Raises:
        Invalid: one of them is no photo, or there are too many.
    """
    policy.require(actor, "case.add_evidence", case, view="case.view")
    files, before = request.FILES.getlist(field), request.POST.getlist("uploads")
    if len(files) + len(before) > MOST:
        raise Invalid("photo.too_many", _("At most five photos at once."), field=field)
    for original in _originals(actor, request, field):
        talking.add_evidence(
            actor, Ref(case.district, case.id), kind=kind, original_key=original.key, sha256=bytes.fromhex(original.sha256),
            size=original.bytes,
        )  # fmt: skip
    return len(files) + len(before)


def given(request: HttpRequest, field: str = "photos") -> bool:
    """Whether a form has photos, or names some that came before it."""
    return bool(request.FILES.getlist(field) or request.POST.getlist("uploads"))


def _originals(actor: Actor, request: HttpRequest, field: str) -> Iterator[Original]:
    try:
        for file in request.FILES.getlist(field):
            yield receive(file.chunks())
        for text in request.POST.getlist("uploads"):
            yield uploads.take(actor, _id(text))
    except Invalid as error:
        error.field = field
        raise


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("upload.none", _("This photo is not here any more.")) from None


def answer(case: Case, photo: UUID, size: str) -> FileResponse:
    """A photo's harmless copy; the caller has asked whether its reader may see the case.

    Raises:
        NotFound: it is not the case's, not ready, or of no size that there is.
    """
    found = next((one for one in queries.evidence_of(case) if one.id == photo and one.state == FileState.READY), None)
    try:
        file = open_shown(found, thumb=size == "small") if found is not None and size in SIZES else None
    except FileNotFoundError:
        file = None
    if file is None:
        raise NotFound("photo.none", _("There is no such photo."))
    response = FileResponse(file, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
