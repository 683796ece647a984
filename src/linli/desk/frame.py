"""What every page of the desk stands in: who may come in, how a refusal looks, which address leads where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.cases.queries import VIEWS_OF, View
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, Role, policy
from linli.kernel.workbooks import TYPE
from linli.territory import queries as territory

P = ParamSpec("P")
DeskView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Who acts (set by the people room's middleware)."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def views_of(actor: Actor) -> tuple[View, ...]:
    """The views that this post is offered, its first one first."""
    return VIEWS_OF.get(actor.role, ())


def wants_part(request: HttpRequest) -> bool:
    """Whether the page's script asks for one pane; never when the browser goes back to a whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def staff(view: DeskView[P]) -> DeskView[P]:
    """Let only posts in that have a desk; a refusal of the house becomes a page, a part of one stays small.

    What one may not see is answered as if it did not exist.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        if actor.role == Role.ANONYMOUS:
            return redirect_to_login(request.get_full_path())
        try:
            if not views_of(actor):
                if "number" in kwargs:
                    queries.get(actor, str(kwargs["number"]))
                return refuse(
                    request,
                    status=403,
                    title=_("The desk is for posts that handle cases"),
                    text=_("Your post works elsewhere. What you reported yourself is in the portal."),
                    home="/",
                )
            response = view(request, *args, **kwargs)
        except NotFound as error:
            return refuse(
                request, status=404, title=str(error.message), text=_("Check the number, or look in the list.")
            )
        except LinliError as error:
            return refuse(request, status=error.status, title=str(error.message), text=str(error.mend))
        patch_vary_headers(response, ["HX-Request"])
        return response

    return guarded


def refuse(request: HttpRequest, *, status: int, title: str, text: str = "", home: str = "") -> HttpResponse:
    """A refusal in words, with the way back."""
    template = "desk/refused_part.html" if wants_part(request) else "desk/refused.html"
    return render(request, template, {"refusal": title, "refusal_text": text, "home": home}, status=status)


def address(name: str, *args: Any, query: dict[str, str] | None = None) -> str:
    """The address of one of the desk's pages, with what is not empty of ``query``."""
    path = reverse(f"desk:{name}", args=args) if args else _plain(name)
    kept = {key: value for key, value in (query or {}).items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


@lru_cache(maxsize=256)
def _plain(name: str) -> str:
    # A list of cases names its own address for each value that it could be narrowed to.
    return reverse(f"desk:{name}")


@dataclass(frozen=True, slots=True)
class Tab:
    """A page beside others: the name of its address, what it is called, the verbs of which one opens it, what waits there."""

    name: str
    label: str
    verbs: tuple[str, ...]
    icon: str = ""
    count: int | None = None


def tabs_of(actor: Actor, current: str, tabs: Iterable[Tab]) -> list[dict[str, Any]]:
    """Those of the pages that a post may open, as the component draws them."""
    return [
        {"label": tab.label, "href": address(tab.name), "icon": tab.icon, "current": tab.name == current, "count": tab.count}
        for tab in tabs
        if any(policy.reach(actor, verb) for verb in tab.verbs)
    ]  # fmt: skip


def draw(
    request: HttpRequest, template: str, tabs: list[dict[str, Any]], *, error: LinliError | None = None, **context: Any
) -> HttpResponse:
    """A page with a form: what was sent, and what was wrong with it, above and beside its field.

    Args:
        template: below ``desk/``, without its ending.
    """
    shared = {
        "tabs": tabs,
        "sent": request.POST,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error else {},
    }
    return render(request, f"desk/{template}.html", shared | context, status=error.status if error else 200)


def crumbs(reach: str, path: str, name: str, query: dict[str, str]) -> list[dict[str, str]]:
    """The rungs from the area ``reach`` (empty for everything) down to a path, each an address of the same page."""
    rungs = [rung for rung in territory.breadcrumb(path) if not reach or rung.path.startswith(reach)]
    return [{"label": rung.name, "href": address(name, query=query | {"area": rung.path})} for rung in rungs]


def as_workbook(name: str, content: bytes) -> HttpResponse:
    """A workbook to be kept under a name."""
    return HttpResponse(content, content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})
