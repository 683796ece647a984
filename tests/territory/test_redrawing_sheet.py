"""A sheet of micro-grids: whatever is cut, joined and moved, it stays a partition, and every home has a grid."""

import random

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.territory.partition import BLOCK, LATTICE, STREET, Plane
from linli.territory.redrawing import Drawn, Home, LineError, Sheet, Standing, Wrong, rules

ORIGIN = (1_040_600_000, 306_300_000)
SIDE = 9_000  # about a hundred metres


def block(column: int, row: int, *, columns: int = 1) -> tuple[tuple[int, int], ...]:
    x, y = ORIGIN[0] + column * SIDE, ORIGIN[1] + row * SIDE
    right = [(x + k * SIDE, y) for k in range(columns + 1)]
    left = [(x + k * SIDE, y + SIDE) for k in range(columns, -1, -1)]
    return tuple(right + left)


def row_of(count: int) -> list[Standing]:
    return [
        Standing(f"510107/012/003/02/{k + 1:03d}", f"{k + 1}号微网格", "510107/012/003/02", 60, block(k, 0))
        for k in range(count)
    ]


def key(k: int) -> str:
    return f"510107/012/003/02/{k:03d}"


def degrees(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Points counted in blocks from the corner."""
    return [((ORIGIN[0] + x * SIDE) / LATTICE, (ORIGIN[1] + y * SIDE) / LATTICE) for x, y in points]


def drawn_community(seed: int, parts: int) -> list[Standing]:
    """A crooked general grid cut as the generator does."""
    plane, rng = Plane(latitude=30.6), random.Random(seed)
    corners = [(0, 0), (3, -0.4), (6, 0.3), (6.4, 3), (5.6, 6), (2.5, 5.4), (-0.3, 5.8), (0.4, 2.8)]
    ring = plane.face([(ORIGIN[0] + round(x * SIDE), ORIGIN[1] + round(y * SIDE)) for x, y in corners])
    faces = plane.divide(
        ring,
        [rng.uniform(0.7, 1.3) for _ in range(parts)],
        rng=rng,
        style=rng.choice([BLOCK, STREET]),
        turn=rng.random(),
    )
    rings = [tuple((plane.xs[i], plane.ys[i]) for i in plane.unfold(face)) for face in faces]
    return [
        Standing(key(k + 1), f"{k + 1}", "510107/012/003/02", rng.randint(20, 120), ring)
        for k, ring in enumerate(rings)
    ]


VERBS = st.tuples(st.sampled_from(["split", "merge", "move"]), st.randoms(use_true_random=False))


@given(seed=st.integers(0, 10_000), parts=st.integers(2, 9), steps=st.lists(VERBS, max_size=9))
def test_any_steps_leave_a_partition_and_lose_no_home(seed, parts, steps):
    standing = drawn_community(seed, parts)
    sheet = Sheet(standing, rules=rules())
    region = shapely.union_all([shapely.Polygon(one.outline) for one in standing])
    rng = random.Random(seed)
    homes = []
    west, south, east, north = region.bounds
    while len(homes) < 25:
        spot = (round(rng.uniform(west, east)), round(rng.uniform(south, north)))
        holds = [one.path for one in standing if shapely.Polygon(one.outline).covers(shapely.Point(spot))]
        if holds:
            homes.append(Home(str(len(homes)), spot, 4, holds[0]))
    done = 0
    for verb, chance in steps:
        keys = sorted(sheet.pieces)
        first = chance.choice(keys)
        shape = shapely.Polygon(sheet.degrees(sheet.pieces[first].ring))
        beside = [
            k
            for k in keys
            if k != first and shape.intersection(shapely.Polygon(sheet.degrees(sheet.pieces[k].ring))).length > 0
        ]
        middle, west_, south_, east_, north_ = shape.centroid, *shape.bounds
        lean = chance.uniform(-1, 1) * (east_ - west_)
        bend = chance.uniform(-0.1, 0.1) * (east_ - west_)
        line = [(middle.x - lean, south_ - 0.0001), (middle.x + bend, middle.y), (middle.x + lean, north_ + 0.0001)]
        try:
            if verb == "split":
                sheet.split(first, line)
            elif beside and verb == "merge":
                sheet.merge([first, chance.choice(beside)])
            elif beside:
                sheet.move([first, chance.choice(beside)], line)
            done += 1
        except LineError:
            continue
    polygons = [shapely.Polygon(sheet.degrees(piece.ring)) for piece in sheet.pieces.values()]
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    whole = sum(sheet.plane.doubled_area(sheet.plane.unfold(ring)) for ring in sheet.before.values())
    assert sum(sheet.plane.doubled_area(sheet.plane.unfold(piece.ring)) for piece in sheet.pieces.values()) == whole
    assert not {one.what for one in sheet.check(homes)} & {
        Wrong.GAP,
        Wrong.OVERLAP,
        Wrong.OUTSIDE,
        Wrong.EDGES,
        Wrong.ORPHAN,
    }
    assert sheet.placed(homes).keys() == {home.id for home in homes}
    shares = sheet.shares(homes)
    ended = set(sheet.ended())
    assert sum(share.households for share in shares.values()) == sum(
        one.households for one in standing if one.path in ended
    )
    assert {path for share in shares.values() for path in share.follows} == ended
    assert all(share.follows for share in shares.values())


def test_a_line_that_stops_a_little_short_is_carried_on_and_one_that_hangs_is_refused():
    sheet = Sheet(row_of(2), rules=rules())
    first, second = sheet.split(key(1), degrees((0.5, 0.1), (0.5, 0.95)), names=["西", "东"])
    assert (first.name, second.name) == ("西", "东")
    assert sheet.degrees(first.ring)[:, 0].min() < sheet.degrees(second.ring)[:, 0].min()
    assert sheet.square_metres(first.ring) == pytest.approx(sheet.square_metres(second.ring), rel=0.01)
    with pytest.raises(LineError) as refused:
        sheet.split(key(2), degrees((1.5, -0.2), (1.5, 0.5)))
    assert refused.value.code == "hangs"
    assert refused.value.place == pytest.approx(degrees((1.5, 0.5))[0])
    with pytest.raises(LineError) as refused:
        sheet.split(key(2), degrees((3.5, -0.2), (3.5, 1.5)))
    assert refused.value.code == "misses"


def test_a_neighbour_gets_the_point_that_a_cut_puts_on_their_edge():
    sheet = Sheet(row_of(2), rules=rules())
    before = len(sheet.degrees(sheet.pieces[key(2)].ring))
    sheet.split(key(1), degrees((-0.1, 0.5), (1.1, 0.5)))
    assert len(sheet.degrees(sheet.pieces[key(2)].ring)) == before + 1
    assert len(sheet.added()) == 2


def test_only_neighbours_of_one_general_grid_are_merged():
    sheet = Sheet(
        [*row_of(3), Standing("510107/012/003/03/001", "别处", "510107/012/003/03", 60, block(3, 0))], rules=rules()
    )
    for keys in ([key(1), key(3)], [key(1)], [key(3), "510107/012/003/03/001"]):
        with pytest.raises(LineError):
            sheet.merge(keys)
    merged = sheet.merge([key(2), key(3)], name="合并")
    assert (merged.name, sheet.ended()) == ("合并", [key(2), key(3)])


def test_a_moved_boundary_keeps_both_names_where_most_of_them_lies():
    sheet = Sheet(row_of(2), rules=rules())
    west, east = sheet.move([key(1), key(2)], degrees((1.3, 1.2), (1.3, -0.2)))
    assert (west.name, east.name) == ("1号微网格", "2号微网格")
    assert sheet.square_metres(west.ring) == pytest.approx(1.3 * sheet.square_metres(sheet.before[key(1)]), rel=0.01)
    shares = sheet.shares([])
    assert [shares[west.key].follows, shares[east.key].follows] == [[key(1)], [key(2)]]
    assert shares[west.key].households + shares[east.key].households == 120


def given_outlines(*boxes: tuple[float, float, float, float]) -> list[Drawn]:
    return [Drawn("", f"新{k}", tuple(degrees((w, s), (e, s), (e, n), (w, n)))) for k, (w, s, e, n) in enumerate(boxes)]


def test_outlines_that_fit_are_taken_and_points_on_edges_are_put_in():
    sheet = Sheet(row_of(2), rules=rules())
    sheet.exchange(given_outlines((0, 0, 0.7, 1), (0.7, 0, 1.4, 1), (1.4, 0, 2, 1)))
    assert sheet.check([]) == []
    assert len(sheet.begun()) == 3


def test_a_gap_and_an_overlap_are_found_with_their_place():
    sheet = Sheet(row_of(2), rules=rules())
    sheet.exchange(given_outlines((0, 0, 0.9, 1), (1, 0, 2, 1)))
    homes = [Home("a", (ORIGIN[0] + round(0.95 * SIDE), ORIGIN[1] + SIDE // 2), 12, key(1))]
    (gap, orphan) = sheet.check(homes)
    assert (gap.what, orphan.what) == (Wrong.GAP, Wrong.ORPHAN)
    assert shapely.Polygon(degrees((0.9, 0), (1, 0), (1, 1), (0.9, 1))).contains(shapely.Point(gap.lng, gap.lat))
    assert gap.measure == pytest.approx(sheet.square_metres(sheet.before[key(1)]) / 10, rel=0.02)
    sheet = Sheet(row_of(2), rules=rules())
    sheet.exchange(given_outlines((0, 0, 1.1, 1), (1, 0, 2, 1)))
    (overlap,) = sheet.check([])
    assert (overlap.what, overlap.grids) == (Wrong.OVERLAP, ("n1", "n2"))
    sheet = Sheet(row_of(2), rules=rules())
    sheet.exchange(given_outlines((0, 0, 1, 1), (1, 0, 2.2, 1)))
    assert [one.what for one in sheet.check([])] == [Wrong.OUTSIDE]


def test_its_own_outlines_change_nothing():
    standing = drawn_community(3, 7)
    sheet = Sheet(standing, rules=rules())
    sheet.exchange([Drawn(one.path, one.name, tuple(map(tuple, np.array(one.outline) / LATTICE))) for one in standing])
    assert (sheet.begun(), sheet.ended(), sheet.check([])) == ([], [], [])


def test_slivers_and_sizes_are_found():
    sheet = Sheet(row_of(1), rules=rules())
    thin, wide = sorted(
        sheet.split(key(1), degrees((0.04, -0.1), (0.04, 1.1))), key=lambda piece: sheet.square_metres(piece.ring)
    )
    homes = [Home("a", (ORIGIN[0] + SIDE // 2, ORIGIN[1] + SIDE // 2), 140, key(1))]
    sliver, large = sheet.check(homes)
    assert (sliver.what, sliver.grids, large.what, large.grids) == (Wrong.SLIVER, (thin.key,), Wrong.LARGE, (wide.key,))
    assert sliver.what.refuses
    assert not large.what.refuses


def test_outlines_that_cross_themselves_or_lie_elsewhere_are_refused():
    sheet = Sheet(row_of(1), rules=rules())
    for bad in (degrees((0, 0), (1, 1), (1, 0), (0, 1)), degrees((8, 8), (9, 8), (9, 9)), degrees((0, 0), (1, 1))):
        with pytest.raises(LineError):
            sheet.exchange([Drawn("", "坏", tuple(bad))])
    assert sheet.begun() == []


def whole(sheet: Sheet) -> list:
    return [one.what for one in sheet.check([]) if one.what.refuses]


def test_a_road_through_twelve_grids_cuts_each_of_them_in_one_step():
    sheet = Sheet(row_of(12), rules=rules())
    made, left = sheet.cut([degrees((-0.1, 0.5), (4, 0.4), (12.1, 0.6))])
    assert (len(made), left, whole(sheet)) == (24, {}, [])
    assert sheet.ended() == [key(k) for k in range(1, 13)]
    assert [piece.name for piece in made[:2]] == ["1号微网格A", "1号微网格B"]


def test_a_grid_where_a_line_ends_or_a_sliver_would_be_left_stays_whole():
    sheet = Sheet(row_of(4), rules=rules())
    ends_in_third = degrees((-0.1, 0.5), (2.5, 0.5))
    along_the_rim_of_fourth = degrees((3, 0.02), (4.1, 0.02))
    made, left = sheet.cut([ends_in_third, along_the_rim_of_fourth])
    assert {piece.name[0] for piece in made} == {"1", "2"}
    assert left == {key(3): "hangs", key(4): "sliver"}
    assert whole(sheet) == []
    with pytest.raises(LineError) as refused:
        sheet.cut([degrees((-3, 0.5), (-1, 0.5))])
    assert refused.value.code == "misses"


def test_two_roads_that_cross_in_a_grid_leave_four_parts_and_only_chosen_grids_are_cut():
    sheet = Sheet(row_of(3), rules=rules())
    made, left = sheet.cut([degrees((-0.1, 0.5), (3.1, 0.5)), degrees((1.5, -0.1), (1.5, 1.1))], keys=[key(2)])
    assert (len(made), left, whole(sheet)) == (4, {}, [])
    assert sheet.ended() == [key(2)]


@given(
    seed=st.integers(0, 10_000),
    parts=st.integers(2, 9),
    lines=st.lists(
        st.lists(st.tuples(st.floats(-1, 8), st.floats(-1, 7)), min_size=2, max_size=5, unique=True),
        min_size=1,
        max_size=4,
    ),
)
def test_whatever_lines_cut_the_grids_stay_a_partition_without_slivers(seed, parts, lines):
    standing = drawn_community(seed, parts)
    sheet = Sheet(standing, rules=rules())
    thin = {one for one in (key(k + 1) for k in range(parts)) if sheet._width(sheet._polygon(sheet.before[one])) < 5}
    try:
        _made, left = sheet.cut([degrees(*line) for line in lines])
    except LineError:
        assert sheet.ended() == []
        return
    assert set(left).isdisjoint(sheet.ended())
    if not thin:
        assert whole(sheet) == []
