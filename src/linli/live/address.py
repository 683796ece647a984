"""The address of a page's stream."""

from __future__ import annotations

from django.http import HttpRequest

from linli.cases.live import audience
from linli.kernel import live
from linli.kernel.serve.live import live_url
from linli.kernel.trust import ANONYMOUS, Actor


def page_address(request: HttpRequest) -> str:
    """The stream that the page of ``request`` listens to, empty for nobody signed in.

    A view that shows cases beside one's own lists their ids in ``request.live_cases``.
    """
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    shown = getattr(request, "live_cases", ())
    if not actor.is_signed_in and not shown:
        return ""
    address = live_url(request)
    return f"{address}/live?token={live.sign(audience(actor, cases=shown))}" if address else ""
