"""What belongs to one case: the cases around it, approvals, work orders, clocks, people, log, photos."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, Q, prefetch_related_objects

from linli.cases.models import Approval, ApprovalState, Case, Evidence, LogEntry, Participant, WorkOrder
from linli.cases.queries.finding import visible
from linli.kernel.models import Deadline, DeadlineState
from linli.kernel.trust import Actor


def related(actor: Actor, case: Case) -> list[Case]:
    """What hangs together with a case, as far as the actor may see it: its master and parent, what was merged in, its parts."""
    up = [one for one in (case.master_id, case.parent_id) if one]
    return list(
        visible(actor)
        .filter(Q(parent_id=case.id) | Q(master_id=case.id) | Q(id__in=up), district=case.district)
        .select_related("area")
        .order_by("reported_at")[:50]
    )


def master_of(case: Case) -> Case | None:
    """The case that leads a merged one; whoever reported the one is told how the other stands."""
    if case.master_id is None:
        return None
    return Case.objects.filter(district=case.district, id=case.master_id).select_related("area").first()


def parts_of(case: Case) -> list[Case]:
    """The cases that were split off one; whoever reported the whole is told how they stand."""
    found = Case.objects.filter(district=case.district, parent_id=case.id).select_related("area")
    return list(found.order_by("reported_at", "id"))


def approvals_of(case: Case) -> list[Approval]:
    """Every approval that was asked for on a case, the open ones first, then the newest."""
    rows = Approval.objects.filter(district=case.district, case_id=case.id).order_by("-asked_at")
    return sorted(rows, key=lambda one: one.state not in (ApprovalState.ASKED, ApprovalState.FIRST))


def orders_of(case: Case) -> list[WorkOrder]:
    """Every work order of a case in order; the policy table's later questions about it ask the database no more."""
    rows = WorkOrder.objects.filter(district=case.district).order_by("sent_at", "id")
    prefetch_related_objects([case], Prefetch("work_orders", queryset=rows))
    return list(case.work_orders.all())


def clocks_of(case: Case) -> list[Deadline]:
    """The clocks of a case that are still owed, what is due first comes first; with the due dates that were replaced."""
    return list(
        Deadline.objects.filter(
            district=case.district, subject_id=case.id, state__in=[DeadlineState.RUNNING, DeadlineState.PAUSED]
        ).order_by("due_at")
    )


def clocks_of_all(cases: Iterable[Case]) -> list[Deadline]:
    """The clocks of several cases that are still owed; one query for a page of a list."""
    shown = list(cases)
    if not shown:
        return []
    return list(
        Deadline.objects.filter(
            district__in={case.district for case in shown},
            subject_id__in=[case.id for case in shown],
            state__in=[DeadlineState.RUNNING, DeadlineState.PAUSED],
        ).order_by("due_at")
    )


def participants_of(case: Case) -> list[Participant]:
    """Who reported a case or joined it, the reporter first; the policy table's later questions about it ask the database no more."""
    rows = Participant.objects.filter(district=case.district).order_by("joined_at", "id")
    prefetch_related_objects([case], Prefetch("participants", queryset=rows))
    return list(case.participants.all())


def log_of(case: Case) -> list[LogEntry]:
    """Every entry of a case in order."""
    return list(LogEntry.objects.filter(district=case.district, case_id=case.id).order_by("sequence"))


def evidence_of(case: Case) -> list[Evidence]:
    """The photos of a case in order."""
    return list(Evidence.objects.filter(district=case.district, case_id=case.id).order_by("at", "id"))
