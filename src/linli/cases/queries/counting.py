"""How many cases lists hold: for views, kept lists, filters, and news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef

from linli.cases.models import LogEntry
from linli.cases.queries.kept import MOMENT, Statement, own, planned
from linli.cases.queries.one_pass import Group, in_one_pass, is_near
from linli.cases.queries.views import Filters, View, is_read_off, narrowed, of_view
from linli.kernel import time
from linli.kernel.db import server_side
from linli.kernel.trust import Actor

COUNT_UP_TO = 500
"""A filter's count is exact below this and shown as ``499+`` from there: nobody works on the five hundredth today."""
_COLUMN = {0b0111: 1, 0b1011: 2, 0b1101: 3, 0b1110: 4}
"""Which column a row counts, by what ``grouping`` of SQL says of it: state, severity, category, place."""
_ALL = 0b1111
BY_DUE = (View.LATE, View.SOON)
"""Counted in the order of what is due, along the index of that order: good for a community and for a whole district alike."""


def counts(actor: Actor, views: Iterable[View], *, filters: Filters | None = None) -> dict[View, int]:
    """How many cases each view holds, counted up to :data:`COUNT_UP_TO`; ended ones are not counted.

    One statement for all views.
    """

    wanted = tuple(view for view in views if view != View.CLOSED)
    if not wanted:
        return {}
    if filters is not None and filters != Filters():
        return dict(zip(wanted, counts_of(actor, [(view, filters) for view in wanted]), strict=True))
    if is_near(actor) and (found := in_one_pass(actor, wanted)):
        return {view: min(count, COUNT_UP_TO) for view, count in found.counts.items()}
    return _each_apart(actor, wanted)


def overview(actor: Actor, views: Iterable[View], view: View, *, filters: Filters | None = None) -> Overview:
    """What stands around a list: how many cases each view holds, and what the one that is looked at can be narrowed to.

    One statement where the area is near and nothing is filtered, else two.
    """
    wanted = tuple(one for one in views if one != View.CLOSED)
    below = actor.area_path or actor.district
    if not is_near(actor):
        return Overview(counts(actor, wanted), facets(actor, view, filters=filters, below=below))
    if filters in (None, Filters()) and view in wanted and is_read_off(actor, view):
        if found := in_one_pass(actor, wanted, view):
            capped = {one: min(count, COUNT_UP_TO) for one, count in found.counts.items()}
            return Overview(capped, _facets_of(found.groups, found.counts[view]))
        return Overview(_each_apart(actor, wanted), facets(actor, view, below=below))
    return Overview(counts(actor, wanted), facets(actor, view, filters=filters, below=below))


def _each_apart(actor: Actor, wanted: tuple[View, ...]) -> dict[View, int]:
    from django.db import connection

    near = is_near(actor)
    sql, values = (planned if near else own)(actor, _counts_for, wanted)
    with server_side() if near else connection.cursor() as cursor:
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


def _compile_lists(actor: Actor, lists: Iterable[tuple[View, Filters]]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for view, filters in lists:
        order = ("due_at",) if view in BY_DUE else ()
        rows = narrowed(of_view(actor, view), filters, first=COUNT_UP_TO).order_by(*order).values("id")[:COUNT_UP_TO]
        sql, params = rows.query.sql_with_params()
        parts.append(f"(SELECT count(*) AS n FROM ({sql}) AS v)")
        values.extend(params)
    return "SELECT " + ", ".join(parts), values


@lru_cache(maxsize=128)
def _counts_for(shape: Actor, views: tuple[View, ...]) -> Statement:
    with time.at(MOMENT):
        return _compile_lists(shape, [(view, Filters()) for view in views])


@dataclass(frozen=True, slots=True)
class Facets:
    """How many cases of a list fall to each value that it could be narrowed to; the commonest first."""

    total: int
    states: list[tuple[str, int]]
    severities: list[tuple[int, int]]
    categories: list[tuple[str, int]]
    areas: list[tuple[str, int]]
    exact: bool = True
    """Whether all were counted; if not, there are at least so many of each."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands around a list."""

    counts: dict[View, int]
    facets: Facets


def facets(actor: Actor, view: View, *, filters: Filters | None = None, below: str = "") -> Facets:
    """Count a list by state, severity, category and the areas one level below ``below``, over at most :data:`COUNT_UP_TO` cases.

    One statement. Ended cases are counted over the newest.
    """
    from django.db import connection

    inner: str
    params: Sequence[Any]
    if filters is None or filters == Filters():
        inner, params = own(actor, _facets_for, view)
    else:
        inner, params = _compile_facets(actor, view, filters)
    depth = below.count("/") + 2 if below else 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT grouping(state, severity, category, place), state, severity, category, place, count(*)
              FROM (SELECT state, severity, category,
                           array_to_string((string_to_array(area_path, '/'))[1:%s], '/') AS place FROM ({inner}) AS v) AS w
             GROUP BY GROUPING SETS ((), (state), (severity), (category), (place))
            """,
            [depth, *params],
        )
        found = cursor.fetchall()
    total = next((row[5] for row in found if row[0] == _ALL), 0)
    return _facets_of([row for row in found if row[0] != _ALL], total, exact=total < COUNT_UP_TO)


def _facets_of(groups: Sequence[Group], total: int, *, exact: bool = True) -> Facets:
    sets: dict[int, list[tuple[Any, int]]] = {mask: [] for mask in _COLUMN}
    for group in groups:
        sets[group[0]].append((group[_COLUMN[group[0]]], group[5]))
    states, severities, categories, areas = (
        sorted(found, key=lambda pair: (-pair[1], pair[0])) for found in sets.values()
    )
    return Facets(total, states, severities, categories, areas, exact)


@lru_cache(maxsize=128)
def _facets_for(shape: Actor, view: View) -> Statement:
    with time.at(MOMENT):
        return _compile_facets(shape, view, Filters())


def _compile_facets(actor: Actor, view: View, filters: Filters) -> Statement:
    cases = narrowed(of_view(actor, view), filters, first=COUNT_UP_TO)
    order = "-reported_at" if view == View.CLOSED else "due_at"
    rows = cases.order_by(order).values("state", "severity", "category", "area_path")[:COUNT_UP_TO]
    made: Statement = rows.query.sql_with_params()
    return made


def changed_since(actor: Actor, view: View, since: datetime, *, filters: Filters | None = None) -> int:
    """How many cases of a list have a log entry after ``since``; at most 99 are counted."""
    fresh = LogEntry.objects.filter(district=OuterRef("district"), case_id=OuterRef("id"), at__gt=since)
    cases = narrowed(of_view(actor, view), filters or Filters()).filter(Exists(fresh)).order_by()
    return cases.values("id")[:99].count()
