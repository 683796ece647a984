"""A WSGI application that takes its time, for looking at what happens to a request in flight."""

import time
from collections.abc import Callable, Iterable


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """`/slow` takes a second and a half, everything else no time."""
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1.5)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"whole answer"]
