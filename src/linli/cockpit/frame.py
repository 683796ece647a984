"""What every page of the cockpit stands in: who may come in, and how a refusal looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from linli.kernel.errors import LinliError
from linli.kernel.trust import Actor, Role, policy

P = ParamSpec("P")
CockpitView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
VERB = "figures.view"


def actor_of(request: HttpRequest) -> Actor:
    """Who acts (set by the people room's middleware)."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def staff(view: CockpitView[P]) -> CockpitView[P]:
    """Let only posts in that may see figures; a refusal of the house becomes a page."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        if actor.role == Role.ANONYMOUS:
            return redirect_to_login(request.get_full_path())
        if not policy.reach(actor, VERB):
            return _refuse(
                request,
                status=403,
                title=_("The cockpit is for posts that answer for an area"),
                text=_("What was reported and solved near you is in the portal."),
                home="/",
            )
        try:
            response = view(request, *args, **kwargs)
        except LinliError as error:
            return _refuse(request, status=error.status, title=str(error.message), text=str(error.mend))
        patch_vary_headers(response, ["HX-Request"])
        return response

    return guarded


def _refuse(request: HttpRequest, *, status: int, title: str, text: str, home: str = "") -> HttpResponse:
    context = {"refusal": title, "refusal_text": text, "home": home}
    return render(request, "cockpit/refused.html", context, status=status)
