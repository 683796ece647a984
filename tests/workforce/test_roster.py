"""Roster and coverage: who holds each grid, what is vacant and since when, against 100 %."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import time
from linli.kernel.errors import Forbidden, NotFound
from linli.kernel.trust import Role
from linli.people import actions as people_actions
from linli.people.models import Post
from linli.territory.models import Level
from linli.workforce import chores, counting, handlers, roster
from linli.workforce.actions import leaving
from linli.workforce.models import Coverage
from linli.workforce.roster import Figure
from tests.world import HOME, JINJIANG, WUHOU

YULIN = f"{WUHOU}/012/003"


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_a_hundred_per_cent_means_every_grid(grids: int, held: int) -> None:
    found = Figure(grids, min(grids, held))
    assert (found.percent == 100.0) == (grids > 0 and found.vacant == 0)
    assert found.percent is None or 0 <= found.percent <= 100
    assert (found.percent is None) == (grids == 0)


def test_coverage_is_summed_up_the_tree_and_follows_the_posts(world, clock, django_assert_max_num_queries) -> None:
    while chores.count():
        pass
    found = roster.coverage(world.liu)
    assert {level: (one.held, one.grids) for level, one in found.levels.items()} == {
        Level.GENERAL_GRID: (1, 2), Level.MICRO_GRID: (2, 3), Level.DEDICATED_GRID: (0, 0),
    }  # fmt: skip
    assert [(part.name, part.whole.held, part.whole.grids) for part in found.parts] == [
        ("玉林北路社区", 3, 3), ("玉林东路社区", 0, 2),
    ]  # fmt: skip
    assert (found.whole.percent, found.parts[0].whole.percent) == (60.0, 100.0)
    with django_assert_max_num_queries(6):
        city = roster.coverage(world.system_admin)
    assert city.whole.grids == 9
    assert {part.path for part in city.parts} == {WUHOU, JINJIANG}

    Post.objects.filter(id=world.posts["he_ming"].id).update(ends_on=time.today())
    counting.count(WUHOU, [YULIN])
    assert roster.coverage(world.xiao_xu).whole.held == 2
    clock.forward(days=4)
    (vacant,) = roster.roster(world.xiao_xu, vacant=True).rows
    assert (vacant.path, vacant.days_vacant) == (HOME, 4)
    never = next(row for row in roster.roster(world.liu, vacant=True).rows if row.path.startswith(f"{WUHOU}/012/004"))
    assert never.vacant_since == date(2020, 1, 1)


def test_an_appointment_counts_at_once_and_midnight_counts_too(world, clock, hear) -> None:
    counting.count(WUHOU)
    people_actions.appoint(
        world.system_admin,
        account_id=world.accounts["wang"].id, role=Role.MICRO_GRID_MEMBER, district=WUHOU,
        organisation_id=world.organisation("sibling_committee"), area_path=f"{WUHOU}/012/004/01/001", full_time=False,
        ends_on=date(2026, 11, 20),
    )  # fmt: skip
    hear(handlers.on_posts, "post.appointed")
    row = Coverage.objects.get(area_path=f"{WUHOU}/012/004", level=Level.MICRO_GRID)
    assert (row.held, row.part_time, row.full_time) == (1, 1, 0)
    clock.forward(days=2)
    while chores.count():
        pass
    assert Coverage.objects.get(area_path=f"{WUHOU}/012/004", level=Level.MICRO_GRID).held == 0


def test_the_roster_names_holders_deputies_and_who_is_away(world, django_assert_max_num_queries) -> None:
    rows = {row.path: row for row in roster.roster(world.xiao_xu).rows}
    assert [one.name for one in rows[HOME].holders] == ["何明"]
    assert rows[HOME].deputy == "老吴"  # the general grid's member
    assert rows[f"{WUHOU}/012/003/02"].deputy == "小徐"
    assert [row.path for row in roster.roster(world.xiao_xu, words="邻格").rows] == [f"{WUHOU}/012/003/02/018"]
    assert [row.path for row in roster.roster(world.xiao_xu, words="17号").rows] == [HOME]
    first = roster.roster(world.xiao_xu, size=1)
    assert roster.roster(world.xiao_xu, after=first.next, size=1).rows[0].path == HOME

    leave = leaving.ask(world.he_ming, first_day=time.today(), last_day=date(2026, 11, 20), reason="annual")
    leaving.approve(world.xiao_xu, leave.id, district=WUHOU, version=1, covers=[world.posts["sibling_member"].id])
    with django_assert_max_num_queries(10):
        row = next(row for row in roster.roster(world.xiao_xu).rows if row.path == HOME)
    assert [(one.name, one.away_until, one.is_cover) for one in row.holders] == [
        ("何明", date(2026, 11, 21), False), ("邻格员", None, True),
    ]  # fmt: skip
    assert row.deputy == "邻格员"


def test_nobody_reads_the_roster_of_others(world) -> None:
    with pytest.raises(NotFound):
        roster.roster(world.xiao_xu, f"{WUHOU}/012/004")
    with pytest.raises(NotFound):
        roster.coverage(world.liu, WUHOU)
    for nobody in (world.he_ming, world.yang, world.zhou):
        with pytest.raises(Forbidden):
            roster.coverage(nobody)
