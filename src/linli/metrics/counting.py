"""From one step of a case to the figures that it counts for, and from figures to roll-ups.

Pure: the reader of events, the back-fill and the recount all come here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

from linli.metrics.models import TOOK, Figure

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
COMMUNITY_DEPTH = 3


class Key(NamedTuple):
    """What a counter counts."""

    district: str
    area_path: str
    category: str
    level: str
    figure: str
    day: date


class AreaKey(NamedTuple):
    """What a roll-up over categories and levels counts."""

    district: str
    area_path: str
    figure: str
    day: date


class MonthKey(NamedTuple):
    """What a roll-up over the days of a month counts."""

    district: str
    area_path: str
    figure: str
    month: date


class CategoryMonthKey(NamedTuple):
    """What a roll-up of a category over the days of a month counts."""

    district: str
    area_path: str
    figure: str
    month: date
    category: str


class CategoryKey(NamedTuple):
    """What a roll-up by category counts."""

    district: str
    area_path: str
    figure: str
    day: date
    category: str


class Place(NamedTuple):
    """Where a case stands: in which state, in which area."""

    district: str
    area_path: str
    state: str


class Sum(NamedTuple):
    """A counter: how often, and the minutes summed."""

    times: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case, as both the event and the log entry tell it.

    Attributes:
        kind: the entry's kind: ``register``, ``close``.
        clocks: the clocks that were met: kind → [started, due, ended].
        agree: whether an approval was given, where the step decides one.
        passed: whether a verification was passed.
        outcome: what the reporter said when called back.
        closed_at: when the case was closed that a step leaves out of the figures.
        repeats: the number of the case closed not long before of which a registered one is the same matter again.
    """

    district: str
    area_path: str
    category: str
    level: str
    kind: str
    at: datetime
    from_state: str
    to_state: str
    clocks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    agree: bool | None = None
    passed: bool | None = None
    outcome: str = ""
    closed_at: str = ""
    repeats: str = ""


PLAIN = {
    "report": Figure.REPORTED,
    "join": Figure.JOINED,
    "dispatch": Figure.DISPATCHED,
    "register": Figure.REGISTERED,
    "merge": Figure.MERGED,
    "request_return": Figure.RETURNED,
    "call": Figure.CALLED,
    "reopen": Figure.REOPENED,
    "close": Figure.CLOSED,
}
"""Steps that count whenever they happen."""
ARRIVING = {"rejected": Figure.REJECTED, "extended": Figure.EXTENDED, "suspended": Figure.SUSPENDED}
"""Figures that count when a case comes into a state."""
SAID = {
    "content": Figure.SATISFIED,
    "neutral": Figure.NEUTRAL,
    "not_content": Figure.NOT_SATISFIED,
    "not_reached": Figure.NOT_REACHED,
}
CLOCKS = {
    "response": (Figure.RESPONDED_ON_TIME, Figure.RESPONDED_LATE),
    "resolution": (Figure.RESOLVED_ON_TIME, Figure.RESOLVED_LATE),
    "sign_in": (Figure.SIGNED_IN_ON_TIME, Figure.SIGNED_IN_LATE),
    "call_response": (Figure.CALL_ANSWERED_ON_TIME, Figure.CALL_ANSWERED_LATE),
}
"""By the kind of a clock; each call has a clock of its own, ``call_response:…``."""
LAST_HOURS = timedelta(hours=2)
"""So long before its due time a resolution counts as one of the last hours."""
NEAR = ("micro_grid", "community")
STANDING = "standing"
"""The name under which the number of cases in each state is back-filled, as if it were a figure."""
KEPT = frozenset({*Figure.values, STANDING})
"""Everything that the reader keeps."""


def of(step: Step) -> Iterator[tuple[Key, Sum]]:
    """The figures that a step counts for."""
    for figure in _happened(step):
        yield key_of(step, figure, step.at), Sum(1, 0)
    if step.kind == "decide_exclusion" and step.agree and step.closed_at:
        yield key_of(step, Figure.EXCLUDED, datetime.fromisoformat(step.closed_at)), Sum(1, 0)
    for clock, moments in step.clocks.items():
        if figures := CLOCKS.get(clock.partition(":")[0]):
            started, due, ended = (datetime.fromisoformat(text) for text in moments)
            figure = figures[1] if ended > due else figures[0]
            minutes = int((ended - started) / timedelta(minutes=1))
            yield key_of(step, figure, due), Sum(1, minutes)
            if figure in (Figure.RESOLVED_ON_TIME, Figure.RESOLVED_LATE):
                yield key_of(step, took(minutes), due), Sum(1, minutes)
            if figure == Figure.RESOLVED_ON_TIME and due - ended <= LAST_HOURS:
                yield key_of(step, Figure.RESOLVED_LAST_HOURS, due), Sum(1, 0)


def took(minutes: int) -> Figure:
    """The figure for a resolution that took so long."""
    return next(figure for figure, most in TOOK.items() if most is None or minutes <= most)


def _happened(step: Step) -> Iterator[Figure]:
    if plain := PLAIN.get(step.kind):
        yield plain
    if step.from_state != step.to_state and (arrived := ARRIVING.get(step.to_state)):
        yield arrived
    if step.kind == "verify" and step.passed is not None:
        yield Figure.VERIFIED if step.passed else Figure.VERIFICATION_FAILED
    if step.kind == "feedback" and (said := SAID.get(step.outcome)):
        yield said
    if step.kind == "register" and step.repeats:
        yield Figure.REPEATED
    if step.kind == "close" and step.from_state != "feedback":
        yield Figure.NOT_ASKED
    if step.kind == "close" and step.level in NEAR:
        yield Figure.CLOSED_NEAR
    if step.from_state == "returned" and step.kind in ("decide_return", "dispatch", "call") and step.agree is not False:
        yield Figure.RETURNED_VALIDLY


def key_of(step: Step, figure: Figure, moment: datetime) -> Key:
    """What a figure of a step counts, on the day of a moment where the city is."""
    day = moment.astimezone(ZONE).date()
    return Key(step.district, community_of(step.area_path), step.category, step.level, figure.value, day)


def community_of(area_path: str) -> str:
    """The community that an area lies in, or the area itself when it lies in none."""
    return "/".join(area_path.split("/")[:COMMUNITY_DEPTH])


def rising(community: str) -> Iterator[str]:
    """The district, the subdistrict and the community, as far as a path goes."""
    parts = community.split("/")
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


class Tally:
    """Counters being summed.

    Args:
        only: the figures that are counted, of :data:`KEPT`; the others are passed over.
    """

    def __init__(self, only: Collection[str] = KEPT) -> None:
        self._only = only
        self._counts: Counter[Key] = Counter()
        self._minutes: Counter[Key] = Counter()
        self._standing: Counter[Place] = Counter()

    def add(self, step: Step) -> None:
        """Count a step."""
        for key, value in of(step):
            self.count(key, value)

    def count(self, key: Key, value: Sum) -> None:
        """Add to one counter, or take from it."""
        if key.figure in self._only:
            self._counts[key] += value.times
            self._minutes[key] += value.minutes

    def stand(self, place: Place, times: int) -> None:
        """Let so many cases more, or less, stand in a state of a community."""
        if STANDING in self._only:
            self._standing[place] += times

    def items(self) -> list[tuple[Key, Sum]]:
        """Every counter, in the order of their keys, so that two writers lock rows alike."""
        return [
            (key, value) for key in sorted(self._counts) if any(value := Sum(self._counts[key], self._minutes[key]))
        ]

    def areas(self) -> list[tuple[AreaKey, Sum]]:
        """The roll-ups over categories and levels, in the order of their keys."""
        counts: Counter[AreaKey] = Counter()
        minutes: Counter[AreaKey] = Counter()
        for key, value in self.items():
            for path in rising(key.area_path):
                rolled = AreaKey(key.district, path, key.figure, key.day)
                counts[rolled] += value.times
                minutes[rolled] += value.minutes
        return [(key, value) for key in sorted(counts) if any(value := Sum(counts[key], minutes[key]))]

    def months(self) -> list[tuple[MonthKey, Sum]]:
        """The roll-ups of :meth:`areas` by month, in the order of their keys."""
        counts: Counter[MonthKey] = Counter()
        minutes: Counter[MonthKey] = Counter()
        for key, value in self.areas():
            rolled = MonthKey(key.district, key.area_path, key.figure, key.day.replace(day=1))
            counts[rolled] += value.times
            minutes[rolled] += value.minutes
        return [(key, value) for key in sorted(counts) if any(value := Sum(counts[key], minutes[key]))]

    def category_months(self) -> list[tuple[CategoryMonthKey, int]]:
        """The roll-ups by category and month, of communities as well, in the order of their keys."""
        counts: Counter[CategoryMonthKey] = Counter()
        for key, value in self.items():
            month = key.day.replace(day=1)
            for path in rising(key.area_path):
                counts[CategoryMonthKey(key.district, path, key.figure, month, key.category)] += value.times
        return [(key, counts[key]) for key in sorted(counts) if counts[key]]

    def categories(self) -> list[tuple[CategoryKey, int]]:
        """The roll-ups by category of the areas above communities, in the order of their keys."""
        counts: Counter[CategoryKey] = Counter()
        for key, value in self.items():
            for path in list(rising(key.area_path))[: COMMUNITY_DEPTH - 1]:
                counts[CategoryKey(key.district, path, key.figure, key.day, key.category)] += value.times
        return [(key, counts[key]) for key in sorted(counts) if counts[key]]

    def standing(self) -> list[tuple[Place, int]]:
        """How many cases more stand in each state of each area, in the order of their keys."""
        counts: Counter[Place] = Counter()
        for place, times in self._standing.items():
            for path in rising(place.area_path):
                counts[place._replace(area_path=path)] += times
        return [(place, counts[place]) for place in sorted(counts) if counts[place]]


def step_of_event(*, district: str, area_path: str, kind: str, at: datetime, data: Mapping[str, Any]) -> Step:
    """The step that an event ``case.<kind>`` tells of."""
    return Step(
        district=district, area_path=area_path, category=data["category"], level=data["level"],
        kind=kind.partition(".")[2], at=at, from_state=data["from"], to_state=data["to"], clocks=data.get("clocks", {}),
        agree=data.get("agree"), passed=data.get("passed"), outcome=data.get("outcome", ""),
        closed_at=data.get("closed_at", ""), repeats=data.get("repeats", ""),
    )  # fmt: skip


class Reader:
    """Reads the log of one case entry by entry, and keeps what the steps need of what came before."""

    def __init__(self, district: str) -> None:
        self._district = district
        self._columns: dict[str, Any] = {"area_path": "", "category": "", "level": ""}

    def read(self, *, kind: str, at: datetime, from_state: str, to_state: str, data: Mapping[str, Any]) -> Step:
        """The step that the next entry tells of."""
        self._columns.update({k: v for k, v in data.get("set", {}).items() if k in self._columns})
        return Step(
            district=self._district, area_path=self._columns["area_path"], category=self._columns["category"],
            level=self._columns["level"], kind=kind, at=at, from_state=from_state, to_state=to_state,
            clocks=data.get("clocks", {}), agree=data.get("agree"), passed=data.get("passed"), outcome=_word(data.get("outcome")),
            closed_at=_word(data.get("closed_at")), repeats=_word(data.get("repeats")),
        )  # fmt: skip


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
