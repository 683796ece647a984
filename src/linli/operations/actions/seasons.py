"""Templates, and the drafts that are prepared from them for a season."""

from __future__ import annotations

import logging
from calendar import monthrange
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import SYSTEM, Actor, policy
from linli.operations import forms, queries
from linli.operations.actions.changing import (
    COMPOSE,
    VIEW,
    tell,
    words_of,
)
from linli.operations.actions.drafting import Draft, checked, compose, new_operation
from linli.operations.models import (
    Operation,
    Season,
    Template,
)
from linli.operations.targets import Target
from linli.people.models import Post
from linli.people.queries.acting import actor_of_post, in_force

log = logging.getLogger(__name__)


def keep_as_template(
    actor: Actor, operation_id: UUID, *, title: str = "", season: Season = Season.NONE, next_on: date | None = None,
    ahead: int = 7,
) -> Template:  # fmt: skip
    """Keep an operation for the next season; a title that is there already is kept anew.

    Args:
        next_on: first day of the next season, for one that comes again.
        ahead: days before it on which the draft is prepared.
    """
    operation = queries.by_id(actor, operation_id)
    queries.require(actor, COMPOSE, operation)
    if (season == Season.NONE) != (next_on is None) or (next_on is not None and next_on <= time.today()):
        raise Invalid("operation.season", _("Give the first day of the next season, after today."), field="next_on")
    if not 0 <= ahead <= 60:
        raise Invalid("operation.ahead", _("Prepare it at most sixty days ahead."), field="ahead")
    began = operation.sent_at or operation.made_at
    with transaction.atomic():
        kept, _new = Template.objects.update_or_create(
            district=actor.district, area_path=actor.area_path,
            title=words_of(title or operation.title, field="title", most=80),
            defaults={
                "purpose": operation.purpose, "kind": operation.kind, "form": operation.form, "target": operation.target,
                "minutes_each": operation.minutes_each, "days": max(1, (operation.due_at - began).days), "season": season,
                "next_on": next_on, "ahead": ahead, "organisation_id": actor.organisation_id, "post_id": actor.post_id,
                "kept_at": time.now(),
            },
        )  # fmt: skip
    return kept


def from_template(actor: Actor, template_id: UUID, first_day: date, key: str) -> Operation:
    """A draft from a template, due as many days after its first day as the operation that it was kept from.

    Raises:
        Invalid: as :func:`compose`; the ground may have changed since it was kept.
    """
    kept = queries.template(actor, template_id)
    policy.require(actor, COMPOSE, kept, view=VIEW)
    return compose(actor, key, draft_of(kept, first_day))


def draft_of(kept: Template, first_day: date) -> Draft:
    """What a template says for a season that begins on a day."""
    due = queries.evening(first_day, kept.days)
    return Draft(
        kept.title,
        kept.purpose,
        kept.kind,
        forms.from_data(kept.form),
        Target.from_data(kept.target),
        due,
        kept.minutes_each,
    )


MONTHS = {Season.YEARLY: 12, Season.QUARTERLY: 3, Season.MONTHLY: 1}


def prepare_due() -> int:
    """Prepare the drafts of the seasons that come soon, in the name of the post that kept the template; nothing is sent.

    Returns:
        How many drafts were made. A season gets one, however often this runs.
    """
    made = 0
    soon = time.today() + timedelta(days=60)
    for found in Template.objects.filter(next_on__isnull=False, next_on__lte=soon).order_by("next_on")[:200]:
        if found.next_on and found.next_on - timedelta(days=found.ahead) <= time.today():
            made += _prepared(found.district, found.id)
    return made


def _prepared(district: str, template_id: UUID) -> bool:
    with transaction.atomic():
        kept = Template.objects.select_for_update(skip_locked=True).filter(district=district, id=template_id).first()
        if kept is None or kept.next_on is None:
            return False
        posts = Post.objects.filter(in_force(), district=district, id__in=[kept.post_id] if kept.post_id else [])
        post = posts.select_related("account").first()
        season, kept.next_on = kept.next_on, _following(kept.next_on, Season(kept.season))
        kept.save(update_fields=["next_on"])
        if post is None:
            log.warning("nobody holds the post that keeps template %s; its season passes without a draft", kept.id)
            return False
        actor = actor_of_post(post)
        try:
            draft = checked(actor, draft_of(kept, max(season, time.today())))
        except LinliError as error:
            log.warning("template %s does not fit the ground any more: %s", kept.id, error.code)
            return False
        found = new_operation(actor, draft, template=kept, season_on=season)
        tell(SYSTEM, found, "operation.prepared", {"day": season.isoformat(), "post": str(post.id)})
    return True


def _following(day: date, season: Season) -> date | None:
    months = MONTHS.get(season)
    if not months:
        return None
    year, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + year, month + 1)[1]
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, last))
