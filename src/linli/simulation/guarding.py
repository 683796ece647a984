"""Contacts and plans of the demo's dedicated grids: most have both, some lack one, one plan waits for its review."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from linli.dedicated import actions
from linli.dedicated.models import Plan, Sheet
from linli.kernel import ids, time
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of
from linli.territory.models import Area, Level

LONG_AGO = timedelta(days=400)


def guard(district: str, *, now: datetime, micro_grid: str, worker: str = "xiaoxu") -> str:
    """Name contacts and plan for the dedicated grids of the cast's community; makes nothing twice.

    Args:
        micro_grid: where the cast lives.
        worker: login of the community worker who keeps them.
    """
    if Sheet.objects.filter(district=district).exists():
        return "there"
    account = Account.objects.filter(login=worker).first()
    community = "/".join(micro_grid.split("/")[:3])
    rows = Area.objects.filter(level=Level.DEDICATED_GRID, valid_to__isnull=True, path__startswith=f"{community}/")
    areas = list(rows.order_by("path"))
    if account is None or not areas:
        return "none"
    actor = actor_of_post(posts_of(account.id)[0])
    told: dict[str, Any] = yaml.safe_load(
        resources.files("linli.simulation").joinpath("data/dedicated.yaml").read_text("utf-8")
    )
    with time.at(now):
        for number, area in enumerate(areas):
            if number % 4 == 3:
                continue  # nobody has been there yet
            actions.name_contact(actor, area.id, **told["contacts"][number % len(told["contacts"])])
            if number % 4 == 2:
                continue  # a contact, and no plan
            text = told["plans"][number % len(told["plans"])]
            facts = actions.PlanFacts(
                text["title"], text["text"], time.today(), told=[actor.post_id] if actor.post_id else []
            )
            made = actions.plan(actor, area.id, facts, key=ids.new_id())
            if number % 4 == 1:
                Plan.objects.filter(district=district, id=made.id).update(valid_from=time.today() - LONG_AGO)
    return f"{Sheet.objects.filter(district=district).count()} of {len(areas)} have a contact"
