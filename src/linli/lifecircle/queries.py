"""Reads of the room: coverage of an area, the gaps in it, places and street networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of, in_subtree
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, policy
from linli.lifecircle.kinds import Kind, kinds
from linli.lifecircle.models import Basis, Coverage, Place, Reach, Reckoning, StreetNetwork
from linli.lifecircle.walking import LIMIT_MINUTES
from linli.territory import queries as territory
from linli.territory import reaching

VERB = "lifecircle.view"
PAGE = 50
MOST_ROWS = 5_000
MOST_POINTS = 2_000
_SUMMED = 2  # slashes in the path of a community, the lowest area whose sums are kept


@dataclass(frozen=True, slots=True)
class Figure:
    """The coverage of an area with places of a kind.

    Attributes:
        covered, whole: weight within fifteen minutes on foot, and all of it.
        grids_covered, grids: micro-grids, each counted once.
        circled: micro-grids that a circle on the map would count as covered.
        places: of the kind in the area itself.
        as_of: when it was reckoned; the oldest of its districts.
    """

    kind: Kind
    covered: int = 0
    whole: int = 0
    grids_covered: int = 0
    grids: int = 0
    circled: int = 0
    places: int = 0
    as_of: datetime | None = None

    @property
    def share(self) -> float | None:
        """0 to 1; ``None`` where it is not known."""
        return self.covered / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Part:
    """An area directly below, with its coverage by one kind."""

    path: str
    name: str
    level: str
    label: tuple[float, float] | None
    figure: Figure


@dataclass(frozen=True, slots=True)
class GridReach:
    """A micro-grid and how far it is; ``minutes`` is ``None`` where there is no way that can be walked."""

    path: str
    name: str
    label: tuple[float, float] | None
    kind: str
    minutes: float | None
    straight: float
    weight: int
    place: Place | None

    @property
    def covered(self) -> bool:
        """Whether it is fifteen minutes at most."""
        return self.minutes is not None and self.minutes <= LIMIT_MINUTES


@dataclass(frozen=True, slots=True)
class Standing:
    """On what the figures of an area rest.

    Attributes:
        districts: of the area, and how many of them have a street network.
        basis: what a micro-grid weighs, of each district once.
        waits: whether a change is not reckoned yet.
        off_streets: micro-grids that lie on no street.
        synthetic: whether a street network is made up.
    """

    districts: int
    known: int
    basis: tuple[Basis, ...]
    waits: bool
    as_of: datetime | None
    off_streets: int
    sources: tuple[str, ...]
    synthetic: bool


def coverage(area_path: str, kind: str) -> tuple[int, int, datetime] | None:
    """What other rooms read: the coverage of an area by one kind of place.

    Args:
        area_path: any area, from the city down to the micro-grid.
        kind: id of a kind of ``data/kinds.csv``.

    Returns:
        The weight of the micro-grids within fifteen minutes on foot (households where the register has them, else the micro-grids
        themselves), the whole weight, and the moment of the reckoning (the oldest of the districts). ``None`` where nothing is known: no
        street network, or no place of the kind. Of a city only the districts count that know something.
    """
    found = _figures(area_path, [kind]).get(kind)
    if found is None or not found.whole or found.as_of is None:
        return None
    return found.covered, found.whole, found.as_of


def reach_of(actor: Actor) -> str:
    """The area that the actor's view begins with; ``""`` for everything.

    Raises:
        Forbidden, SignInNeeded: the post has no view of life circles.
    """
    return reaching.reach_of(actor, VERB)


def path_of(actor: Actor, area_path: str) -> str:
    """The area that was asked for, the actor's own when none was.

    Raises:
        Forbidden, NotFound: it is not for the post, or there is none.
    """
    return reaching.place_of(actor, VERB, area_path, code="lifecircle.no_area")


def overview(actor: Actor, area_path: str = "") -> list[Figure]:
    """Every kind with the coverage of an area, in the order of the kinds; a share of ``None`` where it is not known.

    Raises:
        Forbidden, NotFound: as :func:`path_of`.
    """
    path = path_of(actor, area_path)
    found = _figures(path, list(kinds()))
    counts = dict(open_places(path).order_by().values_list("kind").annotate(count=Count("id")))
    return [_with(found.get(one.id) or Figure(one), counts.get(one.id, 0)) for one in kinds().values()]


def parts(actor: Actor, area_path: str, kind: str) -> list[Part]:
    """The areas directly below an area down to the communities, by path, with their coverage by one kind.

    Raises:
        Forbidden, NotFound: as :func:`path_of`.
    """
    path = path_of(actor, area_path)
    if path.count("/") >= _SUMMED:
        return []
    below = territory.children(path)
    rows = {
        row["area_path"]: row
        for row in _summed(path, [kind]).filter(area_path__in=[one.path for one in below]).values("area_path", *_SUMS)
    }
    return [
        Part(
            one.path, one.name, one.level, _label(one.label_lng, one.label_lat),
            Figure(kinds()[kind], **{name: rows[one.path][name] for name in _SUMS}) if one.path in rows else Figure(kinds()[kind]),
        )
        for one in below
    ]  # fmt: skip


def grids(actor: Actor, area_path: str, kind: str) -> list[GridReach]:
    """Every micro-grid of an area with its minutes, by path, at most :data:`MOST_ROWS`: what a map shows.

    Raises:
        Forbidden, NotFound: as :func:`path_of`.
    """
    path = path_of(actor, area_path)
    rows = Reach.objects.filter(in_subtree("area_path", path), kind=kind).select_related("place")
    return _named(list(rows.order_by("area_path")[:MOST_ROWS]))


def gaps(
    actor: Actor, area_path: str, kind: str = "", *, page: int = 1, size: int = PAGE
) -> tuple[list[GridReach], int]:
    """Which micro-grids are farther than fifteen minutes from which service, the farthest first; and how many there are in all.

    Args:
        kind: only of one; of every kind unless told.

    Raises:
        Forbidden, NotFound: as :func:`path_of`.
    """
    path = path_of(actor, area_path)
    lacking = Q(minutes__isnull=True) | Q(minutes__gt=LIMIT_MINUTES)
    rows = Reach.objects.filter(lacking, in_subtree("area_path", path), kind__in=[kind] if kind else list(kinds()))
    total = rows.count()
    first = max(0, page - 1) * size
    order = (F("minutes").desc(nulls_first=True), "area_path", "kind")
    return _named(list(rows.order_by(*order).select_related("place")[first : first + size])), total


def standing(actor: Actor, area_path: str = "") -> Standing:
    """On what the figures of an area rest.

    Raises:
        Forbidden, NotFound: as :func:`path_of`.
    """
    path = path_of(actor, area_path)
    districts = [district_of(path)] if len(path) >= DISTRICT_LENGTH else [one.path for one in territory.children(path)]
    rows = list(Reckoning.objects.filter(district__in=districts))
    networks = StreetNetwork.objects.filter(
        district__in=districts, id__in=[row.network_id for row in rows if row.network_id]
    )
    known = list(networks.order_by("district").values_list("source", "synthetic"))
    used = [row for row in rows if row.network_id]
    return Standing(
        len(districts), len(used), tuple(sorted({Basis(row.basis) for row in used})), any(row.wanted > row.done for row in rows),
        min((row.reckoned_at for row in used if row.reckoned_at), default=None), sum(row.off_streets for row in used),
        tuple(dict.fromkeys(source for source, _made in known)), any(made for _source, made in known),
    )  # fmt: skip


def networks(actor: Actor) -> QuerySet[StreetNetwork]:
    """The street networks in reach, the newest first, those that were followed among them; without their contents.

    Raises:
        Forbidden: the post has no view of life circles.
    """
    reach = reach_of(actor)
    rows = StreetNetwork.objects.filter(
        in_subtree("area_path", district_of(reach) if len(reach) > DISTRICT_LENGTH else reach)
    )
    return rows.defer("crossings", "ends", "lengths").order_by("district", "set_aside", "-valid_from", "-noted_at")


def open_places(area_path: str, *, day: date | None = None) -> QuerySet[Place]:
    """The places of an area that are open on a day, today unless told, by kind and name."""
    on = day or time.today()
    open_ = Q(active_until__isnull=True) | Q(active_until__gt=on)
    return Place.objects.filter(open_, in_subtree("area_path", area_path), active_from__lte=on).order_by(
        "kind", "name", "id"
    )


def places(
    actor: Actor, area_path: str = "", *, kind: str = "", words: str = "", retired: bool = False
) -> QuerySet[Place]:
    """Places of an area by kind and name: those that are open or will be, or those that are retired.

    Raises:
        Forbidden, NotFound: as :func:`path_of`.
    """
    path = path_of(actor, area_path)
    over = Q(active_until__isnull=False, active_until__lte=time.today())
    rows = Place.objects.filter(over if retired else ~over, in_subtree("area_path", path))
    if kind:
        rows = rows.filter(kind=kind)
    for word in words.split()[:4]:
        rows = rows.filter(Q(name__icontains=word) | Q(position__icontains=word))
    return rows.order_by("kind", "name", "id")


def place_of(actor: Actor, place_id: UUID) -> Place:
    """A place that the actor may see.

    Raises:
        Forbidden, SignInNeeded: the post has no view of life circles.
        NotFound: there is none, or it lies outside the actor's reach.
    """
    reach = reach_of(actor)
    found = Place.objects.filter(in_subtree("area_path", reach), id=place_id).first()
    if found is None:
        raise NotFound("lifecircle.no_place", _("There is no such place in your area."))
    policy.require(actor, VERB, found)
    return found


def checked_kind(kind: str) -> Kind:
    """A kind by its id.

    Raises:
        Invalid: there is none.
    """
    found = kinds().get(kind)
    if found is None:
        raise Invalid("lifecircle.kind", _("There is no such kind of place."), field="kind")
    return found


_SUMS = ("covered", "whole", "grids_covered", "grids", "circled")


def _summed(path: str, of: Sequence[str]) -> QuerySet[Coverage]:
    """The kept sums in the subtree of an area above the micro-grids' own."""
    return Coverage.objects.filter(in_subtree("area_path", path), kind__in=of)


def _figures(path: str, of: Sequence[str]) -> dict[str, Figure]:
    """Kind → figure of an area, of those kinds of which something is known."""
    districts = [district_of(path)] if len(path) >= DISTRICT_LENGTH else None
    rows: Any  # of one shape, whichever table they are from
    if path.count("/") > _SUMMED:
        near = Q(minutes__isnull=False, minutes__lte=LIMIT_MINUTES)
        reaches = Reach.objects.filter(in_subtree("area_path", path), kind__in=of).order_by().values("kind")
        rows = reaches.annotate(
            covered=Sum("weight", filter=near, default=0), whole=Sum("weight"), grids_covered=Count("id", filter=near),
            grids=Count("id"), circled=Count("id", filter=Q(straight__lte=LIMIT_MINUTES)),
        )  # fmt: skip
    else:
        rows = (
            _summed(path, of).filter(area_path=path if districts else F("district")).order_by().values("kind", *_SUMS)
        )
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        held = sums.setdefault(row["kind"], dict.fromkeys(_SUMS, 0))
        for name in _SUMS:
            held[name] += row[name]
    reckoned = Reckoning.objects.filter(network_id__isnull=False)
    reckoned = reckoned.filter(district__in=districts) if districts else reckoned.filter(district__startswith=path)
    as_of = reckoned.aggregate(first=Min("reckoned_at"))["first"]
    return {kind: Figure(kinds()[kind], **held, as_of=as_of) for kind, held in sums.items()}


def _with(figure: Figure, count: int) -> Figure:
    return Figure(
        figure.kind,
        figure.covered,
        figure.whole,
        figure.grids_covered,
        figure.grids,
        figure.circled,
        count,
        figure.as_of,
    )


def _named(rows: Sequence[Reach]) -> list[GridReach]:
    areas = territory.areas_at(row.area_path for row in rows)
    found = []
    for row in rows:
        area = areas.get(row.area_path)
        label = _label(area.label_lng, area.label_lat) if area else None
        name = area.name if area else row.area_path
        found.append(GridReach(row.area_path, name, label, row.kind, row.minutes, row.straight, row.weight, row.place))
    return found


def _label(lng: float | None, lat: float | None) -> tuple[float, float] | None:
    return None if lng is None or lat is None else (lng, lat)
