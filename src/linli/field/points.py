"""My points in the field app: only the member's own; nothing of it is kept on the phone."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.field.frame import actor_of, address, member
from linli.ui.casework import points
from linli.ui.casework.points import Door


def _door(request: HttpRequest) -> Door:
    return Door(actor_of(request), address, "field/points/page.html", {"nav": "me", "no_fab": True})


@member
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The balance and every entry."""
    return points.mine(request, _door(request))


@member
@never_cache
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One entry explained, and the objection to it."""
    return points.entry(request, _door(request), entry_id)


@member
@never_cache
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for points that somebody has to confirm."""
    return points.claim(request, _door(request))


@member
@never_cache
@require_http_methods(["GET", "POST"])
def rewards(request: HttpRequest) -> HttpResponse:
    """What points can be changed for."""
    return points.rewards(request, _door(request))


@member
@never_cache
@require_http_methods(["GET", "POST"])
def redemption(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """What is kept for one, with its code."""
    return points.redemption(request, _door(request), redemption_id)


@member
@never_cache
@require_POST
def collect(request: HttpRequest) -> HttpResponse:
    """Begin to collect points, or stop."""
    return points.collect(request, _door(request))
