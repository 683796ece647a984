"""Outlines of one level as flat arrays of whole numbers, ready to be cut into tiles. Pure (numpy and shapely, no Django).

A world unit is the side of the world (web Mercator, EPSG:3857) over 2**32, nine millimetres at the equator: a city of 119,000 micro-grids
takes some twenty megabytes, and putting points on a tile is a shift of bits, the same for every neighbour and every tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from linli.territory.vector_tile import EXTENT, Layer, Value

BUFFER = 80
"""Tile units drawn beyond each side, so that lines along a border are whole on both tiles."""

_WORLD = 32
_UNITS = 12  # bits of a tile's side
MOST_ZOOM = 16
"""Beyond it the browser enlarges tiles of this zoom, whose unit is 15 centimetres."""
LATITUDE = 85.0511287798066


@dataclass(frozen=True)
class Outlined:
    """Areas of one level.

    Attributes:
        paths, names: of each area.
        households: of each area.
        verified: shape (n,), bool.
        labels: shape (n, 2), world units: where the name stands.
        labelled: shape (n,), bool: whether it has such a place.
        bounds: shape (n, 4), world units: least x, least y, most x, most y.
        xy: shape (p, 2), uint32: points of closed rings, world units, y downwards; outer rings clockwise.
        rings: where each ring begins in `xy`, and the end.
        parts: where each polygon begins among the rings, and the end.
        areas: where each area begins among the polygons, and the end.
    """

    paths: list[str]
    names: list[str]
    households: list[int]
    verified: np.ndarray
    labels: np.ndarray
    labelled: np.ndarray
    bounds: np.ndarray
    xy: np.ndarray
    rings: np.ndarray
    parts: np.ndarray
    areas: np.ndarray

    def __len__(self) -> int:
        return len(self.paths)


def world(degrees: np.ndarray) -> np.ndarray:
    """World units of points, shape (n, 2), given as longitude and latitude (WGS 84)."""
    latitude = np.radians(np.clip(degrees[:, 1], -LATITUDE, LATITUDE))
    x = degrees[:, 0] / 360.0 + 0.5
    y = 0.5 - np.arcsinh(np.tan(latitude)) / (2 * np.pi)
    units: np.ndarray = np.clip(np.column_stack([x, y]) * 2.0**_WORLD, 0, 2**_WORLD - 1).astype(np.uint32)
    return units


def degrees_per_pixel(zoom: int) -> float:
    """Degrees of longitude that a pixel shows on a tile of 512 of them."""
    return 360.0 / 2**zoom / 512


def outlined(
    shapes: np.ndarray,
    *,
    paths: list[str],
    names: list[str],
    households: list[int],
    verified: Sequence[bool],
    labels: np.ndarray,
    tolerance: float = 0.0,
    whole: bool = True,
) -> Outlined:
    """Lay areas out flat.

    Args:
        shapes: shape (n,), polygons (or several together) in degrees.
        labels: shape (n, 2), degrees; nan where there is none.
        tolerance: degrees; bends smaller than this go, alike on both sides of every edge.
        whole: these are all areas of the level; the outer rim of a part stays as it is, since another part may meet it.
    """
    if tolerance and len(shapes):
        shapes = shapely.coverage_simplify(shapes, tolerance, simplify_boundary=whole)
    shapes = shapely.orient_polygons(shapes, exterior_cw=True)
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    _kind, xy, offsets = shapely.to_ragged_array(polygons) if len(polygons) else (None, np.empty((0, 2)), ([0], [0]))
    units = world(xy)
    areas = np.r_[0, np.cumsum(np.bincount(owner, minlength=len(shapes)))].astype(np.int64)
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    corners = world(np.column_stack([west, north])), world(np.column_stack([east, south]))
    labelled = np.isfinite(labels).all(1) if len(labels) else np.zeros(0, dtype=bool)
    return Outlined(
        paths,
        names,
        households,
        np.asarray(verified, dtype=bool),
        world(np.nan_to_num(labels)) if len(labels) else np.empty((0, 2), dtype=np.uint32),
        labelled,
        np.hstack(corners) if len(shapes) else np.empty((0, 4), dtype=np.uint32),
        units,
        np.asarray(offsets[0], dtype=np.int64),
        np.asarray(offsets[1], dtype=np.int64),
        areas,
    )


def cut(
    held: Outlined, name: str, *, zoom: int, x: int, y: int, named: bool, told: Callable[[str], bool] | None = None
) -> list[Layer]:
    """What of a level lies on a tile: its areas, and the places of their names (``…_name``) within the tile itself.

    Args:
        name: of the layer.
        named: whether names are wanted.
        told: of which paths it may be said whether they are verified; of none when not given.
    """
    shift = np.uint64(_WORLD - _UNITS - zoom)
    corner = np.array([x, y], dtype=np.int64) << int(_WORLD - zoom)
    reach = BUFFER << int(shift)
    side = 1 << (_WORLD - zoom)
    low, high = corner - reach, corner + side + reach
    bounds = held.bounds.astype(np.int64, copy=False)
    found = np.flatnonzero(
        (bounds[:, 0] <= high[0]) & (bounds[:, 2] >= low[0]) & (bounds[:, 1] <= high[1]) & (bounds[:, 3] >= low[1])
    )
    near = bounds[found]
    within: np.ndarray = np.asarray((near[:, :2] >= low).all(1) & (near[:, 2:] <= high).all(1))
    layer = _areas(held, name, found, within, corner, int(shift))
    paths = [held.paths[k] for k in found]
    facts: dict[str, Sequence[Value]] = {"path": paths, "households": [held.households[k] for k in found]}
    if told is not None:
        facts["verified"] = [int(held.verified[k]) if told(held.paths[k]) else -1 for k in found]
    layers = [Layer(layer.name, layer.xy, layer.rings, layer.outer, layer.owner, facts)]
    if named:
        inner = held.labels[found].astype(np.int64)
        here = held.labelled[found] & (inner >= corner).all(1) & (inner < corner + side).all(1)
        rows = np.flatnonzero(here)
        spots, none = (inner[rows] - corner) >> int(shift), np.empty(0, dtype=np.int64)
        words = {"path": paths, "name": [held.names[k] for k in found]}
        layers.append(Layer(f"{name}_name", spots, none, none.astype(bool), rows, words))
    return layers


def _areas(held: Outlined, name: str, found: np.ndarray, within: np.ndarray, corner: np.ndarray, shift: int) -> Layer:
    whole = _gather(held, found[within], np.flatnonzero(within), corner, shift)
    crossing = np.flatnonzero(~within)
    if not len(crossing):
        return Layer(name, *whole, {})
    parts = _taken(held, found[crossing], crossing, corner, shift)
    # Features come in rising order, so that what belongs together lies together.
    xy = np.concatenate([whole[0], parts[0]])
    rings = np.r_[whole[1][:-1], parts[1] + len(whole[0])]
    outer, owner = np.r_[whole[2], parts[2]], np.r_[whole[3], parts[3]]
    order = np.argsort(owner, kind="stable")
    sizes = np.diff(rings)[order]
    return Layer(
        name, xy[_ranges(rings[:-1][order], sizes)], np.r_[0, np.cumsum(sizes)], outer[order], owner[order], {}
    )


def _rings_of(held: Outlined, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the rings of some areas, whether each is an outer one, and how many each area has."""
    first, last = held.parts[held.areas[chosen]], held.parts[held.areas[chosen + 1]]
    counts = last - first
    rings = _ranges(first, counts)
    outer = np.zeros(len(held.rings) - 1, dtype=bool)
    outer[held.parts[:-1]] = True
    return rings, outer[rings], counts


def _gather(
    held: Outlined, chosen: np.ndarray, numbers: np.ndarray, corner: np.ndarray, shift: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points, ring beginnings, outer marks and owners of areas that lie within the tile."""
    rings, outer, counts = _rings_of(held, chosen)
    starts = held.rings[rings]
    sizes = held.rings[rings + 1] - starts
    xy = (held.xy[_ranges(starts, sizes)].astype(np.int64) - corner) >> shift
    return xy, np.r_[0, np.cumsum(sizes)].astype(np.int64), outer, np.repeat(numbers, counts)


def _taken(
    held: Outlined, chosen: np.ndarray, numbers: np.ndarray, corner: np.ndarray, shift: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The same of areas that reach beyond the tile, cut at its buffer."""
    xy, rings, outer, owner = _gather(held, chosen, numbers, corner, shift)
    heads = np.flatnonzero(outer)
    polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, xy.astype(np.float64), (rings, np.r_[heads, len(outer)].astype(np.int64))
    )
    cut_off = shapely.clip_by_rect(polygons, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    parts, of = shapely.get_parts(cut_off, return_index=True)
    parts, of = _only_polygons(parts, of)
    if not len(parts):
        empty = np.empty(0, dtype=np.int64)
        return np.empty((0, 2), dtype=np.int64), np.zeros(1, dtype=np.int64), np.empty(0, dtype=bool), empty
    # In tile units y runs downwards, so what is clockwise on the map counts as against the clock here.
    parts = shapely.orient_polygons(parts, exterior_cw=False)
    _kind, clipped, offsets = shapely.to_ragged_array(parts)
    heads = np.asarray(offsets[1][:-1])
    marks = np.zeros(len(offsets[0]) - 1, dtype=bool)
    marks[heads] = True
    owners = np.repeat(owner[np.flatnonzero(outer)][of], np.diff(offsets[1]))
    return np.rint(clipped).astype(np.int64), np.asarray(offsets[0], dtype=np.int64), marks, owners


def _only_polygons(parts: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    nested = shapely.get_type_id(parts) > shapely.GeometryType.POLYGON
    if nested.any():
        inner, back = shapely.get_parts(parts, return_index=True)
        parts, of = inner, of[back]
    good = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    return parts[good], of[good]


def _ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """starts[0], starts[0] + 1, … for sizes[0] numbers, then the same for the next."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    found: np.ndarray = np.arange(total) + np.repeat(starts - (ends - sizes), sizes)
    return found
