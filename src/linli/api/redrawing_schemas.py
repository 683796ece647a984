"""The shapes of changes of micro-grids: what machines send and get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.lists import Path
from linli.api.schemas import Body, Coordinates, Latitude, Longitude
from linli.territory.models import Redrawing, RedrawingState
from linli.territory.shape_files import Form

AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9A-Z]+)*$", max_length=48)]
Key = Annotated[str, StringConstraints(max_length=48)]
Name = Annotated[str, StringConstraints(max_length=80)]
Words = Annotated[str, StringConstraints(max_length=400)]
Spot = Annotated[list[float], Field(min_length=2, max_length=3)]


class RedrawnGridOut(Schema):
    """A grid that a change makes."""

    key: str
    path: str = Field("", description="Once it is in force.")
    name: str
    parent: str
    households: int
    dwellings: int
    square_metres: int
    follows: list[str] = Field(description="Paths of the grids whose people and work it takes over.")
    outline: list[list[float]]


class FindingOut(Schema):
    """Something that is wrong, with its place."""

    what: str
    refuses: bool
    lng: float
    lat: float
    grids: list[str]
    measure: float = Field(description="Square metres, metres of a sliver, or dwellings.")
    outline: list[list[float]]


class RedrawingEntryOut(Schema):
    """One entry of a change's history."""

    verb: str
    state: str
    role: str
    name: str
    at: datetime
    words: str


class RedrawingOut(Schema):
    """A change of micro-grids."""

    id: UUID
    district: str
    area_path: str
    title: str
    reason: str
    state: str
    holds_from: date | None
    applied_on: date | None
    steps: list[dict[str, Any]]
    begun: list[RedrawnGridOut]
    ended: list[str]
    confirmed: list[str]
    findings: list[FindingOut]
    history: list[RedrawingEntryOut]
    version: int


class RedrawingLine(Schema):
    """A change in a list."""

    id: UUID
    district: str
    area_path: str
    title: str
    state: str
    holds_from: date | None
    applied_on: date | None
    changed_at: datetime
    version: int


class OutcomeOut(Schema):
    """What a step would come to."""

    refused: bool
    left: dict[str, str] = Field(description="Grids that lines of a step `cut` met and left whole: key → reason.")
    begun: list[RedrawnGridOut]
    ended: list[str]
    confirmed: list[str]
    findings: list[FindingOut]


class VerificationOut(Schema):
    """How far the verification has come in an area."""

    path: str
    name: str
    level: str
    grids: int
    verified: int
    waiting: int
    percent: int


class ResponsibleOut(Schema):
    """The grid that was responsible for a point on a day."""

    path: str
    name: str
    level: str
    how: str
    day: date
    since: date
    until: date | None


class RedrawingsQuery(Body):
    """Which changes."""

    state: Literal["", "open"] | RedrawingState = ""
    within: Path = ""


class ResponsibleQuery(Body):
    """A point and a day."""

    lng: Longitude
    lat: Latitude
    coordinates: Coordinates = Coordinates.WGS84
    day: date


class VerificationQuery(Body):
    """Where."""

    area_path: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}(/[0-9A-Z]+)*$", max_length=14)]


class RedrawingIn(Body):
    """A change to begin."""

    community: AreaPath
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    reason: Words = ""


class RedrawingFactsIn(Body):
    """What a change is about."""

    version: int
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    reason: Words = ""
    holds_from: date | None = None


class OutlineIn(Body):
    """An outline of a step ``outlines``."""

    grid: Key = ""
    name: Name = ""
    outline: Annotated[list[Spot], Field(min_length=3)]


class RedrawingStepIn(Body):
    """One step: ``split`` takes grid, line and names, ``cut`` lines and, if not all, grids, ``merge`` grids and name, ``move`` two grids
    and a line, ``rename`` grid and name, ``confirm`` grids, ``outlines`` features."""

    do: Literal["split", "cut", "merge", "move", "rename", "confirm", "outlines"]
    grid: Key = ""
    grids: Annotated[list[Key], Field(default_factory=list, max_length=999)]
    line: Annotated[list[Spot], Field(default_factory=list, max_length=400)]
    lines: Annotated[list[list[Spot]], Field(default_factory=list, max_length=40)]
    name: Name = ""
    names: Annotated[list[Name], Field(default_factory=list, max_length=8)]
    features: Annotated[list[OutlineIn], Field(default_factory=list, max_length=999)]


class StepVersionIn(Body):
    """A step on a change as it was seen."""

    version: int
    step: RedrawingStepIn


class RedrawingFileIn(Body):
    """A GeoJSON feature collection whose polygons take the place of the grids in their general grids."""

    version: int
    coordinates: Coordinates = Coordinates.WGS84
    collection: dict[str, Any]


class GridsFormQuery(Body):
    """In which form."""

    form: Form = Form.GEOJSON


class AreaGridsQuery(GridsFormQuery):
    """Of which area."""

    area_path: AreaPath


class ShapesQuery(Body):
    """What becomes of a file, on which version of the change, and in which coordinates it is."""

    version: Annotated[int, Field(ge=1)]
    take: Literal["outlines", "cut"] = "outlines"
    grids: Annotated[list[Key], Field(default_factory=list, max_length=999)]
    coordinates: Coordinates = Coordinates.WGS84


class VersionIn(Body):
    """The change as it was seen."""

    version: int


class RedrawingApproveIn(Body):
    """An approval."""

    version: int
    words: Words = ""
    holds_from: date | None = Field(None, description="A later day than the one proposed.")


class RedrawingSendBackIn(Body):
    """Why it goes back."""

    version: int
    words: Annotated[str, StringConstraints(min_length=1, max_length=400)]


def shape(found: Redrawing) -> dict[str, Any]:
    """A change, whole."""
    return line(found) | {
        "reason": found.reason,
        "steps": found.steps,
        "begun": found.pieces,
        "ended": found.ended,
        "confirmed": found.confirmed,
        "findings": found.findings,
        "history": [
            {"verb": one.verb, "state": one.state, "role": one.role, "name": one.name, "at": one.at, "words": one.words}
            for one in found.entries.all()
        ],
    }


def line(found: Redrawing) -> dict[str, Any]:
    """A change in a list."""
    names = ("id", "district", "area_path", "title", "state", "holds_from", "applied_on", "changed_at", "version")
    return {name: getattr(found, name) for name in names}
