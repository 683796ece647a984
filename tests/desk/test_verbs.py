"""Doing something: one form for every verb, sent twice harmless, sent late answered with what is new."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases.actions import accepting, dispatching, disposal, supervision, talking
from linli.cases.models import Evidence, EvidenceKind
from linli.cases.queries import log_of
from linli.cases.states import State
from linli.cases.verbs import VERBS
from tests.api.conftest import picture
from tests.desk.conftest import do, page
from tests.world import POINT, WUHOU, fresh, ref, report


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_a_form(at_desk, world, verb) -> None:
    case = report(world.zhou)
    for login in ("liu", "xiao_xu"):
        client = at_desk(login)
        whole = client.get(f"/desk/case/{case.number}/do/{verb}")
        assert whole.status_code == 200
        assert page(whole).count("<h1") == 1
        part = client.get(f"/desk/case/{case.number}/do/{verb}", headers={"HX-Request": "true"})
        assert "<html" not in page(part)
        assert 'id="verb-title"' in page(part)


def test_a_verb_that_is_none_is_not_found(at_desk, world) -> None:
    case = report(world.zhou)
    assert at_desk("liu").get(f"/desk/case/{case.number}/do/abolish").status_code == 404


def test_taking_up_leads_back_to_the_case_with_a_word(at_desk, world) -> None:
    case = report(world.zhou, category="EN01")
    client = at_desk("xiao_xu")
    answer = do(client, case, "register")
    assert answer["Location"] == f"/desk/case/{case.number}"
    assert fresh(case).state == State.DISPATCHED
    assert "Dispatched to" in page(client.get(answer["Location"]))


def test_with_a_script_the_case_comes_back_as_it_stands(at_desk, world) -> None:
    case = report(world.zhou, category="EN01")
    answer = do(at_desk("xiao_xu"), case, "register", part=True)
    assert answer.status_code == 200
    assert answer["HX-Retarget"] == "#case"
    assert "desk-done" in answer["HX-Trigger"]
    assert "Dispatched" in page(answer)


def test_sent_twice_it_is_done_once(at_desk, world) -> None:
    case = report(world.zhou)
    client = at_desk("xiao_xu")
    first = do(client, case, "comment", key="the-same-key", version=1, text="电工明早到")
    second = do(client, case, "comment", key="the-same-key", version=1, text="电工明早到")
    assert first.status_code == second.status_code == 302
    assert sum(entry.kind == "comment" for entry in log_of(case)) == 1


def test_whoever_comes_late_sees_what_changed_and_keeps_the_words(at_desk, world) -> None:
    case = report(world.zhou)
    accepting.begin_verification(world.xiao_li, ref(case), version=1)
    answer = do(
        at_desk("xiao_xu"), case, "propose_rejection", version=1, reason="属于小区内部事务", other_way="可以找物业", part=True
    )  # fmt: skip
    text = page(answer)
    assert answer.status_code == 409
    assert "Somebody was faster" in text
    assert "Somebody goes to look first" in text
    assert "小李" in text
    assert "属于小区内部事务" in text
    assert f'name="version" value="{fresh(case).version}"' in text
    assert fresh(case).state == State.VERIFYING


def test_what_is_wrong_stands_on_top_and_leads_to_its_field(at_desk, world) -> None:
    case = report(world.zhou)
    answer = do(at_desk("xiao_xu"), case, "propose_rejection", reason="", other_way="可以找物业")
    text = page(answer)
    assert answer.status_code == 422
    assert "error-summary" in text
    assert 'href="#id_reason"' in text
    assert "field.needed" not in text
    assert "可以找物业" in text


def test_a_returned_case_is_given_to_whom_the_officer_chooses(at_desk, world) -> None:
    case = report(world.zhou, category="EN01")
    case = accepting.register(world.xiao_xu, ref(case), version=1)
    case = dispatching.request_return(world.he_ming, ref(case), version=case.version, reason="不在本微网格范围")
    client = at_desk("liu")
    assert "do/decide_return" in page(client.get(f"/desk/case/{case.number}"))
    wrong = do(client, case, "decide_return", agree="yes", organisation=str(world.organisation("far_office")))
    assert wrong.status_code == 422
    done = do(client, case, "decide_return", agree="yes", organisation=str(world.organisation("urban_management")))
    assert done.status_code == 302
    assert fresh(case).holder_id == world.organisation("urban_management")


def test_departments_are_called_together(at_desk, world) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou)), version=1, route=accepting.Route.NONE)
    organisations = [str(world.organisation("urban_management")), str(world.organisation("water"))]
    answer = do(at_desk("liu"), case, "call", task="请现场查看线路并处理", organisations=organisations)
    assert answer.status_code == 302, page(answer)
    assert fresh(case).state == State.CALLED
    assert {str(order.organisation_id) for order in fresh(case).work_orders.all()} == set(organisations)


def test_done_is_said_with_its_photo(at_desk, world) -> None:
    case = report(world.zhou, category="EN01")
    case = accepting.register(world.xiao_xu, ref(case), version=1)
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    client = at_desk("he_ming")
    assert "This category asks for one." in page(client.get(f"/desk/case/{case.number}/do/dispose"))
    without = do(client, case, "dispose", outcome="已经清运干净")
    assert without.status_code == 422
    photo = SimpleUploadedFile("after.jpg", picture(), content_type="image/jpeg")
    answer = do(client, case, "dispose", outcome="已经清运干净", photos=photo)
    assert answer.status_code == 302, page(answer)
    assert fresh(case).state == State.DISPOSED
    assert Evidence.objects.get(case_id=case.id).kind == EvidenceKind.AFTER


def test_a_place_is_put_right_on_the_map(at_desk, world) -> None:
    case = report(world.xiao_tian, lng=None, lat=None, address="那个大超市后面", district=WUHOU, on_behalf=True)
    client = at_desk("sun")
    first = page(client.get(f"/desk/case/{case.number}")).partition("next-action")[2]
    assert first.index("do/relocate") < first.index("do/register")
    nothing = do(client, case, "relocate", reason="已电话核实")
    assert nothing.status_code == 422
    answer = do(client, case, "relocate", reason="已电话核实", lng=str(POINT[0]), lat=str(POINT[1]))
    assert answer.status_code == 302, page(answer)
    placed = fresh(case)
    assert (placed.located, placed.area_path) == ("by_hand", "510107/012/003/02/017")
    assert placed.holder_id == world.organisation("committee")


def test_merging_names_the_leading_case_by_its_number(at_desk, world) -> None:
    master, other = report(world.zhou), report(world.wang)
    client = at_desk("xiao_xu")
    assert do(client, other, "merge", master="0107-0000-0000-0").status_code == 422
    assert do(client, other, "merge", master=master.number.replace("-", "")).status_code == 302
    assert fresh(other).master_id == master.id
    text = page(client.get(f"/desk/case/{other.number}"))
    assert master.number in text
    assert "leads this case" in text


def test_more_time_is_asked_with_a_local_date(at_desk, world) -> None:
    case = report(world.zhou, category="EN01")
    case = accepting.register(world.xiao_xu, ref(case), version=1)
    holder = world.xiao_xu
    case = dispatching.dispatch(world.liu, ref(case), version=case.version, organisation=holder.organisation_id)
    case = dispatching.sign_in(holder, ref(case), version=case.version)
    client = at_desk("xiao_xu")
    assert do(client, case, "request_extension", until="soon", reason="等配件到货").status_code == 422
    answer = do(client, case, "request_extension", until="2026-12-10T17:00", reason="等配件到货")
    assert answer.status_code == 302, page(answer)
    text = page(at_desk("liu").get(f"/desk/case/{case.number}"))
    assert "do/decide_extension" in text
    assert "等配件到货" in text


def test_supervision_can_be_taken_back_for_a_moment(at_desk, world) -> None:
    case = report(world.zhou)
    client = at_desk("liu")
    answer = do(client, case, "supervise", part=True, reason="两次来电")
    assert '"undo"' in answer["HX-Trigger"]
    assert fresh(case).supervised_at is not None
    back = client.post(f"/desk/case/{case.number}/undo", {"verb": "lift_supervision", "version": fresh(case).version})
    assert back.status_code == 302
    assert fresh(case).supervised_at is None
    assert client.post(f"/desk/case/{case.number}/undo", {"verb": "close", "version": 1}).status_code == 404


def test_undo_is_over_once_something_else_happened(at_desk, world) -> None:
    case = report(world.zhou)
    supervision.supervise(world.liu, ref(case), version=1, reason="两次来电")
    seen = fresh(case).version
    talking.comment(world.xiao_xu, ref(case), text="已联系电工")
    client = at_desk("liu")
    assert (
        client.post(f"/desk/case/{case.number}/undo", {"verb": "lift_supervision", "version": seen}).status_code == 409
    )
    assert fresh(case).supervised_at is not None


def test_the_handler_is_not_offered_to_verify_own_work(at_desk, world) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou, category="EN01")), version=1)
    case = dispatching.sign_in(world.he_ming, ref(case), version=case.version)
    talking.add_evidence(
        world.he_ming, ref(case), kind=EvidenceKind.AFTER, original_key="a.jpg", sha256=b"1" * 32, size=9
    )  # fmt: skip
    disposal.dispose(world.he_ming, ref(case), version=fresh(case).version, outcome="已经清运干净")
    assert "do/verify" not in page(at_desk("he_ming").get(f"/desk/case/{case.number}"))
    assert "do/verify" in page(at_desk("lao_zheng").get(f"/desk/case/{case.number}"))
    assert case.number in page(at_desk("lao_zheng").get("/desk/?view=to_verify"))


def test_photos_are_added_from_the_page(at_desk, world) -> None:
    case = report(world.zhou)
    client = at_desk("xiao_xu")
    photo = SimpleUploadedFile("before.jpg", picture(), content_type="image/jpeg")
    answer = client.post(f"/desk/case/{case.number}/photos", {"kind": "before", "photos": photo})
    assert answer.status_code == 302
    found = Evidence.objects.get(case_id=case.id)
    assert found.kind == EvidenceKind.BEFORE
    assert client.get(f"/desk/case/{case.number}/photos/{found.id}/large").status_code == 404
    text = SimpleUploadedFile("note.txt", b"no photo", content_type="text/plain")
    assert client.post(f"/desk/case/{case.number}/photos", {"kind": "before", "photos": text}).status_code == 422
