"""The shapes of the catalogue and of the areas."""

from __future__ import annotations

from uuid import UUID

from ninja import Schema


class CategoryOut(Schema):
    """A category of the catalogue in force."""

    code: str
    name: str
    name_en: str
    group: str
    severity: int
    clock: str
    respond_minutes: int
    resolve_minutes: int
    sensitivity: str
    evidence_required: list[str]
    resident_reportable: bool
    becomes_case: bool
    call_first: str
    call_first_numbers: list[str]


class SuggestionOut(Schema):
    """A category that a text is likely about."""

    category: CategoryOut
    probability: float
    words: list[str]


class GroupOut(Schema):
    """A group of categories."""

    code: str
    name: str
    name_en: str
    categories: list[CategoryOut]


class CatalogueOut(Schema):
    """The catalogue, by groups."""

    groups: list[GroupOut]


class AreaOut(Schema):
    """An area of the governing tree."""

    id: UUID
    path: str
    level: str
    name: str
    code: str
    synthetic: bool
    households: int
    lng: float | None
    lat: float | None


class AreaTree(AreaOut):
    """An area, what it lies in from the city down, and what lies in it."""

    ancestors: list[AreaOut]
    children: list[AreaOut]


class LocatedOut(Schema):
    """The area that is responsible for a point or an address."""

    path: str
    district: str
    how: str
    lng: float | None
    lat: float | None
    name: str
