"""What every page of administration stands in: who may come in, the subjects beside the page, how a refusal looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.people import pages

P = ParamSpec("P")
AdminView = Callable[Concatenate[HttpRequest, P], HttpResponse]
ROWS = 50

SUBJECTS = (
    ("overview", _("Overview"), "house", ("catalogue.edit", "post.view", "account.view", "audit.read")),
    ("catalogue", _("Catalogue"), "book-open", ("catalogue.edit",)),
    ("services", _("Services"), "layout-grid", ("catalogue.edit",)),
    ("suggestions", _("Suggestions"), "sparkles", ("suggestion.view",)),
    ("organisations", _("Organisations"), "building-2", ("post.view",)),
    ("organisation-types", _("Organisation types"), "network", ("organisation.configure",)),
    ("posts", _("Posts"), "users-round", ("post.view",)),
    ("accounts", _("Accounts"), "user-round", ("account.view",)),
    ("words", _("Public words"), "globe", ("moderation.configure",)),
    ("duties", _("Duty lists"), "list-checks", ("duties.load",)),
    ("compound-rules", _("Compounds"), "triangle-alert", ("compound.change_rules",)),
    ("calendar", _("Working calendar"), "calendar", ("calendar.load",)),
    ("webhooks", _("Webhooks"), "radio", ("webhook.edit",)),
    ("audit", _("Audit"), "eye", ("audit.read",)),
)
"""Address, name, icon, and the verbs of which one opens it."""


def actor_of(request: HttpRequest) -> Actor:
    """Who acts (set by the people room's middleware)."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def may(actor: Actor, *verbs: str) -> bool:
    """Whether the table lets the actor do any of the verbs."""
    return any(policy.allows(actor, verb) for verb in verbs)


def administration(*verbs: str) -> Callable[[AdminView[P]], AdminView[P]]:
    """Let only posts in that may do one of ``verbs``; a refusal becomes a page in the house's words."""

    def wrap(view: AdminView[P]) -> AdminView[P]:
        @wraps(view)
        @never_cache
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            actor = actor_of(request)
            if not actor.is_signed_in:
                return pages.to_sign_in(request)
            if not may(actor, *verbs):
                return refuse(
                    request, 403, _("This is not for your post"), _("Ask an administrator, or choose another post.")
                )
            try:
                return view(request, *args, **kwargs)
            except NotFound as error:
                return refuse(request, 404, error.message, error.mend)
            except LinliError as error:
                return refuse(request, error.status, error.message, error.mend)

        guarded.verbs = verbs  # type: ignore[attr-defined]
        return guarded

    return wrap


def page(request: HttpRequest, template: str, subject: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of a subject."""
    actor = actor_of(request)
    subjects = [
        {"href": reverse(f"administration:{key}"), "label": label, "icon": icon, "current": key == subject}
        for key, label, icon, verbs in SUBJECTS
        if may(actor, *verbs)
    ]
    shown = {"subjects": subjects, "actor": actor, **context}
    return render(request, f"administration/{template}.html", shown, status=status)


def refuse(request: HttpRequest, status: int, title: Any, text: Any = "") -> HttpResponse:
    """A refusal in words, with the way back."""
    return page(request, "refused", "", status=status, refusal=title, refusal_text=text)


def numbered(request: HttpRequest, rows: QuerySet[Any]) -> tuple[Page[Any], str]:
    """The page of a list that the address asks for, and the address before ``page=``."""
    number = request.GET.get("page", "1")
    asked = {key: value for key, value in request.GET.items() if key != "page" and value}
    base = f"?{urlencode({**asked, 'page': ''})}"
    return Paginator(rows, ROWS).get_page(number if number.isdecimal() else 1), base


def kept(request: HttpRequest, **changes: str) -> str:
    """This page's address with some of its filters changed; empty ones go."""
    asked = {**request.GET.dict(), **changes}
    return f"?{urlencode({key: value for key, value in asked.items() if value and key != 'page'})}"
