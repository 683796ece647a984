"""Make the rows of cases again from their log, or say where the two disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import models, transaction

from linli.cases.loop import PROJECTED
from linli.cases.models import Case, LogEntry
from linli.cases.projection import Difference, differences, fold

BATCH = 500
Progress = Callable[[int], None]


@dataclass(slots=True)
class Rebuilt:
    """What was looked at, what disagreed, and how many rows were written."""

    cases: int = 0
    entries: int = 0
    differences: list[Difference] = field(default_factory=list)
    written: int = 0


def rebuild(*, district: str, write: bool, progress: Progress | None = None) -> Rebuilt:
    """Compare every case of a district with the fold of its log, and put right the rows when asked.

    Only columns are ever written; a broken chain is named and left as it is, for nobody can make it right.

    Args:
        write: whether rows that disagree are written.
        progress: called with the number of cases done.
    """
    result = Rebuilt()
    for batch in _batches(district):
        with transaction.atomic():
            cases = Case.objects.filter(district=district, id__in=batch).order_by("id")
            rows = list(cases.select_for_update() if write else cases)
            entries = LogEntry.objects.filter(district=district, case_id__in=batch).order_by("case_id", "sequence")
            by_case = {case_id: list(group) for case_id, group in groupby(entries, key=lambda one: one.case_id)}
            for case in rows:
                of_case = by_case.get(case.id, [])
                found = differences(case, of_case)
                result.cases += 1
                result.entries += len(of_case)
                result.differences += found
                if write and any(one.what in PROJECTED for one in found):
                    _write(case, fold(of_case))
                    result.written += 1
        if progress:
            progress(result.cases)
    return result


def _batches(district: str) -> Iterator[list[Any]]:
    after = None
    while True:
        found = Case.objects.filter(district=district)
        if after is not None:
            found = found.filter(id__gt=after)
        batch = list(found.order_by("id").values_list("id", flat=True)[:BATCH])
        if not batch:
            return
        yield batch
        after = batch[-1]


def _write(case: Case, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(case, name, _typed(name, value))
    case.save(update_fields=[name.removesuffix("_id") for name in PROJECTED])


def _typed(name: str, value: Any) -> Any:
    """A value of the log as its column holds it."""
    if value is None:
        return None
    target = Case._meta.get_field(name.removesuffix("_id"))
    if isinstance(target, models.FloatField):
        return float(value)
    if isinstance(target, models.DateTimeField):
        return datetime.fromisoformat(value)
    return target.to_python(value) if isinstance(target, models.Field) and not target.is_relation else value
