"""Names for generated ground and the plain names of communities, made from word lists (data/words.toml). Pure."""

from __future__ import annotations

import random
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The word lists."""
    return tomllib.loads(resources.files("linli.territory").joinpath("data/words.toml").read_text("utf-8"))


def short_name(official: str) -> str:
    """What is left of a community's official (or plain) name without the words for its committee and its kind."""
    lists = words()["short_names"]
    bare = _without(official, lists["endings"])
    return _without(bare, [lists["community_word"], lists["village_word"]])


def plain_name(official: str, *, rural: bool) -> str:
    """The name people use for a community or village: its own word where the official name has one, else by its kind."""
    lists = words()["short_names"]
    bare = _without(official, lists["endings"])
    for word in (lists["community_word"], lists["village_word"]):
        if bare.endswith(word) and len(bare) > len(word) + 1:
            return bare
    return bare + (lists["village_word"] if rural else lists["community_word"])


def _without(name: str, endings: list[str]) -> str:
    """The name without the first ending that fits and leaves two characters or more."""
    for ending in endings:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)]
    return name


def street_names(short: str, rng: random.Random) -> list[str]:
    """Three streets of a community; the first is the one it is named after, when it is."""
    lists = words()
    stem = next((short[: -len(end)] for end in lists["short_names"]["road_endings"] if short.endswith(end)), short)
    others = [stem + ending for ending in rng.sample(lists["streets"]["endings"], 3)]
    return [short, *others[:2]] if stem != short else others


def estate_name(rng: random.Random) -> str:
    """A name such as estates have."""
    lists = words()["compounds"]
    return rng.choice(lists["first"]) + rng.choice(lists["second"]) + rng.choice(lists["estate"])


def dedicated_name(short: str, taken: set[str], rng: random.Random) -> str:
    """The name of a school, market, office tower ... of a community, new among those taken there."""
    kinds = words()["dedicated"]["kinds"]
    ending = rng.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
    name, n = f"{short}{ending}", 2
    while name in taken:
        name, n = f"{short}{ending}{n}", n + 1
    taken.add(name)
    return name
