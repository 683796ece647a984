"""What the API's endpoints say about who may come in; the policy table says the rest.

``auth=SIGNED_IN`` asks for a token or a session, ``auth=ANYONE`` takes nobody as well. A session needs Django's CSRF token, a
bearer token does not: no browser sends that by itself.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext_lazy as _
from ninja.security.base import AuthBase

from linli.kernel.errors import Forbidden, SignInNeeded
from linli.kernel.trust import Actor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _taken(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class ActorAuth(AuthBase):
    """Hands the endpoint the actor that the middleware found; ``request.auth`` is that actor."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, *, anybody: bool = False) -> None:
        super().__init__()
        self.anybody = anybody

    def __call__(self, request: HttpRequest) -> Actor:
        """The actor.

        Raises:
            SignInNeeded: nobody is signed in.
            Forbidden: the page that sent this was not ours.
        """
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not actor.is_signed_in and not getattr(request, "by_token", False):
            if self.anybody:
                return actor
            raise SignInNeeded("sign_in_needed", _("Please sign in first."))
        if not getattr(request, "by_token", False) and request.method not in SAFE:
            check = _Csrf(_taken)
            check.process_request(request)
            if check.process_view(request, _taken, (), {}):
                raise Forbidden("csrf", _("This did not come from a page of ours."), mend=_("Load the page again."))
        return actor


SIGNED_IN = ActorAuth()
ANYONE = ActorAuth(anybody=True)
