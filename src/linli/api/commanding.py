"""Carrying out a command once for its idempotency key, and writing its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic_core import to_jsonable_python

from linli.api.reading import key_of
from linli.kernel import commands
from linli.kernel.commands import Answer
from linli.kernel.db import NOWHERE
from linli.kernel.trust import Actor


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
