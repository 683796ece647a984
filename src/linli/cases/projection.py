"""A case from its log: fold the entries, and say where the row or the chain disagrees. Pure but for the names of the columns.

Each entry carries in ``data["set"]`` the projected columns that it changed, in the form of :func:`linli.cases.loop.projection`; the
first one leaves out what is empty. So the row is what the entries say, one laid over the other, over an empty row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from linli.cases.loop import PROJECTED, hash_of, projection
from linli.cases.models import GENESIS, Case


class Entry(Protocol):
    """What the fold reads of an entry of the log."""

    sequence: int
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a case and its log disagree."""

    case_id: UUID
    what: str
    row: Any
    log: Any

    def __str__(self) -> str:
        return f"{self.case_id}: {self.what}: the row says {self.row!r}, the log {self.log!r}"


EMPTY: Mapping[str, Any] = projection(Case())
"""The projected columns before the first entry."""


def fold(entries: Iterable[Entry]) -> dict[str, Any]:
    """The projected columns that the entries come to, in the form of :func:`linli.cases.loop.projection`.

    Args:
        entries: in the order of their sequence.
    """
    columns = dict(EMPTY)
    for entry in entries:
        columns.update(entry.data.get("set", {}))
    return columns


def differences(case: Case, entries: Sequence[Any]) -> list[Difference]:
    """Where the row, its counters and hashes disagree with its entries; empty when all agrees.

    Args:
        entries: every entry of the case in the order of their sequence.
    """
    found: list[Difference] = []
    row, log = projection(case), fold(entries)
    found += [Difference(case.id, name, row[name], log[name]) for name in PROJECTED if row[name] != log[name]]
    head = GENESIS
    for number, entry in enumerate(entries, start=1):
        if entry.sequence != number:
            found.append(Difference(case.id, "sequence", number, entry.sequence))
            break
        if bytes(entry.prev_hash) != head or bytes(entry.hash) != hash_of_entry(entry):
            found.append(Difference(case.id, f"hash of entry {number}", head.hex(), bytes(entry.hash).hex()))
            break
        head = bytes(entry.hash)
    if case.log_length != len(entries):
        found.append(Difference(case.id, "log_length", case.log_length, len(entries)))
    if bytes(case.log_head) != head:
        found.append(Difference(case.id, "log_head", bytes(case.log_head).hex(), head.hex()))
    return found


def hash_of_entry(entry: Any) -> bytes:
    """The hash that an entry ought to have."""
    return hash_of(
        case_id=entry.case_id,
        district=entry.district,
        sequence=entry.sequence,
        kind=entry.kind,
        at=entry.at,
        post=entry.post_id,
        role=entry.actor_role,
        from_state=entry.from_state,
        to_state=entry.to_state,
        data=entry.data,
        prev=bytes(entry.prev_hash),
    )
