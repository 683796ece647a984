"""Scores are taken once a quarter, as they were known then, and stand beside each other without ranks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.indicators import queries, snapshots
from linli.indicators.models import Snapshot
from linli.indicators.sets import sets
from linli.kernel import time
from linli.kernel.errors import NotFound
from tests.indicators.test_indicators import client
from tests.world import WUHOU, World, build

OFFICE, HOME = f"{WUHOU}/012", f"{WUHOU}/012/003"


def test_each_area_is_taken_once_a_quarter_and_shown_to_whom_it_concerns(db: None, clock: object) -> None:
    world: World = build()
    while snapshots.take_due(most=50):
        pass
    taken = Snapshot.objects.count()
    assert taken == len(sets()) * len(set(Snapshot.objects.values_list("area_path", flat=True)))
    assert snapshots.take_due(most=50) == 0
    first = next(iter(sets()))
    now = queries.card(world.liu, first, OFFICE).score
    (kept,) = snapshots.trend(world.liu, first, OFFICE)
    assert (kept.score, kept.known) == (now.points, now.known)
    with time.at(time.now() + timedelta(days=60)):
        assert snapshots.take_due(most=2) == 2 * len(sets())
        assert len(snapshots.trend(world.ma, first, WUHOU)) == 2
    with pytest.raises(NotFound):
        snapshots.trend(world.xiao_xu, first, OFFICE)
    names = [path for path, _name, one in snapshots.below(world.liu, first, OFFICE) if one]
    assert names == sorted(names)
    assert HOME in names
    text = client(world, "liu").get("/desk/indicators").content.decode()
    assert "quarter 4 of 2026" in text
    answer = client(world, "liu").get("/api/v1/indicator-sets/trend", {"area_path": OFFICE}).json()
    assert [one["quarter"] for one in answer["quarters"]] == ["2026-10-01"]
    assert HOME in [one["area_path"] for one in answer["below"]]
    assert client(world, "xiao_xu").get("/api/v1/indicator-sets/trend", {"area_path": OFFICE}).status_code == 404
