"""The brief of an area: what its cockpit shows of some days, as an office document in one click.

Sentences are chosen by rule from the figures: a rate is said to have risen or fallen only where the intervals of the two stretches of
days do not overlap, areas have a place only where their intervals tell them apart, and what stands out is told with its cases, without
blame. The annex has every figure with its definition, how many of how many, its moment, and where the cases behind it are listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.cases.queries.finding import visible
from linli.cockpit import panels, trend
from linli.cockpit.asked import COMMUNITY, Asked, level_of
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.documents import Block, Chart, ChartKind, Document, Heading, Note, Paragraph, Series, Table
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.metrics import queries, saying
from linli.metrics.anomalies import anomalies
from linli.metrics.catalogue import Kind, metrics
from linli.metrics.queries import Value
from linli.territory import queries as territory
from linli.territory.models import Level

COMPARED = "resolution_on_time"
"""The rate by which the areas below stand beside each other."""
OWED = ("resolution_open_late", "response_open_late", "late_now")
MOST_KINDS = 8
MOST_CASES = 6
WEEK, MONTH, QUARTER = 7, 31, 92


def document(actor: Actor, asked: Asked) -> Document:
    """The brief of what an address of the cockpit asks for.

    Raises:
        NotFound: the area lies below the community, where no figures are kept.
    """
    if level_of(asked.area) > COMMUNITY:
        raise NotFound("cockpit.no_brief", _("Briefs are made down to the community."))
    area, period = asked.area, asked.period
    own = queries.values(actor, area.path, period, list(metrics()))
    before = queries.values(actor, area.path, period.before(), list(metrics()))
    place = territory.place_name(area.path, top=Level.CITY) or area.name
    days = _("%(first)s to %(last)s") % {
        "first": date_format(period.first, "Y-m-d"), "last": date_format(period.last, "Y-m-d"),
    }  # fmt: skip
    moment = date_format(next(iter(own.values())).as_of.astimezone(time.LOCAL_ZONE), "Y-m-d H:i")
    blocks: list[Block] = [
        Heading(_("The whole")),
        *(Paragraph(one) for one in sentences(own, before)),
        *_owed(actor, asked),
        Heading(_("Day by day")),
        *_days(actor, asked),
        Heading(_("What about")),
        *_kinds(actor, asked),
    ]
    if level_of(area) < COMMUNITY:
        blocks += [Heading(_("Areas")), _areas(actor, asked)]
    blocks += [
        Heading(_("What stands out")),
        *_unusual(actor, asked),
        Heading(_("Annex: the figures")),
        _annex(own, before, asked),
        Note(
            _(
                "Counted up to %(moment)s. Clocks count on the day on which they ran out; what is owed stays in the rate."
            )
            % {"moment": moment}
        ),
    ]
    return Document(
        title=_("Brief of %(place)s") % {"place": area.name},
        issuer=place,
        number=days,
        date=time.today(),
        language="en" if (get_language() or "zh").startswith("en") else "zh-CN",
        blocks=tuple(blocks),
        series_name=_series_name(period.days),
        mark=_("Made from the figures, not issued"),
    )


def _series_name(days: int) -> str:
    if days == WEEK:
        return _("Weekly brief")
    if WEEK < days <= MONTH:
        return _("Monthly brief")
    if MONTH < days <= QUARTER:
        return _("Quarterly brief")
    return _("Brief")


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
    told += [_rate(own[key], before[key]) for key in panels.KEPT if key in own]
    owed = [own[key] for key in OWED if key in own and own[key].value]
    if owed:
        words = "; ".join(
            _("%(name)s: %(value)s") % {"name": one.metric.name(), "value": saying.said(one)} for one in owed
        )
        told.append(_("Owed still: %(words)s.") % {"words": words})
    else:
        told.append(_("Nothing is owed."))
    return told


def _owed(actor: Actor, asked: Asked) -> list[Block]:
    """The numbers of the cases that have been late for longest, for whoever may list them."""
    path = asked.area.path
    if not policy.allows(actor, "case.list", policy.Spot(path)):
        return []
    late = visible(actor).filter(in_subtree("area_path", path), is_open=True, due_at__lt=time.now())
    numbers = list(late.order_by("due_at", "id").values_list("number", flat=True)[:MOST_CASES])
    return [Paragraph(_("Late for longest: %(numbers)s.") % {"numbers": ", ".join(numbers)})] if numbers else []


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


def change(own: Value, before: Value) -> int | None:
    """Whether a rate rose (1), fell (-1), or neither can be told (0), by its intervals; ``None`` where one has none."""
    if own.low is None or own.high is None or before.low is None or before.high is None:
        return None
    return 1 if own.low > before.high else -1 if own.high < before.low else 0


def _days(actor: Actor, asked: Asked) -> list[Block]:
    found = trend.panel(actor, asked)
    rows = found["trend"]
    if len(rows) < 2:
        return [Paragraph(_("Too few days for a chart."))]
    series = tuple(
        Series(one["name"], tuple(float(row["cells"][n]["value"] or 0) for row in rows))
        for n, one in enumerate(found["trend_series"])
    )
    labels = tuple(str(row["short"]) for row in rows)
    return [Chart(ChartKind.LINE, labels, series, found["trend_words"])]


def _kinds(actor: Actor, asked: Asked) -> list[Block]:
    found = panels.kinds(actor, asked)
    rows = found["kinds"][:MOST_KINDS]
    if not rows:
        return [Paragraph(_("Nothing was counted in these days."))]
    series = Series(found["kinds_name"], tuple(float(one["value"]) for one in rows))
    return [Chart(ChartKind.BAR, tuple(one["name"] for one in rows), (series,), found["kinds_words"])]


def _areas(actor: Actor, asked: Asked) -> Table:
    metric = metrics()[COMPARED]
    reported = {one.path: one.value for one in queries.by_area(actor, asked.area.path, asked.period, "reported")}
    rows = tuple(
        (
            one.name, saying.said(reported[one.path]), saying.said(one.value), saying.interval(one.value),
            saying.NOTHING if one.rank_from is None else f"{one.rank_from}–{one.rank_to}",
        )
        for one in queries.by_area(actor, asked.area.path, asked.period, COMPARED)
    )  # fmt: skip
    return Table(
        (_("Area"), metrics()["reported"].name(), metric.name(), _("Probably"), _("Rank")), rows,
        note=_("In the order of their paths. A place is given only where the intervals tell areas apart."),
        figures=frozenset({1, 2, 3, 4}), widths=(5, 2, 3, 4, 2),
    )  # fmt: skip


def _unusual(actor: Actor, asked: Asked) -> list[Block]:
    found = anomalies(actor, asked.area.path, asked.period)
    told: list[Block] = []
    for one in found:
        words = one.words()
        if one.cases:
            numbers = ", ".join(case.number for case in one.cases[:MOST_CASES])
            words = _("%(words)s Cases: %(numbers)s.") % {"words": words, "numbers": numbers}
        told.append(Paragraph(words))
    return told or [Paragraph(_("Nothing stands out in these days."))]


def _annex(own: Mapping[str, Value], before: Mapping[str, Value], asked: Asked) -> Table:
    rows = tuple(
        (
            f"{one.metric.name()} ({key})",
            saying.said(one),
            saying.NOTHING if one.metric.kind == Kind.STATE else saying.said(before[key]),
            f"{one.numerator}/{one.denominator}" if one.denominator and not one.hidden else saying.NOTHING,
            one.metric.words(),
        )
        for key, one in own.items()
    )
    return Table(
        (_("Figure"), _("Value"), _("The days before"), _("Part and whole"), _("What it counts")), rows,
        note=_("The cases behind the figures: %(address)s") % {"address": reverse("cockpit:area", args=[asked.area.path])},
        figures=frozenset({1, 2, 3}), widths=(5, 3, 3, 3, 8),
    )  # fmt: skip
