"""Day by day: what came in and what was closed, for the chart and the table under it."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from linli.cockpit.asked import Asked
from linli.kernel.trust import Actor
from linli.metrics import queries, saying
from linli.metrics.catalogue import metrics

DRAWN = {"registered": "bar", "closed": "line"}
"""Metrics of the chart, and how each is drawn."""


def panel(actor: Actor, asked: Asked) -> dict[str, Any]:
    """The panel of the days: a row for each day, a column for each metric."""
    known = metrics()
    wanted = [known[key] for key in DRAWN if key in known]
    series = [
        {day.day: day.value.value for day in queries.series(actor, asked.area.path, asked.period, one.id)}
        for one in wanted
    ]
    days = sorted({day for one in series for day in one})
    return {
        "trend": [
            {
                "day": date_format(day, "Y-m-d"),
                "short": date_format(day, "n-j"),
                "cells": [
                    {"value": "" if one.get(day) is None else one[day], "shown": saying.number(one.get(day))}
                    for one in series
                ],
            }
            for day in days
        ],
        "trend_series": [{"name": one.name(), "as": DRAWN[one.id]} for one in wanted],
        "trend_words": _("%(figures)s in %(place)s, day by day")
        % {"figures": ", ".join(one.name() for one in wanted), "place": asked.area.name},
    }
