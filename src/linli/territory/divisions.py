"""Reading a city's list of statistical divisions from CSV files: every bad row is named, with its line and the reason. Pure but
for the translation of the reasons.

Three kinds of file, recognised by their header: districts (``code6,name,city_code``), subdistricts
(``code9,name,kind,district_code``) and communities (``code12,name,kind,subdistrict_code,district_code``). A subdistrict may
carry ``governed_by``, the district that governs it where that is not the one it is coded under. The codes of the national
list (rules of 2009, twelve figures: 2 province, 2 city, 2 district, 3 subdistrict, 3 community) have no check figure; what can
be checked is the length, the figures and that a code begins with its parent's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.territory.models import DivisionKind, Level

CODE_LENGTH = 12
_NAME_LENGTH = 80
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Shape:
    """What one kind of file looks like."""

    level: Level
    code_column: str
    code_length: int
    parent_column: str
    parent_length: int
    kinds: tuple[DivisionKind, ...]


_SHAPES = (
    Shape(Level.DISTRICT, "code6", 6, "city_code", 4, (DivisionKind.DISTRICT,)),
    Shape(
        Level.SUBDISTRICT,
        "code9",
        9,
        "district_code",
        6,
        (DivisionKind.SUBDISTRICT, DivisionKind.TOWN, DivisionKind.TOWNSHIP),
    ),
    Shape(
        Level.COMMUNITY,
        "code12",
        12,
        "subdistrict_code",
        9,
        (
            DivisionKind.RESIDENT_COMMITTEE,
            DivisionKind.VILLAGE_COMMITTEE,
            DivisionKind.QUASI_RESIDENT,
            DivisionKind.QUASI_VILLAGE,
        ),
    ),
)


@dataclass(frozen=True)
class Division:
    """One good row. Codes are the list's own, without the zeros that fill them up to twelve figures."""

    level: Level
    code: str
    name: str
    kind: DivisionKind
    parent: str
    governed_by: str = ""

    @property
    def full_code(self) -> str:
        """The official twelve figures."""
        return full(self.code)


@dataclass(frozen=True)
class Problem:
    """Why a row (or a file) cannot be taken. Lines count from 1, the header being the first."""

    file: str
    line: int
    value: str
    reason: str | Promise

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.value}: {self.reason}"


@dataclass
class Listing:
    """What a set of files holds."""

    divisions: dict[str, Division] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0

    def of_level(self, level: Level) -> list[Division]:
        """The good rows of one level, by code."""
        return sorted((d for d in self.divisions.values() if d.level == level), key=lambda d: d.code)


def full(code: str) -> str:
    """A code filled up to its official twelve figures."""
    return code.ljust(CODE_LENGTH, "0")


def read(paths: Iterable[Path], *, known: Collection[str] = (), progress: Progress | None = None) -> Listing:
    """Read files in any order.

    Args:
        paths: CSV files in UTF-8 or GB 18030.
        known: full codes that are in the database already and may be parents.
        progress: called with (rows done, rows in all).
    """
    listing = Listing()
    tables: list[tuple[Shape, str, list[dict[str, str]]]] = []
    for path in paths:
        found = _open(path, listing)
        if found is not None:
            tables.append((found[0], path.name, found[1]))
    tables.sort(key=lambda table: table[0].code_length)  # parents first
    total = sum(len(rows) for _shape, _name, rows in tables)
    seen: dict[str, tuple[str, int]] = {}
    for shape, name, rows in tables:
        for number, row in enumerate(rows, start=2):
            listing.rows += 1
            _take(row, shape, name, number, listing, seen, known)
            if progress is not None and (listing.rows % 200 == 0 or listing.rows == total):
                progress(listing.rows, total)
    return listing


def _open(path: Path, listing: Listing) -> tuple[Shape, list[dict[str, str]]] | None:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        listing.problems.append(Problem(path.name, 0, str(path), problem.strerror or str(problem)))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            listing.problems.append(Problem(path.name, 0, "", _("is neither UTF-8 nor GB 18030 text")))
            return None
    reader = csv.DictReader(io.StringIO(text), restval="")
    header = [(column or "").strip() for column in reader.fieldnames or []]
    reader.fieldnames = header
    for shape in reversed(_SHAPES):
        if shape.code_column in header:
            missing = [column for column in ("name", shape.parent_column) if column not in header]
            if missing:
                listing.problems.append(Problem(path.name, 1, ", ".join(missing), _("this column is missing")))
                return None
            return shape, list(reader)
    listing.problems.append(
        Problem(path.name, 1, ",".join(header)[:60], _("no column code6, code9 or code12: not a list of divisions"))
    )
    return None


def _take(
    row: Mapping[str, str],
    shape: Shape,
    file: str,
    line: int,
    listing: Listing,
    seen: dict[str, tuple[str, int]],
    known: Collection[str],
) -> None:
    """Check one row and keep it, or say why not; every reason is given, not only the first."""
    before = len(listing.problems)

    def refuse(value: str, reason: str | Promise) -> None:
        listing.problems.append(Problem(file, line, value, reason))

    code, name = _text(row, shape.code_column), _text(row, "name")
    parent, governed_by = _text(row, shape.parent_column), _text(row, "governed_by")
    kind_text = _text(row, "kind") or (DivisionKind.DISTRICT if shape.level == Level.DISTRICT else "")
    if None in row:
        refuse(code, _("has more columns than the header"))
    if not _is_code(code, shape.code_length):
        refuse(code, _("the code must have exactly %(length)d figures") % {"length": shape.code_length})
    else:
        if code.endswith("000") and shape.level != Level.DISTRICT:
            refuse(code, _("a code that ends in 000 stands for the level above"))
        if code in seen:
            other, other_line = seen[code]
            refuse(
                code, _("the code is there already, in %(file)s line %(line)d") % {"file": other, "line": other_line}
            )
        if not code.startswith(parent) or not _is_code(parent, shape.parent_length):
            refuse(code, _("the code does not begin with its parent's code %(parent)s") % {"parent": parent or "—"})
        elif shape.level != Level.DISTRICT and parent not in listing.divisions and full(parent) not in known:
            refuse(code, _("its parent %(parent)s is neither in the files nor in the database") % {"parent": parent})
    if not name:
        refuse(code, _("the name is empty"))
    elif len(name) > _NAME_LENGTH:
        refuse(code, _("the name has more than %(length)d characters") % {"length": _NAME_LENGTH})
    if kind_text not in shape.kinds:
        refuse(code, _("the kind %(kind)s is unknown here") % {"kind": kind_text or "—"})
    if governed_by and (shape.level != Level.SUBDISTRICT or not _is_code(governed_by, 6)):
        refuse(code, _("governed_by takes the six figures of a district, for a subdistrict only"))
    elif governed_by and governed_by not in listing.divisions and full(governed_by) not in known:
        refuse(code, _("the district %(code)s that governs it is not known") % {"code": governed_by})
    seen.setdefault(code, (file, line))
    if len(listing.problems) == before:
        listing.divisions[code] = Division(shape.level, code, name, DivisionKind(kind_text), parent, governed_by)


def _text(row: Mapping[str, str], column: str) -> str:
    return (row.get(column) or "").strip()


def _is_code(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
