"""Web push: the message sealed for the browser (RFC 8291, 8188) and signed for the push service (RFC 8292, VAPID).

Own code on ``cryptography``: the library that everybody uses is under MPL-2.0. The tests open what this seals with another library.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, time
from linli.kernel.errors import Invalid
from linli.notices import outbound
from linli.notices.channels import Message, gone, not_taken, refused

RECORD_BYTES = 4_096
MOST_BYTES = 3_000
"""Push services take 4,096 bytes sealed."""
KEPT_SECONDS = 24 * 3600
TOKEN_SECONDS = 12 * 3600
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Bytes from base64url, with or without padding.

    Raises:
        ValueError: it is none.
    """
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def server_key() -> ec.EllipticCurvePrivateKey:
    """The house's own key pair, made from the keyring's look-up key, which never changes: subscriptions hang on it."""
    seed = crypto.lookup_hash(crypto.Lookup.NAME, "linli:web-push:vapid")
    return ec.derive_private_key(int.from_bytes(seed) % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key() -> str:
    """What a browser needs to subscribe (``applicationServerKey``)."""
    return encode(_point(server_key().public_key()))


def seal(plain: bytes, *, p256dh: bytes, auth: bytes) -> bytes:
    """A message as one ``aes128gcm`` record for a subscription (RFC 8291, section 3; RFC 8188, section 2).

    Args:
        p256dh: the browser's public key, 65 bytes uncompressed.
        auth: its secret, 16 bytes.

    Raises:
        ValueError: a key is none, or the message is longer than a record.
    """
    if len(auth) != 16 or len(plain) > MOST_BYTES:
        raise ValueError("no such secret, or too long")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    ours = ec.generate_private_key(ec.SECP256R1())
    own = _point(ours.public_key())
    shared = ours.exchange(ec.ECDH(), theirs)
    material = _derive(auth, shared, b"WebPush: info\x00" + p256dh + own, 32)
    salt = os.urandom(16)
    key = _derive(salt, material, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, material, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD_BYTES.to_bytes(4) + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def _derive(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def authorization(endpoint: str, contact: str) -> str:
    """The header that says to the push service who sends (RFC 8292, section 3)."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.now().timestamp()) + TOKEN_SECONDS,
        "sub": contact if ":" in contact else f"mailto:{contact}",
    }
    signed = ".".join(
        encode(json.dumps(part, separators=(",", ":")).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    key = server_key()
    r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{encode(r.to_bytes(32) + s.to_bytes(32))}, k={encode(_point(key.public_key()))}"


def subscription(endpoint: str, p256dh: str, auth: str) -> str:
    """A browser's subscription as it is kept.

    Raises:
        Invalid: it is none, or its endpoint may not be called.
    """
    url = outbound.check(endpoint, field="endpoint")
    try:
        seal(b"", p256dh=decode(p256dh), auth=decode(auth))
    except ValueError:
        raise Invalid("push.keys", _("These are no keys of a push subscription."), field="keys") from None
    return json.dumps({"endpoint": url, "p256dh": p256dh, "auth": auth}, sort_keys=True)


class Push:
    """Hands messages to the push service of the browser."""

    def __init__(self, *, contact: str) -> None:
        self.contact = contact

    def send(self, address: str, message: Message) -> str:
        """Hand over once; ``Topic`` lets the service replace a repeat that is not delivered yet."""
        to = json.loads(address)
        body = {"id": message.id, "title": message.title, "body": message.text, "url": message.href}
        plain = json.dumps(body, ensure_ascii=False).encode()
        sealed = seal(plain, p256dh=decode(to["p256dh"]), auth=decode(to["auth"]))
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(KEPT_SECONDS),
            "Urgency": "high" if message.urgent else "normal",
            "Topic": message.id.replace("-", "")[:32],
            "Authorization": authorization(to["endpoint"], self.contact),
        }
        try:
            answer = outbound.post(to["endpoint"], sealed, headers)
        except outbound.Unreachable as error:
            raise not_taken(error.extra.get("kind", "")) from error
        except Invalid as error:
            raise refused(error.code) from error
        if answer.status in (200, 201, 202, 204):
            return answer.headers.get("location", "")[:200] or message.id
        if answer.status in (404, 410):
            raise gone(answer.status)
        if 400 <= answer.status < 500 and answer.status not in (401, 403, 408, 425, 429):
            raise refused(answer.status)
        raise not_taken(answer.status)
