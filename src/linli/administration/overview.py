"""The first page: what waits for this post."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from linli.administration.frame import actor_of, administration, may, page
from linli.catalog import queries as catalogue
from linli.kernel import events, workdays
from linli.kernel.trust import Role, policy
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.people.words import role_word


@require_GET
@administration("catalogue.edit", "post.view", "account.view", "audit.read")
def overview(request: HttpRequest) -> HttpResponse:
    """Changes that wait, years without an official calendar, posts by role."""
    actor = actor_of(request)
    context: dict[str, Any] = {}
    if may(actor, "catalogue.edit"):
        context["changes"] = catalogue.open_changes()
        context["categories"] = len(catalogue.current())
    if may(actor, "calendar.load"):
        context["provisional"] = workdays.provisional_years()
    if may(actor, "system.view"):
        context["parked"] = events.parked_count()
    if "city" in policy.reach(actor, "post.view"):
        counts = dict(
            Post.objects.filter(in_force()).values_list("role").annotate(n=Count("id")).values_list("role", "n")
        )
        context["roles"] = [
            {"role": role_word(role), "count": counts[role], "href": f"/admin/posts?role={role}"}
            for role in Role
            if role in counts
        ]
    return page(request, "overview", "overview", **context)
