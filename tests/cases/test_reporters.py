"""Whoever reports or joins keeps hold of the matter: their words, the parts it falls into, a number to be rung at, a code of their own."""

import pytest

from linli.cases import projection, queries
from linli.cases.actions import accepting, closing, intake, talking
from linli.cases.loop import Ref
from linli.cases.models import Case, Participant
from linli.kernel import crypto, ids
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import AuditEntry
from linli.kernel.trust import ANONYMOUS, Actor
from tests.world import POINT, WUHOU, World, fresh, ref, report


def by_code(category: str = "UT02", *, description: str = "楼下路灯不亮", phone: str = "") -> tuple[Case, Actor]:
    """A report without an account, and whoever shows its code."""
    what = intake.Report(
        category=category, description=description, lng=POINT[0], lat=POINT[1], reporter=intake.Reporter(phone=phone)
    )
    told = intake.report(ANONYMOUS, str(ids.new_id()), b"{}", what=what).body
    holder = intake.actor_of(intake.participant_by_code(told["number"], told["code"]))
    return Case.objects.get(district=told["district"], id=told["id"]), holder


def give_number(world: World, login: str, phone: str, *, name: str = "") -> None:
    """An account's own name and number."""
    account = world.accounts[login]
    account.phone_enc = crypto.seal("people_account.phone", account.id, phone)
    if name:
        account.name_enc = crypto.seal("people_account.name", account.id, name)
    account.save()


# Their words.


def test_the_holder_of_a_code_reads_their_own_sealed_first_words(world: World) -> None:
    case, holder = by_code("CA05", description="三楼的大爷好几天没出门")
    assert case.description == ""
    own = talking.read_own(holder, ref(case))
    assert [one.text for one in own] == ["三楼的大爷好几天没出门"]
    assert talking.words_of_report(own, queries.log_of(case)) == "三楼的大爷好几天没出门"
    talking.message(holder, ref(case), text="门牌是十二号")
    own = talking.read_own(holder, ref(case))
    assert [one.text for one in own] == ["三楼的大爷好几天没出门", "门牌是十二号"]
    assert talking.words_of_report(own, queries.log_of(case)) == "三楼的大爷好几天没出门"
    _other, stranger = by_code("CA05", description="另一件事")
    with pytest.raises(NotFound):
        talking.read_own(stranger, ref(case))


def test_words_that_turn_out_to_be_personal_stay_with_the_one_who_shows_the_code(world: World) -> None:
    case, holder = by_code(description="路灯不亮,大爷摔了")
    accepting.reclassify(world.xiao_xu, ref(case), version=1, category="CA05", reason="涉及独居老人")
    assert [one.text for one in talking.read_own(holder, ref(case))] == ["路灯不亮,大爷摔了"]


# Their number.


def test_a_reporter_with_an_account_can_be_rung_by_whoever_handles_the_case(world: World) -> None:
    give_number(world, "zhou", "13800000001", name="周阿姨")
    case = report(world.zhou)
    (reached,) = talking.read_people(world.xiao_xu, ref(case), purpose="回电核实")
    assert (reached.name, reached.phone) == ("周阿姨", "13800000001")
    look = AuditEntry.objects.get(verb="account.read", person_id=world.zhou.account_id)
    assert (look.purpose, look.actor_name, look.fields, look.subject_type, look.subject_id, look.district) == (
        "回电核实", "小徐", ["name", "phone"], "case", str(case.id), WUHOU,
    )  # fmt: skip
    with pytest.raises(Invalid, match=r"purpose\.missing"):
        talking.read_people(world.xiao_xu, ref(case), purpose=" ")
    for stranger in (world.wang, world.sibling_worker, world.far_worker, world.yang):
        with pytest.raises(NotFound):
            talking.read_people(stranger, ref(case), purpose="好奇")
    assert AuditEntry.objects.filter(verb="account.read").count() == 1


def test_what_was_left_with_the_report_comes_before_the_account(world: World) -> None:
    give_number(world, "zhou", "13800000001", name="周阿姨")
    case = report(world.zhou, reporter=intake.Reporter(name="周姐", phone="13911112222"))
    (reached,) = talking.read_people(world.xiao_xu, ref(case), purpose="回电核实")
    assert (reached.name, reached.phone) == ("周姐", "13911112222")
    assert not AuditEntry.objects.filter(verb="account.read").exists()


def test_nobody_reads_an_account_through_a_matter_that_it_has_no_part_in(world: World) -> None:
    from linli.people.actions import read_account

    give_number(world, "wang", "13800000002")
    with pytest.raises(NotFound):
        read_account(world.xiao_xu, world.wang.account_id, purpose="回电", matter=report(world.zhou))


# Parts.


def test_the_parts_of_a_case_are_their_reporters_too(world: World) -> None:
    case = report(world.zhou)
    intake.join(world.wang, ref(case))
    case = accepting.register(world.xiao_xu, ref(case), version=fresh(case).version, route=accepting.Route.NONE)
    open_part, private_part = accepting.split(
        world.xiao_xu, ref(case), version=case.version, categories=["EN01", "CA05"], reason="一个诉求三件事"
    )
    for part in (open_part, private_part):
        assert queries.get(world.zhou, part.number)
        assert projection.differences(fresh(part), queries.log_of(part)) == []
    assert fresh(open_part).participants_count == 2
    assert {one.id for one in queries.mine(world.zhou).cases} == {case.id, open_part.id, private_part.id}
    assert {one.id for one in queries.mine(world.wang).cases} == {case.id, open_part.id}
    with pytest.raises(NotFound):
        queries.get(world.wang, private_part.number)  # who joined for the lamp is no party to the household's matter
    assert [one.text for one in talking.read_own(world.zhou, ref(private_part))] == ["楼下路灯不亮,晚上看不见路"]
    assert [(one.id, code) for one, code in intake.parts_for(world.zhou, case, queries.log_of(case))] == [
        (open_part.id, ""), (private_part.id, ""),
    ]  # fmt: skip
    assert [one.id for one, _code in intake.parts_for(world.wang, case, queries.log_of(case))] == [open_part.id]


def test_a_reporter_without_an_account_follows_the_parts_by_their_codes(world: World) -> None:
    case, holder = by_code(phone="13900000000")
    case = accepting.register(world.xiao_xu, ref(case), version=1, route=accepting.Route.NONE)
    (part,) = accepting.split(world.xiao_xu, ref(case), version=case.version, categories=["EN01"], reason="还有垃圾")
    ((found, code),) = intake.parts_for(holder, case, queries.log_of(case))
    assert found.id == part.id
    follower = intake.actor_of(intake.participant_by_code(part.number, code))
    assert queries.get(follower, part.number)
    (reached,) = talking.read_people(world.xiao_xu, ref(part), purpose="回电核实")
    assert reached.phone == "13900000000"


# A code of their own.


def test_whoever_joins_without_an_account_gets_a_code_of_their_own(world: World) -> None:
    case = report(world.zhou)
    joined = intake.join(ANONYMOUS, ref(case), text="我们单元也看不见")
    other = intake.join(ANONYMOUS, ref(case))
    assert len({joined.code, other.code, intake.ticket_code(case.district, case.number)}) == 3
    follower = intake.actor_of(intake.participant_by_code(case.number, joined.code))
    assert follower.account_id == joined.participant.id
    assert queries.get(follower, case.number)
    assert [one.text for one in talking.read_own(follower, ref(case))] == ["我们单元也看不见"]
    second = intake.actor_of(intake.participant_by_code(case.number, other.code))
    assert talking.read_own(second, ref(case)) == []
    assert intake.join(world.wang, ref(case)).code == ""
    with pytest.raises(NotFound):
        intake.participant_by_code(report(world.zhou).number, joined.code)


def test_the_code_of_whoever_joined_is_theirs_after_the_case_has_ended(world: World) -> None:
    case, _holder = by_code()
    joined = intake.join(ANONYMOUS, ref(case))
    case = accepting.propose_rejection(
        world.xiao_xu, ref(case), version=fresh(case).version, reason="属于小区内部设施", other_way="可联系物业公司"
    )
    accepting.confirm_rejection(world.xiao_li, ref(case), version=case.version, agree=True)
    with pytest.raises(Conflict):
        intake.join(ANONYMOUS, Ref(case.district, case.id))
    assert intake.participant_by_code(case.number, joined.code).id == joined.participant.id
    with pytest.raises(NotFound):
        closing.rate(ANONYMOUS, ref(case), score=1)
    assert Participant.objects.filter(case_id=case.id).count() == 2
