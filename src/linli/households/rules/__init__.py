"""Published rules of the room as data: how long what is kept, the columns and words of a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

MINOR_BELOW = 14
"""Full years: younger children's data need a guardian's consent (Personal Information Protection Law, articles 28 and 31)."""


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("linli.households.rules").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")))


@lru_cache(maxsize=1)
def retention() -> Mapping[str, int]:
    """Class → days for which it is kept."""
    return {row["class"]: int(row["days"]) for row in _rows("retention.csv")}


@lru_cache(maxsize=1)
def columns() -> list[dict[str, str]]:
    """The columns of a file in their order: ``column``, ``zh``, ``en``, ``needed``, ``example``."""
    return _rows("import_columns.csv")


@lru_cache(maxsize=1)
def column_names() -> Mapping[str, str]:
    """What a head may say, in small letters without spaces → the column."""
    found = {}
    for row in columns():
        for name in (row["column"], row["zh"], row["en"], *row["also"].split("|")):
            if name:
                found["".join(name.split()).lower()] = row["column"]
    return found


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """For ``status``, ``kind`` and ``yes``: what a cell may say → the code."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows("import_words.csv"):
        found.setdefault(row["column"], {})
        for word in (row["code"], *row["words"].split("|")):
            found[row["column"]][word] = row["code"]
    return found


@lru_cache(maxsize=1)
def tasks() -> list[dict[str, str]]:
    """What the room has communities do, as tasks of the duty lists: ``kind``, ``code``, ``name_zh``, ``name_en``."""
    return _rows("tasks.csv")
