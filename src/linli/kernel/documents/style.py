"""What the style of a Chinese office document is written with, as data (``data/style.json``): families, numerals, the form of a day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Style:
    """The style.

    Attributes:
        title_family: the family of titles, and another that is taken where the machine does not have it; so the other families.
        digits: one to ten.
        levels: how headings of the three levels are numbered.
        day: the form of a day.
        colon: stands after the addressee.
    """

    title_family: tuple[str, str]
    body_family: tuple[str, str]
    heading_family: tuple[str, str]
    second_family: tuple[str, str]
    digits: str
    levels: tuple[str, str, str]
    day: str
    colon: str


@lru_cache(maxsize=1)
def style() -> Style:
    """The style of GB/T 9704."""
    found: dict[str, Any] = json.loads(
        resources.files("linli.kernel.documents").joinpath("data/style.json").read_text(encoding="utf-8")
    )
    kept: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return Style(**kept)
