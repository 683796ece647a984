"""Who acts: from an account and a post, from a session, from a machine's token; one query each."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from linli.kernel import time
from linli.kernel.db import district_of
from linli.kernel.trust import Actor, Role
from linli.people.models import Account, Post, Token

USED_EVERY = timedelta(minutes=10)
"""How closely the last use of a key is known."""


_ACCOUNT, _POST, _DISTRICT, _DAY = UUID(int=1), UUID(int=2), "999999", date(2000, 1, 1)
"""Stand for an account, a post, a district and today in a statement that is kept."""


def in_force() -> Q:
    """The condition that a post or an organisation is in force today."""
    today = time.today()
    return Q(starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gt=today))


def actor_of_post(post: Post, *, request_id: str = "") -> Actor:
    """The actor of a post whose account is at hand."""
    return Actor(
        role=Role(post.role),
        account_id=post.account_id,
        post_id=post.id,
        organisation_id=post.organisation_id,
        area_path=post.area_path,
        district=post.district,
        name=post.account.work_name,
        request_id=request_id,
    )


def resident(account: Account, *, request_id: str = "") -> Actor:
    """The actor of an account that acts through no post: a resident, who reaches what is their own."""
    return Actor(
        role=Role.RESIDENT,
        account_id=account.id,
        district=district_of(account.home_path) if account.home_path else "",
        request_id=request_id,
    )


def actor_for(account: Account, *, post_id: UUID | None = None, district: str = "", request_id: str = "") -> Actor:
    """The actor of an account, through a post when it names one that is in force, else as a resident."""
    found = _posts(account.id, post_id, district) if post_id else None
    post = found.first() if found is not None else None
    return actor_of_post(post, request_id=request_id) if post else resident(account, request_id=request_id)


def session_actor(
    account_id: UUID, *, post_id: UUID | None, district: str, request_id: str = ""
) -> tuple[Account, Actor] | None:
    """The account and actor of a session; ``None`` when there is no such active account.

    One query while the post is in force, so that a post that ended, or an account that was closed, stops at once.
    """
    if post_id:
        post = _held(account_id, post_id, district)
        if post:
            return post.account, actor_of_post(post, request_id=request_id)
    account = Account.objects.filter(id=account_id, is_active=True).first()
    return (account, resident(account, request_id=request_id)) if account else None


def _posts(account_id: UUID, post_id: UUID, district: str) -> QuerySet[Post]:
    scope = {"district": district} if district else {}
    return Post.objects.select_related("account").filter(
        in_force(), id=post_id, account_id=account_id, account__is_active=True, **scope
    )


def _held(account_id: UUID, post_id: UUID, district: str) -> Post | None:
    # Asked with every page: the statement is made once, and filled in.
    from django.db import connection

    sql, stand_ins = _held_for(district and _DISTRICT)
    known: dict[Any, Any] = {_ACCOUNT: account_id, _POST: post_id, _DISTRICT: district, _DAY: time.today()}
    with connection.cursor() as cursor:
        cursor.execute(sql, [known.get(value, value) for value in stand_ins])
        row = cursor.fetchone()
    if row is None:
        return None
    names = _columns(Post)
    post = Post.from_db("default", names, row[: len(names)])
    post.account = Account.from_db("default", _columns(Account), row[len(names) :])
    return post


@lru_cache(maxsize=2)
def _held_for(in_district: str) -> tuple[str, Sequence[Any]]:
    with time.at(datetime(_DAY.year, _DAY.month, _DAY.day, 4, tzinfo=UTC)):
        posts = _posts(_ACCOUNT, _POST, in_district)
    of_account = [f"account__{name}" for name in _columns(Account)]
    made: tuple[str, Sequence[Any]] = posts.values_list(*_columns(Post), *of_account)[:1].query.sql_with_params()
    return made


@lru_cache(maxsize=2)
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def posts_named(names: Iterable[str], *, districts: Iterable[str]) -> dict[str, list[Actor]]:
    """The posts in force in these districts whose holder, or whose title, bears one of the names; one query."""
    wanted = set(names)
    rows = Post.objects.filter(
        in_force(),
        Q(account__work_name__in=wanted) | Q(title__in=wanted),
        district__in=set(districts),
        account__is_active=True,
    ).select_related("account")
    found: dict[str, list[Actor]] = {}
    for post in rows:
        for name in {post.account.work_name, post.title} & wanted:
            found.setdefault(name, []).append(actor_of_post(post))
    return found


def posts_of(account_id: UUID) -> list[Post]:
    """The posts that an account holds today, the longest held first, with their organisations."""
    return list(
        Post.objects.select_related("organisation", "area", "account")
        .filter(in_force(), account_id=account_id)
        .order_by("starts_on", "id")
    )


def token_hash(token: str) -> bytes:
    """What is kept of a token: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def token_actor(token: str, *, request_id: str = "") -> tuple[Account | None, Actor] | None:
    """The account and actor of a machine's token; ``None`` when it is unknown, over or ended."""
    now = time.now()
    found = (
        Token.objects.select_related("account")
        .filter(token_hash=token_hash(token), ended_at__isnull=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .first()
    )
    if found is None or (found.account and not found.account.is_active):
        return None
    if found.last_used_at is None or now - found.last_used_at > USED_EVERY:
        # At most one write in ten minutes, whoever of several processes comes first.
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USED_EVERY)
        Token.objects.filter(stale, id=found.id).update(last_used_at=now)
    scopes = frozenset(found.scopes)
    if found.account is None:
        path = found.machine_path
        machine = Actor(
            role=Role.MACHINE,
            area_path=path,
            district=district_of(path),
            name=found.name,
            request_id=request_id,
            scopes=scopes,
        )
        return None, machine
    if found.post_id:
        post = _posts(found.account.id, found.post_id, found.post_district).first()
        if post is None:
            return None
        actor = actor_of_post(post, request_id=request_id)
    else:
        actor = resident(found.account, request_id=request_id)
    return found.account, dataclasses.replace(actor, scopes=scopes)
