"""Registering by hand: on the telephone, at the counter; a slip to take along."""

from uuid import uuid4

from linli.cases.actions import intake
from linli.cases.models import Case, Participant
from tests.desk.conftest import page
from tests.world import POINT, report

FORM = {
    "channel": "hotline",
    "name": "李秀英",
    "phone": "139 1234 5678",
    "description": "楼下路灯不亮",
    "category": "UT02",
    "address": "玉林北路",
    "lng": str(POINT[0]),
    "lat": str(POINT[1]),
}


def send(client, **changes):
    return client.post("/desk/register", FORM | {"key": str(uuid4())} | changes)


def test_a_call_becomes_a_case_and_a_slip(at_desk, world) -> None:
    client = at_desk("xiao_tian")
    answer = send(client)
    case = Case.objects.get()
    assert answer["Location"] == f"/desk/case/{case.number}/slip"
    assert (case.channel, case.category, case.area_path) == ("hotline", "UT02", "510107/012/003/02/017")
    slip = page(client.get(answer["Location"]))
    code = intake.ticket_code(case.district, case.number)
    assert case.number in slip
    assert f"{code[:4]} {code[4:]}" in slip
    assert "<svg" in slip
    assert "李秀英" not in slip


def test_the_code_is_for_who_registered_it_and_for_a_day(at_desk, world, clock) -> None:
    client = at_desk("xiao_tian")
    send(client)
    case = Case.objects.get()
    code = intake.ticket_code(case.district, case.number)[:4]
    assert f"{code} " not in page(at_desk("sun").get(f"/desk/case/{case.number}/slip"))
    clock.forward(hours=25)
    assert f"{code} " not in page(client.get(f"/desk/case/{case.number}/slip"))


def test_sent_twice_it_is_one_case(at_desk, world) -> None:
    client, key = at_desk("xiao_tian"), str(uuid4())
    assert send(client, key=key)["Location"] == send(client, key=key)["Location"]
    assert Case.objects.count() == 1


def test_everything_that_is_wrong_is_said_at_once(at_desk, world) -> None:
    answer = send(at_desk("xiao_tian"), phone="12", description="", category="", address="", lng="", lat="")
    text = page(answer)
    assert answer.status_code == 422
    for field in ("phone", "description", "category", "address"):
        assert f'href="#id_{field}"' in text, field
    assert "李秀英" in text
    assert not Case.objects.exists()


def test_words_suggest_the_category(at_desk, world) -> None:
    client = at_desk("xiao_tian")
    text = page(client.get("/desk/register/categories", {"description": "楼下路灯不亮"}))
    assert text.index('value="UT02"') < text.index("data-narrow")
    kept = page(client.get("/desk/register/categories", {"description": "楼下路灯不亮", "category": "EN01"}))
    assert kept.count("checked") == 1


def test_what_is_reported_already_can_be_joined(at_desk, world) -> None:
    there = report(world.zhou)
    client = at_desk("xiao_tian")
    near = page(client.get("/desk/register/near", {"category": "UT02", "lng": FORM["lng"], "lat": FORM["lat"]}))
    assert there.number in near
    assert "17号微网格" in near
    answer = client.post(f"/desk/register/join/{there.number}", FORM)
    assert answer.status_code == 302
    assert Case.objects.count() == 1
    assert Participant.objects.filter(case_id=there.id).count() == 2


def test_danger_says_whom_to_ring_first(at_desk, world) -> None:
    from linli.catalog import queries as catalog

    kinds = catalog.current(district=world.xiao_tian.district).all()
    danger = next(entry for entry in kinds if entry.is_danger and entry.becomes_case and entry.call_first_numbers)
    text = page(at_desk("xiao_tian").get("/desk/register/near", {"category": danger.code}))
    assert "Ring first" in text
    assert danger.call_first_numbers[0] in text


def test_an_address_that_nobody_knows_is_said_before_sending(at_desk, world) -> None:
    text = page(at_desk("xiao_tian").get("/desk/register/near", {"category": "UT02", "address": "那个大超市后面"}))
    assert "This address was not understood" in text
