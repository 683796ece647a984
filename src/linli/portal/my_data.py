"""My data: what is stored, who looked at it, and what one may do about it: correct, take along, withdraw, delete."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import queries as cases
from linli.kernel import time
from linli.kernel.errors import LinliError, SignInNeeded
from linli.kernel.trust import Actor
from linli.people import actions, holdings, pages
from linli.people import queries as people
from linli.people.confirming import confirmed
from linli.people.holdings import Fact
from linli.people.words import role_word
from linli.portal.frame import address, door, visitor
from linli.portal.wording import rows_of
from linli.services import queries as services

SIZE = 20
MOST = 200


def _signed_in(request: HttpRequest) -> Actor:
    actor = visitor(request)
    if not actor.is_signed_in:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    return actor


@door
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Everything that is held, and who looked, a page at a time."""
    return _page(request, _signed_in(request))


def _page(request: HttpRequest, actor: Actor, errors: list[LinliError] | None = None, **more: Any) -> HttpResponse:
    number = request.GET.get("page", "1")
    number_at = min(int(number), 500) if number.isdecimal() and int(number) > 0 else 1
    looks = people.looks_at_me(actor, limit=SIZE + 1, offset=(number_at - 1) * SIZE)
    name, phone = people.masked_account(request.user)  # type: ignore[arg-type]
    context = {
        "place": "mine",
        "account": request.user,
        "name": name,
        "phone": phone,
        "holdings": holdings.of(actor),
        "looks": [{"look": look, "role": role_word(look.role)} for look in looks[:SIZE]],
        "next": f"?page={number_at + 1}" if len(looks) > SIZE else "",
        "previous": f"?page={number_at - 1}" if number_at > 1 else "",
        "errors": [row for error in errors or () for row in pages.rows_of(error)],
        **more,
    }
    return render(request, "portal/mine/data.html", context, status=errors[0].status if errors else 200)


@door
@never_cache
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """Correct the name; or the number: first a code is sent to the new one, then it is entered."""
    actor, post = _signed_in(request), request.POST
    network = pages.network_of(request)
    try:
        if "name" in post:
            actions.correct_name(actor, name=post["name"])
        elif "code" in post:
            actions.correct_phone(actor, phone=post.get("phone", ""), code=post["code"], network=network)
        else:
            new = post.get("phone", "")
            sent = actions.request_code(phone=new, network=network, language=get_language() or "zh-hans")
            return _page(request, actor, new_phone=new, sent=sent)
    except LinliError as error:
        return _page(request, actor, [error], new_phone=post.get("phone", "") if "code" in post else "")
    messages.success(request, _("Your data are corrected."))
    return HttpResponseRedirect(address("data"))


@door
@never_cache
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Nobody may ring back any more: what was left with reports is erased."""
    actions.withdraw_contact(_signed_in(request))
    messages.success(request, _("Name, number and address left with your reports are erased."))
    return HttpResponseRedirect(address("data"))


@door
@never_cache
@require_http_methods(["POST"])
def erasure(request: HttpRequest) -> HttpResponse:
    """Ask for the account to be deleted, or take that back."""
    actor = _signed_in(request)
    try:
        if request.POST.get("keep"):
            actions.keep_account(actor)
            messages.success(request, _("Your account stays."))
        else:
            actions.ask_erasure(actor)
    except LinliError as error:
        return _page(request, actor, [error])
    return HttpResponseRedirect(address("data"))


@door
@never_cache
@require_POST
@confirmed
def export(request: HttpRequest) -> HttpResponse:
    """Everything in a zip: for machines (JSON) and for people (HTML)."""
    actor = _signed_in(request)
    actions.note_export(actor)
    data = holdings.exported(actor)
    body = BytesIO()
    with ZipFile(body, "w", ZIP_DEFLATED) as archive:
        archive.writestr("linli.json", json.dumps(data, ensure_ascii=False, indent=2))
        archive.writestr(
            "linli.html", render_to_string("portal/mine/export.html", {"data": data, "lang": get_language()})
        )
    response = HttpResponse(body.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="linli-{time.today():%Y%m%d}.zip"'
    return response


def _cases(actor: Actor) -> list[Fact]:
    rows = rows_of(cases.mine(actor, size=MOST).cases)
    return [Fact(str(row["title"]), str(row["number"]), address("case", row["number"])) for row in rows]


def _applications(actor: Actor) -> list[Fact]:
    found = services.mine(actor, size=MOST).applications
    return [Fact(_("Application"), one.number, address("application", one.number)) for one in found]


def announce() -> None:
    """Tell what the rooms behind the portal hold."""
    holdings.announce("cases", gettext_lazy("Reports, own and joined"), _cases)
    holdings.announce("applications", gettext_lazy("Applications for services"), _applications)
