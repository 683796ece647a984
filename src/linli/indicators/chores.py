"""The room's jobs for the worker: evidence is prepared to be shown, and the scores of a quarter are taken."""

from __future__ import annotations

from linli.indicators import snapshots
from linli.indicators.models import EvidenceFile
from linli.kernel.storage.shown import prepare_next
from linli.kernel.work import job


@job("indicators.files", every=2.0)
def files() -> int:
    """Prepare the file that has waited longest."""
    return prepare_next(EvidenceFile)


@job("indicators.snapshots", every=60.0)
def scores() -> int:
    """Take one area's scores of this quarter in each set; a city takes days for all of them, and has months.

    Returns:
        0: a card reads many registers, so the next area waits its minute, that photos do not wait for it.
    """
    snapshots.take_due(most=1)
    return 0
