"""What is learnt from the desk: every ``case.reclassify`` leaves the category before and after, and the words where they may be kept."""

from __future__ import annotations

from collections.abc import Sequence

from linli.cases.models import Case, LogEntry
from linli.catalog import queries as catalog
from linli.catalog.models import Sensitivity
from linli.kernel import events, ids
from linli.kernel.events import Happened
from linli.suggesting.models import Correction
from linli.suggesting.scrubbing import scrub

NAME = "suggesting.corrections"
OPEN = frozenset({Sensitivity.NORMAL, Sensitivity.HOUSEHOLD})
"""Words are kept only while the case before, after and now is of these."""


@events.consumer(NAME, "case.reclassify")
def on_reclassified(batch: Sequence[Happened]) -> None:
    """Keep the last correction of each case; one that comes again, or late, changes nothing."""
    for event in batch:
        entry = LogEntry.objects.filter(
            district=event.district, case_id=event.subject_id, sequence=event.sequence, kind="reclassify"
        ).first()
        case = Case.objects.filter(district=event.district, id=event.subject_id).first()
        if entry is None or case is None:
            continue
        before, after = entry.data.get("old", ""), entry.data.get("new", "")
        known = Correction.objects.filter(district=event.district, case_id=case.id).first()
        if known is not None and known.sequence >= event.sequence:
            continue
        if known is not None:
            before = known.before
        values = {
            "sequence": event.sequence, "area_path": event.area_path, "before": before, "after": after, "at": event.at,
            "words": scrub(case.description) if _may_keep(case, before, after) else "",
        }  # fmt: skip
        if before == after:
            Correction.objects.filter(district=event.district, case_id=case.id).delete()
            continue
        Correction.objects.update_or_create(
            district=event.district, case_id=case.id, defaults=values, create_defaults={"id": ids.new_id(), **values}
        )


def _may_keep(case: Case, *codes: str) -> bool:
    catalogue = catalog.current(district=case.district)
    entries = [catalogue.get(code) for code in (*codes, case.category)]
    return all(entry is not None and entry.sensitivity in OPEN for entry in entries) and case.sensitivity in OPEN
