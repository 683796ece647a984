"""The cases of a compound. A case names no compound: it has a point, an address in words, and the path of its grid.

A case is in a compound when its address names it, or, where the address names none, when its point lies nearest to one of the compound's
buildings among all buildings of that micro-grid. Without a point, in a micro-grid that only one compound shares, it is that one's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from linli.cases.models import Case
from linli.cases.queries.finding import visible
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor
from linli.territory.address_text import ALIAS_MARK, normalise
from linli.territory.models import Building, Compound

LOOKED_AT = 400
SHORTEST = 3
"""Characters of a name that is looked for in an address: shorter ones stand in too many."""


@dataclass(frozen=True, slots=True)
class CasesHere:
    """The cases of a compound that an actor may list, the newest first, and how many are open and ended among those looked at."""

    open: int
    ended: int
    cases: list[Case]
    more: bool


def in_compound(actor: Actor, compound: Compound) -> CasesHere:
    """The cases in a compound, among the newest in its grids; four queries, however many compounds and cases there are."""
    own = list(
        Building.objects.filter(district=compound.district, compound=compound)
        .values_list("area_path", flat=True)
        .distinct()
    )
    grids = set(own) or {compound.area_path}
    where = Q()
    for path in sorted(grids):
        where |= in_subtree("area_path", path)
    rows = visible(actor).filter(where, district=compound.district).select_related("area")
    found = list(rows.order_by("-reported_at", "-id")[: LOOKED_AT + 1])
    if not found:
        return CasesHere(0, 0, [], more=False)
    around, names = _around(compound, grids)
    own_names = names.pop(compound.id, [])
    others = [name for one in names.values() for name in one]
    here = [case for case in found[:LOOKED_AT] if _is_here(case, compound, own_names, others, around)]
    still = sum(case.is_open for case in here)
    return CasesHere(still, len(here) - still, here, more=len(found) > LOOKED_AT)


_Point = tuple[object, float, float]


def _around(compound: Compound, grids: Iterable[str]) -> tuple[dict[str, list[_Point]], dict[object, list[str]]]:
    """The points of buildings by grid, each with its compound, and the plain names of the compounds among them."""
    paths = list(grids)
    points: dict[str, list[_Point]] = defaultdict(list)
    buildings = Building.objects.filter(district=compound.district, area_path__in=paths)
    for path, one, lng, lat in buildings.values_list("area_path", "compound_id", "lng", "lat"):
        points[path].append((one, lng, lat))
    known = {one for rows in points.values() for one, _lng, _lat in rows} | {compound.id}
    sharing = Compound.objects.filter(Q(area_path__in=paths) | Q(id__in=known), district=compound.district)
    names: dict[object, list[str]] = {}
    for near in sharing:
        names[near.id] = [name for name in near.search_key.split(ALIAS_MARK) if len(name) >= SHORTEST]
        if near.id not in known or not any(near.id == of for of, _x, _y in points.get(near.area_path, ())):
            points[near.area_path].append((near.id, near.lng, near.lat))
    return points, names


def _is_here(
    case: Case, compound: Compound, own: list[str], others: list[str], points: dict[str, list[_Point]]
) -> bool:
    text = normalise(case.address_text)
    longest = max((len(name) for name in own if name in text), default=0)
    other = max((len(name) for name in others if name in text), default=0)
    if longest or other:
        return longest > other
    near = points.get(case.area_path) or points.get(compound.area_path, [])
    if case.lng is None or case.lat is None:
        return {one for one, _lng, _lat in near} == {compound.id}
    lng, lat = case.lng, case.lat
    # A degree of longitude is some six sevenths of one of latitude here; squares do for comparing.
    nearest = min(near, key=lambda one: ((one[1] - lng) * 0.86) ** 2 + (one[2] - lat) ** 2, default=None)
    return nearest is not None and nearest[0] == compound.id
