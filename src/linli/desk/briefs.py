"""Briefs at the desk: which there are, making one in one click, reading it with the cases behind each figure, its note, issuing it."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.briefs import actions, composing, queries, stretches
from linli.briefs.keeping import document_of
from linli.briefs.models import Brief, BriefKind
from linli.desk.frame import actor_of, address, crumbs, draw, staff
from linli.kernel import ids, time
from linli.kernel.documents import Block, Chart, ChartKind, Form, Heading, Table, file_name
from linli.kernel.documents.sending import sent as named
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.metrics.catalogue import Period
from linli.metrics.counting import COMMUNITY_DEPTH
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.sent import day_of

OPEN_ROWS = 14
"""Tables of charts that are longer are folded."""


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The briefs of an area and of what lies below; what was over last, made or subscribed to with one tap."""
    actor = actor_of(request)
    policy.require(actor, queries.VIEW)
    area = _area(request, actor)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_begin(request, actor, area))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    kind = request.GET.get("kind", "")
    kind = kind if kind in BriefKind.values else ""
    found = queries.briefs(actor, area_path=area, kind=kind, before=_before(request.GET.get("before", "")))
    asked = {"area": request.GET.get("area", "")[:48] and area, "kind": kind}
    following = ""
    if len(found) == queries.PAGE:
        following = address("briefs", query=asked | {"before": found[-1].made_at.isoformat()})
    chips = [
        {"label": label, "href": address("briefs", query=asked | {"kind": value}), "current": value == kind}
        for value, label in (("", _("All")), *BriefKind.choices)
    ]
    deep = area.count("/") >= COMMUNITY_DEPTH - 1
    may = policy.allows(actor, actions.MAKE, policy.Spot(area)) and area.count("/") < COMMUNITY_DEPTH
    reach = "" if "city" in policy.reach(actor, queries.VIEW) else actor.area_path
    context = {
        "place": territory.full_name(area, top=Level.CITY) or area, "crumbs": crumbs(reach, area, "briefs", {"kind": kind}),
        "below": [] if deep else [
            {"name": name, "href": address("briefs", query={"kind": kind, "area": path})} for path, name in territory.choices(area)
        ],
        "rows": row_of_all(found), "chips": chips, "next": following, "here": address("briefs", query=asked),
        "offers": _offers(actor, area) if may else [], "key": str(ids.new_id()),
    }  # fmt: skip
    return draw(request, "briefs/list", [], error=error, **context)


def _area(request: HttpRequest, actor: Actor) -> str:
    """The area that the address names, else the post's own, else the first city.

    Raises:
        NotFound: there is none, or the post does not reach there.
    """
    asked = request.GET.get("area", "")[:48].strip("/")
    area = asked or actor.area_path or next((path for path, _name in territory.choices("")), "")
    if not area.isascii() or not policy.allows(actor, queries.VIEW, policy.Spot(area)):
        raise NotFound("territory.no_area", _("There is no such area."))
    return territory.area_at(area).path


def _begin(request: HttpRequest, actor: Actor, area: str) -> str:
    """Make a brief, or begin or end a subscription; where to go then."""
    sent = request.POST
    kind = sent.get("kind", "")
    if kind not in BriefKind.values:
        raise Invalid("brief.kind", _("Choose a week, a month or a quarter."), field="kind")
    here = address("briefs", query={"area": area})
    match sent.get("do"):
        case "make":
            made = actions.make(actor, sent.get("key", ""), area, BriefKind(kind), day_of(sent, "first"))
            return address("brief", made.id)
        case "subscribe":
            actions.subscribe(actor, area, BriefKind(kind))
            undo.done(request, _("You are told as soon as the next one is made."))
        case "unsubscribe":
            actions.unsubscribe(actor, area, BriefKind(kind))
            undo.done(request, _("You are not told any more."))
        case _:
            raise Invalid("brief.do", _("Choose what to do."), field="do")
    return here


def _offers(actor: Actor, area: str) -> list[dict[str, Any]]:
    """For each kind the days that were over last, with the brief that is there already, and whether the post subscribes."""
    found = []
    for one in queries.subscribed(actor, area):
        period = stretches.last_whole(one.kind, time.today())
        made = actions.latest(area, one.kind, period.first)
        found.append(
            {
                "kind": one.kind.value, "label": one.kind.label, "first": period.first, "days": composing.days_of(period),
                "href": address("brief", made.id) if made else "", "on": one.on,
            }
        )  # fmt: skip
    return found


def _before(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def row_of_all(found: list[Brief]) -> list[dict[str, Any]]:
    """Briefs in words."""
    return [_row(one) for one in found]


def _row(one: Brief) -> dict[str, Any]:
    return {
        "place": territory.full_name(one.area_path, top=Level.DISTRICT) or one.area_path, "kind": one.get_kind_display(),
        "days": composing.days_of(Period(one.first, one.last)), "version": one.version, "made_at": one.made_at,
        "by": one.issued_as or one.made_as, "state": _("issued") if one.issued_at else _("draft"),
        "tone": "good" if one.issued_at else "quiet", "icon": "check-check" if one.issued_at else "pencil",
        "href": address("brief", one.id),
    }  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    """A brief to read, each figure with the cases behind it; its note, issuing and correcting it."""
    actor = actor_of(request)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_do(request, actor, brief_id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    found = queries.brief(actor, brief_id)
    every = queries.editions(found)
    is_latest, spot = every[0].id == found.id, policy.Spot(found.area_path)
    may_make, may_issue = (policy.allows(actor, verb, spot) for verb in (actions.MAKE, actions.ISSUE))
    context = {
        "brief": found, "row": _row(found), "title": found.data["title"], "language": found.data["language"],
        "blocks": blocks_of(found), "key": str(ids.new_id()),
        "latest_href": "" if is_latest else address("brief", every[0].id),
        "may_note": is_latest and may_make and not found.issued_at, "may_issue": is_latest and may_issue and not found.issued_at,
        "may_correct": is_latest and may_make and bool(found.issued_at), "most_note": actions.MOST_NOTE,
        "editions": [_row(one) | {"current": one.id == found.id, "changed": one.changed} for one in every],
        "word_href": address("brief-file", found.id, "docx"), "pdf_href": address("brief-file", found.id, "pdf"),
        "back_href": address("briefs", query={"area": found.area_path}),
    }  # fmt: skip
    return draw(request, "briefs/brief", [], error=error, **context)


def _do(request: HttpRequest, actor: Actor, brief_id: UUID) -> str:
    sent = request.POST
    text = sent.get("revision", "")
    revision = int(text) if text.isdecimal() and len(text) < 10 else 0
    match sent.get("do"):
        case "note":
            actions.annotate(actor, brief_id, revision, sent.get("note", ""))
            undo.done(request, _("The assessment is kept."))
        case "issue":
            actions.issue(actor, brief_id, revision)
            undo.done(request, _("Issued. It does not change any more."))
        case "correct":
            made = actions.correct(actor, brief_id, revision, sent.get("changed", ""), sent.get("key", ""))
            undo.done(request, _("This is the corrected edition; it is not issued yet."))
            return address("brief", made.id)
        case _:
            raise Invalid("brief.do", _("Choose what to do."), field="do")
    return address("brief", brief_id)


@staff
@require_GET
def file(request: HttpRequest, brief_id: UUID, form: str) -> HttpResponse:
    """A brief as ``docx`` or ``pdf``, made from what is kept.

    Raises:
        NotFound: there is no such form of file.
    """
    found = queries.brief(actor_of(request), brief_id)
    if form not in set(Form):
        raise NotFound("brief.no_file", _("There is no such file."))
    return handed(found, Form(form))


def handed(found: Brief, form: Form) -> HttpResponse:
    """The file of a brief, named after its area and days."""
    made = document_of(found)
    plain = f"linli-brief-{found.area_path.replace('/', '-')}-{found.kind}-{found.first.isoformat()}.{form.value}"
    name = named(file_name(f"{made.title} {made.number}", form), plain)
    return HttpResponse(form.made(made), content_type=form.content_type, headers={"Content-Disposition": name})


def blocks_of(found: Brief) -> list[dict[str, Any]]:
    """What a brief says, as the page shows it: charts as their figures, and each figure a link to the cases behind it."""
    return [_block(one) for one in document_of(found).blocks]


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Chart):
        return _chart(block)
    if isinstance(block, Table):
        return {
            "is": "table", "columns": block.columns, "figures": sorted(block.figures), "note": block.note,
            "rows": [
                {"name": row[0], "href": href, "cells": list(enumerate(row[1:], 1))}
                for row, href in zip_longest(block.rows, block.links, fillvalue="")
            ],
        }  # fmt: skip
    return {"is": "heading" if isinstance(block, Heading) else "text", "text": block.text}


def _chart(block: Chart) -> dict[str, Any]:
    most = max((value or 0 for one in block.series for value in one.values), default=0)
    return {
        "is": "chart", "caption": block.caption, "names": [one.name for one in block.series], "most": max(round(most), 1),
        "bars": block.kind == ChartKind.BAR, "folded": len(block.labels) > OPEN_ROWS,
        "rows": [
            {"label": label, "values": [round(one.values[n] or 0) for one in block.series]} for n, label in enumerate(block.labels)
        ],
    }  # fmt: skip
