"""Verification at the desk: campaigns of an area with their term, and how far each grid is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.desk.dwellings import tabs
from linli.desk.frame import actor_of, address, staff
from linli.households.actions import visiting
from linli.households.queries import lists
from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import policy
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.sent import day_in

COMMUNITY_DEPTH = 2
"""Slashes in a community's path; above it the figures are per community."""


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def campaigns(request: HttpRequest) -> HttpResponse:
    """Begin a campaign; see how far each grid is."""
    actor = actor_of(request)
    policy.require(actor, "household.progress")
    error: LinliError | None = None
    if request.method == "POST":
        given = request.POST.dict()
        try:
            starts_on, ends_on = day_in(given, "starts_on"), day_in(given, "ends_on")
            if starts_on is None or ends_on is None:
                raise Invalid(
                    "campaign.term", _("Please give both days."), field="starts_on" if not starts_on else "ends_on"
                )
            visiting.begin_campaign(
                actor,
                area_path=actor.area_path,
                title=request.POST.get("title", ""),
                starts_on=starts_on,
                ends_on=ends_on,
            )
            undo.done(request, _("The campaign is set; the grid members see it in their lists."))
            return HttpResponseRedirect(address("campaigns"))
        except LinliError as wrong:
            if wrong.status not in (409, 422):
                raise
            error = wrong
    today = time.today()
    level = Level.MICRO_GRID if actor.area_path.count("/") >= COMMUNITY_DEPTH else Level.COMMUNITY
    rows = lists.progress(actor, actor.area_path, level=level)
    context: dict[str, Any] = {
        "tabs": tabs(actor, "campaigns"),
        "rows": rows,
        "done": sum(row.done for row in rows),
        "total": sum(row.total for row in rows),
        "campaigns": [{"one": one, "runs": one.starts_on <= today <= one.ends_on} for one in lists.campaigns(actor)],
        "may_begin": bool(policy.reach(actor, "household.campaign")),
        "today": today.isoformat(),
        "typed": request.POST if error else {},
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error else {},
    }
    return render(request, "desk/dwellings/campaigns.html", context, status=error.status if error else 200)
