"""The roster at the desk: coverage of an area and what lies below it, who holds each grid, what is vacant; and as a workbook."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.desk.frame import actor_of, address, as_workbook, crumbs, staff
from linli.desk.team import page
from linli.kernel import time
from linli.kernel.trust import audit, policy
from linli.kernel.workbooks import book
from linli.people.words import post_word
from linli.territory.models import Level
from linli.workforce import roster as reading
from linli.workforce.roster import LEVELS, Covered, Figure, Row

MOST_ROWS = 20_000
BATCH = 2_000


def _asked(request: HttpRequest) -> dict[str, str]:
    level = request.GET.get("level", "")
    return {
        "area": request.GET.get("area", "")[:48],
        "level": level if level in LEVELS else "",
        "q": request.GET.get("q", "").strip()[:40],
        "vacant": "1" if request.GET.get("vacant") == "1" else "",
    }


def _figure(found: Figure) -> dict[str, Any]:
    percent = found.percent
    tone = "" if percent is None else "good" if percent == 100 else "soon" if percent >= 95 else "late"
    return {
        "grids": found.grids, "held": found.held, "vacant": found.vacant, "full": found.full_time, "part": found.part_time,
        "percent": "—" if percent is None else f"{percent:.1f}".replace(".0", ""), "bar": percent, "tone": tone,
    }  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "path": row.path,
        "place": row.place,
        "level": Level(row.level).label,
        "holders": [
            {
                "name": one.name,
                "post": post_word(one.role, one.title),
                "full_time": one.full_time,
                "since": one.since,
                "away": one.away_until,
                "cover": one.is_cover,
                "lacks": list(one.lacks),
                "href": address("handover", one.post_id),
            }
            for one in row.holders
        ],
        "deputy": row.deputy,
        "days": row.days_vacant,
    }


@staff
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """Coverage on top, then the parts of the area, then its grids."""
    actor = actor_of(request)
    asked = _asked(request)
    place = reading.place_of(actor, asked["area"])
    covered: Covered = reading.coverage(actor, place)
    shows_grids = bool(place.count("/") >= 2 or asked["q"] or asked["vacant"])
    listed = (
        reading.roster(
            actor, place, level=asked["level"], words=asked["q"], vacant=bool(asked["vacant"]),
            after=request.GET.get("after", "")[:48],
        )
        if shows_grids
        else reading.Listed((), "")
    )  # fmt: skip
    context: dict[str, Any] = {
        "place": covered.name,
        "crumbs": crumbs(reading.reach_of(actor), place, "roster", asked | {"q": ""}),
        "whole": _figure(covered.whole),
        "levels": [
            {"label": Level(level).label, "figure": _figure(found)}
            for level, found in covered.levels.items()
            if found.grids
        ],
        "parts": [
            {"name": part.name, "href": address("roster", query=asked | {"area": part.path}), **_figure(part.whole)}
            for part in covered.parts
            if part.whole.grids
        ],
        "counted_at": covered.counted_at,
        "shows_grids": shows_grids,
        "rows": [_row(row) for row in listed.rows],
        "next_href": address("roster", query=asked | {"after": listed.next}) if listed.next else "",
        "first_href": address("roster", query=asked) if request.GET.get("after") else "",
        "asked": asked | {"area": place},
        "level_options": [("", _("All grids")), *((level, Level(level).label) for level in LEVELS)],
        "vacant_href": address("roster", query=asked | {"area": place, "vacant": "" if asked["vacant"] else "1"}),
        "export_href": address("roster-xlsx", query=asked | {"area": place}),
        "may_hand": bool(policy.reach(actor, "handover.view")),
    }
    return page(request, "roster", "roster", **context)


@staff
@never_cache
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """The grids of an area as a workbook: work names and posts, nothing personal; an audit row says who took it."""
    actor = actor_of(request)
    asked = _asked(request)
    place = reading.place_of(actor, asked["area"])
    rows: list[Row] = []
    after = ""
    while len(rows) < MOST_ROWS:
        listed = reading.roster(
            actor, place, level=asked["level"], words=asked["q"], vacant=bool(asked["vacant"]), after=after, size=BATCH
        )
        rows += listed.rows
        after = listed.next
        if not after:
            break
    audit.record(
        actor, "roster.export", subject_type="area", subject_id=place, district=reading.district_of_place(place),
        detail={"rows": len(rows), "cut": bool(after)},
    )  # fmt: skip
    name = f"linli-roster-{place.replace('/', '-')}-{time.today().isoformat()}.xlsx"
    return as_workbook(name, book({_("Roster"): _cells(rows, cut=bool(after))}))


def _cells(rows: list[Row], *, cut: bool) -> list[list[str]]:
    head = [
        _("Grid"), _("Name"), _("Kind of grid"), _("Place"), _("Held by"), _("Post"), _("Time"), _("Since"), _("Away until"),
        _("Deputy"), _("Vacant for (days)"),
    ]  # fmt: skip
    found = [head]
    for row in rows:
        place = [row.path, row.name, str(Level(row.level).label), row.place]
        for one in row.holders:
            held = [
                one.name, post_word(one.role, one.title), _("full time") if one.full_time else _("part time"),
                one.since.isoformat(), one.away_until.isoformat() if one.away_until else "", row.deputy, "",
            ]  # fmt: skip
            found.append(place + held)
        if not row.holders:
            found.append([*place, *[""] * 6, str(row.days_vacant or 0)])
    if cut:
        found.append([_("Only the first %(n)d are here; narrow the list for the rest.") % {"n": MOST_ROWS}])
    return found
