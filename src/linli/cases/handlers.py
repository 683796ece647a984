"""What the loop does when something happens elsewhere: a clock runs out, a case that others follow ends, a grid is redrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from uuid import UUID

from django.db.models import QuerySet

from linli.cases.actions import dispatching, disposal
from linli.cases.loop import SUBJECT, Ref, Steps, add_step, load, refresh_due
from linli.cases.models import Case, Level, LogEntry
from linli.cases.states import ENDED, State
from linli.kernel import events, time
from linli.kernel.events import Happened
from linli.kernel.models import Deadline, DeadlineState
from linli.kernel.trust import SYSTEM, Role
from linli.people import queries as people
from linli.territory import locating

OPEN_CLOCKS = (DeadlineState.RUNNING, DeadlineState.PAUSED)
ESCALATES = ("response", "resolution")
"""A case whose response or resolution is late is shown to the next level up; its supervision flag is set when it is urgent."""


@events.consumer("cases.deadlines", "deadline.passed")
def on_deadlines(batch: Sequence[Happened]) -> None:
    """Note on its case that a clock ran out, and do what follows from it; once per firing.

    The cases of a batch are locked, read and written together: after an outage of a day a city's worth of clocks has run out.
    """
    by_case: dict[UUID, list[Happened]] = defaultdict(list)
    for event in batch:
        if event.data.get("subject_type") == "case":
            by_case[UUID(event.data["subject_id"])].append(event)
    if not by_case:
        return
    districts = {event.district for event in batch}
    # In the order of their ids, so that two workers cannot wait for each other.
    cases = Case.objects.select_for_update().filter(district__in=districts, id__in=by_case).order_by("id")
    locked = list(cases)
    clocks: dict[UUID, dict[UUID, Deadline]] = defaultdict(dict)
    for clock in _owed(districts, [case.id for case in locked]):
        clocks[clock.subject_id][clock.id] = clock
    steps = Steps()
    for case in locked:
        open_ones = clocks[case.id]
        for event in sorted(by_case[case.id], key=lambda e: (e.data["due_at"], e.id)):
            deadline = open_ones.get(event.subject_id)
            # Met or moved in the meantime: whatever fired is not owed any more as it stood.
            if deadline is None or deadline.fired_at is None:
                continue
            if deadline.kind == "waiting" and case.state == State.WAITING_RESIDENT:
                # That moves the case on, and begins from what is written.
                steps.write()
                steps = Steps()
                case, open_ones = _resume(case)
            else:
                _late(steps, case, deadline, open_ones)
    steps.write()


def _owed(districts: Iterable[str], case_ids: Iterable[UUID]) -> QuerySet[Deadline]:
    found = Deadline.objects.select_for_update().filter(
        district__in=list(districts), subject_id__in=list(case_ids), state__in=OPEN_CLOCKS
    )
    return found.order_by("id")


def _resume(case: Case) -> tuple[Case, dict[UUID, Deadline]]:
    ref = Ref(case.district, case.id)
    disposal.resume(SYSTEM, ref, version=None)
    return load(SYSTEM, ref), {clock.id: clock for clock in _owed([case.district], [case.id])}


def _late(steps: Steps, case: Case, deadline: Deadline, open_ones: dict[UUID, Deadline]) -> None:
    changes: dict[str, object] = {"is_late": True}
    if deadline.kind.partition(":")[0] in ESCALATES and case.severity <= 2 and case.supervised_at is None:
        changes["supervised_at"] = time.now()
    # On a copy: what changes has to go through the step, or the log would not tell of it.
    after = copy(case)
    refresh_due(after, open_ones.values())
    changes |= {name: getattr(after, name) for name in ("due_at", "due_kind", "due_from")}
    steps.add(
        SYSTEM,
        case,
        "late",
        data={"deadline": deadline.kind, "due_at": deadline.due_at, "level": case.level},
        changes=changes,
    )


@events.consumer("cases.regrouping", "territory.regrouped")
def on_regrouped(batch: Sequence[Happened]) -> None:
    """Open work follows the ground: a case goes to the new grid that holds its point. History stays where it happened."""
    for event in batch:
        ended, begun = event.data["ended"], event.data["begun"]
        waiting = Case.objects.select_for_update().filter(district=event.district, area_path__in=ended, is_open=True)
        for case in waiting.order_by("id"):
            area_id, path = UUID(begun[0]["area_id"]), begun[0]["path"]
            if case.lng is not None and case.lat is not None:
                found = locating.locate(locating.Point(case.lng, case.lat, locating.CoordinateSystem.WGS84))
                if found.district == case.district:
                    area_id, path = found.area_id, found.path
            Deadline.objects.filter(district=case.district, subject_id=case.id, state__in=OPEN_CLOCKS).update(
                area_path=path
            )
            add_step(
                SYSTEM,
                case,
                "regrouped",
                data={"old": case.area_path, "new": path},
                changes={"area_id": area_id, "area_path": path} | _handed_on(case, path),
            )


def _handed_on(case: Case, path: str) -> dict[str, object]:
    if case.level != Level.MICRO_GRID:
        return {}
    members = people.members_for(path, Role.MICRO_GRID_MEMBER)
    return {"handler_post_id": members[0].post_id if members else None}


@events.consumer("cases.calendar", "calendar.loaded")
def on_calendar(_batch: Sequence[Happened]) -> None:
    """Show on their cases the due times that an official calendar brought; a case that stays as it is gets no entry."""
    moved = Deadline.objects.filter(
        subject_type=SUBJECT, state__in=OPEN_CLOCKS, due_history__contains=[{"why": "recomputed"}]
    )
    for district, case_id in sorted(set(moved.values_list("district", "subject_id"))):
        case = Case.objects.select_for_update().filter(district=district, id=case_id, is_open=True).first()
        if case is None:
            continue
        after, clocks = copy(case), list(_owed([district], [case_id]))
        dispatching.refresh_orders(case, clocks)
        refresh_due(after, clocks)
        changes = {name: getattr(after, name) for name in ("due_at", "due_kind", "due_from", "is_late")}
        if any(getattr(case, name) != value for name, value in changes.items()):
            add_step(SYSTEM, case, "recomputed", data={"old_due": case.due_at, "due": after.due_at}, changes=changes)


@events.consumer("cases.followers", "case.close", "case.confirm_rejection")
def on_ended(batch: Sequence[Happened]) -> None:
    """Tell the cases that were merged into one that it was closed or not taken up, so that every reporter is kept informed."""
    for event in batch:
        if event.data["to"] not in ENDED:
            continue
        kind, data = "master_closed", {"round": event.data["round"]}
        if event.data["to"] == State.REJECTED:
            told = LogEntry.objects.get(
                district=event.district, case_id=event.subject_id, sequence=event.data["version"]
            ).data
            kind = "master_rejected"
            data |= {"agree": True, "reason": told["reason"], "other_way": told["other_way"]}
        for follower in (
            Case.objects.select_for_update().filter(district=event.district, master_id=event.subject_id).order_by("id")
        ):
            if not follower.entries.filter(kind=kind, data__round=event.data["round"]).exists():
                add_step(SYSTEM, follower, kind, data=dict(data))
