"""The room's jobs: announcing what expires, letting it expire, giving back what nobody came for."""

from __future__ import annotations

from linli.kernel.work import job
from linli.ledger.actions import expiring, rewarding

HOUR = 3_600.0


@job("ledger.announce", every=HOUR)
def announce_expiry() -> int:
    """Put what expires at the turn of the year on people's pages."""
    return expiring.announce()


@job("ledger.expire", every=HOUR)
def expire() -> int:
    """Let expire what was announced and is due."""
    return expiring.expire()


@job("ledger.lapse", every=HOUR)
def let_lapse() -> int:
    """Give the points back of what nobody came for."""
    return rewarding.let_lapse()
