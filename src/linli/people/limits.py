"""How often somebody may try: counters in fixed windows, under a keyed hash of who tries.

``docs/decisions`` says why this is not django-axes: that keeps logins and addresses in clear and reads the system's clock.
A counter is written in a transaction of its own, before the thing is tried, so that a refusal does not undo the count.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids, time
from linli.kernel.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries in any window of ``seconds``."""

    kind: str
    most: int
    seconds: int


PASSWORD_BY_LOGIN = Limit("password:login", 10, 900)
PASSWORD_BY_NETWORK = Limit("password:net", 100, 900)
CODE_BY_PHONE_SOON = Limit("code:phone:soon", 1, 60)
CODE_BY_PHONE = Limit("code:phone", 5, 3600)
CODE_BY_NETWORK = Limit("code:net", 60, 3600)
CODE_TRIES_BY_NETWORK = Limit("code:try:net", 60, 900)
SECOND_BY_ACCOUNT = Limit("second:account", 10, 900)
SECOND_BY_NETWORK = Limit("second:net", 60, 900)
PROVIDER_BY_NETWORK = Limit("provider:net", 60, 900)
KEPT = timedelta(days=1)

_COUNT = """
INSERT INTO people_attempt (id, kind, subject_hash, window_start, count) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (kind, subject_hash, window_start) DO UPDATE SET count = people_attempt.count + 1
RETURNING count
"""

_ONE = "(%s, %s, %s, %s, 1)"
_COUNT_ALL = """
INSERT INTO people_attempt (id, kind, subject_hash, window_start, count) VALUES %s
ON CONFLICT (kind, subject_hash, window_start) DO UPDATE SET count = people_attempt.count + 1
RETURNING kind, count
"""

_TAKE_OFF = """
UPDATE people_attempt a SET count = a.count - 1 FROM unnest(%s::text[], %s::bytea[], %s::timestamptz[]) AS v (kind, hash, start)
WHERE a.kind = v.kind AND a.subject_hash = v.hash AND a.window_start = v.start
"""


def count(limit: Limit, subject: str) -> None:
    """Count one try of ``subject`` (a login, a number, a network address).

    Raises:
        TooMany: the window's tries are used up; ``extra["retry_after"]`` says for how many seconds.
    """
    if not subject:
        return
    now = time.now()
    start = _window(now, limit)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [ids.new_id(), limit.kind, _hash(subject), start])
        tried = cursor.fetchone()[0]
    if tried > limit.most:
        wait = int((start + timedelta(seconds=limit.seconds) - now).total_seconds()) + 1
        raise TooMany(
            "sign_in.too_many",
            _("That was tried too often."),
            mend=_("Please wait %(minutes)d minutes and try again.") % {"minutes": -(-wait // 60)},
            extra={"retry_after": wait},
        )


def count_all(tries: Collection[tuple[Limit, str]]) -> int:
    """Count one try against several limits at once, in one statement; a try that is one too many is taken off all of them again.

    Args:
        tries: limits, each with whom it counts.

    Returns:
        For how many seconds the strictest that is used up goes on; 0 while none is.
    """
    now = time.now()
    hashes = {subject: _hash(subject) for _limit, subject in tries if subject}
    rows = [(limit.kind, hashes[subject], _window(now, limit)) for limit, subject in tries if subject]
    if not rows:
        return 0
    rows.sort()  # so that two who count the same never wait for each other
    limits = {limit.kind: limit for limit, _subject in tries}
    connection.ensure_connection()
    # Beside the hot path of reports, so planned once per connection, like the report's own statement.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        values = [value for row in rows for value in (ids.new_id(), *row)]
        cursor.execute(_COUNT_ALL % ", ".join([_ONE] * len(rows)), values, prepare=True)
        full = [limits[kind] for kind, tried in cursor.fetchall() if tried > limits[kind].most]
        if full:
            cursor.execute(_TAKE_OFF, [list(column) for column in zip(*rows, strict=True)])
    ends = [_window(now, limit) + timedelta(seconds=limit.seconds) for limit in full]
    return int((max(ends) - now).total_seconds()) + 1 if ends else 0


def clear(limit: Limit, subject: str) -> None:
    """Forget the tries of ``subject`` in the present window: it worked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM people_attempt WHERE kind = %s AND subject_hash = %s AND window_start = %s",
            [limit.kind, _hash(subject), _window(time.now(), limit)],
        )


def sweep() -> int:
    """Delete counters older than a day; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_attempt WHERE window_start < %s", [time.now() - KEPT])
        return cursor.rowcount


def _window(now: datetime, limit: Limit) -> datetime:
    seconds = int(now.timestamp()) // limit.seconds * limit.seconds
    return datetime.fromtimestamp(seconds, UTC)


def _hash(subject: str) -> bytes:
    return crypto.lookup_hash(crypto.Lookup.NAME, f"try:{subject}")
