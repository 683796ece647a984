"""Files of dwellings and residents: their head, their text, their lines, a chunk at a time from any place on. Memory stays flat."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.utils.translation import gettext_lazy as _

from linli.households.rules import column_names, columns
from linli.kernel.errors import Invalid

CHUNK = 20_000
"""Rows of a chunk: some 15 MB on the way, and what is read anew after a break."""
ENCODINGS = ("utf-8-sig", "gb18030")
_PROBE = 1 << 16
_QUOTE = b'"'


class Feed(Protocol):
    """Lines of a file from a place on."""

    encoding: str
    head: list[str]

    def lines(self, offset: int, most: int) -> tuple[list[bytes], int]:
        """At most ``most`` lines from ``offset`` on, and the offset of what follows; no lines at the end."""


def encoding_of(sample: bytes) -> str:
    """UTF-8, or GB 18030 as spreadsheets in China write it.

    Raises:
        Invalid: it is neither.
    """
    for name in ENCODINGS:
        try:
            sample.decode(name)
        except UnicodeDecodeError as error:
            if error.start >= len(sample) - 4:  # a character cut in two by the end of the sample
                return name
            continue
        return name
    raise Invalid("file.encoding", _("This file is not text."), field="file", mend=_("Save it as CSV or Excel."))


def head_of(cells: list[str]) -> list[str]:
    """The columns that a head names, an empty name for a column that is none of ours.

    Raises:
        Invalid: a column that is needed is missing, or one stands twice.
    """
    known = column_names()
    found = [known.get("".join(cell.split()).lower(), "") for cell in cells]
    missing = [row["zh"] for row in columns() if row["needed"] and row["column"] not in found]
    if missing:
        raise Invalid(
            "file.head",
            _("These columns are missing: %(names)s") % {"names": ", ".join(missing)},
            field="file",
            mend=_("Take the template; its first line names the columns."),
        )
    named = [name for name in found if name]
    if len(named) != len(set(named)):
        raise Invalid("file.head", _("A column stands twice in the first line."), field="file")
    return found


class PathFeed:
    """A CSV file on disk; ``offset`` counts bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            sample = file.read(_PROBE)
            self.encoding = encoding_of(sample)
            file.seek(0)
            first = file.readline()
        self.head = head_of(next(csv.reader([first.decode(self.encoding)]), []))
        self.begin = len(first)

    def lines(self, offset: int, most: int) -> tuple[list[bytes], int]:
        """See :class:`Feed`."""
        with self.path.open("rb") as file:
            offset = max(offset, self.begin)
            file.seek(offset)
            found = _whole(file, most)
        return found, offset + sum(map(len, found))


def _whole(file: BinaryIO, most: int) -> list[bytes]:
    """Lines, where a cell that is quoted over several lines is not cut."""
    found = list(islice(file, most))
    while found and sum(line.count(_QUOTE) for line in found) % 2:
        following = file.readline()
        if not following:
            break
        found.append(following)
    return found


def parsed(lines: list[bytes], encoding: str) -> Iterator[list[str]]:
    """The cells of lines; what cannot be read becomes a sign that no check lets through."""
    text = b"".join(lines).decode("utf-8" if encoding == "utf-8-sig" else encoding, errors="replace")
    return csv.reader(io.StringIO(text, newline=""))


def as_csv(content: bytes, name: str) -> bytes:
    """An uploaded file as CSV in UTF-8: a workbook's first sheet, or the text itself.

    Raises:
        Invalid: it is neither a workbook nor text.
    """
    if content[:2] != b"PK":
        return content.decode(encoding_of(content[:_PROBE]), errors="replace").encode()
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, ValueError):
        raise Invalid("file.workbook", _("This workbook cannot be read."), field="file") from None
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        if any(cell != "" for cell in row):
            writer.writerow([_cell(cell) for cell in row] + [""] * (width - len(row)))
    return kept.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = " ".join(str(value).split())
    return text[1:] if text.startswith("'") else text


def template() -> list[list[str]]:
    """The head of a file in Chinese and an example row."""
    return [[row["zh"] for row in columns()], [row["example"] for row in columns()]]
