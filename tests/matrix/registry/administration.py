"""Administration: each page is guarded by verbs of its own, without a subject."""

from __future__ import annotations

from typing import Any

from tests.matrix.registry import Call, Entry

NONE = "01935000-0000-7000-8000-000000000000"


def _page(
    route: str, method: str, verb: str, *, at: str = "", missing: bool = False, data: dict[str, Any] | None = None
) -> Entry:
    address = at or route
    return Entry(
        f"admin/{route}", method, lambda s: Call(f"/admin/{address}", data or {}), verb=verb, maybe_missing=missing
    )


ENTRIES = [
    _page("", "GET", "catalogue.edit|post.view|account.view|audit.read"),
    _page("catalogue", "GET", "catalogue.edit"),
    _page("catalogue/changes", "GET", "catalogue.edit"),
    _page("catalogue/changes/<uuid:change_id>", "GET", "catalogue.edit", at=f"catalogue/changes/{NONE}", missing=True),
    _page(
        "catalogue/changes/<uuid:change_id>/decide",
        "POST",
        "catalogue.edit",
        at=f"catalogue/changes/{NONE}/decide",
        missing=True,
    ),
    _page("catalogue/<str:code>", "GET", "catalogue.edit", at="catalogue/UT02"),
    _page("catalogue/<str:code>", "POST", "catalogue.edit", at="catalogue/UT02"),
    _page("catalogue/<str:code>/give-up", "POST", "catalogue.edit", at="catalogue/UT02/give-up", missing=True),
    *(
        _page(f"services{route}", method, "catalogue.edit", at=f"services{at}", missing=True)
        for method, route, at in (
            ("GET", "", ""),
            ("GET", "/changes", "/changes"),
            ("GET", "/changes/<uuid:change_id>", f"/changes/{NONE}"),
            ("POST", "/changes/<uuid:change_id>/decide", f"/changes/{NONE}/decide"),
            ("GET", "/versions/<uuid:version_id>", f"/versions/{NONE}"),
            ("GET", "/<str:code>", "/XX99"),
            ("POST", "/<str:code>", "/XX99"),
            ("POST", "/<str:code>/close", "/XX99/close"),
        )
    ),
    _page("suggestions", "GET", "suggestion.view"),
    _page("suggestions", "POST", "suggestion.view", data={"text": "路灯不亮"}),
    _page("suggestions/train", "POST", "suggestion.train"),
    _page("organisations", "GET", "post.view"),
    _page("organisations/new", "GET", "organisation.edit"),
    _page("organisations/new", "POST", "organisation.edit"),
    _page(
        "organisations/<str:district>/<uuid:organisation_id>/end",
        "POST",
        "organisation.edit",
        at=f"organisations/510107/{NONE}/end",
        missing=True,
    ),
    *(
        _page(f"{kind}/<str:district>/<uuid:{key}>/phone", method, verb, at=f"{kind}/510107/{NONE}/phone", missing=True)
        for kind, key, verb in (
            ("posts", "post_id", "post.appoint"),
            ("organisations", "organisation_id", "organisation.edit"),
        )
        for method in ("GET", "POST")
    ),
    _page("posts", "GET", "post.view"),
    _page("posts/new", "GET", "post.appoint"),
    _page("posts/new", "POST", "post.appoint"),
    _page(
        "posts/<str:district>/<uuid:post_id>/end", "GET", "post.appoint", at=f"posts/510107/{NONE}/end", missing=True
    ),
    _page(
        "posts/<str:district>/<uuid:post_id>/end", "POST", "post.appoint", at=f"posts/510107/{NONE}/end", missing=True
    ),
    _page("accounts", "GET", "account.view"),
    _page("accounts/new", "GET", "account.edit"),
    _page("accounts/new", "POST", "account.edit"),
    _page("accounts/<uuid:account_id>", "GET", "account.view", at=f"accounts/{NONE}", missing=True),
    _page("accounts/<uuid:account_id>/read", "POST", "account.view", at=f"accounts/{NONE}/read", missing=True),
    _page("accounts/<uuid:account_id>/close", "POST", "account.edit", at=f"accounts/{NONE}/close", missing=True),
    _page("accounts/<uuid:account_id>/devices", "POST", "session.end", at=f"accounts/{NONE}/devices", missing=True),
    _page(
        "accounts/<uuid:account_id>/second-factor",
        "POST",
        "account.edit",
        at=f"accounts/{NONE}/second-factor",
        missing=True,
    ),
    _page("accounts/<uuid:account_id>/links", "POST", "account.edit", at=f"accounts/{NONE}/links", missing=True),
    _page("accounts/<uuid:account_id>/keys", "POST", "account.edit", at=f"accounts/{NONE}/keys", missing=True),
    _page("calendar", "GET", "calendar.load"),
    _page("calendar", "POST", "calendar.load"),
    _page("audit", "GET", "audit.read"),
]
