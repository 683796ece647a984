"""Workbooks of text: the template, the rows to mend, a sheet of residents. No cell of one is a formula, however it is opened."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.households import files
from linli.households.models import Import, Kind, Status
from linli.households.queries import imports
from linli.households.rules import columns
from linli.kernel.trust import Actor
from linli.kernel.workbooks import book


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
