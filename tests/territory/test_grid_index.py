"""The rule of edges: the same point always falls to the same grid, and a point is never nowhere."""

from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.territory.grid_index import GridIndex, Grids, How

STEP = 0.004  # about 400 m
WEST, SOUTH = 104.0, 30.6


def rows(named: dict[str, shapely.Geometry]) -> Grids:
    return Grids(
        np.frombuffer(b"".join(UUID(int=k + 1).bytes for k in range(len(named))), dtype="V16"),
        np.array([path.encode() for path in named], dtype="S32"),
        np.array([path[:6].encode() for path in named], dtype="S6"),
        np.array(list(named.values()), dtype=object),
    )


def square(column: int, row: int) -> shapely.Polygon:
    x, y = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(x, y, x + STEP, y + STEP)


@pytest.fixture(scope="module")
def index() -> GridIndex:
    """Four blocks, a school over the corner where they meet, two districts."""
    grids = {
        "510107/001/001/01/004": square(1, 1),
        "510107/001/001/01/001": square(0, 0),
        "510107/001/001/Z01": shapely.Point(WEST + 0.5 * STEP, SOUTH + 0.5 * STEP).buffer(STEP / 8),
        "510107/001/001/01/003": square(0, 1),
        "510107/001/001/01/002": square(1, 0),
    }
    unplaced = {
        "510107/000": shapely.box(WEST - 0.05, SOUTH - 0.05, WEST + 0.05, SOUTH + 0.05),
        "510104/000": shapely.box(WEST + 0.05, SOUTH - 0.05, WEST + 0.15, SOUTH + 0.05),
    }
    dedicated = np.array(["Z" in path for path in grids])
    return GridIndex(grids=rows(grids), dedicated=dedicated, unplaced=rows(unplaced))


def test_inside(index):
    found = index.locate(WEST + 1.5 * STEP, SOUTH + 0.5 * STEP)
    assert (found.path, found.how, found.district) == ("510107/001/001/01/002", How.INSIDE, "510107")
    assert found.area_id == UUID(int=5)


@pytest.mark.parametrize(
    ("x", "y", "path"),
    [
        (1.0, 0.3, "510107/001/001/01/001"),  # between 001 and 002
        (1.0, 1.3, "510107/001/001/01/003"),  # between 003 and 004
        (1.6, 1.0, "510107/001/001/01/002"),  # between 002 and 004
        (1.0, 1.0, "510107/001/001/01/001"),  # where all four meet
    ],
)
def test_on_a_shared_edge_the_smaller_path_answers(index, x, y, path):
    found = index.locate(WEST + x * STEP, SOUTH + y * STEP)
    assert (found.path, found.how) == (path, How.EDGE)


def test_a_dedicated_grid_goes_before_the_micro_grid_under_it(index):
    found = index.locate(WEST + 0.5 * STEP, SOUTH + 0.5 * STEP)
    assert (found.path, found.how) == ("510107/001/001/Z01", How.INSIDE)


def test_outside_the_nearest_micro_grid_within_the_limit_answers(index):
    found = index.locate(WEST - 0.001, SOUTH + 1.5 * STEP)
    assert (found.path, found.how) == ("510107/001/001/01/003", How.NEAREST)
    assert found.distance_m == pytest.approx(0.001 * 111_320 * np.cos(np.radians(30.606)), rel=0.01)


def test_of_two_grids_as_near_the_smaller_path_answers(index):
    assert index.locate(WEST - 0.001, SOUTH + 1.0 * STEP).path == "510107/001/001/01/001"


@pytest.mark.parametrize(
    ("lng", "lat", "path"),
    [
        (WEST - 0.02, SOUTH, "510107/000"),
        (WEST + 0.10, SOUTH, "510104/000"),
        (WEST + 0.16, SOUTH, "510104/000"),
        (-77.0, 39.0, "510107/000"),
        (WEST + 0.05, SOUTH, "510104/000"),
    ],
)
def test_what_has_no_grid_near_waits_in_the_queue_of_the_nearest_district(index, lng, lat, path):
    found = index.locate(lng, lat)
    assert (found.path, found.how) == (path, How.UNPLACED)


near = st.floats(-3, 5, allow_nan=False)


@given(st.lists(st.tuples(near, near), min_size=1, max_size=30))
def test_a_batch_says_what_single_questions_say(index, spots):
    # Spots on whole numbers lie on edges and corners; those are the ones that must not depend on the way of asking.
    spots = [*spots, *((round(x), round(y)) for x, y in spots)]
    lng = np.array([WEST + x * STEP for x, _ in spots])
    lat = np.array([SOUTH + y * STEP for _, y in spots])
    batch = index.locate_batch(lng, lat)
    for k in range(len(spots)):
        assert batch[k] == index.locate(float(lng[k]), float(lat[k]))
        assert batch.paths[k] == batch[k].path.encode()


def test_order_of_rows_does_not_matter(index):
    order = np.array([3, 1, 4, 0, 2])
    shuffled = GridIndex(
        grids=index.grids.take(order),
        dedicated=np.array([b"Z" in path for path in index.grids.paths[order]]),
        unplaced=index.unplaced,
    )
    xs, ys = np.meshgrid(np.linspace(-1, 3, 33), np.linspace(-1, 3, 33))
    lng, lat = WEST + xs.ravel() * STEP, SOUTH + ys.ravel() * STEP
    assert (index.locate_batch(lng, lat).paths == shuffled.locate_batch(lng, lat).paths).all()


def test_no_ground_at_all_answers_none_and_a_coordinate_that_is_none_is_refused(index):
    empty = rows({})
    bare = GridIndex(grids=empty, dedicated=np.empty(0, dtype=bool), unplaced=empty)
    assert bare.locate(WEST, SOUTH) is None
    with pytest.raises(ValueError, match="finite"):
        index.locate_batch(np.array([np.nan]), np.array([30.6]))
