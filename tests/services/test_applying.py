"""An application from its first word to its rating: what is asked, what no longer is, and who sees what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.kernel import time, work
from linli.kernel.errors import Conflict, Invalid, NotFound, SignInNeeded, Stale
from linli.kernel.models import AuditEntry, Deadline, DeadlineState, Event
from linli.kernel.trust import ANONYMOUS, SYSTEM, context
from linli.people import actions as people
from linli.services import chores, facts, queries
from linli.services.actions import applying, handling, own, proving
from linli.services.facts import How
from linli.services.models import Fact, Proof, ProofState, Said, Seat, State, Step
from linli.services.steps import ref_of
from linli.services.verbs import next_verbs
from tests.services.conftest import COMMUNITY, SOFA, bulky, fresh, made
from tests.world import WUHOU, World


def first_slot(code: str = "UM01"):
    return queries.windows(queries.service(code, district=WUHOU), COMMUNITY)[0].slot


def again(one):
    return fresh(one.district, one.id)


def test_bulky_waste_from_the_booking_to_the_rating(world: World) -> None:
    slot = first_slot()
    one = bulky(world.zhou, slot.id)
    assert one.state == State.ACCEPTED, "a time that is booked is an answer"
    assert queries.slot_of(one) == slot
    assert one.organisation_id == world.organisation("urban_management")
    assert one.due_at >= slot.ends_at
    one = handling.finish(world.yang, ref_of(one), version=one.version, words="已清走，共两件。")
    assert one.state == State.DONE
    assert not one.is_open
    own.rate(world.zhou, ref_of(one), score=5, words="师傅很好")
    assert again(one).rating == 5
    assert [step.kind for step in queries.steps_of(one)] == ["apply", "finish", "rate"]
    said = [words.text for words in queries.said_own(world.zhou, one)]
    assert "已清走，共两件。" in said
    told = list(Event.objects.filter(subject_id=one.id).order_by("sequence").values_list("kind", flat=True))
    assert told == ["service.apply", "service.finish", "service.rate"]


def test_what_the_platform_holds_is_filled_in_and_the_person_can_read_it(world: World) -> None:
    one = bulky(world.zhou, first_slot().id)
    held = {words.field for words in queries.said_own(world.zhou, one) if words.held}
    assert held == {"name", "phone"}
    look = AuditEntry.objects.get(verb="fact.read", person_id=world.zhou.account_id)
    assert one.number in look.purpose
    assert look.fields == ["name", "phone"]
    # name, phone and community are not asked; address, items and access are
    assert (one.asked, one.spared) == (3, 3)
    # The next time neither the address nor how it comes down is asked.
    counted = facts.count(queries.service("UM01"), held=queries.held_of(world.zhou).codes, language="zh-hans")
    assert [need.code for need in counted.needed if need.how == How.ASKED] == ["items"]
    again_ = made(world.zhou, service="UM01", answers={"items": ["tv"]}, slot=queries.windows(
        queries.service("UM01", district=WUHOU), COMMUNITY)[1].slot.id, use_held=True)  # fmt: skip
    texts = {words.field: words.text for words in queries.said_own(world.zhou, again_)}
    assert texts["address"].startswith("玉林北路")
    assert again_.facts["access"] == "stairs"


def test_without_consent_everything_is_asked(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        made(world.zhou, service="UM01", answers=SOFA, person={"address": "玉林北路 3 号"}, area_path=COMMUNITY,
             slot=first_slot().id)  # fmt: skip
    assert refused.value.field == "name"
    assert not AuditEntry.objects.filter(verb="fact.read").exists()


def test_the_same_application_twice_is_one(world: World) -> None:
    slot = first_slot()
    first = bulky(world.zhou, slot.id, key="tap")
    assert bulky(world.zhou, slot.id, key="tap").id == first.id


def test_without_an_account_one_follows_by_number_and_code(world: World) -> None:
    one = bulky(ANONYMOUS, first_slot().id, use_held=False)
    code = applying.application_code(one.district, one.number)
    me = applying.actor_by_code(one.number, code)
    assert queries.get(me, one.number) == one
    assert {words.field for words in queries.said_own(me, one)} == {"name", "phone", "address"}
    own.withdraw(me, ref_of(one))
    assert queries.slot_of(one) is None, "the time is free for others"
    with pytest.raises(NotFound):
        applying.actor_by_code(one.number, "00000000")
    mine = bulky(world.zhou, first_slot().id)
    with pytest.raises(NotFound):
        applying.actor_by_code(mine.number, applying.application_code(mine.district, mine.number))


def test_a_department_that_needs_to_know_who_one_is_asks_to_sign_in(world: World) -> None:
    with pytest.raises(SignInNeeded):
        made(ANONYMOUS, service="CA04", area_path=COMMUNITY)


def permit(world: World, **more):
    values = {
        "service": "PO01", "answers": {"permit_kind": "new"}, "use_held": True, "use_proofs": True,
        "person": {"address": "玉林北路 3 号", "identity_number": "11010519491231002X"}, "area_path": COMMUNITY,
    } | more  # fmt: skip
    return made(world.zhou, **values)


def test_a_proof_is_asked_of_the_department_that_holds_it_and_then_held(world: World) -> None:
    # The small city has no police: the operation centre handles it, and what nobody vouches for is brought.
    one = permit(world)
    assert {proof.state for proof in queries.proofs_of(one)} == {ProofState.TO_BRING}
    centre = world.organisation("centre")
    assert one.organisation_id == centre
    Proof.objects.filter(application=one).update(state=ProofState.ASKED, holder_id=world.organisation("housing"))
    waiting = queries.proofs_asked(world.housing_clerk)
    assert {proof.kind for proof in waiting} == {"identity", "tenancy"}
    assert not queries.proofs_asked(world.yang)
    with pytest.raises(NotFound):
        queries.get(world.housing_clerk, one.number)
    read = proving.read_for_proof(world.housing_clerk, waiting[0].id, purpose="核对身份")
    assert {words.field for words in read} == {"name", "identity_number", "address"}
    with pytest.raises(NotFound):
        proving.confirm_proof(world.yang, waiting[0].id, holds=True)
    for proof in waiting:
        proving.confirm_proof(world.housing_clerk, proof.id, holds=True)
    assert set(queries.held_of(world.zhou).proofs) == {"identity", "tenancy"}
    looks = AuditEntry.objects.filter(verb="application.read", person_id=world.zhou.account_id)
    assert looks.count() == 1
    # The next application needs neither of them, nor the number of the identity card.
    second = permit(world, person={})
    assert {proof.state for proof in queries.proofs_of(second)} == {ProofState.HELD}
    assert second.asked == 1


def test_it_is_not_finished_while_a_proof_is_missing(world: World) -> None:
    one = permit(world, use_proofs=False)
    sun = world.sun
    one = handling.accept(sun, ref_of(one), version=one.version)
    with pytest.raises(Conflict):
        handling.finish(sun, ref_of(one), version=one.version, words="已办好")
    for kind in ("identity", "tenancy"):
        one = proving.see_proof(sun, ref_of(one), proof=kind)
    one = handling.finish(sun, ref_of(one), version=one.version, words="居住证已制好，请来领取。")
    assert "residence_permit" not in queries.held_of(world.wang).proofs
    assert "residence_permit" in queries.held_of(world.zhou).proofs


def test_the_clock_stands_while_the_resident_is_asked(world: World, clock) -> None:
    one = made(world.zhou, service="JU01", answers={"legal_matter": "公司欠我三个月工资"}, use_held=True)
    sun = world.sun
    due = one.due_at
    one = handling.ask_more(sun, ref_of(one), version=one.version, reason="请补充劳动合同照片。")
    assert one.state == State.NEEDS_MORE
    clock.forward(days=7)
    one = own.answer(world.zhou, ref_of(one), text="合同没有签，有工资条。")
    assert one.state == State.SUBMITTED
    assert one.due_at > due
    assert Deadline.objects.get(subject_id=one.id).state == DeadlineState.RUNNING


def test_a_refusal_is_reviewed_by_somebody_else_once(world: World, clock) -> None:
    one = bulky(world.zhou, first_slot().id)
    one = handling.refuse(world.yang, ref_of(one), version=one.version, reason="装修垃圾不在此列。")
    assert queries.slot_of(one) is None
    one = handling.appeal(world.zhou, ref_of(one), reason="不是装修垃圾，是沙发。")
    assert one.state == State.REVIEW
    assert one.is_open
    assert one.due_at
    with pytest.raises(Conflict):
        handling.decide_appeal(world.yang, ref_of(one), version=one.version, agree=False, reason="维持原决定。")
    one = handling.decide_appeal(world.ma, ref_of(one), version=one.version, agree=False, reason="照片显示是水泥块。")
    assert one.state == State.REFUSED
    with pytest.raises(Conflict):
        handling.appeal(world.zhou, ref_of(one), reason="还是不服。")


def test_others_do_not_see_it(world: World) -> None:
    one = bulky(world.zhou, first_slot().id)
    for stranger in (world.wang, world.xiao_xu, world.housing_clerk, world.far_clerk, world.he_ming, world.auditor):
        with pytest.raises(NotFound):
            queries.get(stranger, one.number)
    assert queries.get(world.yang, one.number) == one
    assert queries.get(world.ma, one.number) == one, "a supervisor sees what is not restricted"
    restricted = made(world.zhou, service="JU01", answers={"legal_matter": "借款纠纷，对方不还钱"}, use_held=True)
    with pytest.raises(NotFound):
        queries.get(world.ma, restricted.number)


def test_staff_see_it_masked_and_in_clear_only_with_a_purpose(world: World) -> None:
    one = bulky(world.zhou, first_slot().id)
    masked = {words.field: words.text for words in queries.said_masked(world.yang, one)}
    assert masked["name"] == "周**"
    assert masked["phone"] == "138****0001"
    assert "502" not in masked["address"]
    with pytest.raises(Invalid):
        handling.read_answers(world.yang, ref_of(one), purpose="")
    clear = {words.field: words.text for words in handling.read_answers(world.yang, ref_of(one), purpose="联系上门")}
    assert clear["phone"] == "13800000001"
    look = AuditEntry.objects.get(verb="application.read")
    assert look.person_id == world.zhou.account_id
    assert look.purpose == "联系上门"
    assert look.actor_name == "杨科"
    assert not Said.objects.exists(), "without a context the database shows nobody's words"


def test_a_stale_hand_is_refused(world: World) -> None:
    one = made(world.zhou, service="CU02", answers={"wish": "书法，周末"}, use_held=True)
    handling.message(world.sun, ref_of(one), text="您好")
    with pytest.raises(Stale):
        handling.accept(world.sun, ref_of(one), version=one.version)


def test_for_a_relative_who_agrees(world: World) -> None:
    one = bulky(world.zhou, first_slot().id, on_behalf=True, person={
        "address": "洗面桥 1 号", "relative_name": "周国强", "relation": "父亲", "relative_phone": "13900000009"})  # fmt: skip
    texts = {words.field: words.text for words in queries.said_own(world.zhou, one)}
    assert texts["relative_name"] == "周国强"
    assert "relative_agrees" in queries.steps_of(one)[0].data["consents"]
    assert "周国强" not in str(list(Step.objects.values_list("data", flat=True)))
    with pytest.raises(Invalid):
        made(world.zhou, service="CA06", answers={"partner_name": "某"}, use_held=True, on_behalf=True,
             person={"relative_name": "某", "relation": "子女"})  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_late_is_noted_once(world: World, clock) -> None:
    one = made(world.zhou, service="CU02", answers={"wish": "书法，周末"}, use_held=True)
    clock.forward(days=3)
    work.run_dry()
    work.run_dry()
    assert [step.kind for step in queries.steps_of(one)].count("late") == 1
    assert again(one).is_open


def test_what_was_said_is_forgotten_when_its_time_is_over(world: World, clock) -> None:
    one = bulky(world.zhou, first_slot().id)
    one = handling.finish(world.yang, ref_of(one), version=one.version, words="已清走。")
    assert one.forget_on == time.today() + timedelta(days=180)
    clock.forward(days=181)
    assert chores.forget() == 1
    assert queries.said_own(world.zhou, again(one)) == []
    assert [step.kind for step in queries.steps_of(one)] == ["apply", "finish", "forget"]
    assert chores.forget() == 0
    assert not Fact.objects.exists()


def test_a_consent_is_taken_back_for_one_application_alone(world: World) -> None:
    first = bulky(world.zhou, first_slot().id)
    other = bulky(world.zhou, first_slot().id)
    assert [word.field for word in queries.said_own(world.zhou, first) if word.held]
    assert "withdraw_consent" in {verb.name for verb in next_verbs(world.zhou, first)}
    assert "withdraw_consent" not in {verb.name for verb in next_verbs(world.yang, first)}
    with pytest.raises(NotFound):
        own.withdraw_consent(world.wang, ref_of(first))
    one = own.withdraw_consent(world.zhou, ref_of(first))
    assert one.state == first.state  # it goes on
    assert not [word for word in queries.said_own(world.zhou, one) if word.held]
    assert queries.said_own(world.zhou, one)  # what was typed stays
    assert [word for word in queries.said_own(world.zhou, other) if word.held]
    assert "withdraw_consent" not in {verb.name for verb in next_verbs(world.zhou, one)}
    with pytest.raises(Conflict):
        own.withdraw_consent(world.zhou, ref_of(one))
    assert AuditEntry.objects.get(verb="consent.withdraw").person_id == world.zhou.account_id


def test_an_account_that_is_erased_leaves_bare_steps(world: World, clock) -> None:
    slot = first_slot()
    still_open, done = bulky(world.zhou, slot.id), bulky(world.zhou, first_slot().id)
    others = bulky(
        world.wang, first_slot().id, person={"address": "玉林北路 5 号", "name": "王叔", "phone": "13800000002"}
    )
    handling.finish(world.yang, ref_of(done), version=done.version, words="已清走。")
    people.ask_erasure(world.zhou)
    clock.forward(days=8)
    assert people.erase_due() == 1
    for one in (again(still_open), again(done)):
        assert (one.facts, one.is_open) == ({}, False)
        with context.personal(SYSTEM):
            assert not queries.said_rows(one).exists()
        assert queries.steps_of(one)[-1].kind == "forget"
    assert again(still_open).state == State.WITHDRAWN
    assert not Seat.objects.filter(application=still_open).exists()
    with context.personal(SYSTEM):
        assert queries.said_rows(again(others)).exists()


def test_next_verbs_are_those_of_the_table(world: World) -> None:
    one = bulky(world.zhou, first_slot().id)
    assert [verb.name for verb in next_verbs(world.yang, one)] == ["finish", "ask_more", "message", "refuse", "rebook"]
    assert {verb.name for verb in next_verbs(world.zhou, one)} == {
        "message", "rebook", "withdraw", "withdraw_consent"
    }  # fmt: skip
    assert next_verbs(world.wang, one) == []
