"""The room's readers of events: who is told of an operation, and which figures are new. Neither costs the one who sends or answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from linli.kernel import events, live, time
from linli.kernel.db import within
from linli.kernel.events import Happened
from linli.kernel.models import Event
from linli.kernel.trust import SYSTEM
from linli.operations import holding
from linli.operations.models import Operation, TaskState
from linli.operations.targets import COMMUNITY_LENGTH

TOLD = "operation.told"
TOLD_OF = {
    "operation.sent": TaskState.OPEN,
    "operation.amended": TaskState.OPEN,
    "operation.extended": TaskState.OPEN,
    "operation.reminded": TaskState.OPEN,
    "operation.stopped": TaskState.WITHDRAWN,
}
"""Of what is told whoever holds tasks, and in which state the tasks are that it concerns."""
NEWS_FOR = timedelta(days=7)
"""What is older stands in the lists; nobody is told of it any more."""
PORTION = 500
"""Posts in one event. A district's portions are read in a transaction of their own."""


@events.consumer("operations.telling", *TOLD_OF)
def on_operations(batch: Sequence[Happened]) -> None:
    """Say whose the tasks are, in portions for each district; the room of notices reads them. Nothing is said twice."""
    floor = time.now() - NEWS_FOR
    for event in batch:
        if event.at <= floor:
            continue
        operation_id = UUID(str(event.data.get("operation") or event.subject_id))
        found = Operation.objects.get(district=event.district, id=operation_id)
        if not Event.objects.filter(district__in=found.districts, subject_id=event.id).exists():
            events.append_all(list(_portions(event, found)))


def _portions(event: Happened, found: Operation) -> Iterator[Event]:
    reminded = event.at.astimezone(time.LOCAL_ZONE).date() if event.kind == "operation.reminded" else None
    due = found.due_at.astimezone(time.LOCAL_ZONE).date().isoformat()
    for district in found.districts:
        if not (within(district, event.area_path) or within(event.area_path, district)):
            continue
        posts = holding.posts_of(
            found, district, area_path=event.area_path, state=TOLD_OF[event.kind], reminded_on=reminded
        )
        for sequence, start in enumerate(range(0, len(posts), PORTION), 1):
            made = events.make(
                f"{TOLD}.{event.kind.partition('.')[2]}", subject_type="operation_telling", subject_id=event.id,
                sequence=sequence, district=district, area_path=district, actor=SYSTEM,
                data={"about": str(found.id), "day": due, "posts": [str(one) for one in posts[start : start + PORTION]]},
            )  # fmt: skip
            made.post_id = event.post_id  # whoever did it is not told of it
            yield made


@events.consumer("operations.live", "task.", *TOLD_OF, "operation.ended")
def on_progress(batch: Sequence[Happened]) -> None:
    """Tell live pages that look at the areas touched that their figures are new."""
    live.publish(live.Counted(path) for path in sorted({one.area_path[:COMMUNITY_LENGTH] for one in batch}))
