"""Reads: requests that everybody may know of, and the changes of their states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from linli.cases import placing, public
from linli.cases.models import Case, LogEntry
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, NotFound
from linli.open311.jurisdictions import Jurisdiction

SPAN = timedelta(days=90)
MOST = 1_000
"""The specification's limits of one answer."""
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Range:
    """From one moment to another, both included."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """Around a point: WGS 84 degrees, metres."""

    lng: float
    lat: float
    metres: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows a list of requests; empty means all."""

    range: Range
    codes: tuple[str, ...] = ()
    statuses: frozenset[str] = frozenset()
    near: Near | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list, counted from 1."""

    page: int = 1
    size: int = MOST

    @property
    def bounds(self) -> slice:
        """Its rows and one more, by which a next page shows."""
        first = (self.page - 1) * self.size
        return slice(first, first + self.size + 1)


def span(start: datetime | None, end: datetime | None) -> Range:
    """The range that two arguments name: ninety days at most, the most recent ones unless told.

    Raises:
        Invalid: it ends before it begins, or is longer.
    """
    if start and end is None:
        end = min(start + SPAN, max(time.now(), start))
    end = end or time.now()
    start = start or end - SPAN
    if start > end:
        raise Invalid("open311.range", _("end_date is before start_date."), field="end_date")
    if end - start > SPAN:
        raise Invalid(
            "open311.range",
            _("start_date and end_date are more than 90 days apart."),
            field="start_date",
            mend=_("Ask for one range of 90 days after the other."),
        )
    return Range(start, end)


def requests(place: Jurisdiction, wanted: Wanted, *, page: Slice) -> list[Case]:
    """The public cases of a range, the newest first: a page of them, and one more when there is another page."""
    within = wanted.range
    found = _dated(public.known(place.path)).filter(
        _made_within(within), reported_at__gte=within.start, reported_at__lte=within.end
    )
    if wanted.codes:
        found = found.filter(category__in=wanted.codes)
    if wanted.statuses and wanted.statuses != {"open", "closed"}:
        found = found.filter(is_open="open" in wanted.statuses)
    if wanted.near:
        found = public.around(found, lng=wanted.near.lng, lat=wanted.near.lat, metres=wanted.near.metres)
    if wanted.updated_after:
        found = found.filter(Q(updated_at__gte=wanted.updated_after))
    if wanted.updated_before:
        found = found.filter(Q(updated_at__lte=wanted.updated_before))
    return list(found.order_by("-reported_at", "-id")[page.bounds])


def by_numbers(numbers: Iterable[str]) -> list[Case]:
    """The public cases of these numbers, as they were written or read out, in that order; the others are left out."""
    written = list(dict.fromkeys(filter(None, map(ids.parse_ticket_number, numbers))))[:MOST]
    if not written:
        return []
    # The number begins with the last four figures of its district.
    districts = [code for code in placing.districts() if code[2:] in {number[:4] for number in written}]
    found = {case.number: case for case in _dated(public.known()).filter(district__in=districts, number__in=written)}
    return [found[number] for number in written if number in found]


def request(number: str) -> Case:
    """A public case by its number.

    Raises:
        NotFound: there is none that everybody may know of.
    """
    found = by_numbers([number])
    if not found:
        raise no_such_request(number)
    return found[0]


def no_such_request(number: str) -> NotFound:
    """The refusal of a number that names no request."""
    return NotFound(
        "open311.request",
        _("service_request_id %(number)s was not found.") % {"number": number[:40]},
        field="service_request_id",
    )


def _made_within(within: Range) -> Q:
    # Ids rise with time, so that the primary key finds the range; they may run a little ahead of the clock.
    return Q(id__gte=ids.first_at(within.start), id__lt=ids.first_at(within.end + AHEAD))


def _dated(condition: Q) -> QuerySet[Case]:
    """With the moment of the last entry of each case's log: its index answers, one row for each case."""
    last = LogEntry.objects.filter(
        district=OuterRef("district"), case_id=OuterRef("id"), sequence=OuterRef("log_length")
    )
    return Case.objects.filter(condition).annotate(updated_at=Subquery(last.values("at")[:1]))


def updates(place: Jurisdiction, within: Range, *, numbers: Iterable[str] = (), page: Slice) -> list[LogEntry]:
    """The changes of state of public cases, the oldest first: a page of them, and one more when there is another page."""
    asked = list(numbers)
    found = _changes().filter(
        _made_within(within), public.known(place.path, link="case"), at__gte=within.start, at__lte=within.end
    )
    if asked:
        found = found.filter(case__number__in=[written for written in map(ids.parse_ticket_number, asked) if written])
    return list(found.select_related("case").order_by("at", "id")[page.bounds])


def steps(cases: Iterable[Case]) -> dict[UUID, list[LogEntry]]:
    """The changes of state of cases, by case."""
    of_cases = list(cases)
    found: dict[UUID, list[LogEntry]] = {case.id: [] for case in of_cases}
    rows = _changes().filter(district__in={case.district for case in of_cases}, case_id__in=found)
    for entry in rows.order_by("case_id", "sequence"):
        found[entry.case_id].append(entry)
    return found


def _changes() -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(~Q(from_state=F("to_state")), sequence__gt=1)
