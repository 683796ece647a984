"""The reader of events about one's own work and points: leave, shifts, training, assessment, operations, briefs, supervision, the ledger.

Events carry posts, never names, and those of the ledger not even whose points they are: that is asked of the ledger here, and a notice
says that there is something to read, never how many points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from linli.kernel import events, ids, time
from linli.kernel.db import DISTRICT_LENGTH, district_of
from linli.kernel.events import Happened
from linli.kernel.trust import Role
from linli.ledger.models import Claim, Entry, Objection, Suspension
from linli.notices.handlers import NEWS_FOR, tell
from linli.notices.models import Kind, Notice
from linli.people import queries as people
from linli.people.queries import Member

ORDINARY = 4
"""The severity of what can wait until the quiet hours are over."""
OF_POSTS: Mapping[str, tuple[tuple[str, Kind], ...]] = {
    "leave.approved": (("post", Kind.LEAVE_GRANTED), ("covers", Kind.COVERING)),
    "leave.refused": (("post", Kind.LEAVE_REFUSED),),
    "leave.began": (("post", Kind.COVERED),),
    "leave.ended": (("post", Kind.LEAVE_ENDED),),
    "duty.swap_asked": (("to", Kind.SWAP_ASKED),),
    "duty.swap_agreed": (("from", Kind.SWAP_AGREED),),
    "duty.swap_refused": (("from", Kind.SWAP_REFUSED),),
    "training.invited": (("posts", Kind.TRAINING),),
    "certificate.ending": (("post", Kind.CERTIFICATE),),
    "assessment.reviewed": (("post", Kind.ASSESSED),),
    "assessment.answered": (("post", Kind.ASSESSED),),
    "operation.told.sent": (("posts", Kind.TASK_SENT),),
    "operation.told.amended": (("posts", Kind.TASK_CHANGED),),
    "operation.told.extended": (("posts", Kind.TASK_EXTENDED),),
    "operation.told.reminded": (("posts", Kind.TASK_REMINDED),),
    "operation.told.stopped": (("posts", Kind.TASK_STOPPED),),
    "operation.prepared": (("post", Kind.DRAFT_PREPARED),),
    "brief.made": (("posts", Kind.BRIEF_MADE),),
    "supervision.drawn": (("posts", Kind.WATCH_DRAWN),),
    "supervision.assigned": (("posts", Kind.WATCH_GIVEN),),
    "supervision.done": (("posts", Kind.WATCH_DONE),),
    "supervision.returned": (("posts", Kind.WATCH_RETURNED),),
}
"""Which posts in an event's data are told what; ``about`` in the data is what it concerns, else the event's subject."""
OF_POINTS: Mapping[str, Kind] = {
    "points.award": Kind.POINTS_GIVEN,
    "points.penalty": Kind.POINTS_TAKEN,
    "points.reversal": Kind.POINTS_REVERSED,
    "points.upheld": Kind.POINTS_ANSWERED,
    "points.rejected": Kind.POINTS_ANSWERED,
    "points.refused": Kind.POINTS_REFUSED,
    "points.suspended": Kind.SUSPENDED,
    "points.lifted": Kind.LIFTED,
}
NOT_NEWS = ("objection", "redemption")
"""What a reversal comes from that its owner has done or is told of anyway."""


@dataclass(frozen=True, slots=True)
class _Told:
    account_id: UUID
    post_id: UUID | None
    kind: Kind
    subject_id: UUID


@events.consumer("notices.own", *OF_POSTS, "leave.asked", *OF_POINTS)
def on_own(batch: Sequence[Happened]) -> None:
    """Make the notices of a batch and their deliveries; what is there already stays as it is."""
    floor = time.now() - NEWS_FOR
    fresh = [one for one in batch if one.at > floor]
    rows = [*_of_posts([one for one in fresh if not one.kind.startswith("points.")])]
    rows += _of_points([one for one in fresh if one.kind.startswith("points.")])
    tell(rows)


def _of_posts(batch: Sequence[Happened]) -> Iterator[Notice]:
    wanted = {
        post for event in batch for name in ("post", "posts", "covers", "from", "to") for post in _ids(event, name)
    }
    wanted |= {event.post_id for event in batch if event.post_id}
    districts = {event.district for event in batch}
    # A post of the city is told of what happens in its districts.
    cities = {district_of(one[: DISTRICT_LENGTH - 2]) for one in districts}
    known = people.holders(wanted, districts=districts | cities)
    for event in batch:
        actor = known.get(event.post_id) if event.post_id else None
        seen = {actor.account_id} if actor else set()
        for one in _told(event, known):
            if one.account_id not in seen:
                seen.add(one.account_id)
                yield _notice(event, one)


def _told(event: Happened, known: Mapping[UUID, Member]) -> Iterator[_Told]:
    if event.kind == "leave.asked":
        for asker in (known[post] for post in _ids(event, "post") if post in known):
            for decider in _deciders(event, asker):
                yield _Told(decider.account_id, decider.post_id, Kind.LEAVE_ASKED, event.subject_id)
        return
    for name, kind in OF_POSTS[event.kind]:
        subject_id = next(iter(_ids(event, "about")), event.subject_id)
        for post in _ids(event, name):
            if post in known:
                yield _Told(known[post].account_id, post, kind, subject_id)


def _deciders(event: Happened, asker: Member) -> list[Member]:
    """The workers of the member's community; the subdistrict's officers where the member is the only one."""
    near = [
        one
        for one in people.workers_of([asker.organisation_id]).get(asker.organisation_id, ())
        if one.account_id != asker.account_id
    ]
    return near or people.members_for(event.area_path, Role.SUBDISTRICT_OFFICER)


def _ids(event: Happened, name: str) -> list[UUID]:
    found = event.data.get(name) or ()
    return [UUID(str(one)) for one in ([found] if isinstance(found, str) else found)]


def _of_points(batch: Sequence[Happened]) -> list[Notice]:
    if not batch:
        return []
    owners = _owners(batch)
    found = []
    for event in batch:
        nothing = event.kind == "points.award" and not event.data.get("amount")
        whose = owners.get(event.subject_id)
        if whose is not None and not nothing:
            account_id, subject_id = whose
            found.append(_notice(event, _Told(account_id, None, OF_POINTS[event.kind], subject_id)))
    return found


def _owners(batch: Sequence[Happened]) -> dict[UUID, tuple[UUID, UUID]]:
    """Whose the subject of each event is, and the entry that it is about, or the subject itself; one query for each kind of subject."""
    by_type: dict[str, set[UUID]] = defaultdict(set)
    for event in batch:
        by_type[event.subject_type].add(event.subject_id)
    districts = {event.district for event in batch}
    found: dict[UUID, tuple[UUID, UUID]] = {}
    entries = Entry.objects.filter(district__in=districts, id__in=by_type["points"]).exclude(
        kind="reversal", subject_type__in=NOT_NEWS
    )
    for entry_id, owner in entries.values_list("id", "account__owner_id"):
        if owner is not None:
            found[entry_id] = (owner, entry_id)
    rows: Iterable[tuple[UUID, UUID, UUID]] = Objection.objects.filter(
        district__in=districts, id__in=by_type["points_objection"]
    ).values_list("id", "owner_id", "entry_id")
    found |= {one: (owner, entry) for one, owner, entry in rows}
    claims = Claim.objects.filter(district__in=districts, id__in=by_type["points_claim"], takes_away=False)
    found |= {one: (owner, one) for one, owner in claims.values_list("id", "owner_id")}
    stops = Suspension.objects.filter(district__in=districts, id__in=by_type["points_suspension"])
    return found | {one: (owner, one) for one, owner in stops.values_list("id", "owner_id")}


def _notice(event: Happened, one: _Told) -> Notice:
    return Notice(
        id=ids.new_id(), district=event.district, event_id=event.id, account_id=one.account_id, post_id=one.post_id,
        kind=one.kind, subject_id=one.subject_id, day=_day(event.data, "starts_on", "day"), until=_last(event.data),
        severity=ORDINARY, at=event.at,
    )  # fmt: skip


def _day(data: Mapping[str, Any], *names: str) -> date | None:
    text = next((data[name] for name in names if data.get(name)), None)
    return date.fromisoformat(str(text)) if text else None


def _last(data: Mapping[str, Any]) -> date | None:
    """The last day: a leave's data name the first day back."""
    after = _day(data, "ends_on")
    return date.fromordinal(after.toordinal() - 1) if after else None
