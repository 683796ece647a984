"""Behind a figure: its cases one by one, or the areas below where they are many; and the same as a table to take along."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cockpit import asked, panels
from linli.cockpit.asked import COMMUNITY, Asked, level_of
from linli.cockpit.files import sent
from linli.cockpit.frame import actor_of, staff
from linli.kernel.errors import NotFound
from linli.kernel.workbooks import as_csv
from linli.metrics import behind as metrics_behind
from linli.metrics import saying
from linli.metrics.behind import Behind, Counted
from linli.metrics.catalogue import Kind, Metric
from linli.ui.casework.names import Places, catalogue_for, category_name

PAGE = 50
COUNTED, NOT_COUNTED = "counted", "not"


@staff
@never_cache
@require_GET
def page(request: HttpRequest, metric: str, area: str) -> HttpResponse:
    """The cases that a figure counts; ``which`` narrows to those in the part, or to those only in the whole; ``form=csv`` as a file.

    Raises:
        NotFound: the area lies below the community, or there is no such metric.
    """
    actor, wanted = actor_of(request), asked.read(request, area)
    if level_of(wanted.area) > COMMUNITY:
        raise NotFound("cockpit.no_figure", _("Figures are kept down to the community."))
    found = metrics_behind.behind(actor, metric, wanted.area.path, wanted.period)
    known = found.value.metric
    which = request.GET.get("which", "") if known.kind == Kind.RATE and not found.value.hidden else ""
    cases = [one for one in found.cases if not which or (one.part > 0) == (which == COUNTED)]
    if request.GET.get("form") == "csv":
        return sent(as_csv(_table(found, cases, wanted)), f"{known.id}-cases", wanted.area.path, "csv")
    paginator = Paginator(cases, PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    here = wanted.behind(known.id)
    return render(
        request,
        "cockpit/behind.html",
        {
            "asked": wanted, "area": wanted.area, "name": wanted.area.name, "crumbs": panels.crumbs(actor, wanted), "back": wanted.href(),
            "metric": known, "metric_name": known.name(), "metric_words": known.words(), "left_out": known.exclusions(),
            "days": panels.days_of(wanted), "as_of": found.value.as_of, "said": saying.said(found.value),
            "note": saying.note(found.value), "is_state": known.kind == Kind.STATE, "list_href": panels.listed(known, wanted),
            "chips": _chips(found, wanted, which), "rows": _rows(list(shown.object_list), found), "shown": shown, "total": len(cases),
            "unseen": found.unseen, "areas": _areas(found, wanted), "base": _with(here, f"which={which}&page="),
            "csv": _with(here, f"which={which}&form=csv"), "counts_as": _heading(known),
        },
    )  # fmt: skip


def _with(address: str, more: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{more}"


def _heading(metric: Metric) -> str:
    match metric.kind:
        case Kind.RATE:
            return _("Counts as")
        case Kind.MEAN_MINUTES | Kind.MEDIAN_MINUTES | Kind.P90_MINUTES:
            return _("How long it took")
    return _("How often")


def _rows(cases: Sequence[Counted], found: Behind) -> list[dict[str, Any]]:
    places = Places(one.case.area_path for one in cases)
    return [
        {
            "number": one.case.number,
            "href": reverse("desk:case", args=[one.case.number]),
            "category": category_name(one.case, catalogue_for(one.case.district)),
            "place": places.short(one.case.area_path),
            "state": one.case.get_state_display(),
            "day": date_format(one.day, "Y-m-d"),
            "counts": counts(one, found.value.metric, hidden=found.value.hidden),
        }
        for one in cases
    ]


def counts(one: Counted, metric: Metric, *, hidden: bool) -> str:
    """How a case counts, in words: in the part or not, how long it took, or how often."""
    match metric.kind:
        case Kind.RATE:
            if hidden:
                return saying.NOTHING
            return _("counted") if one.part > 0 else _("not counted")
        case Kind.MEAN_MINUTES:
            return "".join(saying.shown(metric, Decimal(one.part) / one.whole)) if one.whole else saying.NOTHING
        case Kind.MEDIAN_MINUTES | Kind.P90_MINUTES:
            return "".join(saying.shown(metric, Decimal(one.minutes) / one.part)) if one.part else _("still owed")
    return saying.number(one.part)


def _chips(found: Behind, wanted: Asked, which: str) -> list[dict[str, Any]]:
    metric = found.value.metric
    if metric.kind != Kind.RATE or found.value.hidden or not found.cases:
        return []
    parts = sum(one.part > 0 for one in found.cases)
    here = wanted.behind(metric.id)
    return [
        {
            "label": label, "count": count, "href": _with(here, f"which={value}") if value else here,
            "current": which == value, "icon": "", "tone": "",
        }
        for value, label, count in (
            ("", _("All"), len(found.cases)), (COUNTED, _("In the part"), parts),
            (NOT_COUNTED, _("Not in the part"), len(found.cases) - parts),
        )
    ]  # fmt: skip


def _areas(found: Behind, wanted: Asked) -> list[dict[str, str]]:
    return [
        {
            "name": one.name, "said": saying.said(one.value), "note": saying.note(one.value),
            "href": wanted.behind(found.value.metric.id, one.path),
        }
        for one in found.areas
    ]  # fmt: skip


def _table(found: Behind, cases: Sequence[Counted], wanted: Asked) -> list[list[str]]:
    if found.areas:
        return [[_("Area"), found.value.metric.name()], *([one["name"], one["said"]] for one in _areas(found, wanted))]
    head = [_("Case"), _("Category"), _("Place"), _("State"), _("Day"), _heading(found.value.metric)]
    keys = ("number", "category", "place", "state", "day", "counts")
    return [head, *([str(row[key]) for key in keys] for row in _rows(cases, found))]
