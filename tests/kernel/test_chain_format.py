"""The byte form and the hashes of the case log: fixed for ever, so some of them are written down here."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import chain

CASE = UUID("01935000-0000-7000-8000-000000000001")


class State(StrEnum):
    SUBMITTED = "submitted"


def entry(**changes: Any) -> dict[str, Any]:
    """小徐 registers what 周阿姨 reported."""
    return {
        "case": CASE,
        "district": "510107",
        "sequence": 1,
        "kind": "case.submitted",
        "at": datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
        "post": None,
        "role": "resident",
        "from_state": "",
        "to_state": State.SUBMITTED,
        "data": {"words": "路灯不亮", "photos": 2},
        **changes,
    }


def test_the_byte_form_is_what_the_documentation_shows() -> None:
    assert chain.canonical_json(entry()).decode() == (
        '{"at":"2026-11-22T01:02:03.000000Z","case":"01935000-0000-7000-8000-000000000001",'
        '"data":{"photos":2,"words":"路灯不亮"},"district":"510107","from_state":"","kind":"case.submitted",'
        '"post":null,"role":"resident","sequence":1,"to_state":"submitted"}'
    )


def test_the_hash_is_what_the_documentation_shows() -> None:
    by_hand = hashlib.sha256(b"linli:case-log:1\x00" + bytes(32) + chain.canonical_json(entry())).digest()
    assert chain.entry_hash(chain.GENESIS, entry()) == by_hand
    assert by_hand.hex() == "be5f9b55d69c6a9947bf1911a1e081be7838476ad489c968a68f8ef5c2834e83"


def test_every_field_and_the_predecessor_count() -> None:
    changes: list[dict[str, Any]] = [
        {"case": UUID(int=CASE.int + 1)}, {"district": "510104"}, {"sequence": 2}, {"kind": "case.rejected"},
        {"at": datetime(2026, 11, 22, 1, 2, 3, 1, tzinfo=UTC)}, {"post": CASE}, {"role": "dispatcher"},
        {"from_state": "draft"}, {"to_state": "rejected"}, {"data": {}},
    ]  # fmt: skip
    hashes = {chain.entry_hash(chain.GENESIS, entry(**change)) for change in changes}
    hashes |= {chain.entry_hash(chain.GENESIS, entry()), chain.entry_hash(b"\x01" * 32, entry())}
    assert len(hashes) == len(changes) + 2


def test_one_instant_has_one_form() -> None:
    here = timezone(timedelta(hours=8))
    assert chain.moment(datetime(2026, 11, 22, 9, 2, 3, 40, tzinfo=here)) == "2026-11-22T01:02:03.000040Z"
    assert chain.plain({"day": date(2026, 11, 22)}) == {"day": "2026-11-22"}


def test_keys_sort_by_utf16_units() -> None:
    astral, private = "\U0001f600", "\ue000"
    assert list(chain.plain({private: 1, astral: 2, "a": 3})) == ["a", astral, private]


@pytest.mark.parametrize(
    ("value", "error", "where"),
    [
        ({"point": {"lon": 104.05}}, TypeError, r"\$\.point\.lon.*no floats"),
        ({"list": [1, Decimal("1.5")]}, TypeError, r"\$\.list\[1\].*Decimal"),
        ({"raw": b"x"}, TypeError, "bytes"),
        ({1: "x"}, TypeError, "key must be a string"),
        ({"at": datetime(2026, 1, 1)}, TypeError, "aware"),
        ({"n": 2**53}, ValueError, "too large"),
        ({"s": "a\x00b"}, ValueError, "U\\+0000"),
        ({"s": "\ud800"}, ValueError, "surrogate"),
        ({"set": {1}}, TypeError, "set"),
    ],
)
def test_what_cannot_be_hashed_alike_everywhere_is_refused(value: Any, error: type[Exception], where: str) -> None:
    with pytest.raises(error, match=where):
        chain.canonical_json(value)


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-chain.LARGEST_INTEGER, chain.LARGEST_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(values)
def test_reading_and_writing_again_changes_nothing(value: Any) -> None:
    once = chain.canonical_json(value)
    assert json.loads(once) == value
    assert chain.canonical_json(json.loads(once)) == once


@given(st.dictionaries(texts, st.integers(0, 9)))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert chain.canonical_json(turned) == chain.canonical_json(value)


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert chain.merkle_root(leaves) == recursive_root(leaves)
    assert chain.merkle_root(iter(leaves)) == recursive_root(leaves)


def test_known_roots() -> None:
    """The test vectors of Certificate Transparency's reference implementation."""
    leaves = [
        b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57", b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ]  # fmt: skip
    assert chain.merkle_root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert chain.merkle_root(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert chain.merkle_root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_a_proof_holds_for_its_leaf_only(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = chain.merkle_root(leaves), chain.merkle_proof(leaves, index)
    assert chain.proof_holds(leaves[index], index=index, size=len(leaves), proof=proof, root=root)
    assert not chain.proof_holds(leaves[index] + b"x", index=index, size=len(leaves), proof=proof, root=root)
    assert not chain.proof_holds(leaves[index], index=index, size=len(leaves), proof=[*proof, root], root=root)
    assert not chain.proof_holds(leaves[index], index=len(leaves), size=len(leaves), proof=proof, root=root)


def test_wrong_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        chain.entry_hash(b"", entry())
    with pytest.raises(ValueError, match="32 bytes"):
        chain.head_leaf(CASE, 1, b"")
    with pytest.raises(IndexError):
        chain.merkle_proof([b"a"], 1)
    assert len(chain.head_leaf(CASE, 7, bytes(32))) == 56
