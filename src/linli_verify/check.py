"""The check itself: one pass over the entries beside one pass over the sealed heads, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from linli_verify.findings import Break, Finding, Report
from linli_verify.form import GENESIS, Entry, FormError, case_name, hash_of
from linli_verify.roots import Head, Heads

REORDER_REACH = 32
"""How many places up and down an entry's true place is looked for."""
REORDER_TRIES = 5_000
"""After so many broken entries the search for true places stops: they are then reported as edited."""

Key = tuple[str, bytes]


def check(entries: Iterable[Entry], heads: Heads | None, report: Report) -> None:
    """Check every chain and every sealed head, and put what is wrong in ``report``.

    Args:
        entries: by district, case and sequence, rising.
        heads: what the day roots vouch for; ``None`` when there are none to compare with.
        report: gets the findings and the counts.
    """
    sealed = _by_case(heads)
    waiting = next(sealed, None)
    until = heads.until if heads is not None else {}
    for key, rows in groupby(entries, key=lambda entry: (entry.district, entry.case)):
        while waiting is not None and waiting[0] < key:
            _vanished(*waiting, report)
            waiting = next(sealed, None)
        mine: list[Head] = []
        if waiting is not None and waiting[0] == key:
            mine = waiting[1]
            waiting = next(sealed, None)
        _check_case(key, rows, mine, until.get(key[0], ""), report)
    while waiting is not None:
        _vanished(*waiting, report)
        waiting = next(sealed, None)


def _by_case(heads: Heads | None) -> Iterator[tuple[Key, list[Head]]]:
    for key, group in groupby(heads or (), key=lambda head: (head.district, head.case)):
        yield key, list(group)


def _vanished(key: Key, heads: list[Head], report: Report) -> None:
    last = heads[-1]
    detail = f"{last.sequence} entries were sealed, none is there"
    report.add(Finding(Break.VANISHED_CASE, detail, district=key[0], case=case_name(key[1]), date=last.date))


def _check_case(key: Key, rows: Iterator[Entry], heads: list[Head], until: str, report: Report) -> None:
    district, case = key[0], case_name(key[1])
    wanted: dict[int, list[Head]] = {}
    for head in heads:
        wanted.setdefault(head.sequence, []).append(head)
    top = max(wanted, default=0)
    last, prev, late = 0, GENESIS, 0
    for entry in rows:
        report.entries += 1
        late += entry.sequence > top and entry.at < until
        for finding in _check_entry(entry, last=last, prev=prev, report=report):
            report.add(finding)
        for head in wanted.pop(entry.sequence, ()):
            if head.hash != entry.hash:
                detail = f"sealed as {head.hash.hex()[:16]}, found {entry.hash.hex()[:16]}"
                report.add(
                    Finding(
                        Break.REWRITTEN, detail, district=district, case=case, sequence=entry.sequence, date=head.date
                    )
                )
        last, prev = max(last, entry.sequence), entry.hash
    report.cases += 1
    report.unsealed_cases += not heads
    report.late += late
    if top > last:
        date = next(head.date for head in heads if head.sequence == top)
        detail = f"sealed up to {top}, ends at {last}"
        report.add(Finding(Break.CUT_TAIL, detail, district=district, case=case, sequence=last + 1, date=date))


def _check_entry(entry: Entry, *, last: int, prev: bytes, report: Report) -> Iterator[Finding]:
    """What is wrong with one entry, given the sequence number and the hash of the one before it."""

    def finding(kind: Break, detail: str, sequence: int = entry.sequence) -> Finding:
        return Finding(kind, detail, district=entry.district, case=case_name(entry.case), sequence=sequence)

    moved = False
    try:
        if hash_of(entry) != entry.hash:
            true_place = _true_place(entry, report)
            moved = true_place is not None
            if moved:
                yield finding(Break.REORDERED, f"written as {true_place}")
            else:
                content = hash_of(entry).hex()[:16]
                yield finding(Break.EDITED, f"its content gives {content}, it carries {entry.hash.hex()[:16]}")
    except FormError as error:
        yield finding(Break.EDITED, str(error))
    if entry.sequence <= last:
        yield finding(Break.DOUBLED, f"after {last}")
    elif entry.sequence > last + 1:
        missing = f"{last + 1}" if entry.sequence == last + 2 else f"{last + 1} to {entry.sequence - 1}"
        yield finding(Break.DELETED, f"{missing} missing", last + 1)
    elif entry.prev != prev and not moved:
        yield finding(Break.BAD_LINK, f"names {entry.prev.hex()[:16]}, the one before it is {prev.hex()[:16]}")


def _true_place(entry: Entry, report: Report) -> int | None:
    """The sequence number for which the entry's hash was made, if it is another one nearby."""
    if report.counts[Break.EDITED] + report.counts[Break.REORDERED] > REORDER_TRIES:
        return None
    for distance in range(1, REORDER_REACH + 1):
        for place in (entry.sequence - distance, entry.sequence + distance):
            if place > 0 and hash_of(entry, sequence=place) == entry.hash:
                return place
    return None
