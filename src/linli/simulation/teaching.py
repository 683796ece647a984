"""Training and assessment in the demo: two courses that were held with their certificates, one to come, a few members assessed."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import time as clock_time
from importlib import resources
from typing import Any
from uuid import UUID

import yaml

from linli.kernel import ids, time
from linli.kernel.trust import Actor, Role
from linli.people.models import Account, Post
from linli.people.queries.acting import actor_of_post, posts_of
from linli.workforce import assessing, assessments, certificates
from linli.workforce.actions import assessment, training
from linli.workforce.models import Assessment, Certificate, Course, Training

ASSESSED = 4
EARLIER, LATELY = timedelta(days=24), timedelta(days=3)
"""How long before now members were assessed: the cast's own so late that its term to object still runs."""
ABOUT = "trained"
MORNING, NOON = clock_time(9), clock_time(11, 30)


def teach(district: str, *, now: datetime, micro_grid: str, trainer: str = "xiaoxu", second: str = "liu") -> str:
    """Make what is not there yet; repeatable.

    Args:
        micro_grid: where the cast works; its community is the one that is trained.
        trainer: login of the community worker who trains and assesses.
        second: login of who answers an objection.
    """
    if not Training.objects.filter(district=district).exists():
        told = yaml.safe_load(resources.files("linli.simulation").joinpath("data/training.yaml").read_text("utf-8"))
        worker, officer = (
            actor_of_post(posts_of(Account.objects.get(login=login).id)[0]) for login in (trainer, second)
        )
        with time.at(now):
            _begins, ends = assessments.last_period()
            people = certificates.members(worker.area_path)
        people.sort(key=lambda post: post.area_path != micro_grid)  # the cast's own grid first
        members = [post for post in people if post.role == Role.MICRO_GRID_MEMBER]
        closing = datetime(ends.year, ends.month, ends.day, 8, tzinfo=time.LOCAL_ZONE)
        for one in told["trainings"]:
            _train(
                worker,
                one,
                closing=closing,
                now=now,
                missing={post.account_id for n, post in enumerate(members) if n in one["missing"]},
            )
        _assess(worker, officer, members[:ASSESSED], told["assessment"], now=now)
    counts = [model.objects.filter(district=district).count() for model in (Course, Certificate, Assessment)]
    return "{} courses, {} certificates, {} assessments".format(*counts)


def _train(worker: Actor, told: dict[str, Any], *, closing: datetime, now: datetime, missing: set[UUID]) -> None:
    held = "held" in told
    day = closing - timedelta(days=told["held"]) if held else now + timedelta(days=told["coming"])
    with time.at(min(day - timedelta(days=14), now)):
        made = training.offer(
            worker, ids.new_id(), title=told["title"], about=told["about"], materials=[], required_of=told["required_of"],
            hours=told["hours"], valid_months=told["valid_months"],
        )  # fmt: skip
        course = training.hold(
            worker, made.id, course_id=ids.new_id(), day=day.astimezone(time.LOCAL_ZONE).date(), begins=MORNING, ends=NOON,
            place=told["place"],
        )  # fmt: skip
    if held:
        with time.at(day + timedelta(days=1)):
            asked = course.attendances.values_list("account_id", flat=True)
            training.note(worker, course.id, accounts=[one for one in asked if one not in missing])


def _assess(worker: Actor, officer: Actor, members: list[Post], told: dict[str, Any], *, now: datetime) -> None:
    for number, post in enumerate(members):
        with time.at(now - (EARLIER if number else LATELY)):
            done = assessment.review(worker, post.id, words=told["words"][number % len(told["words"])])
        if number and any((fact["code"], fact["outcome"]) == (ABOUT, assessing.NOT_MET) for fact in done.facts):
            with time.at(now - EARLIER + timedelta(days=2)):
                assessment.object_to(actor_of_post(post), done.id, about=ABOUT, words=told["objection"])
            with time.at(now - EARLIER + timedelta(days=4)):
                assessment.answer(officer, done.id, upheld=True, words=told["answer"])
