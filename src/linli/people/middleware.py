"""Every request has an actor: from a machine's token, from a session, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from linli.kernel.trust import ANONYMOUS, Actor
from linli.people import sessions
from linli.people.models import Account
from linli.people.queries.acting import resident, session_actor, token_actor

BEARER = "Bearer "


class ActorMiddleware:
    """Sets ``request.actor``, after Django's AuthenticationMiddleware.

    Costs nothing without a cookie or a token; with a session it is one query besides the session's own, and that query also
    gives ``request.user``. A token that is not good is answered with 401 at once: it never falls back to nobody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Find the actor, then go on."""
        request_id = getattr(request, "request_id", "")
        authorization = request.headers.get("Authorization", "")
        request.by_token = False  # type: ignore[attr-defined]
        if authorization.startswith(BEARER):
            found = token_actor(authorization.removeprefix(BEARER).strip(), request_id=request_id)
            if found is None:
                return _refused()
            request.by_token = True  # type: ignore[attr-defined]
            request.actor = found[1]  # type: ignore[attr-defined]
            if found[0] is not None:
                request._cached_user = found[0]  # type: ignore[attr-defined]  # pages that ask for request.user
        elif settings.SESSION_COOKIE_NAME in request.COOKIES:
            request.actor = self._from_session(request, request_id)  # type: ignore[attr-defined]
        else:
            request.actor = ANONYMOUS  # type: ignore[attr-defined]
        return self.get_response(request)

    def _from_session(self, request: HttpRequest, request_id: str) -> Actor:
        try:
            account_id = UUID(str(request.session[auth.SESSION_KEY]))
        except (KeyError, ValueError):
            return ANONYMOUS
        district, post_id = sessions.chosen_post(request)
        found = session_actor(account_id, post_id=post_id, district=district, request_id=request_id)
        if found is None or not self._still_signed_in(request, found[0]):
            return ANONYMOUS
        account, actor = found
        if sessions.needs_second(request, actor.role):
            actor = resident(account, request_id=request_id)
        request._cached_user = account  # type: ignore[attr-defined]  # what AuthenticationMiddleware would fetch again
        sessions.seen(request)
        return actor

    @staticmethod
    def _still_signed_in(request: HttpRequest, account: Account) -> bool:
        """The session was begun with the password that the account has now, under a key that is still in use."""
        kept = request.session.get(auth.HASH_SESSION_KEY, "")
        if constant_time_compare(kept, account.get_session_auth_hash()):
            return True
        return any(constant_time_compare(kept, old) for old in account.get_session_auth_fallback_hash())


def _refused() -> JsonResponse:
    body = {"type": "about:blank", "title": _("This key is not good."), "status": 401, "code": "token.invalid"}
    response = JsonResponse(body, status=401, content_type="application/problem+json")
    response["WWW-Authenticate"] = "Bearer"
    return response
