"""A day again: hour by hour what had come in, was closed and ran late in the areas below, on the map and as a table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cockpit import asked, panels
from linli.cockpit.areas import grounds_of
from linli.cockpit.asked import COMMUNITY, Asked, level_of
from linli.cockpit.frame import actor_of, staff
from linli.cockpit.scale import scale_of
from linli.kernel import time
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor
from linli.metrics import replay, saying
from linli.metrics.replay import HOURS, Hours
from linli.territory import mapping, tiles

SHOWN = "reported"
"""What colours the map unless the address names another."""
_DRAWN = {"reported": "bar", "closed": "line", "late": "dash"}
KEPT_SECONDS = 300
"""A day that is over is counted once for whoever plays it."""


@staff
@never_cache
@require_GET
def page(request: HttpRequest, area: str) -> HttpResponse:
    """A day of an area up to an hour; ``part`` in the address asks for the table alone."""
    actor, wanted = actor_of(request), asked.read(request, area)
    if level_of(wanted.area) > COMMUNITY:
        raise NotFound("cockpit.no_day", _("A day is shown down to the community."))
    day, hour = _day(request.GET.get("day", "")), _hour(request.GET.get("hour", ""))
    shown = request.GET.get("what", SHOWN)
    shown = shown if shown in replay.STEPS else SHOWN
    context = _table(actor, wanted, day, hour, shown) | {
        "asked": wanted, "area": wanted.area, "name": wanted.area.name, "day": day.isoformat(), "hour": hour, "shown": shown,
        "today": time.today().isoformat(), "hours": range(HOURS + 1), "until": _until(hour), "choices": list(_names().items()),
        "back": wanted.href(),
    }  # fmt: skip
    if request.GET.get("part") == "hour":
        return render(request, "cockpit/day_table.html", context)
    context |= {
        "crumbs": panels.crumbs(actor, wanted), "tiles": f"{panels.TILES}?v={tiles.mark()}",
        "bounds": mapping.bounds(wanted.area.path), "label_size": 30,
    }  # fmt: skip
    return render(request, "cockpit/day.html", context)


def _names() -> dict[str, str]:
    return {"reported": _("Came in"), "closed": _("Closed"), "late": _("Ran late")}


def _until(hour: int) -> str:
    return _("until midnight") if hour == HOURS else _("until %(hour)02d:00") % {"hour": hour}


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return time.today()
    return found if date(2000, 1, 1) < found <= time.today() else time.today()


def _hour(text: str) -> int:
    return min(HOURS, int(text)) if text.isdecimal() and len(text) < 3 else HOURS


def _told(actor: Actor, wanted: Asked, day: date) -> dict[str, Hours]:
    if day >= time.today():
        return replay.day(actor, wanted.area.path, day)
    key = f"cockpit.day:{wanted.area.path}:{day}"
    found: dict[str, Hours] | None = cache.get(key)
    if found is None:
        found = replay.day(actor, wanted.area.path, day)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _table(actor: Actor, wanted: Asked, day: date, hour: int, shown: str) -> dict[str, Any]:
    told = _told(actor, wanted, day)
    nothing = Hours("", dict.fromkeys(replay.STEPS, (0,) * HOURS))
    grounds, within = grounds_of(wanted.area)
    # The steps of the map are those of the whole day, so that colours rise as the day goes on.
    scale = scale_of(Decimal(told.get(one.path, nothing).until(shown, HOURS)) for one in grounds)
    rows = []
    for one in grounds:
        hours = told.get(one.path, nothing)
        value = hours.until(shown, hour)
        rows.append(
            {
                "path": one.path, "name": one.name, "within": within.get(one.path.rpartition("/")[0], ""), "level": one.level,
                "href": wanted.href(one.path), "shown": saying.number(value), "step": scale.step(Decimal(value)),
                "lng": one.label_lng, "lat": one.label_lat,
                "cells": [saying.number(hours.until(step, hour)) for step in replay.STEPS],
            }
        )  # fmt: skip
    everywhere = list(told.values())
    return {
        "areas": rows,
        "heads": list(_names().values()),
        "sums": [saying.number(sum(one.until(step, hour) for one in everywhere)) for step in replay.STEPS],
        "trend": [
            {
                "day": f"{n:02d}:00", "short": f"{n}",
                "cells": [
                    {"value": count, "shown": saying.number(count)}
                    for count in (sum(one.counts[step][n] for one in everywhere) for step in replay.STEPS)
                ],
            }
            for n in range(HOURS)
        ],
        "trend_series": [
            {"name": name, "as": _DRAWN[step]} for step, name in _names().items()
        ],
        "trend_words": _("What came in and was closed, hour by hour, on %(day)s") % {"day": date_format(day, "Y-m-d")},
    }  # fmt: skip
