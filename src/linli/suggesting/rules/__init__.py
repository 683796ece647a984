"""The first texts as data, and how they are read.

``texts/*.yaml`` holds category → family → scene → text, every text written by hand for the project. A scene that is told in several
families carries the same letter; a figure behind it (``d2``) only tells two tellings of one family apart. ``g+UT02`` says that the
text also speaks of UT02. ``confusable.csv`` names the pairs that people mix up and what tells them apart.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

FAMILIES = ("short", "long", "angry", "dialect", "typo", "two", "elder", "formal", "question", "spoken")
"""A few words; told at length; angry; Sichuanese; with typos; two problems in one; as old people say it; as an office writes it; as a
question; dictated without a pause."""


class Text(NamedTuple):
    """One phrasing: ``scene`` is unique in the catalogue, ``also`` the second category that it speaks of or ``""``."""

    code: str
    family: str
    scene: str
    also: str
    words: str


class Pair(NamedTuple):
    """Two categories that are mixed up, and what tells them apart."""

    one: str
    other: str
    rule: str


@lru_cache(maxsize=1)
def texts() -> tuple[Text, ...]:
    """Every text, in the order of the files.

    Raises:
        ValueError: when a file names an unknown family.
    """
    found = []
    folder = resources.files("linli.suggesting.rules").joinpath("texts")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        for code, families in yaml.safe_load(file.read_text("utf-8")).items():
            if unknown := set(families) - set(FAMILIES):
                raise ValueError(f"{file.name}: {code} has an unknown family {sorted(unknown)}")
            for family, scenes in families.items():
                for mark, words in scenes.items():
                    scene, _plus, also = mark.partition("+")
                    found.append(Text(code, family, f"{code}/{scene.rstrip('0123456789')}", also, words))
    return tuple(found)


@lru_cache(maxsize=1)
def confusable() -> tuple[Pair, ...]:
    """The pairs that people mix up."""
    text = resources.files("linli.suggesting.rules").joinpath("confusable.csv").read_text("utf-8")
    return tuple(Pair(row["one"], row["other"], row["rule"]) for row in csv.DictReader(text.splitlines()))
