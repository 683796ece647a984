"""The grid workforce: at the desk, in the field app, and by the API.

There is no leave, hand-over or shift on the stage of the matrix: what names one is 404 even for whoever has the right. Who may do what
with one that is there is told in ``tests/workforce``.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.matrix.registry import Call, Entry, Guard

NOBODY = "01935000-0000-7000-8000-000000000000"
COMMUNITY = "510107/012/003"
DAYS = {"first_day": "2026-12-01", "last_day": "2026-12-03", "reason": "annual"}
API = "api/v1/workforce"


def _desk(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = f"/desk/team{route}".replace("<uuid:", "").replace(">", "")
    for name in (
        "leave_id", "post_id", "handover_id", "shift_id", "swap_id", "training_id", "course_id", "assessment_id",
    ):  # fmt: skip
        path = path.replace(name, NOBODY)
    return Entry(
        f"desk/team{route}", method, lambda s: Call(path, data or {}), verb=verb, door="case.list", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


def _field(route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, missing: bool = False) -> Entry:
    path = f"/field/me/{route}"
    for name in ("leave_id", "shift_id", "swap_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    return Entry(
        f"field/me/{route}", method, lambda s: Call(path, data or {}), verb=verb, door="field.work", maybe_missing=missing,
        exact=not missing,
    )  # fmt: skip


def _api(
    route: str, method: str, verb: str, data: dict[str, Any] | None = None, *, query: str = "", missing: bool = False
) -> Entry:
    path = f"/{API}/{route}{query}"
    for name in ("leave_id", "post_id", "handover_id", "swap_id", "course_id", "assessment_id"):
        path = path.replace(f"<uuid:{name}>", NOBODY)
    written = route.replace("<uuid:", "<uuidstr:")  # as ninja writes it
    return Entry(
        f"{API}/{written}",
        method,
        lambda s: Call(path, data or {}),
        verb=verb,
        maybe_missing=missing,
        exact=not missing,
    )


ENTRIES = [
    _desk("", "GET", "roster.view"),
    _desk("/roster.xlsx", "GET", "roster.view"),
    _desk("/leave", "GET", "leave.view"),
    _desk("/leave/ask", "GET", "leave.ask"),
    _desk("/leave/ask", "POST", "leave.ask", DAYS),
    _desk("/leave/<uuid:leave_id>", "GET", "leave.view", missing=True),
    _desk("/leave/<uuid:leave_id>", "POST", "leave.decide", {"decision": "refuse", "words": "不行"}, missing=True),
    _desk("/leave/<uuid:leave_id>/end", "POST", "leave.ask|leave.decide", {"version": "1"}, missing=True),
    _desk("/handover", "GET", "handover.view"),
    _desk("/handover/<uuid:post_id>", "GET", "handover.view", missing=True),
    _desk("/handover/<uuid:post_id>", "POST", "handover.do", {"successor": NOBODY, "reason": "调走"}, missing=True),
    _desk("/handover/done/<uuid:handover_id>", "GET", "handover.view", missing=True),
    _desk("/handover/done/<uuid:handover_id>/undo", "POST", "handover.do", missing=True),
    _desk("/duty", "GET", "duty.view"),
    _desk("/duty", "POST", "duty.plan", {"month": "2026-12"}),
    _desk("/duty/shift", "GET", "duty.plan", missing=True),
    _desk("/duty/shift", "POST", "duty.plan", {"day": "2026-12-01", "kind": "night", "post": NOBODY}, missing=True),
    _desk("/duty/<uuid:shift_id>/swap", "POST", "duty.swap", {"post": NOBODY}, missing=True),
    _desk("/duty/swaps/<uuid:swap_id>", "POST", "duty.swap", {"agree": "no"}, missing=True),
    _desk("/training", "GET", "training.keep"),
    _desk("/training/new", "GET", "training.keep"),
    _desk("/training/new", "POST", "training.keep", {"key": NOBODY, "title": "岗前培训", "hours": "2"}),
    _desk("/training/<uuid:training_id>", "GET", "training.keep", missing=True),
    _desk("/training/<uuid:training_id>", "POST", "training.keep", {"key": NOBODY, "day": "2026-12-01"}, missing=True),
    _desk("/training/<uuid:training_id>/end", "POST", "training.keep", missing=True),
    _desk("/training/courses/<uuid:course_id>", "GET", "training.keep", missing=True),
    _desk("/training/courses/<uuid:course_id>", "POST", "training.keep", {"people": NOBODY}, missing=True),
    _desk("/training/courses/<uuid:course_id>/off", "POST", "training.keep", missing=True),
    _desk("/assessment", "GET", "assessment.review"),
    _desk("/assessment/<uuid:post_id>", "GET", "assessment.review", missing=True),
    _desk("/assessment/<uuid:post_id>", "POST", "assessment.review", {"words": "按公布的标准"}, missing=True),
    _desk("/assessment/done/<uuid:assessment_id>", "GET", "assessment.review", missing=True),
    _desk("/assessment/done/<uuid:assessment_id>", "POST", "assessment.review", {"upheld": "no"}, missing=True),
    _field("leave", "GET", "leave.ask"),
    _field("training", "GET", "training.own"),
    _field("assessment", "GET", "assessment.own", missing=True),
    _field("assessment", "POST", "assessment.own", {"assessment": NOBODY, "about": "trained", "words": "有证书"}, missing=True),
    _field("leave", "POST", "leave.ask", DAYS),
    _field("leave/<uuid:leave_id>/end", "POST", "leave.ask", {"version": "1"}, missing=True),
    _field("duty", "GET", "duty.swap"),
    _field("duty", "POST", "duty.swap"),
    _field("duty/<uuid:shift_id>/swap", "POST", "duty.swap", {"post": NOBODY}, missing=True),
    _field("duty/swaps/<uuid:swap_id>", "POST", "duty.swap", {"agree": "no"}, missing=True),
    _field("hands", "GET", "handover.view"),
    Entry("field/duty/<str:key>.ics", "GET", lambda s: Call(f"/field/duty/{'0' * 40}.ics"), guard=Guard.CODE),
    _api("coverage", "GET", "roster.view"),
    _api("roster", "GET", "roster.view"),
    _api("leaves", "GET", "leave.view"),
    _api("leaves", "POST", "leave.ask", DAYS),
    _api("leaves/<uuid:leave_id>/approve", "POST", "leave.decide", {"version": 1, "covers": [NOBODY]}, missing=True),
    _api("leaves/<uuid:leave_id>/refuse", "POST", "leave.decide", {"version": 1, "words": "不行"}, missing=True),
    _api("leaves/<uuid:leave_id>/end", "POST", "leave.ask|leave.decide", {"version": 1}, missing=True),
    _api("posts/<uuid:post_id>/hands", "GET", "handover.view", missing=True),
    _api(
        "posts/<uuid:post_id>/hand-over", "POST", "handover.do",
        {"version": 1, "successor": NOBODY, "reason": "调走"}, missing=True,
    ),
    _api("hand-overs", "GET", "handover.view"),
    _api("hand-overs/<uuid:handover_id>/undo", "POST", "handover.do", missing=True),
    _api(
        "duty", "GET", "duty.view", query=f"?area_path={COMMUNITY}&first=2026-12-01&last=2026-12-31", missing=True
    ),
    _api("trainings", "GET", "training.keep"),
    _api("trainings/mine", "GET", "training.own"),
    _api("courses/<uuid:course_id>/note", "POST", "training.keep", {"accounts": [NOBODY]}, missing=True),
    _api("assessments/mine", "GET", "assessment.own"),
    _api(
        "assessments/<uuid:assessment_id>/object", "POST", "assessment.own", {"about": "trained", "words": "有证书"},
        missing=True,
    ),
    _api("duty/mine", "GET", "duty.swap"),
    Entry(
        f"{API}/duty/now", "GET", lambda s: Call(f"/{API}/duty/now?area_path={COMMUNITY}"), guard=Guard.PUBLIC
    ),
    _api("duty/plan", "POST", "duty.plan", {"area_path": COMMUNITY, "month": "2026-12-01"}, missing=True),
    _api(
        "duty/shifts", "POST", "duty.plan",
        {"area_path": COMMUNITY, "day": "2026-12-01", "kind": "night", "post_id": str(uuid4())}, missing=True,
    ),
    _api("swaps", "POST", "duty.swap", {"shift_id": NOBODY, "to_post": NOBODY}, missing=True),
    _api("swaps/<uuid:swap_id>/answer", "POST", "duty.swap", {"agree": False}, missing=True),
]  # fmt: skip
