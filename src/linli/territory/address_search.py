"""From an address text to the place it names: compounds and buildings by likeness of any name they go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid
from linli.territory.address_text import likeness, normalise, take_apart
from linli.territory.models import Area, Building, Level
from linli.territory.wording import short_name

_LEAST_SCORE = 0.35
_TRIGRAM_THRESHOLD = "0.3"  # low, because people write words around a name; the likeness below decides
_FETCHED = 60
_GOOD_SCORE = 0.6
_PIECE = 4  # characters: the length of most names, and long enough for the trigram index
_LONGEST_TEXT = 200
_AREA_WEIGHT = 0.55  # a community is a vaguer answer than a compound that fits as well

_COMPOUNDS = """
    SELECT id, district, area_id, area_path, name, address, search_key, lng, lat
      FROM territory_compound
     WHERE {condition} AND (%(district)s = '' OR district = %(district)s)
     ORDER BY word_similarity(%(place)s, search_key) DESC, area_path
     LIMIT %(fetched)s
"""
_ALIKE = _COMPOUNDS.format(condition="search_key %%> %(place)s")
_SHARES_A_PIECE = _COMPOUNDS.format(condition="search_key LIKE ANY(%(pieces)s)")


@dataclass(frozen=True)
class AddressCandidate:
    """A place that a text may mean.

    Attributes:
        kind: ``building``, ``compound`` or ``area``.
        id: of the building, compound or area.
        name: what it is called.
        address: in full, down to the compound.
        lng, lat: its point, WGS 84 degrees.
        area_id, path, district: the area that is responsible there; a micro-grid for a building.
        score: 0 to 1, how well it fits the text.
        rest: building, entrance, floor and dwelling numbers found in the text, for the record.
    """

    kind: str
    id: UUID
    name: str
    address: str
    lng: float
    lat: float
    area_id: UUID
    path: str
    district: str
    score: float
    rest: dict[str, str]


def locate_address(text: str, *, district: str = "", limit: int = 8) -> list[AddressCandidate]:
    """Places that an address text may mean, best first; empty when nothing is alike.

    The text is made plain and taken apart (address_text.py); the place in it is compared with every name that compounds go
    by, and the building number then leads to the building. Where no compound fits, communities that are named in the
    text are offered.

    Args:
        text: as somebody typed or said it.
        district: look in this district only.
        limit: at most so many.

    Raises:
        Invalid: the text is too long.
    """
    if len(text) > _LONGEST_TEXT:
        raise Invalid("territory.long_address", _("The address is too long."), field="address")
    parts = take_apart(text)
    if len(parts.place) < 2:
        return []
    rest = {k: v for k in ("building", "entrance", "floor", "dwelling") if (v := getattr(parts, k))}
    found = _compounds(parts.place, rest, district=district)[:limit]
    if parts.building:  # of places that fit alike, the one that has such a building goes first
        found = [_with_building(candidate, parts.building) for candidate in found]
        found.sort(key=lambda c: (-c.score, c.kind != "building", c.path, c.name))
    if len(found) < limit:
        found += _named_areas(parts.place, rest, district=district)[: limit - len(found)]
        found.sort(key=lambda c: (-c.score, c.kind != "building", c.path))
    return found


def _compounds(place: str, rest: dict[str, str], *, district: str) -> list[AddressCandidate]:
    """Compounds alike, best first. A name among many other words is not alike as a whole: then by pieces of four characters."""
    given: dict[str, Any] = {"place": place, "district": district, "fetched": _FETCHED, "pieces": _pieces(place)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [_TRIGRAM_THRESHOLD])
        cursor.execute(_ALIKE, given)
        found = _scored(cursor.fetchall(), place, rest)
        if given["pieces"] and (not found or found[0].score < _GOOD_SCORE):
            cursor.execute(_SHARES_A_PIECE, given)
            found = _scored(cursor.fetchall(), place, rest) or found
    return found


def _pieces(place: str) -> list[str]:
    return [f"%{place[i : i + _PIECE]}%" for i in range(len(place) - _PIECE + 1)]


def _scored(rows: list[tuple[Any, ...]], place: str, rest: dict[str, str]) -> list[AddressCandidate]:
    found = [
        AddressCandidate(
            "compound", id_, name, address, lng, lat, area_id, path, of, round(likeness(place, key), 3), rest
        )
        for id_, of, area_id, path, name, address, key, lng, lat in rows
    ]
    found = [candidate for candidate in found if candidate.score >= _LEAST_SCORE]
    return sorted(found, key=lambda c: (-c.score, c.path, c.name))


def _with_building(candidate: AddressCandidate, number: str) -> AddressCandidate:
    building = Building.objects.filter(
        district=candidate.district, compound_id=candidate.id, number__iexact=number
    ).first()
    if building is None:
        return candidate
    return AddressCandidate(
        "building",
        building.id,
        candidate.name,
        candidate.address,
        building.lng,
        building.lat,
        building.area_id,
        building.area_path,
        building.district,
        candidate.score,
        candidate.rest,
    )


def _named_areas(place: str, rest: dict[str, str], *, district: str) -> list[AddressCandidate]:
    """Communities whose short name stands in the text; names repeat, so there may be several."""
    rows = Area.objects.filter(level=Level.COMMUNITY, valid_to__isnull=True, label_lng__isnull=False)
    if district:
        rows = rows.filter(district=district)
    found = []
    for id_, of, path, name, lng, lat in rows.values_list("id", "district", "path", "name", "label_lng", "label_lat"):
        short = normalise(short_name(name))
        if len(short) >= 2 and short in place:
            score = round(_AREA_WEIGHT + 0.2 * len(short) / len(place), 3)
            found.append(AddressCandidate("area", id_, name, name, lng or 0.0, lat or 0.0, id_, path, of, score, rest))
    return sorted(found, key=lambda c: (-c.score, c.path))
