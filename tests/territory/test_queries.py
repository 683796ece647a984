"""Reading the trees: rungs, names in words, pickers, outlines for maps."""

import json

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import SYSTEM
from linli.territory import locating, queries
from linli.territory.actions import split_grid
from linli.territory.mapping import outlines
from linli.territory.models import Area, Level
from tests.territory.factories import WUHOU, ground

pytestmark = pytest.mark.django_db
GRID = "510107/005/001/01/001"


@pytest.fixture(autouse=True)
def wuhou(tmp_path):
    ground(tmp_path)


def test_rungs_and_names():
    assert queries.ancestors(GRID)[:3] == ["5101", "510107", "510107/005"]
    assert [crumb.level for crumb in queries.breadcrumb(GRID)] == [
        "city", "district", "subdistrict", "community", "general_grid", "micro_grid",
    ]  # fmt: skip
    assert queries.place_name(GRID) == "武侯区玉林街道玉林北路社区"
    assert queries.place_name(GRID, top=Level.SUBDISTRICT) == "玉林街道玉林北路社区"
    assert queries.full_name(GRID) == "武侯区玉林街道玉林北路社区第1网格第1微网格"
    assert queries.place_name("510107/000") == "武侯区"
    assert queries.breadcrumbs([]) == {}


def test_names_for_a_page_of_cases_cost_one_query_and_places_none():
    paths = list(queries.below(WUHOU, level=Level.MICRO_GRID).values_list("path", flat=True)[:50])
    queries.place_name(GRID)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(queries.breadcrumbs(paths)) == 50
        assert all(queries.place_name(path) for path in paths)
    assert len(asked) == 1


def test_an_area_that_has_ended_keeps_its_name(clock):
    split_grid(SYSTEM, GRID)
    assert queries.full_name(GRID).endswith("第1微网格")
    with pytest.raises(NotFound):
        queries.area_at(GRID)


def test_children_and_pickers():
    assert [area.path for area in queries.children("")] == ["5101"]
    assert [area.path for area in queries.children("5101")] == ["510104", "510107"]
    assert [area.path for area in queries.children("510107")] == ["510107/005", "510107/063"]
    assert queries.choices("") == [("5101", "成都市")]
    assert queries.choices("510107/005") == [("510107/005/001", "玉林北路社区"), ("510107/005/002", "玉林东路社区")]
    general = queries.choices("510107/005/001", level=Level.GENERAL_GRID)
    assert general[0] == ("510107/005/001/01", "第1网格")
    assert {path[-3] for path, _name in queries.choices("510107/005/001", level=Level.DEDICATED_GRID)} == {"Z"}
    assert queries.area_at("510107/005").name == "玉林街道"
    assert set(queries.areas_at([GRID, "510107/999"])) == {GRID}
    counts = queries.counts("5101")
    assert (counts["city"], counts["district"], counts["community"]) == (1, 2, 8)


def test_searching_by_name_finds_all_of_that_name():
    assert [crumb.path for crumb in queries.search_areas("永兴")] == ["510104/022/002", "510107/063/011"]
    assert [crumb.path for crumb in queries.search_areas("永兴", within_path="510107")] == ["510107/063/011"]
    assert queries.search_areas("玉林街道玉林北路")[0].path == "510107/005/001"
    assert queries.search_areas("武侯区")[0].path == "510107"
    assert queries.search_areas(" ") == []


@pytest.mark.parametrize("level", [Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY, Level.MICRO_GRID])
def test_outlines_for_a_map_fit_together_after_simplifying(level):
    made = outlines(level, within_path="510107")
    collection = json.loads(made.body)
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in collection["features"]]
    assert len(shapes) == queries.below("510107", level=level).count()
    assert shapely.coverage_is_valid(shapes)
    properties = collection["features"][0]["properties"]
    assert properties["synthetic"] is True
    assert properties["path"].startswith("510107")


def test_outlines_are_made_once_until_the_ground_changes(clock):
    first = outlines(Level.MICRO_GRID, within_path="510107/005")
    assert outlines(Level.MICRO_GRID, within_path="510107/005") is first
    split_grid(SYSTEM, GRID)
    second = outlines(Level.MICRO_GRID, within_path="510107/005")
    assert second.etag != first.etag
    assert len(json.loads(second.body)["features"]) == len(json.loads(first.body)["features"]) + 1


def test_a_window_shows_what_meets_it():
    area = Area.objects.get(path=GRID)
    x, y = area.label_lng, area.label_lat
    paths = [
        feature["properties"]["path"]
        for feature in json.loads(outlines(Level.MICRO_GRID, window=(x, y, x, y)).body)["features"]
    ]
    assert GRID in paths
    assert len(paths) < 6
    assert json.loads(outlines(Level.MICRO_GRID, window=(0, 0, 1, 1)).body)["features"] == []
    with pytest.raises(Invalid):
        outlines("city")


def test_the_mark_of_the_ground_changes_with_the_ground(clock):
    before = locating.version()
    split_grid(SYSTEM, GRID)
    assert locating.version() != before
