"""The panel of special operations: what runs in the area and how far it is, for whoever may see them; one query."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from linli.cockpit.asked import COMMUNITY, Asked, level_of
from linli.kernel.trust import Actor, policy
from linli.operations import queries

MOST = 8


def panel(actor: Actor, asked: Asked) -> dict[str, Any]:
    """The operations that run, the soonest due first. They are counted down to the community."""
    path = asked.area.path
    if level_of(asked.area) > COMMUNITY or not policy.allows(actor, queries.VIEW, policy.Spot(path)):
        return {}
    found = queries.under_way(actor, path, limit=MOST)
    return {
        "shows_operations": True,
        "operations": [
            {
                "title": one.title, "due_at": one.due_at, "tasks": so_far.tasks, "answered": so_far.answered,
                "late": so_far.late, "percent": round(100 * so_far.share),
                "rate": None if so_far.day_rate is None else round(100 * so_far.day_rate),
                "href": f"{reverse('desk:operation', args=[one.number])}?{urlencode({'area': path})}",
            }
            for one, so_far in found
        ],
        "operations_href": f"{reverse('desk:operations')}?{urlencode({'view': 'running'})}",
    }  # fmt: skip
