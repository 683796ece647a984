"""On any day one answer; a change never alters the past; what the lists forbid is not sent down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.actions import accepting, calling, dispatching
from linli.duties import files, queries, standing
from linli.duties.actions import admission, lists, loading
from linli.duties.actions.lists import Money, Place
from linli.duties.models import ListEntry, Listing, Tier
from linli.duties.standing import Entry
from linli.duties.tasks import Kind, Task
from linli.households.actions import importing, visiting
from linli.households.models import Source
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import SYSTEM
from tests.duties.conftest import TOMORROW
from tests.world import WUHOU, World, fresh, ref, report

YULIN = f"{WUHOU}/012/003"
FIRST = date(2026, 1, 1)
NOBODY = UUID(int=0)
PATHS = ("5101", WUHOU, f"{WUHOU}/012", YULIN)
days = st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number))
entries = st.builds(
    lambda path, listing, first, length, department, amount: Entry(
        NOBODY, path, listing, first, first + timedelta(days=length) if length else None, department, amount, "区财政", "区委文件"
    ),
    st.sampled_from(PATHS), st.sampled_from(Listing.values), days, st.integers(0, 20), st.sampled_from(["", "water"]),
    st.sampled_from([0, 100]),
)  # fmt: skip


def _lay(rows: list[Entry], new: Entry) -> list[Entry]:
    """What the action does, on a list."""
    same = [one for one in rows if (one.area_path, one.department) == (new.area_path, new.department)]
    surgery = standing.make_room(same, new)
    gone = {id(one) for one in surgery.replaced} | {
        id(one) for one in same if any(replace(cut, valid_to=one.valid_to) == one for cut in surgery.shortened)
    }
    return [*(one for one in rows if id(one) not in gone), *surgery.shortened, *surgery.continued, new]


@given(st.lists(entries, max_size=9), days, st.sampled_from(["", "water", "police"]))
def test_on_any_day_there_is_one_answer_and_no_change_alters_the_past(
    changes: list[Entry], day: date, department: str
) -> None:
    rows: list[Entry] = []
    for new in sorted(changes, key=lambda one: one.valid_from):
        before = {
            (path, one): standing.answer(rows, area_path=path, department=department, day=one)
            for path in PATHS
            for one in (FIRST + timedelta(days=number) for number in range(65))
        }
        rows = _lay(rows, new)
        for (path, one), was in before.items():
            now = standing.answer(rows, area_path=path, department=department, day=one)
            if one < new.valid_from or (new.valid_to is not None and one >= new.valid_to):
                assert (now and now.listing) == (was and was.listing)
            elif path == new.area_path and new.department == department:
                assert now is not None
                assert now.listing == new.listing
    for path in PATHS:
        holding = [one for one in rows if one.on(day) and one.area_path == path]
        assert len({one.department for one in holding}) == len(holding)  # never two at one place
        found = standing.answer(rows, area_path=YULIN, department=department, day=day)
        assert found == standing.answer(list(reversed(rows)), area_path=YULIN, department=department, day=day)
        if found is not None:
            assert all(len(one.area_path) <= len(found.area_path) for one in rows
                       if one.on(day) and one.department in ("", department))  # fmt: skip


def _negative(town: World, *, path: str = YULIN, kind: Kind = Kind.CATEGORY, code: str = "UT02") -> ListEntry:
    return lists.put(
        town.wen, Place(kind, code, Tier.COMMUNITY, path), listing=Listing.NEGATIVE, title_zh="路灯维修", starts_on=TOMORROW,
        basis="区减负清单", instead="由区综合行政执法局维修",
    )  # fmt: skip


def test_what_is_on_the_negative_list_is_not_sent_down_until_it_is_admitted(town: World, clock) -> None:
    committee, department = town.organisation("committee"), town.organisation("urban_management")
    case = report(town.zhou)
    accepting.register(town.sun, ref(case), version=1, route=accepting.Route.NONE)
    _negative(town)
    case = fresh(case)
    assert queries.standing_of(Task(Kind.CATEGORY, "UT02"), area_path=YULIN) is None  # not before tomorrow
    clock.forward(days=1)
    with pytest.raises(Conflict) as no:
        dispatching.dispatch(town.sun, ref(case), version=case.version, organisation=committee)
    assert (no.value.code, no.value.field, no.value.extra["list"]) == ("duties.negative", "organisation", "negative")
    assert "2026-11-19" in str(no.value.mend)
    with pytest.raises(Conflict) as no:
        calling.call(town.liu, ref(case), version=case.version, task="请来看看", organisations=[committee])
    assert no.value.code == "duties.negative"
    other = report(town.wang)
    accepting.register(town.xiao_xu, ref(other), version=1)  # by itself it goes past the community
    assert fresh(other).holder_id == town.organisation("office")

    found = admission.apply(
        town.yang, kind=Kind.CATEGORY, code="UT02", area_path=YULIN, listing=Listing.ASSIST, why="社区就近确认灯杆编号",
        basis="区城市照明管理办法", minutes=60, money=Money(500_000, "区财政专项", "区府办〔2026〕12号"), starts_on=date(2026, 11, 20),
    )  # fmt: skip
    with pytest.raises(NotFound):
        admission.decide(town.far_clerk, found.id, version=1, admit=True, reason="可以试行一年")
    with pytest.raises(Forbidden):
        admission.decide(town.yang, found.id, version=1, admit=True, reason="自己批准自己")
    with pytest.raises(Stale):
        admission.decide(town.wen, found.id, version=7, admit=True, reason="可以试行一年")
    done = admission.decide(town.wen, found.id, version=1, admit=True, reason="可以试行一年")
    assert (done.state, done.holds_from) == ("admitted", date(2026, 11, 20))
    with pytest.raises(Conflict):  # today nothing has changed
        dispatching.dispatch(town.sun, ref(case), version=case.version, organisation=committee)
    clock.forward(days=1)
    dispatching.dispatch(town.sun, ref(case), version=case.version, organisation=committee)
    assert fresh(case).holder_id == committee
    past = queries.standing_of(Task(Kind.CATEGORY, "UT02", "urban_management"), area_path=YULIN, day=TOMORROW)
    assert past is not None
    assert past.listing == "negative"
    kinds = list(Event.objects.filter(kind__startswith="duty.").order_by("id").values_list("kind", flat=True))
    assert kinds == ["duty.listed", "duty.applied", "duty.listed", "duty.decided"]
    assert AuditEntry.objects.filter(verb="duty.decided", account_id=town.accounts["wen"].id).exists()
    assert [one.reason for one in queries.decisions(town.zhou, area_path=YULIN)] == ["可以试行一年"]
    assert department != committee


def test_campaigns_and_files_ask_the_same_lists(town: World, clock) -> None:
    for kind in (Kind.CAMPAIGN, Kind.IMPORT):
        _negative(town, kind=kind, code="dwellings")
    first = date(2026, 11, 19)
    with pytest.raises(Conflict) as no:  # it would begin on a day on which the list forbids it
        visiting.begin_campaign(
            town.liu, area_path=f"{WUHOU}/012", title="入户核验", starts_on=first, ends_on=date(2026, 12, 1)
        )
    assert (no.value.code, no.value.field, no.value.extra["area_path"]) == ("duties.negative", "title", YULIN)
    clock.forward(days=1)
    sheet = "\n".join(
        ["小区,楼栋,单元,楼层,房号,用途,姓名,身份证号,电话,关系,起", "玉林小区,3,1,1,101,自住,,,,,"]
    ).encode()
    with pytest.raises((Conflict, Invalid)) as no:
        importing.begin_upload(town.xiao_xu, sheet, "homes.csv", area_path=YULIN, source=Source.PROPERTY)
    assert no.value.code in ("duties.negative", "file.head", "file.columns")
    visiting.begin_campaign(
        town.sibling_worker, area_path=f"{WUHOU}/012/004", title="入户核验", starts_on=first, ends_on=date(2026, 12, 1)
    )


def test_an_assist_task_comes_with_its_money(town: World, clock) -> None:
    task = Place(Kind.CATEGORY, "UT02", Tier.COMMUNITY, WUHOU, "urban_management")
    lists.put(
        town.wen,
        task,
        listing=Listing.ASSIST,
        title_zh="路灯",
        starts_on=TOMORROW,
        basis="区清单",
        ends_on=date(2027, 1, 1),
    )
    clock.forward(days=1)
    case = report(town.zhou)
    accepting.register(town.sun, ref(case), version=1, route=accepting.Route.NONE)
    case, committee = fresh(case), town.organisation("committee")
    with pytest.raises(Conflict) as no:
        dispatching.dispatch(town.sun, ref(case), version=case.version, organisation=committee)
    assert no.value.code == "duties.unfunded"
    entry = queries.money(town.yang)[0]
    with pytest.raises(NotFound):
        lists.attach_money(town.housing_clerk, entry.id, money=Money(100, "区财政", "文件"))
    with pytest.raises(Invalid) as no:
        lists.attach_money(town.yang, entry.id, money=Money(100, "区财政", ""))
    assert no.value.field == "authority"
    paid = lists.attach_money(town.yang, entry.id, area_path=YULIN, money=Money(200_000, "区财政", "区府办〔2026〕8号"))
    assert (paid.valid_from, paid.valid_to) == (date(2026, 11, 20), date(2027, 1, 1))
    clock.forward(days=1)
    dispatching.dispatch(town.sun, ref(case), version=case.version, organisation=committee)


def test_a_list_goes_out_and_comes_back_with_a_report(town: World, clock) -> None:
    loaded = loading.load_base(city="5101")
    assert loaded.entries > 90
    assert loading.load_base(city="5101").entries == 0
    whole = files.export(town.system_admin).encode()
    same = files.load(town.system_admin, whole, try_only=False)
    assert (same.new, same.problems, same.same) == (0, [], loaded.entries)
    head, *_rest = whole.decode("utf-8-sig").splitlines()
    good = f"{YULIN},community,category,UT02,,negative,路灯,,区清单,由部门办,0,,,,2026-11-19,"
    bad = [
        f"{YULIN},community,category,UT02,,negative,路灯,,区清单,,0,,,,2026-11-18,",  # today
        "999999,community,category,UT02,,work,路灯,,区清单,,0,,,,2026-11-19,",
        f"{YULIN},community,category,XX99,,work,路灯,,区清单,,0,,,,2026-11-19,",
        f"{YULIN},community,category,UT02,,work,路灯,,区清单,,0,,,,2026-12-01,",  # meets the first line
        f"{YULIN},community,category,UT03,,work,积水,,区清单,,x,1.234,,,2026-11-19,",
    ]
    report_ = files.load(town.system_admin, "\n".join([head, good, *bad]).encode("gb18030"), try_only=False)
    assert [(one.row, one.column) for one in report_.problems] == [
        (3, "from"), (4, "area_path"), (5, "task"), (6, "from"), (7, "amount"),
    ]  # fmt: skip
    assert not report_.applied
    with pytest.raises(Forbidden):
        files.load(town.wen, whole, try_only=True)
    assert files.load(SYSTEM, "\n".join([head, good]).encode(), try_only=False).applied
    clock.forward(days=1)
    listed = queries.lists(town.zhou, area_path=YULIN, listing="negative", words="路灯")
    assert [one.row.code for one in listed] == ["UT02"]
    elsewhere = queries.lists(town.zhou, area_path=f"{WUHOU}/012/004", words="UT02")
    assert [one.row.listing for one in elsewhere] == ["work"]
