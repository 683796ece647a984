"""Who has which shift of a month: a pure rule, so that it can be read and tried by itself (docs/algorithms/duty-rota.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One shift that somebody is needed for."""

    day: date
    kind: str


def shifts_of(first: date, last: date, *, is_workday: Callable[[date], bool]) -> list[Place]:
    """The shifts of a stretch of days, both included: a night for each, and a day shift where nobody works anyway."""
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if not is_workday(day):
            found.append(Place(day, "day"))
        found.append(Place(day, "night"))
    return found


def plan(
    places: Sequence[Place],
    people: Sequence[str],
    *,
    free: Callable[[str, date], bool],
    had: Mapping[tuple[str, str], int] | None = None,
    taken: Mapping[Place, str] | None = None,
) -> dict[Place, str]:
    """Give each shift to one of the people.

    In the order of the days each shift goes to whoever is free, has no shift on the same day or the day before, and has had the fewest
    of its kind, then the fewest in all; ties go by the order of ``people``. When everybody free had one the day before, that is let
    go; nobody has two on one day. A shift that nobody is free for stays open.

    Args:
        people: who takes part, in a fixed order.
        free: whether somebody is there on a day.
        had: how many of each kind each had before, for fairness from month to month.
        taken: shifts that stand as they are, and count.

    Returns:
        The shifts that were given, without those of ``taken``.
    """
    count: Counter[tuple[str, str]] = Counter(had or {})
    days: dict[str, set[date]] = {person: set() for person in people}
    for place, person in (taken or {}).items():
        count[person, place.kind] += 1
        days.setdefault(person, set()).add(place.day)
    found: dict[Place, str] = {}
    for place in sorted(places):
        if taken and place in taken:
            continue
        there = [one for one in people if free(one, place.day) and place.day not in days[one]]
        beside = {place.day - timedelta(days=1), place.day + timedelta(days=1)}
        rested = [one for one in there if not beside & days[one]] or there
        if not rested:
            continue
        chosen = min(
            rested,
            key=lambda one: (
                count[one, place.kind],
                sum(number for (who, _kind), number in count.items() if who == one),
                people.index(one),
            ),
        )
        found[place] = chosen
        count[chosen, place.kind] += 1
        days[chosen].add(place.day)
    return found
