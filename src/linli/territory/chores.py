"""The room's job for the worker: changes of micro-grids are put in force on their day."""

from __future__ import annotations

from linli.kernel.work import job
from linli.territory.actions import redrawing


@job("territory.redrawing", every=60.0)
def put_in_force() -> int:
    """Put one change in force whose day has come."""
    return redrawing.put_in_force()
