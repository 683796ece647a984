"""What every page of the field app stands in: who may come in, how a refusal looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, policy

P = ParamSpec("P")
FieldView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Who acts (set by the people room's middleware)."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def wants_part(request: HttpRequest) -> bool:
    """Whether the page's script asks for a part; never when the browser goes back to a whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def member(view: FieldView[P]) -> FieldView[P]:
    """Let only grid members in; a refusal of the house becomes a page. What one may not see is as if it did not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        if not actor.is_signed_in:
            return redirect_to_login(request.get_full_path())
        try:
            if not policy.reach(actor, "field.work"):
                if "number" in kwargs:
                    queries.get(actor, str(kwargs["number"]))
                title = _("The field app is for grid members")
                text = _("Your post works at another door; what you reported yourself is in the portal.")
                return refuse(request, status=403, title=title, text=text)
            response = view(request, *args, **kwargs)
        except NotFound as error:
            return refuse(
                request, status=404, title=str(error.message), text=_("Check the number, or look in the list.")
            )
        except LinliError as error:
            return refuse(request, status=error.status, title=str(error.message), text=str(error.mend))
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return guarded


def refuse(request: HttpRequest, *, status: int, title: str, text: str = "") -> HttpResponse:
    """A refusal in words, with the way back."""
    return render(request, "field/refused.html", {"refusal": title, "refusal_text": text}, status=status)


def address(name: str, *args: Any) -> str:
    """The address of one of the field app's pages."""
    return reverse(f"field:{name}", args=args)
