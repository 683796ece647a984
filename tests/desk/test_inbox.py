"""The views and the list: what waits for a post, narrowed by the address, and what a page costs."""

from datetime import timedelta

import pytest

from linli.cases import searching
from linli.cases.actions import accepting, supervision
from linli.cases.queries import LABELS, VIEWS_OF
from linli.kernel.trust import Role
from tests.desk.conftest import counted, page
from tests.world import WUHOU, fresh, ref, report

STAFF = ("he_ming", "lao_wu", "xiao_xu", "liu", "sun", "yang", "lao_zheng", "xiao_tian", "ma")


@pytest.mark.parametrize("login", STAFF)
def test_every_post_is_offered_its_views(at_desk, world, login) -> None:
    case = report(world.zhou)
    answer = at_desk(login).get("/desk/")
    text = page(answer)
    assert answer.status_code == 200
    for view in VIEWS_OF[world.actors[login].role]:
        assert f"view={view}" in text
        assert str(LABELS[view])
    everything = page(at_desk(login).get("/desk/?view=open"))
    assert (case.number in everything) == (login != "yang")


def test_whoever_is_not_signed_in_is_asked_to(client, db) -> None:
    answer = client.get("/desk/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=/desk/")


@pytest.mark.parametrize("login", ["zhou", "auditor", "system_admin"])
def test_the_desk_is_not_for_everybody(at_desk, login) -> None:
    assert at_desk(login).get("/desk/").status_code == 403


def test_a_row_says_what_where_until_when_and_how_urgent(at_desk, world, clock) -> None:
    case = report(world.zhou)
    supervision.supervise(world.liu, ref(case), version=case.version, reason="两次来电")
    clock.set(fresh(case).due_at + timedelta(minutes=30))
    text = page(at_desk("xiao_xu").get("/desk/?view=late"))
    assert case.number in text
    assert "玉林北路社区" in text
    assert "17号微网格" in text
    assert "overdue 30 min" in text
    assert "under supervision" in text


def test_filters_stand_in_the_address(at_desk, world) -> None:
    lamp, rubbish = report(world.zhou), report(world.zhou, category="EN01")
    client = at_desk("xiao_xu")
    text = page(client.get("/desk/?view=open&category=EN01"))
    assert rubbish.number in text
    assert lamp.number not in text
    assert "take this filter away" in text
    both = page(client.get("/desk/?view=open"))
    assert "category=EN01" in both
    searching.index(WUHOU, [lamp.id, rubbish.id])
    words = page(client.get("/desk/?view=open&q=路灯"))
    assert lamp.number in words


def test_a_filter_that_is_none_is_left_aside(at_desk, world) -> None:
    case = report(world.zhou)
    assert case.number in page(at_desk("xiao_xu").get("/desk/?view=open&severity=nine&state=lost"))
    assert at_desk("xiao_xu").get("/desk/?view=nowhere").status_code == 200


def test_a_number_leads_to_its_case(at_desk, world) -> None:
    case = report(world.zhou)
    client = at_desk("xiao_xu")
    assert client.get(f"/desk/find?q={case.number.replace('-', '')}")["Location"] == f"/desk/case/{case.number}"
    assert client.get("/desk/find?q=路灯")["Location"].startswith("/desk/?view=open&q=")
    assert client.get(f"/desk/?q={case.number}").status_code == 302


def test_a_long_list_comes_in_pages(at_desk, world, monkeypatch) -> None:
    monkeypatch.setattr("linli.desk.inbox.SIZE", 3)
    cases = [report(world.zhou) for _n in range(5)]
    client = at_desk("xiao_xu")
    first = page(client.get("/desk/?view=open"))
    more = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = page(client.get(more))
    shown = [sum(case.number in text for case in cases) for text in (first, second)]
    assert shown == [3, 2]


def test_an_empty_view_says_what_to_do(at_desk) -> None:
    text = page(at_desk("xiao_xu").get("/desk/?view=late"))
    assert "Nothing is late" in text
    assert "Have a look at what is due soon." in text
    assert "Clear the filters" in page(at_desk("xiao_xu").get("/desk/?view=late&q=xyz"))


def test_what_changed_elsewhere_is_said_quietly(at_desk, world, clock) -> None:
    case = report(world.zhou)
    since = clock.moment.isoformat().replace("+", "%2B")
    client = at_desk("xiao_xu")
    assert "changed" not in page(client.get(f"/desk/news?view=open&since={since}"))
    clock.forward(minutes=5)
    accepting.register(world.xiao_xu, ref(case), version=1)
    assert "1 changed: show" in page(client.get(f"/desk/news?view=open&since={since}"))
    assert page(client.get("/desk/news?view=open&since=never")).strip() == ""


def test_the_dispatcher_sees_what_could_not_be_placed(at_desk, world) -> None:
    case = report(world.xiao_tian, lng=None, lat=None, address="那个大超市后面", district=WUHOU, on_behalf=True)
    assert case.located == "unplaced"
    assert case.number in page(at_desk("sun").get("/desk/?view=unplaced"))


def test_a_part_is_not_a_page(at_desk, world) -> None:
    report(world.zhou)
    client = at_desk("xiao_xu")
    part = page(client.get("/desk/list?view=open", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "hx-swap-oob" in part
    restored = client.get("/desk/?view=open", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in page(restored)
    assert "HX-Request" in restored["Vary"]


@pytest.mark.parametrize("login", ["xiao_xu", "yang", "sun"])
def test_the_inbox_costs_a_fixed_number_of_queries(at_desk, world, login) -> None:
    for _n in range(12):
        case = report(world.zhou)
    accepting.register(world.xiao_xu, ref(case), version=1)
    client = at_desk(login)
    client.get("/desk/?view=open")
    with counted("desk.inbox"):
        assert client.get("/desk/?view=open").status_code == 200


def test_every_role_with_views_has_a_desk() -> None:
    assert Role.COMMUNITY_WORKER in VIEWS_OF
    assert all(views for views in VIEWS_OF.values())
