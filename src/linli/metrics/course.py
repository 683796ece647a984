"""What only the whole log of a case tells: which clocks have run out and are owed still, and from where to where it moved.

Pure, and a function of the entries up to the one asked for. So the order in which the reader learns of two steps of one case, which the
outbox does not promise, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from linli.cases.states import ENDED
from linli.metrics.counting import Key, Place, Reader, Step, Sum, Tally, community_of, key_of
from linli.metrics.models import Figure

OWED = {
    "response": Figure.RESPONSE_OWED,
    "resolution": Figure.RESOLUTION_OWED,
    "call_response": Figure.CALL_UNANSWERED,
    "sign_in": Figure.SIGN_IN_OWED,
}
OF_THE_CASE = ("response", "resolution")
"""Clocks that end with the case. A call that ran out and was taken back stays unanswered, and so does a dispatch that nobody took on."""
MOVES = frozenset({"relocate", "regrouped"})
"""Steps by which a case comes into another area."""


@dataclass(slots=True)
class Turn:
    """What one entry of a log comes to.

    Attributes:
        step: what the entry alone tells.
        owed: counters of clocks that are owed, that grow or shrink by it.
        stood: where the case stands more, or less, by it.
    """

    step: Step
    owed: list[tuple[Key, Sum]] = field(default_factory=list)
    stood: list[tuple[Place, int]] = field(default_factory=list)

    def into(self, tally: Tally, *, step: bool = True) -> None:
        """Count it.

        Args:
            step: whether what the entry alone tells is counted too.
        """
        if step:
            tally.add(self.step)
        for key, value in self.owed:
            tally.count(key, value)
            tally.stand(Place(key.district, key.area_path, key.figure), value.times)
        for place, times in self.stood:
            tally.stand(place, times)


class Course:
    """Reads the log of one case entry by entry."""

    def __init__(self, district: str) -> None:
        self._reader = Reader(district)
        self._owed: dict[str, datetime] = {}
        self._keys: dict[str, Key] = {}
        self._place: Place | None = None

    def read(self, *, kind: str, at: datetime, from_state: str, to_state: str, data: Mapping[str, Any]) -> Turn:
        """What the next entry comes to."""
        turn = Turn(self._reader.read(kind=kind, at=at, from_state=from_state, to_state=to_state, data=data))
        self._clocks(turn.step, data)
        keys = {clock: key_of(turn.step, OWED[clock.partition(":")[0]], due) for clock, due in self._owed.items()}
        for clock in sorted(keys.keys() | self._keys.keys()):
            before, after = self._keys.get(clock), keys.get(clock)
            if before != after:
                turn.owed += [(key, Sum(times, 0)) for key, times in ((before, -1), (after, 1)) if key is not None]
        self._keys = keys
        place = place_of(turn.step)
        if place != self._place:
            turn.stood += [(one, times) for one, times in ((self._place, -1), (place, 1)) if one is not None]
        self._place = place
        return turn

    def _clocks(self, step: Step, data: Mapping[str, Any]) -> None:
        if step.kind == "late" and str(data["deadline"]).partition(":")[0] in OWED:
            self._owed[_named(data["deadline"], data["due_at"])] = datetime.fromisoformat(data["due_at"])
        for clock in _over(step, data, self._owed):
            self._owed.pop(clock, None)


def _named(clock: str, due: str) -> str:
    """A name that no other clock of the case bears: each dispatch has a clock for signing in, and all of them are called the same."""
    return f"{clock}:{datetime.fromisoformat(due).astimezone(UTC).isoformat()}" if clock == "sign_in" else clock


def _over(step: Step, data: Mapping[str, Any], owed: Mapping[str, datetime]) -> Iterator[str]:
    """The clocks that a step met, ended, or set to another time: one that runs out again gets an entry again."""
    yield from (_named(clock, due) for clock, (_started, due, _ended) in step.clocks.items())
    if step.to_state in ENDED or step.kind in ("reclassify", "reopen"):
        yield from OF_THE_CASE
    if step.kind == "decide_extension" and step.agree and data.get("due"):
        yield "resolution"
    if step.kind == "recomputed" and data.get("old_due") and data.get("due"):
        old, new = (datetime.fromisoformat(data[name]) for name in ("old_due", "due"))
        if new > step.at:
            yield from [clock for clock, due in owed.items() if due == old]


def place_of(step: Step) -> Place | None:
    """Where the case stands after a step; ``None`` when it has ended."""
    if step.to_state in ENDED:
        return None
    return Place(step.district, community_of(step.area_path), step.to_state)


def stood(step: Step) -> Iterator[tuple[Place, int]]:
    """The same as :attr:`Turn.stood` for a step that moved into no other area, from the step alone."""
    if step.from_state == step.to_state:
        return
    before = Place(step.district, community_of(step.area_path), step.from_state)
    if step.from_state and step.from_state not in ENDED:
        yield before, -1
    if (place := place_of(step)) is not None:
        yield place, 1
