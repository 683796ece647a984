"""Health, readiness, metrics, request ids, logs."""

import base64
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from linli.kernel.observe import views
from linli.kernel.observe.context import request_id
from linli.kernel.observe.logs import JsonFormatter
from linli.kernel.observe.middleware import ObserveMiddleware


def test_healthz_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "up"}


@pytest.mark.django_db
def test_readyz_says_ready_when_everything_is_migrated(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"


@pytest.mark.django_db
@pytest.mark.logs_errors
def test_readyz_says_no_while_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(views.connection, "cursor", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.django_db
@pytest.mark.logs_errors
def test_readyz_says_no_while_migrations_are_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_migrated", False)
    monkeypatch.setattr(views.MigrationExecutor, "migration_plan", lambda self, targets: [("people", "0007")])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing"


def test_a_request_keeps_the_id_it_came_with(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "gateway-0001"}).headers["X-Request-ID"] == "gateway-0001"


@pytest.mark.parametrize("forged", ["short", 'quote"and-more', "a" * 65, "new\tline-here"])
def test_a_forged_id_is_replaced(client: Client, forged: str) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": forged}).headers["X-Request-ID"]
    assert given != forged
    assert len(given) == 32


def test_the_id_is_known_during_the_request_and_gone_after(rf: RequestFactory) -> None:
    seen = []

    def view(request) -> HttpResponse:
        seen.append((request.request_id, request_id.get()))
        return HttpResponse()

    ObserveMiddleware(view)(rf.get("/", headers={"X-Request-ID": "abcdefgh"}))
    assert seen == [("abcdefgh", "abcdefgh")]
    assert request_id.get() == ""


def test_the_log_names_the_route_and_nothing_that_was_typed(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="linli.request"):
        client.get("/no/such/13800138000?name=周阿姨")
    (record,) = [record for record in caplog.records if record.name == "linli.request"]
    line = json.loads(JsonFormatter().format(record))
    assert line["route"] == "(none)"
    assert line["status"] == 404
    assert "13800138000" not in json.dumps(line)
    assert "周阿姨" not in json.dumps(line, ensure_ascii=False)


class Refused(Exception):
    code = "case.closed"


def record_of(problem: BaseException) -> logging.LogRecord:
    try:
        raise problem
    except type(problem):
        return logging.LogRecord("linli", logging.ERROR, __file__, 1, "it broke", None, sys.exc_info())


def test_an_exception_is_logged_without_what_it_says() -> None:
    record = record_of(Refused("Key (phone)=(13800138000) already exists"))
    line = json.loads(JsonFormatter().format(record))
    assert line["exception"]["type"].endswith("Refused")
    assert line["exception"]["code"] == "case.closed"
    assert "test_observe.py" in line["exception"]["at"][0]
    assert "13800138000" not in json.dumps(line)
    assert "13800138000" in JsonFormatter(wordy=True).format(record)


@pytest.mark.logs_errors
def test_djangos_own_errors_name_the_route(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="django.request"):
        client.get("/no/such/510107202611220007")
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert "510107202611220007" not in JsonFormatter().format(record)


def test_metrics_count_by_route(client: Client) -> None:
    client.get("/healthz")
    body = client.get("/metrics").content.decode()
    assert 'linli_request_seconds_count{method="GET",route="/healthz",status="200"}' in body


def test_metrics_are_not_there_for_strangers(client: Client, settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    # A proxy on this machine asks for somebody else.
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    settings.LINLI_METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics").status_code == 404
    good = base64.b64encode(b"metrics:a-long-token").decode()
    assert client.get("/metrics", headers={"Authorization": f"Basic {good}"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Basic bWV0cmljczp3cm9uZw=="}).status_code == 404


def test_metrics_of_several_processes_are_added_up(tmp_path: Path) -> None:
    code = (
        "from linli.kernel.observe import metrics\n"
        "metrics.JOBS.labels('events', 'done').inc()\n"
        "print(metrics.exposition().decode())"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin"}
    said = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert 'linli_jobs_total{kind="events",outcome="done"} 2.0' in said[1]
