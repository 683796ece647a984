"""Reads for the administrators' screens: lists with a search, and no personal data in clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, Role, policy
from linli.people.models import (
    Account,
    DeviceSession,
    LinkedIdentity,
    Organisation,
    Post,
    RecoveryCode,
    SecondFactor,
)
from linli.people.queries.acting import in_force

GRID_MEMBERS = (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER)
"""Whose phones carry work through the streets: their community and subdistrict may end the sign-in of a lost one."""


def _reach(actor: Actor, verb: str, field: str = "area_path") -> Q:
    """What the policy table lets the actor see of rows with an area path."""
    reaches = policy.reach(actor, verb)
    if "city" in reaches or "any" in reaches:
        return Q()
    if "area" in reaches and actor.area_path:
        return in_subtree(field, actor.area_path)
    return Q(pk__in=[])


def posts_matching(
    actor: Actor, *, words: str = "", role: Role | None = None, area_path: str = "", ended: bool = False
) -> QuerySet[Post]:
    """Posts that the actor may see, by name, login, organisation or title; in force, or with those that have ended."""
    found = Post.objects.select_related("account", "organisation", "area").filter(_reach(actor, "post.view"))
    if not ended:
        found = found.filter(in_force())
    if role:
        found = found.filter(role=role.value)
    if area_path:
        found = found.filter(in_subtree("area_path", area_path))
    for word in words.split():
        found = found.filter(
            Q(account__work_name__icontains=word)
            | Q(account__login__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(title__icontains=word)
            | Q(area_path__startswith=word)
        )
    return found.order_by("area_path", "role", "id")


def organisations_matching(
    actor: Actor, *, words: str = "", kind: str = "", area_path: str = ""
) -> QuerySet[Organisation]:
    """Organisations at work that the actor may see, by name or code."""
    found = Organisation.objects.select_related("type", "area").filter(_reach(actor, "post.view"), in_force())
    if kind:
        found = found.filter(type_id=kind)
    if area_path:
        found = found.filter(in_subtree("area_path", area_path))
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(code__icontains=word))
    return found.order_by("area_path", "type__position", "id")


def accounts_matching(actor: Actor, *, words: str = "") -> QuerySet[Account]:
    """Accounts by login or work name, for whoever may see accounts; residents' names are sealed and cannot be searched."""
    if not policy.allows(actor, "account.view"):
        return Account.objects.none()
    found = Account.objects.all()
    for word in words.split():
        found = found.filter(Q(login__icontains=word) | Q(work_name__icontains=word))
    return found.order_by("login")


def phones_matching(actor: Actor, *, words: str = "") -> QuerySet[DeviceSession]:
    """Where the grid members are signed in whose sign-ins the actor may end; the last used first."""
    posts = Post.objects.filter(_reach(actor, "session.end"), in_force(), role__in=GRID_MEMBERS)
    found = DeviceSession.objects.select_related("account").filter(
        account_id__in=posts.values("account_id"), ended_at__isnull=True, expires_at__gt=time.now()
    )
    for word in words.split():
        found = found.filter(Q(account__work_name__icontains=word) | Q(account__login__icontains=word))
    return found.order_by("-last_seen_at", "id")


def devices_of(account_id: UUID) -> list[DeviceSession]:
    """The devices on which an account is signed in, the last used first."""
    return list(DeviceSession.objects.filter(account_id=account_id, ended_at__isnull=True).order_by("-last_seen_at"))


@dataclass(frozen=True, slots=True)
class Safety:
    """How safely an account is signed in to."""

    since: datetime | None
    """When its second factor was set up; ``None`` while there is none."""
    codes_left: int
    links: list[LinkedIdentity]


def has_second_factor(account_id: UUID) -> bool:
    """Whether an account's second factor is in force."""
    return SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists()


def safety_of(account_id: UUID) -> Safety:
    """Second factor, recovery codes that are left, and linked accounts of providers."""
    factor = SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).first()
    codes = RecoveryCode.objects.filter(factor=factor, used_at__isnull=True).count() if factor else 0
    links = list(LinkedIdentity.objects.filter(account_id=account_id).order_by("linked_at"))
    return Safety(since=factor.confirmed_at if factor else None, codes_left=codes, links=links)
