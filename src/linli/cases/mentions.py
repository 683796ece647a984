"""Notes that name a colleague: ``@小徐`` in a note puts the case into that post's view "Mentioned", until it says it has seen it.

A name that nobody bears who may see the case tells nobody anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from linli.cases.loop import Ref, load, may_view, require
from linli.cases.models import Case, LogEntry, Mention
from linli.kernel import events, ids, time
from linli.kernel.db import DISTRICT_LENGTH, district_of
from linli.kernel.events import Happened
from linli.kernel.trust import Actor
from linli.people import queries as people

_NAMED = re.compile(r"[@\uff20]([^\W_]{2,24})")
MOST = 8
LONGEST = 12
"""How many characters of what follows an @ can be a name: Chinese goes on without a space."""


def named(text: str) -> list[list[str]]:
    """What follows each @ of a note, as the names that it can begin with, the longest first."""
    found = []
    for match in list(_NAMED.finditer(text))[:MOST]:
        run = match.group(1)
        found.append([run[:length] for length in range(min(len(run), LONGEST), 1, -1)])
    return found


@events.consumer("cases.mentions", "case.comment")
def on_notes(batch: Sequence[Happened]) -> None:
    """Note who is named in new notes; a repeat notes nothing twice."""
    for event in batch:
        entry = LogEntry.objects.filter(
            district=event.district, case_id=event.subject_id, sequence=event.sequence, kind="comment"
        ).first()
        if entry is not None:
            note(entry)


def note(entry: LogEntry) -> int:
    """Keep the mentions of one note; says how many posts it names."""
    wanted = named(str(entry.data.get("text", "")))
    if not wanted:
        return 0
    case = Case.objects.filter(district=entry.district, id=entry.case_id).first()
    if case is None:
        return 0
    posts = set(_posts(case, wanted)) - {entry.post_id}
    Mention.objects.bulk_create(
        [
            Mention(
                id=ids.new_id(), district=case.district, case=case, post_id=post, by_post_id=entry.post_id,
                sequence=entry.sequence, at=entry.at,
            )
            for post in posts
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(posts)


def _posts(case: Case, wanted: list[list[str]]) -> Iterator[UUID]:
    districts = {case.district, district_of(case.district[: DISTRICT_LENGTH - 2])}
    bearers = people.posts_named({name for names in wanted for name in names}, districts=districts)
    for names in wanted:
        for name in names:
            of_name = [actor.post_id for actor in bearers.get(name, ()) if actor.post_id and may_view(actor, case)]
            yield from of_name
            if of_name:
                break


@dataclass(frozen=True, slots=True)
class Waiting:
    """A note that names the actor and has not been seen: who wrote it, when, what."""

    by: str
    at: datetime
    text: str


def waiting(actor: Actor, case: Case) -> list[Waiting]:
    """The notes of a case that name the actor's post and wait to be seen, the oldest first; the caller has shown the case."""
    if actor.post_id is None:
        return []
    rows = list(_unseen(actor, case.district, case.id).order_by("at"))
    if not rows:
        return []
    texts = dict(
        LogEntry.objects.filter(
            district=case.district, case_id=case.id, sequence__in=[row.sequence for row in rows]
        ).values_list("sequence", "data")
    )
    writers = people.holders(
        {row.by_post_id for row in rows if row.by_post_id},
        districts={case.district, district_of(case.district[: DISTRICT_LENGTH - 2])},
    )
    return [
        Waiting(
            by=writers[row.by_post_id].name if row.by_post_id in writers else "",
            at=row.at,
            text=str(texts.get(row.sequence, {}).get("text", "")),
        )
        for row in rows
    ]


def seen(actor: Actor, ref: Ref) -> int:
    """Say that the notes that name the actor's post have been seen; says how many there were.

    Raises:
        NotFound, Forbidden: the post may not see the case or take no notes of it.
    """
    with transaction.atomic():
        case = load(actor, ref, lock=False)
        require(actor, "case.comment", case)
        return _unseen(actor, case.district, case.id).update(seen_at=time.now())


def _unseen(actor: Actor, district: str, case_id: UUID) -> QuerySet[Mention]:
    return Mention.objects.filter(
        seen_at__isnull=True, district=district, case_id=case_id, post_id=actor.post_id or UUID(int=0)
    )
