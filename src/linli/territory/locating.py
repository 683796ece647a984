"""From a point to the area that is responsible for it. The index of the day is held by the process (grid_index.py).

A process looks at the counter of changes at most once a second and rebuilds when it moved, or when the day passes on which
a boundary begins or ends. The rule of edges and the figures: docs/algorithms/locating.md.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.errors import Invalid, NotFound
from linli.territory.address_search import AddressCandidate, locate_address
from linli.territory.coords import CoordinateSystem, Point, to_wgs84
from linli.territory.grid_index import DEFAULT_LIMIT_METRES, GridIndex, Grids, How, Located, LocatedBatch
from linli.territory.models import Level, TerritoryVersion

__all__ = [
    "AddressCandidate",
    "CoordinateSystem",
    "How",
    "Located",
    "LocatedBatch",
    "Point",
    "forget",
    "locate",
    "locate_address",
    "locate_batch",
    "version",
    "warm",
    "who_was_responsible",
]

log = logging.getLogger(__name__)

_CHECK_SECONDS = 1.0
_CHUNK = 8192  # rows read at a time, so that building the index never holds all of them as Python objects

_GRIDS = """
    SELECT uuid_send(a.id), a.path, a.district, a.level, b.geometry
      FROM territory_area a
      JOIN territory_boundary b ON b.area_id = a.id AND b.district = a.district
     WHERE a.level IN ('micro_grid', 'dedicated_grid')
       AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
       AND b.valid_from <= %(day)s AND (b.valid_to IS NULL OR b.valid_to > %(day)s)
"""
_UNPLACED = """
    SELECT uuid_send(u.id), u.path, u.district, d.label_lng, d.label_lat, b.geometry
      FROM territory_area u
      LEFT JOIN territory_area d ON d.district = u.district AND d.path = left(u.path, 6) AND d.level = 'district'
           AND d.valid_from <= %(day)s AND (d.valid_to IS NULL OR d.valid_to > %(day)s)
      LEFT JOIN territory_boundary b ON b.area_id = d.id AND b.district = d.district
           AND b.valid_from <= %(day)s AND (b.valid_to IS NULL OR b.valid_to > %(day)s)
     WHERE u.level = 'unplaced'
       AND u.valid_from <= %(day)s AND (u.valid_to IS NULL OR u.valid_to > %(day)s)
     ORDER BY u.path
"""
_TURNING_DAYS = """
    SELECT max(day) FILTER (WHERE day <= %(day)s), min(day) FILTER (WHERE day > %(day)s)
      FROM (SELECT DISTINCT valid_from AS day FROM territory_boundary
            UNION SELECT DISTINCT valid_to FROM territory_boundary WHERE valid_to IS NOT NULL
            UNION SELECT DISTINCT valid_from FROM territory_area
            UNION SELECT DISTINCT valid_to FROM territory_area WHERE valid_to IS NOT NULL) turning
"""


@dataclass(frozen=True)
class _Held:
    """The index of a process: for which version and which days it holds."""

    version: int
    since: date
    until: date
    index: GridIndex


_held: _Held | None = None
_seen: tuple[int, float] | None = None  # the mark last read, and when by the process's clock
_lock = threading.Lock()


def version() -> int:
    """The mark of the ground as this process knows it, at most a second old; any change of an area gives another one.

    What is made from the ground (names, outlines, the index) is good for as long as the mark stands.
    """
    global _seen
    seen, moment = _seen, time.monotonic()
    if seen is not None and moment - seen[1] < _CHECK_SECONDS:
        return seen[0]
    mark = TerritoryVersion.objects.filter(name="ground").values_list("version", flat=True).first() or 0
    _seen = mark, moment
    return mark


def forget() -> None:
    """Read the mark again at the next question (the process has just changed the ground itself)."""
    global _seen
    _seen = None


def warm() -> int:
    """Build the index now rather than at the first question. Returns the number of grids."""
    return len(_current())


def locate(point: Point) -> Located:
    """The area responsible for a point today.

    A dedicated grid goes before a micro-grid; on a shared edge the smaller path answers; outside every grid the nearest
    micro-grid within ``LINLI_LOCATE_LIMIT_METRES`` (300), else the unplaced queue of the district there or nearest.

    Raises:
        Invalid: a coordinate is not one.
        NotFound: no district has been loaded at all.
    """
    lng, lat = _checked(point)
    found = _current().locate(lng, lat)
    if found is None:
        raise _no_ground()
    return found


def locate_batch(lng: np.ndarray, lat: np.ndarray, *, system: CoordinateSystem) -> LocatedBatch:
    """The same for arrays of degrees, shape (n,) each, in one system.

    Raises:
        Invalid: a coordinate is not one.
        NotFound: no district has been loaded at all.
    """
    x, y = to_wgs84(np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64), system=system)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Invalid("territory.bad_point", _("A coordinate is missing or not a number."), field="point")
    found = _current().locate_batch(x, y)
    if found is None:
        raise _no_ground()
    return found


def who_was_responsible(point: Point, day: date) -> Located:
    """The area that was (or will be) responsible for a point on a day, by the boundaries of that day.

    Raises:
        Invalid: a coordinate is not one.
        NotFound: no district existed on that day.
    """
    lng, lat = _checked(point)
    limit = _limit()
    margin_y = limit / 100_000.0
    margin_x = margin_y / max(0.1, float(np.cos(np.radians(lat))))
    near = _GRIDS + " AND b.west <= %(east)s AND b.east >= %(west)s AND b.south <= %(north)s AND b.north >= %(south)s"
    box = {"west": lng - margin_x, "east": lng + margin_x, "south": lat - margin_y, "north": lat + margin_y}
    found = _build(day, grids_sql=near, parameters=box).locate(lng, lat)
    if found is None:
        raise _no_ground()
    return found


def _current() -> GridIndex:
    """The index for today, rebuilt when the ground has changed."""
    global _held
    held, mark, today = _held, version(), time.today()
    if held is not None and held.version == mark and held.since <= today < held.until:
        return held.index
    # One thread builds; the others go on with what they have, if they have anything.
    if not _lock.acquire(blocking=held is None) and held is not None:
        return held.index
    try:
        held = _held  # another thread may have built it meanwhile
        if held is None or held.version != mark or not held.since <= today < held.until:
            began = time.monotonic()
            index = _build(today)
            since, until = _days_of_validity(today)
            _held = held = _Held(mark, since, until, index)
            seconds = round(time.monotonic() - began, 2)
            log.info("ground loaded", extra={"grids": len(index), "seconds": seconds})
    finally:
        _lock.release()
    return held.index


def _build(day: date, *, grids_sql: str = _GRIDS, parameters: dict[str, Any] | None = None) -> GridIndex:
    ids: list[np.ndarray] = []
    paths: list[np.ndarray] = []
    districts: list[np.ndarray] = []
    dedicated: list[np.ndarray] = []
    outlines: list[np.ndarray] = []
    with connection.cursor() as cursor:
        cursor.execute(_UNPLACED, {"day": day})
        unplaced = _queues(cursor.fetchall())
    with connection.chunked_cursor() as cursor:
        cursor.execute(grids_sql, {"day": day, **(parameters or {})})
        while rows := cursor.fetchmany(_CHUNK):
            ids.append(np.frombuffer(b"".join(row[0] for row in rows), dtype="V16"))
            paths.append(np.array([row[1].encode() for row in rows], dtype="S32"))
            districts.append(np.array([row[2].encode() for row in rows], dtype="S6"))
            dedicated.append(np.array([row[3] == Level.DEDICATED_GRID for row in rows]))
            outlines.append(shapely.from_wkb(np.array([bytes(row[4]) for row in rows], dtype=object)))
    grids = Grids(
        np.concatenate(ids) if ids else np.empty(0, dtype="V16"),
        np.concatenate(paths) if paths else np.empty(0, dtype="S32"),
        np.concatenate(districts) if districts else np.empty(0, dtype="S6"),
        np.concatenate(outlines) if outlines else np.empty(0, dtype=object),
    )
    kinds = np.concatenate(dedicated) if dedicated else np.empty(0, dtype=bool)
    return GridIndex(grids=grids, dedicated=kinds, unplaced=unplaced, limit_m=_limit())


def _queues(rows: list[tuple[Any, ...]]) -> Grids:
    """The unplaced queues with the outlines of their districts; a district without one stands at its label, or nowhere near."""
    outlines = []
    for _id, _path, _district, lng, lat, geometry in rows:
        if geometry is not None:
            outlines.append(shapely.from_wkb(bytes(geometry)))
        else:
            outlines.append(shapely.Point(lng or 0.0, lat or 0.0))
    return Grids(
        np.frombuffer(b"".join(row[0] for row in rows), dtype="V16"),
        np.array([row[1].encode() for row in rows], dtype="S32"),
        np.array([row[2].encode() for row in rows], dtype="S6"),
        np.array(outlines, dtype=object),
    )


def _days_of_validity(day: date) -> tuple[date, date]:
    with connection.cursor() as cursor:
        cursor.execute(_TURNING_DAYS, {"day": day})
        since, until = cursor.fetchone()
    return since or date.min, until or date.max


def _checked(point: Point) -> tuple[float, float]:
    try:
        plausible = -180.0 <= point.lng <= 180.0 and -90.0 <= point.lat <= 90.0
        system = CoordinateSystem(point.system)
    except (TypeError, ValueError):
        plausible = False
    if not plausible:  # also for nan, which compares as false
        raise Invalid(
            "territory.bad_point",
            _("This is not a place on a map."),
            field="point",
            mend=_("Give longitude and latitude in degrees and the system they are in (wgs84, gcj02 or bd09)."),
        )
    lng, lat = to_wgs84(point.lng, point.lat, system=system)
    return lng, lat


def _no_ground() -> NotFound:
    return NotFound(
        "territory.no_ground",
        _("No district has been loaded yet."),
        mend=_("An administrator loads one with: linli import divisions FILE"),
    )


def _limit() -> float:
    return float(getattr(settings, "LINLI_LOCATE_LIMIT_METRES", DEFAULT_LIMIT_METRES))
