"""The context that row-level security checks: who reads personal data, from how far, and what for.

It is set for one transaction and no longer (``set_config(…, is_local => true)``): a session-wide setting would leak to the
next user of the connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from linli.kernel.trust.actor import Actor, Role

_SET = (
    "SELECT set_config('linli.account', %s, true), set_config('linli.reach', %s, true), "
    "set_config('linli.role', %s, true), set_config('linli.purpose', %s, true)"
)

_GET = (
    "SELECT current_setting('linli.account', true), current_setting('linli.reach', true), "
    "current_setting('linli.role', true), current_setting('linli.purpose', true)"
)

# Ready for a migration: ``own`` names the column of the owning account, and rows carry ``area_path``.
ENABLE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY {table}_write ON {table} FOR INSERT WITH CHECK (true);
CREATE POLICY {table}_read ON {table} FOR SELECT USING ({condition});
CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({condition});
CREATE POLICY {table}_remove ON {table} FOR DELETE USING ({condition});
"""
CONDITION = """
    current_setting('linli.role', true) = 'system'
    OR (nullif(current_setting('linli.account', true), '') IS NOT NULL
        AND {own}::text = current_setting('linli.account', true))
    OR (nullif(current_setting('linli.purpose', true), '') IS NOT NULL
        AND nullif(current_setting('linli.reach', true), '') IS NOT NULL
        AND (area_path = current_setting('linli.reach', true)
             OR starts_with(area_path, current_setting('linli.reach', true)
                            || CASE WHEN length(current_setting('linli.reach', true)) < 6 THEN '' ELSE '/' END)))
"""


def row_security(table: str, *, own: str) -> str:
    """The SQL that puts ``table`` under row-level security.

    Args:
        table: name of the table; its rows carry ``area_path``.
        own: the column that holds the account whose data it is.
    """
    return ENABLE.format(table=table, condition=CONDITION.format(own=own))


@contextmanager
def personal(actor: Actor, *, purpose: str = "", reach: str | None = None) -> Iterator[None]:
    """Open one transaction in which ``actor`` may read rows of sensitive data.

    Args:
        purpose: why; without one only one's own rows are readable.
        reach: the area to read in, when it is narrower than the post's (a department reads the place of its case).

    Blocks can be nested; after the inner one the outer one's context holds again. An exception takes the context back with
    the transaction, or with its savepoint.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_GET)
            before = [value or "" for value in cursor.fetchone()]
        declare(actor, purpose=purpose, reach=reach)
        yield
        with connection.cursor() as cursor:
            cursor.execute(_SET, before)


def declare(actor: Actor, *, purpose: str = "", reach: str | None = None) -> None:
    """Set the context for the rest of the transaction that is open."""
    account = str(actor.account_id or "")
    where = actor.area_path if reach is None else reach
    role = "system" if actor.role == Role.SYSTEM else str(actor.role)
    with connection.cursor() as cursor:
        cursor.execute(_SET, [account, where, role, purpose or actor.purpose])
