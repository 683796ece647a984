"""Micro-grids as GeoJSON files (RFC 7946): out with their names and paths, in as outlines for a change. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid
from linli.territory.coords import CoordinateSystem, to_wgs84

MOST_BYTES = 8_000_000


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
