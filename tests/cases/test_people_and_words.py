"""Who may see and decide, and what is said: two people, restricted cases, messages, photos, the code of a reporter."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from linli.cases import queries, verbs
from linli.cases.actions import accepting, closing, dispatching, intake, talking
from linli.cases.models import Approval, ApprovalKind, Case, Evidence, EvidenceKind, Statement
from linli.cases.states import State
from linli.kernel import ids
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import AuditEntry
from linli.kernel.trust import ANONYMOUS, Actor, context
from tests.cases.test_the_way_of_a_case import disposed
from tests.world import WUHOU, World, fresh, ref, report

# Two people.


@pytest.mark.parametrize("kind", ApprovalKind)
def test_the_database_itself_takes_two_people(kind: ApprovalKind, world: World, clock) -> None:
    case = report(world.zhou)
    asks, first = world.xiao_xu.account_id, world.liu.account_id

    def approve(**values: object) -> None:
        Approval.objects.create(
            district=WUHOU, case=case, kind=kind, reason="理由", asked_by=asks, asked_at=clock.moment,
            decided_at=clock.moment, **values,
        )  # fmt: skip

    for state in ("approved", "refused"):
        with pytest.raises(IntegrityError, match="cases_two_people"), transaction.atomic():
            approve(state=state, decided_by=asks)
    with pytest.raises(IntegrityError, match="cases_two_levels"), transaction.atomic():
        approve(state="approved", first_by=first, decided_by=first)
    approve(state="approved", first_by=first, decided_by=world.ma.account_id)
    approve(state="asked")
    with pytest.raises(IntegrityError, match="cases_one_approval_open"), transaction.atomic():
        approve(state="first", first_by=first)


def test_two_posts_are_not_two_people(world: World) -> None:
    case = report(world.zhou)
    case = accepting.propose_rejection(world.xiao_xu, ref(case), version=1, reason="重复", other_way="见另一件")
    other_post = Actor(
        role=world.liu.role, account_id=world.xiao_xu.account_id, post_id=world.liu.post_id,
        organisation_id=world.liu.organisation_id, area_path=world.liu.area_path, district=WUHOU,
    )  # fmt: skip
    assert "confirm_rejection" not in [verb.name for verb in verbs.next_actions(other_post, case)]
    with pytest.raises(Conflict, match=r"case\.second_person"):
        accepting.confirm_rejection(other_post, ref(case), version=case.version, agree=True)


def test_nobody_checks_calls_back_or_closes_their_own_work(world: World) -> None:
    case = disposed(world)
    handler = Actor(
        role=world.sun.role, account_id=world.he_ming.account_id, post_id=world.sun.post_id,
        organisation_id=world.sun.organisation_id, area_path=WUHOU, district=WUHOU,
    )  # fmt: skip
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=True)
    assert "close" not in [verb.name for verb in verbs.next_actions(handler, case)]
    with pytest.raises(Conflict, match=r"case\.own_work"):
        closing.close(handler, ref(case), version=case.version)


def test_a_case_cannot_be_open_and_ended(world: World) -> None:
    case = report(world.zhou)
    for values in ({"state": "closed"}, {"is_open": False}, {"state": "merged", "is_open": False}, {"rating": 6}):
        with pytest.raises(IntegrityError, match="cases_"), transaction.atomic():
            Case.objects.filter(id=case.id).update(**values)


# Restricted cases.


def test_a_restricted_case_is_for_its_own_people(world: World) -> None:
    case = report(world.zhou, category="CA05", description="独居老人需要上门")
    assert case.sensitivity == "restricted"
    may = {name for name in world.actors if _sees(world.actors[name], case)}
    assert may == {"zhou", "xiao_xu", "xiao_li"}  # who reported it, and the community that holds it
    listed = {name for name in world.actors if case in queries.inbox(world.actors[name], queries.View.OPEN).cases}
    assert listed == {"xiao_xu", "xiao_li"}
    assert not _sees(ANONYMOUS, case)
    assert not queries.near(district=WUHOU, category="CA05", lng=case.lng, lat=case.lat)
    with pytest.raises(Conflict, match=r"case\.ended"):
        intake.join(world.wang, ref(case))
    case = accepting.register(world.xiao_xu, ref(case), version=1, route=accepting.Route.NONE)
    case = dispatching.dispatch(
        world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("office")
    )
    now = {name for name in world.actors if _sees(world.actors[name], case)}
    assert "liu" in now
    assert not now & {"he_ming", "lao_wu", "sun", "lao_zheng", "xiao_tian", "ma", "other_liu", "far_sun", "wang"}


def _sees(actor: Actor, case: Case) -> bool:
    try:
        return queries.get(actor, case.number).id == case.id
    except NotFound:
        return False


# Messages.


def test_a_message_is_sealed_and_read_by_its_two_sides(world: World) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1)
    talking.message(world.xiao_xu, ref(case), text="请问是几单元门口?")
    case = talking.message(world.zhou, ref(case), text="二单元,我姓周")
    entries = [entry for entry in queries.log_of(case) if entry.kind == "message"]
    assert [entry.data["side"] for entry in entries] == ["staff", "reporter"]
    assert "单元" not in str([entry.data for entry in queries.log_of(case)])
    assert Statement.objects.count() == 0  # without a context there is nothing to read
    with context.personal(world.zhou):
        (own,) = Statement.objects.all()
        assert "二单元".encode() not in bytes(own.text_sealed)
    before = AuditEntry.objects.count()
    to_reporter = [entry.data["statement"] for entry in entries if entry.data["side"] == "staff"]
    assert [one.text for one in talking.read_own(world.zhou, ref(case), written=to_reporter)] == [
        "请问是几单元门口?", "二单元,我姓周",
    ]  # fmt: skip
    assert AuditEntry.objects.count() == before
    assert [one.text for one in talking.read_statements(world.xiao_xu, ref(case), purpose="联系诉求人")] == [
        "请问是几单元门口?", "二单元,我姓周",
    ]  # fmt: skip
    told = AuditEntry.objects.filter(verb="statement.read", person_id=world.zhou.account_id).get()
    assert (told.purpose, told.actor_name, told.fields) == ("联系诉求人", "小徐", ["text"])
    with pytest.raises(Invalid):
        talking.read_statements(world.xiao_xu, ref(case), purpose="")
    for stranger in (world.wang, world.sibling_worker, world.other_liu, world.far_clerk):
        with pytest.raises(NotFound):
            talking.read_statements(stranger, ref(case), purpose="好奇")
        with pytest.raises(NotFound):
            talking.read_own(stranger, ref(case))
        with pytest.raises(NotFound):
            talking.message(stranger, ref(case), text="你好")


# Photos.


def add(world: World, case: Case, number: int, *, kind: EvidenceKind = EvidenceKind.BEFORE) -> Evidence:
    """Photo ``number``."""
    return talking.add_evidence(
        world.xiao_xu, ref(case), kind=kind, original_key=f"{number}.jpg", sha256=number.to_bytes(32), size=9
    )


def test_a_case_holds_twelve_photos_and_the_same_one_once(world: World) -> None:
    case = report(world.zhou)
    first = add(world, case, 0)
    for number in range(1, talking.MAX_EVIDENCE):
        add(world, case, number)
    assert add(world, case, 0).id == first.id  # sent again from a phone that did not hear the answer
    with pytest.raises(Invalid, match=r"case\.evidence_full"):
        add(world, case, 99)
    with pytest.raises(Invalid, match=r"case\.evidence_full"):
        add(world, case, 0, kind=EvidenceKind.AFTER)
    assert len(queries.evidence_of(case)) == talking.MAX_EVIDENCE


def test_a_reporters_photo_is_no_proof_of_the_work(world: World) -> None:
    case = report(world.zhou)
    for kind in (EvidenceKind.AFTER, EvidenceKind.REPORT):
        found = talking.add_evidence(world.zhou, ref(case), kind=kind, original_key="z.jpg", sha256=bytes(32), size=9)
        assert found.kind == EvidenceKind.REPORT
    assert len(queries.evidence_of(case)) == 1


# The code of a reporter without an account.


@pytest.fixture
def by_code(world: World) -> Callable[[str], tuple[Case, Actor]]:
    def reported(category: str) -> tuple[Case, Actor]:
        what = intake.Report(
            category=category, lng=104.0605, lat=30.6305, reporter=intake.Reporter(phone="13900000000")
        )
        body = intake.report(ANONYMOUS, str(ids.new_id()), category.encode(), what=what).body
        holder = intake.actor_of(intake.participant_by_code(body["number"], body["code"]))
        return Case.objects.get(id=body["id"]), holder

    return reported


def test_a_code_lets_its_holder_follow_write_rate_and_have_it_taken_up_again(world: World, by_code) -> None:
    case, holder = by_code("EN01")
    assert queries.get(holder, case.number)
    talking.message(holder, ref(case), text="在垃圾房旁边")
    assert [one.text for one in talking.read_own(holder, ref(case))] == ["在垃圾房旁边"]
    case = accepting.register(world.xiao_xu, ref(case), version=fresh(case).version)
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    talking.add_evidence(
        world.he_ming, ref(case), kind=EvidenceKind.AFTER, original_key="a.jpg", sha256=bytes(32), size=9
    )
    from linli.cases.actions import disposal

    case = disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清运")
    case = closing.verify(world.lao_zheng, ref(case), version=case.version, passed=True)
    case = closing.close(world.sun, ref(case), version=case.version)
    assert [verb.name for verb in verbs.next_actions(holder, case)][:1] == ["rate"]
    for score in (0, 6):
        with pytest.raises(Invalid, match=r"case\.score"):
            closing.rate(holder, ref(case), score=score)
    assert closing.rate(holder, ref(case), score=2, words="来得慢").rating == 2
    assert closing.reopen(holder, ref(case), version=fresh(case).version, reason="又堆起来了").state == State.REOPENED


def test_a_code_opens_one_case_and_no_account(world: World, by_code) -> None:
    case, holder = by_code("UT02")
    own = report(world.zhou)
    with pytest.raises(NotFound):
        queries.get(holder, own.number)
    number = intake.ticket_code(own.district, own.number)
    follower = intake.actor_of(intake.participant_by_code(own.number, number))
    assert follower.account_id != world.zhou.account_id
    assert queries.get(follower, own.number)
    with pytest.raises(NotFound):
        queries.get(follower, case.number)
    assert queries.mine(follower).cases == []
    with pytest.raises(NotFound):
        intake.participant_by_code(own.number, intake.ticket_code(case.district, case.number))
    with context.personal(follower):
        assert Statement.objects.count() == 0
