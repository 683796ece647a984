"""The figures of the hotline, for whoever leads the shift."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.hotline import queries
from linli.hotline.frame import actor_of, staff, tabs
from linli.hotline.models import Outcome
from linli.metrics.models import Figure
from linli.metrics.queries import today_and_before

SPANS = (1, 7, 30)


@staff("call.figures")
@never_cache
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Calls, the time to register, answers from knowledge, satisfaction: of today, a week or a month."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in SPANS} else SPANS[1]
    since, until = today_and_before(days)
    found = queries.figures(actor_of(request), since=since, until=until)
    context = {
        "tabs": tabs(request, "figures"),
        "spans": [{"label": label, "href": f"?days={one}", "current": one == days, "count": None, "icon": "", "tone": ""}
                  for one, label in zip(SPANS, (_("Today"), _("7 days"), _("30 days")), strict=True)],
        "found": found,
        "seconds": round(found.median_seconds) if found.median_seconds is not None else None,
        "quick": _percent(found.within_a_minute),
        "answered": _percent(found.answered_from_knowledge),
        "satisfied": _percent(found.satisfaction.satisfied) if found.satisfaction else None,
        "outcomes": [{"label": Outcome(name).label, "count": count} for name, count in found.calls.items()],
        "said": _said(found),
    }  # fmt: skip
    return render(request, "hotline/figures/page.html", context)


def _percent(share: float | None) -> int | None:
    return None if share is None else round(share * 100)


def _said(found: queries.Figures) -> list[dict[str, Any]]:
    if found.satisfaction is None:
        return []
    wanted = (
        Figure.CLOSED, Figure.SATISFIED, Figure.NEUTRAL, Figure.NOT_SATISFIED, Figure.NOT_REACHED, Figure.NOT_ASKED, Figure.EXCLUDED,
    )  # fmt: skip
    return [{"label": one.label, "count": found.satisfaction.counts[one]} for one in wanted]
