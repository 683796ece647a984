"""Signing in safely: one's second factor and its recovery codes, and the sign-in provider's accounts that are linked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.kernel.errors import LinliError, SignInNeeded
from linli.kernel.trust import Actor
from linli.people import actions, limits, pages, provider, queries, sessions, views
from linli.people.confirming import confirmed
from linli.people.models import Account

FEW_CODES = 3
ONWARD_KEY = "linli_onward"


def _own(request: HttpRequest) -> tuple[Actor, UUID]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    return actor, actor.account_id


def _drawing(uri: str) -> SafeString:
    drawing = segno.make(uri, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff")
    return mark_safe(drawing)  # noqa: S308 - drawn by the library from an address of our own


@never_cache
@require_GET
@pages.guarded
def overview(request: HttpRequest) -> HttpResponse:
    """What keeps one's account safe, and what can be done about it."""
    _actor, account_id = _own(request)
    safety = queries.safety_of(account_id)
    account = Account.objects.get(id=account_id)
    context = {
        "place": "mine",
        "safety": safety,
        "few": safety.since is not None and safety.codes_left <= FEW_CODES,
        "needed": sessions.wants_second(request, account),
        "is_demo": settings.LINLI_MODE == "demo",
        "provider": provider.name(),
        "linked": any(link.issuer == settings.LINLI_OIDC_ISSUER for link in safety.links),
        "devices": len(queries.devices_of(account_id)),
    }
    return render(request, "people/security.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
@confirmed
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up a second factor: scan, type the first code, keep the recovery codes."""
    actor, account_id = _own(request)
    if queries.has_second_factor(account_id):
        return HttpResponseRedirect("/security")
    code = request.POST.get("code", "")
    if request.method == "POST":
        try:
            codes = actions.confirm_second_factor(actor, code=code, network=pages.network_of(request))
        except LinliError as error:
            return _set_up(request, actor, error)
        sessions.proved(request, second=True)
        return _codes(request, codes, first=True)
    return _set_up(request, actor)


def _set_up(request: HttpRequest, actor: Actor, error: LinliError | None = None) -> HttpResponse:
    made = actions.begin_second_factor(actor)
    secret = " ".join(made.secret[at : at + 4] for at in range(0, len(made.secret), 4))
    context = {
        "place": "mine",
        "drawing": _drawing(made.uri),
        "secret": secret,
        "uri": made.uri,
        "errors": pages.rows_of(error) if error else [],
    }
    return render(request, "people/second_factor.html", context, status=error.status if error else 200)


def _codes(request: HttpRequest, codes: list[str], *, first: bool) -> HttpResponse:
    return render(request, "people/recovery_codes.html", {"place": "mine", "codes": codes, "first": first})


@never_cache
@require_POST
@pages.guarded
@confirmed
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown this once."""
    actor, _account = _own(request)
    try:
        return _codes(request, actions.renew_recovery_codes(actor), first=False)
    except LinliError as error:
        messages.warning(request, f"{error.message} {error.mend}".strip())
        return HttpResponseRedirect("/security")


@require_POST
@pages.guarded
@confirmed
def remove(request: HttpRequest) -> HttpResponse:
    """Take one's second factor away."""
    actor, account_id = _own(request)
    actions.remove_second_factor(actor, account_id)
    request.session.pop(sessions.SECOND_KEY, None)
    messages.success(request, _("Your second factor is removed."))
    return HttpResponseRedirect("/security")


@never_cache
@require_GET
@pages.guarded
def to_provider(request: HttpRequest) -> HttpResponse:
    """Off to the sign-in provider."""
    if not provider.is_set_up():
        return HttpResponseRedirect("/sign-in")
    request.session[ONWARD_KEY] = pages.safe_next(request, "")
    try:
        return provider.go_there(request, again=request.actor.is_signed_in)  # type: ignore[attr-defined]
    except LinliError as error:
        return _no_entry(request, error)


@never_cache
@require_GET
@pages.guarded
def from_provider(request: HttpRequest) -> HttpResponse:
    """Back from it: signed in, or asked whether to link, or told that nothing is linked yet."""
    if not provider.is_set_up():
        return HttpResponseRedirect("/sign-in")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        limits.count(limits.PROVIDER_BY_NETWORK, pages.network_of(request))
        person = provider.come_back(request)
        if actor.account_id is not None:
            if actions.is_own_identity(actor, issuer=person.issuer, subject=person.subject):
                sessions.proved(request)
                return HttpResponseRedirect(request.session.pop(ONWARD_KEY, "") or "/security")
            sessions.keep_found(request, person)
            return HttpResponseRedirect("/security/links/new")
        account = actions.sign_in_with_identity(issuer=person.issuer, subject=person.subject)
    except LinliError as error:
        return _no_entry(request, error)
    if account is None:
        sessions.keep_found(request, person)
        return render(request, "people/not_linked.html", {"provider": provider.name(), "label": person.label})
    return views.enter(request, account, long_lived=False, onward=request.session.pop(ONWARD_KEY, ""))


def _no_entry(request: HttpRequest, error: LinliError) -> HttpResponse:
    context: dict[str, Any] = {"errors": pages.rows_of(error), **views.onward(request)}
    return render(request, "people/sign_in.html", context, status=error.status)


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
@confirmed
def new_link(request: HttpRequest) -> HttpResponse:
    """Link the provider's account that one has just come back with."""
    actor, account_id = _own(request)
    found = sessions.found_at_provider(request)
    if found is None:
        return HttpResponseRedirect("/security")
    context: dict[str, Any] = {"place": "mine", "provider": provider.name(), "label": found.label}
    if request.method == "GET":
        linked = queries.safety_of(account_id).links
        return render(request, "people/link.html", context | {"linked": linked})
    try:
        actions.link_identity(actor, issuer=found.issuer, subject=found.subject)
    except LinliError as error:
        return render(request, "people/link.html", context | {"errors": pages.rows_of(error)}, status=error.status)
    request.session.pop(sessions.FOUND_KEY, None)
    messages.success(request, _("Linked: from now on you can sign in with it."))
    return HttpResponseRedirect("/security")


@require_POST
@pages.guarded
@confirmed
def end_link(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Unlink an account of the provider."""
    actor, _account = _own(request)
    actions.unlink_identity(actor, link_id)
    messages.success(request, _("Unlinked: it no longer signs in here."))
    return HttpResponseRedirect("/security")
