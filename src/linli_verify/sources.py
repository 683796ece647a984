"""Where the entries come from: a database, or an export of JSON lines."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from linli_verify.findings import Break, Finding
from linli_verify.form import Entry, case_name
from linli_verify.roots import UnusableError

BATCH = 5_000
_TABLE = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")
_COLUMNS = (
    "district, uuid_send(case_id), sequence, kind, "
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
    "post_id::text, actor_role, from_state, to_state, coalesce(data::text, 'null'), "
    "coalesce(prev_hash, ''), coalesce(hash, '')"
)


def from_database(url: str, *, table: str, district: str = "") -> Iterator[Entry]:
    """Entries of a PostgreSQL database by district, case and sequence, through a server-side cursor.

    Args:
        url: ``postgresql://...`` of a role that may read the table.
        table: the log's table.
        district: only this one; all unless told.

    Raises:
        UnusableError: no connection, no such table, or a column is missing.
    """
    try:
        import psycopg
    except ImportError:
        raise UnusableError("reading a database needs psycopg") from None
    if not _TABLE.fullmatch(table):
        raise UnusableError(f"{table!r} is no table name")
    where = "WHERE district = %s" if district else ""
    query = f'SELECT {_COLUMNS} FROM {table} {where} ORDER BY district COLLATE "C", case_id, sequence'
    try:
        with psycopg.connect(url, application_name="linli-verify") as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.cursor(name="log", binary=True) as cursor:
                cursor.itersize = BATCH
                cursor.execute(cast("Any", query), [district] if district else None)
                for row in cursor:
                    yield Entry(*row)
    except psycopg.Error as error:
        raise UnusableError(f"the database: {str(error).strip()}") from None


def case_rows(url: str, *, table: str, cases: str, district: str = "") -> Iterator[Finding]:
    """Cases whose own row (``log_length``, ``log_head``) does not fit the last entry of their chain, or that have none.

    This also shows a tail that was cut since the last seal, unless whoever cut it thought of the case's row. One statement,
    so that it sees one state of a database in use.

    Raises:
        UnusableError: as :func:`from_database`.
    """
    import psycopg

    if not _TABLE.fullmatch(table) or not _TABLE.fullmatch(cases):
        raise UnusableError(f"{table!r} or {cases!r} is no table name")
    query = f"""
        SELECT c.district, c.id::text, c.log_length, c.log_head, last.sequence, last.hash FROM {cases} c
        LEFT JOIN LATERAL (SELECT sequence, hash FROM {table} e WHERE e.district = c.district AND e.case_id = c.id
                           ORDER BY sequence DESC LIMIT 1) last ON true
        WHERE (last.sequence IS DISTINCT FROM c.log_length OR last.hash IS DISTINCT FROM c.log_head)
        AND (%s::text = '' OR c.district = %s::text) ORDER BY c.district, c.id
    """
    try:
        with psycopg.connect(url, application_name="linli-verify") as connection:
            connection.read_only = True
            for place, case, length, head, sequence, digest in connection.execute(
                cast("Any", query), [district, district]
            ):
                found = f"{sequence} with {bytes(digest).hex()[:16]}" if sequence is not None else "nothing"
                detail = f"it names {length} with {bytes(head).hex()[:16]}, the log ends at {found}"
                yield Finding(Break.CASE_ROW, detail, district=place, case=case, sequence=length)
    except psycopg.Error as error:
        raise UnusableError(f"the database: {str(error).strip()}") from None


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8"))
    return path.open(encoding="utf-8")


def from_export(path: Path, *, district: str = "") -> Iterator[Entry]:
    """Entries of a file of JSON lines, in whatever order they stand there; sorted on disk, not in memory.

    Raises:
        UnusableError: the file cannot be read or a line is no entry.
    """
    with tempfile.TemporaryDirectory(prefix="linli-verify-") as folder:
        sorted_ = sqlite3.connect(Path(folder) / "entries")
        sorted_.execute("PRAGMA journal_mode = off")
        sorted_.execute("PRAGMA synchronous = off")
        sorted_.execute(
            "CREATE TABLE entry (district TEXT, case_id BLOB, sequence INTEGER, kind TEXT, at TEXT, post TEXT, "
            "role TEXT, from_state TEXT, to_state TEXT, data TEXT, prev BLOB, hash BLOB)"
        )
        try:
            sorted_.executemany("INSERT INTO entry VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", _lines(path, district))
            sorted_.execute("CREATE INDEX ordered ON entry (district, case_id, sequence)")
            for row in sorted_.execute("SELECT * FROM entry ORDER BY district, case_id, sequence, rowid"):
                yield Entry(*row)
        except (OSError, EOFError) as error:
            raise UnusableError(f"cannot read {path}: {error}") from None
        finally:
            sorted_.close()


def _lines(path: Path, district: str) -> Iterator[Entry]:
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                entry = Entry(
                    district=str(row["district"]),
                    case=bytes.fromhex(row["case"].replace("-", "")),
                    sequence=int(row["sequence"]),
                    kind=str(row["kind"]),
                    at=str(row["at"]),
                    post=None if row["post"] is None else str(row["post"]),
                    role=str(row["role"]),
                    from_state=str(row["from_state"]),
                    to_state=str(row["to_state"]),
                    data=json.dumps(row["data"], ensure_ascii=False),
                    prev=bytes.fromhex(row["prev_hash"]),
                    hash=bytes.fromhex(row["hash"]),
                )
                if len(entry.case) != 16 or abs(entry.sequence) >= 2**63:
                    raise ValueError("the case or the sequence is malformed")
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise UnusableError(f"{path}, line {number}: no entry of the log ({error})") from None
            if not district or entry.district == district:
                yield entry


def write_export(entries: Iterator[Entry], file: IO[str]) -> int:
    """Write entries as JSON lines that :func:`from_export` reads; returns how many."""
    count = 0
    for entry in entries:
        row = {
            "district": entry.district, "case": case_name(entry.case), "sequence": entry.sequence, "kind": entry.kind,
            "at": entry.at, "post": entry.post, "role": entry.role, "from_state": entry.from_state,
            "to_state": entry.to_state, "data": json.loads(entry.data),
            "prev_hash": entry.prev.hex(), "hash": entry.hash.hex(),
        }  # fmt: skip
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        count += 1
    return count
