"""What the verifier finds, and how it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Break(StrEnum):
    """Ways in which a log or its roots can be broken."""

    EDITED = "edited"
    """The entry's content does not give its hash."""
    DELETED = "deleted"
    """Sequence numbers are missing before this entry."""
    DOUBLED = "doubled"
    """The sequence number was there already."""
    REORDERED = "reordered"
    """The entry's hash was made for another place in its chain."""
    BAD_LINK = "bad_link"
    """The entry names another predecessor than the one before it."""
    CUT_TAIL = "cut_tail"
    """The chain ends before a head that was sealed."""
    REWRITTEN = "rewritten"
    """The entry at a sealed head's place has another hash than was sealed."""
    VANISHED_CASE = "vanished_case"
    """A case that was sealed has no entry at all."""
    CASE_ROW = "case_row"
    """The case's own row says that its chain is of another length, or has another head."""
    ROOT_UNREADABLE = "root_unreadable"
    ROOT_SIGNATURE = "root_signature"
    ROOT_KEY_UNKNOWN = "root_key_unknown"
    ROOT_CHAIN = "root_chain"
    """A day's record does not follow the one before it: a record was removed, added or changed."""
    HEADS_MISSING = "heads_missing"
    HEADS_CHANGED = "heads_changed"
    """The list of a day's heads does not give the day's root."""


WORDS = {
    Break.EDITED: "an entry was edited",
    Break.DELETED: "entries were deleted",
    Break.DOUBLED: "a sequence number comes twice",
    Break.REORDERED: "an entry stands in another place than it was written",
    Break.BAD_LINK: "an entry does not follow the one before it",
    Break.CUT_TAIL: "the end of the chain was cut off",
    Break.REWRITTEN: "the chain was rewritten after it was sealed",
    Break.VANISHED_CASE: "a whole case has vanished",
    Break.CASE_ROW: "the case's own row tells of another chain",
    Break.ROOT_UNREADABLE: "a day's record cannot be read",
    Break.ROOT_SIGNATURE: "the signature of a day's record is wrong",
    Break.ROOT_KEY_UNKNOWN: "a day's record is signed with an unknown key",
    Break.ROOT_CHAIN: "the days' records do not follow each other",
    Break.HEADS_MISSING: "a day's list of heads is missing",
    Break.HEADS_CHANGED: "a day's list of heads does not give its root",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    kind: Break
    detail: str
    district: str = ""
    case: str = ""
    sequence: int | None = None
    date: str = ""

    def as_json(self) -> dict[str, Any]:
        """The finding for a machine; what does not apply is left out."""
        facts = {
            "district": self.district,
            "case": self.case,
            "sequence": self.sequence,
            "date": self.date,
            "detail": self.detail,
        }
        return {"break": self.kind.value} | {name: value for name, value in facts.items() if value not in ("", None)}

    def __str__(self) -> str:
        where = [f"district {self.district}"] if self.district else []
        where += [f"case {self.case}"] if self.case else []
        where += [f"sequence {self.sequence}"] if self.sequence is not None else []
        where += [f"day {self.date}"] if self.date else []
        return f"{self.kind.value}: {', '.join(where)}: {WORDS[self.kind]} ({self.detail})"


@dataclass(slots=True)
class Report:
    """The result of one run; keeps at most ``limit`` findings but counts all."""

    limit: int = 1000
    cases: int = 0
    entries: int = 0
    days: int = 0
    sealed_heads: int = 0
    unsealed_cases: int = 0
    found: list[Finding] = field(default_factory=list)
    counts: Counter[Break] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    late: int = 0

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while there is room."""
        self.counts[finding.kind] += 1
        if len(self.found) < self.limit:
            self.found.append(finding)

    @property
    def broken(self) -> int:
        """How many things are wrong."""
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """The whole report for a machine."""
        return {
            "verdict": "broken" if self.broken else "sound",
            "cases": self.cases,
            "entries": self.entries,
            "days": self.days,
            "sealed_heads": self.sealed_heads,
            "unsealed_cases": self.unsealed_cases,
            "written_late": self.late,
            "breaks": {kind.value: count for kind, count in sorted(self.counts.items())},
            "findings": [finding.as_json() for finding in self.found],
            "notes": self.notes,
        }

    def __str__(self) -> str:
        lines = [str(finding) for finding in self.found]
        if self.broken > len(self.found):
            lines.append(f"... and {self.broken - len(self.found)} more")
        lines += [f"note: {note}" for note in self.notes]
        lines.append(
            f"{self.entries} entries of {self.cases} cases, {self.sealed_heads} sealed heads of {self.days} records; "
            f"{self.unsealed_cases} cases not yet under a seal"
        )
        if self.broken:
            kinds = ", ".join(f"{count} {kind.value}" for kind, count in sorted(self.counts.items()))
            lines.append(f"BROKEN: {kinds}")
        else:
            lines.append("SOUND")
        return "\n".join(lines)
