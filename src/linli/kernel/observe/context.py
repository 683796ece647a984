"""The id of the request that this thread or task is working for."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
# What we accept from a proxy: anything longer or odder is replaced, so that a log line cannot be forged through the header.
ACCEPTABLE = re.compile(r"[A-Za-z0-9_-]{8,64}")

request_id: ContextVar[str] = ContextVar("linli_request_id", default="")


def choose_request_id(offered: str | None) -> str:
    """The id that the caller offered when it is acceptable, else a fresh one."""
    if offered and ACCEPTABLE.fullmatch(offered):
        return offered
    # Not an id of the house's data: it names a request in the logs and must stay unique under a frozen clock.
    return uuid4().hex
