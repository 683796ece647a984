"""What can go wrong, in words that a person can act on, with a code that stays the same.

Rooms raise these; the API turns them into problem details (RFC 9457), pages into the error summary.
"""

from __future__ import annotations

from typing import Any


class LinliError(Exception):
    """A refusal.

    Args:
        code: stable, dotted, lower case: ``case.not_open``.
        message: what is wrong, in the reader's language (a lazy translation is fine).
        field: the name of the input that is wrong, when it is one.
        mend: what to do about it.
        status: the HTTP status.
        extra: more facts for a machine, such as the current state after a stale write.
    """

    status = 400

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        field: str = "",
        mend: Any = "",
        status: int | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.mend = mend
        self.extra = extra or {}
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(LinliError):
    """The input cannot be taken; ``field`` says which."""

    status = 422


class NotFound(LinliError):
    """There is no such thing, or none that this actor may know of."""

    status = 404


class Forbidden(LinliError):
    """The actor sees the subject but may not do this with it."""

    status = 403


class SignInNeeded(LinliError):
    """Nobody is signed in."""

    status = 401


class Stale(LinliError):
    """The actor saw an older version; ``extra`` holds the current state."""

    status = 409


class Conflict(LinliError):
    """The subject's state does not allow this now."""

    status = 409


class InFlight(LinliError):
    """The same command is being carried out at this moment."""

    status = 409


class TooMany(LinliError):
    """Too often in too short a time."""

    status = 429
