"""From one step of a case to the figures that it counts for. Pure: the reader of events and the recount both come here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

from linli.metrics.models import Figure

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


PLAIN = {
    "report": Figure.REPORTED,
    "join": Figure.JOINED,
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
}


def of(step: Step) -> Iterator[tuple[Key, Sum]]:
    """The figures that a step counts for."""
    for figure in _happened(step):
        yield _key(step, figure, step.at), Sum(1, 0)
    if step.kind == "decide_exclusion" and step.agree and step.closed_at:
        yield _key(step, Figure.EXCLUDED, datetime.fromisoformat(step.closed_at)), Sum(1, 0)
    for clock, (on_time, late) in CLOCKS.items():
        if clock in step.clocks:
            started, due, ended = (datetime.fromisoformat(text) for text in step.clocks[clock])
            figure = late if ended > due else on_time
            yield _key(step, figure, due), Sum(1, int((ended - started) / timedelta(minutes=1)))


def _happened(step: Step) -> Iterator[Figure]:
    if plain := PLAIN.get(step.kind):
        yield plain
    if step.from_state != step.to_state and (arrived := ARRIVING.get(step.to_state)):
        yield arrived
    if step.kind == "verify" and step.passed is False:
        yield Figure.VERIFICATION_FAILED
    if step.kind == "feedback" and (said := SAID.get(step.outcome)):
        yield said
    if step.kind == "close" and step.from_state != "feedback":
        yield Figure.NOT_ASKED
    if step.from_state == "returned" and step.kind in ("decide_return", "dispatch", "call") and step.agree is not False:
        yield Figure.RETURNED_VALIDLY


def _key(step: Step, figure: Figure, moment: datetime) -> Key:
    community = "/".join(step.area_path.split("/")[:COMMUNITY_DEPTH])
    return Key(step.district, community, step.category, step.level, figure.value, moment.astimezone(ZONE).date())


class Tally:
    """Counters being summed."""

    def __init__(self) -> None:
        self._counts: Counter[Key] = Counter()
        self._minutes: Counter[Key] = Counter()

    def add(self, step: Step) -> None:
        """Count a step."""
        for key, value in of(step):
            self._counts[key] += value.times
            self._minutes[key] += value.minutes

    def items(self) -> list[tuple[Key, Sum]]:
        """Every counter, in the order of their keys, so that two writers lock rows alike."""
        return [(key, Sum(self._counts[key], self._minutes[key])) for key in sorted(self._counts)]


def step_of_event(*, district: str, area_path: str, kind: str, at: datetime, data: Mapping[str, Any]) -> Step:
    """The step that an event ``case.<kind>`` tells of."""
    return Step(
        district=district, area_path=area_path, category=data["category"], level=data["level"],
        kind=kind.partition(".")[2], at=at, from_state=data["from"], to_state=data["to"], clocks=data.get("clocks", {}),
        agree=data.get("agree"), passed=data.get("passed"), outcome=data.get("outcome", ""),
        closed_at=data.get("closed_at", ""),
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
            closed_at=_word(data.get("closed_at")),
        )  # fmt: skip


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
