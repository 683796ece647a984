"""Dedicated grids at the desk: what each has and lacks, its contact and its plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.dedicated import actions, queries
from linli.dedicated.kinds import kinds
from linli.dedicated.queries import Kept, Lack
from linli.desk.frame import actor_of, address, staff
from linli.desk.ground import tiles_address
from linli.desk.redrawing import map_tabs
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.intake import Shelf, receive
from linli.kernel.storage.serving import photo_response
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot
from linli.people.words import post_word
from linli.territory import mapping
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.casework.names import language
from linli.ui.dedicated import lack_badges, sections
from linli.ui.sent import day_in, day_of, id_in

MOST_FILES = 5


@staff
@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The dedicated grids of the area, narrowed to those that lack something."""
    actor = actor_of(request)
    lacks = request.GET.get("lacks", "")
    lacks = lacks if lacks in (*Lack, "any") else ""
    everything = queries.listed(actor)
    found = [one for one in everything if not lacks or lacks in one.lacks or (lacks == "any" and one.lacks)]
    choices = [
        ("", _("All"), len(everything)),
        ("any", _("Contact, plan or review is missing"), sum(bool(one.lacks) for one in everything)),
        (Lack.CONTACT, _("No contact"), sum(Lack.CONTACT in one.lacks for one in everything)),
        (Lack.PLAN, _("No plan"), sum(Lack.PLAN in one.lacks for one in everything)),
        (Lack.REVIEW, _("Review is due"), sum(Lack.REVIEW in one.lacks for one in everything)),
    ]
    names = territory.breadcrumbs(one.area.path for one in found)
    context = {
        "tabs": _tabs(actor),
        "views": [
            {
                "label": label,
                "href": address("dedicated-grids", query={"lacks": value} if value else {}),
                "current": value == lacks,
                "count": count,
            }
            for value, label, count in choices
        ],
        "rows": [
            {
                "name": one.area.name,
                "href": address("dedicated-grid", one.area.id),
                "kind": kinds()[one.kind].called(language()),
                "place": "".join(crumb.name for crumb in names.get(one.area.path, [])[-3:-1]),
                "lacks": lack_badges(one),
                "plan": one.plan.title if one.plan else "",
                "due": one.review_due,
            }
            for one in found
        ],
        "most": queries.MOST,
        "full": len(everything) >= queries.MOST,
    }
    return render(request, "desk/dedicated/list.html", context)


@staff
@never_cache
@require_GET
def page(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """One dedicated grid: its contact, masked, its plan, and what was planned before."""
    return _page(request, queries.one(actor_of(request), area_id))


@staff
@require_POST
def do(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """Name the contact, plan, review or attach."""
    actor = actor_of(request)
    kept = queries.one(actor, area_id)
    policy.require(actor, "dedicated.keep", Spot(kept.area.path), view="dedicated.view")
    what = request.POST.get("what", "")
    try:
        if what == "contact":
            facts = {name: request.POST.get(name, "") for name in ("name", "phone", "duty")}
            actions.name_contact(actor, area_id, **facts)
            said = _("The contact is named.")
        elif what == "kind":
            actions.say_kind(actor, area_id, request.POST.get("kind", ""))
            said = _("The kind is noted.")
        elif what == "plan":
            actions.plan(actor, area_id, _facts(request), key=id_in(request.POST.get("key", "")) or ids.new_id())
            said = _("The plan is kept.")
        elif what == "review":
            actions.review(actor, area_id, _plan_id(request))
            said = _("Written down: the plan was looked through.")
        elif what == "files":
            said = _attach(request, actor, area_id)
        else:
            raise NotFound("not_found", _("There is nothing here that you can see."))
    except NotFound:
        raise
    except LinliError as error:
        return _page(request, kept, error)
    undo.done(request, said)
    return HttpResponseRedirect(address("dedicated-grid", area_id))


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, area_id: UUID) -> HttpResponse:
    """Ask what the contact's name and number are needed for, then show them."""
    actor = actor_of(request)
    kept = queries.one(actor, area_id)
    policy.require(actor, "dedicated.read_contact", Spot(kept.area.path), view="dedicated.view")
    error: LinliError | None = None
    plain = None
    if request.method == "POST":
        try:
            plain = queries.plain_contact(actor, area_id, purpose=request.POST.get("purpose", ""))
        except Invalid as wrong:
            error = wrong
    context = {
        "tabs": _tabs(actor),
        "grid": kept.area,
        "duty": kept.sheet.duty if kept.sheet else "",
        "plain": plain,
        "back": address("dedicated-grid", area_id),
        "sent": request.POST,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error else {},
    }
    return render(request, "desk/dedicated/contact.html", context, status=error.status if error else 200)


@staff
@never_cache
@require_GET
def photo(request: HttpRequest, area_id: UUID, file_id: UUID, size: str) -> HttpResponseBase:
    """A scan or photo of a plan, ``small`` or whole."""
    found = queries.file(actor_of(request), area_id, file_id)
    return photo_response(found.thumb_key if size == "small" else found.shown_key, shelf=Shelf.PRIVATE)


def _page(request: HttpRequest, kept: Kept, error: LinliError | None = None) -> HttpResponse:
    actor, area, now = actor_of(request), kept.area, kept.plan
    spot = Spot(area.path)
    keeps = policy.allows(actor, "dedicated.keep", spot)
    sent = request.POST
    told = {row.id for row in queries.posts_told(kept)}
    chosen = set(sent.getlist("told")) if sent else {str(key) for key in told}
    context: dict[str, Any] = {
        "tabs": _tabs(actor),
        "grid": area,
        "place": territory.place_name(area.path.rpartition("/")[0], top=Level.SUBDISTRICT),
        "area_href": address("area", area.path),
        "lacks": lack_badges(kept),
        "kind": kinds()[kept.kind].called(language()),
        "kind_said": kept.sheet.kind if kept.sheet else "",
        "kind_choices": [("", _("As its name says")), *((one.code, one.called(language())) for one in kinds().values())],
        "sheet": kept.sheet,
        "contact": queries.contact(actor, kept),
        "has_contact": bool(kept.sheet and kept.sheet.contact_id),
        "contact_href": address("dedicated-contact", area.id) if policy.allows(actor, "dedicated.read_contact", spot) else "",
        "plan": now,
        "sections": sections(now.text) if now else [],
        "due": kept.review_due,
        "told": [{"post": post_word(row.role, row.title), "name": row.account.work_name} for row in queries.posts_told(kept)],
        "files": [
            {
                "src": address("dedicated-file", area.id, one.id, "whole"),
                "thumb": address("dedicated-file", area.id, one.id, "small"),
                "alt": one.caption or _("Attached to the plan"),
                "caption": one.caption,
            }
            for one in queries.files(kept)
        ],
        "before": [one for one in queries.plans(kept) if now is None or one.id != now.id],
        "keeps": keeps,
        "posts": [
            {
                "id": str(row.id),
                "label": f"{post_word(row.role, row.title)} · {row.account.work_name}",
                "place": territory.place_name(row.area_path, top=Level.SUBDISTRICT),
                "chosen": str(row.id) in chosen,
            }
            for row in (queries.posts_around(kept) if keeps else ())
        ],
        "title_now": sent.get("title") or (now.title if now else ""),
        "text_now": sent.get("text") or (now.text if now else ""),
        "key": sent.get("key", "") or str(ids.new_id()),
        "today": time.today().isoformat(),
        "tiles": tiles_address(),
        "bounds": mapping.bounds(area.path),
        "sent": sent,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error and error.field else {},
    }  # fmt: skip
    return render(request, "desk/dedicated/page.html", context, status=error.status if error else 200)


def _facts(request: HttpRequest) -> actions.PlanFacts:
    told = [id_in(one) for one in request.POST.getlist("told")[:50]]
    return actions.PlanFacts(
        request.POST.get("title", ""), request.POST.get("text", ""), day_of(request.POST, "valid_from"),
        day_in(request.POST, "valid_to"), [one for one in told if one is not None],
    )  # fmt: skip


def _plan_id(request: HttpRequest) -> UUID:
    found = id_in(request.POST.get("plan", ""))
    if found is None:
        raise NotFound("dedicated.no_plan", _("There is no such plan."))
    return found


def _attach(request: HttpRequest, actor: Actor, area_id: UUID) -> str:
    sent = request.FILES.getlist("photos")
    if not sent:
        raise Invalid("photo.none", _("No photo was chosen."), field="photos", mend=_("Choose one, then add it."))
    if len(sent) > MOST_FILES:
        raise Invalid("photo.too_many", _("At most five photos at once."), field="photos")
    plan = _plan_id(request)
    for one in sent:
        actions.attach(actor, area_id, plan, receive(one.chunks()), caption=request.POST.get("caption", ""))
    return _("Added; it is being prepared.")


def _tabs(actor: Actor) -> list[dict[str, Any]]:
    return map_tabs("dedicated") if policy.reach(actor, "redrawing.view") else []
