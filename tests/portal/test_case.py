"""How a report goes on, as its reporter reads it and acts on it; and what everybody may know."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases import states
from linli.cases.actions import accepting, closing, disposal, talking
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.cases.photos import prepare_one
from linli.cases.states import State
from linli.portal import story
from tests.desk.conftest import counted
from tests.world import World, fresh, ref, report

Visit = Callable[..., Client]


def close(world: World, case: Case) -> Case:
    """Solved without a stop in between, as far as this test needs."""
    Case.objects.filter(id=case.id).update(state=State.VERIFIED, disposed_by=world.he_ming.account_id)
    closing.close(world.lao_zheng, ref(case), version=fresh(case).version)
    return fresh(case)


def test_every_step_of_the_loop_is_told_or_left_out_on_purpose() -> None:
    kinds = {verb.partition(".")[2] for verb in states.rules()}
    beside = {"report", "join", "merged_in", "master_closed", "master_rejected", "late", "finish_call"}
    assert set(story.TELLERS) == kinds | beside


def test_a_foreign_case_does_not_exist(visit: Visit, world: World) -> None:
    case = report(world.zhou)
    for who in ("", "wang", "xiao_xu"):
        for page in ("", "/rate", "/reopen", "/message", "/photos"):
            assert visit(who).get(f"/case/{case.number}{page}").status_code == 404, (who, page)


def test_only_units_are_named_and_never_a_colleague(visit: Visit, world: World) -> None:
    case = report(world.zhou)
    accepting.register(world.xiao_xu, ref(case), version=1)
    talking.comment(world.xiao_xu, ref(case), text="只给同事看的话")
    page = visit("zhou").get(f"/case/{case.number}").content.decode()
    assert "小徐" not in page
    assert "何明" not in page
    assert "只给同事看的话" not in page


def test_words_go_both_ways_and_only_the_reporter_reads_them(visit: Visit, world: World) -> None:
    from linli.cases.actions import intake

    case = report(world.zhou)
    intake.join(world.wang, ref(case), text="我也看到了")
    talking.message(world.xiao_xu, ref(case), text="请问是哪一盏灯？")
    zhou, wang = visit("zhou"), visit("wang")
    assert "请问是哪一盏灯？" in zhou.get(f"/case/{case.number}").content.decode()
    assert "请问是哪一盏灯？" not in wang.get(f"/case/{case.number}").content.decode()
    key = str(uuid4())
    for _n in range(2):
        assert zhou.post(f"/case/{case.number}/message", {"key": key, "text": "3栋门口那盏"}).status_code == 302
    page = zhou.get(f"/case/{case.number}").content.decode()
    assert page.count("3栋门口那盏") == 1
    assert zhou.post(f"/case/{case.number}/message", {"key": str(uuid4()), "text": ""}).status_code == 422


def test_she_is_asked_for_something_and_answers(visit: Visit, world: World) -> None:
    case = report(world.zhou)
    accepting.register(world.xiao_xu, ref(case), version=1)
    Case.objects.filter(id=case.id).update(
        state=State.IN_DISPOSAL, holder_id=world.organisation("committee"), handler_post_id=None
    )
    disposal.wait_resident(world.xiao_xu, ref(case), version=fresh(case).version, reason="请告诉我们是哪一单元")
    page = visit("zhou").get(f"/case/{case.number}")
    assert page.context["waits_for_me"] == "请告诉我们是哪一单元"


def test_she_rates_changes_her_mind_and_has_it_opened_again(visit: Visit, world: World) -> None:
    case = close(world, report(world.zhou))
    zhou = visit("zhou")
    assert zhou.get(f"/case/{case.number}").context["may_rate"]
    assert zhou.post(f"/case/{case.number}/rate", {"key": str(uuid4()), "score": "9"}).status_code == 422
    assert zhou.post(f"/case/{case.number}/rate", {"key": str(uuid4()), "score": "5"}).status_code == 302
    assert fresh(case).rating == 5
    zhou.post(f"/case/{case.number}/rate", {"key": str(uuid4()), "score": "2", "words": "还是有点暗"})
    assert fresh(case).rating == 2
    assert zhou.post(f"/case/{case.number}/reopen", {"key": str(uuid4()), "reason": ""}).status_code == 422
    assert zhou.post(f"/case/{case.number}/reopen", {"key": str(uuid4()), "reason": "昨晚又不亮了"}).status_code == 302
    assert fresh(case).state == State.REOPENED


def test_after_fifteen_days_it_is_reported_anew(visit: Visit, world: World, clock: Any) -> None:
    case = close(world, report(world.zhou))
    clock.forward(days=16)
    zhou = visit("zhou")
    assert not zhou.get(f"/case/{case.number}").context["may_reopen"]
    assert zhou.post(f"/case/{case.number}/reopen", {"key": str(uuid4()), "reason": "昨晚又不亮了"}).status_code == 409


def test_photos_show_when_they_are_ready_and_only_to_her(
    visit: Visit, world: World, photo: Callable[..., SimpleUploadedFile]
) -> None:
    case = report(world.zhou)
    zhou = visit("zhou")
    assert zhou.post(f"/case/{case.number}/photos", {"key": str(uuid4()), "photos": [photo()]}).status_code == 302
    one = Evidence.objects.get(kind=EvidenceKind.REPORT)
    address = f"/case/{case.number}/photos/{one.id}/large"
    assert zhou.get(address).status_code == 404
    assert prepare_one() == 1
    picture = zhou.get(address)
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["Cache-Control"].startswith("private")
    assert address in zhou.get(f"/case/{case.number}").content.decode()
    assert visit("wang").get(address).status_code == 404
    assert visit("").get(f"/files/{one.original_key}").status_code == 404
    assert zhou.post(f"/case/{case.number}/photos", {"key": str(uuid4())}).status_code == 422


def test_who_was_merged_is_kept_informed(visit: Visit, world: World) -> None:
    first, second = report(world.wang), report(world.zhou)
    accepting.merge(world.xiao_xu, ref(second), version=1, master=first.id)
    page = visit("zhou").get(f"/case/{second.number}")
    assert first.number in page.content.decode()
    assert page.context["face"] is not None
    assert page.context["stages"]


def test_everybody_sees_kind_and_rounded_place_and_nothing_else(visit: Visit, world: World) -> None:
    open_one = report(world.zhou, description="我家门口的灯", address="玉林北路8号3单元")
    hidden = [report(world.zhou, category=code) for code in ("DS01", "PM05", "CA01")]
    page = visit("").get("/map").content.decode()
    points = json.loads(visit("").get("/map/cases").content)
    assert [one["properties"]["id"] for one in points["features"]] == [str(open_one.id)]
    assert (
        points["features"][0]["geometry"]["coordinates"] == [104.06, 30.63]
        or len(str(points["features"][0]["geometry"]["coordinates"][0])) <= 7
    )
    for secret in ("我家门口的灯", "3单元", *(str(one.id) for one in hidden)):
        assert secret not in page
        assert secret not in json.dumps(points, ensure_ascii=False)


@pytest.mark.parametrize(
    "address", ["/", "/services", "/mine", "/my", "/follow", "/map?show=open", "/map?area=510107/012&group=sanitation"]
)
@pytest.mark.parametrize("who", ["", "zhou", "he_ming"])
def test_every_page_opens_for_everybody(visit: Visit, who: str, address: str) -> None:
    assert visit(who).get(address).status_code == 200


def test_the_pages_ask_the_database_the_same_however_much_there_is(visit: Visit, world: World) -> None:
    cases = [report(world.zhou) for _n in range(3)]
    zhou = visit("zhou")
    zhou.get("/")
    for n in (0, 9):
        cases += [report(world.zhou) for _m in range(n)]
        for name, address in (("portal home", "/"), ("portal my", "/my"), ("portal case", f"/case/{cases[0].number}")):
            with counted(name):
                assert zhou.get(address).status_code == 200
    he_ming = visit("he_ming")
    he_ming.get("/field/")
    with counted("field today"):
        he_ming.get("/field/")
    with counted("field case"):
        he_ming.get(f"/field/case/{cases[0].number}")
