"""The OpenAPI document is held to: whatever it allows is answered as it says, whatever it does not is refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings

from linli.api.door import api
from linli.kernel import time
from linli.wsgi import application
from tests.api.conftest import token_of
from tests.conftest import Clock
from tests.world import World, build, report


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, str, str]]:
    """The small city, a dispatcher's key, and the number of a case; all calls are taken back in the end."""
    time.set_clock(Clock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC)))
    with django_db_blocker.unblock(), transaction.atomic():
        world = build()
        yield world, token_of(world.sun), report(world.zhou).number
        transaction.set_rollback(True)
    time.set_clock(None)


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return document


# A piece of an upload is bytes, whatever the type is called.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
schema = schemathesis.openapi.from_dict(_document())
schema.app = application


@schema.parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_what_the_document_says(case: Any, ground: tuple[World, str, str]) -> None:
    from django.test import Client

    _world, token, number = ground
    if "number" in (case.path_parameters or {}):
        case.path_parameters["number"] = number
    headers = {str(name): str(value) for name, value in (case.headers or {}).items() if str(value).isascii()}
    headers = {name: value for name, value in headers.items() if value.isprintable()}
    headers |= {"Authorization": f"Bearer {token}"}
    with transaction.atomic():
        answer = _send(Client(raise_request_exception=False), case, headers)
        transaction.set_rollback(True)
    _check(case, answer)


def _send(client: Any, case: Any, headers: dict[str, str]) -> Any:
    arguments: dict[str, Any] = {"headers": headers, "query_params": case.query or {}}
    path = case.formatted_path
    if case.method.upper() == "GET":
        return client.get(path, **arguments)
    body = case.body
    if case.media_type == "multipart/form-data":
        return client.post(path, {"kind": "report"}, **arguments)
    if isinstance(body, bytes):
        text: str | bytes = body
    else:
        text = (
            json.dumps(body, default=str) if isinstance(body, dict | list | str | int | float | bool | None) else "{}"
        )
    kind = case.media_type or "application/json"
    return client.generic(case.method.upper(), path, text, content_type=kind, **arguments)


def _check(case: Any, answer: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, answer.content
    documented = {int(status) for status in case.operation.definition.raw["responses"]}
    assert answer.status_code in documented, (answer.status_code, answer.content)
    if answer.status_code >= 400:
        assert answer["Content-Type"].startswith("application/problem+json")
        if case.method.upper() != "HEAD":
            assert {"type", "title", "status", "code", "request_id"} <= set(answer.json())
