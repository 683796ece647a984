"""What the panels of an area show: figures from the metrics room, put in words and laid side by side.

Each panel is one query of the metrics room, whatever the size of the area; names come from the territory's memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from linli.cases import queries as cases
from linli.cases.queries import LABELS, Filters, View
from linli.cockpit import areas, operations, trend
from linli.cockpit.asked import BEFORE, COMMUNITY, Asked, Span, level_of, mapped, spans
from linli.cockpit.frame import VERB
from linli.kernel import time
from linli.kernel.trust import Actor, policy
from linli.metrics import queries, saying
from linli.metrics.catalogue import Kind, Metric, metrics
from linli.metrics.models import Figure
from linli.metrics.queries import Value
from linli.territory import mapping, tiles
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.words import when
from linli.workforce import roster

KINDS = Figure.REGISTERED
KEPT = ("response_on_time", "resolution_on_time", "satisfaction", "call_response")
"""Rates with a card of their own; all others stand in the table of all figures."""
OPEN_BESIDE = {
    "response_on_time": "response_open_late", "resolution_on_time": "resolution_open_late", "satisfaction": "unanswered",
}  # fmt: skip
"""What is never left out of sight beside a rate: what is owed still, who gave no answer."""
TONES = {"late_now": "late", "response_late_now": "late", "due_soon": "soon"}
ON_WALL = ("late_now", "response_late_now", "due_soon", "calls_waiting_now", "open_now", "roster")
WALL_ROWS = 14
WALL_OPERATIONS = 5
"""So many rows of areas make room for the special operations that run."""
ICONS = {
    "late_now": "alarm-clock", "response_late_now": "clock-alert", "due_soon": "hourglass",
    "calls_waiting_now": "megaphone", "open_now": "inbox",
    "to_accept_now": "clipboard-list", "to_verify_now": "clipboard-check", "to_call_back_now": "phone-call",
    "suspended_now": "circle-pause", "roster": "user-check",
}  # fmt: skip
MOST_KINDS = 12
TILES = "/api/v1/tiles/ground/{z}/{x}/{y}.mvt"


def whole(actor: Actor, asked: Asked) -> dict[str, Any]:
    """Everything that is fetched anew: the panels."""
    found = values(actor, asked)
    shown = faces(found, asked)
    now, below = _now(actor, asked, shown), areas.panel(actor, asked)
    counted, running = level_of(asked.area) <= COMMUNITY, operations.panel(actor, asked)
    return {
        "counted": counted,
        "asked": asked,
        "area": asked.area,
        "name": asked.area.name,
        "place": territory.place_name(asked.area.path, top=Level.CITY) or asked.area.name,
        "days": days_of(asked),
        "as_of": max((one.as_of for one in found.own.values() if one.as_of), default=None),
        "live_href": asked.href(part="live"),
        "live_topic": f"{'figures' if counted else 'area'}:{asked.area.path}",
        "beside": found.name,
        "now": now,
        "rates": [_with_open(shown[key], shown) for key in KEPT if key in shown],
        "rates_title": _("Kept and content: %(days)s") % {"days": days_of(asked)},
        "figures": list(shown.values()),
        "wall_now": [one for one in now if one["id"] in ON_WALL],
        **below,
        "wall_areas": _most(below["areas"])[: WALL_ROWS - WALL_OPERATIONS if running.get("operations") else WALL_ROWS],
        **running,
        **(trend.panel(actor, asked) | kinds(actor, asked) if counted else {}),
        "all_words": _("All figures"),
        **{
            f"{panel}_{form}": asked.download(panel, form)
            for panel in ("areas", "trend", "kinds", "all")
            for form in ("csv", "xlsx")
        },
    }


def around(actor: Actor, asked: Asked) -> dict[str, Any]:
    """What stands around the panels and stays when they are fetched anew: the way up and down, the choices, the map's ground."""
    kept = asked.query
    return {
        "crumbs": crumbs(actor, asked),
        "span_chips": [
            {"label": label, "href": asked.href(period="" if span == Span.WEEK else str(span), **{"from": "", "to": ""}),
             "current": span == asked.span, "count": None, "icon": "", "tone": ""}
            for span, label in spans() if span != Span.OWN
        ],
        "own_dates": asked.span == Span.OWN,
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "kept_dates": kept(period="", **{"from": "", "to": ""}),
        "kept_beside": kept(**{"with": ""}),
        "kept_metric": kept(metric="", sort=""),
        "beside_choices": _beside_choices(actor, asked),
        "beside_value": asked.beside,
        "metric": asked.metric,
        "metric_name": asked.metric.name(),
        "metric_choices": [(one.id, one.name()) for one in mapped().values()],
        "tiles": f"{TILES}?v={tiles.mark()}",
        "bounds": mapping.bounds(asked.area.path),
        "straight": areas.straight(asked),
        "wall_href": asked.href(wall="1"),
        "unusual_href": asked.unusual() if level_of(asked.area) <= COMMUNITY else "",
        "day_href": reverse("cockpit:day", args=[asked.area.path]) if level_of(asked.area) <= COMMUNITY else "",
        "excel_href": asked.download("all", "xlsx"),
        "brief_word": asked.download("brief", "docx"),
        "brief_pdf": asked.download("brief", "pdf"),
        "briefs_href": _briefs(actor, asked),
        "label_size": 30,
    }  # fmt: skip


def kinds(actor: Actor, asked: Asked) -> dict[str, Any]:
    """The panel of categories: what was registered most often."""
    found = queries.by_category(actor, asked.area.path, asked.period, KINDS, most=MOST_KINDS)
    return {
        "kinds": [
            {"name": one.name, "value": one.count, "shown": saying.number(one.count), "href": _of_kind(asked, one.code)}
            for one in found
        ],
        "kinds_name": str(Figure(KINDS).label),
        "kinds_words": _("The categories reported most often in %(place)s, %(days)s")
        % {"place": asked.area.name, "days": days_of(asked)},
    }


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of an area, and those they are compared with.

    Attributes:
        name: what they are compared with; empty for nothing.
    """

    own: Mapping[str, Value]
    other: Mapping[str, Value]
    name: str


def values(actor: Actor, asked: Asked) -> Found:
    """Every figure of the catalogue for an area, and beside it for another area or the days before."""
    ids = list(metrics())
    if level_of(asked.area) > COMMUNITY:
        return Found({}, {}, "")
    own = queries.values(actor, asked.area.path, asked.period, ids)
    if not asked.beside:
        return Found(own, {}, "")
    if asked.beside == BEFORE:
        return Found(own, queries.values(actor, asked.area.path, asked.period.before(), ids), _("The days before"))
    other = queries.values(actor, asked.beside, asked.period, ids)
    return Found(own, other, territory.place_name(asked.beside, top=Level.DISTRICT) or asked.beside)


def crumbs(actor: Actor, asked: Asked) -> list[dict[str, str]]:
    """The rungs above the area, each a link where the post reaches."""
    return [
        {"label": one.name, "href": asked.href(one.path) if policy.allows(actor, VERB, policy.Spot(one.path)) else ""}
        for one in territory.breadcrumb(asked.area.path)
    ]


def days_of(asked: Asked) -> str:
    """The stretch of days in words."""
    if asked.span == Span.OWN:
        return _("%(first)s to %(last)s") % {
            "first": date_format(asked.period.first, "Y-m-d"),
            "last": date_format(asked.period.last, "Y-m-d"),
        }
    return dict(spans())[asked.span]


def faces(found: Found, asked: Asked) -> dict[str, dict[str, Any]]:
    """Every figure as a card or row shows it, by the id of its metric."""
    return {key: _face(one, asked, found) for key, one in found.own.items()}


def _face(found: Value, asked: Asked, both: Found) -> dict[str, Any]:
    metric = found.metric
    text, unit = saying.shown(metric, None if found.hidden else found.value)
    other = both.other.get(metric.id)
    if metric.kind == Kind.STATE and asked.beside == BEFORE:
        other = None  # what stands now had no days before
    return {
        "id": metric.id,
        "kind": metric.kind,
        "name": metric.name(),
        "words": metric.words(),
        "shown": text,
        "unit": unit,
        "note": saying.note(found),
        "unknown": saying.note(found) if found.value is None else "",
        "tone": TONES.get(metric.id, "") if found.value else "",
        "bar": saying.bar(found),
        "beside": saying.against(found, other, both.name) if other else None,
        "beside_shown": saying.said(other) if other else "",
        "href": behind(metric, asked),
        "as_of": when(found.as_of, time.now()) if found.as_of else "",
    }


def _now(actor: Actor, asked: Asked, faces: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What waits now: late first, what nobody is worried about last."""
    if level_of(asked.area) > COMMUNITY:
        return _of_grid(actor, asked)
    order = list(ICONS)
    found = [one for one in faces.values() if one["kind"] == Kind.STATE]
    found.sort(key=lambda one: order.index(one["id"]) if one["id"] in order else len(order))
    return [{**one, "icon": ICONS.get(one["id"], "circle")} for one in [*found, *_coverage(actor, asked)]]


def _of_grid(actor: Actor, asked: Asked) -> list[dict[str, Any]]:
    """What is open in a grid, as the desk lists it: figures are counted down to the community."""
    if not policy.allows(actor, "case.list", policy.Spot(asked.area.path)):
        return []
    path, known = asked.area.path, metrics()
    views = {"late_now": View.LATE, "due_soon": View.SOON, "open_now": View.OPEN}
    counts = cases.counts_of(actor, [(view, Filters(area_path=path)) for view in views.values()])
    return [
        {
            "id": key, "kind": Kind.STATE, "name": known[key].name(), "words": str(LABELS[view]), "shown": saying.number(count),
            "unit": "", "icon": ICONS[key], "tone": TONES.get(key, "") if count else "",
            "href": f"{reverse('desk:inbox')}?{urlencode({'view': str(view), 'area': path})}",
        }
        for (key, view), count in zip(views.items(), counts, strict=True)
    ]  # fmt: skip


def _most(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The areas with the highest figures, for a screen that nobody scrolls."""
    known = [one for one in rows if one["value"] is not None]
    return sorted(known, key=lambda one: one["value"], reverse=True)[:WALL_ROWS]


def _with_open(face: dict[str, Any], faces: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    beside = faces.get(OPEN_BESIDE.get(face["id"], ""))
    if beside is None:
        return face
    return face | {"open": {"text": f"{beside['name']}: {beside['shown']}", "href": beside["href"]}}


def behind(metric: Metric, asked: Asked) -> str:
    """Where what a figure counts is listed: what is open now in the list of the desk, all else case by case for its days."""
    return listed(metric, asked) if metric.kind == Kind.STATE else asked.behind(metric.id)


def listed(metric: Metric, asked: Asked) -> str:
    """The list of the desk with the cases that are open now and belong to a figure; empty where there is none."""
    query = queries.behind(metric.id, asked.area.path, asked.period)
    return f"{reverse('desk:inbox')}?{urlencode(query)}" if query else ""


def _briefs(actor: Actor, asked: Asked) -> str:
    """The desk's page of the area's kept briefs, for posts with a desk that may see them."""
    spot = policy.Spot(asked.area.path)
    if not policy.allows(actor, "brief.view", spot) or not policy.allows(actor, "case.list", spot):
        return ""
    return f"{reverse('desk:briefs')}?{urlencode({'area': asked.area.path})}"


def _of_kind(asked: Asked, category: str) -> str:
    return f"{reverse('desk:inbox')}?{urlencode({'view': 'open', 'area': asked.area.path, 'category': category})}"


def _coverage(actor: Actor, asked: Asked) -> list[dict[str, Any]]:
    """The share of grids that somebody holds, from the workforce's register, for whoever may see the roster."""
    if level_of(asked.area) > COMMUNITY or not policy.allows(actor, "roster.view", policy.Spot(asked.area.path)):
        return []
    covered = roster.coverage(actor, asked.area.path).whole
    return [
        {
            "id": "roster",
            "kind": Kind.STATE,
            "name": _("Grids with a member"),
            "words": _("Of the micro-grids, dedicated grids and general grids, how many somebody holds today."),
            "shown": saying.NOTHING if covered.percent is None else saying.number(Decimal(str(covered.percent))),
            "unit": "" if covered.percent is None else " %",
            "note": _("%(part)s of %(whole)s")
            % {"part": saying.number(covered.held), "whole": saying.number(covered.grids)},
            "tone": "late" if covered.vacant else "good",
            "href": f"{reverse('desk:roster')}?{urlencode({'area': asked.area.path})}",
        }
    ]


def _beside_choices(actor: Actor, asked: Asked) -> list[tuple[str, str]]:
    """With what an area may be compared: the days before, and the areas beside it."""
    found = [("", _("Nothing")), (BEFORE, _("As many days before"))]
    above = territory.ancestors(asked.area.path)[-2:-1]
    if above and level_of(asked.area) <= COMMUNITY:
        beside = [(path, name) for path, name in territory.choices(above[0]) if path != asked.area.path]
        found += [one for one in beside if policy.allows(actor, VERB, policy.Spot(one[0]))]
        if policy.allows(actor, VERB, policy.Spot(above[0])):
            found.append((above[0], territory.place_name(above[0], top=Level.CITY) or above[0]))
    return found
