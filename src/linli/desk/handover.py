"""Hand-over at the desk: everything in somebody's hands as one list, a successor, one press; a slip to sign, ten minutes to undo."""

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
from linli.people import handing as hands
from linli.people.handing import Thing
from linli.people.models import Post
from linli.people.words import post_word
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.casework.names import Places
from linli.ui.sent import version_of
from linli.workforce import queries, roster
from linli.workforce.actions import handing
from linli.workforce.actions.handing import subject

MEMBERS_SHOWN = 30


def _who(post: Post) -> dict[str, Any]:
    return {
        "name": post.account.work_name,
        "post": post_word(post.role, post.title),
        "place": territory.full_name(post.area_path, top=Level.COMMUNITY),
        "since": post.starts_on,
        "full_time": post.full_time,
    }


def thing_rows(things: list[Thing]) -> list[dict[str, Any]]:
    """What is in somebody's hands, in words."""
    titles = {kind.code: kind.title for kind in hands.kinds()}
    places = Places([thing.area_path for thing in things])
    return [
        {
            "kind": titles.get(thing.kind, thing.kind),
            "number": thing.number,
            "title": thing.title,
            "place": places.short(thing.area_path),
            "due_at": thing.due_at,
            "href": address("case", thing.number) if thing.kind == "case" else "",
        }
        for thing in things
    ]


@staff
@never_cache
@require_GET
def handovers(request: HttpRequest) -> HttpResponse:
    """Find the member who leaves; and what was handed over lately."""
    actor = actor_of(request)
    words = request.GET.get("q", "").strip()[:40]
    done = queries.handovers(actor)
    may_do = bool(policy.reach(actor, "handover.do"))
    found = roster.members(actor, words=words, most=MEMBERS_SHOWN) if may_do and words else []
    context: dict[str, Any] = {
        "q": words,
        "may_do": may_do,
        "members": [_who(post) | {"href": address("handover", post.id)} for post in found],
        "rows": [
            {
                "from": one.from_post.account.work_name,
                "to": one.to_post.account.work_name,
                "place": territory.full_name(one.area_path, top=Level.COMMUNITY),
                "count": len(one.things),
                "at": one.at,
                "undone": one.undone_at is not None,
                "href": address("handover-slip", one.id),
            }
            for one in done
        ],
    }
    return page(request, "handovers", "handovers", **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """Everything in the hands of one post, and who takes it over."""
    actor = actor_of(request)
    post, things = queries.in_hands(actor, post_id)
    errors: list[LinliError] = []
    status = 200
    if request.method == "POST":
        try:
            done = handing.hand_over(
                actor,
                post.id,
                successor=_uuid(request.POST.get("successor", "")),
                reason=request.POST.get("reason", ""),
                version=version_of(request.POST),
                ends_post=request.POST.get("ends_post") == "yes",
            )
        except NotFound:
            raise
        except LinliError as error:
            errors, status = [error], error.status
        else:
            undo.done(
                request,
                _("%(count)d things went over to %(name)s.")
                % {"count": len(done.things), "name": done.to_post.account.work_name},
                undo=address("handover-undo", done.id),
            )
            return HttpResponseRedirect(address("handover-slip", done.id))
    may_do = policy.allows(actor, "handover.do", subject(post))
    context: dict[str, Any] = {
        "who": _who(post),
        "version": post.version,
        "rows": thing_rows(things),
        "may_do": may_do,
        "successors": [
            ("", _("Please choose")),
            *(
                (str(one.id), f"{one.account.work_name} · {post_word(one.role, one.title)} · {one.area.name}")
                for one in roster.colleagues(post)
            ),
        ]
        if may_do
        else [],
        "sent": request.POST,
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors},
        "back": address("handovers"),
    }
    return page(request, "handover", "handovers", status=status, **context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@staff
@never_cache
@require_GET
def slip(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """What went over, to print and to sign."""
    actor = actor_of(request)
    found = queries.handover(actor, handover_id)
    places = Places([one["area_path"] for one in found.things])
    context: dict[str, Any] = {
        "found": found,
        "giver": _who(found.from_post),
        "taker": _who(found.to_post),
        "by": handing.names_of([found.by_account]).get(found.by_account, ""),
        "rows": [one | {"place": places.short(one["area_path"])} for one in found.things],
        "organisation": found.from_post.organisation.name,
        "may_undo": handing.may_undo(found) and policy.allows(actor, "handover.do", found),
        "undo_until": found.at + handing.UNDO_WITHIN,
    }
    return page(request, "slip", "handovers", **context)


@staff
@require_POST
def take_back(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Take a hand-over back."""
    actor = actor_of(request)
    found = queries.handover(actor, handover_id)
    handing.undo(actor, found.id, district=found.district)
    undo.done(request, _("Taken back: everything that is open is where it was."))
    return HttpResponseRedirect(address("handover-slip", found.id))
