"""Ids and ticket numbers.

Ids are UUIDv7 (RFC 9562 §5.7) from the kernel's clock, with a counter in the twelve bits of ``rand_a`` so that the ids of one
process rise strictly. A ticket number is what a person can read out: four figures of the district, eight of a serial, one
check figure by Damm's algorithm, which finds every single wrong figure and every swap of two neighbours.
"""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from linli.kernel import time

_source: ContextVar[random.Random | None] = ContextVar("linli_random_source", default=None)
_lock = threading.Lock()
_last = [0, 0]  # the last millisecond, and the counter within it
BORROWED_MILLIS = 60_000
"""How far ids may run ahead of a clock that stands or stumbles; further back, it was set back on purpose (a simulation's)."""


def random_bits(bits: int) -> int:
    """``bits`` random bits: from the system, or from the seeded source of a simulation or a test."""
    source = _source.get()
    return (
        source.getrandbits(bits) if source is not None else int.from_bytes(os.urandom((bits + 7) // 8)) >> (-bits % 8)
    )


def new_id() -> UUID:
    """A new UUIDv7; later calls of one process sort after earlier ones, unless its clock is set back by more than a minute."""
    millis = int(time.now().timestamp() * 1000)
    with _lock:
        if 0 <= _last[0] - millis < BORROWED_MILLIS:
            # The same millisecond, or the counter ran over into this one: go on from the last id.
            millis, counter = divmod((_last[0] << 12 | _last[1]) + 1, 1 << 12)
        else:
            counter = 0
        _last[0], _last[1] = millis, counter
    value = (millis & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random_bits(62)
    return UUID(int=value)


def first_at(moment: datetime) -> UUID:
    """The least id that can have been made at a moment: ids of a range of time are a range of the primary key."""
    return UUID(int=(int(moment.timestamp() * 1000) & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | 0b10 << 62)


@contextmanager
def seeded(seed: int) -> Iterator[random.Random]:
    """Draw ids and random choices from one seeded source within the block."""
    source = random.Random(seed)  # noqa: S311 - a simulation is meant to be repeatable
    token = _source.set(source)
    try:
        yield source
    finally:
        _source.reset(token)


# Damm's quasigroup of order 10 (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004).
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def check_figure(figures: str) -> str:
    """Damm's check figure of a string of decimal figures."""
    interim = 0
    for figure in figures:
        interim = int(_DAMM[interim][int(figure)])
    return str(interim)


def ticket_number(district: str, serial: int) -> str:
    """The number of a case: ``ticket_number("510107", 1234)`` is ``0107-0000-1234-c``.

    Args:
        district: six-figure code of the district in which the case was born.
        serial: 0 to 99,999,999, counted by the database.
    """
    figures = f"{district[2:6]}{serial % 100_000_000:08d}"
    return f"{figures[:4]}-{figures[4:8]}-{figures[8:]}-{check_figure(figures)}"


def parse_ticket_number(text: str) -> str | None:
    """The number in its written form from what somebody typed or read out, or ``None`` when it cannot be right.

    Full-width figures, spaces and missing hyphens are taken as they come.
    """
    figures = "".join(str(int(ch)) for ch in re.sub(r"[\s\-—–]", "", text) if ch.isdecimal())
    if len(figures) != 13 or check_figure(figures[:-1]) != figures[-1]:
        return None
    return f"{figures[:4]}-{figures[4:8]}-{figures[8:12]}-{figures[12]}"
