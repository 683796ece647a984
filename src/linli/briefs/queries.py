"""Reads of the room; each returns only what its actor may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from linli.briefs.models import Brief, BriefKind, Subscription
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy

PAGE = 50
VIEW = "brief.view"


def visible(actor: Actor, verb: str = VIEW) -> Q:
    """Which briefs an actor may see (or ``verb``): those of its area and of what lies below."""
    reaches = policy.reach(actor, verb)
    if "city" in reaches:
        return Q()
    if "area" not in reaches or not actor.area_path:
        return Q(pk__in=[])
    return in_subtree("area_path", actor.area_path)


def missing() -> NotFound:
    """The error for a brief that is not there, or not for this actor."""
    return NotFound("brief.none", _("There is no such brief that you can see."))


def brief(actor: Actor, brief_id: UUID) -> Brief:
    """A kept brief.

    Raises:
        NotFound: there is none, or none that the actor sees.
    """
    found = Brief.objects.filter(visible(actor), id=brief_id).first()
    if found is None:
        raise missing()
    return found


def briefs(actor: Actor, *, area_path: str = "", kind: str = "", before: datetime | None = None) -> list[Brief]:
    """The briefs that an actor sees, the newest first, :data:`PAGE` at a time.

    Args:
        area_path: of this area and of what lies below.
        before: only those made before; the moment of the last of the page before.
    """
    policy.require(actor, VIEW)
    rows = Brief.objects.filter(visible(actor)).defer("data")
    if area_path:
        rows = rows.filter(in_subtree("area_path", area_path))
    if kind:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(made_at__lt=before)
    return list(rows.order_by("-made_at", "-id")[:PAGE])


def editions(found: Brief) -> list[Brief]:
    """Every edition of a brief, the latest first."""
    rows = Brief.objects.filter(district=found.district, area_path=found.area_path, kind=found.kind, first=found.first)
    return list(rows.defer("data").order_by("-version"))


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a post subscribes to of an area."""

    kind: BriefKind
    on: bool


def subscribed(actor: Actor, area_path: str) -> list[Subscribed]:
    """To which kinds of briefs of an area the actor's post subscribes."""
    mine: Collection[str] = set()
    if actor.post_id is not None:
        rows = Subscription.objects.filter(
            in_subtree("area_path", area_path), area_path=area_path, post_id=actor.post_id
        )
        mine = set(rows.values_list("kind", flat=True))
    return [Subscribed(kind, kind in mine) for kind in BriefKind]
