"""The readers of events: one makes notices for people, the other postings for machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from linli.cases import mentions
from linli.cases.models import Case, Mention, Participant
from linli.kernel import events, ids, time
from linli.kernel.db import DISTRICT_LENGTH, district_of, within
from linli.kernel.events import Happened
from linli.kernel.trust import Role
from linli.notices import channels, telling
from linli.notices.models import Address, Channel, Delivery, Hook, Notice, Posting, Settings
from linli.notices.telling import Side
from linli.people import queries as people

NEWS_FOR = timedelta(days=14)
"""What is older is history that is read in, and no news."""
SENT_WITHIN = timedelta(hours=24)
"""After an outage what is older stands in the list and is not sent any more."""


@dataclass(frozen=True, slots=True)
class _Person:
    account_id: UUID
    post_id: UUID | None = None


@events.consumer("notices", *telling.PREFIXES)
def on_cases(batch: Sequence[Happened]) -> None:
    """Make the notices of a batch and their deliveries; what is there already stays as it is."""
    floor = time.now() - NEWS_FOR
    fresh = [one for one in batch if one.subject_type == "case" and one.at > floor and telling.told(one.kind, one.data)]
    if not fresh:
        return
    around = _Around(fresh)
    tell(list(_notices(fresh, around)))


def tell(rows: Sequence[Notice]) -> None:
    """Keep notices and plan their deliveries; one that is there already (the same event, person and kind) stays as it is."""
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


def _notices(batch: Sequence[Happened], around: _Around) -> Iterator[Notice]:
    for event in batch:
        case = around.cases.get(event.subject_id)
        if case is None:
            continue
        actor = around.accounts.get(event.post_id) if event.post_id else None
        seen: set[UUID] = set()
        for one in telling.told(event.kind, event.data):
            for person in around.people(one.side, event, case):
                if person.account_id == actor or person.account_id in seen:
                    continue
                seen.add(person.account_id)
                yield Notice(
                    id=ids.new_id(), district=event.district, event_id=event.id, account_id=person.account_id,
                    post_id=person.post_id, kind=one.kind, case_id=case.id, number=case.number,
                    category="" if case.is_restricted else case.category, severity=case.severity, at=event.at,
                )  # fmt: skip


@dataclass
class _Around:
    """What the rule needs to know of the cases of a batch and of the people around them, one query each."""

    batch: Sequence[Happened]
    cases: dict[UUID, Case] = field(init=False)
    accounts: dict[UUID, UUID] = field(init=False)
    """Whose the posts are that acted or handle."""

    def __post_init__(self) -> None:
        districts = {one.district for one in self.batch}
        self.cases = {
            case.id: case
            for case in Case.objects.filter(district__in=districts, id__in={one.subject_id for one in self.batch})
        }
        posts = {one.post_id for one in self.batch if one.post_id}
        posts |= {case.handler_post_id for case in self.cases.values() if case.handler_post_id}
        self._reporters: dict[UUID, list[_Person]] = defaultdict(list)
        told = [(one, told.side) for one in self.batch for told in telling.told(one.kind, one.data)]
        asked = {one.subject_id for one, side in told if side == Side.REPORTERS}
        if asked:
            rows = Participant.objects.filter(district__in=districts, case_id__in=asked, account_id__isnull=False)
            for case_id, account_id in rows.order_by("joined_at", "id").values_list("case_id", "account_id"):
                if account_id is not None:
                    self._reporters[case_id].append(_Person(account_id))
        self._named: dict[tuple[UUID, int], list[UUID]] = defaultdict(list)
        noted = [one for one, side in told if side == Side.NAMED]
        if noted:
            mentions.on_notes(noted)  # whichever reader comes first notes who is named; a repeat notes nothing twice
            found = Mention.objects.filter(district__in=districts, case_id__in={one.subject_id for one in noted})
            for case_id, sequence, post_id in found.values_list("case_id", "sequence", "post_id"):
                self._named[case_id, sequence].append(post_id)
                posts.add(post_id)
        cities = {district_of(one[: DISTRICT_LENGTH - 2]) for one in districts}
        self.accounts = {
            post_id: member.account_id
            for post_id, member in people.holders(posts, districts=districts | cities).items()
        }
        self._workers = people.workers_of(
            {
                organisation
                for one, side in told
                if one.subject_id in self.cases
                for organisation in _organisations(side, one, self.cases[one.subject_id])
            }
        )

    def people(self, side: Side, event: Happened, case: Case) -> list[_Person]:
        """Who stands on a side of an event."""
        if side == Side.HANDLER and not _still_with(event, case):
            return []
        match side:
            case Side.REPORTERS:
                return self._reporters[case.id]
            case Side.NAMED:
                return self._of_posts(self._named[case.id, event.sequence])
            case Side.DECIDERS:
                members = people.members_for(case.area_path, Role.SUBDISTRICT_OFFICER)
                return [_Person(member.account_id, member.post_id) for member in members]
            case Side.HANDLER if case.handler_post_id in self.accounts:
                return self._of_posts([case.handler_post_id])
            case _:
                workers = (self._workers.get(one, ()) for one in _organisations(side, event, case))
                return [_Person(member.account_id, member.post_id) for found in workers for member in found]

    def _of_posts(self, posts: Iterable[UUID | None]) -> list[_Person]:
        return [_Person(self.accounts[one], one) for one in posts if one is not None and one in self.accounts]


def _still_with(event: Happened, case: Case) -> bool:
    """Whether who had the case at the event has it now; if not, whoever has it is told by the event that gave it to them."""
    return event.data.get("holder") == (str(case.holder_id) if case.holder_id else None)


def _organisations(side: Side, event: Happened, case: Case) -> list[UUID]:
    if side == Side.CALLED:
        return [UUID(one) for one in event.data.get("organisations", ())]
    if side == Side.HANDLER and case.handler_post_id is None and case.holder_id is not None:
        return [case.holder_id]
    return []


def deliver(rows: Sequence[Notice]) -> None:
    """Plan the deliveries of new notices, to the verified addresses of those who want them there."""
    now = time.now()
    fresh = [row for row in rows if row.at > now - SENT_WITHIN]
    ways = channels.offered()
    if not fresh or not ways:
        return
    addresses: dict[UUID, list[Address]] = defaultdict(list)
    for address in Address.objects.filter(
        account_id__in={row.account_id for row in fresh},
        verified_at__isnull=False,
        gone_at__isnull=True,
        channel__in=ways,
    ).defer("value_enc"):
        addresses[address.account_id].append(address)
    if not addresses:
        return
    settings = Settings.objects.in_bulk(list(addresses))
    planned = []
    for row in fresh:
        wishes = settings.get(row.account_id) or Settings(account_id=row.account_id)
        for address in addresses[row.account_id]:
            if wishes.wants(address.channel, row.topic):
                planned.append(_planned(row, address, wishes))
    Delivery.objects.bulk_create(planned, ignore_conflicts=True)


def _planned(row: Notice, address: Address, wishes: Settings) -> Delivery:
    # The digest is for e-mail: what rings a pocket is for what cannot wait for the evening.
    digest = wishes.digest and address.channel == Channel.EMAIL and row.severity > telling.MOST_URGENT
    local = time.now().astimezone(time.LOCAL_ZONE)
    moment = telling.due(
        local,
        quiet_from=wishes.quiet_from,
        quiet_to=wishes.quiet_to,
        severity=row.severity,
        digest_at=wishes.digest_at if digest else None,
    )
    return Delivery(
        id=ids.new_id(), district=row.district, notice=row, address=address, channel=address.channel, digest=digest,
        due_at=moment,
    )  # fmt: skip


@events.consumer("notices.hooks", "case.")
def on_events(batch: Sequence[Happened]) -> None:
    """Put events on their way to the hooks that asked for them; restricted cases stay in the house."""
    hooks = list(Hook.objects.filter(disabled_at__isnull=True))
    floor = time.now() - SENT_WITHIN
    wanted = [
        (hook, event)
        for event in batch
        if event.subject_type == "case" and event.at > floor
        for hook in hooks
        if within(event.area_path, hook.reach_path) and takes(hook.kinds, event.kind)
    ]
    if not wanted:
        return
    cases = {
        case.id: case
        for case in Case.objects.filter(
            district__in={event.district for _hook, event in wanted},
            id__in={event.subject_id for _hook, event in wanted},
        )
    }
    Posting.objects.bulk_create(
        [
            Posting(
                id=ids.new_id(), district=event.district, hook=hook, event_id=event.id, kind=event.kind, at=event.at,
                payload=payload(event, cases[event.subject_id]), due_at=time.now(),
            )
            for hook, event in wanted
            if event.subject_id in cases and not cases[event.subject_id].is_restricted
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def takes(kinds: Iterable[str], kind: str) -> bool:
    """Whether a hook that asked for ``kinds`` takes an event: ``case.close`` by its name, or ``case.*``."""
    return any(kind == one or (one.endswith(".*") and kind.startswith(one[:-1])) for one in kinds)


def payload(event: Happened, case: Case) -> Mapping[str, object]:
    """What a machine is told: facts about the case, never about a person; the place to its community, and no words."""
    parts = event.area_path.split("/")
    return {
        "type": event.kind,
        "timestamp": event.at.isoformat(),
        "data": {
            "id": str(event.id),
            "number": case.number,
            "district": event.district,
            "area": "/".join(parts[:3]),
            "category": event.data.get("category", case.category),
            "severity": event.data.get("severity", case.severity),
            "level": event.data.get("level", case.level),
            "from": event.data.get("from", ""),
            "state": event.data.get("to", case.state),
            "version": event.sequence,
            "late": event.data.get("late", []),
        },
    }
