"""What every regrouping of micro-grids does: old areas end, new ones begin, neighbours get new points, buildings follow.

Nothing is deleted or rewritten: an area and a boundary end on the day, and their successors begin on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import shapely
from django.db import connection
from django.utils.translation import gettext as _

from linli.kernel import events, ids, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.trust import Actor
from linli.territory.changes import mark_changed
from linli.territory.models import Area, Boundary, Building, Compound, Level
from linli.territory.partition import LATTICE

_MOST_SEGMENT = 999


@dataclass(frozen=True)
class Regrouped:
    """What came of it: paths that ended, and areas that began."""

    ended: list[str]
    begun: list[Area]


def lock_grids(paths: Sequence[str]) -> list[Area]:
    """Lock the micro-grids of today with these paths, in the order of their paths.

    Raises:
        NotFound: a path is no micro-grid of today.
        Conflict: one of them began only today.
    """
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


def outline_of(area: Area) -> shapely.Polygon:
    """The boundary of an area that holds now, locked."""
    boundary = Boundary.objects.select_for_update().get(area=area, district=area.district, valid_to__isnull=True)
    return shapely.from_wkb(bytes(boundary.geometry))


def begin(like: Area, outline: shapely.Polygon, name: str, households: int, *, verified_on: date | None = None) -> Area:
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
        verified_on=verified_on,
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


def end(areas: Sequence[Area]) -> None:
    """End areas and their boundaries today."""
    today = time.today()
    district, keys = areas[0].district, [area.id for area in areas]
    Boundary.objects.filter(district=district, area_id__in=keys, valid_to__isnull=True).update(valid_to=today)
    Area.objects.filter(district=district, id__in=keys).update(valid_to=today)


def insert_point(
    spot: tuple[int, int], ends: tuple[tuple[int, int], tuple[int, int]], *, besides: Iterable[Area] = ()
) -> None:
    """Put a new point into every outline that has the edge, of whatever level, but for those of some areas."""
    x, y = spot[0] / LATTICE, spot[1] / LATTICE
    slack = 2 / LATTICE
    today = time.today()
    near = Boundary.objects.select_for_update().filter(
        valid_to__isnull=True, west__lte=x + slack, east__gte=x - slack, south__lte=y + slack, north__gte=y - slack
    )
    for boundary in near.exclude(area_id__in=[area.id for area in besides]):
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


def share_out(ended: Sequence[str], begun: Sequence[Area], outlines: Sequence[shapely.Polygon]) -> None:
    """Compounds and buildings go to the grid they stand in; on an edge, to the smaller path; outside of all, to the nearest."""
    order = sorted(range(len(begun)), key=lambda k: begun[k].path)
    tree = shapely.STRtree([outlines[k] for k in order])
    district = begun[0].district
    for model in (Compound, Building):
        rows = list(
            model.objects.select_for_update()
            .filter(district=district, area_path__in=ended)
            .order_by("id")
            .values_list("id", "lng", "lat")
        )
        if not rows:
            continue
        spots = shapely.points(np.array([row[1:] for row in rows], dtype=np.float64))
        place = tree.nearest(spots)
        held: dict[int, int] = {}
        for row, k in sorted(zip(*tree.query(spots, predicate="intersects"), strict=True)):
            held.setdefault(int(row), int(k))
        groups: dict[int, list[UUID]] = {}
        for number, row in enumerate(rows):
            groups.setdefault(order[held.get(number, int(place[number]))], []).append(row[0])
        for k, found in groups.items():
            model.objects.filter(district=district, id__in=found).update(area_id=begun[k].id, area_path=begun[k].path)


def carry_dwellings(district: str, old: Sequence[str]) -> None:
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


def announce(
    actor: Actor, ended: list[str], begun: list[Area], *, follows: Mapping[str, Sequence[Area]] | None = None
) -> Regrouped:
    """Tell the rooms that hold something there.

    Args:
        follows: for each path that ended the areas that its people serve now; all of them when not given.
    """
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
            "follows": {path: [area.path for area in (follows or {}).get(path, begun)] for path in ended},
        },
    )
    return Regrouped(ended, begun)
