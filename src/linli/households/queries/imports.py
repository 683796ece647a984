"""Files that are read: how far they are, and the rows that were not taken, with what is wrong in each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.households.actions.importing import FAILED, ROW
from linli.households.models import Import, ImportProblem
from linli.kernel import crypto
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, audit, context, policy

MENDING = "mend a file"
"""The purpose under which refused rows are read."""
MOST_ROWS = 100_000
WRONG: Mapping[str, Promise] = {
    "cell.label": gettext_lazy("Missing, or longer than 16 signs."),
    "cell.floor": gettext_lazy("Not a floor; give a figure."),
    "cell.word": gettext_lazy("None of the words that this column takes; see the template's second sheet."),
    "cell.date": gettext_lazy("Not a day that has been; write 2026-01-31."),
    "cell.needed": gettext_lazy("Needed when the other cells of a person are filled in."),
    "cell.name": gettext_lazy("Not a name."),
    "cell.phone": gettext_lazy("Not a telephone number."),
    "cell.id_number": gettext_lazy("Not an identity number: check each figure, or leave it empty."),
    "cell.consent": gettext_lazy("A child under fourteen: give the day on which a guardian agreed."),
    "grid.unknown": gettext_lazy("No micro-grid of this code in your area."),
    "grid.needed": gettext_lazy("The compound lies in several micro-grids: say in which."),
    "grid.out_of_reach": gettext_lazy("This building stands outside your area."),
    "compound.unknown": gettext_lazy("No compound of this name in your area."),
    "compound.ambiguous": gettext_lazy("Several compounds have this name: give the micro-grid."),
    "row.left_out": gettext_lazy("Reading it failed, and it was left out: look through it and send it again."),
    "person.other_name": gettext_lazy("This identity number is in the register with another name."),
}
"""What is wrong with a cell, in words that say what to do."""
FAILURES: Mapping[str, Promise] = {
    FAILED: gettext_lazy("These rows could not be taken. The administrators find the details in the log."),
    "file.unfinished": gettext_lazy("Nobody sent it to its end in time."),
    "file.encoding": gettext_lazy("This file is not text."),
    "file.workbook": gettext_lazy("This workbook cannot be read."),
    "file.head": gettext_lazy("The first line does not name the columns."),
    "file.empty": gettext_lazy("The file holds no rows."),
}
"""What ended or holds up the reading of a file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row as it came, in clear, and what is wrong in it: column and code."""

    row: int
    cells: list[str]
    wrong: list[tuple[str, str]] = field(default_factory=list)


def said(code: str) -> str:
    """What a code says, in the reader's language."""
    return str(WRONG.get(code, code))


def why(code: str) -> str:
    """What ended or holds up a file, in the reader's language; empty when nothing does."""
    return str(FAILURES.get(code, code))


def one(actor: Actor, import_id: UUID) -> Import:
    """A file that the actor may follow.

    Raises:
        NotFound: there is none in the actor's reach.
        Forbidden: the post imports nothing.
    """
    policy.require(actor, "household.import")
    found = Import.objects.filter(district=actor.district, id=import_id).first()
    if found is None or not policy.allows(actor, "household.import", policy.Spot(found.area_path)):
        raise NotFound("import.none", _("There is no such import that you can see."))
    return found


def recent(actor: Actor, *, most: int = 30) -> list[Import]:
    """The files of a post's area, the latest first.

    Raises:
        Forbidden: the post imports nothing.
    """
    policy.require(actor, "household.import")
    return list(Import.objects.filter(in_subtree("area_path", actor.area_path)).order_by("-started_at")[:most])


def problems(actor: Actor, found: Import, *, after: int = 0, most: int = 50) -> list[ImportProblem]:
    """What is wrong, by row and column; the rows' cells stay sealed.

    Args:
        after: a row's number; only those that follow it.
    """
    with context.personal(actor, purpose=MENDING):
        rows = ImportProblem.objects.filter(district=found.district, of=found, row__gt=after)
        return list(rows.defer("cells_enc").order_by("row", "column")[:most])


def refused(actor: Actor, found: Import) -> list[Refused]:
    """The rows that were not taken, in clear, for whoever mends them; leaves an audit row."""
    rows: dict[int, Refused] = {}
    with transaction.atomic(), context.personal(actor, purpose=MENDING):
        wrong = ImportProblem.objects.filter(district=found.district, of=found).order_by("row", "column")[:MOST_ROWS]
        for problem in wrong:
            if problem.row not in rows:
                cells = crypto.open_(ROW, problem.id, problem.cells_enc) if problem.cells_enc else "[]"
                rows[problem.row] = Refused(problem.row, json.loads(cells))
            rows[problem.row].wrong.append((problem.column, problem.code))
        audit.record(
            actor, "household.read_rows", subject_type="import", subject_id=found.id, district=found.district, purpose=MENDING,
            fields=("name", "phone", "number"), detail={"rows": len(rows)},
        )  # fmt: skip
    return list(rows.values())
