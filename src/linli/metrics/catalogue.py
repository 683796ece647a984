"""The catalogue of metrics: what each says, from which figures it is computed, and from which size of group on.

A metric is a row of ``data/metrics.csv``; one that is a formula of figures that are kept needs nothing else, and has its whole history
at once (``docs/how-to/add-a-metric.md``). Formulas are figures with a plus or a minus between them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.cases.states import ENDED, State
from linli.kernel import time
from linli.kernel.errors import NotFound
from linli.metrics.course import OWED
from linli.metrics.models import TOOK, Figure

DUE_SOON = "due_soon"
"""Open cases with a limit that runs out soon: counted among what is open, not kept."""
STANDING = frozenset({*(state.value for state in State if state not in ENDED), *(one.value for one in OWED.values())})
GROUPS: Mapping[str, tuple[str, ...]] = {"took": tuple(one.value for one in TOOK)}
"""Figures that a formula names together."""
_TERM = re.compile(r"\s*([+-]?)\s*([a-z][a-z0-9_]*)\s*")


class Kind(StrEnum):
    """What a metric is."""

    COUNT = "count"
    RATE = "rate"
    MEAN_MINUTES = "mean_minutes"
    MEDIAN_MINUTES = "median_minutes"
    P90_MINUTES = "p90_minutes"
    STATE = "state"


QUANTILES: Mapping[Kind, Decimal] = {Kind.MEDIAN_MINUTES: Decimal("0.5"), Kind.P90_MINUTES: Decimal("0.9")}
"""The kinds that say within how long a share was done; what is owed still counts as longer than anything."""
WITHOUT_PARTS = (Kind.COUNT, Kind.STATE)
"""The kinds that are no part of a whole."""


class By(StrEnum):
    """On which day a figure counts."""

    DAY = "day"
    DUE_DAY = "due_day"


Formula = tuple[tuple[int, str], ...]
"""Figures with their sign: ``((1, "closed"), (-1, "excluded"))``."""

UNITS = frozenset({"cases", "times", "share", "minutes"})


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Attributes:
        better: ``more``, ``less``, or empty where neither is better.
        numerator: of a count or state all there is to it; of a mean the figures whose minutes are summed; of a median or the like what was
            done, by how long it took.
        denominator: empty for counts and states.
        source: the rooms whose events it comes from, and the standard that it follows.
        levels: the levels of areas for which it is computed.
        by: the day on which its figures count: that on which it happened, or that on which it was due.
        smallest: a rate or mean of fewer than these is hidden.
    """

    id: str
    names: Mapping[str, str]
    sentences: Mapping[str, str]
    kind: Kind
    unit: str
    better: str
    numerator: Formula
    denominator: Formula
    left_out: Mapping[str, str]
    source: str
    levels: tuple[str, ...]
    by: By
    smallest: int

    def name(self, language: str | None = None) -> str:
        """What it is called, in a language (the reader's unless told)."""
        return _in(self.names, language)

    def words(self, language: str | None = None) -> str:
        """What it says, in one sentence."""
        return _in(self.sentences, language)

    def exclusions(self, language: str | None = None) -> str:
        """What is left out, in words; empty where nothing is."""
        return _in(self.left_out, language)

    @property
    def figures(self) -> frozenset[str]:
        """The figures that it is computed from."""
        return frozenset(name for _sign, name in (*self.numerator, *self.denominator))


def _in(texts: Mapping[str, str], language: str | None) -> str:
    return texts["en" if (language or get_language() or "zh").startswith("en") else "zh"]


def metrics() -> Mapping[str, Metric]:
    """Every metric by its id, in the order of the catalogue."""
    with resources.as_file(resources.files("linli.metrics").joinpath("data/metrics.csv")) as path:
        return read(path)


@lru_cache(maxsize=4)
def read(path: Path) -> Mapping[str, Metric]:
    """The metrics of a file.

    Raises:
        ValueError: an id comes twice, or a formula names a figure that is not kept.
    """
    found: dict[str, Metric] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            metric = _metric(row)
            if metric.id in found:
                raise ValueError(f"metrics.csv: {metric.id} comes twice")
            found[metric.id] = metric
    return found


def metric(metric_id: str) -> Metric:
    """A metric.

    Raises:
        NotFound: the catalogue has none of this id.
    """
    found = metrics().get(metric_id)
    if found is None:
        raise NotFound(
            "figures.no_metric",
            _("There is no metric %(id)s.") % {"id": metric_id},
            field="metric",
            mend=_("The catalogue at /api/v1/metrics has all of them."),
        )
    return found


def _metric(row: Mapping[str, str]) -> Metric:
    kind = Kind(row["kind"])
    known = STANDING | {DUE_SOON} if kind == Kind.STATE else frozenset(Figure.values)
    numerator, denominator = (formula(row[name], known, metric_id=row["id"]) for name in ("numerator", "denominator"))
    if not numerator or bool(denominator) == (kind in WITHOUT_PARTS):
        raise ValueError(f"metrics.csv: {row['id']}: a {kind} has a denominator that it should not have, or none")
    if row["better"] not in ("", "more", "less") or row["unit"] not in UNITS:
        raise ValueError(f"metrics.csv: {row['id']}: unknown unit or direction")
    return Metric(
        id=row["id"],
        names={"zh": row["name_zh"], "en": row["name_en"]},
        sentences={"zh": row["words_zh"], "en": row["words_en"]},
        kind=kind,
        unit=row["unit"],
        better=row["better"],
        numerator=numerator,
        denominator=denominator,
        left_out={"zh": row["exclusions_zh"], "en": row["exclusions_en"]},
        source=row["source"],
        levels=tuple(row["levels"].split("+")),
        by=By(row["by"]),
        smallest=int(row["smallest"]),
    )


def formula(text: str, known: frozenset[str], *, metric_id: str) -> Formula:
    """Figures with signs, from ``closed - excluded``.

    Raises:
        ValueError: it cannot be read, or names a figure that is not known.
    """
    terms: list[tuple[int, str]] = []
    place = 0
    while place < len(text):
        match = _TERM.match(text, place)
        if match is None or (terms and not match[1]):
            raise ValueError(f"metrics.csv: {metric_id}: cannot read {text!r}")
        names = GROUPS.get(match[2], (match[2],))
        if not known.issuperset(names):
            raise ValueError(f"metrics.csv: {metric_id}: there is no figure {match[2]!r}")
        terms += [(-1 if match[1] == "-" else 1, name) for name in names]
        place = match.end()
    return tuple(terms)


MANY_DAYS = 62
"""From here on whole months are read as they were rolled up."""


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends among them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The days of the same number that lie just before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def months(self) -> tuple[date, date] | None:
        """The first day of the first whole month and the day after the last one; ``None`` where days are as quickly summed."""
        if self.days < MANY_DAYS:
            return None
        whole = self.first if self.first.day == 1 else _next_month(self.first)
        over = (self.last + timedelta(days=1)).replace(day=1)
        return (whole, over) if whole < over else None

    @staticmethod
    def today() -> Period:
        """Today."""
        return Period.of_days(1)

    @staticmethod
    def of_days(days: int) -> Period:
        """The last ``days`` days, today among them."""
        last = time.today()
        return Period(last - timedelta(days=days - 1), last)

    @staticmethod
    def week() -> Period:
        """The last seven days, today among them."""
        return Period.of_days(7)

    @staticmethod
    def month() -> Period:
        """The last thirty days, today among them."""
        return Period.of_days(30)

    @staticmethod
    def quarter() -> Period:
        """The last ninety days, today among them."""
        return Period.of_days(90)

    @staticmethod
    def year() -> Period:
        """The last 365 days, today among them."""
        return Period.of_days(365)
