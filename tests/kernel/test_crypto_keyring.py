"""Sealed fields, look-up hashes, signatures: what 周阿姨's phone number goes through."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import crypto
from linli.kernel.crypto import CryptoError, Keyring, KeyringError, Lookup

RING = Keyring.for_tests()
ROW = UUID("01935000-0000-7000-8000-000000000001")
TABLE = "people_person.phone"


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_what_was_sealed_opens(text: str) -> None:
    assert RING.open_(TABLE, ROW, RING.seal(TABLE, ROW, text)) == text


def test_bytes_open_as_bytes_and_from_a_database_s_memoryview() -> None:
    blob = RING.seal(TABLE, ROW, b"\xff\x00")
    assert RING.open_bytes(TABLE, str(ROW), memoryview(blob)) == b"\xff\x00"


def test_equal_values_look_different_and_carry_no_plain_text() -> None:
    blobs = {RING.seal(TABLE, ROW, "13800001234") for _ in range(50)}
    assert len(blobs) == 50
    assert not any(b"1380000" in blob for blob in blobs)


def test_a_value_moved_to_another_row_or_column_does_not_open() -> None:
    blob = RING.seal(TABLE, ROW, "13800001234")
    for table, row in ((TABLE, uuid4()), ("people_person.address", ROW), ("people_person.phone0", str(ROW)[1:])):
        with pytest.raises(CryptoError, match="another row"):
            RING.open_(table, row, blob)


@given(st.data())
def test_any_changed_bit_is_found(data: st.DataObject) -> None:
    blob = bytearray(RING.seal(TABLE, ROW, "13800001234"))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CryptoError):
        RING.open_(TABLE, ROW, bytes(blob))


@given(st.binary(max_size=80))
def test_rubbish_is_refused(blob: bytes) -> None:
    with pytest.raises(CryptoError):
        RING.open_bytes(TABLE, ROW, blob)


def test_rotation_leaves_the_old_readable_and_ends_with_the_new_key() -> None:
    rows = {uuid4(): f"1380000{n:04d}" for n in range(20)}
    sealed: dict[UUID | str, bytes] = {row: RING.seal(TABLE, row, phone) for row, phone in rows.items()}
    new = RING.with_new_key("k2026")
    assert all(new.needs_rotation(blob) for blob in sealed.values())
    assert all(new.open_(TABLE, row, blob) == rows[UUID(str(row))] for row, blob in sealed.items())
    sealed.update(new.rotate(TABLE, list(sealed.items())))
    assert not any(new.needs_rotation(blob) for blob in sealed.values())
    assert list(new.rotate(TABLE, sealed.items())) == []
    assert all(new.open_(TABLE, row, blob) == rows[UUID(str(row))] for row, blob in sealed.items())
    with pytest.raises(CryptoError, match="'k2026'"):
        RING.open_(TABLE, *next(iter(sealed.items())))
    with pytest.raises(KeyringError, match="already"):
        new.with_new_key("k2026")


@pytest.mark.parametrize(
    "text",
    ["13800001234", "138 0000 1234", "138-0000-1234", "+86 138 0000 1234", "+86-13800001234", "0086 13800001234",
     "8613800001234", "１３８００００１２３４", " 13800001234\u3000", "(+86)13800001234"],
)  # fmt: skip
def test_one_phone_however_it_is_written(text: str) -> None:
    assert RING.lookup_hash(Lookup.PHONE, text) == RING.lookup_hash("phone", "13800001234")


def test_landlines_and_other_countries() -> None:
    assert (
        crypto.normal_form("phone", "(028) 8555-1234")
        == crypto.normal_form("phone", "+86 28 8555 1234")
        == "02885551234"
    )
    assert crypto.normal_form("phone", "0044 20 7946 0000") == "+442079460000"
    assert crypto.normal_form("phone", "12345") == "12345"


def test_other_kinds() -> None:
    assert crypto.normal_form("id_number", "51010719500101123x ") == "51010719500101123X"
    assert crypto.normal_form("email", "Zhou@Example.CN") == "zhou@example.cn"
    assert crypto.normal_form("name", "阿卜·杜拉") == crypto.normal_form("name", "阿卜 杜拉")
    for kind, value in (("phone", "ask the neighbour"), ("phone", " "), ("shoe_size", "42")):
        with pytest.raises(ValueError):
            RING.lookup_hash(kind, value)


def test_kinds_and_keys_keep_hashes_apart() -> None:
    other = replace(RING, lookup=b"x" * 32)
    hashes = {
        RING.lookup_hash("phone", "12345"),
        RING.lookup_hash("code", "12345"),
        other.lookup_hash("phone", "12345"),
    }
    assert len(hashes) == 3
    assert {len(value) for value in hashes} == {32}


def test_signatures_of_roots() -> None:
    key_id, signature = RING.sign_root(b"the root")
    assert RING.root_signed(b"the root", key_id=key_id, signature=signature)
    assert not RING.root_signed(b"a root", key_id=key_id, signature=signature)
    assert not RING.root_signed(b"the root", key_id="another", signature=signature)
    assert len(RING.public_keys()[key_id]) == 32


def test_json_brings_a_keyring_back() -> None:
    ring = Keyring.generate("k1").with_new_key("k2")
    again = Keyring.from_json(ring.to_json())
    assert again == ring
    assert again.open_(TABLE, ROW, ring.seal(TABLE, ROW, "x")) == "x"


def test_demo_keys_are_recognised() -> None:
    assert RING.is_demo
    assert RING.with_new_key("k1").is_demo, "as long as a demo key still opens something"
    assert not Keyring.generate("k1").is_demo


def test_a_keyring_never_shows_its_keys() -> None:
    ring = Keyring.generate("k1")
    shown = repr(ring) + str(ring)
    assert "k1" in shown
    assert not any(str(key)[2:-1] in shown for key in (*ring.keys.values(), ring.lookup))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"active": "k9"}, "active key"),
        ({"keys": {"k1": "c2hvcnQ="}}, "32 bytes"),
        ({"keys": {"k1": "not base64!"}}, "not base64"),
        ({"keys": {"k 1": "A" * 43 + "="}}, "key id"),
        ({"lookup": "c2hvcnQ="}, "look-up key"),
        ({"keys": None}, "documented form"),
        ({"signing": {"active": "k9", "keys": {}}}, "signing key"),
    ],
)
def test_a_wrong_keyring_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    data = json.loads(Keyring.generate("k1").to_json()) | change
    with pytest.raises(KeyringError, match=message):
        Keyring.from_json(json.dumps(data))


def test_one_key_for_two_purposes_is_refused() -> None:
    data = json.loads(Keyring.generate("k1").to_json())
    data["lookup"] = data["keys"]["k1"]
    with pytest.raises(KeyringError, match="one purpose"):
        Keyring.from_json(json.dumps(data))
    for text in ("", "[]", "{}", "{"):
        with pytest.raises(KeyringError):
            Keyring.from_json(text)


def test_the_environment_names_the_keyring(tmp_path: Path) -> None:
    ring = Keyring.generate("k1")
    assert crypto.load_keyring({"LINLI_KEYRING": ring.to_json()}) == ring
    file = tmp_path / "ring.json"
    file.write_text(ring.to_json())
    file.chmod(0o600)
    assert crypto.load_keyring({"LINLI_KEYRING": str(file)}) == ring
    file.chmod(0o604)
    with pytest.raises(KeyringError, match="chmod 600"):
        crypto.load_keyring({"LINLI_KEYRING": str(file)})
    with pytest.raises(KeyringError, match="cannot read"):
        crypto.load_keyring({"LINLI_KEYRING": str(tmp_path / "missing.json")})


def test_a_demo_makes_its_own_keyring_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: crypto.load_keyring({}, folder=folder), range(16)))
    assert all(ring == rings[0] for ring in rings)
    assert rings[0].is_demo
    assert crypto.load_keyring({"LINLI_DATA": str(folder)}) == rings[0]
    assert stat.S_IMODE((folder / "keyring.json").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["keyring.json"]


def test_the_process_s_keyring() -> None:
    before = crypto.set_keyring(RING)
    try:
        blob = crypto.seal(TABLE, ROW, "13800001234")
        assert crypto.open_(TABLE, ROW, blob) == "13800001234"
        assert not crypto.needs_rotation(blob)
        assert crypto.lookup_hash("phone", "12345") == RING.lookup_hash("phone", "12345")
    finally:
        crypto.set_keyring(before)


def test_the_command_makes_grows_and_shows_keyrings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, out = tmp_path / "first.json", tmp_path / "second.json", StringIO()
    call_command("keyring", "new", first, name="k1", stdout=out)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    monkeypatch.setenv("LINLI_KEYRING", str(first))
    one = crypto.load_keyring()
    assert not one.is_demo
    call_command("keyring", "rotate", second, name="k2", stdout=out)
    two = Keyring.from_json(second.read_text())
    assert (two.active, two.open_(TABLE, ROW, one.seal(TABLE, ROW, "x"))) == ("k2", "x")
    out = StringIO()
    call_command("keyring", "public", stdout=out)
    assert list(json.loads(out.getvalue())) == ["k1"]
    for wrong in (
        ("new", first),
        ("new",),
        ("rotate", tmp_path / "x.json", "--name", "k1"),
        ("new", tmp_path / "y", "--name", "demo-k"),
    ):
        with pytest.raises(CommandError):
            call_command("keyring", *wrong)
