"""The room's jobs for the worker: drafts for the season that comes, and the end of what is over."""

from __future__ import annotations

from datetime import timedelta

from linli.kernel import time
from linli.kernel.work import job
from linli.operations import actions
from linli.operations.models import Operation, OperationState

HOUR = 3_600.0
KEPT_OPEN = timedelta(days=14)


@job("operations.prepare", every=HOUR)
def prepare() -> int:
    """Prepare the drafts of seasons that come soon; nothing is ever sent by itself."""
    return actions.prepare_due()


@job("operations.end", every=HOUR)
def end_over() -> int:
    """End what was due two weeks ago."""
    over = Operation.objects.filter(state=OperationState.SENT, due_at__lt=time.now() - KEPT_OPEN)
    return sum(actions.end(one, district) for one, district in over.values_list("id", "district")[:50])
