"""Photos of cases: a job of the worker makes of each original the copies that are shown (:mod:`linli.kernel.storage.shown`)."""

from __future__ import annotations

from linli.cases.models import Evidence
from linli.kernel.storage.shown import prepare_next
from linli.kernel.work import job


@job("cases.photos", every=1.0)
def prepare_one() -> int:
    """Prepare the photo that has waited longest; returns how many were done, one or none."""
    return prepare_next(Evidence)
