"""The hotline's published rules as data, and how they are read.

``callbacks.yaml`` says how often and when a reporter is rung back; ``articles.yaml`` holds the articles that come with Linli, in our own
words: ``linli load_articles`` puts them into the database, where they live from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Callbacks:
    """How a reporter is rung back.

    Args:
        tries: how often at most before nobody was reached.
        pauses: working minutes after each try that failed, before the next one counts.
        ringing_minutes: how long an announced call may ring before it counts as abandoned.
        further_minutes: how long after a call a further matter of it may be registered.
    """

    tries: int
    pauses: tuple[int, ...]
    ringing_minutes: int
    further_minutes: int


@lru_cache(maxsize=1)
def callbacks() -> Callbacks:
    """``callbacks.yaml``.

    Raises:
        ValueError: there is not one pause between each two tries.
    """
    found = _read("callbacks.yaml")
    rule = Callbacks(found["tries"], tuple(found["pauses"]), found["ringing_minutes"], found["further_minutes"])
    if len(rule.pauses) != rule.tries - 1 or any(pause < 1 for pause in rule.pauses):
        raise ValueError("callbacks.yaml: between each two tries there is one pause of at least a minute")
    return rule


def articles() -> list[Mapping[str, Any]]:
    """The articles that come with Linli."""
    found: list[Mapping[str, Any]] = _read("articles.yaml")
    return found


def _read(name: str) -> Any:
    return yaml.safe_load(resources.files("linli.hotline.rules").joinpath(name).read_text("utf-8"))
