"""Commands from outside are idempotent: each carries a key that the client made, and a repeat returns the first answer.

The row that remembers the answer is written in the transaction of the change, so either both are there or neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, InFlight, Invalid
from linli.kernel.models import Command
from linli.kernel.trust.actor import Actor

MAX_KEY = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a command: its HTTP status, its JSON body, and whether it is the first answer given again."""

    status: int
    body: Any
    replayed: bool = False


def body_hash(body: bytes) -> bytes:
    """SHA-256 of the command's body, by which a key that is used for something else is found out."""
    return hashlib.sha256(body).digest()


def lock_number(actor_key: str, key: str) -> int:
    """The advisory lock of a command: 64 bits, signed, the same for the same pair."""
    digest = hashlib.blake2b(f"{actor_key}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def check_key(key: str) -> str:
    """The key, when it can be one.

    Raises:
        Invalid: it is empty or longer than 80 characters.
    """
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise Invalid(
            "command.key",
            _("The command has no usable key."),
            field="Idempotency-Key",
            mend=_("Send a new UUID with each new command, and the same one when you try again."),
        )
    return key


def replay(actor: Actor, key: str, digest: bytes, *, district: str) -> Answer | None:
    """The first answer to this command, or ``None`` when it was never carried out.

    Raises:
        Conflict: the key was used for another body.
    """
    row = Command.objects.filter(district=district, actor_key=actor.key, key=key).first()
    if row is None:
        return None
    if bytes(row.body_hash) != digest:
        raise Conflict(
            "command.other_body",
            _("This key was used for another command."),
            field="Idempotency-Key",
            mend=_("Send a new key with a new command."),
        )
    return Answer(row.status, row.answer, replayed=True)


def run(actor: Actor, key: str, body: bytes, *, district: str, action: Callable[[], tuple[int, Any]]) -> Answer:
    """Carry out ``action`` once for this key, in one transaction with the row that remembers its answer.

    Args:
        key: made by the client, unique within the account.
        body: what was sent, byte for byte.
        district: in which the command acts; part of the key's uniqueness.
        action: returns the HTTP status and a JSON-ready answer.

    Raises:
        InFlight: the same command is being carried out at this moment.
        Conflict: the key was used for another body.
    """
    check_key(key)
    digest = body_hash(body)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(actor.key, key)])
            if not cursor.fetchone()[0]:
                raise in_flight()
        first = replay(actor, key, digest, district=district)
        if first is not None:
            return first
        status, answer = action()
        Command.objects.create(
            id=ids.new_id(),
            district=district,
            actor_key=actor.key,
            key=key,
            body_hash=digest,
            status=status,
            answer=answer,
            at=time.now(),
        )
    return Answer(status, answer)


def in_flight() -> InFlight:
    """The error for a command that is being carried out at this moment."""
    return InFlight(
        "command.in_flight",
        _("This is being done at this moment."),
        mend=_("Wait a second and ask again with the same key."),
    )
