"""Workbooks and tables of text: no cell of one is a formula, however it is opened."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import xlsxwriter

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a program would carry out."""


def book(sheets: Mapping[str, Sequence[Sequence[str]]], *, note: str = "") -> bytes:
    """A workbook of text cells, the first row of each sheet its head.

    Args:
        note: stands above the head and on every printed page.
    """
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    made = xlsxwriter.Workbook(kept, options)
    bold = made.add_format({"bold": True, "bottom": 1, "bg_color": "#E6F2F0"})
    mark = made.add_format({"font_color": "#B45309", "bold": True})
    for title, rows in sheets.items():
        sheet = made.add_worksheet(title[:31])
        top = 1 if note else 0
        if note:
            sheet.write_string(0, 0, safe(note), mark)
            sheet.set_header("&L" + note.replace("&", "&&")[:200])
            sheet.set_footer("&C&P / &N")
        for down, row in enumerate(rows):
            for across, cell in enumerate(row):
                sheet.write_string(top + down, across, safe(cell), bold if not down else None)
        sheet.set_column(0, max((len(row) for row in rows), default=1), 16)
        sheet.freeze_panes(top + 1, 0)
    made.set_properties({"comments": note})
    made.close()
    return kept.getvalue()


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A table as text that spreadsheets open as it is: with a mark of its encoding, no cell a formula."""
    kept = io.StringIO()
    csv.writer(kept).writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + kept.getvalue().encode()


def safe(text: str) -> str:
    """A text that no program reads as a formula; :func:`plain` takes the mark off again."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain(text: str) -> str:
    """A text as it was before :func:`safe`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
