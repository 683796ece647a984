"""Points come by themselves, by published rules, once, within caps; nobody can edit, and everybody can object."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from io import StringIO
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from linli.cases.actions import accepting
from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import SYSTEM
from linli.ledger import book, queries, rules
from linli.ledger.actions import claiming, collecting, expiring, objecting, publishing, rewarding
from linli.ledger.book import Source
from linli.ledger.models import Account, Claim, Entry, ObjectionState, Redemption, Reward, Rule, RuleSet
from tests.cases.test_the_way_of_a_case import disposed
from tests.conftest import Clock
from tests.ledger.conftest import account, balance, entries, hear, last
from tests.world import HOME, WUHOU, World, ref, report


def registered(world: World, finder: Any, *, category: str = "UT02", by: Any = None) -> Any:
    """A case that somebody reported and that was registered."""
    case = report(finder, category=category)
    return accepting.register(by or world.xiao_xu, ref(case), version=1)


def source(number: int = 0, *, at: datetime | None = None) -> Source:
    """Something that happened, another for each number."""
    return Source(WUHOU, HOME, "case", UUID(int=number + 1), at or time.now())


def give(owner: Any, number: int = 0, *, rule: str = "valid_report", at: datetime | None = None) -> Entry:
    """An award by a rule."""
    found = queries.rules_at()
    return book.award(SYSTEM, found.rules[rule], owner.account_id, source(number, at=at), rules_number=found.number)


def test_a_report_that_is_registered_gives_points_once(world: World) -> None:
    case = registered(world, world.he_ming)
    assert balance(world.he_ming) == 0  # not at upload
    hear()
    hear()
    assert entries(world.he_ming) == [("award", "valid_report", 2, 2, "")]
    page = queries.entries_of(world.he_ming, district=WUHOU)
    assert page.entries[0].subject_id == case.id
    assert not Event.objects.filter(kind="points.award", data__has_key="account").exists()
    # Nobody else's: not the colleague's, not the supervisor's.
    for other in (world.lao_wu, world.sibling_member, world.liu):
        with pytest.raises(NotFound):
            queries.entry(other, page.entries[0].id)
    with pytest.raises(Forbidden):
        queries.mine(world.ma)


def test_a_duplicate_gives_nothing_and_takes_back_what_it_gave(world: World) -> None:
    first, second = registered(world, world.lao_wu), registered(world, world.he_ming)
    hear()
    assert balance(world.he_ming) == 2
    accepting.merge(world.xiao_xu, ref(second), version=second.version, master=first.id)
    hear()
    hear()
    assert entries(world.he_ming) == [("award", "valid_report", 2, 2, ""), ("reversal", "valid_report", 2, -2, "")]
    assert balance(world.lao_wu) == 2


def test_nobody_confirms_their_own(world: World) -> None:
    # Registered by whoever reported it: somebody else has to say so.
    case = registered(world, world.lao_wu, by=world.lao_wu)
    hear()
    assert balance(world.lao_wu) == 0
    waiting = queries.claims_waiting(world.xiao_xu)
    assert [(one.rule, one.subject_id) for one in waiting] == [("valid_report", case.id)]
    assert queries.claims_waiting(world.sibling_worker) == []
    with pytest.raises(NotFound):
        claiming.decide(world.sibling_worker, waiting[0].id, grant=True)
    claiming.decide(world.xiao_xu, waiting[0].id, grant=True)
    assert balance(world.lao_wu) == 2
    with pytest.raises(Conflict):
        claiming.decide(world.xiao_li, waiting[0].id, grant=True)


def test_a_danger_that_is_removed(world: World) -> None:
    case = report(world.he_ming, category="FS02")
    case = accepting.register(world.xiao_xu, ref(case), version=1)
    happened = Event.objects.get(kind="case.register")
    hear()
    assert balance(world.he_ming) == 2
    with transaction.atomic():
        events.append(
            "case.verify", subject_type="case", subject_id=case.id, sequence=99, district=WUHOU, area_path=HOME,
            actor=world.lao_zheng, data=happened.data | {"to": "verified"},
        )  # fmt: skip
    hear()
    hear()
    assert entries(world.he_ming)[-1] == ("award", "hidden_danger_fixed", 5, 5, "")


def test_a_matter_of_people_gives_nobody_points(world: World) -> None:
    collecting.collect(world.zhou, collecting=True)
    for person in (world.zhou, world.he_ming):
        case = report(person, category="DS03")
        assert "account" not in Event.objects.get(kind="case.report", subject_id=case.id).data
        accepting.register(world.xiao_xu, ref(case), version=1)
    hear()
    assert Entry.objects.count() == 0


def test_a_resident_collects_only_after_asking_to(world: World) -> None:
    registered(world, world.zhou)
    hear()
    assert Account.objects.count() == 0
    collecting.collect(world.zhou, collecting=True)
    registered(world, world.zhou, category="EN01")
    hear()
    # The first was read again and counts now too: nothing was lost, and nothing was kept while it was not wanted.
    assert balance(world.zhou) == 4
    collecting.collect(world.zhou, collecting=False)
    registered(world, world.zhou, category="EN05")
    hear()
    assert balance(world.zhou) == 4


def test_an_emergency_waits_for_the_dispatcher(world: World) -> None:
    case = disposed(world)  # 何明 signed in
    signed = Event.objects.get(kind="case.sign_in")
    assert Claim.objects.count() == 0
    Event.objects.filter(id=signed.id).update(data=signed.data | {"severity": 1})
    hear()
    hear()
    waiting = queries.claims_waiting(world.sun)
    assert [(one.rule, one.subject_id) for one in waiting] == [("call_response", case.id)]
    assert queries.claims_waiting(world.lao_zheng) == []  # the rule names the dispatcher
    with pytest.raises(Invalid):
        claiming.decide(world.sun, waiting[0].id, grant=False)
    claiming.decide(world.sun, waiting[0].id, grant=False, reason="到场时已处置完毕")
    own = queries.mine(world.he_ming).claims[0]
    assert (own.state, queries.words_of(own, "reason")) == ("refused", "到场时已处置完毕")
    assert balance(world.he_ming) == 0


def test_a_changed_dwelling_gives_points_to_whoever_proposed_it(world: World) -> None:
    for number in range(2):
        events.append(
            "dwelling.change_accepted", subject_type="dwelling", subject_id=UUID(int=7), sequence=number, district=WUHOU,
            area_path=HOME, actor=world.xiao_xu, data={"by_post": str(world.he_ming.post_id)},
        )  # fmt: skip
    hear()
    hear()
    assert entries(world.he_ming) == [("award", "info_verify", 1, 1, "")] * 2


def test_caps_count_by_the_citys_day_and_month(world: World, clock: Clock) -> None:
    late = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # 23:59 where the city is
    clock.set(late)
    for number in range(6):
        give(world.he_ming, number)
    assert [one[3:] for one in entries(world.he_ming)] == [(2, "")] * 5 + [(0, "day")]
    clock.forward(minutes=1)
    assert give(world.he_ming, 10).amount == 2  # the next day, and the next month
    # A month's cap, half of it left over.
    clock.set(datetime(2026, 12, 30, 4, tzinfo=UTC))
    for day in range(1, 13):
        at = datetime(2026, 10, day, 4, tzinfo=UTC)
        for number in range(5):
            give(world.lao_wu, 100 + day * 10 + number, rule="hidden_danger_fixed", at=at)
    amounts = [one[3] for one in entries(world.lao_wu)]
    assert sum(amounts) == 80
    assert entries(world.lao_wu)[-1][3:] == (0, "month")
    assert max(sum(amounts[day * 5 : day * 5 + 5]) for day in range(12)) == 15


def test_a_host_confirms_who_was_there_and_never_themself(world: World) -> None:
    sheet, there = ids.new_id(), [world.he_ming.account_id, world.lao_wu.account_id]
    today = time.today()

    def confirm(by: Any, people: list[Any], **more: Any) -> list[Entry]:
        values: dict[str, Any] = {"rule": "volunteer", "on": today, "title": "小区清洁日", "quantity": 3} | more
        return claiming.confirm_attendance(by, sheet, people=people, **values)

    with pytest.raises(Invalid):
        confirm(world.xiao_xu, [world.far_worker.account_id])
    with pytest.raises(Invalid):
        confirm(world.xiao_xu, there, quantity="30")
    with pytest.raises(Invalid):
        confirm(world.xiao_xu, there, on=today + timedelta(days=1))
    with pytest.raises(Forbidden):
        confirm(world.lao_zheng, there)
    confirm(world.xiao_xu, there)
    assert [one.amount for one in confirm(world.xiao_xu, there)] == [3, 3]
    assert (balance(world.he_ming), balance(world.lao_wu)) == (3, 3)
    assert confirm(world.xiao_xu, there, quantity=2)[0].amount == 3  # the same sheet again changes nothing
    # One's own hours wait for the community; the same id is the same claim.
    mine = ids.new_id()
    for _again in range(2):
        claiming.claim(world.he_ming, mine, rule="volunteer", on=today, words="陪老人就医两小时", quantity="2")
    with pytest.raises(Conflict):
        claiming.claim(world.zhou, ids.new_id(), rule="volunteer", on=today, words="清洁楼道", quantity="2")
    claiming.decide(world.xiao_xu, queries.claims_waiting(world.xiao_xu)[0].id, grant=True)
    assert entries(world.he_ming)[-1][3:] == (1, "day")


def test_taking_points_away_needs_two_people_and_never_leaves_a_debt(world: World, clock: Clock) -> None:
    case = registered(world, world.he_ming)
    hear()
    owner = queries.finder_of(case.district, case.id)
    assert owner == world.he_ming.account_id
    where = Source(WUHOU, HOME, "case", case.id, time.now())
    with pytest.raises(NotFound):
        claiming.charge(world.sun, owner, rule="false_report", source=where, words="现场没有此事，照片是旧的")
    charge = claiming.charge(world.xiao_xu, owner, rule="false_report", source=where, words="现场没有此事，照片是旧的")
    assert balance(world.he_ming) == 2
    assert charge.id not in [one.id for one in queries.claims_waiting(world.xiao_xu)]
    with pytest.raises(Forbidden, match="second_person"):
        claiming.decide(world.xiao_xu, charge.id, grant=True)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database keeps it too
        Claim.objects.filter(id=charge.id).update(
            state="granted", decided_by=world.xiao_xu.account_id, decided_at=time.now()
        )
    claiming.decide(world.xiao_li, charge.id, grant=True)
    assert entries(world.he_ming)[-1] == ("penalty", "false_report", 10, -2, "balance")

    # Appeal: read and answered by somebody who had no hand in it, in ten working days.
    made = objecting.object_to(world.he_ming, last(world.he_ming), words="照片是当天拍的，请看拍摄时间")
    assert made.due_at == datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
    with pytest.raises(Conflict):
        objecting.object_to(world.he_ming, last(world.he_ming), words="照片是当天拍的，请看拍摄时间")
    with pytest.raises(NotFound):
        objecting.read(world.xiao_xu, made.id)
    assert [one.id for one in queries.objections_open(world.liu)] == [made.id]
    assert objecting.read(world.liu, made.id)[1] == "照片是当天拍的，请看拍摄时间"
    assert AuditEntry.objects.filter(verb="points.read", person_id=world.he_ming.account_id).count() == 1
    objecting.answer(world.liu, made.id, upheld=True, words="经核对时间属实，恢复积分")
    with pytest.raises(Conflict):
        objecting.answer(world.ma, made.id, upheld=False, words="再次答复也不行")
    assert entries(world.he_ming)[-1] == ("reversal", "false_report", 2, 2, "")
    assert balance(world.he_ming) == 2
    told = queries.objection_to(queries.entry(world.he_ming, made.entry_id))
    assert told is not None
    assert (told.state, queries.words_of(told, "answer")) == (ObjectionState.UPHELD, "经核对时间属实，恢复积分")
    # The term is over after ten working days.
    old = queries.entries_of(world.he_ming, district=WUHOU).entries[-1]
    clock.forward(days=15)
    with pytest.raises(Conflict, match="too_late"):
        objecting.object_to(world.he_ming, old.id, words="少算了一次，请复核")


def test_whoever_had_a_hand_in_it_does_not_answer(world: World) -> None:
    case = registered(world, world.he_ming)
    where = Source(WUHOU, HOME, "case", case.id, time.now())
    charge = claiming.charge(
        world.xiao_xu, world.he_ming.account_id, rule="false_report", source=where, words="现场没有此事，照片是旧的"
    )
    claiming.decide(world.liu, charge.id, grant=True)
    made = objecting.object_to(world.he_ming, last(world.he_ming), words="照片是当天拍的，请看拍摄时间")
    assert queries.objections_open(world.liu) == []
    with pytest.raises(Forbidden, match="had_a_hand"):
        objecting.answer(world.liu, made.id, upheld=False, words="维持原来的决定")
    objecting.answer(world.ma, made.id, upheld=False, words="两人复核无误，维持")
    assert balance(world.he_ming) == 0


def test_an_award_that_gave_too_few_is_corrected(world: World) -> None:
    given = give(world.he_ming)
    made = objecting.object_to(world.he_ming, given.id, words="这是两处问题，只算了一处")
    with pytest.raises(Invalid):
        objecting.answer(world.liu, made.id, upheld=True, words="经核实，补记一处", points="50")
    objecting.answer(world.liu, made.id, upheld=True, words="经核实，补记一处", points="2")
    assert entries(world.he_ming)[-1] == ("correction", "valid_report", 2, 2, "")


def rewarded(world: World, *, stock: int = 1, price: int = 4) -> Reward:
    """Something to change points for."""
    return rewarding.offer(
        world.xiao_xu, ids.new_id(), name_zh="雨伞", name_en="Umbrella", place="社区服务大厅", price=price, stock=stock
    )


def test_a_reward_is_neither_overdrawn_nor_handed_out_twice(world: World, clock: Clock) -> None:
    reward = rewarded(world)
    give(world.he_ming)
    with pytest.raises(Conflict, match="too_few"):
        rewarding.redeem(world.he_ming, reward.id, redemption_id=ids.new_id())
    for number in range(1, 3):
        give(world.he_ming, number)
        give(world.lao_wu, number)
    key = ids.new_id()
    mine = rewarding.redeem(world.he_ming, reward.id, redemption_id=key)
    assert rewarding.redeem(world.he_ming, reward.id, redemption_id=key).id == mine.id
    assert balance(world.he_ming) == 2
    with pytest.raises(Conflict, match="none_left"):
        rewarding.redeem(world.lao_wu, reward.id, redemption_id=ids.new_id())
    with pytest.raises(Stale):
        rewarding.change(
            world.xiao_xu, reward.id, version=1, name_zh="雨伞", place="大厅", price=4, stock=9, offered=True
        )
    with pytest.raises(NotFound):
        rewarding.take_back(world.lao_wu, mine.id)
    rewarding.take_back(world.he_ming, mine.id)
    assert (balance(world.he_ming), Reward.objects.get().stock) == (6, 1)
    again = rewarding.redeem(world.he_ming, reward.id, redemption_id=ids.new_id())
    code = queries.pick_up_code(again.district, again.id)
    with pytest.raises(NotFound):
        queries.redemption_by_code(world.sibling_worker, code)
    with pytest.raises(NotFound):
        queries.redemption_by_code(world.xiao_xu, "12345678")
    rewarding.hand_out(world.xiao_xu, queries.redemption_by_code(world.xiao_xu, f"{code[:4]} {code[4:]}").id)
    with pytest.raises(NotFound):
        queries.redemption_by_code(world.xiao_xu, code)
    with pytest.raises(Conflict):
        rewarding.take_back(world.he_ming, again.id)
    # What nobody comes for comes back by itself.
    rewarding.change(
        world.xiao_xu, reward.id, version=Reward.objects.get().version, name_zh="雨伞", place="大厅", price=2, stock=1, offered=True
    )  # fmt: skip
    rewarding.redeem(world.he_ming, reward.id, redemption_id=ids.new_id())
    assert (balance(world.he_ming), rewarding.let_lapse()) == (0, 0)
    clock.forward(days=31)
    assert (rewarding.let_lapse(), rewarding.let_lapse(), balance(world.he_ming)) == (1, 0, 2)
    assert Redemption.objects.get(state="lapsed").ended_by is None
    assert list(queries.recount()) == []


def test_points_expire_after_they_were_announced_and_the_oldest_are_spent_first(world: World, clock: Clock) -> None:
    clock.set(datetime(2026, 6, 1, 2, tzinfo=UTC))
    for number in range(3):
        give(world.he_ming, number)
    give(world.lao_wu)
    clock.set(datetime(2027, 3, 1, 2, tzinfo=UTC))
    give(world.he_ming, 5)
    assert [(one.on, one.amount) for one in queries.mine(world.he_ming).expiring] == [
        (date(2028, 1, 1), 6), (date(2029, 1, 1), 2),
    ]  # fmt: skip
    assert expiring.announce() == 0  # too early
    clock.set(datetime(2027, 11, 3, 2, tzinfo=UTC))
    assert expiring.announce() == 2
    assert expiring.announce() == 0
    assert queries.mine(world.he_ming).expiring[0].announced
    reward = rewarded(world, price=2)
    rewarding.redeem(world.he_ming, reward.id, redemption_id=ids.new_id())
    assert expiring.expire() == 0
    clock.set(datetime(2027, 12, 31, 16, 0, tzinfo=UTC))
    assert expiring.expire() == 2
    assert expiring.expire() == 0
    assert entries(world.he_ming)[-1] == ("expiry", "expiry", 4, -4, "")
    assert (balance(world.he_ming), balance(world.lao_wu)) == (2, 0)
    # What was announced too late stays another year.
    clock.set(datetime(2028, 12, 20, 2, tzinfo=UTC))
    assert expiring.announce() == 1
    clock.set(datetime(2029, 1, 2, 2, tzinfo=UTC))
    assert expiring.expire() == 1
    assert balance(world.he_ming) == 2
    assert list(queries.recount()) == []


def test_rules_are_dated_and_what_happened_before_keeps_the_old_ones(world: World, clock: Clock, tmp_path: Any) -> None:
    assert publishing.load_rules() is None
    with pytest.raises(Conflict):
        publishing.publish(SYSTEM, rules.shipped(), valid_from=clock.moment + timedelta(days=1), note="没有变化")
    with pytest.raises(Forbidden):
        publishing.publish(world.liu, rules.shipped(), valid_from=clock.moment, note="擅自修改")
    file = tmp_path / "rules.csv"
    with file.open("w", encoding="utf-8") as made:
        csv.writer(made).writerows(_changed(rules_text(), code="valid_report", column=3, value="3"))
    said = StringIO()
    call_command("load_points_rules", file, "--from", "2026-12-01", "--note", "有效上报改为 3 分", stdout=said)
    assert "rules 2" in said.getvalue()
    changes = queries.rule_changes(queries.rule_book(1), queries.rule_book(2))
    assert [(one.code, one.fields) for one in changes] == [("valid_report", ("points",))]
    assert queries.rules_at().number == 1
    registered(world, world.he_ming)
    clock.set(datetime(2026, 12, 1, 2, tzinfo=UTC))
    registered(world, world.he_ming, category="EN01")
    hear()
    assert [one[2] for one in entries(world.he_ming)] == [2, 3]
    with pytest.raises(CommandError):
        call_command("load_points_rules", file, "--from", "2026-01-01", "--note", "倒填", stdout=said)
    file.write_text(file.read_text("utf-8").replace(",two,", ",one,"), encoding="utf-8")
    with pytest.raises(CommandError, match="two people"):
        call_command("load_points_rules", file, "--from", "2027-01-01", "--note", "单人扣分", stdout=said)


def rules_text() -> list[list[str]]:
    """The file of rules that comes with Linli, as rows of cells."""
    with resources.files("linli.ledger.rules").joinpath("points_rules.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))


def _changed(rows: list[list[str]], *, code: str, column: int, value: str) -> list[list[str]]:
    return [[*row[:column], value, *row[column + 1 :]] if row[0] == code else row for row in rows]


def test_nobody_edits_the_book(world: World) -> None:
    given = give(world.he_ming)
    for rows in (Entry.objects.all(), Rule.objects.all(), RuleSet.objects.all(), Account.objects.all()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows._raw_delete("default")
    for change in (
        lambda: Entry.objects.update(amount=1),
        lambda: Rule.objects.update(points=9),
        lambda: RuleSet.objects.update(number=9),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="not_overdrawn"), transaction.atomic():
        Account.objects.filter(id=given.account_id).update(balance=-1)
    assert list(queries.recount()) == []
    Account.objects.filter(id=given.account_id).update(balance=100)  # the one thing that can be written shows at once
    faults = list(queries.recount())
    assert [one.account_id for one in faults] == [given.account_id]
    with pytest.raises(CommandError):
        call_command("recount_points", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_two_awards_at_once_for_one_event_give_one(world: World) -> None:
    give(world.lao_wu)  # the house's account is there
    reward = rewarded(world, stock=1, price=2)
    rule = queries.rules_at().rules["valid_report"]
    together, made, refused = Barrier(4), [], []

    def at_once(work: Any) -> None:
        try:
            together.wait(timeout=30)
            made.append(work())
        except Conflict as error:
            refused.append(error.code)
        finally:
            connection.close()

    def run(*works: Any) -> None:
        threads = [Thread(target=at_once, args=(work,)) for work in works]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    moment = source(at=datetime(2026, 11, 18, 2, tzinfo=UTC))
    run(*[lambda: book.award(SYSTEM, rule, world.he_ming.account_id, moment, rules_number=1) for _n in range(4)])
    assert len({one.id for one in made}) == 1
    assert (balance(world.he_ming), Entry.objects.filter(account=account(world.he_ming)).count()) == (2, 1)
    run(*[lambda who=who: rewarding.redeem(who, reward.id, redemption_id=ids.new_id())
          for who in (world.he_ming, world.he_ming, world.lao_wu, world.lao_wu)])  # fmt: skip
    assert (len(refused), Reward.objects.get().stock) == (3, 0)
    assert sorted((balance(world.he_ming), balance(world.lao_wu))) == [0, 2]
    assert list(queries.recount()) == []
