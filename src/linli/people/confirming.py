"""Is it still you? Privileged acts ask again when the person last proved to be there longer ago than ``LINLI_CONFIRM_MINUTES``.

Proved is whatever the account has: its second factor, else its password, else a code sent to its phone, else its sign-in provider.
A page asks before it is shown; what a page sends is taken for as long again, so that nobody loses what was typed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.kernel import crypto, time
from linli.kernel.errors import LinliError, SignInNeeded
from linli.people import actions, pages, provider, sessions
from linli.people.models import Account, SecondFactor

P = ParamSpec("P")


class Way(StrEnum):
    """How somebody proves to be there."""

    SECOND = "second"
    PASSWORD = "password"  # noqa: S105 - the name of a way
    CODE = "code"
    PROVIDER = "provider"
    NONE = "none"


def is_fresh(request: HttpRequest, *, longer: bool = False) -> bool:
    """Whether the person proved to be there lately enough; ``longer`` for what was begun on a page that asked."""
    minutes = settings.LINLI_CONFIRM_MINUTES
    if not minutes or getattr(request, "by_token", False):
        return True
    last = request.session.get(sessions.PROVED_KEY)
    allowed = timedelta(minutes=minutes * (2 if longer else 1))
    return last is not None and time.now().timestamp() - last <= allowed.total_seconds()


def confirmed(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask whether it is still the same person before the view does anything; nobody signed in is the view's own business."""

    @wraps(view)
    def ask_first(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        sends = request.method not in ("GET", "HEAD")
        actor = request.actor  # type: ignore[attr-defined]
        if actor.account_id is None or is_fresh(request, longer=sends):
            return view(request, *args, **kwargs)
        back = _came_from(request) if sends else request.get_full_path()
        return HttpResponseRedirect(f"/confirm?{urlencode({'next': back})}")

    return ask_first


def _came_from(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(referer)
    return (parts.path + (f"?{parts.query}" if parts.query else "")) if ours else "/"


def way_of(account: Account) -> Way:
    """How this account proves that it is there."""
    if SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).exists():
        return Way.SECOND
    if account.has_usable_password():
        return Way.PASSWORD
    if account.phone_enc is not None:
        return Way.CODE
    linked = provider.is_set_up() and account.identities.filter(issuer=settings.LINLI_OIDC_ISSUER).exists()
    return Way.PROVIDER if linked else Way.NONE


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove to be there, then go on."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", "")
    account = Account.objects.get(id=actor.account_id)
    way, network = way_of(account), pages.network_of(request)
    context: dict[str, Any] = {"way": way.value, "next": pages.safe_next(request, "/"), "provider": provider.name()}
    if request.method == "GET":
        return render(request, "people/confirm.html", context)
    code = request.POST.get("code", "")
    try:
        match way:
            case Way.SECOND:
                actions.prove_second_factor(account.id, code=code, network=network)
            case Way.PASSWORD:
                actions.confirm_password(account.id, password=request.POST.get("password", ""), network=network)
            case Way.CODE if code:
                actions.prove_phone(phone=_phone(account), code=code, network=network)
            case Way.CODE:
                sent = actions.request_code(
                    phone=_phone(account), network=network, language=get_language() or "zh-hans"
                )
                return render(request, "people/confirm.html", context | {"sent": sent})
            case _:
                return render(request, "people/confirm.html", context)
    except LinliError as error:
        response = render(request, "people/confirm.html", context | {"errors": pages.rows_of(error), "asked": True})
        response.status_code = error.status
        return response
    sessions.proved(request, second=way == Way.SECOND)
    return HttpResponseRedirect(context["next"])


def _phone(account: Account) -> str:
    return crypto.open_("people_account.phone", account.id, account.phone_enc or b"")
