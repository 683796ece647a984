"""The room's job for the worker: what was handed in as evidence is prepared to be shown."""

from __future__ import annotations

from linli.indicators.models import EvidenceFile
from linli.kernel.storage.shown import prepare_next
from linli.kernel.work import job


@job("indicators.files", every=2.0)
def files() -> int:
    """Prepare the file that has waited longest."""
    return prepare_next(EvidenceFile)
