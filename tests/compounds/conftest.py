"""The small city with two compounds: one of two buildings in two micro-grids, one beside it; and the published rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from linli.compounds.actions import publishing
from linli.compounds.actions.filing import Origin
from linli.compounds.models import Source
from linli.kernel import ids
from linli.territory.address_text import search_key
from linli.territory.models import Building, Compound
from tests.world import HOME, WUHOU, World, build

COMMUNITY = f"{WUHOU}/012/003"
ORIGIN = Origin(Source.FILING, "备案〔2026〕3号")


@dataclass
class Town:
    """The city, the compound that the stories are about, and the one beside it."""

    world: World
    home: Compound
    beside: Compound


def lay(world: World) -> Town:
    """Compounds and buildings, and the rules."""
    publishing.load_rules()
    grid = f"{COMMUNITY}/02"
    home = _compound(world, "玉林北苑", grid, (104.0605, 30.6305), households=120)
    beside = _compound(world, "芳草小区", HOME, (104.0609, 30.6309), households=40)
    for compound, number, path, lng, lat in (
        (home, "1", HOME, 104.0604, 30.6304), (home, "2", f"{grid}/018", 104.0615, 30.6305), (beside, "1", HOME, 104.0609, 30.6309),
    ):  # fmt: skip
        Building.objects.create(
            district=WUHOU,
            compound=compound,
            area=world.areas[path],
            area_path=path,
            number=number,
            floors=6,
            lng=lng,
            lat=lat,
        )
    return Town(world, home, beside)


def _compound(world: World, name: str, path: str, at: tuple[float, float], *, households: int) -> Compound:
    return Compound.objects.create(
        district=WUHOU, area=world.areas[path], area_path=path, name=name, address=f"武侯区玉林街道{name}",
        search_key=search_key(name), lng=at[0], lat=at[1], households=households,
    )  # fmt: skip


@pytest.fixture
def town(db: None, clock: Any) -> Town:
    """At the standing clock: 10:00 on Wednesday 18 November 2026."""
    return lay(build())


def key() -> Any:
    """A new key."""
    return ids.new_id()
