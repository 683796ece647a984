"""Places and street networks at the desk: found, added, put right, retired, read in from files."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, crumbs, staff
from linli.desk.ground import tiles_address
from linli.desk.life_circle import page_of
from linli.kernel import ids, time
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.sheets import lines_of
from linli.kernel.trust import policy
from linli.kernel.workbooks import safe
from linli.lifecircle import queries
from linli.lifecircle.actions import places, streets
from linli.lifecircle.actions.places import PlaceFacts
from linli.lifecircle.actions.streets import Sent
from linli.lifecircle.kinds import kinds, name_of
from linli.lifecircle.models import Place
from linli.lifecircle.street_files import MOST_BYTES, Drawn
from linli.territory import mapping
from linli.territory import queries as territory
from linli.territory.coords import CoordinateSystem
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.sent import day_in, day_of, id_in, version_of

MOST_SHEET = 2_000_000
_FIELDS = ("kind", "name", "lng", "lat", "position", "hours", "active_from", "active_until")


@staff
@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The places of an area by kind and name; found by words, narrowed by kind."""
    actor = actor_of(request)
    path = queries.path_of(actor, request.GET.get("area", "")[:48])
    kind = request.GET.get("kind", "")
    asked = {
        "area": path, "kind": kind if kind in kinds() else "", "q": request.GET.get("q", "")[:60].replace("\0", ""),
        "retired": "1" if request.GET.get("retired") == "1" else "",
    }  # fmt: skip
    rows = queries.places(actor, path, kind=asked["kind"], words=asked["q"], retired=bool(asked["retired"]))
    if request.GET.get("form") == "csv":
        return _csv("linli-places", [places.heads(), *places.rows_out(list(rows))])
    found = Paginator(rows, queries.PAGE).get_page(request.GET.get("page"))
    told = {name: value for name, value in asked.items() if value}
    return page_of(
        request, "places", "places", asked=asked, found=found, place=territory.full_name(path, top=Level.CITY),
        crumbs=crumbs(queries.reach_of(actor), path, "places", asked), kinds=_kinds(_("Every kind")), rows=[_row(one) for one in found],
        base=f"?{urlencode(told)}&page=", keeps=policy.allows(actor, "place.keep"), export_href=f"?{urlencode(told | {'form': 'csv'})}",
        views=[
            {"label": _("Open or to be opened"), "href": address("places", query=asked | {"retired": ""}), "current": not asked["retired"]},
            {"label": _("Retired"), "href": address("places", query=asked | {"retired": "1"}), "current": bool(asked["retired"])},
        ],
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a place."""
    actor = actor_of(request)
    policy.require(actor, "place.keep")
    error: LinliError | None = None
    if request.method == "POST":
        try:
            made = places.keep(actor, _facts(request), key=id_in(request.POST.get("key", "")) or ids.new_id())
        except LinliError as wrong:
            error = wrong
        else:
            undo.done(request, _("The place is kept. What it changes is reckoned within a minute."))
            return HttpResponseRedirect(address("place", made.id))
    sent = request.POST or {"active_from": time.today().isoformat(), "kind": request.GET.get("kind", "")}
    return page_of(
        request, "place", "places", error=error, now={name: sent.get(name, "") for name in _FIELDS}, kinds=_kinds(), keeps=True,
        key=request.POST.get("key") or str(ids.new_id()), tiles=tiles_address(), bounds=mapping.bounds(actor.area_path),
        systems=SYSTEMS, system=request.POST.get("system", "wgs84"),
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """A place; put it right, retire it, or open it again."""
    actor = actor_of(request)
    found = queries.place_of(actor, place_id)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            said = _do(request, found)
        except LinliError as wrong:
            error = wrong
        else:
            undo.done(request, said)
            return HttpResponseRedirect(address("place", place_id))
    now = {name: getattr(found, name) for name in _FIELDS} | {
        "lng": f"{found.lng:.6f}", "lat": f"{found.lat:.6f}", "active_from": found.active_from.isoformat(),
        "active_until": found.active_until.isoformat() if found.active_until else "",
    }  # fmt: skip
    if error is not None and request.POST.get("what") == "change":
        now = {name: request.POST.get(name, "") for name in _FIELDS}
    return page_of(
        request, "place", "places", error=error, found=found, kind=name_of(found.kind), now=now, kinds=_kinds(),
        place=territory.full_name(found.area_path, top=Level.SUBDISTRICT), area_href=address("area", found.area_path),
        over=found.active_until is not None and found.active_until <= time.today(), keeps=policy.allows(actor, "place.keep", found),
        tiles=tiles_address(), systems=SYSTEMS, system=request.POST.get("system", "wgs84"),
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Read places in from a file, tried first."""
    actor = actor_of(request)
    policy.require(actor, "place.keep")
    error: LinliError | None = None
    report = None
    if request.method == "POST":
        try:
            lines = [[str(cell) for cell in row] for row in lines_of(_content(request, most=MOST_SHEET))]
            report = places.read(actor, lines, system=_system(request), try_only=request.POST.get("what") != "read")
        except (csv.Error, LinliError) as wrong:
            error = wrong if isinstance(wrong, LinliError) else _unreadable()
    names = dict(zip((row["column"] for row in places.columns()), places.heads(), strict=True))
    return page_of(
        request, "files", "place-files", error=error, report=report, most=places.MOST_ROWS, systems=SYSTEMS,
        kinds=", ".join(kind.name for kind in kinds().values()),
        problems=[{"row": row.row, "column": names.get(row.column, row.column), "said": row.message} for row in report.problems]
        if report else [],
    )  # fmt: skip


@staff
@never_cache
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The file to fill in: the columns with an example."""
    policy.require(actor_of(request), "place.keep")
    return _csv("linli-places-template", [places.heads(), [row["example"] for row in places.columns()]])


@staff
@never_cache
@require_GET
def networks(request: HttpRequest) -> HttpResponse:
    """The street networks of the districts in reach, and the form for another."""
    return _networks(request)


@staff
@never_cache
@require_POST
def take_network(request: HttpRequest) -> HttpResponse:
    """Look at a file of streets, or take it in."""
    actor = actor_of(request)
    policy.require(actor, "lifecircle.import")
    try:
        sent = Sent(
            request.POST.get("district", "")[:DISTRICT_LENGTH], request.POST.get("source", ""), _content(request, most=MOST_BYTES),
            day_of(request.POST, "valid_from"), _system(request),
        )  # fmt: skip
        if request.POST.get("what") != "take":
            return _networks(request, seen=streets.look(actor, sent))
        streets.take(actor, sent)
    except LinliError as wrong:
        return _networks(request, error=wrong)
    undo.done(request, _("The street network is kept. What it changes is reckoned within a minute."))
    return HttpResponseRedirect(address("streets"))


def _networks(request: HttpRequest, *, error: LinliError | None = None, seen: Drawn | None = None) -> HttpResponse:
    actor = actor_of(request)
    rows = list(queries.networks(actor)[:100])
    names = territory.breadcrumbs({row.district for row in rows})
    reach = queries.reach_of(actor)
    districts = [reach] if len(reach) == DISTRICT_LENGTH else [path for path, _name in territory.choices(reach)]
    takes = policy.allows(actor, "lifecircle.import") and len(reach) <= DISTRICT_LENGTH
    return page_of(
        request, "streets", "streets", error=error, seen=seen, takes=takes,
        largest=f"{100 * seen.largest:.1f} %" if seen else "", kilometres=f"{seen.kilometres:,.1f}" if seen else "",
        districts=[(path, territory.place_name(path)) for path in districts] if takes else [], systems=SYSTEMS,
        day=request.POST.get("valid_from") or time.today().isoformat(), most=MOST_BYTES // 1_000_000,
        rows=[
            {
                "district": names[row.district][-1].name if names.get(row.district) else row.district, "source": row.source,
                "streets": row.street_count, "crossings": row.crossing_count, "kilometres": f"{row.kilometres:,.1f}",
                "since": row.valid_from, "until": row.valid_to, "set_aside": row.set_aside, "synthetic": row.synthetic,
                "noted_as": row.noted_as, "noted_at": row.noted_at,
            }
            for row in rows
        ],
    )  # fmt: skip


SYSTEMS = [("wgs84", "WGS 84 / CGCS2000"), ("gcj02", "GCJ-02"), ("bd09", "BD-09")]


def _do(request: HttpRequest, found: Place) -> str:
    actor, what = actor_of(request), request.POST.get("what", "")
    if what == "retire":
        places.retire(actor, found.id, day=day_in(request.POST, "day"))
        return _("The place is retired. What it changes is reckoned within a minute.")
    places.change(actor, found.id, _facts(request), version=version_of(request.POST))
    return _("The place is kept. What it changes is reckoned within a minute.")


def _facts(request: HttpRequest) -> PlaceFacts:
    sent = request.POST
    numbers: dict[str, float] = {}
    for name in ("lng", "lat"):
        try:
            numbers[name] = float(sent.get(name, "")[:24])
        except ValueError:
            raise Invalid(
                "lifecircle.number",
                _("This is no number."),
                field=name,
                mend=_("Longitude and latitude in degrees: 104.0605."),
            ) from None
    return PlaceFacts(
        sent.get("kind", ""), sent.get("name", ""), numbers["lng"], numbers["lat"], sent.get("position", ""), sent.get("hours", ""),
        day_in(sent, "active_from"), day_in(sent, "active_until"), _system(request),
    )  # fmt: skip


def _system(request: HttpRequest) -> CoordinateSystem:
    system = request.POST.get("system", "wgs84")
    return CoordinateSystem(system) if system in set(CoordinateSystem) else CoordinateSystem.WGS84


def _content(request: HttpRequest, *, most: int) -> bytes:
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid("file.needed", _("Please choose a file."), field="file")
    if sent.size and sent.size > most:
        raise Invalid(
            "file.large",
            _("The file is larger than %(n)d MB.") % {"n": most // 1_000_000},
            field="file",
            mend=_("Send it in parts."),
        )
    return bytes(sent.read())


def _unreadable() -> Invalid:
    return Invalid("file.text", _("This is not a text file."), field="file")


def _row(one: Place) -> dict[str, Any]:
    return {
        "name": one.name, "href": address("place", one.id), "kind": name_of(one.kind), "position": one.position, "hours": one.hours,
        "area": territory.place_name(one.area_path, top=Level.SUBDISTRICT), "since": one.active_from, "until": one.active_until,
        "later": one.active_from > time.today(),
    }  # fmt: skip


def _kinds(every: str = "") -> list[tuple[str, str]]:
    return [*([("", every)] if every else []), *((one.id, one.name) for one in kinds().values())]


def _csv(name: str, rows: list[list[str]]) -> HttpResponse:
    kept = io.StringIO()
    csv.writer(kept).writerows([safe(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{time.today():%Y%m%d}.csv"'}
    return HttpResponse(
        b"\xef\xbb\xbf" + kept.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers
    )
