"""A member's own leave, duty and hand-over list; and duty as a calendar by a secret address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.field.frame import actor_of, address, member
from linli.kernel import time
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import team
from linli.ui.casework.names import Places
from linli.ui.sent import version_of
from linli.workforce import calendars, queries
from linli.workforce.actions import assessment as acting_on
from linli.workforce.actions import duty as acting
from linli.workforce.actions import leaving

KEY_LENGTH = 40


def standing_rows(actor: Actor) -> list[dict[str, Any]]:
    """For whom one stands in now: the list of today says so, with one press to their list."""
    return [
        {
            "name": one.name,
            "place": territory.full_name(one.area_path, top=Level.COMMUNITY),
            "until": team.day_word(one.last_day),
            "post": one.post_id,
            "open": one.open,
        }
        for one in queries.standing_in(actor)
        if one.made_post and one.post_id != actor.post_id and one.starts_on <= time.today()
    ]


@member
@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """One's leaves, and the form to ask for one."""
    actor = actor_of(request)
    context: dict[str, Any] = {"nav": "me", "reasons": team.reasons(), "sent": request.POST, "errors": [], "wrong": {}}
    status = 200
    if request.method == "POST":
        try:
            team.ask_leave(request, actor)
        except NotFound:
            raise
        except LinliError as error:
            context |= {"errors": [error], "wrong": {error.field: str(error.message)}}
            status = error.status
        else:
            messages.success(request, _("Your leave is asked for; you see here what becomes of it."))
            return HttpResponseRedirect(address("leave"))
    context["rows"] = team.my_leave_rows(actor)
    context["covers"] = queries.standing_in(actor)
    return render(request, "field/team/leave.html", context, status=status)


@member
@require_POST
def end_leave(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """Take one's leave back, or come back today."""
    actor = actor_of(request)
    found = queries.leave(actor, leave_id)
    leaving.end(actor, found.id, district=found.district, version=version_of(request.POST))
    messages.success(request, _("The leave has ended; what is open is back."))
    return HttpResponseRedirect(address("leave"))


@member
@never_cache
@require_http_methods(["GET", "POST"])
def duty(request: HttpRequest) -> HttpResponse:
    """One's shifts and questions of swaps; a press makes the address of one's calendar, shown once."""
    actor = actor_of(request)
    context: dict[str, Any] = {"nav": "me", **team.my_duty(actor)}
    if request.method == "POST":
        key = acting.new_feed(actor)
        context |= {"feed": request.build_absolute_uri(address("duty-feed", key)), "has_feed": True}
    response = render(request, "field/team/duty.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@member
@require_POST
def swap(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Ask a colleague to take one's own shift."""
    acting.ask_swap(actor_of(request), shift_id, to_post=_uuid(request.POST.get("post", "")))
    messages.success(request, _("Your colleague is asked; until they agree the shift is yours."))
    return HttpResponseRedirect(address("duty"))


@member
@require_POST
def answer(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """Agree to a swap, or not; who asked takes the question back."""
    agree = request.POST.get("agree") == "yes"
    acting.answer_swap(actor_of(request), swap_id, agree=agree)
    messages.success(request, _("The shift is yours now.") if agree else _("Said no; the shift stays where it was."))
    return HttpResponseRedirect(address("duty"))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("post.none", _("There is no such post.")) from None


@member
@require_GET
def hands(request: HttpRequest) -> HttpResponse:
    """Everything that is open in one's own hands: what a hand-over would take along."""
    actor = actor_of(request)
    if actor.post_id is None:
        raise NotFound("post.none", _("There is no such post."))
    _post, things = queries.in_hands(actor, actor.post_id)
    places = Places([thing.area_path for thing in things])
    rows = [
        {
            "title": thing.title,
            "number": thing.number,
            "place": places.short(thing.area_path),
            "due_at": thing.due_at,
            "href": address("case", thing.number) if thing.kind == "case" else "",
        }
        for thing in things
    ]
    return render(request, "field/team/hands.html", {"nav": "me", "rows": rows})


@never_cache
@require_GET
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """One's shifts as a calendar file; whoever knows the address reads it, so it holds nobody else's name."""
    shifts = queries.feed(key) if len(key) == KEY_LENGTH else None
    if shifts is None:
        raise Http404
    return HttpResponse(calendars.of(shifts), content_type="text/calendar; charset=utf-8")


@member
@never_cache
@require_GET
def training(request: HttpRequest) -> HttpResponse:
    """What one has to have learnt, until when certificates are good, and the courses one is asked to."""
    actor = actor_of(request)
    return render(request, "field/team/training.html", {"nav": "me", "rows": team.training_rows(actor)})


@member
@never_cache
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest) -> HttpResponse:
    """One's own assessments with what they are computed from; a press objects to one criterion."""
    actor = actor_of(request)
    context: dict[str, Any] = {"nav": "me", "sent": request.POST, "errors": [], "wrong": {}}
    status = 200
    if request.method == "POST":
        try:
            acting_on.object_to(
                actor, _uuid(request.POST.get("assessment", "")), about=request.POST.get("about", ""),
                words=request.POST.get("words", ""),
            )  # fmt: skip
        except NotFound:
            raise
        except LinliError as error:
            context |= {"errors": [error], "wrong": {error.field: str(error.message)}}
            status = error.status
        else:
            messages.success(request, _("Your objection is in; somebody who did not assess you answers."))
            return HttpResponseRedirect(address("assessment"))
    return render(request, "field/team/assessment.html", context | team.my_assessments(actor), status=status)
