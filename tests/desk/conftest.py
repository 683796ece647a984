"""The small city, and a browser's stand-in for each of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from linli.people import sessions
from tests.world import World, build


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


@pytest.fixture
def at_desk(world: World) -> Callable[[str], Client]:
    """Sit down as one of the cast: ``at_desk("xiao_xu")``."""
    return lambda login: signed_in(world, login)


def signed_in(world: World, login: str) -> Client:
    """A client whose session acts through the post of ``login``."""
    client = Client()
    account = world.accounts[login]
    client.force_login(account)
    session = client.session
    if post := world.posts.get(login):
        session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    return client


@pytest.fixture
def english() -> Iterator[dict[str, str]]:
    """Headers of a reader of English."""
    yield {"HTTP_ACCEPT_LANGUAGE": "en"}
