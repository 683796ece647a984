"""Tiles of the ground, read back with a library that others wrote."""

from datetime import date, timedelta

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from linli.kernel import time
from linli.kernel.errors import Invalid, SignInNeeded
from linli.kernel.trust import ANONYMOUS, SYSTEM
from linli.territory import tiles
from linli.territory.actions import split_grid
from linli.territory.models import Area, Boundary, Level
from linli.territory.tile_layers import MOST_ZOOM, cut, outlined, world
from linli.territory.vector_tile import EXTENT, Layer, encode
from tests.territory.factories import ground

GRID = "510107/005/001/01/001"


def read(body: bytes) -> dict:
    return mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})


def at(lng: float, lat: float, zoom: int) -> tuple[int, int]:
    x, y = world(np.array([[lng, lat]]))[0] >> np.uint32(32 - zoom)
    return int(x), int(y)


@given(
    values=st.lists(
        st.one_of(st.text(max_size=9), st.integers(-(2**40), 2**40), st.booleans()), min_size=1, max_size=6
    ),
    spots=st.lists(st.tuples(st.integers(-90, 4200), st.integers(-90, 4200)), min_size=1, max_size=6),
    sides=st.lists(st.integers(1, 4000), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(values, spots, sides) -> None:
    count = min(len(values), len(spots), len(sides))
    xy = np.array(
        [[(x, y), (x + s, y), (x + s, y + s), (x, y + s), (x, y)] for (x, y), s in zip(spots, sides, strict=False)]
    )
    squares = Layer(
        "squares", xy[:count].reshape(-1, 2), np.arange(count + 1) * 5, np.ones(count, dtype=bool), np.arange(count),
        {"value": values[:count]},
    )  # fmt: skip
    points = Layer(
        "points", xy[:count, 0], np.empty(0, int), np.empty(0, bool), np.arange(count), {"n": list(range(count))}
    )
    found = read(encode([squares, points]))
    assert [one["properties"]["value"] for one in found["squares"]["features"]] == values[:count]
    assert [shape(one["geometry"]).bounds for one in found["squares"]["features"]] == [
        (x, y, x + s, y + s) for (x, y), s in zip(spots[:count], sides, strict=False)
    ]
    assert [tuple(one["geometry"]["coordinates"]) for one in found["points"]["features"]] == spots[:count]


@given(zoom=st.integers(0, MOST_ZOOM), seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_an_area_with_a_hole_is_whole_over_all_tiles(zoom: int, seed: int) -> None:
    """Whatever the zoom and the place, tile by tile the pieces come to the area, but for what a unit holds along its rim."""
    rng = np.random.default_rng(seed)
    lng, lat = rng.uniform(-170, 170), rng.uniform(-70, 70)
    side = 360.0 / 2**zoom * rng.uniform(0.1, 1.4)
    outer = shapely.box(lng, lat, min(lng + side, 179.9), min(lat + side * 0.5, 84))
    whole = outer.difference(shapely.affinity.scale(outer, 0.5, 0.5))
    held = outlined(
        np.array([whole], dtype=object), paths=["a"], names=["甲"], households=[3], verified=[True],
        labels=np.array([[lng, lat]]),
    )  # fmt: skip
    rim = world(shapely.get_coordinates(whole)).astype(np.int64)
    expected = shapely.transform(whole, lambda xy: world(xy).astype(np.float64) / 2 ** (20 - zoom))
    total, named = 0.0, 0
    low, high = rim.min(0) >> (32 - zoom), rim.max(0) >> (32 - zoom)
    tile_box = shapely.box(0, 0, EXTENT, EXTENT)
    for x in range(low[0], high[0] + 1):
        for y in range(low[1], high[1] + 1):
            found = read(encode(cut(held, "areas", zoom=zoom, x=x, y=y, named=True, told=lambda _path: False)))
            named += len(found.get("areas_name", {"features": ()})["features"])
            for one in found.get("areas", {"features": ()})["features"]:
                assert one["properties"] == {"path": "a", "households": 3, "verified": -1}
                total += shapely.intersection(shapely.make_valid(shape(one["geometry"])), tile_box).area
    assert named == 1
    assert abs(total - expected.area) <= 3 * expected.length + 60


@pytest.mark.django_db
def test_the_ground_shows_level_by_level_and_neighbouring_tiles_agree(tmp_path) -> None:
    ground(tmp_path)
    micro = Area.objects.get(path=GRID)
    for zoom, levels in (
        (7, {"district"}),
        (10, {"district", "subdistrict", "community"}),
        (14, {one.value for one in tiles.SHOWN}),
    ):
        x, y = at(micro.label_lng, micro.label_lat, zoom)
        found = read(tiles.encoded(tiles.asked(ANONYMOUS, "ground", zoom, x, y)))
        assert {name for name in found if not name.endswith("_name")} <= levels
        assert levels - {"dedicated_grid"} <= set(found)
    # A grid that lies on two tiles has the same points on both where they overlap, and its name on one of them.
    rows = Boundary.objects.filter(area__level=Level.MICRO_GRID).values_list(
        "area__path", "west", "east", "area__label_lat"
    )
    path, x, y = next(
        (path, at(west, lat, 15)[0], at(west, lat, 15)[1])
        for path, west, east, lat in rows
        if at(west, lat, 15)[0] + 1 == at(east, lat, 15)[0]
    )
    pair = [
        {
            one["properties"]["path"]: shape(one["geometry"])
            for one in read(tiles.encoded(tiles.asked(ANONYMOUS, "micro_grid", 15, tile_x, y)))["micro_grid"][
                "features"
            ]
        }[path]
        for tile_x in (x, x + 1)
    ]
    left = shapely.get_coordinates(pair[0])
    right = shapely.get_coordinates(pair[1]) + np.array([EXTENT, 0])
    common = {tuple(spot) for spot in left.tolist() if abs(spot[0] - EXTENT) < 79}
    assert common == {tuple(spot) for spot in right.tolist() if abs(spot[0] - EXTENT) < 79}


@pytest.mark.django_db
def test_a_tile_of_another_day_shows_the_ground_of_that_day(tmp_path, clock) -> None:
    ground(tmp_path)
    area = Area.objects.get(path=GRID)
    x, y = at(area.label_lng, area.label_lat, 16)

    def paths(day: date | None = None) -> set[str]:
        body = tiles.encoded(tiles.asked(ANONYMOUS, "micro_grid", 16, x, y, day=day))
        return {one["properties"]["path"] for one in read(body)["micro_grid"]["features"]}

    before, tag = paths(), tiles.etag(tiles.asked(ANONYMOUS, "ground", 16, x, y))
    assert GRID in before
    split_grid(SYSTEM, GRID)
    assert GRID not in paths()
    assert paths(time.today() - timedelta(days=1)) == before
    assert tiles.etag(tiles.asked(ANONYMOUS, "ground", 16, x, y)) != tag


@pytest.mark.django_db
def test_what_is_verified_is_for_posts_and_there_are_no_other_tiles(tmp_path, client) -> None:
    ground(tmp_path)
    Area.objects.filter(path=GRID).update(verified_on=time.today())
    area = Area.objects.get(path=GRID)
    x, y = at(area.label_lng, area.label_lat, 16)
    told = read(tiles.encoded(tiles.asked(SYSTEM, "micro_grid", 16, x, y, verified=True)))["micro_grid"]["features"]
    assert {one["properties"]["path"] for one in told if one["properties"]["verified"] == 1} == {GRID}
    with pytest.raises(SignInNeeded):
        tiles.asked(ANONYMOUS, "ground", 16, x, y, verified=True)
    for layer, zoom, column in (("roads", 3, 0), ("ground", 17, 0), ("ground", 3, 8)):
        with pytest.raises(Invalid):
            tiles.asked(ANONYMOUS, layer, zoom, column, 0)
    # As machines and browsers ask for it.
    address = f"/api/v1/tiles/ground/16/{x}/{y}.mvt"
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "verified" not in read(client.get(address).content)["micro_grid"]["features"][0]["properties"]
    again = client.get(address, headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age=86400" in client.get(address, {"v": tiles.mark()}).headers["Cache-Control"]
    assert client.get(address, {"facts": "verified"}).status_code in (401, 403)
    assert client.get("/api/v1/tiles/ground/2/9/9.mvt").status_code == 422
