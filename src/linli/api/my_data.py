"""One's own data by machine: take it along, correct the name, withdraw being rung back, have the account deleted."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.door import ERRORS, api
from linli.api.reading import actor_of
from linli.kernel.trust import Actor, Role
from linli.people import actions, holdings


class NameIn(Schema):
    """A corrected name."""

    name: Annotated[str, StringConstraints(max_length=60)] = Field(description="Empty: the name is taken back.")


class MyData(Schema):
    """Everything that is stored about the account."""

    exported_at: datetime
    account: dict[str, Any]
    holdings: list[dict[str, Any]] = Field(description="What each part of the platform holds.")
    looks: list[dict[str, Any]] = Field(description="Who looked at it: when, through which role, what for.")


class Erased(Schema):
    """How many contacts were erased."""

    contacts: int


class Erasure(Schema):
    """When the account will be erased; null: it stays."""

    erase_at: datetime | None


def _person(request: HttpRequest) -> Actor:
    """Who asks, as the person and not through a post."""
    actor = actor_of(request)
    return dataclasses.replace(actor, role=Role.RESIDENT, post_id=None, organisation_id=None, area_path="")


@api.get("/me/data", response={200: MyData, **ERRORS}, summary="My data", tags=["People"], operation_id="my_data")
def my_data(request: HttpRequest) -> Any:
    """Everything that is stored about the account, in clear; the taking along is itself written down."""
    actor = _person(request)
    actions.note_export(actor)
    return holdings.exported(actor)


@api.put(
    "/me/name",
    response={204: None, **ERRORS},
    summary="Correct my name",
    tags=["People"],
    operation_id="correct_my_name",
)
def name(request: HttpRequest, body: NameIn) -> Any:
    """Correct one's name; the same again changes nothing more."""
    actions.correct_name(_person(request), name=body.name)
    return 204, None


@api.delete(
    "/me/contacts",
    response={200: Erased, **ERRORS},
    summary="Withdraw being rung back",
    tags=["People"],
    operation_id="withdraw_my_contacts",
)
def contacts(request: HttpRequest) -> Any:
    """Erase name, number and address that were left with one's reports; the reports go on."""
    return {"contacts": actions.withdraw_contact(_person(request))}


@api.put(
    "/me/erasure",
    response={200: Erasure, **ERRORS},
    summary="Have my account deleted",
    tags=["People"],
    operation_id="ask_my_erasure",
)
def erasure(request: HttpRequest) -> Any:
    """Have the account deleted in seven days; asking again does not put it off."""
    return {"erase_at": actions.ask_erasure(_person(request)).erase_at}


@api.delete(
    "/me/erasure",
    response={200: Erasure, **ERRORS},
    summary="Keep my account",
    tags=["People"],
    operation_id="keep_my_account",
)
def keep(request: HttpRequest) -> Any:
    """Take back that the account is to be deleted."""
    return {"erase_at": actions.keep_account(_person(request)).erase_at}
