"""Kinds of dedicated grids (``rules/kinds.csv``): what the keepers of a grid say, else what its name says."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

OTHER = "other"


@dataclass(frozen=True, slots=True)
class GridKind:
    """A kind. ``endings`` are those of the names by which a grid is taken for one."""

    code: str
    name_zh: str
    name_en: str
    endings: tuple[str, ...]

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en

    @property
    def pattern(self) -> str:
        """The names that have one of the endings, a number behind it or none, as a regular expression of Python and PostgreSQL alike."""
        return f"({'|'.join(map(re.escape, self.endings))})[0-9]*$" if self.endings else ""


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, GridKind]:
    """Every kind by its code, in the order in which they are offered."""
    text = resources.files("linli.dedicated").joinpath("rules/kinds.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    return {
        row["code"]: GridKind(
            row["code"], row["name_zh"], row["name_en"], tuple(filter(None, (row["endings"] or "").split("|")))
        )
        for row in rows
    }


def by_name(name: str) -> str:
    """The code of the kind that a name says; ``other`` for none."""
    return next((one.code for one in kinds().values() if one.pattern and re.search(one.pattern, name)), OTHER)
