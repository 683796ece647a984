"""Who hears of what happens to a case: each once, in their own words, without a word that somebody said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from linli.cases.actions import accepting, dispatching, disposal, intake, supervision, talking
from linli.cases.models import Case, EvidenceKind
from linli.kernel import events, ids
from linli.kernel.events import Happened
from linli.kernel.models import Event
from linli.notices import actions, queries, words
from linli.notices.handlers import on_cases
from linli.notices.models import Kind, Notice
from linli.people.models import Account
from tests.world import World, fresh, ref, report


def told(account: Account) -> list[str]:
    """The kinds of notices of an account, the oldest first."""
    on_cases(happened())
    return list(Notice.objects.filter(account=account).order_by("at", "id").values_list("kind", flat=True))


def happened() -> list[Happened]:
    """Every event so far, as a reader gets it; the test's own transaction is not committed, so the cursor would not see them."""
    return [events._happened(one) for one in Event.objects.order_by("xid", "id")]


@pytest.fixture
def case(world: World) -> Case:
    """周阿姨's street lamp, which the catalogue gives to somebody at once."""
    return report(world.zhou)


def dispatched(world: World, case: Case) -> Case:
    """小徐 takes it up, 孙姐 sends it to 杨科's department, who signs it in."""
    case = accepting.register(world.xiao_xu, ref(case), version=fresh(case).version, route=accepting.Route.NONE)
    wanted = world.organisation("urban_management")
    case = dispatching.dispatch(world.sun, ref(case), version=case.version, organisation=wanted)
    return dispatching.sign_in(world.yang, ref(case), version=case.version)


def test_the_reporter_hears_of_what_comes_of_it_and_the_handler_of_the_work(world: World, case: Case) -> None:
    assert told(world.accounts["xiao_li"]) == [Kind.ASSIGNED]  # it came to the community first
    case = dispatched(world, case)
    talking.message(world.yang, ref(case), text="灯杆编号看得见吗")
    talking.message(world.zhou, ref(case), text="017 号杆,13800000001")
    disposal.start(world.yang, ref(case), version=fresh(case).version)
    assert told(world.accounts["zhou"]) == [Kind.TAKEN_UP, Kind.MESSAGE]
    assert told(world.accounts["yang"]) == [Kind.ASSIGNED, Kind.ANSWERED]
    assert told(world.accounts["wang"]) == []


def test_whoever_joined_is_told_as_well(world: World, case: Case) -> None:
    intake.join(world.wang, ref(case))
    case = dispatched(world, case)
    talking.message(world.yang, ref(case), text="明天来修")
    assert told(world.accounts["wang"]) == told(world.accounts["zhou"]) == [Kind.TAKEN_UP, Kind.MESSAGE]


def test_an_event_that_is_read_twice_tells_nobody_twice(world: World, case: Case) -> None:
    case = dispatched(world, case)
    supervision.supervise(world.ma, ref(case), version=fresh(case).version, reason="居民多次来电")
    before = told(world.accounts["yang"])
    on_cases(happened())
    on_cases(happened()[-1:])
    assert told(world.accounts["yang"]) == before == [Kind.ASSIGNED, Kind.SUPERVISED]


def test_a_note_reaches_whom_it_names_and_not_who_wrote_it(world: World, case: Case) -> None:
    talking.comment(world.xiao_xu, ref(case), text="@小李 请看一下")
    assert Kind.MENTIONED in told(world.accounts["xiao_li"])
    assert Kind.MENTIONED not in told(world.accounts["xiao_xu"])


def test_a_notice_holds_no_words_and_a_restricted_case_not_even_its_category(world: World, case: Case) -> None:
    case = dispatched(world, case)
    Case.objects.filter(id=case.id).update(sensitivity="restricted")
    talking.message(world.yang, ref(case), text="请回电 13800000009")
    told(world.accounts["zhou"])
    notice = Notice.objects.get(account=world.accounts["zhou"], kind=Kind.MESSAGE)
    assert notice.category == ""
    with translation.override("en"):
        assert words.title(notice) == f"There is a message about your report {case.number}"
        assert words.text(notice) == "Open your report to read it and to answer."
    Notice.objects.filter(id=notice.id).update(category=case.category)
    notice.refresh_from_db()
    with translation.override("zh-hans"):
        assert "路灯" in words.text(notice)
        assert "1380" not in words.title(notice) + words.text(notice)


def test_history_that_is_read_in_is_no_news(world: World, case: Case, clock: object) -> None:
    case = dispatched(world, case)
    clock.forward(days=20)  # type: ignore[attr-defined]
    assert told(world.accounts["yang"]) == []


def test_one_reads_one_s_own_page_by_page(world: World, case: Case, clock: object) -> None:
    for number in range(5):
        Notice.objects.create(
            id=ids.new_id(), district=case.district, event_id=ids.new_id(), account=world.accounts["zhou"],
            kind=Kind.CLOSED, case_id=case.id, number=f"N{number}", severity=3, at=case.reported_at + timedelta(hours=number),
        )  # fmt: skip
    first = queries.mine(world.zhou, size=3)
    second = queries.mine(world.zhou, after=first.next, size=3)
    assert [one.number for one in (*first.notices, *second.notices)] == ["N4", "N3", "N2", "N1", "N0"]
    assert second.next == ""
    assert queries.mine(world.wang).notices == []
    assert queries.unread(world.zhou) == 5
    assert actions.read_case(world.zhou, "N4") == 1
    assert actions.read_all(world.wang) == 0
    assert actions.read_all(world.zhou) == 4
    assert queries.unread(world.zhou) == 0


def test_the_list_leads_to_the_case_and_the_bell_counts(
    world: World, case: Case, visit: Callable[[str], Client]
) -> None:
    case = dispatched(world, case)
    talking.message(world.yang, ref(case), text="明天来修")
    told(world.accounts["zhou"])
    notice = Notice.objects.get(account=world.accounts["zhou"], kind=Kind.MESSAGE)
    zhou = visit("zhou")
    assert "2" in zhou.get("/my/notices/bell").content.decode()
    page = zhou.get("/my/notices")
    assert page.status_code == 200
    assert case.number in page.content.decode()
    assert visit("wang").get(f"/my/notices/{notice.id}").status_code == 404
    went = zhou.get(f"/my/notices/{notice.id}")
    assert (went.status_code, went["Location"]) == (302, f"/case/{case.number}")
    assert queries.unread(world.zhou) == 0
    yang = visit("yang")
    work = Notice.objects.get(account=world.accounts["yang"], kind=Kind.ASSIGNED)
    assert yang.get(f"/my/notices/{work.id}")["Location"] == f"/desk/case/{case.number}"
    assert visit("").get("/my/notices").status_code == 302


def test_done_is_said_before_it_is_checked(world: World, case: Case) -> None:
    case = dispatched(world, case)
    photo = {"original_key": "after.jpg", "sha256": b"after".ljust(32, b"0"), "size": 9}
    talking.add_evidence(world.yang, ref(case), kind=EvidenceKind.AFTER, **photo)
    disposal.dispose(world.yang, ref(case), version=fresh(case).version, outcome="换了灯头")
    assert told(world.accounts["zhou"]) == [Kind.TAKEN_UP, Kind.DONE]
