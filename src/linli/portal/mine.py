"""One's own things: cases, display, data, sign-in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cases import queries
from linli.portal import draft, follow
from linli.portal.frame import door, visitor, wants_part
from linli.portal.wording import rows_of

SIZE = 20


@door
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The fourth place: what is one's own, and how the portal looks."""
    actor = visitor(request)
    context: dict[str, Any] = {
        "place": "mine",
        "signed_in": actor.is_signed_in,
        "known": list(request.session.get(follow.FOLLOWED, {})) if request.session.session_key else [],
        "draft": draft.begun(request) if request.session.session_key else False,
    }
    return render(request, "portal/mine/mine.html", context)


@door
@never_cache
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """One's cases, the newest first, a page at a time."""
    actor = visitor(request)
    if not actor.is_signed_in:
        known = list(request.session.get(follow.FOLLOWED, {})) if request.session.session_key else []
        return render(request, "portal/mine/signed_out.html", {"place": "mine", "known": known})
    after = request.GET.get("after", "")[:200]
    page = queries.mine(actor, after=after, size=SIZE)
    context = {
        "place": "mine",
        "rows": rows_of(page.cases),
        "next": f"?after={page.next}" if page.next else "",
        "first": not after,
    }
    name = "portal/mine/list.html" if wants_part(request) else "portal/mine/cases.html"
    return render(request, name, context)
