"""A real city's list of requests in our words: read by a mapping, row by row, each taken or refused with its reason. Pure."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


class End(StrEnum):
    """How a request of the trace ended."""

    CLOSED = "closed"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    REJECTED = "rejected"
    OPEN = "open"


class Way(StrEnum):
    """How it came in."""

    HOTLINE = "hotline"
    PORTAL = "portal"
    FIELD = "field"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; times as the city's clock showed them, put at the same hour of the day here.

    Attributes:
        line: of the file, the heading being line 1.
        place: longitude and latitude in degrees of the trace's own city; ``None`` when there is none.
        notes: what of the row could not be taken as it stands.
    """

    line: int
    id: str
    type: str
    category: str
    way: Way
    function: str
    created: datetime
    due: datetime | None
    closed: datetime | None
    end: End
    place: tuple[float, float] | None
    notes: tuple[str, ...] = ()

    @property
    def late(self) -> bool | None:
        """Whether the trace says that it was closed late; ``None`` when it does not say."""
        if self.due is None or self.closed is None or self.end not in (End.CLOSED, End.TRANSFERRED):
            return None
        return self.closed > self.due


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not a request."""

    line: int
    id: str
    reason: str


@dataclass(slots=True)
class Trace:
    """What a file came to."""

    name: str
    requests: list[Request] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the file had."""
        return len(self.requests) + len(self.refused)


class MappingError(ValueError):
    """The mapping is wrong, or the file has not the columns that it names."""


def load_mapping(where: str) -> Mapping[str, Any]:
    """A mapping by the path of its file, or by the name of one that comes with Linli (``baltimore``, ``los_angeles``).

    Raises:
        MappingError: there is none, or a part is missing.
    """
    packaged = resources.files("linli.simulation").joinpath("data", "mappings", f"{where}.yaml")
    source: Any = packaged if where.isidentifier() and packaged.is_file() else Path(where)
    if not source.is_file():
        raise MappingError(f"there is no mapping {where}")
    found = yaml.safe_load(source.read_text("utf-8"))
    for part in ("name", "columns", "time", "statuses", "channels", "agencies", "types"):
        if not isinstance(found, dict) or part not in found:
            raise MappingError(f"{where}: the mapping has no {part}")
    return dict(found)


def read(path: Path, mapping: Mapping[str, Any], *, limit: int | None = None) -> Trace:
    """Read a trace.

    Args:
        limit: at most so many rows, from the first.

    Raises:
        MappingError: a column is missing.
    """
    trace = Trace(str(mapping["name"]))
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := set(mapping["columns"].values()) - set(rows.fieldnames or ()):
            raise MappingError(f"{path.name}: the columns {', '.join(sorted(missing))} are missing")
        for number, row in enumerate(rows, start=1):
            if limit is not None and number > limit:
                break
            _take(trace, rows.line_num, row, mapping, seen)
    return trace


def _take(trace: Trace, line: int, row: Mapping[str, str], mapping: Mapping[str, Any], seen: set[str]) -> None:
    columns = mapping["columns"]
    cell = {name: (row.get(column) or "").strip() for name, column in columns.items()}

    def refuse(reason: str) -> None:
        trace.refused.append(Refusal(line, cell["id"], reason))

    if not cell["id"]:
        return refuse("no id")
    if cell["id"] in seen:
        return refuse("the id comes twice")
    seen.add(cell["id"])
    moments: dict[str, datetime | None] = {}
    notes: list[str] = []
    for name in ("created", "due", "closed"):
        try:
            moments[name] = _moment(cell[name], mapping["time"]["format"]) if cell[name] else None
        except ValueError:
            if name == "created":
                return refuse("created at no time that can be read")
            moments[name] = None
            notes.append(f"{name} at no time that can be read")
    created, due, closed = moments["created"], moments["due"], moments["closed"]
    if created is None:
        return refuse("created at no time")
    if closed is not None and closed < created:
        return refuse("closed before it was created")
    if (status := mapping["statuses"].get(cell["status"])) is None:
        return refuse(f"unknown status {cell['status']!r}")
    if (category := category_of(cell["type"], mapping["types"])) is None:
        return refuse(f"unknown type {cell['type']!r}")
    end = End(status)
    if closed is None and end != End.OPEN:
        notes.append("ended at no time: stays open")
        end = End.OPEN
    if closed is not None and end == End.OPEN:
        notes.append("has a time of closing but is open: stays open")
    place = _place(cell["lng"], cell["lat"], mapping.get("no_place", ()))
    trace.requests.append(
        Request(
            line=line, id=cell["id"], type=cell["type"], category=category, way=Way(mapping["channels"].get(cell["channel"], "portal")),
            function=mapping["agencies"].get(cell["agency"], ""), created=created, due=due, closed=closed, end=end, place=place,
            notes=tuple(notes),
        )
    )  # fmt: skip


def category_of(kind: str, types: Mapping[str, str]) -> str | None:
    """Our category for a type of the trace: the longest beginning that fits."""
    fitting = [start for start in types if kind.startswith(start)]
    return types[max(fitting, key=len)] if fitting else None


def _moment(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=ZONE)


def _place(lng: str, lat: str, none: Iterable[Sequence[float]]) -> tuple[float, float] | None:
    try:
        x, y = float(lng), float(lat)
    except ValueError:
        return None
    if not (math.isfinite(x) and math.isfinite(y)) or (x, y) == (0.0, 0.0):
        return None
    # Written in whole degrees it says nothing of a place, whatever the file means by it.
    if x == round(x) and y == round(y):
        return None
    if any(abs(y - b) < 1e-9 and abs(x - a) < 1e-9 for b, a in none):
        return None
    return x, y


@dataclass(frozen=True, slots=True)
class Affine:
    """Puts a trace's places into our district: moved, scaled alike in both directions, so that its pattern stays.

    The trace's middle (the median of both coordinates) goes to the middle of the largest circle in the district's outline, and the
    distance within which 95 of 100 places lie becomes its radius: ``docs/explanation/simulation.md``.
    """

    from_lng: float
    from_lat: float
    to_lng: float
    to_lat: float
    scale: float
    """Metres here for a metre there."""

    def __call__(self, place: tuple[float, float]) -> tuple[float, float]:
        """Longitude and latitude here, in degrees."""
        east = (place[0] - self.from_lng) * math.cos(math.radians(self.from_lat)) * self.scale
        north = (place[1] - self.from_lat) * self.scale
        return self.to_lng + east / math.cos(math.radians(self.to_lat)), self.to_lat + north


def affine_for(places: Sequence[tuple[float, float]], *, middle: tuple[float, float], radius: float) -> Affine:
    """The map that puts ``places`` into a circle.

    Args:
        middle: longitude and latitude in degrees of the circle's middle.
        radius: of the circle, in degrees of latitude.
    """
    if not places:
        return Affine(0.0, 0.0, *middle, 0.0)
    lng = sorted(x for x, _y in places)[len(places) // 2]
    lat = sorted(y for _x, y in places)[len(places) // 2]
    k = math.cos(math.radians(lat))
    far = sorted(math.hypot((x - lng) * k, y - lat) for x, y in places)
    reach = far[min(len(far) - 1, int(len(far) * 0.95))]
    return Affine(lng, lat, *middle, radius / reach if reach else 0.0)
