"""Regroup micro-grids: merge neighbours, split one in two. The old areas end today and stay on record, the new ones begin today.

Work that is open in an old area is moved by the rooms that own it, on the event ``territory.regrouped``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import shapely
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linli.kernel import events, ids, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor, policy
from linli.territory.changes import mark_changed
from linli.territory.models import Area, Boundary, Building, Compound, Level
from linli.territory.partition import BLOCK, LATTICE, CutError, Plane, source_of

_MOST_SEGMENT = 999


@dataclass(frozen=True)
class Regrouped:
    """What came of it: paths that ended, and areas that began."""

    ended: list[str]
    begun: list[Area]


def merge_grids(actor: Actor, paths: Sequence[str], *, name: str = "") -> Regrouped:
    """Make one micro-grid of several that lie side by side in one general grid, from today on.

    Args:
        actor: needs the verb ``territory.regroup``.
        paths: paths of two or more micro-grids.
        name: of the new one; the first one's name when empty.

    Raises:
        NotFound: a path is no micro-grid of today.
        Invalid: they do not touch, or lie in different general grids.
        Conflict: one of them began only today.
    """
    policy.require(actor, "territory.regroup")
    with transaction.atomic():
        areas = _lock(paths)
        if len(areas) < 2 or len({area.parent_id for area in areas}) != 1:
            raise Invalid(
                "territory.not_together",
                _("Only micro-grids of one general grid can be merged, two or more of them."),
                field="paths",
            )
        outlines = [_outline(area) for area in areas]
        merged = shapely.coverage_union_all(outlines)
        if not isinstance(merged, shapely.Polygon) or merged.interiors:
            raise Invalid("territory.not_adjacent", _("These micro-grids do not lie side by side."), field="paths")
        new = _begin(areas[0], merged, name or areas[0].name, sum(area.households for area in areas), taken=0)
        old = [area.path for area in areas]
        _end(areas)
        moved = Q(district=new.district, area_path__in=old)
        Compound.objects.filter(moved).update(area_id=new.id, area_path=new.path)
        Building.objects.filter(moved).update(area_id=new.id, area_path=new.path)
        _carry_dwellings(new.district, old)
        return _announce(actor, old, [new])


def split_grid(actor: Actor, path: str, *, names: tuple[str, str] = ("", ""), share: float = 0.5) -> Regrouped:
    """Make two micro-grids of one by a straight cut, from today on.

    Where the cut meets an edge the new point goes into the outlines on both sides, so that the ground stays a partition:
    neighbours get a new boundary from today, with the same shape and one point more.

    Args:
        actor: needs the verb ``territory.regroup``.
        path: path of the micro-grid.
        names: of the two new ones; the old name with a letter when empty.
        share: part of the ground for the first, 0.2 to 0.8.

    Raises:
        NotFound: the path is no micro-grid of today.
        Invalid: the micro-grid cannot be cut so.
        Conflict: it began only today.
    """
    policy.require(actor, "territory.regroup")
    if not 0.2 <= share <= 0.8:
        raise Invalid("territory.bad_share", _("The share must lie between 0.2 and 0.8."), field="share")
    with transaction.atomic():
        (area,) = _lock([path])
        plane, halves = _cut(_outline(area), path, share)
        first, second = (shapely.Polygon(plane.degrees(ring)) for ring in halves)
        part = round(area.households * first.area / (first.area + second.area))
        begun = [
            _begin(area, first, names[0] or f"{area.name}A", part, taken=0),
            _begin(area, second, names[1] or f"{area.name}B", area.households - part, taken=1),
        ]
        _end([area])
        for spot, ends in plane.added().items():
            _insert(area, spot, ends)
        _share_out(path, begun, [first, second])
        _carry_dwellings(area.district, [path])
        return _announce(actor, [path], begun)


def _lock(paths: Sequence[str]) -> list[Area]:
    today = time.today()
    found = {
        area.path: area
        for area in Area.objects.select_for_update()
        .filter(district__in={path[:6] for path in paths}, path__in=paths, level=Level.MICRO_GRID)
        .filter(valid_from__lte=today, valid_to__isnull=True)
        .order_by("path")
    }
    for path in paths:
        if path not in found:
            raise NotFound(
                "territory.no_grid", _("There is no micro-grid %(path)s today.") % {"path": path}, field="path"
            )
        if found[path].valid_from >= today:
            raise Conflict(
                "territory.began_today",
                _("%(path)s began only today and can be regrouped from tomorrow.") % {"path": path},
                field="path",
            )
    return [found[path] for path in sorted(found)]


def _outline(area: Area) -> shapely.Polygon:
    boundary = Boundary.objects.select_for_update().get(area=area, district=area.district, valid_to__isnull=True)
    return shapely.from_wkb(bytes(boundary.geometry))


def _begin(like: Area, outline: shapely.Polygon, name: str, households: int, *, taken: int) -> Area:
    """A new micro-grid beside `like`, with the next number that was never used in its general grid."""
    parent_path = like.path.rpartition("/")[0]
    used = Area.objects.filter(in_subtree("path", parent_path), level=Level.MICRO_GRID).order_by("-path")
    number = int(used.values_list("path", flat=True)[0].rpartition("/")[2]) + 1
    if number > _MOST_SEGMENT:
        raise Conflict("territory.full", _("The general grid has used up its numbers."))
    middle = shapely.point_on_surface(outline)
    area = Area.objects.create(
        district=like.district,
        path=f"{parent_path}/{number:03d}",
        level=Level.MICRO_GRID,
        name=name,
        parent_id=like.parent_id,
        valid_from=time.today(),
        synthetic=like.synthetic,
        households=households,
        label_lng=middle.x,
        label_lat=middle.y,
    )
    _draw(area, outline)
    return area


def _draw(area: Area, outline: shapely.Polygon) -> None:
    west, south, east, north = outline.bounds
    Boundary.objects.create(
        district=area.district,
        area=area,
        geometry=shapely.to_wkb(outline),
        west=west,
        south=south,
        east=east,
        north=north,
        synthetic=area.synthetic,
        valid_from=time.today(),
    )


def _end(areas: Sequence[Area]) -> None:
    today = time.today()
    district, keys = areas[0].district, [area.id for area in areas]
    Boundary.objects.filter(district=district, area_id__in=keys, valid_to__isnull=True).update(valid_to=today)
    Area.objects.filter(district=district, id__in=keys).update(valid_to=today)


def _cut(outline: shapely.Polygon, path: str, share: float) -> tuple[Plane, list[list[int]]]:
    rim = [(round(x * LATTICE), round(y * LATTICE)) for x, y in outline.exterior.coords[:-1]]
    plane = Plane(latitude=outline.centroid.y)
    ring = plane.face(rim)
    # Along or across its longest side, as the streets run here.
    a, b = max(zip(rim, [*rim[1:], rim[0]], strict=True), key=lambda side: math.dist(*side))
    turn = math.atan2(b[1] - a[1], (b[0] - a[0]) * plane.kx)
    try:
        halves = plane.cut(ring, share, rng=source_of(path, 0), style=BLOCK, turn=turn)
    except CutError as problem:
        raise Invalid(
            "territory.cannot_cut", _("This micro-grid is too narrow to be split."), field="path"
        ) from problem
    return plane, [plane.unfold(half) for half in halves]


def _insert(area: Area, spot: tuple[int, int], ends: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """Put a new point into every other outline that has the edge, of whatever level."""
    x, y = spot[0] / LATTICE, spot[1] / LATTICE
    slack = 2 / LATTICE
    today = time.today()
    near = Boundary.objects.select_for_update().filter(
        valid_to__isnull=True, west__lte=x + slack, east__gte=x - slack, south__lte=y + slack, north__gte=y - slack
    )
    for boundary in near.exclude(area_id=area.id):
        outline = shapely.from_wkb(bytes(boundary.geometry))
        rim = [(round(u * LATTICE), round(v * LATTICE)) for u, v in outline.exterior.coords]
        where = next((k for k in range(1, len(rim)) if {rim[k - 1], rim[k]} == set(ends)), None)
        if where is None:
            continue
        rim.insert(where, spot)
        changed = shapely.Polygon([(u / LATTICE, v / LATTICE) for u, v in rim])
        if boundary.valid_from == today:
            boundary.geometry = shapely.to_wkb(changed)
        else:
            Boundary.objects.filter(district=boundary.district, id=boundary.id).update(valid_to=today)
            boundary.pk, boundary.valid_from, boundary.geometry = ids.new_id(), today, shapely.to_wkb(changed)
            boundary._state.adding = True
        boundary.west, boundary.south, boundary.east, boundary.north = changed.bounds
        boundary.save()


def _share_out(path: str, begun: Sequence[Area], outlines: Sequence[shapely.Polygon]) -> None:
    """Compounds and buildings go to the part they stand in; on the cut, to the smaller path."""
    for model in (Compound, Building):
        for row in model.objects.select_for_update().filter(district=path[:6], area_path=path):
            spot = shapely.Point(row.lng, row.lat)
            k = next((k for k, outline in enumerate(outlines) if outline.covers(spot)), 0)
            model.objects.filter(district=row.district, id=row.id).update(area_id=begun[k].id, area_path=begun[k].path)


def _carry_dwellings(district: str, old: Sequence[str]) -> None:
    """Dwellings go where their building went."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE territory_dwelling d SET area_id = b.area_id, area_path = b.area_path
              FROM territory_entrance e
              JOIN territory_building b ON b.id = e.building_id AND b.district = e.district
             WHERE d.district = %s AND d.area_path = ANY(%s) AND e.id = d.entrance_id AND e.district = d.district
            """,
            [district, list(old)],
        )


def _announce(actor: Actor, ended: list[str], begun: list[Area]) -> Regrouped:
    mark_changed()
    change: UUID = ids.new_id()
    events.append(
        "territory.regrouped",
        subject_type="territory.change",
        subject_id=change,
        sequence=1,
        district=begun[0].district,
        area_path=begun[0].path.rpartition("/")[0],
        actor=actor,
        data={
            "from_day": time.today().isoformat(),
            "ended": ended,
            "begun": [{"area_id": str(area.id), "path": area.path} for area in begun],
        },
    )
    return Regrouped(ended, begun)
