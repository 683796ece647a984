"""The front page: what this is, one large way to report, how one's own cases stand, what was solved nearby."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.cases import public, queries
from linli.portal import draft
from linli.portal.frame import door, visitor, wants_part
from linli.portal.my_home import community_of, home_of
from linli.portal.services import emergency_numbers
from linli.portal.wording import rows_of
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.context import Ui

SHOWN = 3
FRESH_SECONDS = 300


@door
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front page; its list of own cases refreshes by itself."""
    actor = visitor(request)
    page = queries.mine(actor, size=SHOWN * 2)
    shown = [case for case in page.cases if case.is_open][:SHOWN] or page.cases[:1]
    context = {"rows": rows_of(shown), "signed_in": actor.is_signed_in, "any_cases": bool(page.cases)}
    if wants_part(request):
        return render(request, "portal/home_mine.html", context)
    near = community_of(home_of(request)) or community_of(page.cases[0].area_path if page.cases else "")
    context |= {
        "place": "home",
        "solved": figures_near(near),
        "near_name": territory.place_name(near, top=Level.COMMUNITY) if near else "",
        "numbers": emergency_numbers(),
        "draft": draft.begun(request) if request.session.session_key else False,
    }
    if Ui(request).text == "large":
        context["open_count"] = sum(case.is_open for case in page.cases)
        return render(request, "portal/home_large.html", context)
    return render(request, "portal/home.html", context)


def figures_near(path: str) -> public.Figures:
    """How many were solved lately and are open, here or everywhere; counted at most every five minutes."""
    key = f"portal.figures:{path}"
    found = cache.get(key)
    if found is None:
        found = public.figures(path)
        cache.set(key, found, FRESH_SECONDS)
    return found
