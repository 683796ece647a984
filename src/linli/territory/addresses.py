"""Compounds, buildings, entrances and dwellings for drawn ground. Pure; marked synthetic by whoever stores them."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely

from linli.territory.address_text import search_key
from linli.territory.generator import Ground, Piece
from linli.territory.partition import source_of
from linli.territory.wording import estate_name, short_name, street_names, words

_SHAPES = (  # floors, entrances a building, dwellings a floor; how often in town, how often in a village
    ((6, 3, 2), 6, 2),
    ((7, 4, 2), 4, 1),
    ((11, 2, 3), 3, 0),
    ((18, 1, 4), 3, 0),
    ((26, 1, 4), 1, 0),
    ((3, 2, 2), 0, 5),
    ((2, 1, 2), 0, 6),
)
_ADDRESS_SEED_SHIFT = 7919


@dataclass
class DrawnEntrance:
    """A stairwell: dwelling i lies on floor i // per_floor + 1 and has number i % per_floor + 1."""

    number: str
    per_floor: int
    dwellings: int


@dataclass
class DrawnBuilding:
    """A building in one micro-grid."""

    number: str
    micro_path: str
    floors: int
    lng: float
    lat: float
    entrances: list[DrawnEntrance]


@dataclass
class DrawnCompound:
    """A compound; `area_path` is the smallest area that holds all of it."""

    name: str
    address: str
    search_key: str
    area_path: str
    lng: float
    lat: float
    households: int
    buildings: list[DrawnBuilding] = field(default_factory=list)


def draw_addresses(ground: Ground, *, names: Mapping[str, str], seed: int, with_buildings: bool) -> list[DrawnCompound]:
    """Compounds for every micro-grid that no dedicated grid lies over; an estate may span two or three of them.

    Args:
        ground: the drawn district.
        names: path → name, of district, subdistricts and communities.
        seed: as for the ground.
        with_buildings: whether buildings, entrances and dwellings are drawn too; households and dwellings then agree.
    """
    rng = source_of(ground.pieces[0].path, seed + _ADDRESS_SEED_SHIFT)
    by_general: dict[str, list[Piece]] = {}
    for piece in ground.of_level("micro_grid"):
        if piece.path not in ground.built_over:
            by_general.setdefault(piece.parent, []).append(piece)
    compounds: list[DrawnCompound] = []
    streets: dict[str, list[str]] = {}
    street_numbers: dict[str, int] = {}
    estates: set[str] = set()
    for general_path, micros in by_general.items():
        community = general_path.rpartition("/")[0]
        rural = community in ground.villages
        short = short_name(names[community])
        if community not in streets:
            streets[community] = street_names(short, rng)
        where = "".join(names[p] for p in (community[:6], community.rpartition("/")[0], community))
        k = 0
        while k < len(micros):
            group = micros[k : k + (1 if rural else rng.choices((1, 2, 3), (12, 5, 3))[0])]
            k += len(group)
            street = rng.choice(streets[community])
            row = community if rural else street  # groups of a village are counted through, houses along their street
            number = street_numbers.get(row, 0 if rural else rng.randint(0, 6)) + (1 if rural else rng.randint(1, 7))
            street_numbers[row] = number
            compounds.append(
                _compound(group, short, street, number, where, rng, estates, rural=rural, with_buildings=with_buildings)
            )
    _put_inside(compounds, {p.path: p for p in ground.of_level("micro_grid")})
    return compounds


def _compound(
    group: list[Piece],
    short: str,
    street: str,
    number: int,
    where: str,
    rng: random.Random,
    estates: set[str],
    *,
    rural: bool,
    with_buildings: bool,
) -> DrawnCompound:
    lists = words()
    street_number = lists["address"]["street_number"].format(street=street, n=number)
    courtyard = lists["compounds"]["courtyard"].format(street=street, n=number)
    if rural:
        name = lists["compounds"]["village"].format(short=short, n=number)
        address = where + name
    elif len(group) > 1 or rng.random() < 0.45:
        name = estate_name(rng)
        while f"{short}{name}" in estates:
            name = estate_name(rng)
        estates.add(f"{short}{name}")
        address = where + street_number
    else:
        name = courtyard
        address = where + courtyard
    compound = DrawnCompound(
        name=name,
        address=address,
        search_key=search_key(name, street_number, f"{short}{name}" if name != courtyard else "", address),
        area_path=group[0].path if len(group) == 1 else group[0].parent,
        lng=group[0].label[0],
        lat=group[0].label[1],
        households=sum(piece.households for piece in group),
    )
    if with_buildings:
        shape = rng.choices([s for s, _t, _v in _SHAPES], [v if rural else t for _s, t, v in _SHAPES])[0]
        for piece in group:
            _build(compound, piece, shape, rng)
    return compound


def _build(compound: DrawnCompound, piece: Piece, shape: tuple[int, int, int], rng: random.Random) -> None:
    """As many buildings of one shape as the households of the micro-grid fill."""
    floors, entrances, per_floor = shape
    stair = floors * per_floor
    left = piece.households
    count = math.ceil(left / (stair * entrances))
    corners = piece.outline[:-1]
    for b in range(count):
        # Round the middle of the block, half way out: a place that is inside unless the block is crooked.
        along = (b + rng.random() * 0.5) / count * len(corners)
        i, t = int(along) % len(corners), along % 1.0
        rim = corners[i] * (1 - t) + corners[(i + 1) % len(corners)] * t
        out = 0.0 if count == 1 else rng.uniform(0.4, 0.62)
        building = DrawnBuilding(
            number=str(len(compound.buildings) + 1),
            micro_path=piece.path,
            floors=floors,
            lng=float(piece.label[0] + (rim[0] - piece.label[0]) * out),
            lat=float(piece.label[1] + (rim[1] - piece.label[1]) * out),
            entrances=[],
        )
        for e in range(entrances):
            if not left:
                break
            filled = min(stair, left)
            building.entrances.append(DrawnEntrance(str(e + 1), per_floor, filled))
            left -= filled
        compound.buildings.append(building)


def _put_inside(compounds: list[DrawnCompound], micro: Mapping[str, Piece]) -> None:
    """Move a building that came to stand outside its micro-grid to the micro-grid's middle."""
    buildings = [building for compound in compounds for building in compound.buildings]
    if not buildings:
        return
    paths = list(dict.fromkeys(building.micro_path for building in buildings))
    row = {path: i for i, path in enumerate(paths)}
    polygons = np.array([shapely.Polygon(micro[path].outline) for path in paths])
    of_building = polygons[[row[building.micro_path] for building in buildings]]
    inside = shapely.contains_xy(of_building, [b.lng for b in buildings], [b.lat for b in buildings])
    for building, is_inside in zip(buildings, inside, strict=True):
        if not is_inside:
            building.lng, building.lat = micro[building.micro_path].label
