"""Reporting at the portal: the pages one after another, as a person without a script goes through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases.models import Case, Evidence, EvidenceKind, Participant
from linli.kernel.trust import Role
from tests.world import HOME, POINT, World, report

Visit = Callable[..., Client]
LNG, LAT = POINT


def walk(
    client: Client,
    *,
    category: str = "UT02",
    words: str = "楼下路灯不亮",
    contact: dict[str, str] | None = None,
    **more: Any,
) -> Any:
    """Answer every question up to the check page; returns the last answer."""
    client.post("/report", {"category": category})
    client.post("/report/where", {"lng": LNG, "lat": LAT, "address": ""})
    answer = client.post("/report/words", {"description": words, **more})
    if answer.url == "/report/contact":
        answer = client.post("/report/contact", contact or {})
    return answer


def send(client: Client) -> Any:
    """Press the button on the check page."""
    page = client.get("/report/check")
    assert page.status_code == 200, page.url
    return client.post("/report/check", {"draft": page.context["draft"].id})


def test_aunt_zhou_reports_a_lamp_and_gets_a_number(
    visit: Visit, world: World, photo: Callable[..., SimpleUploadedFile]
) -> None:
    zhou = visit("zhou")
    assert walk(zhou, photos=[photo(), photo("olive")]).url == "/report/check"
    done = send(zhou)
    case = Case.objects.get()
    assert (case.area_path, case.channel, case.description) == (HOME, "portal", "楼下路灯不亮")
    assert Participant.objects.get().account_id == world.accounts["zhou"].id
    assert Evidence.objects.filter(case=case, kind=EvidenceKind.REPORT).count() == 2
    receipt = zhou.get(done.url)
    assert case.number in receipt.content.decode()
    assert receipt.context["code"] == ""
    assert receipt.context["may_follow"]
    assert zhou.get(f"/case/{case.number}").status_code == 200


def test_nobody_signed_in_gets_a_code_and_follows_with_it(
    visit: Visit, world: World, photo: Callable[..., SimpleUploadedFile]
) -> None:
    nobody = visit("")
    assert walk(nobody, contact={"phone": "13800000009", "name": "李四"}, photos=[photo()]).url == "/report/check"
    check = nobody.get("/report/check").content.decode()
    assert "13800000009" not in check
    assert "李四" not in check
    receipt = nobody.get(send(nobody).url)
    case = Case.objects.get()
    code = receipt.context["code"].replace(" ", "")
    assert len(code) == 8
    assert Evidence.objects.filter(case=case).count() == 1
    elsewhere = visit("")
    assert elsewhere.get(f"/case/{case.number}").status_code == 404
    wrong = elsewhere.post("/follow", {"number": case.number, "code": "00000000"})
    assert wrong.status_code == 422
    right = elsewhere.post("/follow", {"number": case.number, "code": code})
    assert right.url == f"/case/{case.number}"
    assert elsewhere.get(right.url).status_code == 200
    elsewhere.post("/follow/forget")
    assert elsewhere.get(right.url).status_code == 404


def test_every_page_can_be_left_and_come_back_to(visit: Visit) -> None:
    """A dead tab loses nothing: the next visit of the same browser goes on where it was."""
    zhou = visit("zhou")
    zhou.post("/report", {"category": "UT02"})
    zhou.post("/report/where", {"lng": LNG, "lat": LAT})
    assert "UT02" not in str(zhou.session.items()) or "report_draft" in zhou.session
    again = zhou.get("/report/check")
    assert again.url == "/report/words"
    front = zhou.get("/")
    assert front.context["draft"] is True
    assert zhou.get("/report").context["resumes"] == "/report/words"
    zhou.post("/report/again")
    assert zhou.get("/report/words").url == "/report"


def test_the_draft_is_sealed_in_the_session_and_not_in_a_cookie(visit: Visit) -> None:
    nobody = visit("")
    walk(nobody, words="门口有人堵路", contact={"phone": "13800000009"})
    kept = str(dict(nobody.session.items()))
    assert "13800000009" not in kept
    assert "门口" not in kept
    assert set(nobody.cookies) <= {"linli_session", "linli_csrf"}


def test_a_double_tap_gives_one_report_and_the_same_receipt(visit: Visit) -> None:
    zhou = visit("zhou")
    walk(zhou)
    draft = zhou.get("/report/check").context["draft"].id
    kept = dict(zhou.session.items())["report_draft"]
    first = zhou.post("/report/check", {"draft": draft})
    second = zhou.post("/report/check", {"draft": draft})
    assert first.url == second.url
    session = zhou.session  # the twin began before the first was done: its draft is still there, its receipt is not
    session["report_draft"] = kept
    session["report_receipts"] = {}
    session.save()
    third = zhou.post("/report/check", {"draft": draft})
    assert third.url == first.url
    assert Case.objects.count() == 1
    assert Case.objects.get().number in zhou.get(third.url).content.decode()


def test_neighbours_reported_it_already_and_she_joins(visit: Visit, world: World) -> None:
    first = report(world.wang)
    zhou = visit("zhou")
    assert walk(zhou).url == "/report/near"
    page = zhou.get("/report/near")
    assert first.number in page.content.decode()
    assert first.description not in page.content.decode()
    joined = zhou.post("/report/near", {"join": first.number})
    again = zhou.post("/report/near", {"join": first.number})
    assert joined.url.startswith("/report/done/")
    assert again.status_code in (302, 404)
    first.refresh_from_db()
    assert first.participants_count == 2
    assert Case.objects.count() == 1
    seen = zhou.get(f"/case/{first.number}")
    assert seen.status_code == 200
    assert not seen.context["own"]


def test_mine_is_another(visit: Visit, world: World) -> None:
    report(world.wang)
    zhou = visit("zhou")
    walk(zhou)
    assert zhou.post("/report/near", {"join": ""}).url == "/report/check"
    send(zhou)
    assert Case.objects.count() == 2


def test_a_crime_in_progress_ends_with_the_number(visit: Visit) -> None:
    zhou = visit("zhou")
    assert zhou.post("/report", {"category": "PS05"}).url == "/report/call"
    page = zhou.get("/report/call")
    assert 'href="tel:110"' in page.content.decode()
    zhou.post("/report/call")
    assert zhou.get("/report/where").url == "/report/call"
    assert zhou.get("/report/check").url == "/report/call"


def test_danger_shows_the_number_before_the_form(visit: Visit) -> None:
    zhou = visit("zhou")
    assert zhou.post("/report", {"category": "FS05"}).url == "/report/call"
    assert 'href="tel:119"' in zhou.get("/report/call").content.decode()
    assert zhou.post("/report/call").url == "/report/where"


def test_an_address_that_nobody_knows_goes_to_the_district(visit: Visit, world: World) -> None:
    zhou = visit("zhou")
    zhou.post("/report", {"category": "UT02"})
    unknown = zhou.post("/report/where", {"address": "菜市场后头那条小巷"})
    assert unknown.status_code == 422
    assert unknown.context["unknown"]
    assert "菜市场后头那条小巷" in unknown.content.decode()  # what was typed is not lost
    asked = zhou.post("/report/where", {"address": "菜市场后头那条小巷", "district": "510107"})
    assert asked.url == "/report/words"
    zhou.post("/report/words", {"description": "灯不亮"})
    send(zhou)
    case = Case.objects.get()
    assert case.located == "unplaced"
    assert case.area_path == "510107/000"
    assert "菜市场后头那条小巷" in case.description


def test_a_point_outside_is_said_so(visit: Visit) -> None:
    zhou = visit("zhou")
    zhou.post("/report", {"category": "UT02"})
    assert zhou.post("/report/where", {}).status_code == 422
    assert zhou.get("/report/place?lng=104.0605&lat=30.6305").context["grid"].endswith("17号微网格")


@pytest.mark.parametrize("body", [b"", b"not a photo at all", b"\xff\xd8\xff\xe0 cut"])
def test_a_bad_photo_is_refused_and_nothing_else_is_lost(visit: Visit, body: bytes) -> None:
    zhou = visit("zhou")
    zhou.post("/report", {"category": "UT02"})
    zhou.post("/report/where", {"lng": LNG, "lat": LAT})
    bad = SimpleUploadedFile("x.jpg", body, content_type="image/jpeg")
    answer = zhou.post("/report/words", {"description": "灯不亮了", "photos": [bad]})
    assert answer.status_code == 422
    assert "灯不亮了" in answer.content.decode()
    assert "id_photos" in answer.content.decode()


def test_photos_can_be_taken_out_again(visit: Visit, photo: Callable[..., SimpleUploadedFile]) -> None:
    zhou = visit("zhou")
    walk(zhou, photos=[photo()])
    kept = zhou.get("/report/words").context["kept"]
    stays = zhou.post("/report/words", {"description": "灯", "drop": kept[0]["sha256"]})
    assert stays.url == "/report/words"
    assert zhou.get("/report/words").context["kept"] == []


def test_something_else_needs_words(visit: Visit) -> None:
    from linli.catalog import queries as catalog

    other = next(entry for entry in catalog.current().all(residents=True) if entry.group == "other")
    zhou = visit("zhou")
    zhou.post("/report", {"category": other.code})
    if other.call_first_numbers:
        zhou.post("/report/call")
    zhou.post("/report/where", {"lng": LNG, "lat": LAT})
    assert zhou.post("/report/words", {"description": ""}).status_code == 422


def test_words_find_the_category(visit: Visit) -> None:
    nobody = visit("")
    page = nobody.get("/report?q=路灯不亮")
    assert "UT02" in [one["code"] for one in page.context["found"]]
    part = nobody.get("/report?q=路灯", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert "UT02" in part


def test_a_colleague_reports_at_the_portal_as_a_resident(visit: Visit, world: World) -> None:
    he_ming = visit("he_ming")
    walk(he_ming)
    send(he_ming)
    case = Case.objects.get()
    assert case.entries.get().actor_role == Role.RESIDENT
    assert Participant.objects.get().account_id == world.accounts["he_ming"].id
    assert he_ming.get(f"/case/{case.number}").status_code == 200


def test_a_confidential_matter_keeps_its_words_sealed_and_shows_them_to_its_own_reporter(
    visit: Visit, world: World
) -> None:
    zhou = visit("zhou")
    walk(zhou, category="DS01", words="楼上每晚吵架")
    send(zhou)
    case = Case.objects.get()
    assert case.description == ""
    assert "楼上每晚吵架" in zhou.get(f"/case/{case.number}").content.decode()
