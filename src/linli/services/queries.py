"""Every read of the room that is worth a name; takes an Actor where it is about somebody."""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from threading import Lock
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.cases.queries import of_number
from linli.catalog.models import ChangeState
from linli.kernel import crypto, ids, masking, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, context, policy
from linli.people.holdings import Fact as HeldFact
from linli.people.models import Account
from linli.people.queries.contacts import open_field
from linli.people.snapshot import Snapshot
from linli.services import facts, rules
from linli.services.facts import Person
from linli.services.models import (
    Application,
    Attachment,
    Fact,
    Proof,
    ProofState,
    Said,
    SaidKind,
    Seat,
    ServiceChange,
    ServiceVersion,
    Slot,
    State,
    Step,
)
from linli.services.snapshot import Catalogue, Entry, entry_of
from linli.services.steps import may_view, missing

STAMP = "services"
KEPT = 64
PAGE = 50
LOOKED_BACK = 20
"""In how many earlier applications an answer is looked for."""
TABLE = "services_said"
FACTS = "services_fact"


class _Table:
    """Every version of every service, and the catalogues made from them lately."""

    def __init__(self) -> None:
        self.by_scope: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        self.by_id: dict[UUID, Entry] = {}
        moments: set[datetime] = set()
        for version in ServiceVersion.objects.select_related("service").order_by("valid_from"):
            entry = entry_of(version)
            self.by_scope[entry.scope][entry.code].append(entry)
            self.by_id[entry.version_id] = entry
            moments |= {moment for moment in (entry.valid_from, entry.valid_to) if moment is not None}
        self.edges = sorted(moments)
        self.made: OrderedDict[tuple[str, int], Catalogue] = OrderedDict()
        self.lock = Lock()

    def catalogue(self, at: datetime, district: str) -> Catalogue:
        scope = district if district in self.by_scope else ""
        key = (scope, bisect_right(self.edges, at))
        with self.lock:
            if key not in self.made:
                chosen: dict[str, Entry] = {}
                for level in dict.fromkeys(("", scope)):
                    for code, entries in self.by_scope[level].items():
                        for entry in entries:
                            if entry.in_force(at):
                                chosen[code] = entry
                self.made[key] = Catalogue(chosen.values())
                while len(self.made) > KEPT:
                    self.made.popitem(last=False)
            return self.made[key]

    def edition(self, at: datetime) -> int:
        return bisect_right(self.edges, at) + len(self.by_id)

    def listed(self, at: datetime, scope: str) -> list[Listed]:
        codes = {code for level in self.by_scope.values() for code in level}
        found = []
        for code in codes:
            levels = [self.by_scope[one].get(code, []) for one in dict.fromkeys((scope, "")) if one in self.by_scope]
            holds = next((one for level in levels for one in level if one.in_force(at)), None)
            own = [one for level in levels for one in level]
            if not own:
                continue
            begun = [one for one in own if one.valid_from <= at]
            entry = holds or (max(begun, key=lambda one: one.valid_from) if begun else own[0])
            coming = [one.valid_from for one in own if one.valid_from > at]
            ends = entry.valid_to if entry.valid_to not in {one.valid_from for one in own} else None
            found.append(Listed(entry, holds is not None, min(coming, default=None), ends))
        return sorted(found, key=lambda one: one.entry.position)


_table: Snapshot[_Table] = Snapshot(STAMP, _Table)


def current(at: datetime | None = None, district: str = "") -> Catalogue:
    """The services in force at a moment (now unless told) in a district, from memory."""
    return _table.get().catalogue(at or time.now(), district)


def service(code: str, *, district: str = "") -> Entry:
    """A service in force, by its code.

    Raises:
        NotFound: there is none.
    """
    found = current(district=district).get(code)
    if found is None:
        raise NotFound("service.none", _("There is no such service."), field="service")
    return found


def promised(application: Application) -> Entry:
    """The version of the service that an application was made for, also when it is over."""
    return _table.get().by_id[application.service_version_id]


@dataclass(frozen=True, slots=True)
class Listed:
    """A service as whoever looks after it sees it: what holds, else what held last, and what comes.

    Attributes:
        entry: the version in force; of a closed service the last one, of one that is still to come the first.
        holds: whether it is in force now.
        next_at: when the next version begins; ``ends_at``: when it ends without one.
    """

    entry: Entry
    holds: bool
    next_at: datetime | None
    ends_at: datetime | None


def listed(scope: str = "") -> list[Listed]:
    """Every service, closed ones among them, in its order; a district's own versions before the city's."""
    return _table.get().listed(time.now(), scope)


def history(code: str, *, scope: str = "") -> list[ServiceVersion]:
    """The versions of a service in one scope, the newest first."""
    rows = ServiceVersion.objects.select_related("service").filter(service_id=code, scope=scope)
    return list(rows.order_by("-valid_from"))


def version(version_id: UUID) -> tuple[ServiceVersion, ServiceVersion | None]:
    """A version by its id, and the one before it in its scope.

    Raises:
        NotFound: there is none.
    """
    found = ServiceVersion.objects.select_related("service").filter(id=version_id).first()
    if found is None:
        raise NotFound("service.version", _("There is no such version."))
    earlier = [one for one in history(found.service_id, scope=found.scope) if one.valid_from < found.valid_from]
    return found, earlier[0] if earlier else None


def open_changes(*, code: str = "") -> list[ServiceChange]:
    """Changes of services that are prepared and neither published nor withdrawn, the newest first."""
    found = ServiceChange.objects.select_related("base").filter(state=ChangeState.PROPOSED)
    return list((found.filter(service_id=code) if code else found).order_by("-proposed_at"))


def recent_changes(*, limit: int = 20) -> list[ServiceChange]:
    """The last changes that were published or withdrawn."""
    found = ServiceChange.objects.select_related("base").exclude(state=ChangeState.PROPOSED)
    return list(found.order_by("-decided_at")[:limit])


def change(change_id: UUID) -> ServiceChange:
    """A change by its id.

    Raises:
        NotFound: there is none.
    """
    found = ServiceChange.objects.select_related("base__service").filter(id=change_id).first()
    if found is None:
        raise NotFound("change.none", _("There is no such change."))
    return found


def under_way(version: ServiceVersion) -> int:
    """How many open applications were made for a version."""
    return Application.objects.filter(service_version_id=version.id, is_open=True).count()


def edition() -> int:
    """How many versions have begun or ended up to now: whoever keeps what follows from versions looks whether it moved."""
    return _table.get().edition(time.now())


# --- what the platform holds ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """What the platform holds of one account: values by the code of the fact, and the proofs that are in force."""

    values: dict[str, str]
    proofs: dict[str, date]
    home: str

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the facts."""
        return frozenset(self.values) | ({Person.HOME.value} if self.home else frozenset())


NOTHING_HELD = Held({}, {}, "")


def held_of(actor: Actor) -> Held:
    """What the platform holds of the actor: name, number and community of the account, answers of earlier applications that may
    stand in for new ones, and proofs in force. One's own alone; four queries.
    """
    if actor.account_id is None:
        return NOTHING_HELD
    account = Account.objects.filter(id=actor.account_id).first()
    if account is None:
        return NOTHING_HELD
    values = {
        Person.NAME.value: open_field("people_account.name", account.id, account.name_enc),
        Person.PHONE.value: open_field("people_account.phone", account.id, account.phone_enc),
    }
    keep = {str(one) for one in facts.KEPT} | {one.code for one in rules.questions().values() if one.keep}
    with context.personal(actor, purpose="own facts"):
        rows = Said.objects.filter(owner_id=account.id, field__in=keep, application__on_behalf=False)
        rows = rows.order_by("field", "-at").distinct("field")
        for row in rows:
            values[row.field] = crypto.open_(TABLE, row.id, bytes(row.text_sealed))
        proofs = dict(
            Fact.objects.filter(account_id=account.id, valid_until__gte=time.today()).values_list("kind", "valid_until")
        )
    lately = Application.objects.filter(account_id=account.id, on_behalf=False).order_by("-submitted_at")
    for answers in lately.values_list("facts", flat=True)[:LOOKED_BACK]:
        for code in keep & set(answers):
            given = answers[code]
            values.setdefault(code, ";".join(given) if isinstance(given, list) else str(given))
    return Held({code: text for code, text in values.items() if text}, proofs, account.home_path)


def facts_held(actor: Actor) -> list[HeldFact]:
    """What departments confirmed about the actor's own account and until when it holds, as my data shows it."""
    if actor.account_id is None:
        return []
    with context.personal(actor, purpose="own facts"):
        rows = list(Fact.objects.filter(account_id=actor.account_id).order_by("kind"))
    known, speaks = rules.proofs(), get_language() or ""
    return [
        HeldFact(known[row.kind].called(speaks), f"{row.valid_until:%Y-%m-%d}", "/applications")
        for row in rows
        if row.kind in known
    ]


# --- applications ---------------------------------------------------------------------------------------------------------------


def by_number(number: str) -> Application | None:
    """The application with a number as it is written; for those who ask afterwards who may see it."""
    return Application.objects.select_related("service_version").filter(of_number(number)).first()


def get(actor: Actor, number: str) -> Application:
    """An application by its number.

    Raises:
        NotFound: there is none that the actor may see.
    """
    written = ids.parse_ticket_number(number)
    found = by_number(written) if written else None
    if found is None or not may_view(actor, found):
        raise missing()
    return found


SLIP_FOR = timedelta(days=1)
"""How long the post that took an application in may print its code."""


def taken_in(actor: Actor, number: str) -> Application:
    """An application that the actor's own post took in for somebody lately, to hand them its slip.

    Raises:
        NotFound: there is none such.
    """
    written = ids.parse_ticket_number(number)
    found = by_number(written) if written else None
    if found is None or actor.post_id is None or found.account_id is not None:
        raise missing()
    first = Step.objects.filter(district=found.district, application=found, sequence=1).first()
    if first is None or first.post_id != actor.post_id or time.now() - first.at >= SLIP_FOR:
        raise missing()
    return found


def agreed(application: Application) -> str:
    """How the resident agreed to an application that somebody else filled in; ``""`` of one's own."""
    first = Step.objects.filter(district=application.district, application=application, sequence=1).first()
    return str(first.data.get("agreed", "")) if first is not None else ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and where the next begins (``""``: it is the last)."""

    applications: list[Application]
    next: str


def mine(actor: Actor, *, after: str = "", size: int = PAGE) -> Page:
    """One's own applications, the newest first."""
    if actor.account_id is None:
        return Page([], "")
    rows = Application.objects.select_related("service_version").filter(account_id=actor.account_id)
    at, last = _cursor(after)
    if at is not None:
        rows = rows.filter(Q(submitted_at__lt=at) | Q(submitted_at=at, id__lt=last))
    return _page(rows.order_by("-submitted_at", "-id"), size, lambda one: one.submitted_at)


class View(StrEnum):
    """What the queue is looked at by."""

    WAITING = "waiting"
    OPEN = "open"
    PROOFS = "proofs"
    MISSING = "missing"
    LATE = "late"
    REVIEW = "review"
    ENDED = "ended"


LABELS: dict[View, str | Promise] = {
    View.WAITING: _("To take up"),
    View.OPEN: _("In work"),
    View.PROOFS: _("Proofs asked of us"),
    View.MISSING: _("Waiting for the resident"),
    View.LATE: _("Late"),
    View.REVIEW: _("In review"),
    View.ENDED: _("Ended"),
}


def _reach(actor: Actor, verb: str) -> Q | None:
    """What of the applications a post reaches with a verb; ``None`` for nothing."""
    reaches = policy.reach(actor, verb)
    if "city" in reaches or "any" in reaches:
        return Q()
    conditions = []
    if "org" in reaches and actor.organisation_id:
        conditions.append(Q(district=actor.district, organisation_id=actor.organisation_id))
    if "area" in reaches and actor.area_path:
        conditions.append(in_subtree("area_path", actor.area_path) & ~Q(sensitivity="restricted"))
    if not conditions:
        return None
    found = conditions[0]
    for one in conditions[1:]:
        found |= one
    return found


def _of_view(view: View) -> Q:
    return {
        View.WAITING: Q(is_open=True, state=State.SUBMITTED),
        View.OPEN: Q(is_open=True, state=State.ACCEPTED),
        View.PROOFS: Q(pk__isnull=True),
        View.MISSING: Q(is_open=True, state=State.NEEDS_MORE),
        View.LATE: Q(is_open=True, due_at__lt=time.now()) & ~Q(state=State.NEEDS_MORE),
        View.REVIEW: Q(is_open=True, state=State.REVIEW),
        View.ENDED: Q(is_open=False),
    }[view]


def queue(actor: Actor, view: View, *, service: str = "", after: str = "", size: int = PAGE) -> Page:
    """The applications of a view that the post's organisation handles: what is due first comes first, of ended ones the newest."""
    condition = _reach(actor, "service.list")
    if condition is None or view == View.PROOFS:
        return Page([], "")
    rows = Application.objects.select_related("service_version").filter(condition, _of_view(view))
    if service:
        rows = rows.filter(service=service)
    at, last = _cursor(after)
    if view == View.ENDED:
        if at is not None:
            rows = rows.filter(Q(closed_at__lt=at) | Q(closed_at=at, id__lt=last))
        return _page(rows.order_by("-closed_at", "-id"), size, lambda one: one.closed_at or one.submitted_at)
    rows = rows.filter(due_at__isnull=False)
    if at is not None:
        rows = rows.filter(Q(due_at__gt=at) | Q(due_at=at, id__gt=last))
    return _page(rows.order_by("due_at", "id"), size, lambda one: one.due_at or one.submitted_at)


def counts(actor: Actor) -> dict[View, int]:
    """How many each view holds; two queries."""
    condition = _reach(actor, "service.list")
    if condition is None:
        return {}
    wanted = {str(view): Count("id", filter=_of_view(view)) for view in View if view not in (View.PROOFS, View.ENDED)}
    row = Application.objects.filter(condition, is_open=True).aggregate(**wanted)
    found = {View(name): number for name, number in row.items()}
    found[View.PROOFS] = len(proofs_asked(actor))
    return found


def proofs_asked(actor: Actor, *, size: int = PAGE) -> list[Proof]:
    """The proofs that other organisations wait for from the post's own, the oldest first."""
    if "org" not in policy.reach(actor, "service.confirm_proof") or actor.organisation_id is None:
        return []
    rows = Proof.objects.select_related("application__service_version").filter(
        district=actor.district, holder_id=actor.organisation_id, state=ProofState.ASKED, application__is_open=True
    )
    return list(rows.order_by("asked_at", "id")[:size])


def proof(actor: Actor, proof_id: UUID) -> Proof:
    """A proof that is asked of the post's organisation, or belongs to an application that it may see.

    Raises:
        NotFound: there is none.
    """
    found = Proof.objects.select_related("application").filter(district=actor.district, id=proof_id).first()
    if found is None or not (
        policy.allows(actor, "service.confirm_proof", found) or may_view(actor, found.application)
    ):
        raise missing()
    return found


def _page(rows: QuerySet[Application], size: int, moment) -> Page:  # type: ignore[no-untyped-def]
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    if not more:
        return Page(found, "")
    last = found[-1]
    text = json.dumps([moment(last).isoformat(), str(last.id)])
    return Page(found, base64.urlsafe_b64encode(text.encode()).decode())


def _cursor(text: str) -> tuple[datetime | None, UUID | None]:
    try:
        at, last = json.loads(base64.urlsafe_b64decode(text.encode()))
        return datetime.fromisoformat(at), UUID(last)
    except (ValueError, TypeError):
        return None, None


def steps_of(application: Application) -> list[Step]:
    """The log of an application, from its beginning."""
    return list(Step.objects.filter(district=application.district, application=application).order_by("sequence"))


def proofs_of(application: Application) -> list[Proof]:
    """Its proofs."""
    rows = Proof.objects.select_related("holder").filter(district=application.district, application=application)
    return list(rows.order_by("id"))


def attachments_of(application: Application) -> list[Attachment]:
    """Its photos and documents, the oldest first."""
    rows = Attachment.objects.filter(district=application.district, application=application)
    return list(rows.order_by("at", "id"))


def slot_of(application: Application) -> Slot | None:
    """The time that it has booked."""
    seat = Seat.objects.select_related("slot").filter(district=application.district, application=application).first()
    return seat.slot if seat else None


def slots_of(applications: Iterable[Application]) -> dict[UUID, Slot]:
    """The times that applications have booked; one query."""
    rows = list(applications)
    seats = Seat.objects.select_related("slot").filter(
        district__in={one.district for one in rows}, application_id__in=[one.id for one in rows]
    )
    return {seat.application_id: seat.slot for seat in seats if seat.application_id}


@dataclass(frozen=True, slots=True)
class Window:
    """A slot and how many of its seats are free."""

    slot: Slot
    free: int


def windows(entry: Entry, area_path: str) -> list[Window]:
    """The times that can still be booked for a service in a place, the earliest first; full ones with none free."""
    if entry.booking is None:
        return []
    path = booking_area(entry, area_path)
    if not path:
        return []
    earliest = time.now() + entry.booking.notice
    rows = Slot.objects.filter(
        district=path[:6], service=entry.code, area_path=path, starts_at__gte=earliest, is_shut=False
    ).annotate(free=Count("seats", filter=Q(seats__application__isnull=True)))
    return [Window(row, row.free) for row in rows.order_by("starts_at")]


DEPTH = {"district": 1, "subdistrict": 2, "community": 3}


def booking_area(entry: Entry, area_path: str) -> str:
    """The area whose windows a place goes by: its subdistrict, its community, or its district."""
    assert entry.booking is not None
    return "/".join(area_path.split("/")[: DEPTH[entry.booking.level]])


# --- what people said -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Something that was said, as its reader may see it."""

    id: UUID
    kind: str
    field: str
    text: str
    side: str
    held: bool
    at: datetime


def said_masked(actor: Actor, application: Application) -> list[Words]:
    """What an application holds about the person, masked; messages and long answers are only counted as there."""
    with context.personal(actor, purpose="show masked", reach=application.district):
        rows = list(said_rows(application))
    return [Words(row.id, row.kind, row.field, _mask(row), row.side, row.held, row.at) for row in rows]


def said_own(actor: Actor, application: Application) -> list[Words]:
    """What one's own application holds, in clear; one's own needs no audit row.

    Raises:
        NotFound: it is not the actor's own.
    """
    if actor.account_id != application.owner_id:
        raise missing()
    with context.personal(actor, purpose="own application"):
        rows = list(said_rows(application))
    return [
        Words(
            row.id, row.kind, row.field, crypto.open_(TABLE, row.id, bytes(row.text_sealed)), row.side, row.held, row.at
        )
        for row in rows
    ]


def said_rows(application: Application) -> QuerySet[Said]:
    """The sealed words of an application, the oldest first; for this room, inside a transaction that says who reads."""
    return Said.objects.filter(district=application.district, application=application).order_by("at", "id")


CONSENTS = frozenset({"use_held", "fetch_proofs"})
"""What was consented to and can be taken back while the application goes on."""


def consents_of(application: Application) -> list[str]:
    """What holds of the resident's consents in an application."""
    steps = Step.objects.filter(district=application.district, application=application)
    given: set[str] = set()
    for kind, data in (
        steps.filter(kind__in=("apply", "withdraw_consent")).order_by("sequence").values_list("kind", "data")
    ):
        given = given | set(data.get("consents", ())) if kind == "apply" else given - set(data["withdrawn"])
    return sorted(given & CONSENTS)


_MASKS = {
    Person.NAME: masking.mask_name,
    Person.PHONE: masking.mask_phone,
    Person.ADDRESS: masking.mask_address,
    Person.IDENTITY_NUMBER: masking.mask_id,
    Person.RELATIVE_NAME: masking.mask_name,
    Person.RELATIVE_PHONE: masking.mask_phone,
}


def _mask(row: Said) -> str:
    if row.kind != SaidKind.PERSON or row.field not in set(_MASKS):
        return ""
    return _MASKS[Person(row.field)](crypto.open_(TABLE, row.id, bytes(row.text_sealed)))


PROVED_BY = (Person.NAME, Person.IDENTITY_NUMBER, Person.ADDRESS, Person.RELATIVE_NAME)


def person_of(actor: Actor, application: Application, *, purpose: str) -> list[Words]:
    """Who an application is about, in clear, as far as a proof needs it; the caller has asked for the right and audits it."""
    with context.personal(actor, purpose=purpose, reach=application.district):
        rows = list(said_rows(application).filter(kind=SaidKind.PERSON, field__in=[str(one) for one in PROVED_BY]))
    return [
        Words(
            row.id, row.kind, row.field, crypto.open_(TABLE, row.id, bytes(row.text_sealed)), row.side, row.held, row.at
        )
        for row in rows
    ]
