"""Composes a brief: from the figures of an area over some days to the blocks of a document.

Which sentence is said is chosen by rule; the annex has every figure with its definition, how many of how many, and its address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from linli.briefs.models import BriefKind
from linli.cases.queries.finding import visible
from linli.catalog.models import Sensitivity
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.documents import Block, Chart, ChartKind, Document, Heading, Note, Paragraph, Series, Table
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.metrics import queries, saying
from linli.metrics.anomalies import anomalies
from linli.metrics.catalogue import Kind, Period, metrics
from linli.metrics.counting import COMMUNITY_DEPTH
from linli.metrics.models import Figure
from linli.metrics.queries import Value
from linli.territory import queries as territory
from linli.territory.models import Level

RATES = ("response_on_time", "resolution_on_time", "satisfaction", "call_response")
"""Rates that have a sentence of their own."""
DAILY = ("registered", "closed")
"""What is drawn day by day."""
COMPARED = "resolution_on_time"
"""The rate by which the areas below stand beside each other."""
OWED = ("resolution_open_late", "response_open_late", "late_now")
MOST_KINDS = 8
MOST_CASES = 6
WEEK, MONTH, QUARTER = 7, 31, 92


@dataclass(frozen=True, slots=True)
class Composed:
    """A brief as it was composed.

    Attributes:
        figures: every figure of the annex as it was counted, by the id of its metric.
        as_of: up to which moment everything was counted.
        words: the headings of what people add to it later, in the brief's language.
    """

    document: Document
    figures: Mapping[str, dict[str, Any]]
    as_of: datetime
    words: Mapping[str, str]


def compose(actor: Actor, area_path: str, period: Period) -> Composed:
    """The brief of an area over some days, in the language of the reader.

    Raises:
        NotFound: there is no such area, or it lies below the community, where no figures are kept.
        Forbidden: the actor's post does not reach there.
    """
    if area_path.count("/") >= COMMUNITY_DEPTH:
        raise NotFound("brief.too_deep", _("Briefs are made down to the community."))
    queries.require(actor, area_path)
    name = territory.area_at(area_path).name
    own = queries.values(actor, area_path, period, list(metrics()))
    before = queries.values(actor, area_path, period.before(), list(metrics()))
    as_of = next(iter(own.values())).as_of
    moment = date_format(as_of.astimezone(time.LOCAL_ZONE), "Y-m-d H:i")
    days = days_of(period)
    blocks: list[Block] = [
        Heading(_("The whole")),
        *(Paragraph(one) for one in sentences(own, before)),
        *_owed(actor, area_path),
        Heading(_("Day by day")),
        *_days(actor, area_path, name, period),
        Heading(_("What about")),
        *_kinds(actor, area_path, name, period),
    ]
    if area_path.count("/") + 1 < COMMUNITY_DEPTH:
        blocks += [Heading(_("Areas")), _areas(actor, area_path, period)]
    blocks += [
        Heading(_("What stands out")),
        *_unusual(actor, area_path, period),
        Heading(_("Annex: the figures")),
        _annex(own, before, area_path, period),
        Note(
            _(
                "The cases behind a figure: its name leads there; on paper, %(address)s with its code in the place of “reported”."
            )
            % {"address": f"{settings.LINLI_PUBLIC_URL}{behind('reported', area_path, period)}"}
        ),
        Note(
            _(
                "Counted up to %(moment)s. Clocks count on the day on which they ran out; what is owed stays in the rate."
            )
            % {"moment": moment}
        ),
    ]
    document = Document(
        title=_("Brief of %(place)s") % {"place": name},
        issuer=territory.place_name(area_path, top=Level.CITY) or name,
        number=days,
        date=time.today(),
        language="en" if (get_language() or "zh").startswith("en") else "zh-CN",
        blocks=tuple(blocks),
        series_name=_series_name(period.days),
        mark=_("Made from the figures, not issued"),
        site=settings.LINLI_PUBLIC_URL,
    )
    words = {"note": _("Assessment of the situation"), "changed": _("What changed since the last edition")}
    return Composed(document, {key: _figure(one) for key, one in own.items()}, as_of, words)


def days_of(period: Period) -> str:
    """The first and the last day in words."""
    return _("%(first)s to %(last)s") % {
        "first": date_format(period.first, "Y-m-d"), "last": date_format(period.last, "Y-m-d"),
    }  # fmt: skip


def listed(words: list[str]) -> str:
    """Things one after the other, as the language sets them apart."""
    return pgettext("between the things of a list", ", ").join(words)


def behind(metric_id: str, area_path: str, period: Period) -> str:
    """The address of the cases behind a figure."""
    address = reverse("cockpit:behind", args=[metric_id, area_path])
    return f"{address}?days={period.first.isoformat()}/{period.last.isoformat()}"


def sentences(own: Mapping[str, Value], before: Mapping[str, Value]) -> list[str]:
    """What the figures say, a sentence for each; plain words where there is nothing to say."""
    counted = own["reported"].value or 0
    if counted:
        told = [
            _("%(reported)s cases were reported, %(before)s in as many days before; %(closed)s were closed.")
            % {
                "reported": saying.number(own["reported"].value), "before": saying.number(before["reported"].value),
                "closed": saying.number(own["closed"].value),
            }
        ]  # fmt: skip
    else:
        told = [_("Nothing was reported in these days.")]
    told += [_rate(own[key], before[key]) for key in RATES if key in own]
    owed = [own[key] for key in OWED if key in own and own[key].value]
    if owed:
        words = pgettext("between the clauses of a list", "; ").join(
            _("%(name)s: %(value)s") % {"name": one.metric.name(), "value": saying.said(one)} for one in owed
        )
        told.append(_("Owed still: %(words)s.") % {"words": words})
    else:
        told.append(_("Nothing is owed."))
    return told


def change(own: Value, before: Value) -> int | None:
    """Whether a rate rose (1), fell (-1), or neither can be told (0), by its intervals; ``None`` where one has none."""
    if own.low is None or own.high is None or before.low is None or before.high is None:
        return None
    return 1 if own.low > before.high else -1 if own.high < before.low else 0


def _series_name(days: int) -> str:
    if days == WEEK:
        return str(BriefKind.WEEK.label)
    if WEEK < days <= MONTH:
        return str(BriefKind.MONTH.label)
    if MONTH < days <= QUARTER:
        return str(BriefKind.QUARTER.label)
    return _("Brief")


def _owed(actor: Actor, area_path: str) -> list[Block]:
    """The numbers of the cases that have been late for longest, for whoever may list them."""
    if not policy.allows(actor, "case.list", policy.Spot(area_path)):
        return []
    late = visible(actor).filter(in_subtree("area_path", area_path), is_open=True, due_at__lt=time.now())
    late = late.exclude(sensitivity=Sensitivity.RESTRICTED)
    numbers = list(late.order_by("due_at", "id").values_list("number", flat=True)[:MOST_CASES])
    return [Paragraph(_("Late for longest: %(numbers)s.") % {"numbers": listed(numbers)})] if numbers else []


def _rate(own: Value, before: Value) -> str:
    name = own.metric.name()
    if own.hidden or own.value is None:
        return _("%(name)s: too few to say.") % {"name": name}
    told = {"name": name, "value": saying.said(own), "note": saying.note(own), "before": saying.said(before)}
    match change(own, before):
        case 1:
            return _("%(name)s: %(value)s (%(note)s); it rose from %(before)s in the days before.") % told
        case -1:
            return _("%(name)s: %(value)s (%(note)s); it fell from %(before)s in the days before.") % told
        case 0:
            return _("%(name)s: %(value)s (%(note)s); no change can be told from the days before (%(before)s).") % told
    return _("%(name)s: %(value)s (%(note)s); the days before had too few to compare.") % told


def _days(actor: Actor, area_path: str, name: str, period: Period) -> list[Block]:
    drawn = [metrics()[key] for key in DAILY if key in metrics()]
    found = [queries.series(actor, area_path, period, one.id) for one in drawn]
    if not found or len(found[0]) < 2:
        return [Paragraph(_("Too few days for a chart."))]
    labels = tuple(date_format(one.day, "n-j") for one in found[0])
    series = tuple(
        Series(one.name(), tuple(float(day.value.value or 0) for day in days))
        for one, days in zip(drawn, found, strict=True)
    )
    words = _("%(figures)s in %(place)s, day by day") % {
        "figures": listed([one.name() for one in drawn]), "place": name,
    }  # fmt: skip
    return [Chart(ChartKind.LINE, labels, series, words)]


def _kinds(actor: Actor, area_path: str, name: str, period: Period) -> list[Block]:
    found = queries.by_category(actor, area_path, period, Figure.REGISTERED, most=MOST_KINDS)
    if not found:
        return [Paragraph(_("Nothing was counted in these days."))]
    series = Series(str(Figure.REGISTERED.label), tuple(float(one.count) for one in found))
    words = _("The categories reported most often in %(place)s, %(days)s") % {"place": name, "days": days_of(period)}
    return [Chart(ChartKind.BAR, tuple(one.name for one in found), (series,), words)]


def _areas(actor: Actor, area_path: str, period: Period) -> Table:
    reported = {one.path: one.value for one in queries.by_area(actor, area_path, period, "reported")}
    rows = tuple(
        (
            one.name, saying.said(reported[one.path]), saying.said(one.value), saying.interval(one.value),
            saying.NOTHING if one.rank_from is None else f"{one.rank_from}–{one.rank_to}",
        )
        for one in queries.by_area(actor, area_path, period, COMPARED)
    )  # fmt: skip
    return Table(
        (_("Area"), metrics()["reported"].name(), metrics()[COMPARED].name(), _("Probably"), _("Rank")), rows,
        note=_("In the order of their paths. A place is given only where the intervals tell areas apart."),
        figures=frozenset({1, 2, 3, 4}), widths=(5, 2, 3, 4, 2),
    )  # fmt: skip


def _unusual(actor: Actor, area_path: str, period: Period) -> list[Block]:
    told: list[Block] = []
    for one in anomalies(actor, area_path, period):
        words = one.words()
        if cases := [case.number for case in one.cases if not case.is_restricted]:
            numbers = listed(cases[:MOST_CASES])
            words = _("%(words)s Cases: %(numbers)s.") % {"words": words, "numbers": numbers}
        told.append(Paragraph(words))
    return told or [Paragraph(_("Nothing stands out in these days."))]


def _annex(own: Mapping[str, Value], before: Mapping[str, Value], area_path: str, period: Period) -> Table:
    rows = tuple(
        (
            one.metric.name(),
            saying.said(one),
            saying.NOTHING if one.metric.kind == Kind.STATE else saying.said(before[key]),
            f"{one.numerator}/{one.denominator}" if one.denominator and not one.hidden else saying.NOTHING,
            _("%(words)s (%(code)s)") % {"words": one.metric.words(), "code": key},
        )
        for key, one in own.items()
    )
    return Table(
        (_("Figure"), _("Value"), _("The days before"), _("Part and whole"), _("What it counts")), rows,
        figures=frozenset({1, 2, 3}), widths=(5, 3, 3, 4, 9), links=tuple(behind(key, area_path, period) for key in own),
    )  # fmt: skip


def _figure(found: Value) -> dict[str, Any]:
    """A figure as it is kept: nothing of a group that is hidden."""
    return {
        "name": found.metric.name(),
        "said": saying.said(found),
        "value": None if found.hidden or found.value is None else str(found.value),
        "numerator": None if found.hidden else found.numerator,
        "denominator": None if found.hidden else found.denominator,
        "low": None if found.hidden or found.low is None else str(found.low),
        "high": None if found.hidden or found.high is None else str(found.high),
    }
