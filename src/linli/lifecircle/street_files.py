"""Street networks in files: GeoJSON, GeoPackage or zipped Shapefile of lines, or CSV with a street a row. Pure.

Streets hang together where they share a point to a millionth of a degree; lines that merely cross do not, so that a bridge over a road
is none of its crossings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid
from linli.kernel.sheets import text_of
from linli.lifecircle.walking import Streets, Walk, plane
from linli.territory import shape_files
from linli.territory.coords import CoordinateSystem, to_wgs84
from linli.territory.shape_files import Damage, FileError, Form

MOST_BYTES = shape_files.MOST_BYTES
MOST_STREETS = 400_000
_DECIMALS = 6
_MARGIN = 0.02  # degrees around the district that still belong to its network: some two kilometres
_COLUMNS = ("from_lng", "from_lat", "to_lng", "to_lat")


@dataclass(frozen=True)
class Drawn:
    """A network as a file has it.

    Attributes:
        beyond: streets of the file that lie elsewhere and are left out.
        kilometres: of all streets.
        parts: into how many pieces that do not hang together it falls.
        largest: the share of the crossings in the largest piece.
    """

    streets: Streets
    beyond: int
    kilometres: float
    parts: int
    largest: float


def read(content: bytes, *, bounds: Sequence[float], system: CoordinateSystem) -> Drawn:
    """The network of a file, as far as it lies in a district.

    Args:
        content: lines; CSV has the columns from_lng, from_lat, to_lng, to_lat and, if it knows better, metres.
        bounds: west, south, east and north of the district, degrees.
        system: in which its coordinates are.

    Raises:
        Invalid: it is no such file, or no street of it lies in the district.
    """
    if len(content) > MOST_BYTES:
        raise _refused(FileError(Damage.SIZE))
    is_table = shape_files.form_of(content) == Form.GEOJSON and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(
        b"{"
    )
    pairs, metres = _table(content) if is_table else _lines(content)
    if not len(pairs):
        raise Invalid(
            "lifecircle.no_streets", _("The file holds no street."), field="file",
            mend=_("Lines are needed, or a CSV file with from_lng, from_lat, to_lng and to_lat."),
        )  # fmt: skip
    if len(pairs) > MOST_STREETS:
        raise Invalid(
            "lifecircle.streets", _("A network has at most %(n)d streets.") % {"n": MOST_STREETS}, field="file",
            mend=_("Leave out what nobody walks."),
        )  # fmt: skip
    x, y = to_wgs84(pairs[:, 0], pairs[:, 1], system=system)
    return drawn(np.column_stack([x, y]).reshape(-1, 2, 2), metres, bounds=bounds)


def drawn(ends: np.ndarray, metres: np.ndarray, *, bounds: Sequence[float]) -> Drawn:
    """The network of single streets.

    Args:
        ends: shape (m, 2, 2), degrees WGS 84: where each begins and where it ends.
        metres: shape (m,); nan where the straight line is meant.

    Raises:
        Invalid: no street lies in the district.
    """
    west, south, east, north = bounds
    low, high = np.array([west - _MARGIN, south - _MARGIN]), np.array([east + _MARGIN, north + _MARGIN])
    near: np.ndarray = np.any(np.all((ends >= low) & (ends <= high), axis=2), axis=1)
    if not near.any():
        raise Invalid(
            "lifecircle.elsewhere", _("No street of the file lies in this district."), field="file",
            mend=_("Choose the district that it shows, and say in which coordinates the file is."),
        )  # fmt: skip
    ends, metres = np.round(ends[near], _DECIMALS), metres[near]
    points, rows = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    rows = rows.reshape(-1, 2)
    xy = plane(points, latitude=float(points[:, 1].mean()))
    straight = np.hypot(*(xy[rows[:, 0]] - xy[rows[:, 1]]).T)
    streets = Streets(points, rows, np.fmax(metres, straight))
    labels = Walk(streets).parts
    sizes = np.bincount(labels)
    return Drawn(
        streets, int((~near).sum()), float(streets.metres.sum()) / 1000, len(sizes), float(sizes.max() / len(points))
    )


def _lines(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Shape (2 m, 2): ends of streets one after the other; shape (m,): their lengths, not known."""
    try:
        found = list(_flat(one.shape for one in shape_files.read(content)))
    except FileError as problem:
        raise _refused(problem) from problem
    pieces = [shapely.get_coordinates(line) for line in found]
    steps = [np.stack([piece[:-1], piece[1:]], axis=1).reshape(-1, 2) for piece in pieces if len(piece) > 1]
    pairs = np.concatenate(steps) if steps else np.empty((0, 2))
    if not (np.isfinite(pairs).all() and (np.abs(pairs) <= (180.0, 90.0)).all()):
        raise _no_degrees()
    return pairs, np.full(len(pairs) // 2, np.nan)


def _flat(shapes: Iterator[shapely.Geometry | None]) -> Iterator[shapely.LineString]:
    for one in shapes:
        if isinstance(one, shapely.LineString):
            yield one
        elif one is not None and hasattr(one, "geoms"):
            yield from _flat(iter(one.geoms))


def _table(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    rows = csv.reader(io.StringIO(text_of(content), newline=""))
    head = [cell.strip().lower() for cell in next(rows, [])]
    if not set(_COLUMNS) <= set(head):
        raise Invalid(
            "lifecircle.street_file", _("This is no file of streets that can be read."), field="file",
            mend=_("Lines are needed, or a CSV file with from_lng, from_lat, to_lng and to_lat."),
        )  # fmt: skip
    at = [head.index(name) for name in _COLUMNS]
    length = head.index("metres") if "metres" in head else -1
    found: list[list[float]] = []
    for number, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        try:
            told = [float(cells[k]) for k in at]
            said = cells[length].strip() if 0 <= length < len(cells) else ""
            told.append(float(said) if said else np.nan)
        except (ValueError, IndexError):
            raise _bad_row(number) from None
        if not np.isfinite(told[:4]).all() or np.isinf(told[4]) or told[4] < 0:
            raise _bad_row(number)
        found.append(told)
        if len(found) > MOST_STREETS:
            break
    table = np.array(found).reshape(-1, 5)
    pairs = table[:, :4].reshape(-1, 2)
    if not (np.abs(pairs) <= (180.0, 90.0)).all():
        raise _no_degrees()
    return pairs, table[:, 4]


def _bad_row(number: int) -> Invalid:
    return Invalid(
        "lifecircle.street_row", _("Row %(n)d: longitude, latitude or metres are no numbers.") % {"n": number}, field="file",
        mend=_("Mend what is named and send the file again."),
    )  # fmt: skip


def _no_degrees() -> Invalid:
    return Invalid(
        "lifecircle.degrees", _("The coordinates of the file are no degrees."), field="file",
        mend=_("Save it anew in WGS 84 (EPSG:4326) or CGCS2000 (EPSG:4490), in degrees."),
    )  # fmt: skip


def _refused(problem: FileError) -> Invalid:
    message, mend = {
        Damage.SIZE: (_("The file is larger than 8 MB."), _("Leave out what nobody walks, or send a GeoPackage.")),
        Damage.UNREADABLE: (
            _("This is no file of streets that can be read."),
            _("Lines are needed, or a CSV file with from_lng, from_lat, to_lng and to_lat."),
        ),
        Damage.PACKED: (
            _("What is packed in the file is too large or too many."),
            _("Pack one Shapefile alone: .shp, .dbf, .prj and .cpg."),
        ),
        Damage.SEVERAL: (
            _("The file holds several layers: %(named)s.") % {"named": problem.named},
            _("Send each layer as a file of its own."),
        ),
        Damage.SYSTEM: (
            _("The file is in another reference system: %(named)s.") % {"named": problem.named},
            _("Save it anew in WGS 84 (EPSG:4326) or CGCS2000 (EPSG:4490), in degrees."),
        ),
        Damage.MANY: (
            _("The file holds more than %(most)s features.") % {"most": shape_files.MOST_FEATURES},
            _("Send a CSV file with a street a row."),
        ),
    }[problem.damage]
    return Invalid(f"lifecircle.file_{problem.damage.value}", message, field="file", mend=mend)
