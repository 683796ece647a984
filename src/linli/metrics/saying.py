"""Figures in words: numbers with their unit, intervals, comparisons, colours of the clock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from linli.metrics.catalogue import QUANTILES, WITHOUT_PARTS, Kind, Metric
from linli.metrics.queries import Value

NOTHING = "—"
HOUR = 60
DAY = 24 * HOUR


def number(value: Decimal | int | None) -> str:
    """A number with its thousands, whole or with one decimal."""
    if value is None:
        return NOTHING
    places = 0 if value == int(value) else 1
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def percent(share: Decimal | None) -> str:
    """A share from 0 to 1 in the hundred, with one decimal; never a hundred, never nought, unless it is."""
    if share is None:
        return NOTHING
    hundred = (100 * share).quantize(Decimal("0.1"))
    if share != 1 and hundred >= 100:
        hundred = Decimal("99.9")
    if share and not hundred:
        hundred = Decimal("0.1")
    return f"{hundred.normalize():f}"


def shown(metric: Metric, value: Decimal | None) -> tuple[str, str]:
    """A figure and its unit, as they are read."""
    if value is None:
        return NOTHING, ""
    match metric.kind:
        case Kind.RATE:
            return percent(value), " %"
        case Kind.MEAN_MINUTES | Kind.MEDIAN_MINUTES | Kind.P90_MINUTES:
            if value >= 2 * DAY:
                return number((value / DAY).quantize(Decimal("0.1"))), " " + _("days")
            if value >= 2 * HOUR:
                return number((value / HOUR).quantize(Decimal("0.1"))), " " + _("hours")
            return number(value.quantize(Decimal(1))), " " + _("minutes")
        case _:
            return number(value), ""


def said(found: Value) -> str:
    """A figure with its unit; what is hidden says nothing."""
    return "".join(shown(found.metric, None if found.hidden else found.value))


def interval(found: Value) -> str:
    """The interval of a rate: ``81–89 %``."""
    if found.hidden or found.low is None or found.high is None:
        return NOTHING
    return f"{percent(found.low)}–{percent(found.high)} %"


def note(found: Value) -> str:
    """What stands under a figure: how many of how many, or why it is not shown."""
    metric = found.metric
    if found.hidden:
        return _("Fewer than %(least)d: not shown") % {"least": metric.smallest}
    if metric.kind in WITHOUT_PARTS:
        return ""
    if not found.denominator:
        return _("None yet")
    if metric.kind == Kind.MEAN_MINUTES:
        return ""
    if metric.kind in QUANTILES and found.value is None:
        return _("Too many are still owed: %(owed)s of %(whole)s") % {
            "owed": number(found.denominator - (found.numerator or 0)), "whole": number(found.denominator),
        }  # fmt: skip
    words = _("%(part)s of %(whole)s") % {"part": number(found.numerator), "whole": number(found.denominator)}
    if found.low is not None:
        words = _("%(words)s · probably %(interval)s") % {"words": words, "interval": interval(found)}
    return words


def bar(found: Value) -> dict[str, str] | None:
    """Where a rate and its interval lie on a line of a hundred."""
    if found.hidden or found.value is None or found.low is None or found.high is None:
        return None
    low, high, at = (float(100 * one) for one in (found.low, found.high, found.value))
    return {"from": f"{low:.1f}", "width": f"{max(high - low, 0.5):.1f}", "at": f"{min(at, 99):.1f}"}


def against(found: Value, other: Value, name: str) -> dict[str, Any]:
    """How a figure stands beside another area's or the days before: words, and whether it rose."""
    icon = "minus"
    if not found.hidden and not other.hidden and found.value is not None and other.value is not None:
        icon = "trending-up" if found.value > other.value else "trending-down" if found.value < other.value else "minus"
    return {"icon": icon, "text": _("%(name)s: %(value)s") % {"name": name, "value": said(other)}}
