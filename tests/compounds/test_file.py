"""A compound's file: records are added and corrected, never changed; the fund balances; what runs out is told once; the day turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.cases.queries.in_compound import in_compound
from linli.compounds import queries
from linli.compounds.actions import fund, importing, noting, publishing, turning
from linli.compounds.actions.noting import CommitteeFacts, ContractFacts, RenovationFacts
from linli.compounds.models import Committee, FundEntry, RunsOut, Standing
from linli.compounds.rules import Given
from linli.compounds.voting import Ballot
from linli.kernel import time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import SYSTEM, context
from linli.notices.compounds import on_running_out
from linli.notices.models import Kind, Notice
from linli.people.models import Contact
from tests.compounds.conftest import COMMUNITY, ORIGIN, Town, key
from tests.conftest import Clock
from tests.desk.conftest import counted
from tests.workforce.conftest import hear  # noqa: F401
from tests.world import HOME, report

ELECTED = CommitteeFacts(
    "elected", date(2024, 1, 10), date(2027, 1, 10), 7, chair_name="吴国平", chair_phone="13800000031"
)
COMPANY = ContractFacts("professional", date(2024, 2, 1), "锦和物业", date(2027, 2, 1), 180)


def colour(town: Town) -> tuple[str, list[str]]:
    """The colour of the compound and the rules that made it so."""
    row = Standing.objects.get(compound=town.home)
    return row.colour, [hit["code"] for hit in row.hits]


def filled(town: Town) -> None:
    """Everything in order: committee, company, fund, dues."""
    me = town.world.xiao_xu
    noting.committee(me, town.home.id, ELECTED, origin=ORIGIN, key=key())
    noting.contract(me, town.home.id, COMPANY, origin=ORIGIN, key=key())
    fund.note(me, town.home.id, kind="opening", amount=1_000_00, day=date(2026, 9, 30), origin=ORIGIN, key=key())
    noting.dues(
        me,
        town.home.id,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 6, 30),
        billed=120,
        paid=110,
        origin=ORIGIN,
        key=key(),
    )


def test_a_file_from_nothing_to_green_and_what_the_day_does_to_it(
    town: Town,
    clock: Clock,
    hear: Callable[..., None],  # noqa: F811
) -> None:
    me, home = town.world.xiao_xu, town.home
    assert turning.turn() == 2
    assert colour(town) == ("red", ["no_property", "no_committee", "no_fund"])
    filled(town)
    assert colour(town) == ("yellow", ["term_ending"])
    first = Committee.objects.get(compound=home)
    assert (
        noting.committee(me, home.id, ELECTED, origin=ORIGIN, key=first.id) == first
    )  # the same key again notes nothing
    right = CommitteeFacts("elected", date(2024, 1, 10), date(2029, 1, 10), 9)
    made = noting.committee(me, home.id, right, origin=ORIGIN, key=key(), replaces=first.id)
    with pytest.raises(Conflict):
        noting.committee(me, home.id, right, origin=ORIGIN, key=key(), replaces=first.id)
    found = queries.file(me, home.id)
    assert (found.committee, found.standing.colour, found.items[0].kind) == (made, "green", RunsOut.CONTRACT)
    assert [row.id for row in found.history if isinstance(row, Committee)][:2] == [made.id, first.id]

    # A contract that is signed already and follows without a gap takes the warning away; the day brings others.
    turning.turn()
    noting.contract(me, home.id, ContractFacts("community_run", date(2027, 2, 1)), origin=ORIGIN, key=key())
    assert queries.file(me, home.id).items == []
    clock.forward(days=400)
    assert turning.turn() == 2
    assert colour(town) == ("yellow", ["fund_old"])
    assert turning.turn() == 0
    told = Event.objects.filter(kind="compound.running_out")
    assert [(one.data["what"], one.data["day"]) for one in told] == [("fund", "2027-10-01")]
    hear(on_running_out, "compound.running_out")
    hear(on_running_out, "compound.running_out")
    workers = {town.world.xiao_xu.account_id, town.world.xiao_li.account_id}
    assert {one.account_id for one in Notice.objects.filter(kind=Kind.RUNNING_OUT, subject_id=home.id)} == workers
    assert Notice.objects.count() == 2
    clock.forward(days=1)
    turning.turn()
    assert told.count() == 1
    assert queries.running_counts(me)[RunsOut.FUND] == 1


def test_the_chair_is_masked_read_for_a_purpose_and_forgotten(town: Town) -> None:
    me, home = town.world.xiao_xu, town.home
    noting.committee(me, home.id, ELECTED, origin=ORIGIN, key=key())
    chair = queries.file(me, home.id).chair
    assert chair is not None
    assert (chair.name, chair.phone) == ("吴**", "138****0031")
    assert queries.file(town.world.lao_wu, home.id).chair is None
    with pytest.raises(Invalid):
        queries.chair(me, home.id, purpose=" ")
    with pytest.raises(Forbidden):
        queries.chair(town.world.sun, home.id, purpose="换届会议")
    assert queries.chair(me, home.id, purpose="换届会议").phone == "13800000031"
    assert AuditEntry.objects.get(verb="contact.read").purpose == "换届会议"
    assert not Event.objects.filter(data__icontains="吴国平").exists()
    later = CommitteeFacts(
        "elected", date(2026, 11, 1), date(2029, 11, 1), 7, chair_post=town.world.posts["he_ming"].id
    )
    noting.committee(me, home.id, later, origin=ORIGIN, key=key())
    with context.personal(SYSTEM, purpose="test"):
        assert not Contact.objects.exists()
    assert queries.file(me, home.id).chair is None


def test_only_those_of_the_area_see_and_keep_a_file(town: Town) -> None:
    home = town.home
    for stranger in (town.world.sibling_worker, town.world.far_worker, town.world.zhou):
        with pytest.raises((NotFound, Forbidden)):
            noting.contract(stranger, home.id, COMPANY, origin=ORIGIN, key=key())
        with pytest.raises((NotFound, Forbidden)):
            queries.file(stranger, home.id)
    with pytest.raises(Forbidden):
        noting.contract(town.world.sun, home.id, COMPANY, origin=ORIGIN, key=key())
    wrong: list[Any] = [
        ContractFacts("professional", date(2024, 2, 1), "", date(2027, 2, 1)), ContractFacts("professional", date(2024, 2, 1), "锦和"),
        ContractFacts("professional", date(2024, 2, 1), "锦和", date(2024, 1, 1)), ContractFacts("somebody", date(2024, 2, 1)),
        ContractFacts("none", date(2030, 1, 1)),
    ]  # fmt: skip
    for facts in wrong:
        with pytest.raises(Invalid):
            noting.contract(town.world.xiao_xu, home.id, facts, origin=ORIGIN, key=key())
    with pytest.raises(Invalid):
        noting.committee(
            town.world.xiao_xu, home.id, CommitteeFacts("over", date(2026, 1, 1)), origin=ORIGIN, key=key()
        )
    late = RenovationFacts("雨污分流", "under_way", date(2026, 1, 1), date(2026, 5, 1), ("pipes",), 500_000_00)
    made = noting.renovation(town.world.xiao_xu, home.id, late, origin=ORIGIN, key=key())
    assert "renovation_very_late" in colour(town)[1]
    done = RenovationFacts("雨污分流", "done", date(2026, 1, 1), date(2026, 11, 1), ("pipes",), 480_000_00)
    noting.renovation(town.world.xiao_xu, home.id, done, origin=ORIGIN, key=key(), replaces=made.id)
    assert not any("renovation" in code for code in colour(town)[1])
    with pytest.raises(Invalid):
        noting.vote(
            town.world.xiao_xu, home.id, subject="company", title="续聘", held_on=date(2026, 5, 1),
            ballot=Ballot(10, 10, 11, 5, 0, 0, 0, 0), origin=ORIGIN, key=key(),
        )  # fmt: skip


STEPS = st.lists(
    st.tuples(st.sampled_from(["income", "interest", "spending", "statement", "reverse"]), st.integers(0, 900), st.integers(0, 9)),
    max_size=14,
)  # fmt: skip


@given(steps=STEPS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_fund_always_balances(town: Town, steps: list[tuple[str, int, int]]) -> None:
    me, home = town.world.xiao_xu, town.home
    with transaction.atomic():
        fund.note(me, home.id, kind="opening", amount=500, day=date(2026, 1, 1), origin=ORIGIN, key=key())
        expected, lines = 500, [("opening", 500)]
        for kind, amount, pick in steps:
            try:
                if kind == "reverse":
                    rows = list(FundEntry.objects.filter(compound=home).order_by("noted_at", "id"))
                    row = rows[pick % len(rows)]
                    made = fund.reverse(me, home.id, row.id, reason="记错了", key=key())
                    assert made.amount == -row.amount
                else:
                    made = fund.note(
                        me, home.id, kind=kind, amount=amount, day=date(2026, 2, 1), origin=ORIGIN, key=key()
                    )
            except (Invalid, Conflict):
                continue
            expected += made.amount
            lines.append((kind, made.amount))
        found = queries.file(me, home.id)
        assert (
            found.balance == expected == sum(row.amount for row in found.fund) == sum(amount for _kind, amount in lines)
        )
        assert found.balance >= 0
        assert Standing.objects.get(compound=home).fund_balance == expected
        assert len(found.fund) == len(lines)
        reversed_ = [row.replaces_id for row in found.fund if row.replaces_id]
        assert len(reversed_) == len(set(reversed_))
        transaction.set_rollback(True)


def test_a_statement_must_be_what_the_lines_add_up_to(town: Town) -> None:
    me, home = town.world.xiao_xu, town.home
    filled(town)
    with pytest.raises(Conflict):
        fund.note(me, home.id, kind="opening", amount=1, day=date(2026, 10, 1), origin=ORIGIN, key=key())
    with pytest.raises(Invalid, match="stated"):
        fund.note(
            me, home.id, kind="spending", amount=300_00, day=date(2026, 10, 5), stated=600_00, origin=ORIGIN, key=key()
        )
    spent = fund.note(
        me, home.id, kind="spending", amount=300_00, day=date(2026, 10, 5), stated=700_00, origin=ORIGIN, key=key()
    )
    with pytest.raises(Invalid, match="overdrawn"):
        fund.note(me, home.id, kind="spending", amount=701_00, day=date(2026, 10, 6), origin=ORIGIN, key=key())
    back = fund.reverse(me, home.id, spent.id, reason="重复登记", key=key())
    for one in (spent.id, back.id):
        with pytest.raises(Conflict):
            fund.reverse(me, home.id, one, reason="再来一次", key=key())
    assert queries.file(me, home.id).balance == 1_000_00


def test_cases_belong_to_the_address_that_they_name_else_to_the_nearest_building(town: Town) -> None:
    world = town.world
    near = report(world.zhou, lng=104.06041, lat=30.63041)
    other = report(world.zhou, lng=104.06089, lat=30.63089)
    named = report(world.zhou, lng=104.06089, lat=30.63089, address="玉林北苑1栋楼下")
    here = in_compound(world.xiao_xu, town.home)
    assert {case.id for case in here.cases} == {near.id, named.id}
    assert (here.open, here.ended) == (2, 0)
    assert [case.id for case in in_compound(world.xiao_xu, town.beside).cases] == [other.id]
    assert in_compound(world.far_worker, town.home).cases == []


def test_another_set_of_rules_is_previewed_published_and_holds_from_its_day(town: Town, clock: Clock) -> None:
    admin = town.world.system_admin
    turning.turn()
    base = queries.rule_set()
    milder = Given([row | {"colour": "yellow"} for row in base.rules], base.items, base.terms)
    tomorrow = time.today() + timedelta(days=1)
    with pytest.raises(Invalid):
        publishing.propose(admin, milder, valid_from=time.today(), reason="试行期放宽")
    with pytest.raises(Invalid):
        publishing.propose(admin, Given(base.rules, base.items, base.terms), valid_from=tomorrow, reason="没有变化")
    with pytest.raises(Forbidden):
        publishing.propose(town.world.liu, milder, valid_from=tomorrow, reason="试行期放宽")
    change = publishing.propose(admin, milder, valid_from=tomorrow, reason="试行期放宽")
    assert (change.preview["compounds"], change.preview["change"], change.preview["moves"]) == (
        2,
        2,
        [["red", "yellow", 2]],
    )
    second = publishing.propose(admin, milder, valid_from=tomorrow + timedelta(days=9), reason="同样的另一份")
    publishing.publish(admin, change.id, version=1)
    for stale in (change, second):
        with pytest.raises(Stale, match=r"stale|moved_on"):
            publishing.publish(admin, stale.id, version=1)
    assert colour(town)[0] == "red"
    clock.forward(days=1)
    turning.turn()
    assert colour(town)[0] == "yellow"
    found = queries.differences(queries.rule_set(1), queries.rule_set(2))
    assert {one.part for one in found} == {"rules"}
    assert all(one.before and one.after and one.before["colour"] == "red" for one in found)


def test_a_file_goes_out_and_comes_in_again_and_changes_nothing(town: Town) -> None:
    me = town.world.xiao_xu
    filled(town)
    turning.turn()
    out = [importing.heads(), *importing.rows_out(me, purpose="年度统计")]
    assert len(out) == 3
    again = importing.read(me, out, try_only=False)
    assert (again.problems, again.noted, again.same) == ([], {}, 2)
    assert AuditEntry.objects.filter(verb__in=["compound.export", "compound.import"]).count() == 2
    heads = [
        "name",
        "committee_state",
        "elected_on",
        "term_ends_on",
        "members",
        "kind",
        "ends_on",
        "fund_day",
        "fund_balance",
    ]
    lines = [
        heads, ["芳草小区", "已选举", "2026-05-01", "2029-05-01", "5", "self_managed", "", "2026-10-01", "20000.00"],
        ["没有这个小区", "none"], ["玉林北苑", "elected", "五月", "2029-05-01", "5"],
    ]  # fmt: skip
    before = Committee.objects.count()
    tried = importing.read(me, lines, try_only=True)
    assert [(one.row, one.column) for one in tried.problems] == [(3, "name"), (4, "elected_on")]
    assert (tried.noted, Committee.objects.count()) == ({"committee": 1, "contract": 1, "fund": 1}, before)
    assert importing.read(me, lines, try_only=False).noted == tried.noted
    assert queries.file(me, town.beside.id).balance == 20_000_00
    lines[1][-1] = "30000.00"
    assert importing.read(me, lines[:2], try_only=True).problems[0].column == "fund_balance"
    with pytest.raises(Invalid):
        importing.read(me, [["大小"], ["1"]], try_only=True)


def test_the_pages_cost_the_same_for_a_long_file_as_for_a_short_one(town: Town) -> None:
    me = town.world.xiao_xu
    turning.turn()
    assert HOME.startswith(COMMUNITY)
    with counted("compounds list"):
        queries.listed(me)
        queries.counted(me)
        queries.running_out(me)
    filled(town)
    for month in range(1, 9):
        noting.dues(
            me, town.home.id, starts_on=date(2025, month, 1), ends_on=date(2025, month, 28), billed=120, paid=100 + month,
            origin=ORIGIN, key=key(),
        )  # fmt: skip
        report(town.world.zhou)
    with counted("compounds list"):
        queries.listed(me)
        queries.counted(me)
        queries.running_out(me)
    with counted("compounds file"):
        queries.file(me, town.home.id)
        in_compound(me, town.home)
