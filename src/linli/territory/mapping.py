"""Outlines for maps: GeoJSON of one level below a path or within a window, simplified alike on both sides of every edge."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, in_subtree
from linli.kernel.errors import Invalid
from linli.territory import locating
from linli.territory.models import Boundary, Level
from linli.territory.queries import on_day

# Visvalingam tolerance in degrees: the side of the smallest bend that is worth drawing at the scale of a level.
_TOLERANCE = {
    Level.DISTRICT: 0.0012,
    Level.SUBDISTRICT: 0.0005,
    Level.COMMUNITY: 0.00025,
    Level.GENERAL_GRID: 0.0001,
}
_MOST_FEATURES = 6000
_KEPT = 64

Window = tuple[float, float, float, float]


@dataclass(frozen=True)
class Outlines:
    """A GeoJSON feature collection as bytes, and the tag by which a browser knows whether it has it already."""

    body: bytes
    etag: str


_kept: OrderedDict[tuple[object, ...], Outlines] = OrderedDict()
_lock = threading.Lock()


def outlines(level: str, *, within_path: str = "", window: Window | None = None) -> Outlines:
    """Outlines of the areas of one level today, with level, path, name, households and whether they are drawn.

    Args:
        level: ``district`` to ``dedicated_grid``.
        within_path: only in the subtree of this path.
        window: only what meets (west, south, east, north), WGS 84 degrees.

    Raises:
        Invalid: no such level on a map, or too many areas asked for at once.
    """
    if level not in Level.values or level in (Level.CITY, Level.UNPLACED):
        raise Invalid("territory.bad_level", _("There is no such level on the map."), field="level")
    day = time.today()
    key = (locating.version(), day, level, within_path, window)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _make(level, within_path=within_path, window=window)
    with _lock:
        _kept[key] = made
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return made


def bounds(path: str) -> str:
    """West, south, east and north of an area today, of a city those of its districts, as a map takes them; empty where nothing is drawn."""
    rows = Boundary.objects.filter(on_day(time.today()))
    rows = (
        rows.filter(area__path=path)
        if len(path) >= DISTRICT_LENGTH
        else rows.filter(in_subtree("area__path", path), area__level=Level.DISTRICT)
    )
    found = rows.aggregate(west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north"))
    return "" if found["west"] is None else ",".join(f"{one:.6f}" for one in found.values())


def _make(level: str, *, within_path: str, window: Window | None) -> Outlines:
    day = time.today()
    rows = Boundary.objects.filter(on_day(day), area__level=level, area__valid_from__lte=day)
    rows = rows.exclude(area__valid_to__lte=day)
    if within_path:
        rows = rows.filter(in_subtree("area__path", within_path))
    if window is not None:
        west, south, east, north = window
        rows = rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    listed = list(
        rows.order_by("area__path").values_list(
            "geometry",
            "synthetic",
            "area__path",
            "area__name",
            "area__households",
            "area__label_lng",
            "area__label_lat",
        )[: _MOST_FEATURES + 1]
    )
    if len(listed) > _MOST_FEATURES:
        raise Invalid(
            "territory.too_many_outlines",
            _("That is too many areas for one map."),
            field="window",
            mend=_("Come closer, or choose a larger level."),
        )
    shapes = shapely.from_wkb(np.array([bytes(row[0]) for row in listed], dtype=object))
    tolerance = _TOLERANCE.get(Level(level), 0.0)
    if tolerance and len(shapes):
        shapes = shapely.coverage_simplify(shapes, tolerance)
    features = [
        f'{{"type":"Feature","id":{number},"properties":{_properties(row, level)},"geometry":{geometry}}}'
        for number, (row, geometry) in enumerate(zip(listed, shapely.to_geojson(shapes), strict=True))
    ]
    body = ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()
    return Outlines(body, '"' + hashlib.blake2b(body, digest_size=12).hexdigest() + '"')


def _properties(row: tuple[Any, ...], level: str) -> str:
    _geometry, synthetic, path, name, households, lng, lat = row
    facts = {
        "level": str(level),
        "path": path,
        "name": name,
        "households": households,
        "synthetic": synthetic,
        "label": [lng, lat],
    }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
