"""The figures at the end of a simulation or a replay, in words, and whether they equal a recount from the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from linli.kernel.trust import SYSTEM
from linli.metrics.models import Figure
from linli.metrics.queries import Figures, figures
from linli.metrics.recounting import recount


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a district over some days, and what a recount says of them."""

    district: str
    since: date
    until: date
    figures: Figures
    entries: int
    counters: int
    differences: int

    @property
    def agrees(self) -> bool:
        """Whether the counters equal the log."""
        return self.differences == 0

    def as_json(self) -> dict[str, object]:
        """For a machine."""
        found = self.figures
        return {
            "district": self.district,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "counts": {str(name): count for name, count in found.counts.items()},
            "resolved_at": dict(sorted(found.resolved_at.items())),
            "overdue": found.overdue,
            "unanswered": found.unanswered,
            "responded_in_time": found.responded_in_time,
            "resolved_in_time": found.resolved_in_time,
            "satisfied": found.satisfied,
            "recount": {"entries": self.entries, "counters": self.counters, "differences": self.differences},
        }

    def lines(self) -> Iterator[str]:
        """For a person."""
        found = self.figures
        yield f"figures of {self.district}, {self.since} up to {self.until}"
        for name in Figure:
            yield f"  {name.value:<22}{found.counts[name]:>8,}"
        for level, count in sorted(found.resolved_at.items()):
            yield f"  resolved at {level:<10}{count:>8,}"
        yield f"  owed: {found.unanswered:,} responses and {found.overdue:,} resolutions whose due day has passed"
        yield f"  in time, by due day: responses {percent(found.responded_in_time)}, resolutions {percent(found.resolved_in_time)}"
        yield f"  content, of those closed: {percent(found.satisfied)}"
        verdict = "equal" if self.agrees else f"DIFFER in {self.differences} counters from"
        yield f"  {self.counters:,} counters {verdict} a recount of {self.entries:,} log entries"


def summary(district: str, *, since: date, until: date) -> Summary:
    """The figures of a district over some days, compared with its log.

    Args:
        until: the day after the last.
    """
    counted = recount(district, write=False)
    found = figures(SYSTEM, district, since=since, until=until)
    return Summary(district, since, until, found, counted.entries, counted.counters, len(counted.differences))


def percent(share: float | None) -> str:
    """A share in words."""
    return "–" if share is None else f"{share:.1%}"
