"""What every page of the field app stands in: who may come in, how a refusal looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.field import answers
from linli.kernel.errors import Forbidden, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.people import sessions

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
            return _unknown(request)
        try:
            if not policy.reach(actor, "field.work"):
                if "number" in kwargs:
                    queries.get(actor, str(kwargs["number"]))
                title = _("The field app is for grid members")
                text = _("Your post works at another door; what you reported yourself is in the portal.")
                if answers.wanted(request):
                    return answers.refused(Forbidden("field.post", title, mend=text))
                return refuse(request, status=403, title=title, text=text)
            response = view(request, *args, **kwargs)
        except NotFound as error:
            if answers.wanted(request):
                return answers.refused(error)
            return refuse(
                request, status=404, title=str(error.message), text=_("Check the number, or look in the list.")
            )
        except LinliError as error:
            if answers.wanted(request):
                return answers.refused(error)
            return refuse(request, status=error.status, title=str(error.message), text=str(error.mend))
        patch_vary_headers(response, ["HX-Request", "Cookie", "Accept"])
        if not response.has_header("Cache-Control"):
            keep(response)
        return response

    return guarded


def keep(response: HttpResponseBase) -> None:
    """Let the phone keep an answer, but only sealed: the browser's own cache, which lies in clear, keeps nothing of it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Linli-Keep"] = "1"


def _unknown(request: HttpRequest) -> HttpResponse:
    """To the sign-in page; a phone whose session was ended from elsewhere is told to forget what it keeps."""
    ended = sessions.was_ended(request)
    if answers.wanted(request):
        return answers.unknown(ended=ended)
    response = redirect_to_login(request.get_full_path())
    if ended:
        response.headers["Clear-Site-Data"] = answers.CLEAR
    return response


def refuse(request: HttpRequest, *, status: int, title: str, text: str = "") -> HttpResponse:
    """A refusal in words, with the way back."""
    return render(request, "field/refused.html", {"refusal": title, "refusal_text": text}, status=status)


def address(name: str, *args: Any) -> str:
    """The address of one of the field app's pages."""
    return reverse(f"field:{name}", args=args)
