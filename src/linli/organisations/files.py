"""The register as a file: a template, what is there to take out, and what is brought back, tried first, with errors by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import sheets
from linli.kernel.db import district_of, within
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.sheets import Problem
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.workbooks import book, plain
from linli.organisations import queries, standing
from linli.organisations.actions import registering
from linli.organisations.actions.registering import New
from linli.organisations.coverage import place_of
from linli.organisations.models import Profile
from linli.people.models import Organisation
from linli.territory.models import Building, Compound

_WORDS = tuple(
    (row["column"], row["zh"])
    for row in csv.DictReader(
        resources.files("linli.organisations").joinpath("rules/columns.csv").read_text("utf-8").splitlines()
    )
)
COLUMNS = _WORDS[:-2]
"""Their names in files, in English and in Chinese; both are read."""
NEEDED = ("name", "type", "area")
MOST_BYTES = 5_000_000
MOST_ROWS = 2_000
MOST_EXPORTED = 50_000
YES, NO = ((*_WORDS[-2], "1", "true", "y"), (*_WORDS[-1], "0", "false", "n"))
_FIELDS = {
    "public_phone": "phone", "starts_on": "founded", "ends_on": "dissolved", "area_path": "area", "kind": "type", "type": "type",
}  # fmt: skip


@dataclass
class Report(sheets.Report):
    """What a file would do, or did."""

    changed: int = 0
    dissolved: int = 0


class _TakenBack(Exception):
    """Rolls a trial back."""


def heads() -> list[str]:
    """The names of the columns in the reader's language."""
    at = 1 if (get_language() or "zh").startswith("zh") else 0
    return [names[at] for names in COLUMNS]


def template(actor: Actor) -> bytes:
    """A workbook to fill in: the columns with an example, and the types with their codes."""
    policy.require(actor, "organisation.keep")
    example = [
        "",
        _("Example community volunteers"),
        "",
        "volunteer_team",
        f"{actor.area_path}",
        "",
        "",
        "",
        "2026-01-01",
    ]
    rows = [[kind.code, kind.called] for kind in standing.types().values()]
    return book({_("Organisations"): [heads(), example], _("Types"): [[_("Code"), _("Type")], *rows]})


def export(actor: Actor, *, words: str = "", kind: str = "", area_path: str = "", state: str = "at_work") -> bytes:
    """The organisations that a list shows, as a workbook that can be brought back; an audit row says who took it."""
    rows = queries.matching(actor, words=words, kind=kind, area_path=area_path, state=state)
    found = list(rows.select_related("parent")[:MOST_EXPORTED])
    cells = _cells_of(found)
    audit.record(
        actor, "organisation.export", subject_type="organisation", subject_id=place_of(actor, area_path),
        district=district_of(place_of(actor, area_path)), detail={"rows": len(cells)},
    )  # fmt: skip
    return book({_("Organisations"): [heads(), *cells]})


def _cells_of(found: Sequence[Organisation]) -> list[list[str]]:
    rows = Profile.objects.filter(
        district__in={one.district for one in found}, organisation_id__in=[one.id for one in found]
    )
    profiles = {row.organisation_id: row for row in rows.select_related("compound", "building")}
    cells = []
    for one in found:
        profile = profiles.get(one.id)
        cells.append([
            one.code, one.name, one.name_en, one.type_id, one.area_path,
            profile.compound.name if profile and profile.compound else "",
            profile.building.number if profile and profile.building else "", one.parent.code if one.parent else "",
            one.starts_on.isoformat(), one.ends_on.isoformat() if one.ends_on else "", one.public_phone,
            profile.description if profile else "", "no" if profile and not profile.is_public else "yes",
        ])  # fmt: skip
    return cells


def load(actor: Actor, content: bytes, *, try_only: bool, most: int = MOST_ROWS) -> Report:
    """Read a file of organisations. Nothing changes unless every row can be taken; the same file again changes nothing.

    A row with the code of an organisation changes it, one with another code or none founds one; a day of dissolution ends it.
    A trial does everything and takes it back, so what it says is what happens.

    Args:
        content: CSV (UTF-8 or GB 18030) or a workbook, with the columns of :data:`COLUMNS`.
        try_only: only report.
        most: rows at once.

    Raises:
        Invalid: it is no such file, or too large.
    """
    policy.require(actor, "organisation.keep")
    report = Report()
    try:
        with transaction.atomic():
            for number, cells in _rows(content, most):
                report.rows += 1
                try:
                    with transaction.atomic():
                        _take(actor, cells, report, number)
                except LinliError as error:
                    column = _FIELDS.get(error.field, error.field)
                    report.problems.append(Problem(number, column, f"{error.message} {error.mend}".strip()))
            if report.good and not try_only:
                audit.record(
                    actor, "organisation.load", subject_type="organisation", subject_id="file",
                    detail={"rows": report.rows, "new": report.new, "changed": report.changed},
                )  # fmt: skip
                report.applied = True
            else:
                raise _TakenBack
    except _TakenBack:
        pass
    return report


def _take(actor: Actor, cells: dict[str, str], report: Report, number: int) -> None:
    for name in NEEDED:
        if not cells[name]:
            raise Invalid("file.empty", _("This cell is empty."), field=name)
    district = district_of(cells["area"])
    founded, dissolved = _day("founded", cells["founded"]), _day("dissolved", cells["dissolved"])
    known = Organisation.objects.filter(district=district, code=cells["code"]).first() if cells["code"] else None
    public = _yes(cells["public"])
    parent = _parent(district, cells["parent"])
    if known is None:
        compound, building = _place(district, cells)
        one = registering.found(
            actor,
            New(
                kind=cells["type"], name=cells["name"], area_path=cells["area"], name_en=cells["name_en"], code=cells["code"],
                compound_id=compound, building_id=building, parent_id=parent, starts_on=founded, public_phone=cells["phone"],
                description=cells["description"], is_public=public,
            ),
        )  # fmt: skip
        report.new += 1
    else:
        if known.type_id != cells["type"] or not within(known.area_path, cells["area"]):
            raise Invalid(
                "file.moved", _("Type and area of an organisation stay; dissolve it and found another."), field="code"
            )
        values: dict[str, Any] = {
            "name": cells["name"], "name_en": cells["name_en"], "public_phone": cells["phone"],
            "description": cells["description"], "is_public": public, "starts_on": founded,
        }  # fmt: skip
        if cells["parent"]:
            values["parent_id"] = parent
        one = registering.change(actor, known.id, district=district, version=known.version, values=values)
    changed = known is not None and one.version != known.version
    if dissolved is not None and one.ends_on is None:
        registering.dissolve(
            actor, one.id, district=district, version=one.version, reason=_("By a file"), ends_on=dissolved
        )
        report.dissolved += 1
    elif changed:
        report.changed += 1
    elif known is not None:
        report.same += 1


def _place(district: str, cells: dict[str, str]) -> tuple[UUID | None, UUID | None]:
    if not cells["compound"]:
        return None, None
    low = cells["area"]
    rows = Compound.objects.filter(
        district=district, name=cells["compound"], area_path__gte=low, area_path__lt=f"{low}0"
    )
    found = list(rows[:2])
    if len(found) != 1:
        said = (
            _("There is no such compound.")
            if not found
            else _("There are several compounds of this name; give a smaller area.")
        )
        raise Invalid("organisation.compound", said, field="compound")
    if not cells["building"]:
        return found[0].id, None
    building = Building.objects.filter(district=district, compound=found[0], number=cells["building"]).first()
    if building is None:
        raise Invalid("organisation.building", _("There is no such building."), field="building")
    return None, building.id


def _parent(district: str, code: str) -> UUID | None:
    if not code:
        return None
    found = Organisation.objects.filter(district=district, code=code).values_list("id", flat=True).first()
    if found is None:
        raise Invalid("organisation.parent", _("There is no such organisation."), field="parent")
    return found


def _day(column: str, text: str) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Invalid("field.day", _("Please give a day."), field=column)


def _yes(text: str) -> bool:
    found = text.strip().lower()
    if found in YES or not found:
        return True
    if found in NO:
        return False
    raise Invalid("file.yes", _("Please write yes or no."), field="public")


def _rows(content: bytes, most: int) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > MOST_BYTES:
        raise Invalid("organisation.file", _("The file is too large."), field="file")
    known = {name: english for english, chinese in COLUMNS for name in (english, chinese)}
    places: dict[str, int] = {}
    for number, line in enumerate(sheets.lines_of(content), start=1):
        if not places:
            places = {known[cell.strip().lower()]: at for at, cell in enumerate(line) if cell.strip().lower() in known}
            lacking = [name for name in NEEDED if name not in places]
            if lacking:
                raise Invalid(
                    "organisation.file",
                    _("The file has no column %(name)s.") % {"name": lacking[0]},
                    field="file",
                    mend=_("Take the template, fill it in and bring it back."),
                )
            continue
        if number > most + 1:
            raise Invalid("organisation.file", _("At most %(most)d rows at once.") % {"most": most}, field="file")
        cells = {name: "" for name, _chinese in COLUMNS}
        for name, at in places.items():
            cells[name] = plain(line[at].strip()) if at < len(line) else ""
        if any(cells.values()):
            yield number, cells
