"""Who is responsible for a place: organisations from memory, people from one indexed query each."""

from __future__ import annotations

import csv
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import Q, Value
from django.db.models.expressions import Combinable

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of
from linli.kernel.trust import Role
from linli.people.models import Organisation, Post
from linli.people.queries.acting import in_force
from linli.people.snapshot import Snapshot

CITY_LENGTH = 4
MEMBERS_KEPT = 20_000
COMMUNITY_RUNG = 2
"""Slashes in a community's path: what has more lies below it."""


@dataclass(frozen=True, slots=True)
class OrganisationRef:
    """What the rest of the house needs to know of an organisation."""

    id: UUID
    district: str
    area_path: str
    type: str
    function: str
    code: str
    name: str
    name_en: str
    starts_on: date
    ends_on: date | None
    public_phone: str = ""

    def on(self, day: date) -> bool:
        """Whether it is at work on ``day``."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name if language.startswith("zh") or not self.name_en else self.name_en


@dataclass(frozen=True, slots=True)
class Member:
    """A post in force and the person who holds it, as colleagues know them."""

    post_id: UUID
    account_id: UUID
    role: str
    name: str
    title: str
    organisation_id: UUID
    area_path: str
    public_phone: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Whom a resident of a place rings: a member by name where the post publishes its number, else the community."""

    phone: str
    role: str
    name: str
    name_en: str
    area_path: str

    def called(self, language: str) -> str:
        """The name in a language of the interface."""
        return self.name if language.startswith("zh") or not self.name_en else self.name_en


@dataclass(frozen=True, slots=True)
class Function:
    """A department by what it does (``rules/departments.csv``)."""

    code: str
    level: str
    type: str
    name_zh: str
    name_en: str

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en


@lru_cache(maxsize=1)
def functions() -> dict[str, Function]:
    """The functions that the catalogue may name, in the order of the rules' file."""
    text = resources.files("linli.people").joinpath("rules/departments.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["function"]: Function(row["function"], row["level"], row["type"], row["name_zh"], row["name_en"])
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class _Index:
    by_id: dict[UUID, OrganisationRef]
    by_function: dict[tuple[str, str], list[OrganisationRef]]
    by_type: dict[tuple[str, str], list[OrganisationRef]]
    by_path: dict[str, list[OrganisationRef]]


def _build() -> _Index:
    rows = Organisation.objects.order_by("starts_on", "id").values_list(
        "id", "district", "area_path", "type_id", "function", "code", "name", "name_en", "starts_on", "ends_on",
        "public_phone",
    )  # fmt: skip
    index = _Index({}, defaultdict(list), defaultdict(list), defaultdict(list))
    for row in rows.iterator(chunk_size=5000):
        found = OrganisationRef(*row)
        index.by_id[found.id] = found
        index.by_type[found.area_path, found.type].append(found)
        index.by_path[found.area_path].append(found)
        if found.function:
            index.by_function[found.area_path, found.function].append(found)
    return index


_organisations: Snapshot[_Index] = Snapshot("organisations", _build)


def ancestors(path: str) -> list[str]:
    """The path and every path above it, the nearest first, the city's last.

    ``510107/012/003`` → ``["510107/012/003", "510107/012", "510107", "5101"]``.
    """
    found = []
    while path:
        found.append(path)
        if "/" in path:
            path = path.rpartition("/")[0]
        else:
            path = path[:CITY_LENGTH] if len(path) > CITY_LENGTH else ""
    return found


def organisation_for(area_path: str, *, function: str = "", kind: str = "") -> OrganisationRef | None:
    """The organisation that answers for a place: the nearest at or above it with this function, or of this type.

    From memory, no query: the router asks with every report.

    Args:
        area_path: the place.
        function: a department's function of the catalogue; ``community`` and ``subdistrict_office`` are functions too.
        kind: code of an organisation type, when no function is asked for.
    """
    today = time.today()
    index = _organisations.get()
    table, wanted = (index.by_function, function) if function else (index.by_type, kind)
    for path in ancestors(area_path):
        for found in table.get((path, wanted), ()):
            if found.on(today):
                return found
    return None


def department_of(district: str, function: str) -> OrganisationRef | None:
    """The department of a district with a function; the city's where the district has none."""
    return organisation_for(district, function=function)


def organisation(organisation_id: UUID) -> OrganisationRef | None:
    """An organisation by its id, from memory; also one that has ended."""
    return _organisations.get().by_id.get(organisation_id)


def organisations_over(area_path: str) -> list[OrganisationRef]:
    """Every organisation at work on a place or on an area above it, the nearest first; from memory."""
    today, by_path = time.today(), _organisations.get().by_path
    return [found for path in ancestors(area_path) for found in by_path.get(path, ()) if found.on(today)]


def organisations(organisation_ids: Iterable[UUID]) -> dict[UUID, OrganisationRef]:
    """Organisations by their ids, from memory."""
    by_id = _organisations.get().by_id
    return {one: by_id[one] for one in organisation_ids if one in by_id}


class _Members:
    """The last answers of :func:`members_for`, good for one day and one state of the posts."""

    def __init__(self) -> None:
        self.answers: OrderedDict[tuple[str, str, date], list[Member]] = OrderedDict()
        self.lock = Lock()

    def keep(self, key: tuple[str, str, date], members: list[Member]) -> None:
        with self.lock:
            self.answers[key] = members
            while len(self.answers) > MEMBERS_KEPT:
                self.answers.popitem(last=False)


_members: Snapshot[_Members] = Snapshot("posts", _Members)


Away = Callable[[date], Combinable | Q]
_away: Away | None = None


def tell_who_is_away(condition: Away) -> None:
    """Register how a room above tells which posts are not there on a day: a condition on rows of posts.

    Whoever is away is passed over wherever work is given out, unless nobody else is left.
    """
    global _away
    _away = condition


def _is_away(day: date) -> Any:
    return Value(value=False) if _away is None else _away(day)


def members_for(area_path: str, role: Role) -> list[Member]:
    """Who holds ``role`` for a place today: the posts on it, else on the nearest area above it, the longest held first.

    Who is away is left out while somebody stands in. One query for a place that was not asked for lately, else none.
    """
    today = time.today()
    kept = _members.get()
    key = (area_path, role.value, today)
    if (found := kept.answers.get(key)) is not None:
        return found
    paths = ancestors(area_path)
    districts = {district_of(area_path[:DISTRICT_LENGTH]), district_of(area_path[:CITY_LENGTH])}
    rows = (
        Post.objects.filter(
            in_force(), district__in=districts, role=role.value, area_path__in=paths, account__is_active=True
        )
        .order_by("starts_on", "id")
        .annotate(is_away=_is_away(today))
        .values_list(
            "id",
            "account_id",
            "role",
            "account__work_name",
            "title",
            "organisation_id",
            "area_path",
            "public_phone",
            "is_away",
        )
    )
    nearest = max((len(row[6]) for row in rows), default=0)
    near = [row for row in rows if len(row[6]) == nearest]
    members = [Member(*row[:-1]) for row in ([row for row in near if not row[-1]] or near)]
    kept.keep(key, members)
    return members


def holders(post_ids: Iterable[UUID], *, districts: Iterable[str]) -> dict[UUID, Member]:
    """Who holds or held these posts, as colleagues know them; one query."""
    wanted = list(set(post_ids))
    if not wanted:
        return {}
    rows = Post.objects.filter(district__in=set(districts), id__in=wanted).values_list(
        "id", "account_id", "role", "account__work_name", "title", "organisation_id", "area_path"
    )
    return {row[0]: Member(*row) for row in rows}


def present(roles: Iterable[Role], *, district: str) -> list[Member]:
    """Who holds a post of these roles in a district today and is there, the longest held first; one query."""
    rows = (
        Post.objects.filter(
            in_force(), district=district, role__in=[str(one) for one in roles], account__is_active=True
        )
        .order_by("starts_on", "id")
        .annotate(is_away=_is_away(time.today()))
        .filter(is_away=False)
    )
    return [
        Member(*row)
        for row in rows.values_list(
            "id", "account_id", "role", "account__work_name", "title", "organisation_id", "area_path"
        )
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """A post on an area as it was held on a day."""

    name: str
    role: str
    title: str
    since: date
    until: date | None


def held_on(area_path: str, day: date) -> list[Held]:
    """Who held posts on an area on a day, as colleagues know them, the longest held first."""
    rows = Post.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day),
        district=district_of(area_path),
        area_path=area_path,
        starts_on__lte=day,
    ).order_by("starts_on", "id")
    return [Held(*row) for row in rows.values_list("account__work_name", "role", "title", "starts_on", "ends_on")]


WORKING_ROLES = (Role.COMMUNITY_WORKER, Role.SUBDISTRICT_OFFICER, Role.DEPARTMENT_CLERK)
"""Who takes on what is sent to an organisation and not to a post."""


def workers_of(organisation_ids: Iterable[UUID]) -> dict[UUID, list[Member]]:
    """Who takes on what comes to these organisations today, the longest held first; one query."""
    known = organisations(organisation_ids)
    found: dict[UUID, list[Member]] = defaultdict(list)
    if not known:
        return found
    rows = Post.objects.filter(
        in_force(),
        district__in={one.district for one in known.values()},
        organisation_id__in=known,
        role__in=WORKING_ROLES,
        account__is_active=True,
    ).order_by("starts_on", "id")
    away: dict[UUID, list[Member]] = defaultdict(list)
    for row in rows.annotate(is_away=_is_away(time.today())).values_list(
        "id", "account_id", "role", "account__work_name", "title", "organisation_id", "area_path", "is_away"
    ):
        (away if row[-1] else found)[row[5]].append(Member(*row[:-1]))
    for organisation_id, members in away.items():
        if not found[organisation_id]:
            found[organisation_id] = members
    return found


def neighbour(area_path: str) -> Neighbour | None:
    """Whom to ring about a place: its micro-grid member, its grid member, else the community; ``None`` if nobody is published.

    A member is asked for only where the path names a grid; for a community its own number stands.
    """
    if area_path.count("/") > COMMUNITY_RUNG:
        for role in (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER):
            for member in members_for(area_path, role):
                if member.public_phone:
                    return Neighbour(member.public_phone, member.role, member.name, "", member.area_path)
    found = organisation_for(area_path, function="community")
    if found is None or not found.public_phone:
        return None
    return Neighbour(found.public_phone, "", found.name, found.name_en, found.area_path)
