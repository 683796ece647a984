"""The duty calendar at the desk: a month of a community, planned by rule and changed by hand; one's own shifts, and swaps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linli.desk.frame import actor_of, address, staff
from linli.desk.team import page
from linli.kernel import deadlines, time
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import team, undo
from linli.ui.sent import version_of
from linli.workforce import queries
from linli.workforce.actions import duty as acting
from linli.workforce.models import Shift, ShiftKind

MOST_COMMUNITIES = 400
FARTHEST = timedelta(days=3_660)
"""How far a calendar can be leafed through, backwards and ahead."""


def _community(actor: Actor, asked: str) -> str:
    """The community that was asked for, else the post's own or the first one below it."""
    if asked:
        return asked
    parts = actor.area_path.split("/")
    if len(parts) >= acting.COMMUNITY_RUNG + 1:
        return "/".join(parts[: acting.COMMUNITY_RUNG + 1])
    first = queries.communities_with_duty(actor.area_path).values_list("area_path", flat=True).first()
    if first is None:
        raise NotFound("duty.no_community", _("There is no community here."))
    return str(first)


def _month(text: str) -> date:
    this = time.today().replace(day=1)
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return month if abs(month - this) < FARTHEST else this


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def duty(request: HttpRequest) -> HttpResponse:
    """The month; a press plans what is open of it."""
    actor = actor_of(request)
    policy.require(actor, "duty.view")
    path = _community(actor, (request.POST if request.method == "POST" else request.GET).get("community", "")[:48])
    month = _month((request.POST if request.method == "POST" else request.GET).get("month", ""))
    errors: list[LinliError] = []
    status = 200
    if request.method == "POST":
        try:
            made = acting.plan(actor, area_path=path, month=month)
        except NotFound:
            raise
        except LinliError as error:
            errors, status = [error], error.status
        else:
            undo.done(request, _("%(count)d shifts are planned.") % {"count": len(made)})
            return HttpResponseRedirect(address("duty", query={"community": path, "month": f"{month:%Y-%m}"}))
    last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    shifts = queries.shifts(actor, area_path=path, first=month, last=last)
    before, after = month - timedelta(days=1), last + timedelta(days=1)
    communities = [] if actor.area_path.count("/") >= acting.COMMUNITY_RUNG else _communities(actor)
    context: dict[str, Any] = {
        "community": path,
        "place": territory.place_name(path, top=Level.COMMUNITY),
        "communities": communities,
        "month": f"{month:%Y-%m}",
        "month_word": date_format(month, "YEAR_MONTH_FORMAT"),
        "before_href": address("duty", query={"community": path, "month": f"{before:%Y-%m}"}),
        "after_href": address("duty", query={"community": path, "month": f"{after:%Y-%m}"}),
        "days": _days(actor, path, month, last, shifts),
        "may_plan": policy.allows(actor, "duty.plan", acting.community(path)) and last >= time.today(),
        "planned": bool(shifts),
        "errors": errors,
        "may_swap": bool(policy.reach(actor, "duty.swap")),
    }
    if context["may_swap"]:
        context |= team.my_duty(actor)
    return page(request, "duty", "duty", status=status, **context)


def _communities(actor: Actor) -> list[tuple[str, str]]:
    found = queries.communities_with_duty(actor.area_path)[:MOST_COMMUNITIES]
    return [(one.area_path, territory.place_name(one.area_path, top=Level.SUBDISTRICT)) for one in found]


def _days(actor: Actor, path: str, first: date, last: date, shifts: list[Shift]) -> list[dict[str, Any]]:
    calendar = deadlines.calendar()
    by_day: dict[tuple[date, str], Shift] = {(one.day, one.kind): one for one in shifts}
    plans = policy.allows(actor, "duty.plan", acting.community(path))
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        rest = not calendar.is_workday(day)
        places = []
        for kind in ShiftKind:
            shift = by_day.get((day, kind.value))
            if shift is None and ((kind == ShiftKind.DAY and not rest) or not shifts):
                continue
            places.append(
                {
                    "kind": str(kind.label),
                    "icon": "moon" if kind == ShiftKind.NIGHT else "sun",
                    "name": shift.account.work_name if shift else "",
                    "mine": shift is not None and shift.account_id == actor.account_id,
                    "href": address("duty-shift", query={"community": path, "day": day.isoformat(), "kind": kind.value})
                    if plans and day >= time.today()
                    else "",
                }
            )
        found.append(
            {
                "number": day.day,
                "word": team.day_word(day),
                "offset": day.isoweekday() if number == 0 else 0,
                "rest": rest,
                "today": day == time.today(),
                "places": sorted(places, key=lambda one: one["icon"] == "moon"),
            }
        )
    return found


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest) -> HttpResponse:
    """Put somebody on one shift by hand."""
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    path, kind = _community(actor, given.get("community", "")[:48]), given.get("kind", "")[:6]
    policy.require(actor, "duty.plan", acting.community(path), view="duty.view")
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = time.today()
    day = day if abs(day - time.today()) < FARTHEST else time.today()
    kind = kind if kind in set(ShiftKind) else ShiftKind.NIGHT.value
    standing = next(
        (one for one in queries.shifts(actor, area_path=path, first=day, last=day) if one.kind == kind), None
    )
    back = address("duty", query={"community": path, "month": f"{day:%Y-%m}"})
    errors: list[LinliError] = []
    status = 200
    if request.method == "POST":
        try:
            acting.assign(
                actor, area_path=path, day=day, kind=kind, post_id=_uuid(request.POST.get("post", "")),
                version=version_of(request.POST),
            )  # fmt: skip
        except NotFound:
            raise
        except LinliError as error:
            errors, status = [error], error.status
        else:
            undo.done(request, _("The shift is given."))
            return HttpResponseRedirect(back)
    starts, ends = acting.stretch(day, kind)
    context: dict[str, Any] = {
        "community": path,
        "place": territory.place_name(path, top=Level.COMMUNITY),
        "day": day.isoformat(),
        "day_word": team.day_word(day),
        "kind": kind,
        "kind_word": ShiftKind(kind).label,
        "hours": f"{starts:%H:%M} – {ends:%H:%M}",
        "version": standing.version if standing else 0,
        "now": standing.account.work_name if standing else "",
        "people": [("", _("Please choose")), *((str(one.id), one.account.work_name) for one in acting.takers(path))],
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors},
        "back": back,
    }
    return page(request, "shift", "duty", status=status, **context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@staff
@require_POST
def swap(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Ask a colleague to take one's own shift."""
    acting.ask_swap(actor_of(request), shift_id, to_post=_uuid(request.POST.get("post", "")))
    undo.done(request, _("Your colleague is asked; until they agree the shift is yours."))
    return HttpResponseRedirect(address("duty"))


@staff
@require_POST
def answer(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """Agree to a swap, or not; who asked takes the question back."""
    agree = request.POST.get("agree") == "yes"
    acting.answer_swap(actor_of(request), swap_id, agree=agree)
    undo.done(request, _("The shift is yours now.") if agree else _("Said no; the shift stays where it was."))
    return HttpResponseRedirect(address("duty"))
