"""What a list is drawn from: the rule, and nothing else (``docs/reference/supervision.md``).

Three reasons. An area below the district whose rate's whole interval lies on the wrong side of its aim (``data/aims.csv``), so that chance
alone does not put it there. What stands out in the last month of them (:mod:`linli.metrics.anomalies`). The open cases whose limit ran out
longest ago.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any
from uuid import UUID

from linli.cases.models import Case
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor
from linli.metrics import anomalies, queries
from linli.metrics.catalogue import Kind, Metric, Period, metric
from linli.metrics.queries import Value, midnight
from linli.people.models import Organisation
from linli.supervision.models import Reason

MOST_OWED = 10
MOST_CASES = 12
QUARTER_MONTHS = 3
DAYS = 90
OFFICE = "subdistrict_office"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thing that the rule puts on a list.

    Attributes:
        key: what it is, the same in the next quarter.
        facts: what was seen: of a rate its value, interval and aim; of what stands out how many and how many were expected; of a case its
            number and when its limit ran out.
    """

    reason: Reason
    key: str
    area_path: str
    facts: dict[str, Any]
    cases: list[str] = field(default_factory=list)
    organisation_id: UUID | None = None


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day lies in."""
    return day.replace(month=1 + (day.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS, day=1)


def looked_at(today: date) -> Period:
    """The days that a list of today looks at: those before, so that each of them is whole."""
    return Period(today - timedelta(days=DAYS), today - _DAY)


@lru_cache(maxsize=1)
def aims() -> dict[str, Decimal]:
    """Metric → the share that its rate should reach, or stay below where less is better.

    Raises:
        ValueError: a row names no rate of the catalogue, or its aim is no share.
    """
    found: dict[str, Decimal] = {}
    with resources.files("linli.supervision").joinpath("data/aims.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            named, aim = metric(row["metric"]), Decimal(row["aim"])
            if named.kind != Kind.RATE or not named.better or not 0 < aim < 1:
                raise ValueError(
                    f"aims.csv: {row['metric']}: an aim is a share of a rate of which more or less is better"
                )
            found[named.id] = aim
    return found


def drawn(actor: Actor, district_path: str, period: Period) -> list[Drawn]:
    """What the rule puts on the list of a district's quarter, in its order."""
    return [
        *_below_aim(actor, district_path, period),
        *_standing_out(actor, district_path, period),
        *_owed(district_path, period),
    ]


def is_off(value: Value, aim: Decimal) -> bool:
    """Whether the whole interval of a rate lies on the wrong side of its aim."""
    if value.hidden or value.low is None or value.high is None:
        return False
    return value.high < aim if value.metric.better == "more" else value.low > aim


def _below_aim(actor: Actor, district_path: str, period: Period) -> Iterator[Drawn]:
    offices = dict(
        Organisation.objects.filter(district=district_path, type_id=OFFICE, ends_on__isnull=True).values_list("area_path", "id")
    )  # fmt: skip
    for key, aim in aims().items():
        for one in queries.by_area(actor, district_path, period, key):
            if is_off(one.value, aim):
                yield Drawn(
                    Reason.BELOW_AIM, f"{key}:{one.path}", one.path, _facts(one.value, aim), organisation_id=offices.get(one.path)
                )  # fmt: skip


def _facts(value: Value, aim: Decimal) -> dict[str, Any]:
    named: Metric = value.metric
    return {
        "metric": named.id, "numerator": value.numerator, "denominator": value.denominator, "value": str(value.value),
        "low": str(value.low), "high": str(value.high), "aim": str(aim),
    }  # fmt: skip


def _standing_out(actor: Actor, district_path: str, period: Period) -> Iterator[Drawn]:
    for one in anomalies.anomalies(actor, district_path, period):
        returns = one.kind == anomalies.Kind.RETURNS
        yield Drawn(
            Reason.STANDS_OUT, f"{one.kind.value}:{one.subject}:{one.area_path}"[:120], one.area_path,
            {"kind": one.kind.value, "name": one.name, "seen": one.seen, "expected": str(one.expected)},
            [case.number for case in one.cases if not case.is_restricted][:MOST_CASES],
            UUID(one.subject) if returns else None,
        )  # fmt: skip


def _owed(district_path: str, period: Period) -> Iterator[Drawn]:
    found = Case.objects.filter(
        in_subtree("area_path", district_path), district=district_path, is_open=True,
        due_at__lt=midnight(period.last + _DAY),
    ).exclude(sensitivity="restricted")  # fmt: skip
    for case in found.order_by("due_at", "id")[:MOST_OWED]:
        due = case.due_at.isoformat() if case.due_at else ""
        yield Drawn(
            Reason.OWED, f"case:{case.number}", case.area_path, {"number": case.number, "due_at": due}, [case.number], case.holder_id
        )  # fmt: skip
