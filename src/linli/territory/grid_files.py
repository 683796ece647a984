"""Micro-grids as GeoJSON files (RFC 7946): out with their names and paths, in as outlines for a change or as a line to cut along. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid
from linli.territory.coords import CoordinateSystem, to_wgs84

MOST_BYTES = 8_000_000
_BEYOND = 0.0002  # degrees, some twenty metres


def written(grids: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A feature collection of grids as :func:`linli.territory.redrawings.grids_of` gives them."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "grid": one["key"] if one["stands"] else one.get("path", ""),
                    "name": one["name"],
                    "general_grid": one["parent"],
                    "households": one["households"],
                },
                "geometry": {"type": "Polygon", "coordinates": [one["outline"]]},
            }
            for one in grids
        ],
    }


def read(content: bytes, *, system: CoordinateSystem = CoordinateSystem.WGS84) -> list[dict[str, Any]]:
    """The outlines of a file as a step of a change takes them: ``grid``, ``name``, ``outline`` in WGS 84 degrees.

    Args:
        content: a GeoJSON feature collection of polygons without holes; ``grid`` and ``name`` among their properties are kept.
        system: in which its coordinates are.

    Raises:
        Invalid: it is no such file; ``extra`` holds the number of the feature that is wrong.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("redrawing.file_size", _("The file is larger than 8 MB."), field="file")
    try:
        return taken(json.loads(content), system=system)
    except (ValueError, RecursionError) as problem:
        raise _no_file() from problem


def taken(collection: Any, *, system: CoordinateSystem = CoordinateSystem.WGS84) -> list[dict[str, Any]]:
    """The same from a feature collection that is read already.

    Raises:
        Invalid: as for :func:`read`.
    """
    if not isinstance(collection, Mapping) or collection.get("type") != "FeatureCollection":
        raise _no_file()
    features = collection.get("features")
    if not isinstance(features, list):
        raise _no_file()
    return [_outline(one, number, system) for number, one in enumerate(features, start=1)]


def line_of(
    content: bytes,
    outlines: Sequence[Sequence[Sequence[float]]],
    *,
    system: CoordinateSystem = CoordinateSystem.WGS84,
) -> list[list[float]]:
    """The stretch of a road, a river or any other line of a GeoJSON file that runs through some grids, in WGS 84 degrees.

    Pieces that follow one another are joined; of several lines the one that runs longest within the grids is taken, and a little
    beyond them, so that it crosses from rim to rim.

    Args:
        content: a line, lines, a feature or a feature collection (RFC 7946); what is no line in it is left aside.
        outlines: rings of the grids, degrees.
        system: in which its coordinates are.

    Raises:
        Invalid: it is no such file, or no line of it meets the grids.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("redrawing.file_size", _("The file is larger than 8 MB."), field="line_file")
    try:
        shapes = shapely.from_geojson(content.decode("utf-8-sig"))
        points = shapely.get_coordinates(shapes)
        if not np.isfinite(points).all():
            raise _no_line()
        x, y = to_wgs84(points[:, 0], points[:, 1], system=system)
        shapes = shapely.set_coordinates(shapely.force_2d(shapes), np.column_stack([x, y]))
    except (ValueError, shapely.errors.GEOSException) as problem:
        raise _no_line() from problem
    flat = [shapes]
    while any(hasattr(one, "geoms") for one in flat):
        flat = [part for one in flat for part in (one.geoms if hasattr(one, "geoms") else [one])]
    lines = [one for one in flat if isinstance(one, shapely.LineString) and one.length > 0]
    grids = shapely.union_all([shapely.Polygon(ring) for ring in outlines])
    near = shapely.box(*grids.buffer(_BEYOND).bounds)
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines))) if lines else []
    found = [part for one in merged for part in shapely.get_parts(one.intersection(near))]
    found = [part for part in found if isinstance(part, shapely.LineString) and part.intersection(grids).length > 0]
    if not found:
        raise Invalid(
            "redrawing.line_elsewhere",
            _("No line of the file runs through the grid."),
            field="line_file",
            mend=_("Choose the grid that it crosses, and say in which coordinates the file is."),
        )
    best = max(found, key=lambda part: part.intersection(grids).length)
    line: list[list[float]] = shapely.get_coordinates(best).round(7).tolist()
    return line


def _outline(feature: Any, number: int, system: CoordinateSystem) -> dict[str, Any]:
    try:
        shape, facts = feature["geometry"], feature.get("properties") or {}
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        if shape["type"] not in ("Polygon", "MultiPolygon") or len(parts) != 1 or len(parts[0]) != 1:
            raise _bad_feature(number)
        ring = np.array([[float(point[0]), float(point[1])] for point in parts[0][0]], dtype=np.float64)
        if ring.ndim != 2 or not np.isfinite(ring).all():
            raise _bad_feature(number)
        x, y = to_wgs84(ring[:, 0], ring[:, 1], system=system)
    except (TypeError, KeyError, ValueError, IndexError, AttributeError) as problem:
        raise _bad_feature(number) from problem
    grid, name = facts.get("grid", facts.get("path", "")), facts.get("name", "")
    return {
        "grid": grid if isinstance(grid, str) else "",
        "name": name if isinstance(name, str) else "",
        "outline": np.column_stack([x, y]).round(7).tolist(),
    }


def _no_line() -> Invalid:
    return Invalid(
        "redrawing.no_line_file",
        _("This is not a GeoJSON file with a line."),
        field="line_file",
        mend=_("A LineString is needed: a road or a river."),
    )


def _no_file() -> Invalid:
    return Invalid(
        "redrawing.no_geojson",
        _("This is not a GeoJSON feature collection."),
        field="file",
        mend=_("Export the community's grids here to see the form."),
    )


def _bad_feature(number: int) -> Invalid:
    return Invalid(
        "redrawing.bad_feature",
        _("Feature %(number)s of the file is not one polygon without holes.") % {"number": number},
        field="file",
        extra={"feature": number},
    )
