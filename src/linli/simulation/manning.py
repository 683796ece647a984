"""A little of the workforce for the demo: coverage counted, a vacancy or two, leaves with cover, a month of duty around the cast."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.errors import LinliError
from linli.kernel.trust import SYSTEM, Role
from linli.people import actions as people
from linli.people.models import Account, Post
from linli.people.queries.acting import actor_of_post, in_force
from linli.workforce import counting
from linli.workforce.actions import duty, leaving
from linli.workforce.models import Leave, Reason, Shift

ON_LEAVE, ASKING, VACANT = 2, 2, 2


def man(district: str, *, now: datetime, micro_grid: str, decider: str = "xiaoxu") -> str:
    """Make what is not there yet; repeatable.

    Args:
        micro_grid: where the cast works; they themselves stay at work.
        decider: login of the community worker who agrees to leaves.
    """
    with time.at(now):
        if not Leave.objects.filter(district=district).exists():
            _people(district, "/".join(micro_grid.split("/")[:3]), decider)
        rows = counting.count(district)
    leaves, shifts = (model.objects.filter(district=district).count() for model in (Leave, Shift))
    return f"{leaves} leaves, {shifts} shifts, {rows} rows of coverage"


def _people(district: str, community: str, decider: str) -> None:
    held = (
        Post.objects.filter(
            in_force(), in_subtree("area_path", community), is_synthetic=True, role=Role.MICRO_GRID_MEMBER
        )
        .select_related("account")
        .order_by("area_path", "id")
    )
    members = list(held[: ON_LEAVE * 2 + ASKING])
    worker = Post.objects.filter(in_force(), district=district, account=Account.objects.get(login=decider)).first()
    today = time.today()
    for number, post in enumerate(members[: ON_LEAVE + ASKING]):
        first = today + timedelta(days=number * 2)
        leave = leaving.ask(
            actor_of_post(post), first_day=first, last_day=first + timedelta(days=4), reason=list(Reason)[number % 3]
        )
        cover = members[-1 - number % ON_LEAVE]
        if number < ON_LEAVE and worker is not None and cover.account_id != post.account_id:
            leaving.approve(
                actor_of_post(worker), leave.id, district=district, version=leave.version, covers=[cover.id]
            )
    # The last grids of the district stand vacant, so that the roster has something to say.
    for post in Post.objects.filter(
        in_force(), district=district, is_synthetic=True, role=Role.MICRO_GRID_MEMBER
    ).order_by("-area_path")[:VACANT]:
        people.end_post(SYSTEM, post.id, district=district, version=post.version, reason="moved away")
    for month in (today, today.replace(day=1) + timedelta(days=32)):
        try:
            duty.plan(SYSTEM, area_path=community, month=month)
        except LinliError:
            return  # nobody takes part here
