"""The screen: number, words, place, category; beside them who calls, what is near and what is known; one key to register."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linli.cases import queries as cases
from linli.cases.actions import intake
from linli.cases.loop import Ref
from linli.cases.models import Case, Channel
from linli.catalog.snapshot import Entry
from linli.hotline import queries
from linli.hotline.actions import calls
from linli.hotline.frame import actor_of, go, staff, tabs
from linli.hotline.models import Call, Outcome
from linli.kernel import ids
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor
from linli.ui.casework import forms, registering
from linli.ui.casework.names import Places, catalogue_for, category_name, face_of, language
from linli.ui.looks import look_of
from linli.ui.sent import id_in
from linli.workforce import queries as workforce

MOST_SUGGESTED = 5
NOT_SENT = ("csrfmiddlewaretoken", "offered")
MOST_TYPED = 400


@staff("call.take")
@never_cache
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """The screen, empty or for a call: ``?call=`` one that rings or was left open, ``?number=`` from a telephone system.

    ``?more=`` names a call just ended of which there is a further matter.
    """
    actor = actor_of(request)
    if more := id_in(request.GET.get("more", "")):
        return _further(request, actor, queries.call_of(actor, more))
    sent = QueryDict(mutable=True)
    sent["phone"] = request.GET.get("number", "").strip()[:24]
    call = None
    if call_id := id_in(request.GET.get("call", "")):
        call = queries.call_of(actor, call_id)
        if call.is_ended or call.post_id != actor.post_id:
            call = None
    done = id_in(request.GET.get("done", ""))
    return _show(request, actor, sent, call_id=call.id if call else ids.new_id(), call=call, done=done)


def _show(
    request: HttpRequest,
    actor: Actor,
    sent: QueryDict,
    *,
    call_id: UUID,
    call: Call | None = None,
    done: UUID | None = None,
    matter: UUID | None = None,
    errors: list[LinliError] | None = None,
    status: int = 200,
) -> HttpResponse:
    request.live_cases = [calls.topic(actor.district), str(actor.post_id)]  # type: ignore[attr-defined]
    count, median = queries.own_today(actor)
    left = [{"call": one, "href": f"?call={one.id}"} for one in queries.unfinished(actor) if one.id != call_id]
    context = {
        "tabs": tabs(request, "screen"),
        "call_id": call_id,
        "sent": {
            name: sent.get(name, "") for name in ("phone", "name", "description", "address", "lng", "lat", "category")
        },
        "wrong": {error.field: str(error.message) for error in errors or () if error.field},
        "errors": errors or [],
        "area_path": actor.area_path or actor.district,
        "unfinished": left,
        "done": _done(actor, done) if done else None,
        "own_count": count,
        "own_median": round(median) if median is not None else None,
        "find_now": bool(sent.get("phone")) and call is None and not errors,
        "matter": matter,
        **_ringing_context(actor),
        **_caller_context(actor, call, matter),
        **_category_context(actor, sent),
        **_beside_context(actor, sent),
    }
    return render(request, "hotline/screen/page.html", context, status=status)


def _further(request: HttpRequest, actor: Actor, call: Call) -> HttpResponse:
    """The same screen for a further matter: who calls is known, and where it is stands there already."""
    if call.post_id != actor.post_id or not queries.may_go_on(call):
        return go(request, "screen")
    sent = QueryDict(mutable=True)
    if (case := queries.place_of(actor, call)) is not None:
        sent.update({"address": case.address_text, "lng": str(case.lng or ""), "lat": str(case.lat or "")})
    return _show(request, actor, sent, call_id=call.id, call=call, matter=ids.new_id())


def _done(actor: Actor, call_id: UUID) -> dict[str, Any] | None:
    """What became of the call just ended: numbers and codes to read out, while the reporter has no account."""
    call = queries.call_of(actor, call_id)
    if not call.is_ended or call.post_id != actor.post_id:
        return None
    return {
        "call": call,
        "code": _code(call.outcome, call.case_number),
        "further": [{"matter": one, "code": _code(one.outcome, one.case_number)} for one in queries.further(call)],
        "more_href": f"?more={call.id}" if queries.may_go_on(call) else "",
    }


def _code(outcome: str, number: str) -> str:
    case = cases.by_number(number) if outcome == Outcome.REGISTERED else None
    figures = intake.ticket_code(case.district, case.number) if case is not None else ""
    return f"{figures[:4]} {figures[4:]}".strip()


@staff("call.take")
@require_GET
def ringing(request: HttpRequest) -> HttpResponse:
    """What rings at this moment, for the live page."""
    return render(request, "hotline/screen/ringing.html", _ringing_context(actor_of(request)))


def _ringing_context(actor: Actor) -> dict[str, Any]:
    return {
        "ringing": [{"call": one, "own": one.post_id == actor.post_id} for one in queries.ringing(actor)],
        "ring_topics": " ".join(f"case:{one}" for one in (calls.topic(actor.district), actor.post_id)),
    }


@staff("call.take")
@require_POST
def take(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Answer a call that rings."""
    actor = actor_of(request)
    calls.take(actor, queries.call_of(actor, call_id).id)
    return go(request, "screen", query={"call": str(call_id)})


@staff("call.take")
@never_cache
@require_POST
def caller(request: HttpRequest) -> HttpResponse:
    """Begin the call, or put its number right, and show who it is."""
    actor, call_id = actor_of(request), _call_id(request)
    phone, wrong = request.POST.get("phone", ""), ""
    try:
        queries.has_number(phone)
    except Invalid as error:
        phone, wrong = "", f"{error.message} {error.mend}"
    call = calls.take(actor, call_id, number=phone)
    if request.headers.get("HX-Request") != "true":
        return go(request, "screen", query={"call": str(call.id)})
    context = _caller_context(actor, call) | ({"caller_error": wrong} if wrong else {})
    context["name_held"] = bool(context["caller"]) and not request.POST.get("name", "").strip()
    return render(request, "hotline/screen/caller.html", context, status=422 if wrong else 200)


def _caller_context(actor: Actor, call: Call | None, matter: UUID | None = None) -> dict[str, Any]:
    found = queries.caller(actor, call) if call and (matter or not call.is_ended) else None
    if found is None:
        return {"caller": None, "call": call}
    return {
        "caller": found,
        "call": call,
        "open_cases": [_case_row(one) for one in found.open],
        "ended_cases": [_case_row(one) for one in found.ended],
    }


def _case_row(case: Case) -> dict[str, Any]:
    look, face = look_of(case.state), face_of(case)
    return {
        "number": case.number,
        "title": category_name(case, catalogue_for(case.district)),
        "at": case.reported_at,
        "state_word": look.office,
        "state_icon": look.icon,
        "state_tone": look.tone,
        "clock": face.detail if face else "",
    }


@staff("call.take")
@require_POST
def categories(request: HttpRequest) -> HttpResponse:
    """Categories for the words so far: the best is chosen until somebody chooses another."""
    return render(request, "hotline/screen/categories.html", _category_context(actor_of(request), request.POST))


def _found(actor: Actor, sent: QueryDict) -> list[Entry]:
    words = sent.get("description", "").strip()[:MOST_TYPED]
    return catalogue_for(actor.district).search(words, limit=MOST_SUGGESTED + 3) if words else []


def _chosen(actor: Actor, sent: QueryDict, found: list[Entry]) -> Entry | None:
    """What somebody chose; else the best for the words, which goes on changing with them."""
    chosen, offered = sent.get("category", ""), sent.get("offered", "")
    if chosen and chosen != offered:
        return catalogue_for(actor.district).get(chosen)
    return found[0] if found else catalogue_for(actor.district).get(chosen)


def _category_context(actor: Actor, sent: QueryDict) -> dict[str, Any]:
    found = _found(actor, sent)
    chosen = _chosen(actor, sent, found)
    suggested = [entry for entry in found if entry.becomes_case][:MOST_SUGGESTED]
    if chosen is not None and not chosen.becomes_case:
        chosen = None  # nothing is registered of it: whom to ring stands beside
    if chosen is not None and chosen not in suggested:
        suggested = [chosen, *suggested]
    by_hand = bool(sent.get("category")) and sent.get("category") != sent.get("offered")
    return {
        "suggested": [
            forms.category_choice(entry, chosen=chosen is not None and entry.code == chosen.code) for entry in suggested
        ],
        "groups": forms.category_choices(actor.district, set()),
        "offered": chosen.code if chosen is not None and not by_hand else "",
        "has_words": bool(sent.get("description", "").strip()),
    }


@staff("call.take")
@require_POST
def beside(request: HttpRequest) -> HttpResponse:
    """What follows from words, category and place: whom to ring first, what is known, what was reported there already."""
    return render(request, "hotline/screen/beside.html", _beside_context(actor_of(request), request.POST))


def _beside_context(actor: Actor, sent: QueryDict) -> dict[str, Any]:
    found = _found(actor, sent)
    entry = _chosen(actor, sent, found)
    place = registering.place_of(actor, sent)
    near: list[cases.Nearby] = []
    if place is not None and place.how != "unplaced":
        wanted = list(dict.fromkeys([*([entry.code] if entry else []), *(one.code for one in found[:3])]))
        near = queries.near(
            district=place.district, categories=wanted, lng=place.lng, lat=place.lat, area_path=place.area_path,
            words=sent.get("description", ""),
        )  # fmt: skip
    words, ticked = sent.get("description", "").strip()[:MOST_TYPED], set(sent.getlist("articles"))
    known = queries.knowledge(actor, words, category=entry.code if entry else "") if words or entry else []
    speech = language()
    return {
        "grid": Places([place.area_path]).short(place.area_path) if place and place.how != "unplaced" else "",
        "unplaced": place is not None and place.how == "unplaced",
        "duty": workforce.on_duty(place.area_path) if place is not None else None,
        "call_first": registering.call_first(entry),
        "danger": entry.is_danger if entry else False,
        "near_cases": [_near_row(one) for one in near],
        "articles": [
            {"code": one.code, "title": one.title(speech), "body": one.body(speech), "ticked": one.code in ticked,
             "first": number == 0, "since": one.since}
            for number, one in enumerate(known)
        ],
    }  # fmt: skip


def _near_row(one: cases.Nearby) -> dict[str, Any]:
    look = look_of(one.state)
    return {
        "number": one.number,
        "title": catalogue_name(one),
        "words": one.words,
        "metres": one.metres,
        "at": one.reported_at,
        "state_word": look.office,
        "state_icon": look.icon,
        "state_tone": look.tone,
    }


def catalogue_name(one: cases.Nearby) -> str:
    """What kind of case a near one is."""
    entry = catalogue_for(one.district).get(one.category)
    return entry.called(language()) if entry else one.category


@staff("call.take")
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Register; the same call sent twice is one case."""
    actor, call_id, sent = actor_of(request), _call_id(request), request.POST
    errors = registering.wrong(actor, sent)
    if not errors:
        body = {name: sent.getlist(name) for name in sorted(sent) if name not in NOT_SENT}
        try:
            what = registering.report_of(actor, sent, Channel.HOTLINE)
            said = json.dumps(body, ensure_ascii=False).encode()
            if matter := id_in(sent.get("matter", "")):
                calls.register_further(actor, call_id, matter, said, what=what)
            else:
                calls.register(actor, call_id, said, what=what, articles=sent.getlist("articles"))
        except LinliError as error:
            errors = [error]
        else:
            return go(request, "screen", query={"done": str(call_id)})
    return _again(request, actor, call_id, errors)


def _again(request: HttpRequest, actor: Actor, call_id: UUID, errors: list[LinliError]) -> HttpResponse:
    status = max(error.status for error in errors)
    call: Call | None
    if matter := id_in(request.POST.get("matter", "")):
        call = queries.call_of(actor, call_id)
        return _show(
            request, actor, request.POST, call_id=call_id, call=call, matter=matter, errors=errors, status=status
        )
    try:
        queries.has_number(request.POST.get("phone", ""))
        call = calls.take(actor, call_id, number=request.POST.get("phone", ""))
    except LinliError:
        call = None
    return _show(request, actor, request.POST, call_id=call_id, call=call, errors=errors, status=status)


@staff("call.take")
@require_POST
def join(request: HttpRequest, number: str) -> HttpResponse:
    """Let the caller join a case that was reported already."""
    actor, call_id, sent = actor_of(request), _call_id(request), request.POST
    written = ids.parse_ticket_number(number)
    case = cases.by_number(written) if written else None
    try:
        if case is None or case.district != actor.district:
            raise Invalid("case.number", _("There is no case with this number here."))
        ref, text = Ref(case.district, case.id), sent.get("description", "")
        if matter := id_in(sent.get("matter", "")):
            calls.join_further(actor, call_id, matter, ref, text=text)
        else:
            told = sent.getlist("articles")
            calls.join(actor, call_id, ref, text=text, reporter=registering.reporter_of(sent), articles=told)
    except LinliError as error:
        return _again(request, actor, call_id, [error])
    return go(request, "screen", query={"done": str(call_id)})


@staff("call.take")
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Note a call that leaves no case; the address says what became of it, and about which case it was."""
    actor, call_id, sent = actor_of(request), _call_id(request), request.POST
    outcome = request.GET.get("outcome", "")
    try:
        calls.note(
            actor,
            call_id,
            outcome=Outcome(outcome) if outcome in set(Outcome) else Outcome.REGISTERED,
            words=sent.get("description", ""),
            number=sent.get("phone", ""),
            category=sent.get("category", ""),
            case_number=request.GET.get("case", ""),
            articles=sent.getlist("articles"),
        )
    except LinliError as error:
        return _again(request, actor, call_id, [error])
    return go(request, "screen", query={"done": str(call_id)})


def _call_id(request: HttpRequest) -> UUID:
    found = id_in(request.POST.get("call", ""))
    if found is None:
        raise Invalid("call.id", _("This page is too old."), mend=_("Open the hotline again."))
    return found
