"""The pages: a leave from asking to the way back, a hand-over with its slip, the duty calendar, in both doors and by the API."""

import json
from datetime import date

import pytest
from django.test import Client

from linli.cases.models import Case
from linli.kernel import ids
from linli.workforce import counting
from linli.workforce.models import HandOver, Leave, Shift
from tests.desk.conftest import signed_in
from tests.world import WUHOU, World, fresh, report

YULIN = f"{WUHOU}/012/003"


@pytest.fixture
def visit(world: World):
    """A browser of somebody of the cast."""

    return lambda who: signed_in(world, who)


def test_a_leave_goes_its_way_through_both_doors(world: World, visit) -> None:
    field, desk = visit("he_ming"), visit("xiao_xu")
    wrong = field.post("/field/me/leave", {"first_day": "2026-11-20", "last_day": "2026-11-19", "reason": "annual"})
    assert wrong.status_code == 422
    assert field.post(
        "/field/me/leave", {"first_day": "2026-11-18", "last_day": "2026-11-19", "reason": "family"}
    ).status_code == 302  # fmt: skip
    leave = Leave.objects.get()
    assert "何明" in desk.get("/desk/team/leave").content.decode()
    page = desk.get(f"/desk/team/leave/{leave.id}").content.decode()
    assert "邻格员" in page
    nobody = desk.post(f"/desk/team/leave/{leave.id}", {"version": "1", "decision": "approve"})
    assert nobody.status_code == 422
    agreed = desk.post(
        f"/desk/team/leave/{leave.id}",
        {"version": "1", "decision": "approve", "covers": [str(world.posts["sibling_member"].id)]},
    )
    assert agreed.status_code == 302
    assert "何明" in visit("sibling_member").get("/field/").content.decode()
    assert "邻格员" in field.get("/field/me/leave").content.decode()
    leave.refresh_from_db()
    assert field.post(f"/field/me/leave/{leave.id}/end", {"version": leave.version}).status_code == 302
    assert desk.get("/desk/team/leave?state=all").status_code == 200


def test_a_hand_over_ends_with_a_slip_and_can_be_taken_back(world: World, visit) -> None:
    case = report(world.zhou, category="EN01")
    Case.objects.filter(id=case.id).update(handler_post_id=world.posts["he_ming"].id)
    desk = visit("xiao_xu")
    post = world.posts["he_ming"]
    assert "何明" in desk.get("/desk/team/handover?q=何").content.decode()
    assert case.number in visit("he_ming").get("/field/me/hands").content.decode()
    assert case.number in desk.get(f"/desk/team/handover/{post.id}").content.decode()
    sent = {"version": "1", "successor": str(world.posts["lao_wu"].id), "reason": "调走了", "ends_post": "yes"}
    assert desk.post(f"/desk/team/handover/{post.id}", sent | {"reason": ""}).status_code == 422
    done = desk.post(f"/desk/team/handover/{post.id}", sent)
    assert done.status_code == 302
    slip = desk.get(done["Location"]).content.decode()
    assert case.number in slip
    assert fresh(case).handler_post_id == world.posts["lao_wu"].id
    assert desk.post(f"/desk/team/handover/done/{HandOver.objects.get().id}/undo").status_code == 302
    assert fresh(case).handler_post_id == post.id
    assert visit("he_ming").get("/field/").status_code == 200


def test_the_roster_and_the_duty_calendar_are_read_and_planned(world: World, visit) -> None:
    counting.count(WUHOU)
    desk = visit("liu")
    page = desk.get("/desk/team").content.decode()
    assert "60" in page
    assert "玉林东路社区" in page
    assert "何明" in desk.get(f"/desk/team?area={YULIN}").content.decode()
    assert desk.get("/desk/team?vacant=1").status_code == 200
    assert desk.get("/desk/team?area=510104").status_code == 404
    book = desk.get("/desk/team/roster.xlsx")
    assert book["Content-Disposition"].endswith('.xlsx"')
    assert book.content.startswith(b"PK")

    worker = visit("xiao_xu")
    assert worker.get("/desk/team/duty?month=2026-12").status_code == 200
    assert worker.post("/desk/team/duty", {"month": "2026-12"}).status_code == 302
    shift = Shift.objects.order_by("starts_at").first()
    assert shift is not None
    assert shift.account.work_name in worker.get("/desk/team/duty?month=2026-12").content.decode()
    query = f"?community={YULIN}&day={shift.day}&kind={shift.kind}"
    assert worker.get(f"/desk/team/duty/shift{query}").status_code == 200
    given = worker.post(
        "/desk/team/duty/shift",
        {
            "community": YULIN,
            "day": str(shift.day),
            "kind": shift.kind,
            "version": "1",
            "post": str(world.posts["lao_wu"].id),
        },
    )
    assert given.status_code == 302
    field = visit("lao_wu")
    made = field.post("/field/me/duty").content.decode()
    address = made.split("/field/duty/")[1].split(".ics")[0]
    calendar = Client().get(f"/field/duty/{address}.ics")
    assert calendar["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in calendar.content
    swapped = field.post(f"/field/me/duty/{shift.id}/swap", {"post": str(world.posts["xiao_xu"].id)})
    assert swapped.status_code == 302
    assert "老吴" in worker.get("/desk/team/duty").content.decode()
    assert worker.post(f"/desk/team/duty/swaps/{shift.swaps.get().id}", {"agree": "yes"}).status_code == 302
    shift.refresh_from_db()
    assert shift.account_id == world.accounts["xiao_xu"].id


def test_the_same_by_the_api_once_for_a_key(world: World) -> None:
    from linli.people.actions import machines

    def call(who: str, method: str, path: str, data: dict | None = None, *, key: str = ""):
        if who not in tokens:
            tokens[who] = machines.issue_token(
                world.actors[who], name="test", scopes=["leave"], post_id=world.actors[who].post_id
            )[1]
        return getattr(Client(), method)(
            f"/api/v1/workforce/{path}", json.dumps(data) if data is not None else {},
            content_type="application/json",
            headers={"authorization": f"Bearer {tokens[who]}", "idempotency-key": key or str(ids.new_id())},
        )  # fmt: skip

    tokens: dict = {}
    days = {"first_day": "2026-11-25", "last_day": "2026-11-26", "reason": "annual"}
    key = str(ids.new_id())
    first = call("he_ming", "post", "leaves", days, key=key)
    assert first.status_code == 201, first.content
    again = call("he_ming", "post", "leaves", days, key=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    leave = first.json()
    agreed = call(
        "xiao_xu", "post", f"leaves/{leave['id']}/approve",
        {"version": leave["version"], "covers": [str(world.posts["sibling_member"].id)]},
    )  # fmt: skip
    assert agreed.json()["covers"] == ["邻格员"]
    assert date.fromisoformat(agreed.json()["last_day"]) == date(2026, 11, 26)
