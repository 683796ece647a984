"""Training: what the posts of an area have to learn, courses with whoever lacks it asked to come, and certificates that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.workforce import certificates
from linli.workforce.models import MEMBERS, Attendance, Certificate, Course, Training
from linli.workforce.validity import expires

REMINDED = timedelta(days=45)
"""How long before its end somebody is reminded of a certificate."""
AHEAD = timedelta(days=366)
MOST_ASKED = 500
MOST_MATERIALS = 8
MOST_MONTHS = 120
BATCH = 200


def offer(
    actor: Actor,
    training_id: UUID,
    *,
    title: str,
    about: str,
    materials: Sequence[tuple[str, str]],
    required_of: Sequence[str],
    hours: int,
    valid_months: int | None,
) -> Training:
    """Set up a training for the post's own area; once for the id.

    Args:
        materials: title and address (``https://``) of what there is to read.
        required_of: roles that have to have it; none for a free one.
        valid_months: how long a certificate is good, 1 to 120; ``None`` for ever.

    Raises:
        Invalid: a field is wrong.
    """
    policy.require(actor, "training.keep")
    name = " ".join(title.split())
    if not 2 <= len(name) <= 80:
        raise Invalid("training.title", _("Give it a name of 2 to 80 characters."), field="title")
    if set(required_of) - {role.value for role in MEMBERS}:
        raise Invalid("training.roles", _("There is no such post to train."), field="required_of")
    if not 1 <= hours <= 200:
        raise Invalid("training.hours", _("Give the hours, 1 to 200."), field="hours")
    if valid_months is not None and not 1 <= valid_months <= MOST_MONTHS:
        raise Invalid("training.months", _("Give months from 1 to 120, or none."), field="valid_months")
    with transaction.atomic():
        first = Training.objects.filter(district=actor.district, id=training_id).first()
        if first is not None:
            return first
        made = Training.objects.create(
            id=training_id, district=actor.district, area_path=actor.area_path, title=name, about=" ".join(about.split())[:500],
            materials=_materials(materials), required_of=sorted(set(required_of)), hours=hours, valid_months=valid_months,
            made_at=time.now(),
        )  # fmt: skip
        _tell(actor, "training.offered", made.district, made.area_path, "training", made.id, {})
    return made


def _materials(given: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    found = []
    for title, url in given[:MOST_MATERIALS]:
        address = url.strip()
        if not address:
            continue
        if not address.startswith("https://") or len(address) > 500 or any(sign.isspace() for sign in address):
            raise Invalid(
                "training.material", _("An address begins with https:// and has no blanks."), field="materials"
            )
        found.append({"title": " ".join(title.split())[:80] or address[8:88], "url": address})
    return found


def end(actor: Actor, training_id: UUID) -> Training:
    """Need a training no longer; certificates of it stay.

    Raises:
        NotFound: there is none in the post's area.
        Conflict: it has ended.
    """
    with transaction.atomic():
        found = _training(actor, training_id)
        found.ended_at = time.now()
        found.save(update_fields=["ended_at"])
        _tell(actor, "training.ended", found.district, found.area_path, "training", found.id, {}, sequence=2)
    return found


def hold(
    actor: Actor, training_id: UUID, *, course_id: UUID, day: date, begins: clock_time, ends: clock_time, place: str
) -> Course:
    """Set a course of a training, and ask everybody to it who has to have it and lacks it; once for the id.

    Args:
        begins, ends: local times of the day.

    Raises:
        NotFound: there is no such training in the post's area.
        Invalid: the day is past or too far, the times are the wrong way round, or no place is given.
    """
    where = " ".join(place.split())
    if not time.today() <= day <= time.today() + AHEAD:
        raise Invalid("training.day", _("Choose a day from today to a year ahead."), field="day")
    if ends <= begins:
        raise Invalid("training.times", _("It ends before it begins."), field="ends")
    if not 2 <= len(where) <= 120:
        raise Invalid("training.place", _("Say where it is."), field="place")
    with transaction.atomic():
        training = _training(actor, training_id)
        first = Course.objects.filter(district=training.district, id=course_id).first()
        if first is not None:
            return first
        made = Course.objects.create(
            id=course_id, district=training.district, training=training, area_path=actor.area_path,
            starts_at=datetime.combine(day, begins, tzinfo=time.LOCAL_ZONE),
            ends_at=datetime.combine(day, ends, tzinfo=time.LOCAL_ZONE), place=where, made_at=time.now(),
        )  # fmt: skip
        asked = certificates.lacking(training, actor.area_path, on=day)[:MOST_ASKED]
        Attendance.objects.bulk_create(
            Attendance(id=ids.new_id(), district=made.district, course=made, account_id=post.account_id, post=post)
            for post in asked
        )
        data = {"posts": [str(post.id) for post in asked], "day": day.isoformat()}
        _tell(actor, "training.invited", made.district, made.area_path, "course", made.id, data)
    return made


def note(actor: Actor, course_id: UUID, *, accounts: Sequence[UUID]) -> Course:
    """Note who was at a course, once; each gets a certificate, good for as long as the training says.

    Args:
        accounts: those who were there, of those who were asked or who work in the course's area.

    Raises:
        NotFound: there is no such course in the post's area.
        Conflict: it has not begun, was noted or called off.
        Invalid: somebody is not of this area.
    """
    with transaction.atomic():
        found = _course(actor, course_id)
        if found.starts_at > time.now():
            raise Conflict("training.not_yet", _("This course has not begun."))
        there = set(accounts)
        posts = {post.account_id: post for post in certificates.members(found.area_path)}
        for one in found.attendances.select_related("post"):
            posts.setdefault(one.account_id, one.post)
        if there - set(posts):
            raise Invalid("training.stranger", _("Somebody on the list is not of your area."), field="people")
        known = {one.account_id: one for one in found.attendances.all()}
        for account in there - set(known):
            known[account] = Attendance.objects.create(
                id=ids.new_id(), district=found.district, course=found, account_id=account, post=posts[account]
            )
        for account, one in known.items():
            one.attended = account in there
        Attendance.objects.bulk_update(known.values(), ["attended"])
        issued = found.starts_at.astimezone(time.LOCAL_ZONE).date()
        Certificate.objects.bulk_create(
            Certificate(
                id=ids.new_id(), district=found.district, training=found.training, course=found, account_id=account,
                post=posts[account], issued_on=issued, expires_on=expires(issued, found.training.valid_months),
            )
            for account in sorted(there)
        )  # fmt: skip
        found.noted_at = time.now()
        found.save(update_fields=["noted_at"])
        audit.record(
            actor, "training.note", subject_type="course", subject_id=found.id, district=found.district,
            detail={"people": len(there)},
        )  # fmt: skip
        _tell(actor, "training.held", found.district, found.area_path, "course", found.id, {}, sequence=2)
    return found


def call_off(actor: Actor, course_id: UUID) -> Course:
    """Call off a course that was not held.

    Raises:
        NotFound: there is no such course in the post's area.
        Conflict: it was noted or called off.
    """
    with transaction.atomic():
        found = _course(actor, course_id)
        found.cancelled_at = time.now()
        found.save(update_fields=["cancelled_at"])
        _tell(actor, "training.called_off", found.district, found.area_path, "course", found.id, {}, sequence=2)
    return found


def remind() -> int:
    """Remind those whose certificates end soon and who have no later one, each once; returns how many rows were looked at."""
    today = time.today()
    due = Certificate.objects.filter(
        reminded_at__isnull=True,
        expires_on__lte=today + REMINDED,
        expires_on__gt=today,
        training__ended_at__isnull=True,
    ).order_by("expires_on", "id")
    done = 0
    for district, certificate_id in list(due.values_list("district", "id")[:BATCH]):
        with transaction.atomic():
            one = (
                Certificate.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(district=district, id=certificate_id, reminded_at__isnull=True)
                .select_related("post")
                .first()
            )
            if one is None:
                continue
            later = Certificate.objects.filter(
                district=district, training_id=one.training_id, account_id=one.account_id
            )
            one.reminded_at = time.now()
            one.save(update_fields=["reminded_at"])
            if not later.filter(issued_on__gt=one.issued_on).exists():
                data = {"post": str(one.post_id), "day": str(one.last_day)}
                _tell(
                    SYSTEM, "certificate.ending", district, one.post.area_path, "certificate", one.id, data, sequence=1
                )
            done += 1
    return done


def _training(actor: Actor, training_id: UUID) -> Training:
    found = Training.objects.select_for_update().filter(id=training_id).first()
    if found is None:
        raise NotFound("training.none", _("There is no such training, or none that you can see."))
    policy.require(actor, "training.keep", found, view="training.keep")
    if found.ended_at is not None:
        raise Conflict("training.over", _("This training has ended."))
    return found


def _course(actor: Actor, course_id: UUID) -> Course:
    found = Course.objects.select_for_update(of=("self",)).filter(id=course_id).select_related("training").first()
    if found is None:
        raise NotFound("training.no_course", _("There is no such course, or none that you can see."))
    policy.require(actor, "training.keep", found, view="training.keep")
    if found.noted_at or found.cancelled_at:
        raise Conflict("training.closed", _("This course was noted already, or called off."))
    return found


def _tell(
    actor: Actor,
    kind: str,
    district: str,
    path: str,
    what: str,
    subject: UUID,
    data: dict[str, Any],
    *,
    sequence: int = 1,
) -> None:
    events.append(
        kind, subject_type=what, subject_id=subject, sequence=sequence, district=district or district_of(path), area_path=path,
        actor=actor, data=data,
    )  # fmt: skip
