"""The small city, and a browser's stand-in for each of the cast."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.people import sessions
from tests.portal.conftest import photo, shelves  # noqa: F401 - fixtures of the same make
from tests.world import World, build

BASELINES = Path(__file__).resolve().parent.parent / "baselines.json"


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


@pytest.fixture
def at_desk(world: World) -> Callable[[str], Client]:
    """Sit down as one of the cast: ``at_desk("xiao_xu")``."""
    return lambda login: signed_in(world, login)


def signed_in(world: World, login: str) -> Client:
    """A client whose session acts through the post of ``login``, in English so that tests read."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.accounts[login])
    session = client.session
    if post := world.posts.get(login):
        session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    return client


def page(response) -> str:
    """The text of an answer."""
    return response.content.decode()


def do(client: Client, case, verb: str, *, key: str = "", version: int | None = None, part: bool = False, **fields):
    """Send a verb's form as a page does."""
    from tests.world import fresh

    sent = {"key": key or str(uuid4()), "version": fresh(case).version if version is None else version, **fields}
    headers = {"HX-Request": "true"} if part else {}
    return client.post(f"/desk/case/{case.number}/do/{verb}", sent, headers=headers)


@contextmanager
def counted(name: str):
    """Compare the queries of a page with ``tests/baselines.json``: fewer are welcome, more are not.

    What processes hold in memory is asked for its stamp at most every two seconds, in tests every time: these do not count.
    """
    with CaptureQueriesContext(connection) as queries:
        yield
    asked = [
        one["sql"]
        for one in queries
        if "people_snapshotstamp" not in one["sql"] and "territoryversion" not in one["sql"]
    ]
    asked = [sql for sql in asked if not sql.startswith(("SAVEPOINT", "RELEASE"))]
    most = json.loads(BASELINES.read_text())[name]
    assert len(asked) <= most, f"{name}: {len(asked)} queries, {most} at most\n" + "\n".join(sql[:160] for sql in asked)
