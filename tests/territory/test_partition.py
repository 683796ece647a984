"""The exact partition: whatever is cut, the parts have their parent's area to the unit and share every vertex."""

import math
import random

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.territory.partition import BLOCK, LATTICE, NATURAL, SETTLED, STREET, CutError, Plane

STYLES = [NATURAL, SETTLED, STREET, BLOCK]
ORIGIN = (104.0, 30.6)


def star(seed: int, corners: int, size_m: float) -> list[tuple[int, int]]:
    """A star-shaped, usually concave ring of lattice points around the origin."""
    rng = random.Random(seed)
    unit = size_m / 111_320 * LATTICE
    ring = []
    for k in range(corners):
        radius = unit * rng.uniform(0.45, 1.0)
        angle = 2 * math.pi * k / corners
        ring.append(
            (
                round(ORIGIN[0] * LATTICE + radius * math.cos(angle) * 1.16),
                round(ORIGIN[1] * LATTICE + radius * math.sin(angle)),
            )
        )
    return ring


@given(
    seed=st.integers(0, 10_000),
    corners=st.integers(5, 40),
    parts=st.integers(2, 30),
    style=st.sampled_from(STYLES),
    size_m=st.sampled_from([1500.0, 6000.0]),
)
def test_parts_of_any_ring_are_an_exact_partition(seed, corners, parts, style, size_m):
    plane = Plane(latitude=ORIGIN[1])
    ring = plane.face(star(seed, corners, size_m))
    rng = random.Random(seed)
    faces = plane.divide(ring, [rng.uniform(0.5, 1.5) for _ in range(parts)], rng=rng, style=style, turn=rng.random())
    faces = [plane.unfold(face) for face in faces]
    assert len(faces) == parts
    assert sum(plane.doubled_area(face) for face in faces) == plane.doubled_area(plane.unfold(ring))
    polygons = np.array([shapely.Polygon(plane.degrees(face)) for face in faces])
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert shapely.coverage_union_all(polygons).equals(shapely.Polygon(plane.degrees(plane.unfold(ring))))


@given(seed=st.integers(0, 10_000))
def test_a_point_on_an_edge_goes_into_the_face_on_the_other_side(seed):
    plane = Plane(latitude=ORIGIN[1])
    rng = random.Random(seed)
    west, east = plane.cut(plane.face(star(seed, 12, 3000)), 0.5, rng=rng, style=STREET, turn=0.3)
    plane.divide(west, [1.0] * 9, rng=rng, style=BLOCK, turn=0.3)
    west, east = plane.unfold(west), plane.unfold(east)
    assert len(set(west) & set(east)) >= 2
    assert shapely.coverage_is_valid([shapely.Polygon(plane.degrees(west)), shapely.Polygon(plane.degrees(east))])


@given(seed=st.integers(0, 10_000))
def test_an_outline_gets_no_new_points(seed):
    plane = Plane(latitude=ORIGIN[1])
    dense = shapely.Polygon(star(seed, 9, 3000)).segmentize(4000).exterior.coords[:-1]
    ring = plane.outline([(round(x), round(y)) for x, y in dense])
    plane.divide(ring, [1.0] * 12, rng=random.Random(seed), style=BLOCK, turn=1.0)
    assert plane.unfold(ring) == ring


def test_shares_are_kept_about():
    plane = Plane(latitude=ORIGIN[1])
    ring = plane.face(star(3, 30, 5000))
    weights = [1.0, 2.0, 3.0, 4.0]
    faces = plane.divide(ring, weights, rng=random.Random(1), style=STREET, turn=0.2)
    total = plane.doubled_area(plane.unfold(ring))
    for face, weight in zip(faces, weights, strict=True):
        assert plane.doubled_area(plane.unfold(face)) / total == pytest.approx(weight / 10, rel=0.35)


def test_the_same_seed_gives_the_same_parts():
    def draw() -> list[list[tuple[float, float]]]:
        plane = Plane(latitude=ORIGIN[1])
        faces = plane.divide(plane.face(star(5, 20, 4000)), [1.0] * 15, rng=random.Random(9), style=NATURAL, turn=0.5)
        return [plane.degrees(plane.unfold(face)).tolist() for face in faces]

    assert draw() == draw()


def test_a_sliver_that_cannot_be_cut_says_so():
    plane = Plane(latitude=ORIGIN[1])
    sliver = plane.outline([(0, 0), (1, 0), (0, 1)])
    with pytest.raises(CutError):
        plane.divide(sliver, [1.0, 1.0], rng=random.Random(1), style=BLOCK, turn=0.0)
