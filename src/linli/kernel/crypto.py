"""Keys: sealed fields, keyed look-ups and the signature under a day's log. Imports no Django.

``docs/algorithms/encryption.md`` has the formats and the rules of rotation. A sealed value is bound to its table, row
and key: copied into another row it does not open.

The keyring comes from ``LINLI_KEYRING`` (JSON, or the path of a file with it), else from ``keyring.json`` in the data
folder, which a demo makes for itself with keys whose ids begin with ``demo-``; a production start refuses those.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
DEMO_PREFIX = "demo-"
FIELD_DOMAIN = b"linli:field:1"
LOOKUP_DOMAIN = b"linli:lookup:1"
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class CryptoError(Exception):
    """A value cannot be opened: another row's, damaged, or sealed with a key that is not in the keyring."""


class KeyringError(Exception):
    """The keyring cannot be used; the message says what to put right and never holds key material."""


class Lookup(StrEnum):
    """Kinds of value that can be found again by a keyed hash; each has its own normal form."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    EMAIL = "email"
    NAME = "name"
    CODE = "code"


@dataclass(frozen=True, repr=False)
class Keyring:
    """Keys in use and keys that still open old values.

    Args:
        active: id of the key that seals.
        keys: id → 32 bytes, for AES-256-GCM.
        lookup: 32 bytes, for keyed hashes only.
        signing_active: id of the key that signs day roots.
        signing: id → 32 bytes seed of an Ed25519 key.

    Raises:
        KeyringError: a key is missing, has the wrong length or is used for two purposes.
    """

    active: str
    keys: Mapping[str, bytes]
    lookup: bytes
    signing_active: str
    signing: Mapping[str, bytes]
    _ciphers: dict[str, AESGCM] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, key in [*self.keys.items(), *self.signing.items()]:
            if not _KEY_ID.fullmatch(name):
                raise KeyringError(f"the key id {name!r} may only hold letters, figures, dot, hyphen and underscore")
            if len(key) != KEY_BYTES:
                raise KeyringError(f"the key {name} must have {KEY_BYTES} bytes")
        if len(self.lookup) != KEY_BYTES:
            raise KeyringError(f"the look-up key must have {KEY_BYTES} bytes")
        if self.active not in self.keys:
            raise KeyringError(f"the active key {self.active!r} is not among the keys")
        if self.signing_active not in self.signing:
            raise KeyringError(f"the active signing key {self.signing_active!r} is not among the signing keys")
        material = [*self.keys.values(), *self.signing.values(), self.lookup]
        if len(set(material)) != len(material):
            raise KeyringError("two keys are the same; every key has one purpose")

    def __repr__(self) -> str:
        return f"<Keyring {sorted(self.keys)} active {self.active}>"

    @property
    def is_demo(self) -> bool:
        """Whether any key was made for a demo or a test: no production may start with it."""
        return any(name.startswith(DEMO_PREFIX) for name in (*self.keys, *self.signing))

    # --- sealed fields --------------------------------------------------------------------------------------------

    def seal(self, table: str, row_id: UUID | str, plaintext: str | bytes) -> bytes:
        """Encrypt a value for one row.

        Args:
            table: the table's name; with the column (``people_person.phone``) when a row has several sealed values,
                else one could be put in the other's place.
            row_id: primary key of the row.
            plaintext: text (UTF-8) or bytes.

        Returns:
            format byte ‖ length of the key id ‖ key id ‖ nonce (12) ‖ ciphertext and tag.
        """
        data = plaintext.encode() if isinstance(plaintext, str) else plaintext
        name = self.active.encode()
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher(self.active).encrypt(nonce, data, _associated(table, row_id, name))
        return bytes((FORMAT, len(name))) + name + nonce + sealed

    def sealer(self, table: str) -> Callable[[str, bytes], bytes]:
        """:meth:`seal` for very many rows of one column: what does not change from row to row is worked out once.

        Args:
            table: as for :meth:`seal`.

        Returns:
            A function of a row's id (a UUID in its 36 characters) and the plaintext; not to be shared between threads.
        """
        name = self.active.encode()
        encrypt = self._cipher(self.active).encrypt
        head, (before, after) = bytes((FORMAT, len(name))) + name, _associated(table, "*" * 36, name).split(b"*" * 36)
        nonces = b""
        place = 0

        def seal(row_id: str, plaintext: bytes) -> bytes:
            nonlocal nonces, place
            if place >= len(nonces):
                nonces, place = os.urandom(NONCE_BYTES * 1024), 0
            nonce = nonces[place : place + NONCE_BYTES]
            place += NONCE_BYTES
            return head + nonce + encrypt(nonce, plaintext, before + row_id.encode() + after)

        return seal

    def open_bytes(self, table: str, row_id: UUID | str, blob: bytes | memoryview) -> bytes:
        """Decrypt what :meth:`seal` made for this table and row.

        Raises:
            CryptoError: it is not for this row, was changed, or its key is unknown.
        """
        blob = bytes(blob)
        name, body = _parse(blob)
        if name not in self.keys:
            raise CryptoError(f"sealed with the key {name!r}, which the keyring does not have")
        nonce, sealed = body[:NONCE_BYTES], body[NONCE_BYTES:]
        try:
            return self._cipher(name).decrypt(nonce, sealed, _associated(table, row_id, name.encode()))
        except InvalidTag:
            raise CryptoError("the sealed value was changed, or belongs to another row") from None

    def open_(self, table: str, row_id: UUID | str, blob: bytes | memoryview) -> str:
        """As :meth:`open_bytes`, for text."""
        return self.open_bytes(table, row_id, blob).decode()

    def needs_rotation(self, blob: bytes | memoryview) -> bool:
        """Whether a value was sealed with another key than the active one."""
        return _parse(bytes(blob))[0] != self.active

    def rotate(
        self, table: str, rows: Iterable[tuple[UUID | str, bytes | memoryview]]
    ) -> Iterator[tuple[UUID | str, bytes]]:
        """For each row not sealed with the active key, its id and its value sealed anew.

        The caller reads ``rows`` in batches and writes each result back only ``WHERE column = old value``, so that a
        value edited meanwhile is not overwritten.
        """
        for row_id, blob in rows:
            if self.needs_rotation(blob):
                yield row_id, self.seal(table, row_id, self.open_bytes(table, row_id, blob))

    def _cipher(self, name: str) -> AESGCM:
        cipher = self._ciphers.get(name)
        if cipher is None:
            cipher = self._ciphers[name] = AESGCM(self.keys[name])
        return cipher

    # --- exact look-up --------------------------------------------------------------------------------------------

    def lookup_hash(self, kind: Lookup | str, value: str) -> bytes:
        """A keyed hash (HMAC-SHA-256, 32 bytes) of the value's normal form: equal values are found, none can be read.

        Raises:
            ValueError: ``kind`` is unknown, or the value has no normal form (letters in a phone number).
        """
        kind = Lookup(kind)
        message = b"\x00".join((LOOKUP_DOMAIN, kind.value.encode(), normal_form(kind, value).encode()))
        return hmac.digest(self.lookup, message, "sha256")

    def hasher(self, kind: Lookup | str) -> Callable[[str], bytes]:
        """:meth:`lookup_hash` for very many values of one kind; what is written in its normal form already is taken as it is.

        Raises:
            ValueError: ``kind`` is unknown; the function that is returned raises it for a value without a normal form.
        """
        kind, key = Lookup(kind), self.lookup
        start = b"\x00".join((LOOKUP_DOMAIN, kind.value.encode(), b""))
        plain = re.compile(_PLAIN.get(kind, "(?!)")).fullmatch
        # HMAC by its definition (RFC 2104): what the key and the kind make of both hashes is the same for every value.
        padded = key.ljust(sha256().block_size, b"\0")
        inner, outer = sha256(bytes(one ^ 0x36 for one in padded) + start), sha256(bytes(one ^ 0x5C for one in padded))

        def hashed(value: str) -> bytes:
            within, around = inner.copy(), outer.copy()
            within.update((value if plain(value) else normal_form(kind, value)).encode())
            around.update(within.digest())
            return around.digest()

        return hashed

    # --- signatures -----------------------------------------------------------------------------------------------

    def sign_root(self, message: bytes) -> tuple[str, bytes]:
        """Sign with the active Ed25519 key; returns the key's id and the signature (64 bytes)."""
        key = Ed25519PrivateKey.from_private_bytes(self.signing[self.signing_active])
        return self.signing_active, key.sign(message)

    def root_signed(self, message: bytes, *, key_id: str, signature: bytes) -> bool:
        """Whether ``signature`` over ``message`` was made with the named key of this ring."""
        public = self.public_keys().get(key_id)
        if public is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public_keys(self) -> dict[str, bytes]:
        """The public half of every signing key, 32 raw bytes each: hand them to whoever verifies the log."""
        return {
            name: Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
            for name, seed in self.signing.items()
        }

    # --- how it is kept -------------------------------------------------------------------------------------------

    @classmethod
    def from_json(cls, text: str) -> Keyring:
        """Read a keyring: ``{"active", "keys": {id: base64}, "lookup": base64, "signing": {"active", "keys"}}``.

        Raises:
            KeyringError: the text is not such a keyring.
        """
        try:
            data = json.loads(text)
            signing = data["signing"]
            return cls(
                active=str(data["active"]),
                keys=_decode(data["keys"]),
                lookup=_decode({"lookup": data["lookup"]})["lookup"],
                signing_active=str(signing["active"]),
                signing=_decode(signing["keys"]),
            )
        except KeyringError:
            raise
        except KeyError as error:
            raise KeyringError(f"the keyring lacks {error}") from None
        except (ValueError, TypeError, AttributeError):
            raise KeyringError("the keyring is not JSON of the documented form") from None

    def to_json(self) -> str:
        """The keyring as :meth:`from_json` reads it. Holds secrets: write it to a file of mode 0600 only."""
        data: dict[str, Any] = {
            "active": self.active,
            "keys": {name: b64encode(key).decode() for name, key in self.keys.items()},
            "lookup": b64encode(self.lookup).decode(),
            "signing": {
                "active": self.signing_active,
                "keys": {name: b64encode(key).decode() for name, key in self.signing.items()},
            },
        }
        return json.dumps(data, indent=2) + "\n"

    @classmethod
    def generate(cls, name: str) -> Keyring:
        """A new keyring with one random key for each purpose, called ``name``."""
        return cls(
            active=name,
            keys={name: os.urandom(KEY_BYTES)},
            lookup=os.urandom(KEY_BYTES),
            signing_active=name,
            signing={name: os.urandom(KEY_BYTES)},
        )

    @classmethod
    def for_tests(cls, name: str = "demo-test") -> Keyring:
        """A fixed keyring that everybody knows: for tests only, and recognised as such by :attr:`is_demo`."""

        def key(purpose: str) -> bytes:
            return sha256(f"linli test keyring {name} {purpose}".encode()).digest()

        return cls(
            active=name,
            keys={name: key("field")},
            lookup=sha256(b"linli test keyring lookup").digest(),
            signing_active=name,
            signing={name: key("signing")},
        )

    def with_new_key(self, name: str) -> Keyring:
        """This keyring with one more random key, active at once; the old ones still open.

        Raises:
            KeyringError: there is a key of that name.
        """
        if name in self.keys:
            raise KeyringError(f"there is a key {name!r} already")
        return Keyring(
            active=name,
            keys={**self.keys, name: os.urandom(KEY_BYTES)},
            lookup=self.lookup,
            signing_active=self.signing_active,
            signing=self.signing,
        )


def _decode(keys: Mapping[str, str]) -> dict[str, bytes]:
    decoded: dict[str, bytes] = {}
    for name, value in keys.items():
        try:
            decoded[name] = b64decode(value, validate=True)
        except (Base64Error, ValueError):
            raise KeyringError(f"the key {name} is not base64") from None
    return decoded


def _associated(table: str, row_id: UUID | str, key_name: bytes) -> bytes:
    """What a sealed value is bound to; lengths keep the parts apart."""
    parts = (table.encode(), str(row_id).encode(), key_name)
    return FIELD_DOMAIN + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def _parse(blob: bytes) -> tuple[str, bytes]:
    if len(blob) < 2 or blob[0] != FORMAT:
        raise CryptoError("this is no sealed value of a known format")
    end = 2 + blob[1]
    name, body = blob[2:end], blob[end:]
    if not name.isascii() or len(name) != blob[1] or len(body) < NONCE_BYTES + TAG_BYTES:
        raise CryptoError("the sealed value is cut short")
    return name.decode(), body


_PHONE_NOISE = re.compile(r"[\s().\u00b7\-\u2010-\u2015\u2212]+")
_MOBILE = re.compile(r"1\d{10}")
_PLAIN = {Lookup.PHONE: "1[0-9]{10}", Lookup.ID_NUMBER: "[0-9]{17}[0-9X]", Lookup.NAME: r"[\u4e00-\u9fff]+"}
"""What most values look like, and is its own normal form."""


def normal_form(kind: Lookup | str, value: str) -> str:
    """The one way of writing a value that its look-up hash is made from.

    Phone numbers: full-width figures become plain, spaces, hyphens and brackets go, and so does China's code (``+86``,
    ``0086``); a landline keeps its area code with the 0. Numbers of other countries keep their ``+``.

    Raises:
        ValueError: the kind is unknown, the value is empty, or a phone number has other signs than figures.
    """
    kind = Lookup(kind)
    text = unicodedata.normalize("NFKC", value).strip()
    match kind:
        case Lookup.PHONE:
            text = _phone(text)
        case Lookup.EMAIL:
            text = text.casefold()
        case Lookup.ID_NUMBER | Lookup.CODE:
            text = re.sub(r"[\s\-]+", "", text).upper()
        case Lookup.NAME:
            text = re.sub(r"[\s·•]+", "", text).casefold()
    if not text:
        raise ValueError(f"an empty {kind.value} cannot be looked up")
    return text


def _phone(text: str) -> str:
    text = _PHONE_NOISE.sub("", text)
    if text.startswith("00"):
        text = "+" + text[2:]
    if text.startswith("+86") or (text.startswith("86") and _MOBILE.fullmatch(text[2:])):
        text = text.removeprefix("+").removeprefix("86")
        if not _MOBILE.fullmatch(text) and not text.startswith(("0", "400", "800")) and len(text) > 8:
            text = "0" + text  # abroad one leaves out the 0 of the area code
    if not re.fullmatch(r"\+?[0-9]*", text):
        raise ValueError("a phone number holds figures only")
    return text


# --- the process's keyring ----------------------------------------------------------------------------------------

KEYRING_VARIABLE = "LINLI_KEYRING"
_lock = Lock()
_current: Keyring | None = None


def load_keyring(environment: Mapping[str, str] | None = None, *, folder: Path | None = None) -> Keyring:
    """The keyring that the environment names, else the one in the data folder, made there (mode 0600) if it is missing.

    Args:
        environment: ``os.environ`` unless told.
        folder: the data folder; ``LINLI_DATA``, else ``./data``, unless told.

    Raises:
        KeyringError: it cannot be read, or other users of the machine can read the file.
    """
    environment = os.environ if environment is None else environment
    named = environment.get(KEYRING_VARIABLE, "").strip()
    if named.startswith("{"):
        return Keyring.from_json(named)
    if named:
        return _read(Path(named))
    path = (folder or Path(environment.get("LINLI_DATA") or "data")) / "keyring.json"
    if not path.exists():
        _create(path)
    return _read(path)


def _read(path: Path) -> Keyring:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KeyringError(f"cannot read the keyring {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyringError(f"the keyring {path} is not UTF-8 text") from None
    if mode & 0o007:
        raise KeyringError(f"everybody on this machine can use the keyring {path}; put it right with chmod 600")
    return Keyring.from_json(text)


def _create(path: Path) -> None:
    """Write a demo keyring whole or not at all; when two processes try at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    ring = Keyring.generate(DEMO_PREFIX + os.urandom(4).hex())
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(ring.to_json())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)


def keyring() -> Keyring:
    """The process's keyring, loaded at its first use."""
    global _current
    if _current is None:
        with _lock:
            if _current is None:
                _current = load_keyring()
    return _current


def set_keyring(ring: Keyring | None) -> Keyring | None:
    """Use another keyring from now on (``None``: load it anew at the next use); returns the one before."""
    global _current
    before, _current = _current, ring
    return before


def seal(table: str, row_id: UUID | str, plaintext: str | bytes) -> bytes:
    """:meth:`Keyring.seal` with the process's keyring."""
    return keyring().seal(table, row_id, plaintext)


def open_(table: str, row_id: UUID | str, blob: bytes | memoryview) -> str:
    """:meth:`Keyring.open_` with the process's keyring."""
    return keyring().open_(table, row_id, blob)


def needs_rotation(blob: bytes | memoryview) -> bool:
    """:meth:`Keyring.needs_rotation` with the process's keyring."""
    return keyring().needs_rotation(blob)


def lookup_hash(kind: Lookup | str, value: str) -> bytes:
    """:meth:`Keyring.lookup_hash` with the process's keyring."""
    return keyring().lookup_hash(kind, value)
