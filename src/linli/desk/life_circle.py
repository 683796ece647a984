"""The life circle at the desk: coverage by kind, a map by minutes with its table, and the gaps with what lies nearest."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.desk.frame import Tab, actor_of, address, draw, staff, tabs_of
from linli.desk.ground import tiles_address
from linli.kernel import time
from linli.kernel.db import district_of
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.workbooks import safe
from linli.lifecircle import queries
from linli.lifecircle.kinds import kinds, name_of
from linli.lifecircle.queries import Figure, GridReach, Part
from linli.lifecircle.walking import LIMIT_MINUTES
from linli.territory import mapping
from linli.territory import queries as territory
from linli.territory.models import Level

MOST_GRIDS_SHOWN = 800
MOST_SHEET = 50_000
_MINUTES = (5.0, 10.0, LIMIT_MINUTES, 25.0)
"""Ends of the map's steps, the darkest first."""
_SHARES = (0.95, 0.85, 0.7, 0.5)


def page_of(request: HttpRequest, template: str, tab: str, **context: Any) -> HttpResponse:
    """A page of the life circle with its tabs."""
    tabs = (
        Tab("life-circle", _("Life circle"), ("lifecircle.view",), "footprints"),
        Tab("places", _("Places"), ("lifecircle.view",), "map-pin"),
        Tab("place-files", _("Files"), ("place.keep",), "file-text"),
        Tab("streets", _("Street networks"), ("lifecircle.view",), "route"),
    )
    return draw(request, f"life_circle/{template}", tabs_of(actor_of(request), tab, tabs), **context)


@staff
@never_cache
@require_GET
def page(request: HttpRequest, area: str = "") -> HttpResponse:
    """What people of an area reach within fifteen minutes on foot, by kind; one kind on the map; the gaps."""
    actor = actor_of(request)
    path = queries.path_of(actor, area[:48])
    figures = queries.overview(actor, path)
    asked = request.GET.get("kind", "")
    chosen = next((one for one in figures if one.kind.id == asked), None) or _first(figures)
    only = asked if asked in kinds() and request.GET.get("gaps") != "all" else ""
    number = request.GET.get("page", "1")
    at = int(number) if number.isdecimal() and 0 < int(number[:6]) < 10_000 else 1
    gaps, total = queries.gaps(actor, path, only, page=at)
    shows_grids = 0 < chosen.grids <= MOST_GRIDS_SHOWN or path.count("/") > 1
    rows = (
        [_grid(one) for one in queries.grids(actor, path, chosen.kind.id)]
        if shows_grids
        else [_part(one) for one in queries.parts(actor, path, chosen.kind.id)]
    )
    standing = queries.standing(actor, path)
    return page_of(
        request, "page", "life-circle",
        place=territory.full_name(path, top=Level.CITY), crumbs=_crumbs(actor, path, asked), standing=standing,
        basis=" / ".join(str(one.label) for one in standing.basis), as_of=standing.as_of,
        rows=[_row(one, path, chosen) for one in figures], chosen=chosen.kind.name, known=chosen.share is not None,
        circled=chosen.circled, grids=chosen.grids, walked=chosen.grids_covered, shows_grids=shows_grids, areas=rows,
        key=_key(shows_grids=shows_grids), tiles=tiles_address(), bounds=mapping.bounds(path),
        points=f"{reverse('desk:life-circle-points')}?{urlencode({'area': path, 'kind': chosen.kind.id})}",
        gaps=[_gap(one) for one in gaps], total=total, page=at, pages=-(-total // queries.PAGE),
        base=f"?{urlencode({name: value for name, value in (('kind', asked), ('gaps', request.GET.get('gaps', '')[:3])) if value})}&page=",
        gap_chips=_gap_chips(path, chosen, only), export_href=_csv_href(path, only),
        below=[{"name": name, "href": _href(below, asked)} for below, name in territory.choices(path)] if path.count("/") < 2 else [],
        keeps=policy.allows(actor, "place.keep"), limit=LIMIT_MINUTES,
    )  # fmt: skip


@staff
@never_cache
@require_GET
def points(request: HttpRequest) -> HttpResponse:
    """The places of a kind in an area, and those that its people walk to, as GeoJSON points for the map."""
    actor = actor_of(request)
    path = queries.path_of(actor, request.GET.get("area", "")[:48])
    kind = request.GET.get("kind", "")[:32]
    rows = queries.open_places(path).filter(kind=kind)[: queries.MOST_POINTS]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one.lng, one.lat]},
            "properties": {
                "id": str(one.id), "title": f"{name_of(one.kind)} · {one.name}", "form": "open", "href": address("place", one.id),
            },
        }
        for one in rows
    ]  # fmt: skip
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return HttpResponse(body, content_type="application/geo+json")


@staff
@never_cache
@require_GET
def gaps_file(request: HttpRequest) -> HttpResponse:
    """The gaps of an area as CSV, of one kind or all; an audit row says who took it."""
    actor = actor_of(request)
    path = queries.path_of(actor, request.GET.get("area", "")[:48])
    asked = request.GET.get("kind", "")
    found, total = queries.gaps(actor, path, asked if asked in kinds() else "", size=MOST_SHEET)
    audit.record(
        actor,
        "lifecircle.export",
        subject_type="area",
        subject_id=path,
        district=district_of(path),
        detail={"rows": len(found)},
    )
    kept = io.StringIO()
    sheet = csv.writer(kept)
    sheet.writerow(
        [_("Path"), _("Micro-grid"), _("Area"), _("Kind"), _("Minutes on foot"), _("Minutes as the crow flies"), _("Nearest place"),
         _("Weight")]
    )  # fmt: skip
    for one in found:
        row = _gap(one)
        sheet.writerow(
            [
                one.path, safe(one.name), safe(row["place"]), row["kind"], "" if one.minutes is None else f"{one.minutes:.1f}",
                f"{one.straight:.1f}", safe(row["nearest"]), one.weight,
            ]
        )  # fmt: skip
    if total > len(found):
        sheet.writerow([_("Only the first %(n)d are shown.") % {"n": len(found)}])
    name = f"linli-life-circle-{path.replace('/', '-')}-{time.today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(
        b"\xef\xbb\xbf" + kept.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers
    )


def _first(figures: list[Figure]) -> Figure:
    """The kind that lacks most of what is known; the first one where nothing is."""
    return min((one for one in figures if one.share is not None), key=lambda one: one.share or 0.0, default=figures[0])


def _href(path: str, kind: str = "", **more: str) -> str:
    query = {name: value for name, value in {"kind": kind, **more}.items() if value}
    return reverse("desk:life-circle-area", args=[path]) + (f"?{urlencode(query)}" if query else "")


def _csv_href(path: str, kind: str) -> str:
    return address("life-circle-csv", query={"area": path, "kind": kind})


def _crumbs(actor: Actor, path: str, kind: str) -> list[dict[str, str]]:
    reach = queries.reach_of(actor)
    rungs = [rung for rung in territory.breadcrumb(path) if not reach or rung.path.startswith(reach)]
    return [{"label": rung.name, "href": _href(rung.path, kind)} for rung in rungs]


def _row(one: Figure, path: str, chosen: Figure) -> dict[str, Any]:
    share = one.share
    tone = "" if share is None else "good" if share >= _SHARES[0] else "soon" if share >= _SHARES[2] else "late"
    return {
        "name": one.kind.name, "href": _href(path, one.kind.id), "current": one is chosen, "known": share is not None,
        "percent": percent(share), "tone": tone, "covered": one.covered,
        "whole": one.whole, "gap": one.whole - one.covered, "grids": one.grids - one.grids_covered, "places": one.places,
        "places_href": address("places", query={"area": path, "kind": one.kind.id}),
    }  # fmt: skip


def percent(share: float | None) -> str:
    """A share in words, never 100 while something is missing."""
    if share is None:
        return "—"
    shown = min(99.9, round(100 * share, 1)) if share < 1 else 100.0
    return f"{shown:.1f}".removesuffix(".0") + " %"


def _minutes(minutes: float | None) -> str:
    return (
        _("no way on foot") if minutes is None else _("%(n)s min") % {"n": f"{minutes:.0f}" if minutes >= 1 else "< 1"}
    )


def _grid(one: GridReach) -> dict[str, Any]:
    step = 0 if one.minutes is None else 4 - sum(one.minutes > end for end in _MINUTES)
    return {
        "path": one.path, "level": Level.MICRO_GRID.value, "step": step, "shown": _minutes(one.minutes), "name": one.name,
        "lng": one.label[0] if one.label else None, "lat": one.label[1] if one.label else None, "href": address("area", one.path),
        "covered": one.covered, "nearest": one.place.name if one.place else "—", "weight": one.weight,
    }  # fmt: skip


def _part(one: Part) -> dict[str, Any]:
    share = one.figure.share
    return {
        "path": one.path, "level": one.level, "step": "" if share is None else sum(share >= end for end in _SHARES),
        "shown": percent(share), "name": one.name, "lng": one.label[0] if one.label else None,
        "lat": one.label[1] if one.label else None, "href": _href(one.path, one.figure.kind.id), "covered": one.figure.covered,
        "weight": one.figure.whole, "missing": one.figure.grids - one.figure.grids_covered,
    }  # fmt: skip


def _key(*, shows_grids: bool) -> list[dict[str, Any]]:
    """What the colours of the map mean, the darkest first."""
    if shows_grids:
        ends = [f"{end:.0f}" for end in _MINUTES]
        words = [_("up to %(n)s min") % {"n": ends[0]}]
        words += [_("%(a)s to %(b)s min") % {"a": a, "b": b} for a, b in pairwise(ends)]
        words.append(_("farther, or no way"))
    else:
        ends = [f"{100 * end:.0f}" for end in _SHARES]
        words = [_("%(n)s %% and more") % {"n": ends[0]}]
        words += [_("%(a)s to %(b)s %%") % {"a": b, "b": a} for a, b in pairwise(ends)]
        words.append(_("less than %(n)s %%") % {"n": ends[-1]})
    return [{"step": 4 - at, "words": text} for at, text in enumerate(words)]


def _gap(one: GridReach) -> dict[str, Any]:
    return {
        "name": one.name, "href": address("area", one.path), "place": territory.place_name(one.path, top=Level.SUBDISTRICT),
        "kind": name_of(one.kind), "minutes": _minutes(one.minutes), "far": one.minutes is None, "weight": one.weight,
        "straight": _minutes(one.straight), "nearest": one.place.name if one.place else "",
        "nearest_id": str(one.place.id) if one.place else "",
        "nearest_href": address("place", one.place.id) if one.place else "",
    }  # fmt: skip


def _gap_chips(path: str, chosen: Figure, only: str) -> list[dict[str, Any]]:
    return [
        {"label": _("Every kind"), "href": _href(path, chosen.kind.id, gaps="all") + "#gaps", "current": not only},
        {"label": chosen.kind.name, "href": _href(path, chosen.kind.id) + "#gaps", "current": bool(only)},
    ]
