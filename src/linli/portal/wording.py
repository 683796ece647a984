"""How a case looks to residents: its promise instead of the office's inner clocks, how far along it is, whose hands it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli.cases import queries
from linli.cases.models import Case
from linli.cases.states import State
from linli.catalog.models import Sensitivity
from linli.catalog.snapshot import Entry
from linli.kernel import time
from linli.kernel.models import Deadline, DeadlineState
from linli.portal.frame import address
from linli.territory import queries as territory
from linli.ui.casework.names import catalogue_for, category_icon, category_name, face_of, language
from linli.ui.clockface import ClockFace, Promised, Running, read_clock
from linli.ui.words import day_words, when

PROMISES: Mapping[str, Promised] = {"response": Promised.REPLY, "resolution": Promised.HANDLE}
"""What a resident was promised; the office's other clocks are its own."""
ANSWERED = frozenset({State.DISPOSED, State.VERIFIED, State.FEEDBACK})


def stage_names() -> list[str]:
    """The way of a report in four words."""
    return [_("Received"), _("With the right people"), _("Being solved"), _("Checked"), _("Solved")]


STAGE: Mapping[State, int] = {
    State.SUBMITTED: 0, State.VERIFYING: 0, State.REGISTERED: 1, State.DISPATCHED: 1, State.RETURNED: 1, State.SIGNED_IN: 2,
    State.CALLED: 2, State.JOINED: 2, State.IN_DISPOSAL: 2, State.WAITING_RESIDENT: 2, State.EXTENSION_REQUESTED: 2,
    State.EXTENDED: 2, State.SUSPENDED: 2, State.VERIFY_FAILED: 2, State.REOPENED: 2, State.DISPOSED: 3, State.VERIFIED: 4,
    State.FEEDBACK: 4, State.CLOSED: 5,
}  # fmt: skip
"""How far along a state is in :func:`stage_names`; not taken up and merged have no place in it."""


def promise_face(case: Case, deadlines: Iterable[Deadline]) -> ClockFace | None:
    """The clock that a resident reads: the answer first, then the solution; what is done or paused says so instead."""
    now = time.now()
    if case.closed_at is not None and not case.is_open:
        words = _("Ended %(when)s") % {"when": when(case.closed_at, now)}
        return ClockFace(
            Running.STOPPED, "quiet", "circle-check", words, "", "", day_words(case.closed_at, now), None, None
        )
    if case.state in (State.WAITING_RESIDENT, State.SUSPENDED):
        return face_of(case)
    if case.state in ANSWERED:
        words = _("Done %(when)s, being checked") % {"when": when(case.disposed_at or now, now)}
        return ClockFace(Running.STOPPED, "brand", "clipboard-list", words, "", "", _("being checked"), None, None)
    owed = {one.kind: one for one in deadlines if one.state == DeadlineState.RUNNING and one.kind in PROMISES}
    chosen = owed.get("response") or owed.get("resolution")
    if chosen is None:
        return read_clock(due_at=case.due_at, now=now, started_at=case.due_from)
    return read_clock(due_at=chosen.due_at, now=now, started_at=chosen.started_at, promised=PROMISES[chosen.kind])


def rows_of(cases: list[Case], *, public: bool = False) -> list[dict[str, Any]]:
    """Cases as rows of a list; one query for all their clocks."""
    clocks: dict[UUID, list[Deadline]] = {}
    for one in queries.clocks_of_all([case for case in cases if case.is_open]):
        clocks.setdefault(one.subject_id, []).append(one)
    return [row_of(case, clocks.get(case.id, []), public=public) for case in cases]


def row_of(case: Case, deadlines: Iterable[Deadline], *, public: bool = False) -> dict[str, Any]:
    """One row."""
    catalogue = catalogue_for(case.district)
    return {
        "id": str(case.id),
        "number": case.number,
        "href": "" if public else address("case", case.number),
        "title": category_name(case, catalogue),
        "icon": category_icon(case, catalogue),
        "place": place_of(case),
        "state": case.state,
        "clock": promise_face(case, deadlines),
        "reported_at": case.reported_at,
    }


def place_of(case: Case) -> str:
    """Where it is, down to the community; from memory."""
    if case.located == "unplaced":
        return _("Being placed")
    return territory.place_name(case.area_path)


def entry_row(entry: Entry) -> dict[str, Any]:
    """A category as something to choose."""
    return {
        "code": entry.code,
        "name": entry.called(language()),
        "danger": entry.is_danger,
        "handover": not entry.becomes_case,
        "call_first": entry.call_first(language()),
        "numbers": entry.call_first_numbers,
    }


def is_private(entry: Entry) -> bool:
    """Whether reports of this kind are never shown to others."""
    return entry.sensitivity != Sensitivity.NORMAL


def rings_first(entry: Entry) -> bool:
    """Whether somebody has to be rung before (or instead of) reporting."""
    return (
        entry.is_danger
        or bool(entry.call_first_numbers)
        or bool(entry.call_first(language()))
        or not entry.becomes_case
    )
