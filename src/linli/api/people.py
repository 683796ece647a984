"""Organisations, posts, and who one is."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import StringConstraints

from linli.api.door import ANYONE, ERRORS, api
from linli.api.lists import Paging, Path, link_next
from linli.api.people_schemas import Me, OrganisationOut, OrganisationPage, PostOut, PostPage
from linli.api.reading import actor_of
from linli.api.schemas import Line
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, Role, policy
from linli.people import queries as people
from linli.people.models import Post


class OrganisationQuery(Paging):
    """Which organisations."""

    words: Line = ""
    kind: Annotated[str, StringConstraints(max_length=40)] = ""
    area_path: Path = ""


class PostQuery(Paging):
    """Which posts."""

    words: Line = ""
    role: Role | None = None
    area_path: Path = ""


def organisation_shape(one: Any) -> dict[str, Any]:
    """An organisation."""
    kind = one.type if isinstance(one.type, str) else one.type_id
    return {
        "id": one.id,
        "name": one.name,
        "name_en": one.name_en,
        "type": kind,
        "function": one.function,
        "area_path": one.area_path,
        "code": one.code,
    }


def post_shape(post: Post) -> dict[str, Any]:
    """A post."""
    return {
        "id": post.id,
        "role": post.role,
        "title": post.title,
        "name": post.account.work_name,
        "organisation_id": post.organisation_id,
        "organisation_name": post.organisation.name,
        "area_path": post.area_path,
    }


def _paged(rows: QuerySet[Any], after: str, size: int) -> tuple[list[Any], str]:
    """A page by (area path, id); the cursor is both."""
    ordered = rows.order_by("area_path", "id")
    if after:
        path, _sep, row_id = after.rpartition("~")
        try:
            last = UUID(row_id)
        except ValueError:
            raise Invalid("list.cursor", _("This page of the list is not known."), field="after") from None
        ordered = ordered.filter(Q(area_path__gt=path) | Q(area_path=path, id__gt=last))
    found = list(ordered[: size + 1])
    more = f"{found[size - 1].area_path}~{found[size - 1].id}" if len(found) > size else ""
    return found[:size], more


@api.get(
    "/organisations",
    response={200: OrganisationPage, **ERRORS},
    summary="Organisations",
    tags=["People"],
    operation_id="list_organisations",
)
def organisations(request: HttpRequest, response: HttpResponse, filters: Query[OrganisationQuery]) -> Any:
    """Organisations that the post may see, by area."""
    actor = actor_of(request)
    policy.require(actor, "post.view")
    rows = people.organisations_matching(actor, words=filters.words, kind=filters.kind, area_path=filters.area_path)
    found, more = _paged(rows, filters.after, filters.size)
    link_next(request, response, more)
    return {"items": [organisation_shape(one) for one in found], "next": more}


@api.get(
    "/organisations/{uuid:organisation_id}",
    response={200: OrganisationOut, **ERRORS},
    summary="Organisation",
    tags=["People"],
    operation_id="get_organisation",
)
def organisation(request: HttpRequest, organisation_id: UUID) -> Any:
    """One organisation: offices are public to whoever is signed in."""
    found = people.organisation(organisation_id)
    if found is None:
        raise NotFound("organisation.none", _("There is no such organisation."))
    return organisation_shape(found)


@api.get("/posts", response={200: PostPage, **ERRORS}, summary="Posts", tags=["People"], operation_id="list_posts")
def posts(request: HttpRequest, response: HttpResponse, filters: Query[PostQuery]) -> Any:
    """Posts in force that the post may see, by area."""
    actor = actor_of(request)
    policy.require(actor, "post.view")
    rows = people.posts_matching(actor, words=filters.words, role=filters.role, area_path=filters.area_path)
    found, more = _paged(rows, filters.after, filters.size)
    link_next(request, response, more)
    return {"items": [post_shape(one) for one in found], "next": more}


@api.get("/me", auth=ANYONE, response={200: Me, **ERRORS}, summary="Who I am", tags=["People"], operation_id="me")
def me(request: HttpRequest) -> Any:
    """Who acts, through which post, and what it may do."""
    actor = actor_of(request)
    held: list[PostOut] = (
        [PostOut(**post_shape(one)) for one in people.posts_of(actor.account_id)] if actor.account_id else []
    )
    return {
        "role": str(actor.role),
        "account_id": actor.account_id,
        "post_id": actor.post_id,
        "organisation_id": actor.organisation_id,
        "area_path": actor.area_path,
        "district": actor.district,
        "name": actor.name,
        "verbs": _verbs(actor),
        "posts": held,
    }


def _verbs(actor: Actor) -> dict[str, list[str]]:
    return {verb: sorted(reach) for verb in policy.table() if (reach := policy.reach(actor, verb))}
