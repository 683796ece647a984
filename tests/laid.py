"""What many tests begin with is made once in a process and laid from memory after that.

The small city takes eight hundred statements to make, and more than a thousand tests begin with it. So its maker runs once; the
rows that it wrote are kept, and later tests get the same rows by one statement for each table, and a copy of what the maker
returned. Everything else is as if it had been made anew: the caller tells the snapshots of the process that a table has changed.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from linli.kernel import crypto, time

T = TypeVar("T")
WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


@dataclass(frozen=True)
class Kept:
    """What a maker wrote, by table as JSON, and what it returned, pickled."""

    rows: tuple[tuple[str, str], ...]
    answer: bytes


_kept: dict[Hashable, Kept] = {}


def laid(make: Callable[[], T], *, tables: Sequence[type[models.Model]], stamps: Sequence[str], of: str = "") -> T:
    """What ``make`` makes: really made the first time, then laid from memory.

    It is made anew at another moment of the clock, with other keys, and where other rows stand in its tables already.

    Args:
        make: writes rows and returns something that can be pickled.
        tables: everything that it inserts into, in an order that foreign keys allow.
        stamps: tables in which it also marks a change; the caller does that anew each time.
        of: what the rows refer to, when that too was made by a test.

    Raises:
        AssertionError: it wrote elsewhere as well.
    """
    names = [model._meta.db_table for model in tables]
    key = (
        make.__module__,
        make.__qualname__,
        of,
        time.now(),
        crypto.lookup_hash("phone", "13800000001"),
        _counts(names),
    )
    if (kept := _kept.get(key)) is None:
        before = {name: set(_rows(name)) for name in names}
        with CaptureQueriesContext(connection) as asked:
            answer = make()
        elsewhere = {name for one in asked for name in WRITES.findall(one["sql"][:80])} - {*names, *stamps}
        assert not elsewhere, f"{make.__qualname__} also writes {elsewhere}"
        rows = tuple((name, _array(row for row in _rows(name) if row not in before[name])) for name in names)
        _kept[key] = Kept(rows, pickle.dumps(answer))
        return answer
    with connection.cursor() as cursor:
        for name, written in kept.rows:
            cursor.execute(
                f'INSERT INTO "{name}" SELECT * FROM jsonb_populate_recordset(NULL::"{name}", %s)', [written]
            )
    again: T = pickle.loads(kept.answer)
    return again


def _counts(names: Sequence[str]) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f'(SELECT count(*) FROM "{name}")' for name in names))
        counted: Any = cursor.fetchone()
    return tuple(counted)


def _rows(name: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(one)::text FROM "{name}" one')
        return [row for (row,) in cursor.fetchall()]


def _array(rows: Any) -> str:
    return f"[{','.join(rows)}]"
