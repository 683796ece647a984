"""Files of dwellings and residents at the desk: sent in, tried, read with progress; bad rows back as a workbook; a sheet out."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import xlsxwriter
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.dwellings import tabs
from linli.desk.exporting import TYPE, safe
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.households import files
from linli.households.actions import importing, reading
from linli.households.models import Import, ImportProblem, ImportState, Kind, Source, Status
from linli.households.queries.sheets import MOST_CLEAR, MOST_MASKED, Sheet, sheet_of
from linli.households.rules import columns
from linli.kernel import crypto, ids, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import Conflict, Invalid, LinliError
from linli.kernel.trust import Actor, audit, context, policy
from linli.ui import undo
from linli.ui.casework.names import language, organisation_name, role_name

WRONG = {
    "cell.label": gettext_lazy("Missing, or longer than 16 signs."),
    "cell.floor": gettext_lazy("Not a floor; give a figure."),
    "cell.word": gettext_lazy("None of the words that this column takes; see the template's second sheet."),
    "cell.date": gettext_lazy("Not a day that has been; write 2026-01-31."),
    "cell.needed": gettext_lazy("Needed when the other cells of a person are filled in."),
    "cell.name": gettext_lazy("Not a name."),
    "cell.phone": gettext_lazy("Not a telephone number."),
    "cell.id_number": gettext_lazy("Not an identity number: check each figure, or leave it empty."),
    "cell.consent": gettext_lazy("A child under fourteen: give the day on which a guardian agreed."),
    "grid.unknown": gettext_lazy("No micro-grid of this code in your area."),
    "grid.needed": gettext_lazy("The compound lies in several micro-grids: say in which."),
    "grid.out_of_reach": gettext_lazy("This building stands outside your area."),
    "compound.unknown": gettext_lazy("No compound of this name in your area."),
    "compound.ambiguous": gettext_lazy("Several compounds have this name: give the micro-grid."),
    "person.other_name": gettext_lazy("This identity number is in the register with another name."),
}
"""What is wrong with a cell, in words that say what to do."""


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
        except Invalid as wrong:
            error = wrong
    rows = Import.objects.filter(in_subtree("area_path", actor.area_path)).order_by("-started_at")[:30]
    context = {
        "tabs": tabs(actor, "imports"),
        "rows": [_shown(one) for one in rows],
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
        "tone": {"done": "good", "stopped": "quiet"}.get(one.state, "info"),
        "icon": {"done": "circle-check", "stopped": "circle-x"}.get(one.state, "loader"),
        "ended": ended,
        "rows": one.rows,
        "bad": one.bad,
        "at": one.started_at,
        "source": str(Source(one.source).label),
        "facts": [(words[key], one.counts[key]) for key in words if key in one.counts],
        "percent": min(100, round(100 * one.rows / max(1, one.rows + one.size // 60))) if not ended else 100,
    }


def _import(actor: Actor, import_id: UUID) -> Import:
    one = Import.objects.filter(district=actor.district, id=import_id).first()
    policy.require(actor, "household.import")
    if one is None or not policy.allows(actor, "household.import", policy.Spot(one.area_path)):
        raise Http404
    return one


@staff
@never_cache
@require_GET
def page(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far a file has been read, what it brought, the first bad rows; the page asks by itself until it ends."""
    actor = actor_of(request)
    one = _import(actor, import_id)
    with context.personal(actor, purpose="mend a file"):
        problems = list(ImportProblem.objects.filter(district=one.district, of=one).order_by("row", "column")[:50])
    names = _columns()
    shown = {
        "tabs": tabs(actor, "imports"),
        "one": _shown(one),
        "problems": [
            {"row": row.row, "column": names.get(row.column, row.column), "said": str(WRONG.get(row.code, row.code))}
            for row in problems
        ],
        "next": address("import", one.id),
    }
    part = "desk/dwellings/import_part.html"
    return render(request, part if wants_part(request) else "desk/dwellings/import.html", shown)


def _columns() -> dict[str, str]:
    return {row["column"]: row["en"] if language().startswith("en") else row["zh"] for row in columns()}


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
@never_cache
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in: the columns with an example, and the words that they take."""
    policy.require(actor_of(request), "household.import")
    kinds = [[str(one.label) for one in Status], [str(one.label) for one in Kind]]
    words = [[_("Use"), _("Relation")]]
    for at in range(max(map(len, kinds))):
        words.append([column[at] if at < len(column) else "" for column in kinds])
    return _book("linli-dwellings.xlsx", {_("Dwellings"): files.template(), _("Words"): words}, note="")


@staff
@never_cache
@require_GET
def problems(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The rows that were not taken, as they came, with what is wrong in each: to be mended and sent again."""
    actor = actor_of(request)
    one = _import(actor, import_id)
    names = _columns()
    rows: dict[int, tuple[list[str], list[str]]] = {}
    with transaction.atomic(), context.personal(actor, purpose="mend a file"):
        found = ImportProblem.objects.filter(district=one.district, of=one).order_by("row", "column")[:100_000]
        for problem in found:
            if problem.row not in rows:
                cells = crypto.open_(importing.ROW, problem.id, problem.cells_enc) if problem.cells_enc else "[]"
                rows[problem.row] = (json.loads(cells), [])
            column = names.get(problem.column, problem.column)
            rows[problem.row][1].append(f"{column}: {WRONG.get(problem.code, problem.code)}")
        audit.record(
            actor, "household.read_rows", subject_type="import", subject_id=one.id, district=one.district, purpose="mend a file",
            fields=("name", "phone", "number"), detail={"rows": len(rows)},
        )  # fmt: skip
    head = [row["zh"] for row in columns()]
    width = max([len(cells) for cells, _said in rows.values()], default=len(head))
    body = [[*cells, *([""] * (width - len(cells))), str(row), "; ".join(said)] for row, (cells, said) in rows.items()]
    top = [*head[:width], *([""] * (width - len(head))), _("Row"), _("What is wrong")]
    return _book(f"linli-bad-rows-{str(one.id)[-6:]}.xlsx", {_("Rows to mend"): [top, *body]}, note="")


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
    who = " ".join(
        part for part in (organisation_name(actor.organisation_id), role_name(actor.role), actor.name) if part
    )
    note = _("%(who)s · %(when)s · for: %(purpose)s · export %(id)s") % {
        "who": who,
        "when": time.now().astimezone(time.LOCAL_ZONE).strftime("%Y-%m-%d %H:%M"),
        "purpose": words,
        "id": str(export_id)[-12:],
    }
    head = [_("Dwelling"), _("Use"), _("Name"), _("Telephone"), _("Relation"), _("Since"), _("Source")]
    name = f"linli-households-{time.today():%Y%m%d}.xlsx"
    return _book(name, {_("Residents"): [head, *found.rows]}, note=note)


def _book(name: str, sheets: dict[str, Sequence[Sequence[str]]], *, note: str) -> HttpResponse:
    """A workbook of text cells, none of which is a formula; the note stands on the sheet and on every printed page."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(kept, options)
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E6F2F0"})
    mark = book.add_format({"font_color": "#B45309", "bold": True})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title[:31])
        top = 1 if note else 0
        if note:
            sheet.write_string(0, 0, safe(note), mark)
            sheet.set_header("&L" + note.replace("&", "&&")[:200])
            sheet.set_footer("&C&P / &N")
        for down, row in enumerate(rows):
            for across, cell in enumerate(row):
                sheet.write_string(top + down, across, safe(cell), bold if not down else None)
        sheet.set_column(0, max((len(row) for row in rows), default=1), 16)
        sheet.freeze_panes(top + 1, 0)
    book.set_properties({"comments": note})
    book.close()
    return HttpResponse(
        kept.getvalue(), content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
