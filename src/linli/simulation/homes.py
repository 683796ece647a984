"""People and dwellings of the demo: a file for the cast's micro-grid and those beside it, read as any file is, and a campaign under way."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import yaml

from linli.households.actions import importing, visiting
from linli.households.actions.importing import PieceFeed
from linli.households.identity import check_sign
from linli.households.models import Change, Import, Outcome, Source
from linli.households.place import dwellings, walking_order
from linli.households.queries import lists
from linli.households.sealed import Told
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.trust import SYSTEM
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of
from linli.people.staffing import people_names
from linli.territory.models import Compound, Dwelling, Level
from linli.territory.queries import below

GRIDS, MOST_DOORS = 3, 60
MADE_FLOORS, MADE_DOORS = 6, 2
"""Where the ground has no dwellings: one building of an entrance with so many floors and doors."""
VERIFIED, MISSED = 6, 2


def settle(district: str, *, micro_grid: str, seed: int) -> str:
    """Read the file, begin the campaign, let the member of the cast's grid begin the walk; makes nothing twice."""
    community = micro_grid.rpartition("/")[0].rpartition("/")[0]
    if Import.objects.filter(district=district, area_path=community).exists():
        return "there"
    words: dict[str, Any] = yaml.safe_load(
        resources.files("linli.simulation").joinpath("data/homes.yaml").read_text("utf-8")
    )
    source = random.Random(f"homes:{district}:{seed}")
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(words["head"])
    writer.writerows(_rows(community, micro_grid, words, source))
    one = importing.begin_upload(
        SYSTEM, kept.getvalue().encode(), "homes.csv", area_path=community, source=Source.PROPERTY
    )
    one = importing.run(one, PieceFeed(one))
    told = f"{one.counts.get('residencies', 0)} residents in {one.counts.get('statuses', 0)} dwellings"
    _walk(words, community)
    return told


def _rows(community: str, micro_grid: str, words: dict[str, Any], source: random.Random) -> Iterator[list[str]]:
    names = people_names(source)
    grids = [area.path for area in below(community, level=Level.MICRO_GRID)]
    grids.remove(micro_grid)
    serial = 0
    for grid in [micro_grid, *grids[: GRIDS - 1]]:
        for place in _doors(grid, community):
            use = source.choice(words["uses"])
            yield [grid, *place, use, "", "", "", "", ""]
            if use in words["uses"][-2:]:
                continue
            kinds = ["owner", *source.choices(["member"], k=source.randrange(3))]
            if use == words["uses"][3]:
                kinds.append("tenant")
            for kind in kinds:
                serial += 1
                first = f"510107{source.randrange(1945, 2005)}{source.randrange(1, 13):02d}{source.randrange(1, 29):02d}{serial:03d}"
                phone = f"1990000{source.randrange(10_000):04d}"
                row = [next(names), first + check_sign(first), phone, words["kinds"][kind], "2021-03-01"]
                yield [grid, *place, "", *row]


def _doors(grid: str, community: str) -> Iterator[list[str]]:
    found = walking_order(dwellings().filter(district=grid[:6], area_path=grid)[:MOST_DOORS])
    for one in found:
        entrance = one.entrance
        yield [entrance.building.compound.name, entrance.building.number, entrance.number, str(one.floor), one.number]
    if found:
        return
    # The ground has compounds and no dwellings. A grid without a compound has a building of one beside it, numbered like the grid.
    beside = Compound.objects.filter(in_subtree("area_path", community), district=grid[:6]).order_by("name")
    compound = beside.filter(area_path=grid).first() or beside.first()
    if compound is not None:
        number = "1" if compound.area_path == grid else str(int(grid.rpartition("/")[2]))
        for floor in range(1, MADE_FLOORS + 1):
            for door in range(1, MADE_DOORS + 1):
                yield [compound.name, number, "1", str(floor), f"{floor}{door:02d}"]


def _walk(words: dict[str, Any], community: str) -> None:
    worker, member = (
        actor_of_post(posts_of(account.id)[0])
        for login in ("xiaoxu", "heming")
        if (account := Account.objects.filter(login=login).first())
    )
    today = time.today()
    visiting.begin_campaign(
        worker, area_path=community, title=words["campaign"], starts_on=today - timedelta(days=5), ends_on=today + timedelta(days=20)
    )  # fmt: skip
    doors: list[Dwelling] = [door.dwelling for door in lists.walk(member).doors]
    for at, dwelling in enumerate(doors[: VERIFIED + MISSED]):
        visiting.verify(member, dwelling.id, outcome=Outcome.AS_IT_WAS if at < VERIFIED else Outcome.NOT_MET)
    rest = doors[VERIFIED + MISSED :]
    if len(rest) > 1:
        visiting.propose(member, rest[0].id, change=Change.STATUS, status="absent", note=words["note"])
        new = words["new_tenant"]
        told = Told(new["name"], new["phone"])
        visiting.propose(member, rest[1].id, change=Change.MOVED_IN, kind="tenant", told=told, note=words["note"])
