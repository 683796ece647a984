"""Walking minutes through a street network from the nearest of some places: pure (``docs/algorithms/life-circle.md``).

Points are put on a plane in metres, good to some centimetres within a district. A point reaches the network by the straight line to its
nearest crossing; streets are never shorter than the straight line between their ends. So a way is never shorter than the straight
line between where it begins and where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

METRES_A_SECOND = 1.2
"""How fast people walk who are not in a hurry (GB 50180-2018 counts a 15-minute circle as 800 to 1,000 m of way)."""
LIMIT_MINUTES = 15.0
MOST_MINUTES = 120.0
"""What is farther is told as not to be walked."""
MOST_OFF = 500.0
"""Metres to the nearest crossing beyond which a point lies on no street."""
_EARTH = 6_371_008.8  # mean radius in metres
_LEAST = 1e-3  # metres; no street is shorter, so that a graph of numbers keeps it


@dataclass(frozen=True)
class Streets:
    """A street network.

    Attributes:
        points: shape (n, 2), longitude and latitude of the crossings, degrees WGS 84.
        ends: shape (m, 2), rows of `points`: the two ends of each street; walked in both directions.
        metres: shape (m,), the length of each; raised to the straight line where it is less.
    """

    points: np.ndarray
    ends: np.ndarray
    metres: np.ndarray


@dataclass(frozen=True)
class Ways:
    """The way of each point to the nearest place.

    Attributes:
        minutes: shape (t,); infinite where there is no way of at most :data:`MOST_MINUTES`.
        place: shape (t,): row of the place; -1 where there is no way.
    """

    minutes: np.ndarray
    place: np.ndarray


class Walk:
    """A network made ready to be asked for several kinds of places."""

    def __init__(self, streets: Streets) -> None:
        self.latitude = float(streets.points[:, 1].mean()) if len(streets.points) else 0.0
        self._xy = plane(streets.points, latitude=self.latitude)
        self._tree = cKDTree(self._xy) if len(self._xy) else None
        ends = streets.ends[streets.ends[:, 0] != streets.ends[:, 1]]
        metres = streets.metres[streets.ends[:, 0] != streets.ends[:, 1]]
        straight = np.hypot(*(self._xy[ends[:, 0]] - self._xy[ends[:, 1]]).T) if len(ends) else np.empty(0)
        self._ends, self._metres = _shortest_of_each(np.sort(ends, axis=1), np.maximum(metres, straight))

    @property
    def parts(self) -> np.ndarray:
        """Shape (n,): the number of the part that each crossing hangs together with."""
        count = len(self._xy)
        graph = csr_array((self._metres, (self._ends[:, 0], self._ends[:, 1])), shape=(count, count))
        labels: np.ndarray = connected_components(graph, directed=False)[1]
        return labels

    def snap(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest crossing of each point, and how far off it is in metres; -1 and infinite beyond :data:`MOST_OFF`.

        Args:
            points: shape (k, 2), degrees.
        """
        if self._tree is None or not len(points):
            return np.full(len(points), -1), np.full(len(points), np.inf)
        off, row = self._tree.query(plane(points, latitude=self.latitude), distance_upper_bound=MOST_OFF)
        return np.where(np.isfinite(off), row, -1), off

    def ways(self, places: np.ndarray, points: np.ndarray) -> Ways:
        """The way from each point to the nearest of some places.

        Args:
            places, points: shapes (k, 2) and (t, 2), degrees.
        """
        count = len(self._xy)
        from_row, from_off = self.snap(places)
        on = np.flatnonzero(from_row >= 0)
        at_row, at_off = self.snap(points)
        if not len(on) or not len(points):
            return Ways(np.full(len(points), np.inf), np.full(len(points), -1))
        # Each place is a crossing of its own, tied to its nearest one by a street as long as it is off.
        own = count + np.arange(len(on))
        rows = np.concatenate([self._ends[:, 0], own])
        columns = np.concatenate([self._ends[:, 1], from_row[on]])
        lengths = np.maximum(np.concatenate([self._metres, from_off[on]]), _LEAST)
        graph = csr_array((lengths, (rows, columns)), shape=(count + len(on), count + len(on)))
        metres, _before, nearest = dijkstra(
            graph, directed=False, indices=own, min_only=True, return_predecessors=True, limit=MOST_MINUTES * 60 * METRES_A_SECOND,
        )  # fmt: skip
        told = at_row >= 0
        whole = np.where(told, metres[at_row] + at_off, np.inf)
        minutes = whole / METRES_A_SECOND / 60
        reached = minutes <= MOST_MINUTES
        place = np.full(len(points), -1)
        place[reached] = on[nearest[at_row[reached]] - count]
        return Ways(np.where(reached, minutes, np.inf), place)


def straight(places: np.ndarray, points: np.ndarray, *, latitude: float) -> np.ndarray:
    """Minutes from each point to the nearest place as the crow flies, shape (t,): what circles on a map would say.

    Args:
        places, points: shapes (k, 2) and (t, 2), degrees.
        latitude: of the plane, as :class:`Walk` has it.
    """
    if not len(places):
        return np.full(len(points), np.inf)
    off, _row = cKDTree(plane(places, latitude=latitude)).query(plane(points, latitude=latitude))
    found: np.ndarray = off / METRES_A_SECOND / 60
    return found


def plane(points: np.ndarray, *, latitude: float) -> np.ndarray:
    """Points in degrees, shape (n, 2), as metres on the plane that touches a latitude."""
    found: np.ndarray = np.radians(points) * _EARTH * np.array([np.cos(np.radians(latitude)), 1.0])
    return found


def _shortest_of_each(ends: np.ndarray, metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each pair of ends once, with the shortest of its streets: a sparse matrix would add them up."""
    order = np.lexsort((metres, ends[:, 1], ends[:, 0]))
    ends, metres = ends[order], metres[order]
    first = np.ones(len(ends), dtype=bool)
    first[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    return ends[first], np.maximum(metres[first], _LEAST)
