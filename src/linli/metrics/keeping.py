"""Writes counters: adds a tally to the counters and their roll-ups, in one order, so that two writers never wait for each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from linli.kernel import ids
from linli.metrics.counting import Tally

_ADD = """
INSERT INTO {table} (id, {keys}, {sums})
SELECT * FROM unnest({types})
ON CONFLICT ({keys}) DO UPDATE SET {added}
"""
_SHAPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "metrics_dayfigure": (("district", "area_path", "category", "level", "figure", "day"), ("count", "minutes")),
    "metrics_areaday": (("district", "area_path", "figure", "day"), ("count", "minutes")),
    "metrics_categoryday": (("district", "area_path", "figure", "day", "category"), ("count",)),
    "metrics_areamonth": (("district", "area_path", "figure", "month"), ("count", "minutes")),
    "metrics_categorymonth": (("district", "area_path", "figure", "month", "category"), ("count",)),
    "metrics_standing": (("district", "area_path", "state"), ("count",)),
}


def add(tally: Tally) -> None:
    """Add what was counted, one statement for each table that has news."""
    _add("metrics_dayfigure", [(*key, *value) for key, value in tally.items()])
    _add("metrics_areaday", [(*key, *value) for key, value in tally.areas()])
    _add("metrics_categoryday", [(*key, times) for key, times in tally.categories()])
    _add("metrics_areamonth", [(*key, *value) for key, value in tally.months()])
    _add("metrics_categorymonth", [(*key, times) for key, times in tally.category_months()])
    _add("metrics_standing", [(*place, times) for place, times in tally.standing()])


def _add(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    keys, sums = _SHAPES[table]
    types = ["%s::uuid[]"]
    types += ["%s::date[]" if name in ("day", "month") else "%s::text[]" for name in keys]
    types += ["%s::bigint[]" for _name in sums]
    sql = _ADD.format(
        table=table,
        keys=", ".join(keys),
        sums=", ".join(sums),
        types=", ".join(types),
        added=", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in sums),
    )
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [[ids.new_id() for _row in rows], *columns])
