"""One's notices and how one is told: for whoever has an account; webhooks are for the system administrator."""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry, Guard

NONE = "01935000-0000-7000-8000-000000000000"
VERB = "webhook.edit"
CHOSEN = {"quiet_from": "22:00", "quiet_to": "08:00", "digest_at": "18:00"}
HOOK = {"name": "看板", "url": "https://hooks.example.org/linli", "kinds": ["case.close"], "area_path": "510107"}


def _mine(route: str, method: str, *, at: str = "", missing: bool = False, data: dict[str, Any] | None = None) -> Entry:
    address = at or route
    return Entry(
        f"my/{route}", method, lambda s: Call(f"/my/{address}", data or {}), guard=Guard.ACCOUNT, maybe_missing=missing
    )


def _admin(
    route: str, method: str, *, at: str = "", missing: bool = False, data: dict[str, Any] | None = None
) -> Entry:
    address = at or route
    return Entry(
        f"admin/{route}", method, lambda s: Call(f"/admin/{address}", data or {}), verb=VERB, maybe_missing=missing
    )


def _api(route: str, method: str, *, at: str = "", missing: bool = False, data: dict[str, Any] | None = None) -> Entry:
    address = at or route
    return Entry(
        f"api/v1/{route}", method, lambda s: Call(f"/api/v1/{address}", data or {}), verb=VERB, maybe_missing=missing
    )


ENTRIES = [
    _mine("notices", "GET"),
    _mine("notices/read", "POST"),
    _mine("notices/bell", "GET"),
    _mine("notices/<uuid:notice_id>", "GET", at=f"notices/{NONE}", missing=True),
    _mine("notifications", "GET"),
    _mine("notifications", "POST", data=CHOSEN),
    _mine("notifications/addresses", "POST", data={"channel": "email", "value": "zhou@example.org"}),
    _mine(
        "notifications/addresses/<uuid:address_id>/verify",
        "POST",
        at=f"notifications/addresses/{NONE}/verify",
        missing=True,
    ),
    _mine(
        "notifications/addresses/<uuid:address_id>/remove",
        "POST",
        at=f"notifications/addresses/{NONE}/remove",
        missing=True,
    ),
    _mine("notifications/device", "POST"),
    Entry("unsubscribe/<str:token>", "GET", lambda s: Call("/unsubscribe/not-ours"), guard=Guard.CODE),
    Entry("unsubscribe/<str:token>", "POST", lambda s: Call("/unsubscribe/not-ours"), guard=Guard.CODE),
    _admin("webhooks", "GET"),
    _admin("webhooks/new", "GET"),
    _admin("webhooks/new", "POST", data=HOOK),
    _admin("webhooks/<uuid:hook_id>", "GET", at=f"webhooks/{NONE}", missing=True),
    _admin("webhooks/<uuid:hook_id>/switch", "POST", at=f"webhooks/{NONE}/switch", missing=True),
    _admin("webhooks/<uuid:hook_id>/again/<uuid:posting_id>", "POST", at=f"webhooks/{NONE}/again/{NONE}", missing=True),
    Entry("api/v1/notices", "GET", lambda s: Call("/api/v1/notices"), guard=Guard.ACCOUNT),
    Entry("api/v1/notices/read", "POST", lambda s: Call("/api/v1/notices/read", {"number": ""}), guard=Guard.ACCOUNT),
    _api("webhooks", "GET"),
    _api("webhooks", "POST", data=HOOK),
    _api("webhooks/<uuidstr:webhook_id>", "DELETE", at=f"webhooks/{NONE}", missing=True),
    _api("webhooks/<uuidstr:webhook_id>/deliveries", "GET", at=f"webhooks/{NONE}/deliveries"),
    _api(
        "webhooks/<uuidstr:webhook_id>/deliveries/<uuidstr:delivery_id>/replay",
        "POST",
        at=f"webhooks/{NONE}/deliveries/{NONE}/replay",
        missing=True,
    ),
]
