"""A demo at a clock that stands: what screens are pictured and examined on.

As a program (``python -m tests.browser.still --data DIR``) it seeds the light demo at :data:`MOMENT` when the folder has none,
serves it on a free port, says so in one line of JSON and serves until its standard input closes. :func:`running` does that for
others and gives the address. Everything but the tick of the clock is the demo of ``linli demo --light``: same seed, same people,
same pages.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

MOMENT = datetime(2026, 11, 18, 8, 20, tzinfo=UTC)
"""A plain Wednesday, 16:20 in the city."""
SEED = 20261118
PORT = 8686
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Demo:
    """The demo, as a browser finds it."""

    address: str
    """``http://127.0.0.1:PORT``."""
    cases: dict[str, str]
    """Ticket numbers of the stories in ``linli.simulation``'s ``stage.yaml``, by who reported and category: ``zhou-UT02``."""
    points: dict[str, tuple[float, float]]
    """Where they are: longitude and latitude, degrees, WGS 84."""


@contextmanager
def running(data: Path) -> Iterator[Demo]:
    """Serve the demo from ``data`` in a process of its own.

    Yields:
        Where it is served, and the ticket numbers of the written stories.

    Raises:
        RuntimeError: it did not come up; what it said is on standard error.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.browser.still", "--data", str(data)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(data),
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("{"):
                    break
            else:
                raise RuntimeError(f"the demo for the screens ended with status {process.wait()}")
            yield Demo(**json.loads(line))
        finally:
            process.stdin.close()
            process.wait(timeout=60)


def _environment(data: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("LINLI_", "DJANGO_"))}
    return ours | {"LINLI_MODE": "demo", "LINLI_DATA": str(data), "DJANGO_SETTINGS_MODULE": "linli.settings"}


def main() -> None:
    """Seed and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder")
    data: Path = parser.parse_args().data.absolute()
    from linli.kernel.embedded import Server
    from linli.kernel.embedded.environment import publish

    server = Server(data, durable=False)  # what a crash takes is seeded anew
    publish(server.attach())
    try:
        _seed(data)
        _serve()
    finally:
        server.detach()


def _seed(data: Path) -> None:
    import django

    django.setup()
    from linli.kernel import time

    done = data / "screens-ready"
    with (data / "screens.lock").open(
        "w"
    ) as lock:  # two test processes may share the folder: one makes, the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _make()
            done.touch()
    time.set_clock(lambda: MOMENT)


def _make() -> None:
    from django.core.management import call_command

    from linli.kernel import ids, time, work
    from linli.simulation import demo

    call_command("migrate", verbosity=0)
    time.set_clock(lambda: MOMENT)
    with ids.seeded(SEED):
        demo.seed(demo.Plan(extent=demo.Extent.LIGHT), tell=lambda line: print(line, file=sys.stderr))
        time.set_clock(lambda: MOMENT)  # a simulation gives the clock back to the system
        work.run_dry()


def _stories(address: str) -> Demo:
    from linli.cases.models import Case
    from linli.simulation.demo import DISTRICT
    from linli.simulation.stage import script

    told = {story["text"]: f"{story['by']}-{story['category']}" for story in script()["stories"]}
    found = Case.objects.filter(district=DISTRICT, description__in=told)
    cases = {told[case.description]: case for case in found}
    return Demo(
        address=address,
        cases={name: case.number for name, case in cases.items()},
        points={
            name: (case.lng, case.lat) for name, case in cases.items() if case.lng is not None and case.lat is not None
        },
    )


def _serve() -> None:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.db import connections

    from linli.wsgi import application

    class Quiet(WSGIRequestHandler):
        """Says nothing of each request."""

        def log_message(self, *args: object) -> None:
            """Nothing."""

    try:  # slips and receipts show the address: the same each time, where it is free
        httpd = ThreadedWSGIServer(("127.0.0.1", PORT), Quiet, connections_override={})
    except OSError:
        httpd = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, connections_override={})
    httpd.set_app(application)
    httpd.daemon_threads = True
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{httpd.server_address[1]}"
    print(json.dumps(asdict(_stories(address))), flush=True)
    sys.stdin.read()
    httpd.shutdown()
    connections.close_all()


if __name__ == "__main__":
    main()
