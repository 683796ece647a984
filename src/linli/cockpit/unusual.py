"""What stands out in an area: said in a sentence each, with its cases; nobody is blamed, and chance is named."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cockpit import asked, panels
from linli.cockpit.asked import COMMUNITY, level_of
from linli.cockpit.files import sent
from linli.cockpit.frame import actor_of, staff
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import NotFound
from linli.kernel.workbooks import as_csv
from linli.metrics import anomalies as metrics_anomalies
from linli.metrics import saying
from linli.metrics.anomalies import LONGEST_DAYS, Anomaly, Kind
from linli.territory import queries as territory

RARE = 0.0001
"""A chance below this is told as less than it: its last digits say nothing."""


@staff
@never_cache
@require_GET
def page(request: HttpRequest, area: str) -> HttpResponse:
    """What stands out over the days of the address, kind by kind; ``form=csv`` as a file.

    Raises:
        NotFound: the area lies below the community, where nothing is counted.
    """
    actor, wanted = actor_of(request), asked.read(request, area)
    if level_of(wanted.area) > COMMUNITY:
        raise NotFound("cockpit.nothing_unusual", _("What stands out is told down to the community."))
    found = metrics_anomalies.anomalies(actor, wanted.area.path, wanted.period)
    if request.GET.get("form") == "csv":
        return sent(as_csv(_table(found)), "unusual", wanted.area.path, "csv")
    return render(
        request,
        "cockpit/unusual.html",
        {
            "asked": wanted, "area": wanted.area, "name": wanted.area.name, "crumbs": panels.crumbs(actor, wanted), "back": wanted.href(),
            "days": panels.days_of(wanted), "longest": LONGEST_DAYS, "shortened": wanted.period.days > LONGEST_DAYS,
            "whole_city": len(wanted.area.path) < DISTRICT_LENGTH,
            "groups": [
                {"id": kind.value, "title": title, "words": words, "rows": [_row(one) for one in found if one.kind == kind]}
                for kind, (title, words) in _kinds().items()
            ],
            "count": len(found),
            "csv": wanted.unusual() + ("&" if "?" in wanted.unusual() else "?") + "form=csv",
        },
    )  # fmt: skip


def _kinds() -> dict[Kind, tuple[str, str]]:
    return {
        Kind.REPEATS: (
            _("The same place again"),
            _("The same matter came back to a place after it was closed there. Perhaps the cause is still there."),
        ),
        Kind.SWELLING: (
            _("A category that swells"),
            _("More than the last weeks would lead one to expect. Perhaps there is one cause behind many reports."),
        ),
        Kind.RETURNS: (
            _("More is returned than elsewhere"),
            _("An organisation returns more of what is sent to it than the others. Perhaps the duty list is wrong."),
        ),
        Kind.CLOSING_RUSH: (
            _("Closed in the last hours"),
            _("More is resolved just before the limit than before. Perhaps too much came at once."),
        ),
    }


def _row(one: Anomaly) -> dict[str, Any]:
    return {
        "words": one.words(),
        "place": territory.place_name(one.area_path) or one.area_path,
        "seen": saying.number(one.seen),
        "expected": saying.number(one.expected),
        "chance": _chance(one.chance),
        "cases": [{"number": case.number, "href": reverse("desk:case", args=[case.number])} for case in one.cases],
    }


def _chance(chance: float | None) -> str:
    if chance is None:
        return ""
    if chance < RARE:
        return _("by chance less than once in %(times)s times") % {"times": saying.number(round(1 / RARE))}
    return _("by chance about once in %(times)s times") % {"times": saying.number(round(1 / chance))}


def _table(found: list[Anomaly]) -> list[list[str]]:
    kinds = _kinds()
    return [
        [_("What stands out"), _("Area"), _("In words"), _("Seen"), _("Expected"), _("Cases")],
        *(
            [
                kinds[one.kind][0], one.area_path, one.words(), str(one.seen), str(one.expected),
                " ".join(case.number for case in one.cases),
            ]
            for one in found
        ),
    ]  # fmt: skip
