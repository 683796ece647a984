"""Walking minutes: never less than the straight line, never more for another place, and what a plain search finds."""

from __future__ import annotations

import heapq
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.lifecircle.walking import METRES_A_SECOND, MOST_MINUTES, MOST_OFF, Streets, Walk, plane, straight

DEGREES = st.tuples(st.floats(104.05, 104.07), st.floats(30.62, 30.64))
SPOTS = st.lists(DEGREES, min_size=1, max_size=6)


@st.composite
def networks(draw: st.DrawFn) -> Streets:
    points = np.array(draw(st.lists(DEGREES, min_size=2, max_size=12)))
    rows = st.integers(0, len(points) - 1)
    ends = draw(st.lists(st.tuples(rows, rows), min_size=0, max_size=24))
    metres = draw(st.lists(st.floats(0, 3_000), min_size=len(ends), max_size=len(ends)))
    return Streets(points, np.array(ends, dtype=int).reshape(-1, 2), np.array(metres))


def searched(walk: Walk, streets: Streets, places: np.ndarray, point: np.ndarray) -> float:
    """Minutes by a search written out: the oracle."""
    xy = plane(streets.points, latitude=walk.latitude)
    beside: dict[int, list[tuple[int, float]]] = {}
    for (a, b), metres in zip(streets.ends.tolist(), streets.metres.tolist(), strict=True):
        length = max(metres, math.dist(xy[a], xy[b]))
        beside.setdefault(a, []).append((b, length))
        beside.setdefault(b, []).append((a, length))

    def nearest(spot: np.ndarray) -> tuple[int, float]:
        at = plane(spot[None], latitude=walk.latitude)[0]
        return min(((row, math.dist(at, one)) for row, one in enumerate(xy)), key=lambda found: found[1])

    goal, off = nearest(point)
    best: dict[int, float] = {}
    heap = [(length, row) for row, length in map(nearest, places) if length < MOST_OFF]
    heapq.heapify(heap)
    while heap:
        length, row = heapq.heappop(heap)
        if row in best:
            continue
        best[row] = length
        for other, street in beside.get(row, []):
            heapq.heappush(heap, (length + street, other))
    minutes = (best.get(goal, math.inf) + off) / METRES_A_SECOND / 60
    return minutes if minutes <= MOST_MINUTES and off < MOST_OFF else math.inf


@settings(deadline=None)
@given(streets=networks(), places=SPOTS, points=SPOTS)
def test_a_way_is_what_a_search_finds_and_never_shorter_than_the_straight_line(
    streets: Streets, places: list[tuple[float, float]], points: list[tuple[float, float]]
) -> None:
    walk, at, spots = Walk(streets), np.array(places), np.array(points)
    found = walk.ways(at, spots)
    assert (found.minutes >= straight(at, spots, latitude=walk.latitude) - 1e-6).all()
    for point, minutes, place in zip(spots, found.minutes, found.place, strict=True):
        wanted = searched(walk, streets, at, point)
        assert math.isclose(minutes, wanted, rel_tol=1e-6, abs_tol=1e-3)
        assert (place >= 0) == math.isfinite(minutes)
        if place >= 0:
            own = searched(walk, streets, at[place : place + 1], point)
            assert math.isclose(own, minutes, rel_tol=1e-6, abs_tol=1e-3), "the place that is named is as near"


@settings(deadline=None)
@given(streets=networks(), places=SPOTS, more=DEGREES, points=SPOTS)
def test_another_place_makes_nothing_farther(
    streets: Streets, places: list[tuple[float, float]], more: tuple[float, float], points: list[tuple[float, float]]
) -> None:
    walk, spots = Walk(streets), np.array(points)
    before = walk.ways(np.array(places), spots).minutes
    after = walk.ways(np.array([*places, more]), spots).minutes
    with np.errstate(invalid="ignore"):
        assert ((after <= before + 1e-9) | ~np.isfinite(before)).all()


def test_nothing_to_walk_on_and_nowhere_to_go() -> None:
    empty = Walk(Streets(np.empty((0, 2)), np.empty((0, 2), dtype=int), np.empty(0)))
    assert np.isinf(empty.ways(np.array([[104.06, 30.63]]), np.array([[104.06, 30.63]])).minutes).all()
    line = Streets(np.array([[104.06, 30.63], [104.07, 30.63], [104.2, 30.63]]), np.array([[0, 1]]), np.array([0.0]))
    walk = Walk(line)
    assert len(set(walk.parts.tolist())) == 2
    assert np.isinf(walk.ways(np.empty((0, 2)), line.points).minutes).all()
    assert walk.ways(line.points[:1], line.points).place.tolist() == [0, 0, -1]
