"""The demo's networks: believable, with something missing, made once."""

from linli.kernel import time
from linli.organisations import coverage, queries
from linli.organisations.models import Drive
from linli.people.models import Organisation
from linli.simulation import networking
from tests.world import HOME, WUHOU


def test_the_demo_lays_a_network_and_a_drive_once(town, monkeypatch) -> None:
    monkeypatch.setattr(networking, "WORKER", "xiao_xu")
    words = networking.told()
    words["shares"]["owners_committee"]["share"] = 0
    words["shares"]["grid_party_branch"]["share"] = 1
    monkeypatch.setattr(networking, "told", lambda: words)
    said = networking.network(WUHOU, now=time.now(), micro_grid=HOME)
    assert said.endswith("1 drive")
    assert networking.network(WUHOU, now=time.now(), micro_grid=HOME) == "there"
    assert coverage.coverage(town.world.liu, "grid_party_branch").whole.percent == 100
    branch = Organisation.objects.get(type_id="grid_party_branch", area_path=f"{WUHOU}/012/003/02")
    assert [one.type_id for one in queries.line_of(branch)][:1] == ["subdistrict_party_committee"]
    (progress,) = queries.drives(town.world.liu)
    assert (progress.builds, progress.founded) == (2, 2)
    assert Drive.objects.count() == 1
