"""What the loop does when something happens elsewhere: a clock runs out, a case that others follow ends, a grid is redrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from linli.cases.actions import disposal
from linli.cases.loop import Ref, add_step, load, refresh_due
from linli.cases.models import Case
from linli.cases.states import State
from linli.kernel import deadlines, events, time
from linli.kernel.events import Happened
from linli.kernel.models import Deadline
from linli.kernel.trust import SYSTEM

ESCALATES = ("response", "resolution")
"""A case whose response or resolution is late is shown to the next level up; its supervision flag is set when it is urgent."""


@events.consumer("cases.deadlines", "deadline.passed")
def on_deadlines(batch: Sequence[Happened]) -> None:
    """Note on its case that a clock ran out, and do what follows from it; once per firing."""
    by_case: dict[tuple[str, UUID], list[Happened]] = defaultdict(list)
    for event in batch:
        if event.data.get("subject_type") == "case":
            by_case[event.district, UUID(event.data["subject_id"])].append(event)
    # In the order of their ids, so that two workers cannot wait for each other.
    for district, case_id in sorted(by_case):
        passed = sorted(by_case[district, case_id], key=lambda e: (e.data["due_at"], e.id))
        case = Case.objects.select_for_update().filter(district=district, id=case_id).first()
        if case is None:
            continue
        open_ones = {d.id: d for d in deadlines.open_of(district, case_id)}
        for event in passed:
            deadline = open_ones.get(event.subject_id)
            # Met or moved in the meantime: whatever fired is not owed any more as it stood.
            if deadline is not None and deadline.fired_at is not None:
                _late(case, deadline, open_ones)


def _late(case: Case, deadline: Deadline, open_ones: dict[UUID, Deadline]) -> None:
    kind = deadline.kind.partition(":")[0]
    if kind == "waiting" and case.state == State.WAITING_RESIDENT:
        disposal.resume(SYSTEM, Ref(case.district, case.id), version=None)
        fresh = load(SYSTEM, Ref(case.district, case.id))
        case.__dict__.update({k: v for k, v in fresh.__dict__.items() if k != "_state"})
        return
    changes: dict[str, object] = {"is_late": True}
    if kind in ESCALATES and case.severity <= 2 and case.supervised_at is None:
        changes["supervised_at"] = time.now()
    refresh_due(case, open_ones.values())
    add_step(
        SYSTEM,
        case,
        "late",
        data={"deadline": deadline.kind, "due_at": deadline.due_at, "level": case.level},
        changes=changes,
    )


@events.consumer("cases.followers", "case.close")
def on_closed(batch: Sequence[Happened]) -> None:
    """Tell the cases that were merged into one that it was closed, so that every reporter is kept informed."""
    for event in batch:
        for follower in (
            Case.objects.select_for_update().filter(district=event.district, master_id=event.subject_id).order_by("id")
        ):
            done = follower.entries.filter(kind="master_closed", data__round=event.data["round"]).exists()
            if not done:
                add_step(SYSTEM, follower, "master_closed", data={"round": event.data["round"]})
