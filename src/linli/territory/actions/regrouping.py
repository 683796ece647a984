"""Regroup micro-grids at once: merge neighbours, split one in two. The old areas end today and stay on record, the new ones begin today.

For administrators and repairs; what people redraw goes through :mod:`linli.territory.actions.redrawing`. Work that is open in an
old area is moved by the rooms that own it, on the event ``territory.regrouped``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, policy
from linli.territory.dating import (
    Regrouped,
    announce,
    begin,
    carry_dwellings,
    end,
    insert_point,
    lock_grids,
    outline_of,
    share_out,
)
from linli.territory.partition import BLOCK, LATTICE, CutError, Plane, source_of


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
        areas = lock_grids(paths)
        if len(areas) < 2 or len({area.parent_id for area in areas}) != 1:
            raise Invalid(
                "territory.not_together",
                _("Only micro-grids of one general grid can be merged, two or more of them."),
                field="paths",
            )
        outlines = [outline_of(area) for area in areas]
        merged = shapely.coverage_union_all(outlines)
        if not isinstance(merged, shapely.Polygon) or merged.interiors:
            raise Invalid("territory.not_adjacent", _("These micro-grids do not lie side by side."), field="paths")
        new = begin(areas[0], merged, name or areas[0].name, sum(area.households for area in areas))
        old = [area.path for area in areas]
        end(areas)
        share_out(old, [new], [merged])
        carry_dwellings(new.district, old)
        return announce(actor, old, [new])


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
        (area,) = lock_grids([path])
        plane, halves = _cut(outline_of(area), path, share)
        first, second = (shapely.Polygon(plane.degrees(ring)) for ring in halves)
        part = round(area.households * first.area / (first.area + second.area))
        begun = [
            begin(area, first, names[0] or f"{area.name}A", part),
            begin(area, second, names[1] or f"{area.name}B", area.households - part),
        ]
        end([area])
        for spot, ends in plane.added().items():
            insert_point(spot, ends, besides=[area])
        share_out([path], begun, [first, second])
        carry_dwellings(area.district, [path])
        return announce(actor, [path], begun)


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
