"""Where the live stream is, with a token for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from linli.api.door import ERRORS, api
from linli.api.reading import actor_of
from linli.api.schemas import LiveToken
from linli.cases.live import audience
from linli.kernel import live
from linli.kernel.serve.live import live_url


@api.get(
    "/live/token",
    response={200: LiveToken, **ERRORS},
    summary="Open the live stream",
    tags=["Live"],
    operation_id="live_token",
)
def token(request: HttpRequest) -> Any:
    """An address of server-sent events with a token in it: it tells which of one's cases and areas have changed, nothing more."""
    address = live_url(request)
    return {
        "address": f"{address}/live?token={live.sign(audience(actor_of(request)))}" if address else "",
        "expires_in": live.TOKEN_SECONDS,
    }
