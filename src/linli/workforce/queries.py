"""Reads of leaves, hand-overs and duty: each takes an actor and answers only what that actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import district_of, in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.people import handing
from linli.people.handing import Thing
from linli.people.models import Organisation, Post
from linli.people.queries.acting import in_force
from linli.workforce.actions.duty import COMMUNITY_RUNG, community, feed_hash
from linli.workforce.actions.handing import post_of
from linli.workforce.models import DutyFeed, HandOver, Leave, LeaveState, Shift, Span, SpanKind, Swap, SwapState

PAGE = 50
FEED_BACK, FEED_AHEAD = timedelta(days=60), timedelta(days=180)


def _reach(actor: Actor, verb: str) -> Q:
    """What the policy table lets the actor see of rows with an area path and an account."""
    reaches = policy.reach(actor, verb)
    if "city" in reaches:
        return Q()
    found = Q(pk__in=[])
    if "area" in reaches and actor.area_path:
        found |= in_subtree("area_path", actor.area_path)
    return found


# --- leaves -------------------------------------------------------------------------------------------------------------


def leaves(actor: Actor, *, state: str = "", after: str = "", size: int = PAGE) -> tuple[list[Leave], str]:
    """Leaves that the actor may see, the latest first day first, and the cursor of the next page.

    Args:
        state: a :class:`~linli.workforce.models.LeaveState`; ``current`` for those under way or to come; empty for all.
        after: the cursor of the page before.
    """
    policy.require(actor, "leave.view")
    own = Q(account_id=actor.account_id) if actor.account_id else Q(pk__in=[])
    rows = Leave.objects.filter(_reach(actor, "leave.view") | own)
    if state == "current":
        rows = rows.filter(state=LeaveState.APPROVED, ended_at__isnull=True)
    elif state in set(LeaveState):
        rows = rows.filter(state=state)
    if after and "~" in after:
        day, _sep, last = after.partition("~")
        try:
            rows = rows.filter(
                Q(starts_on__lt=date.fromisoformat(day)) | Q(starts_on=date.fromisoformat(day), id__lt=UUID(last))
            )
        except ValueError:
            rows = rows.none()
    found = list(rows.select_related("account", "post__area").order_by("-starts_on", "-id")[: size + 1])
    more = f"{found[size - 1].starts_on}~{found[size - 1].id}" if len(found) > size else ""
    return found[:size], more


def waiting_leaves(actor: Actor) -> int:
    """How many leaves wait for a decision that the actor may take."""
    if actor.account_id is None or not policy.reach(actor, "leave.decide"):
        return 0
    rows = Leave.objects.filter(_reach(actor, "leave.decide"), state=LeaveState.ASKED)
    return rows.exclude(account_id=actor.account_id).count()


def leave(actor: Actor, leave_id: UUID) -> Leave:
    """One leave.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = Leave.objects.filter(id=leave_id).select_related("account", "post__area", "organisation").first()
    if found is None:
        raise NotFound("leave.none", _("There is no such leave, or none that you can see."))
    policy.require(actor, "leave.view", found)
    return found


def my_leaves(actor: Actor, *, most: int = 20) -> list[Leave]:
    """One's own leaves, the latest first."""
    if actor.account_id is None:
        return []
    rows = Leave.objects.filter(account_id=actor.account_id).select_related("account", "post")
    return list(rows.order_by("-starts_on")[:most])


def covers_of(leave: Leave) -> list[Span]:
    """Who covers in a leave, in the order in which they are asked; one row for each person and post."""
    rows = leave.spans.filter(kind=SpanKind.COVER).select_related("account", "post__area", "by_post")
    return list(rows.order_by("place", "post_id"))


def covered_by(leaves: Sequence[Leave]) -> dict[UUID, list[str]]:
    """The names of who covers in each of these leaves; one query."""
    found: dict[UUID, list[str]] = {}
    rows = Span.objects.filter(
        district__in={one.district for one in leaves}, leave_id__in=[one.id for one in leaves], kind=SpanKind.COVER
    ).order_by("place", "id")
    for leave_id, name in rows.values_list("leave_id", "account__work_name"):
        names = found.setdefault(leave_id, [])
        if name not in names:
            names.append(name)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody for whom one stands in today, or will: through which post, until when, and how much is open there."""

    name: str
    post_id: UUID
    area_path: str
    starts_on: date
    last_day: date
    made_post: bool
    open: int


def standing_in(actor: Actor) -> list[Standing]:
    """For whom the actor stands in, now and in the days to come; two queries and one of each room that puts work into hands."""
    if actor.account_id is None:
        return []
    rows = list(
        Span.objects.filter(account_id=actor.account_id, kind=SpanKind.COVER, ends_on__gt=time.today())
        .select_related("post__account")
        .order_by("starts_on", "id")
    )
    made = [span.by_post_id for span in rows if span.made_post and span.by_post_id is not None]
    held: dict[UUID, int] = {}
    for thing in handing.held(made, district=rows[0].district) if made else ():
        held[thing.post_id] = held.get(thing.post_id, 0) + 1
    return [
        Standing(
            span.post.account.work_name, span.by_post_id, span.post.area_path, span.starts_on,
            span.ends_on - timedelta(days=1), span.made_post, held.get(span.by_post_id, 0),
        )
        for span in rows
        if span.by_post_id is not None
    ]  # fmt: skip


# --- hand-overs ---------------------------------------------------------------------------------------------------------


def in_hands(actor: Actor, post_id: UUID) -> tuple[Post, list[Thing]]:
    """A post and everything that is open in its hands: the hand-over list.

    Raises:
        NotFound: there is no such post that the actor may see.
    """
    post = post_of(actor, post_id, verb="handover.view")
    return post, handing.held([post.id], district=post.district)


def handovers(actor: Actor, *, size: int = PAGE) -> list[HandOver]:
    """The hand-overs that the actor may see, the newest first."""
    policy.require(actor, "handover.view")
    mine = Q(from_post__account_id=actor.account_id) | Q(to_post__account_id=actor.account_id)
    rows = HandOver.objects.filter(_reach(actor, "handover.view") | mine)
    if actor.district and "city" not in policy.reach(actor, "handover.view"):
        rows = rows.filter(district=actor.district)
    return list(rows.select_related("from_post__account", "to_post__account").order_by("-at")[:size])


def handover(actor: Actor, handover_id: UUID) -> HandOver:
    """One hand-over.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = (
        HandOver.objects.filter(id=handover_id)
        .select_related("from_post__account", "to_post__account", "from_post__organisation", "from_post__area")
        .first()
    )
    if found is None:
        raise NotFound("handover.none", _("There is no such hand-over."))
    policy.require(actor, "handover.view", found)
    return found


# --- duty ---------------------------------------------------------------------------------------------------------------


def shifts(actor: Actor, *, area_path: str, first: date, last: date) -> list[Shift]:
    """The shifts of a community in a stretch of days, both included.

    Raises:
        Invalid: it is no community.
        NotFound: it lies outside the actor's reach.
    """
    policy.require(actor, "duty.view", community(area_path))
    rows = Shift.objects.filter(district=district_of(area_path), area_path=area_path, day__gte=first, day__lte=last)
    return list(rows.select_related("account").order_by("day", "starts_at"))


def my_shifts(actor: Actor, *, most: int = 40) -> list[Shift]:
    """One's own shifts that are not over, the next first."""
    if actor.account_id is None:
        return []
    rows = Shift.objects.filter(account_id=actor.account_id, ends_at__gt=time.now())
    return list(rows.order_by("starts_at")[:most])


def swaps_for(actor: Actor) -> list[Swap]:
    """The swaps that wait for an answer of the actor's, or that the actor asked for, by day."""
    if actor.account_id is None:
        return []
    rows = Swap.objects.filter(
        Q(to_account_id=actor.account_id) | Q(from_account=actor.account_id), state=SwapState.ASKED, shift__starts_at__gt=time.now()
    )  # fmt: skip
    return list(rows.select_related("shift__account", "to_account").order_by("shift__starts_at"))


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is on duty for a community now: the post, the number to ring, and until when."""

    name: str
    post_id: UUID
    role: str
    title: str
    phone: str
    until: datetime


def on_duty(area_path: str, *, at: datetime | None = None) -> OnDuty | None:
    """Who is on duty for a place; ``None`` in office hours and where nothing is planned. The duty is public: one query.

    Args:
        area_path: a community, or any place in one.
    """
    if area_path.count("/") < COMMUNITY_RUNG:
        return None
    moment = at or time.now()
    path = "/".join(area_path.split("/")[: COMMUNITY_RUNG + 1])
    found = (
        Shift.objects.filter(district=district_of(path), area_path=path, starts_at__lte=moment, ends_at__gt=moment)
        .select_related("account", "post__organisation")
        .order_by("starts_at")
        .first()
    )
    if found is None:
        return None
    phone = found.post.public_phone or found.post.organisation.public_phone
    return OnDuty(found.account.work_name, found.post_id, found.post.role, found.post.title, phone, found.ends_at)


def feed(key: str) -> list[Shift] | None:
    """The shifts of whoever a calendar's secret address belongs to, two months back and half a year ahead; ``None``: nobody's."""
    owner = DutyFeed.objects.filter(key_hash=feed_hash(key), account__is_active=True).first()
    if owner is None:
        return None
    today = time.today()
    rows = Shift.objects.filter(
        account_id=owner.account_id, day__gte=today - FEED_BACK, day__lte=today + FEED_AHEAD
    ).order_by("starts_at")
    return list(rows)


def has_feed(actor: Actor) -> bool:
    """Whether there is an address of the actor's own calendar."""
    return actor.account_id is not None and DutyFeed.objects.filter(account_id=actor.account_id).exists()


def communities_with_duty(path: str) -> QuerySet[Organisation]:
    """The committees of the communities below an area, for choosing a calendar."""
    return Organisation.objects.filter(in_force(), in_subtree("area_path", path), function="community").order_by(
        "area_path"
    )
