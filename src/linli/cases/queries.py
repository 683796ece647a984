"""Every read of the loop that is worth a name: each takes an actor and returns only what that actor may see.

An inbox is one range of a partial index over what is open, so that its cost follows what is on somebody's desk and not what was
ever reported.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from linli.cases import searching
from linli.cases.loop import may_view, missing
from linli.cases.models import (
    OPEN_ORDERS,
    Approval,
    ApprovalState,
    Case,
    Evidence,
    LogEntry,
    Mention,
    OrderKind,
    Participant,
    WorkOrder,
)
from linli.cases.states import State
from linli.cases.turns import waiting_for
from linli.kernel import ids, time
from linli.kernel.db import district_of, in_subtree, subtree
from linli.kernel.errors import Invalid
from linli.kernel.models import Deadline, DeadlineState
from linli.kernel.trust import Actor, Role, policy

PAGE = 50
COUNT_UP_TO = 1_000
"""A filter's count is exact below this and shown as ``999+`` from there: nobody works on the thousandth today."""
SOON = timedelta(hours=4)
NEAR_METRES = 150
NEAR_DAYS = 30


class View(StrEnum):
    """The views of an inbox."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    LATE = "late"
    SOON = "soon"
    CALLED = "called"
    RETURNED = "returned"
    TO_DECIDE = "to_decide"
    TO_VERIFY = "to_verify"
    TO_CALL_BACK = "to_call_back"
    SUPERVISED = "supervised"
    UNPLACED = "unplaced"
    MENTIONED = "mentioned"
    OPEN = "open"
    CLOSED = "closed"


LABELS = {
    View.MINE: _("Mine"),
    View.UNASSIGNED: _("To take up"),
    View.LATE: _("Late"),
    View.SOON: _("Due soon"),
    View.CALLED: _("Called"),
    View.RETURNED: _("Returned"),
    View.TO_DECIDE: _("To decide"),
    View.TO_VERIFY: _("To verify"),
    View.TO_CALL_BACK: _("To call back"),
    View.SUPERVISED: _("Supervised"),
    View.UNPLACED: _("Not placed"),
    View.MENTIONED: _("Mentioned"),
    View.OPEN: _("All open"),
    View.CLOSED: _("Ended"),
}

VIEWS_OF: dict[Role, tuple[View, ...]] = {
    Role.MICRO_GRID_MEMBER: (View.MINE, View.UNASSIGNED, View.LATE, View.TO_VERIFY, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.GRID_MEMBER: (View.MINE, View.UNASSIGNED, View.LATE, View.SOON, View.TO_VERIFY, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.COMMUNITY_WORKER: (
        View.UNASSIGNED, View.MINE, View.LATE, View.SOON, View.CALLED, View.TO_DECIDE, View.TO_VERIFY, View.TO_CALL_BACK,
        View.MENTIONED, View.OPEN, View.CLOSED,
    ),
    Role.SUBDISTRICT_OFFICER: (
        View.MINE, View.UNASSIGNED, View.LATE, View.SOON, View.CALLED, View.RETURNED, View.TO_DECIDE, View.SUPERVISED,
        View.MENTIONED, View.OPEN, View.CLOSED,
    ),
    Role.DISPATCHER: (
        View.UNASSIGNED, View.RETURNED, View.UNPLACED, View.LATE, View.SOON, View.TO_DECIDE, View.SUPERVISED,
        View.MENTIONED, View.OPEN, View.CLOSED,
    ),
    Role.DEPARTMENT_CLERK: (View.MINE, View.UNASSIGNED, View.CALLED, View.LATE, View.SOON, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.VERIFIER: (View.TO_VERIFY, View.TO_CALL_BACK, View.LATE, View.MENTIONED, View.OPEN, View.CLOSED),
    Role.CALL_TAKER: (View.TO_CALL_BACK, View.MENTIONED, View.OPEN, View.LATE, View.CLOSED),
    Role.SUPERVISOR: (View.SUPERVISED, View.TO_DECIDE, View.LATE, View.SOON, View.RETURNED, View.MENTIONED, View.OPEN, View.CLOSED),
}  # fmt: skip
"""The views that each role is offered, its first one first."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its cases, and the cursor of the next page when there is one."""

    cases: list[Case]
    next: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list; empty means all."""

    category: str = ""
    area_path: str = ""
    severity: int | None = None
    state: str = ""
    words: str = ""


PROVINCES = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
    "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
)  # fmt: skip
"""The first two figures of a division code (GB/T 2260); a ticket number carries the other four of its district."""


def of_number(number: str) -> Q:
    """The case of a ticket number in its written form: a few probes of the unique index, whatever the database's version."""
    return Q(number=number, district__in=[province + number[:4] for province in PROVINCES])


def by_number(number: str) -> Case | None:
    """The case of a ticket number in its written form; the number carries the district."""
    return Case.objects.filter(of_number(number)).select_related("area").first()


def get(actor: Actor, number: str) -> Case:
    """The case that somebody names by its number.

    Raises:
        NotFound: there is none, or none that the actor may see.
    """
    written = ids.parse_ticket_number(number)
    case = by_number(written) if written else None
    if case is None or not may_view(actor, case):
        raise missing()
    return case


def visible(actor: Actor) -> QuerySet[Case]:
    """The cases that the actor may list."""
    reaches = policy.reach(actor, "case.list")
    if not reaches:
        return Case.objects.none()
    if "city" in reaches:
        return Case.objects.all()
    if "area" in reaches:
        scope = in_subtree("area_path", actor.area_path) if actor.area_path else Q(pk__in=[])
        return Case.objects.filter(scope, _not_restricted(actor))
    return Case.objects.filter(
        Q(holder_id=actor.organisation_id) | Q(id__in=_called(actor).values("case_id")), district=actor.district
    )


def _not_restricted(actor: Actor) -> Q:
    named = Q(handler_post_id=actor.post_id) if actor.post_id else Q(pk__in=[])
    if actor.organisation_id and actor.role not in (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER):
        named |= Q(holder_id=actor.organisation_id)
    if actor.role == Role.DISPATCHER:
        named |= Q(holder__isnull=True)
    return ~Q(sensitivity="restricted") | named | waiting_for(actor)


def _called(actor: Actor) -> QuerySet[WorkOrder]:
    return WorkOrder.objects.filter(
        district=actor.district, organisation=actor.organisation_id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
    )


def _view(actor: Actor, view: View) -> QuerySet[Case]:
    cases = visible(actor)
    now = time.now()
    if view == View.CLOSED:
        return cases.filter(is_open=False)
    if view == View.MENTIONED:
        unseen = Mention.objects.filter(post_id=actor.post_id or UUID(int=0), seen_at__isnull=True)
        return cases.filter(id__in=unseen.values("case_id"))
    cases = cases.filter(is_open=True)
    match view:
        case View.MINE:
            own = Q(handler_post_id=actor.post_id)
            if actor.role in (Role.SUBDISTRICT_OFFICER, Role.DEPARTMENT_CLERK):
                own |= Q(holder_id=actor.organisation_id, handler_post__isnull=True)
            return cases.filter(own, district=actor.district).exclude(
                state__in=[State.DISPOSED, State.VERIFIED, State.FEEDBACK]
            )
        case View.UNASSIGNED:
            if actor.role == Role.DEPARTMENT_CLERK:
                return cases.filter(state=State.DISPATCHED, holder_id=actor.organisation_id, handler_post__isnull=True)
            unnamed = Q(state=State.DISPATCHED, holder_id=actor.organisation_id, handler_post__isnull=True)
            if actor.role == Role.MICRO_GRID_MEMBER:
                return cases.filter(unnamed)
            if actor.role == Role.GRID_MEMBER:
                early = [State.SUBMITTED, State.VERIFYING, State.REGISTERED]
                return cases.filter(unnamed | Q(state__in=early, holder_id=actor.organisation_id))
            waiting = cases.filter(state__in=[State.SUBMITTED, State.VERIFYING, State.REGISTERED])
            return waiting if actor.role == Role.DISPATCHER else waiting.filter(holder_id=actor.organisation_id)
        case View.LATE:
            return cases.filter(due_at__lte=now)
        case View.SOON:
            return cases.filter(due_at__gt=now, due_at__lte=now + SOON)
        case View.CALLED:
            if actor.role == Role.COMMUNITY_WORKER:
                return cases.filter(state__in=[State.CALLED, State.JOINED])
            return cases.filter(id__in=_called(actor).values("case_id"))
        case View.RETURNED:
            return cases.filter(state=State.RETURNED)
        case View.TO_DECIDE:
            asked = Approval.objects.filter(
                district=OuterRef("district"),
                case_id=OuterRef("id"),
                state__in=[ApprovalState.ASKED, ApprovalState.FIRST],
            ).exclude(asked_by=actor.account_id or UUID(int=0))
            return cases.filter(Exists(asked))
        case View.TO_VERIFY:
            return cases.filter(state=State.DISPOSED).exclude(disposed_by=actor.account_id)
        case View.TO_CALL_BACK:
            return cases.filter(state__in=[State.VERIFIED, State.FEEDBACK])
        case View.SUPERVISED:
            return cases.filter(supervised_at__isnull=False)
        case View.UNPLACED:
            return cases.filter(located="unplaced")
    return cases


def _narrow(cases: QuerySet[Case], filters: Filters, *, first: int = PAGE) -> QuerySet[Case]:
    if filters.category:
        cases = cases.filter(category=filters.category)
    if filters.area_path:
        cases = cases.filter(in_subtree("area_path", filters.area_path))
    if filters.severity is not None:
        cases = cases.filter(severity=filters.severity)
    if filters.state:
        cases = cases.filter(state=filters.state)
    if words := filters.words.strip():
        number = ids.parse_ticket_number(words)
        if number:
            cases = cases.filter(of_number(number))
        else:
            cases = searching.having(cases, words, first=first)
    return cases


def inbox(
    actor: Actor,
    view: View,
    *,
    filters: Filters | None = None,
    after: str = "",
    size: int = PAGE,
    columns: Iterable[str] = (),
) -> Page:
    """A page of a view: what is due first comes first; what has no clock comes last. Ended cases: the newest first.

    Args:
        after: the cursor of the page before; ``""`` for the first.
        size: how many cases, 1 to 200.
        columns: what is fetched of each case, where that is not all.

    Raises:
        Invalid: the cursor is none.
    """
    cases = _narrow(_view(actor, view), filters or Filters())
    if columns:
        cases = cases.only(*columns)
    count = max(1, min(size, 200))
    if view == View.CLOSED:
        return _page(cases.order_by("-reported_at", "-id"), after, count, "reported_at", down=True)
    return _page(cases.order_by("due_at", "id"), after, count, "due_at", down=False)


def mine(actor: Actor, *, after: str = "", size: int = PAGE) -> Page:
    """What the actor reported or joined, the newest first."""
    if actor.account_id is None:
        return Page([], "")
    rows = Participant.objects.filter(account_id=actor.account_id).select_related("case").order_by("-joined_at", "-id")
    count = max(1, min(size, 200))
    if after:
        moment, last = _read_cursor(after)
        rows = rows.filter(Q(joined_at__lt=moment) | Q(joined_at=moment, id__lt=last))
    found = list(rows[: count + 1])
    more = _cursor(found[count - 1].joined_at, found[count - 1].id) if len(found) > count else ""
    return Page([row.case for row in found[:count]], more)


def _page(cases: QuerySet[Case], after: str, size: int, column: str, *, down: bool) -> Page:
    if after:
        moment, last = _read_cursor(after)
        side = "lt" if down else "gt"
        if moment is None:
            cases = cases.filter(**{f"{column}__isnull": True, f"id__{side}": last})
        else:
            beyond = Q(**{f"{column}__{side}": moment}) | Q(**{column: moment, f"id__{side}": last})
            cases = cases.filter(beyond if down else beyond | Q(**{f"{column}__isnull": True}))
    found = list(cases[: size + 1])
    more = ""
    if len(found) > size:
        more = _cursor(getattr(found[size - 1], column), found[size - 1].id)
    return Page(found[:size], more)


def _cursor(moment: datetime | None, row_id: UUID) -> str:
    text = json.dumps([moment.isoformat() if moment else None, str(row_id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime | None, UUID]:
    try:
        moment, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return (datetime.fromisoformat(moment) if moment else None), UUID(row_id)
    except (ValueError, TypeError):
        raise Invalid(
            "list.cursor", _("This page of the list is not known."), field="after", mend=_("Begin with the first page.")
        ) from None


def counts(actor: Actor, views: Iterable[View], *, filters: Filters | None = None) -> dict[View, int]:
    """How many cases each view holds, counted up to :data:`COUNT_UP_TO`; ended ones are not counted.

    One statement for all views. It stands beside every list, so its text is made once for each kind of post and kept.
    """
    from django.db import connection

    wanted = tuple(view for view in views if view != View.CLOSED)
    if not wanted:
        return {}
    if filters is None or filters == Filters():
        sql, values = _counting(actor, wanted)
    else:
        sql, values = _compile_counts(actor, wanted, filters)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(zip(wanted, cursor.fetchone(), strict=True))


def counts_of(actor: Actor, lists: Iterable[tuple[View, Filters]]) -> list[int]:
    """How many cases each list holds, in their order, counted up to :data:`COUNT_UP_TO`; one statement for all."""
    from django.db import connection

    wanted = list(lists)
    if not wanted:
        return []
    sql, values = _compile_lists(actor, wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchone())


def _compile_counts(actor: Actor, views: Iterable[View], filters: Filters) -> tuple[str, list[Any]]:
    return _compile_lists(actor, [(view, filters) for view in views])


def _compile_lists(actor: Actor, lists: Iterable[tuple[View, Filters]]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for view, filters in lists:
        rows = _narrow(_view(actor, view), filters, first=COUNT_UP_TO).order_by().values("id")[:COUNT_UP_TO]
        sql, params = rows.query.sql_with_params()
        parts.append(f"(SELECT count(*) AS n FROM ({sql}) AS v)")
        values.extend(params)
    return "SELECT " + ", ".join(parts), values


# Stand-ins for what differs between posts of one kind: the statement is made with them, and each call puts its own values there.
_ACCOUNT, _POST, _ORGANISATION = UUID(int=1), UUID(int=2), UUID(int=3)
_PATHS = {0: "", 4: "0000", 6: "000000", 7: "000000/~"}
_DISTRICT = "999999"
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


def _counting(actor: Actor, views: tuple[View, ...]) -> tuple[str, list[Any]]:
    shape = replace(
        actor,
        account_id=actor.account_id and _ACCOUNT,
        post_id=actor.post_id and _POST,
        organisation_id=actor.organisation_id and _ORGANISATION,
        area_path=_PATHS[min(len(actor.area_path), 7)],
        district=actor.district and _DISTRICT,
        name="",
        request_id="",
        purpose="",
    )
    sql, stand_ins = _counting_for(shape, views)
    now = time.now()
    own: dict[Any, Any] = dict(zip(subtree(shape.area_path), subtree(actor.area_path), strict=True))
    own |= {
        shape.area_path: actor.area_path,
        district_of(shape.area_path): district_of(actor.area_path),
        _ACCOUNT: actor.account_id,
        _POST: actor.post_id,
        _ORGANISATION: actor.organisation_id,
        _DISTRICT: actor.district,
        _MOMENT: now,
        _MOMENT + SOON: now + SOON,
    }
    return sql, [own.get(value, value) for value in stand_ins]


@lru_cache(maxsize=128)
def _counting_for(shape: Actor, views: tuple[View, ...]) -> tuple[str, list[Any]]:
    with time.at(_MOMENT):
        return _compile_counts(shape, views, Filters())


@dataclass(frozen=True, slots=True)
class Facets:
    """How many cases of a list fall to each value that it could be narrowed to; the commonest first."""

    total: int
    states: list[tuple[str, int]]
    severities: list[tuple[int, int]]
    categories: list[tuple[str, int]]
    areas: list[tuple[str, int]]


def facets(actor: Actor, view: View, *, filters: Filters | None = None, below: str = "") -> Facets:
    """Count a list by state, severity, category and the areas one level below ``below``, over at most :data:`COUNT_UP_TO` cases.

    One statement. Ended cases are counted over the newest.
    """
    from django.db import connection

    cases = _narrow(_view(actor, view), filters or Filters(), first=COUNT_UP_TO)
    order = "-reported_at" if view == View.CLOSED else "due_at"
    rows = cases.order_by(order).values("state", "severity", "category", "area_path")[:COUNT_UP_TO]
    inner, params = rows.query.sql_with_params()
    depth = below.count("/") + 2 if below else 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT grouping(state, severity, category, place), state, severity, category, place, count(*)
              FROM (SELECT state, severity, category,
                           array_to_string((string_to_array(area_path, '/'))[1:%s], '/') AS place FROM ({inner}) AS v) AS w
             GROUP BY GROUPING SETS ((), (state), (severity), (category), (place)) ORDER BY 6 DESC, 2, 3, 4, 5
            """,
            [depth, *params],
        )
        found = cursor.fetchall()
    sets: dict[int, list[tuple[Any, int]]] = {}
    for mask, state, severity, category, place, count in found:
        value = {0b0111: state, 0b1011: severity, 0b1101: category, 0b1110: place}.get(mask)
        sets.setdefault(mask, []).append((value, count))
    total = sets.get(0b1111, [(None, 0)])[0][1]
    return Facets(total, sets.get(0b0111, []), sets.get(0b1011, []), sets.get(0b1101, []), sets.get(0b1110, []))


def changed_since(actor: Actor, view: View, since: datetime, *, filters: Filters | None = None) -> int:
    """How many cases of a list have a log entry after ``since``; at most 99 are counted."""
    fresh = LogEntry.objects.filter(district=OuterRef("district"), case_id=OuterRef("id"), at__gt=since)
    cases = _narrow(_view(actor, view), filters or Filters()).filter(Exists(fresh)).order_by()
    return cases.values("id")[:99].count()


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


@dataclass(frozen=True, slots=True)
class Nearby:
    """A case that may be the same matter; nothing personal, and the place no finer than the street."""

    id: UUID
    district: str
    number: str
    category: str
    state: str
    reported_at: datetime
    metres: int
    participants: int
    words: str


def near(
    *,
    district: str,
    category: str,
    lng: float | None,
    lat: float | None,
    area_path: str = "",
    words: str = "",
    limit: int = 5,
) -> list[Nearby]:
    """Open cases of the same category, near and recent, the most alike first; shown before a report is sent.

    Args:
        lng: WGS 84 degrees; without a point, the grid ``area_path`` is searched.
        words: the description so far; what shares words with it comes first.
        limit: how many at most.
    """
    cases = Case.objects.filter(
        district=district,
        category=category,
        is_open=True,
        reported_at__gte=time.now() - timedelta(days=NEAR_DAYS),
    ).exclude(sensitivity__in=["restricted", "personal"])
    if lng is not None and lat is not None:
        reach = NEAR_METRES / 111_320
        cases = cases.filter(lat__range=(lat - reach, lat + reach), lng__range=(lng - reach * 1.2, lng + reach * 1.2))
    elif area_path:
        cases = cases.filter(area_path=area_path)
    else:
        return []
    found = [_nearby(case, lng, lat) for case in cases.order_by("-reported_at")[:50]]
    wanted = _pairs(words)
    found = [one for one in found if one.metres <= NEAR_METRES]
    return sorted(found, key=lambda one: (-_alike(wanted, _pairs(one.words)), one.metres, one.number))[:limit]


def _nearby(case: Case, lng: float | None, lat: float | None) -> Nearby:
    metres = 0
    if lng is not None and lat is not None and case.lng is not None and case.lat is not None:
        from math import cos, hypot, radians

        metres = round(hypot((case.lng - lng) * cos(radians(lat)), case.lat - lat) * 111_320)
    return Nearby(
        case.id, case.district, case.number, case.category, case.state, case.reported_at, metres,
        case.participants_count, case.description[:80],
    )  # fmt: skip


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(ch for ch in text.casefold() if ch.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0
