"""The verbs of an application as doors offer them: a label, what has to be filled in, and the action behind it.

The desk draws its forms from this, the API its typed endpoints; so a verb is described once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.kernel.trust import Actor, policy
from linli.services import queries
from linli.services.actions import handling, own, proving
from linli.services.models import Application, State
from linli.services.steps import SOURCES, may_view


class Kind(StrEnum):
    """What is filled in."""

    TEXT = "text"
    YES_NO = "yes_no"
    SCORE = "score"
    SLOT = "slot"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to fill in."""

    name: str
    kind: Kind
    label: str | Promise
    required: bool = True
    hint: str | Promise = ""
    most: int = 500


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb; its row of the policy table is ``service.`` and its name."""

    name: str
    label: str | Promise
    run: Callable[..., Application]
    inputs: tuple[Input, ...] = field(default=())
    takes_version: bool = False
    tone: str = "plain"
    """``primary`` for what moves an application on, ``careful`` for what cannot be undone."""
    icon: str = "check"
    takes_document: bool = False

    @property
    def row(self) -> str:
        """The row of the policy table."""
        return f"service.{self.name}"


_REASON_HINT = _("The resident reads it: say what it is and what to do. No names of others.")
VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("accept", _("Take it up"), handling.accept, takes_version=True, tone="primary", icon="clipboard-check"),
        Verb(
            "finish", _("It is done"), handling.finish,
            (Input("words", Kind.TEXT, _("What came of it"), hint=_("The resident reads it."), most=1_000),),
            takes_version=True, tone="primary", icon="circle-check", takes_document=True,
        ),
        Verb(
            "ask_more", _("Ask for what is missing"), handling.ask_more,
            (Input("reason", Kind.TEXT, _("What is missing"), hint=_REASON_HINT),), takes_version=True, icon="message-circle",
        ),
        Verb(
            "decide_appeal", _("Decide on the review"), handling.decide_appeal,
            (Input("agree", Kind.YES_NO, _("Take it up after all")), Input("reason", Kind.TEXT, _("Reason"), hint=_REASON_HINT)),
            takes_version=True, tone="primary", icon="scale",
        ),
        Verb(
            "see_proof", _("Note a proof that was shown"), proving.see_proof, (Input("proof", Kind.PROOF, _("Which proof")),),
            icon="eye",
        ),
        Verb(
            "message", _("Write to the other side"), handling.message, (Input("text", Kind.TEXT, _("Message"), most=1_000),),
            icon="send",
        ),
        Verb(
            "refuse", _("Refuse"), handling.refuse, (Input("reason", Kind.TEXT, _("Reason"), hint=_REASON_HINT),),
            takes_version=True, tone="careful", icon="ban",
        ),
        Verb("answer", _("Answer"), own.answer, (Input("text", Kind.TEXT, _("Your answer"), most=1_000),), icon="message-circle"),
        Verb("rebook", _("Change the time"), own.rebook, (Input("slot", Kind.SLOT, _("Time")),), icon="calendar-clock"),
        Verb(
            "rate", _("Rate"), own.rate,
            (Input("score", Kind.SCORE, _("How was it done?")), Input("words", Kind.TEXT, _("A word about it"), required=False)),
            icon="star",
        ),
        Verb("appeal", _("Ask for a review"), handling.appeal, (Input("reason", Kind.TEXT, _("Why")),), icon="scale"),
        Verb(
            "withdraw_consent", _("Take your consent back"), own.withdraw_consent, tone="careful", icon="eye-off",
        ),
        Verb(
            "withdraw", _("Take it back"), own.withdraw, (Input("reason", Kind.TEXT, _("Why"), required=False),), tone="careful",
            icon="undo-2",
        ),
    )
}  # fmt: skip


def next_verbs(actor: Actor, application: Application) -> list[Verb]:
    """What the actor may do with an application now, the next step first."""
    if not may_view(actor, application):
        return []
    state = State(application.state)
    found = [
        verb for verb in VERBS.values() if state in SOURCES[verb.row] and policy.allows(actor, verb.row, application)
    ]
    if not application.service_version.booking:
        found = [verb for verb in found if verb.name != "rebook"]
    if not application.service_version.proofs:
        found = [verb for verb in found if verb.name != "see_proof"]
    if any(verb.name == "withdraw_consent" for verb in found) and not queries.consents_of(application):
        found = [verb for verb in found if verb.name != "withdraw_consent"]
    if application.reviewed:
        found = [verb for verb in found if verb.name != "appeal"]
    if state == State.REVIEW and actor.account_id is not None and actor.account_id == application.refused_by:
        found = [verb for verb in found if verb.name != "decide_appeal"]
    return found
