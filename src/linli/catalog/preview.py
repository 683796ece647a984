"""What a change would have done to last month's cases. The catalogue knows no cases: the room that does registers a counter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from linli.catalog.snapshot import Entry
from linli.kernel import time

SPAN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Planned:
    """A change, as a counter gets it: the category as it is and as it would be, in one scope over one span."""

    code: str
    scope: str
    before: Entry | None
    after: Entry
    since: datetime
    until: datetime

    @property
    def moves_work(self) -> bool:
        """Whether a case could go to other hands: the first handler or the departments differ."""
        before = self.before
        return before is None or (before.first_handler, before.first_level, before.lead_function, before.co_functions) != (
            self.after.first_handler, self.after.first_level, self.after.lead_function, self.after.co_functions
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What the span's cases of the category would have met.

    Args:
        cases: how many there were.
        elsewhere: how many would have gone to another first handler or lead.
        later_due: how many would have had more time; ``sooner_due`` less.
        late: of those with less time, how many were answered after the new limit.
        moves: where they went and would have gone, with how many: ``(from, to, n)``, the most first.
    """

    cases: int = 0
    elsewhere: int = 0
    later_due: int = 0
    sooner_due: int = 0
    late: int = 0
    moves: tuple[tuple[str, str, int], ...] = field(default=())

    def plus(self, other: Preview) -> Preview:
        """Both counts together."""
        return Preview(
            self.cases + other.cases,
            self.elsewhere + other.elsewhere,
            self.later_due + other.later_due,
            self.sooner_due + other.sooner_due,
            self.late + other.late,
            self.moves + other.moves,
        )


Counter = Callable[[Planned], Preview]
_counters: dict[str, Counter] = {}


def register(name: str, counter: Counter) -> None:
    """Register a counter under a name; a room does so once, in its ``apps.ready()``."""
    _counters[name] = counter


def registered() -> bool:
    """Whether any room counts; without one a preview has no figures and says so."""
    return bool(_counters)


def count(*, before: Entry | None, after: Entry, scope: str) -> Preview:
    """Ask every counter about the thirty days up to now."""
    now = time.now()
    planned = Planned(after.code, scope, before, after, now - SPAN, now)
    total = Preview()
    for counter in _counters.values():
        total = total.plus(counter(planned))
    return total
