"""Organisations at the desk: the register, one with its line, its posts and its history, founding, changing, dissolving, and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.desk.frame import Tab, actor_of, address, as_workbook, crumbs, draw, staff, tabs_of
from linli.kernel import ids, time
from linli.kernel.db import subtree
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.organisations import coverage, files, queries, standing
from linli.organisations.actions import registering
from linli.organisations.actions.registering import New
from linli.organisations.files import Report
from linli.organisations.models import Deed, Seat
from linli.organisations.standing import Type
from linli.people.models import Organisation, OrganisationFamily
from linli.territory import queries as territory
from linli.territory.models import Building, Compound, Level
from linli.ui import undo
from linli.ui.sent import day_in, id_in, version_of

SHOWN = 100
TONES = {"at_work": ("good", "circle-check"), "to_come": ("info", "clock"), "dissolved": ("quiet", "ban")}


def page(
    request: HttpRequest, template: str, tab: str, *, error: LinliError | None = None, **context: Any
) -> HttpResponse:
    """A page of the organisations, with the tabs that the post may open."""
    actor = actor_of(request)
    tabs = (
        Tab("organisations", _("The register"), ("organisation.view",), "building-2"),
        Tab("organisation-coverage", _("Coverage"), ("organisation.view",), "layers"),
        Tab("organisation-drives", _("Building up"), ("organisation.view",), "list-checks", queries.overdue_count(actor) or None),
        Tab("organisation-files", _("Files"), ("organisation.keep",), "upload"),
    )  # fmt: skip
    wrong = {error.field: f"{error.message} {error.mend}".strip()} if error else {}
    shown = tabs_of(actor, tab, tabs)
    return draw(request, f"organisations/{template}", shown, error=error, wrong=wrong, **context)


def state_words() -> dict[str, str]:
    """What the states of an organisation are called."""
    return {"at_work": _("At work"), "to_come": _("To come"), "dissolved": _("Dissolved")}


def _asked(request: HttpRequest) -> dict[str, str]:
    state, kind = request.GET.get("state", ""), request.GET.get("type", "")
    return {
        "area": request.GET.get("area", "")[:48],
        "type": kind if kind in standing.types() else "",
        "q": request.GET.get("q", "").strip()[:60],
        "state": state if state in queries.STATES else "",
    }


def _row(one: Organisation, kinds: Mapping[str, Type]) -> dict[str, Any]:
    tone, icon = TONES[queries.state_of(one)]
    kind = kinds.get(one.type_id)
    return {
        "id": one.id,
        "name": queries.called(one),
        "kind": kind.called if kind else one.type_id,
        "place": territory.full_name(one.area_path, top=Level.SUBDISTRICT) or territory.place_name(one.area_path),
        "state": state_words()[queries.state_of(one)],
        "tone": tone,
        "icon": icon,
        "since": one.starts_on,
        "until": one.ends_on,
        "href": address("organisation", one.id),
    }


@staff
@never_cache
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The organisations of an area by words, type and state, fifty a page."""
    actor, asked = actor_of(request), _asked(request)
    place = coverage.place_of(actor, asked["area"])
    rows = queries.matching(
        actor, words=asked["q"], kind=asked["type"], area_path=place, state=asked["state"] or "at_work"
    )
    found = Paginator(rows, queries.PAGE).get_page(request.GET.get("page"))
    territory.breadcrumbs([one.area_path for one in found])  # the places of a page by one query
    base, kinds = address("organisations", query=asked), standing.types()
    context: dict[str, Any] = {
        "place": territory.full_name(place, top=Level.CITY),
        "crumbs": crumbs(coverage.reach_of(actor), place, "organisations", asked | {"q": ""}),
        "asked": asked | {"area": place},
        "rows": [_row(one, kinds) for one in found],
        "found": found,
        "base": f"{base}{'&' if '?' in base else '?'}page=",
        "types": [("", _("All types")), *((kind.code, kind.called) for kind in kinds.values())],
        "states": list(state_words().items()),
        "may_keep": bool(policy.reach(actor, "organisation.keep")),
        "export_href": address("organisations-xlsx", query=asked | {"area": place}),
    }
    return page(request, "register", "organisations", **context)


@staff
@never_cache
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """What the list shows as a workbook, which can be changed and brought back."""
    actor, asked = actor_of(request), _asked(request)
    made = files.export(
        actor, words=asked["q"], kind=asked["type"], area_path=asked["area"], state=asked["state"] or "at_work"
    )
    return as_workbook(f"linli-organisations-{time.today().isoformat()}.xlsx", made)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Found one: first the type, then what the type's place asks for."""
    actor = actor_of(request)
    policy.require(actor, "organisation.keep")
    sent = request.POST if request.method == "POST" else request.GET
    kind = standing.types().get(sent.get("type", ""))
    area = sent.get("area", "")[:48] or ("/".join(actor.area_path.split("/")[:3]))
    rule = standing.rule_on(kind.code) if kind else None
    seat = rule.seat if rule else Seat.ANY
    error: LinliError | None = None
    if request.method == "POST" and kind is not None:
        try:
            made = registering.found(
                actor,
                New(
                    kind=kind.code, name=sent.get("name", ""), name_en=sent.get("name_en", ""), code=sent.get("code", ""),
                    area_path=area, id=id_in(sent.get("key", "")), compound_id=id_in(sent.get("compound", "")),
                    building_id=id_in(sent.get("building", "")), starts_on=day_in(request.POST, "starts_on"),
                    public_phone=sent.get("public_phone", ""), description=sent.get("description", ""),
                    description_en=sent.get("description_en", ""), is_public=sent.get("is_public") == "1",
                ),
            )  # fmt: skip
            undo.done(request, _("%(name)s is in the register.") % {"name": made.name})
            return HttpResponseRedirect(address("organisation", made.id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    administrates = policy.allows(actor, "organisation.edit")
    context = {
        "kind": kind,
        "seat": seat,
        "area": area,
        "key": sent.get("key", "") or str(ids.new_id()),
        "types": [
            (one.code, one.called)
            for one in standing.types().values()
            if administrates or one.family != OrganisationFamily.GOVERNMENT
        ],
        "areas": area_options(actor, seat, area),
        "compounds": _compounds(actor, seat),
        "buildings": _buildings(actor, seat),
        "today": time.today().isoformat(),
    }
    return page(request, "new", "organisations", error=error, **context)


def area_options(actor: Actor, seat: Seat, chosen: str = "") -> list[tuple[str, str]]:
    """The areas of a level within the actor's reach to choose from, at most 500; for a place inside one the communities."""
    reach = coverage.reach_of(actor) or actor.area_path
    level = seat.value if seat.is_area else ""
    if level in (Level.CITY, Level.DISTRICT):
        levels = [level]
    else:
        levels = [level] if level else [Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY]
    rows = [
        (area.path, territory.full_name(area.path, top=Level.SUBDISTRICT) or area.name)
        for one in levels
        for area in territory.below(reach, level=one)[:500]
    ]
    if not rows and reach:
        rows = [(reach, territory.full_name(reach, top=Level.SUBDISTRICT))]
    return rows


def _compounds(actor: Actor, seat: Seat) -> list[tuple[str, str]]:
    if seat not in (Seat.COMPOUND, Seat.ANY):
        return []
    low, high = subtree(coverage.reach_of(actor) or actor.area_path)
    rows = Compound.objects.filter(area_path__gte=low, area_path__lt=high).order_by("area_path", "name")[:500]
    empty = [("", _("None"))] if seat == Seat.ANY else []
    return empty + [
        (str(one.id), f"{one.name} · {territory.place_name(one.area_path, top=Level.COMMUNITY)}") for one in rows
    ]


def _buildings(actor: Actor, seat: Seat) -> list[tuple[str, str]]:
    if seat != Seat.BUILDING:
        return []
    low, high = subtree(coverage.reach_of(actor) or actor.area_path)
    rows = Building.objects.filter(area_path__gte=low, area_path__lt=high).select_related("compound")
    return [
        (str(one.id), f"{one.compound.name} {one.number}") for one in rows.order_by("compound__name", "number")[:500]
    ]


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """One organisation; whoever keeps it changes it, dissolves it, takes a dissolution back."""
    actor = actor_of(request)
    found = queries.file_of(actor, organisation_id)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            _do(request, actor, found.one)
            return HttpResponseRedirect(address("organisation", organisation_id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    one, profile, kinds = found.one, found.profile, standing.types()
    context = {
        "one": one,
        "row": _row(one, kinds),
        "profile": profile,
        "said": profile.said if profile else "",
        "full_place": " ".join(
            part
            for part in (
                territory.full_name(one.area_path, top=Level.CITY),
                profile.compound.name if profile and profile.compound else "",
                profile.building.number if profile and profile.building else "",
            )
            if part
        ),
        "line": [_row(above, kinds) for above in found.line],
        "children": [_row(below, kinds) for below in found.children],
        "posts": found.posts,
        "contact": found.contact,
        "history": [_entry(entry) for entry in found.history],
        "may_keep": registering.may_keep(actor, one),
        "contacts": [("", _("Nobody")), *((str(post.post_id), f"{post.name} · {post.title}") for post in found.posts)],
        "changing": "change" in request.GET or (error is not None and request.POST.get("what") == "change"),
        "today": time.today().isoformat(),
    }
    return page(request, "page", "organisations", error=error, **context)


def _do(request: HttpRequest, actor: Actor, one: Organisation) -> None:
    sent = request.POST
    known: dict[str, Any] = {"district": one.district, "version": version_of(sent)}
    what, reason = sent.get("what", ""), sent.get("reason", "")
    if what == "dissolve":
        registering.dissolve(actor, one.id, reason=reason, ends_on=day_in(request.POST, "ends_on"), **known)
        undo.done(request, _("%(name)s is dissolved.") % {"name": one.name})
    elif what == "revive":
        registering.revive(actor, one.id, reason=reason, **known)
        undo.done(request, _("%(name)s is at work again.") % {"name": one.name})
    else:
        names = ("name", "name_en", "public_phone", "description", "description_en")
        values: dict[str, Any] = {name: sent[name] for name in names if name in sent}
        values |= {
            "is_public": sent.get("is_public") == "1", "contact_post_id": id_in(sent.get("contact_post", "")),
            "starts_on": day_in(request.POST, "starts_on"),
        }  # fmt: skip
        registering.change(actor, one.id, values=values, reason=reason, **known)
        undo.done(request, _("What changed is kept."))


def _entry(entry: Any) -> dict[str, Any]:
    labels = {
        "name": _("Name"), "name_en": _("Name in English"), "public_phone": _("Public number"), "parent": _("Stands under"),
        "starts_on": _("Founded on"), "ends_on": _("Dissolved on"), "description": _("Public description"),
        "description_en": _("Public description in English"), "is_public": _("Shown to residents"), "contact_post": _("Contact"),
    }  # fmt: skip
    return {
        "deed": Deed(entry.deed).label,
        "name": entry.name,
        "at": entry.at,
        "reason": entry.reason,
        "changes": [str(labels.get(name, name)) for name in entry.changes],
    }


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def loading(request: HttpRequest) -> HttpResponse:
    """Bring a file: tried first, row by row; nothing changes unless every row can be taken."""
    actor = actor_of(request)
    policy.require(actor, "organisation.keep")
    error: LinliError | None = None
    report: Report | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None or (file.size or 0) > files.MOST_BYTES:
                said = _("Please choose a file.") if file is None else _("The file is too large.")
                raise Invalid("organisation.file", said, field="file")
            report = files.load(actor, file.read(), try_only=request.POST.get("what") != "read")
        except LinliError as wrong:
            error = wrong
        if report is not None and report.applied:
            undo.done(
                request,
                _("The register is as the file says: %(n)d new, %(m)d changed.")
                % {"n": report.new, "m": report.changed},
            )
            return HttpResponseRedirect(address("organisations"))
    context = {
        "report": report,
        "problems": report.problems[:SHOWN] if report else [],
        "most": files.MOST_ROWS,
        "columns": files.heads(),
    }
    return page(request, "files", "organisation-files", error=error, **context)


@staff
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    return as_workbook("linli-organisations-template.xlsx", files.template(actor_of(request)))
