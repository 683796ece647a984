"""The small city for the stories of the loop."""

import pytest

from tests.world import World, build


@pytest.fixture
def world(request: pytest.FixtureRequest, clock: object) -> World:
    """The small city, at the standing clock; committed where a test is marked so, since events are read only once committed."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
    return build()
