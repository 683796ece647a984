"""Callers of the Open311 door, and a city with something to read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.test.utils import override_settings

from linli.cases.models import Case
from linli.kernel.trust import SYSTEM
from linli.people.actions import machines
from tests.world import POINT, WUHOU, World, build

ROOT = "/open311/v2"


@pytest.fixture
def world(request: pytest.FixtureRequest, clock: object) -> World:
    """The small city, at the standing clock; committed where a test is marked so."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
    return build()


def machine_key(name: str = "邻近城市的应用", *, scopes: tuple[str, ...] = ("case",)) -> str:
    """A key for an application on the district."""
    _row, secret = machines.issue_token(SYSTEM, name=name, scopes=scopes, machine_path=WUHOU)
    return secret


@dataclass
class Answer:
    """An answer, and what it says in either format."""

    response: Any

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.response.status_code)

    @property
    def text(self) -> str:
        """The body in UTF-8."""
        return str(self.response.content.decode("utf-8"))

    @property
    def type(self) -> str:
        """The content type."""
        return str(self.response["Content-Type"])

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def xml(self) -> ElementTree.Element:
        """The root of the body as XML."""
        return ElementTree.fromstring(self.text)


@dataclass
class Caller:
    """Somebody who calls, with a key or without; in the language of the interface's English unless told."""

    key: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "en"})

    def get(self, path: str, headers: dict[str, str] | None = None, **arguments: Any) -> Answer:
        """GET below the endpoint."""
        return Answer(Client().get(ROOT + path, arguments, headers=self.headers | (headers or {})))

    def post(self, path: str = "/requests.json", headers: dict[str, str] | None = None, **form: Any) -> Answer:
        """POST a form; an argument ``attribute__x`` is sent as ``attribute[x]``."""
        named = {self._name(name): value for name, value in form.items()}
        if self.key:
            named.setdefault("api_key", self.key)
        return Answer(Client().post(ROOT + path, named, headers=self.headers | (headers or {})))

    def send(self, headers: dict[str, str] | None = None, path: str = "/requests.json", **form: Any) -> Answer:
        """POST a broken lamp."""
        return self.post(path, headers, **lamp(**form))

    @staticmethod
    def _name(name: str) -> str:
        return f"attribute[{name.removeprefix('attribute__')}]" if name.startswith("attribute__") else name


def lamp(**form: Any) -> dict[str, Any]:
    """A broken lamp, as a client's form."""
    given = {"service_code": "UT02", "lat": str(POINT[1]), "long": str(POINT[0]), "description": "楼下路灯不亮"} | form
    return {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def anybody() -> Caller:
    """Without a key."""
    return Caller()


@pytest.fixture
def app(world: World) -> Caller:
    """An application with a key."""
    return Caller(machine_key())


def case_of(answer: Answer) -> Case:
    """The case of a request that was sent."""
    return Case.objects.get(number=answer.json[0]["service_request_id"])


demo = override_settings(LINLI_OPEN311_DEMO_KEY="linli_demo")
"""As in a running demo."""
