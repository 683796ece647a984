"""The room's job for the worker: when a year is over, its review of forms is closed."""

from __future__ import annotations

from linli.duties.actions import forms
from linli.kernel import time
from linli.kernel.work import job

HOURS = 6 * 3_600.0


@job("duties.review", every=HOURS)
def close_last_year() -> int:
    """Close the review of the year before this one; nothing to do on all other days."""
    return forms.close_year(time.today().year - 1)
