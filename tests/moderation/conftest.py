"""The small city, where the room reads what residents write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from linli.kernel.events import Happened
from linli.kernel.models import Event
from linli.moderation import handlers, queries
from linli.moderation.models import Text
from linli.moderation.queries import View
from tests.world import WUHOU, World, build

FIELDS = tuple(Happened.__dataclass_fields__)


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


def read_events() -> None:
    """Let the room read every event of the district; what it knows already changes nothing."""
    rows = Event.objects.filter(district=WUHOU).order_by("at", "id")
    batch = [Happened(**{name: getattr(row, name) for name in FIELDS}) for row in rows]
    wanted = (*handlers.KINDS, "case.reclassify", "case.relocate")
    handlers.on_words([event for event in batch if event.kind in wanted])


@pytest.fixture
def waiting(world: World) -> Callable[[], list[Text]]:
    """What waits for the community worker, after the room has read what happened."""

    def listed() -> list[Text]:
        read_events()
        return queries.queue(world.xiao_xu, View.WAITING).texts

    return listed
