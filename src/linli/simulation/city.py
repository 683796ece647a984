"""A district as the simulation knows it: spots to report from, residents who report, and the people who act, through their posts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, Role
from linli.people.models import Account, Post
from linli.people.queries.acting import actor_of_post, in_force, resident
from linli.people.queries.responsible import ancestors
from linli.people.staffing import synthetic_residents
from linli.simulation.draws import Texts
from linli.territory.models import Area, Building, Level

SPOTS_OF_A_COMMUNITY = 60


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that reports come from."""

    area_path: str
    lng: float
    lat: float
    name: str
    number: str
    address: str


class Staff:
    """Who holds which post in the district, in memory: the simulation asks with every step."""

    def __init__(self, posts: Iterable[Post]) -> None:
        self._of_post: dict[UUID, Actor] = {}
        self._of_organisation: dict[UUID, list[Actor]] = defaultdict(list)
        self._of_role: dict[tuple[str, str], list[Actor]] = defaultdict(list)
        for post in posts:
            actor = actor_of_post(post)
            self._of_post[post.id] = actor
            self._of_organisation[post.organisation_id].append(actor)
            self._of_role[post.role, post.area_path].append(actor)

    def post(self, post_id: UUID) -> Actor | None:
        """Whoever holds a post."""
        return self._of_post.get(post_id)

    def of(self, organisation_id: UUID | None, roles: Sequence[Role], *, besides: UUID | None = None) -> list[Actor]:
        """The people of an organisation in some roles, without one account."""
        found = self._of_organisation.get(organisation_id, []) if organisation_id else []
        return [one for one in found if one.role in roles and one.account_id != besides]

    def near(self, area_path: str, role: Role, *, besides: UUID | None = None) -> list[Actor]:
        """Who has a role for a place: on it, else on the nearest area above it; without one account."""
        for path in ancestors(area_path):
            found = [one for one in self._of_role.get((role, path), ()) if one.account_id != besides]
            if found:
                return found
        return []


def staff_of(district: str) -> Staff:
    """The posts in force in a district today."""
    return Staff(
        Post.objects.filter(in_force(), district=district).select_related("account").order_by("area_path", "id")
    )


class Ground:
    """Where reports come from: spots by community; a community with more buildings brings more."""

    def __init__(self, spots: dict[str, list[Spot]], weights: dict[str, int]) -> None:
        self._spots = spots
        self._communities = sorted(spots)
        self._weights = [weights[path] for path in self._communities]

    @property
    def communities(self) -> Sequence[str]:
        """The paths of the communities that have spots."""
        return self._communities

    def community(self, source: random.Random) -> str:
        """A community by its weight."""
        return source.choices(self._communities, self._weights)[0]

    def spot(self, source: random.Random, community: str) -> Spot:
        """A spot in a community."""
        return source.choice(self._spots[community])


def ground_of(path: str, source: random.Random, words: Texts) -> Ground:
    """The spots below an area: a sample of its buildings, or its micro-grids where no building was drawn."""
    spots: dict[str, list[Spot]] = defaultdict(list)
    weights: dict[str, int] = {}
    rows: list[Spot] = [
        Spot(where, lng, lat, name, words.building(number), address)
        for where, lng, lat, number, name, address in Building.objects.filter(in_subtree("area_path", path))
        .order_by("area_path", "compound__name", "number", "id")
        .values_list("area_path", "lng", "lat", "number", "compound__name", "compound__address")
        .iterator(chunk_size=5_000)
    ]
    if not rows:
        grids = Area.objects.filter(in_subtree("path", path), level=Level.MICRO_GRID, valid_to__isnull=True)
        rows = [
            Spot(where, lng, lat, name, "", "")
            for where, lng, lat, name in grids.order_by("path").values_list("path", "label_lng", "label_lat", "name")
            if lng is not None and lat is not None
        ]
    for spot in rows:
        spots["/".join(spot.area_path.split("/")[:3])].append(spot)
    for community in sorted(spots):
        weights[community] = len(spots[community])
        if len(spots[community]) > SPOTS_OF_A_COMMUNITY:
            spots[community] = source.sample(spots[community], SPOTS_OF_A_COMMUNITY)
    return Ground(spots, weights)


class Residents:
    """People who report: made up, a few dozen more whenever the simulation runs short of them."""

    def __init__(self, ground: Ground, source: random.Random, *, count: int, seed: int) -> None:
        communities = [ground.community(source) for _n in range(count)]
        homes = [ground.spot(source, community) for community in communities]
        accounts = synthetic_residents([home.area_path for home in homes], seed=seed)
        self._people: list[tuple[Actor, str]] = [
            (resident(account), community) for account, community in zip(accounts, communities, strict=True)
        ]

    def somebody(self, source: random.Random) -> tuple[Actor, str]:
        """A resident, and the community of their home."""
        return source.choice(self._people)


def resident_named(login: str) -> Actor:
    """The actor of a resident by the login."""
    return resident(Account.objects.get(login=login))
