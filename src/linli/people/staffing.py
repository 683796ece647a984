"""Synthetic staff for a district: organisations, people and posts on every area, for a demo, a simulation or a bench.

Everything made here says so (``is_synthetic``, logins that begin with ``s-``) and nobody of it can sign in: no password, no
number. Running it again fills vacancies and changes nothing else. Written in bulk: 12,000 posts take seconds.
"""

from __future__ import annotations

import csv
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import Any
from uuid import UUID
from zlib import crc32

from django.db import transaction
from django.db.models import Q

from linli.kernel import crypto, ids, time
from linli.kernel.errors import Invalid
from linli.kernel.trust import Role
from linli.people.models import Account, Organisation, OrganisationType, Post
from linli.people.queries.acting import in_force
from linli.people.queries.responsible import CITY_LENGTH, Function, functions
from linli.people.snapshot import Snapshot, changed
from linli.territory.models import Area, Level

BATCH = 2000
UNUSABLE = "!synthetic"
SERVED = timedelta(days=365)
"""How long synthetic people hold their posts already."""
Progress = Callable[[int], None]


@lru_cache(maxsize=1)
def rules() -> dict[str, Any]:
    """``rules/staffing.toml``."""
    return tomllib.loads(resources.files("linli.people").joinpath("rules/staffing.toml").read_text("utf-8"))


@dataclass
class Staffed:
    """What was made: organisations by type, posts by role."""

    organisations: Counter[str] = field(default_factory=Counter)
    posts: Counter[str] = field(default_factory=Counter)


def load_organisation_types() -> int:
    """Load the types of organisation; repeatable. Returns how many there are."""
    text = resources.files("linli.people").joinpath("rules/organisation_types.csv").read_text("utf-8")
    rows = [OrganisationType(**{**row, "position": int(row["position"])}) for row in csv.DictReader(text.splitlines())]
    OrganisationType.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["family", "name_zh", "name_en", "position"],
    )
    return len(rows)


def staff_district(district: str, *, seed: int = 0, progress: Progress | None = None) -> Staffed:
    """Fill a district with organisations and people.

    Args:
        district: six-figure code; its areas must be there.
        seed: the same seed gives the same names.
        progress: called with the number of posts written so far.

    Raises:
        Invalid: the district has no areas.
    """
    plan = _Plan(district, seed)
    with transaction.atomic():
        load_organisation_types()
        plan.organisations()
        plan.posts(progress or (lambda _done: None))
        changed("organisations", district=district)
        changed("posts")
    return plan.done


def staff_city(city: str, *, progress: Progress | None = None) -> Staffed:
    """The city's own body, without people: the administrators are real and are appointed (or are the demo's cast)."""
    plan = _Plan(city.ljust(6, "0"), 0)
    with transaction.atomic():
        load_organisation_types()
        plan.city_body()
        changed("organisations", district=city.ljust(6, "0"))
    return plan.done


def areas_in_force(district: str) -> list[Area]:
    """The areas of a district today, by path."""
    today = time.today()
    held = Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gt=today))
    return list(Area.objects.filter(held, district=district).exclude(level=Level.UNPLACED).order_by("path"))


def people_names(source: random.Random) -> Iterator[str]:
    """Made-up names without end."""
    words = rules()["people"]
    while True:
        given = "".join(source.choice(words["given"]) for _ in range(source.choice((1, 2, 2))))
        yield source.choice(words["surnames"]) + given


class _Plan:
    """One district's filling, step by step."""

    def __init__(self, district: str, seed: int) -> None:
        self.district = district
        self.source = random.Random(f"{district}:{seed}")  # noqa: S311 - names, not secrets
        self.areas = areas_in_force(district)
        if not self.areas:
            raise Invalid("staff.no_areas", f"{district}: no areas", field="district")
        self.since: date = time.today() - SERVED
        self.by_code = {o.code: o for o in Organisation.objects.filter(in_force(), district=district)}
        self.fresh: list[Organisation] = []
        self.done = Staffed()

    # --- organisations -------------------------------------------------------------------------------------------------

    def put(
        self, area: Area, code: str, kind: str, name: str, name_en: str, *, function: str = "", under: str = ""
    ) -> Organisation:
        """An organisation on an area, unless it is there."""
        full = f"{area.path}:{code}"
        if full not in self.by_code:
            made = Organisation(
                id=ids.new_id(),
                district=self.district,
                type_id=kind,
                code=full,
                name=name[:120],
                name_en=name_en[:160],
                function=function,
                area=area,
                area_path=area.path,
                parent=self.by_code.get(under),
                starts_on=self.since,
                is_synthetic=True,
                public_phone=public_number(full) if function == "community" else "",
            )
            self.by_code[full] = made
            self.fresh.append(made)
            self.done.organisations[kind] += 1
        return self.by_code[full]

    def organisations(self) -> None:
        """Departments, offices, committees, property companies; parents before children."""
        root = next(area for area in self.areas if area.level == Level.DISTRICT)
        for function in functions().values():
            if function.level == "district":
                self.department(root, function)
        named = rules()["organisations"]
        for level in (Level.SUBDISTRICT, Level.COMMUNITY):
            for area in self.areas:
                if area.level == level:
                    for entry in named[level.value]:
                        self.local(area, entry)
        self.property_companies()
        Organisation.objects.bulk_create(self.fresh, batch_size=BATCH)
        self.fresh = []

    def department(self, root: Area, function: Function) -> None:
        """A department of the district."""
        name_en = f"{function.name_en}, {root.name}"
        self.put(root, function.code, function.type, f"{root.name}{function.name_zh}", name_en, function=function.code)

    def local(self, area: Area, entry: dict[str, str]) -> None:
        """An office or a committee, named as towns and villages name theirs."""
        endings = rules()["areas"]
        form = ""
        if "town_name" in entry and area.name.endswith(tuple(endings["town_endings"])):
            form = "town_"
        if "village_name" in entry and area.name.endswith(tuple(endings["village_endings"])):
            form = "village_"
        above = area.path.rpartition("/")[0]
        self.put(
            area,
            entry["code"],
            entry.get(f"{form}kind", entry["kind"]),
            entry[f"{form}name"].format(area=area.name),
            entry["name_en"].format(area=area.name),
            function=entry.get("function", ""),
            under=f"{above}:office" if area.level == Level.COMMUNITY else "",
        )

    def property_companies(self) -> None:
        """A sample of property companies, one for a general grid."""
        words = rules()["property"]
        for area in self.areas:
            if area.level == Level.GENERAL_GRID and self.source.random() < words["share"]:
                brand = self.source.choice(words["first"]) + self.source.choice(words["second"])
                self.put(
                    area,
                    "property",
                    "property_company",
                    words["name"].format(brand=brand, area=area.name),
                    words["name_en"].format(area=area.name),
                )

    def city_body(self) -> None:
        """The city's operation centre."""
        root = next(area for area in self.areas if area.level == Level.CITY)
        entry = rules()["city"]
        self.put(root, entry["code"], entry["kind"], entry["name"].format(area=root.name), entry["name_en"])
        Organisation.objects.bulk_create(self.fresh)
        self.fresh = []

    # --- posts ---------------------------------------------------------------------------------------------------------

    def wanted(self) -> Iterator[tuple[Area, Organisation, dict[str, Any]]]:
        """Every post that there should be, area by area."""
        named = rules()["posts"]
        for area in self.areas:
            for entry in named.get(area.level, ()):
                home = "/".join(area.path.split("/")[:3])
                yield area, self.by_code[f"{home}:{entry['of']}"], entry
            # Whoever is sent work has somebody to take it: a property company answers through a clerk of its own.
            if company := self.by_code.get(f"{area.path}:property"):
                for entry in named["property_company"]:
                    yield area, company, entry
        root = next(area for area in self.areas if area.level == Level.DISTRICT)
        for function in functions().values():
            if function.level != "district":
                continue
            organisation = self.by_code[f"{root.path}:{function.code}"]
            key = "operation_centre" if function.type == "operation_centre" else "department"
            for entry in named[key]:
                yield root, organisation, entry

    def posts(self, progress: Progress) -> None:
        """Fill what is vacant, in batches of an account and a post each."""
        held = Counter(
            Post.objects.filter(in_force(), district=self.district).values_list("area_path", "role", "organisation_id")
        )
        names = people_names(self.source)
        vacancies = (
            (area, organisation, entry)
            for area, organisation, entry in self.wanted()
            for _ in range(entry["count"] - held[area.path, entry["role"], organisation.id])
        )
        written = 0
        while batch := list(islice(vacancies, BATCH)):
            self.write(batch, names)
            written += len(batch)
            progress(written)

    def write(self, batch: list[tuple[Area, Organisation, dict[str, Any]]], names: Iterator[str]) -> None:
        """One batch of people with their posts."""
        accounts, posts = [], []
        for area, organisation, entry in batch:
            account = synthetic_account(next(names))
            accounts.append(account)
            posts.append(
                Post(
                    id=ids.new_id(),
                    district=self.district,
                    account=account,
                    role=Role(entry["role"]).value,
                    organisation=organisation,
                    area=area,
                    area_path=area.path,
                    title=entry["title"],
                    full_time=entry["full_time"],
                    starts_on=self.since,
                    is_synthetic=True,
                    public_phone=public_number(area.path) if entry["role"] == Role.MICRO_GRID_MEMBER else "",
                )
            )
            self.done.posts[entry["role"]] += 1
        Account.objects.bulk_create(accounts)
        Post.objects.bulk_create(posts)


def public_number(name: str) -> str:
    """The number that a made-up post or committee publishes: always the same for the same name, and nobody's."""
    return CAST_PHONE.format(crc32(name.encode()) % 10_000)


def synthetic_account(name: str, *, home_path: str = "") -> Account:
    """An account that is not yet written, of a made-up person who cannot sign in."""
    new = ids.new_id()
    return Account(
        id=new,
        login=f"s-{new.hex}",
        password=UNUSABLE,
        work_name=name,
        name_enc=crypto.seal("people_account.name", new, name),
        home_path=home_path,
        date_joined=time.now(),
    )


def synthetic_residents(paths: Iterable[str], *, seed: int = 0) -> list[Account]:
    """Write made-up residents, one for each micro-grid path given; for simulations."""
    names = people_names(random.Random(f"residents:{seed}"))  # noqa: S311 - names, not secrets
    made = []
    for path in paths:
        account = synthetic_account(next(names), home_path=path)
        account.work_name = ""
        made.append(account)
    Account.objects.bulk_create(made, batch_size=BATCH)
    return made


# --- the demo's cast ---------------------------------------------------------------------------------------------------

CAST_PHONE = "1990000{:04d}"
"""Numbers of a range that no operator gives out to people."""


@dataclass(frozen=True, slots=True)
class CastMember:
    """One of the demo's people: how to become them, and what they are there to show."""

    login: str
    role: Role
    name: str
    title: str
    account: Account


def make_cast(district: str, *, micro_grid: str = "") -> list[CastMember]:
    """The demo's people, in a district that has been staffed; repeatable.

    Args:
        micro_grid: the path where they live and work; the first micro-grid of the district unless told.

    Raises:
        Invalid: the district has no micro-grid.
    """
    city = district[:CITY_LENGTH]
    staff_city(city)
    paths = {area.path: area for area in areas_in_force(district)}
    city_area = next(area for area in areas_in_force(city.ljust(6, "0")) if area.level == Level.CITY)
    if not micro_grid:
        micro_grid = next((path for path, area in paths.items() if area.level == Level.MICRO_GRID), "")
    if micro_grid not in paths:
        raise Invalid("cast.no_micro_grid", f"{district}: no micro-grid", field="micro_grid")
    segments = micro_grid.split("/")
    places = {
        "micro_grid": paths[micro_grid],
        "community": paths["/".join(segments[:3])],
        "subdistrict": paths["/".join(segments[:2])],
        "district": paths[district],
        "city": city_area,
    }
    bodies = {"committee": "community", "office": "subdistrict"}
    text = resources.files("linli.people").joinpath("rules/cast.csv").read_text("utf-8")
    cast = []
    with transaction.atomic():
        for number, row in enumerate(csv.DictReader(text.splitlines()), start=1):
            account = _cast_account(row, number, home_path=micro_grid if row["place"] == "micro_grid" else "")
            role = Role(row["role"])
            if role != Role.RESIDENT:
                area = places[row["place"]]
                home = "city" if row["organisation"] == "city" else bodies.get(row["organisation"], "district")
                code = rules()["city"]["code"] if home == "city" else row["organisation"]
                organisation = Organisation.objects.get(
                    district=area.district, code=f"{places[home].path}:{code}", ends_on__isnull=True
                )
                _cast_post(account, role, area, organisation, row["title"])
            cast.append(CastMember(row["login"], role, row["work_name"] or row["name"], row["title"], account))
        changed("posts")
    return cast


def _cast_account(row: dict[str, str], number: int, *, home_path: str) -> Account:
    account = Account.objects.filter(login=row["login"]).first()
    if account is None:
        new = ids.new_id()
        phone = CAST_PHONE.format(number)
        account = Account.objects.create(
            id=new,
            login=row["login"],
            password=UNUSABLE,
            work_name=row["work_name"],
            name_enc=crypto.seal("people_account.name", new, row["name"]),
            phone_enc=crypto.seal("people_account.phone", new, phone),
            phone_hash=crypto.lookup_hash(crypto.Lookup.PHONE, phone),
            home_path=home_path,
            is_demo=True,
            date_joined=time.now(),
        )
    return account


def _cast_post(account: Account, role: Role, area: Area, organisation: Organisation, title: str) -> None:
    """Give the post, in the place of the synthetic person who holds it where there is one for each area."""
    post = {"district": area.district, "role": role.value, "area_path": area.path}
    if Post.objects.filter(in_force(), account=account, **post).exists():
        return
    if role in (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER):
        Post.objects.filter(in_force(), is_synthetic=True, **post).update(
            ends_on=time.today(), end_reason="demo", version=2
        )
    Post.objects.create(
        id=ids.new_id(),
        account=account,
        organisation=organisation,
        area=area,
        title=title,
        full_time=role != Role.MICRO_GRID_MEMBER,
        public_phone=public_number(area.path) if role == Role.MICRO_GRID_MEMBER else "",
        starts_on=time.today() - SERVED,
        **post,
    )


@dataclass(frozen=True, slots=True)
class CastEntry:
    """One of the demo's people, as the list on every page of a demo shows them."""

    login: str
    role: Role
    name: str
    title: str
    account_id: UUID
    name_en: str

    def called(self, language: str) -> str:
        """The name in a language of the interface."""
        return self.name if language.startswith("zh") else self.name_en


def _read_cast() -> list[CastEntry]:
    text = resources.files("linli.people").joinpath("rules/cast.csv").read_text("utf-8")
    held = dict(Account.objects.filter(is_demo=True, is_active=True).values_list("login", "id"))
    return [
        CastEntry(
            row["login"],
            Role(row["role"]),
            row["work_name"] or row["name"],
            row["title"],
            held[row["login"]],
            row["name_en"],
        )
        for row in csv.DictReader(text.splitlines())
        if row["login"] in held
    ]


_cast: Snapshot[list[CastEntry]] = Snapshot("posts", _read_cast)


def cast_list() -> list[CastEntry]:
    """The demo's cast in the order of the rules' file, from memory; empty where there is none."""
    return _cast.get()


def vacancies(district: str) -> dict[str, int]:
    """How many areas of each level have nobody in the role that belongs to them."""
    counted: dict[str, int] = defaultdict(int)
    held = set(Post.objects.filter(in_force(), district=district).values_list("area_path", "role"))
    for area in areas_in_force(district):
        for entry in rules()["posts"].get(area.level, ()):
            if (area.path, entry["role"]) not in held:
                counted[area.level] += 1
    return dict(counted)
