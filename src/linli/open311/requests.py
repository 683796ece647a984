"""GET requests: one, or many with their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.cases import public
from linli.cases.models import Case, LogEntry
from linli.cases.states import OPEN, State
from linli.catalog import queries as catalog
from linli.catalog.snapshot import Entry
from linli.kernel import deadlines
from linli.kernel.errors import Invalid
from linli.moderation import queries as moderation
from linli.open311 import moments, queries, words
from linli.open311.arguments import Arguments
from linli.open311.documents import Reply
from linli.open311.jurisdictions import find
from linli.open311.queries import MOST, Near, Slice, Wanted
from linli.people import queries as people

STATUSES = ("open", "closed")
RADIUS = 1_000.0
"""Metres, when a point comes without a radius."""
FARTHEST = 20_000
SHORT_LIVED = {"Cache-Control": "public, max-age=15"}


def listed(request: HttpRequest) -> Reply:
    """GET requests: those of the ids, else those of a range, narrowed; at most a thousand."""
    arguments = Arguments.of(request)
    place = find(request, arguments["jurisdiction_id"])
    headers = dict(SHORT_LIVED)
    if numbers := arguments.listed("service_request_id"):
        found = queries.by_numbers(numbers)
    else:
        page = page_of(arguments)
        found = cut(request, queries.requests(place, _wanted(arguments), page=page), page, headers)
    return Reply("service_requests", shapes(found, extensions=arguments.is_set("extensions")), headers=headers)


def one(request: HttpRequest, number: str) -> Reply:
    """GET a request."""
    arguments = Arguments.of(request)
    find(request, arguments["jurisdiction_id"])
    found = [queries.request(number)]
    return Reply(
        "service_requests", shapes(found, extensions=arguments.is_set("extensions")), headers=dict(SHORT_LIVED)
    )


def page_of(arguments: Arguments) -> Slice:
    """Which page is wanted; the first thousand unless told.

    Raises:
        Invalid: page or page_size is none.
    """
    return Slice(arguments.count("page", most=100_000) or 1, arguments.count("page_size", most=MOST) or MOST)


def cut(request: HttpRequest, rows: Sequence[Any], page: Slice, headers: dict[str, str]) -> list[Any]:
    """The rows of a page; when there are more, ``Link`` says where."""
    if len(rows) > page.size:
        query = request.GET.copy()
        query["page"], query["page_size"] = str(page.page + 1), str(page.size)
        headers["Link"] = f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="next"'
    return list(rows[: page.size])


def _wanted(arguments: Arguments) -> Wanted:
    statuses = frozenset(status.lower() for status in arguments.listed("status"))
    if unknown := statuses - set(STATUSES):
        raise Invalid(
            "open311.status",
            _("status %(status)s is not known.") % {"status": sorted(unknown)[0][:40]},
            field="status",
            mend=_("Use open or closed."),
        )
    return Wanted(
        queries.span(
            moments.read(arguments["start_date"], field="start_date"),
            moments.read(arguments["end_date"], field="end_date", ends=True),
        ),
        codes=tuple(arguments.listed("service_code")),
        statuses=statuses,
        near=_near(arguments),
        updated_after=moments.read(arguments["updated_after"], field="updated_after"),
        updated_before=moments.read(arguments["updated_before"], field="updated_before", ends=True),
    )


def _near(arguments: Arguments) -> Near | None:
    lat = arguments.number("lat", least=-90, most=90)
    lng = arguments.number("long", least=-180, most=180)
    metres = arguments.number("radius", least=1, most=FARTHEST)
    if lat is None and lng is None:
        return None
    if lat is None or lng is None:
        raise Invalid(
            "open311.half_a_point", _("lat and long belong together."), field="lat" if lat is None else "long"
        )
    return Near(lng, lat, RADIUS if metres is None else metres)


def shapes(cases: Sequence[Case], *, extensions: bool) -> list[dict[str, Any]]:
    """Requests as they are shown, with their history where it is asked for."""
    units = people.organisations({case.holder_id for case in cases if case.holder_id})
    steps = queries.steps(cases) if extensions and cases else {}
    wordings = moderation.wordings(cases)
    return [_shape(case, units, wordings) | (_extended(case, steps[case.id]) if extensions else {}) for case in cases]


def _shape(case: Case, units: Mapping[UUID, Any], wordings: Mapping[UUID, str]) -> dict[str, Any]:
    entry, point = catalog.entry(case.category_version_id), public.rounded(case)
    unit = units.get(case.holder_id) if case.holder_id else None
    ended = case.closed_at if case.state == State.CLOSED else None
    return {
        "service_request_id": case.number,
        "status": status_of(case.state),
        "status_notes": words.state(case.state),
        "service_name": entry.called(words.language()),
        "service_code": case.category,
        "description": wordings.get(case.id) or words.description(entry, case.area_path),
        "agency_responsible": unit.called(words.language()) if unit else None,
        "service_notice": words.notice(entry),
        "requested_datetime": moments.written(case.reported_at),
        "updated_datetime": moments.written(ended or case.updated_at),  # type: ignore[attr-defined]
        "expected_datetime": moments.written(_expected(case, entry)),
        "address": words.address(case.area_path),
        "address_id": words.community(case.area_path),
        "zipcode": None,
        "lat": point.lat if point else None,
        "long": point.lng if point else None,
        # Photos show people and front doors: they are for those who may see the case.
        "media_url": None,
    }


def _expected(case: Case, entry: Entry) -> datetime | None:
    """When it is to be solved: as the clock that runs for it says, else as its kind promises."""
    if not case.is_open or case.due_kind == "resolution":
        return case.due_at if case.is_open else None
    return deadlines.compute(entry.clock, entry.resolve_minutes, case.reported_at)[0]


def status_of(state: str) -> str:
    """Open or closed: what GeoReport knows of a state."""
    return "open" if State(state) in OPEN else "closed"


def _extended(case: Case, steps: Sequence[LogEntry]) -> dict[str, Any]:
    reported = {
        "datetime": moments.written(case.reported_at),
        "type": State.SUBMITTED.value,
        "description": words.state(State.SUBMITTED),
    }
    return {
        "extended_attributes": {
            "state": case.state,
            "severity": case.severity,
            "is_late": case.is_late,
            "participants": case.participants_count,
            "channel": case.channel,
        },
        "notes": [reported, *map(_note, steps)],
    }


def _note(entry: LogEntry) -> dict[str, Any]:
    return {
        "datetime": moments.written(entry.at),
        "type": entry.to_state,
        "description": words.state(entry.to_state),
    }
