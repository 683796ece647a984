"""Places: kept one by one, retired, and read in from a file. Whatever changes has its district reckoned anew."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import events, ids, time
from linli.kernel.db import in_subtree, insert_all
from linli.kernel.errors import Conflict, Invalid, LinliError
from linli.kernel.sheets import Problem
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.trust.policy import Spot
from linli.kernel.workbooks import plain
from linli.lifecircle import reckoning
from linli.lifecircle.kinds import kind_named, kinds, name_of
from linli.lifecircle.models import Place
from linli.lifecircle.queries import place_of
from linli.territory import locating
from linli.territory.coords import CoordinateSystem, Point
from linli.territory.grid_index import How

MOST_ROWS = 5_000
MOST_PROBLEMS = 500
MOST_AHEAD = timedelta(days=3_660)
PLACES = 6  # decimals of a degree that are kept: 11 cm


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What is said of a place.

    Attributes:
        kind: id of a kind, or its name in either language.
        position: how one finds it, in words.
        hours: opening hours, in words.
        active_until: the first day on which it is not open; ``None`` while there is none.
        system: in which the coordinates are given.
    """

    kind: str
    name: str
    lng: float
    lat: float
    position: str = ""
    hours: str = ""
    active_from: date | None = None
    active_until: date | None = None
    system: CoordinateSystem = CoordinateSystem.WGS84


@dataclass
class Report:
    """What a file brought, or would bring."""

    tried: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """A place as it is going to be kept, and where it lies."""

    facts: PlaceFacts
    path: str
    district: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """By what it is known without its id."""
        return self.facts.kind, self.facts.name, self.facts.lng, self.facts.lat


def keep(actor: Actor, facts: PlaceFacts, *, key: UUID) -> Place:
    """Add a place. Once for the key.

    Raises:
        Forbidden: the post may not.
        Invalid: a field is wrong, the point lies in no micro-grid or outside the post's area.
        Conflict: the same place stands there already.
    """
    policy.require(actor, "place.keep")
    row = _checked(actor, facts)
    with transaction.atomic():
        if (before := Place.objects.filter(district=row.district, id=key).first()) is not None:
            return before
        _not_twice(row)
        made = _made(actor, row, key)
        made.save(force_insert=True)
        _told(actor, [made])
    return made


def change(actor: Actor, place_id: UUID, facts: PlaceFacts, *, version: int) -> Place:
    """Put right what is said of a place; opens it again when ``active_until`` is left out.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: a field is wrong, or the point lies in another district.
        Conflict: somebody else changed it meanwhile, or the same place stands there already.
    """
    found = place_of(actor, place_id)
    policy.require(actor, "place.keep", found, view="lifecircle.view")
    row = _checked(actor, facts)
    if row.district != found.district:
        raise Invalid(
            "lifecircle.other_district", _("This point lies in another district."), field="lng",
            mend=_("Retire the place, and add it anew there."),
        )  # fmt: skip
    with transaction.atomic():
        held = Place.objects.select_for_update().get(district=found.district, id=place_id)
        if held.version != version:
            raise Conflict(
                "lifecircle.changed", _("Somebody else changed this place meanwhile."),
                mend=_("Look at the page again, then change it."),
            )  # fmt: skip
        if not _differs(held, row):
            return held
        _not_twice(row, besides=held.id)
        _put(actor, held, row)
        held.save()
        _told(actor, [held])
    return held


def retire(actor: Actor, place_id: UUID, *, day: date | None = None) -> Place:
    """Say from which day on a place is closed for good; today unless told. Twice is once.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: the day lies before the place was opened.
    """
    found = place_of(actor, place_id)
    policy.require(actor, "place.keep", found, view="lifecircle.view")
    until = day or max(time.today(), found.active_from)
    if until < found.active_from:
        raise Invalid("lifecircle.days", _("A place ends after it begins."), field="day")
    if until > time.today() + MOST_AHEAD:
        raise Invalid("lifecircle.day", _("The day lies within ten years."), field="day")
    with transaction.atomic():
        held = Place.objects.select_for_update().get(district=found.district, id=place_id)
        if held.active_until is None or held.active_until > until:
            held.active_until, held.version = until, held.version + 1
            held.changed_at, held.changed_as, held.post_id = time.now(), actor.name[:80], actor.post_id
            held.save()
            _told(actor, [held], "place.retired")
    return held


# --- files ------------------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def columns() -> list[dict[str, str]]:
    """The columns of a file, with their names in both languages and an example."""
    with resources.files("linli.lifecircle").joinpath("data/columns.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def heads() -> list[str]:
    """The first line of a file in the reader's language."""
    said = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return [row[said] for row in columns()]


def read(
    actor: Actor, lines: Sequence[Sequence[str]], *, system: CoordinateSystem, try_only: bool, synthetic: bool = False
) -> Report:
    """Read places from a file: the first line names the columns. Good rows are kept, bad ones reported.

    A row with an id changes that place; one without is known by kind, name and point. The same file again changes nothing.

    Args:
        lines: cells as text.
        system: in which the coordinates of the file are.
        try_only: check everything and change nothing.
        synthetic: the places are made up.

    Raises:
        Invalid: the file has no head that is known, or too many rows.
        Forbidden: the post may not.
    """
    policy.require(actor, "place.keep")
    if not lines:
        raise Invalid("file.empty", _("The file is empty."), field="file")
    if len(lines) - 1 > MOST_ROWS:
        raise Invalid(
            "file.rows",
            _("A file has at most %(n)d rows.") % {"n": MOST_ROWS},
            field="file",
            mend=_("Send it in parts."),
        )
    head = _head(lines[0])
    report = Report(tried=try_only)
    with transaction.atomic():
        mine = Place.objects.filter(in_subtree("area_path", actor.area_path))
        held = list(mine if try_only else mine.select_for_update())
        by_id = {str(one.id): one for one in held}
        known = {(one.kind, one.name, one.lng, one.lat): one for one in held if one.active_until is None}
        new: list[Place] = []
        changed: list[Place] = []
        seen: set[Any] = set()
        for number, cells in enumerate(lines[1:], start=2):
            told = {name: plain(str(cell).strip()) for name, cell in zip(head, cells, strict=False) if name}
            if not any(told.values()):
                continue
            report.rows += 1
            try:
                before, row = _read_row(actor, told, by_id, known, system)
                if row.identity in seen or (before is not None and before.id in seen):
                    raise Invalid("lifecircle.twice", _("This place stands in the file twice."), field="name")
                other = known.get(row.identity)
                if other is not None and before is not None and other.id != before.id:
                    raise Invalid("lifecircle.there", _("This place is there already."), field="name")
            except LinliError as wrong:
                if len(report.problems) < MOST_PROBLEMS:
                    report.problems.append(Problem(number, wrong.field or "", str(wrong.message)))
                continue
            seen |= {row.identity, before.id if before else None}
            if before is None:
                report.new += 1
                new.append(_made(actor, row, ids.new_id(), synthetic=synthetic))
            elif _differs(before, row):
                report.changed += 1
                changed.append(_put(actor, before, row))
            else:
                report.same += 1
        if not try_only:
            insert_all(new)
            for one in changed:
                one.save()
            _told(actor, new + changed)
            audit.record(
                actor, "place.import", subject_type="place", subject_id=ids.new_id(), district=actor.district,
                detail={"rows": report.rows, "new": report.new, "changed": report.changed, "bad": len(report.problems)},
            )  # fmt: skip
    return report


def rows_out(places: Sequence[Place]) -> list[list[str]]:
    """Places as rows of the same columns. Read in again, they change nothing."""
    return [
        [
            str(one.id), name_of(one.kind), one.name, f"{one.lng:.6f}", f"{one.lat:.6f}", one.position, one.hours,
            one.active_from.isoformat(), one.active_until.isoformat() if one.active_until else "",
        ]
        for one in places
    ]  # fmt: skip


def _head(cells: Sequence[str]) -> list[str]:
    names = {"".join(row[said].split()).lower(): row["column"] for row in columns() for said in ("column", "zh", "en")}
    found = [names.get("".join(str(cell).split()).lower(), "") for cell in cells]
    named = [name for name in found if name]
    if not {"kind", "name", "lng", "lat"} <= set(named):
        raise Invalid(
            "file.head", _("The first line does not name kind, name, longitude and latitude."), field="file",
            mend=_("Take the template; its first line names the columns."),
        )  # fmt: skip
    if len(named) != len(set(named)):
        raise Invalid("file.head", _("A column stands twice in the first line."), field="file")
    return found


def _read_row(
    actor: Actor, told: dict[str, str], by_id: dict[str, Place], known: dict[tuple[Any, ...], Place], system: CoordinateSystem
) -> tuple[Place | None, _Row]:  # fmt: skip
    before = by_id.get(told.get("id", "").lower())
    if told.get("id") and before is None:
        raise Invalid("lifecircle.no_place", _("There is no such place in your area."), field="id")
    facts = PlaceFacts(
        told["kind"], told["name"], _number(told["lng"], "lng"), _number(told["lat"], "lat"), told.get("position", ""),
        told.get("hours", ""), _day(told.get("active_from", ""), "active_from"), _day(told.get("active_until", ""), "active_until"),
        system,
    )  # fmt: skip
    row = _checked(actor, facts, before=before)
    return before or known.get(row.identity), row


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Invalid("lifecircle.number", _("This is no number."), field=name) from None


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-")[:10]) if text else None
    except ValueError:
        raise Invalid("lifecircle.day", _("This is no day; write 2026-05-18."), field=name) from None


# --- what all of them share -------------------------------------------------------------------------------------------------------------


def _checked(actor: Actor, facts: PlaceFacts, *, before: Place | None = None) -> _Row:
    """The facts as they are kept, and where the place lies."""
    kind = facts.kind if facts.kind in kinds() else kind_named(facts.kind)
    name = _line(facts.name, 80)
    if len(name) < 2:
        raise Invalid("lifecircle.name", _("Please give the place a name."), field="name")
    today = time.today()
    begins = facts.active_from or (before.active_from if before else today)
    if begins > today + MOST_AHEAD or (facts.active_until and facts.active_until > today + MOST_AHEAD):
        raise Invalid("lifecircle.day", _("The day lies within ten years."), field="active_from")
    if facts.active_until is not None and facts.active_until < begins:
        raise Invalid("lifecircle.days", _("A place ends after it begins."), field="active_until")
    try:
        point = Point(facts.lng, facts.lat, facts.system)
        found = locating.locate(point)
        lng, lat = (round(one, PLACES) for one in point.wgs84())
    except Invalid as wrong:
        raise Invalid(wrong.code, wrong.message, field="lng", mend=wrong.mend) from wrong
    if found.how not in (How.INSIDE, How.EDGE):
        raise Invalid(
            "lifecircle.nowhere", _("This point lies in no micro-grid."), field="lng",
            mend=_("Check longitude and latitude, and in which system they are."),
        )  # fmt: skip
    if not policy.allows(actor, "place.keep", Spot(found.path)):
        raise Invalid(
            "lifecircle.outside", _("This point lies outside your area."), field="lng",
            mend=_("Check longitude and latitude, and in which system they are."),
        )  # fmt: skip
    kept = replace(
        facts, kind=kind, name=name, lng=lng, lat=lat, position=_line(facts.position, 160), hours=_line(facts.hours, 80),
        active_from=begins, system=CoordinateSystem.WGS84,
    )  # fmt: skip
    return _Row(kept, found.path, found.district)


_FACTS = ("kind", "name", "lng", "lat", "position", "hours", "active_from", "active_until")


def _made(actor: Actor, row: _Row, key: UUID, *, synthetic: bool = False) -> Place:
    made = Place(id=key, district=row.district, synthetic=synthetic, version=0)
    return _put(actor, made, row)


def _put(actor: Actor, place: Place, row: _Row) -> Place:
    for name in _FACTS:
        setattr(place, name, getattr(row.facts, name))
    place.area_path, place.version = row.path, place.version + 1
    place.changed_at, place.changed_as, place.post_id = time.now(), actor.name[:80], actor.post_id
    return place


def _differs(place: Place, row: _Row) -> bool:
    return any(getattr(place, name) != getattr(row.facts, name) for name in _FACTS)


def _not_twice(row: _Row, *, besides: UUID | None = None) -> None:
    kind, name, lng, lat = row.identity
    same = Place.objects.filter(
        district=row.district, kind=kind, name=name, lng=lng, lat=lat, active_until__isnull=True
    )
    others = same.exclude(id=besides) if besides else same
    if row.facts.active_until is None and others.exists():
        raise Conflict(
            "lifecircle.there",
            _("This place is there already."),
            mend=_("Look for it in the list, and change it there."),
        )


def _told(actor: Actor, places: Sequence[Place], kind: str = "place.kept") -> None:
    """One event for each place, and each district reckoned anew."""
    events.append_all(
        [
            events.make(
                kind, subject_type="place", subject_id=one.id, sequence=one.version, district=one.district, area_path=one.area_path,
                actor=actor, data={"kind": one.kind},
            )
            for one in places
        ]
    )  # fmt: skip
    for district in sorted({one.district for one in places}):
        reckoning.ask(district)


def _line(text: str, most: int) -> str:
    return " ".join(text.replace("\0", "").split())[:most]
