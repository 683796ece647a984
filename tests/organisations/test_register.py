"""The register and the drives: who founds what where, how a dissolution is refused or taken back, five steps with undo, files both ways."""

from datetime import date, timedelta

import pytest

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.organisations import coverage, files, queries
from linli.organisations.actions import driving, registering, ruling
from linli.organisations.actions.registering import New
from linli.organisations.models import Deed, Entry, Stage, Step
from linli.people.models import Organisation, Post
from tests.world import HOME, WUHOU

COMMUNITY = f"{WUHOU}/012/003"
GRID = f"{COMMUNITY}/02"


def test_a_line_from_the_subdistrict_down_to_the_building(town, clock, django_assert_max_num_queries) -> None:
    world = town.world
    top = registering.found(
        world.liu, New(kind="subdistrict_party_committee", name="玉林街道党工委", area_path=f"{WUHOU}/012")
    )
    registering.found(
        world.xiao_xu, New(kind="community_party_committee", name="玉林北路社区党委", area_path=COMMUNITY)
    )
    registering.found(world.xiao_xu, New(kind="grid_party_branch", name="第二网格党总支", area_path=GRID))
    branch = registering.found(
        world.xiao_xu,
        New(kind="compound_party_branch", name="玉林苑党支部", area_path=COMMUNITY, compound_id=town.compound.id),
    )
    key = ids.new_id()
    group = New(kind="building_party_group", name="1栋党小组", area_path=HOME, building_id=town.building.id, id=key)
    made = registering.found(world.xiao_xu, group)
    assert registering.found(world.xiao_xu, group) == made  # asked twice, founded once
    assert (made.area_path, made.parent_id) == (HOME, branch.id)
    with django_assert_max_num_queries(12):
        found = queries.file_of(world.xiao_xu, made.id)
    assert [one.name for one in found.line] == ["玉林街道党工委", "玉林北路社区党委", "第二网格党总支", "玉林苑党支部"]
    assert (found.profile.building.number, [entry.deed for entry in found.history]) == ("1栋", [Deed.FOUNDED])
    assert [one.id for one in queries.file_of(world.liu, branch.id).children] == [made.id]
    assert Event.objects.filter(kind="organisation.created", subject_id=made.id).count() == 1

    with pytest.raises(Conflict):
        registering.dissolve(world.xiao_xu, branch.id, district=WUHOU, version=1, reason="合并")
    with pytest.raises(Stale):
        registering.change(world.liu, top.id, district=WUHOU, version=7, values={"name": "甲乙"})
    changed = registering.change(
        world.xiao_xu, made.id, district=WUHOU, version=1,
        values={"name": "1栋党小组(先锋)", "public_phone": "028-85001234", "description": "每周二议事"}, reason="更名",
    )  # fmt: skip
    assert queries.file_of(world.liu, made.id).history[0].changes["name"] == ["1栋党小组", "1栋党小组(先锋)"]
    assert [one.name for one in queries.public_of(HOME)] == ["1栋党小组(先锋)"]
    gone = registering.dissolve(world.xiao_xu, made.id, district=WUHOU, version=changed.version, reason="楼栋拆除")
    assert queries.state_of(gone) == "dissolved"
    assert queries.public_of(HOME) == []
    assert [one.id for one in queries.matching(world.liu, state="dissolved")] == [made.id]
    back = registering.revive(world.xiao_xu, made.id, district=WUHOU, version=gone.version, reason="误操作")
    assert queries.state_of(back) == "at_work"
    assert set(AuditEntry.objects.filter(subject_id=str(made.id)).values_list("verb", flat=True)) >= {
        "organisation.create", "organisation.change", "organisation.end", "organisation.revive",
    }  # fmt: skip


def test_what_does_not_fit_is_refused_where_it_is_wrong(town, clock) -> None:
    world = town.world
    wrong = [
        (New(kind="grid_party_branch", name="支部", area_path=COMMUNITY), "area_path"),
        (New(kind="owners_committee", name="业委会", area_path=COMMUNITY), "compound"),
        (New(kind="building_party_group", name="小组", area_path=HOME, compound_id=town.compound.id), "building"),
        (New(kind="volunteer_team", name=" ", area_path=COMMUNITY), "name"),
        (New(kind="volunteer_team", name="志愿队", area_path=COMMUNITY, public_phone="call me"), "public_phone"),
        (New(kind="volunteer_team", name="志愿队", area_path=COMMUNITY, starts_on=date(1800, 1, 1)), "starts_on"),
        (New(kind="no_such", name="志愿队", area_path=COMMUNITY), "kind"),
    ]
    for new, field in wrong:
        with pytest.raises(Invalid) as error:
            registering.found(world.xiao_xu, new)
        assert error.value.field == field
    with pytest.raises(NotFound):
        registering.found(world.xiao_xu, New(kind="volunteer_team", name="志愿队", area_path=f"{WUHOU}/012/004"))
    with pytest.raises(Forbidden):  # offices that work is sent to are the administrators'
        registering.found(world.liu, New(kind="subdistrict_office", name="办事处", area_path=f"{WUHOU}/012"))
    office = world.organisation("committee")
    with pytest.raises(Forbidden):
        registering.change(world.xiao_xu, office, district=WUHOU, version=1, values={"name": "改名"})
    for nobody in (world.he_ming, world.zhou):
        with pytest.raises(Forbidden):
            queries.matching(nobody)
    held = registering.found(world.xiao_xu, New(kind="volunteer_team", name="志愿队", area_path=COMMUNITY))
    Post.objects.create(
        district=WUHOU, account=world.accounts["wang"], role="micro_grid_member", organisation=held,
        area=world.areas[HOME], area_path=HOME, starts_on=time.today(),
    )  # fmt: skip
    with pytest.raises(Conflict):
        registering.dissolve(world.xiao_xu, held.id, district=WUHOU, version=1, reason="解散")


def test_names_are_masked_for_those_who_may_not_see_posts(town) -> None:
    world = town.world
    committee = world.organisation("committee")
    assert "何明" in [one.name for one in queries.file_of(world.xiao_xu, committee).posts]
    masked = [one.name for one in queries.file_of(world.sun, committee).posts]
    assert "何*" in masked
    assert "何明" not in masked


def test_a_drive_builds_what_is_missing_in_five_steps_and_a_step_can_be_taken_back(town, clock) -> None:
    world = town.world
    drive = driving.begin(
        world.liu, kind="owners_committee", area_path=f"{WUHOU}/012", title="业委会组建", until=date(2027, 6, 30)
    )
    (first, second) = queries.builds(world.xiao_xu, drive)
    assert {first.place_name, second.place_name} == {"玉林苑", "芳草园"}
    step = {"district": WUHOU}
    with pytest.raises(Conflict):
        driving.step(world.xiao_xu, first.id, version=1, stage=Stage.FOUND, **step)
    driving.step(
        world.xiao_xu, first.id, version=1, stage=Stage.FIND, note="找到7位热心业主", next_on=date(2026, 11, 20), **step
    )
    assert queries.overdue_count(world.xiao_xu) == 0
    clock.forward(days=4)
    assert queries.overdue_count(world.liu) == 1
    assert [one.id for one in queries.builds(world.liu, drive, overdue=True)] == [first.id]
    with pytest.raises(Invalid) as error:
        driving.step(world.xiao_xu, first.id, version=2, stage=Stage.FOUND, **step)
    assert error.value.field == "name"
    new = New(kind="", name="玉林苑业主委员会", area_path="")
    built = driving.step(world.xiao_xu, first.id, version=2, stage=Stage.FOUND, new=new, **step)
    assert built.organisation.name == "玉林苑业主委员会"
    assert coverage.coverage(world.liu, "owners_committee").whole == coverage.Figure(2, 1)

    with pytest.raises(Invalid):
        driving.undo(world.xiao_xu, first.id, version=3, reason=" ", **step)
    driving.undo(world.xiao_xu, first.id, version=3, reason="表决无效", **step)
    assert coverage.coverage(world.liu, "owners_committee").whole == coverage.Figure(2, 0)
    assert Organisation.objects.get(id=built.organisation_id).ends_on == time.today()  # for no day
    built = driving.step(world.xiao_xu, first.id, version=4, stage=Stage.FOUND, new=new, **step)
    for version, stage in enumerate((Stage.ARRANGE, Stage.SERVE, Stage.ROOT), start=5):
        built = driving.step(world.xiao_xu, first.id, version=version, stage=stage, **step)
    assert (built.next_stage, built.next_on) == (None, None)
    assert Step.objects.filter(build=built).count() == 6  # one was taken back, nothing was lost
    progress = queries.drive(world.xiao_xu, drive.id)
    assert (progress.builds, progress.founded, progress.rooted, progress.overdue) == (2, 1, 1, 0)
    with pytest.raises(Invalid):
        driving.end(world.liu, drive.id, district=WUHOU, version=1)
    driving.end(world.liu, drive.id, district=WUHOU, version=1, reason="另一小区并入明年")
    with pytest.raises(Conflict):
        driving.step(world.xiao_xu, second.id, version=1, stage=Stage.FIND, **step)
    with pytest.raises(NotFound):
        queries.drive(world.far_sun, drive.id)


def test_a_file_is_tried_first_and_the_same_file_again_changes_nothing(town) -> None:
    world = town.world
    head = "编码,名称,类型,区域,小区,成立日期,公开电话,公开\n"
    good = (
        f"V1,玉林志愿队,volunteer_team,{COMMUNITY},,2026-01-05,028-85001234,是\n"
        f"O1,玉林苑业委会,owners_committee,{COMMUNITY},玉林苑,2026/3/1,,否\n"
    )
    bad = f",某支部,grid_party_branch,{COMMUNITY},,,,\n,,volunteer_team,{COMMUNITY},,2026-13-01,,\n"
    tried = files.load(world.xiao_xu, (head + good + bad).encode("gb18030"), try_only=False)
    assert [(one.row, one.column) for one in tried.problems] == [(4, "area"), (5, "name")]
    assert not tried.applied
    assert not Organisation.objects.filter(code="V1").exists()
    assert files.load(world.xiao_xu, (head + good).encode(), try_only=True).new == 2
    assert not Organisation.objects.filter(code="V1").exists()
    done = files.load(world.xiao_xu, (head + good).encode(), try_only=False)
    assert (done.new, done.applied) == (2, True)
    again = files.load(world.xiao_xu, (head + good).encode(), try_only=False)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    # What is taken out comes back as it is.
    book = files.export(world.xiao_xu)
    back = files.load(world.system_admin, book, try_only=True)
    assert not back.problems
    assert (back.new, back.changed, back.same) == (0, 0, back.rows)
    assert files.load(world.xiao_xu, files.template(world.xiao_xu), try_only=True).new == 1
    with pytest.raises(Invalid):
        files.load(world.xiao_xu, b"PK nothing", try_only=True)
    with pytest.raises(Invalid):
        files.load(world.xiao_xu, "名称\n甲\n".encode(), try_only=True)
    assert Entry.objects.filter(organisation__code="V1").count() == 1


def test_administrators_add_types_and_rule_where_they_belong(town, clock) -> None:
    world = town.world
    given = {"code": "riders_branch", "family": "party", "name_zh": "骑手党支部", "name_en": "Riders' Party branch"}
    made = ruling.make_type(world.system_admin, **given)
    assert ruling.make_type(world.system_admin, **given) == made
    with pytest.raises(Forbidden):
        ruling.make_type(world.liu, **given)
    day = time.today()
    rule = ruling.set_rule(
        world.system_admin,
        kind=made.code,
        seat="community",
        under="community_party_committee",
        expected=True,
        holds_from=day,
    )
    assert coverage.coverage(world.liu, made.code).whole.should == 2
    with pytest.raises(Invalid):
        ruling.set_rule(world.system_admin, kind=made.code, seat="any", expected=True, holds_from=day)
    with pytest.raises(Invalid):
        ruling.set_rule(world.system_admin, kind=made.code, seat="community", holds_from=day - timedelta(days=9))
    later = ruling.set_rule(
        world.system_admin, kind=made.code, seat="subdistrict", expected=True, holds_from=day + timedelta(days=30)
    )
    rule.refresh_from_db()
    assert rule.valid_to == later.valid_from
    with pytest.raises(Conflict):
        ruling.set_rule(world.system_admin, kind=made.code, seat="city", holds_from=day + timedelta(days=60))
