"""何明's day: what is due, one tap, a photo, done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases.actions import accepting, dispatching
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.cases.states import State
from linli.kernel.models import AuditEntry
from tests.world import HOME, POINT, World, fresh, ref, report

Visit = Callable[..., Client]
Photo = Callable[..., SimpleUploadedFile]


@pytest.fixture
def lamp(world: World) -> Case:
    """A lamp that 周阿姨 reported and 小徐 took up: with 何明 now."""
    case = report(world.zhou)
    accepting.register(world.xiao_xu, ref(case), version=1)
    case = fresh(case)
    if case.handler_post_id != world.posts["he_ming"].id:
        dispatching.dispatch(
            world.xiao_xu, ref(case), version=case.version, organisation=world.organisation("committee")
        )
    return fresh(case)


def press(client: Client, case: Case, name: str, **values: Any) -> Any:
    """Send a verb's form as the page has it."""
    return client.post(
        f"/field/case/{case.number}/do/{name}", {"key": str(uuid4()), "version": fresh(case).version, **values}
    )


def test_today_shows_what_is_due_in_order(visit: Visit, lamp: Case, clock: Any) -> None:
    he_ming = visit("he_ming")
    page = he_ming.get("/field/")
    assert page.status_code == 200
    rows = [row for part in page.context["sections"] for row in part["rows"]]
    assert [row["number"] for row in rows] == [lamp.number]
    clock.forward(days=20)
    assert he_ming.get("/field/").context["sections"][0]["key"] == "late"


def test_one_tap_signs_in_then_he_disposes_with_a_photo(visit: Visit, lamp: Case, photo: Photo, world: World) -> None:
    he_ming = visit("he_ming")
    page = he_ming.get(f"/field/case/{lamp.number}")
    assert page.context["primary"]["name"] == "sign_in"
    assert page.context["at_once"]
    assert press(he_ming, lamp, "sign_in").url == f"/field/case/{lamp.number}"
    assert fresh(lamp).state == State.SIGNED_IN
    bare = press(he_ming, lamp, "dispose", outcome="换了灯泡，亮了")
    assert bare.status_code == 422  # a lamp asks for a photo of the result
    assert "换了灯泡，亮了" in bare.content.decode()
    done = press(he_ming, lamp, "dispose", outcome="换了灯泡，亮了", photos=[photo("olive")])
    assert done.status_code == 302
    assert fresh(lamp).state == State.DISPOSED
    assert Evidence.objects.filter(case=lamp, kind=EvidenceKind.AFTER).count() == 1
    assert he_ming.get(f"/field/case/{lamp.number}").context["primary"] is None  # never verifies his own work


def test_he_verifies_what_a_colleague_did(visit: Visit, lamp: Case, photo: Photo, world: World) -> None:
    other = report(world.zhou, category="EN01", lng=104.0601, lat=30.6301)
    accepting.register(world.xiao_xu, ref(other), version=1)
    other = fresh(other)
    case = other if other.state == State.DISPATCHED else lamp
    lao_wu = visit("lao_wu")
    press(lao_wu, case, "sign_in")
    press(lao_wu, case, "dispose", outcome="已经清走了，地面干净", photos=[photo("navy")])
    if fresh(case).state != State.DISPOSED:
        pytest.fail(fresh(case).state)
    he_ming = visit("he_ming")
    rows = [row for part in he_ming.get("/field/").context["sections"] for row in part["rows"]]
    assert case.number in [row["number"] for row in rows]
    assert press(he_ming, case, "verify", passed="yes", words="").status_code == 302
    assert fresh(case).state == State.VERIFIED


def test_a_stale_tap_shows_what_is_new(visit: Visit, lamp: Case) -> None:
    he_ming = visit("he_ming")
    answer = he_ming.post(f"/field/case/{lamp.number}/do/sign_in", {"key": str(uuid4()), "version": 1})
    assert answer.status_code == 409


def test_the_reporter_is_rung_for_a_purpose_that_is_written_down(visit: Visit, world: World) -> None:
    from linli.cases.actions import intake
    from linli.kernel.trust import ANONYMOUS

    case = report(ANONYMOUS, reporter=intake.Reporter(name="李四", phone="13800000009"))
    he_ming = visit("he_ming")
    asked = he_ming.get(f"/field/case/{case.number}/reporter")
    assert "13800000009" not in asked.content.decode()
    assert he_ming.post(f"/field/case/{case.number}/reporter", {"purpose": ""}).status_code == 422
    shown = he_ming.post(f"/field/case/{case.number}/reporter", {"purpose": "call"})
    assert 'href="tel:13800000009"' in shown.content.decode()
    assert (
        AuditEntry.objects.filter(verb="contact.read").exists()
        or AuditEntry.objects.filter(verb__endswith=".read").exists()
    )


def test_he_reports_what_he_comes_across(visit: Visit, world: World, photo: Photo) -> None:
    he_ming = visit("he_ming")
    values = {
        "key": str(uuid4()),
        "description": "灯不亮",
        "category": "UT02",
        "lng": POINT[0],
        "lat": POINT[1],
        "address": "",
    }
    done = he_ming.post("/field/report", {**values, "photos": [photo()]})
    assert done.status_code == 302, done.context["errors"]
    again = he_ming.post("/field/report", {**values, "photos": [photo()], "anyway": "1"})
    assert again.url == done.url
    case = Case.objects.get()
    assert (case.channel, case.area_path) == ("field", HOME)
    assert Evidence.objects.filter(case=case, kind=EvidenceKind.REPORT).count() == 1
    assert case.number in he_ming.get(done.url).content.decode()


def test_a_near_duplicate_is_joined_and_photos_of_a_first_try_are_not_lost(
    visit: Visit, world: World, photo: Photo
) -> None:
    first = report(world.zhou)
    he_ming = visit("he_ming")
    values = {"key": str(uuid4()), "description": "灯不亮", "category": "UT02", "lng": POINT[0], "lat": POINT[1]}
    asked = he_ming.post("/field/report", {**values, "photos": [photo()]})
    assert asked.status_code == 200
    assert asked.context["near"][0]["number"] == first.number
    assert asked.context["kept_count"] == 1
    he_ming.post(f"/field/report/done/{first.number}", {"description": "灯不亮"})
    assert fresh(first).participants_count == 2
    sent = he_ming.post("/field/report", {**values, "kept": asked.context["kept"], "anyway": "1"})
    assert sent.status_code == 302
    assert Evidence.objects.exclude(case=first).count() == 1


def test_a_case_of_another_grid_does_not_exist(visit: Visit, world: World) -> None:
    far = report(world.wang, lng=104.0635, lat=30.6305)
    he_ming = visit("he_ming")
    for address in ("", "/reporter", "/photos", "/do/sign_in"):
        assert he_ming.get(f"/field/case/{far.number}{address}").status_code == 404


@pytest.mark.parametrize(("login", "status"), [("zhou", 403), ("xiao_xu", 403), ("", 302), ("lao_wu", 200)])
def test_the_field_app_is_for_grid_members(visit: Visit, login: str, status: int) -> None:
    assert visit(login).get("/field/").status_code == status


def test_the_shell_can_be_installed_and_kept(visit: Visit) -> None:
    nobody = visit("")
    manifest = nobody.get("/field/manifest.webmanifest").json()
    assert manifest["display"] == "standalone"
    assert manifest["start_url"] == "/field/"
    worker = nobody.get("/field/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "/field/offline" in worker.content.decode()
    assert nobody.get("/field/offline").status_code == 200


def test_the_lists_behind_today(visit: Visit, lamp: Case, clock: Any) -> None:
    he_ming = visit("he_ming")
    assert lamp.number in he_ming.get("/field/all").content.decode()
    assert lamp.number not in he_ming.get("/field/all?show=ended").content.decode()
    assert lamp.number in he_ming.get(f"/field/all?q={lamp.number}").content.decode()
    assert he_ming.get("/field/me").status_code == 200


def test_dispose_once_for_its_key(visit: Visit, lamp: Case, photo: Photo, world: World) -> None:
    he_ming = visit("he_ming")
    key = str(uuid4())
    for _n in range(2):
        answer = he_ming.post(f"/field/case/{lamp.number}/do/sign_in", {"key": key, "version": lamp.version})
        assert answer.status_code == 302
    assert fresh(lamp).version == lamp.version + 1
