"""Points: the rules are everybody's, an account its owner's, what waits the posts' that the rules name.

There is no entry and no claim on the stage of the matrix: what names one must stay 404 for everybody who is let in. Who may do what
with one that is there is told in ``tests/ledger``.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.matrix.registry import Call, Entry, Guard

NOBODY = "01935000-0000-7000-8000-000000000000"
API = "/api/v1/ledger"
OWN = "points.mine"


def _own(
    route: str, method: str, verb: str = OWN, *, missing: bool = False, data: dict[str, Any] | None = None
) -> list[Entry]:
    """The same page in the field app and in the portal."""
    path = route.replace("<uuid:entry_id>", NOBODY).replace("<uuid:redemption_id>", NOBODY)
    sent = {"key": str(uuid4())} | (data or {}) if method == "POST" else {}
    return [
        Entry(
            f"field/{route}", method, lambda s: Call(f"/field/{path}", sent), verb=verb, door="field.work",
            maybe_missing=missing, exact=False,
        ),
        Entry(
            f"my/{route}", method, lambda s: Call(f"/my/{path}", sent), verb=verb, as_resident=True, maybe_missing=missing,
        ),
    ]  # fmt: skip


def _desk(route: str, method: str, verb: str, *, missing: bool = False) -> Entry:
    path = route
    for name in ("claim_id", "objection_id", "suspension_id", "reward_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    sent = {"key": str(uuid4())} if method == "POST" else {}
    return Entry(
        f"desk/{route}", method, lambda s: Call(f"/desk/{path}", sent), verb=verb, maybe_missing=missing, exact=False
    )


def _api(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = route
    for name in ("entry_id", "claim_id", "objection_id", "suspension_id", "reward_id", "redemption_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    return Entry(
        f"api/v1/ledger/{route.replace('<uuid:', '<uuidstr:')}",
        method,
        lambda s: Call(f"{API}/{path}", data or {}),
        verb=verb,
        maybe_missing=missing,
    )


ENTRIES = [
    Entry("points-rules", "GET", lambda s: Call("/points-rules"), guard=Guard.PUBLIC),
    Entry("points-rules/<int:number>", "GET", lambda s: Call("/points-rules/99"), guard=Guard.CODE),
    *_own("points", "GET"),
    *_own("points/entry/<uuid:entry_id>", "GET", missing=True),
    *_own("points/entry/<uuid:entry_id>", "POST", missing=True, data={"words": "这一条少算了一处"}),
    *_own("points/claim", "GET"),
    *_own("points/claim", "POST"),
    *_own("points/rewards", "GET"),
    *_own("points/rewards", "POST"),
    *_own("points/redemption/<uuid:redemption_id>", "GET", missing=True),
    *_own("points/redemption/<uuid:redemption_id>", "POST", missing=True),
    *_own("points/collect", "POST"),
    _desk("points", "GET", "points.confirm|points.review|points.lift|points.keep_rewards"),
    _desk("points/claims/<uuid:claim_id>", "GET", "points.confirm", missing=True),
    _desk("points/claims/<uuid:claim_id>", "POST", "points.confirm", missing=True),
    _desk("points/objections/<uuid:objection_id>", "GET", "points.review", missing=True),
    _desk("points/objections/<uuid:objection_id>", "POST", "points.review", missing=True),
    _desk("points/suspensions/<uuid:suspension_id>", "GET", "points.lift", missing=True),
    _desk("points/suspensions/<uuid:suspension_id>", "POST", "points.lift", missing=True),
    _desk("points/sheet", "GET", "points.confirm"),
    _desk("points/sheet", "POST", "points.confirm"),
    _desk("points/charge", "GET", "points.charge"),
    _desk("points/charge", "POST", "points.charge"),
    _desk("points/rewards/new", "GET", "points.keep_rewards"),
    _desk("points/rewards/new", "POST", "points.keep_rewards"),
    _desk("points/rewards/<uuid:reward_id>", "GET", "points.keep_rewards", missing=True),
    _desk("points/rewards/<uuid:reward_id>", "POST", "points.keep_rewards", missing=True),
    _desk("points/hand-out", "GET", "points.hand_out"),
    _desk("points/hand-out", "POST", "points.hand_out"),
    Entry("api/v1/ledger/rules", "GET", lambda s: Call(f"{API}/rules"), guard=Guard.PUBLIC),
    _api("mine", "GET", OWN),
    _api("entries", "GET", OWN),
    _api("entries/<uuid:entry_id>", "GET", OWN, missing=True),
    _api("entries/<uuid:entry_id>/object", "POST", "points.object", {"words": "这一条少算了一处"}, missing=True),
    _api(
        "claims", "POST", "points.claim_own",
        {"id": NOBODY, "rule": "volunteer", "on": "2026-11-18", "words": "陪老人就医两小时", "quantity": 2},
    ),
    _api("claims", "GET", "points.confirm"),
    _api("claims/<uuid:claim_id>/decide", "POST", "points.confirm", {"grant": True}, missing=True),
    _api("objections", "GET", "points.review"),
    _api(
        "objections/<uuid:objection_id>/answer", "POST", "points.review", {"upheld": False, "words": "维持原来的决定"},
        missing=True,
    ),
    _api("suspensions", "GET", "points.lift"),
    _api(
        "suspensions/<uuid:suspension_id>/ask-lift", "POST", "points.lift", {"words": "已经培训并书面检查"}, missing=True
    ),
    _api("suspensions/<uuid:suspension_id>/lift", "POST", "points.lift", {}, missing=True),
    _api("rewards", "GET", "points.redeem"),
    _api("rewards/<uuid:reward_id>/redeem", "POST", "points.redeem", {"id": NOBODY}, missing=True),
    _api("redemptions", "GET", OWN),
    _api("redemptions/<uuid:redemption_id>/take-back", "POST", "points.redeem", {}, missing=True),
]  # fmt: skip
