"""Who holds the targets: the posts of the field on a grid or on the general grid around it, else its community."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from linli.kernel.db import in_subtree
from linli.kernel.trust import Role
from linli.operations.models import Operation, Task, TaskState
from linli.people import queries as people

MEMBERS = (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER)
"""Who has tasks in the hand (:mod:`linli.field`); what none of them holds, the community answers for at the desk."""
FIELD_ROLES = (*MEMBERS, Role.COMMUNITY_WORKER)

HELD = """
    SELECT DISTINCT area_path FROM people_post
     WHERE role = ANY(%(members)s) AND starts_on <= %(today)s AND (ends_on IS NULL OR ends_on > %(today)s)
"""
"""The areas that members hold today; a target is held by one on it or on the area right above it."""


def nearest(area_path: str, posts: Mapping[str, Sequence[UUID]]) -> Sequence[UUID]:
    """The posts on a place, else on the nearest area above it that has any.

    Args:
        posts: by the area that they hold.
    """
    return next((posts[path] for path in people.ancestors(area_path) if path in posts), ())


def posts_of(
    found: Operation, district: str, *, area_path: str, state: TaskState, reminded_on: date | None = None
) -> list[UUID]:
    """Whose the tasks of an operation in a district are, each post once: two queries, however many tasks there are.

    Args:
        area_path: only the tasks in this subtree.
        state: only the tasks in this state.
        reminded_on: only those that were reminded of that day.
    """
    rows = Task.objects.filter(
        in_subtree("area_path", area_path), district=district, operation_id=found.id, state=state
    )
    if reminded_on is not None:
        rows = rows.filter(reminded_on=reminded_on)
    by_area: dict[str, list[UUID]] = defaultdict(list)
    for one in people.present(FIELD_ROLES, district=district):
        by_area[one.area_path].append(one.post_id)
    paths = rows.order_by("area_path").values_list("area_path", flat=True)
    return list(dict.fromkeys(post for path in paths.iterator(chunk_size=5_000) for post in nearest(path, by_area)))
