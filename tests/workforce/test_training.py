"""Who lacks a training is asked to its course; who was there gets a certificate; before it ends they are reminded, once."""

from __future__ import annotations

from datetime import date, timedelta
from datetime import time as clock_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import Event
from linli.workforce import certificates, chores, roster
from linli.workforce.actions import training
from linli.workforce.models import Course, Training
from linli.workforce.validity import expires
from tests.conftest import Clock
from tests.desk.conftest import signed_in
from tests.world import HOME, WUHOU, World

COMMUNITY = f"{WUHOU}/012/003"
TIMES = {"begins": clock_time(14), "ends": clock_time(16), "place": "社区活动室"}


def offered(world: World, **given: Any) -> Training:
    """What micro-grid members have to learn, good for two years."""
    values: dict[str, Any] = {
        "title": "微网格员岗前培训", "about": "走访、上报、隐私", "materials": [("手册", "https://example.org/guide.pdf")],
        "required_of": ["micro_grid_member"], "hours": 4, "valid_months": 24,
    }  # fmt: skip
    return training.offer(world.xiao_xu, ids.new_id(), **values | given)


def held(world: World, found: Training) -> Course:
    """A course of it today at noon, from the desk."""
    return training.hold(
        world.xiao_xu, found.id, course_id=ids.new_id(), day=time.today(), begins=clock_time(9), ends=clock_time(11),
        place="社区活动室",
    )  # fmt: skip


def lacks(world: World, path: str = HOME) -> list[str]:
    """What the roster says that the holder of a grid lacks."""
    (row,) = [one for one in roster.roster(world.xiao_xu, COMMUNITY).rows if one.path == path]
    return list(row.holders[0].lacks)


def test_from_the_roster_to_the_certificate_and_the_reminder(world: World, clock: Clock) -> None:
    assert lacks(world) == []
    found = offered(world)
    assert training.offer(
        world.xiao_xu, found.id, title="另一个", about="", materials=[], required_of=[], hours=1, valid_months=None
    ).title == found.title  # fmt: skip
    assert lacks(world) == [found.title]
    course = held(world, found)
    asked = {one.account_id for one in certificates.attended(course)}
    assert asked == {world.he_ming.account_id, world.sibling_member.account_id}
    assert set(Event.objects.get(kind="training.invited").data["posts"]) == {
        str(world.posts["he_ming"].id), str(world.posts["sibling_member"].id)
    }  # fmt: skip
    (mine,) = certificates.mine(world.he_ming)
    assert (mine.required, mine.is_good, mine.course) == (True, False, course)
    assert certificates.mine(world.lao_wu) == []

    with pytest.raises(Invalid):
        training.note(world.xiao_xu, course.id, accounts=[world.far_worker.account_id])
    # 老吴 came of his own accord; the neighbour did not.
    training.note(world.xiao_xu, course.id, accounts=[world.he_ming.account_id, world.lao_wu.account_id])
    with pytest.raises(Conflict):
        training.note(world.xiao_xu, course.id, accounts=[])
    assert lacks(world) == []
    assert lacks(world, f"{COMMUNITY}/02/018") == [found.title]
    (mine,) = certificates.mine(world.he_ming)
    assert mine.certificate is not None
    assert (mine.is_good, mine.certificate.expires_on) == (True, date(2028, 11, 18))

    assert chores.remind() == 0
    clock.forward(days=731 - 40)
    assert chores.remind() == 2
    assert chores.remind() == 0
    told = Event.objects.filter(kind="certificate.ending").values_list("data", flat=True)
    assert {one["post"] for one in told} == {str(world.posts["he_ming"].id), str(world.posts["lao_wu"].id)}
    clock.forward(days=41)
    assert lacks(world) == [found.title]
    assert not certificates.mine(world.he_ming)[0].is_good
    training.end(world.xiao_xu, found.id)
    assert lacks(world) == []


def test_only_the_area_keeps_its_trainings(world: World, clock: Clock) -> None:
    found = offered(world)
    for stranger in (world.sibling_worker, world.far_worker):
        with pytest.raises(NotFound):
            training.hold(stranger, found.id, course_id=ids.new_id(), day=time.today(), **TIMES)
    above = training.offer(
        world.liu, ids.new_id(), title="街道安全培训", about="", materials=[], required_of=["grid_member"], hours=2,
        valid_months=None,
    )  # fmt: skip
    assert [one.title for one in certificates.trainings(world.xiao_xu)] == [found.title, above.title]
    assert certificates.mine(world.lao_wu)[0].training == above
    course = held(world, found)
    training.call_off(world.xiao_xu, course.id)
    with pytest.raises(Conflict):
        training.note(world.xiao_xu, course.id, accounts=[])
    for wrong in (
        {"title": "x"}, {"hours": 0}, {"valid_months": 0}, {"required_of": ["resident"]},
        {"materials": [("a", "http://example.org")]},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            offered(world, **wrong)


def test_it_is_done_through_the_doors(world: World, clock: Clock, client: Any) -> None:
    desk, field = signed_in(world, "xiao_xu"), signed_in(world, "he_ming")
    sent = {
        "key": str(ids.new_id()), "title": "消防培训", "about": "灭火器", "hours": "2", "valid_months": "12",
        "required_of": ["micro_grid_member"], "materials": "消防手册 https://example.org/fire.pdf",
    }  # fmt: skip
    assert desk.post("/desk/team/training/new", sent | {"hours": ""}).status_code == 422
    where = desk.post("/desk/team/training/new", sent).headers["location"]
    day = {"key": str(ids.new_id()), "day": "2026-11-18", "begins": "09:00", "ends": "11:00", "place": "活动室"}
    assert desk.post(where, day | {"ends": "08:00"}).status_code == 422
    course = desk.post(where, day).headers["location"]
    assert "消防手册" in field.get("/field/me/training").content.decode()
    assert "活动室" in field.get("/field/me/training").content.decode()
    assert "何明" in desk.get(course).content.decode()
    assert desk.post(course, {"people": [str(world.he_ming.account_id)]}).status_code == 302
    assert "消防培训" in desk.get("/desk/team?area=" + COMMUNITY).content.decode()  # the neighbour lacks it
    (mine,) = field.get("/api/v1/workforce/trainings/mine").json()
    assert (mine["title"], mine["is_good"], mine["last_day"]) == ("消防培训", True, "2027-11-17")
    assert desk.get("/api/v1/workforce/trainings").json()[0]["lacking"] == 1
    for path in ("/desk/team/training", where, course):
        assert desk.get(path).status_code == 200
    assert field.get("/field/me").status_code == 200


@given(issued=st.dates(date(2020, 1, 1), date(2090, 1, 1)), months=st.integers(1, 120))
def test_a_certificate_is_good_for_whole_months(issued: date, months: int) -> None:
    until = expires(issued, months)
    assert until is not None
    assert (until.year * 12 + until.month) - (issued.year * 12 + issued.month) == months
    assert until.day == issued.day or (until.day < issued.day and (until + timedelta(days=1)).day == 1)
    assert expires(issued, None) is None
    assert expires(issued, months + 1) > until  # type: ignore[operator]
