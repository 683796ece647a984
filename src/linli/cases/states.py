"""The states of a case (``case_states.csv``), and the table of verbs that lead from one to another (``rules/loop.csv``)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a case stands."""

    SUBMITTED = "submitted", _("Reported")
    VERIFYING = "verifying", _("Being checked")
    REJECTED = "rejected", _("Not taken up")
    MERGED = "merged", _("Merged")
    REGISTERED = "registered", _("Registered")
    DISPATCHED = "dispatched", _("Dispatched")
    RETURNED = "returned", _("Returned, being decided")
    SIGNED_IN = "signed_in", _("Signed in")
    CALLED = "called", _("Departments called")
    JOINED = "joined", _("Department joined")
    IN_DISPOSAL = "in_disposal", _("Being handled")
    WAITING_RESIDENT = "waiting_resident", _("Waiting for the resident")
    EXTENSION_REQUESTED = "extension_requested", _("Extension asked for")
    EXTENDED = "extended", _("Extended")
    SUSPENDED = "suspended", _("Suspended with a plan")
    DISPOSED = "disposed", _("Done, to be verified")
    VERIFY_FAILED = "verify_failed", _("Failed verification")
    VERIFIED = "verified", _("Verified")
    FEEDBACK = "feedback", _("Calling back")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Taken up again")


class Stage(models.TextChoices):
    """The part of the way that a state belongs to."""

    INTAKE = "intake", _("Intake")
    DISPATCH = "dispatch", _("Dispatch")
    CALL = "call", _("Call")
    DISPOSAL = "disposal", _("Handling")
    VERIFICATION = "verification", _("Verification")
    CLOSING = "closing", _("Closing")
    TERMINAL = "terminal", _("Ended")


STAGE: Mapping[State, Stage] = {
    State.SUBMITTED: Stage.INTAKE,
    State.VERIFYING: Stage.INTAKE,
    State.REJECTED: Stage.TERMINAL,
    State.MERGED: Stage.TERMINAL,
    State.REGISTERED: Stage.INTAKE,
    State.DISPATCHED: Stage.DISPATCH,
    State.RETURNED: Stage.DISPATCH,
    State.SIGNED_IN: Stage.DISPOSAL,
    State.CALLED: Stage.CALL,
    State.JOINED: Stage.CALL,
    State.IN_DISPOSAL: Stage.DISPOSAL,
    State.WAITING_RESIDENT: Stage.DISPOSAL,
    State.EXTENSION_REQUESTED: Stage.DISPOSAL,
    State.EXTENDED: Stage.DISPOSAL,
    State.SUSPENDED: Stage.DISPOSAL,
    State.DISPOSED: Stage.VERIFICATION,
    State.VERIFY_FAILED: Stage.VERIFICATION,
    State.VERIFIED: Stage.VERIFICATION,
    State.FEEDBACK: Stage.CLOSING,
    State.CLOSED: Stage.TERMINAL,
    State.REOPENED: Stage.DISPOSAL,
}
ENDED = frozenset(state for state, stage in STAGE.items() if stage == Stage.TERMINAL)
OPEN = frozenset(State) - ENDED
DECIDED_ABOVE = (State.RETURNED, State.EXTENSION_REQUESTED, State.VERIFIED, State.FEEDBACK)
"""Where a case waits for somebody a level above its handler."""
IN_HAND = frozenset(
    {
        State.SIGNED_IN,
        State.IN_DISPOSAL,
        State.CALLED,
        State.JOINED,
        State.EXTENDED,
        State.VERIFY_FAILED,
        State.REOPENED,
    }
)
"""The states in which somebody works on the case and the disposal clock runs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a verb may be done, and where it leads; ``to`` is ``None`` when the state stays or depends."""

    verb: str
    sources: frozenset[State]
    to: State | None
    order: int
    """The lower, the more obvious as the next step."""


GROUPS = {"open": OPEN, "in_hand": IN_HAND, "ended": ENDED, "any": frozenset(State)}


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """``rules/loop.csv``: verb → rule. Sources are states or the groups ``open``, ``in_hand``, ``ended``, ``any``."""
    text = resources.files("linli.cases").joinpath("rules/loop.csv").read_text("utf-8")
    found: dict[str, Rule] = {}
    for row in csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")):
        sources: set[State] = set()
        for word in row["from"].split("+"):
            sources |= GROUPS[word] if word in GROUPS else {State(word)}
        to = State(row["to"]) if row["to"] else None
        found[row["verb"]] = Rule(row["verb"], frozenset(sources), to, int(row["order"]))
    return found
