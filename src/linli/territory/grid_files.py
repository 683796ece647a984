"""Micro-grids in files of shapes: out with their names and paths, in as outlines for a change or as lines to cut along. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import shapely
import yaml
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.kernel.errors import Invalid
from linli.territory import shape_files
from linli.territory.coords import CoordinateSystem, to_wgs84
from linli.territory.shape_files import MOST_BYTES, Damage, Feature, FileError, Form

__all__ = ["MOST_BYTES", "Form", "Wrong", "line_of", "lines_of", "read", "taken", "written"]

LAYER = "micro_grids"
COLUMNS: Mapping[str, type] = {"grid": str, "name": str, "general_grid": str, "households": int}
MOST_TOLD = 100
_BEYOND = 0.0002  # degrees, some twenty metres


class Wrong(StrEnum):
    """Why a feature cannot be taken for the outline of a micro-grid."""

    SHAPE = "shape"
    KIND = "kind"
    PARTS = "parts"
    HOLE = "hole"
    DEGREES = "degrees"
    AREA = "area"
    CROSSES = "crosses"
    TEXT = "text"
    TWICE = "twice"


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Name of a column in small letters, whole or as a dBase table keeps it → which of our facts it holds.

    Raises:
        ValueError: the rules are damaged.
    """
    text = resources.files("linli.territory.rules").joinpath("grid_files.yaml").read_text("utf-8")
    told: dict[str, list[str]] = yaml.safe_load(text)
    return {one.lower(): fact for fact, known in told.items() for one in known}


def written(grids: Iterable[Mapping[str, Any]], form: Form, *, at: datetime) -> bytes:
    """A file of grids.

    Args:
        grids: as :func:`linli.territory.redrawings.grids_of` gives them.
        form: which kind of file.
        at: the moment that the file says it was made.
    """
    features = [
        Feature(
            shapely.Polygon(one["outline"]),
            {
                "grid": one["key"] if one["stands"] else one.get("path", ""),
                "name": one["name"],
                "general_grid": one["parent"],
                "households": one["households"],
            },
        )
        for one in grids
    ]
    return shape_files.written(features, form, layer=LAYER, columns=COLUMNS, at=at)


def read(content: bytes, *, system: CoordinateSystem = CoordinateSystem.WGS84) -> list[dict[str, Any]]:
    """The outlines of a file as a step of a change takes them: ``grid``, ``name``, ``outline`` in WGS 84 degrees.

    Args:
        content: GeoJSON, GeoPackage or a zipped Shapefile of polygons without holes; columns that :func:`names` knows are kept.
        system: in which its coordinates are, whatever the file says of its ellipsoid.

    Raises:
        Invalid: it is no such file, or features of it cannot be taken; ``extra`` holds each of those with its number and its reason.
    """
    try:
        return _outlines(shape_files.read(content), system)
    except FileError as problem:
        raise _refused(problem, "file") from problem


def taken(collection: Any, *, system: CoordinateSystem = CoordinateSystem.WGS84) -> list[dict[str, Any]]:
    """The same from a GeoJSON feature collection that is read already.

    Raises:
        Invalid: as for :func:`read`.
    """
    try:
        return _outlines(list(shape_files.collected(collection)), system)
    except FileError as problem:
        raise _refused(problem, "file") from problem


def lines_of(
    content: bytes,
    outlines: Sequence[Sequence[Sequence[float]]],
    *,
    system: CoordinateSystem = CoordinateSystem.WGS84,
) -> list[list[list[float]]]:
    """The stretches of the roads, rivers or other lines of a file that run through some grids, in WGS 84 degrees, the longest first.

    Pieces that follow one another are joined, and each stretch goes a little beyond the grids, so that it crosses from rim to rim.

    Args:
        content: GeoJSON, GeoPackage or a zipped Shapefile with lines; what is no line in it is left aside.
        outlines: rings of the grids, degrees.
        system: in which its coordinates are.

    Raises:
        Invalid: it is no such file, or no line of it meets the grids.
    """
    try:
        lines = _lines(shape_files.read(content), system)
    except FileError as problem:
        raise _refused(problem, "line_file") from problem
    if not lines:
        raise Invalid(
            "redrawing.no_line_file",
            _("The file holds no line."),
            field="line_file",
            mend=_("A LineString is needed: a road or a river."),
        )
    grids = shapely.union_all([shapely.Polygon(ring) for ring in outlines])
    near = shapely.box(*grids.buffer(_BEYOND).bounds)
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines)))
    stretches = [part for one in merged for part in shapely.get_parts(one.intersection(near))]
    found = [(part.intersection(grids).length, part) for part in stretches if isinstance(part, shapely.LineString)]
    found = sorted((one for one in found if one[0] > 0), key=lambda one: -one[0])
    if not found:
        raise Invalid(
            "redrawing.line_elsewhere",
            _("No line of the file runs through the grid."),
            field="line_file",
            mend=_("Choose the grid that it crosses, and say in which coordinates the file is."),
        )
    return [shapely.get_coordinates(part).round(7).tolist() for _length, part in found]


def line_of(
    content: bytes,
    outlines: Sequence[Sequence[Sequence[float]]],
    *,
    system: CoordinateSystem = CoordinateSystem.WGS84,
) -> list[list[float]]:
    """The one of them that runs longest within the grids.

    Raises:
        Invalid: as for :func:`lines_of`.
    """
    return lines_of(content, outlines, system=system)[0]


def _outlines(features: Sequence[Feature], system: CoordinateSystem) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    wrong: dict[int, Wrong] = {}
    for number, one in enumerate(features, start=1):
        told = _outline(one, system)
        if isinstance(told, Wrong):
            wrong[number] = told
        else:
            found.append(told | {"number": number})
    paths = Counter(one["grid"] for one in found if one["grid"])
    wrong |= {one["number"]: Wrong.TWICE for one in found if paths[one["grid"]] > 1}
    if wrong:
        raise _bad_features(wrong)
    return [{name: one[name] for name in ("grid", "name", "outline")} for one in found]


def _outline(feature: Feature, system: CoordinateSystem) -> dict[str, Any] | Wrong:
    shape = feature.shape
    if shape is None or shape.is_empty:
        return Wrong.SHAPE
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return Wrong.KIND
    parts = shapely.get_parts(shape)
    if len(parts) != 1:
        return Wrong.PARTS
    if parts[0].interiors:
        return Wrong.HOLE
    ring = shapely.get_coordinates(parts[0].exterior)
    if not _in_degrees(ring):
        return Wrong.DEGREES
    x, y = to_wgs84(ring[:, 0], ring[:, 1], system=system)
    plain = shapely.Polygon(np.column_stack([x, y]).round(7))
    if plain.exterior.is_empty or plain.convex_hull.area == 0:
        return Wrong.AREA
    if not plain.is_valid:
        return Wrong.CROSSES
    facts = {"grid": "", "name": ""}
    for column, value in feature.facts.items():
        fact = names().get(str(column).lower())
        if fact and not facts[fact] and isinstance(value, str):
            facts[fact] = value.strip()
    if not all(one.isprintable() for one in facts.values()) or len(facts["grid"]) > 48 or len(facts["name"]) > 80:
        return Wrong.TEXT
    return {**facts, "outline": shapely.get_coordinates(plain.exterior).tolist()}


def _lines(features: Sequence[Feature], system: CoordinateSystem) -> list[shapely.LineString]:
    flat = [one.shape for one in features if one.shape is not None]
    while any(hasattr(one, "geoms") for one in flat):
        flat = [part for one in flat for part in (one.geoms if hasattr(one, "geoms") else [one])]
    lines = []
    for one in flat:
        points = shapely.get_coordinates(one)
        if isinstance(one, shapely.LineString) and len(points) > 1 and _in_degrees(points):
            x, y = to_wgs84(points[:, 0], points[:, 1], system=system)
            line = shapely.LineString(np.column_stack([x, y]))
            if line.length > 0:
                lines.append(line)
    return lines


def _in_degrees(points: np.ndarray) -> bool:
    return bool(np.isfinite(points).all() and (np.abs(points) <= (180.0, 90.0)).all())


def _bad_features(wrong: Mapping[int, Wrong]) -> Invalid:
    said = {
        Wrong.SHAPE: _("it has no shape that can be read"),
        Wrong.KIND: _("it is no polygon"),
        Wrong.PARTS: _("it has several parts"),
        Wrong.HOLE: _("it has a hole"),
        Wrong.DEGREES: _("its coordinates are no degrees"),
        Wrong.AREA: _("it encloses no ground"),
        Wrong.CROSSES: _("its outline crosses itself"),
        Wrong.TEXT: _("its name or path is too long or no text"),
        Wrong.TWICE: _("its path stands at another feature too"),
    }
    told = [
        {"feature": number, "reason": why.value, "said": _("Feature %(number)s: %(why)s.") % {"number": number, "why": said[why]}}
        for number, why in sorted(wrong.items())[:MOST_TOLD]
    ]  # fmt: skip
    return Invalid(
        "redrawing.bad_feature",
        ngettext(
            "%(count)s feature of the file cannot be taken; nothing was drawn.",
            "%(count)s features of the file cannot be taken; nothing was drawn.",
            len(wrong),
        )
        % {"count": len(wrong)},
        field="file",
        mend=_("Mend what is named and send the file again."),
        extra={"feature": min(wrong), "count": len(wrong), "features": told},
    )


def _refused(problem: FileError, field: str) -> Invalid:
    code, message, mend = {
        Damage.SIZE: ("redrawing.file_size", _("The file is larger than 8 MB."), _("Send it in parts.")),
        Damage.UNREADABLE: (
            "redrawing.unreadable_file",
            _("This is not a GeoJSON file, a GeoPackage or a zipped Shapefile, or it is damaged."),
            _("Export the community's grids here to see the form."),
        ),
        Damage.PACKED: (
            "redrawing.file_packed",
            _("What is packed in the file is too large or too many."),
            _("Pack one Shapefile alone: .shp, .dbf, .prj and .cpg."),
        ),
        Damage.SEVERAL: (
            "redrawing.file_layers",
            _("The file holds several layers: %(named)s.") % {"named": problem.named},
            _("Send each layer as a file of its own."),
        ),
        Damage.SYSTEM: (
            "redrawing.file_system",
            _("The file is in another reference system: %(named)s.") % {"named": problem.named},
            _("Save it anew in WGS 84 (EPSG:4326) or CGCS2000 (EPSG:4490), in degrees."),
        ),
        Damage.MANY: (
            "redrawing.file_features",
            _("The file holds more than %(most)s features.") % {"most": shape_files.MOST_FEATURES},
            _("Send only what lies in the community."),
        ),
    }[problem.damage]
    return Invalid(code, message, field=field, mend=mend)
