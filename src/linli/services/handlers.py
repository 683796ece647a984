"""What the room does when something happens elsewhere: a clock of an application runs out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.kernel import events
from linli.kernel.events import Happened
from linli.kernel.trust import SYSTEM
from linli.services.models import Application, Step
from linli.services.steps import CLOCK, SUBJECT, stepping


@events.consumer("services.deadlines", "deadline.passed")
def on_deadlines(batch: Sequence[Happened]) -> None:
    """Note on its application that a clock ran out, once per firing; the event ``service.late`` tells those who follow it."""
    fired = {UUID(one.data["subject_id"]): one for one in batch if one.data.get("subject_type") == SUBJECT}
    if not fired:
        return
    rows = (
        Application.objects.select_for_update(of=("self",))
        .select_related("service_version")
        .filter(district__in={one.district for one in fired.values()}, id__in=fired, is_open=True)
        .order_by("id")
    )
    for application in rows:
        firing = str(fired[application.id].id)
        noted = Step.objects.filter(
            district=application.district, application=application, kind="late", data__firing=firing
        )
        if noted.exists():
            continue
        with stepping(SYSTEM, application, "service.late") as change:
            change.data |= {"firing": firing, "clock": CLOCK, "due_at": fired[application.id].data["due_at"]}
