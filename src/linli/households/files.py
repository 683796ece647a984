"""Files of dwellings and residents: their head, their text, their lines, a chunk at a time from any place on. Memory stays flat."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext_lazy as _

from linli.households.rules import column_names, columns
from linli.kernel.errors import Invalid
from linli.kernel.sheets import ENCODINGS, WORKBOOK, cell_text, workbook_rows

CHUNK = 20_000
"""Rows of a chunk: some 15 MB on the way, and what is read anew after a break."""
_PROBE = 1 << 16
LONGEST_ROW = 1 << 14
"""Bytes. A quote that is not closed within so many encloses nothing but the rest of its line."""
_QUOTE = b'"'
# Whether no quoted cell is open at the end: cells and what parts them, as the csv module reads them; possessive: it never goes back.
_CLOSED = re.compile(rb'(?:(?:"(?:[^"]|"")*+"[^,\r\n]*+|[^",\r\n][^,\r\n]*+)?+(?:[,\r\n]|\Z))*+\Z').match
_LINE_END = re.compile(rb"[\r\n]*\Z")


class Feed(Protocol):
    """Rows of a file from a place on."""

    encoding: str
    head: list[str]

    def rows(self, offset: int, most: int) -> tuple[list[bytes], int]:
        """At most ``most`` rows from ``offset`` on, each whole, and the offset of what follows; none at the end."""


class Row(NamedTuple):
    """The text of one row with the end of its line.

    Args:
        lines: how many lines it takes; more than one when a quoted cell goes over several.
        size: of those lines in bytes; ``text`` differs where it had to be mended.
    """

    text: bytes
    lines: int
    size: int


def whole_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows that lines make up: a cell that is quoted over several lines is not cut.

    A row depends on its own lines and the :data:`LONGEST_ROW` bytes behind its beginning, so it is the same wherever one begins to
    read. A quote that is not closed within those is closed at the end of its line, a line that is longer is cut: what such a row
    lacks then is told of that row, and the next line is a row again.
    """
    source, back = iter(lines), deque[bytes]()
    while (line := back.popleft() if back else next(source, None)) is not None:
        if len(line) > LONGEST_ROW:
            yield Row(_closed(line[:LONGEST_ROW] + b"\n"), 1, len(line))
            continue
        if _QUOTE not in line or _CLOSED(line):
            yield Row(line, 1, len(line))
            continue
        taken, size, whole = [line], len(line), False
        while not whole and size <= LONGEST_ROW:
            following = back.popleft() if back else next(source, None)
            if following is None:
                break
            taken.append(following)
            size += len(following)
            whole = _QUOTE in following and _CLOSED(_QUOTE + following) is not None
        if whole and size <= LONGEST_ROW:
            yield Row(b"".join(taken), len(taken), size)
        else:
            back.extendleft(reversed(taken[1:]))
            yield Row(_closed(line), 1, len(line))


def _closed(line: bytes) -> bytes:
    """A line with the quoted cell closed that is open at its end."""
    if _CLOSED(line):
        return line
    end = _LINE_END.search(line)
    at = end.start() if end else len(line)
    return line[:at] + _QUOTE + line[at:]


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
            mark = len(BOM_UTF8) if sample.startswith(BOM_UTF8) else 0
            file.seek(mark)
            first = next(whole_rows(file), Row(b"", 0, 0))
        self.head = head_of(next(parsed([first.text], self.encoding), []))
        self.begin = mark + first.size

    def rows(self, offset: int, most: int) -> tuple[list[bytes], int]:
        """See :class:`Feed`."""
        offset = max(offset, self.begin)
        with self.path.open("rb") as file:
            file.seek(offset)
            found = list(islice(whole_rows(file), most))
        return [row.text for row in found], offset + sum(row.size for row in found)


def parsed(rows: list[bytes], encoding: str) -> Iterator[list[str]]:
    """The cells of rows that are whole; what cannot be read becomes a sign that no check lets through."""
    text = b"".join(rows).decode("utf-8" if encoding == "utf-8-sig" else encoding, errors="replace")
    return csv.reader(io.StringIO(text, newline=""))


def as_csv(content: bytes, name: str) -> bytes:
    """An uploaded file as CSV in UTF-8: a workbook's first sheet, or the text itself.

    Raises:
        Invalid: it is neither a workbook nor text.
    """
    if not content.startswith(WORKBOOK):
        return content.decode(encoding_of(content[:_PROBE]), errors="replace").encode()
    rows = workbook_rows(content)
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        if any(cell != "" for cell in row):
            writer.writerow([_cell(cell) for cell in row] + [""] * (width - len(row)))
    return kept.getvalue().encode()


def _cell(value: Any) -> str:
    text = " ".join(cell_text(value).split())
    return text[1:] if text.startswith("'") else text


def template() -> list[list[str]]:
    """The head of a file in Chinese and an example row."""
    return [[row["zh"] for row in columns()], [row["example"] for row in columns()]]
