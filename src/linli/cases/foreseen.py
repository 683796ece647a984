"""What a change of the catalogue would have done to last month's cases; asked by the catalogue before a change is published."""

from __future__ import annotations

from collections import Counter

from linli.cases import router
from linli.cases.models import Case, Level
from linli.catalog.preview import Planned, Preview
from linli.catalog.snapshot import Entry
from linli.kernel import deadlines

MOVES_SHOWN = 10


def count(planned: Planned) -> Preview:
    """Send the span's cases of the category through the router again, by the version that was and by the one that would be."""
    rows = Case.objects.filter(
        category=planned.code, reported_at__gte=planned.since, reported_at__lt=planned.until
    ).order_by()
    if planned.scope:
        rows = rows.filter(district=planned.scope)
    moves: Counter[tuple[str, str]] = Counter()
    targets: dict[str, tuple[str, str]] = {}
    cases = elsewhere = later = sooner = late = 0
    for path, reported, responded in rows.values_list("area_path", "reported_at", "responded_at").iterator(
        chunk_size=2_000
    ):
        cases += 1
        if path not in targets:
            targets[path] = (_first(planned.before, path), _first(planned.after, path))
        if targets[path][0] != targets[path][1]:
            elsewhere += 1
            moves[targets[path]] += 1
        if planned.before is None:
            continue
        due, _provisional = deadlines.compute(planned.after.clock, planned.after.respond_minutes, reported)
        before, _provisional = deadlines.compute(planned.before.clock, planned.before.respond_minutes, reported)
        later += due > before
        sooner += due < before
        late += due < before and (responded is None or responded > due)
    shown = tuple((*pair, number) for pair, number in moves.most_common(MOVES_SHOWN))
    return Preview(cases=cases, elsewhere=elsewhere, later_due=later, sooner_due=sooner, late=late, moves=shown)


def _first(entry: Entry | None, path: str) -> str:
    """Whom it would go to first: a role, or an organisation by its id."""
    target = router.first_handler(entry, path) if entry else None
    if target is None:
        return ""
    return "micro_grid_member" if target.level == Level.MICRO_GRID else str(target.organisation_id)
