"""Who stands in for a post by rule: whoever covers for it, who else holds the place, the general grid's member, the community's worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from linli.kernel import time
from linli.kernel.trust import Role
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.workforce.models import Span, SpanKind

NEAR_ROLES = (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER, Role.COMMUNITY_WORKER, Role.SUBDISTRICT_OFFICER)
"""From the nearest to the farthest who stands in."""


def above(path: str) -> list[str]:
    """The path and those above it down from the district, the nearest first."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


def of(posts: Iterable[Post], *, day: date | None = None) -> dict[UUID, Post]:
    """The deputy of each post, by the post's id; posts nobody could stand in for are left out. Two queries for all of them.

    Args:
        posts: of one district; in force or ended.
    """
    asked = list(posts)
    if not asked:
        return {}
    today = day or time.today()
    district = asked[0].district
    covers: dict[UUID, Post] = {}
    for span in (
        Span.objects.filter(
            district=district, kind=SpanKind.COVER, post_id__in=[post.id for post in asked], starts_on__lte=today,
            ends_on__gt=today,
        )
        .select_related("by_post__account")
        .order_by("place", "id")
    ):  # fmt: skip
        if span.by_post is not None:
            covers.setdefault(span.post_id, span.by_post)
    paths = {path for post in asked for path in above(post.area_path)}
    near: dict[str, list[Post]] = defaultdict(list)
    rows = Post.objects.filter(
        in_force(), district=district, area_path__in=paths, role__in=NEAR_ROLES, account__is_active=True
    ).select_related("account")
    for row in rows.order_by("starts_on", "id"):
        near[row.area_path].append(row)
    found = {}
    for post in asked:
        deputy = covers.get(post.id) or _nearest(post, near)
        if deputy is not None:
            found[post.id] = deputy
    return found


def _nearest(post: Post, near: dict[str, list[Post]]) -> Post | None:
    for path in above(post.area_path):
        others = [one for one in near.get(path, ()) if one.account_id != post.account_id]
        if others:
            return min(others, key=lambda one: NEAR_ROLES.index(Role(one.role)))
    return None
