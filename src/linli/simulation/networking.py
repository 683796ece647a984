"""Networks of organisations in the demo: five levels of the Party, committees, companies and teams, some places lacking one."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction

from linli.kernel import ids, time
from linli.kernel.db import in_subtree, insert_all
from linli.kernel.trust import Actor
from linli.organisations import standing
from linli.organisations.actions import driving, registering, ruling
from linli.organisations.actions.registering import New
from linli.organisations.models import STAGES, Drive, Profile, Seat, Stage
from linli.people.models import Account, Organisation
from linli.people.queries import actor_of_post, posts_of
from linli.people.snapshot import changed
from linli.people.staffing import areas_in_force, public_number
from linli.territory.models import Area, Building, Compound

OFFICER, WORKER = "liu", "xiaoxu"


def told() -> dict[str, Any]:
    """``data/networks.yaml``: how much of each type is there, its words, and the drive of the cast."""
    text = resources.files("linli.simulation").joinpath("data/networks.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def network(district: str, *, now: datetime, micro_grid: str, seed: int = 0) -> str:
    """Lay the networks of a district, written in bulk, then let the cast begin a drive; makes nothing twice."""
    ruling.load_base()
    words = told()
    if Organisation.objects.filter(district=district, type_id="grid_party_branch").exists():
        return "there"
    laid = lay(district, today=now.date(), seed=seed, words=words)
    community = "/".join(micro_grid.split("/")[:3])
    _drive(words["drive"], community, now=now)
    return f"{laid:,} organisations, 1 drive"


def lay(district: str, *, today: date, seed: int = 0, words: dict[str, Any] | None = None) -> int:
    """Write organisations of every type that the words give a share, from the top down; returns how many there are now."""
    plan = _Plan(district, today, seed, words or told())
    with transaction.atomic():
        for kind, entry in plan.words["shares"].items():
            plan.put(kind, entry)
        plan.tie_companies()
        insert_all(plan.organisations)
        insert_all(plan.profiles)
        changed("organisations", district=district)
    return len(plan.organisations)


class _Plan:
    """One district's networks, type by type, each under the one above."""

    def __init__(self, district: str, today: date, seed: int, words: dict[str, Any]) -> None:
        self.district, self.today, self.words = district, today, words
        self.source = random.Random(f"{district}:{seed}:networks")
        self.areas = {area.path: area for area in areas_in_force(district)}
        self.compounds = list(
            Compound.objects.filter(district=district)
            .order_by("area_path", "id")
            .only("id", "name", "area_id", "area_path")
        )
        self.organisations: list[Organisation] = []
        self.profiles: list[Profile] = []
        self.at: dict[tuple[str, str | UUID], Organisation] = {}

    def put(self, kind: str, entry: dict[str, Any]) -> None:
        """One type: at each of its places with the share's chance."""
        rule = standing.rule_on(kind, self.today)
        if rule is None:
            return
        for key, area, name, compound, building in self.places(rule.seat):
            if self.source.random() >= entry["share"]:
                continue
            one = Organisation(
                id=ids.new_id(), district=self.district, type_id=kind, code=f"{area.path}:{kind[:8]}:{ids.new_id().hex[-8:]}",
                name=entry["name"].format(place=name)[:120], area=area, area_path=area.path,
                parent=self.above(rule.under, area, compound), starts_on=self.founded(), is_synthetic=True,
                public_phone=public_number(f"{kind}{key}") if entry.get("phone") else "",
            )  # fmt: skip
            self.organisations.append(one)
            self.at[kind, key] = one
            self.profiles.append(
                Profile(
                    id=ids.new_id(), district=self.district, organisation=one, area_path=area.path, compound=compound,
                    building=building, description=entry.get("said", ""), description_en=entry.get("said_en", ""),
                    is_public=bool(entry.get("phone") or entry.get("said")),
                )
            )  # fmt: skip

    def places(self, seat: Seat) -> list[tuple[str | UUID, Area, str, Compound | None, Building | None]]:
        """Where a type belongs: the key of each place, its area, its name, its compound and building."""
        if seat == Seat.COMPOUND:
            return [
                (one.id, self.areas[one.area_path], one.name, one, None)
                for one in self.compounds
                if one.area_path in self.areas
            ]
        if seat == Seat.BUILDING:
            known = {one.id: one for one in self.compounds}
            rows = Building.objects.filter(district=self.district).order_by("area_path", "id")
            return [
                (
                    one.id,
                    self.areas[one.area_path],
                    f"{known[one.compound_id].name}{one.number}",
                    known[one.compound_id],
                    one,
                )
                for one in rows
                if one.area_path in self.areas
            ]
        return [(area.path, area, area.name, None, None) for area in self.areas.values() if area.level == seat.value]

    def above(self, under: str, area: Area, compound: Compound | None) -> Organisation | None:
        """What a new one stands under, when that was laid."""
        if compound is not None and (found := self.at.get((under, compound.id))):
            return found
        parts = area.path.split("/")
        rungs = ("/".join(parts[:rung]) for rung in range(len(parts), 0, -1))
        return next((found for rung in rungs if (found := self.at.get((under, rung)))), None)

    def founded(self) -> date:
        """Some day of the last three years, more of them lately."""
        return self.today - timedelta(days=int(1_100 * self.source.random() ** 1.6) + 3)

    def tie_companies(self) -> None:
        """Property companies that were there look after the first compound of their grid that has none."""
        free: dict[str, list[Compound]] = {}
        for one in self.compounds:
            if ("property_company", one.id) not in self.at:
                free.setdefault("/".join(one.area_path.split("/")[:4]), []).append(one)
        rows = Organisation.objects.filter(district=self.district, type_id="property_company", ends_on__isnull=True)
        for company in rows:
            if compounds := free.get(company.area_path):
                self.profiles.append(
                    Profile(
                        id=ids.new_id(), district=self.district, organisation=company, area_path=company.area_path,
                        compound=compounds.pop(0),
                    )
                )  # fmt: skip


def _drive(words: dict[str, Any], community: str, *, now: datetime) -> None:
    """The subdistrict builds owners' committees; the community of the cast has come to different steps."""
    officer, worker = _acting(OFFICER), _acting(WORKER)
    district = community[:6]
    if Drive.objects.filter(district=district).exists():
        return
    with time.at(now - timedelta(days=40)):
        area = community.rpartition("/")[0]
        drive = driving.begin(
            officer, kind=words["type"], area_path=area, title=words["title"], until=time.today() + timedelta(days=120)
        )
    builds = list(drive.builds.filter(in_subtree("area_path", community)).order_by("area_path", "id"))
    for far, build in zip(words["steps"], builds, strict=False):
        version = 1
        for number, stage in enumerate(STAGES[:far]):
            with time.at(now - timedelta(days=35 - 7 * number)):
                new = None
                if stage == Stage.FOUND:
                    new = New(kind="", area_path="", name=words["name"].format(place=build.place_name))
                driving.step(
                    worker, build.id, district=district, version=version, stage=stage, note=words["notes"][stage.value],
                    next_on=time.today() + timedelta(days=10), new=new,
                )  # fmt: skip
            version += 1
    with time.at(now - timedelta(days=1)):
        registering.found(
            worker, New(kind="volunteer_team", name=words["team"], area_path=community, description=words["team_said"])
        )


def _acting(login: str) -> Actor:
    return actor_of_post(posts_of(Account.objects.get(login=login).id)[0])
