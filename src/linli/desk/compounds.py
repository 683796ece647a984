"""Compounds at the desk: the list with its filters, a file with its sections, what runs out, files of an area in and out."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases.queries.in_compound import in_compound
from linli.compounds import queries
from linli.compounds.actions import fund, importing, photos
from linli.compounds.models import Colour, CommitteeState, Kind, RunsOut
from linli.compounds.queries import SORTS, Narrowed
from linli.desk.frame import Tab, actor_of, address, as_workbook, draw, staff, tabs_of
from linli.households.files import as_csv
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.intake import Shelf, receive
from linli.kernel.storage.serving import photo_response
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot
from linli.kernel.workbooks import book
from linli.territory import queries as territory
from linli.ui import compound_forms as forms
from linli.ui import compounds as shown
from linli.ui import undo
from linli.ui.casework.names import catalogue_for, category_name, post_name
from linli.ui.casework.points import id_of, key_of

SHOWN_CASES = 12
SHOWN_LINES = 12
MOST_BYTES = 5 * 1024 * 1024
MOST_PHOTOS = 5


def _page(request: HttpRequest, template: str, tab: str, **context: Any) -> HttpResponse:
    tabs = (
        Tab("compounds", _("Compounds"), ("compound.view",), "building-2"),
        Tab("running-out", _("Runs out soon"), ("compound.view",), "calendar-clock"),
        Tab("compound-files", _("Files"), ("compound.import", "compound.export"), "file-text"),
    )
    return draw(request, f"compounds/{template}", tabs_of(actor_of(request), tab, tabs), **context)


@staff
@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The compounds of the area, the worst first; found by words, narrowed by colour, committee and who looks after them."""
    actor = actor_of(request)
    policy.require(actor, "compound.view")
    asked = {name: request.GET.get(name, "")[:60] for name in ("q", "area", "colour", "committee", "kind", "sort")}
    asked["sort"] = asked["sort"] if asked["sort"] in SORTS else "colour"
    area = queries.reach_path(actor, asked["area"])
    narrowed = Narrowed(words=asked["q"], colour=asked["colour"], committee=asked["committee"], kind=asked["kind"])
    text = request.GET.get("after", "")
    after = int(text) if text.isdecimal() and len(text) < 6 else 0
    rows, more = queries.listed(actor, area=area, narrowed=narrowed, sort=asked["sort"], after=after)
    counts, rules = queries.counted(actor, area=area, words=asked["q"]), queries.rule_set()

    def chips(name: str, choices: list[tuple[str, Any]], found: dict[str, int]) -> list[dict[str, Any]]:
        offered = [("", _("All")), *(one for one in choices if found.get(one[0]) or asked[name] == one[0])]
        return [
            {"label": label, "count": found.get(value, 0) if value else counts.total, "current": asked[name] == value,
             "href": address("compounds", query=asked | {name: value}), "tone": shown.COLOURS[value][0] if value in shown.COLOURS else "",
             "icon": shown.COLOURS[value][1] if value in shown.COLOURS else ""}
            for value, label in offered
        ]  # fmt: skip

    return _page(
        request, "list", "compounds", rows=[shown.listed(row, href=address("compound", row.compound_id), rules=rules) for row in rows],
        place=territory.full_name(area) if area else "", asked=asked,
        areas=[("", _("All")), *territory.choices(actor.area_path)] if actor.area_path.count("/") < 2 else [],
        colours=chips("colour", Colour.choices, counts.colours), kinds=chips("kind", Kind.choices, counts.kinds),
        committees=chips("committee", CommitteeState.choices, counts.committees),
        sorts=[("colour", _("Colour")), ("name", _("Name")), ("contract", _("End of the contract")), ("term", _("End of the term"))],
        next=address("compounds", query=asked | {"after": str(after + queries.PAGE)}) if more else "",
    )  # fmt: skip


@staff
@never_cache
@require_GET
def page(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """The file of a compound, section by section."""
    actor = actor_of(request)
    found = queries.file(actor, compound_id)
    subject = Spot(found.compound.area_path)
    context = _file(actor, found)
    here = in_compound(actor, found.compound) if policy.reach(actor, "case.list") else None
    catalogue = catalogue_for(found.compound.district) if here and here.cases else None
    context |= {
        "keeps": policy.allows(actor, "compound.keep", subject),
        "may_read": policy.allows(actor, "compound.read_contact", subject),
        "cases": here,
        "case_rows": [
            {"href": address("case", case.number), "number": case.number, "state": case.state, "title": category_name(case, catalogue)}
            for case in here.cases[:SHOWN_CASES]
        ] if here and catalogue else [],
    }  # fmt: skip
    return _page(request, "page", "compounds", **context)


def _file(actor: Actor, found: queries.File) -> dict[str, Any]:
    compound, now = found.compound, found.standing
    return {
        "compound": compound,
        "place": territory.full_name(compound.area_path),
        "colour": shown.colour(now.colour),
        "reasons": shown.reasons(now, found.rules),
        "rules_href": f"/compound-rules/{found.rules.number}" if found.rules.number else "/compound-rules",
        "rules": found.rules,
        "items": [shown.running(item, href="") for item in found.items],
        "committee": shown.committee(found.committee, now),
        "chair": shown.chair(found),
        "contract": shown.contract(found.contract),
        "contracts": [shown.contract(row) for row in found.contracts if row is not found.contract],
        "balance": shown.yuan(found.balance),
        "fund_on": now.fund_on,
        "fund": [shown.fund_line(row, gone=row.id in found.reversed_) for row in found.fund[:SHOWN_LINES]],
        "renovations": [shown.renovation(row) for row in found.renovations],
        "dues": [shown.dues(row) for row in found.dues[:SHOWN_LINES]],
        "votes": [shown.vote(row) for row in found.votes],
        "checks": [shown.check(row) for row in found.checks],
        "photos": [
            {
                "src": address("compound-photo", compound.id, one.id, "large") if one.state == FileState.READY else "",
                "thumb": address("compound-photo", compound.id, one.id, "small"),
                "alt": one.caption or _("Photo of the compound"),
                "caption": " · ".join(part for part in (one.caption, one.at.astimezone(time.LOCAL_ZONE).strftime("%Y-%m-%d")) if part),
            }
            for one in found.photos if one.state != FileState.REFUSED
        ],
        "history": [shown.happened(row) for row in found.history[:60]],
    }  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, compound_id: UUID, section: str) -> HttpResponse:
    """The form of a section: another record, or one that corrects or carries on an earlier one."""
    actor = actor_of(request)
    found = queries.file(actor, compound_id)
    policy.require(actor, "compound.keep", Spot(found.compound.area_path), view="compound.view")
    if section not in forms.SECTIONS:
        raise NotFound("not_found", _("There is nothing here that you can see."))
    text = request.POST.get("replaces", "") or request.GET.get("replaces", "")
    replaces = id_of(text) if text else None
    error: LinliError | None = None
    if request.method == "POST":
        try:
            forms.note(section, actor, found, request.POST, key=key_of(request), replaces=replaces)
            undo.done(request, _("Noted in the file."))
            return HttpResponseRedirect(f"{address('compound', compound_id)}#{section}")
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    form = forms.form(section, found, replaced=replaces)
    sent = request.POST
    fields = [
        {"f": one, "value": (sent.getlist(one.name) if one.group else sent.get(one.name, "")) if sent else one.value,
         "error": str(error.message) if error and error.field == one.name else ""}
        for one in form.fields
    ]  # fmt: skip
    return _page(
        request, "note", "compounds", error=error, compound=found.compound, form=form, fields=fields, replaces=text,
        key=sent.get("key", "") or str(ids.new_id()), back=address("compound", compound_id),
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def reverse_line(request: HttpRequest, compound_id: UUID, entry_id: UUID) -> HttpResponse:
    """Reverse a line of the fund that was wrong."""
    actor = actor_of(request)
    found = queries.file(actor, compound_id)
    policy.require(actor, "compound.keep", Spot(found.compound.area_path), view="compound.view")
    line = next((row for row in found.fund if row.id == entry_id), None)
    if line is None:
        raise NotFound("compounds.no_record", _("There is no such record in this file."))
    error: LinliError | None = None
    if request.method == "POST":
        try:
            fund.reverse(actor, compound_id, entry_id, reason=request.POST.get("reason", ""), key=key_of(request))
            undo.done(request, _("Reversed. Both lines stay in the fund's history."))
            return HttpResponseRedirect(f"{address('compound', compound_id)}#fund")
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    return _page(
        request, "reverse", "compounds", error=error, compound=found.compound, back=address("compound", compound_id),
        line=shown.fund_line(line, gone=line.id in found.reversed_), key=request.POST.get("key", "") or str(ids.new_id()),
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def chair(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Ask what the chair's name and number are needed for, then show them."""
    actor = actor_of(request)
    found = queries.visible(actor, compound_id)
    policy.require(actor, "compound.read_contact", Spot(found.area_path), view="compound.view")
    error: LinliError | None = None
    plain = None
    if request.method == "POST":
        try:
            plain = queries.chair(actor, compound_id, purpose=request.POST.get("purpose", ""))
        except Invalid as wrong:
            error = wrong
    return _page(
        request, "chair", "compounds", error=error, compound=found, plain=plain, back=address("compound", compound_id)
    )


@staff
@require_POST
def add_photos(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Add photos to the file."""
    actor = actor_of(request)
    found = queries.visible(actor, compound_id)
    policy.require(actor, "compound.keep", Spot(found.area_path), view="compound.view")
    files = request.FILES.getlist("photos")
    if not files:
        raise Invalid("photo.none", _("No photo was chosen."), field="photos", mend=_("Choose one, then add it."))
    if len(files) > MOST_PHOTOS:
        raise Invalid("photo.too_many", _("At most five photos at once."), field="photos")
    for one in files:
        photos.add(actor, compound_id, receive(one.chunks()), caption=request.POST.get("caption", ""))
    said = ngettext(
        "%(n)d photo added; it is being prepared.", "%(n)d photos added; they are being prepared.", len(files)
    )
    undo.done(request, said % {"n": len(files)})
    return HttpResponseRedirect(f"{address('compound', compound_id)}#photos")


@staff
@require_GET
def photo(request: HttpRequest, compound_id: UUID, photo: UUID, size: str) -> HttpResponseBase:
    """A photo's harmless copy."""
    return shown_photo(actor_of(request), compound_id, photo, size)


def shown_photo(actor: Actor, compound_id: UUID, photo_id: UUID, size: str) -> HttpResponseBase:
    """The copy of a photo for whoever may see the file.

    Raises:
        NotFound: it is not the compound's, or not ready.
    """
    found = queries.photo(actor, compound_id, photo_id)
    return photo_response(found.thumb_key if size == "small" else found.shown_key, shelf=Shelf.PRIVATE)


@staff
@never_cache
@require_GET
def running_out(request: HttpRequest) -> HttpResponse:
    """What runs out soon in the area, by day."""
    actor = actor_of(request)
    policy.require(actor, "compound.view")
    kind = request.GET.get("kind", "")
    kind = kind if kind in RunsOut.values else ""
    counts = queries.running_counts(actor)
    found = queries.running_out(actor, kind=kind)
    chips = [
        {"label": label, "href": address("running-out", query={"kind": value}), "current": value == kind,
         "count": counts[RunsOut(value)] if value else sum(counts.values()), "icon": shown.RUNS[value] if value else ""}
        for value, label in [("", _("All")), *RunsOut.choices]
    ]  # fmt: skip
    return _page(
        request, "running", "running-out", chips=chips, terms=shown.rules_page(queries.rule_set())["terms"],
        rows=[shown.running(item, href=address("compound", item.standing.compound_id)) for item in found],
    )  # fmt: skip


@staff
@never_cache
@require_GET
def running_count(request: HttpRequest) -> HttpResponse:
    """How much runs out, for the desk's frame: fetched after the page, so that no list waits for it."""
    actor = actor_of(request)
    policy.require(actor, "compound.view")
    return render(request, "desk/compounds/count.html", {"count": sum(queries.running_counts(actor).values())})


# --- files ------------------------------------------------------------------------------------------------------------------------------


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Read a file of the area's compounds in, tried first; give one out for a purpose."""
    actor = actor_of(request)
    reads, gives = bool(policy.reach(actor, "compound.import")), bool(policy.reach(actor, "compound.export"))
    if not (reads or gives):
        policy.require(actor, "compound.import")
    error: LinliError | None = None
    report = None
    if request.method == "POST":
        try:
            if request.POST.get("what") == "out":
                return _sheet(actor, request.POST.get("purpose", ""))
            report = importing.read(actor, lines_of(request), try_only=request.POST.get("what") != "read")
        except Invalid as wrong:
            error = wrong
    names = dict(zip((row["column"] for row in importing.columns()), importing.heads(), strict=True))
    words = {
        "committee": _("committees"), "contract": _("contracts"), "fund": _("fund statements"), "dues": _("dues"),
    }  # fmt: skip
    return _page(
        request, "files", "compound-files", error=error, report=report, reads=reads, gives=gives,
        noted=[(words[what], n) for what, n in report.noted.items()] if report else [],
        problems=[{"row": one.row, "column": names.get(one.column, one.column), "said": one.message} for one in report.problems]
        if report else [],
        most=importing.MOST_ROWS,
    )  # fmt: skip


def lines_of(request: HttpRequest) -> list[list[str]]:
    """The cells of the file that was sent, a workbook or text.

    Raises:
        Invalid: there is none, or it cannot be read.
    """
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid("file.needed", _("Please choose a file."), field="file")
    if sent.size and sent.size > MOST_BYTES:
        raise Invalid("file.large", _("The file is larger than 5 MB."), field="file", mend=_("Send it in parts."))
    return list(csv.reader(io.StringIO(as_csv(sent.read(), str(sent.name)).decode(), newline="")))


def _sheet(actor: Actor, purpose: str) -> HttpResponse:
    rows = importing.rows_out(actor, purpose=purpose)
    note = f"{post_name(actor)} · {time.now().astimezone(time.LOCAL_ZONE):%Y-%m-%d %H:%M} · {' '.join(purpose.split())[:200]}"
    return as_workbook(
        f"linli-compounds-{time.today():%Y%m%d}.xlsx", book({_("Compounds"): [importing.heads(), *rows]}, note=note)
    )


@staff
@never_cache
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in: the columns with an example."""
    policy.require(actor_of(request), "compound.import")
    return as_workbook("linli-compounds.xlsx", book({_("Compounds"): [importing.heads(), importing.example()]}))
