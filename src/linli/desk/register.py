"""Registering by hand: at the counter, on the telephone, on the way; then a slip with number, code and QR to take along."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import queries
from linli.cases.actions import intake
from linli.cases.loop import Ref
from linli.cases.models import Case, Channel
from linli.cases.states import State
from linli.desk import inbox
from linli.desk.frame import actor_of, address, staff
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor, Role, policy
from linli.suggesting import queries as suggesting
from linli.ui import undo
from linli.ui.casework import forms, registering
from linli.ui.casework.names import Places, catalogue_for, category_name
from linli.ui.looks import look_of
from linli.ui.templatetags.ui import address as page_address

SLIP_FOR = timedelta(days=1)
"""How long the post that registered a case may print its code again."""
CHANNELS = (Channel.COUNTER, Channel.HOTLINE, Channel.DESK)
MOST_SUGGESTED = 5
NOT_SENT = ("csrfmiddlewaretoken", "key")


@staff
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The form, and its taking in; the same form sent twice is one report."""
    actor = actor_of(request)
    policy.require(actor, "case.report")
    if request.method == "GET":
        start = request.GET.copy()
        start.setdefault("channel", Channel.HOTLINE if actor.role == Role.CALL_TAKER else Channel.COUNTER)
        return _show(request, actor, start, key=str(ids.new_id()))
    key = request.POST.get("key", "")
    errors = registering.wrong(actor, request.POST)
    if errors:
        return _show(request, actor, request.POST, key=key, errors=errors, status=422)
    body = json.dumps(
        {name: request.POST.getlist(name) for name in sorted(request.POST) if name not in NOT_SENT}, ensure_ascii=False
    )
    try:
        answer = intake.report(
            actor, key, body.encode(), what=registering.report_of(actor, request.POST, _channel(request.POST))
        )
    except LinliError as error:
        return _show(request, actor, request.POST, key=str(ids.new_id()), errors=[error], status=error.status)
    return HttpResponseRedirect(address("slip", answer.body["number"]))


def _channel(sent: QueryDict) -> Channel:
    channel = sent.get("channel", "")
    return Channel(channel) if channel in {str(one) for one in CHANNELS} else Channel.DESK


def _show(
    request: HttpRequest,
    actor: Actor,
    sent: QueryDict,
    *,
    key: str,
    errors: list[LinliError] | None = None,
    status: int = 200,
) -> HttpResponse:
    wrong = {error.field: str(error.message) for error in errors or () if error.field}
    context = {
        "key": key,
        "sent": {
            name: sent.get(name, "")
            for name in ("name", "phone", "description", "address", "lng", "lat", "category", "channel")
        },
        "wrong": wrong,
        "errors": errors or [],
        "channels": [(str(one), str(one.label)) for one in CHANNELS],
        "area_path": actor.area_path or actor.district,
        "heading": "h1",
        "may_apply": policy.allows(actor, "service.apply"),
        **_category_context(actor, sent),
        **_near_context(actor, sent),
    }
    return render(request, "desk/register/page.html", context, status=status)


@staff
@require_GET
def categories(request: HttpRequest) -> HttpResponse:
    """Categories for the words so far; the chosen one stays chosen."""
    return render(request, "desk/register/categories.html", _category_context(actor_of(request), request.GET))


def _category_context(actor: Actor, sent: QueryDict) -> dict[str, Any]:
    catalogue, chosen = catalogue_for(actor.district), sent.get("category", "")
    words = sent.get("description", "").strip()[:400]
    likely = {
        one.entry.code: one for one in suggesting.suggest(words, district=actor.district) if one.entry.becomes_case
    }
    found = [one.entry for one in likely.values()]
    if words:
        matching = catalogue.search(words, limit=MOST_SUGGESTED + 3)
        found += [entry for entry in matching if entry.becomes_case and entry.code not in likely]
    suggested = found[:MOST_SUGGESTED]
    kept = catalogue.get(chosen)
    if kept is not None and kept not in suggested:
        suggested = [kept, *suggested]
    return {
        "suggested": [
            {
                "choice": forms.category_choice(entry, chosen=entry.code == chosen),
                "percent": likely[entry.code].percent if entry.code in likely else 0,
                "because": likely[entry.code].words if entry.code in likely else (),
            }
            for entry in suggested
        ],
        "groups": forms.category_choices(actor.district, {chosen} if kept is not None and not suggested else set()),
        "has_words": bool(words),
    }


@staff
@require_GET
def near(request: HttpRequest) -> HttpResponse:
    """What follows from category and place: whom to ring first, which grid it is, and what was reported there already."""
    return render(request, "desk/register/near.html", _near_context(actor_of(request), request.GET))


def _near_context(actor: Actor, sent: QueryDict) -> dict[str, Any]:
    entry = catalogue_for(actor.district).get(sent.get("category", ""))
    place = registering.place_of(actor, sent)
    found: list[queries.Nearby] = []
    if entry is not None and place is not None and place.how != "unplaced":
        found = queries.near(
            district=place.district,
            category=entry.code,
            lng=place.lng,
            lat=place.lat,
            area_path=place.area_path,
            words=sent.get("description", ""),
        )
    names = Places([place.area_path]) if place else None
    return {
        "grid": names.short(place.area_path) if place and names and place.how != "unplaced" else "",
        "unplaced": place is not None and place.how == "unplaced",
        "call_first": registering.call_first(entry),
        "danger": entry.is_danger if entry else False,
        "near_cases": [_near_row(one) for one in found],
    }


def _near_row(one: queries.Nearby) -> dict[str, Any]:
    look = look_of(one.state)
    return {
        "number": one.number,
        "words": one.words,
        "metres": one.metres,
        "at": one.reported_at,
        "people": one.participants,
        "state_word": look.office,
        "state_icon": look.icon,
        "state_tone": look.tone,
    }


@staff
@require_POST
def join(request: HttpRequest, number: str) -> HttpResponse:
    """Let the caller join a case that was reported already, instead of opening another."""
    actor = actor_of(request)
    policy.require(actor, "case.join")
    written = ids.parse_ticket_number(number)
    case = queries.by_number(written) if written else None
    if case is None or case.district != actor.district:
        raise Invalid("case.number", _("There is no case with this number here."))
    joined = intake.join(
        actor,
        Ref(case.district, case.id),
        text=request.POST.get("description", ""),
        reporter=registering.reporter_of(request.POST),
    )
    undo.done(
        request,
        _("The reporter was added to case %(number)s. Their own code to follow it: %(code)s.")
        % {"number": case.number, "code": f"{joined.code[:4]} {joined.code[4:]}"},
    )
    return HttpResponseRedirect(address("slip", case.number))


@staff
@never_cache
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """The slip to hand over, in large type. The code is on it only for the post that registered the case, for a day."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    code = intake.ticket_code(case.district, case.number) if _own_report(actor, case) else ""
    link = request.build_absolute_uri(page_address("portal:follow", "/follow"))
    target = f"{link}?number={case.number}" + (f"&code={code}" if code else "")
    drawing = segno.make(target, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff", omitsize=True)
    face = inbox.row_of(case, Places([case.area_path]))
    context = {
        "case": case,
        "code": f"{code[:4]} {code[4:]}" if code else "",
        "plain_code": code,
        "link": link,
        "qr": mark_safe(drawing),  # noqa: S308 - drawn by us from the number
        "title": category_name(case, catalogue_for(case.district)),
        "row": face,
        "fresh": case.state == State.SUBMITTED,
    }
    return render(request, "desk/register/slip.html", context)


def _own_report(actor: Actor, case: Case) -> bool:
    first = queries.log_of(case)[0]
    return actor.post_id is not None and first.post_id == actor.post_id and time.now() - first.at < SLIP_FOR
