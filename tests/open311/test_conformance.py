"""Every sentence of the specification has its check, and every check passes."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Clock
from tests.open311 import checks
from tests.open311.conftest import Caller
from tests.open311.stage import Stage
from tests.world import World

SECTIONS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("spec.yaml").read_text("utf-8"))
SENTENCES = [sentence for section in SECTIONS for sentence in section["sentences"]]
CHECKS: dict[str, Callable[[Stage], None]] = {
    name: check
    for name, check in inspect.getmembers(checks, inspect.isfunction)
    if check.__module__ == checks.__name__ and not name.startswith("_")
}


@pytest.fixture
def stage(world: World, clock: Clock, app: Caller, anybody: Caller) -> Stage:
    """What the checks stand on."""
    return Stage(world, clock, app, anybody)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_the_specification(name: str, stage: Stage) -> None:
    CHECKS[name](stage)


def test_every_sentence_has_its_check() -> None:
    assert [name for name, count in Counter(one["id"] for one in SENTENCES).items() if count > 1] == []
    assert [one["id"] for one in SENTENCES if ("check" in one) == ("note" in one)] == []
    assert {one["check"] for one in SENTENCES if "check" in one} == set(CHECKS)
