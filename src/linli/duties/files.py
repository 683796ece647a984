"""Lists as a file: what an administrator takes out, changes and brings back, with a report of every line before anything changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.duties.actions import lists
from linli.duties.actions.lists import Place
from linli.duties.models import ListEntry, Listing, Tier
from linli.duties.tasks import Kind
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.sheets import Problem, Report, text_of
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.workbooks import plain, safe

COLUMNS = (
    "area", "tier", "kind", "code", "department", "list", "title_zh", "title_en", "basis", "instead", "minutes", "amount", "source",
    "authority", "from", "to",
)  # fmt: skip
MOST_BYTES = 2_000_000
MOST_ROWS = 20_000


def export(actor: Actor, *, area_path: str = "") -> str:
    """Every entry that holds today or will, of an area and below, as CSV with a byte order mark so that spreadsheets read it."""
    policy.require(actor, "duties.read")
    rows = ListEntry.objects.filter(superseded_at__isnull=True).exclude(valid_to__lte=time.today())
    if area_path:
        rows = rows.filter(in_subtree("area_path", area_path))
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows.order_by("area_path", "tier", "kind", "code", "department", "valid_from").iterator(
        chunk_size=2_000
    ):
        writer.writerow([safe(one) for one in _cells(row)])
    return "\ufeff" + kept.getvalue()


def _cells(row: ListEntry) -> list[str]:
    return [
        row.area_path, row.tier, row.kind, row.code, row.department, row.listing, row.title_zh, row.title_en, row.basis, row.instead,
        str(row.minutes), f"{row.amount // 100}.{row.amount % 100:02d}" if row.amount else "", row.source, row.authority,
        row.valid_from.isoformat(), row.valid_to.isoformat() if row.valid_to else "",
    ]  # fmt: skip


def load(actor: Actor, content: bytes, *, try_only: bool) -> Report:
    """Read a file of lists. Nothing changes unless every line can be taken; what stands as the file says stays as it is.

    Args:
        content: CSV with the columns of :data:`COLUMNS`, UTF-8 or GB 18030.
        try_only: only report.

    Raises:
        Invalid: it is no such file.
    """
    policy.require(actor, "duties.load")
    report = Report()
    wanted: list[ListEntry] = []
    taken: dict[tuple[Any, ...], list[tuple[date, date | None]]] = {}
    standing = _standing()
    for line, cells in _lines(content):
        report.rows += 1
        try:
            row = _entry(cells)
            key = (row.area_path, row.tier, row.kind, row.code, row.department)
            if _cells(row) in standing.get(key, ()):
                report.same += 1
            else:
                lists.checked_days(row.valid_from, row.valid_to, field="from")
                wanted.append(row)
            if any(_meet(one, (row.valid_from, row.valid_to)) for one in taken.get(key, ())):
                raise Invalid("duties.overlap", _("Another line says something of these days."), field="from")
            taken.setdefault(key, []).append((row.valid_from, row.valid_to))
        except LinliError as error:
            report.problems.append(Problem(line, error.field, str(error.message)))
    report.new = len(wanted)
    if report.good and not try_only:
        with transaction.atomic():
            for row in wanted:
                lists.lay(actor, row)
            audit.record(
                actor, "duties.load", subject_type="duty", subject_id="file",
                detail={"rows": report.rows, "new": report.new, "same": report.same},
            )  # fmt: skip
        report.applied = True
    return report


def _standing() -> dict[tuple[Any, ...], list[list[str]]]:
    found: dict[tuple[Any, ...], list[list[str]]] = {}
    for row in ListEntry.objects.filter(superseded_at__isnull=True).iterator(chunk_size=2_000):
        key = (row.area_path, row.tier, row.kind, row.code, row.department)
        found.setdefault(key, []).append(_cells(row))
    return found


def _meet(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])


def _lines(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > MOST_BYTES:
        raise Invalid("duties.file", _("The file is too large."), field="file")
    reader = csv.DictReader(io.StringIO(text_of(content), newline=""))
    missing = [one for one in COLUMNS if one not in (reader.fieldnames or ())]
    if missing:
        raise Invalid(
            "duties.file",
            _("The file has no column %(name)s.") % {"name": missing[0]},
            field="file",
            mend=_("Take the list out first, change it and bring it back."),
        )
    for line, row in enumerate(reader, start=2):
        if line > MOST_ROWS:
            raise Invalid("duties.file", _("The file is too large."), field="file")
        cells = {name: plain((row.get(name) or "").strip()) for name in COLUMNS}
        if any(cells.values()):
            yield line, cells


def _entry(cells: dict[str, str]) -> ListEntry:
    kind = _one_of("kind", cells["kind"], Kind.values)
    tier, listing = _one_of("tier", cells["tier"], Tier.values), _one_of("list", cells["list"], Listing.values)
    if not cells["code"] or len(cells["code"]) > 20:
        raise Invalid("duties.task", _("There is no such task."), field="code")
    lists.checked_place(Place(Kind(kind), cells["code"], Tier(tier), cells["area"], cells["department"]))
    amount = _amount(cells["amount"])
    minutes = cells["minutes"] or "0"
    if not minutes.isdecimal() or len(minutes) > 6:
        raise Invalid("duties.minutes", _("Give a whole number."), field="minutes")
    first = _day("from", cells["from"])
    if first is None:
        raise Invalid("duties.from", _("Please give a day."), field="from")
    last = _day("to", cells["to"])
    if last is not None and last <= first:
        raise Invalid("duties.term", _("It ends after it begins."), field="to")
    return ListEntry(
        area_path=cells["area"], tier=tier, kind=kind, code=cells["code"], department=cells["department"], listing=listing,
        title_zh=lists.words(cells["title_zh"], field="title_zh", most=120), title_en=cells["title_en"][:160],
        basis=lists.words(cells["basis"], field="basis", most=200), instead=cells["instead"][:200], minutes=int(minutes),
        amount=amount, source=cells["source"][:120], authority=cells["authority"][:200], valid_from=first, valid_to=last,
    )  # fmt: skip


def _one_of(column: str, text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise Invalid("duties.word", _("One of these: %(words)s") % {"words": ", ".join(known)}, field=column)
    return text


def _amount(text: str) -> int:
    if not text:
        return 0
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        fen = Decimal(-1)
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen > lists.LARGEST:
        raise Invalid("duties.amount", _("Give the amount in yuan, not less than nothing."), field="amount")
    return int(fen)


def _day(column: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("field.day", _("Please give a day."), field=column) from None


def kept_rows(actor: Actor) -> int:
    """How many entries hold today or will."""
    policy.require(actor, "duties.read")
    return ListEntry.objects.filter(superseded_at__isnull=True).exclude(valid_to__lte=time.today()).count()
