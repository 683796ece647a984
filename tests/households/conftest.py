"""The small city with a compound in it: 玉林小区, building 3, entrance 1, four dwellings in 何明's micro-grid, two next door."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from linli.kernel.db import district_of
from linli.territory.models import Building, Compound, Dwelling, Entrance
from tests.portal.conftest import shelves, visit, world  # noqa: F401 - fixtures of the same make
from tests.world import HOME, WUHOU, World

SIBLING = f"{WUHOU}/012/003/02/018"
OTHER = f"{WUHOU}/012/004/01/001"
NUMBER = "510107196503120029"
"""A made-up identity number of an adult, with the check sign that belongs to it."""


@dataclass
class Homes:
    """Dwellings by a short name: ``home["101"]``."""

    world: World
    doors: dict[str, Dwelling] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Dwelling:
        return self.doors[name]


def make_homes(town: World) -> Homes:
    """The compound and its dwellings."""
    homes = Homes(town)
    for path, name, number, doors in (
        (HOME, "玉林小区", "3", ((1, "101"), (1, "102"), (2, "201"), (2, "202"))),
        (SIBLING, "玉林小区", "4", ((1, "401"),)),
        (OTHER, "玉东花园", "1", ((1, "111"),)),
    ):
        area, district = town.areas[path], district_of(path)
        ground = {"area": area, "area_path": path, "lng": 104.0605, "lat": 30.6305}
        compound, _made = Compound.objects.get_or_create(
            district=district, name=name, defaults={**ground, "address": "玉林北路1号", "search_key": name}
        )
        building = Building.objects.create(district=district, compound=compound, number=number, **ground)
        entrance = Entrance.objects.create(district=district, building=building, number="1")
        for floor, door in doors:
            homes.doors[door] = Dwelling.objects.create(
                district=district, entrance=entrance, area=area, area_path=path, floor=floor, number=door
            )
    return homes


@pytest.fixture
def homes(world: World) -> Homes:  # noqa: F811
    """The compound, its dwellings, the city."""
    return make_homes(world)
