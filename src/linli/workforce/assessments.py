"""Reads of assessments, and what they are computed from. There is no list of results: names and how far they are, nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.cases.models import Case
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.models import Event
from linli.kernel.trust import Actor, Role, policy
from linli.people.models import Post
from linli.workforce import assessing, certificates
from linli.workforce.models import Assessment, AssessmentState, Training

ASSESSED = (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER)
MOST_NAMED = 20
OPEN_BEFORE = timedelta(days=180)
"""How long before a period a case can have come in that is disposed of in it."""


def last_period() -> tuple[date, date]:
    """The period that ended last: its first day, and the first day after it."""
    months = assessing.rules_on(time.today()).months
    begins, _ends = assessing.period_of(time.today(), months)
    return assessing.period_of(begins - timedelta(days=1), months)


def this_period() -> tuple[date, date]:
    """The period of today."""
    return assessing.period_of(time.today(), assessing.rules_on(time.today()).months)


def facts(post: Post, begins: date, ends: date) -> list[dict[str, Any]]:
    """What each criterion comes to for the holder of a post in a period, with what it was computed from.

    Args:
        ends: the first day after the period.
    """
    found = []
    for criterion in assessing.rules_on(begins).criteria:
        good, whole, named = _COUNTED[criterion.code](post, begins, ends)
        found.append(
            {
                "code": criterion.code, "good": good, "whole": whole, "named": named[:MOST_NAMED],
                "outcome": assessing.outcome(criterion, good=good, whole=whole),
            }
        )  # fmt: skip
    return found


def _trained(post: Post, _begins: date, ends: date) -> tuple[int, int, list[str]]:
    """Certificates that the post needs on the period's last day, and the titles of those that are lacking."""
    day = min(ends - timedelta(days=1), time.today())
    lacking = certificates.lacks([post], on=day).get(post.id, [])
    whole = sum(
        post.role in one.required_of
        for one in Training.objects.filter(
            district=post.district, ended_at__isnull=True, area_path__in=_above(post.area_path)
        )
    )
    return whole - len(lacking), whole, lacking


def _in_time(post: Post, begins: date, ends: date) -> tuple[int, int, list[str]]:
    """Cases of the post's area that the person disposed of in the period, and the numbers of those that were late then."""
    cases = Case.objects.filter(
        in_subtree("area_path", post.area_path),
        reported_at__gte=_midnight(begins) - OPEN_BEFORE,
        reported_at__lt=_midnight(ends),
    )
    posts = Post.objects.filter(district=post.district, account_id=post.account_id).values_list("id", flat=True)
    rows = Event.objects.filter(
        district=post.district, subject_id__in=list(cases.values_list("id", flat=True)), kind="case.dispose",
        post_id__in=list(posts), at__gte=_midnight(begins), at__lt=_midnight(ends),
    ).order_by("at")  # fmt: skip
    told = list(rows.values_list("subject_id", "data"))
    late = [subject for subject, data in told if data.get("late")]
    numbers = Case.objects.filter(district=post.district, id__in=late).order_by("number")
    return len(told) - len(late), len(told), list(numbers.values_list("number", flat=True)[:MOST_NAMED])


_COUNTED = {"trained": _trained, "in_time": _in_time}


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE)


def mine(actor: Actor) -> list[Assessment]:
    """One's own assessments, the latest first.

    Raises:
        Forbidden, SignInNeeded: the post is none that is assessed.
    """
    policy.require(actor, "assessment.own")
    return list(Assessment.objects.filter(account_id=actor.account_id or UUID(int=0)).order_by("-begins_on"))


def now(actor: Actor) -> list[dict[str, Any]]:
    """What the criteria would come to for oneself if the period ended today; nobody else sees this."""
    policy.require(actor, "assessment.own")
    post = Post.objects.filter(district=actor.district, id=actor.post_id or UUID(int=0)).first()
    return facts(post, *this_period()) if post is not None else []


def member(actor: Actor, post_id: UUID) -> Post:
    """A member's post in the actor's area, whom the actor may assess; never oneself.

    Raises:
        NotFound: there is none.
    """
    policy.require(actor, "assessment.review")
    found = next((post for post in members(actor) if post.id == post_id), None)
    if found is None:
        raise NotFound("post.none", _("There is no such post."))
    return found


def members(actor: Actor) -> list[Post]:
    """The members whom the actor may assess, by place; never oneself."""
    policy.require(actor, "assessment.review")
    return [
        post
        for post in certificates.members(actor.area_path)
        if post.role in ASSESSED and post.account_id != actor.account_id
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one member's assessment is: no result."""

    post: Post
    assessment_id: UUID | None
    state: str


def standing(actor: Actor) -> Sequence[Standing]:
    """How far the assessments of the last period are, by place."""
    begins, _ends = last_period()
    found = members(actor)
    rows = Assessment.objects.filter(
        district__in={post.district for post in found},
        account_id__in=[post.account_id for post in found],
        begins_on=begins,
    )
    known = {row.account_id: row for row in rows.only("id", "account_id", "state", "district")}
    return [
        Standing(post, known[post.account_id].id, known[post.account_id].state)
        if post.account_id in known
        else Standing(post, None, "")
        for post in found
    ]


def objections(actor: Actor) -> list[Assessment]:
    """The objections that the actor may answer, what is due first first."""
    policy.require(actor, "assessment.review")
    rows = Assessment.objects.filter(in_subtree("area_path", actor.area_path), state=AssessmentState.OBJECTED)
    rows = rows.exclude(reviewed_by=actor.account_id or UUID(int=0)).exclude(account_id=actor.account_id or UUID(int=0))
    return list(rows.select_related("account").order_by("answer_by", "id"))
