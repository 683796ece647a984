"""Pages of lists, by a cursor: the inbox of a post, and what somebody reported or joined."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.cases.models import Case, Participant
from linli.cases.queries.kept import MOMENT, Statement, own
from linli.cases.queries.views import PAGE, Filters, View, narrowed, of_view
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its cases, and the cursor of the next page when there is one."""

    cases: list[Case]
    next: str


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
    count = max(1, min(size, 200))
    column = "reported_at" if view == View.CLOSED else "due_at"
    if not after and (filters is None or filters == Filters()):
        sql, values = own(actor, _listing_for, view, tuple(columns), count)
        if not sql:
            return Page([], "")
        return _cut(list(Case.objects.raw(sql, values)), count, column)
    cases = _ordered(narrowed(of_view(actor, view), filters or Filters()), view, columns)
    return _page(cases, after, count, column, down=view == View.CLOSED)


def _ordered(cases: QuerySet[Case], view: View, columns: Iterable[str]) -> QuerySet[Case]:
    found = cases.order_by("-reported_at", "-id") if view == View.CLOSED else cases.order_by("due_at", "id")
    return found.only(*columns) if columns else found


@lru_cache(maxsize=128)
def _listing_for(shape: Actor, view: View, columns: tuple[str, ...], size: int) -> Statement:
    with time.at(MOMENT):
        try:
            made: Statement = _ordered(of_view(shape, view), view, columns)[: size + 1].query.sql_with_params()
        except EmptyResultSet:
            return "", ()  # who acts so sees nothing there
        return made


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
    return _cut(list(cases[: size + 1]), size, column)


def _cut(found: list[Case], size: int, column: str) -> Page:
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
