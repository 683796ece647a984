"""Services in the portal: found, read, applied for, followed; without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from linli.services import queries
from linli.services.actions import handling
from linli.services.models import Application
from linli.services.steps import ref_of
from tests.services.conftest import COMMUNITY, furnished
from tests.world import World

Visit = Callable[[str], Client]


@pytest.fixture
def town(world: World) -> World:
    """The small city with its services."""
    return furnished(world)


def text(response) -> str:
    return response.content.decode()


def post(client: Client, path: str, /, **fields):
    return client.post(path, fields, follow=True)


def the_one() -> Application:
    return Application.objects.select_related("service_version").get()


def first_time() -> str:
    return str(queries.windows(queries.service("UM01"), COMMUNITY)[0].slot.id)


def book_sofa(client: Client):
    """周阿姨's way to the collection of a sofa."""
    page = post(client, "/services/UM01/start", use="held")
    assert page.redirect_chain[-1][0] == "/services/UM01/apply/place"
    page = post(client, "/services/UM01/apply/place", address="玉林北路 3 号 2 栋", community=COMMUNITY)
    assert page.redirect_chain[-1][0] == "/services/UM01/apply/q1"
    page = post(client, "/services/UM01/apply/q1", items=["sofa"], access="stairs")
    assert page.redirect_chain[-1][0] == "/services/UM01/apply/time"
    page = post(client, "/services/UM01/apply/time", slot=first_time())
    assert page.redirect_chain[-1][0] == "/services/UM01/apply/check"
    return post(client, "/services/UM01/apply/check")


def test_what_people_say_finds_it(town: World, visit: Visit) -> None:
    client = visit("")
    for words in ("旧沙发", "djlj", "sofa"):
        assert "/services/UM01" in text(client.get("/services", {"q": words}))
    assert "12345" in text(client.get("/services", {"q": "xqzvw"}))
    part = client.get("/services", {"q": "低保"}, headers={"HX-Request": "true"})
    assert "/services/CA01" in text(part)
    assert "<html" not in text(part)


def test_every_guide_opens(town: World, visit: Visit) -> None:
    client = visit("zhou")
    for entry in queries.current().all():
        page = client.get(f"/services/{entry.code}")
        assert page.status_code == 200, entry.code
        assert entry.phone in text(page)
    assert client.get("/services/XX99").status_code == 404


def test_bulky_waste_in_a_few_pages(town: World, visit: Visit) -> None:
    client = visit("zhou")
    guide = text(client.get("/services/UM01"))
    assert 'value="held"' in guide
    receipt = book_sofa(client)
    assert receipt.redirect_chain[-1][0].startswith("/services/done/")
    one = the_one()
    assert one.number in text(receipt)
    assert one.state == "accepted"
    assert one.area_path == COMMUNITY
    # A second tap leads to the same receipt.
    again = client.get("/services/UM01/apply", follow=True)
    assert again.redirect_chain[-1][0] == "/services/UM01"
    assert Application.objects.count() == 1
    page = text(client.get(f"/application/{one.number}"))
    assert "玉林北路 3 号 2 栋" in page
    assert one.number in text(client.get("/applications"))


def test_the_second_time_asks_less(town: World, visit: Visit) -> None:
    client = visit("zhou")
    book_sofa(client)
    page = post(client, "/services/UM01/start", use="held")
    assert page.redirect_chain[-1][0] == "/services/UM01/apply/q1", "the address is known"
    assert 'name="access"' not in text(page), "how it comes down, too"
    page = post(client, "/services/UM01/start", use="own")
    assert page.redirect_chain[-1][0] == "/services/UM01/apply/place", "unless one would rather say it anew"


def test_without_an_account(town: World, visit: Visit) -> None:
    client = visit("")
    post(client, "/services/UM01/start", use="own")
    wrong = post(client, "/services/UM01/apply/place", address="", community="")
    assert wrong.status_code == 422
    assert "#id_address" in text(wrong)
    post(client, "/services/UM01/apply/place", address="某处", community=COMMUNITY)
    wrong = post(client, "/services/UM01/apply/q1", access="lift", items_note="写到一半")
    assert wrong.status_code == 422
    assert "#id_items" in text(wrong)
    assert "写到一半" in text(wrong)
    post(client, "/services/UM01/apply/q1", items=["bed"], access="lift", items_note="写完了")
    post(client, "/services/UM01/apply/time", slot=first_time())
    wrong = post(client, "/services/UM01/apply/contact", name="王叔", phone="abc")
    assert wrong.status_code == 422
    check = post(client, "/services/UM01/apply/contact", name="王叔", phone="13800000002")
    assert "138****0002" in text(check)
    assert "13800000002" not in text(check)
    receipt = post(client, "/services/UM01/apply/check")
    one = the_one()
    assert one.account_id is None
    assert client.get(f"/application/{one.number}").status_code == 200, "this browser may follow it"
    other = visit("")
    assert other.get(f"/application/{one.number}").status_code == 404
    code = receipt.context["code"]
    followed = post(other, "/follow", number=one.number, code=code)
    assert followed.redirect_chain[-1][0] == f"/application/{one.number}"
    assert post(other, "/follow", number=one.number, code="00000000").status_code == 422


def test_a_step_ahead_leads_back_to_the_open_one(town: World, visit: Visit) -> None:
    client = visit("zhou")
    assert client.get("/services/UM01/apply/check").headers["Location"] == "/services/UM01"
    post(client, "/services/UM01/start", use="held")
    assert client.get("/services/UM01/apply/check").headers["Location"].endswith("/place")
    assert client.get("/services/UM01/apply/nothing").headers["Location"].endswith("/place")


def test_a_department_that_needs_to_know_who_one_is(town: World, visit: Visit) -> None:
    answer = visit("").post("/services/CA04/start", {"use": "held"})
    assert answer.headers["Location"].startswith("/sign-in?next=%2Fservices%2FCA04")


def test_for_a_relative(town: World, visit: Visit) -> None:
    client = visit("zhou")
    page = post(client, "/services/UM01/start", whom="relative", use="held")
    assert page.redirect_chain[-1][0].endswith("/relative")
    wrong = post(client, "/services/UM01/apply/relative", relative_name="周国强", relation="父亲")
    assert wrong.status_code == 422
    assert "#id_agrees" in text(wrong)
    page = post(client, "/services/UM01/apply/relative", relative_name="周国强", relation="父亲", agrees="on")
    assert page.redirect_chain[-1][0].endswith("/place")
    post(client, "/services/UM01/apply/place", address="洗面桥 1 号", community=COMMUNITY)
    post(client, "/services/UM01/apply/q1", items=["sofa"], access="stairs")
    post(client, "/services/UM01/apply/time", slot=first_time())
    post(client, "/services/UM01/apply/check")
    assert the_one().on_behalf


def test_photos_go_along(town: World, visit: Visit, photo: Callable) -> None:
    client = visit("zhou")
    post(client, "/services/UM01/start", use="held")
    post(client, "/services/UM01/apply/place", address="玉林北路 3 号", community=COMMUNITY)
    post(client, "/services/UM01/apply/q1", items=["sofa"], access="stairs", photos=[photo("teal"), photo("red")])
    post(client, "/services/UM01/apply/time", slot=first_time())
    post(client, "/services/UM01/apply/check")
    one = the_one()
    from linli.services import files

    while files.prepare_one():
        pass
    found = queries.attachments_of(one)
    assert [row.state for row in found] == ["ready", "ready"]
    assert client.get(f"/application/{one.number}/files/{found[0].id}/small").status_code == 200
    assert visit("wang").get(f"/application/{one.number}/files/{found[0].id}/small").status_code == 404


def test_what_the_resident_can_do(town: World, visit: Visit) -> None:
    client = visit("zhou")
    book_sofa(client)
    one = the_one()
    address = f"/application/{one.number}/do/"
    later = str(queries.windows(queries.service("UM01"), COMMUNITY)[3].slot.id)
    post(client, f"{address}rebook", key="a", slot=later)
    assert str(queries.slot_of(one).id) == later
    post(client, f"{address}message", key="b", text="门口放好了")
    fresh = the_one()
    handling.finish(town.yang, ref_of(fresh), version=fresh.version, words="已清走，谢谢。")
    page = text(client.get(f"/application/{one.number}"))
    assert "已清走，谢谢。" in page
    assert "门口放好了" in page
    post(client, f"{address}rate", key="c", score="5")
    post(client, f"{address}rate", key="c", score="5")
    assert the_one().rating == 5
    assert post(client, f"{address}rate", key="d", score="9").status_code == 422
    assert visit("wang").get(f"{address}rate").status_code == 404
    assert client.get(f"{address}accept").status_code == 404


def test_what_is_missing_is_asked_and_answered(town: World, visit: Visit) -> None:
    client = visit("zhou")
    book_sofa(client)
    one = the_one()
    handling.ask_more(town.yang, ref_of(one), version=one.version, reason="请说明沙发多大。")
    assert "请说明沙发多大。" in text(client.get(f"/application/{one.number}"))
    post(client, f"/application/{one.number}/do/answer", key="k", text="三人座，两米长。")
    assert the_one().state == "accepted"


def test_a_refusal_shows_the_way_on(town: World, visit: Visit) -> None:
    client = visit("zhou")
    book_sofa(client)
    one = the_one()
    handling.refuse(town.yang, ref_of(one), version=one.version, reason="装修垃圾不在此列。")
    page = text(client.get(f"/application/{one.number}"))
    assert "装修垃圾不在此列。" in page
    assert "12348" in page
    post(client, f"/application/{one.number}/do/appeal", key="k", reason="不是装修垃圾。")
    assert the_one().state == "review"


def test_the_time_is_gone_and_another_is_chosen(town: World, visit: Visit) -> None:
    client = visit("zhou")
    post(client, "/services/JU03/start", use="held")
    post(client, "/services/JU03/apply/q1", question="遗嘱怎么写？")
    slot = queries.windows(queries.service("JU03"), COMMUNITY)[0].slot
    post(client, "/services/JU03/apply/time", slot=str(slot.id))
    from tests.services.conftest import made

    made(town.wang, service="JU03", answers={"question": "合同"}, person={"name": "王", "phone": "13800000002"},
         area_path=COMMUNITY, slot=slot.id)  # fmt: skip
    gone = post(client, "/services/JU03/apply/check")
    assert gone.status_code == 409
    assert "/apply/time" in text(gone)
    assert client.get("/services/JU03/apply", follow=True).redirect_chain[-1][0].endswith("/time")
