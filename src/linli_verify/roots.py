"""The signed day roots, and the heads they cover."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from linli_verify.findings import Break, Finding, Report
from linli_verify.form import FormError, canonical, leaf_of, read_json, root_of, signed_message

NO_RECORD = "0" * 64
_STRINGS = ("district", "date", "until", "root", "previous", "key_id", "signature")


class UnusableError(Exception):
    """The verifier cannot do its work; says nothing about the log."""


class Head(NamedTuple):
    """A sealed head: on ``date`` the chain of ``case`` had come to ``sequence`` with ``hash``."""

    district: str
    case: bytes
    sequence: int
    hash: bytes
    date: str


class Heads:
    """All sealed heads in order of district, case and sequence, on disk in a temporary file, not in memory."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="linli-verify-")
        self._db = sqlite3.connect(Path(self._folder.name) / "heads")
        self._db.execute("PRAGMA journal_mode = off")
        self._db.execute("PRAGMA synchronous = off")
        self._db.execute(
            "CREATE TABLE head (district TEXT, case_id BLOB, sequence INTEGER, hash BLOB, date TEXT, "
            "PRIMARY KEY (district, case_id, sequence, hash)) WITHOUT ROWID"
        )
        self.until: dict[str, str] = {}

    def add(self, heads: Iterator[Head]) -> None:
        """Take the heads of one day; of equal ones the first day's stays."""
        self._db.executemany("INSERT OR IGNORE INTO head VALUES (?, ?, ?, ?, ?)", heads)

    def __iter__(self) -> Iterator[Head]:
        rows = self._db.execute(
            "SELECT district, case_id, sequence, hash, date FROM head ORDER BY district, case_id, sequence"
        )
        return (Head(*row) for row in rows)

    def close(self) -> None:
        """Remove the temporary file."""
        self._db.close()
        self._folder.cleanup()


def read_keys(path: Path) -> dict[str, Ed25519PublicKey]:
    """Public keys from JSON ``{id: base64 of 32 bytes}``.

    Raises:
        UnusableError: the file is not there or not of that form.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): Ed25519PublicKey.from_public_bytes(b64decode(key)) for name, key in data.items()}
    except OSError as error:
        raise UnusableError(f"cannot read the public keys {path}: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError):
        raise UnusableError(f"{path} does not hold public keys") from None


def read_roots(folder: Path, keys: dict[str, Ed25519PublicKey], report: Report, *, district: str = "") -> Heads:
    """Check every day's record in ``folder/roots.jsonl`` and collect the heads that they vouch for.

    Args:
        folder: holds ``roots.jsonl`` and ``heads/DISTRICT/DATE.txt``.
        keys: those whose signatures count.
        report: gets what is wrong.
        district: read only this district's records.

    Raises:
        UnusableError: there is no ``roots.jsonl``.
    """
    heads = Heads()
    previous: dict[str, str] = {}
    try:
        file = (folder / "roots.jsonl").open("rb")
    except OSError as error:
        raise UnusableError(f"cannot read {folder / 'roots.jsonl'}: {error.strerror}") from None
    with file:
        for number, line in enumerate(file, 1):
            try:
                record = _record(line)
            except FormError as error:
                report.add(Finding(Break.ROOT_UNREADABLE, f"line {number}: {error}"))
                continue
            if district and record["district"] != district:
                continue
            report.days += 1
            _check_record(record, keys, previous, report)
            heads.add(_checked_heads(folder, record, report))
            heads.until[record["district"]] = max(heads.until.get(record["district"], ""), record["until"])
    return heads


def _record(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise FormError("the line is cut")
    try:
        record = read_json(line.decode())
    except UnicodeDecodeError:
        raise FormError("the line is not UTF-8") from None
    if not isinstance(record, dict) or record.get("format") != 1:
        raise FormError("this is no record of a known format")
    if not all(isinstance(record.get(name), str) for name in _STRINGS) or not isinstance(record.get("count"), int):
        raise FormError("a field is missing or of the wrong type")
    if not record["district"].isalnum() or not all(part.isdecimal() for part in record["date"].split("-")):
        raise FormError("the district or the date is malformed")
    return record


def _check_record(
    record: dict[str, Any], keys: dict[str, Ed25519PublicKey], previous: dict[str, str], report: Report
) -> None:
    place, date = record["district"], record["date"]
    key = keys.get(record["key_id"])
    if key is None:
        report.add(Finding(Break.ROOT_KEY_UNKNOWN, f"key {record['key_id']}", district=place, date=date))
    else:
        try:
            key.verify(b64decode(record["signature"]), signed_message(record))
        except (InvalidSignature, ValueError, FormError):
            report.add(Finding(Break.ROOT_SIGNATURE, f"key {record['key_id']}", district=place, date=date))
    if record["previous"] != previous.get(place, NO_RECORD):
        report.add(Finding(Break.ROOT_CHAIN, "it names another record before it", district=place, date=date))
    previous[place] = sha256(canonical(record).encode()).hexdigest()


def _checked_heads(folder: Path, record: dict[str, Any], report: Report) -> Iterator[Head]:
    """The heads of a day, if their list gives the record's root; else none and a finding."""
    place, date = record["district"], record["date"]
    path = folder / "heads" / place / f"{date}.txt"
    try:
        count, root = 0, b""

        def leaves() -> Iterator[bytes]:
            nonlocal count
            for head in _heads(path, record):
                count += 1
                yield leaf_of(head.case, head.sequence, head.hash)

        root = root_of(leaves())
    except FileNotFoundError:
        report.add(Finding(Break.HEADS_MISSING, f"{path.name} is not there", district=place, date=date))
        return iter(())
    except (OSError, ValueError) as error:
        report.add(Finding(Break.HEADS_CHANGED, f"{path.name}: {error}", district=place, date=date))
        return iter(())
    if root.hex() != record["root"] or count != record["count"]:
        detail = f"{count} heads where {record['count']} were sealed" if count != record["count"] else "another root"
        report.add(Finding(Break.HEADS_CHANGED, detail, district=place, date=date))
        return iter(())
    report.sealed_heads += count
    return _heads(path, record)


def _heads(path: Path, record: dict[str, Any]) -> Iterator[Head]:
    """Lines ``case sequence hash``: 32 hexadecimal figures, a decimal number, 64 hexadecimal figures."""
    with path.open(encoding="ascii") as file:
        for line in file:
            case, sequence, digest = line.split()
            head = Head(record["district"], bytes.fromhex(case), int(sequence), bytes.fromhex(digest), record["date"])
            if len(head.case) != 16 or len(head.hash) != 32 or not 0 < head.sequence < 2**63:
                raise ValueError(f"{line.strip()!r} is no head")
            yield head
