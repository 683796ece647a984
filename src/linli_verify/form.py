"""The byte form and the hashes of ``docs/algorithms/case-log.md``, written from that page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple, NoReturn

GENESIS = b"\x00" * 32
LARGEST = 9_007_199_254_740_991


class FormError(Exception):
    """A value that no honest log holds."""


class Entry(NamedTuple):
    """One row of the log as it was read; ``data`` is JSON text, ``at`` the instant in UTC with six decimals."""

    district: str
    case: bytes
    sequence: int
    kind: str
    at: str
    post: str | None
    role: str
    from_state: str
    to_state: str
    data: str
    prev: bytes
    hash: bytes


def case_name(case: bytes) -> str:
    """The 16 bytes of a case id in the usual writing."""
    text = case.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _refuse(token: str) -> NoReturn:
    raise FormError(f"the data hold {token!r}, which is no integer")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormError("the data name a key twice")
    return found


_decoder = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_pairs)
_quote = json.JSONEncoder(ensure_ascii=False).encode


def read_json(text: str) -> Any:
    """JSON text without floats and doubled keys.

    Raises:
        FormError: it is not.
    """
    try:
        return _decoder.decode(text)
    except ValueError as error:
        raise FormError(f"the data are not JSON: {error}") from None


def canonical(value: Any) -> str:
    """RFC 8785 for values without floats: keys by UTF-16 code units, no white space."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise FormError("the data hold an integer beyond 2**53 - 1")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join([canonical(item) for item in value]) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join([f"{_quote(name)}:{canonical(value[name])}" for name in names]) + "}"
    raise FormError(f"the data hold a {type(value).__name__}")


def hash_of(entry: Entry, *, sequence: int | None = None, prev: bytes | None = None) -> bytes:
    """The hash that the entry should carry, with its own place and predecessor unless others are given.

    Raises:
        FormError: its data cannot be hashed.
    """
    try:
        data = canonical(read_json(entry.data))
    except RecursionError:
        raise FormError("the data are nested too deep") from None
    text = (
        f'{{"at":{_quote(entry.at)},"case":"{case_name(entry.case)}","data":{data},'
        f'"district":{_quote(entry.district)},"from_state":{_quote(entry.from_state)},"kind":{_quote(entry.kind)},'
        f'"post":{canonical(entry.post)},"role":{_quote(entry.role)},'
        f'"sequence":{entry.sequence if sequence is None else sequence},"to_state":{_quote(entry.to_state)}}}'
    )
    try:
        body = text.encode()
    except UnicodeEncodeError:
        raise FormError("the entry holds a lone surrogate") from None
    return sha256(b"linli:case-log:1\x00" + (entry.prev if prev is None else prev) + body).digest()


def leaf_of(case: bytes, sequence: int, head: bytes) -> bytes:
    """Hash of the leaf that stands for one chain under a day's root."""
    return sha256(b"\x00" + case + sequence.to_bytes(8, "big") + head).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root of RFC 6962 over hashed leaves; ``pending[n]`` waits for its right neighbour of that level."""
    pending: list[bytes | None] = []
    for digest in leaf_hashes:
        level = 0
        while level < len(pending) and (left := pending[level]) is not None:
            digest = sha256(b"\x01" + left + digest).digest()
            pending[level] = None
            level += 1
        if level == len(pending):
            pending.append(digest)
        else:
            pending[level] = digest
    root: bytes | None = None
    for waiting in pending:
        if waiting is not None:
            root = waiting if root is None else sha256(b"\x01" + waiting + root).digest()
    return sha256(b"").digest() if root is None else root


def signed_message(record: dict[str, Any]) -> bytes:
    """What the signature of a day's record covers: everything in it but the signature."""
    rest = {name: value for name, value in record.items() if name != "signature"}
    return b"linli:day-root:1\x00" + canonical(rest).encode()
