"""The reader of what runs out in compounds: the community's workers are told, once for each thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from linli.kernel import events, ids, time
from linli.kernel.events import Happened
from linli.kernel.trust import Role
from linli.notices.handlers import NEWS_FOR, deliver
from linli.notices.models import Kind, Notice
from linli.notices.own import ORDINARY
from linli.people import queries as people


@events.consumer("notices.compounds", "compound.running_out")
def on_running_out(batch: Sequence[Happened]) -> None:
    """Make the notices of a batch and their deliveries; what is there already stays as it is."""
    floor = time.now() - NEWS_FOR
    rows = [row for event in batch if event.at > floor for row in _of(event)]
    if not rows:
        return
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    # Those that were there before keep their ids; only what this batch made is delivered.
    made = set(
        Notice.objects.filter(district__in={row.district for row in rows}, id__in=[row.id for row in rows]).values_list(
            "id", flat=True
        )
    )
    deliver([row for row in rows if row.id in made])


def _of(event: Happened) -> Iterator[Notice]:
    seen: set[UUID] = set()
    for member in people.members_for(event.area_path, Role.COMMUNITY_WORKER):
        if member.account_id not in seen:
            seen.add(member.account_id)
            yield Notice(
                id=ids.new_id(), district=event.district, event_id=event.id, account_id=member.account_id, post_id=member.post_id,
                kind=Kind.RUNNING_OUT, subject_id=UUID(str(event.data["compound"])), day=date.fromisoformat(str(event.data["day"])),
                severity=ORDINARY, at=event.at,
            )  # fmt: skip
