"""Workbooks of text: the template, the rows to mend, a sheet of residents. No cell of one is a formula, however it is opened."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.households import files
from linli.households.models import Import, Kind, Status
from linli.households.queries import imports
from linli.households.rules import columns
from linli.kernel.trust import Actor

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
            sheet.write_string(0, 0, _safe(note), mark)
            sheet.set_header("&L" + note.replace("&", "&&")[:200])
            sheet.set_footer("&C&P / &N")
        for down, row in enumerate(rows):
            for across, cell in enumerate(row):
                sheet.write_string(top + down, across, _safe(cell), bold if not down else None)
        sheet.set_column(0, max((len(row) for row in rows), default=1), 16)
        sheet.freeze_panes(top + 1, 0)
    made.set_properties({"comments": note})
    made.close()
    return kept.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def template() -> bytes:
    """The workbook to fill in: the columns with an example, and the words that they take."""
    kinds = [[str(one.label) for one in Status], [str(one.label) for one in Kind]]
    words = [[_("Use"), _("Relation")]]
    for at in range(max(map(len, kinds))):
        words.append([column[at] if at < len(column) else "" for column in kinds])
    return book({_("Dwellings"): files.template(), _("Words"): words})


def rows_to_mend(actor: Actor, found: Import) -> bytes:
    """The rows of a file that were not taken, as they came, with what is wrong in each; leaves an audit row."""
    names = column_names()
    rows = imports.refused(actor, found)
    head = [row["zh"] for row in columns()]
    width = max([len(one.cells) for one in rows], default=len(head))
    body = [
        [
            *one.cells, *([""] * (width - len(one.cells))), str(one.row),
            "; ".join(
                ": ".join(filter(None, (names.get(column, column), imports.said(code)))) for column, code in one.wrong
            ),
        ]
        for one in rows
    ]  # fmt: skip
    top = [*head[:width], *([""] * (width - len(head))), _("Row"), _("What is wrong")]
    return book({_("Rows to mend"): [top, *body]})


def column_names() -> dict[str, str]:
    """The columns of a file in the reader's language."""
    said = "zh" if (get_language() or "").startswith("zh") else "en"
    return {row["column"]: row[said] for row in columns()}
