"""The room's job for the worker: districts whose streets, places or ground changed are reckoned anew."""

from __future__ import annotations

from linli.kernel.work import job
from linli.lifecircle.reckoning import reckon_next


@job("lifecircle.reckon", every=5.0)
def reckon() -> int:
    """Reckon one district that waits."""
    return reckon_next()
