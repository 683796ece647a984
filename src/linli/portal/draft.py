"""A report in the making: kept sealed in the visitor's session until it is sent, then its receipt.

The draft's id is also the report's idempotency key: a second tap, a resend, a page taken from the browser's history all lead to
the same receipt.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from linli.kernel import crypto, ids

DRAFT, RECEIPTS = "report_draft", "report_receipts"
KEPT_RECEIPTS = 10
SEALED_AS = "portal_draft"


@dataclass(slots=True)
class Draft:
    """What has been answered so far; a step that is done is said by its ``…_done``, for its answer may be empty."""

    id: str = field(default_factory=lambda: str(ids.new_id()))
    category: str = ""
    call_done: bool = False
    lng: float | None = None
    lat: float | None = None
    address: str = ""
    district: str = ""
    area_path: str = ""
    placed: bool = False
    description: str = ""
    photos: list[dict[str, Any]] = field(default_factory=list)
    words_done: bool = False
    by_photo: bool = False
    keep_private: bool = False
    near_done: bool = False
    name: str = ""
    phone: str = ""
    contact_done: bool = False

    @property
    def key(self) -> str:
        """The idempotency key of the report."""
        return self.id

    def body(self) -> bytes:
        """What is sent, byte for byte the same however often."""
        told = asdict(self)
        for name in ("id", "call_done", "words_done", "by_photo", "near_done", "contact_done", "placed", "area_path"):
            told.pop(name)
        return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def load(request: HttpRequest) -> Draft:
    """The visitor's draft; a new one when there is none or it cannot be read any more."""
    found = opened(request.session.get(DRAFT))
    known = {one.name for one in fields(Draft)}
    return Draft(**{name: value for name, value in found.items() if name in known}) if found else Draft()


def save(request: HttpRequest, draft: Draft) -> None:
    """Keep the draft."""
    request.session[DRAFT] = sealed(draft.id, asdict(draft))


def begun(request: HttpRequest) -> bool:
    """Whether there is a draft to go on with."""
    return DRAFT in request.session


def drop(request: HttpRequest) -> None:
    """Forget the draft."""
    request.session.pop(DRAFT, None)


def keep_receipt(request: HttpRequest, draft_id: str, receipt: dict[str, Any]) -> None:
    """Remember what a draft became, and forget the draft."""
    kept: dict[str, Any] = dict(request.session.get(RECEIPTS, {}))
    kept[draft_id] = sealed(draft_id, receipt)
    request.session[RECEIPTS] = dict(list(kept.items())[-KEPT_RECEIPTS:])
    drop(request)


def receipt_of(request: HttpRequest, draft_id: str) -> dict[str, Any] | None:
    """What a draft became; ``None`` when it has not been sent from here."""
    return opened(request.session.get(RECEIPTS, {}).get(draft_id))


def sealed(draft_id: str, content: dict[str, Any]) -> list[str]:
    """What is kept in a session, as nobody but the house can read it."""
    kept = crypto.seal(SEALED_AS, UUID(draft_id), json.dumps(content, ensure_ascii=False))
    return [draft_id, base64.b64encode(kept).decode()]


def opened(kept: Any) -> dict[str, Any] | None:
    """What :func:`sealed` kept; ``None`` when there is nothing, or it cannot be read any more."""
    if not kept:
        return None
    try:
        draft_id, text = kept
        found: dict[str, Any] = json.loads(crypto.open_(SEALED_AS, UUID(draft_id), base64.b64decode(text)))
    except (ValueError, TypeError, crypto.CryptoError):
        return None
    return found
