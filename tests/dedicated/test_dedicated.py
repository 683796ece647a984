"""A school over a micro-grid: whom to ring there, what is planned, who is told of a case, and who may look."""

from datetime import timedelta
from uuid import uuid4

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.dedicated import actions, queries
from linli.dedicated.chores import files
from linli.dedicated.models import Plan, PlanFile, Sheet
from linli.dedicated.queries import Lack
from linli.kernel import events, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import AuditEntry, Event
from linli.notices.models import Kind, Notice
from linli.operations import actions as operations
from linli.operations import queries as operation_queries
from linli.operations.actions import Draft
from linli.operations.forms import Field, FieldKind
from linli.operations.targets import Target, TargetLevel
from linli.people.models import Contact
from linli.simulation import guarding
from linli.territory import tiles
from linli.territory.models import Area, Boundary, Level
from tests.api.conftest import lamp, picture, token_of
from tests.desk.conftest import signed_in
from tests.territory.test_redrawing import COMMUNITY, HOME, SINCE, WUHOU
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)
SCHOOL = f"{COMMUNITY}/Z01"
TEXT = "# 先做什么\n先打保卫值班电话。\n# 集合点\n北门广场。"


@pytest.fixture
def world(clock) -> World:
    """The small city with a school over a part of the first micro-grid."""
    world = build()
    box = (104.0601, 30.6301, 104.0609, 30.6309)
    area = Area.objects.create(
        district=WUHOU, path=SCHOOL, level=Level.DEDICATED_GRID, name="芳草小学", parent=world.areas[COMMUNITY], valid_from=SINCE,
        households=0, label_lng=104.0605, label_lat=30.6305,
    )  # fmt: skip
    west, south, east, north = box
    Boundary.objects.create(
        district=WUHOU, area=area, geometry=shapely.to_wkb(shapely.box(*box)), west=west, south=south, east=east, north=north,
        valid_from=SINCE,
    )  # fmt: skip
    world.areas[SCHOOL] = area
    tiles.forget()
    return world


def facts(**more) -> actions.PlanFacts:
    return actions.PlanFacts(**{"title": "校园预案", "text": TEXT, "valid_from": time.today()} | more)


def test_the_school_gets_a_contact_and_a_plan_at_the_desk_and_every_look_is_written_down(world: World) -> None:
    area = world.areas[SCHOOL]
    client, at = signed_in(world, "xiao_xu"), f"/desk/dedicated/{world.areas[SCHOOL].id}"
    assert [one.lacks for one in queries.listed(world.xiao_xu)] == [(Lack.CONTACT, Lack.PLAN)]
    assert "芳草小学" in client.get("/desk/dedicated?lacks=any").content.decode()
    assert client.post(f"{at}/do", {"what": "contact", "name": "高建国", "phone": "x"}).status_code == 422
    named = {"what": "contact", "name": "高建国", "phone": "13800008101", "duty": "保卫科科长"}
    assert client.post(f"{at}/do", named).status_code == 302
    planned = {"what": "plan", "title": "校园预案", "text": TEXT, "valid_from": time.today().isoformat(), "key": str(uuid4()),
               "told": [str(world.xiao_xu.post_id)]}  # fmt: skip
    for _twice in range(2):
        assert client.post(f"{at}/do", planned).status_code == 302
    plan = Plan.objects.get()
    page = client.get(at).content.decode()
    for word in ("集合点", "高*", "保卫科科长", "小徐"):
        assert word in page
    assert "13800008101" not in page
    assert "高建国" not in page
    assert client.get("/desk/dedicated?lacks=any").content.decode().count("芳草小学") == 0
    assert client.post(f"{at}/contact", {"purpose": ""}).status_code == 422
    assert "13800008101" in client.post(f"{at}/contact", {"purpose": "核实消防演练"}).content.decode()
    look = AuditEntry.objects.get(verb="contact.read")
    assert (look.subject_type, str(look.subject_id), look.purpose) == ("dedicated_grid", str(area.id), "核实消防演练")
    kinds = set(Event.objects.filter(subject_id=area.id).values_list("kind", flat=True))
    assert kinds == {"dedicated.contact", "dedicated.plan"}
    assert "13800008101" not in str(list(Event.objects.values_list("data", flat=True)))
    # Somebody else is named: the one before is deleted.
    first = Sheet.objects.get().contact_id
    client.post(f"{at}/do", named | {"name": "罗敏", "phone": "13800008102"})
    assert Sheet.objects.get().contact_id != first
    assert AuditEntry.objects.filter(verb="dedicated.contact").count() == 2
    # A scan of the ways out.
    scan = SimpleUploadedFile("out.jpg", picture(), content_type="image/jpeg")
    assert (
        client.post(
            f"{at}/do", {"what": "files", "plan": str(plan.id), "photos": scan, "caption": "疏散图"}
        ).status_code
        == 302
    )
    assert files() == 1
    (one,) = PlanFile.objects.all()
    assert "疏散图" in client.get(at).content.decode()
    assert client.get(f"{at}/files/{one.id}/small").status_code == 200
    assert "/desk/dedicated/" in client.get(f"/desk/map/area/{SCHOOL}").content.decode()
    other = signed_in(world, "sibling_worker")
    assert other.get(at).status_code == 404
    assert other.get(f"{at}/files/{one.id}/small").status_code == 404


def test_a_case_in_the_school_shows_the_plan_and_tells_whom_it_names(world: World) -> None:
    actions.name_contact(world.xiao_xu, world.areas[SCHOOL].id, name="高建国", phone="13800008101")
    told = [world.xiao_li.post_id]
    actions.plan(world.xiao_xu, world.areas[SCHOOL].id, facts(told=told), key=uuid4())
    client = Client(headers={"Authorization": f"Bearer {token_of(world.zhou)}", "Idempotency-Key": str(uuid4())})
    made = client.post("/api/v1/cases", lamp(), content_type="application/json")
    assert made.status_code in (200, 201), made.content
    number = made.json()["number"]
    events.drain(["notices.dedicated"])
    events.drain(["notices.dedicated"])
    (notice,) = Notice.objects.filter(kind=Kind.DEDICATED)
    assert (notice.number, notice.post_id) == (number, world.xiao_li.post_id)
    page = signed_in(world, "xiao_xu").get(f"/desk/case/{number}").content.decode()
    assert "芳草小学" in page
    assert "北门广场" in page
    assert "13800008101" not in page


def test_special_operations_go_by_the_kind_of_a_grid(world: World) -> None:
    def reached(kind: str) -> int:
        target = Target((WUHOU,), TargetLevel.DEDICATED_GRID, dedicated_kind=kind)
        draft = Draft("校园周边检查", "开学前看一遍", "inspection", [Field("是否畅通", FieldKind.YES_NO)], target,
                      time.now() + timedelta(days=3), 5)  # fmt: skip
        made = operations.compose(world.sun, str(uuid4()), draft)
        return operation_queries.preview(world.sun, made).targets

    assert [reached(one) for one in ("", "school", "health", "other")] == [1, 1, 0, 0]
    page = signed_in(world, "xiao_xu")
    school = world.areas[SCHOOL].id
    page.post(f"/desk/dedicated/{school}/do", {"what": "kind", "kind": "other"})
    assert "Other" in page.get("/desk/dedicated").content.decode()
    assert [reached(one) for one in ("school", "other")] == [0, 1]
    with pytest.raises(Invalid):
        reached("castle")


def test_plans_follow_one_another_and_reviews_fall_due(world: World, clock) -> None:
    school = world.areas[SCHOOL].id
    first = actions.plan(world.xiao_xu, school, facts(), key=uuid4())
    today = time.today()
    later = actions.plan(
        world.xiao_xu, school, facts(title="新预案", valid_from=today + timedelta(days=10)), key=uuid4()
    )
    first.refresh_from_db()
    assert first.valid_to == later.valid_from
    instead = actions.plan(world.xiao_xu, school, facts(title="改", valid_from=today + timedelta(days=5)), key=uuid4())
    later.refresh_from_db()
    assert later.set_aside
    assert queries.one(world.xiao_xu, school).plan == first
    clock.set(time.now() + timedelta(days=6))
    assert queries.one(world.xiao_xu, school).plan == instead
    with pytest.raises(Conflict):
        actions.review(world.xiao_xu, school, first.id)
    clock.set(time.now() + timedelta(days=365))
    assert Lack.REVIEW in queries.one(world.xiao_xu, school).lacks
    actions.review(world.xiao_xu, school, instead.id)
    assert Lack.REVIEW not in queries.one(world.xiao_xu, school).lacks
    for wrong in (
        {"title": " "}, {"text": "短"}, {"valid_from": time.today() + timedelta(days=900)}, {"valid_to": time.today()}, {"told": [uuid4()]},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            actions.plan(world.xiao_xu, school, facts(**wrong), key=uuid4())
    with pytest.raises(NotFound):
        actions.plan(world.sibling_worker, school, facts(), key=uuid4())
    with pytest.raises(Forbidden):
        actions.plan(world.ma, school, facts(), key=uuid4())


def test_machines_read_and_write_the_same(world: World) -> None:
    client = Client(headers={"Authorization": f"Bearer {token_of(world.xiao_xu)}"})
    (line,) = client.get("/api/v1/dedicated-grids?lacks=plan").json()
    assert (line["path"], line["lacks"]) == (SCHOOL, ["contact", "plan"])
    at = f"/api/v1/dedicated-grids/{line['id']}"

    def send(method: str, path: str, body: dict, key: str = "") -> dict:
        headers = {"Idempotency-Key": key or str(uuid4())}
        answer = getattr(client, method)(f"{at}/{path}", body, content_type="application/json", headers=headers)
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    for _twice in range(2):
        named = send("put", "contact", {"name": "高建国", "phone": "13800008101", "duty": "保卫科科长"}, "one-key")
    assert named["version"] == 1
    assert named["contact_phone"] != "13800008101"
    assert line["kind"] == named["kind"] == "school"  # its name says so
    assert send("put", "kind", {"kind": "health"})["kind"] == "health"
    assert send("put", "kind", {"kind": ""})["kind"] == "school"
    refused = client.put(
        f"{at}/kind", {"kind": "castle"}, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "dedicated.kind")
    body = {
        "title": "校园预案",
        "text": TEXT,
        "valid_from": time.today().isoformat(),
        "told": [str(world.xiao_xu.post_id)],
    }
    planned = send("post", "plans", body)
    assert planned["lacks"] == []
    assert (
        send("post", "review", {"plan": planned["plans"][0]["id"]})["plans"][0]["reviewed_on"]
        == time.today().isoformat()
    )
    assert send("post", "contact/read", {"purpose": "核实"})["phone"] == "13800008101"
    assert client.get(at).json()["name"] == "芳草小学"
    assert Contact.objects.count() <= 1


def test_the_demo_has_contacts_and_plans(world: World) -> None:
    assert guarding.guard(WUHOU, now=time.now(), micro_grid=HOME, worker="xiao_xu") == "1 of 1 have a contact"
    assert guarding.guard(WUHOU, now=time.now(), micro_grid=HOME, worker="xiao_xu") == "there"
    assert queries.listed(world.xiao_xu)[0].lacks == ()
