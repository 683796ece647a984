"""What the specification asks, as checks; ``spec.yaml`` says which sentence each is for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases import public
from linli.cases.actions import accepting
from linli.cases.models import Case, Channel, Evidence, Participant
from linli.catalog import queries as catalog
from linli.people.actions.contacts import read_contact
from linli.people.queries import PlainContact
from tests.api.conftest import picture
from tests.open311.conftest import ROOT, Answer, Caller, case_of, lamp, machine_key
from tests.open311.stage import CORE, Stage, as_text, refused, spark
from tests.world import HOME, JINJIANG, POINT, WUHOU, fresh, ref

W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
DATATYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}


# About.


def an_application_reports_and_follows(stage: Stage) -> None:
    services = stage.anybody.get("/services.json").json
    lamps = next(one for one in services if one["service_code"] == "UT02")
    answer = stage.app.send(service_code=lamps["service_code"])
    number = answer.json[0]["service_request_id"]
    found = stage.anybody.get(f"/requests/{number}.json").json[0]
    assert (found["status"], found["service_code"]) == ("open", "UT02")
    case = case_of(answer)
    assert (case.channel, case.area_path, case.description) == (Channel.OPEN311, HOME, "楼下路灯不亮")


def every_resource_answers(stage: Stage) -> None:
    for path in stage.resources():
        assert stage.anybody.get(f"{path}.xml").status == 200, path


# Dates.


def dates_are_w3c_with_offset(stage: Stage) -> None:
    stage.reported()
    stage.solved()
    for row in [*stage.requests(), *stage.anybody.get("/servicerequestupdates.json").json]:
        for name, value in row.items():
            if name.endswith("_datetime") and value is not None:
                assert W3C.match(value), (name, value)
    assert stage.requests()[-1]["requested_datetime"] == "2026-11-18T10:00:00+08:00"


def a_date_without_zone_is_refused(stage: Stage) -> None:
    for wrong in ("2026-11-18T10:00:00", "yesterday", "2026-13-01T00:00:00Z", "99999999999"):
        refused(stage.anybody.get("/requests.json", start_date=wrong), 400, "start_date")


def the_same_instant_in_another_zone(stage: Stage) -> None:
    case = stage.reported()
    for same in (
        "2026-11-18T02:00:00Z",
        "2026-11-18T10:00:00+08:00",
        "2026-11-17T21:00:00-05:00",
        "2026-11-18T10:00:00 08:00",
    ):
        assert stage.numbers(start_date=same) == [case.number], same


# Encoding and formats.


def text_is_utf8(stage: Stage) -> None:
    in_chinese = Caller(headers={"Accept-Language": "zh-Hans"})
    case = stage.reported()
    for ending in ("xml", "json"):
        answer = in_chinese.get(f"/requests/{case.number}.{ending}")
        assert "玉林北路社区" in answer.response.content.decode("utf-8")


def content_types(stage: Stage) -> None:
    for path in [*stage.resources(), "/requests/0000", "/nowhere"]:
        assert stage.anybody.get(f"{path}.xml").type == "text/xml; charset=utf-8"
        assert stage.anybody.get(f"{path}.json").type == "application/json; charset=utf-8"


def xml_declares_utf8(stage: Stage) -> None:
    for path in stage.resources():
        assert stage.anybody.get(f"{path}.xml").text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<'), path


def text_from_clients_is_utf8(stage: Stage) -> None:
    form = (
        "service_code=UT02&lat=30.6305&long=104.0605&description=%E8%B7%AF%E7%81%AF%0A%F0%9F%92%A1&api_key="
        + stage.app.key
    )
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    answer = Answer(Client().post(f"{ROOT}/requests.xml", form, content_type=kind))
    assert answer.status == 201, answer.text
    assert Case.objects.get().description == "路灯\n💡"


def every_resource_in_both_formats(stage: Stage) -> None:
    for path in stage.resources():
        xml, json = stage.anybody.get(f"{path}.xml"), stage.anybody.get(f"{path}.json")
        assert xml.xml is not None
        assert json.json is not None
        # Without an ending the client's Accept decides, and XML is what is required.
        assert stage.anybody.get(path).type == xml.type
        assert stage.anybody.get(path, {"Accept": "application/json"}).type == json.type
        refused(stage.anybody.get(f"{path}.yaml"), 404)


def xml_has_no_namespace_and_no_attributes(stage: Stage) -> None:
    for path in [*stage.resources(), "/nowhere"]:
        for element in stage.anybody.get(f"{path}.xml", extensions="true").xml.iter():
            assert "}" not in element.tag
            assert not element.attrib


def json_is_the_xml_by_spark(stage: Stage) -> None:
    stage.solved()
    for path in [*stage.resources(), "/nowhere"]:
        xml = stage.anybody.get(f"{path}.xml", extensions="true").xml
        json = stage.anybody.get(f"{path}.json", extensions="true").json
        assert spark(xml) == as_text(json), path


def only_the_fields_of_the_specification(stage: Stage) -> None:
    case = stage.reported()
    assert list(stage.anybody.get(f"/requests/{case.number}.json").json[0]) == CORE
    assert set(stage.app.send().json[0]) == {"service_request_id", "service_notice", "account_id"}
    more = stage.anybody.get(f"/requests/{case.number}.json", extensions="true").json[0]
    assert set(more) - set(CORE) == {"extended_attributes", "notes"}


# Definitions.


def jurisdictions_narrow(stage: Stage) -> None:
    here, there = stage.reported(), stage.reported(lng=104.0805, lat=30.6405)
    assert there.district == JINJIANG
    assert stage.numbers(jurisdiction_id=WUHOU) == [here.number]
    assert stage.numbers(jurisdiction_id=JINJIANG) == [there.number]
    assert set(stage.numbers(jurisdiction_id="5101")) == {here.number, there.number}


def jurisdiction_by_site(stage: Stage) -> None:
    for path in stage.resources():
        assert stage.anybody.get(f"{path}.xml", jurisdiction_id="testserver").status == 200
    assert stage.app.send(jurisdiction_id="testserver").status == 201


def jurisdiction_is_optional(stage: Stage) -> None:
    for path in stage.resources():
        choices: list[dict[str, Any]] = [{}, {"jurisdiction_id": ""}, {"jurisdiction_id": WUHOU}]
        for given in choices:
            assert stage.anybody.get(f"{path}.xml", **given).status == 200
    assert stage.app.send().status == 201
    assert stage.app.send(jurisdiction_id="", description="另一盏").status == 201


def empty_arguments_do_nothing(stage: Stage) -> None:
    stage.reported()
    names = ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size", "lat", "long", "radius",
             "extensions", "updated_after", "updated_before")  # fmt: skip
    assert stage.requests(**dict.fromkeys(names, "")) == stage.requests()
    empty: dict[str, Any] = dict.fromkeys(
        ("email", "phone", "first_name", "last_name", "media_url", "address_string", "address_id"), ""
    )
    assert stage.app.send(**empty).status == 201


# Services.


def services_are_the_catalogue(stage: Stage) -> None:
    offered = {one.code: one for one in catalog.current().all(residents=True) if one.becomes_case}
    rows = stage.anybody.get("/services.json").json
    assert {row["service_code"] for row in rows} == set(offered)
    for row in rows:
        assert row["service_name"] == offered[row["service_code"]].name_en
        assert row["description"].startswith("Answered within")
    in_chinese = Caller(headers={"Accept-Language": "zh-Hans"}).get("/services.json").json
    assert {row["service_name"] for row in in_chinese} == {one.name_zh for one in offered.values()}


def service_codes_are_unique(stage: Stage) -> None:
    codes = [row["service_code"] for row in stage.anybody.get("/services.json").json]
    assert len(codes) == len(set(codes)) > 50


def metadata_leads_to_a_definition(stage: Stage) -> None:
    for row in stage.anybody.get("/services.json").json:
        definition = stage.anybody.get(f"/services/{row['service_code']}.json").json
        assert row["metadata"] is bool(definition["attributes"])


def services_are_realtime(stage: Stage) -> None:
    assert {row["type"] for row in stage.anybody.get("/services.json").json} == {"realtime"}
    answer = stage.app.send().json[0]
    assert answer["service_request_id"] == Case.objects.get().number
    assert answer["service_notice"] == "Answered within 4 working hours, solved within 3 working days."
    assert answer["account_id"] is None


def keywords_and_group(stage: Stage) -> None:
    rows = {row["service_code"]: row for row in stage.anybody.get("/services.json").json}
    assert "lamp" in rows["UT02"]["keywords"]
    assert rows["UT02"]["group"] == "Roads, lamps, water and power"
    # How clients know that nobody else is to see it.
    assert "private" in rows[stage.private_code()]["keywords"].split(", ")
    assert "private" not in rows["UT02"]["keywords"]


def a_definition(stage: Stage) -> None:
    rows = stage.anybody.get("/services.json").json
    code = next(row["service_code"] for row in rows if row["metadata"])
    definition = stage.anybody.get(f"/services/{code}.json").json
    assert definition["service_code"] == code
    attributes = definition["attributes"]
    assert [one["order"] for one in attributes] == list(range(1, len(attributes) + 1))
    assert len({one["code"] for one in attributes}) == len(attributes)
    for one in attributes:
        assert set(one) == {
            "variable",
            "code",
            "datatype",
            "required",
            "datatype_description",
            "order",
            "description",
            "values",
        }
        assert one["variable"] is False  # whom to call first is told, nothing is asked
        assert one["required"] is False
        assert one["datatype"] in DATATYPES
        assert one["description"]
        assert one["values"] == []


def unknown_jurisdictions(stage: Stage) -> None:
    for path in (
        "/services",
        "/services/UT02",
        "/requests",
        f"/requests/{stage.reported().number}",
        "/servicerequestupdates",
    ):
        for ending in ("xml", "json"):
            refused(
                stage.anybody.get(f"{path}.{ending}", jurisdiction_id="example.org"),
                404,
                "jurisdiction_id",
                "example.org",
            )


def unknown_services(stage: Stage) -> None:
    refused(stage.anybody.get("/services/XX99.json"), 404, "XX99")
    refused(stage.anybody.get("/services/UT02.json", jurisdiction_id="999999"), 404, "999999")
    refused(stage.app.send(service_code="XX99"), 404, "XX99")
    refused(stage.app.send(jurisdiction_id="999999"), 404, "999999")
    assert not Case.objects.exists()


# Sending.


def sending_in_both_formats(stage: Stage) -> None:
    xml = stage.app.send(path="/requests.xml")
    assert [child.tag for child in xml.xml] == ["request"]
    json = stage.app.send(path="/requests.json", description="另一盏灯")
    assert len(json.json) == 1
    assert xml.xml[0].findtext("service_request_id") != json.json[0]["service_request_id"]


def sending_needs_a_key(stage: Stage) -> None:
    refused(stage.anybody.send(), 403, "api_key")
    refused(Caller("linli_wrong").send(), 403, "api_key")
    refused(Caller("linli_wrong").send(path="/requests.xml"), 403, "api_key")
    refused(Caller(machine_key(scopes=("catalogue.view",))).send(), 403)
    assert not Case.objects.exists()
    # In the form, in the address, or as a bearer token.
    assert stage.app.send().status == 201
    assert Answer(Client().post(f"{ROOT}/requests.json?api_key={stage.app.key}", lamp(description="二"))).status == 201
    assert stage.anybody.send({"Authorization": f"Bearer {stage.app.key}"}, description="三").status == 201


def sending_needs_a_service(stage: Stage) -> None:
    refused(stage.app.send(service_code=None), 400, "service_code")
    refused(stage.app.send(service_code=""), 400, "service_code")


def sending_needs_a_location(stage: Stage) -> None:
    refused(stage.app.send(lat=None, long=None), 400, "address_string")
    refused(stage.app.send(lat="north", long="east"), 400, "lat")
    refused(stage.app.send(lat="130", long="104"), 400, "lat")
    refused(stage.app.send(lat="nan", long="nan"), 400, "lat")


def half_a_point_is_refused(stage: Stage) -> None:
    refused(stage.app.send(lat=None), 400, "lat and long")
    refused(stage.app.send(long=None), 400, "lat and long")


def attributes_are_kept(stage: Stage) -> None:
    several: dict[str, Any] = {"attribute[colour][]": ["red", "blue"]}
    case = stage.sent(attribute__fixmystreet_id="4711", **several)
    assert case.description == "楼下路灯不亮\nfixmystreet_id: 4711\ncolour: red, blue"


def a_point_is_wgs84(stage: Stage) -> None:
    case = stage.sent()
    assert (case.lng, case.lat) == POINT
    assert case.area_path == HOME


def an_address_finds_its_place(stage: Stage) -> None:
    answer = stage.app.send(lat=None, long=None, address_string="武侯区玉林街道玉林北路社区", jurisdiction_id=WUHOU)
    case = case_of(answer)
    assert case.district == WUHOU
    assert case.address_text == "武侯区玉林街道玉林北路社区"
    # What no map knows goes to the people who place things by hand.
    answer = stage.app.send(lat=None, long=None, address_string="老地方对面", jurisdiction_id=WUHOU)
    assert case_of(answer).located == "unplaced"


def an_address_id_finds_its_place(stage: Stage) -> None:
    shown = stage.anybody.get(f"/requests/{stage.reported().number}.json").json[0]
    case = stage.sent(lat=None, long=None, address_id=shown["address_id"])
    assert case.district == WUHOU
    assert case.address_text == "武侯区玉林街道玉林北路社区"
    refused(stage.app.send(lat=None, long=None, address_id="510107/999"), 400, "address_id")


def reporters_are_kept_sealed(stage: Stage) -> None:
    given = {
        "email": "wei@example.org", "device_id": "tt222111", "account_id": "123456", "first_name": "小明", "last_name": "王",
        "phone": "13812345678",
    }  # fmt: skip
    case = stage.sent(**given)
    found = _contact(stage, case)
    assert (found.name, found.phone, found.address) == ("王小明", "13812345678", "wei@example.org")
    answer = stage.anybody.get(f"/requests/{case.number}.json", extensions="true")
    assert not [value for value in given.values() if value in answer.text or value in case.description]
    # A number that is none is no reason to lose a report.
    strange = stage.sent(phone="extension 5, ask for Anna", description="另一盏")
    found = _contact(stage, strange)
    assert (found.phone, found.address) == ("", "extension 5, ask for Anna")


def _contact(stage: Stage, case: Case) -> PlainContact:
    participant = Participant.objects.get(case_id=case.id)
    assert participant.contact_id is not None
    return read_contact(
        stage.world.xiao_xu, participant.contact_id, district=case.district, purpose="回访", matter=case
    )


def long_descriptions_with_line_breaks(stage: Stage) -> None:
    words = "灯\n" * 2_000
    case = stage.sent(description=words, media_url="https://example.org/a.jpg")
    assert case.description.startswith(words.strip())
    refused(stage.app.send(description="灯" * 4_001), 400, "4000")


def markup_stays_text(stage: Stage) -> None:
    words = "<script>alert(1)</script> & <b>x</b>\x00\x07"
    case = stage.sent(description=words)
    assert case.description == words[:-2]
    assert "alert" not in stage.anybody.get(f"/requests/{case.number}.xml").text


def links_are_kept_and_not_fetched(stage: Stage) -> None:
    links = ["http://127.0.0.1:1/inside.jpg", "https://example.org/two.jpg"]
    case = stage.sent(media_url=[*links, "file:///etc/passwd", "javascript:alert(1)"])
    assert case.description.splitlines()[1:] == links
    assert not Evidence.objects.filter(case_id=case.id).exists()


def pictures_come_along(stage: Stage) -> None:
    files = [
        SimpleUploadedFile(f"{colour}.jpg", picture(colour), content_type="image/jpeg") for colour in ("red", "blue")
    ]
    more: dict[str, Any] = {"media[]": files[1]}
    answer = stage.app.send(media=files[0], **more)
    assert Evidence.objects.filter(case_id=case_of(answer).id, kind="report").count() == 2
    wrong = SimpleUploadedFile("a.jpg", b"no picture", content_type="image/jpeg")
    refused(stage.app.send(media=wrong, description="三"), 400, "photo")
    assert Case.objects.count() == 1


# Tokens.


def a_token_when_asked(stage: Stage) -> None:
    answer = stage.app.send({"Prefer": "respond-async"}).json[0]
    assert "service_request_id" not in answer
    for ending in ("xml", "json"):
        found = stage.anybody.get(f"/tokens/{answer['token']}.{ending}")
        row = found.json[0] if ending == "json" else spark(found.xml)[0]
        assert row == {"service_request_id": Case.objects.get().number, "token": answer["token"]}
    assert "token" not in stage.app.send(description="另一盏").json[0]


def unknown_tokens(stage: Stage) -> None:
    for wrong in ("1", "510107-01935000-0000-7000-8000-000000000000", "510107-x", "x"):
        refused(stage.anybody.get(f"/tokens/{wrong}.json"), 404, "token")
    case = stage.reported()
    refused(stage.anybody.get(f"/tokens/{case.district}-{case.id}.json", jurisdiction_id="x"), 404, "jurisdiction_id")


# Requests.


def requests_are_listed(stage: Stage) -> None:
    cases = []
    for _n in range(3):
        cases.append(stage.reported())
        stage.clock.forward(minutes=5)
    assert stage.numbers() == [case.number for case in reversed(cases)]


def requests_by_their_ids(stage: Stage) -> None:
    first, second = stage.reported(), stage.reported()
    stage.clock.forward(days=200)
    asked = f"{second.number}, {first.number},0107-0000-9999-9"
    # As people write them, too; and whatever else is asked does not count.
    assert stage.numbers(service_request_id=asked, status="closed", start_date="2026-01-01") == [
        second.number,
        first.number,
    ]
    assert stage.numbers(service_request_id=[first.number.replace("-", ""), second.number]) == [
        first.number,
        second.number,
    ]
    assert stage.numbers(service_request_id="0107-0000-9999-9") == []


def requests_by_service(stage: Stage) -> None:
    lamps, refuse = stage.reported(), stage.reported(category="EN01")
    assert stage.numbers(service_code="UT02") == [lamps.number]
    assert set(stage.numbers(service_code="UT02,EN01")) == {lamps.number, refuse.number}
    assert set(stage.numbers(service_code=["UT02", "EN01"])) == {lamps.number, refuse.number}
    assert len(stage.numbers()) == 2


def requests_of_a_range(stage: Stage) -> None:
    start = stage.clock.moment
    case = stage.reported()
    stage.clock.forward(days=3)
    later = stage.reported()
    at = start.isoformat()
    assert stage.numbers(start_date=at, end_date=at) == [case.number]
    assert stage.numbers(end_date=(start - timedelta(seconds=1)).isoformat()) == []
    assert stage.numbers(start_date=(start + timedelta(seconds=1)).isoformat()) == [later.number]
    assert stage.numbers(start_date="2026-11-18", end_date="2026-11-18") == [case.number]


def ninety_days_at_most(stage: Stage) -> None:
    assert stage.numbers(start_date="2026-08-20T00:00:00Z", end_date="2026-11-18T00:00:00Z") == []
    refused(stage.anybody.get("/requests.json", start_date="2026-08-01", end_date="2026-11-18"), 400, "90")
    refused(stage.anybody.get("/requests.json", start_date="2026-11-18", end_date="2026-11-01"), 400, "end_date")


def the_last_ninety_days(stage: Stage) -> None:
    old = stage.reported()
    stage.clock.forward(days=89)
    assert stage.numbers() == [old.number]
    stage.clock.forward(days=2)
    new = stage.reported()
    assert stage.numbers() == [new.number]
    assert stage.numbers(start_date="2026-11-18T00:00:00Z") == [old.number]  # and ninety days from there
    assert stage.numbers(end_date="2026-11-19") == [old.number]


def requests_by_status(stage: Stage) -> None:
    done, waiting = stage.solved(), stage.reported()
    assert stage.numbers(status="open") == [waiting.number]
    assert stage.numbers(status="closed") == [done.number]
    assert set(stage.numbers(status="open,closed")) == set(stage.numbers()) == {done.number, waiting.number}
    assert set(stage.numbers(status=["open", "closed"])) == {done.number, waiting.number}
    refused(stage.anybody.get("/requests.json", status="lost"), 400, "status")


def a_thousand_at_most(stage: Stage) -> None:
    refused(stage.anybody.get("/requests.json", page_size="1001"), 400, "1000")
    case = stage.reported()
    _copies(case, 1_001)
    assert len(stage.numbers()) == 1_000
    assert len(stage.numbers(page=2)) == 2


def _copies(case: Case, count: int) -> None:
    from linli.kernel import ids

    rows = []
    for serial in range(count):
        copy = fresh(case)
        copy.id, copy.number = ids.new_id(), ids.ticket_number(case.district, 50_000 + serial)
        rows.append(copy)
    Case.objects.bulk_create(rows)


def failures_are_400(stage: Stage) -> None:
    refused(stage.anybody.get("/requests.xml", page="zero"), 400, "page")
    refused(stage.anybody.get("/requests.xml", page_size="-1"), 400, "page_size")
    refused(stage.anybody.get("/requests.xml", lat="30.6"), 400, "lat and long")
    refused(stage.app.send({"Idempotency-Key": "x" * 81}), 400)
    stage.app.send({"Idempotency-Key": "one"})
    refused(stage.app.send({"Idempotency-Key": "one"}, description="something else"), 400)
    broken = Client().post(f"{ROOT}/requests.xml", b"--x", content_type="multipart/form-data; boundary=y")
    refused(Answer(broken), 403)  # nothing could be read, so no key either


def fields_of_a_request(stage: Stage) -> None:
    case = stage.reported()
    rows = stage.anybody.get(f"/requests/{case.number}.json").json
    assert rows == [
        {
            "service_request_id": case.number,
            "status": "open",
            "status_notes": "Reported",
            "service_name": "Street lamp fault",
            "service_code": "UT02",
            "description": "Street lamp fault, 武侯区玉林街道玉林北路社区",
            "agency_responsible": "玉林北路社区居委会",
            "service_notice": "Answered within 4 working hours, solved within 3 working days.",
            "requested_datetime": "2026-11-18T10:00:00+08:00",
            "updated_datetime": "2026-11-18T10:00:00+08:00",
            "expected_datetime": "2026-11-23T10:00:00+08:00",
            "address": "玉林北路社区, 玉林街道, 武侯区, 成都市",
            "address_id": "510107/012/003",
            "zipcode": None,
            "lat": 30.63,
            "long": 104.06,
            "media_url": None,
        }
    ]


def open_becomes_closed(stage: Stage) -> None:
    case = stage.solved()
    stage.clock.forward(days=1)
    found = stage.requests()[0]
    assert (found["status"], found["status_notes"]) == ("closed", "Closed")
    assert found["updated_datetime"] == "2026-11-18T11:00:00+08:00"
    assert found["expected_datetime"] is None
    # What is not taken up and what is put together with another are closed too, and say so.
    waiting, master = stage.reported(), stage.reported()
    assert case.number != waiting.number
    accepting.merge(stage.world.xiao_xu, ref(waiting), version=waiting.version, master=master.id)
    found = stage.requests(service_request_id=waiting.number)[0]
    assert (found["status"], found["status_notes"]) == ("closed", "Merged")


def nothing_personal_is_shown(stage: Stage) -> None:
    words = "张三家门口 13800000001"
    case = stage.reported(description=words, lng=104.06051, lat=30.63049)
    private = stage.reported(category=stage.private_code(), description=words)
    assert stage.numbers() == [case.number]
    assert stage.numbers(service_request_id=f"{private.number},{case.number}") == [case.number]
    refused(stage.anybody.get(f"/requests/{private.number}.json"), 404)
    found = stage.anybody.get(f"/requests/{case.number}.json", extensions="true")
    assert "张三" not in found.text
    assert HOME not in found.text
    point = public.rounded(case)
    assert point is not None
    assert (found.json[0]["long"], found.json[0]["lat"]) == (point.lng, point.lat) == (104.061, 30.63)
    assert found.json[0]["media_url"] is None


def unknown_requests(stage: Stage) -> None:
    for wrong in ("123456", "0107-0000-9999-9", "x", "%00"):
        refused(stage.anybody.get(f"/requests/{wrong}.json"), 404)
    refused(stage.anybody.get("/request/1.xml"), 404)
    refused(stage.anybody.get("/services/UT02/more.json"), 404)


# Errors.


def errors_have_code_and_description(stage: Stage) -> None:
    answer = stage.anybody.get("/requests/123456.xml")
    assert answer.status == 404
    assert [child.tag for child in answer.xml] == ["error"]
    assert [child.tag for child in answer.xml[0]] == ["code", "description"]
    assert answer.xml[0].findtext("code") == "404"
    in_chinese = Caller(headers={"Accept-Language": "zh-Hans"}).get("/requests/123456.json").json[0]
    assert in_chinese["description"] != answer.xml[0].findtext("description")


def several_errors_at_once(stage: Stage) -> None:
    answer = stage.app.post("/requests.json", description="灯" * 4_001)
    refused(answer, 400, "service_code", "location", "description")
    assert len(answer.json) == 3


def other_methods_are_refused(stage: Stage) -> None:
    for path in stage.resources():
        for method in ("put", "delete", *(() if path in ("/requests", "/servicerequestupdates") else ("post",))):
            answer = Answer(getattr(Client(), method)(f"{ROOT}{path}.xml"))
            refused(answer, 405)
            assert "GET" in answer.response["Allow"]


def reading_needs_no_key(stage: Stage) -> None:
    for path in stage.resources():
        assert stage.anybody.get(f"{path}.xml").status == 200
        # Some clients show theirs everywhere, and some an old one.
        assert stage.anybody.get(f"{path}.xml", api_key="linli_old").status == 200


# Discovery.


def discovery_in_both_formats(stage: Stage) -> None:
    for root in ("/open311", ROOT):
        xml = Answer(Client().get(f"{root}/discovery.xml"))
        json = Answer(Client().get(f"{root}/discovery.json"))
        assert xml.xml.tag == "discovery"
        assert spark(xml.xml) == as_text(json.json)


def discovery_for_people(stage: Stage) -> None:
    for path in ("/open311/", "/open311/v2", "/open311/v2/"):
        page = Client().get(path, headers={"Accept-Language": "en"})
        assert page["Content-Type"].startswith("text/html")
        assert "http://testserver/open311/v2" in page.content.decode()


def discovery_fields(stage: Stage) -> None:
    found = stage.anybody.get("/discovery.json").json
    assert set(found) == {"changeset", "contact", "key_service", "endpoints"}
    assert all(found.values())
    assert found["endpoints"] == [
        {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": "http://testserver/open311/v2",
            "changeset": found["changeset"],
            "type": "test",
            "formats": ["text/xml", "application/json"],
        }
    ]


def the_changeset_moves_with_the_services(stage: Stage) -> None:
    from linli.catalog import actions

    before = stage.anybody.get("/discovery.json").json["changeset"]
    stage.clock.forward(days=1)
    change = actions.propose_change(
        stage.world.system_admin, code="UT02", scope="", values={"respond_minutes": 120}, reason="更快一些",
        effective_from=stage.clock.moment,
    )  # fmt: skip
    actions.publish_change(stage.world.system_admin, change.id, version=change.version)
    assert stage.anybody.get("/discovery.json").json["changeset"] > before


# Extensions.


def pages(stage: Stage) -> None:
    numbers: list[str] = []
    for _n in range(5):
        numbers.insert(0, stage.reported().number)
        stage.clock.forward(minutes=1)
    assert stage.numbers(page=1, page_size=2) == numbers[:2]
    answer = stage.anybody.get("/requests.json", page=2, page_size=2, status="open")
    assert [row["service_request_id"] for row in answer.json] == numbers[2:4]
    link = answer.response["Link"]
    assert link == f'<http://testserver{ROOT}/requests.json?page=3&page_size=2&status=open>; rel="next"'
    last = stage.anybody.get("/requests.json", page=3, page_size=2)
    assert [row["service_request_id"] for row in last.json] == numbers[4:]
    assert not last.response.has_header("Link")
    assert stage.numbers(page=4, page_size=2) == []


def updates_tell_what_changed(stage: Stage) -> None:
    case = stage.solved()
    stage.reported(category=stage.private_code())
    rows = stage.anybody.get("/servicerequestupdates.json").json
    assert {row["service_request_id"] for row in rows} == {case.number}
    assert [row["external_status_code"] for row in rows] == [
        "registered", "dispatched", "signed_in", "disposed", "verified", "closed",
    ]  # fmt: skip
    assert [row["status"] for row in rows] == ["open"] * 5 + ["closed"]
    assert len({row["update_id"] for row in rows}) == 6
    assert set(rows[0]) == {
        "update_id", "service_request_id", "status", "external_status_code", "updated_datetime", "description", "media_url",
    }  # fmt: skip
    of_an_hour: dict[str, Any] = {"start_date": "2026-11-18T10:30:00+08:00", "end_date": "2026-11-18T12:00:00+08:00"}
    late = stage.anybody.get("/servicerequestupdates.json", **of_an_hour).json
    assert [row["external_status_code"] for row in late] == ["verified", "closed"]
    first = stage.anybody.get("/servicerequestupdates.json", page_size=2).json
    assert first == rows[:2]
    assert stage.anybody.get("/servicerequestupdates.json", service_request_id="0107-0000-9999-9").json == []
    assert stage.anybody.get("/servicerequestupdates.json", jurisdiction_id=JINJIANG).json == []


def updates_from_the_client_that_sent_it(stage: Stage) -> None:
    case = stage.sent()
    form: dict[str, Any] = {
        "service_request_id": case.number, "update_id": "c-17", "status": "OPEN", "updated_datetime": "2026-11-18T10:00:00Z",
        "description": "还是黑的", "email": "wei@example.org",
    }  # fmt: skip
    for path in ("/servicerequestupdates.xml", "/servicerequestupdates.xml"):  # and again: once is enough
        answer = stage.app.post(path, **form)
        assert answer.status == 201, answer.text
        assert answer.xml[0].findtext("update_id") == f"{case.number}.2"
    assert fresh(case).log_length == 2
    refused(stage.app.post("/servicerequestupdates.json", service_request_id=case.number), 400, "description")
    refused(stage.anybody.post("/servicerequestupdates.json", **form), 403)


def updates_from_others_are_refused(stage: Stage) -> None:
    other = Caller(machine_key("另一个应用"))
    for case in (stage.sent(), stage.reported()):
        refused(other.post("/servicerequestupdates.json", service_request_id=case.number, description="你好"), 404)
    only_reports = Caller(machine_key("只报事的应用", scopes=("case.report",)))
    case = case_of(only_reports.send(description="第三盏"))
    refused(only_reports.post("/servicerequestupdates.json", service_request_id=case.number, description="你好"), 403)


def requests_around_a_point(stage: Stage) -> None:
    here, there = stage.reported(), stage.reported(lng=104.0805, lat=30.6405)
    at: dict[str, Any] = {"lat": POINT[1], "long": POINT[0]}
    assert stage.numbers(**at) == [here.number]
    assert set(stage.numbers(**at, radius=5_000)) == {here.number, there.number}
    # By the place that is shown, so that circles do not find out the true one.
    shown = stage.requests(service_request_id=here.number)[0]
    assert stage.numbers(lat=shown["lat"], long=shown["long"], radius=1) == [here.number]
    assert stage.numbers(**at, radius=1) == []
    refused(stage.anybody.get("/requests.json", **at, radius=50_000), 400, "radius")


def requests_by_their_changes(stage: Stage) -> None:
    old = stage.reported()
    done = stage.solved()
    after = "2026-11-18T10:30:00+08:00"
    assert stage.numbers(updated_after=after) == [done.number]
    assert stage.numbers(updated_before=after) == [old.number]


def the_history_with_extensions(stage: Stage) -> None:
    case = stage.solved()
    found = stage.requests(service_request_id=case.number, extensions="true")[0]
    assert [note["type"] for note in found["notes"]] == [
        "submitted", "registered", "dispatched", "signed_in", "disposed", "verified", "closed",
    ]  # fmt: skip
    assert found["extended_attributes"]["state"] == "closed"
    sent = stage.app.send(extensions="true").json[0]
    assert len(sent["ticket_code"]) == 8
