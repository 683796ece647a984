"""Photos of a case: taken in as they come, shown only as the copies that a worker made harmless."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from linli.cases import queries
from linli.cases.actions import talking
from linli.cases.loop import Ref
from linli.cases.models import Case, EvidenceKind, EvidenceState
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.intake import Shelf, receive
from linli.kernel.trust import Actor, policy
from linli.ui import undo

KINDS = (EvidenceKind.BEFORE, EvidenceKind.AFTER, EvidenceKind.DOCUMENT)
MOST = 5


def take_in(actor: Actor, case: Case, request: HttpRequest, *, kind: EvidenceKind, field: str = "photos") -> int:
    """Attach the photos of a form; returns how many.

    Raises:
        Invalid: one of them is no photo, or there are too many.
    """
    policy.require(actor, "case.add_evidence", case, view="case.view")
    files = request.FILES.getlist(field)
    if len(files) > MOST:
        raise Invalid("photo.too_many", _("At most five photos at once."), field=field)
    for file in files:
        original = receive(file.chunks())
        talking.add_evidence(
            actor,
            Ref(case.district, case.id),
            kind=kind,
            original_key=original.key,
            sha256=bytes.fromhex(original.sha256),
            size=original.bytes,
        )
    return len(files)


@staff
@require_POST
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Add photos from the case page."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    kind = request.POST.get("kind", "")
    try:
        if kind not in {str(one) for one in KINDS}:
            raise Invalid("photo.kind", _("Say what the photos show."), field="kind")
        if not request.FILES.getlist("photos"):
            raise Invalid("photo.none", _("No photo was chosen."), field="photos", mend=_("Choose one, then add it."))
        count = take_in(actor, case, request, kind=EvidenceKind(kind))
    except NotFound:
        raise
    except LinliError as error:
        context = {"errors": [error], "case": case, "refusal": str(error.message), "refusal_text": str(error.mend)}
        return render(
            request,
            "desk/refused_part.html" if wants_part(request) else "desk/refused.html",
            context,
            status=error.status,
        )
    undo.done(
        request,
        ngettext("%(n)d photo added; it is being prepared.", "%(n)d photos added; they are being prepared.", count)
        % {"n": count},
    )
    return HttpResponseRedirect(address("case", case.number))


@staff
@require_GET
def photo(request: HttpRequest, number: str, photo: UUID, size: str) -> HttpResponse | FileResponse:
    """A photo's harmless copy, to whoever may see the case."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    found = next(
        (one for one in queries.evidence_of(case) if one.id == photo and one.state == EvidenceState.READY), None
    )
    key = "" if found is None else {"large": found.shown_key, "small": found.thumb_key}.get(size, "")
    for shelf in (Shelf.PRIVATE, Shelf.PUBLIC):
        if key and shelf.storage().exists(key):
            response = FileResponse(shelf.storage().open(key), content_type="image/jpeg")
            response["Cache-Control"] = "private, max-age=3600"
            response["X-Content-Type-Options"] = "nosniff"
            return response
    raise NotFound("photo.none", _("There is no such photo."))
