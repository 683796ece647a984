"""Today: what is due for this post, from all its views in one list; and the longer lists behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.cases import queries
from linli.cases.models import Case
from linli.cases.queries import VIEWS_OF, Filters, View
from linli.field import operations
from linli.field.frame import actor_of, address, member, wants_part
from linli.field.team import standing_rows
from linli.kernel import time
from linli.kernel.trust import Actor
from linli.operations import queries as operation_queries
from linli.ui.casework.names import Places, catalogue_for, category_icon, category_name, face_of, role_name

WORK = (View.MINE, View.TO_VERIFY, View.UNASSIGNED)
SIZE = 60
PAGE = 30


def work_of(actor: Actor) -> list[tuple[Case, View]]:
    """What waits for this post, each case once, what is due first first; what has no clock last."""
    found: dict[Any, tuple[Case, View]] = {}
    for view in WORK:
        if view in VIEWS_OF[actor.role]:
            for case in queries.inbox(actor, view, size=SIZE).cases:
                found.setdefault(case.id, (case, view))
    return sorted(found.values(), key=lambda one: (one[0].due_at is None, one[0].due_at or one[0].reported_at))


def sections(actor: Actor) -> list[dict[str, Any]]:
    """Overdue, today, later; only those that hold something."""
    now = time.now()
    day = now.astimezone(time.LOCAL_ZONE).date()
    work = work_of(actor)
    places = Places([case.area_path for case, _view in work])
    parts: dict[str, list[dict[str, Any]]] = {"late": [], "today": [], "later": []}
    for case, view in work:
        due = case.due_at
        part = (
            "later"
            if due is None
            else "late"
            if due <= now
            else "today"
            if due.astimezone(time.LOCAL_ZONE).date() == day
            else "later"
        )
        parts[part].append(row_of(case, places, view))
    heads = {"late": (_("Overdue"), "late"), "today": (_("Today"), ""), "later": (_("Later"), "")}
    return [
        {"key": key, "title": heads[key][0], "tone": heads[key][1], "rows": rows} for key, rows in parts.items() if rows
    ]


def row_of(case: Case, places: Places, view: View | None = None) -> dict[str, Any]:
    """One row."""
    catalogue = catalogue_for(case.district)
    hints = {View.TO_VERIFY: _("look whether it is done"), View.UNASSIGNED: _("to take up")}
    return {
        "id": str(case.id), "number": case.number, "href": address("case", case.number), "title": category_name(case, catalogue),
        "icon": category_icon(case, catalogue), "place": case.address_text or places.short(case.area_path), "state": case.state,
        "clock": face_of(case), "lng": case.lng, "lat": case.lat, "extra": hints.get(view, "") if view else "",
    }  # fmt: skip


def topics(actor: Actor) -> str:
    """What the lists listen to on the live stream."""
    return f"inbox area:{actor.area_path}" if actor.area_path else "inbox"


@member
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The list of today; refreshes by itself."""
    actor = actor_of(request)
    walking = request.GET.get("order") == "walk"
    parts = sections(actor)
    rows = [row for part in parts for row in part["rows"]]
    due = operations.rows_of(operation_queries.mine(actor))
    context = {
        "tasks": due,
        "walking": walking,
        "rows": rows,
        "placed": any(row["lng"] for row in rows),
        "tabs": [
            {"label": _("By deadline"), "href": address("today"), "current": not walking},
            {"label": _("Walking order"), "href": "?order=walk", "current": walking},
        ],
        "ground": address("ground", actor.area_path or actor.district),
        "own": actor.area_path,
        "sections": parts,
        "count": len(rows) + len(due),
        "standing": standing_rows(actor),
        "nav": "today",
        "topics": topics(actor),
    }
    return render(request, "field/today/list.html" if wants_part(request) else "field/today/today.html", context)


@member
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All that is open in the post's grid, or what has ended; with a search by number, words or place."""
    actor = actor_of(request)
    view = View.CLOSED if request.GET.get("show") == "ended" else View.OPEN
    words, after = request.GET.get("q", "").strip()[:80], request.GET.get("after", "")[:200]
    page = queries.inbox(actor, view, filters=Filters(words=words), after=after, size=PAGE)
    places = Places([case.area_path for case in page.cases])
    from urllib.parse import urlencode

    keep = {"show": "ended"} if view == View.CLOSED else {}
    following = "?" + urlencode(keep | {"q": words, "after": page.next}) if page.next else ""
    tabs = [
        {"label": _("Open"), "href": "?" + urlencode({"q": words}), "current": view == View.OPEN},
        {"label": _("Ended"), "href": "?" + urlencode({"show": "ended", "q": words}), "current": view == View.CLOSED},
    ]
    context = {"rows": [row_of(case, places) for case in page.cases], "next": following, "tabs": tabs, "words": words, "nav": "all",
               "show": "ended" if view == View.CLOSED else "", "first": "" if not after else address("all")}  # fmt: skip
    return render(request, "field/today/all.html", context)


@member
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """The post, how the app looks, and the way out."""
    actor = actor_of(request)
    context = {
        "nav": "me",
        "name": actor.name,
        "role": role_name(actor.role),
        "area": " ".join(Places([actor.area_path]).steps(actor.area_path)),
    }
    return render(request, "field/today/me.html", context)
