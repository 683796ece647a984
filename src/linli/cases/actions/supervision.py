"""Supervision: 督办 and 催办, and what happens by itself when a clock runs out."""

from __future__ import annotations

from linli.cases.loop import Ref, changing, reason_of
from linli.cases.models import Case
from linli.kernel.trust import Actor


def supervise(actor: Actor, ref: Ref, *, version: int, reason: str) -> Case:
    """Put the case under supervision (督办): a flag that its handlers see and its figures carry; clocks run on."""
    words = reason_of(reason)
    with changing(actor, ref, "case.supervise", version=version) as change:
        change.case.supervised_at = change.now
        change.data |= {"reason": words}
    return change.case


def lift_supervision(actor: Actor, ref: Ref, *, version: int, reason: str) -> Case:
    """Take the flag away, with a reason."""
    words = reason_of(reason)
    with changing(actor, ref, "case.lift_supervision", version=version) as change:
        change.case.supervised_at = None
        change.data |= {"reason": words}
    return change.case


def remind(actor: Actor, ref: Ref, *, text: str) -> Case:
    """Remind the handler (催办)."""
    words = reason_of(text, name="text", least=1)
    with changing(actor, ref, "case.remind") as change:
        change.data |= {"text": words}
    return change.case
