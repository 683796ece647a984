"""What is drawn for a case when it arrives: how it will go. Pure: imports no Django."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from linli.simulation.draws import ReplyTimes

SHARES = {
    "checked_first": 0.05,
    "rejected": 0.02,
    "rejection_refused": 0.2,
    "reclassified": 0.02,
    "returned": 0.05,
    "return_refused": 0.3,
    "called": 0.09,
    "departments_called": 0.6,
    "waits": 0.03,
    "extended": 0.04,
    "extension_refused": 0.15,
    "suspended": 0.006,
    "fails": 0.06,
    "called_back": 0.72,
    "rated": 0.35,
    "reopened": 0.025,
    "message": 0.07,
    "comment": 0.09,
    "before_photo": 0.3,
    "slow_intake": 0.07,
    "reminded": 0.3,
}
"""How often each happens. Where annual reports of hotlines and grid centres name a figure it is near theirs; ``docs/explanation/
simulation.md`` says which is which."""

OUTCOMES = {"content": 0.68, "neutral": 0.12, "not_content": 0.07, "not_reached": 0.13}
SCORES = {5: 0.52, 4: 0.26, 3: 0.11, 2: 0.06, 1: 0.05}


@dataclass(slots=True)
class Fate:
    """How a case will go.

    Attributes:
        source: the case's own source of chance, so that one case's way does not depend on another's.
        pace: how long the handler takes, as a multiple of the limit; above one is late.
        happens: which of :data:`SHARES` are still to happen; each is taken out as it does.
    """

    source: random.Random
    pace: float
    happens: set[str] = field(default_factory=set)

    def take(self, what: str) -> bool:
        """Whether ``what`` happens now; it happens once."""
        if what in self.happens:
            self.happens.discard(what)
            return True
        return False

    def minutes(self, low: float, high: float) -> float:
        """Some minutes, rather fewer than more."""
        return low + (high - low) * self.source.random() ** 2

    def outcome(self) -> str:
        """What the reporter says when called back."""
        return self.source.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]

    def score(self) -> int:
        """What the reporter gives, one to five."""
        return self.source.choices(list(SCORES), list(SCORES.values()))[0]


def fate_of(seed: int, number: int, times: ReplyTimes) -> Fate:
    """The fate of the arrival ``number``; the same for the same seed."""
    source = random.Random(f"{seed}:{number}")
    happens = {what for what, share in SHARES.items() if source.random() < share}
    return Fate(source, times.of_limit(source), happens)
