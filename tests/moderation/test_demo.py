"""The demo shows public words, and leaves some for a visitor to look through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.kernel import time
from linli.moderation.models import Text, TextState
from linli.simulation import wording
from tests.moderation.conftest import read_events
from tests.world import World, report


def test_what_is_older_than_a_day_has_been_looked_through(
    world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "WORKER", "xiao_xu")
    monkeypatch.setattr(wording.events, "drain", lambda names: read_events())
    report(world.zhou, description="路灯不亮，电话13800000001")
    report(world.zhou, description="他妈的路灯")
    clock.forward(days=2)
    report(world.zhou, description="又不亮了")
    assert wording.look_through(now=time.now() + timedelta(minutes=1)) == "2 looked through, 1 wait"
    states = list(Text.objects.order_by("said_at", "sequence").values_list("state", flat=True))
    assert sorted(states) == [TextState.PUBLISHED, TextState.WAITING, TextState.WITHHELD]
