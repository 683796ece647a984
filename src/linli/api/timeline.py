"""The steps of a case as a reader may see them: colleagues see why, reporters see what concerns them, nobody sees hashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.cases.models import Case, LogEntry, Participant, Statement
from linli.cases.queries import log_of
from linli.cases.verbs import VERBS
from linli.kernel import crypto
from linli.kernel.trust import Actor, Role, audit, context

HIDDEN_FROM_REPORTERS = frozenset(
    {
        "comment", "remind", "supervise", "lift_supervision", "propose_rejection", "request_return", "decide_return",
        "request_extension", "request_suspension", "withdraw_call", "feedback", "relocate",
        "request_exclusion", "decide_exclusion",
    }
)  # fmt: skip
"""Steps among colleagues."""
WORDS = ("words", "reason", "outcome", "text", "plan", "result", "task")
WORDS_FOR_REPORTERS = {
    "dispose": "outcome",
    "wait_resident": "reason",
    "confirm_rejection": "reason",
    "reopen": "reason",
}
LABELS = {
    "report": gettext_lazy("Reported"),
    "late": gettext_lazy("A time limit has passed"),
    "join": gettext_lazy("Somebody joined"),
    "merged_in": gettext_lazy("Another case was merged into this one"),
    "master_closed": gettext_lazy("The leading case was closed"),
    "add_evidence": gettext_lazy("Photo added"),
    "handed_over": gettext_lazy("Handed over to a colleague"),
}
MACHINE_FACTS = ("set", "statement")
PURPOSE = "read what was said on a case"


def is_staff(actor: Actor) -> bool:
    """Whether the reader works here; else it is somebody's own case."""
    return actor.role not in (Role.RESIDENT, Role.ANONYMOUS, Role.MACHINE)


def steps(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """The steps that ``actor`` may see, in order; the caller has made sure that the case may be seen."""
    staff = is_staff(actor)
    entries = [one for one in log_of(case) if staff or one.kind not in HIDDEN_FROM_REPORTERS]
    said = _statements(actor, case, entries, staff=staff)
    return [_step(entry, said, staff=staff) for entry in entries]


def _step(entry: LogEntry, said: dict[str, str], *, staff: bool) -> dict[str, Any]:
    data = entry.data
    if staff:
        words = next((str(data[name]) for name in WORDS if data.get(name)), "")
    else:
        words = str(data.get(WORDS_FOR_REPORTERS.get(entry.kind, ""), ""))
        if entry.kind == "confirm_rejection" and not data.get("agree"):
            words = ""
    words = said.get(str(data.get("statement", "")), words)
    return {
        "sequence": entry.sequence,
        "kind": entry.kind,
        "label": label(entry.kind),
        "at": entry.at,
        "role": entry.actor_role,
        "post_id": entry.post_id if staff else None,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "words": words,
        "data": {name: value for name, value in data.items() if name not in MACHINE_FACTS} if staff else {},
    }


def label(kind: str) -> str:
    """A step in words."""
    if kind in LABELS:
        return str(LABELS[kind])
    return str(VERBS[kind].label) if kind in VERBS else _("Changed")


def _statements(actor: Actor, case: Case, entries: Iterable[LogEntry], *, staff: bool) -> dict[str, str]:
    """What was said, in clear: one's own, what the other side wrote to one; colleagues' reading leaves an audit row."""
    wanted = [
        UUID(entry.data["statement"])
        for entry in entries
        if entry.data.get("statement") and (staff or entry.data.get("side") == "staff" or entry.kind != "join")
    ]
    if not wanted:
        return {}
    with context.personal(actor, purpose=PURPOSE, reach=case.area_path):
        rows = list(Statement.objects.filter(district=case.district, case_id=case.id, id__in=wanted))
        if not staff:
            ours = {actor.account_id}
            from_staff = {entry.data["statement"] for entry in entries if entry.data.get("side") == "staff"}
            rows = [row for row in rows if row.account_id in ours or str(row.id) in from_staff]
        else:
            for person in {row.account_id for row in rows} - {actor.account_id}:
                audit.record(
                    actor, "statement.read", subject_type="case", subject_id=case.id, district=case.district,
                    person_id=person, purpose=PURPOSE, fields=("text",),
                )  # fmt: skip
        return {str(row.id): crypto.open_("cases_statement", row.id, row.text_sealed) for row in rows}


def statements_of(case: Case, *, participant: Participant, actor: Actor, purpose: str) -> list[str]:
    """What a person said of a personal or restricted matter; the caller has required the right and leaves the audit row."""
    with context.personal(actor, purpose=purpose, reach=case.area_path):
        own = [one for one in (participant.account_id, participant.id) if one]
        rows = Statement.objects.filter(district=case.district, case_id=case.id, account_id__in=own).order_by("at")
        return [crypto.open_("cases_statement", row.id, row.text_sealed) for row in rows]
