"""Views and filters of an area that is small enough to be read whole: its open cases are gone through once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper

from linli.cases.queries.finding import visible
from linli.cases.queries.kept import MOMENT, Statement, planned
from linli.cases.queries.views import View, among_open, is_read_off, of_view
from linli.kernel import time
from linli.kernel.db import server_side
from linli.kernel.trust import Actor, policy

MOST = 2_000
"""An area with more open cases than this is not read whole: each view is counted by its own index there."""
NEAR = 2
"""How deep the path of an area is that may be read whole: a community and what lies in it."""
ENOUGH = 500
"""Of what is not read off the cases (approvals, mentions), counted up to this."""

Group = tuple[int, str, int, str, str, int]
"""Which of state, severity, category and place are summed over (as ``grouping`` of SQL says it), the four, and how many."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over the open cases found."""

    counts: dict[View, int]
    groups: list[Group]


def is_near(actor: Actor) -> bool:
    """Whether the actor lists the cases of an area that is small."""
    return actor.area_path.count("/") >= NEAR and "area" in policy.reach(actor, "case.list")


def in_one_pass(actor: Actor, views: tuple[View, ...], view: View | None = None) -> Pass | None:
    """Count the open cases of a near area by views, and those of one view by state, severity, category and place below the area.

    One statement, planned once by the database.

    Returns:
        The exact counts; ``None`` where the area holds :data:`MOST` open cases or more.
    """
    sql, values = planned(actor, _pass_for, views, view)
    with server_side() as cursor:
        cursor.execute(sql, values)
        (*_none, total, found), *groups = cursor.fetchall()
    if total >= MOST:
        return None
    below = actor.area_path
    named = [(*group[:4], f"{below}/{group[4]}" if group[4] else below, group[5]) for group in groups]
    return Pass(dict(zip(views, found, strict=True)), named)


@lru_cache(maxsize=128)
def _pass_for(shape: Actor, views: tuple[View, ...], view: View | None) -> Statement:
    with time.at(MOMENT):
        read_off = [one for one in (*views, view) if one is not None and one != View.OPEN and is_read_off(shape, one)]
        flags = {f"in_{one}": ExpressionWrapper(among_open(shape, one), BooleanField()) for one in read_off}
        columns = ("state", "severity", "category", "area_path") if view else ("id",)
        cases = visible(shape).filter(is_open=True).annotate(**flags).order_by().values(*columns, *flags)[:MOST]
        sql, params = cases.query.sql_with_params()
        counted: list[str] = []
        apart: list[Any] = []
        for one in views:
            if one == View.OPEN:
                counted.append("count(*)")
            elif is_read_off(shape, one):
                counted.append(f"count(*) FILTER (WHERE in_{one})")
            else:
                text, more = of_view(shape, one).order_by().values("id")[:ENOUGH].query.sql_with_params()
                counted.append(f"(SELECT count(*) FROM ({text}) AS v)")
                apart.extend(more)
    sums = f"SELECT NULL::int, NULL, NULL::int, NULL, NULL, count(*), ARRAY[{', '.join(counted)}]::bigint[] FROM here"
    if view is None:
        return f"WITH here AS ({sql}) {sums}", [*params, *apart]
    # What follows the area's own path, up to the next stroke.
    place = "split_part(substr(area_path, length(%s::text) + 2), '/', 1)"
    chosen = "" if view == View.OPEN else f" WHERE in_{view}"
    return (
        f"""
        WITH here AS MATERIALIZED ({sql})
        {sums}
        UNION ALL
        SELECT grouping(state, severity, category, place), state, severity, category, place, count(*), NULL
          FROM (SELECT state, severity, category, {place} AS place FROM here{chosen}) AS v
         GROUP BY GROUPING SETS ((state), (severity), (category), (place))
        """,
        [*params, *apart, shape.area_path],
    )
