"""From points and addresses to micro-grids, on ground that was laid in the database."""

from datetime import date

import numpy as np
import pytest
import shapely
from django.core.management import call_command

from linli.kernel.errors import Invalid, NotFound
from linli.territory import locating
from linli.territory.actions.laying import Dwellings
from linli.territory.changes import mark_changed
from linli.territory.coords import CoordinateSystem, Point, from_wgs84
from linli.territory.locating import How
from linli.territory.models import Area, Boundary, Building, Compound, Dwelling, Entrance, Level
from tests.territory.factories import LIST_DAY, ground, load_lists

pytestmark = pytest.mark.django_db


def wgs(lng: float, lat: float) -> Point:
    return Point(lng, lat, CoordinateSystem.WGS84)


def generate(*districts: str) -> None:
    chosen = [word for code in districts for word in ("--district", code)]
    call_command("generate", *chosen, "--outlines", "always", "--dwellings", "none", "--seed", "7")


@pytest.fixture
def wuhou(tmp_path):
    ground(tmp_path)


def some_micro_grid() -> Area:
    """A micro-grid whose label no dedicated grid covers."""
    dedicated = [shapely.from_wkb(bytes(b.geometry)) for b in Boundary.objects.filter(area__level=Level.DEDICATED_GRID)]
    for area in Area.objects.filter(level=Level.MICRO_GRID).order_by("path"):
        if not any(shape.covers(shapely.Point(area.label_lng, area.label_lat)) for shape in dedicated):
            return area
    raise AssertionError("every micro-grid is built over")


@pytest.mark.parametrize("system", CoordinateSystem)
def test_a_point_finds_its_micro_grid_in_whatever_system_it_is_given(wuhou, system):
    area = some_micro_grid()
    found = locating.locate(Point(*from_wgs84(area.label_lng, area.label_lat, system=system), system))
    assert (found.area_id, found.path, found.how) == (area.id, area.path, How.INSIDE)


def test_a_dedicated_grid_answers_over_its_ground(wuhou):
    school = Area.objects.filter(level=Level.DEDICATED_GRID).earliest("path")
    assert locating.locate(wgs(school.label_lng, school.label_lat)).path == school.path


def test_every_shared_edge_falls_to_the_smaller_path(wuhou):
    shapes = {
        boundary.area.path: shapely.from_wkb(bytes(boundary.geometry))
        for boundary in Boundary.objects.select_related("area").filter(area__level=Level.MICRO_GRID)
    }
    vertices: dict[tuple[float, float], str] = {}
    for path, shape in sorted(shapes.items()):
        for spot in shape.exterior.coords:
            vertices.setdefault(spot, path)
    lng, lat = np.array(list(vertices)).T
    batch = locating.locate_batch(lng, lat, system=CoordinateSystem.WGS84)
    assert [path.decode() for path in batch.paths] == list(vertices.values())


def test_a_point_outside_goes_to_the_nearest_grid_and_one_far_off_to_the_queue(wuhou):
    west, south, _east, north = shapely.from_wkb(bytes(Boundary.objects.get(area__path="510107").geometry)).bounds
    assert locating.locate(wgs(west - 0.5, (south + north) / 2)).path == "510107/000"
    rim = shapely.from_wkb(bytes(Boundary.objects.get(area__path="510107").geometry)).exterior
    tip = min(rim.coords)  # the westernmost point; a hundred metres west of it there is nothing
    found = locating.locate(wgs(tip[0] - 0.001, tip[1]))
    assert found.how == How.NEAREST
    assert found.distance_m == pytest.approx(0.001 * 111_320 * np.cos(np.radians(tip[1])), rel=0.02)


def test_a_district_without_grids_has_its_queue_all_the_same(tmp_path):
    load_lists(tmp_path)
    found = locating.locate(wgs(104.02, 30.62))
    assert (found.path, found.how) == ("510107/000", How.UNPLACED)


@pytest.mark.parametrize("bad", [(float("nan"), 30.0), (200.0, 30.0), (104.0, 91.0), (None, 30.0), ("104", 30.0)])
def test_what_is_no_point_is_refused(wuhou, bad):
    with pytest.raises(Invalid) as refused:
        locating.locate(Point(*bad, CoordinateSystem.WGS84))
    assert refused.value.field == "point"
    with pytest.raises(Invalid):
        locating.locate(Point(104.0, 30.6, "mars"))


def test_without_any_district_there_is_no_answer_but_a_clear_word():
    with pytest.raises(NotFound) as refused:
        locating.locate(wgs(104.0, 30.6))
    assert refused.value.code == "territory.no_ground"


def test_boundaries_are_dated(wuhou, clock):
    area = some_micro_grid()
    there = wgs(area.label_lng, area.label_lat)
    Boundary.objects.filter(area=area).update(valid_to=date(2026, 11, 20))
    mark_changed()
    assert locating.locate(there).path == area.path  # it is 18 November
    assert locating.who_was_responsible(there, date(2026, 11, 19)).path == area.path
    assert locating.who_was_responsible(there, date(2026, 11, 20)).path != area.path
    clock.forward(days=2)
    assert locating.locate(there).path != area.path  # the day has come, without any further change
    with pytest.raises(NotFound):
        locating.who_was_responsible(there, date(2020, 1, 1))
    assert locating.who_was_responsible(there, LIST_DAY).path == area.path


def test_laying_again_changes_nothing_and_a_second_district_fits(wuhou, tmp_path, capsys):
    before = Boundary.objects.count()
    generate("510107", "510104")
    out = capsys.readouterr().out
    assert "510107: has grids already" in out
    assert "1 districts laid" in out
    assert Boundary.objects.filter(district="510107").count() == before
    shapes = [
        shapely.from_wkb(bytes(geometry))
        for geometry in Boundary.objects.filter(area__level=Level.MICRO_GRID).values_list("geometry", flat=True)
    ]
    assert shapely.coverage_is_valid(shapes)


def test_generated_ground_says_that_it_is_and_what_is_real_does_not(wuhou):
    assert not Area.objects.filter(level__in=[Level.CITY, Level.DISTRICT, Level.COMMUNITY], synthetic=True).exists()
    assert not Area.objects.filter(level__in=[Level.MICRO_GRID, Level.DEDICATED_GRID], synthetic=False).exists()
    assert not Boundary.objects.filter(synthetic=False).exists()
    assert not Compound.objects.filter(synthetic=False).exists()


def test_ground_needs_divisions_first():
    with pytest.raises(Exception, match=r"import divisions|510107"):
        generate("510107")


@pytest.fixture
def dwellings(tmp_path):
    ground(tmp_path, dwellings=Dwellings.ALL)


def test_buildings_and_dwellings_carry_the_micro_grid_they_stand_in(dwellings):
    for building in Building.objects.select_related("compound")[:40]:
        found = locating.locate(wgs(building.lng, building.lat))
        assert (found.path, found.area_id) == (building.area_path, building.area_id)
        assert building.area_path.startswith(building.compound.area_path)
    dwelling = Dwelling.objects.select_related("entrance__building").latest("floor")
    assert dwelling.area_path == dwelling.entrance.building.area_path
    assert 1 <= dwelling.floor <= dwelling.entrance.building.floors
    assert Dwelling.objects.count() == sum(Compound.objects.values_list("households", flat=True))
    assert Entrance.objects.filter(synthetic=False).count() == 0


def test_an_address_finds_its_building(dwellings):
    building = Building.objects.select_related("compound").filter(number="2").earliest("area_path")
    text = f"{building.compound.address} 二栋１单元 3楼 2号"
    best = locating.locate_address(text)[0]
    assert (best.kind, best.id, best.path) == ("building", building.id, building.area_path)
    assert best.score > 0.9
    assert best.rest == {"building": "2", "entrance": "1", "floor": "3", "dwelling": "2"}


def test_an_estate_is_found_by_name_among_other_words(dwellings):
    compound = Compound.objects.exclude(name__endswith="院").earliest("area_path")
    assert compound.id in {c.id for c in locating.locate_address(f"我家住在{compound.name}门口")}
    assert locating.locate_address(compound.name, district="510104") == []


def test_a_community_is_offered_where_no_compound_fits_and_all_of_that_name(dwellings):
    generate("510104")
    found = locating.locate_address("永兴社区菜市场对面")
    assert {"510107/063/011", "510104/022/002"} <= {candidate.path for candidate in found if candidate.kind == "area"}


def test_nonsense_and_endless_texts(dwellings):
    assert locating.locate_address("") == []
    assert locating.locate_address("，。") == []
    assert locating.locate_address("qwertzuiop") == []
    with pytest.raises(Invalid):
        locating.locate_address("长" * 201)
