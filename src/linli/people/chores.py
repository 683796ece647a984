"""The room's jobs for the worker: forgetting codes, counters and device sessions that are over."""

from __future__ import annotations

from datetime import timedelta

from linli.kernel import time
from linli.kernel.work import job
from linli.people import actions, limits, sessions
from linli.people.models import OneTimeCode

CODES_KEPT = timedelta(days=1)
DEVICES_KEPT = timedelta(days=90)


@job("people.forget", every=3_600.0)
def forget() -> int:
    """Delete what is over; devices are listed for ninety days after their end."""
    now = time.now()
    codes = OneTimeCode.objects.filter(expires_at__lt=now - CODES_KEPT).delete()[0]
    return codes + limits.sweep() + sessions.expired_before(now - DEVICES_KEPT)


@job("people.erase", every=3_600.0)
def erase() -> int:
    """Erase the accounts whose seven days are over."""
    return actions.erase_due()
