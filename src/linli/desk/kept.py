"""Views that somebody keeps under a name, and the replies that an organisation shares: their pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import queries
from linli.cases.queries import LABELS, View
from linli.desk import actions, inbox
from linli.desk.frame import actor_of, address, staff, views_of
from linli.desk.models import ReplyTemplate, SavedView
from linli.kernel.errors import LinliError
from linli.kernel.trust import Actor, policy
from linli.ui import undo


def views_kept(actor: Actor) -> list[SavedView]:
    """The actor's own views and those that the organisation shares, by name; only what the post may look at."""
    whose = Q(account_id=actor.account_id)
    if actor.organisation_id:
        whose |= Q(organisation_id=actor.organisation_id)
    rows = SavedView.objects.filter(whose, district=actions.home_of(actor), removed_at__isnull=True).order_by(
        "name", "id"
    )
    offered = {str(view) for view in views_of(actor)}
    return [row for row in rows if row.query.get("view") in offered]


def rows_of(actor: Actor) -> list[dict[str, Any]]:
    """The kept views with their counts: one query for the views, one for all counts."""
    kept = views_kept(actor)
    places = [inbox.place_in(actor, _as_query(row.query)) for row in kept]
    counted = queries.counts_of(actor, [(place.view, place.filters) for place in places if place.view != View.CLOSED])
    left = iter(counted)
    return [
        {
            "id": row.id,
            "name": row.name,
            "shared": row.organisation_id is not None,
            "own": row.account_id == actor.account_id,
            "view": LABELS[place.view],
            "href": address("inbox", query=place.query()),
            "shown": inbox.shown_count(next(left)) if place.view != View.CLOSED else "",
        }
        for row, place in zip(kept, places, strict=True)
    ]


def _as_query(values: dict[str, str]) -> QueryDict:
    found = QueryDict(mutable=True)
    found.update(values)
    return found


@staff
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The kept views in the pane beside the list: fetched after the page, so that no list waits for them."""
    return render(request, "desk/kept/pane.html", {"kept": rows_of(actor_of(request))})


@staff
@require_http_methods(["GET", "POST"])
def views(request: HttpRequest) -> HttpResponse:
    """The views that the actor keeps, and the form that keeps one more: the list whose address came along."""
    actor = actor_of(request)
    place = inbox.place_of(request)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            kept = actions.keep_view(
                actor, name=request.POST.get("name", ""), query=place.query(), shared="shared" in request.POST
            )
        except LinliError as error:
            errors.append(error)
        else:
            undo.done(request, _("Kept as “%(name)s”.") % {"name": kept.name})
            return HttpResponseRedirect(address("inbox", query=place.query()))
    chips = inbox.chips_of(place, inbox.Places([place.filters.area_path]))
    context = {
        "kept": rows_of(actor),
        "what": [LABELS[place.view], *(chip["label"] for chip in chips)],
        "offers": "view" in request.GET,
        "action": address("kept", query=place.query()),
        "typed": request.POST.get("name", ""),
        "shared": "shared" in request.POST,
        "errors": errors,
        "wrong": str(errors[0].message) if errors else "",
    }
    return render(request, "desk/kept/views.html", context, status=422 if errors else 200)


@staff
@require_POST
def view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Rename a kept view, share it, take it away, bring it back."""
    actor = actor_of(request)
    return changed(
        request,
        ("kept", "kept-view", view_id),
        remove=lambda back: actions.remove_view(actor, view_id, back=back),
        save=lambda: actions.rename_view(
            actor, view_id, name=request.POST.get("name", ""), shared="shared" in request.POST
        ),
    )


def changed(
    request: HttpRequest,
    where: tuple[str, str, UUID],
    *,
    remove: Callable[[bool], SavedView | ReplyTemplate],
    save: Callable[[], object],
) -> HttpResponse:
    """Take one away, bring it back, or change it: the answer to the forms beside something kept.

    Args:
        request: the form; its ``what`` is ``remove``, ``back`` or empty.
        where: the names of the list's page and of the one's own address, and its id.
        remove: takes it away, or with ``True`` brings it back.
        save: writes the change.
    """
    page, one, id_ = where
    what = request.POST.get("what", "")
    if what == "remove":
        name = remove(False).name
        undo.done(request, _("“%(name)s” was removed.") % {"name": name}, undo=address(one, id_), what="back")
    elif what == "back":
        remove(True)
    else:
        save()
        undo.done(request, _("Changed."))
    return back_to(request, page)


def back_to(request: HttpRequest, name: str) -> HttpResponse:
    """The answer to a form: back to its page, also for the page's script."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": address(name)})
    return HttpResponseRedirect(address(name))


def templates_of(actor: Actor) -> list[ReplyTemplate]:
    """The replies that the actor's organisation shares, by name."""
    if actor.organisation_id is None:
        return []
    return list(
        ReplyTemplate.objects.filter(
            district=actions.home_of(actor), organisation_id=actor.organisation_id, removed_at__isnull=True
        ).order_by("name", "id")
    )


@staff
@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest) -> HttpResponse:
    """The replies that the organisation shares; a form writes a new one."""
    actor = actor_of(request)
    policy.require(actor, "desk.edit_template")
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            actions.save_template(actor, name=request.POST.get("name", ""), text=request.POST.get("text", ""))
        except LinliError as error:
            errors.append(error)
        else:
            undo.done(request, _("The reply was kept."))
            return HttpResponseRedirect(address("templates"))
    wrong = {error.field: str(error.message) for error in errors}
    context = {
        "templates": templates_of(actor), "errors": errors, "wrong": wrong, "typed": request.POST,
        "marks": ("{number}", "{category}", "{place}", "{due}"),
    }  # fmt: skip
    return render(request, "desk/kept/templates.html", context, status=422 if errors else 200)


@staff
@require_POST
def template(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """Change a shared reply, take it away, bring it back."""
    actor = actor_of(request)
    return changed(
        request,
        ("templates", "template", template_id),
        remove=lambda back: actions.remove_template(actor, template_id, back=back),
        save=lambda: actions.save_template(
            actor, name=request.POST.get("name", ""), text=request.POST.get("text", ""), template_id=template_id
        ),
    )
