"""After a breach that two people confirmed an account gains nothing and changes nothing, until two people lift that; the past stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Forbidden, NotFound
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM, Actor
from linli.ledger import book, queries
from linli.ledger.actions import claiming, objecting, rewarding, suspending
from linli.ledger.book import Source
from linli.ledger.models import Entry, Suspension, SuspensionState
from tests.conftest import Clock
from tests.ledger.conftest import balance, entries
from tests.world import HOME, WUHOU, World


def second(world: World) -> Actor:
    """Another data protection officer."""
    return replace(world.protector, account_id=world.accounts["auditor"].id)


def give(owner: Actor, number: int, *, rule: str = "info_verify") -> Entry:
    """An award for something that happens now, another for each number."""
    found = queries.rules_at()
    what = Source(WUHOU, HOME, "case", UUID(int=number + 1), time.now())
    return book.award(SYSTEM, found.rules[rule], owner.account_id, what, rules_number=found.number)


def suspended(world: World) -> Suspension:
    """何明 passed on residents' details; two officers found so."""
    where = Source(WUHOU, HOME, "case", ids.new_id(), time.now())
    charge = claiming.charge(
        world.protector, world.he_ming.account_id, rule="privacy_breach", source=where, words="把居民电话发到了群里"
    )
    with pytest.raises(Forbidden, match="second_person"):
        claiming.decide(world.protector, charge.id, grant=True)
    assert not Suspension.objects.exists()
    claiming.decide(second(world), charge.id, grant=True)
    return Suspension.objects.get(owner_id=world.he_ming.account_id)


def test_a_breach_suspends_and_nothing_of_the_past_changes(world: World, clock: Clock) -> None:
    reward = rewarding.offer(world.xiao_xu, ids.new_id(), name_zh="雨伞", place="社区服务大厅", price=1, stock=5)
    for number in range(3):
        give(world.he_ming, number)
    kept = rewarding.redeem(world.he_ming, reward.id, redemption_id=ids.new_id())
    before = list(Entry.objects.order_by("sequence").values_list("id", "hash"))
    clock.forward(minutes=5)
    found = suspended(world)
    assert list(Entry.objects.order_by("sequence").values_list("id", "hash"))[: len(before)] == before
    assert entries(world.he_ming)[-1] == ("penalty", "privacy_breach", 50, -2, "balance")

    clock.forward(minutes=5)
    give(world.he_ming, 10)
    assert entries(world.he_ming)[-1] == ("award", "info_verify", 1, 0, "suspended")
    with pytest.raises(Conflict, match=r"points\.suspended"):
        rewarding.redeem(world.he_ming, reward.id, redemption_id=ids.new_id())
    with pytest.raises(Conflict, match=r"points\.suspended"):
        claiming.claim(
            world.he_ming, ids.new_id(), rule="volunteer", on=time.today(), words="陪老人就医两小时", quantity=2
        )
    # What was kept before can be collected; what happened before still counts; others are not touched.
    assert rewarding.hand_out(world.xiao_xu, kept.id).state == "collected"
    earlier = Source(WUHOU, HOME, "case", ids.new_id(), found.begun_at.replace(hour=1))
    book.award(SYSTEM, queries.rules_at().rules["info_verify"], world.he_ming.account_id, earlier, rules_number=1)
    assert entries(world.he_ming)[-1] == ("award", "info_verify", 1, 1, "")
    give(world.lao_wu, 11)
    assert balance(world.lao_wu) == 1

    # Two people lift it; neither the person nor one alone. What was withheld stays withheld.
    for stranger in (world.he_ming, world.xiao_xu, world.other_liu):
        with pytest.raises(NotFound):
            suspending.ask_lift(stranger, found.id, words="已经培训并书面检查")
    suspending.ask_lift(world.liu, found.id, words="已经培训并书面检查")
    with pytest.raises(Forbidden, match="second_person"):
        suspending.lift(world.liu, found.id)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database keeps it too
        Suspension.objects.filter(id=found.id).update(
            state="lifted", ended_by=world.liu.account_id, ended_at=time.now()
        )
    suspending.lift(world.protector, found.id)
    with pytest.raises(Conflict):
        suspending.lift(world.protector, found.id)
    clock.forward(minutes=1)
    give(world.he_ming, 12)
    assert entries(world.he_ming)[-1] == ("award", "info_verify", 1, 1, "")
    assert balance(world.he_ming) == 2
    assert list(queries.recount()) == []
    verbs = AuditEntry.objects.filter(person_id=world.he_ming.account_id).values_list("verb", flat=True)
    assert {"points.suspend", "points.ask_lift", "points.lift"} <= set(verbs)


def test_an_objection_that_is_upheld_makes_it_as_if_it_had_never_been(world: World, clock: Clock) -> None:
    give(world.he_ming, 0)
    clock.forward(minutes=1)
    found = suspended(world)
    clock.forward(minutes=1)
    for number in range(25):  # the rule gives twenty a day at most, and one was given before
        give(world.he_ming, 100 + number)
    assert balance(world.he_ming) == 0
    made = objecting.object_to(world.he_ming, found.entry_id, words="电话不是我发的，请核对账号")
    assert queries.objections_open(world.liu) == [made]
    objecting.answer(world.liu, made.id, upheld=True, words="核对属实，不是本人所发")
    assert Suspension.objects.get(id=found.id).state == SuspensionState.UNDONE
    assert balance(world.he_ming) == 20
    assert list(queries.recount()) == []


def test_only_the_person_and_who_may_lift_it_see_it(world: World, at_door: Callable[[str], Client]) -> None:
    found = suspended(world)
    page = at_door("he_ming").get("/field/points").content.decode()
    assert "Your account is suspended" in page
    assert f"/field/points/entry/{found.entry_id}" in page
    assert at_door("he_ming").get("/api/v1/ledger/mine").json()["suspended_since"]
    assert "Your account is suspended" not in at_door("lao_wu").get("/field/points").content.decode()
    desk = at_door("liu")
    assert "何明" in desk.get("/desk/points?view=suspensions").content.decode()
    where = f"/desk/points/suspensions/{found.id}"
    assert desk.post(where, {"words": ""}).status_code == 422
    assert desk.post(where, {"words": "已经培训并书面检查"}).status_code == 302
    assert "已经培训并书面检查" in desk.get(where).content.decode()
    for login in ("he_ming", "xiao_xu", "other_liu"):
        assert at_door(login).get(where).status_code in (403, 404)
    assert at_door("protector").post(where).status_code == 302
    assert desk.get("/api/v1/ledger/suspensions").json() == []
    assert queries.mine(world.he_ming).suspension is None


steps = st.lists(st.sampled_from(["give", "suspend", "lift", "undo", "wait"]), max_size=14)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps)
def test_whatever_happens_the_book_balances_and_nothing_is_gained_while_suspended(
    world: World, clock: Clock, story: list[str]
) -> None:
    point, number = transaction.savepoint(), ids.new_id().int % 10**9
    try:
        for step in story:
            clock.forward(minutes=1)
            held = Suspension.objects.filter(owner_id=world.he_ming.account_id, state="in_force").first()
            match step:
                case "give":
                    number += 1
                    entry = give(world.he_ming, number)
                    assert (entry.limited_by == "suspended") == (held is not None)
                    assert held is None or entry.amount == 0
                case "suspend" if held is None:
                    _suspend(world)
                case "lift" if held is not None:
                    suspending.ask_lift(world.liu, held.id, words="已经培训并书面检查")
                    suspending.lift(world.protector, held.id)
                case "undo" if held is not None:
                    made = objecting.object_to(world.he_ming, held.entry_id, words="电话不是我发的，请核对账号")
                    objecting.answer(world.liu, made.id, upheld=True, words="核对属实，不是本人所发")
                case _:
                    continue
        assert list(queries.recount()) == []
    finally:
        transaction.savepoint_rollback(point)


def _suspend(world: World) -> Any:
    where = Source(WUHOU, HOME, "case", ids.new_id(), time.now())
    charge = claiming.charge(
        world.protector, world.he_ming.account_id, rule="privacy_breach", source=where, words="把居民电话发到了群里"
    )
    return claiming.decide(second(world), charge.id, grant=True)
