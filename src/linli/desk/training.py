"""Training at the desk: what the posts of the area have to learn, who lacks it, courses, and who was there."""

from __future__ import annotations

from datetime import time as clock_time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, staff
from linli.desk.team import page
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import policy
from linli.people.words import post_word, role_word
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import team, undo
from linli.ui.casework.points import id_of, key_of
from linli.ui.sent import day_of
from linli.workforce import certificates
from linli.workforce.actions import training as acting
from linli.workforce.models import MEMBERS, Training


def _row(one: Training) -> dict[str, Any]:
    return {
        "href": address("training-page", one.id),
        "title": one.title,
        "of": [str(role_word(role)) for role in one.required_of],
        "hours": one.hours,
        "months": one.valid_months,
        "ended": one.ended_at is not None,
    }


@staff
@never_cache
@require_GET
def trainings(request: HttpRequest) -> HttpResponse:
    """The trainings of the area, and one's own."""
    actor = actor_of(request)
    own = team.training_rows(actor) if policy.reach(actor, "training.own") else []
    return page(request, "trainings", "training", rows=[_row(one) for one in certificates.trainings(actor)], own=own)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set up a training."""
    actor = actor_of(request)
    policy.require(actor, "training.keep")
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            months = request.POST.get("valid_months", "").strip()
            made = acting.offer(
                actor, key_of(request), title=request.POST.get("title", ""), about=request.POST.get("about", ""),
                materials=[_material(line) for line in request.POST.get("materials", "").splitlines() if line.strip()],
                required_of=request.POST.getlist("required_of"), hours=_number(request.POST.get("hours", "")),
                valid_months=_number(months) if months else None,
            )  # fmt: skip
            undo.done(request, _("The training is set up. Now set a course."))
            return HttpResponseRedirect(address("training-page", made.id))
        except LinliError as error:
            errors.append(error)
    context = {
        "key": request.POST.get("key", "") or str(ids.new_id()),
        "sent": request.POST,
        "roles": [
            {
                "value": role.value,
                "name": role_word(role.value),
                "chosen": role.value in request.POST.getlist("required_of"),
            }
            for role in MEMBERS
        ],
    }
    return _draw(request, "training_new", errors, **context)


def _material(line: str) -> tuple[str, str]:
    """A line with a title and an address at its end."""
    title, _sep, url = line.strip().rpartition(" ")
    return title, url


def _number(text: str) -> int:
    found = text.strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) < 6 else 0


def _draw(request: HttpRequest, template: str, errors: list[LinliError], **context: Any) -> HttpResponse:
    more = {"errors": errors, "wrong": {error.field: str(error.message) for error in errors if error.field}}
    return page(request, template, "training", status=errors[0].status if errors else 200, **more, **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def training(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """One training: who lacks it, its courses; a press sets a course and asks those to it who lack it."""
    actor = actor_of(request)
    found = certificates.training(actor, training_id)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            made = acting.hold(
                actor, found.id, course_id=key_of(request), day=day_of(request.POST, "day"),
                begins=_clock(request, "begins"), ends=_clock(request, "ends"), place=request.POST.get("place", ""),
            )  # fmt: skip
            count = made.attendances.count()
            said = ngettext("%(n)d member is asked to it.", "%(n)d members are asked to it.", count) % {"n": count}
            undo.done(request, said)
            return HttpResponseRedirect(address("course", made.id))
        except NotFound:
            raise
        except LinliError as error:
            errors.append(error)
    context: dict[str, Any] = {
        "row": _row(found) | {"about": found.about, "materials": found.materials, "id": found.id},
        "lacking": [
            {"name": post.account.work_name, "place": f"{post_word(post.role, post.title)} · {post.area.name}"}
            for post in certificates.lacking(found, actor.area_path)
        ],
        "courses": [
            {
                "href": address("course", one.id), "at": one.starts_at, "place": one.place,
                "noted": one.noted_at, "off": one.cancelled_at,
            }
            for one in certificates.courses(actor, found)
        ],
        "keeps": policy.allows(actor, "training.keep", found),
        "key": request.POST.get("key", "") or str(ids.new_id()),
        "sent": request.POST,
        "today": time.today().isoformat(),
        "back": address("training"),
    }  # fmt: skip
    return _draw(request, "training", errors, **context)


def _clock(request: HttpRequest, name: str) -> clock_time:
    try:
        return clock_time.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise Invalid("training.time", _("Please give a time of day."), field=name) from None


@staff
@require_POST
def end(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """Need a training no longer."""
    acting.end(actor_of(request), training_id)
    undo.done(request, _("The training has ended; certificates of it stay."))
    return HttpResponseRedirect(address("training"))


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """One course: who is asked, and afterwards who was there."""
    actor = actor_of(request)
    found = certificates.course(actor, course_id)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            people = [id_of(one) for one in request.POST.getlist("people")]
            acting.note(actor, course_id, accounts=people)
            said = ngettext("%(n)d certificate is given.", "%(n)d certificates are given.", len(people))
            undo.done(request, said % {"n": len(people)})
            return HttpResponseRedirect(address("course", course_id))
        except NotFound:
            raise
        except LinliError as error:
            errors.append(error)
    chosen = set(request.POST.getlist("people"))
    asked = certificates.attended(found)
    known = {one.account_id for one in asked}
    rows = [(one.post, one.attended) for one in asked]
    open_ = found.noted_at is None and found.cancelled_at is None
    if open_:
        rows += [(post, None) for post in certificates.members(found.area_path) if post.account_id not in known]
    context: dict[str, Any] = {
        "course": found,
        "title": found.training.title,
        "people": [
            {
                "value": str(post.account_id), "name": post.account.work_name, "was": was,
                "hint": f"{post_word(post.role, post.title)} · {territory.full_name(post.area_path, top=Level.COMMUNITY)}",
                "asked": post.account_id in known,
                "chosen": str(post.account_id) in chosen,
            }
            for post, was in rows
        ],
        "notes": open_ and found.starts_at <= time.now(),
        "open": open_,
        "back": address("training-page", found.training_id),
    }  # fmt: skip
    return _draw(request, "course", errors, **context)


@staff
@require_POST
def call_off(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Call off a course that was not held."""
    acting.call_off(actor_of(request), course_id)
    undo.done(request, _("The course is called off."))
    return HttpResponseRedirect(address("course", course_id))
