"""The room's jobs for the worker: sending what is due, forgetting what is old."""

from __future__ import annotations

from datetime import timedelta

from linli.kernel import time
from linli.kernel.work import job
from linli.notices import sending
from linli.notices.models import Address, Delivery, Notice, Posting

NOTICES_KEPT = timedelta(days=180)
POSTINGS_KEPT = timedelta(days=30)
UNVERIFIED_KEPT = timedelta(days=2)
PORTION = 2_000


@job("notices.deliver", every=1.0)
def deliver() -> int:
    """Send to people what is due, a portion for each district."""
    return sum(sending.deliver(district) for district in sending.districts(Delivery._meta.db_table))


@job("notices.post", every=1.0)
def post() -> int:
    """Send to machines what is due, a portion for each district."""
    return sum(sending.post(district) for district in sending.districts(Posting._meta.db_table))


@job("notices.forget", every=3_600.0)
def forget() -> int:
    """Forget notices after half a year, postings after a month, addresses that nobody verified after two days."""
    now = time.now()
    done = Address.objects.filter(verified_at__isnull=True, made_at__lt=now - UNVERIFIED_KEPT).delete()[0]
    for model, kept in ((Notice, NOTICES_KEPT), (Posting, POSTINGS_KEPT)):
        old = model.objects.filter(at__lt=now - kept).order_by("district", "at").values_list("id", flat=True)[:PORTION]
        done += model.objects.filter(id__in=list(old)).delete()[0]
    return done
