"""Rough centres and sizes of cities and districts (data/places.csv): where labels and synthetic outlines begin. Pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True)
class Place:
    """A city or district: six-figure code, name, centre in WGS 84 degrees, area in square kilometres; all about right."""

    code: str
    name: str
    lng: float
    lat: float
    area_km2: float


@lru_cache(maxsize=1)
def places() -> dict[str, Place]:
    """Every place of the table, by its code."""
    text = resources.files("linli.territory").joinpath("data/places.csv").read_text("utf-8")
    return {
        row["code"]: Place(row["code"], row["name"], float(row["lng"]), float(row["lat"]), float(row["area_km2"]))
        for row in csv.DictReader(text.splitlines())
    }
