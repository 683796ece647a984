"""What communities do, help with and must not be sent; what was decided lately; which proofs may be asked for: for everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.duties import queries
from linli.duties.models import Listing, Tier
from linli.kernel import time
from linli.kernel.trust import Actor
from linli.people.models import Account
from linli.portal.frame import address, door, visitor
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import duties as shown

MOST = 120
DECISIONS = 20


def _area(request: HttpRequest, actor: Actor) -> tuple[str, list[tuple[str, str]]]:
    """The community that is asked for, one's own otherwise, else the first district; and what a search for one finds."""
    asked, words = request.GET.get("area", ""), request.GET.get("place", "")[:40]
    found = [(one.path, queries.place(one.path)) for one in territory.search_areas(words, limit=12)] if words else []
    if asked and queries.paths_known([asked]):
        return asked, found
    if actor.account_id and (
        home := Account.objects.filter(id=actor.account_id).values_list("home_path", flat=True).first()
    ):
        community = "/".join(home.split("/")[:3])
        if queries.paths_known([community]):
            return community, found
    return next((one.path for one in territory.known_areas() if one.level == Level.DISTRICT), ""), found


def _where(area: str) -> dict[str, Any]:
    return {"area": area, "place_name": queries.place(area) if area else ""}


@door
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """The lists of a community, what changed lately, and the decisions with their reasons."""
    actor = visitor(request)
    area, places = _area(request, actor)
    listing = request.GET.get("list", "")
    listing = listing if listing in Listing.values else str(Listing.NEGATIVE)
    tier = request.GET.get("tier", "")
    tier = tier if tier in Tier.values else str(Tier.COMMUNITY)
    words = request.GET.get("q", "")[:60]
    found = queries.lists(actor, area_path=area, tier=tier, words=words) if area else []
    counts = {one: sum(row.row.listing == one for row in found) for one in Listing.values}
    kept = {"area": area, "q": words, "tier": tier}
    context = _where(area) | {
        "places": [{"href": f"{address('duties')}?area={path}", "label": name} for path, name in places],
        "asked": request.GET.get("place", "")[:40], "words": words, "tier": tier, "tiers": Tier.choices, "listing": listing,
        "chips": [
            {"label": label, "current": value == listing, "count": counts[value], "value": value} for value, label in Listing.choices
        ],
        "kept": kept,
        "rows": shown.listed_rows(one for one in found if one.row.listing == listing)[:MOST],
        "changes": [shown.entry_row(one) for one in queries.changes(actor, area_path=area, limit=8)] if area else [],
        "decisions": [shown.admission_row(one) for one in queries.decisions(actor, area_path=area, limit=DECISIONS)] if area else [],
    }  # fmt: skip
    return render(request, "portal/duties/lists.html", context)


@door
@require_GET
def proofs(request: HttpRequest) -> HttpResponse:
    """The proofs that may be asked for, who issues them, how often they were; and those that were abolished."""
    actor = visitor(request)
    area, _places = _area(request, actor)
    words = request.GET.get("q", "")[:60]
    found = queries.proofs(actor, area_path=area[:6], words=words) if area else []
    rows = [shown.proof_row(one) for one in found]
    context = _where(area[:6]) | {
        "words": words, "year": time.today().year,
        "asked": [row for row in rows if not row["abolished"]], "gone": [row for row in rows if row["abolished"]],
    }  # fmt: skip
    return render(request, "portal/duties/proofs.html", context)
