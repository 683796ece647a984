"""What was reported and solved near me: the figures of an area for everybody, on a page, as a file."""

from __future__ import annotations

import csv
import io
from itertools import dropwhile
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.kernel.db import PATH_LENGTH
from linli.kernel.errors import NotFound
from linli.kernel.workbooks import safe
from linli.metrics import public, saying
from linli.metrics.catalogue import Kind
from linli.metrics.public import Edition
from linli.metrics.queries import Value
from linli.portal.frame import door
from linli.portal.my_home import community_of, home_of
from linli.portal.report import lively_district
from linli.territory import queries as territory
from linli.territory.models import Level

COMMUNITY = 3
"""How many steps a path down to the community has."""


@door
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The visitor's own community, or the district where most is reported; ``area`` in the address chooses another."""
    wanted = request.GET.get("area", "")[:PATH_LENGTH]
    return _page(request, wanted or community_of(home_of(request)) or lively_district())


@door
@require_GET
def area(request: HttpRequest, area: str) -> HttpResponse:
    """An area by its path, down to the community."""
    return _page(request, area)


@door
@require_GET
def download(request: HttpRequest, area: str) -> HttpResponse:
    """The same as CSV."""
    _known(area)
    found = public.edition(area)
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([_("Figure"), _("Value"), _("Of"), _("From"), _("To"), _("As of")])
    for one in found.values.values():
        lines.writerow([safe(cell) for cell in _line(one, found)])
    for kind in found.kinds:
        lines.writerow([safe(kind.name), kind.count, "", found.period.first, found.period.last, ""])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="linli-figures-{area.replace("/", "-")}.csv"'
    return response


def _line(one: Value, found: Edition) -> list[str]:
    shown = "" if one.hidden or one.value is None else f"{one.value}"
    days = ("", "") if one.metric.kind == Kind.STATE else (str(found.period.first), str(found.period.last))
    return [one.metric.name(), shown, "" if one.hidden else str(one.denominator), *days, one.as_of.isoformat()]


def _known(path: str) -> None:
    if path.count("/") >= COMMUNITY or path not in {one.path for one in territory.known_areas()}:
        raise NotFound("territory.no_area", _("There is no such area."))


def _page(request: HttpRequest, path: str) -> HttpResponse:
    if path:
        _known(path)
    context: dict[str, Any] = {"place": "home", "area": path, "choices": _choices(path)}
    if path:
        context |= _told(public.edition(path))
    return render(request, "portal/figures.html", context)


def _told(found: Edition) -> dict[str, Any]:
    weeks = list(dropwhile(lambda week: not week.reported and not week.closed, found.weeks))
    most = max([1, *(max(week.reported, week.closed) for week in weeks)])
    commonest = max([1, *(kind.count for kind in found.kinds)])
    return {
        "name": territory.place_name(found.area_path, top=Level.COMMUNITY) or territory.place_name(found.area_path, top=Level.CITY),
        "first": found.period.first,
        "last": found.period.last,
        "as_of": max((one.as_of for one in found.values.values()), default=None),
        "figures": [_figure(one, found.before.get(key)) for key, one in found.values.items()],
        "weeks": [
            {
                "words": _("%(first)s to %(last)s") % {"first": date_format(one.first, "n-j"), "last": date_format(one.last, "n-j")},
                "reported": one.reported, "closed": one.closed,
                "reported_bar": round(100 * one.reported / most), "closed_bar": round(100 * one.closed / most),
            }
            for one in weeks
        ],
        "kinds": [{"name": one.name, "count": one.count, "bar": round(100 * one.count / commonest)} for one in found.kinds],
        "others": found.others,
        "least": public.LEAST,
        "parts": territory.choices(found.area_path) if found.area_path.count("/") < COMMUNITY - 1 else [],
    }  # fmt: skip


def _figure(found: Value, before: Value | None) -> dict[str, Any]:
    metric = found.metric
    text, unit = saying.shown(metric, None if found.hidden else found.value)
    notes = [saying.note(found)]
    if metric.kind == Kind.STATE:
        notes.append(_("now"))
    elif before is not None and (then := saying.said(before)) != saying.NOTHING:
        notes.append(_("the 30 days before: %(value)s") % {"value": then})
    return {
        "name": metric.name(), "words": metric.words(), "value": text, "unit": unit.strip(),
        "note": " · ".join(one for one in notes if one),
    }  # fmt: skip


def _choices(path: str) -> list[tuple[str, str]]:
    """What can be chosen: the districts, what lies around the area, and what lies in it."""
    found = [(one, name, 0) for one, name in territory.choices("")]
    above = territory.ancestors(path) if path else []
    for depth, one in enumerate(above, start=1):
        at = next((n for n, (known, _name, _depth) in enumerate(found) if known == one), None)
        if at is not None and one.count("/") < COMMUNITY - 1:
            found[at + 1 : at + 1] = [(below, name, depth) for below, name in territory.choices(one)]
    return [(one, "\u3000" * depth + name) for one, name, depth in found]
