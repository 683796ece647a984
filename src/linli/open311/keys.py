"""Who writes: whoever shows a key. A session never counts here, because other sites' pages may send forms to these addresses."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from linli.kernel.errors import Forbidden
from linli.kernel.trust import ANONYMOUS, Actor, Role
from linli.people import limits
from linli.people.queries import token_actor

SENT_BY_KEY = limits.Limit("open311:key", 600, 60)
SENT_BY_NETWORK = limits.Limit("open311:net", 20, 900)
WRONG_BY_NETWORK = limits.Limit("open311:wrong", 30, 900)
DEMO = "Open311 demo"


def sender(request: HttpRequest, key: str) -> Actor:
    """Who sends a request or an update.

    Args:
        key: the argument ``api_key``; a bearer token in the headers does as well.

    Raises:
        Forbidden: there is no key, or it is not good.
        TooMany: too many wrong keys from one network, or too much sent with one key.
    """
    network = request.META.get("REMOTE_ADDR", "")
    if key:
        actor = _actor(key, request_id=getattr(request, "request_id", ""))
        if actor is None:
            limits.count(WRONG_BY_NETWORK, network)
            raise Forbidden("open311.key", _("This api_key is not good."), field="api_key")
        if actor.name == DEMO:
            limits.count(SENT_BY_NETWORK, network)  # everybody knows this key
    elif getattr(request, "by_token", False):
        actor = request.actor  # type: ignore[attr-defined]
    elif settings.LINLI_OPEN311_KEYLESS:
        limits.count(SENT_BY_NETWORK, network)
        return ANONYMOUS
    else:
        raise Forbidden(
            "open311.key",
            _("An api_key is needed to send something."),
            field="api_key",
            mend=_("Discovery tells how to get one."),
        )
    limits.count(SENT_BY_KEY, actor.key)
    return actor


def _actor(key: str, *, request_id: str) -> Actor | None:
    demo = settings.LINLI_OPEN311_DEMO_KEY
    if demo and constant_time_compare(key, demo):
        return Actor(role=Role.MACHINE, name=DEMO, request_id=request_id, scopes=frozenset({"case"}))
    found = token_actor(key, request_id=request_id)
    return found[1] if found else None
