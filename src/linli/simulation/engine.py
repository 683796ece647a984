"""The engine: a queue of moments in order, with the house's clock set to each, and the worker's rounds between them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from django.db import connection

from linli.kernel import deadlines, events, time

ROUND = timedelta(hours=1)
"""How often, in simulated time, clocks are swept and events are read; a worker does it every second or so."""


class Engine:
    """Runs what is planned, in the order of its moments; what is planned for the same moment in the order of planning."""

    def __init__(self, start: datetime, *, every: timedelta = ROUND) -> None:
        self._moment, self._every = start, every
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = count()
        self._next_round = start + every
        self._read_up_to = -1
        self.done = 0

    @property
    def moment(self) -> datetime:
        """The simulated present."""
        return self._moment

    def plan(self, when: datetime, what: Callable[[], None]) -> None:
        """Do ``what`` at ``when``; at once when that has passed."""
        heapq.heappush(self._queue, (max(when, self._moment), next(self._number), what))

    def run(self, until: datetime, *, progress: Callable[[datetime], None] | None = None) -> None:
        """Run up to ``until``; what is planned for later stays undone."""
        time.set_clock(lambda: self._moment)
        try:
            with hurried():
                while self._queue and self._queue[0][0] <= until:
                    when, _number, what = heapq.heappop(self._queue)
                    self._rounds(when, progress)
                    self._moment = when
                    what()
                    self.done += 1
                self._rounds(until, progress)
                self._moment = until
                work_off()
        finally:
            time.set_clock(None)

    def _rounds(self, until: datetime, progress: Callable[[datetime], None] | None) -> None:
        while self._next_round <= until:
            self._moment = self._next_round
            self._next_round += self._every
            if deadlines.sweep_all() or self.done != self._read_up_to:
                # What another's transaction holds back is read in a later round; only the end waits for it.
                while events.run_once():
                    pass
                self._read_up_to = self.done
            if progress:
                progress(self._moment)


def work_off() -> None:
    """What the worker does: fire what is due, and let every consumer read what is new."""
    deadlines.sweep_all()
    events.drain()


@contextmanager
def hurried() -> Iterator[None]:
    """Let commits of this connection return before they are on the disk.

    A simulation that is killed is run again from its beginning, so that it need not wait for the disk thousands of times; the
    writes are the same and in the same order. Only this connection, only within the block.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("RESET synchronous_commit")
