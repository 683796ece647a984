"""The room's job for the worker: the briefs that somebody subscribes to, once their days are over and counted."""

from __future__ import annotations

import logging
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation

from linli.briefs import actions, stretches
from linli.briefs.models import BriefKind, Subscription
from linli.kernel import time
from linli.kernel.db import district_of
from linli.kernel.errors import LinliError
from linli.kernel.trust import policy
from linli.kernel.work import job
from linli.metrics import queries as metrics
from linli.metrics.catalogue import Period
from linli.people.models import Post
from linli.people.queries.acting import actor_of_post, in_force

log = logging.getLogger(__name__)
EVERY = 300.0
BATCH = 40
"""Briefs made in one run for a district and kind; the next run goes on."""


@job("briefs.make", every=EVERY)
def make_due() -> int:
    """Make what is subscribed to and due.

    Returns:
        How many briefs were made; each once, however often this runs.
    """
    made = 0
    for kind in BriefKind:
        period = stretches.last_whole(kind, time.today())
        for district in _waiting(kind, period.first).order_by("district").values_list("district", flat=True).distinct():
            due = _waiting(kind, period.first).filter(district=district).order_by("area_path")
            paths = due.values_list("area_path", flat=True).distinct()[:BATCH]
            made += sum(_made(path, kind, period.first) for path in paths if _counted(path, period))
    return made


def _waiting(kind: BriefKind, first: date) -> QuerySet[Subscription]:
    return Subscription.objects.filter(Q(told__lt=first) | Q(told__isnull=True), kind=kind)


def _counted(area_path: str, period: Period) -> bool:
    """Whether the reader of events has passed the end of a stretch, and every figure has its whole history."""
    as_of = metrics.as_of_area(area_path)
    return as_of.whole and as_of.at >= metrics.midnight(period.last + stretches.DAY)


def _made(area_path: str, kind: BriefKind, first: date) -> bool:
    with transaction.atomic():
        rows = Subscription.objects.filter(district=district_of(area_path), area_path=area_path, kind=kind)
        waiting = list(rows.select_for_update(skip_locked=True).order_by("made_at", "id"))
        held = Post.objects.filter(in_force(), id__in=[one.post_id for one in waiting]).select_related("account")
        posts = {post.id: post for post in held}
        # A post that is over ends its subscriptions; the others go on.
        rows.filter(id__in=[one.id for one in waiting if one.post_id not in posts]).delete()
        may = [posts[one.post_id] for one in waiting if one.post_id in posts]
        rows.filter(id__in=[one.id for one in waiting]).update(told=first)
        actors = (actor_of_post(one) for one in may)
        actor = next((one for one in actors if policy.allows(one, actions.MAKE, policy.Spot(area_path))), None)
        if actor is None:
            return False
        try:
            with translation.override(posts[actor.post_id].account.language if actor.post_id else None):
                return actions.make_scheduled(actor, area_path, kind, first)
        except LinliError as error:
            log.warning("the brief of %s cannot be made: %s", area_path, error.code)
            return False
