"""A change of the micro-grids, from the first line to its day: drawn, refused, mended, approved by three people, in force."""

from datetime import date

import pytest
import shapely
from django.db import IntegrityError, transaction

from linli.kernel import events, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import SYSTEM
from linli.people.models import Post
from linli.territory import locating, redrawings
from linli.territory.actions import redrawing as actions
from linli.territory.actions import split_grid
from linli.territory.chores import put_in_force
from linli.territory.coords import CoordinateSystem, Point
from linli.territory.models import (
    Area,
    Boundary,
    Building,
    Compound,
    Dwelling,
    Entrance,
    Level,
    Redrawing,
    RedrawingEntry,
    RedrawingState,
)
from tests.world import HOME, SINCE, WUHOU, World, build, fresh, report

pytestmark = pytest.mark.django_db(transaction=True)
COMMUNITY = f"{WUHOU}/012/003"
GENERAL = f"{COMMUNITY}/02"
EAST, NORTH, CORNER = f"{GENERAL}/018", f"{GENERAL}/019", f"{GENERAL}/020"
DAY = date(2026, 12, 1)
LINE = [[104.0604, 30.6299], [104.0604, 30.6312]]
SPLIT = {"do": "split", "grid": HOME, "line": LINE, "names": ["17号西", "17号东"]}
MERGE = {"do": "merge", "grids": [NORTH, CORNER], "name": "北微网格"}


@pytest.fixture
def world(clock) -> World:
    """The small city, with two more grids north of the first two, and homes in the first."""
    world = build()
    general = world.areas[GENERAL]
    for path, name, box in (
        (NORTH, "19号微网格", (104.060, 30.631, 104.061, 30.632)),
        (CORNER, "20号微网格", (104.061, 30.631, 104.062, 30.632)),
    ):
        west, south, east, north = box
        area = Area.objects.create(
            district=WUHOU,
            path=path,
            level=Level.MICRO_GRID,
            name=name,
            parent=general,
            valid_from=SINCE,
            households=60,
        )
        Boundary.objects.create(
            district=WUHOU, area=area, geometry=shapely.to_wkb(shapely.box(*box)), west=west, south=south, east=east, north=north,
            valid_from=SINCE,
        )  # fmt: skip
    home = world.areas[HOME]
    compound = Compound.objects.create(
        district=WUHOU, area=home, area_path=HOME, name="芳草苑", address="芳草街1号", lng=104.0605, lat=30.6305
    )
    for number, lng, homes in (("1", 104.0602, 40), ("2", 104.0608, 35)):
        building = Building.objects.create(
            district=WUHOU, compound=compound, area=home, area_path=HOME, number=number, lng=lng, lat=30.6305
        )
        entrance = Entrance.objects.create(district=WUHOU, building=building, number="1")
        Dwelling.objects.bulk_create(
            Dwelling(district=WUHOU, entrance=entrance, area=home, area_path=HOME, floor=k // 4 + 1, number=f"{k:02d}")
            for k in range(homes)
        )
    return world


def draft(world: World, *steps: dict, day: date | None = DAY) -> Redrawing:
    actor = world.xiao_xu
    found = actions.begin_redrawing(actor, COMMUNITY, title="二网格调整")
    found = actions.describe(
        actor,
        found.id,
        district=WUHOU,
        version=found.version,
        title=found.title,
        reason="17号微网格户数太多",
        holds_from=day,
    )
    for step in steps:
        found = actions.add_step(actor, found.id, district=WUHOU, version=found.version, step=step)
    return found


def proposed(world: World, *steps: dict) -> Redrawing:
    found = draft(world, *steps)
    return actions.propose(world.xiao_xu, found.id, district=WUHOU, version=found.version)


def approved(world: World, *steps: dict) -> Redrawing:
    found = proposed(world, *steps)
    for actor in (world.xiao_li, world.liu, world.ma):
        found = actions.approve(actor, found.id, district=WUHOU, version=found.version, words="同意")
    return found


def grids_today() -> list[shapely.Polygon]:
    return [shapely.from_wkb(bytes(row.geometry)) for row in redrawings.micro_grids(COMMUNITY)]


def at(lng: float, lat: float) -> Point:
    return Point(lng, lat, CoordinateSystem.WGS84)


def test_a_change_comes_in_force_on_its_day_and_everything_follows(world, clock):
    east_case, west_case = report(world.zhou, lng=104.0608, lat=30.6305), report(world.wang, lng=104.0602, lat=30.6305)
    found = approved(world, SPLIT, MERGE)
    assert found.state == RedrawingState.DISTRICT
    assert found.ended == [HOME, NORTH, CORNER]
    assert {piece["name"]: piece["dwellings"] for piece in found.pieces} == {"17号东": 35, "17号西": 40, "北微网格": 0}
    assert put_in_force() == 0  # its day has not come
    assert locating.locate(at(104.0602, 30.6305)).path == HOME
    # The day comes.
    clock.set(time.now().replace(month=12, day=1))
    assert put_in_force() == 1
    assert put_in_force() == 0
    events.drain(["people.territory", "cases.regrouping", "workforce.coverage", "households.territory"])
    found.refresh_from_db()
    assert (found.state, found.applied_on) == (RedrawingState.APPLIED, DAY)
    paths = {piece["name"]: piece["path"] for piece in found.pieces}
    assert shapely.coverage_is_valid(grids_today())
    assert len(grids_today()) == 4
    begun = Area.objects.get(path=paths["17号西"], valid_to__isnull=True)
    assert (begun.valid_from, begun.verified_on) == (DAY, DAY)
    assert sum(Area.objects.filter(path__in=paths.values()).values_list("households", flat=True)) == 180
    # Cases, roster, buildings and dwellings follow to the part they are in.
    assert fresh(east_case).area_path == paths["17号东"]
    assert fresh(west_case).area_path == paths["17号西"]
    he_ming = Post.objects.filter(account=world.accounts["he_ming"], ends_on__isnull=True)
    assert set(he_ming.values_list("area_path", flat=True)) == {paths["17号东"], paths["17号西"]}
    assert Building.objects.get(number="2").area_path == paths["17号东"]
    assert Dwelling.objects.filter(area_path=paths["17号西"]).count() == 40
    assert not Dwelling.objects.filter(area_path=HOME).exists()
    # History stays: who was responsible on which day.
    assert locating.locate(at(104.0602, 30.6305)).path == paths["17号西"]
    assert locating.who_was_responsible(at(104.0602, 30.6305), date(2026, 11, 30)).path == HOME
    assert locating.who_was_responsible(at(104.0605, 30.6315), date(2024, 1, 1)).path == NORTH
    assert Area.objects.get(path=HOME).valid_to == DAY
    (came_from,) = redrawings.changes_at(paths["北微网格"])
    assert came_from == found
    # The neighbour that was not touched got the new point where the line met it, from that day on.
    assert Event.objects.filter(kind="territory.regrouped").count() == 2
    assert AuditEntry.objects.filter(verb="redrawing.approve").count() == 3


def test_a_gap_and_an_overlap_are_refused_with_their_place(world):
    def outlines(*boxes):
        return {
            "do": "outlines",
            "features": [
                {"name": f"新{k}", "outline": [[w, s], [e, s], [e, n], [w, n]]} for k, (w, s, e, n) in enumerate(boxes)
            ],
        }

    gap = draft(world, outlines((104.060, 30.630, 104.0609, 30.632), (104.061, 30.630, 104.062, 30.632)))
    with pytest.raises(Invalid) as refused:
        actions.propose(world.xiao_xu, gap.id, district=WUHOU, version=gap.version)
    assert refused.value.code == "redrawing.wrong"
    (one,) = refused.value.extra["findings"]
    assert one["what"] == "gap"
    assert 104.0609 < one["lng"] < 104.061
    assert 30.630 < one["lat"] < 30.632
    overlap = draft(world, outlines((104.060, 30.630, 104.0611, 30.632), (104.061, 30.630, 104.062, 30.632)))
    with pytest.raises(Invalid) as refused:
        actions.propose(world.xiao_xu, overlap.id, district=WUHOU, version=overlap.version)
    (one,) = refused.value.extra["findings"]
    assert (one["what"], one["grids"]) == ("overlap", ["n1", "n2"])
    assert 104.061 < one["lng"] < 104.0611
    # A building that the outlines leave out is found too.
    orphan = draft(world, outlines((104.0603, 30.630, 104.062, 30.632)))
    assert {one["what"] for one in orphan.findings} >= {"gap", "orphan"}
    assert Area.objects.filter(valid_to__isnull=False).count() == 0
    # Mended, it goes through.
    mended = actions.take_back_step(world.xiao_xu, gap.id, district=WUHOU, version=gap.version)
    mended = actions.add_step(
        world.xiao_xu, gap.id, district=WUHOU, version=mended.version,
        step=outlines((104.060, 30.630, 104.0609, 30.632), (104.0609, 30.630, 104.062, 30.632)),
    )  # fmt: skip
    assert [one["what"] for one in mended.findings] == []
    assert (
        actions.propose(world.xiao_xu, gap.id, district=WUHOU, version=mended.version).state == RedrawingState.PROPOSED
    )


def test_each_level_needs_another_person_of_that_level(world):
    found = proposed(world, SPLIT)

    def says(actor, expected):
        with pytest.raises(expected):
            actions.approve(actor, found.id, district=WUHOU, version=found.version)

    says(world.xiao_xu, Forbidden)  # proposed it
    says(world.liu, Forbidden)  # not the subdistrict's turn
    says(world.other_liu, NotFound)
    says(world.sibling_worker, NotFound)
    says(world.he_ming, NotFound)
    with pytest.raises(Stale):
        actions.approve(world.xiao_li, found.id, district=WUHOU, version=1)
    found = actions.approve(world.xiao_li, found.id, district=WUHOU, version=found.version)
    says(world.xiao_li, Forbidden)
    says(world.ma, Forbidden)
    found = actions.approve(world.liu, found.id, district=WUHOU, version=found.version)
    found = actions.approve(world.ma, found.id, district=WUHOU, version=found.version)
    says(world.ma, Conflict)
    assert list(found.entries.values_list("verb", "state", "name")) == [
        ("begin", "draft", "小徐"), ("propose", "proposed", "小徐"), ("approve", "community", "小李"),
        ("approve", "subdistrict", "刘主任"), ("approve", "district", "马督"),
    ]  # fmt: skip
    twice = RedrawingEntry.objects.get(verb="approve", name="小李")
    twice.id = Redrawing().id
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save(force_insert=True)


def test_what_is_sent_back_is_mended_and_goes_round_again(world):
    found = proposed(world, SPLIT)
    with pytest.raises(Invalid):
        actions.send_back(world.xiao_li, found.id, district=WUHOU, version=found.version, words=" ")
    with pytest.raises(Conflict):
        actions.add_step(world.xiao_xu, found.id, district=WUHOU, version=found.version, step=MERGE)
    found = actions.send_back(world.xiao_li, found.id, district=WUHOU, version=found.version, words="线要沿着路")
    assert (found.state, found.entries.last().words) == (RedrawingState.SENT_BACK, "线要沿着路")
    found = actions.take_back_step(world.xiao_xu, found.id, district=WUHOU, version=found.version)
    assert (found.steps, found.pieces, found.ended) == ([], [], [])
    with pytest.raises(Invalid):
        actions.propose(world.xiao_xu, found.id, district=WUHOU, version=found.version)  # nothing in it
    found = actions.add_step(world.xiao_xu, found.id, district=WUHOU, version=found.version, step=MERGE)
    found = actions.propose(world.xiao_xu, found.id, district=WUHOU, version=found.version)
    assert found.round == 2
    found = actions.approve(world.xiao_li, found.id, district=WUHOU, version=found.version)
    found = actions.withdraw(world.xiao_xu, found.id, district=WUHOU, version=found.version)
    assert found.state == RedrawingState.WITHDRAWN


def test_two_changes_never_wait_on_one_grid(world):
    first = proposed(world, SPLIT)
    second = draft(world, {"do": "merge", "grids": [HOME, EAST], "name": "南"})
    with pytest.raises(Conflict) as refused:
        actions.propose(world.xiao_xu, second.id, district=WUHOU, version=second.version)
    assert refused.value.code == "redrawing.taken"
    actions.send_back(world.xiao_li, first.id, district=WUHOU, version=first.version, words="先合并")
    assert actions.propose(world.xiao_xu, second.id, district=WUHOU, version=second.version)


def test_ground_that_changed_meanwhile_sends_it_back(world, clock):
    found = approved(world, SPLIT)
    split_grid(SYSTEM, HOME)
    clock.set(time.now().replace(month=12, day=1))
    assert put_in_force() == 1
    found.refresh_from_db()
    assert found.state == RedrawingState.SENT_BACK
    assert not Area.objects.filter(valid_from=DAY).exists()


def test_a_moved_line_takes_its_people_along_and_confirmed_grids_count_as_verified(world, clock):
    step = {"do": "move", "grids": [HOME, EAST], "line": [[104.0607, 30.6299], [104.0607, 30.6311]]}
    assert [one.verified for one in redrawings.progress(f"{WUHOU}/012")] == [0, 0]
    found = approved(world, step, {"do": "confirm", "grids": [NORTH]})
    clock.set(time.now().replace(month=12, day=1))
    put_in_force()
    events.drain(["people.territory"])
    found.refresh_from_db()
    paths = {piece["name"]: piece["path"] for piece in found.pieces}
    for login, name in (("he_ming", "17号微网格"), ("sibling_member", "18号微网格")):
        (post,) = Post.objects.filter(account=world.accounts[login], ends_on__isnull=True)
        assert post.area_path == paths[name]
    assert Building.objects.get(number="2").area_path == paths["18号微网格"]
    north = redrawings.progress(f"{WUHOU}/012")[0]
    assert (north.grids, north.verified, north.percent) == (4, 3, 75)
    assert Area.objects.get(path=NORTH, valid_to__isnull=True).verified_on == DAY


def test_what_is_no_step_is_refused_in_words(world):
    found = draft(world)
    for step, code in (
        ({"do": "explode"}, "redrawing.step"),
        ({"do": "split", "grid": HOME, "line": [[104.06, 30.63]]}, "redrawing.bad_line"),
        ({"do": "split", "grid": HOME, "line": "x"}, "redrawing.bad_line"),
        ({"do": "split", "grid": "", "line": LINE}, "redrawing.grid"),
        ({"do": "split", "grid": f"{GENERAL}/099", "line": LINE}, "redrawing.no_grid"),
        ({"do": "split", "grid": HOME, "line": [[104.0604, 30.6299], [104.0604, 30.6305]]}, "redrawing.hangs"),
        ({"do": "merge", "grids": [HOME, CORNER]}, "redrawing.not_adjacent"),
        ({"do": "rename", "grid": HOME, "name": "新名"}, "redrawing.stands"),
        ({"do": "outlines", "features": []}, "redrawing.features"),
    ):
        with pytest.raises(Invalid) as refused:
            actions.add_step(world.xiao_xu, found.id, district=WUHOU, version=found.version, step=step)
        assert refused.value.code == code
        assert str(refused.value.message)
    for day in (date(2026, 11, 18), date(2028, 1, 1)):
        with pytest.raises(Invalid):
            actions.describe(
                world.xiao_xu, found.id, district=WUHOU, version=found.version, title="二", reason="", holds_from=day
            )
    with pytest.raises(NotFound):
        actions.begin_redrawing(world.sibling_worker, COMMUNITY, title="邻居")
