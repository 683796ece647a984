"""The small city for the stories of this room, and the events that it hears of."""

from collections.abc import Callable
from typing import Any

import pytest

from linli.kernel import events
from linli.kernel.models import Event
from tests.world import World, build

FIELDS = (
    "id", "district", "xid", "at", "kind", "subject_type", "subject_id", "sequence", "area_path", "post_id", "role", "data",
)  # fmt: skip


@pytest.fixture
def world(db, clock) -> World:
    """The small city, at the clock's time: 10:00 on Wednesday 18 November 2026."""
    return build()


@pytest.fixture
def hear() -> Callable[..., None]:
    """Let a reader of events take those of some kinds; within a test's transaction the outbox shows none by itself."""

    def read(handler: Callable[[Any], None], *kinds: str) -> None:
        rows = Event.objects.filter(kind__in=kinds).order_by("id")
        handler([events.Happened(**{name: getattr(row, name) for name in FIELDS}) for row in rows])

    return read
