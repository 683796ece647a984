"""The stack as it is served, and how to find and kill any part of it."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from linli.kernel.embedded import Server
from linli.kernel.embedded.processes import alive

PATIENCE = 90.0


def free_port() -> int:
    """A port that nobody listens on, with the one above it free as well."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _parents() -> dict[int, int]:
    """Process → parent, of every living process that we may look at."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(entry.name)] = int(fields[1])
    return found


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


class Stack:
    """`linli serve` on a data folder of its own: web, live pages, worker, database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder.parent / f"{folder.name}.log"
        self.server = Server(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the supervisor; it starts the rest."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "linli",
                    "serve",
                    "--no-migrate",
                    "--port",
                    str(self.port),
                    "--data",
                    str(self.folder),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "LINLI_MODE": "demo", "LINLI_DEMO_LOGINS": "0", "LINLI_ANONYMOUS_REPORTS": "off"},
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Whether web and database are there."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait(self, patience: float = PATIENCE) -> bool:
        """Wait until it answers; False when it does not in time."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.answers():
                return True
            time.sleep(0.1)
        return False

    def stop(self) -> int:
        """Stop it as an administrator does, and give the supervisor's exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def end(self) -> None:
        """Leave nothing behind, however the trial ended."""
        for pid in [*self.everybody(), *self.database()]:
            _kill(pid)
        if self.process is not None:
            _kill(self.process.pid)
            self.process.wait()

    # Who is there.

    def supervised(self) -> dict[str, int]:
        """The supervisor's own children by name."""
        assert self.process is not None
        found = {}
        for pid, parent in _parents().items():
            if parent == self.process.pid:
                words = _command(pid)
                for name, mark in (("web", "granian"), ("live", "uvicorn"), ("worker", "linli worker")):
                    if mark in words:
                        found[name] = pid
        return found

    def web_workers(self) -> list[int]:
        """The processes of web that answer requests."""
        master = self.supervised().get("web")
        return [
            pid
            for pid, parent in _parents().items()
            if parent == master and master and "resource_tracker" not in _command(pid)
        ]

    def postmaster(self) -> int | None:
        """The database's first process."""
        pid = self.server._postmaster()
        return pid if pid is not None and self.server._is_ours(pid) else None

    def backends(self) -> list[int]:
        """The database's processes that serve the application."""
        master = self.postmaster()
        return [pid for pid, parent in _parents().items() if parent == master and "linli_app" in _command(pid)]

    def database(self) -> list[int]:
        """Every process of the database, first its first one."""
        master = self.postmaster()
        if master is None:
            return []
        return [master, *(pid for pid, parent in _parents().items() if parent == master)]

    def everybody(self) -> list[int]:
        """Everything below the supervisor."""
        parents, todo, found = _parents(), [self.process.pid] if self.process else [], []
        while todo:
            one = todo.pop()
            children = [pid for pid, parent in parents.items() if parent == one]
            found += children
            todo += children
        return found


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


Victims = Callable[[Stack, random.Random], list[int]]


def _one(pids: list[int], chance: random.Random) -> list[int]:
    return [chance.choice(pids)] if pids else []


def _named(name: str) -> Victims:
    return lambda stack, chance: [pid for key, pid in stack.supervised().items() if key == name]


KINDS: dict[str, tuple[int, Victims]] = {
    "web worker": (5, lambda stack, chance: _one(stack.web_workers(), chance)),
    "web": (2, _named("web")),
    "worker": (4, _named("worker")),
    "live": (1, _named("live")),
    "backend": (5, lambda stack, chance: _one(stack.backends(), chance)),
    "postmaster": (4, lambda stack, chance: [pid for pid in [stack.postmaster()] if pid]),
    "database, all of it": (4, lambda stack, chance: stack.database()),
    "everything but the supervisor": (2, lambda stack, chance: [*stack.everybody(), *stack.database()]),
    "everything": (
        1,
        lambda stack, chance: [stack.process.pid, *stack.everybody(), *stack.database()] if stack.process else [],
    ),
}
"""What may be killed: how often among the others, and who that is at this moment."""
DATABASE_KINDS = ("backend", "database, all of it")


def strike(stack: Stack, kind: str, chance: random.Random) -> int:
    """Kill -9 a victim of this kind, all its processes within a moment; returns how many were alive."""
    victims = [pid for pid in dict.fromkeys(KINDS[kind][1](stack, chance)) if alive(pid)]
    killed = sum(_kill(pid) for pid in victims)
    if killed and stack.process is not None and stack.process.poll() is None and stack.process.pid in victims:
        stack.process.wait()
    if stack.process is not None and stack.process.poll() is not None:
        # Nobody watches over the supervisor here, so we do what an init system would.
        stack.start()
    return killed
