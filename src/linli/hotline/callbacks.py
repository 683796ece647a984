"""Calling back: verified cases that wait for their reporter's word, and what a supervisor has to decide about the figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import queries as cases
from linli.cases.actions.closing import Outcome as Said
from linli.cases.loop import Ref, may_view
from linli.cases.models import Case
from linli.hotline import queries, rules
from linli.hotline.actions import callbacks
from linli.hotline.frame import actor_of, go, staff, tabs
from linli.hotline.models import Try
from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor, policy
from linli.ui import undo
from linli.ui.casework import reporter as shared
from linli.ui.casework.names import Places, catalogue_for, category_name, face_of
from linli.ui.casework.story import outcome_words
from linli.ui.looks import look_of


@staff("case.feedback", "case.decide_exclusion")
@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Who is to be rung back, those that may be rung now first."""
    actor = actor_of(request)
    ringing = bool(policy.reach(actor, "case.feedback"))
    found, more = queries.to_ring(actor, after=request.GET.get("after", "")[:200]) if ringing else ([], "")
    places = Places([one.case.area_path for one in found])
    together = queries.together(actor, [one.case.number for one in found])
    context = {
        "tabs": tabs(request, "callbacks"),
        "rows": [_row(one, places) | {"together": len(together.get(one.case.number, ()))} for one in found],
        "tries": rules.callbacks().tries,
        "next_href": f"?after={more}" if more else "",
        "to_exclude": _to_exclude(request),
    }
    return render(request, "hotline/callbacks/list.html", context)


def _row(one: queries.ToRing, places: Places) -> dict[str, Any]:
    case, face = one.case, face_of(one.case)
    later = one.next_at is not None and one.next_at > time.now()
    return {
        "number": case.number,
        "title": category_name(case, catalogue_for(case.district)),
        "place": places.short(case.area_path),
        "tries": len(one.tries),
        "next_at": one.next_at if later else None,
        "clock": face,
    }


def _to_exclude(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of(request)
    if not policy.reach(actor, "case.decide_exclusion"):
        return []
    return [
        {
            "number": one.case.number,
            "title": category_name(one.case, catalogue_for(one.case.district)),
            "reason": one.reason,
            "at": one.asked_at,
        }
        for one in queries.exclusions_asked(actor)
    ]


@staff("case.feedback")
@never_cache
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, number: str) -> HttpResponse:
    """One case to ring back about: what was done, the tries so far, and what the reporter says."""
    actor = actor_of(request)
    case = cases.get(actor, number)
    policy.require(actor, "case.feedback", case, view="case.view")
    if request.method == "GET":
        return _show(request, case)
    said, words = request.POST.get("said", ""), request.POST.get("words", "")
    version = request.POST.get("version", "")
    try:
        if said not in set(Said):
            raise Invalid("callback.said", _("Choose what the reporter said."), field="said")
        made = callbacks.record_ring(
            actor,
            Ref(case.district, case.id),
            version=int(version) if version.isdigit() and len(version) < 10 else 0,
            said=Said(said),
            words=words,
        )
    except LinliError as error:
        return _show(request, cases.get(actor, number), errors=[error], said=said, words=words, status=error.status)
    undo.done(request, _said_to(case, made[0], len(made) - 1))
    waiting = next((one for one in _together(actor, case) if one["waits"]), None)
    return go(request, "callback", waiting["number"]) if waiting else go(request, "callbacks")


def _together(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """The other cases that the reporter left in the same call; those that wait for a word may be asked about at once."""
    found = [cases.by_number(number) for number in queries.together(actor, [case.number]).get(case.number, ())]
    seen = [one for one in found if one is not None and may_view(actor, one)]
    waits = {one.case.id for one in queries.may_ring(actor, seen)}
    return [
        {
            "number": one.number,
            "title": category_name(one, catalogue_for(one.district)),
            "look": look_of(one.state),
            "waits": one.id in waits,
        }
        for one in seen
    ]


def _said_to(case: Case, made: Try, others: int) -> str:
    if made.next_at is not None:
        said = _("Case %(number)s: nobody answered, try %(n)d of %(most)d.") % {
            "number": case.number, "n": made.number, "most": rules.callbacks().tries,
        }  # fmt: skip
        also = ngettext(
            "Noted for %(n)d more case of the same call as well.", "Noted for %(n)d more cases of the same call as well.", others
        ) % {"n": others}  # fmt: skip
        return f"{said} {also}" if others else said
    return _("Case %(number)s: %(said)s.") % {"number": case.number, "said": outcome_words(made.said)}


def _show(
    request: HttpRequest,
    case: Case,
    *,
    errors: list[LinliError] | None = None,
    said: str = "",
    words: str = "",
    status: int = 200,
) -> HttpResponse:
    made = [one for one in queries.tries_of([case]) if one.round == case.round]
    left = rules.callbacks().tries - len(made)
    context = {
        "tabs": tabs(request, "callbacks"),
        "case": case,
        "title": category_name(case, catalogue_for(case.district)),
        "place": Places([case.area_path]).short(case.area_path),
        "face": face_of(case),
        "tries": [{"number": one.number, "at": one.at, "said": outcome_words(one.said)} for one in made],
        "next_at": made[-1].next_at if made and made[-1].next_at and made[-1].next_at > time.now() else None,
        "is_last": left == 1,
        "waits": case.state == "verified",
        "choices": [
            {"value": str(one), "label": outcome_words(one)}
            for one in (Said.CONTENT, Said.NEUTRAL, Said.NOT_CONTENT, Said.NOT_REACHED)
        ],
        "said": said,
        "words": words,
        "errors": errors or [],
        "wrong": {error.field: str(error.message) for error in errors or () if error.field},
        "together": _together(actor_of(request), case),
    }
    return render(request, "hotline/callbacks/case.html", context, status=status)


@staff("case.read_reporter")
@never_cache
@require_http_methods(["GET", "POST"])
def reporter(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter's number, for a purpose that the reporter can read."""
    actor = actor_of(request)
    case = cases.get(actor, number)
    action = reverse("hotline:callback-reporter", args=[case.number])
    context = shared.asked(request, actor, case, action=action) | {"plain": True, "tabs": tabs(request, "callbacks")}
    return render(request, "hotline/callbacks/reporter.html", context, status=422 if "error" in context else 200)
