"""Load a city's list of divisions: the statistical tree as it is, and the governing tree that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linli.kernel import events, ids
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, policy
from linli.territory.changes import mark_changed
from linli.territory.divisions import Division, Listing, Problem, Progress, full, read
from linli.territory.models import Area, DivisionKind, Level, StatisticalDivision
from linli.territory.places import places
from linli.territory.wording import plain_name

UNPLACED_SEGMENT = "000"
_FIRST_GUEST_SEGMENT = 901  # of subdistricts governed by a district whose own codes have taken their segment
_BATCH = 2000


class ImportRefused(Invalid):
    """The files have bad rows; nothing was written. ``problems`` names each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "territory.bad_rows",
            _("%(count)d rows cannot be taken; nothing was loaded.") % {"count": len(problems)},
            field="files",
            mend=_("Mend the rows that are named and load the files again."),
        )
        self.problems = list(problems)


@dataclass
class ImportReport:
    """What an import did: rows by level, created, changed or left as they were."""

    rows: int = 0
    divisions_created: int = 0
    divisions_changed: int = 0
    areas_created: int = 0
    areas_changed: int = 0
    unchanged: int = 0
    by_level: dict[str, int] = field(default_factory=dict)

    @property
    def changed_nothing(self) -> bool:
        """Whether everything was there already."""
        return not (self.divisions_created or self.divisions_changed or self.areas_created or self.areas_changed)


def import_divisions(
    actor: Actor,
    paths: Sequence[Path],
    *,
    valid_from: date,
    source: str,
    city_name: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Load a list of divisions in one transaction: all of it or nothing. Loading the same list again changes nothing.

    A name or kind that differs from what is on record closes the old entry on `valid_from` and opens a new one. What
    is on record and not in the files stays as it is: files may hold a part of a city.

    Args:
        actor: needs the verb ``territory.regroup``.
        paths: CSV files, see divisions.py.
        valid_from: the day of the list.
        source: where the list comes from, for the record.
        city_name: name of the city, where the table of places does not know it.
        progress: called with (rows done, rows in all) while reading.

    Raises:
        ImportRefused: a row is bad; nothing was written.
    """
    policy.require(actor, "territory.regroup")
    with transaction.atomic():
        on_record = {d.code: d for d in StatisticalDivision.objects.select_for_update().filter(valid_to__isnull=True)}
        listing = read(paths, known=on_record, progress=progress)
        if not listing.rows and not listing.problems:
            listing.problems.append(Problem(", ".join(p.name for p in paths), 0, "", _("there is no row in the files")))
        _refuse_moves_back(listing, on_record, valid_from)
        if listing.problems:
            raise ImportRefused(listing.problems)
        report = ImportReport(rows=listing.rows)
        _record_divisions(listing, on_record, report, valid_from=valid_from, source=source, city_name=city_name)
        _grow_areas(listing, report, valid_from=valid_from, city_name=city_name)
        if not report.changed_nothing:
            mark_changed()
            for district in sorted({d.governed_by or d.code[:6] for d in listing.divisions.values()}):
                events.append(
                    "territory.divisions_loaded",
                    subject_type="territory.change",
                    subject_id=ids.new_id(),
                    sequence=1,
                    district=district,
                    area_path=district,
                    actor=actor,
                    data={"source": source, "valid_from": valid_from.isoformat()},
                )
    return report


def _refuse_moves_back(listing: Listing, on_record: dict[str, StatisticalDivision], valid_from: date) -> None:
    """What a list cannot say: a change on or before the day of the entry it changes, and another governor."""
    for division in listing.divisions.values():
        old = on_record.get(division.full_code)
        if old is not None and old.governed_by != division.governed_by:
            listing.problems.append(
                Problem(
                    division.level,
                    0,
                    division.code,
                    _("is governed by %(old)s on record; a list cannot move an area to another governor")
                    % {"old": old.governed_by or old.parent_code[:6]},
                )
            )
        elif old is not None and _differs(old, division) and old.valid_from >= valid_from:
            listing.problems.append(
                Problem(
                    division.level,
                    0,
                    division.code,
                    _("differs from what is on record since %(day)s; a changed list needs a later day")
                    % {"day": old.valid_from},
                )
            )


def _differs(old: StatisticalDivision, new: Division) -> bool:
    return (old.name, old.kind) != (new.name, new.kind)


def _record_divisions(
    listing: Listing,
    on_record: dict[str, StatisticalDivision],
    report: ImportReport,
    *,
    valid_from: date,
    source: str,
    city_name: str,
) -> None:
    fresh: list[StatisticalDivision] = []
    closed: list[StatisticalDivision] = []
    for city in sorted({d.code[:4] for d in listing.divisions.values()}):
        if full(city) not in on_record:
            fresh.append(
                StatisticalDivision(
                    code=full(city),
                    name=_city_name(city, city_name),
                    kind=DivisionKind.CITY,
                    level=Level.CITY,
                    source=source,
                    valid_from=valid_from,
                )
            )
            report.divisions_created += 1
    for division in listing.divisions.values():
        report.by_level[division.level.value] = report.by_level.get(division.level.value, 0) + 1
        old = on_record.get(division.full_code)
        if old is not None and not _differs(old, division):
            report.unchanged += 1
            continue
        if old is None:
            report.divisions_created += 1
        else:
            old.valid_to = valid_from
            closed.append(old)
            report.divisions_changed += 1
        fresh.append(
            StatisticalDivision(
                code=division.full_code,
                name=division.name,
                kind=division.kind,
                level=division.level,
                parent_code=full(division.parent),
                governed_by=division.governed_by,
                source=source,
                valid_from=valid_from,
            )
        )
    StatisticalDivision.objects.bulk_update(closed, ["valid_to"], batch_size=_BATCH)
    StatisticalDivision.objects.bulk_create(fresh, batch_size=_BATCH)


def _grow_areas(listing: Listing, report: ImportReport, *, valid_from: date, city_name: str) -> None:
    """Governing areas for what is new; a changed name is carried over. Subdistricts stand under who governs them."""
    cities = sorted({d.code[:4] for d in listing.divisions.values()})
    districts = sorted(
        {d.code[:6] for d in listing.divisions.values()} | {d.governed_by for d in listing.divisions.values()} - {""}
    )
    held = Q(district__in=[*districts, *(city.ljust(6, "0") for city in cities)], valid_to__isnull=True)
    present = Area.objects.filter(held, level__in=[Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY])
    by_code = {area.code: area for area in present.select_for_update() if area.code}
    taken = {area.path for area in by_code.values()}
    fresh: list[Area] = []
    renamed: list[Area] = []

    def put(code: str, level: Level, path: str, name: str, parent: Area | None, district: str) -> None:
        place = places().get(code[:6]) if level in (Level.CITY, Level.DISTRICT) else None
        area = Area(
            district=district, path=path, level=level, code=code, name=name, parent=parent, valid_from=valid_from
        )
        if place is not None:
            area.label_lng, area.label_lat = place.lng, place.lat
        by_code[code] = area
        taken.add(path)
        fresh.append(area)

    for city in cities:
        if full(city) not in by_code:
            put(full(city), Level.CITY, city, _city_name(city, city_name), None, city.ljust(6, "0"))
    for level in (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY):
        # Guests last, so that a district's own subdistricts keep the figures of their codes.
        for division in sorted(listing.of_level(level), key=lambda d: (bool(d.governed_by), d.code)):
            old = by_code.get(division.full_code)
            if old is not None:
                if old.name != _area_name(division):
                    old.name = _area_name(division)
                    renamed.append(old)
                continue
            if level == Level.DISTRICT:
                put(division.full_code, level, division.code, division.name, None, division.code)
                queue = Area(
                    district=division.code,
                    path=f"{division.code}/{UNPLACED_SEGMENT}",
                    level=Level.UNPLACED,
                    name=division.name,
                    parent=by_code[division.full_code],
                    valid_from=valid_from,
                )
                fresh.append(queue)
                continue
            governor = by_code[full(division.governed_by or division.parent)]
            segment = _segment(division, governor.path, taken)
            put(
                division.full_code,
                level,
                f"{governor.path}/{segment}",
                _area_name(division),
                governor,
                governor.district,
            )
    Area.objects.bulk_update(renamed, ["name"], batch_size=_BATCH)
    Area.objects.bulk_create(fresh, batch_size=_BATCH)
    report.areas_created, report.areas_changed = len(fresh), len(renamed)


def _segment(division: Division, parent_path: str, taken: set[str]) -> str:
    """The last three figures of the code; a guest whose figures are taken in its governor's district gets others."""
    own = division.code[-3:]
    if f"{parent_path}/{own}" not in taken and not division.governed_by:
        return own
    candidates = [own, *(f"{n:03d}" for n in range(_FIRST_GUEST_SEGMENT, 1000))]
    return next(segment for segment in candidates if f"{parent_path}/{segment}" not in taken)


def _area_name(division: Division) -> str:
    """The name people use; the official one stays with the statistical division."""
    if division.level != Level.COMMUNITY:
        return division.name
    return plain_name(
        division.name, rural=division.kind in (DivisionKind.VILLAGE_COMMITTEE, DivisionKind.QUASI_VILLAGE)
    )


def _city_name(city: str, given: str) -> str:
    place = places().get(city.ljust(6, "0"))
    return given or (place.name if place is not None else city)
