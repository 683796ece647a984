"""Cases that may be the same matter as another: one that is about to be reported, or one that comes back after closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians
from uuid import UUID

from linli.cases.models import Case, Located
from linli.cases.states import State
from linli.catalog.models import Sensitivity
from linli.kernel import time

NEAR_METRES = 150
NEAR_DAYS = 30
REPEATS_WITHIN = timedelta(days=30)
"""A case at the same place and of the same category within these days after a closing is a repeat."""
OPENED_BEFORE = timedelta(days=180)
"""How old the case may be whose closing is answered by a repeat."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A case that may be the same matter; nothing personal, and the place no finer than the street."""

    id: UUID
    district: str
    number: str
    category: str
    state: str
    reported_at: datetime
    metres: int
    participants: int
    words: str


def near(
    *,
    district: str,
    category: str,
    lng: float | None,
    lat: float | None,
    area_path: str = "",
    words: str = "",
    limit: int = 5,
) -> list[Nearby]:
    """Open cases of the same category, near and recent, the most alike first; shown before a report is sent.

    Args:
        lng: WGS 84 degrees; without a point, the grid ``area_path`` is searched.
        words: the description so far; what shares words with it comes first.
        limit: how many at most.
    """
    cases = Case.objects.filter(
        district=district,
        category=category,
        is_open=True,
        reported_at__gte=time.now() - timedelta(days=NEAR_DAYS),
    ).exclude(sensitivity__in=["restricted", "personal"])
    if lng is not None and lat is not None:
        reach = NEAR_METRES / 111_320
        cases = cases.filter(lat__range=(lat - reach, lat + reach), lng__range=(lng - reach * 1.2, lng + reach * 1.2))
    elif area_path:
        cases = cases.filter(area_path=area_path)
    else:
        return []
    found = [_nearby(case, lng, lat) for case in cases.order_by("-reported_at")[:50]]
    wanted = _pairs(words)
    found = [one for one in found if one.metres <= NEAR_METRES]
    return sorted(found, key=lambda one: (-_alike(wanted, _pairs(one.words)), one.metres, one.number))[:limit]


def closed_before(case: Case) -> str:
    """The number of the case of the same micro-grid and category that was closed last in the thirty days before this one came.

    Empty where there is none, where the case has no place yet, and for restricted cases. One query.
    """
    if case.located == Located.UNPLACED or case.sensitivity == Sensitivity.RESTRICTED:
        return ""
    came = case.reported_at
    found = Case.objects.filter(
        district=case.district, area_path=case.area_path, category=case.category, state=State.CLOSED,
        reported_at__gt=came - OPENED_BEFORE, reported_at__lt=came, closed_at__gt=came - REPEATS_WITHIN, closed_at__lte=came,
    ).exclude(sensitivity=Sensitivity.RESTRICTED)  # fmt: skip
    return found.order_by("-closed_at").values_list("number", flat=True).first() or ""


def _nearby(case: Case, lng: float | None, lat: float | None) -> Nearby:
    metres = 0
    if lng is not None and lat is not None and case.lng is not None and case.lat is not None:
        metres = round(hypot((case.lng - lng) * cos(radians(lat)), case.lat - lat) * 111_320)
    return Nearby(
        case.id, case.district, case.number, case.category, case.state, case.reported_at, metres,
        case.participants_count, case.description[:80],
    )  # fmt: skip


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(ch for ch in text.casefold() if ch.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0
