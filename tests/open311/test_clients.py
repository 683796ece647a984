"""Clients that others wrote talk to the running server as they are; so do the commands of the reference."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import pytest
import requests
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport
from pytest_django.live_server_helper import LiveServer

from linli.cases.models import Case, Channel
from tests.open311.conftest import machine_key
from tests.open311.stage import CORE
from tests.world import POINT, WUHOU, World, report

pytestmark = pytest.mark.django_db(transaction=True)
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "open311.md"


@pytest.fixture
def endpoint(world: World, live_server: LiveServer) -> str:
    """The endpoint of the running server."""
    return f"{live_server.url}/open311/v2"


@pytest.fixture
def civicbot(endpoint: str) -> Open311Client:
    """A client that reads and writes, without the pauses that it makes for other people's servers."""
    place = Endpoint("linli", "Linli", endpoint, write=True, geo_scoped=True)
    return Open311Client(place, HttpTransport(rate_limiter=RateLimiter(0)), jurisdiction_id=WUHOU)


@pytest.mark.parametrize("output_format", ["json", "xml"])
def test_georeport_reads_in_both_formats(output_format: str, world: World, endpoint: str) -> None:
    cases = [report(world.zhou), report(world.zhou, category="EN01")]
    client = GeoReport(endpoint, jurisdiction=WUHOU, output_format=output_format)
    services: list[dict[str, Any]] = client.get_service_list()
    assert len(services) > 50
    with_definition = next(one for one in services if str(one["metadata"]).lower() == "true")
    assert (
        client.get_service_definition(with_definition["service_code"])["service_code"]
        == with_definition["service_code"]
    )
    found = client.get_service_requests(start_date="2026-11-18T00:00:00Z", status="open")
    assert {one["service_request_id"] for one in found} == {case.number for case in cases}
    both = client.get_service_requests(service_request_id=",".join(case.number for case in cases))
    assert [one["service_request_id"] for one in both] == [case.number for case in cases]
    one = client.get_service_request(cases[0].number)
    assert list(one) == CORE
    assert float(one["lat"]) == 30.63
    with pytest.raises(requests.HTTPError, match="404"):
        client.get_service_request("0107-0000-9999-9")


def test_civicbot_reads_checks_and_sends(world: World, endpoint: str, civicbot: Open311Client) -> None:
    lat, lng = POINT[1], POINT[0]
    assert {one["type"] for one in civicbot.list_services(lat, lng)} == {"realtime"}
    sent = civicbot.create_request(
        "UT02", dry_run=False, confirm="SEND", api_key=machine_key(), validate_remote=True, lat=lat, lng=lng,
        description="楼下路灯不亮", first_name="Wei", last_name="Wang", email="wei@example.org", attributes={"colour": ["red", "blue"]},
    )  # fmt: skip
    number = sent.response[0]["service_request_id"]
    case = Case.objects.get(number=number)
    assert (case.channel, case.description) == (Channel.OPEN311, "楼下路灯不亮\ncolour: red, blue")
    assert civicbot.get_request(number)["status"] == "open"
    assert [one["service_request_id"] for one in civicbot.list_requests(page_size=10, lat=lat, lng=lng)] == [number]
    assert civicbot.get_token(f"{case.district}-{case.id}")[0]["service_request_id"] == number
    with pytest.raises(HttpError) as refused:
        civicbot.create_request("UT02", dry_run=False, confirm="SEND", api_key="wrong", lat=lat, lng=lng)
    assert refused.value.status == 403
    assert "api_key" in refused.value.body


def test_a_server_of_mysociety_sends_follows_and_writes_on(world: World, endpoint: str) -> None:
    key = machine_key("FixMyStreet")
    # The order and the repetitions of its own forms.
    form = [
        ("jurisdiction_id", WUHOU), ("api_key", key), ("lat", str(POINT[1])), ("long", str(POINT[0])), ("email", "anna@example.org"),
        ("description", "title: Lamp\n\ndetail: It is dark\n\nurl: https://example.org/report/1\n\nSubmitted via FixMyStreet\n"),
        ("service_code", "UT02"), ("first_name", "Anna"), ("last_name", "Lee"), ("media_url", "https://example.org/1.jpg"),
        ("media_url", "https://example.org/2.jpg"), ("attribute[fixmystreet_id]", "1"), ("attribute[easting]", ""),
    ]  # fmt: skip
    number = _post(f"{endpoint}/requests.xml", form)[0].findtext("service_request_id")
    assert number is not None
    assert (
        _post(f"{endpoint}/requests.xml", form)[0].findtext("service_request_id") == number
    )  # it tries again when in doubt
    case = Case.objects.get()
    assert case.description.splitlines()[-3:] == [
        "fixmystreet_id: 1",
        "https://example.org/1.jpg",
        "https://example.org/2.jpg",
    ]
    update = [
        ("jurisdiction_id", WUHOU), ("api_key", key), ("update_id", "77"), ("updated_datetime", "2026-11-18T02:00:00Z"),
        ("service_request_id", number), ("status", "OPEN"), ("email", "anna@example.org"), ("description", "Still dark"),
        ("last_name", "Lee"), ("first_name", "Anna"), ("title", "Ms"),
    ]  # fmt: skip
    assert _post(f"{endpoint}/servicerequestupdates.xml", update)[0].findtext("update_id") == f"{number}.2"
    query = urlencode({"start_date": "2026-11-18T00:00:00Z", "end_date": "2026-11-19T00:00:00Z", "api_key": key})
    with urlopen(f"{endpoint}/servicerequestupdates.xml?{query}") as answer:
        assert ElementTree.fromstring(answer.read()).tag == "service_request_updates"


def _post(address: str, form: list[tuple[str, str]]) -> ElementTree.Element:
    with urlopen(Request(address, data=urlencode(form).encode())) as answer:
        return ElementTree.fromstring(answer.read())


def test_the_commands_of_the_reference_run(world: World, live_server: LiveServer, settings: Any) -> None:
    settings.LINLI_OPEN311_DEMO_KEY = "linli_demo"
    blocks = re.findall(r"^```sh\n(.*?)^```", REFERENCE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    script = "set -eu\n" + "\n".join(blocks).replace("http://127.0.0.1:8000", live_server.url)
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "no_proxy": "*"},
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count("service_request_id") >= 4
    assert Case.objects.filter(channel=Channel.OPEN311).count() == 2
