"""Points in the portal: a resident's own, and the published rules for everybody."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.kernel import time
from linli.kernel.trust import policy
from linli.ledger import queries
from linli.ledger.rules import terms
from linli.portal.frame import address, door, visitor
from linli.ui.casework import points
from linli.ui.casework.points import Door


def _door(request: HttpRequest) -> Door:
    actor = visitor(request)
    policy.require(actor, "points.mine")
    extra = {"place": "mine", "page_title": _("My points")}
    return Door(actor, address, "portal/points/page.html", extra)


@door
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The balance and every entry."""
    return points.mine(request, _door(request))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One entry explained, and the objection to it."""
    return points.entry(request, _door(request), entry_id)


@door
@never_cache
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for points that somebody has to confirm."""
    return points.claim(request, _door(request))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def rewards(request: HttpRequest) -> HttpResponse:
    """What points can be changed for."""
    return points.rewards(request, _door(request))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def redemption(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """What is kept for one, with its code."""
    return points.redemption(request, _door(request), redemption_id)


@door
@never_cache
@require_POST
def collect(request: HttpRequest) -> HttpResponse:
    """Begin to collect points, or stop."""
    return points.collect(request, _door(request))


@door
@require_GET
def rules(request: HttpRequest, number: int = 0) -> HttpResponse:
    """The published rules, those in force unless told; what changed from the ones before."""
    book = queries.rule_book(number) if number else queries.rules_at()
    sets = queries.rule_sets()
    now = time.now()
    before = queries.rule_book(book.number - 1) if book.number > 1 else None
    context = {
        "part": "ui/points/rules.html",
        "page_title": _("Rules of points"),
        "book": book,
        "rules": points.rule_rows(book),
        "terms": terms(),
        "changes": points.change_rows(before, book) if before else [],
        "note": next((one.note for one in sets if one.number == book.number), ""),
        "sets": sets,
        "coming": next((one for one in sets if one.valid_from > now and one.number != book.number), None),
    }
    return render(request, "portal/points/page.html", context)
