"""The room's jobs for the worker: leaves begin and end by the day, ended posts are emptied, coverage is counted anew each hour."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max

from linli.kernel import time
from linli.kernel.work import job
from linli.people.models import Post
from linli.workforce import counting
from linli.workforce.actions import handing, leaving, training
from linli.workforce.models import Coverage

COUNTED_EVERY = timedelta(hours=1)
LOOKED_BACK = timedelta(days=3)
"""How long after a term ran out by the day somebody still looks whether it left anything behind."""


@job("workforce.turn", every=60.0)
def turn() -> int:
    """Let the leaves begin and end whose day has come."""
    return leaving.turn()


@job("workforce.release", every=600.0)
def release() -> int:
    """What posts that ran out by the day leave behind goes to their deputies."""
    today = time.today()
    over = Post.objects.filter(ends_on__lte=today, ends_on__gt=today - LOOKED_BACK)
    posts: dict[str, set] = {}
    for district, post_id in over.values_list("district", "id"):
        posts.setdefault(district, set()).add(post_id)
    return sum(handing.release(district, found) for district, found in sorted(posts.items()))


@job("workforce.count", every=60.0)
def count() -> int:
    """Count one district anew that was not counted for an hour, or not since the day began."""
    counted = dict(Coverage.objects.values_list("district").annotate(at=Max("counted_at")))
    now = time.now()
    for district in counting.districts():
        at = counted.get(district)
        if at is None or at < now - COUNTED_EVERY or at.astimezone(time.LOCAL_ZONE).date() < time.today():
            return 1 if counting.count(district) else 0
    return 0


@job("workforce.remind", every=3600.0)
def remind() -> int:
    """Remind those whose certificates end soon."""
    return training.remind()
