"""A call from its first ring to its case: who calls, what is near, what is known; one call is one row."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from linli.cases.actions import intake
from linli.cases.models import Case, Participant
from linli.hotline import queries
from linli.hotline.actions import calls
from linli.hotline.models import Call, CallState, Further, Outcome
from linli.kernel import time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM, context
from linli.people.models import Contact
from linli.people.queries.contacts import opened
from tests.desk.conftest import page
from tests.world import POINT, WUHOU, World, ref, report

PHONE = "139 1234 5678"
FORM = {
    "phone": PHONE,
    "name": "李秀英",
    "description": "楼下路灯不亮",
    "category": "UT02",
    "address": "玉林北路",
    "lng": str(POINT[0]),
    "lat": str(POINT[1]),
}


def send(client, **changes):
    return client.post("/hotline/register", FORM | {"call": str(uuid4())} | changes)


def test_a_call_becomes_a_case_whose_number_and_code_are_read_out(at_desk, world: World, clock) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    client.post("/hotline/caller", {"call": call_id, "phone": PHONE})
    clock.forward(seconds=38)
    answer = send(client, call=call_id)
    assert answer["Location"] == f"/hotline/?done={call_id}"
    case, call = Case.objects.get(), Call.objects.get()
    assert (case.channel, case.category, case.area_path) == ("hotline", "UT02", f"{WUHOU}/012/003/02/017")
    assert (call.outcome, call.case_number, call.seconds_to_register) == ("registered", case.number, 38)
    assert call.post_id == world.xiao_tian.post_id
    told = page(client.get(answer["Location"]))
    code = intake.ticket_code(case.district, case.number)
    assert case.number in told
    assert f"{code[:4]} {code[4:]}" in told
    assert "38 seconds" in told


def test_a_number_typed_once_reaches_the_case(at_desk, world: World) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    client.post("/hotline/caller", {"call": call_id, "phone": PHONE})
    send(client, call=call_id, phone="")
    assert Participant.objects.get().contact_id is not None
    again = str(uuid4())
    shown = page(
        client.post("/hotline/caller", {"call": again, "phone": "13912345678"}, headers={"HX-Request": "true"})
    )
    assert Case.objects.get().number in shown


def test_sent_twice_it_is_one_case(at_desk, world: World) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    assert send(client, call=call_id)["Location"] == send(client, call=call_id)["Location"]
    assert Case.objects.count() == Call.objects.count() == 1


def test_the_caller_is_known_by_the_number_masked_and_the_look_is_written_down(at_desk, world: World) -> None:
    before = report(world.zhou, category="EN01")  # signed in: known by the account's number
    client = at_desk("xiao_tian")
    headers = {"HX-Request": "true"}
    shown = page(client.post("/hotline/caller", {"call": str(uuid4()), "phone": "13800000001"}, headers=headers))
    assert before.number in shown
    assert "138****0001" in shown
    assert "13800000001" not in shown
    look = AuditEntry.objects.get(verb="caller.read")
    assert (look.person_id, look.purpose) == (world.zhou.account_id, "Answer their call")
    assert "calls for the first time" in page(
        client.post("/hotline/caller", {"call": str(uuid4()), "phone": "13711112222"}, headers=headers)
    )


def test_no_number_lies_open_in_the_rows_of_calls(at_desk, world: World) -> None:
    call_id = uuid4()
    at_desk("xiao_tian").post("/hotline/caller", {"call": str(call_id), "phone": PHONE})
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM hotline_call c")
        assert "1391234" not in cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM people_contact")  # row-level security: nobody's purpose is set here
        assert cursor.fetchone()[0] == 0


def test_a_mistyped_number_is_put_right_and_leaves_nothing(world: World) -> None:
    from linli.kernel.trust import SYSTEM, context

    call_id = uuid4()
    calls.take(world.xiao_tian, call_id, number="13900000000")
    call = calls.take(world.xiao_tian, call_id, number="13911111111")
    with context.personal(SYSTEM, purpose="look"):
        assert [one.id for one in Contact.objects.all()] == [call.contact_id]


def test_a_restricted_case_does_not_show_in_the_history(world: World) -> None:
    from tests.matrix.scene import restricted_category

    report(world.zhou, category=restricted_category())
    call = calls.take(world.xiao_tian, uuid4(), number="13800000001")
    found = queries.caller(world.xiao_tian, call)
    assert found is not None
    assert not found.open


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_lost(at_desk, world: World) -> None:
    answer = send(at_desk("xiao_tian"), phone="12", description="", category="", address="", lng="", lat="")
    text = page(answer)
    assert answer.status_code == 422
    for field in ("phone", "description", "category", "address"):
        assert f'href="#id_{field}"' in text, field
    assert "李秀英" in text
    assert not Case.objects.exists()


def chosen(text: str) -> str:
    found = re.search(r'value="(\w+)" checked', text)
    return found.group(1) if found else ""


def test_the_best_category_is_chosen_and_changes_with_the_words_until_somebody_chooses(at_desk, world: World) -> None:
    client = at_desk("xiao_tian")
    first = page(client.post("/hotline/categories", {"description": "楼下路灯不亮"}))
    assert chosen(first) == "UT02"
    assert 'name="offered" value="UT02"' in first
    more = {"description": "楼上漏水到我家", "category": "UT02", "offered": "UT02"}
    assert chosen(page(client.post("/hotline/categories", more))) == "PM05"
    by_hand = page(client.post("/hotline/categories", more | {"category": "DS01"}))
    assert chosen(by_hand) == "DS01"


def test_what_is_near_is_seen_while_the_place_is_typed_and_can_be_joined(at_desk, world: World) -> None:
    there = report(world.zhou)
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    typed = {"description": "路灯不亮", "lng": FORM["lng"], "lat": FORM["lat"], "call": call_id}
    near = page(client.post("/hotline/beside", typed))
    assert there.number in near
    assert "17号微网格" in near
    for _n in range(2):
        answer = client.post(f"/hotline/join/{there.number}", FORM | {"call": call_id})
        assert answer["Location"] == f"/hotline/?done={call_id}"
    assert Case.objects.count() == 1
    assert Participant.objects.filter(case_id=there.id).count() == 2
    call = Call.objects.get()
    assert (call.outcome, call.case_number) == ("joined", there.number)


def test_danger_says_whom_to_ring_first(at_desk, world: World) -> None:
    text = page(at_desk("xiao_tian").post("/hotline/beside", {"description": "闻到燃气泄漏的味道"}))
    assert "Ring first" in text
    assert 'href="tel:' in text


def test_a_question_is_answered_from_what_is_known_and_leaves_no_case(at_desk, world: World, known: int) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    asked = {"call": call_id, "description": "旧沙发怎么扔"}
    assert "Getting rid of old furniture" in page(client.post("/hotline/beside", asked))
    client.post("/hotline/note?outcome=answered", asked | {"articles": ["bulky-waste", "no-such"]})
    call = Call.objects.get()
    assert (call.outcome, call.articles, call.case_number) == ("answered", ["bulky-waste"], "")
    assert not Case.objects.exists()


@pytest.mark.parametrize("outcome", ["wrong_number", "abandoned"])
def test_a_wrong_number_needs_no_words(at_desk, world: World, outcome: str) -> None:
    at_desk("xiao_tian").post(f"/hotline/note?outcome={outcome}", {"call": str(uuid4())})
    assert Call.objects.get().outcome == outcome


def test_an_answer_without_a_word_is_asked_for(at_desk, world: World) -> None:
    answer = at_desk("xiao_tian").post("/hotline/note?outcome=answered", {"call": str(uuid4())})
    assert answer.status_code == 422
    assert "Write down what was asked" in page(answer)


def test_told_how_a_case_stands(at_desk, world: World) -> None:
    case = report(world.zhou)
    at_desk("xiao_tian").post(f"/hotline/note?outcome=told&case={case.number}", {"call": str(uuid4())})
    assert Call.objects.get().case_number == case.number
    with pytest.raises(Invalid):
        calls.note(world.xiao_tian, uuid4(), outcome=Outcome.TOLD)


def test_a_call_ends_once(world: World) -> None:
    call_id = uuid4()
    calls.note(world.xiao_tian, call_id, outcome=Outcome.WRONG_NUMBER)
    with pytest.raises(Conflict):
        calls.note(world.xiao_tian, call_id, outcome=Outcome.ABANDONED)


def test_a_screen_that_was_closed_leaves_its_call_for_the_next(at_desk, world: World) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    client.post("/hotline/caller", {"call": call_id, "phone": PHONE})
    assert f"?call={call_id}" in page(client.get("/hotline/"))
    again = page(client.get(f"/hotline/?call={call_id}"))
    assert "139****5678" in again
    assert f'value="{call_id}"' in again


# Ringing.


def test_a_call_that_rings_shows_and_is_taken(at_desk, world: World, clock) -> None:
    rung = calls.announce(world.xiao_tian, number=PHONE, agent="xiao_tian", line="PBX-7")
    client = at_desk("xiao_tian")
    assert f"/hotline/ringing/{rung.id}" in page(client.get("/hotline/ringing"))
    answer = client.post(f"/hotline/ringing/{rung.id}")
    assert answer["Location"] == f"/hotline/?call={rung.id}"
    assert Call.objects.get().state == CallState.OPEN
    clock.forward(seconds=20)
    send(client, call=str(rung.id), phone="")
    call = Call.objects.get()
    assert (call.outcome, call.seconds_to_register) == ("registered", 20)
    assert Participant.objects.get().contact_id is not None


def test_a_call_taken_is_nobody_elses(world: World) -> None:
    rung = calls.announce(world.xiao_tian, number=PHONE)
    calls.take(world.xiao_tian, rung.id)
    from dataclasses import replace

    colleague = replace(world.xiao_tian, post_id=uuid4())
    with pytest.raises(Conflict):
        calls.take(colleague, rung.id)
    with pytest.raises(NotFound):
        queries.call_of(colleague, rung.id)


def test_nobody_took_it(world: World, clock) -> None:
    hung, forgotten = (calls.announce(world.xiao_tian, number="") for _n in range(2))
    calls.hang_up(world.xiao_tian, hung.id)
    clock.forward(minutes=2)
    assert calls.abandon_missed() == 0
    clock.forward(minutes=2)
    assert calls.abandon_missed() == 1
    assert set(Call.objects.values_list("id", "outcome")) == {(hung.id, "abandoned"), (forgotten.id, "abandoned")}


def test_nobody_answers_under_that_login(world: World) -> None:
    with pytest.raises(Invalid):
        calls.announce(world.xiao_tian, number="", agent="sun")


def test_a_telephone_system_announces_by_the_api_once(world: World) -> None:
    from django.test import Client

    from linli.kernel.trust import SYSTEM
    from linli.people.actions import machines

    _row, token = machines.issue_token(SYSTEM, name="pbx", scopes=["call"], machine_path=WUHOU)
    client, key = Client(headers={"authorization": f"Bearer {token}", "accept-language": "en"}), str(uuid4())
    body = {"number": PHONE, "agent": "xiao_tian", "line": "42"}
    answers = [
        client.post("/api/v1/hotline/calls", body, content_type="application/json", headers={"Idempotency-Key": key})
        for _n in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"] == str(Call.objects.get().id)
    assert "139" not in answers[0].content.decode().replace(answers[0].json()["id"], "")
    path = f"/api/v1/hotline/calls/{answers[0].json()['id']}/hang-up"
    ended = client.post(path, content_type="application/json", headers={"Idempotency-Key": str(uuid4())})
    assert (ended.status_code, ended.json()["outcome"]) == (200, "abandoned")
    refused = client.post("/api/v1/hotline/calls", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "command.key")


@pytest.mark.django_db(transaction=True)
def test_the_page_hears_that_it_rings_and_nothing_of_the_number(transactional_db: None, clock) -> None:
    import psycopg

    from linli.kernel import live
    from linli.live.hub import Hub, Listener
    from linli.live.listening import parameters
    from tests.world import build

    world = build()
    with psycopg.connect(**parameters(), autocommit=True) as listening:
        listening.execute(f'LISTEN "{live.CHANNEL}"')
        calls.announce(world.xiao_tian, number=PHONE, agent="xiao_tian")
        heard = [notice.payload for notice in listening.notifies(timeout=5, stop_after=1)]
    assert heard
    assert "139" not in re.sub(r"[0-9a-f-]{36}", "", heard[0])
    hub, hers, other = Hub(), *(Listener(live.Audience(cases=(one,))) for one in (str(world.xiao_tian.post_id), "x"))
    hub.add(hers)
    hub.add(other)
    for change in live.parse(heard[0]):
        hub.tell(change)
    assert f"case:{world.xiao_tian.post_id}".encode() in hers.queue.get_nowait()
    assert other.queue.empty()


# Figures.


def test_the_figures_say_what_the_shift_did(at_desk, world: World, clock, known: int) -> None:
    from linli.metrics.queries import today_and_before

    for seconds in (20, 40, 90):
        call_id = uuid4()
        calls.take(world.xiao_tian, call_id)
        clock.forward(seconds=seconds)
        what = intake.Report(category="UT02", description="路灯不亮", lng=POINT[0], lat=POINT[1], on_behalf=True)
        calls.register(world.xiao_tian, call_id, str(call_id).encode(), what=what)
    calls.note(world.xiao_tian, uuid4(), outcome=Outcome.ANSWERED, articles=["bulky-waste"])
    calls.note(world.xiao_tian, uuid4(), outcome=Outcome.WRONG_NUMBER)
    since, until = today_and_before(1)
    found = queries.figures(world.ma, since=since, until=until)
    assert (found.total, found.median_seconds, found.answered_from_knowledge) == (5, 40.0, 0.25)
    assert found.within_a_minute == pytest.approx(2 / 3)
    text = page(at_desk("ma").get("/hotline/figures?days=1"))
    assert "67 % within a minute" in text
    assert queries.figures(world.xiao_tian, since=since, until=until).satisfaction is None
    assert at_desk("xiao_xu").get("/hotline/figures").status_code == 403


def test_a_call_without_its_beginning_is_not_timed(at_desk, world: World) -> None:
    send(at_desk("xiao_tian"))
    assert Call.objects.get().seconds_to_register is None


def test_other_posts_are_refused(at_desk, world: World) -> None:
    for login, status in (("xiao_xu", 403), ("zhou", 403), ("ma", 403), ("xiao_tian", 200)):
        assert at_desk(login).get("/hotline/").status_code == status, login


def another(client, call_id: str, **changes):
    """A further matter of a call: neither number nor name is sent."""
    given = {name: value for name, value in FORM.items() if name not in ("phone", "name")}
    return client.post("/hotline/register", given | {"call": call_id, "matter": str(uuid4())} | changes)


def test_a_second_matter_of_one_call_is_a_case_of_its_own_and_nothing_is_asked_twice(
    at_desk, world: World, clock
) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    client.post("/hotline/caller", {"call": call_id, "phone": PHONE})
    send(client, call=call_id)
    first = Case.objects.get()
    told = page(client.get(f"/hotline/?done={call_id}"))
    assert f"?more={call_id}" in told
    form = page(client.get(f"/hotline/?more={call_id}"))
    assert 'id="id_phone"' not in form
    assert 'id="id_name"' not in form
    assert 'value="玉林北路"' in form, "the place is the one from before"
    assert "李**" in form or "李*英" in form, "who calls shows, masked"
    wrong = another(client, call_id, description="", category="")
    assert wrong.status_code == 422
    assert 'name="matter"' in page(wrong)
    matter = str(uuid4())
    sent = {"matter": matter, "category": "EN01", "description": "门口垃圾没有清走"}
    answer = another(client, call_id, **sent)
    assert answer["Location"] == f"/hotline/?done={call_id}" == another(client, call_id, **sent)["Location"]
    second = Case.objects.exclude(id=first.id).get()
    assert (second.category, second.area_path, second.channel) == ("EN01", first.area_path, "hotline")
    call, further = Call.objects.get(), Further.objects.get()
    assert (call.case_number, further.case_number, further.number) == (first.number, second.number, 2)
    text = page(client.get(answer["Location"]))
    for case in (first, second):
        code = intake.ticket_code(case.district, case.number)
        assert case.number in text
        assert f"{code[:4]} {code[4:]}" in text
    with context.personal(SYSTEM, purpose="look"):
        left = [opened(one.contact) for one in Participant.objects.select_related("contact")]
    assert {(one.name, one.phone) for one in left} == {("李秀英", left[0].phone)}
    assert left[0].phone
    # A third joins what a neighbour reported; the figures count one call and its cases.
    there = report(world.zhou, category="UT02")
    client.post(f"/hotline/join/{there.number}", {"call": call_id, "matter": str(uuid4()), "description": "还是不亮"})
    assert [one.outcome for one in queries.further(call)] == ["registered", "joined"]
    figures = queries.figures(world.ma, since=time.today(), until=time.today() + timedelta(days=1))
    assert (figures.total, figures.cases, figures.further) == (1, 2, {"registered": 1, "joined": 1})
    assert queries.own_today(world.xiao_tian)[0] == 1
    # Half an hour later it is a call of its own.
    clock.forward(minutes=31)
    assert f"?more={call_id}" not in page(client.get(f"/hotline/?done={call_id}"))
    assert client.get(f"/hotline/?more={call_id}")["Location"] == "/hotline/"
    with pytest.raises(Conflict):
        calls.join_further(world.xiao_tian, call.id, uuid4(), ref(there))


def test_a_caller_without_a_number_is_not_asked_for_the_name_again(at_desk, world: World) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    send(client, call=call_id, phone="")
    another(client, call_id)
    with context.personal(SYSTEM, purpose="look"):
        names = {opened(one.contact).name for one in Participant.objects.select_related("contact")}
    assert names == {"李秀英"}


def test_a_wrong_number_and_a_colleagues_call_have_no_further_matter(at_desk, world: World) -> None:
    client, call_id = at_desk("xiao_tian"), str(uuid4())
    client.post("/hotline/note?outcome=wrong_number", {"call": call_id})
    assert "?more=" not in page(client.get(f"/hotline/?done={call_id}"))
    assert another(client, call_id).status_code == 409
    with pytest.raises(NotFound):
        calls.join_further(world.xiao_tian, uuid4(), uuid4(), ref(report(world.zhou)))
    assert not Further.objects.exists()
