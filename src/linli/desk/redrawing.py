"""The map that is checked, at the desk: progress, changes of micro-grids, the editor, and who was responsible on a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, staff
from linli.desk.ground import tiles_address
from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.people import queries as people
from linli.people.words import post_word
from linli.territory import grid_files, locating, mapping, redrawings
from linli.territory import queries as territory
from linli.territory.actions import redrawing as actions
from linli.territory.coords import CoordinateSystem, Point
from linli.territory.models import EDITABLE, WAITING, Level, Redrawing, RedrawingState, RedrawingVerb
from linli.territory.shape_files import Form
from linli.ui import undo

_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")
_TONES = {
    RedrawingState.DRAFT: ("quiet", "pencil"),
    RedrawingState.APPLIED: ("good", "circle-check"),
    RedrawingState.SENT_BACK: ("late", "undo-2"),
    RedrawingState.WITHDRAWN: ("quiet", "ban"),
}
_STATES = ("open", "applied", "all")
FORMS = [(Form.GEOJSON, "GeoJSON"), (Form.GEOPACKAGE, "GeoPackage"), (Form.SHAPEFILE, "Shapefile")]


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def changes(request: HttpRequest) -> HttpResponse:
    """How far the verification has come below the post's area, the changes there, and beginning one."""
    actor = actor_of(request)
    policy.require(actor, "redrawing.view")
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            made = actions.begin_redrawing(
                actor, request.POST.get("community", "")[:48], title=request.POST.get("title", "")
            )
            return HttpResponseRedirect(address("redrawing", made.id))
        except NotFound:
            raise
        except LinliError as error:
            errors = [error]
    state = request.GET.get("state", "")
    state = state if state in _STATES else "open"
    found = redrawings.redrawings(actor, state="" if state == "all" else state)
    top = redrawings.top_of(actor, request.GET.get("in", ""))
    context = {
        "tabs": map_tabs("changes"),
        "views": [
            {"label": label, "href": address("redrawings", query={"state": key, "in": top}), "current": key == state}
            for key, label in (("open", _("Open")), ("applied", _("In force")), ("all", _("All")))
        ],
        "rows": [_row(one) for one in found],
        "progress": [_progress_row(one, state) for one in redrawings.progress(top)],
        "place": territory.place_name(top, top=Level.CITY),
        "tiles": tiles_address(),
        "figures": address("area-figures"),
        "area_page": address("area", "x")[:-1],
        "bounds": mapping.bounds(top),
        "up": _above(actor, top, state),
        "communities": _communities(actor),
        "may_draw": policy.allows(actor, "redrawing.draw"),
        "sent": request.POST,
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors},
    }
    return render(request, "desk/redrawing/list.html", context, status=errors[0].status if errors else 200)


@staff
@never_cache
@require_GET
def change(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """One change: the editor while it is drawn, the comparison and the decision afterwards."""
    return _page(request, redrawings.redrawing(actor_of(request), redrawing_id))


@staff
@require_POST
def step(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """Draw one step, by the map or by the form alone."""
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)

    def act() -> None:
        actions.add_step(
            actor, found.id, district=found.district, version=_version(request), step=_step(request, found)
        )

    return _acted(request, found, "redrawing.draw", act, _("The step is drawn."))


@staff
@require_POST
def attempt(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """What a step would come to, for the map: shapes and findings. Nothing is kept."""
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)
    policy.require(actor, "redrawing.draw", found, view="redrawing.view")
    try:
        plain = actions.clean_step(_step(request, found))
        now = redrawings.outcome(found.area_path, [*found.steps, plain])
    except Invalid as error:
        said = " ".join(part for part in (str(error.message), str(error.mend)) if part)
        place = error.extra.get("place")
        return JsonResponse({"refused": True, "said": said, "findings": [], "shapes": [], "place": place})
    found.pieces, found.ended, found.findings = now.pieces, now.ended, now.findings
    left = redrawings.left_words(now.left[-1], _names(found)) if now.left[-1] else []
    return JsonResponse(
        {
            "refused": now.refused,
            "said": " · ".join([_summary(now.findings), *left]),
            "findings": _findings(found),
            "shapes": redrawings.shapes(found)["features"],
            "place": None,
        }
    )


@staff
@require_POST
def do(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """Describe a change, take its last step back, propose, approve, send back or withdraw it."""
    actor = actor_of(request)
    found = redrawings.redrawing(actor, redrawing_id)
    facts: dict[str, Any] = {"district": found.district, "version": _version(request)}
    words, what = request.POST.get("words", ""), request.POST.get("what", "")
    day = parse_date(request.POST.get("holds_from", "")[:10])
    described: dict[str, Any] = {
        "title": request.POST.get("title", ""),
        "reason": request.POST.get("reason", ""),
        "holds_from": day,
    }
    deciding = redrawings.APPROVALS.get(RedrawingState(found.state), ("redrawing.draw", ""))[0]
    deeds: dict[str, tuple[str, Callable[[], object], str]] = {
        "describe": (
            "redrawing.draw",
            lambda: actions.describe(actor, found.id, **facts, **described),
            _("Title, reason and day are kept."),
        ),
        "back": (
            "redrawing.draw",
            lambda: actions.take_back_step(actor, found.id, **facts),
            _("The last step is taken back."),
        ),
        "propose": (
            "redrawing.draw",
            lambda: _propose(actor, found, facts, described),
            _("The change is proposed; the community decides first."),
        ),
        "approve": (
            deciding,
            lambda: actions.approve(actor, found.id, **facts, words=words, holds_from=day),
            _("Approved."),
        ),
        "send_back": (deciding, lambda: actions.send_back(actor, found.id, **facts, words=words), _("Sent back.")),
        "withdraw": ("redrawing.draw", lambda: actions.withdraw(actor, found.id, **facts), _("Withdrawn.")),
    }
    if what not in deeds:
        raise NotFound("not_found", _("There is nothing here that you can see."))
    return _acted(request, found, *deeds[what])


@staff
@never_cache
@require_GET
def shapes(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """Before and after, for the map."""
    found = redrawings.redrawing(actor_of(request), redrawing_id)
    return JsonResponse(redrawings.shapes(found), content_type="application/geo+json")


@staff
@never_cache
@require_GET
def file(request: HttpRequest, redrawing_id: UUID) -> HttpResponse:
    """The community's grids as the change leaves them, as GeoJSON, GeoPackage or Shapefile."""
    found = redrawings.redrawing(actor_of(request), redrawing_id)
    return grids_file(redrawings.grids_of(found), found.area_path, request.GET.get("form", ""))


def grids_file(grids: list[dict[str, Any]], path: str, asked: str) -> HttpResponse:
    """Grids as a file to keep, in the form that was asked for or as GeoJSON."""
    form = Form(asked) if asked in set(Form) else Form.GEOJSON
    body = grid_files.written(grids, form, at=time.now())
    name = f"{path.replace('/', '-')}{form.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type=form.media_type, headers=headers)


@staff
@never_cache
@require_GET
def area_file(request: HttpRequest) -> HttpResponse:
    """The micro-grids of an area as they stand, as a file."""
    path = request.GET.get("area", "")[:48]
    return grids_file(redrawings.standing_grids(actor_of(request), path), path, request.GET.get("form", ""))


@staff
@never_cache
@require_GET
def responsible(request: HttpRequest) -> HttpResponse:
    """Who was responsible for a point on a day: the grid, its people, and the changes that made it."""
    actor = actor_of(request)
    policy.require(actor, "redrawing.view")
    errors: list[LinliError] = []
    answer: dict[str, Any] = {}
    day = parse_date(request.GET.get("day", "")[:10]) or time.today()
    lng, lat = request.GET.get("lng", ""), request.GET.get("lat", "")
    if lng and lat:
        try:
            answer = _answer(actor, _point(lng, lat), day)
        except LinliError as error:
            errors = [error]
    context = {
        "tabs": map_tabs("responsible"),
        "lng": lng,
        "lat": lat,
        "day": day.isoformat(),
        "shown_day": day,
        "answer": answer,
        "outlines": address("ground", redrawings.top_of(actor, "")),
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors},
    }
    return render(request, "desk/redrawing/responsible.html", context, status=errors[0].status if errors else 200)


def _answer(actor: Actor, point: Point, day: date) -> dict[str, Any]:
    found = locating.who_was_responsible(point, day)
    area = territory.areas_at([found.path], day=day)[found.path]
    may = policy.allows(actor, "roster.view", policy.Spot(found.path))
    return {
        "name": territory.full_name(found.path),
        "path": found.path,
        "unplaced": area.level == Level.UNPLACED,
        "since": area.valid_from,
        "until": area.valid_to,
        "verified": area.verified_on,
        "may_see_people": may,
        "people": [
            {"name": one.name, "post": post_word(one.role, one.title), "since": one.since, "until": one.until}
            for one in (people.held_on(found.path, day) if may else ())
        ],
        "changes": [
            {"title": one.title, "on": one.applied_on, "href": address("redrawing", one.id)}
            for one in redrawings.changes_at(found.path)
            if policy.allows(actor, "redrawing.view", one)
        ],
    }


def _point(lng: str, lat: str) -> Point:
    try:
        return Point(float(lng[:20]), float(lat[:20]), CoordinateSystem.WGS84)
    except ValueError as problem:
        raise Invalid("territory.bad_point", _("This is not a place on a map."), field="lng") from problem


def _propose(actor: Actor, found: Redrawing, facts: dict[str, Any], described: dict[str, Any]) -> Redrawing:
    kept = actions.describe(actor, found.id, **facts, **described)
    return actions.propose(actor, found.id, district=found.district, version=kept.version)


def _acted(request: HttpRequest, found: Redrawing, verb: str, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it and show the change anew; a refusal stands on the same page, with what was typed."""
    policy.require(actor_of(request), verb, found, view="redrawing.view")
    try:
        act()
    except NotFound:
        raise
    except LinliError as error:
        return _page(request, redrawings.redrawing(actor_of(request), found.id), error)
    undo.done(request, done)
    return HttpResponseRedirect(address("redrawing", found.id))


def _page(request: HttpRequest, found: Redrawing, error: LinliError | None = None) -> HttpResponse:
    actor = actor_of(request)
    grids = redrawings.grids_of(found)
    ended = redrawings.ended_of(found)
    names = {one["key"]: one["name"] for one in [*ended, *grids]}
    state = RedrawingState(found.state)
    draws = state in EDITABLE and policy.allows(actor, "redrawing.draw", found)
    chosen = request.POST.getlist("grids")
    context = {
        "row": _row(found),
        "found": found,
        "tabs": map_tabs("changes"),
        "place": territory.place_name(found.area_path),
        "draws": draws,
        "decides": redrawings.waits_for(actor, found),
        "withdraws": state in WAITING and policy.allows(actor, "redrawing.draw", found),
        "steps": redrawings.steps_words(
            found.steps, {one["key"]: one["name"] for one in [*ended, *grids] if "/" in one["key"]}
        ),
        "groups": _grouped(grids, chosen),
        "new": [
            one | {"was": _(", ").join(names.get(path, path) for path in one["follows"])}
            for one in grids
            if not one["stands"]
        ],
        "ended": ended,
        "confirmed": len(found.confirmed),
        "findings": _findings(found),
        "summary": _summary(found.findings) if found.steps else "",
        "entries": [
            {"verb": RedrawingVerb(one.verb).label, "name": one.name, "at": one.at, "words": one.words}
            for one in found.entries.all()
        ],
        "kinds": [
            ("split", _("Split one grid by a line")),
            ("cut", _("Cut every grid that a road or river crosses")),
            ("merge", _("Merge grids that lie side by side")),
            ("move", _("Move the line between two grids")),
            ("rename", _("Name a new grid")),
            ("confirm", _("Confirm grids as they stand")),
        ],
        "cuts": [
            ("line", _("The line drawn or typed below")),
            ("up", _("A straight line from south to north")),
            ("across", _("A straight line from west to east")),
            ("file", _("A road or river from a file")),
        ],
        "systems": [("wgs84", "WGS 84 / CGCS2000"), ("gcj02", "GCJ-02"), ("bd09", "BD-09")],
        "forms": FORMS,
        "file_url": address("redrawing-file", found.id),
        "bad_features": [one["said"] for one in error.extra.get("features", ())] if error else [],
        "sent": request.POST,
        "place_wrong": error.extra.get("place") if error else None,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error and error.field else {},
        "tomorrow": time.today().isoformat(),
    }
    return render(request, "desk/redrawing/page.html", context, status=error.status if error else 200)


def _step(request: HttpRequest, found: Redrawing) -> dict[str, Any]:
    """The step that a form says."""
    kind = request.POST.get("do", "")
    if kind == "outlines":
        sent = request.FILES.get("file")
        if sent is None:
            raise Invalid("redrawing.no_file", _("Please choose a file."), field="file")
        return {"do": kind, "features": grid_files.read(sent.read(grid_files.MOST_BYTES + 1), system=_system(request))}
    grids = request.POST.getlist("grids")
    if not grids and kind not in ("confirm", "cut"):
        raise Invalid("redrawing.grid", _("Please choose a micro-grid."), field="grids")
    if kind in ("split", "rename") and len(grids) != 1:
        raise Invalid("redrawing.one_grid", _("Please choose just one micro-grid."), field="grids")
    said: dict[str, Any] = {"do": kind, "grids": grids, "name": request.POST.get("name", "")}
    if kind in ("split", "rename"):
        said["grid"] = grids[0]
    if kind == "cut":
        said["lines"] = _cutting_lines(request, grids, found)
    if kind in ("split", "move"):
        said["line"] = _drawn_line(request, grids, found)
        said["names"] = [part.strip() for part in re.split(r"[,，、;；\n]", said["name"]) if part.strip()]
    return said


def _system(request: HttpRequest) -> CoordinateSystem:
    system = request.POST.get("system", "wgs84")
    return CoordinateSystem(system) if system in set(CoordinateSystem) else CoordinateSystem.WGS84


def _cutting_lines(request: HttpRequest, grids: list[str], found: Redrawing) -> list[list[list[float]]]:
    """The lines of a file through the chosen grids, or through all of them; else the one that is drawn."""
    all_of_them = [one["key"] for one in redrawings.grids_of(found)]
    if request.POST.get("cut") != "file":
        return [_drawn_line(request, grids or all_of_them, found)]
    file = request.FILES.get("line_file")
    if file is None:
        raise Invalid("redrawing.no_file", _("Please choose a file."), field="line_file")
    outlines = [one["outline"] for one in redrawings.grids_of(found) if one["key"] in (grids or all_of_them)]
    return grid_files.lines_of(file.read(grid_files.MOST_BYTES + 1), outlines, system=_system(request))


def _drawn_line(request: HttpRequest, grids: list[str], found: Redrawing) -> list[list[float]]:
    sent: Mapping[str, Any] = request.POST
    cut = str(sent.get("cut", "line"))
    if cut == "file":
        file = request.FILES.get("line_file")
        outlines = [one["outline"] for one in redrawings.grids_of(found) if one["key"] in grids]
        if file is None or not outlines:
            raise Invalid("redrawing.no_file", _("Please choose a file."), field="line_file")
        return grid_files.line_of(file.read(grid_files.MOST_BYTES + 1), outlines, system=_system(request))
    if cut in ("up", "across"):
        outlines = [one["outline"] for one in redrawings.grids_of(found) if one["key"] in grids]
        share = str(sent.get("share", "50"))
        if outlines and share.isdecimal() and 1 <= int(share[:3]) <= 99:
            return redrawings.straight_line(outlines, across=cut == "across", share=int(share[:3]))
        raise Invalid("redrawing.share", _("The share lies between 1 and 99."), field="share")
    numbers = [float(one) for one in _NUMBERS.findall(str(sent.get("line", ""))[:40_000])]
    if len(numbers) < 4 or len(numbers) % 2:
        raise Invalid(
            "redrawing.bad_line",
            _("This is not a line on a map."),
            field="line",
            mend=_("Draw it, type its points as longitude, latitude, or choose a straight line."),
        )
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _findings(found: Redrawing) -> list[dict[str, Any]]:
    names = {one["key"]: one["name"] for one in [*redrawings.ended_of(found), *found.pieces]}
    return [
        {
            "words": redrawings.finding_words(one, names),
            "refuses": one["refuses"],
            "lng": one["lng"],
            "lat": one["lat"],
            "at": f"{one['lng']:.6f}, {one['lat']:.6f}",
        }
        for one in found.findings
    ]


def _names(found: Redrawing) -> dict[str, str]:
    """Key → name of the grids that stand, end or begin."""
    return {one["key"]: one["name"] for one in [*redrawings.ended_of(found), *redrawings.grids_of(found)]}


def _summary(findings: list[dict[str, Any]]) -> str:
    refusing = sum(one["refuses"] for one in findings)
    if refusing:
        return _("Findings to be mended before this can be proposed: %(count)s.") % {"count": refusing}
    if findings:
        return _("A partition without gap or overlap; hints: %(count)s.") % {"count": len(findings)}
    return _("A partition without gap or overlap; every dwelling has its grid.")


def _grouped(grids: list[dict[str, Any]], chosen: list[str]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in grids:
        groups.setdefault(one["parent"], []).append(one | {"chosen": one["key"] in chosen})
    names = {area.path: area.name for area in territory.areas_at(groups).values()}
    return [{"name": names.get(path, path), "grids": rows} for path, rows in groups.items()]


def _row(one: Redrawing) -> dict[str, Any]:
    state = RedrawingState(one.state)
    tone, icon = _TONES.get(state, ("info", "hourglass"))
    return {
        "id": one.id,
        "title": one.title,
        "href": address("redrawing", one.id),
        "place": territory.place_name(one.area_path, top=Level.SUBDISTRICT),
        "state": state.label,
        "tone": tone,
        "icon": icon,
        "holds_from": one.applied_on or one.holds_from,
        "changed_at": one.changed_at,
    }


def map_tabs(current: str) -> list[dict[str, Any]]:
    """The tabs of the checked map."""
    return [
        {"label": _("All grids"), "href": address("whole-map"), "current": current == "whole", "icon": "layout-grid"},
        {"label": _("Micro-grids"), "href": address("redrawings"), "current": current == "changes", "icon": "map"},
        {
            "label": _("Dedicated grids"),
            "href": address("dedicated-grids"),
            "current": current == "dedicated",
            "icon": "building-2",
        },
        {
            "label": _("Who was responsible"),
            "href": address("responsible"),
            "current": current == "responsible",
            "icon": "map-pin",
        },
    ]


def _above(actor: Actor, top: str, state: str) -> str:
    above = top.rpartition("/")[0] if "/" in top else ""
    if not above or not policy.allows(actor, "redrawing.view", policy.Spot(above)):
        return ""
    return address("redrawings", query={"in": above, "state": state})


def _progress_row(one: redrawings.Progress, state: str) -> dict[str, Any]:
    deeper = one.path.count("/") < 2
    return {
        "name": one.name,
        "href": address("redrawings", query={"in": one.path, "state": state}) if deeper else "",
        "grids": one.grids,
        "verified": one.verified,
        "waiting": one.waiting,
    }


def _communities(actor: Actor) -> list[tuple[str, str]]:
    if not policy.allows(actor, "redrawing.draw") or not actor.area_path:
        return []
    rows = territory.areas().filter(level=Level.COMMUNITY, district=district_of(actor.area_path[:DISTRICT_LENGTH]))
    return [
        (path, territory.place_name(path, top=Level.SUBDISTRICT))
        for path in rows.order_by("path").values_list("path", flat=True)
        if policy.allows(actor, "redrawing.draw", policy.Spot(path))
    ]
