"""Duty lists of the city as a file, with a report of every line before anything changes; and the list of proofs."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.administration.frame import actor_of, administration, page
from linli.duties import files, queries
from linli.duties.actions import proofs as acting
from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.sheets import Report
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import duties as shown
from linli.ui import undo
from linli.ui.sent import day_of

SHOWN = 100


@require_http_methods(["GET", "POST"])
@administration("duties.load")
def lists(request: HttpRequest) -> HttpResponse:
    """Take the lists out, bring them back: tried first, line by line; nothing changes unless every line can be taken."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    report: Report | None = None
    if request.method == "POST":
        sent = request.FILES.get("file")
        try:
            if sent is None:
                raise Invalid("duties.file", _("Please choose a file."), field="file")
            if (sent.size or 0) > files.MOST_BYTES:
                raise Invalid("duties.file", _("The file is too large."), field="file")
            report = files.load(actor, sent.read(), try_only=request.POST.get("what") != "read")
        except LinliError as error:
            errors.append(error)
        if report is not None and report.applied:
            undo.done(request, _("%(count)s entries have changed.") % {"count": report.new})
            return HttpResponseRedirect("/admin/duties")
    return page(
        request, "duties", "duties", status=errors[0].status if errors else 200, errors=errors,
        wrong=str(errors[0].message) if errors else "", report=report, problems=report.problems[:SHOWN] if report else [],
        rows=files.kept_rows(actor), columns=files.COLUMNS,
    )  # fmt: skip


@require_GET
@administration("duties.load")
def lists_file(request: HttpRequest) -> HttpResponse:
    """The lists as CSV."""
    response = HttpResponse(files.export(actor_of(request)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="duty-lists-{time.today().isoformat()}.csv"'
    return response


@require_http_methods(["GET", "POST"])
@administration("duties.load")
def proofs(request: HttpRequest) -> HttpResponse:
    """The proofs that residents may be asked for: add one, abolish one."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    areas = [
        (one.path, queries.place(one.path))
        for one in territory.known_areas()
        if one.level in (Level.CITY, Level.DISTRICT)
    ]
    if request.method == "POST":
        sent = request.POST
        try:
            if sent.get("what") == "abolish":
                acting.abolish(
                    actor, _id(sent.get("proof", "")), abolished_on=day_of(sent, "abolished_on"),
                    instead=sent.get("instead", ""),
                )  # fmt: skip
                undo.done(request, _("Abolished; everybody can read it."))
            else:
                acting.add(
                    actor, area_path=sent.get("area_path", ""), code=sent.get("code", ""), name_zh=sent.get("name_zh", ""),
                    name_en=sent.get("name_en", ""), purpose=sent.get("purpose", ""), basis=sent.get("basis", ""),
                    issuer_zh=sent.get("issuer_zh", ""), issuer_en=sent.get("issuer_en", ""), kind=sent.get("kind", ""),
                )  # fmt: skip
                undo.done(request, _("On the list from today."))
            return HttpResponseRedirect("/admin/duties/proofs")
        except LinliError as error:
            if error.status == 404:
                raise
            errors.append(error)
    area = request.GET.get("area", "")
    area = area if area in dict(areas) else (areas[-1][0] if areas else "")
    found = queries.proofs(actor, area_path=area) if area else []
    return page(
        request, "duty_proofs", "duties", status=errors[0].status if errors else 200, errors=errors, sent=request.POST,
        wrong={one.field: str(one.message) for one in errors}, rows=[shown.proof_row(one) for one in found], areas=areas, area=area,
        year=time.today().year, today=time.today().isoformat(),
        standing=[(str(one.proof.id), one.proof.called) for one in found if one.proof.abolished_on is None],
    )  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("proof.choose", _("Choose a proof."), field="proof") from None
