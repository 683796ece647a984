"""The clock. No room asks the system for the time: it calls :func:`now`, so that a simulation runs a year in a minute."""

from __future__ import annotations

import time as _time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of working hours, office days and everything that residents read."""

_frozen: ContextVar[datetime | None] = ContextVar("linli_frozen_time", default=None)
_clock: Callable[[], datetime] | None = None


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    if _clock is not None:
        return _clock()
    return datetime.now(UTC)


def today() -> date:
    """The present day where the city is."""
    return now().astimezone(LOCAL_ZONE).date()


def monotonic() -> float:
    """Seconds of a clock that never goes back: for measuring how long something took."""
    return _time.monotonic()


def sleep(seconds: float) -> None:
    """Let the process rest for real seconds, whatever the clock says."""
    _time.sleep(seconds)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Freeze the clock at ``moment`` (aware) within the block."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes an aware datetime")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _frozen.reset(token)


def set_clock(clock: Callable[[], datetime] | None) -> None:
    """Replace the process's clock (a simulation's), or give it back with ``None``."""
    global _clock
    _clock = clock
