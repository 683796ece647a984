"""The small city behind the API, and clients that speak for its people."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from linli.kernel.trust import SYSTEM, Actor
from linli.people.actions import machines
from tests.world import POINT, World, build

API = "/api/v1"


@pytest.fixture
def world(request: pytest.FixtureRequest, clock: object) -> World:
    """The small city, at the standing clock; committed where a test is marked so."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
    return build()


@dataclass
class Caller:
    """Somebody who calls the API with a token, or nobody."""

    token: str = ""

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET a path below the API's root."""
        return Client().get(API + path, **self._headers(headers))

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> HttpResponse:
        """POST JSON, under a key of its own unless told."""
        given = self._headers({"Idempotency-Key": key or str(uuid4())} | headers)
        return Client().post(API + path, body if body is not None else {}, content_type="application/json", **given)

    def upload(
        self, path: str, photo: bytes, *, key: str = "", headers: dict[str, str] | None = None, **form: str
    ) -> HttpResponse:
        """POST a photo as a form."""
        file = SimpleUploadedFile("photo.jpg", photo, content_type="image/jpeg")
        given = self._headers({"Idempotency-Key": key or str(uuid4())} | (headers or {}))
        return Client().post(API + path, form | {"photo": file}, **given)

    def _headers(self, more: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        return {"headers": named}


def token_of(actor: Actor, *, scopes: tuple[str, ...] = ()) -> str:
    """A key to the API for an actor's own post."""
    granted = scopes or tuple({verb.partition(".")[0] for verb in _verbs()})
    _row, secret = machines.issue_token(
        SYSTEM, name=f"test {actor.name}", scopes=granted, account_id=actor.account_id, post_id=actor.post_id
    )
    return secret


def _verbs() -> list[str]:
    from linli.kernel.trust import policy

    return list(policy.table())


@dataclass
class Callers:
    """A caller for each of the cast, made when first asked for."""

    world: World
    made: dict[str, Caller]

    def __getattr__(self, name: str) -> Caller:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.made:
            self.made[name] = Caller(token_of(self.world.actors[name]))
        return self.made[name]


@pytest.fixture
def call(world: World) -> Callers:
    """``call.zhou.get("/cases/mine")``; ``call.anonymous`` is nobody."""
    return Callers(world, {"anonymous": Caller()})


def lamp(**what: Any) -> dict[str, Any]:
    """A broken lamp, as a report's body."""
    return {"category": "UT02", "description": "楼下路灯不亮", "lng": POINT[0], "lat": POINT[1]} | what


def picture(colour: str = "teal", *, where: bytes = b"") -> bytes:
    """A small photo, with what a phone writes into it."""
    image, buffer = Image.new("RGB", (640, 480), colour), BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue() + where


def id_of(text: str) -> UUID:
    """An id from an answer."""
    return UUID(text)
