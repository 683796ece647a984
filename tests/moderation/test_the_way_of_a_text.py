"""周阿姨 writes, 小徐 decides, 小李 decides when 周阿姨 objects; and what nobody let through, nobody reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from linli.cases.actions import accepting, closing, intake, talking
from linli.cases.models import Case
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry
from linli.moderation import actions, holding, queries
from linli.moderation.actions import Chosen
from linli.moderation.models import Decision, Mode, Objection, Reason, Source, Text, TextState
from linli.moderation.queries import View
from linli.moderation.texts import proposal_of, ref_of
from tests.moderation.conftest import read_events
from tests.world import WUHOU, World, fresh, ref, report

Waiting = Callable[[], list[Text]]
WORDS = "我家3栋2单元401门口的灯坏了，电话13800000001，叫周秀英"
PROPOSED = "我家3栋〔门牌〕门口的灯坏了，电话〔电话〕，叫〔姓名〕"


def test_words_wait_and_show_only_as_somebody_let_them_through(world: World, waiting: Waiting) -> None:
    case = report(world.zhou, description=WORDS)
    (text,) = waiting()
    assert proposal_of(text) == PROPOSED
    assert (text.found, queries.counts(world.xiao_xu)[View.WAITING]) == (["phone", "name", "door"], 1)
    assert queries.wordings([case]) == {}
    assert queries.original(world.xiao_xu, text, purpose="看一看") == WORDS

    actions.publish(world.xiao_xu, ref_of(text), version=text.version, wording="3栋门口的灯坏了")
    assert queries.wordings([case]) == {case.id: "3栋门口的灯坏了"}
    assert [one.wording for one in queries.public_texts(case)] == ["3栋门口的灯坏了"]
    assert fresh(case).description == WORDS
    with pytest.raises(Stale):
        actions.withhold(world.xiao_li, ref_of(text), version=text.version, reason=Reason.PERSONAL)

    back = actions.take_back(world.xiao_xu, ref_of(text), version=text.version + 1)
    assert back.state == TextState.WAITING
    assert queries.wordings([case]) == {}
    with pytest.raises(Invalid):
        actions.withhold(world.xiao_xu, ref_of(text), version=back.version, reason="no such reason")
    actions.withhold(world.xiao_xu, ref_of(text), version=back.version, reason=Reason.PERSONAL)
    assert [str(step.decision.kind) for step in queries.log_of(text)] == ["propose", "publish", "take_back", "withhold"]
    assert queries.log_of(text)[1].words == "3栋门口的灯坏了"
    assert AuditEntry.objects.filter(verb="words.publish", post_id=world.xiao_xu.post_id).exists()
    waiting()  # read again: nothing is taken in twice
    assert Text.objects.count() == 1


def test_only_the_place_and_the_kind_let_somebody_look(world: World, waiting: Waiting) -> None:
    report(world.zhou, description=WORDS)
    text = waiting()[0]
    for stranger in (
        world.sibling_worker,
        world.far_worker,
        world.he_ming,
        world.yang,
        world.sun,
        world.wang,
        world.zhou,
    ):
        assert queries.queue(stranger, View.WAITING).texts == []
        with pytest.raises(NotFound):
            actions.publish(stranger, ref_of(text), version=text.version)
    assert actions.publish(world.liu, ref_of(text), version=text.version).state == TextState.PUBLISHED


def test_its_author_decides_first_and_objects_once(world: World, waiting: Waiting) -> None:
    case = report(world.zhou, description=WORDS, keep_private=True)
    assert waiting() == []
    (mine,) = queries.own(world.zhou, case)
    assert (mine.text.state, mine.original) == (TextState.PRIVATE, WORDS)
    text = actions.allow(world.zhou, ref_of(mine.text))
    text = actions.publish(world.xiao_xu, ref_of(text), version=text.version)
    with pytest.raises(NotFound):
        actions.object_to(world.wang, ref_of(text), words="这不是我的")
    text = actions.object_to(world.zhou, ref_of(text), words="栋号也不要公开")
    assert queries.counts(world.xiao_li)[View.OBJECTIONS] == 1
    with pytest.raises(Conflict, match=r"words\.objection"):
        actions.withhold(world.xiao_xu, ref_of(text), version=text.version, reason=Reason.PERSONAL)
    with pytest.raises(Conflict):
        actions.decide(world.xiao_xu, ref_of(text), version=text.version, agree=False, words="我觉得可以")
    text = actions.decide(world.xiao_li, ref_of(text), version=text.version, agree=True, words="同意，撤下")
    assert (text.state, text.reason, text.objection) == (TextState.WITHHELD, Reason.OBJECTION, Objection.UPHELD)
    with pytest.raises(Conflict):
        actions.object_to(world.zhou, ref_of(text), words="还是想公开")
    assert queries.own(world.zhou, case)[0].answer == "同意，撤下"
    assert actions.keep_private(world.zhou, ref_of(text)).state == TextState.PRIVATE
    assert actions.keep_private(world.zhou, ref_of(text)).state == TextState.PRIVATE
    assert queries.wordings([case]) == {}


def test_what_is_said_later_waits_too_and_a_sealed_original_leaves_a_trace(world: World, waiting: Waiting) -> None:
    case = report(world.zhou)
    joined = intake.join(world.wang, ref(case), text="我家也是，王叔13800000002")
    talking.message(world.zhou, ref(case), text="什么时候来？")
    Case.objects.filter(id=case.id).update(state="closed", is_open=False, closed_at=case.reported_at)
    closing.rate(world.zhou, ref(case), score=2, words="修得太慢，张师傅态度不好")
    closing.reopen(world.zhou, ref(case), version=fresh(case).version, reason="又不亮了，打13800000001")
    texts = {one.source: one for one in waiting()}
    assert set(texts) == {Source.REPORT, Source.JOIN, Source.RATE, Source.REOPEN}
    assert proposal_of(texts[Source.RATE]) == "修得太慢，〔姓名〕师傅态度不好"
    assert texts[Source.JOIN].account_id == joined.participant.account_id
    assert queries.original(world.xiao_xu, texts[Source.REOPEN], purpose="看一看再公开") == "又不亮了，打13800000001"
    looked = AuditEntry.objects.filter(verb="statement.read", person_id=world.zhou.account_id)
    assert [row.purpose for row in looked] == ["看一看再公开"]

    chosen = [Chosen(ref_of(one), one.version) for one in texts.values()]
    many = actions.publish_many(world.xiao_xu, [*chosen, Chosen(chosen[0].ref, 9)])
    assert (len(many.done), many.refused) == (4, 1)
    assert [one.source for one in queries.public_texts(case)] == list(Source)[:4]
    back = actions.take_back_many(world.xiao_xu, [Chosen(ref_of(one), one.version) for one in many.done])
    assert (len(back.done), queries.public_texts(case)) == (4, [])


def test_a_case_that_turns_personal_takes_its_words_out_of_the_public(world: World, waiting: Waiting) -> None:
    case = report(world.zhou, description=WORDS)
    report(world.zhou, category=_household(), description="邻居家的事")
    report(world.lao_wu, description="巡查发现灯不亮")
    (text,) = waiting()
    actions.publish(world.xiao_xu, ref_of(text), version=text.version)
    accepting.reclassify(world.xiao_xu, ref(case), version=1, category=_household(), reason="涉及家庭")
    read_events()
    text.refresh_from_db()
    assert (text.state, text.reason, text.wording) == (TextState.WITHHELD, Reason.SENSITIVE, "")
    with pytest.raises(NotFound):
        queries.get(world.xiao_xu, ref_of(text))


def _household() -> str:
    from linli.catalog import queries as catalog

    listed = catalog.current(district=WUHOU).all(residents=True)
    return next(one.code for one in listed if one.sensitivity == "household" and one.becomes_case)


def test_a_district_says_what_can_become_public(world: World, waiting: Waiting) -> None:
    with pytest.raises(Forbidden):
        actions.configure(world.ma, district=WUHOU, mode=Mode.CLEAN, sources=[Source.REPORT])
    admin = world.system_admin
    actions.configure(admin, district=WUHOU, mode=Mode.CLEAN, sources=[Source.REPORT])
    clean, other = report(world.zhou, description="路灯不亮"), report(world.zhou, description=WORDS)
    intake.join(world.wang, ref(clean), text="我家也是")
    assert [one.case_id for one in waiting()] == [other.id]
    assert queries.wordings([clean, other]) == {clean.id: "路灯不亮"}
    actions.configure(admin, district=WUHOU, mode=Mode.OFF, sources=[Source.REPORT])
    assert queries.wordings([clean, other]) == {}


def test_the_database_keeps_what_the_room_promises(world: World, waiting: Waiting) -> None:
    report(world.zhou, description=WORDS)
    (text,) = waiting()
    for broken in ({"wording": "x"}, {"state": "published"}, {"state": "withheld"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Text.objects.filter(id=text.id).update(**broken)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE moderation_decision SET kind = 'publish'")
    assert Decision.objects.count() == 1


def test_an_erased_account_leaves_no_words_in_the_public(world: World, waiting: Waiting) -> None:
    case = report(world.zhou, description=WORDS)
    (text,) = waiting()
    actions.publish(world.xiao_xu, ref_of(text), version=text.version)
    assert world.zhou.account_id is not None
    holding.forget(world.zhou.account_id)
    text.refresh_from_db()
    assert (text.state, text.account_id, proposal_of(text)) == (TextState.PRIVATE, None, "—")
    assert queries.wordings([case]) == {}
