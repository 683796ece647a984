"""The processes of an installation: what they are and how each is started."""

import os
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec

# The web server lets requests in flight finish for this long after SIGTERM, in seconds.
WEB_GRACE = 25
# Live pages are streams without an end: they are told to reconnect elsewhere and cut.
LIVE_GRACE = 3
WORKER_GRACE = 20


@dataclass(frozen=True)
class Spec:
    """How to run one process.

    Attributes:
        name: web, live or worker.
        command: arguments of the process.
        grace: seconds between SIGTERM and SIGKILL.
        environment: variables on top of the supervisor's own.
    """

    name: str
    command: tuple[str, ...]
    grace: float
    environment: dict[str, str] = field(default_factory=dict)


def web(host: str, port: int, *, application: str = "linli.wsgi:application") -> Spec:
    """Pages and the API: granian, WSGI; two workers of four threads each unless the environment says otherwise."""
    return Spec(
        name="web",
        command=(
            *(sys.executable, "-m", "granian", "--interface", "wsgi", application),
            *("--host", host, "--port", str(port)),
            *("--workers", os.environ.get("LINLI_WEB_WORKERS", "2")),
            *("--blocking-threads", os.environ.get("LINLI_WEB_THREADS", "4")),
            *("--respawn-failed-workers", "--respawn-interval", "0.2"),
            *("--workers-kill-timeout", str(WEB_GRACE)),
            *("--no-ws", "--no-access-log", "--log-level", "warning"),
        ),
        grace=WEB_GRACE + 5,
    )


def live(host: str, port: int) -> Spec | None:
    """Live pages: uvicorn, ASGI, one process for thousands of streams; None while the room is not there."""
    if find_spec("linli.live") is None or find_spec("linli.live.asgi") is None:
        return None
    return Spec(
        name="live",
        command=(
            *(sys.executable, "-m", "uvicorn", "linli.live.asgi:application"),
            *("--host", host, "--port", str(port)),
            *("--timeout-graceful-shutdown", str(LIVE_GRACE)),
            *("--no-access-log", "--no-server-header", "--log-level", "warning"),
        ),
        grace=LIVE_GRACE + 3,
    )


def worker() -> Spec:
    """Background work: events, deadlines, photographs, jobs."""
    return Spec(name="worker", command=(sys.executable, "-m", "linli", "worker"), grace=WORKER_GRACE)


def trickle() -> Spec:
    """Demo only: now and then somebody reports or does something, so that live pages have something to show."""
    return Spec(name="trickle", command=(sys.executable, "-m", "linli", "trickle"), grace=5)
