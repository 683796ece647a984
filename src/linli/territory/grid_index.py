"""The grids of one day in memory: which one holds a point. Pure (numpy and shapely, no Django).

The edge rule, which must never depend on chance: of all grids that hold the point, their rims among them, the one with the
lowest rank answers; dedicated grids rank before micro-grids, and within a kind the smaller path (compared byte by byte) ranks
first. Neighbours have identical vertices on shared edges and GEOS decides on which side of an edge a point lies exactly, so
every point within the ground is held by at least one. See docs/algorithms/locating.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import numpy as np
import shapely
from shapely import Point, STRtree

METRES_PER_DEGREE = 111_320.0
DEFAULT_LIMIT_METRES = 300.0
_STRIPES = 4096  # points of a batch are asked stripe by stripe, so that neighbours find the tree's nodes in the cache


class How(StrEnum):
    """How a point found its area."""

    INSIDE = "inside"
    EDGE = "edge"
    NEAREST = "nearest"
    UNPLACED = "unplaced"


_HOWS = (How.INSIDE, How.EDGE, How.NEAREST, How.UNPLACED)


class Located(NamedTuple):
    """The answer for a point: the area that is responsible, how it was found, and how far off the point is (metres)."""

    area_id: UUID
    path: str
    district: str
    how: How
    distance_m: float = 0.0


@dataclass(frozen=True)
class Grids:
    """Areas with outlines, row by row.

    Attributes:
        ids: shape (n,), dtype ``V16``: the areas' ids as bytes.
        paths: shape (n,), bytes strings: the areas' paths.
        districts: shape (n,), ``S6``: the district in which each was born.
        outlines: shape (n,), shapely polygons in WGS 84 degrees.
    """

    ids: np.ndarray
    paths: np.ndarray
    districts: np.ndarray
    outlines: np.ndarray

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, order: np.ndarray) -> Grids:
        """The rows in another order."""
        return Grids(self.ids[order], self.paths[order], self.districts[order], self.outlines[order])


@dataclass(frozen=True)
class LocatedBatch:
    """Answers for an array of points, as arrays.

    Attributes:
        row: shape (n,): row of the area in `areas`.
        how: shape (n,): 0 inside, 1 edge, 2 nearest, 3 unplaced.
        distance_m: shape (n,), metres; 0 within a grid.
        areas: the areas that `row` counts through: grids first, then one unplaced queue per district.
    """

    row: np.ndarray
    how: np.ndarray
    distance_m: np.ndarray
    areas: Grids

    @property
    def paths(self) -> np.ndarray:
        """Shape (n,), byte strings: the path for each point."""
        taken: np.ndarray = self.areas.paths[self.row]
        return taken

    def __getitem__(self, i: int) -> Located:
        row = int(self.row[i])
        return _answer(self.areas, row, _HOWS[int(self.how[i])], float(self.distance_m[i]))


def _answer(areas: Grids, row: int, how: How, distance_m: float) -> Located:
    return Located(
        UUID(bytes=areas.ids[row].tobytes()), areas.paths[row].decode(), areas.districts[row].decode(), how, distance_m
    )


class GridIndex:
    """An STR-tree over the grids of one day, with the unplaced queues of the districts behind it."""

    def __init__(self, *, grids: Grids, dedicated: np.ndarray, unplaced: Grids, limit_m: float = DEFAULT_LIMIT_METRES):
        """Build the index.

        Args:
            grids: micro-grids and dedicated grids.
            dedicated: shape (n,), bool: which of them are dedicated.
            unplaced: one queue a district; its outline is the district's (or a point where it has none).
            limit_m: how far off a point may lie to go to the nearest micro-grid, metres.
        """
        order = np.lexsort((grids.paths, ~dedicated))
        self.dedicated_count = int(dedicated.sum())
        self.grids = grids.take(order)
        self.unplaced = unplaced.take(np.argsort(unplaced.paths))
        self.limit_m = limit_m
        self._tree = STRtree(self.grids.outlines)
        self._districts = STRtree(self.unplaced.outlines)
        self._areas: Grids | None = None

    def __len__(self) -> int:
        return len(self.grids)

    def locate(self, lng: float, lat: float) -> Located | None:
        """The area responsible for a point in WGS 84 degrees; ``None`` only when there is no ground at all."""
        hits = self._tree.query(Point(lng, lat), "intersects")
        if len(hits) == 1:
            return _answer(self.grids, hits[0], How.INSIDE, 0.0)
        if len(hits):
            row = hits.min()
            same_kind = hits < self.dedicated_count if row < self.dedicated_count else hits >= self.dedicated_count
            return _answer(self.grids, row, How.EDGE if same_kind.sum() > 1 else How.INSIDE, 0.0)
        batch = self.locate_batch(np.array([lng]), np.array([lat]))
        return None if batch is None else batch[0]

    def locate_batch(self, lng: np.ndarray, lat: np.ndarray) -> LocatedBatch | None:
        """The same for arrays of shape (n,); ``None`` only when there is no ground at all.

        Raises:
            ValueError: a coordinate is not finite.
        """
        lng, lat = np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if not (np.isfinite(lng).all() and np.isfinite(lat).all()):
            raise ValueError("a coordinate is not finite")
        if not len(self.unplaced):
            return None
        count = len(self.grids)
        order = _stripes(lat)
        points = shapely.points(lng[order], lat[order])
        asked, found = self._tree.query(points, predicate="intersects")
        row = np.full(len(lng), count, dtype=np.int64)
        how = np.zeros(len(lng), dtype=np.uint8)
        if len(asked) == len(lng) and (asked[1:] > asked[:-1]).all():  # one grid for each point, as nearly always
            row[order] = found
        else:
            np.minimum.at(row, order[asked], found)
            self._mark_edges(how, row, order[asked], found)
        distance = np.zeros(len(lng))
        missing = np.flatnonzero(row == count)
        if len(missing):
            self._nearest(row, how, distance, missing, lng, lat)
            missing = missing[row[missing] == count]
            if len(missing):
                self._queue(row, how, distance, missing, lng, lat)
        return LocatedBatch(row, how, distance, self._all_areas())

    def _all_areas(self) -> Grids:
        if self._areas is None:
            self._areas = Grids(
                *(
                    np.concatenate([getattr(self.grids, name), getattr(self.unplaced, name)])
                    for name in ("ids", "paths", "districts", "outlines")
                )
            )
        return self._areas

    def _mark_edges(self, how: np.ndarray, row: np.ndarray, asked: np.ndarray, found: np.ndarray) -> None:
        """A point is on an edge when a second grid of its grid's kind holds it too."""
        of_kind = (found < self.dedicated_count) == (row[asked] < self.dedicated_count)
        times = np.bincount(asked[of_kind], minlength=len(row))
        how[times > 1] = _HOWS.index(How.EDGE)

    def _nearest(
        self,
        row: np.ndarray,
        how: np.ndarray,
        distance: np.ndarray,
        missing: np.ndarray,
        lng: np.ndarray,
        lat: np.ndarray,
    ) -> None:
        """Points outside every grid go to the nearest micro-grid within the limit; of two as near, the smaller path."""
        dy = self.limit_m / METRES_PER_DEGREE * 1.01
        dx = dy / np.cos(np.radians(lat[missing]))
        x, y = lng[missing], lat[missing]
        asked, found = self._tree.query(shapely.box(x - dx, y - dy, x + dx, y + dy), predicate="intersects")
        keep = found >= self.dedicated_count
        asked, found = asked[keep], found[keep]
        if not len(asked):
            return
        metres = _metres(self.grids.outlines[found], x[asked], y[asked])
        best = np.lexsort((found, metres.round(3), asked))
        best = best[np.r_[True, asked[best][1:] != asked[best][:-1]]]
        best = best[metres[best] <= self.limit_m]
        target = missing[asked[best]]
        row[target], how[target], distance[target] = found[best], _HOWS.index(How.NEAREST), metres[best]

    def _queue(
        self,
        row: np.ndarray,
        how: np.ndarray,
        distance: np.ndarray,
        missing: np.ndarray,
        lng: np.ndarray,
        lat: np.ndarray,
    ) -> None:
        """What is left waits in the unplaced queue of the district that holds it, or of the nearest one."""
        for i in missing:
            point = Point(lng[i], lat[i])
            held = self._districts.query(point, "intersects")
            if len(held):
                queue, metres = int(held.min()), 0.0
            else:
                every = _metres(
                    self.unplaced.outlines,
                    np.full(len(self.unplaced), lng[i]),
                    np.full(len(self.unplaced), lat[i]),
                )
                queue = int(every.round(3).argmin())
                metres = float(every[queue])
            row[i], how[i], distance[i] = len(self.grids) + queue, _HOWS.index(How.UNPLACED), metres


def _stripes(lat: np.ndarray) -> np.ndarray:
    """An order of the points by latitude stripes; the sort of 16-bit keys is a radix sort, so it costs next to nothing."""
    if len(lat) < 2:
        return np.arange(len(lat))
    low, high = float(lat.min()), float(lat.max())
    keys = ((lat - low) * ((_STRIPES - 1) / (high - low or 1.0))).astype(np.uint16)
    return np.argsort(keys, kind="stable")


def _metres(outlines: np.ndarray, lng: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Distance in metres from outlines[i] to the point (lng[i], lat[i]), on the plane that touches there."""
    coordinates, owner = shapely.get_coordinates(outlines, return_index=True)
    counts = np.bincount(owner, minlength=len(outlines))
    kx = METRES_PER_DEGREE * np.cos(np.radians(lat))
    coordinates[:, 0] = (coordinates[:, 0] - np.repeat(lng, counts)) * np.repeat(kx, counts)
    coordinates[:, 1] = (coordinates[:, 1] - np.repeat(lat, counts)) * METRES_PER_DEGREE
    flat = shapely.set_coordinates(outlines.copy(), coordinates)
    metres: np.ndarray = shapely.distance(flat, Point(0.0, 0.0))
    return metres
