"""Indicator sets at the desk: an area's score card, what to do next, and the same as a workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.desk.frame import actor_of, address, as_workbook, crumbs, staff
from linli.indicators import queries, snapshots
from linli.indicators.models import Snapshot
from linli.indicators.queries import Card, Line
from linli.indicators.sets import sets
from linli.indicators.sources import EVIDENCE, Unknown, Value
from linli.kernel import time
from linli.kernel.db import district_of
from linli.kernel.trust import audit
from linli.kernel.workbooks import book
from linli.metrics.catalogue import Period
from linli.territory import queries as territory
from linli.territory.models import Level

MOST_BEHIND = 366


@staff
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The score card of an area in a set; the first set and the post's own area unless told."""
    actor = actor_of(request)
    found = _card(request)
    asked = _asked(found)
    taken = snapshots.trend(actor, found.chosen.id, found.area_path)
    context = {
        "tabs": [
            {
                "label": one.name,
                "href": address("indicators", query=asked | {"set": one.id}),
                "current": one.id == found.chosen.id,
            }
            for one in sets().values()
        ],
        "chosen": found.chosen,
        "place": territory.full_name(found.area_path, top=Level.CITY),
        "crumbs": crumbs(queries.reach_of(actor), found.area_path, "indicators", asked),
        "score": _percent(found.score.points),
        "bar": None if found.score.points is None else round(100 * found.score.points),
        "known": _percent(found.score.known),
        "rows": [_row(line, found) for line in found.lines],
        "next": [_row(line, found) for line in found.next],
        "below": [
            {"name": name, "href": address("indicators", query=asked | {"area": path})} | _taken(one)
            for path, name, one in snapshots.below(actor, found.chosen.id, found.area_path)
        ],
        "trend": [_taken(one) for one in taken],
        "evidence_href": address("indicator-evidence", query={"area": found.area_path})
        if any(line.indicator.source == EVIDENCE for line in found.lines) else "",
        "export_href": address("indicators-xlsx", query=asked),
    }  # fmt: skip
    return render(request, "desk/indicators/card.html", context)


@staff
@never_cache
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """The score card as a workbook; an audit row says who took it."""
    actor, found = actor_of(request), _card(request)
    lines = [
        [
            row["group"], row["name"], row["value"], row["counted"] or row["why"], row["target"], f"{row['weight']:g}",
            row["points"], row["gap"], row["as_of"].isoformat(timespec="minutes"),
        ]
        for row in (_row(line, found) for line in found.lines)
    ]  # fmt: skip
    head = [
        _("Group"), _("Indicator"), _("Value"), _("Numerator and denominator"), _("Target"), _("Weight"), _("Reached"), _("Gap"),
        _("As of"),
    ]  # fmt: skip
    whole = [
        [_("Area"), _("Indicator set"), _("Score"), _("Share of the weight that is known")],
        [
            territory.full_name(found.area_path, top=Level.CITY), found.chosen.name, _percent(found.score.points),
            _percent(found.score.known),
        ],
    ]  # fmt: skip
    audit.record(
        actor, "indicators.export", subject_type="area", subject_id=found.area_path,
        district=district_of(found.area_path), detail={"set": found.chosen.id},
    )  # fmt: skip
    name = f"linli-{found.chosen.id}-{found.area_path.replace('/', '-')}-{time.today().isoformat()}.xlsx"
    return as_workbook(name, book({_("Score"): whole, _("Indicators"): [head, *lines]}))


def _card(request: HttpRequest) -> Card:
    return queries.card(actor_of(request), request.GET.get("set", "")[:60], request.GET.get("area", "")[:48])


def _asked(found: Card) -> dict[str, str]:
    return {"set": found.chosen.id, "area": found.area_path}


def _row(line: Line, card: Card) -> dict[str, Any]:
    one, reached = line.indicator, line.points
    tone = "" if reached is None else "good" if reached == 1 else "soon" if reached >= 0.5 else "late"
    sign = "≥" if one.direction == "more" else "≤"
    return {
        "group": one.group,
        "name": one.name,
        "step": one.step,
        "weight": one.weight,
        "value": _percent(line.value.value),
        "counted": _counted(line.value),
        "why": _why(line.value.why),
        "target": f"{sign} {_percent(one.target)}",
        "points": _percent(reached),
        "bar": None if reached is None else round(100 * reached),
        "gap": _percent(line.gap),
        "tone": tone,
        "as_of": line.value.as_of.astimezone(time.LOCAL_ZONE),
        "href": _behind(one.source, card.area_path, card.chosen.days),
    }


def _taken(one: Snapshot | None) -> dict[str, Any]:
    """A score as it stood, in words."""
    if one is None:
        return {"quarter": "", "score": "—", "known": "—", "bar": None}
    return {
        "quarter": _("quarter %(quarter)d of %(year)d") % {"quarter": 1 + (one.quarter.month - 1) // 3, "year": one.quarter.year},
        "score": _percent(one.score), "known": _percent(one.known), "bar": None if one.score is None else round(100 * one.score),
        "taken_at": one.taken_at,
    }  # fmt: skip


def _percent(share: float | None) -> str:
    """A share in words, never 100 while something is missing."""
    if share is None:
        return "—"
    shown = min(99.9, round(100 * share, 1)) if share < 1 else 100.0
    return f"{shown:.1f}".removesuffix(".0") + " %"


def _counted(value: Value) -> str:
    if value.value is None or value.numerator is None:
        return ""
    return _("%(part)d of %(whole)d") % {"part": value.numerator, "whole": value.denominator}


def _why(why: str) -> str:
    words: dict[str, str] = {
        Unknown.NOTHING: _("Not known: nothing to count in this area."),
        Unknown.FEW: _("Not known: too few to say anything."),
        Unknown.NOT_EXPECTED: _("Not known: the register does not expect any here."),
        Unknown.NOT_RECKONED: _("Not known: no street network, or no such place is kept."),
        Unknown.NO_PROOF: _("Not known: no evidence yet."),
        Unknown.WAITING: _("Not known: evidence waits for review."),
        Unknown.EXPIRED: _("Not known: the evidence has expired."),
        Unknown.FEW_PROOFS: _("Not known: fewer than half of the communities have evidence."),
    }
    return words.get(why, "")


def _behind(source: str, area_path: str, days: int) -> str:
    kind, _colon, name = source.partition(":")
    if kind == "organisations":
        return address("organisation-coverage", query={"type": name, "area": area_path})
    if kind == "compounds":
        return address("compounds", query={"area": area_path})
    if kind == "life_circle":
        return address("life-circle-area", area_path, query={"kind": name})
    if kind == EVIDENCE:
        return address("indicator-evidence", query={"area": area_path, "view": "accepted"})
    if kind == "metric":
        # The same days as the card's; the cockpit shows a year at most.
        period = Period.of_days(min(days, MOST_BEHIND))
        span = {"period": "own", "from": period.first.isoformat(), "to": period.last.isoformat()}
        return f"{reverse('cockpit:behind', args=[name, area_path])}?{urlencode(span)}"
    return address("roster", query={"area": area_path}) if kind == "roster" else ""
