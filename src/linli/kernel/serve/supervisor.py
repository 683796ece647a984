"""Starts processes, starts dead ones again, stops them in order."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from linli.kernel.embedded import EmbeddedError, Server
from linli.kernel.serve.processes import Spec

# Every process carries this variable with the data folder, so that a later supervisor finds what a killed one left behind.
MARK = "LINLI_SUPERVISED"
# A process that dies is started again at once; one that keeps dying, after 0.2, 0.4, 0.8 ... seconds, at most half a minute.
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
# Who has lived this long, in seconds, has recovered.
RECOVERED = 10.0
BEAT = 0.1


@dataclass
class _Child:
    spec: Spec
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0


class Supervisor:
    """Runs until SIGTERM or SIGINT, or until `stop()`.

    Args:
        specs: the processes, in the order of starting; they are stopped in that order too, so that web stops taking requests
            while the worker still runs.
        data: the data folder they belong to.
        server: the embedded server to keep alive; None with a database of one's own.
        on_ready: called once when all processes have been started.
    """

    def __init__(
        self,
        specs: Sequence[Spec],
        *,
        data: Path,
        server: Server | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        self.children = [_Child(spec) for spec in specs]
        self.data = data
        self.server = server
        self.on_ready = on_ready
        self._stop = threading.Event()
        self._signals = 0

    def run(self) -> None:
        """Supervise until told to stop; returns when every process has ended."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            for child in self.children:
                self._start(child)
            if self.on_ready:
                self.on_ready()
            while not self._stop.wait(BEAT):
                self._tend()
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stop.set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        self._stop.set()

    def _start(self, child: _Child) -> None:
        child.process = subprocess.Popen(
            child.spec.command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **child.spec.environment, MARK: str(self.data)},
            # A session of its own: Ctrl-C reaches us alone, and whatever it forks can be ended with it.
            start_new_session=True,
        )
        child.started = time.monotonic()

    def _tend(self) -> None:
        """One look at everything: the database first, since without it the others only fail."""
        if self.server is not None and not self.server.running():
            say("database died; starting it again", level="warning", process_name="database")
            _count_restart("database")
            try:
                self.server.start()
            except EmbeddedError as problem:
                say(f"database did not start: {problem}", level="error", process_name="database")
                self._stop.wait(1.0)
                return
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.not_before:
                    self._start(child)
            elif child.process.poll() is not None:
                self._bury(child)

    def _bury(self, child: _Child) -> None:
        """Note a death, end what the dead process left, and set the time of its return."""
        assert child.process is not None  # only the living are buried
        code = child.process.returncode
        end_group(child.process.pid)
        lived = time.monotonic() - child.started
        child.deaths = 1 if lived > RECOVERED else child.deaths + 1
        pause = 0.0 if child.deaths == 1 else min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (child.deaths - 2))
        child.not_before = time.monotonic() + pause
        child.process = None
        say(
            f"{child.spec.name} died; starting it again in {pause:.1f} s",
            level="warning",
            process_name=child.spec.name,
            exit_code=code,
        )
        _count_restart(child.spec.name)

    def _stop_all(self) -> None:
        """End every process in order: asked first, then, after its grace or at a second signal, made to."""
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.send_signal(signal.SIGTERM)
            except ProcessLookupError:
                pass
        for child in self.children:
            if child.process is None:
                continue
            end = time.monotonic() + child.spec.grace
            while child.process.poll() is None and time.monotonic() < end and self._signals < 2:
                time.sleep(0.02)
            end_group(child.process.pid)
            child.process.wait()


def end_group(leader: int) -> None:
    """Kill whatever remains of the process group of `leader`."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def clear_leftovers(data: Path) -> list[int]:
    """Kill processes that a killed supervisor of the same data folder left behind; they would still hold the ports.

    Only called by the owner of the folder, so no living supervisor's children can be meant. Returns the process ids.
    """
    killed: list[int] = []
    # Again until a look finds nobody: what is killed first may be replaced by its parent, which is killed next.
    end = time.monotonic() + 10
    while (found := _marked(data)) and time.monotonic() < end:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        killed += found
        time.sleep(0.05)
    return sorted(set(killed))


def _marked(data: Path) -> list[int]:
    """Processes that carry the mark of this data folder."""
    proc = Path("/proc")
    if not proc.is_dir():
        return []
    wanted = f"{MARK}={data}".encode()
    found: list[int] = []
    for entry in proc.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _count_restart(name: str) -> None:
    """Add to the figure on /metrics. Imported late: where the figures are kept is settled when the module is loaded."""
    from linli.kernel.observe.metrics import RESTARTS

    RESTARTS.labels(name).inc()


def say(message: str, *, level: str = "info", **extras: object) -> None:
    """One JSON line in the form of the application's logs."""
    # A log line tells of the machine's time, also while the house runs on a simulated clock.
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"at": at, "level": level, "logger": "linli.supervisor", "message": message, **extras}
    print(json.dumps(line), file=sys.stderr, flush=True)
