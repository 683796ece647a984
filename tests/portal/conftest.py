"""The small city, and browsers' stand-ins for its residents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from linli.people import sessions
from tests.world import World, build


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


@pytest.fixture
def visit(world: World) -> Callable[[str], Client]:
    """Come in as one of the cast: ``visit("zhou")``; ``visit("")`` is nobody."""

    def come(login: str = "") -> Client:
        client = Client()
        if login:
            client.force_login(world.accounts[login])
            if post := world.posts.get(login):
                session = client.session
                session[sessions.POST_KEY] = f"{post.district}:{post.id}"
                session.save()
        return client

    return come


@pytest.fixture
def photo() -> Callable[[str], SimpleUploadedFile]:
    """A small real photo, another for each colour."""

    def take(colour: str = "teal") -> SimpleUploadedFile:
        body = BytesIO()
        Image.new("RGB", (64, 48), colour).save(body, "JPEG")
        return SimpleUploadedFile(f"{colour}.jpg", body.getvalue(), content_type="image/jpeg")

    return take


@pytest.fixture(autouse=True)
def shelves(settings: object, tmp_path: object) -> Iterator[None]:
    """Photos of a test lie in the test's own folder."""
    from linli.kernel.storage.configuration import storage_settings

    settings.STORAGES = storage_settings(tmp_path)  # type: ignore[attr-defined,arg-type]
    return
