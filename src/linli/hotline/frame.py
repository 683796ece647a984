"""What every page of the hotline stands in: who may come in, how a refusal looks, the tabs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from linli.cases import queries as cases
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, Role, policy

P = ParamSpec("P")
HotlineView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Who acts (set by the people room's middleware)."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def wants_part(request: HttpRequest) -> bool:
    """Whether the page's script asks."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def staff(*verbs: str) -> Callable[[HotlineView[P]], HotlineView[P]]:
    """Let only posts in that have a row of the policy table for one of these; a refusal of the house becomes a page."""

    def guard(view: HotlineView[P]) -> HotlineView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_of(request)
            if actor.role == Role.ANONYMOUS:
                return redirect_to_login(request.get_full_path())
            try:
                if not any(policy.reach(actor, verb) for verb in verbs):
                    if "number" in kwargs:  # what one may not see is answered as if it did not exist
                        cases.get(actor, str(kwargs["number"]))
                    return refuse(
                        request,
                        status=403,
                        title=_("This page of the hotline is for other posts"),
                        text=_("Whoever answers calls or leads a shift works here."),
                    )
                response = view(request, *args, **kwargs)
            except NotFound as error:
                return refuse(request, status=404, title=str(error.message), text=str(error.mend))
            except LinliError as error:
                return refuse(request, status=error.status, title=str(error.message), text=str(error.mend))
            patch_vary_headers(response, ["HX-Request"])
            return response

        return guarded

    return guard


def refuse(request: HttpRequest, *, status: int, title: str, text: str = "") -> HttpResponse:
    """A refusal in words, with the way back."""
    context = {"refusal": title, "refusal_text": text, "home": home_of(actor_of(request)), "tabs": tabs(request, "")}
    template = "hotline/refused_part.html" if wants_part(request) else "hotline/refused.html"
    return render(request, template, context, status=status)


def home_of(actor: Actor) -> str:
    """The first page of the hotline that a post may open; the portal for whoever has none."""
    for verb, name in (
        ("call.take", "screen"),
        ("case.feedback", "callbacks"),
        ("case.decide_exclusion", "callbacks"),
        ("call.figures", "figures"),
        ("article.view", "articles"),
    ):
        if policy.reach(actor, verb):
            return reverse(f"hotline:{name}")
    return "/"


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The hotline's pages that the post may open."""
    actor = actor_of(request)
    pages = (
        ("call.take", "screen", _("Call"), "phone"),
        ("case.feedback", "callbacks", _("Call back"), "phone-call"),
        ("case.decide_exclusion", "callbacks", _("Call back"), "phone-call"),
        ("article.view", "articles", _("Knowledge"), "book-open"),
        ("call.figures", "figures", _("Figures"), "chart-column"),
    )
    offered = {name: (label, icon) for verb, name, label, icon in pages if policy.reach(actor, verb)}
    return [
        {"label": label, "href": reverse(f"hotline:{name}"), "current": name == current, "icon": icon, "attrs": "", "count": None}
        for name, (label, icon) in offered.items()
    ]  # fmt: skip


def go(request: HttpRequest, name: str, *args: Any, query: dict[str, str] | None = None) -> HttpResponse:
    """On to another page, for a browser or for a page's script."""
    kept = {key: value for key, value in (query or {}).items() if value}
    to = reverse(f"hotline:{name}", args=args) + (f"?{urlencode(kept)}" if kept else "")
    return HttpResponse(headers={"HX-Redirect": to}) if wants_part(request) else HttpResponseRedirect(to)
