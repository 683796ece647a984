"""A small trial of chaos with the real stack; `./run chaos` is the whole one, with its control."""

from pathlib import Path

import pytest

from tests.chaos import run, stack


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LINLI_DATABASE_URL", "LINLI_OWNER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    place = Path(tmp_path_factory.mktemp("chaos"))
    place.chmod(0o755)
    city = run.prepare(place / "trial", clocks=20)
    # One of each kind that leaves something half done: a request, a batch of events, a transaction.
    kinds = iter(["web worker", "worker", "database, all of it"])
    monkeypatch.setattr(run, "_drawn", lambda chance: next(kinds))
    monkeypatch.setattr(run, "PAUSES", (0.3, 2.0))
    held = run.trial(place / "trial", city, kills=3, seed=1)
    assert held.findings == {}
    assert held.kills.total() == 3
    assert held.commands > 0


def test_the_checker_can_fail() -> None:
    good, lossy = run.Outcome(), run.Outcome(findings={"lost": ["report 1"]})
    assert run.verdict(good, lossy) == 0
    assert run.verdict(good, run.Outcome()) == 1
    assert run.verdict(lossy, lossy) == 1
    assert set(stack.DATABASE_KINDS) <= set(stack.KINDS)
