"""A report comes in over HTTP: acknowledged once, whatever the network does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from linli.cases.models import Case
from linli.kernel.models import Command
from tests.api.conftest import API, Callers, lamp

pytestmark = pytest.mark.django_db


def test_anybody_may_report_and_gets_a_number_and_a_code(call: Callers) -> None:
    answer = call.anonymous.post("/cases", lamp(reporter={"name": "周阿姨", "phone": "13800000009"}))
    assert answer.status_code == 201
    body = answer.json()
    assert body["number"].startswith("0107-")
    assert len(body["code"]) == 8
    assert body["state"] == "submitted"
    assert answer["Location"] == f"{API}/cases/{body['number']}"
    assert Case.objects.get(id=body["id"]).channel == "api"


def test_the_statement_is_planned_once_per_connection_and_the_answer_has_a_length(call: Callers) -> None:
    for n in range(3):
        answer = call.zhou.post("/cases", lamp(), key=f"report-{n}")
        assert int(answer["Content-Length"]) == len(answer.content)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%INSERT INTO cases_case%'"
        )
        assert cursor.fetchone()[0] >= 3


def test_a_repeat_gets_the_first_answer(call: Callers) -> None:
    first = call.zhou.post("/cases", lamp(), key="one-report")
    again = call.zhou.post("/cases", lamp(), key="one-report")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    assert Command.objects.count() == 1


def test_the_same_key_with_another_report_is_refused(call: Callers) -> None:
    call.zhou.post("/cases", lamp(), key="one-report")
    other = call.zhou.post("/cases", lamp(description="不是同一件事"), key="one-report")
    assert other.status_code == 409
    assert other.json()["code"] == "command.other_body"
    assert other.json()["field"] == "Idempotency-Key"
    assert Case.objects.count() == 1


def test_two_people_may_use_the_same_key(call: Callers) -> None:
    assert call.zhou.post("/cases", lamp(), key="1").status_code == 201
    assert call.wang.post("/cases", lamp(), key="1").status_code == 201
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"category": "XX99"}, "category", "case.category"),
        ({"category": ""}, "category", "field.invalid"),
        ({"lng": 200}, "lng", "field.invalid"),
        ({"lat": None}, "lat", "place.half_a_point"),
        ({"descripton": "misspelt"}, "descripton", "field.invalid"),
        ({"coordinates": "mars"}, "coordinates", "field.invalid"),
        ({"description": "长" * 2001}, "description", "field.invalid"),
        ({"channel": "hotline"}, "channel", "report.channel"),
        ({"lng": None, "lat": None}, "place", "place.needed"),
        ({"reporter": {"phone": "1" * 25}}, "reporter.phone", "field.invalid"),
    ],
)
def test_a_wrong_field_is_named(call: Callers, change: dict[str, Any], field: str, code: str) -> None:
    answer = call.zhou.post("/cases", lamp(**change))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["field"], body["code"], body["status"]) == (field, code, 422)
    assert body["request_id"]
    assert body["title"]
    assert Case.objects.count() == 0


def test_without_a_key_nothing_happens(world: object) -> None:
    answer = Client().post(f"{API}/cases", lamp(), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "command.key"


def test_what_is_not_json_is_refused(call: Callers) -> None:
    headers = {"Idempotency-Key": "k"}
    form = Client().post(f"{API}/cases", {"category": "UT02"}, headers=headers)
    assert (form.status_code, form.json()["code"]) == (415, "http.media_type")
    broken = Client().post(f"{API}/cases", b"{", content_type="application/json", headers=headers)
    assert (broken.status_code, broken.json()["code"]) == (400, "request.json")
    large = Client().post(f"{API}/cases", b" " * 2_200_000, content_type="application/json", headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "http.too_large")


def test_a_call_taker_names_the_channel_and_the_caller(call: Callers) -> None:
    answer = call.xiao_tian.post(
        "/cases", lamp(channel="hotline", on_behalf=True, reporter={"name": "李婆婆", "phone": "13800000010"})
    )
    assert answer.status_code == 201
    assert answer.json()["code"]
    assert Case.objects.get(id=answer.json()["id"]).channel == "hotline"
