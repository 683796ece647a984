"""A list as a workbook: for a purpose, with a mark of who took it, without personal columns unless the purpose needs them.

What is restricted is in no export. Every export is an audit row; a workbook with personal columns leaves one for each person too.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import xlsxwriter
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.cases import queries
from linli.cases.actions import talking
from linli.cases.loop import Ref
from linli.cases.models import Case, Channel
from linli.catalog.models import Severity
from linli.desk import actions, inbox
from linli.desk.frame import actor_of, address, as_workbook, staff
from linli.desk.inbox import Place
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.workbooks import safe
from linli.people.confirming import confirmed
from linli.ui.casework.names import Places, catalogue_for, category_name, organisation_name, post_name
from linli.ui.looks import look_of

MOST_ROWS = 5_000
MOST_PERSONAL = 200
"""Every person's row is looked up and audited by itself; who needs more asks the data protection officer."""
SEALED = ("personal", "restricted")


@dataclass(frozen=True, slots=True)
class Export:
    """A workbook, and what is to be said of it."""

    id: UUID
    content: bytes
    rows: int
    left_out: bool


def cases_of(actor: Actor, place: Place, *, most: int) -> tuple[list[Case], bool]:
    """The cases of a list in its order, without restricted ones, and whether there are more than ``most``."""
    found: list[Case] = []
    after = ""
    while len(found) <= most:
        page = queries.inbox(actor, place.view, filters=place.filters, after=after, size=200)
        found += [case for case in page.cases if not case.is_restricted]
        after = page.next
        if not after:
            break
    return found[:most], len(found) > most


def export(actor: Actor, place: Place, *, purpose: str, personal: bool) -> Export:
    """Make the workbook of a list.

    Args:
        purpose: what it is needed for; stands on the sheet and in the audit.
        personal: whether name and number of the reporters are in it.

    Raises:
        Invalid: no purpose is given.
        Forbidden: the post may not.
    """
    policy.require(actor, "case.export")
    words = " ".join(purpose.split())
    if len(words) < 4:
        raise Invalid(
            "purpose.missing",
            _("Please say what you need this for."),
            field="purpose",
            mend=_("A few words are enough."),
        )
    export_id = ids.new_id()
    most = MOST_PERSONAL if personal else MOST_ROWS
    with transaction.atomic():
        cases, more = cases_of(actor, place, most=most)
        people = _people(actor, cases, words[:200]) if personal else None
        audit.record(
            actor, "case.export", subject_type="list", subject_id=export_id, district=actions.home_of(actor),
            purpose=words[:200], fields=("name", "phone") if personal else (),
            detail={"rows": len(cases), "list": place.query(q=""), "words": bool(place.filters.words), "cut": more},
        )  # fmt: skip
    notes = [mark_of(actor, words, export_id)]
    if more:
        notes.append(_("Only the first %(n)d are here; narrow the list for the rest.") % {"n": most})
    content = _workbook(list(_rows(cases, people)), notes, title=str(queries.LABELS[place.view]))
    return Export(export_id, content, len(cases), more)


def mark_of(actor: Actor, purpose: str, export_id: UUID) -> str:
    """Who took an export, when, what for, and which it is: stands on the sheet."""
    return _("%(who)s · %(when)s · for: %(purpose)s · export %(id)s") % {
        "who": post_name(actor),
        "when": time.now().astimezone(time.LOCAL_ZONE).strftime("%Y-%m-%d %H:%M"),
        "purpose": purpose,
        "id": str(export_id)[-12:],
    }


def _people(actor: Actor, cases: Iterable[Case], purpose: str) -> dict[UUID, tuple[str, str]]:
    found = {}
    for case in cases:
        if case.sensitivity in SEALED or not policy.allows(actor, "case.read_reporter", case):
            continue
        for one in talking.read_people(actor, Ref(case.district, case.id), purpose=purpose)[:1]:
            found[case.id] = (one.name, one.phone)
    return found


def _rows(cases: list[Case], people: dict[UUID, tuple[str, str]] | None) -> Iterator[list[Any]]:
    head = [
        _("Number"), _("Category"), _("Severity"), _("State"), _("Place"), _("Address"), _("What was reported"), _("In hand"),
        _("Channel"), _("Reported"), _("Due"), _("Closed"),
    ]  # fmt: skip
    yield head if people is None else [*head, _("Reporter"), _("Telephone")]
    places = Places(case.area_path for case in cases)
    for case in cases:
        sealed = case.sensitivity in SEALED
        row = [
            case.number, category_name(case, catalogue_for(case.district)), str(Severity(case.severity).label),
            str(look_of(case.state).office), places.short(case.area_path), "" if sealed else case.address_text,
            "" if sealed else case.description, organisation_name(case.holder_id), str(Channel(case.channel).label),
            case.reported_at, case.due_at, case.closed_at,
        ]  # fmt: skip
        yield row if people is None else [*row, *people.get(case.id, ("", ""))]


WIDTHS = (16, 20, 8, 12, 26, 26, 48, 24, 10, 17, 17, 17, 12, 15)


def _workbook(rows: list[list[Any]], notes: list[str], *, title: str) -> bytes:
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(kept, options)
    sheet = book.add_worksheet()
    mark = book.add_format({"font_color": "#B45309", "bold": True})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E6F2F0"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top", "align": "left"})
    for at, note in enumerate(notes):
        sheet.write_string(at, 0, safe(note), mark)
    top = len(notes)
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(top + down, across, safe(value), wrapped if down else head)
            elif value is not None:
                sheet.write_datetime(top + down, across, value.astimezone(time.LOCAL_ZONE).replace(tzinfo=None), moment)
    for across, width in enumerate(WIDTHS[: len(rows[0])]):
        sheet.set_column(across, across, width)
    sheet.freeze_panes(top + 1, 1)
    sheet.autofilter(top, 0, top + max(1, len(rows) - 1), len(rows[0]) - 1)
    sheet.repeat_rows(top)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    # On every printed page, whatever is done to the cells.
    sheet.set_header("&L" + notes[0].replace("&", "&&")[:200])
    sheet.set_footer("&C&P / &N")
    book.set_properties({"title": title, "comments": notes[0]})
    book.close()
    return kept.getvalue()


@staff
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed
def page(request: HttpRequest) -> HttpResponse:
    """Ask what the workbook is needed for, then give it."""
    actor = actor_of(request)
    policy.require(actor, "case.export")
    place = inbox.place_of(request)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            made = export(actor, place, purpose=request.POST.get("purpose", ""), personal="personal" in request.POST)
        except Invalid as wrong:
            error = wrong
        else:
            name = f"linli-{place.view}-{time.now().astimezone(time.LOCAL_ZONE):%Y%m%d-%H%M}.xlsx"
            return as_workbook(name, made.content)
    total = queries.counts_of(actor, [(place.view, place.filters)])[0]
    context = {
        "place": place,
        "what": [
            queries.LABELS[place.view],
            *(chip["label"] for chip in inbox.chips_of(place, Places([place.filters.area_path]))),
        ],
        "total": inbox.shown_count(total),
        "most": MOST_ROWS,
        "most_personal": MOST_PERSONAL,
        "action": address("export", query=place.query()),
        "back": address("inbox", query=place.query()),
        "errors": [error] if error else [],
        "wrong": str(error.message) if error else "",
        "typed": request.POST.get("purpose", ""),
        "may_read": bool(policy.reach(actor, "case.read_reporter")),
    }
    return render(request, "desk/export.html", context, status=422 if error else 200)
