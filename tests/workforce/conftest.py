"""The small city for the stories of this room."""

import pytest

from tests.world import World, build


@pytest.fixture
def world(db, clock) -> World:
    """The small city, at the clock's time: 10:00 on Wednesday 18 November 2026."""
    return build()
