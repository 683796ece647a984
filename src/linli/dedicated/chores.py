"""The room's job for the worker: what was attached is prepared to be shown."""

from __future__ import annotations

from linli.dedicated.models import PlanFile
from linli.kernel.storage.shown import prepare_next
from linli.kernel.work import job


@job("dedicated.files", every=2.0)
def files() -> int:
    """Prepare the file that has waited longest."""
    return prepare_next(PlanFile)
