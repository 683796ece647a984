"""Reads of trainings and certificates: who has to have what, who lacks it, and one's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import district_of, in_subtree, within
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.workforce.models import MEMBERS, Attendance, Certificate, Course, Span, Training

PAGE = 100


def members(path: str) -> list[Post]:
    """One post of each member of an area, without those that were made to cover for others, by place."""
    made = Span.objects.filter(district=district_of(path), made_post=True).values("by_post_id")
    rows = Post.objects.filter(
        in_force(), in_subtree("area_path", path), role__in=MEMBERS, account__is_active=True
    ).exclude(id__in=made)
    found: dict[UUID, Post] = {}
    for post in rows.select_related("account", "area").order_by("area_path", "id"):
        found.setdefault(post.account_id, post)
    return list(found.values())


def lacking(training: Training, path: str, *, on: date | None = None) -> list[Post]:
    """Who has to have a training and has no certificate of it that is good on a day (today), in one area, by place."""
    day = on or time.today()
    needed = [post for post in members(path) if post.role in training.required_of]
    good = _good([training.id], {post.account_id for post in needed}, district=training.district, on=day)
    return [post for post in needed if (training.id, post.account_id) not in good]


def lacks(posts: Iterable[Post], *, on: date | None = None) -> dict[UUID, list[str]]:
    """The titles of the trainings that each post has to have and its holder lacks; two queries for all of them."""
    asked = list(posts)
    if not asked:
        return {}
    day = on or time.today()
    districts = {post.district for post in asked}
    trainings = list(Training.objects.filter(district__in=districts, ended_at__isnull=True).order_by("made_at", "id"))
    if not trainings:
        return {}
    found: dict[UUID, list[str]] = defaultdict(list)
    for district in districts:
        own = [one for one in trainings if one.district == district]
        here = [post for post in asked if post.district == district]
        good = _good([one.id for one in own], {post.account_id for post in here}, district=district, on=day)
        for post in here:
            for one in own:
                needed = post.role in one.required_of and within(post.area_path, one.area_path)
                if needed and (one.id, post.account_id) not in good:
                    found[post.id].append(one.title)
    return dict(found)


def _good(trainings: Sequence[UUID], accounts: set[UUID], *, district: str, on: date) -> set[tuple[UUID, UUID]]:
    rows = Certificate.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=on), district=district, training_id__in=trainings,
        account_id__in=accounts, issued_on__lte=on,
    )  # fmt: skip
    return set(rows.values_list("training_id", "account_id"))


@dataclass(frozen=True, slots=True)
class Needed:
    """A training that concerns somebody: whether they have to have it, their best certificate, and the next course they are asked to."""

    training: Training
    required: bool
    certificate: Certificate | None
    course: Course | None

    @property
    def is_good(self) -> bool:
        """Whether there is a certificate that is good today."""
        one = self.certificate
        return one is not None and (one.expires_on is None or one.expires_on > time.today())


def mine(actor: Actor) -> list[Needed]:
    """The trainings that the actor's post has to have, and those that they were at or are asked to.

    Raises:
        Forbidden, SignInNeeded: the post is none that is trained.
    """
    policy.require(actor, "training.own")
    held: dict[UUID, Certificate] = {}
    account = actor.account_id or UUID(int=0)
    own = Certificate.objects.filter(account_id=account).select_related("training").order_by("issued_on", "id")
    for one in own:
        held[one.training_id] = one
    asked: dict[UUID, Course] = {}
    coming = Attendance.objects.filter(
        account_id=account, course__ends_at__gt=time.now(), course__cancelled_at__isnull=True,
        course__noted_at__isnull=True,
    ).select_related("course__training")  # fmt: skip
    for row in coming.order_by("-course__starts_at"):
        asked[row.course.training_id] = row.course
    offered = {
        one.id: one
        for one in Training.objects.filter(district=actor.district, ended_at__isnull=True)
        if actor.role.value in one.required_of and within(actor.area_path, one.area_path)
    }
    known = (
        {one.training_id: one.training for one in held.values()} | {k: c.training for k, c in asked.items()} | offered
    )
    found = [Needed(known[one], one in offered, held.get(one), asked.get(one)) for one in known]
    return sorted(found, key=lambda one: (one.is_good, one.training.title))


def trainings(actor: Actor) -> list[Training]:
    """The trainings of the actor's area and of those above it, those that hold first."""
    policy.require(actor, "training.keep")
    rows = Training.objects.filter(district=actor.district).order_by("ended_at", "title")
    return [one for one in rows if within(one.area_path, actor.area_path) or within(actor.area_path, one.area_path)][
        :PAGE
    ]


def training(actor: Actor, training_id: UUID) -> Training:
    """One training of the actor's area, or of an area above it.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = next((one for one in trainings(actor) if one.id == training_id), None)
    if found is None:
        raise NotFound("training.none", _("There is no such training, or none that you can see."))
    return found


def courses(actor: Actor, found: Training) -> list[Course]:
    """The courses of a training in the actor's area, the latest first."""
    rows = found.courses.filter(in_subtree("area_path", actor.area_path)).order_by("-starts_at", "id")
    return list(rows[:PAGE])


def course(actor: Actor, course_id: UUID) -> Course:
    """One course in the actor's area.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = Course.objects.filter(id=course_id).select_related("training").first()
    if found is None:
        raise NotFound("training.no_course", _("There is no such course, or none that you can see."))
    policy.require(actor, "training.keep", found, view="training.keep")
    return found


def attended(found: Course) -> list[Attendance]:
    """Who was asked to a course or was there, by place; the caller has shown that it may be seen."""
    return list(found.attendances.select_related("account", "post__area").order_by("post__area_path", "id"))
