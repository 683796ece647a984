"""The town for the tests of this room."""

import pytest

from tests.people import factories


@pytest.fixture
def town(db, clock):
    """The small town of the factories, at the clock's time."""
    return factories.make_town()
