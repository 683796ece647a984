"""Background work: one process that lets event consumers read, fires deadlines, and does the rooms' chores.

A room registers a :class:`Job` with :func:`job` when it is made ready. Jobs run in two lanes, each a thread with its own database
connection: *events* must follow within a blink, *chores* (photos, sealing, purging) may take their time. A job that fails is logged,
waits longer each time, and never stops the others. Several workers may run at once: what a job takes, it takes with SKIP LOCKED.

There is no queue of messages: what is to be done is a row that says so (an event not read, a deadline that passed, a photo that
waits), so nothing can be enqueued and lost, or done and forgotten. Nobody is woken by NOTIFY either: in PostgreSQL that
serialises the commits of all reports for the sake of a quarter of a second.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import InterfaceError, OperationalError, connection
from prometheus_client import Gauge

from linli.kernel import time
from linli.kernel.observe.metrics import JOBS

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0

BEAT = Gauge(
    "linli_worker_beat_timestamp_seconds",
    "When a lane of the worker last finished a round.",
    ["lane"],
    multiprocess_mode="mostrecent",
)


class Lane(StrEnum):
    """Which thread does a job."""

    EVENTS = "events"
    CHORES = "chores"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again.

    Args:
        name: ``room.what``.
        run: does one portion; returns how much it did, zero for nothing. More than zero: there may be more, so it is asked again at once.
        every: seconds between two portions when there was nothing to do.
        lane: where it runs.
    """

    name: str
    run: Callable[[], int]
    every: float
    lane: Lane


_jobs: dict[str, Job] = {}


def job(name: str, *, every: float, lane: Lane = Lane.CHORES) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a function as a job of the worker."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        _jobs[name] = Job(name, run, every, lane)
        return run

    return register


def jobs(lane: Lane | None = None) -> list[Job]:
    """The registered jobs, of one lane or all."""
    return [one for one in _jobs.values() if lane is None or one.lane == lane]


@dataclass(slots=True)
class _Turn:
    job: Job
    next_at: float = 0.0
    failures: int = 0


class LaneRunner:
    """Does the jobs of one lane in turn until it is told to stop."""

    def __init__(self, lane: Lane, *, stop: threading.Event, only: Iterable[Job] | None = None) -> None:
        self.lane = lane
        self.stop = stop
        self.turns = [_Turn(one) for one in (jobs(lane) if only is None else only)]

    def run(self) -> None:
        """Until stopped: a round, then sleep until the next job is due."""
        try:
            while not self.stop.is_set():
                pause = self.round()
                BEAT.labels(self.lane.value).set(time.now().timestamp())
                if pause > 0:
                    self.stop.wait(pause)
        finally:
            connection.close()

    def round(self) -> float:
        """Give every job that is due one portion; returns for how many seconds there is nothing to do."""
        for turn in self.turns:
            if self.stop.is_set():
                return 0.0
            if time.monotonic() >= turn.next_at:
                self._portion(turn)
        soonest = min((turn.next_at for turn in self.turns), default=time.monotonic() + IDLE_SECONDS)
        return max(0.0, min(soonest - time.monotonic(), 1.0))

    def _portion(self, turn: _Turn) -> None:
        try:
            done = turn.job.run()
        except Exception as error:  # a failing job must not stop the others
            turn.failures += 1
            pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (turn.failures - 1))
            turn.next_at = time.monotonic() + pause
            JOBS.labels(turn.job.name, "failed").inc()
            if isinstance(error, OperationalError | InterfaceError):
                # The database is away: that has its own alarm.
                log.warning("job %s: the database did not answer; again in %.1f s", turn.job.name, pause)
                _forget_connection()
            else:
                log.exception("job %s failed; again in %.1f s", turn.job.name, pause)
            return
        turn.failures = 0
        turn.next_at = time.monotonic() + (0.0 if done else turn.job.every)
        if done:
            JOBS.labels(turn.job.name, "done").inc()


def _forget_connection() -> None:
    try:
        connection.close()
    except (OperationalError, InterfaceError):
        connection.connection = None


class Worker:
    """The lanes of the worker process, each in a thread."""

    def __init__(self) -> None:
        self.stop_event = threading.Event()
        self.runners = [LaneRunner(lane, stop=self.stop_event) for lane in Lane]

    def run(self) -> None:
        """Until :meth:`stop`; returns when what was under way has ended."""
        threads = [
            threading.Thread(target=runner.run, name=f"worker-{runner.lane.value}", daemon=True)
            for runner in self.runners
        ]
        for thread in threads:
            thread.start()
        while not self.stop_event.wait(1.0):
            if dead := [thread.name for thread in threads if not thread.is_alive()]:
                # Cannot happen while jobs' errors are caught; if it does, the supervisor starts us afresh.
                log.error("a lane of the worker ended by itself: %s", ", ".join(dead))
                self.stop_event.set()
                os._exit(70)
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Let every lane end after the portion that it is at."""
        self.stop_event.set()


def run_dry(*, rounds: int = 1_000) -> int:
    """Run every job until none has anything to do: for tests and ``linli worker --once``. Errors are raised.

    Returns:
        How much was done in all.
    """
    total = 0
    for _round in range(rounds):
        done = sum(one.run() for one in jobs())
        total += done
        if not done:
            break
    return total
