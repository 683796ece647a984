"""What every page of the portal stands in: who the visitor is, how a refusal looks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from linli.kernel.errors import LinliError, NotFound, SignInNeeded
from linli.kernel.trust import ANONYMOUS, Actor, Role
from linli.people import pages

P = ParamSpec("P")
PortalView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def visitor(request: HttpRequest) -> Actor:
    """Who visits: always as a resident, whatever post the account also holds."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    if not actor.is_signed_in:
        return ANONYMOUS
    if actor.role == Role.RESIDENT:
        return actor
    return dataclasses.replace(actor, role=Role.RESIDENT, post_id=None, organisation_id=None, area_path="", name="")


def wants_part(request: HttpRequest) -> bool:
    """Whether the page's script asks for a part; never when the browser goes back to a whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def door(view: PortalView[P]) -> PortalView[P]:
    """Make pages of refusals. What one may not see is answered as if it did not exist; nothing of a page is kept by proxies."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except SignInNeeded:
            return pages.to_sign_in(request)
        except NotFound as error:
            return refuse(
                request,
                status=404,
                title=str(error.message),
                text=_("Check the number. With number and code you can follow a report without an account."),
            )
        except LinliError as error:
            return refuse(request, status=error.status, title=str(error.message), text=str(error.mend))
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return guarded


def refuse(request: HttpRequest, *, status: int, title: str, text: str = "") -> HttpResponse:
    """A refusal in words, with the way on."""
    template = "portal/refused_part.html" if wants_part(request) else "portal/refused.html"
    return render(request, template, {"refusal": title, "refusal_text": text}, status=status)


def address(name: str, *args: Any) -> str:
    """The address of one of the portal's pages."""
    return reverse(f"portal:{name}", args=args)
