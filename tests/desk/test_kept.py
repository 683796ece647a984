"""Kept views and shared replies: own or the organisation's, renamed, removed and brought back."""

from linli.desk.models import ReplyTemplate, SavedView
from tests.desk.conftest import page
from tests.world import report


def test_a_list_is_kept_under_a_name_with_its_count(at_desk, world) -> None:
    report(world.zhou, category="EN01")
    xu = at_desk("xiao_xu")
    assert xu.post("/desk/kept?view=open&category=EN01", {"name": "垃圾"}).status_code == 302
    pane = page(xu.get("/desk/kept/pane"))
    assert "垃圾" in pane
    assert "category=EN01" in pane
    assert '<span class="count">1</span>' in pane
    assert "垃圾" not in page(at_desk("xiao_li").get("/desk/kept/pane"))


def test_a_shared_view_is_seen_by_the_organisation_and_changed_by_its_owner_alone(at_desk, world) -> None:
    xu, li, yang = at_desk("xiao_xu"), at_desk("xiao_li"), at_desk("yang")
    xu.post("/desk/kept?view=late", {"name": "超时的", "shared": "on"})
    kept = SavedView.objects.get()
    assert "超时的" in page(li.get("/desk/kept/pane"))
    assert "超时的" not in page(yang.get("/desk/kept/pane"))
    assert li.post(f"/desk/kept/{kept.id}", {"what": "remove"}).status_code == 404
    xu.post(f"/desk/kept/{kept.id}", {"name": "很晚的"})
    kept.refresh_from_db()
    assert (kept.name, kept.organisation_id) == ("很晚的", None)


def test_a_removed_view_comes_back(at_desk, world) -> None:
    xu = at_desk("xiao_xu")
    xu.post("/desk/kept?view=late", {"name": "超时的"})
    kept = SavedView.objects.get()
    said = page(xu.post(f"/desk/kept/{kept.id}", {"what": "remove"}, follow=True))
    assert "Undo" in said
    assert "超时的" not in page(xu.get("/desk/kept/pane"))
    xu.post(f"/desk/kept/{kept.id}", {"what": "back"})
    assert "超时的" in page(xu.get("/desk/kept/pane"))


def test_a_view_needs_a_name(at_desk, world) -> None:
    answer = at_desk("xiao_xu").post("/desk/kept?view=late", {"name": " "})
    assert answer.status_code == 422
    assert "Give it a name." in page(answer)


def test_a_shared_reply_is_filled_from_the_case(at_desk, world) -> None:
    case = report(world.zhou)
    xu = at_desk("xiao_xu")
    xu.post("/desk/replies", {"name": "已收到", "text": "您好,{number}({category})已收到。"})
    form = page(xu.get(f"/desk/case/{case.number}/do/message"))
    assert f"您好,{case.number}(" in form
    assert "{category}" not in form
    assert "已收到" not in page(at_desk("sun").get(f"/desk/case/{case.number}/do/message"))
    one = ReplyTemplate.objects.get()
    assert at_desk("sun").post(f"/desk/replies/{one.id}", {"what": "remove"}).status_code == 404
    xu.post(f"/desk/replies/{one.id}", {"what": "remove"}, follow=True)
    assert "已收到" not in page(xu.get("/desk/replies"))
    assert at_desk("lao_zheng").get("/desk/replies").status_code == 403
