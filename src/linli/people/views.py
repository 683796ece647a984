"""Signing in and out, acting through another post, one's own devices, and who looked at one's data."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.people import actions, display, pages, queries, sessions
from linli.people.models import Account
from linli.people.words import role_word

PHONES = 200


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _refused(request: HttpRequest, template: str, error: LinliError, **context: object) -> HttpResponse:
    response = render(request, template, {"errors": pages.rows_of(error), **_onward(request), **context})
    response.status_code = error.status
    if "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def _onward(request: HttpRequest) -> dict[str, str]:
    """Where to go afterwards, for the form and for the link to the other way of signing in."""
    target = pages.safe_next(request, "")
    return {"next": target, "code_href": f"/sign-in/code?{urlencode({'next': target})}" if target else "/sign-in/code"}


def _enter(request: HttpRequest, account: Account, *, long_lived: bool) -> HttpResponse:
    actor = sessions.begin(request, account, long_lived=long_lived)
    response = HttpResponseRedirect(pages.safe_next(request, pages.home_of(actor.role)))
    display.take_along(response, account)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def sign_in(request: HttpRequest) -> HttpResponse:
    """By password; the other way, a code, is one line below."""
    if request.method == "GET":
        if _actor(request).is_signed_in:
            return HttpResponseRedirect(pages.safe_next(request, pages.home_of(_actor(request).role)))
        return render(request, "people/sign_in.html", _onward(request))
    login = request.POST.get("login", "")
    try:
        account = actions.sign_in_with_password(
            login=login, password=request.POST.get("password", ""), network=pages.network_of(request)
        )
    except LinliError as error:
        return _refused(request, "people/sign_in.html", error, login=login)
    return _enter(request, account, long_lived="remember" in request.POST)


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def send_code(request: HttpRequest) -> HttpResponse:
    """First a telephone number."""
    if request.method == "GET":
        return render(request, "people/send_code.html", _onward(request))
    phone = request.POST.get("phone", "")
    try:
        sent = actions.request_code(
            phone=phone, network=pages.network_of(request), language=get_language() or "zh-hans"
        )
    except LinliError as error:
        return _refused(request, "people/send_code.html", error, phone=phone)
    context = {"phone": phone, "sent": sent, "next": pages.safe_next(request, "")}
    return render(request, "people/enter_code.html", context)


@never_cache
@require_POST
@pages.guarded
def enter_code(request: HttpRequest) -> HttpResponse:
    """Then the code that came to it."""
    phone = request.POST.get("phone", "")
    try:
        account = actions.sign_in_with_code(
            phone=phone, code=request.POST.get("code", ""), network=pages.network_of(request)
        )
    except LinliError as error:
        return _refused(request, "people/enter_code.html", error, phone=phone)
    return _enter(request, account, long_lived="remember" in request.POST)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this device's session."""
    sessions.end(request)
    messages.success(request, _("You are signed out."))
    response = HttpResponseRedirect("/")
    # What the field app kept on this device goes with the sign-in.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def switch_post(request: HttpRequest) -> HttpResponse:
    """Act through another of one's own posts, or as a resident."""
    actor = _actor(request)
    if actor.account_id is None:
        return pages.to_sign_in(request)
    if request.method == "GET":
        held = queries.posts_of(actor.account_id)
        rows = [
            {
                "id": str(post.id),
                "role": role_word(post.role),
                "title": post.title,
                "organisation": post.organisation.name,
                "area": post.area.name,
                "current": post.id == actor.post_id,
            }
            for post in held
        ]
        context = {"posts": rows, "as_resident": actor.post_id is None, "next": pages.safe_next(request, "")}
        return render(request, "people/switch_post.html", context)
    post = actions.switch_post(actor, _uuid(request.POST.get("post", "")))
    acting = sessions.act_through(request, request.user, post)  # type: ignore[arg-type]
    return HttpResponseRedirect(pages.safe_next(request, pages.home_of(acting.role)))


def _uuid(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("not_found", _("There is nothing here that you can see.")) from None


@require_POST
@pages.guarded
def become(request: HttpRequest, login: str) -> HttpResponse:
    """In a demo: be one of its cast."""
    account = actions.become(login)
    sessions.end(request)
    actor = sessions.begin(request, account)
    return HttpResponseRedirect(pages.safe_next(request, pages.home_of(actor.role)))


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def devices(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; any of it can be ended."""
    actor = _actor(request)
    if actor.account_id is None:
        return pages.to_sign_in(request)
    if request.method == "POST":
        device = _uuid(request.POST.get("device", ""))
        if device:
            actions.end_device_session(actor, device)
            messages.success(request, _("That device is signed out."))
        return HttpResponseRedirect("/devices")
    here = request.session.get(sessions.DEVICE_KEY)
    rows = [{"row": row, "here": str(row.id) == here} for row in queries.devices_of(actor.account_id)]
    return render(request, "people/devices.html", {"devices": rows})


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def phones(request: HttpRequest) -> HttpResponse:
    """Where the grid members of one's area are signed in; a lost phone's sign-in is ended here, and the phone forgets its work."""
    actor = _actor(request)
    policy.require(actor, "session.end")
    if request.method == "POST":
        if device := _uuid(request.POST.get("device", "")):
            actions.end_device_session(actor, device)
            messages.success(request, _("That device is signed out."))
        return HttpResponseRedirect("/devices/members")
    words = request.GET.get("q", "").strip()[:60]
    found = queries.phones_matching(actor, words=words)
    return render(request, "people/phones.html", {"devices": list(found[:PHONES]), "words": words})


@require_GET
@never_cache
@pages.guarded
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at one's own data, through which post, when and what for."""
    actor = _actor(request)
    if actor.account_id is None:
        return pages.to_sign_in(request)
    rows = [{"look": look, "role": role_word(look.role)} for look in queries.looks_at_me(actor)]
    return render(request, "people/looks.html", {"looks": rows})
