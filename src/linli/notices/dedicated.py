"""The reader of reports in dedicated grids: the posts that the grid's plan names are told, once for each case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linli.cases.models import Case
from linli.dedicated import queries as dedicated
from linli.kernel import events, ids, time
from linli.kernel.events import Happened
from linli.notices.handlers import NEWS_FOR, tell
from linli.notices.models import Kind, Notice


@events.consumer("notices.dedicated", "case.report")
def on_reports(batch: Sequence[Happened]) -> None:
    """Make the notices of a batch and their deliveries; what is there already stays as it is."""
    floor = time.now() - NEWS_FOR
    tell([row for event in batch if event.at > floor for row in _of(event)])


def _of(event: Happened) -> Iterator[Notice]:
    posts = dedicated.told_of(event.area_path)
    case = Case.objects.filter(district=event.district, id=event.subject_id).first() if posts else None
    if case is None:
        return
    for post in posts:
        if post.id != event.post_id:
            yield Notice(
                id=ids.new_id(), district=event.district, event_id=event.id, account_id=post.account_id, post_id=post.id,
                kind=Kind.DEDICATED, case_id=case.id, number=case.number, category="" if case.is_restricted else case.category,
                severity=case.severity, at=event.at,
            )  # fmt: skip
