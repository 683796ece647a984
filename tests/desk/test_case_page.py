"""The case page: one next step, a story without gaps, nobody's name where it does not belong."""

from datetime import timedelta

import pytest

from linli.cases import states
from linli.cases.actions import accepting, calling, dispatching, intake, supervision, talking
from linli.cases.models import LogEntry
from linli.cases.queries import log_of
from linli.cases.verbs import VERBS
from linli.kernel import deadlines, events
from linli.kernel.models import AuditEntry
from linli.ui.casework import story
from tests.desk.conftest import counted, page
from tests.world import fresh, ref, report


def registered(world, **what):
    case = report(world.zhou, **what)
    return accepting.register(world.xiao_xu, ref(case), version=case.version)


def test_the_page_says_what_where_until_when_and_what_next(at_desk, world) -> None:
    case = report(world.zhou)
    text = page(at_desk("xiao_xu").get(f"/desk/case/{case.number}"))
    assert case.number in text
    assert "楼下路灯不亮" in text
    assert "17号微网格" in text
    assert "Answer due" in text
    assert text.count("next-action") == 1
    assert f"/desk/case/{case.number}/do/register" in text
    assert "btn-primary" in text
    assert text.count("<h1") == 1


def test_what_nobody_may_do_is_not_offered(at_desk, world) -> None:
    case = report(world.zhou)
    text = page(at_desk("lao_zheng").get(f"/desk/case/{case.number}"))
    assert "do/register" not in text
    assert "Nothing waits for you here." in text


def test_a_case_that_somebody_has_is_not_dispatched_again_by_default(at_desk, world) -> None:
    case = registered(world, category="EN01")
    text = page(at_desk("liu").get(f"/desk/case/{case.number}"))
    assert "is-quiet" in text
    assert "do/dispatch" in text


@pytest.mark.parametrize("login", ["sibling_worker", "far_worker", "far_clerk", "other_liu", "yang"])
def test_a_foreign_case_does_not_exist(at_desk, world, login) -> None:
    case = report(world.zhou)
    client = at_desk(login)
    for path in ("", "/aside", "/slip", "/reporter", "/do/register", "/places?address=x"):
        assert client.get(f"/desk/case/{case.number}{path}").status_code == 404, path
    assert client.post(f"/desk/case/{case.number}/do/register", {"key": "k", "version": 1}).status_code == 404
    assert client.get("/desk/case/0107-0000-9999-0").status_code == 404


def test_every_verb_of_the_loop_is_told(world) -> None:
    kinds = (
        {verb.partition(".")[2] for verb in states.rules()}
        | set(VERBS)
        | {"late", "merged_in", "master_closed", "report", "join"}
    )
    assert kinds - set(story.TELLERS) == set()


def test_the_story_names_colleagues_and_no_resident(at_desk, world, clock) -> None:
    case = registered(world)
    clock.forward(minutes=3)
    talking.comment(world.xiao_xu, ref(case), text="电工说配件明早到")
    supervision.supervise(world.liu, ref(case), version=fresh(case).version, reason="两次来电")
    text = page(at_desk("liu").get(f"/desk/case/{case.number}"))
    for words in (
        "Taken up",
        "Dispatched to",
        "小徐",
        "电工说配件明早到",
        "Put under supervision",
        "刘主任",
        "Resident",
    ):
        assert words in text, words
    assert "周阿姨" not in text


def test_calls_are_shown_with_their_clocks(at_desk, world) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    called = [world.organisation("urban_management"), world.organisation("housing")]
    calling.call(world.liu, ref(case), version=case.version, task="请现场查看线路", organisations=called)
    text = page(at_desk("liu").get(f"/desk/case/{case.number}"))
    assert "武侯区综合行政执法局" in text
    assert "武侯区住房建设局" in text
    assert text.count("Department due") >= 2
    clerk = page(at_desk("yang").get(f"/desk/case/{case.number}"))
    assert f"/desk/case/{case.number}/do/join_call" in clerk


def test_late_is_said_in_words(at_desk, world, clock) -> None:
    case = report(world.zhou)
    clock.set(fresh(case).due_at + timedelta(hours=2))
    text = page(at_desk("xiao_xu").get(f"/desk/case/{case.number}"))
    assert "Overdue by 2 hours" in text


def test_the_reporter_is_masked_until_somebody_says_why(at_desk, world) -> None:
    reporter = intake.Reporter(name="李秀英", phone="13912345678")
    case = report(world.xiao_tian, on_behalf=True, reporter=reporter)
    client = at_desk("xiao_xu")
    address = f"/desk/case/{case.number}/reporter"
    masked = page(client.get(f"/desk/case/{case.number}/aside"))
    assert "李**" in masked
    assert "13912345678" not in masked
    assert "李秀英" not in page(client.get(f"/desk/case/{case.number}"))
    without = client.post(address, {"purpose": ""})
    assert without.status_code == 422
    assert "李秀英" not in page(without)
    assert not AuditEntry.objects.filter(verb="contact.read").exists()
    shown = page(client.post(address, {"purpose": "call"}))
    assert "李秀英" in shown
    assert "13912345678" in shown
    look = AuditEntry.objects.get(verb="contact.read")
    assert (look.actor_name, look.purpose, look.subject_id) == ("小徐", "Call back about this case", str(case.id))


def test_another_purpose_has_to_be_written(at_desk, world) -> None:
    case = report(world.xiao_tian, on_behalf=True, reporter=intake.Reporter(name="李秀英"))
    client = at_desk("xiao_xu")
    address = f"/desk/case/{case.number}/reporter"
    assert client.post(address, {"purpose": "other", "words": " "}).status_code == 422
    assert "李秀英" in page(client.post(address, {"purpose": "other", "words": "核对门牌"}))
    assert AuditEntry.objects.get(verb="contact.read").purpose == "核对门牌"


def test_a_restricted_case_says_so_and_hides_from_the_rest(at_desk, world) -> None:
    from linli.catalog import queries as catalog

    kinds = catalog.current(district=world.xiao_xu.district).all()
    code = next(entry.code for entry in kinds if entry.is_restricted and entry.becomes_case)
    case = report(world.xiao_tian, category=code, description="王某殴打孩子", on_behalf=True)
    assert fresh(case).description == ""
    at_work = ("community_worker", "subdistrict_officer", "department_clerk")
    login = next(
        name for name, one in world.actors.items() if one.organisation_id == case.holder_id and one.role in at_work
    )
    text = page(at_desk(login).get(f"/desk/case/{case.number}"))
    assert "Restricted case" in text
    assert "王某" not in text
    assert at_desk("lao_zheng").get(f"/desk/case/{case.number}").status_code == 404
    shown = page(at_desk(login).post(f"/desk/case/{case.number}/reporter", {"purpose": "visit"}))
    assert "王某殴打孩子" in shown
    assert AuditEntry.objects.filter(verb="statement.read").count() == 1


@pytest.mark.parametrize("login", ["xiao_xu", "liu", "sun"])
def test_the_page_costs_a_fixed_number_of_queries(at_desk, world, clock, login) -> None:
    case = registered(world)
    for n in range(15):
        clock.forward(minutes=1)
        talking.comment(world.xiao_xu, ref(case), text=f"第{n}条")
    assert len(log_of(case)) > 15
    client = at_desk(login)
    client.get(f"/desk/case/{case.number}")
    with counted("desk.case"):
        assert client.get(f"/desk/case/{case.number}", headers={"HX-Request": "true"}).status_code == 200
    with counted("desk.case"):
        assert client.get(f"/desk/case/{case.number}").status_code == 200


def test_a_clerk_costs_no_more(at_desk, world) -> None:
    case = registered(world)
    case = dispatching.dispatch(
        world.sun, ref(case), version=case.version, organisation=world.organisation("urban_management"), task="请处理"
    )  # fmt: skip
    client = at_desk("yang")
    client.get(f"/desk/case/{case.number}")
    with counted("desk.case"):
        text = page(client.get(f"/desk/case/{case.number}"))
    assert "do/sign_in" in text


@pytest.mark.django_db(transaction=True)
def test_an_overdue_clock_is_in_the_story(transactional_db, clock) -> None:
    from tests.desk.conftest import signed_in
    from tests.world import build

    world = build()
    case = report(world.zhou)
    clock.set(fresh(case).due_at + timedelta(minutes=1))
    deadlines.sweep_all()
    events.drain()
    assert LogEntry.objects.filter(case_id=case.id, kind="late").exists()
    assert "Overdue: Answer" in page(signed_in(world, "xiao_xu").get(f"/desk/case/{case.number}"))
