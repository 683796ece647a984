"""One's own keys for programs: made, seen, ended. A key can do what its owner can, narrowed to what it was made for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linli.kernel import time
from linli.kernel.errors import LinliError, SignInNeeded
from linli.kernel.trust import Actor
from linli.people import actions, pages, scopes
from linli.people.confirming import confirmed
from linli.people.models import Token

LASTING = ((30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("A year")))
"""For how many days a key can be made; none lasts for ever."""


def _own(request: HttpRequest) -> tuple[Actor, UUID]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    return actor, actor.account_id


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
@confirmed
def keys(request: HttpRequest) -> HttpResponse:
    """One's keys in force, and the form for a new one; a new key is shown this once."""
    actor, _account = _own(request)
    if request.method == "GET":
        return _page(request)
    asked = request.POST.getlist("scopes")
    days = request.POST.get("days", "")
    known = {str(number) for number, _label in LASTING}
    allowed = {name for subject in scopes.reachable(actor) for name in (subject.name, *dict(subject.verbs))}
    try:
        token, secret = actions.issue_token(
            actor,
            name=request.POST.get("name", "").strip() or _("Key"),
            # What the post does not reach, no key of it can; asking for it is a mistake.
            scopes=asked if set(asked) <= allowed else (),
            post_id=actor.post_id,
            expires_at=time.now() + timedelta(days=int(days) if days in known else LASTING[0][0]),
        )
    except LinliError as error:
        return _page(request, error, chosen=asked, name=request.POST.get("name", ""), status=error.status)
    return _page(request, made=token, secret=secret)


def _page(request: HttpRequest, error: LinliError | None = None, *, status: int = 200, **more: Any) -> HttpResponse:
    actor, account = _own(request)
    rows = Token.objects.filter(account_id=account, ended_at__isnull=True).order_by("-created_at")
    context = {
        "place": "mine",
        "keys": [
            {
                "row": row,
                "over": row.expires_at is not None and row.expires_at <= time.now(),
                "scopes": scopes.words(row.scopes),
            }
            for row in rows
        ],
        "subjects": scopes.reachable(actor),
        "lasting": LASTING,
        "errors": pages.rows_of(error) if error else [],
        **more,
    }
    return render(request, "people/keys.html", context, status=status)


@require_POST
@pages.guarded
def end(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """End one of one's keys at once."""
    actor, _account = _own(request)
    actions.end_token(actor, key_id)
    messages.success(request, _("The key is ended."))
    return HttpResponseRedirect("/keys")
