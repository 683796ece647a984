"""Coverage: whatever the days on which organisations came and went, the figure is a recount, and the trend is the figure of each day."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import time
from linli.organisations import coverage, standing
from linli.organisations.actions import registering, ruling
from linli.organisations.actions.registering import New
from linli.organisations.coverage import Figure
from linli.people.models import Organisation
from linli.people.snapshot import changed
from linli.territory.models import Area, Level
from tests.world import JINJIANG, WUHOU

TODAY = date(2026, 11, 18)
DAYS = st.dates(date(2025, 6, 1), TODAY)
GRIDS = (f"{WUHOU}/012/003/02", f"{WUHOU}/012/004/01", f"{WUHOU}/013/001/01", f"{JINJIANG}/017/001/01")


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_a_hundred_per_cent_means_every_place(should: int, covered: int) -> None:
    found = Figure(should, min(should, covered))
    assert (found.percent == 100.0) == (should > 0 and found.missing == 0)


def _naive(kind: str, spells: list[tuple[str, date, date | None]], path: str, day: date) -> Figure:
    """A recount by hand: every grid in force on the day, whether any organisation was at work there."""
    grids = [
        area.path
        for area in Area.objects.filter(level=Level.GENERAL_GRID)
        if area.path.startswith(path) and area.valid_from <= day and (area.valid_to is None or day < area.valid_to)
    ]
    held = {where for where, since, until in spells if since <= day and (until is None or day < until)}
    return Figure(len(grids), len(set(grids) & held))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    spells=st.lists(st.tuples(st.sampled_from(GRIDS), DAYS, st.none() | st.integers(0, 400)), max_size=12),
    grid_ends=st.none() | DAYS,
    compound_spells=st.lists(st.tuples(st.booleans(), DAYS, st.none() | st.integers(0, 400)), max_size=6),
)
def test_the_figure_is_a_recount_and_the_trend_is_the_figure_of_each_day(
    town, spells, grid_ends, compound_spells
) -> None:
    world = town.world
    Organisation.objects.filter(type_id="grid_party_branch").delete()
    from linli.organisations.models import Profile

    Profile.objects.all().delete()
    Organisation.objects.filter(type_id="owners_committee").delete()
    ended = Area.objects.filter(path=GRIDS[1])
    ended.update(valid_to=grid_ends)
    dated = [(path, since, None if days is None else since + timedelta(days=days)) for path, since, days in spells]
    for number, (path, since, until) in enumerate(dated):
        Organisation.objects.create(
            district=path[:6], type_id="grid_party_branch", code=f"g{number}", name="支部", area=world.areas[path],
            area_path=path, starts_on=since, ends_on=until,
        )  # fmt: skip
    of_compounds = []
    for number, (first, since, days) in enumerate(compound_spells):
        compound = town.compound if first else town.other
        until = None if days is None else since + timedelta(days=days)
        one = Organisation.objects.create(
            district=WUHOU, type_id="owners_committee", code=f"c{number}", name="业委会", area=compound.area,
            area_path=compound.area_path, starts_on=since, ends_on=until,
        )  # fmt: skip
        Profile.objects.create(district=WUHOU, organisation=one, area_path=one.area_path, compound=compound)
        of_compounds.append((compound.id, since, until))
    changed("organisations")
    coverage.forget()
    for actor, path in (
        (world.system_admin, "5101"),
        (world.sun, WUHOU),
        (world.liu, f"{WUHOU}/012"),
        (world.lao_wu, GRIDS[0]),
    ):
        months = coverage.trend(actor, "grid_party_branch", path)
        assert len(months) == 13
        for month in months:
            covered = coverage.coverage(actor, "grid_party_branch", path, day=month.day)
            assert month.figure == covered.whole == _naive("grid_party_branch", dated, path, month.day)
            if covered.parts:
                assert sum((part.figure for part in covered.parts), Figure()) == covered.whole
        listed, _more = coverage.missing(actor, "grid_party_branch", path)
        assert len(listed) == covered.whole.missing
        assert {rule.code: figure for rule, figure in coverage.overview(actor, path)}[
            "grid_party_branch"
        ] == covered.whole
    for month in coverage.trend(world.sun, "owners_committee"):
        held = {
            one for one, since, until in of_compounds if since <= month.day and (until is None or month.day < until)
        }
        assert month.figure == Figure(2, len(held))


def test_parts_and_what_is_missing_follow_the_register_at_once(town, clock, django_assert_num_queries) -> None:
    world = town.world
    before = coverage.coverage(world.liu, "grid_party_branch")
    assert (before.whole, [part.name for part in before.parts]) == (Figure(2, 0), ["玉林北路社区", "玉林东路社区"])
    (first, second), more = coverage.missing(world.liu, "grid_party_branch")
    assert (first.path, second.path, more) == (GRIDS[0], GRIDS[1], "")
    (page,), after = coverage.missing(world.liu, "grid_party_branch", size=1)
    assert page == first
    assert coverage.missing(world.liu, "grid_party_branch", size=1, after=after)[0] == [second]

    registering.found(world.xiao_xu, New(kind="grid_party_branch", name="第二网格党总支", area_path=GRIDS[0]))
    assert coverage.coverage(world.liu, "grid_party_branch").whole == Figure(2, 1)
    assert coverage.coverage(world.liu, "grid_party_branch").whole.percent == 50.0
    # What counts for another type counts: a villagers' committee for a residents' committee.
    assert coverage.coverage(world.liu, "residents_committee").whole == Figure(2, 2)
    # A second look costs the stamps alone; the reach is the policy's.
    coverage.overview(world.sun)
    found = coverage.overview(world.sun)
    assert {rule.code for rule, _figure in found} >= {"grid_party_branch", "owners_committee", "building_party_group"}


def test_after_a_change_one_district_is_counted_anew(town, monkeypatch) -> None:
    world, counted = town.world, []
    made = coverage._values
    monkeypatch.setattr(
        coverage, "_values", lambda rule, path, districts: counted.append(districts) or made(rule, path, districts)
    )
    city = [coverage.coverage(world.system_admin, "grid_party_branch", "5101").whole for _look in range(2)]
    assert city[0] == city[1]
    assert counted == [[f"{JINJIANG[:4]}00", JINJIANG, WUHOU]]
    registering.found(world.xiao_xu, New(kind="grid_party_branch", name="第一网格党支部", area_path=GRIDS[0]))
    after = coverage.coverage(world.system_admin, "grid_party_branch", "5101").whole
    assert after == Figure(city[0].should, city[0].covered + 1)
    assert counted[1:] == [[WUHOU]]


def test_a_rule_changes_from_a_day_on_and_the_days_before_keep_theirs(town, clock) -> None:
    world = town.world
    assert standing.rule_on("police_station").expected is False
    assert coverage.coverage(world.sun, "police_station").whole == Figure()
    ruling.set_rule(
        world.system_admin, kind="police_station", seat="subdistrict", expected=True, holds_from=time.today()
    )
    assert coverage.coverage(world.sun, "police_station").whole == Figure(2, 0)
    months = coverage.trend(world.sun, "police_station")
    assert [month.figure for month in months[:-1]] == [None] * 12
    assert months[-1].figure == Figure(2, 0)
