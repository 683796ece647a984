"""One's notices, how one wants to be told, and the way out of e-mails; pages for residents and staff alike."""

from __future__ import annotations

import json
from datetime import time as clock_time
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.kernel.errors import Invalid, LinliError, NotFound, SignInNeeded
from linli.kernel.trust import Actor
from linli.notices import actions, channels, queries, unsubscribing, words
from linli.notices.channels import push
from linli.notices.models import FOR_ALL, FOR_REPORTERS, FOR_STAFF, Channel, Kind, Notice, Settings, Topic
from linli.people.pages import FIELD, guarded, rows_of, to_sign_in


def actor_of(request: HttpRequest) -> Actor:
    """Who acts (set by the people room's middleware)."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@never_cache
@require_GET
@guarded
def mine(request: HttpRequest) -> HttpResponse:
    """One's notices, the newest first, a page at a time."""
    page = queries.mine(actor_of(request), after=request.GET.get("after", "")[:64])
    rows = [
        {
            "notice": one,
            "title": words.title(one),
            "text": words.text(one),
            "icon": words.ICONS[one.topic],
            "href": words.href(one),
        }
        for one in page.notices
    ]
    context = {
        "place": "mine",
        "rows": rows,
        "next": f"?after={page.next}" if page.next else "",
        "unread": queries.unread(actor_of(request)),
    }
    return render(request, "notices/mine.html", context)


@never_cache
@require_GET
@guarded
def open_(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Note that a notice was read, with all others of its case, and go on to what it is about behind the right door."""
    actor = actor_of(request)
    notice = queries.one(actor, notice_id)
    if notice.case_id is None:
        actions.read_one(actor, notice.id)
        target = _own(actor, notice)
    else:
        actions.read_case(actor, notice.number)
        if notice.topic in FOR_REPORTERS:
            return HttpResponseRedirect(f"/case/{notice.number}")
        target = f"/{'field' if actor.role in FIELD else 'desk'}/case/{notice.number}"
    if notice.post_id is not None and notice.post_id != actor.post_id:
        return HttpResponseRedirect(f"{reverse('people:switch-post')}?{urlencode({'next': target})}")
    return HttpResponseRedirect(target)


OF_TEAM = {
    Kind.SWAP_ASKED: "duty", Kind.SWAP_AGREED: "duty", Kind.SWAP_REFUSED: "duty", Kind.TRAINING: "training",
    Kind.CERTIFICATE: "training", Kind.ASSESSED: "assessment",
}  # fmt: skip

OF_OPERATIONS = (
    Kind.TASK_SENT, Kind.TASK_CHANGED, Kind.TASK_EXTENDED, Kind.TASK_REMINDED, Kind.TASK_STOPPED, Kind.DRAFT_PREPARED,
)  # fmt: skip


def _own(actor: Actor, notice: Notice) -> str:
    """Where one reads more about one's own work or points."""
    if notice.topic == Topic.POINTS:
        door = "/field/points" if actor.role in FIELD else "/my/points"
        aside = notice.kind in (Kind.POINTS_REFUSED, Kind.SUSPENDED, Kind.LIFTED)
        return door if aside else f"{door}/entry/{notice.subject_id}"
    if notice.kind == Kind.RUNNING_OUT:
        return f"/desk/compounds/{notice.subject_id}"
    if notice.kind in OF_OPERATIONS:
        return f"/{'field' if actor.role in FIELD else 'desk'}/operations/of/{notice.subject_id}"
    if notice.kind == Kind.BRIEF_MADE:
        return f"/desk/briefs/{notice.subject_id}"
    if notice.kind == Kind.WATCH_DRAWN:
        return f"/desk/supervision?list={notice.subject_id}"
    if notice.kind in (Kind.WATCH_GIVEN, Kind.WATCH_DONE, Kind.WATCH_RETURNED):
        return f"/desk/supervision/items/{notice.subject_id}"
    page = OF_TEAM.get(Kind(notice.kind), "leave")
    if actor.role in FIELD:
        return f"/field/me/{page}"
    own_leave = page == "leave" and notice.kind != Kind.COVERING
    return f"/desk/team/{page}/{notice.subject_id}" if own_leave else f"/desk/team/{page}"


@require_POST
@guarded
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read, or those of one case."""
    actor, number = actor_of(request), request.POST.get("number", "")
    if number:
        actions.read_case(actor, number)
    else:
        actions.read_all(actor)
    return HttpResponseRedirect(reverse("notices:mine"))


@never_cache
@require_GET
@guarded
def bell(request: HttpRequest) -> HttpResponse:
    """The header's bell with its count."""
    if actor_of(request).account_id is None:
        # The page asks for a part of itself: the sign-in page would be put in its place.
        return HttpResponse(status=401) if "HX-Request" in request.headers else to_sign_in(request)
    return render(request, "notices/bell.html", {"unread": queries.unread(actor_of(request))})


@never_cache
@require_http_methods(["GET", "POST"])
@guarded
def choose(request: HttpRequest) -> HttpResponse:
    """The one page on which one says how to be told."""
    actor = actor_of(request)
    if request.method == "GET":
        return _settings(request)
    chosen = {
        channel.value: [topic for topic in Topic.values if f"{channel}:{topic}" in request.POST]
        for channel in channels.offered()
    }
    try:
        actions.choose(
            actor,
            chosen=chosen,
            quiet_from=_clock(request, "quiet_from"),
            quiet_to=_clock(request, "quiet_to"),
            digest="digest" in request.POST,
            digest_at=_clock(request, "digest_at"),
        )
    except Invalid as error:
        return _settings(request, error)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("notices:settings"))


def _clock(request: HttpRequest, name: str) -> clock_time:
    try:
        return clock_time.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise Invalid(
            "notices.time", _("This is no time of day."), field=name, mend=_("Write it like 22:00.")
        ) from None


def _settings(request: HttpRequest, error: LinliError | None = None, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    settings, addresses, offered = queries.settings_of(actor), queries.addresses_of(actor), channels.offered()
    topics = (*FOR_REPORTERS, *(FOR_STAFF if actor.post_id else ()), *FOR_ALL)
    context: dict[str, Any] = {
        "place": "mine",
        "settings": settings,
        "quiet_from": settings.quiet_from.strftime("%H:%M"),
        "quiet_to": settings.quiet_to.strftime("%H:%M"),
        "digest_at": settings.digest_at.strftime("%H:%M"),
        "addresses": addresses,
        "channels": [_channel(one) for one in offered],
        "kinds": [{"topic": topic, "cells": [_cell(settings, one, topic) for one in offered]} for topic in topics],
        "ways": [(one.value, one.label) for one in offered if one != Channel.PUSH],
        "push_key": push.public_key() if Channel.PUSH in offered else "",
        "errors": rows_of(error) if error else [],
        **more,
    }
    return render(request, "notices/settings.html", context, status=error.status if error else 200)


def _channel(channel: Channel) -> dict[str, Any]:
    return {"name": channel.value, "label": channel.label}


def _cell(settings: Settings, channel: Channel, topic: Topic) -> dict[str, Any]:
    return {
        "name": f"{channel}:{topic}",
        "id": f"id_{channel}_{topic}",
        "label": f"{topic.label}: {channel.label}",
        "channel": channel.label,
        "on": settings.wants(channel, topic),
    }


@require_POST
@guarded
def add(request: HttpRequest) -> HttpResponse:
    """Give an address; a code goes there."""
    try:
        address, shown = actions.add_address(
            actor_of(request),
            channel=request.POST.get("channel", ""),
            value=request.POST.get("value", "")[:254],
            language=get_language() or "zh-hans",
        )
    except SignInNeeded:
        raise
    except LinliError as error:
        return _settings(request, error, value=request.POST.get("value", ""), way=request.POST.get("channel", ""))
    return _settings(request, shown=shown, entering=None if address.verified_at else address)


@require_POST
@guarded
def verify(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Give back the code."""
    actor = actor_of(request)
    try:
        actions.verify_address(actor, address_id, code=request.POST.get("code", ""))
    except Invalid as error:
        entering = next((one for one in queries.addresses_of(actor) if one.id == address_id), None)
        return _settings(request, error, entering=entering)
    messages.success(request, _("This address is used from now on."))
    return HttpResponseRedirect(reverse("notices:settings"))


@require_POST
@guarded
def remove(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Take back an address."""
    actions.remove_address(actor_of(request), address_id)
    messages.success(request, _("The address is taken back."))
    return HttpResponseRedirect(reverse("notices:settings"))


@require_POST
def device(request: HttpRequest) -> HttpResponse:
    """Take the subscription of this browser; asked by the page's script."""
    actor = actor_of(request)
    if actor.account_id is None:
        return to_sign_in(request)
    try:
        given = json.loads(request.body)
        keys = given["keys"]
        address = actions.subscribe_device(
            actor,
            endpoint=str(given["endpoint"]),
            p256dh=str(keys["p256dh"]),
            auth=str(keys["auth"]),
            name=str(given.get("name", "")),
        )
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"code": "push.subscription"}, status=422)
    except LinliError as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=error.status)
    return JsonResponse({"id": str(address.id)}, status=201)


@csrf_exempt  # the mail program asks by itself (RFC 8058) and has no cookie; the link is signed
@never_cache
@require_http_methods(["GET", "POST"])
@guarded
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the e-mails to one address, from the link in any of them."""
    address = unsubscribing.read(token)
    if address is None:
        raise NotFound("notices.no_address", _("There is no such address."))
    if request.method == "POST":
        actions.unsubscribe(address)
    context = {"label": address.label, "done": request.method == "POST" or address.gone_at is not None}
    return render(request, "notices/unsubscribe.html", context)
