"""The day's seal: a signed Merkle root over the chains that moved, written outside the database.

``docs/algorithms/case-log.md`` gives the format. A chain of hashes shows an edit in its middle, but not that its end was
cut, nor that a case is gone: for that somebody must remember how far each chain had come. A record per district and day
does, and whoever keeps a copy of the folder elsewhere can hold the database to it with ``linli-verify``.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from linli.kernel import chain, time
from linli.kernel.crypto import Keyring, keyring

FORMAT = 1
NO_RECORD = "0" * 64
LOG_TABLE = "cases_logentry"
SETTLING = timedelta(minutes=10)
"""A day is sealed this long after its end at the earliest, so that what began in it has committed."""
OVERLAP = timedelta(hours=1)
"""Each seal looks back this far before the end of the one before, so that an entry that committed late is covered."""
_BATCH = 5_000
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_DISTRICT = re.compile(r"[0-9]{6}")


class SealError(Exception):
    """The day cannot be sealed: it is not over, a later one is sealed, or the folder's records are damaged."""


@dataclass(frozen=True, slots=True)
class DayRoot:
    """One line of ``roots.jsonl``."""

    format: int
    district: str
    date: str
    since: str | None
    """From when on chains that moved are covered; ``None``: from the beginning."""
    until: str
    """The end of the day."""
    count: int
    root: str
    previous: str
    """SHA-256 of the district's record before this one; 64 zeros for its first."""
    key_id: str
    signature: str

    def body(self) -> dict[str, Any]:
        """What the signature covers."""
        return {name: value for name, value in asdict(self).items() if name != "signature"}

    def digest(self) -> str:
        """What the next record names as ``previous``."""
        return sha256(chain.canonical_json(asdict(self))).hexdigest()


def roots_folder() -> Path:
    """``LINLI_ROOTS_DIR``, else ``roots`` in the data folder. In production: another disk, or a share copied away."""
    named = os.environ.get("LINLI_ROOTS_DIR")
    return Path(named) if named else Path(os.environ.get("LINLI_DATA") or "data") / "roots"


def day_end(day: date) -> datetime:
    """The local midnight that ends ``day``."""
    return datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE) + timedelta(days=1)


def seal_day(
    district: str,
    day: date,
    *,
    table: str = LOG_TABLE,
    using: str = DEFAULT_DB_ALIAS,
    folder: Path | None = None,
    ring: Keyring | None = None,
) -> DayRoot:
    """Seal how far every chain of a district had come by the end of ``day``; a day sealed already stays as it is.

    Covered are the chains that moved since the seal before (all, for the first seal), so days that were left out are
    made up for. The list of heads is on disk before the record that vouches for it, and both are synced.

    Args:
        district: six-figure code.
        day: a day in the city that has been over for ten minutes.
        table: the log's table; its columns are listed in ``case-log.md``.
        using: the database connection to read with.
        folder: where roots are kept; :func:`roots_folder` unless told.
        ring: whose key signs; the process's keyring unless told.

    Raises:
        SealError: see there.
    """
    if not _NAME.fullmatch(table) or not _DISTRICT.fullmatch(district):
        raise SealError(f"no table {table!r} or no district {district!r}")
    until = day_end(day)
    if time.now() < until + SETTLING:
        raise SealError(f"{day} is not over yet")
    folder = folder or roots_folder()
    ring = ring or keyring()
    with _locked(folder) as file:
        last: DayRoot | None = None
        for record in _records(file):
            if record.district == district:
                last = record
                if record.date == day.isoformat():
                    return record
        if last is not None and last.date > day.isoformat():
            raise SealError(f"{last.date} is sealed already; {day} can no longer be")
        since = None if last is None else _instant(last.until) - OVERLAP
        heads = folder / "heads" / district / f"{day.isoformat()}.txt"
        count, root = _write_heads(heads, _heads(table, district, since=since, until=until, using=using))
        unsigned = DayRoot(
            format=FORMAT,
            district=district,
            date=day.isoformat(),
            since=None if since is None else chain.moment(since),
            until=chain.moment(until),
            count=count,
            root=root.hex(),
            previous=NO_RECORD if last is None else last.digest(),
            key_id=ring.signing_active,
            signature="",
        )
        _, signature = ring.sign_root(chain.ROOT_DOMAIN + chain.canonical_json(unsigned.body()))
        sealed = DayRoot(**unsigned.body(), signature=b64encode(signature).decode())
        _publish_keys(folder, ring)
        file.seek(0, os.SEEK_END)
        file.write(chain.canonical_json(asdict(sealed)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        _sync_folder(folder)
    return sealed


def seal_up_to(
    day: date,
    *,
    table: str = LOG_TABLE,
    using: str = DEFAULT_DB_ALIAS,
    folder: Path | None = None,
    ring: Keyring | None = None,
) -> list[DayRoot]:
    """Seal ``day`` in every district that has a log; what a daily job calls with yesterday.

    Raises:
        SealError: as :func:`seal_day`.
    """
    if not _NAME.fullmatch(table):
        raise SealError(f"no table {table!r}")
    with connections[using].cursor() as cursor:
        # One index probe per district instead of a scan of the log.
        cursor.execute(
            f"""
            WITH RECURSIVE known(district) AS (
                SELECT min(district) FROM {table}
                UNION ALL
                SELECT (SELECT min(log.district) FROM {table} log WHERE log.district > known.district)
                FROM known WHERE known.district IS NOT NULL
            )
            SELECT district FROM known WHERE district IS NOT NULL
            """
        )
        districts = [row[0] for row in cursor.fetchall()]
    return [seal_day(each, day, table=table, using=using, folder=folder, ring=ring) for each in districts]


def _heads(
    table: str, district: str, *, since: datetime | None, until: datetime, using: str
) -> Iterator[tuple[UUID, int, bytes]]:
    """Case, sequence and hash of the last entry before ``until`` of each chain that moved, by case id."""
    moved = "" if since is None else "AND at >= %(since)s"
    query = f"""
        SELECT DISTINCT ON (case_id) case_id, sequence, hash FROM {table}
        WHERE district = %(district)s AND at < %(until)s AND case_id IN (
            SELECT case_id FROM {table} WHERE district = %(district)s AND at < %(until)s {moved})
        ORDER BY case_id, sequence DESC
    """
    with transaction.atomic(using=using), connections[using].chunked_cursor() as cursor:
        cursor.execute(query, {"district": district, "since": since, "until": until})
        while rows := cursor.fetchmany(_BATCH):
            for case, sequence, digest in rows:
                yield case, sequence, bytes(digest)


def _write_heads(path: Path, heads: Iterator[tuple[UUID, int, bytes]]) -> tuple[int, bytes]:
    """Write the list of heads whole or not at all; returns their number and their Merkle root."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    count = 0
    with draft.open("w", encoding="ascii") as file:

        def leaves() -> Iterator[bytes]:
            nonlocal count
            for case, sequence, digest in heads:
                count += 1
                file.write(f"{case.hex} {sequence} {digest.hex()}\n")
                yield chain.head_leaf(case, sequence, digest)

        root = chain.merkle_root(leaves())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)
    return count, root


@contextmanager
def _locked(folder: Path) -> Iterator[BinaryIO]:
    """The file of records, open for reading and appending, held by one sealer at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "roots.jsonl").open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _records(file: BinaryIO) -> Iterator[DayRoot]:
    """The records so far. A last line without its end was being written when the machine stopped: it is taken away."""
    file.seek(0)
    sound = 0
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):
            file.truncate(sound)
            break
        try:
            yield DayRoot(**json.loads(line))
        except (ValueError, TypeError):
            raise SealError(f"line {number} of the roots is damaged; nothing is sealed on top of it") from None
        sound += len(line)


def _publish_keys(folder: Path, ring: Keyring) -> None:
    """Keep the public keys beside the roots, old ones too; a verifier should use a copy kept elsewhere."""
    path = folder / "keys.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, key in ring.public_keys().items():
        if name in known and b64decode(known[name]) != key:
            raise SealError(f"the roots were signed with another key of the name {name}")
        known[name] = b64encode(key).decode()
    text = json.dumps(known, indent=2, sort_keys=True) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
