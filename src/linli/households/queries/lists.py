"""What is to be verified, in walking order, and how far a community is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from linli.households.actions.visiting import campaign_of
from linli.households.models import Campaign, DwellingStatus, Outcome, Proposal, ProposalState, Residency, Visit
from linli.households.place import dwellings, in_reach, walking_order
from linli.households.queries.people import find_dwellings
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, context, policy
from linli.territory.models import Dwelling, Level
from linli.territory.queries import below

STALE = timedelta(days=180)
"""Without a campaign a dwelling is to be verified again after half a year."""
MOST = 300
"""Dwellings of one list: a micro-grid has thirty to a hundred households."""


@dataclass(frozen=True, slots=True)
class Door:
    """One dwelling of a verification list; ``residents`` counts people, it names none."""

    dwelling: Dwelling
    status: str
    residents: int
    last: Visit | None
    done: bool
    next_try_on: date | None
    pending: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A verification list: the campaign that runs, doors in walking order, how many of them are done."""

    campaign: Campaign | None
    doors: list[Door]
    done: int
    total: int


def since_of(campaign: Campaign | None) -> datetime:
    """From when on a visit counts."""
    if campaign is None:
        return time.now() - STALE
    day = campaign.starts_on
    return datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE)


def walk(actor: Actor) -> Walk:
    """The verification list of a post: its dwellings, at most three hundred, with what is done since the campaign began.

    Raises:
        Forbidden: the post verifies nothing.
    """
    path = actor.area_path or actor.district
    rows = walking_order(in_reach(actor, "household.verify")[:MOST])
    campaign = campaign_of(path)
    since = since_of(campaign)
    keys = [row.id for row in rows]
    statuses = dict(
        DwellingStatus.objects.filter(district=actor.district, dwelling_id__in=keys, valid_to__isnull=True).values_list(
            "dwelling_id", "status"
        )
    )
    last = {
        visit.dwelling_id: visit
        for visit in Visit.objects.filter(
            district=actor.district, dwelling_id__in=keys, at__gte=since, undone_at__isnull=True
        ).order_by("at")
    }
    with context.personal(actor, purpose="count residents"):
        people = dict(
            Residency.objects.filter(district=actor.district, dwelling_id__in=keys, valid_to__isnull=True)
            .values_list("dwelling_id")
            .annotate(n=Count("person_id", distinct=True))
        )
        pending = dict(
            Proposal.objects.filter(district=actor.district, dwelling_id__in=keys, state=ProposalState.PENDING)
            .values_list("dwelling_id")
            .annotate(n=Count("id"))
        )
    doors = []
    for row in rows:
        visit = last.get(row.id)
        done = visit is not None and visit.outcome != Outcome.NOT_MET
        doors.append(
            Door(
                row,
                statuses.get(row.id, ""),
                people.get(row.id, 0),
                visit,
                done,
                visit.next_try_on if visit else None,
                pending.get(row.id, 0),
            )
        )
    return Walk(campaign, doors, sum(door.done for door in doors), len(doors))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an area is with its verification."""

    path: str
    name: str
    done: int
    not_met: int
    total: int


def progress(actor: Actor, path: str, *, level: str = Level.MICRO_GRID) -> list[Progress]:
    """How far each grid of an area is, in figures; the sum is the community's.

    Raises:
        Forbidden, NotFound: the post may not see that area.
    """
    policy.require(actor, "household.progress", policy.Spot(path))
    since = since_of(campaign_of(path))
    depth = {Level.MICRO_GRID: 0, Level.COMMUNITY: 3}[Level(level)]

    def by_area(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for grid, count in rows:
            name = "/".join(grid.split("/")[:depth]) if depth else grid
            found[name] = found.get(name, 0) + count
        return found

    totals = by_area(
        Dwelling.objects.filter(in_subtree("area_path", path)).values_list("area_path").annotate(n=Count("id"))
    )
    visits = Visit.objects.filter(in_subtree("area_path", path), at__gte=since, undone_at__isnull=True)
    distinct = Count("dwelling_id", distinct=True)
    done = visits.exclude(outcome=Outcome.NOT_MET)
    met = by_area(done.values_list("area_path").annotate(n=distinct))
    missed = by_area(
        visits.filter(outcome=Outcome.NOT_MET)
        .exclude(dwelling_id__in=done.values("dwelling_id"))
        .values_list("area_path")
        .annotate(n=distinct)
    )
    return [
        Progress(area.path, area.name, met.get(area.path, 0), missed.get(area.path, 0), totals[area.path])
        for area in below(path, level=level)
        if totals.get(area.path)
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """Dwellings with how each is used, and the mark of the next page."""

    rows: list[tuple[Dwelling, str]]
    next: str


def dwellings_of(actor: Actor, path: str = "", *, words: str = "", after: str = "", size: int = 50) -> Page:
    """The dwellings of an area in the order in which they were registered, or those whose address fits the words, in one page.

    Args:
        path: a part of the post's area; empty for all of it.
        after: the mark of the page before.

    Raises:
        NotFound, Forbidden: the post may not see that area.
    """
    policy.require(actor, "household.view")
    path = path or actor.area_path or actor.district
    policy.require(actor, "household.view", policy.Spot(path))
    following = ""
    if words.strip():
        found = find_dwellings(actor, words, path=path, limit=size)
    else:
        rows = dwellings().filter(in_subtree("area_path", path))
        if mark := _mark(after):
            rows = rows.filter(id__gt=mark)
        found = list(rows.order_by("id")[: size + 1])
        following = str(found[size - 1].id) if len(found) > size else ""
    shown = found[:size]
    uses = dict(
        DwellingStatus.objects.filter(
            district=actor.district, dwelling_id__in=[one.id for one in shown], valid_to__isnull=True
        ).values_list("dwelling_id", "status")
    )
    return Page([(one, uses.get(one.id, "")) for one in shown], following)


def _mark(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def campaigns(actor: Actor) -> list[Campaign]:
    """The campaigns in a post's area or above it, the latest first."""
    policy.require(actor, "household.progress")
    path = actor.area_path or actor.district
    above = ["/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1)]
    rows = Campaign.objects.filter(district=actor.district).filter(
        in_subtree("area_path", path) | Q(area_path__in=above)
    )
    return list(rows.order_by("-starts_on")[:50])


def pending_count(actor: Actor) -> int:
    """How many proposals wait for a decision of this post."""
    if not policy.reach(actor, "household.decide"):
        return 0
    with context.personal(actor, purpose="count what waits"):
        return Proposal.objects.filter(in_subtree("area_path", actor.area_path), state=ProposalState.PENDING).count()
