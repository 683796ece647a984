"""Leave at the desk: what waits for a decision, who is away, one's own; deciding with cover."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, staff
from linli.desk.team import page
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import policy
from linli.people.models import Post
from linli.people.words import post_word
from linli.territory import queries as territory
from linli.ui import team, undo
from linli.ui.sent import version_of
from linli.workforce import queries, roster
from linli.workforce.actions import leaving
from linli.workforce.models import LeaveState

MOST_COVERS_SHOWN = 60


@staff
@never_cache
@require_GET
def leaves(request: HttpRequest) -> HttpResponse:
    """Leaves of the area: asked for, current, all."""
    actor = actor_of(request)
    waiting = queries.waiting_leaves(actor)
    state = request.GET.get("state", "") or ("asked" if waiting else "current")
    found, more = queries.leaves(actor, state="" if state == "all" else state, after=request.GET.get("after", "")[:64])
    covers = queries.covered_by(found) if found else {}
    views = [
        ("asked", _("To decide"), "hourglass", waiting),
        ("current", _("Away and to come"), "calendar", None),
        ("all", _("All"), "archive", None),
    ]
    context: dict[str, Any] = {
        "views": [
            {"label": label, "icon": icon, "count": count, "href": address("leaves", query={"state": key}), "current": key == state}
            for key, label, icon, count in views
        ],
        "rows": [team.leave_row(one, covers.get(one.id, ()), href=address("leave", one.id)) for one in found],
        "next_href": address("leaves", query={"state": state, "after": more}) if more else "",
        "may_ask": bool(policy.reach(actor, "leave.ask")),
    }  # fmt: skip
    return page(request, "leaves", "leaves", **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for leave oneself."""
    actor = actor_of(request)
    policy.require(actor, "leave.ask")
    context: dict[str, Any] = {"reasons": team.reasons(), "sent": request.POST, "errors": [], "wrong": {}}
    if request.method == "POST":
        try:
            leave = team.ask_leave(request, actor)
        except NotFound:
            raise
        except LinliError as error:
            context |= {"errors": [error], "wrong": {error.field: str(error.message)}}
            return page(request, "ask_leave", "leaves", status=error.status, **context)
        undo.done(request, _("Your leave is asked for; you see here what becomes of it."))
        return HttpResponseRedirect(address("leave", leave.id))
    return page(request, "ask_leave", "leaves", **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """One leave: who covers, and the decision for whoever takes it."""
    actor = actor_of(request)
    found = queries.leave(actor, leave_id)
    errors: list[LinliError] = []
    status = 200
    chosen = request.POST.getlist("covers")
    if request.method == "POST":
        policy.require(actor, "leave.decide", found, view="leave.view")
        try:
            if request.POST.get("decision") == "refuse":
                leaving.refuse(
                    actor, found.id, district=found.district, version=version_of(request.POST),
                    words=request.POST.get("words", ""),
                )  # fmt: skip
                undo.done(request, _("The leave is refused; the reason stands with it."))
            else:
                leaving.approve(
                    actor, found.id, district=found.district, version=version_of(request.POST), covers=_uuids(chosen),
                    words=request.POST.get("words", ""),
                )  # fmt: skip
                undo.done(request, _("The leave is agreed to, and the cover is set."))
            return HttpResponseRedirect(address("leave", found.id))
        except NotFound:
            raise
        except LinliError as error:
            errors, status = [error], error.status
            found = queries.leave(actor, leave_id)
    spans = queries.covers_of(found)
    names = list(dict.fromkeys(span.account.work_name for span in spans))
    own = actor.account_id == found.account_id
    decides = found.state == LeaveState.ASKED and not own and policy.allows(actor, "leave.decide", found)
    context: dict[str, Any] = {
        "row": team.leave_row(found, names),
        "own": own,
        "decides": decides,
        "ends": found.is_open and (own or policy.allows(actor, "leave.decide", found)),
        "colleagues": [_colleague(post, chosen) for post in roster.colleagues(found.post)[:MOST_COVERS_SHOWN]]
        if decides
        else [],
        "covers": [{"name": span.account.work_name, "place": territory.full_name(span.post.area_path, top="community")} for span in spans],
        "words": request.POST.get("words", ""),
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors},
        "back": address("leaves"),
    }  # fmt: skip
    return page(request, "leave", "leaves", status=status, **context)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:20]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _colleague(post: Post, chosen: list[str]) -> dict[str, Any]:
    return {
        "value": str(post.id),
        "name": post.account.work_name,
        "hint": f"{post_word(post.role, post.title)} · {post.area.name}",
        "chosen": str(post.id) in chosen,
    }


@staff
@require_POST
def end(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """Take a leave back, or let it end today."""
    actor = actor_of(request)
    found = queries.leave(actor, leave_id)
    leaving.end(actor, found.id, district=found.district, version=version_of(request.POST))
    undo.done(request, _("The leave has ended; what is open is back."))
    return HttpResponseRedirect(address("leave", found.id))
