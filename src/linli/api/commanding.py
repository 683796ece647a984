"""Commands: the right, the body, carrying it out once for its idempotency key, and writing its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic_core import to_jsonable_python

from linli.api.reading import Model, actor_of, json_body, key_of
from linli.kernel import commands
from linli.kernel.commands import Answer
from linli.kernel.db import NOWHERE
from linli.kernel.trust import Actor, policy


def carry_out(
    request: HttpRequest,
    model: type[Model],
    name: str,
    act: Callable[[Actor, Model], Any],
    *,
    verb: str = "",
    status: int = 200,
    district: str = "",
) -> HttpResponse:
    """Take a command in and carry it out :func:`once`.

    Args:
        model: what the body has to be.
        act: what is done by whom with that; returns what JSON can hold, ids, dates and moments.
        verb: of the policy; whoever may not do this anywhere learns so before the body is read.

    Raises:
        Forbidden, SignInNeeded: the actor may not.
        pydantic.ValidationError: the body is not what the model says.
        Invalid, Conflict: as :func:`once`.
    """
    actor = actor_of(request)
    if verb:
        policy.require(actor, verb)
    body, given = json_body(request, model)
    return once(request, actor, name, body, lambda: act(actor, given), status=status, district=district)


def once(
    request: HttpRequest,
    actor: Actor,
    name: str,
    body: bytes,
    act: Callable[[], Any],
    *,
    status: int = 200,
    district: str = "",
) -> HttpResponse:
    """Carry out the command ``name`` once for the request's key; a repeat gets the first answer again.

    Args:
        name: the command and what of it is not in the body (the id of the path); with ``body`` it tells a repeat from
            another command under the same key.
        act: what is done; returns what JSON can hold, ids, dates and moments.
        district: where the command is kept; the actor's unless told.

    Raises:
        Invalid: the request has no key.
        Conflict: another command had this key, or this one is being carried out.
    """
    return written(
        commands.run(
            actor,
            key_of(request),
            f"{name}\n".encode() + body,
            district=district or actor.district or NOWHERE,
            action=lambda: (status, to_jsonable_python(act())),
        )
    )


def written(answer: Answer) -> HttpResponse:
    """The answer to a command, and whether it is the first one given again."""
    response = HttpResponse(
        json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")),
        status=answer.status,
        content_type="application/json",
    )
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
