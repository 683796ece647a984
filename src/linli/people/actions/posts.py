"""Organisations and posts: who acts for whom, where, from when to when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.db import within
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.trust import Actor, Role, audit, policy
from linli.people.models import ADMINISTRATORS, Account, Organisation, OrganisationType, Post
from linli.people.queries.acting import in_force
from linli.people.queries.responsible import functions
from linli.people.snapshot import changed
from linli.territory.models import Area

_DIALLED = re.compile(r"\+?[0-9](?:[ -]?[0-9]){2,18}")
NOT_APPOINTED = frozenset({Role.ANONYMOUS, Role.RESIDENT, Role.MACHINE, Role.SYSTEM})
"""Roles that nobody's post has."""


def area_in_force(district: str, path: str, *, day: date | None = None) -> Area:
    """The area of a path on a day, today unless told.

    Raises:
        Invalid: there is none.
    """
    day = day or time.today()
    held = Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))
    area = Area.objects.filter(held, district=district, path=path).first()
    if area is None:
        raise Invalid("area.none", _("There is no such area."), field="area_path")
    return area


def create_organisation(
    actor: Actor,
    *,
    district: str,
    kind: str,
    code: str,
    name: str,
    area_path: str,
    name_en: str = "",
    function: str = "",
    parent_id: UUID | None = None,
    starts_on: date | None = None,
) -> Organisation:
    """Put an organisation on an area.

    Args:
        kind: code of an organisation type.
        code: unique in the district.
        function: for a department: what it does, as the catalogue names it.
        starts_on: today unless told.

    Raises:
        Invalid: the type, function, area or parent does not exist.
        Conflict: the code is taken.
    """
    policy.require(actor, "organisation.edit")
    if function and function not in functions():
        raise Invalid("organisation.function", _("There is no such function."), field="function")
    with transaction.atomic():
        if not OrganisationType.objects.filter(code=kind).exists():
            raise Invalid("organisation.type", _("There is no such type of organisation."), field="kind")
        area = area_in_force(district, area_path)
        if parent_id and not Organisation.objects.filter(district=district, id=parent_id).exists():
            raise Invalid("organisation.parent", _("There is no such organisation."), field="parent")
        if not name.strip() or not code.strip():
            raise Invalid("organisation.name", _("Please give a name and a code."), field="name")
        organisation = Organisation(
            id=ids.new_id(),
            district=district,
            type_id=kind,
            code=code.strip()[:64],
            name=name.strip()[:120],
            name_en=name_en.strip()[:160],
            function=function,
            area=area,
            area_path=area.path,
            parent_id=parent_id,
            starts_on=starts_on or time.today(),
        )
        try:
            with transaction.atomic():
                organisation.save(force_insert=True)
        except IntegrityError:
            raise Conflict("organisation.code", _("This code is taken."), field="code") from None
        audit.record(
            actor, "organisation.create", subject_type="organisation", subject_id=organisation.id, district=district
        )
        _tell_organisation(actor, "organisation.created", organisation)
    return organisation


def end_organisation(actor: Actor, organisation_id: UUID, *, district: str, version: int, reason: str) -> Organisation:
    """End an organisation today.

    Raises:
        Conflict: posts are still held in it.
        NotFound: there is none.
        Stale: it changed since ``version``.
    """
    policy.require(actor, "organisation.edit")
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().filter(district=district, id=organisation_id).first()
        if organisation is None or organisation.ends_on is not None:
            raise NotFound("organisation.none", _("There is no such organisation."))
        _fresh(organisation.version, version)
        if Post.objects.filter(in_force(), district=district, organisation=organisation).exists():
            raise Conflict(
                "organisation.posts",
                _("Posts are still held in this organisation."),
                mend=_("End them first."),
            )
        organisation.ends_on = max(time.today(), organisation.starts_on)
        organisation.version += 1
        organisation.save(update_fields=["ends_on", "version"])
        audit.record(
            actor,
            "organisation.end",
            subject_type="organisation",
            subject_id=organisation.id,
            district=district,
            purpose=reason.strip()[:200],
        )
        _tell_organisation(actor, "organisation.ended", organisation)
    return organisation


def appoint(
    actor: Actor,
    *,
    account_id: UUID,
    role: Role,
    district: str,
    organisation_id: UUID,
    area_path: str,
    title: str = "",
    full_time: bool = True,
    starts_on: date | None = None,
    ends_on: date | None = None,
    public_phone: str = "",
) -> Post:
    """Give a person a post: role × organisation × area × term.

    Args:
        area_path: what the post is responsible for; inside the organisation's area.
        starts_on: today unless told.
        ends_on: the first day on which it is no longer held; open unless told.
        public_phone: the work number that residents ring; empty: none is published.

    Raises:
        Invalid: the number is none, the role is nobody's post, the term is empty, or organisation or area do not exist or do not fit.
        NotFound: there is no such account.
        Conflict: the person holds this post already, or one of the other two administrators' posts.
    """
    policy.require(actor, "post.appoint")
    starts_on = starts_on or time.today()
    if role in NOT_APPOINTED:
        raise Invalid("post.role", _("Nobody is appointed to this role."), field="role")
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid("post.term", _("The term ends before it begins."), field="ends_on")
    with transaction.atomic():
        # The account's row is locked, so that two appointments at once cannot get round the separation of duties.
        account = Account.objects.select_for_update().filter(id=account_id, is_active=True).first()
        if account is None:
            raise NotFound("account.none", _("There is no such account."))
        organisation = Organisation.objects.filter(in_force(), district=district, id=organisation_id).first()
        if organisation is None:
            raise Invalid("organisation.none", _("There is no such organisation."), field="organisation")
        area = area_in_force(district, area_path, day=max(starts_on, time.today()))
        if not within(area.path, organisation.area_path):
            raise Invalid("post.area", _("The area does not belong to this organisation."), field="area_path")
        _keep_apart(account_id, role, starts_on, ends_on)
        post = Post(
            id=ids.new_id(),
            district=district,
            account=account,
            role=role.value,
            organisation=organisation,
            area=area,
            area_path=area.path,
            title=title.strip()[:60],
            full_time=full_time,
            starts_on=starts_on,
            ends_on=ends_on,
            public_phone=_public_number(public_phone),
        )
        try:
            with transaction.atomic():
                post.save(force_insert=True)
        except IntegrityError as error:
            if "three_administrators" in str(error):
                raise _apart() from None
            raise Conflict("post.held", _("This person holds this post in that time already.")) from None
        audit.record(
            actor,
            "post.appoint",
            subject_type="post",
            subject_id=post.id,
            district=district,
            person_id=account_id,
            detail={"role": role.value, "area_path": area.path},
        )
        _tell(actor, "post.appointed", post)
    return post


def _keep_apart(account_id: UUID, role: Role, starts_on: date, ends_on: date | None) -> None:
    """Refuse a second one of the three administrators' roles at the same time, in whatever district."""
    if role not in ADMINISTRATORS:
        return
    others = [other.value for other in ADMINISTRATORS if other != role]
    overlap = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
    if ends_on is not None:
        overlap &= Q(starts_on__lt=ends_on)
    if Post.objects.filter(overlap, account_id=account_id, role__in=others).exists():
        raise _apart()


def _apart() -> Conflict:
    return Conflict(
        "post.separation",
        _("The administrators of the system, of security and of audit are three separate people."),
        field="role",
        mend=_("Appoint somebody else, or end the other post first."),
    )


def end_post(
    actor: Actor, post_id: UUID, *, district: str, version: int, reason: str, ends_on: date | None = None
) -> Post:
    """End a post: today and at once, or from a later day.

    Args:
        ends_on: the first day on which it is no longer held.
        version: what the administrator saw.

    Raises:
        Invalid: the day is past, or no reason is given.
        NotFound: there is no such post in force.
        Stale: it changed since.
    """
    policy.require(actor, "post.appoint")
    today = time.today()
    ends_on = ends_on or today
    if ends_on < today:
        raise Invalid("post.past", _("A post cannot end in the past."), field="ends_on")
    if not reason.strip():
        raise Invalid("post.reason", _("Please give a reason."), field="reason")
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(district=district, id=post_id).first()
        if post is None or (post.ends_on is not None and post.ends_on <= today):
            raise NotFound("post.none", _("There is no such post."))
        _fresh(post.version, version)
        post.ends_on = max(ends_on, post.starts_on)
        post.end_reason = reason.strip()[:200]
        post.version += 1
        post.save(update_fields=["ends_on", "end_reason", "version"])
        audit.record(
            actor,
            "post.end",
            subject_type="post",
            subject_id=post.id,
            district=district,
            person_id=post.account_id,
            purpose=post.end_reason,
        )
        _tell(actor, "post.ended", post)
    return post


def reinstate_post(actor: Actor, post_id: UUID, *, district: str, reason: str, ends_on: date | None = None) -> Post:
    """Take back the end of a post that ended today.

    Args:
        ends_on: the first day on which it is no longer held; open unless told.

    Raises:
        Conflict: the person holds the same post again already.
        NotFound: there is no such post that ended today.
    """
    policy.require(actor, "post.appoint")
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(district=district, id=post_id, ends_on=time.today()).first()
        if post is None:
            raise NotFound("post.none", _("There is no such post."))
        post.ends_on, post.end_reason = ends_on, ""
        post.version += 1
        try:
            with transaction.atomic():
                post.save(update_fields=["ends_on", "end_reason", "version"])
        except IntegrityError:
            raise Conflict("post.held", _("This person holds this post in that time already.")) from None
        audit.record(
            actor,
            "post.reinstate",
            subject_type="post",
            subject_id=post.id,
            district=district,
            person_id=post.account_id,
            purpose=reason.strip()[:200],
        )
        _tell(actor, "post.reinstated", post)
    return post


def publish_post_phone(actor: Actor, post_id: UUID, *, district: str, phone: str) -> Post:
    """Publish the work number that residents ring for a post, or take it back with ``""``.

    Raises:
        Invalid: it is no number.
        NotFound: there is no such post in force.
    """
    policy.require(actor, "post.appoint")
    wanted = _public_number(phone)
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(in_force(), district=district, id=post_id).first()
        if post is None:
            raise NotFound("post.none", _("There is no such post."))
        post.public_phone = wanted
        post.version += 1
        post.save(update_fields=["public_phone", "version"])
        audit.record(
            actor,
            "post.publish_phone",
            subject_type="post",
            subject_id=post.id,
            district=district,
            person_id=post.account_id,
        )
        _tell(actor, "post.phone_published", post)
    return post


def publish_organisation_phone(actor: Actor, organisation_id: UUID, *, district: str, phone: str) -> Organisation:
    """Publish the number of an organisation that residents ring, or take it back with ``""``.

    Raises:
        Invalid: it is no number.
        NotFound: there is no such organisation at work.
    """
    policy.require(actor, "organisation.edit")
    wanted = _public_number(phone)
    with transaction.atomic():
        found = (
            Organisation.objects.select_for_update().filter(in_force(), district=district, id=organisation_id).first()
        )
        if found is None:
            raise NotFound("organisation.none", _("There is no such organisation."))
        found.public_phone = wanted
        found.version += 1
        found.save(update_fields=["public_phone", "version"])
        audit.record(
            actor, "organisation.publish_phone", subject_type="organisation", subject_id=found.id, district=district
        )
        _tell_organisation(actor, "organisation.phone_published", found)
    return found


def _public_number(phone: str) -> str:
    phone = phone.strip()
    if phone and not _DIALLED.fullmatch(phone):
        raise Invalid(
            "phone.invalid",
            _("This is not a telephone number."),
            field="phone",
            mend=_("Please enter figures, with the area code, for example 028-85001234."),
        )
    return phone


def switch_post(actor: Actor, post_id: UUID | None) -> Post | None:
    """Act through another of one's own posts from now on; ``None`` to act as a resident.

    Raises:
        NotFound: it is not one's own, or not in force.
    """
    if actor.account_id is None:
        raise NotFound("post.none", _("There is no such post."))
    if post_id is None:
        return None
    with transaction.atomic():
        post = (
            Post.objects.select_related("account")
            .filter(in_force(), id=post_id, account_id=actor.account_id, account__is_active=True)
            .first()
        )
        if post is None:
            raise NotFound("post.none", _("There is no such post."))
        audit.record(
            actor,
            "post.switch",
            subject_type="post",
            subject_id=post.id,
            district=post.district,
            person_id=actor.account_id,
        )
    return post


def move_posts(actor: Actor, *, district: str, old_path: str, new_paths: Iterable[str], day: date) -> int:
    """After a regrouping: end the posts on an area that is no more, and begin the same ones on what follows it.

    Nothing is rewritten: the old posts stay as they were up to ``day``. Repeating it changes nothing.

    Args:
        old_path: the area that ended on ``day``.
        new_paths: the areas that took over; a member of the old one serves each of them.

    Returns:
        How many posts ended.
    """
    followers = sorted(set(new_paths))
    ended = 0
    with transaction.atomic():
        held = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
        posts = list(Post.objects.select_for_update().filter(held, district=district, area_path=old_path))
        areas = [area_in_force(district, path, day=day) for path in followers]
        for post in posts:
            until = post.ends_on
            post.ends_on = max(day, post.starts_on)
            post.end_reason = "regrouped"
            post.version += 1
            post.save(update_fields=["ends_on", "end_reason", "version"])
            _tell(actor, "post.ended", post)
            ended += 1
            for area in areas:
                if _held_from(post, area, day):  # two merged grids can have had the same member
                    continue
                Post.objects.create(
                    id=ids.new_id(),
                    district=district,
                    account_id=post.account_id,
                    role=post.role,
                    organisation_id=post.organisation_id,
                    area=area,
                    area_path=area.path,
                    title=post.title,
                    public_phone=post.public_phone,
                    full_time=post.full_time,
                    starts_on=max(day, post.starts_on),
                    ends_on=until,
                    is_synthetic=post.is_synthetic,
                )
        if ended:
            changed("posts")
    return ended


def _held_from(post: Post, area: Area, day: date) -> bool:
    """Whether the holder of ``post`` has the same one on ``area`` on ``day`` or later."""
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
    return Post.objects.filter(
        later,
        district=post.district,
        account_id=post.account_id,
        role=post.role,
        organisation_id=post.organisation_id,
        area_path=area.path,
    ).exists()


def _fresh(current: int, seen: int) -> None:
    if current != seen:
        raise Stale(
            "stale",
            _("Somebody changed this meanwhile."),
            mend=_("Look at it again, then decide."),
            extra={"version": current},
        )


def _tell(actor: Actor, kind: str, post: Post) -> None:
    events.append(
        kind,
        subject_type="post",
        subject_id=post.id,
        sequence=post.version,
        district=post.district,
        area_path=post.area_path,
        actor=actor,
        data={"role": post.role, "organisation": str(post.organisation_id)},
    )
    changed("posts")


def _tell_organisation(actor: Actor, kind: str, organisation: Organisation) -> None:
    events.append(
        kind,
        subject_type="organisation",
        subject_id=organisation.id,
        sequence=organisation.version,
        district=organisation.district,
        area_path=organisation.area_path,
        actor=actor,
        data={"type": organisation.type_id, "function": organisation.function},
    )
    changed("organisations", district=organisation.district)
