"""The arithmetic of the case log: a byte form for an entry, a hash for its chain, a root for a day. Imports no Django.

``docs/algorithms/case-log.md`` gives the format so that a second verifier can be written without reading this file.
:mod:`linli_verify` is one, and shares no code with it.

The byte form is RFC 8785 (JSON Canonicalization Scheme) over values that every JSON library reads alike: no floats, no
integers that a double cannot hold, no U+0000 (which PostgreSQL cannot store).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)
"""What the first entry of a chain names as its predecessor."""

ENTRY_DOMAIN = b"linli:case-log:1\x00"
ROOT_DOMAIN = b"linli:day-root:1\x00"
EMPTY_ROOT = sha256(b"").digest()
LARGEST_INTEGER = 2**53 - 1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def moment(value: datetime) -> str:
    """An instant as the log writes it: UTC, always six decimals, ``2026-11-22T01:02:03.000000Z``.

    Raises:
        TypeError: the datetime is naive.
    """
    if value.tzinfo is None:
        raise TypeError("the log takes aware datetimes only")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def plain(value: Any, path: str = "$") -> Any:
    """``value`` made of dicts with sorted keys, lists, strings, integers, booleans and ``None`` only.

    What is hashed and what is stored as JSON must be the same thing: store ``plain(data)``.

    Args:
        value: may hold datetimes (aware), dates, UUIDs and string enums; they become strings.
        path: where in the whole the value stands, for the message of an error.

    Raises:
        TypeError: a float, a Decimal, bytes, a key that is no string, or another type; write such a figure as a string.
        ValueError: an integer beyond 2**53 - 1, or U+0000 or a lone surrogate in a string.
    """
    kind = type(value)
    if kind is str:
        return _text(value, path)
    if value is None or kind is bool:
        return value
    if isinstance(value, Enum):
        return plain(value.value, path)
    if isinstance(value, str):
        return _text(str(value), path)
    if isinstance(value, int):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise ValueError(f"{path}: the integer is too large for JSON; write it as a string")
        return int(value)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{path}: a key must be a string, not {type(key).__name__}")
        names = {
            _text(str(key.value) if isinstance(key, Enum) else str(key), path): item for key, item in value.items()
        }
        order = sorted(names) if all(map(str.isascii, names)) else sorted(names, key=_utf16)
        return {name: plain(names[name], f"{path}.{name}") for name in order}
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{place}]") for place, item in enumerate(value)]
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float):
        raise TypeError(f"{path}: the log takes no floats; write the figure as a string")
    raise TypeError(f"{path}: the log cannot hold a {kind.__name__}")


def _text(value: str, path: str) -> str:
    if "\x00" in value:
        raise ValueError(f"{path}: U+0000 cannot be stored")
    if not value.isascii() and any("\ud800" <= ch <= "\udfff" for ch in value):
        raise ValueError(f"{path}: a lone surrogate is no text")
    return value


def canonical_json(obj: Any) -> bytes:
    """The one byte form of ``obj``: RFC 8785, UTF-8, keys sorted by UTF-16 code units, no white space.

    Raises:
        TypeError, ValueError: as :func:`plain`.
    """
    return _encode(plain(obj)).encode()


def entry_hash(prev: bytes, entry: Mapping[str, Any]) -> bytes:
    """The hash of a log entry: SHA-256(domain ‖ ``prev`` ‖ canonical JSON of ``entry``).

    Args:
        prev: hash of the entry before it in its case, 32 bytes; :data:`GENESIS` for the first.
        entry: exactly the keys that ``case-log.md`` lists.

    Raises:
        ValueError: ``prev`` is not 32 bytes long.
    """
    if len(prev) != HASH_BYTES:
        raise ValueError("the previous hash has 32 bytes")
    return sha256(ENTRY_DOMAIN + bytes(prev) + canonical_json(entry)).digest()


def head_leaf(case: UUID, sequence: int, head: bytes) -> bytes:
    """The 56 bytes under a day's root that stand for one chain: case id, sequence (8 bytes, big endian), head hash."""
    if len(head) != HASH_BYTES:
        raise ValueError("a head has 32 bytes")
    return case.bytes + sequence.to_bytes(8, "big") + bytes(head)


def _leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of ``leaves`` in their order (RFC 6962 §2.1), in one pass and O(log n) memory.

    No leaves give SHA-256 of nothing.
    """
    peaks: list[tuple[int, bytes]] = []  # complete subtrees from left to right, each larger than the next
    for data in leaves:
        size, digest = 1, _leaf(data)
        while peaks and peaks[-1][0] == size:
            digest = _node(peaks.pop()[1], digest)
            size *= 2
        peaks.append((size, digest))
    if not peaks:
        return EMPTY_ROOT
    root = peaks.pop()[1]
    while peaks:
        root = _node(peaks.pop()[1], root)
    return root


def merkle_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf ``index`` (RFC 6962 §2.1.1): sibling hashes from the leaf upwards.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    low, high = 0, len(leaves)
    path: list[bytes] = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(merkle_root(leaves[middle:high]))
            high = middle
        else:
            path.append(merkle_root(leaves[low:middle]))
            low = middle
    path.reverse()
    return path


def proof_holds(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows that ``leaf`` stands at ``index`` among the ``size`` leaves under ``root``."""
    if not 0 <= index < size:
        return False
    sides: list[bool] = []  # from the root downwards: whether the leaf lies in the left part
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        left = index < middle
        sides.append(left)
        low, high = (low, middle) if left else (middle, high)
    if len(sides) != len(proof):
        return False
    digest = _leaf(leaf)
    for left, sibling in zip(reversed(sides), proof, strict=True):
        digest = _node(digest, sibling) if left else _node(sibling, digest)
    return digest == root


def _split(size: int) -> int:
    """The largest power of two below ``size`` (two or more)."""
    return 1 << (size - 1).bit_length() - 1
