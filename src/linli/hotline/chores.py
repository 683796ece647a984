"""The room's job for the worker."""

from __future__ import annotations

from linli.hotline.actions import calls
from linli.kernel.work import job

MINUTE = 60.0


@job("hotline.missed", every=MINUTE)
def abandon_missed() -> int:
    """End calls that nobody took and that no telephone system ended."""
    return calls.abandon_missed()
