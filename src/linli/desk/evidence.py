"""Photos of a case on the desk: added from its page, shown to whoever may see it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from linli.cases import queries
from linli.cases.models import EvidenceKind
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.ui import undo
from linli.ui.casework import evidence

KINDS = (EvidenceKind.BEFORE, EvidenceKind.AFTER, EvidenceKind.DOCUMENT)


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
        count = evidence.take_in(actor, case, request, kind=EvidenceKind(kind))
    except NotFound:
        raise
    except LinliError as error:
        context = {
            "case": case,
            "refusal": str(error.message),
            "refusal_text": str(error.mend),
            "back_to": address("case", case.number),
        }
        template = "desk/refused_part.html" if wants_part(request) else "desk/refused.html"
        return render(request, template, context, status=error.status)
    said = ngettext("%(n)d photo added; it is being prepared.", "%(n)d photos added; they are being prepared.", count)
    undo.done(request, said % {"n": count})
    return HttpResponseRedirect(address("case", case.number))


@staff
@require_GET
def photo(request: HttpRequest, number: str, photo: UUID, size: str) -> HttpResponseBase:
    """A photo's harmless copy."""
    return evidence.answer(queries.get(actor_of(request), number), photo, size)
