"""A small log to bend: three cases of Wuhou and one of Jinjiang, over three days of November 2026."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.kernel import chain

WUHOU, JINJIANG = "510107", "510104"
LAMP, NOISE, TREE, DRAIN = (UUID(int=0x01935000_0000_7000_8000_000000000000 + n) for n in (1, 2, 3, 4))
CASES = {LAMP: WUHOU, NOISE: WUHOU, TREE: WUHOU, DRAIN: JINJIANG}
POST = UUID("01935000-0000-7000-9000-000000000009")
START = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
STEPS = ["", "submitted", "registered", "dispatched", "signed_in", "disposed", "verified", "closed"]


def rows() -> Iterator[dict[str, Any]]:
    """Seven entries of each case, nine hours apart."""
    for number, (case, district) in enumerate(CASES.items()):
        prev = chain.GENESIS
        for sequence in range(1, len(STEPS)):
            entry: dict[str, Any] = {
                "case": case,
                "district": district,
                "sequence": sequence,
                "kind": f"case.{STEPS[sequence]}",
                "at": START + timedelta(minutes=number, hours=9 * (sequence - 1)),
                "post": POST if sequence > 1 else None,
                "role": "resident" if sequence == 1 else "community_worker",
                "from_state": STEPS[sequence - 1],
                "to_state": STEPS[sequence],
                "data": chain.plain({"words": f"第{sequence}步", "photos": [sequence, {"z": None, "a": True}]}),
            }
            digest = chain.entry_hash(prev, entry)
            yield entry | {"prev_hash": prev, "hash": digest}
            prev = digest


def lines(entries: list[dict[str, Any]]) -> str:
    """Entries as an export holds them."""
    out = []
    for entry in entries:
        row = chain.plain({name: value for name, value in entry.items() if not isinstance(value, bytes)})
        row |= {"prev_hash": entry["prev_hash"].hex(), "hash": entry["hash"].hex()}
        out.append(json.dumps(row, ensure_ascii=False))
    return "".join(line + "\n" for line in out)


def write(path: Path, entries: list[dict[str, Any]]) -> Path:
    """An export file."""
    path.write_text(lines(entries), encoding="utf-8")
    return path
