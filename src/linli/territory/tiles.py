"""Vector tiles of the ground: which level shows at which zoom, made from what the process holds, kept until the ground changes.

Levels of today lie in memory as flat arrays (tile_layers.py), made at the first tile that needs them and again when the ground's mark
moves; coarse ones are simplified for each zoom, all at once, so that neighbouring tiles agree. A tile of another day is made
from the rows that meet it. How, and what it costs: docs/algorithms/tiles.md.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.db import connection
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.db import within
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, policy
from linli.territory import locating
from linli.territory.models import Level
from linli.territory.tile_layers import (
    BUFFER,
    LATITUDE,
    MOST_ZOOM,
    Outlined,
    cut,
    degrees_per_pixel,
    outlined,
)
from linli.territory.vector_tile import EXTENT, Layer, encode

GROUND = "ground"
"""The name under which a tile holds every level that shows at its zoom."""


@dataclass(frozen=True)
class Shown:
    """From which zoom a level has tiles, and from which zoom its names are in them."""

    since: int
    named: int


SHOWN = {
    Level.DISTRICT: Shown(0, 0),
    Level.SUBDISTRICT: Shown(8, 9),
    Level.COMMUNITY: Shown(9, 12),
    Level.GENERAL_GRID: Shown(12, 13),
    Level.MICRO_GRID: Shown(13, 16),
    Level.DEDICATED_GRID: Shown(14, 15),
}
_EXACT_FROM = 13  # from here a pixel is less than ten metres and outlines go out as they are
_KEPT_TILES = 1500
_CHUNK = 8192

_ROWS = """
    SELECT a.path, a.name, a.households, a.label_lng, a.label_lat, a.verified_on IS NOT NULL, b.geometry
      FROM territory_area a
      JOIN territory_boundary b ON b.area_id = a.id AND b.district = a.district
     WHERE a.level = %(level)s
       AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
       AND b.valid_from <= %(day)s AND (b.valid_to IS NULL OR b.valid_to > %(day)s)
"""
_WINDOW = " AND b.west <= %(east)s AND b.east >= %(west)s AND b.south <= %(north)s AND b.north >= %(south)s"
_ORDER = " ORDER BY a.path"


@dataclass(frozen=True)
class Tile:
    """A tile, compressed, and the tag by which a browser knows whether it has it already."""

    packed: bytes
    etag: str


@dataclass(frozen=True)
class _Asked:
    """What a tile is of."""

    layer: str
    zoom: int
    x: int
    y: int
    day: date
    told: str | None  # in which subtree it may be said what is verified; empty for everywhere


_held: dict[tuple[str, int], tuple[tuple[int, date], Outlined]] = {}
_tiles: OrderedDict[tuple[int, _Asked], Tile] = OrderedDict()
_lock = threading.Lock()
_loading = threading.Lock()


def asked(
    actor: Actor, layer: str, zoom: int, x: int, y: int, *, day: date | None = None, verified: bool = False
) -> _Asked:
    """Which tile an actor means.

    Args:
        actor: the ground is public; what is verified needs ``redrawing.view`` and is told within its reach.
        layer: a level from ``district`` to ``dedicated_grid``, or ``ground`` for all that show at the zoom.
        zoom, x, y: of the usual scheme (web Mercator, y from the north), zoom 0 to 16.
        day: by whose boundaries; today's when not given.
        verified: say of each area whether its line is approved.

    Raises:
        Invalid: there is no such layer or tile.
        Forbidden: the actor may not know what is verified.
    """
    if layer != GROUND and layer not in SHOWN:
        raise Invalid(
            "territory.bad_layer",
            _("There is no such layer of tiles."),
            field="layer",
            mend=_("Layers: %(names)s.") % {"names": ", ".join([GROUND, *SHOWN])},
        )
    if not (0 <= zoom <= MOST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise Invalid(
            "territory.bad_tile",
            _("There is no such tile."),
            field="z",
            mend=_("Zooms reach from 0 to %(most)s, x and y from 0 to 2^z - 1.") % {"most": MOST_ZOOM},
        )
    told = None
    if verified:
        policy.require(actor, "redrawing.view")
        told = "" if "city" in policy.reach(actor, "redrawing.view") else actor.area_path or "-"
    return _Asked(layer, zoom, x, y, day or time.today(), told)


def etag(wanted: _Asked) -> str:
    """The tag of a tile, known without making it: the ground's mark, the day, and what may be told."""
    mark = f"{locating.version()} {wanted.day} {wanted.told}"
    return '"' + hashlib.blake2b(mark.encode(), digest_size=12).hexdigest() + '"'


def mark() -> str:
    """The ground as it is now and today, in a word for the addresses of tiles: with another word they are asked for anew."""
    return f"{locating.version():x}-{time.today():%Y%m%d}"


def tile(wanted: _Asked) -> Tile:
    """The tile, made or as it is kept."""
    key = (locating.version(), wanted)
    with _lock:
        if (kept := _tiles.get(key)) is not None:
            _tiles.move_to_end(key)
            return kept
    tag = etag(wanted)
    made = Tile(gzip.compress(encoded(wanted), 6, mtime=0), tag)
    with _lock:
        _tiles[key] = made
        while len(_tiles) > _KEPT_TILES:
            _tiles.popitem(last=False)
    return made


def encoded(wanted: _Asked) -> bytes:
    """The tile as the specification has it, not compressed, made anew."""
    return encode(cut_layers(wanted))


def cut_layers(wanted: _Asked) -> list[Layer]:
    """What lies on the tile, level by level."""
    levels = [level for level, shown in SHOWN.items() if wanted.zoom >= shown.since and wanted.layer in (GROUND, level)]
    layers: list[Layer] = []
    for level in levels:
        held = _outlines(level, wanted)
        named = wanted.zoom >= SHOWN[level].named
        layers += cut(
            held, level.value, zoom=wanted.zoom, x=wanted.x, y=wanted.y, named=named, told=_teller(wanted.told)
        )
    return layers


def forget() -> None:
    """Let go of everything that is held."""
    with _lock:
        _tiles.clear()
    _held.clear()


def _teller(told: str | None) -> Callable[[str], bool] | None:
    if told is None:
        return None
    return lambda path: not told or within(path, told)


def _outlines(level: Level, wanted: _Asked) -> Outlined:
    """The areas of a level: all of today's, as held; of another day those that meet the tile."""
    today = time.today()
    tolerance = degrees_per_pixel(wanted.zoom) if wanted.zoom < _EXACT_FROM else 0.0
    if wanted.day != today:
        return _load(level, wanted.day, tolerance=tolerance, window=_window(wanted))
    place = (level.value, wanted.zoom if tolerance else _EXACT_FROM)
    state = (locating.version(), today)
    found = _held.get(place)
    if found is not None and found[0] == state:
        return found[1]
    with _loading:
        found = _held.get(place)  # another thread may have made it meanwhile
        if found is None or found[0] != state:
            found = _held[place] = state, _load(level, today, tolerance=tolerance)
    return found[1]


def _window(wanted: _Asked) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile with its buffer, degrees."""
    reach = BUFFER / EXTENT
    xs = np.array([wanted.x - reach, wanted.x + 1 + reach]) / 2**wanted.zoom
    ys = np.array([wanted.y + 1 + reach, wanted.y - reach]) / 2**wanted.zoom
    west, east = (xs * 360.0 - 180.0).tolist()
    south, north = np.clip(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * ys)))), -LATITUDE, LATITUDE).tolist()
    return west, south, east, north


def _load(
    level: Level, day: date, *, tolerance: float, window: tuple[float, float, float, float] | None = None
) -> Outlined:
    sql = _ROWS
    values: dict[str, Any] = {"level": level.value, "day": day}
    if window is not None:
        sql += _WINDOW
        values |= dict(zip(("west", "south", "east", "north"), window, strict=True))
    paths: list[str] = []
    names: list[str] = []
    households: list[int] = []
    verified: list[bool] = []
    labels: list[tuple[Any, Any]] = []
    shapes = [np.empty(0, dtype=object)]
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql + _ORDER, values)
        while rows := cursor.fetchmany(_CHUNK):
            for path, name, count, lng, lat, is_verified, _geometry in rows:
                paths.append(path)
                names.append(name)
                households.append(count)
                labels.append((lng, lat))
                verified.append(is_verified)
            shapes.append(shapely.from_wkb(np.array([bytes(row[6]) for row in rows], dtype=object)))
    return outlined(
        np.concatenate(shapes),
        paths=paths,
        names=names,
        households=households,
        verified=verified,
        labels=np.array(labels, dtype=np.float64).reshape(-1, 2),
        tolerance=tolerance,
        whole=window is None,
    )
