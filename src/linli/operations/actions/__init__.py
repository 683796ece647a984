"""Every write of the room, by what is done. Each locks the operation first, then tasks, then their progress."""

from linli.operations.actions.answering import UNDO, Finding, answer, found, take_back
from linli.operations.actions.drafting import Draft, compose, discard, edit
from linli.operations.actions.running import amend, end, extend, remind, stop
from linli.operations.actions.seasons import draft_of, from_template, keep_as_template, prepare_due
from linli.operations.actions.sending import require_may_send, send

__all__ = [
    "UNDO",
    "Draft",
    "Finding",
    "amend",
    "answer",
    "compose",
    "discard",
    "draft_of",
    "edit",
    "end",
    "extend",
    "found",
    "from_template",
    "keep_as_template",
    "prepare_due",
    "remind",
    "require_may_send",
    "send",
    "stop",
    "take_back",
]
