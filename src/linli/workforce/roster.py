"""Reads of the roster and of coverage: each takes an actor and answers only what that actor may see.

Coverage is summed in one query from the rows of :class:`~linli.workforce.models.Coverage`, three for each community; the
roster itself is read a page at a time. So neither depends on how many grids a city has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import CharField, Exists, Func, Max, Min, OuterRef, Q, QuerySet, Sum, Value

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of, in_subtree
from linli.kernel.trust import Actor, Role
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.territory import queries as territory
from linli.territory import reaching
from linli.territory.models import Area, Level
from linli.workforce import certificates, deputies
from linli.workforce.models import GRIDS, Coverage, Span, SpanKind

PAGE = 50
LEVELS = tuple(GRIDS)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many grids there are, and how many somebody holds."""

    grids: int = 0
    held: int = 0
    full_time: int = 0
    part_time: int = 0

    @property
    def vacant(self) -> int:
        """Grids that nobody holds."""
        return self.grids - self.held

    @property
    def percent(self) -> float | None:
        """The share that somebody holds, in per cent with one decimal, never 100 while one is vacant; ``None`` without grids."""
        if not self.grids:
            return None
        if self.vacant:
            return min(99.9, round(100 * self.held / self.grids, 1))
        return 100.0

    def __add__(self, other: Figure) -> Figure:
        return Figure(
            self.grids + other.grids,
            self.held + other.held,
            self.full_time + other.full_time,
            self.part_time + other.part_time,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """An area directly below the one that was asked for, with its figures by level."""

    path: str
    name: str
    levels: dict[str, Figure]

    @property
    def whole(self) -> Figure:
        """All levels together."""
        return sum(self.levels.values(), Figure())


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of an area: by level, as a whole, and of the areas directly below it."""

    path: str
    name: str
    levels: dict[str, Figure]
    parts: Sequence[Part]
    counted_at: datetime | None

    @property
    def whole(self) -> Figure:
        """All levels together."""
        return sum(self.levels.values(), Figure())


def reach_of(actor: Actor) -> str:
    """The area that the actor's roster begins with; ``""`` for everything.

    Raises:
        Forbidden, SignInNeeded: the post has no roster.
    """
    return reaching.reach_of(actor, "roster.view")


def place_of(actor: Actor, path: str) -> str:
    """The path that the actor asked for, their own area when they named none.

    Raises:
        NotFound: it lies outside their reach, or does not exist.
    """
    return reaching.place_of(actor, "roster.view", path, code="roster.no_area")


def coverage(actor: Actor, path: str = "") -> Covered:
    """The coverage of an area, and of each area directly below it down to the communities.

    Args:
        path: the actor's own area unless told.

    Raises:
        NotFound: it lies outside the actor's reach.
    """
    chosen = place_of(actor, path)
    if chosen.count("/") > 2:
        chosen = "/".join(chosen.split("/")[:3])
    length = _part_length(chosen)
    part = Func(
        "area_path", Value(f"^[^/]+(?:/[^/]+){{{max(length, 1) - 1}}}"), function="substring", output_field=CharField()
    )
    rows = (
        Coverage.objects.filter(in_subtree("area_path", chosen))
        .annotate(part=part)
        .values_list("part", "level")
        .annotate(Sum("grids"), Sum("held"), Sum("full_time"), Sum("part_time"), Min("counted_at"))
        .order_by()
    )
    levels: dict[str, Figure] = {level: Figure() for level in LEVELS}
    parts: dict[str, dict[str, Figure]] = defaultdict(dict)
    counted: datetime | None = None
    for below, level, grids, held, full, half, at in rows:
        found = Figure(grids, held, full, half)
        levels[level] += found
        parts[below][level] = found
        counted = at if counted is None else min(counted, at)
    names = {child.path: child.name for child in territory.children(chosen)} if length else {}
    listed = [Part(one, name, parts.get(one, {})) for one, name in names.items()]
    return Covered(chosen, _name(chosen), levels, listed, counted)


def _part_length(path: str) -> int:
    """How many segments the paths directly below have; 0 below a community, whose parts are grids."""
    if len(path) < DISTRICT_LENGTH:
        return 1
    depth = path.count("/") + 1
    return depth + 1 if depth < 3 else 0


def _name(path: str) -> str:
    rungs = territory.breadcrumb(path)
    return rungs[-1].name if rungs else path


@dataclass(frozen=True, slots=True)
class Held:
    """A post on a grid, as colleagues know its holder."""

    post_id: UUID
    name: str
    title: str
    role: str
    full_time: bool
    since: date
    until: date | None
    phone: str
    away_until: date | None
    is_cover: bool
    lacks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One grid of the roster: who holds it and who stands in, or since when nobody does."""

    path: str
    name: str
    level: str
    place: str
    holders: Sequence[Held]
    deputy: str
    vacant_since: date | None

    @property
    def days_vacant(self) -> int | None:
        """For how many days nobody has held it."""
        return None if self.vacant_since is None else (time.today() - self.vacant_since).days


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the roster; ``next`` is the path after which the next one begins."""

    rows: Sequence[Row]
    next: str


def roster(
    actor: Actor,
    path: str = "",
    *,
    level: str = "",
    words: str = "",
    vacant: bool = False,
    after: str = "",
    size: int = PAGE,
) -> Listed:
    """A page of the grids of an area by path, with whoever holds them; eight queries, however many grids there are.

    Args:
        level: of the grids; empty for all three.
        words: part of a grid's name or of a holder's.
        vacant: only what nobody holds.
        after: the path of the last grid of the page before.
        size: how many, 1 to 2,000.
    """
    chosen = place_of(actor, path)
    wanted = [level] if level in LEVELS else list(LEVELS)
    grids = _narrow(territory.areas().filter(in_subtree("path", chosen), level__in=wanted), words=words, vacant=vacant)
    if after:
        grids = grids.filter(path__gt=after)
    count = max(1, min(size, 2_000))
    found = list(grids.order_by("path")[: count + 1])
    more = found[count - 1].path if len(found) > count else ""
    return Listed(_rows(found[:count]), more)


def _on() -> QuerySet[Post]:
    """The posts in force on the grid of the row around this, in the role that belongs to its level."""
    return Post.objects.filter(
        in_force(),
        Q(role=Role.GRID_MEMBER) & Q(area__level=Level.GENERAL_GRID)
        | Q(role=Role.MICRO_GRID_MEMBER) & Q(area__level__in=[Level.MICRO_GRID, Level.DEDICATED_GRID]),
        district=OuterRef("district"),
        area_path=OuterRef("path"),
        account__is_active=True,
    )


def _narrow(grids: QuerySet[Area], *, words: str, vacant: bool) -> QuerySet[Area]:
    if vacant:
        grids = grids.filter(~Exists(_on()))
    for word in words.split()[:5]:
        grids = grids.filter(Q(name__icontains=word) | Exists(_on().filter(account__work_name__icontains=word)))
    return grids


def _rows(grids: Sequence[Area]) -> list[Row]:
    if not grids:
        return []
    today = time.today()
    paths = {grid.path for grid in grids}
    districts = {grid.district for grid in grids}
    posts: dict[str, list[Post]] = defaultdict(list)
    rows = Post.objects.filter(
        in_force(), district__in=districts, area_path__in=paths, role__in=set(GRIDS.values()), account__is_active=True
    ).select_related("account")
    for post in rows.order_by("starts_on", "id"):
        posts[post.area_path].append(post)
    kept = {grid.path: [post for post in posts[grid.path] if post.role == GRIDS[grid.level]] for grid in grids}
    held = [post for found in kept.values() for post in found]
    away: dict[UUID, date] = {}
    made: set[UUID] = set()
    spans = Span.objects.filter(district__in=districts, starts_on__lte=today, ends_on__gt=today)
    for span in spans.filter(Q(post_id__in=[post.id for post in held]) | Q(by_post_id__in=[post.id for post in held])):
        if span.kind == SpanKind.AWAY:
            away[span.post_id] = span.ends_on
        elif span.made_post and span.by_post_id is not None:
            made.add(span.by_post_id)
    missing = certificates.lacks(post for post in held if post.id not in made)
    standing: dict[UUID, Post] = {}
    for district in districts:
        standing |= deputies.of([post for post in held if post.district == district])
    since = _vacant_since([grid for grid in grids if not kept[grid.path]])
    crumbs = territory.breadcrumbs(paths)
    return [
        Row(
            path=grid.path,
            name=grid.name,
            level=grid.level,
            place="".join(crumb.name for crumb in crumbs[grid.path][2:-1]),
            holders=[_held(post, away, made, missing.get(post.id, ())) for post in kept[grid.path]],
            deputy=_deputy_name([post for post in kept[grid.path] if post.id not in made], standing),
            vacant_since=since.get(grid.path),
        )
        for grid in grids
    ]


def _held(post: Post, away: dict[UUID, date], made: set[UUID], lacks: Sequence[str]) -> Held:
    return Held(
        post.id, post.account.work_name, post.title, post.role, post.full_time, post.starts_on, post.ends_on,
        post.public_phone, away.get(post.id), post.id in made, lacks,
    )  # fmt: skip


def _deputy_name(posts: Iterable[Post], standing: dict[UUID, Post]) -> str:
    return next((standing[post.id].account.work_name for post in posts if post.id in standing), "")


def _vacant_since(grids: Sequence[Area]) -> dict[str, date]:
    """Since when nobody has held each of these grids: the end of the last post on it, else the day the grid began."""
    if not grids:
        return {}
    ended = (
        Post.objects.filter(
            district__in={grid.district for grid in grids},
            area_path__in=[grid.path for grid in grids],
            role__in=set(GRIDS.values()),
            ends_on__lte=time.today(),
        )
        .values("area_path")
        .annotate(last=Max("ends_on"))
        .values_list("area_path", "last")
    )
    last = dict(ended)
    return {grid.path: max(grid.valid_from, last.get(grid.path, grid.valid_from)) for grid in grids}


def colleagues(post: Post) -> list[Post]:
    """Who could cover for a member or take over: those of the same organisation, the nearest grids first."""
    rows = Post.objects.filter(
        in_force(),
        district=post.district,
        organisation_id=post.organisation_id,
        role__in=[Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER, Role.COMMUNITY_WORKER],
        account__is_active=True,
    ).exclude(account_id=post.account_id)
    made = Span.objects.filter(district=post.district, made_post=True).values("by_post_id")
    found: dict[UUID, Post] = {}
    for one in rows.exclude(id__in=made).select_related("account", "area").order_by("area_path", "id"):
        found.setdefault(one.account_id, one)
    parent = post.area_path.rpartition("/")[0]
    return sorted(
        found.values(),
        key=lambda one: (not one.area_path.startswith(parent), one.role != post.role, one.area_path),
    )


def members(actor: Actor, path: str = "", *, words: str = "", most: int = 50) -> list[Post]:
    """Posts of members below an area by name, to begin a hand-over with."""
    chosen = place_of(actor, path)
    rows = Post.objects.filter(
        in_force(),
        in_subtree("area_path", chosen),
        role__in=[Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER, Role.COMMUNITY_WORKER],
    )
    for word in words.split()[:5]:
        rows = rows.filter(account__work_name__icontains=word)
    return list(rows.select_related("account", "area").order_by("area_path", "id")[:most])


def district_of_place(path: str) -> str:
    """The district code of a place, for names of files."""
    return district_of(path)
