"""How many cases lists hold: for views, kept lists, filters, and news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from linli.cases.models import LogEntry
from linli.cases.queries.views import SOON, Filters, View, narrowed, of_view
from linli.kernel import time
from linli.kernel.db import district_of, subtree
from linli.kernel.trust import Actor

COUNT_UP_TO = 1_000
"""A filter's count is exact below this and shown as ``999+`` from there: nobody works on the thousandth today."""


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
        rows = narrowed(of_view(actor, view), filters, first=COUNT_UP_TO).order_by().values("id")[:COUNT_UP_TO]
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

    cases = narrowed(of_view(actor, view), filters or Filters(), first=COUNT_UP_TO)
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
    cases = narrowed(of_view(actor, view), filters or Filters()).filter(Exists(fresh)).order_by()
    return cases.values("id")[:99].count()
