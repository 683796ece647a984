"""Reaches and coverage of a district, reckoned anew when its streets, places or ground changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import F, Q

from linli.kernel import ids, time
from linli.kernel.db import insert_all
from linli.lifecircle.models import Basis, Coverage, Place, Reach, Reckoning, StreetNetwork
from linli.lifecircle.walking import LIMIT_MINUTES, Walk, straight
from linli.territory import locating
from linli.territory import queries as territory
from linli.territory.models import Level


@dataclass(frozen=True)
class _Grids:
    """The micro-grids of a district: paths, where each is walked from (degrees), what each weighs."""

    paths: list[str]
    points: np.ndarray
    weights: np.ndarray
    basis: Basis


class _Reached(NamedTuple):
    """What is kept of a micro-grid and a kind."""

    area_path: str
    minutes: float | None
    place_id: UUID | None
    weight: int
    straight: float


def ask(district: str) -> None:
    """Have a district reckoned anew; within the transaction of what changed."""
    fresh = Reckoning(id=ids.new_id(), district=district, wanted=0)
    Reckoning.objects.bulk_create([fresh], ignore_conflicts=True)
    Reckoning.objects.filter(district=district).update(wanted=F("wanted") + 1)


def reckon_next() -> int:
    """Reckon the district that has waited longest; returns 1, or 0 when none waits that nobody else is at."""
    ground, today = locating.version(), time.today()
    due = Q(wanted__gt=F("done")) | Q(turns_on__lte=today) | ~Q(ground=ground)
    waiting = Reckoning.objects.filter(due).order_by(F("reckoned_at").asc(nulls_first=True), "district")
    for district in list(waiting.values_list("district", flat=True)):
        with transaction.atomic():
            row = Reckoning.objects.filter(due, district=district).select_for_update(skip_locked=True).first()
            if row is not None:
                _reckon(row, ground=ground, today=today)
                return 1
    return 0


def places_on(district: str, day: date) -> list[Place]:
    """The places of a district that are open on a day, by kind."""
    open_ = Q(active_until__isnull=True) | Q(active_until__gt=day)
    rows = Place.objects.filter(open_, district=district, active_from__lte=day)
    return list(rows.order_by("kind", "id"))


def network_on(district: str, day: date) -> StreetNetwork | None:
    """The street network of a district on a day."""
    holds = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    return StreetNetwork.objects.filter(holds, district=district, set_aside=False, valid_from__lte=day).first()


def _reckon(row: Reckoning, *, ground: int, today: date) -> None:
    began, district = time.monotonic(), row.district
    network, places, grids = network_on(district, today), places_on(district, today), _grids_of(district)
    by_kind: dict[str, list[Place]] = {}
    row.off_streets = 0
    if network is not None and grids.paths:
        walk = Walk(network.streets)
        row.off_streets = int((walk.snap(grids.points)[0] < 0).sum())
        for place in places:
            by_kind.setdefault(place.kind, []).append(place)
        for kind, found in by_kind.items():
            _write(district, kind, _reached(found, grids, walk))
    Reach.objects.filter(district=district).exclude(kind__in=by_kind).delete()
    Coverage.objects.filter(district=district).exclude(kind__in=by_kind).delete()
    row.network_id, row.ground, row.turns_on = network.id if network else None, ground, _turns_on(district, today)
    row.basis, row.grids, row.places = grids.basis, len(grids.paths), len(places)
    row.done, row.reckoned_at, row.seconds = row.wanted, time.now(), round(time.monotonic() - began, 3)
    row.save()


def _write(district: str, kind: str, found: list[_Reached]) -> None:
    """Keep the reaches of a kind and their sums; nothing is written where all of them stand already."""
    rows = Reach.objects.filter(district=district, kind=kind)
    if list(rows.order_by("area_path").values_list(*_Reached._fields)) == found:
        return
    rows.delete()
    Coverage.objects.filter(district=district, kind=kind).delete()
    insert_all([Reach(id=ids.new_id(), district=district, kind=kind, **one._asdict()) for one in found])
    insert_all(_sums(district, kind, found))


def _grids_of(district: str) -> _Grids:
    rows = list(
        territory.below(district, level=Level.MICRO_GRID)
        .filter(label_lng__isnull=False, label_lat__isnull=False)
        .values_list("path", "label_lng", "label_lat", "households")
    )
    households = np.array([row[3] for row in rows], dtype=np.int64)
    basis = Basis.HOUSEHOLDS if households.sum() else Basis.GRIDS
    points = np.array([row[1:3] for row in rows], dtype=np.float64).reshape(-1, 2)
    weights = households if basis == Basis.HOUSEHOLDS else np.ones(len(rows), dtype=np.int64)
    return _Grids([row[0] for row in rows], points, weights, basis)


def _reached(places: list[Place], grids: _Grids, walk: Walk) -> list[_Reached]:
    at = np.array([(one.lng, one.lat) for one in places])
    ways, crow = walk.ways(at, grids.points), straight(at, grids.points, latitude=walk.latitude)
    return [
        _Reached(path, round(minutes, 2) if place >= 0 else None, places[place].id if place >= 0 else None, weight, round(flown, 2))
        for path, minutes, place, weight, flown in zip(
            grids.paths, ways.minutes.tolist(), ways.place.tolist(), grids.weights.tolist(), crow.tolist(), strict=True
        )
    ]  # fmt: skip


def _sums(district: str, kind: str, reaches: list[_Reached]) -> list[Coverage]:
    found: dict[str, Coverage] = {}
    for one in reaches:
        covered = one.minutes is not None and one.minutes <= LIMIT_MINUTES
        circled = one.straight <= LIMIT_MINUTES
        for path in territory.ancestors("/".join(one.area_path.split("/")[:3]))[1:]:
            row = found.get(path)
            if row is None:
                row = found[path] = Coverage(
                    id=ids.new_id(), district=district, area_path=path, kind=kind, covered=0, whole=0, grids_covered=0, grids=0,
                    circled=0,
                )  # fmt: skip
            row.whole += one.weight
            row.covered += one.weight if covered else 0
            row.grids += 1
            row.grids_covered += covered
            row.circled += circled
    return list(found.values())


def _turns_on(district: str, today: date) -> date | None:
    """The next day on which streets or places change by themselves."""
    days: list[date] = []
    dated: Mapping[str, type[Place] | type[StreetNetwork]] = {
        "active_from": Place, "active_until": Place, "valid_from": StreetNetwork, "valid_to": StreetNetwork,
    }  # fmt: skip
    for name, model in dated.items():
        rows = model.objects.filter(district=district, **{f"{name}__gt": today}).order_by(name)
        days += rows.values_list(name, flat=True)[:1]
    return min(days, default=None)
