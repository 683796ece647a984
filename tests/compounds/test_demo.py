"""The demo's files: made once, marked as made up, and the cast's compound has everything in it."""

from __future__ import annotations

from linli.compounds import queries
from linli.compounds.models import Committee, FundEntry
from linli.kernel import time
from linli.simulation import governing
from tests.compounds.conftest import Town
from tests.world import HOME, WUHOU


def test_the_demo_has_files(town: Town) -> None:
    told = governing.govern(WUHOU, now=time.now(), seed=1, micro_grid=HOME, worker="xiao_xu")
    assert told.startswith("2 files")
    assert governing.govern(WUHOU, now=time.now(), seed=1, micro_grid=HOME) == "there"
    found = queries.file(town.world.xiao_xu, town.beside.id)
    assert found.chair is not None
    assert found.items
    assert all((found.votes, found.renovations, found.dues, found.checks, found.fund))
    assert Committee.objects.filter(synthetic=True).exists()
    assert not FundEntry.objects.filter(synthetic=False).exists()
