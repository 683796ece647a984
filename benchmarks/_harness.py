"""What every bench stands on: a durable database server of its own with a real district, the web server, honest CPU figures.

A figure is printed with the ceiling that was measured in the same run, since times alone say little on a shared machine; CPU
milliseconds come from the kernel's accounting of the processes (``/proc``), not from a stopwatch.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DISTRICT = "510107"
TICK = os.sysconf("SC_CLK_TCK")


def arguments(description: str, **extra: Any) -> argparse.Namespace:
    """Parse the command line: ``--quick``, and what a bench adds as ``name=default``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="smaller; ends within a minute on two cores")
    for name, default in extra.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def line(bench: str, figure: str, value: float, unit: str, *, ceiling: float, ratio: float) -> None:
    """One figure, on a line of its own."""
    print(
        json.dumps(
            {
                "bench": bench,
                "figure": figure,
                "value": round(value, 3),
                "unit": unit,
                "ceiling": round(ceiling, 3),
                "ratio": round(ratio, 3),
            }
        ),
        flush=True,
    )


def say(text: str) -> None:
    """A word on how it goes, not a figure."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def database() -> Iterator[Path]:
    """A data folder with a durable server and every migration; the environment points to it, Django is set up."""
    folder = Path(tempfile.mkdtemp(prefix="linli-bench-"))
    folder.chmod(0o755)
    os.environ |= {
        "LINLI_MODE": "demo",
        "LINLI_DATA": str(folder),
        "LINLI_DEMO_LOGINS": "0",
        "LINLI_ANONYMOUS_REPORTS": "off",
    }
    from linli.kernel.embedded import Server
    from linli.kernel.embedded.environment import publish

    try:
        with Server(folder) as server:
            publish(server.addresses())
            os.environ["DJANGO_SETTINGS_MODULE"] = "linli.settings"
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield folder
            from django.db import connections

            connections.close_all()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def district(code: str = DISTRICT) -> None:
    """Load the city's divisions, the catalogue, one district's grids without dwellings, and its people."""
    from django.core.management import call_command

    from linli.people import staffing

    quiet = open(os.devnull, "w")  # noqa: SIM115 - closed with the process
    call_command("import", "divisions", "chengdu", stdout=quiet)
    call_command("load_catalogue", stdout=quiet)
    call_command("generate", district=[code], dwellings="none", stdout=quiet)
    staffing.staff_district(code)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def web_server() -> Iterator[tuple[int, int]]:
    """The web process in its production form; gives its port and the id of its process group's leader."""
    from linli.kernel.serve import processes

    port = free_port()
    spec = processes.web("127.0.0.1", port)
    process = subprocess.Popen(spec.command, start_new_session=True)
    try:
        for _attempt in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def family(leader: int) -> list[int]:
    """A process and all that come from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [leader]
    while todo:
        one = todo.pop()
        found.append(one)
        todo.extend(children.get(one, []))
    return found


def cpu_seconds(*leaders: int) -> float:
    """CPU seconds (user and system) spent so far by these processes, their children, and those children that ended."""
    total = 0
    for leader in leaders:
        for pid in family(leader):
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return total / TICK


def postmaster(folder: Path) -> int:
    """The id of the database server's first process."""
    found = next(iter(folder.glob("postgres/**/postmaster.pid")))
    return int(found.read_text().split("\n", 1)[0])


def points(count: int, *, seed: int = 7) -> list[tuple[float, float, str]]:
    """Points inside micro-grids of the district: (lng, lat, path)."""
    import random

    from linli.territory.models import Area

    rows = list(
        Area.objects.filter(level="micro_grid", label_lng__isnull=False).values_list("label_lng", "label_lat", "path")
    )
    drawn = random.Random(seed)
    return [drawn.choice(rows) for _n in range(count)]
