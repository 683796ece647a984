"""A small city for the tests of the ground: two districts of Chengdu with two communities in each of two subdistricts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from linli.kernel.trust import SYSTEM
from linli.territory.actions import import_divisions, lay_ground
from linli.territory.actions.laying import Dwellings

LIST_DAY = date(2023, 6, 30)
WUHOU, JINJIANG = "510107", "510104"

DISTRICTS = """code6,name,city_code
510107,武侯区,5101
510104,锦江区,5101
"""
SUBDISTRICTS = """code9,name,kind,district_code
510107005,玉林街道,subdistrict,510107
510107063,石羊街道,subdistrict,510107
510104022,春熙路街道,subdistrict,510104
510104020,三圣乡,township,510104
"""
COMMUNITIES = """code12,name,kind,subdistrict_code,district_code
510107005001,玉林北路社区居委会,resident_committee,510107005,510107
510107005002,玉林东路社区居民委员会,resident_committee,510107005,510107
510107063011,永兴社区居委会,resident_committee,510107063,510107
510107063012,三元社区居委会,resident_committee,510107063,510107
510104022001,总府路社区居委会,resident_committee,510104022,510104
510104022002,永兴社区居委会,resident_committee,510104022,510104
510104020201,红砂村村民委员会,village_committee,510104020,510104
510104020202,幸福村村委会,village_committee,510104020,510104
"""


def write_lists(folder: Path, **texts: str) -> list[Path]:
    """The three files, with the text of one or another replaced."""
    contents = {"districts": DISTRICTS, "subdistricts": SUBDISTRICTS, "communities": COMMUNITIES, **texts}
    paths = []
    for name, text in contents.items():
        path = folder / f"{name}.csv"
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def load_lists(folder: Path, *, valid_from: date = LIST_DAY, **texts: str):
    """Load the small city's divisions."""
    return import_divisions(SYSTEM, write_lists(folder, **texts), valid_from=valid_from, source="a test")


def ground(
    folder: Path, *, districts: Iterable[str] = (WUHOU,), dwellings: Dwellings = Dwellings.NONE, seed: int = 7
) -> None:
    """The small city with drawn ground in some of its districts."""
    load_lists(folder)
    lay_ground(SYSTEM, list(districts), valid_from=LIST_DAY, seed=seed, outlines="always", dwellings=dwellings)
