"""The cockpit of an area: as a page, as the part of it that is fetched anew, and as a wall."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cockpit import asked, panels, sharing
from linli.cockpit.frame import actor_of, staff
from linli.kernel.display import THEME_COOKIE
from linli.kernel.trust import Actor


@staff
@never_cache
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The area of the post."""
    return _page(request, "")


@staff
@never_cache
@require_GET
def area(request: HttpRequest, area: str) -> HttpResponse:
    """An area by its path."""
    return _page(request, area)


def _page(request: HttpRequest, path: str) -> HttpResponse:
    actor = actor_of(request)
    if request.GET.get("part") == "live":
        return HttpResponse(sharing.drawn(actor, path, request.GET, lambda: _live(request, actor, path)))
    wanted = _asked(request, path)
    context = panels.whole(actor, wanted) | panels.around(actor, wanted)
    return render(request, "cockpit/wall.html" if wanted.wall else "cockpit/page.html", context)


def _live(request: HttpRequest, actor: Actor, path: str) -> bytes:
    wanted = _asked(request, path)
    template = "cockpit/wall_live.html" if wanted.wall else "cockpit/live.html"
    return render_to_string(template, panels.whole(actor, wanted), request).encode()


def _asked(request: HttpRequest, path: str) -> asked.Asked:
    wanted = asked.read(request, path)
    if wanted.wall:
        request.ui_preview = {THEME_COOKIE: "dark"}  # type: ignore[attr-defined]
    return wanted
