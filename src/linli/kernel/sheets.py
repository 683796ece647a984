"""Files of rows that people send: their cells, and the report of what a file would bring before anything changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid

ENCODINGS = ("utf-8-sig", "gb18030")
WORKBOOK = b"PK"
"""What a workbook begins with: it is a ZIP archive."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row; rows are counted as a spreadsheet counts them."""

    row: int
    column: str
    message: str


@dataclass
class Report:
    """What a file would do, or did."""

    rows: int = 0
    new: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    applied: bool = False

    @property
    def good(self) -> bool:
        """Whether every row can be taken."""
        return self.rows > 0 and not self.problems


def text_of(content: bytes) -> str:
    """The text of a file in UTF-8 or GB 18030.

    Raises:
        Invalid: it is none.
    """
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("file.text", _("This is not a text file."), field="file")


def lines_of(content: bytes) -> Iterator[list[str]]:
    """The cells of a file row by row: the first sheet of a workbook, or CSV as :func:`text_of` reads it.

    Raises:
        Invalid: it is neither.
    """
    if content.startswith(WORKBOOK):
        return ([cell_text(cell) for cell in row] for row in workbook_rows(content))
    return csv.reader(io.StringIO(text_of(content), newline=""))


def workbook_rows(content: bytes) -> list[list[Any]]:
    """The cells of a workbook's first sheet.

    Raises:
        Invalid: it cannot be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, ValueError):
        raise Invalid("file.workbook", _("This workbook cannot be read."), field="file") from None


def cell_text(value: Any) -> str:
    """A cell as one would write it: days without the time, whole numbers without a point."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
