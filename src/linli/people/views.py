"""Signing in and out, acting through another post, one's own devices, and who looked at one's data."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, Role, policy
from linli.people import actions, display, pages, provider, queries, sessions
from linli.people.models import Account
from linli.people.words import post_word, role_word

PHONES = 200


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _refused(request: HttpRequest, template: str, error: LinliError, **context: object) -> HttpResponse:
    response = render(request, template, {"errors": pages.rows_of(error), **onward(request), **context})
    response.status_code = error.status
    if "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def onward(request: HttpRequest) -> dict[str, str]:
    """Where to go afterwards, for the form and for the link to the other way of signing in."""
    target = pages.safe_next(request, "")
    asked = f"?{urlencode({'next': target})}" if target else ""
    return {
        "next": target,
        "code_href": f"/sign-in/code{asked}",
        "provider": provider.name(),
        "provider_href": f"/sign-in/provider{asked}",
    }


def enter(request: HttpRequest, account: Account, *, long_lived: bool, onward: str = "") -> HttpResponse:
    """Begin the session of somebody who has just shown who they are, by way of the second factor where there is one."""
    target = pages.safe_next(request, onward)
    if queries.has_second_factor(account.id):
        sessions.half_way(request, account, long_lived=long_lived, onward=target)
        return HttpResponseRedirect("/sign-in/second")
    return _begin(request, account, long_lived=long_lived, onward=target)


def _begin(
    request: HttpRequest, account: Account, *, long_lived: bool, onward: str, second: bool = False
) -> HttpResponse:
    found = sessions.found_at_provider(request)
    actor = sessions.begin(request, account, long_lived=long_lived, second=second)
    target = onward or pages.home_of(actor.role)
    if sessions.wants_second(request, account):
        messages.warning(request, _("Your post asks for a second factor. Set it up to act through it."))
        target = "/security/second-factor"
    elif found:
        sessions.keep_found(request, found)
        target = "/security/links/new"
    response = HttpResponseRedirect(target)
    display.take_along(response, account)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def second(request: HttpRequest) -> HttpResponse:
    """After password or code: the app's six figures, or a recovery code."""
    half = sessions.half_of(request)
    if half is None:
        return HttpResponseRedirect("/sign-in")
    if request.method == "GET":
        return render(request, "people/second.html")
    try:
        recovered = actions.prove_second_factor(
            half.account.id, code=request.POST.get("code", ""), network=pages.network_of(request)
        )
    except LinliError as error:
        return _refused(request, "people/second.html", error)
    if recovered:
        messages.warning(request, _("That recovery code is used up. Make new ones when few are left."))
    return _begin(request, half.account, long_lived=half.long_lived, onward=half.onward, second=True)


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def sign_in(request: HttpRequest) -> HttpResponse:
    """By password; the other way, a code, is one line below."""
    if request.method == "GET":
        if _actor(request).is_signed_in:
            return HttpResponseRedirect(pages.safe_next(request, pages.home_of(_actor(request).role)))
        return render(request, "people/sign_in.html", onward(request))
    login = request.POST.get("login", "")
    try:
        account = actions.sign_in_with_password(
            login=login, password=request.POST.get("password", ""), network=pages.network_of(request)
        )
    except LinliError as error:
        return _refused(request, "people/sign_in.html", error, login=login)
    return enter(request, account, long_lived="remember" in request.POST)


@never_cache
@require_http_methods(["GET", "POST"])
@pages.guarded
def send_code(request: HttpRequest) -> HttpResponse:
    """First a telephone number."""
    if request.method == "GET":
        return render(request, "people/send_code.html", onward(request))
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
    return enter(request, account, long_lived="remember" in request.POST)


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
                "called": post_word(post.role, post.title),
                "organisation": post.organisation.name,
                "area": post.area.name,
                "current": post.id == actor.post_id,
            }
            for post in held
        ]
        context = {"posts": rows, "as_resident": actor.post_id is None, "next": pages.safe_next(request, "")}
        return render(request, "people/switch_post.html", context)
    post = actions.switch_post(actor, _uuid(request.POST.get("post", "")))
    if post is not None and sessions.needs_second(request, Role(post.role)):
        messages.warning(request, _("Your post asks for a second factor. Set it up to act through it."))
        return HttpResponseRedirect("/security/second-factor")
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
        here = request.session.get(sessions.DEVICE_KEY)
        if request.POST.get("others"):
            count = actions.end_other_devices(actor, here=_uuid(here or ""))
            messages.success(
                request,
                ngettext("%(n)d other device is signed out.", "%(n)d other devices are signed out.", count)
                % {"n": count},
            )
        elif device:
            actions.end_device_session(actor, device)
            messages.success(request, _("That device is signed out."))
        return HttpResponseRedirect("/devices")
    here = request.session.get(sessions.DEVICE_KEY)
    rows = [{"row": row, "here": str(row.id) == here} for row in queries.devices_of(actor.account_id)]
    others = sum(not row["here"] for row in rows)
    return render(request, "people/devices.html", {"devices": rows, "others": others})


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
