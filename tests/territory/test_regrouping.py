"""Regrouping: from today on the ground is another, and what was stays what it was."""

from datetime import date

import pytest
import shapely

from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import Event
from linli.kernel.trust import SYSTEM, Actor, Role
from linli.territory import locating
from linli.territory.actions import merge_grids, split_grid
from linli.territory.actions.laying import Dwellings
from linli.territory.coords import CoordinateSystem, Point
from linli.territory.models import Area, Boundary, Building, Compound, Dwelling, Level
from tests.territory.factories import ground

pytestmark = pytest.mark.django_db
YESTERDAY, TODAY = date(2026, 11, 17), date(2026, 11, 18)


@pytest.fixture(autouse=True)
def wuhou(tmp_path, clock):
    ground(tmp_path, dwellings=Dwellings.ALL)


def outline(area: Area) -> shapely.Polygon:
    return shapely.from_wkb(bytes(Boundary.objects.get(area=area, valid_to__isnull=True).geometry))


def ground_today() -> list[shapely.Polygon]:
    rows = Boundary.objects.filter(area__level=Level.MICRO_GRID, valid_to__isnull=True)
    return [shapely.from_wkb(bytes(geometry)) for geometry in rows.values_list("geometry", flat=True)]


def inhabited() -> Area:
    """A micro-grid with buildings in it."""
    return Area.objects.get(path=Building.objects.earliest("area_path").area_path)


def neighbours() -> tuple[Area, Area]:
    first = inhabited()
    for other in Area.objects.filter(parent=first.parent, level=Level.MICRO_GRID).exclude(id=first.id):
        if outline(first).intersection(outline(other)).length > 0:
            return first, other
    raise AssertionError("it has no neighbour")


def spot(area: Area) -> Point:
    return Point(area.label_lng, area.label_lat, CoordinateSystem.WGS84)


def test_merging_makes_one_of_two_and_keeps_what_was():
    first, second = neighbours()
    was = locating.locate(spot(second)).path
    result = merge_grids(SYSTEM, [first.path, second.path], name="合并微网格")
    (new,) = result.begun
    assert result.ended == sorted([first.path, second.path])
    assert (new.name, new.households) == ("合并微网格", first.households + second.households)
    assert new.path not in (first.path, second.path)
    assert outline(new).equals(
        shapely.unary_union(
            [shapely.from_wkb(bytes(b.geometry)) for b in Boundary.objects.filter(area__in=[first, second])]
        )
    )
    assert shapely.coverage_is_valid(ground_today())
    first.refresh_from_db()
    assert first.valid_to == TODAY
    if was == second.path:  # unless a school stands there
        assert locating.locate(spot(second)).path == new.path
        assert locating.who_was_responsible(spot(second), YESTERDAY).path == second.path
    assert not Building.objects.filter(area_path__in=result.ended).exists()
    assert not Dwelling.objects.filter(area_path__in=result.ended).exists()
    assert not Compound.objects.filter(area_path__in=result.ended).exists()


def test_splitting_makes_two_and_neighbours_get_the_new_points():
    area = inhabited()
    homes = Dwelling.objects.filter(area_path=area.path).count()
    before = {b.id for b in Boundary.objects.filter(valid_to__isnull=True)}
    result = split_grid(SYSTEM, area.path, share=0.4)
    first, second = result.begun
    assert first.households + second.households == area.households
    assert outline(first).touches(outline(second))
    assert shapely.coverage_is_valid(ground_today())
    for level in (Level.GENERAL_GRID, Level.COMMUNITY, Level.SUBDISTRICT):
        rows = Boundary.objects.filter(area__level=level, valid_to__isnull=True).values_list("geometry", flat=True)
        assert shapely.coverage_is_valid([shapely.from_wkb(bytes(g)) for g in rows])
    moved = {first.path, second.path}
    for building in Building.objects.filter(area_path__in=moved):
        part = first if building.area_path == first.path else second
        assert outline(part).covers(shapely.Point(building.lng, building.lat))
    assert Dwelling.objects.filter(area_path__in=moved).count() == homes
    # History: what was yesterday can still be asked, neighbours and all.
    assert before <= set(Boundary.objects.values_list("id", flat=True))
    was = Boundary.objects.filter(valid_from__lte=YESTERDAY, area__level=Level.MICRO_GRID)
    assert was.count() == Area.objects.filter(level=Level.MICRO_GRID, valid_from__lte=YESTERDAY).count()


def test_others_hear_of_it():
    area = inhabited()
    result = split_grid(SYSTEM, area.path)
    event = Event.objects.get(kind="territory.regrouped")
    assert event.data["ended"] == [area.path]
    assert [begun["path"] for begun in event.data["begun"]] == [new.path for new in result.begun]
    assert event.area_path == area.path.rpartition("/")[0]


def test_a_grid_can_be_regrouped_again_tomorrow_but_not_today(clock):
    result = split_grid(SYSTEM, inhabited().path)
    paths = [area.path for area in result.begun]
    with pytest.raises(Conflict):
        merge_grids(SYSTEM, paths)
    clock.forward(days=1)
    (whole,) = merge_grids(SYSTEM, paths).begun
    assert shapely.coverage_is_valid(ground_today())
    assert whole.path not in paths


def test_what_does_not_lie_together_is_not_merged():
    first = inhabited()
    far = Area.objects.filter(level=Level.MICRO_GRID, path__startswith="510107/063").latest("path")
    for paths in ([first.path, far.path], [first.path]):
        with pytest.raises(Invalid):
            merge_grids(SYSTEM, paths)
    apart = next(
        area
        for area in Area.objects.filter(parent=first.parent, level=Level.MICRO_GRID)
        if not outline(area).intersects(outline(first))
    )
    with pytest.raises(Invalid):
        merge_grids(SYSTEM, [first.path, apart.path])
    assert not Area.objects.filter(valid_from=TODAY).exists()


def test_what_is_no_micro_grid_and_a_foolish_share_are_refused():
    with pytest.raises(NotFound):
        split_grid(SYSTEM, "510107/005/001/01/999")
    with pytest.raises(NotFound):
        split_grid(SYSTEM, "510107/005/001")
    with pytest.raises(Invalid):
        split_grid(SYSTEM, inhabited().path, share=0.95)


def test_only_an_administrator_may():
    with pytest.raises(Forbidden):
        split_grid(Actor(role=Role.GRID_MEMBER, area_path="510107", district="510107"), inhabited().path)
