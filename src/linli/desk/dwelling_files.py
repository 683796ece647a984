"""Files of dwellings and residents at the desk: sent in, tried, read with progress; bad rows back as a workbook; a sheet out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.dwellings import tabs
from linli.desk.exporting import mark_of
from linli.desk.frame import actor_of, address, as_workbook, staff, wants_part
from linli.households import workbooks
from linli.households.actions import importing, reading
from linli.households.models import Import, ImportState, Source
from linli.households.queries import imports as queries
from linli.households.queries.sheets import MOST_CLEAR, MOST_MASKED, Sheet, sheet_of
from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Invalid, LinliError
from linli.kernel.trust import Actor, policy
from linli.ui import undo


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Send a file in, tried first unless told otherwise; the files of this area and how far they are."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    error: LinliError | None = None
    if request.method == "POST":
        try:
            sent = request.FILES.get("file")
            if sent is None:
                raise Invalid("file.needed", _("Please choose a file."), field="file")
            if sent.size and sent.size > importing.MOST_BYTES:
                raise Invalid(
                    "file.large", _("The file is larger than 20 MB."), field="file", mend=_("Send it in parts.")
                )
            source = request.POST.get("source", "")
            one = importing.begin_upload(
                actor, sent.read(), str(sent.name), area_path=actor.area_path, dry_run=request.POST.get("what") == "try",
                source=Source(source) if source in Source.values else Source.FILE,
            )  # fmt: skip
            return HttpResponseRedirect(address("import", one.id))
        except LinliError as wrong:
            if wrong.status not in (409, 422):
                raise
            error = wrong
    context = {
        "tabs": tabs(actor, "imports"),
        "rows": [_shown(one) for one in queries.recent(actor)],
        "sources": [(one.value, one.label) for one in Source if one != Source.VISIT],
        "errors": [error] if error else [],
        "wrong": str(error.message) if error else "",
    }
    return render(request, "desk/dwellings/imports.html", context, status=error.status if error else 200)


def _shown(one: Import) -> dict[str, Any]:
    words = {
        "dwellings": _("new dwellings"),
        "statuses": _("uses"),
        "people": _("new people"),
        "residencies": _("residencies"),
        "proposals": _("proposals"),
    }
    ended = one.state in (ImportState.DONE, ImportState.STOPPED)
    return {
        "id": one.id,
        "name": one.name,
        "href": address("import", one.id),
        "dry_run": one.dry_run,
        "state": str(ImportState(one.state).label),
        "tone": {"done": "good", "stopped": "quiet", "aside": "late"}.get(one.state, "info"),
        "icon": {"done": "circle-check", "stopped": "circle-x", "aside": "triangle-alert"}.get(one.state, "loader"),
        "ended": ended,
        "aside": one.state == ImportState.ASIDE,
        "failed_at": one.rows + 2 if one.tries and not ended else 0,
        "why": queries.why(one.problem),
        "next_try_at": one.next_try_at,
        "rows": one.rows,
        "bad": one.bad,
        "at": one.started_at,
        "source": str(Source(one.source).label),
        "facts": [(words[key], one.counts[key]) for key in words if key in one.counts],
        "percent": min(100, round(100 * one.rows / max(1, one.rows + one.size // 60))) if not ended else 100,
    }


@staff
@never_cache
@require_GET
def page(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far a file has been read, what it brought, the first bad rows; the page asks by itself until it ends."""
    actor = actor_of(request)
    one = queries.one(actor, import_id)
    names = workbooks.column_names()
    shown = {
        "tabs": tabs(actor, "imports"),
        "one": _shown(one),
        "problems": [
            {"row": row.row, "column": names.get(row.column, row.column), "said": queries.said(row.code)}
            for row in queries.problems(actor, one)
        ],
        "next": address("import", one.id),
    }
    part = "desk/dwellings/import_part.html"
    return render(request, part if wants_part(request) else "desk/dwellings/import.html", shown)


@staff
@require_POST
def stop(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Stop reading; what is in stays."""
    try:
        importing.stop(actor_of(request), import_id)
        undo.done(request, _("Stopped."))
    except Conflict as error:
        undo.done(request, str(error.message))
    return HttpResponseRedirect(address("imports"))


@staff
@require_POST
def go_on(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Try rows that failed once more, or leave them out and read on."""
    try:
        importing.go_on(actor_of(request), import_id, leave_out=request.POST.get("what") == "leave_out")
        undo.done(request, _("It is read on."))
    except Conflict as error:
        undo.done(request, f"{error.message} {error.mend}".strip())
    return HttpResponseRedirect(address("import", import_id))


@staff
@never_cache
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in: the columns with an example, and the words that they take."""
    policy.require(actor_of(request), "household.import")
    return as_workbook("linli-dwellings.xlsx", workbooks.template())


@staff
@never_cache
@require_GET
def problems(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The rows that were not taken, as they came, with what is wrong in each: to be mended and sent again."""
    actor = actor_of(request)
    one = queries.one(actor, import_id)
    return as_workbook(f"linli-bad-rows-{str(one.id)[-6:]}.xlsx", workbooks.rows_to_mend(actor, one))


# --- a sheet out ----------------------------------------------------------------------------------------------------------------


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Ask what the sheet is needed for, then give it: masked, unless the purpose needs names and numbers."""
    actor = actor_of(request)
    policy.require(actor, "household.export")
    error: LinliError | None = None
    if request.method == "POST":
        try:
            return _sheet(actor, purpose=request.POST.get("purpose", ""), clear="clear" in request.POST)
        except Invalid as wrong:
            error = wrong
    shown = {
        "tabs": tabs(actor, "dwellings"),
        "most": MOST_MASKED,
        "most_clear": MOST_CLEAR,
        "typed": request.POST.get("purpose", ""),
        "errors": [error] if error else [],
        "wrong": str(error.message) if error else "",
    }
    return render(request, "desk/dwellings/export.html", shown, status=error.status if error else 200)


def _sheet(actor: Actor, *, purpose: str, clear: bool) -> HttpResponse:
    words = reading.purpose_of(purpose)
    export_id = ids.new_id()
    found: Sheet = sheet_of(actor, purpose=words, clear=clear, export_id=export_id)
    head = [_("Dwelling"), _("Use"), _("Name"), _("Telephone"), _("Relation"), _("Since"), _("Source")]
    name = f"linli-households-{time.today():%Y%m%d}.xlsx"
    return as_workbook(
        name, workbooks.book({_("Residents"): [head, *found.rows]}, note=mark_of(actor, words, export_id))
    )
