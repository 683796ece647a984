"""The small city with the types and rules that come with Linli, and two compounds."""

from dataclasses import dataclass

import pytest

from linli.organisations import coverage
from linli.organisations.actions import ruling
from linli.territory.models import Building, Compound
from tests.world import HOME, WUHOU, World, build


@dataclass(frozen=True)
class Town:
    """What the stories of this room stand on."""

    world: World
    compound: Compound
    other: Compound
    building: Building


@pytest.fixture
def town(db, clock) -> Town:
    """The small city, ruled; nothing computed before is remembered."""
    world = build()
    ruling.load_base()
    coverage.forget()
    grid = world.areas[HOME]
    compounds = [
        Compound.objects.create(
            district=WUHOU, area=grid, area_path=HOME, name=name, address=name, search_key=name, lng=104.0603, lat=30.6303
        )
        for name in ("玉林苑", "芳草园")
    ]  # fmt: skip
    building = Building.objects.create(
        district=WUHOU, compound=compounds[0], area=grid, area_path=HOME, number="1栋", lng=104.0603, lat=30.6303
    )
    return Town(world, compounds[0], compounds[1], building)
