"""How often somebody may try: counters in fixed windows, under a keyed hash of who tries.

``docs/decisions`` says why this is not django-axes: that keeps logins and addresses in clear and reads the system's clock.
A counter is written in a transaction of its own, before the thing is tried, so that a refusal does not undo the count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
KEPT = timedelta(days=1)

_COUNT = """
INSERT INTO people_attempt (id, kind, subject_hash, window_start, count) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (kind, subject_hash, window_start) DO UPDATE SET count = people_attempt.count + 1
RETURNING count
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
