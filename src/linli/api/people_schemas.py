"""The shapes of organisations, of posts and of who acts."""

from __future__ import annotations

from uuid import UUID

from ninja import Schema
from pydantic import Field


class OrganisationOut(Schema):
    """An organisation."""

    id: UUID
    name: str
    name_en: str
    type: str
    function: str
    area_path: str
    code: str


class OrganisationPage(Schema):
    """A page of organisations."""

    items: list[OrganisationOut]
    next: str


class PostOut(Schema):
    """A post and the colleague who holds it."""

    id: UUID
    role: str
    title: str
    name: str
    organisation_id: UUID
    organisation_name: str
    area_path: str


class PostPage(Schema):
    """A page of posts."""

    items: list[PostOut]
    next: str


class Me(Schema):
    """Who acts."""

    role: str
    account_id: UUID | None
    post_id: UUID | None
    organisation_id: UUID | None
    area_path: str
    district: str
    name: str
    verbs: dict[str, list[str]] = Field(description="What this post may do, and how far it reaches.")
    posts: list[PostOut]
